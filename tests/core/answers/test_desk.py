"""The desk on which an office answers: plain forms, no script needed, nothing typed is lost."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from forum.core.answers import queries, service
from forum.core.answers.models import Answer
from forum.core.items.service import set_state
from forum.kernel import db
from tests.core.answers.conftest import REASON, Office
from tests.counting import Count, statements  # noqa: F401
from tests.security.refusals import unchanged

GOOD = {"disposition": "accepted", "reason": REASON, "act": "ask"}
PAPER = {"memo_no": "กช 9/2569", "memo_date.day": "๑", "memo_date.month": "11", "memo_date.year": "2569"}


class Desk:
    """One officer's browser at the answers of one consultation."""

    def __init__(self, office: Office, client: FlaskClient):
        self.base, self.client = f"/desk/{office.consultation.slug}/answers", client

    def get(self, path: str = "") -> TestResponse:
        return self.client.get(self.base + path)

    def token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get("/desk/new").text)
        assert found is not None
        return found[1]

    def post(self, path: str, data: dict[str, Any]) -> TestResponse:
        return self.client.post(self.base + path, data={"csrf_token": self.token()} | data)


@pytest.fixture
def at(office: Office, desk: FlaskClient) -> Desk:
    return Desk(office, desk)


@pytest.fixture
def beside(office: Office, other_desk: FlaskClient) -> Desk:
    return Desk(office, other_desk)


def only(office: Office) -> Any:
    office.tx.expire_all()
    (row,) = office.tx.execute(select(Answer)).scalars()
    return office.again(queries.answers_by_ids(office.tx, [row.item_id])[row.item_id])


def test_one_officer_writes_another_agrees_and_the_public_reads(
    office: Office, at: Desk, beside: Desk, client: FlaskClient, app: Any
) -> None:
    items = [office.hear("ขอทางลาด"), office.hear("ขอราวจับ")]
    listed = at.get().text
    assert "ยังไม่ได้ตอบ 2 ข้อ จาก 2" in listed
    chosen = {"item": [office.public(i) for i in items]}
    written = at.get(f"/new?item={chosen['item'][0]}&item={chosen['item'][1]}").text
    assert "ตอบ 2 ข้อ" in written
    sent = at.post("/new", GOOD | chosen)
    assert sent.status_code == 303
    answer = only(office)
    assert sent.headers["Location"] == f"{at.base}/{answer.public_id}"
    own = at.get(f"/{answer.public_id}").text
    assert "อนุมัติคำตอบที่ตัวเองขอไม่ได้" in own
    assert 'aria-disabled="true"' in own
    assert "/approve" not in own
    reader = app.test_client()
    assert REASON not in reader.get(f"/t/{office.thread}").text
    assert "รออนุมัติ" in beside.get("/given").text
    agreed = beside.post(f"/{answer.public_id}/approve", {"version": "1"})
    assert agreed.status_code == 303
    assert reader.get(f"/t/{office.thread}").text.count(REASON) == 2
    assert "ตอบครบ 2 ข้อแล้ว" in at.get().text


def test_thirty_are_answered_twenty_with_one_answer_nine_singly_and_one_is_left(office: Office, at: Desk) -> None:
    for n in range(20):
        office.hear("  ขอทางลาดหน้าตลาด\n" if n % 2 else "ขอทางลาดหน้าตลาด")
    others = [office.hear(f"เรื่องที่ {n}") for n in range(10)]
    listed = at.get().text
    group = re.search(r'href="([^"]*same=[^"]*)"[^>]*><span[^>]*>เหมือนกัน 20 ข้อ', listed)
    assert group is not None
    path = group[1].replace("&amp;", "&").removeprefix(at.base)
    page = at.get(path).text
    assert "ตอบ 20 ข้อ" in page
    hidden = re.findall(r'<input type="hidden" name="(all|same|upto|n)" value="([^"]*)"', page)
    assert at.post("/new", GOOD | PAPER | {"act": "memo"} | dict(hidden)).status_code == 303
    for one in others[:9]:
        single = {"item": office.public(one), "reason": f"ตอบข้อ {one}", "act": "memo"}
        assert at.post("/new", GOOD | PAPER | single).status_code == 303
    assert "ยังไม่ได้ตอบ 1 ข้อ จาก 30" in at.get().text
    assert office.item(others[9]).answered == "no"


