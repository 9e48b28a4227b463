"""Announced, approved, opened, closed: two persons or a memo, reasons that everybody sees, nothing silent."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.consultations import compute, forms, lists, notice, openings, queries, service, sign_offs
from forum.core.consultations.manifest import FEATURE
from forum.core.consultations.models import Change, Consultation, SignOff
from forum.core.consultations.telling import Approval
from forum.kernel.errors import Conflict, Denied, Invalid
from forum.kernel.rules import Actor
from tests.core.consultations.plans import complete
from tests.factories import Make

pytestmark = pytest.mark.usefixtures("features")
NOON = datetime(2026, 11, 1, 5, tzinfo=UTC)
MEMO = Approval("ทพ 0411", date(2026, 10, 1))
WHY = "น้ำมาก่อนฤดู"


@pytest.fixture(autouse=True)
def noon() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as at:
        yield at


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def one(make: Make, office: Agency) -> Actor:
    return make.actor(make.member(office))


@pytest.fixture
def two(make: Make, office: Agency) -> Actor:
    return make.actor(make.member(office, "owner"))


@pytest.fixture
def stranger(make: Make) -> Actor:
    return make.actor(make.member(make.agency(), "owner"))


def drafted(tx: Session, actor: Actor, office: Agency, opens: int = 20, runs: int = 30, **values: Any) -> Consultation:
    """A complete draft that opens so many days from now and runs so long."""
    begins, ends = NOON + timedelta(days=opens), NOON + timedelta(days=opens + runs)
    phase = {"title": "คุย", "starts_at": begins.isoformat(), "ends_at": ends.isoformat(), "activities": ["discussion"]}
    when = {"opens_at": begins.isoformat(), "closes_at": ends.isoformat(), "phases": [phase]}
    body = complete("x", **{**when, "answer_by": "2027-06-30", **values})
    return service.create(tx, actor, office.slug, forms.read({k: v for k, v in body.items() if k != "agency"}))


def kinds(tx: Session, row: Consultation) -> list[str]:
    found = select(Change.kind).where(Change.consultation_id == row.id).order_by(Change.id)
    return list(tx.execute(found).scalars())


def status(tx: Session, row: Consultation) -> str:
    return queries.brief(tx, row.id).status


def test_an_announced_hearing_is_public_and_takes_nothing_yet(tx: Session, one: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    assert (row.state, status(tx, row), row.announced_at) == ("announced", "announced", NOON)
    assert [b.id for b in lists.list_by(tx, "announced").rows] == [row.id]
    assert queries.by_slug(tx, row.slug, Actor()).open_keys == frozenset()
    assert [told["date"] for told in row.announcements] == ["2026-11-01"]
    assert kinds(tx, row) == ["announced"]


def test_it_stays_announced_when_its_day_comes_and_nobody_agreed(
    tx: Session, one: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    noon.move_to(NOON + timedelta(days=25))
    assert status(tx, row) == "announced"
    assert queries.by_slug(tx, row.slug, Actor()).open_keys == frozenset()


def test_announced_agreed_and_opened_by_two(
    tx: Session, one: Actor, two: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    openings.approve(tx, two, row)
    assert row.state == "announced", "it was agreed to, and nobody opened it yet"
    noon.move_to(NOON + timedelta(days=20, hours=1))
    openings.open_consultation(tx, one, row)
    assert (row.state, status(tx, row), openings.waits_for(tx, row)) == ("opened", "open", None)
    last = tx.execute(select(Change).order_by(Change.id.desc()).limit(1)).scalar_one()
    assert last.approval == {"second_member": True, "on": "2026-11-01"}


def test_opening_without_a_second_person_waits_and_happens_when_one_agrees(
    tx: Session, one: Actor, two: Actor, office: Agency
) -> None:
    row = drafted(tx, one, office)
    openings.open_consultation(tx, one, row)
    assert (row.state, openings.waits_for(tx, row)) == ("draft", "second_member")
    assert kinds(tx, row) == []
    openings.approve(tx, two, row)
    assert (row.state, openings.waits_for(tx, row)) == ("opened", None)


def test_nobody_agrees_to_what_they_asked_for(tx: Session, one: Actor, office: Agency) -> None:
    row = drafted(tx, one, office)
    openings.open_consultation(tx, one, row)
    with pytest.raises(Denied, match="own_approval"):
        openings.approve(tx, one, row)
    with pytest.raises(Denied, match="own_approval"):
        openings.give_back(tx, one, row, "ไม่ชอบ")
    assert row.state == "draft"


def test_who_changed_it_does_not_agree_to_their_change(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    service.change(tx, two, row, {"summary": "สรุปใหม่"}, row.version, "พิมพ์ผิด")
    with pytest.raises(Denied, match="own_approval"):
        openings.approve(tx, two, row)
    openings.approve(tx, one, row)


def test_a_change_after_the_agreement_asks_again(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    openings.approve(tx, two, row)
    service.change(tx, one, row, {"decider": "นายกเทศมนตรี"}, row.version, "เปลี่ยนผู้ตัดสิน")
    openings.open_consultation(tx, one, row)
    assert (row.state, openings.waits_for(tx, row)) == ("announced", "second_member")


def test_somebody_of_another_office_agrees_to_nothing(tx: Session, one: Actor, stranger: Actor, office: Agency) -> None:
    row = drafted(tx, one, office)
    openings.open_consultation(tx, one, row)
    for act in (openings.announce, openings.open_consultation, openings.close_consultation, openings.approve):
        with pytest.raises(Denied, match="not_officer"):
            act(tx, stranger, row)
    with pytest.raises(Denied, match="not_officer"):
        openings.give_back(tx, stranger, row, "ไม่ใช่เรื่องของเรา")


def test_what_is_sent_back_says_why_and_is_asked_for_anew(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    row = drafted(tx, one, office)
    openings.open_consultation(tx, one, row)
    with pytest.raises(Invalid) as caught:
        openings.give_back(tx, two, row, "  ")
    assert set(caught.value.errors) == {"note"}
    openings.give_back(tx, two, row, "เบอร์โทรผิด")
    back = sign_offs.last_undone(tx, row)
    assert back is not None
    assert back.note == "เบอร์โทรผิด"
    with pytest.raises(Conflict):
        openings.approve(tx, two, row)
    openings.open_consultation(tx, one, row)
    assert sign_offs.last_undone(tx, row) is None
    openings.approve(tx, two, row)
    assert row.state == "opened"


def test_where_nothing_was_asked_for_nothing_is_agreed_to(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    with pytest.raises(Conflict):
        openings.approve(tx, two, drafted(tx, one, office))


def test_a_memo_stands_for_the_second_member_and_is_shown(tx: Session, one: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office), approval=MEMO)
    openings.open_consultation(tx, one, row)
    assert row.state == "opened"
    shown = [c.approval for c in tx.execute(select(Change).order_by(Change.id)).scalars()]
    assert shown == [MEMO.as_json(), MEMO.as_json()]


@pytest.mark.parametrize(
    ("opens", "runs", "law", "short"),
    [
        (15, 15, "", 0),
        (14, 15, "", 1),
        (15, 13, "", 1),
        (1, 1, "", 2),
        (15, 30, "primary", 0),
        (15, 28, "primary", 1),
        (15, 15, "other", 0),
    ],
)
def test_a_short_notice_or_a_short_run_asks_for_a_reason_that_everybody_sees(
    tx: Session, one: Actor, office: Agency, opens: int, runs: int, law: str, short: int
) -> None:
    row = drafted(tx, one, office, opens, runs, law_kind=law)
    assert len(openings.short_of(row)) == short
    if short:
        with pytest.raises(Invalid) as caught:
            openings.announce(tx, one, row)
        assert set(caught.value.errors) == {"reason"}
        assert row.state == "draft"
    openings.announce(tx, one, row, reason=WHY if short else "")
    assert row.short_reason == (WHY if short else "")


def test_days_are_an_operators_to_set(tx: Session, one: Actor, office: Agency) -> None:
    try:
        notice.configure(3, 2, 40)
        openings.announce(tx, one, drafted(tx, one, office, 3, 2))
        assert openings.short_of(drafted(tx, one, office, 3, 30, law_kind="primary"))
    finally:
        notice.configure(15, 15, 30)


@pytest.mark.parametrize(
    ("told", "opens", "closes", "days"),
    [
        # Songkran is not left out, nor is the turn of the year; midnight belongs to the day that begins.
        (date(2027, 4, 1), datetime(2027, 4, 15, 17, tzinfo=UTC), datetime(2027, 5, 1, 17, tzinfo=UTC), (15, 16)),
        (date(2026, 12, 20), datetime(2027, 1, 3, 17, tzinfo=UTC), datetime(2027, 1, 18, 17, tzinfo=UTC), (15, 15)),
        (date(2026, 12, 31), datetime(2026, 12, 31, 17, tzinfo=UTC), datetime(2027, 1, 1, 17, tzinfo=UTC), (1, 1)),
        (date(2028, 2, 28), datetime(2028, 3, 1, 2, tzinfo=UTC), datetime(2028, 3, 1, 9, tzinfo=UTC), (2, 1)),
        (date(2027, 1, 5), datetime(2027, 1, 4, 17, tzinfo=UTC), datetime(2027, 1, 31, 16, 59, tzinfo=UTC), (0, 27)),
        (None, datetime(2027, 1, 4, 17, tzinfo=UTC), datetime(2027, 1, 31, 17, tzinfo=UTC), (0, 27)),
    ],
)
def test_days_are_those_of_the_calendar_in_bangkok(
    told: date | None, opens: datetime, closes: datetime, days: tuple[int, int]
) -> None:
    assert (compute.notice_days(told, opens), compute.running_days(opens, closes)) == days


def test_the_first_announcement_anywhere_counts(tx: Session, one: Actor, office: Agency) -> None:
    told = [{"channel": "ป้ายหน้าตลาด", "date": "2026-10-20", "ref": "ทพ 1", "reach": "300 คน"}]
    row = drafted(tx, one, office, 5, 30, announcements=told)
    openings.announce(tx, one, row)
    assert openings.first_told(row) == date(2026, 10, 20)
    assert row.short_reason == ""


def test_an_announcement_made_later_is_told_and_needs_no_reason(tx: Session, one: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    more = [*row.announcements, {"channel": "เสียงตามสาย", "date": "2026-11-01", "ref": "", "reach": ""}]
    service.change(tx, one, row, {"announcements": more}, row.version)
    assert kinds(tx, row) == ["announced", "changed"]


def test_announcing_for_a_day_that_is_past_says_what_to_do(tx: Session, one: Actor, office: Agency) -> None:
    with pytest.raises(Invalid) as caught:
        openings.announce(tx, one, drafted(tx, one, office, -1, 30), reason=WHY)
    assert set(caught.value.errors) == {"opens_at"}


def test_it_is_announced_once(tx: Session, one: Actor, office: Agency) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    with pytest.raises(Denied, match="already_announced"):
        openings.announce(tx, one, row)


def test_announcing_names_all_that_is_missing(tx: Session, one: Actor, office: Agency) -> None:
    row = service.create(tx, one, office.slug, forms.read({"title": "มีแต่ชื่อ"}))
    with pytest.raises(Invalid) as caught:
        openings.announce(tx, one, row)
    assert len(caught.value.errors) == 12
    assert row.state == "draft"


def test_what_opens_later_than_it_said_tells_the_day_it_opened(
    tx: Session, one: Actor, two: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    openings.approve(tx, two, row)
    noon.move_to(NOON + timedelta(days=23))
    openings.open_consultation(tx, one, row)
    assert row.opens_at == NOON + timedelta(days=23)
    assert kinds(tx, row) == ["announced", "changed", "opened"]


def test_closing_early_waits_for_a_second_member(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    row = openings.open_consultation(tx, one, drafted(tx, one, office, 0, 30), reason=WHY, approval=MEMO)
    openings.close_consultation(tx, one, row, reason="เขื่อนแตก")
    assert (row.state, openings.waits_for(tx, row)) == ("opened", "second_member")
    openings.approve(tx, two, row)
    assert (row.state, row.closes_at) == ("closed", NOON)
    assert kinds(tx, row) == ["opened", "closed"]


def test_of_what_was_asked_for_only_the_last_is_alive(tx: Session, one: Actor, two: Actor, office: Agency) -> None:
    row = drafted(tx, one, office)
    for actor in (one, two, one):
        openings.open_consultation(tx, actor, row)
    assert list(tx.execute(select(SignOff.state).order_by(SignOff.id)).scalars()) == ["void", "void", "waiting"]


class Office:
    """Two officers of one office and one of another, over HTTP."""

    def __init__(self, make: Make, client: FlaskClient, office: Agency):
        self.client, self.office = client, office
        self.tokens = [make.token(make.member(office)) for _ in range(2)] + [make.token(make.member(make.agency()))]

    def __call__(self, who: int, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[who]}"}
        return self.client.post(f"/api/v1/consultations{path}", json=body, headers=headers)


@pytest.fixture
def over_http(make: Make, client: FlaskClient, office: Agency) -> Office:
    return Office(make, client, office)


def test_programs_announce_agree_and_open(over_http: Office, client: FlaskClient) -> None:
    begins, ends = NOON + timedelta(days=20), NOON + timedelta(days=60)
    phase = {"title": "คุย", "starts_at": begins.isoformat(), "ends_at": ends.isoformat(), "activities": ["discussion"]}
    when = {"opens_at": begins.isoformat(), "closes_at": ends.isoformat(), "phases": [phase], "answer_by": "2027-06-30"}
    slug = over_http(0, "", complete(over_http.office.slug, **when)).json["slug"]
    announced = over_http(0, f"/{slug}/announce", {})
    assert (announced.status_code, announced.json["status"]) == (200, "announced")
    assert client.get(f"/api/v1/consultations/{slug}").json["announced_at"] == "2026-11-01T05:00:00.000Z"
    waiting = over_http(0, f"/{slug}/open", {})
    assert (waiting.status_code, waiting.json["needs"]) == (202, "second_member")
    own = over_http(0, f"/{slug}/approve")
    assert (own.status_code, own.json["reason"]) == (403, "own_approval")
    assert over_http(2, f"/{slug}/approve").status_code == 403
    agreed = over_http(1, f"/{slug}/approve", {"note": "อ่านครบทุกข้อแล้ว"})
    assert (agreed.status_code, agreed.json["state"], agreed.json["needs"]) == (200, "opened", None)
    assert over_http(1, f"/{slug}/approve").status_code == 409
    assert "อ่านครบทุกข้อแล้ว" not in client.get(f"/api/v1/consultations/{slug}").text


def test_what_was_announced_and_agreed_to_opens_by_itself_when_its_day_comes(
    tx: Session, one: Actor, two: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = openings.announce(tx, one, drafted(tx, one, office))
    assert FEATURE.tick is not None
    openings.approve(tx, two, row)
    FEATURE.tick()
    tx.refresh(row)
    assert row.state == "announced"
    noon.move_to(NOON + timedelta(days=20, seconds=20))
    FEATURE.tick()
    tx.refresh(row)
    assert (row.state, row.opens_at, status(tx, row)) == ("opened", NOON + timedelta(days=20), "open")
    assert kinds(tx, row) == ["announced", "opened"]


def test_nothing_opens_by_itself_that_nobody_agreed_to(
    tx: Session, one: Actor, two: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    waiting = openings.announce(tx, one, drafted(tx, one, office))
    changed = openings.announce(tx, one, drafted(tx, one, office))
    openings.approve(tx, two, changed)
    service.change(tx, one, changed, {"summary": "อีกแบบ"}, changed.version, "พิมพ์ผิด")
    noon.move_to(NOON + timedelta(days=21))
    assert FEATURE.tick is not None
    FEATURE.tick()
    for row in (waiting, changed):
        tx.refresh(row)
        assert row.state == "announced"


def test_the_end_of_what_is_open_moves_earlier_by_two_persons_alone(
    tx: Session, one: Actor, office: Agency, noon: time_machine.Traveller
) -> None:
    row = openings.open_consultation(tx, one, drafted(tx, one, office, 0, 30), reason=WHY, approval=MEMO)
    for days in (1, 29):
        earlier = {"closes_at": (NOON + timedelta(days=days)).isoformat()}
        with pytest.raises(Invalid) as caught:
            service.change(tx, one, row, earlier, row.version, "ปิดเร็วขึ้น")
        assert set(caught.value.errors) == {"closes_at"}
    later = {"closes_at": (NOON + timedelta(days=40)).isoformat()}
    service.change(tx, one, row, later, row.version, "คนขอเวลาเพิ่ม")
    noon.move_to(NOON + timedelta(days=41))
    again = {"closes_at": (NOON + timedelta(days=50)).isoformat()}
    with pytest.raises(Invalid) as caught:
        service.change(tx, one, row, again, row.version, "เปิดใหม่")
    assert "closes_at" in caught.value.errors


def test_an_announcement_that_is_still_to_be_made_is_none(tx: Session, one: Actor, office: Agency) -> None:
    with pytest.raises(Invalid) as caught:
        drafted(tx, one, office, announcements=[{"channel": "ป้าย", "date": "2026-11-02"}])
    assert set(caught.value.errors) == {"announcements.0.date"}


def test_what_opens_late_takes_part_from_that_moment(tx: Session, one: Actor, office: Agency) -> None:
    row = openings.open_consultation(tx, one, drafted(tx, one, office, -3, 30), reason=WHY, approval=MEMO)
    (phase,) = queries.phases_of(tx, row.id)
    assert (row.opens_at, phase.starts_at) == (NOON, NOON)
