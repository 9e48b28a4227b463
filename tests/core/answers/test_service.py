"""Official answers: drafted, agreed to by a second member, published for many at once, with their history."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from forum.core.answers import queries, service
from forum.core.answers.forms import read_answer, read_note, read_step
from forum.core.answers.models import Answered, Progress
from forum.core.answers.queries import Wanted
from forum.core.consultations import tallies
from forum.core.consultations.queries import brief
from forum.core.items.models import Item
from forum.core.items.recount import recount
from forum.core.items.service import set_state
from forum.kernel import clock, dates
from forum.kernel.errors import Conflict, Denied, Invalid, NotFound
from forum.kernel.events import Event
from forum.kernel.rules import NOBODY
from tests.core.answers.conftest import MEMO, Office, said


def counts(office: Office) -> tuple[int, int, int]:
    whole = tallies.numbers_of(office.tx, office.consultation.id).whole
    return whole.answered, whole.answered_late, whole.unanswered


def test_a_draft_waits_for_a_second_member_and_is_then_published_for_all_it_answers(office: Office) -> None:
    ids = [office.hear(f"ข้อ {n}") for n in range(3)]
    answer = office.draft(*ids)
    assert (answer.stage, answer.items) == ("draft", 3)
    assert service.ask(office.tx, office.a, answer).stage == "waiting"
    assert {office.item(i).answer_id for i in ids} == {None}
    published = service.approve(office.tx, office.b, office.again(answer))
    assert (published.stage, published.items, published.memo) == ("published", 3, None)
    assert {office.item(i).answer_id for i in ids} == {answer.id}
    assert {office.item(i).answered for i in ids} == {"on_time"}
    assert counts(office) == (3, 0, 0)


def test_a_memo_stands_for_the_second_member(office: Office) -> None:
    answer = office.answer(office.hear())
    assert answer.stage == "published"
    assert answer.memo == {"memo_no": "กช 9/2569", "memo_date": "2026-11-01"}


def test_nobody_agrees_to_what_they_asked_for(office: Office) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    for act in (service.approve, lambda tx, actor, one: service.give_back(tx, actor, one, "แก้")):
        with pytest.raises(Denied) as told:
            act(office.tx, office.a, answer)
        assert told.value.reason == "own_answer"
    assert office.again(answer).stage == "waiting"


def test_an_officer_of_another_agency_does_nothing_here(office: Office) -> None:
    item = office.hear()
    answer = service.ask(office.tx, office.a, office.draft(item))
    tx, them = office.tx, office.foreign
    tries = [
        lambda: service.draft(tx, them, office.consultation, [office.hear()], said()),
        lambda: service.change(tx, them, answer, said(), 1),
        lambda: service.ask(tx, them, answer),
        lambda: service.drop(tx, them, answer),
        lambda: service.approve(tx, them, answer),
        lambda: service.give_back(tx, them, answer, "แก้"),
        lambda: service.publish(tx, them, answer, MEMO),
        lambda: service.answer_one(tx, them, office.item(item), said(), MEMO),
        lambda: service.tell_progress(tx, them, office.consultation, [item], read_step({"progress": "done"})),
    ]
    for one in tries:
        with pytest.raises(Denied):
            one()
    assert office.again(answer).stage == "waiting"


@pytest.mark.parametrize("role", ["moderator", "reviewer"])
def test_only_officers_and_owners_answer(office: Office, role: str) -> None:
    helper = office.make.actor(office.make.member(office.agency, role))
    for actor in (helper, NOBODY, office.make.actor(office.make.user())):
        with pytest.raises(Denied):
            service.draft(office.tx, actor, office.consultation, [office.hear()], said())


def test_what_is_hidden_is_not_answered(office: Office) -> None:
    item = office.hear()
    set_state(office.tx, item, "hidden")
    with pytest.raises(Conflict):
        office.draft(item)
    with pytest.raises(Conflict):
        service.tell_progress(office.tx, office.a, office.consultation, [item], read_step({"progress": "done"}))


def test_what_has_a_part_covered_still_waits_for_its_answer(office: Office) -> None:
    item = office.hear()
    set_state(office.tx, item, "redacted")
    assert office.answer(item).items == 1
    assert counts(office) == (1, 0, 0)


def test_one_contribution_stands_in_one_pending_answer(office: Office) -> None:
    item = office.hear()
    first = office.draft(item)
    with pytest.raises(Conflict):
        office.draft(item, office.hear())
    service.drop(office.tx, office.a, first)
    assert office.draft(item).items == 1


def test_the_same_contribution_named_twice_is_one(office: Office) -> None:
    item = office.hear()
    assert office.draft(item, item, item).items == 1


def test_things_of_another_consultation_and_an_offices_own_words_are_not_there_to_answer(office: Office) -> None:
    other = Office(**{**vars(office), "consultation": office.make.consultation(office.agency)})
    other.thread = office.make.thread(other.consultation)
    thread = office.tx.execute(select(Item.id).where(Item.public_id == office.thread)).scalar_one()
    for strange in (other.hear(), thread, 10**9):
        with pytest.raises(NotFound):
            office.draft(office.hear(), strange)


def test_nothing_chosen_and_too_much_chosen_are_told(office: Office) -> None:
    with pytest.raises(Invalid):
        office.draft()
    with pytest.raises(Invalid):
        office.draft(*range(1, service.MOST + 2))


def test_answering_again_keeps_what_was_answered_before(office: Office) -> None:
    one, two = office.hear(), office.hear("อีกข้อ")
    first = office.answer(one, two, disposition="not_accepted", reason="ยังไม่มีงบ")
    second = office.answer(one, disposition="accepted", reason="ได้งบแล้ว")
    told = queries.history(office.tx, one)
    assert [(a.reason, a.state) for a in told] == [("ได้งบแล้ว", "current"), ("ยังไม่มีงบ", "past")]
    assert [a.state for a in queries.history(office.tx, two)] == ["current"]
    assert office.item(one).answer_id == second.id
    assert office.item(two).answer_id == first.id
    assert (office.again(first).items, office.again(second).items) == (1, 1)
    assert counts(office) == (2, 0, 0)


def test_numbers_move_exactly_once(office: Office) -> None:
    items = [office.hear(f"ข้อ {n}") for n in range(4)]
    set_state(office.tx, items[3], "withdrawn")
    assert counts(office) == (0, 0, 3)
    office.answer(items[0], items[1])
    assert counts(office) == (2, 0, 1)
    office.answer(items[1], disposition="noted")
    assert counts(office) == (2, 0, 1)
    set_state(office.tx, items[0], "hidden")
    assert counts(office) == (2, 0, 1)
    assert recount(office.tx) == 0


@pytest.mark.parametrize(("after", "when"), [(0, "on_time"), (1, "late"), (-1, "on_time")])
def test_the_promised_day_itself_is_in_time_and_the_next_is_late(office: Office, after: int, when: str) -> None:
    item = office.hear()
    assert office.consultation.answer_by is not None
    day = office.consultation.answer_by + timedelta(days=after)
    with time_machine.travel(datetime.combine(day, time(16, 59), UTC), tick=False):
        office.answer(item)  # 23.59 in Bangkok
    assert office.item(item).answered == when
    assert counts(office) == (1, int(when == "late"), 0)


def test_midnight_in_bangkok_begins_the_day_after(office: Office) -> None:
    item = office.hear()
    assert office.consultation.answer_by is not None
    with time_machine.travel(dates.end_of_day(office.consultation.answer_by), tick=False):
        office.answer(item)
    assert office.item(item).answered == "late"


def test_lateness_shows_from_the_day_after_until_every_contribution_is_answered(office: Office) -> None:
    items = [office.hear(), office.hear("อีกข้อ")]
    office.consultation.closes_at = clock.now() + timedelta(days=1)
    office.tx.flush()
    assert office.consultation.answer_by is not None
    stands = []
    for day in (0, 1, 3):
        at = dates.start_of_day(office.consultation.answer_by + timedelta(days=day))
        with time_machine.travel(at, tick=False):
            now = brief(office.tx, office.consultation.id)
            stands.append((now.status, now.days_overdue, now.waiting))
            if day == 3:
                office.answer(items[0])
                assert brief(office.tx, office.consultation.id).status == "overdue"
                office.answer(items[1])
                stands.append((brief(office.tx, office.consultation.id).status, 3, 0))
    assert stands == [("considering", 0, 2), ("overdue", 1, 2), ("overdue", 3, 2), ("answered", 3, 0)]


def test_what_was_hidden_meanwhile_is_passed_over(office: Office) -> None:
    kept, gone = office.hear(), office.hear("ลับ")
    answer = office.draft(kept, gone)
    set_state(office.tx, gone, "hidden")
    published = service.publish(office.tx, office.a, answer, MEMO)
    assert published.items == 1
    assert office.item(gone).answer_id is None
    assert queries.pending(office.tx, gone) is None
    assert counts(office) == (1, 0, 0)


def test_an_answer_for_nothing_that_is_still_shown_is_not_published(office: Office) -> None:
    item = office.hear()
    answer = office.draft(item)
    set_state(office.tx, item, "withdrawn")
    with pytest.raises(Conflict), office.tx.begin_nested():
        service.publish(office.tx, office.a, answer, MEMO)
    assert office.again(answer).stage == "draft"


def test_what_somebody_agrees_to_is_what_they_read(office: Office) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    changed = service.change(office.tx, office.a, answer, said("noted", "อีกข้อความ"), answer.version)
    with pytest.raises(Conflict):
        service.approve(office.tx, office.b, answer)  # nobody asks for it any more
    service.ask(office.tx, office.a, changed)
    with pytest.raises(Conflict) as told:
        service.approve(office.tx, office.b, office.again(answer), answer.version)
    assert told.value.current == {"version": 2}
    assert service.approve(office.tx, office.b, office.again(answer), 2).reason == "อีกข้อความ"


def test_an_answer_sent_back_says_why_and_may_be_asked_for_again(office: Office) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    service.give_back(office.tx, office.b, answer, read_note("ใส่วันที่ด้วย"))
    back = office.again(answer)
    assert (back.stage, back.note) == ("returned", "ใส่วันที่ด้วย")
    with pytest.raises(Conflict):
        service.approve(office.tx, office.b, back)
    service.ask(office.tx, office.a, service.change(office.tx, office.a, back, said(), back.version))
    assert service.approve(office.tx, office.b, office.again(answer)).stage == "published"


@pytest.mark.parametrize("note", ["", "  \n", "\u200b", "ก" * 1001, "\ud800"])
def test_sending_back_needs_a_note_that_can_be_read(note: str) -> None:
    with pytest.raises(Invalid) as told:
        read_note(note)
    assert set(told.value.errors) == {"note"}


def test_a_published_answer_is_not_changed_dropped_or_published_again(office: Office) -> None:
    answer = office.answer(office.hear())
    tx, a = office.tx, office.a
    for act in (
        lambda: service.change(tx, a, answer, said(), answer.version),
        lambda: service.ask(tx, a, answer),
        lambda: service.drop(tx, a, answer),
        lambda: service.publish(tx, a, answer, MEMO),
        lambda: service.approve(tx, office.b, answer),
    ):
        with pytest.raises(Conflict):
            act()
    assert counts(office) == (1, 0, 0)


def test_an_older_version_is_not_written_over_a_newer_one(office: Office) -> None:
    answer = office.draft(office.hear())
    service.change(office.tx, office.a, answer, said("noted"), 1)
    with pytest.raises(Conflict) as told:
        service.change(office.tx, office.b, answer, said("partly"), 1)
    assert told.value.current == {"version": 2}


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"disposition", "reason"}),
        ({"disposition": "maybe", "reason": "ก"}, {"disposition"}),
        ({"disposition": "noted", "reason": " \u200b"}, {"reason"}),
        ({"disposition": "accepted", "reason": "ก" * 10_001}, {"reason"}),
        ({"disposition": "accepted", "reason": "ก" + "\u0301" * 9}, {"reason"}),
        ({"disposition": "accepted", "reason": "\ud800"}, {"reason"}),
    ],
)
def test_an_answer_that_will_not_do_names_its_fields(sent: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(Invalid) as told:
        read_answer(sent)
    assert set(told.value.errors) == wrong


def test_a_reason_is_kept_as_written_and_shown_without_script() -> None:
    form = read_answer({"disposition": "noted", "reason": "<script>alert(1)</script> ดู **แบบ**"})
    assert form.reason == "<script>alert(1)</script> ดู **แบบ**"
    assert "<script" not in form.html
    assert "<strong>แบบ</strong>" in form.html


def test_progress_keeps_every_step_and_the_latest_holds(office: Office) -> None:
    item = office.hear()
    for state, reason in (("received", ""), ("planned", "งบปี 2570"), ("not_done", "ถูกตัดงบ")):
        form = read_step({"progress": state, "reason": reason})
        assert service.tell_progress(office.tx, office.a, office.consultation, [item, item], form).items == 1
    assert office.item(item).progress == "not_done"
    assert [(s.state, s.reason) for s in queries.steps(office.tx, item)] == [
        ("not_done", "ถูกตัดงบ"),
        ("planned", "งบปี 2570"),
        ("received", ""),
    ]


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"progress": "not_done"}, {"reason"}),
        ({"progress": "not_done", "reason": " \u2060"}, {"reason"}),
        ({"progress": "soon"}, {"progress"}),
        ({}, {"progress"}),
        ({"progress": "done", "reason": "ก" * 10_001}, {"reason"}),
    ],
)
def test_a_step_that_will_not_do_names_its_fields(sent: dict[str, str], wrong: set[str]) -> None:
    with pytest.raises(Invalid) as told:
        read_step(sent)
    assert set(told.value.errors) == wrong


def test_progress_of_things_elsewhere_or_of_nothing_is_refused(office: Office) -> None:
    form = read_step({"progress": "done"})
    with pytest.raises(Invalid):
        service.tell_progress(office.tx, office.a, office.consultation, [], form)
    with pytest.raises(NotFound):
        service.tell_progress(office.tx, office.a, office.consultation, [office.hear(), 10**9], form)
    assert office.tx.execute(select(func.count()).select_from(Progress)).scalar_one() == 0


def test_what_is_answered_is_numbered_in_its_own_thread_also_where_there_are_many(office: Office) -> None:
    items = [office.hear(f"ข้อ {n}") for n in range(55)]
    office.answer(*items)
    made = office.work()
    assert [e.subject_id for e in made] == items
    assert [e.seq for e in made] == list(range(56, 111))
    assert len({e.stream_id for e in made}) == 1


def test_progress_is_numbered_like_an_answer(office: Office) -> None:
    item = office.hear()
    service.tell_progress(office.tx, office.a, office.consultation, [item], read_step({"progress": "planned"}))
    assert [(e.name, e.subject_id) for e in office.work()] == [("comment.answered", item)]


def test_the_public_is_told_of_nothing_while_an_answer_is_written_or_given_up(office: Office) -> None:
    happened = select(func.count()).select_from(Event)
    item = office.hear()
    before = office.tx.execute(happened).scalar_one()
    answer = service.ask(office.tx, office.a, office.draft(item))
    service.give_back(office.tx, office.b, answer, "แก้")
    service.drop(office.tx, office.a, office.again(answer))
    assert office.tx.execute(happened).scalar_one() == before
    assert office.tx.execute(select(Answered)).first() is None


def test_contributions_are_found_by_channel_kind_words_and_whether_they_are_answered(office: Office) -> None:
    ramp, light = office.hear("ขอทางลาดหน้าตลาด 100%"), office.hear("ไฟทางเดินมืด")
    office.answer(light)
    tx, where = office.tx, office.consultation.id

    def found(**wanted: Any) -> list[int]:
        page = queries.contributions(tx, where, Wanted(**wanted))
        assert queries.count(tx, where, Wanted(**wanted)) == len(page.rows)
        return [item.id for item, _ in page.rows]

    assert found() == [ramp]
    assert found(answered="yes") == [light]
    assert found(answered="") == [ramp, light]
    assert found(answered="", channel="paper") == []
    assert found(answered="", kind="thread") == []
    assert found(words="ทางลาด") == [ramp]
    assert found(answered="", words="  ทางเดิน \u200b") == [light]
    assert found(words="0%") == [ramp]
    assert found(words="%") == [ramp]
    assert found(words="_") == []
    place = tx.execute(select(Item.id).where(Item.public_id == office.thread)).scalar_one()
    assert found(place=place) == [ramp]
    assert found(place=ramp) == []
    assert found(stance="for") == []


def test_whoever_deletes_their_account_is_named_no_more(office: Office) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    item = office.hear()
    service.tell_progress(office.tx, office.a, office.consultation, [item], read_step({"progress": "done"}))
    assert queries.of_person(office.tx, office.writer.id)["answers"] == [answer.public_id]
    service.forget_person(office.tx, office.writer.id)
    assert office.again(answer).asked_by is None
    assert queries.of_person(office.tx, office.writer.id) == {"answers": [], "progress": []}