def test_everything_a_filter_finds_is_answered_and_nothing_that_came_since(office: Office, at: Desk) -> None:
    found = [office.hear(f"ไฟดับตรงที่ {n}") for n in range(3)]
    office.hear("ขอทางลาด")
    page = at.get("/new?all=1&words=ไฟดับ").text
    hidden = dict(re.findall(r'<input type="hidden" name="(all|words|upto|n)" value="([^"]*)"', page))
    assert hidden["n"] == "3"
    late = office.hear("ไฟดับอีกที่")
    assert at.post("/new", GOOD | hidden).status_code == 303
    assert only(office).items == 3
    assert queries.pending(office.tx, late) is None
    assert queries.pending(office.tx, found[0]) is not None


def test_when_one_of_many_is_gone_meanwhile_the_officer_is_asked_again(
    office: Office, at: Desk, lent: db.Database
) -> None:
    items = [office.hear(f"ไฟดับ {n}") for n in range(3)]
    page = at.get("/new?all=1&words=ไฟดับ").text
    hidden = dict(re.findall(r'<input type="hidden" name="(all|words|upto|n)" value="([^"]*)"', page))
    set_state(office.tx, items[0], "withdrawn")
    token = at.token()
    with unchanged(lent):
        again = at.client.post(f"{at.base}/new", data=GOOD | hidden | {"csrf_token": token, "reason": "ที่พิมพ์ไว้"})
    assert again.status_code == 409
    assert "จาก 3 เป็น 2" in again.text
    assert "ที่พิมพ์ไว้" in again.text
    assert 'name="n" value="2"' in again.text


def test_the_same_form_sent_twice_by_a_slow_phone_is_one_answer(office: Office, at: Desk) -> None:
    office.hear()
    page = at.get("/new?all=1").text
    hidden = dict(re.findall(r'<input type="hidden" name="(all|upto|n)" value="([^"]*)"', page))
    data = GOOD | hidden | {"csrf_token": at.token(), "progress": "planned"}
    first, second = (at.client.post(f"{at.base}/new", data=data) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert office.tx.execute(select(func.count()).select_from(Answer)).scalar_one() == 1


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ({"disposition": ""}, "disposition"),
        ({"disposition": "maybe"}, "disposition"),
        ({"reason": " \u200b"}, "reason"),
        ({"reason": "ก" * 10_001}, "reason"),
        ({"progress": "soon"}, "progress"),
        ({"act": "memo", "memo_no": ""}, "memo_no"),
        ({"act": "memo", "memo_no": "ก" * 101}, "memo_no"),
        ({"act": "memo", "memo_date.day": "31", "memo_date.month": "2"}, "memo_date"),
        ({"act": "memo", "memo_date.year": "69"}, "memo_date"),
    ],
)
def test_what_will_not_do_is_named_and_what_was_typed_is_still_there(
    office: Office, at: Desk, typed: dict[str, str], box: str, lent: db.Database
) -> None:
    item = office.public(office.hear())
    token = at.token()
    with unchanged(lent):
        data = GOOD | PAPER | {"item": item, "csrf_token": token} | typed
        answer = at.client.post(f"{at.base}/new", data=data)
    assert answer.status_code == 422
    assert f'href="#f-{box}"' in answer.text
    assert f'name="item" value="{item}"' in answer.text
    if "reason" not in typed:
        assert REASON in answer.text


