"""Writing consultations: states, what is told, what the clock says, and who hears of it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.consultations import cards, forms, openings, queries, service
from forum.core.consultations.manifest import FEATURE
from forum.core.consultations.models import Activity, Change, Consultation
from forum.core.consultations.telling import Approval
from forum.kernel import clock, events, feature
from forum.kernel.errors import Conflict, Denied, Invalid, NotFound
from forum.kernel.events import Event
from forum.kernel.rules import NOBODY, Actor
from tests.core.consultations.plans import complete
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("features")
NOON = datetime(2026, 11, 1, 5, tzinfo=UTC)


@pytest.fixture
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as at:
        yield at


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def officer(make: Make, office: Agency) -> Actor:
    return make.actor(make.member(office))


MEMO = Approval("ทพ 0411", date(2026, 10, 1))


def opening(tx: Session, actor: Actor, row: Consultation) -> Consultation:
    return openings.open_consultation(tx, actor, row, reason="น้ำมาก่อนฤดู", approval=MEMO)


def closing(tx: Session, actor: Actor, row: Consultation, **said: Any) -> Consultation:
    return openings.close_consultation(tx, actor, row, approval=MEMO, **said)


def plan(**values: Any) -> forms.Plan:
    body = complete("x", **values)
    return forms.read({name: value for name, value in body.items() if name != "agency"})


@pytest.fixture
def draft(tx: Session, officer: Actor, office: Agency) -> Consultation:
    return service.create(tx, officer, office.slug, plan())


@pytest.fixture
def opened(tx: Session, officer: Actor, draft: Consultation) -> Consultation:
    return opening(tx, officer, draft)


def told(tx: Session, row: Consultation) -> list[Event]:
    wanted = select(Event).where(Event.stream_id == row.stream_id).order_by(Event.seq)
    return list(tx.execute(wanted).scalars())


def changes(tx: Session, row: Consultation) -> list[Change]:
    wanted = select(Change).where(Change.consultation_id == row.id).order_by(Change.id)
    return list(tx.execute(wanted).scalars())


def test_a_new_consultation_is_a_draft_that_nobody_was_told_of(tx: Session, draft: Consultation) -> None:
    assert (draft.state, draft.version, told(tx, draft)) == ("draft", 1, [])
    assert "<strong>2.4 เมตร</strong>" in draft.body_html


def test_without_a_slug_one_is_made(draft: Consultation) -> None:
    assert draft.slug == "thangdoenrimklongkhuankwangthaorai"


def test_a_slug_belongs_to_one_consultation(tx: Session, officer: Actor, office: Agency) -> None:
    service.create(tx, officer, office.slug, plan(slug="canal"))
    with pytest.raises(Invalid) as caught:
        service.create(tx, officer, office.slug, plan(slug="canal"))
    assert set(caught.value.errors) == {"slug"}


def test_nobody_and_officers_of_elsewhere_create_nothing(tx: Session, make: Make, office: Agency) -> None:
    elsewhere = make.actor(make.member(make.agency()))
    for actor, reason in ((NOBODY, "sign_in"), (elsewhere, "not_officer"), (make.actor(make.user()), "not_officer")):
        with pytest.raises(Denied) as caught:
            service.create(tx, actor, office.slug, plan())
        assert caught.value.reason == reason


def test_an_agency_nobody_knows_is_named_as_the_fault(tx: Session, officer: Actor) -> None:
    with pytest.raises(Invalid) as caught:
        service.create(tx, officer, "no-such-office", plan())
    assert set(caught.value.errors) == {"agency"}


def test_changing_a_draft_needs_no_reason_and_tells_nobody(tx: Session, officer: Actor, draft: Consultation) -> None:
    service.change(tx, officer, draft, {"summary": "ใหม่", "slug": "canal"}, 1)
    assert (draft.summary, draft.slug, draft.version) == ("ใหม่", "canal", 2)
    assert changes(tx, draft) == told(tx, draft) == []


def test_a_change_that_changes_nothing_is_no_change(tx: Session, officer: Actor, opened: Consultation) -> None:
    before = opened.version
    service.change(tx, officer, opened, {"title": opened.title}, before, "ไม่มี")
    assert opened.version == before
    assert len(told(tx, opened)) == 1


def test_a_stale_version_is_a_conflict_that_shows_the_present(tx: Session, officer: Actor, draft: Consultation) -> None:
    service.change(tx, officer, draft, {"summary": "ของคนแรก"}, 1)
    with pytest.raises(Conflict) as caught:
        service.change(tx, officer, draft, {"summary": "ของคนที่สอง"}, 1)
    assert caught.value.current["summary"] == "ของคนแรก"
    assert caught.value.current["version"] == 2
    assert draft.summary == "ของคนแรก"


@pytest.mark.parametrize(
    "name",
    [
        "summary",
        "body",
        "can_change",
        "decided",
        "decider",
        "contact",
        "answer_by",
        "opens_at",
        "closes_at",
        "offline_route",
        "phases",
        "activities",
    ],
)
def test_opening_names_the_field_that_is_missing(tx: Session, officer: Actor, office: Agency, name: str) -> None:
    without: dict[str, Any] = {name: ...}
    if name == "activities":
        without["phases"] = ...
    row = service.create(tx, officer, office.slug, plan(**without))
    with pytest.raises(Invalid) as caught:
        opening(tx, officer, row)
    assert name in caught.value.errors
    assert set(caught.value.errors) == set(without)
    assert row.state == "draft"


def test_opening_names_all_that_is_missing(tx: Session, officer: Actor, office: Agency) -> None:
    row = service.create(tx, officer, office.slug, forms.read({"title": "มีแต่ชื่อ"}))
    with pytest.raises(Invalid) as caught:
        opening(tx, officer, row)
    assert len(caught.value.errors) == 12


def test_one_whose_time_is_over_cannot_be_opened(
    tx: Session, officer: Actor, draft: Consultation, noon: time_machine.Traveller
) -> None:
    noon.move_to(draft.closes_at)
    with pytest.raises(Invalid) as caught:
        opening(tx, officer, draft)
    assert set(caught.value.errors) == {"closes_at"}


def test_one_whose_every_window_is_over_cannot_be_opened_though_its_last_day_is_ahead(
    tx: Session, officer: Actor, draft: Consultation, noon: time_machine.Traveller
) -> None:
    for phase in queries.phases_of(tx, draft.id):
        phase.ends_at = draft.opens_at + timedelta(hours=6)
    tx.flush()
    noon.move_to(draft.opens_at + timedelta(hours=7))
    with pytest.raises(Invalid) as caught:
        opening(tx, officer, draft)
    assert set(caught.value.errors) == {"phases"}
    assert draft.state == "draft"


def test_opening_records_the_approval_and_takes_the_first_number(
    tx: Session, officer: Actor, draft: Consultation
) -> None:
    approval = Approval("ทพ 0411", clock.now().date())
    openings.open_consultation(tx, officer, draft, reason="สภาเห็นชอบ", approval=approval)
    (change,), (event,) = changes(tx, draft), told(tx, draft)
    assert (change.kind, change.reason, change.approval) == ("opened", "สภาเห็นชอบ", approval.as_json())
    assert (event.name, event.seq, event.data) == ("consultation.changed", 1, {"old": "draft", "new": "opened"})


def test_it_opens_once(tx: Session, officer: Actor, opened: Consultation) -> None:
    with pytest.raises(Denied, match="already_opened"):
        opening(tx, officer, opened)


def test_a_change_after_opening_needs_a_reason(tx: Session, officer: Actor, opened: Consultation) -> None:
    with pytest.raises(Invalid) as caught:
        service.change(tx, officer, opened, {"summary": "ใหม่"}, opened.version, "  ")
    assert set(caught.value.errors) == {"reason"}


def test_each_changed_field_is_one_public_row_and_together_one_number(
    tx: Session, officer: Actor, opened: Consultation
) -> None:
    before, closes = opened.summary, opened.closes_at + timedelta(days=3)
    raw = {"summary": "สรุปใหม่", "closes_at": closes.isoformat()}
    service.change(tx, officer, opened, raw, opened.version, "น้ำท่วมทางเข้า")
    rows = {c.field: c for c in changes(tx, opened) if c.kind == "changed"}
    assert set(rows) == {"summary", "closes_at"}
    assert (rows["summary"].before, rows["summary"].after) == (before, "สรุปใหม่")
    assert {c.reason for c in rows.values()} == {"น้ำท่วมทางเข้า"}
    assert [e.seq for e in told(tx, opened)] == [1, 2]
    assert "สรุป" not in str(told(tx, opened)[1].data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("summary", ""),
        ("decided", []),
        ("contact", {}),
        ("answer_by", None),
        ("slug", "another"),
        ("opens_at", "2026-11-05"),
        ("closes_at", "2026-11-01T00:00:00Z"),
        ("activities", [{"kind": "discussion", "title": "อื่น", "key": "other"}]),
    ],
)
def test_what_people_rely_on_cannot_be_taken_back(
    tx: Session, officer: Actor, office: Agency, noon: time_machine.Traveller, field: str, value: Any
) -> None:
    row = service.create(tx, officer, office.slug, plan(opens_at="2026-10-31", closes_at="2026-11-30"))
    opening(tx, officer, row)
    with pytest.raises(Invalid) as caught:
        service.change(tx, officer, row, {field: value, "phases": []}, row.version, "ลองดู")
    assert field in caught.value.errors


def test_an_activity_keeps_its_row_when_others_join_it(tx: Session, officer: Actor, opened: Consultation) -> None:
    before = tx.execute(select(Activity.id).where(Activity.consultation_id == opened.id)).scalar_one()
    more = [
        {"kind": "discussion", "title": "ชื่อใหม่"},
        {"kind": "discussion", "title": "อีกวง", "key": "second"},
    ]
    service.change(tx, officer, opened, {"activities": more}, opened.version, "เพิ่มที่คุย")
    rows = queries.activities_of(tx, opened.id)
    assert [(a.id == before, a.title) for a in rows] == [(True, "ชื่อใหม่"), (False, "อีกวง")]


def test_closing_early_needs_a_reason_and_ends_at_that_moment(
    tx: Session, officer: Actor, opened: Consultation
) -> None:
    with pytest.raises(Invalid) as caught:
        closing(tx, officer, opened)
    assert set(caught.value.errors) == {"reason"}
    closing(tx, officer, opened, reason="เขื่อนแตก")
    brief = queries.brief(tx, opened.id)
    assert (opened.state, brief.status) == ("closed", "closed")
    assert opened.closes_at <= clock.now()
    assert [e.seq for e in told(tx, opened)] == [1, 2]


def test_closing_after_its_time_needs_no_reason_and_moves_nothing(
    tx: Session, officer: Actor, opened: Consultation, noon: time_machine.Traveller
) -> None:
    end = opened.closes_at
    noon.move_to(end + timedelta(days=1))
    closing(tx, officer, opened)
    assert (opened.state, opened.closes_at) == ("closed", end)


def test_it_closes_once(tx: Session, officer: Actor, opened: Consultation) -> None:
    closing(tx, officer, opened, reason="พอแล้ว")
    with pytest.raises(Denied, match="already_closed"):
        closing(tx, officer, opened, reason="พอแล้ว")


def test_a_draft_cannot_be_closed(tx: Session, officer: Actor, draft: Consultation) -> None:
    with pytest.raises(Denied, match="not_begun"):
        closing(tx, officer, draft, reason="ไม่เอา")


def test_one_that_was_closed_does_not_reopen_by_another_date(tx: Session, officer: Actor, opened: Consultation) -> None:
    closing(tx, officer, opened, reason="พอแล้ว")
    later = (clock.now() + timedelta(days=30)).isoformat()
    with pytest.raises(Invalid) as caught:
        service.change(tx, officer, opened, {"closes_at": later}, opened.version, "เปิดอีก")
    assert "closes_at" in caught.value.errors


def test_somebody_elses_draft_is_not_there_to_be_found(tx: Session, make: Make, draft: Consultation) -> None:
    with pytest.raises(NotFound):
        service.find(tx, make.actor(make.user()), draft.slug)
    with pytest.raises(Denied, match="not_officer"):
        service.find(tx, make.actor(make.member(make.agency())), draft.slug)
    with pytest.raises(Denied, match="sign_in"):
        service.find(tx, NOBODY, draft.slug)


def test_the_clock_tells_of_opening_and_closing_once_each(
    tx: Session, officer: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = service.create(
        tx,
        officer,
        office.slug,
        plan(
            opens_at="2026-11-03",
            closes_at="2026-11-09",
            phases=[{"title": "คุย", "starts_at": "2026-11-03", "ends_at": "2026-11-09", "activities": ["discussion"]}],
        ),
    )
    opening(tx, officer, row)
    assert FEATURE.tick is not None
    seen = []
    for moment in (NOON, row.opens_at, row.opens_at, row.closes_at, row.closes_at, NOON + timedelta(days=400)):
        noon.move_to(moment)
        FEATURE.tick()
        tx.expire_all()
        seen.append((len(told(tx, row)), queries.brief(tx, row.id).status))
    assert [n for n, _ in seen] == [1, 2, 2, 3, 3, 3]
    assert [status for _, status in seen][:4:1] == ["announced", "soon", "soon", "closed"]


def test_the_clock_says_nothing_of_drafts_and_of_those_closed_early(
    tx: Session, officer: Actor, draft: Consultation, make: Make
) -> None:
    closed = make.consultation(state="closed", closes_at=clock.now() - timedelta(days=1))
    assert FEATURE.tick is not None
    FEATURE.tick()
    tx.expire_all()
    assert told(tx, draft) == told(tx, closed) == []


def live(tx: Session, row: Consultation) -> list[feature.LiveEvent]:
    return list(FEATURE.live["consultation.changed"](tx, told(tx, row)))


def test_watchers_get_the_present_state_under_each_number(tx: Session, officer: Actor, opened: Consultation) -> None:
    service.change(tx, officer, opened, {"area": "ริมคลอง"}, opened.version, "บอกพื้นที่")
    first, second = live(tx, opened)
    assert (first.room, first.payload["id"], first.payload["in"]) == (opened.slug,) * 3
    assert (first.payload["seq"], second.payload["seq"]) == (1, 2)
    assert first.payload["version"] == second.payload["version"] == opened.version
    assert set(first.payload) == {"id", "in", "seq", "at", "status", "opens_at", "closes_at", "version"}


def test_a_draft_cannot_be_watched_by_the_public_and_can_by_its_office(
    tx: Session, officer: Actor, draft: Consultation
) -> None:
    (watchable,) = FEATURE.watchables
    assert watchable.find(tx, NOBODY, draft.slug) is None
    assert watchable.find(tx, officer, draft.slug) == draft.stream_id
    assert watchable.find(tx, NOBODY, "no-such-thing") is None


def test_who_missed_something_gets_the_present_state_and_else_nothing(tx: Session, opened: Consultation) -> None:
    (watchable,) = FEATURE.watchables
    missed, reload = watchable.missed(tx, NOBODY, opened.slug, 0)
    assert ([m["seq"] for m in missed], reload) == ([1], False)
    assert watchable.missed(tx, NOBODY, opened.slug, 1) == ([], False)


def test_an_activity_is_open_while_its_phase_and_consultation_are(
    tx: Session, officer: Actor, opened: Consultation
) -> None:
    activity = queries.activities_of(tx, opened.id)[0]
    assert queries.open_activity(tx, activity.id, clock.now()).is_open
    assert not queries.open_activity(tx, activity.id, opened.closes_at).is_open
    closing(tx, officer, opened, reason="พอแล้ว")
    assert not queries.open_activity(tx, activity.id, clock.now()).is_open
    with pytest.raises(NotFound):
        queries.open_activity(tx, 10**9, clock.now())


def test_the_picture_is_drawn_for_what_is_public_and_kept_by_version(
    app: Flask, tx: Session, officer: Actor, draft: Consultation
) -> None:
    (observer,) = FEATURE.observers
    drafted = tx.execute(select(Event).where(Event.name == "consultation.made")).scalars().all()
    observer.handle(drafted)
    assert cards.picture(draft.slug, 1) is None
    opening(tx, officer, draft)
    observer.handle(told(tx, draft))
    drawn = cards.picture(draft.slug, draft.version)
    assert drawn is not None
    assert drawn.startswith(b"\x89PNG")
    service.change(tx, officer, draft, {"area": "ริมคลอง"}, draft.version, "บอกพื้นที่")
    observer.handle(told(tx, draft))
    assert cards.picture(draft.slug, draft.version - 1) is None
    assert cards.picture(draft.slug, draft.version) is not None


def test_whoever_deletes_their_account_leaves_no_name_on_the_offices_work(
    tx: Session, officer: Actor, opened: Consultation
) -> None:
    assert FEATURE.personal_data
    assert FEATURE.erase
    assert officer.user_id
    assert FEATURE.personal_data(tx, officer.user_id)["consultations_made"] == [opened.slug]
    FEATURE.erase(tx, officer.user_id, False)
    tx.expire_all()
    assert opened.created_by is None
    assert {c.by_id for c in changes(tx, opened)} == {None}


def test_what_changed_leaves_no_text_in_the_log(tx: Session, opened: Consultation) -> None:
    said = " ".join(str(e.data) for e in tx.execute(select(Event)).scalars())
    assert opened.title not in said
    assert events.current_seq(tx, opened.stream_id) == 1