def test_no_script_comes_through_any_box(office: Office, at: Desk, beside: Desk, app: Any) -> None:
    hostile = '"><script>alert(1)</script>'
    item = office.hear(hostile)
    typed = {"item": office.public(item), "reason": hostile, "memo_no": hostile}
    pages = [at.post("/new", GOOD | PAPER | typed | {"disposition": hostile, "progress": hostile}).text]
    assert at.post("/new", GOOD | typed).status_code == 303
    answer = only(office)
    assert beside.post(f"/{answer.public_id}/return", {"note": hostile, "version": "1"}).status_code == 303
    paper = GOOD | PAPER | typed | {"act": "memo", "version": "1"}
    pages += [at.get(f"/{answer.public_id}").text, at.get("/given").text]
    assert at.post(f"/{answer.public_id}", paper).status_code == 303
    assert at.post("/progress", {"item": typed["item"], "progress": "done", "reason": hostile}).status_code == 303
    pages += [at.get(f"?words={hostile}&answered={hostile}").text, at.get("?answered=yes").text]
    pages += [at.get(f"/{answer.public_id}").text, app.test_client().get(f"/answers/{typed['item']}").text]
    assert all("<script>alert" not in page for page in pages)


def test_sending_back_changing_and_asking_again(office: Office, at: Desk, beside: Desk) -> None:
    at.post("/new", GOOD | {"item": office.public(office.hear())})
    answer = only(office)
    path = f"/{answer.public_id}"
    empty = beside.post(f"{path}/return", {"note": " ", "version": "1"})
    assert (empty.status_code, 'href="#f-note"' in empty.text) == (422, True)
    assert beside.post(f"{path}/return", {"note": "ใส่วันที่ด้วย", "version": "1"}).status_code == 303
    assert "ใส่วันที่ด้วย" in at.get(path).text
    stale = at.post(path, GOOD | {"version": "7", "reason": "ของฉัน"})
    assert (stale.status_code, "ของฉัน" in stale.text) == (409, True)
    assert at.post(path, GOOD | {"reason": "แก้แล้ว"}).status_code == 422
    assert at.post(path, GOOD | {"version": "1", "reason": "แก้แล้ว 28 พ.ย."}).status_code == 303
    old = beside.post(f"{path}/approve", {"version": "1"})
    assert old.status_code == 409
    assert "แก้แล้ว 28 พ.ย." in old.text
    assert beside.post(f"{path}/approve", {"version": "2"}).status_code == 303
    assert beside.post(f"{path}/approve", {"version": "2"}).status_code == 409


def test_an_answer_given_up_is_gone_and_its_contributions_wait_again(office: Office, at: Desk) -> None:
    at.post("/new", GOOD | {"item": office.public(office.hear())})
    path = f"/{only(office).public_id}"
    assert "อยู่ในคำตอบที่ยังไม่เผยแพร่" in at.get().text
    assert at.post(f"{path}/drop", {}).status_code == 303
    assert at.get(path).status_code == 404
    assert at.post(f"{path}/drop", {}).status_code == 404
    assert 'type="checkbox" name="item"' in at.get().text


def test_answering_anew_begins_from_all_that_an_answer_is_for(office: Office, at: Desk) -> None:
    answer = office.answer(office.hear(), office.hear("อีกข้อ"))
    assert f"new?again={answer.public_id}" in at.get("/given").text
    page = at.get(f"/new?again={answer.public_id}").text
    assert "ตอบ 2 ข้อ" in page
    again = {"again": answer.public_id, "n": "2", "disposition": "noted", "act": "memo"}
    assert at.post("/new", GOOD | PAPER | again).status_code == 303
    assert office.again(answer).items == 0


def test_what_an_answer_would_replace_is_told_before_it_is_kept(office: Office, at: Desk) -> None:
    first, second, fresh = office.hear("ก"), office.hear("ข"), office.hear("ค")
    office.answer(first, disposition="not_accepted", reason="ปีนี้ไม่มีงบ")
    office.answer(second, disposition="accepted", reason="จะทำในเดือนหน้า")
    asked = "&".join(f"item={office.public(i)}" for i in (first, second, fresh))
    page = at.get(f"/new?{asked}").text
    assert "ตอบไปแล้ว 2 ข้อ จาก 3 ข้อ" in page
    assert "ทุกคนยังอ่านได้ในประวัติ" in page
    told = page[: page.index('name="disposition"')]
    assert told.count("คำตอบที่ใช้อยู่ตอนนี้</b>") == 2
    for said in ("ปีนี้ไม่มีงบ", "จะทำในเดือนหน้า", "<b>ไม่รับ</b>", "<b>รับไว้</b>"):
        assert said in told
    again = at.post("/new", GOOD | {"item": office.public(first), "reason": ""}).text
    assert "ข้อนี้ตอบไปแล้ว" in again, "after a mistake it is told still"


def test_the_second_member_too_reads_what_would_be_replaced_and_a_published_answer_replaces_nothing(
    office: Office, at: Desk, beside: Desk
) -> None:
    item = office.hear()
    office.answer(item, reason="คำตอบแรก")
    at.post("/new", GOOD | {"item": office.public(item), "reason": "คำตอบที่สอง"})
    (waiting,) = queries.in_stage(office.tx, office.consultation.id, "waiting")
    page = beside.get(f"/{waiting.public_id}").text
    assert "ข้อนี้ตอบไปแล้ว" in page
    assert "คำตอบแรก" in page
    assert beside.post(f"/{waiting.public_id}/approve", {"version": "1"}).status_code == 303
    page = beside.get(f"/{waiting.public_id}").text
    assert "คำตอบแรก" not in page
    assert "ข้อนี้ตอบไปแล้ว" not in page


def test_nothing_is_said_to_be_replaced_where_nothing_is_published(office: Office, at: Desk) -> None:
    item, other = office.hear(), office.hear("อีกข้อ")
    office.answer(other)
    office.draft(office.hear("มีร่าง"))
    assert "คำตอบที่ใช้อยู่ตอนนี้" not in at.get(f"/new?item={office.public(item)}").text
    assert "คำตอบที่ใช้อยู่ตอนนี้" not in at.get(f"/progress?item={office.public(other)}").text


def test_many_answers_that_would_be_replaced_are_counted_and_the_first_five_read(office: Office, at: Desk) -> None:
    items = [office.hear(f"ข้อ {n}") for n in range(7)]
    for item in items:
        office.answer(item, reason=f"เดิม {item}")
    page = at.get("/new?" + "&".join(f"item={office.public(i)}" for i in items)).text
    assert page.count("คำตอบที่ใช้อยู่ตอนนี้</b>") == 5
    assert "และอีก 2 คำตอบ" in page


def test_progress_is_told_for_many_and_not_done_says_why(office: Office, at: Desk) -> None:
    items = [office.hear("ก"), office.hear("ข")]
    chosen = {"item": [office.public(i) for i in items]}
    asked = "&".join(f"item={one}" for one in chosen["item"])
    assert "เลือกไว้ 2 ข้อ" in at.get(f"/progress?{asked}").text
    for wrong, box in (({"progress": ""}, "progress"), ({"progress": "not_done"}, "reason")):
        refused = at.post("/progress", chosen | wrong)
        assert refused.status_code == 422
        assert f'href="#f-{box}"' in refused.text
    assert at.post("/progress", chosen | {"progress": "not_done", "reason": "ถูกตัดงบ"}).status_code == 303
    assert {office.item(i).progress for i in items} == {"not_done"}


def test_what_is_hidden_foreign_or_being_answered_cannot_be_answered(office: Office, at: Desk) -> None:
    hidden, busy = office.hear("ลับ"), office.hear("กำลังตอบ")
    office.draft(busy)
    name = office.public(hidden)
    set_state(office.tx, hidden, "hidden")
    for one in (name, office.public(busy)):
        assert at.post("/new", GOOD | {"item": one}).status_code == 409
    other = office.make.thread(office.make.consultation(office.agency))
    for one in (other, "nobody", office.thread, "' OR 1=1"):
        assert at.post("/new", GOOD | {"item": one}).status_code == 404
    assert at.post("/new", GOOD).status_code == 422
    assert at.get("/new").status_code == 303
    assert at.get("/new?again=nobody").status_code == 404
    assert at.get("?same=nobody").status_code == 404


def test_an_answer_attached_twice_to_one_is_attached_once(office: Office, at: Desk) -> None:
    one = office.public(office.hear())
    assert at.post("/new", GOOD | {"item": [one, one, one]}).status_code == 303
    assert only(office).items == 1


PAGES = ("", "/given", "/new?all=1", "/progress?all=1", "/{answer}")
FORMS = ("/new", "/progress", "/{answer}", "/{answer}/approve", "/{answer}/return", "/{answer}/drop")


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_sent_to_sign_in_and_other_offices_are_refused(
    office: Office, client: FlaskClient, page: str
) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    path = f"/desk/{office.consultation.slug}/answers" + page.format(answer=answer.public_id)
    assert client.get(path).status_code == 303
    for who in (office.stranger, office.make.user(), office.make.member(office.agency, "moderator")):
        office.make.sign_in(client, who)
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("form", FORMS)
def test_an_officer_of_another_agency_changes_nothing(
    office: Office, client: FlaskClient, form: str, lent: db.Database
) -> None:
    item = office.hear()
    answer = service.ask(office.tx, office.a, office.draft(office.hear("อีกข้อ")))
    office.make.sign_in(client, office.stranger)
    them = Desk(office, client)
    token = them.token()
    typed = {"item": office.public(item), "note": "แก้", "version": "1", "progress": "done", "csrf_token": token}
    with unchanged(lent):
        path = f"{them.base}{form.format(answer=answer.public_id)}"
        assert client.post(path, data=GOOD | typed).status_code == 403
        assert client.post(path, data=GOOD | typed | {"csrf_token": ""}).status_code == 403


def test_an_answer_is_not_reached_under_another_consultation(office: Office, at: Desk) -> None:
    answer = service.ask(office.tx, office.a, office.draft(office.hear()))
    other = office.make.consultation(office.agency).slug
    assert at.client.get(f"/desk/{other}/answers/{answer.public_id}").status_code == 404
    wrong = f"/desk/{other}/answers/{answer.public_id}/drop"
    assert at.client.post(wrong, data={"csrf_token": at.token()}).status_code == 404


def test_what_wants_approval_from_who_asked_for_it_is_refused(office: Office, at: Desk) -> None:
    at.post("/new", GOOD | {"item": office.public(office.hear())})
    path = f"/{only(office).public_id}"
    assert at.post(f"{path}/approve", {"version": "1"}).status_code == 403
    assert at.post(f"{path}/return", {"version": "1", "note": "แก้"}).status_code == 403


def test_filters_find_and_forget_what_they_do_not_know(office: Office, at: Desk) -> None:
    office.hear("ขอทางลาด")
    office.answer(office.hear("ไฟดับ"))
    assert "ขอทางลาด" in at.get().text
    assert "ไฟดับ" not in at.get().text
    assert "ไฟดับ" in at.get("?answered=yes").text
    assert "ขอทางลาด" not in at.get("?words=ไฟ&answered=all").text
    assert "ไม่มีข้อที่ตรงกับที่เลือกดู" in at.get("?channel=paper").text
    assert "ขอทางลาด" in at.get(f"?place={office.thread}").text
    assert "ไม่มีข้อที่ตรงกับที่เลือกดู" in at.get("?stance=against").text
    assert at.get("?place=nobody").status_code == 404
    assert at.get("?channel=fax&kind=zzz&answered=maybe").status_code == 200
    assert at.get("?words=%00%ED%A0%80").status_code == 200
    assert at.get("?after=nonsense").status_code == 422


def test_the_list_is_read_page_by_page_and_costs_the_same_however_long_it_is(
    office: Office,
    at: Desk,
    statements: Count,  # noqa: F811
) -> None:
    for n in range(6):
        office.hear(f"ข้อ {n}")
    with statements() as few:
        at.get()
    for n in range(60):
        office.hear(f"ข้ออื่น {n}")
    with statements() as many:
        page = at.get().text
    assert len(few) == len(many) <= 16
    assert page.count('name="item"') == 50
    following = re.search(r'href="([^"]*after=[^"]*)"', page)
    assert following is not None
    assert at.client.get(following[1].replace("&amp;", "&")).text.count('name="item"') == 16
