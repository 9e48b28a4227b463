"""Speaking without an account: allowed by default, limited, never puzzled, told who sees what, listed nowhere."""

import hashlib
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments import service
from forum.commons.comments.forms import read_comment
from forum.commons.comments.models import Comment
from forum.commons.comments.queries import comment_of, thread_by
from forum.core.accounts.models import Consent
from forum.core.items.models import Item
from forum.kernel import proof, throttle
from tests.commons.test_comments import token_of
from tests.factories import Make

SAID = {"body": "ทางแคบไป", "name": "ป้าแดง", "consent": True}


@pytest.fixture
def thread(make: Make) -> Any:
    return thread_by(make.tx, make.thread())


@pytest.fixture
def limits(app: Any) -> Iterator[Any]:
    """Sets limits for one test: limits(guest_posts="2/hour")."""
    off = dict.fromkeys(throttle.DEFAULTS, "off")
    yield lambda **some: throttle.configure(off | some)
    throttle.configure(off)


def send(client: Any, thread: Any, work: str | None = None, **more: Any) -> Any:
    headers = {"X-Work": work} if work else {}
    return client.post(f"/api/v1/threads/{thread.public_id}/comments", json=SAID | more, headers=headers)


def fill(client: Any, thread: Any, **more: str) -> Any:
    form = {"csrf_token": token_of(client.get(f"/t/{thread.public_id}").text), "body": "ก", "name": "ลุงมี"}
    return client.post(f"/t/{thread.public_id}/comments", data=form | {"consent": "1"} | more)


def test_a_name_and_a_text_are_enough_and_no_account_is_made(client: Any, make: Make, thread: Any) -> None:
    made = send(client, thread)
    assert made.status_code == 201
    assert made.json["author"] == {"name": "ป้าแดง", "kind": "guest", "erased": False}
    item = make.tx.execute(select(Item).where(Item.public_id == made.json["id"])).scalar_one()
    assert (item.author_id, item.voice) == (None, "guest")
    consent = make.tx.execute(select(Consent).where(Consent.item_id == item.id)).scalar_one()
    assert (consent.purpose, consent.given, consent.user_id) == ("public_posting", True, None)


def test_the_form_asks_a_guest_for_no_address(client: Any, thread: Any) -> None:
    page = client.get(f"/t/{thread.public_id}").text
    form = page[page.index("data-composer") :].split("</form>")[0]
    asked = set(re.findall(r'<(?:input|textarea)[^>]*name="([^"]+)"', form))
    assert asked == {"csrf_token", "parent", "body", "name", "consent"}
    box = form[form.index('name="consent"') :].split(">")[0]
    assert "checked" not in box


@pytest.mark.parametrize("lacking", [{"consent": False}, {"name": ""}, {"name": " \u200b"}, {"body": ""}])
def test_without_name_text_or_consent_nothing_is_said(client: Any, make: Make, thread: Any, lacking: Any) -> None:
    answer = send(client, thread, **lacking)
    assert (answer.status_code, set(answer.json["errors"])) == (422, set(lacking))
    assert make.tx.execute(select(Comment)).first() is None


def test_where_the_office_wants_accounts_a_guest_is_led_to_sign_in_with_the_text_kept(client: Any, make: Make) -> None:
    thread = thread_by(make.tx, make.thread(make.consultation(make.agency(guests=False))))
    assert send(client, thread).status_code == 401
    sent = fill(client, thread, body="พิมพ์ไว้ก่อนเข้าระบบ")
    assert sent.status_code == 303
    key = re.search(r"kept=([\w-]+)", sent.headers["Location"])
    assert key
    assert "พิมพ์ไว้ก่อนเข้าระบบ" in client.get(f"/t/{thread.public_id}?kept={key[1]}").text
    assert "พิมพ์ไว้ก่อนเข้าระบบ" not in client.get(f"/t/{thread.public_id}?kept={key[1]}").text, "once"


def test_guests_are_limited_by_where_they_come_from(client: Any, thread: Any, limits: Any) -> None:
    limits(guest_posts="2/hour")
    answers = [send(client, thread, body=f"ข้อที่ {n}") for n in range(3)]
    assert [a.status_code for a in answers] == [201, 201, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 3600
    page = fill(client, thread, body="ยังอยู่ไหม")
    assert page.status_code == 429
    assert "ยังอยู่ไหม" in page.text


def test_somebody_with_an_account_has_a_limit_of_their_own(client: Any, make: Make, thread: Any, limits: Any) -> None:
    limits(guest_posts="1/hour", posts="2/hour")
    token = {"Authorization": f"Bearer {make.token(make.user())}"}
    path = f"/api/v1/threads/{thread.public_id}/comments"
    sent = [client.post(path, json={"body": f"{n}", "consent": True}, headers=token).status_code for n in range(3)]
    assert sent == [201, 201, 429]


def work(challenge: str, bits: int) -> str:
    """What a guest's device does by itself."""
    n = 0
    while int.from_bytes(hashlib.sha256(f"{challenge}:{n}".encode()).digest()) >> (256 - bits):
        n += 1
    return str(n)


def test_when_guests_flood_the_site_their_devices_work_and_nobody_is_puzzled(
    client: Any, thread: Any, limits: Any
) -> None:
    limits(site_guest_posts="8/hour")
    assert [send(client, thread, body=f"{n}").status_code for n in range(5)] == [201] * 5
    asked = send(client, thread, body="ช่วงคนเยอะ")
    assert (asked.status_code, asked.json["bits"]) == (429, proof.BITS)
    answer = work(asked.json["work"], asked.json["bits"])
    assert send(client, thread, work=answer, body="ช่วงคนเยอะ").status_code == 201
    assert send(client, thread, work=answer, body="ข้ออื่น").status_code == 429, "what was done for one serves no other"
    page = fill(client, thread, body="จากแบบฟอร์ม")
    assert page.status_code == 429
    assert "จากแบบฟอร์ม" in page.text
    assert "captcha" not in page.text.lower()


@pytest.mark.parametrize("answer", ["", "x", "0", "9" * 41, "๑"])
def test_work_that_was_not_done_does_not_count(app: Any, answer: str) -> None:
    assert not proof.is_done("abcdefghjk", answer)


def test_work_done_for_one_place_does_not_serve_another(app: Any) -> None:
    answer = work(proof.challenge("abcdefghjk"), proof.BITS)
    assert proof.is_done("abcdefghjk", answer)
    assert not proof.is_done("zzzzzzzzzz", answer)


def test_guests_are_named_as_unconfirmed_wherever_they_speak(client: Any, make: Make, thread: Any) -> None:
    made = send(client, thread).json
    for path in (f"/t/{thread.public_id}", f"/t/{thread.public_id}?c={made['id']}", f"/r/{made['receipt']}"):
        assert "ไม่ได้ยืนยันตัวตน" in client.get(path).text


def test_guests_and_paper_are_counted_apart(client: Any, make: Make) -> None:
    thread = thread_by(make.tx, make.thread(stance="agree"))
    officer = make.actor(make.member_of(thread))
    paper = read_comment({"body": "จากใบ", "channel": "paper", "stance": "for"}, guest=False, stances=True)
    service.post_comment(make.tx, officer, thread, paper)
    send(client, thread, stance="against")
    said = read_comment({"body": "ก", "stance": "unsure"}, guest=False, stances=True)
    service.post_comment(make.tx, make.actor(make.user()), thread_by(make.tx, thread.public_id), said)
    zero = {"for": 0, "against": 0, "unsure": 0}
    spread = client.get(f"/api/v1/threads/{thread.public_id}").json["spread"]
    assert spread == {"member": zero | {"unsure": 1}, "guest": zero | {"against": 1}, "paper": zero | {"for": 1}}


def test_the_receipt_is_where_the_form_leads_and_still_there_when_the_page_is_loaded_again(
    app: Any, client: Any, make: Make, thread: Any
) -> None:
    path = f"/t/{thread.public_id}"
    typed = {"csrf_token": token_of(client.get(path).text), "body": "แคบไป", "name": "ป้า", "consent": "1"}
    answer = client.post(f"{path}/comments", data=typed)
    assert answer.headers["Location"].endswith("#notes")
    first = client.get(answer.headers["Location"])
    code = re.search(r'class="code">(\S+?)<', first.text)[1]  # type: ignore[index]
    assert 'id="notes"' in first.text
    assert code in client.get(path).text, "loaded again"
    assert code not in client.get("/").text
    assert code not in client.get(f"/t/{make.thread()}").text, "only where it was said"
    assert code not in app.test_client().get(path).text, "and nobody else"


def test_a_page_that_posted_by_script_finds_the_receipt_again_and_a_program_gets_no_cookie(
    client: Any, make: Make, thread: Any
) -> None:
    said = {"body": "แคบไป", "name": "ป้า", "consent": True}
    by_program = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=said)
    assert "Set-Cookie" not in by_program.headers
    token = token_of(client.get(f"/t/{thread.public_id}").text)
    by_page = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=said, headers={"X-CSRFToken": token})
    assert by_page.json["receipt"] in client.get(f"/t/{thread.public_id}").text


def test_a_guest_edits_withdraws_and_sees_the_reply_with_the_code_alone(client: Any, make: Make, thread: Any) -> None:
    made = send(client, thread).json
    path = f"/r/{made['receipt']}"
    officer = make.actor(make.member_of(thread))
    reply = read_comment({"body": "จะไปดูหน้างาน", "parent": made["id"]}, guest=False, stances=False)
    service.post_comment(make.tx, officer, thread_by(make.tx, thread.public_id), reply)
    assert "จะไปดูหน้างาน" in client.get(path).text
    token = token_of(client.get("/r").text)
    changed = {"csrf_token": token, "body": "แคบไปมาก", "version": "1", "reason": "เติมคำ"}
    assert client.post(f"{path}/edit", data=changed).status_code == 303
    assert "แคบไปมาก" in client.get(f"/t/{thread.public_id}").text
    assert client.post(f"{path}/withdraw", data={"csrf_token": token}).status_code == 303
    item = make.tx.execute(select(Item.id).where(Item.public_id == made["id"])).scalar_one()
    make.tx.expire_all()
    assert comment_of(make.tx, item).state == "withdrawn"
    assert "แคบไปมาก" not in client.get(path).text
    assert "จะไปดูหน้างาน" in client.get(path).text


def test_wrong_codes_are_slowed_whatever_they_are_and_told_apart_from_nothing(
    client: Any, thread: Any, limits: Any
) -> None:
    code = send(client, thread).json["receipt"]
    limits(receipts="3/hour")
    wrong = ["สล-0000-0000", "ไม่ใช่รหัส", "สล-1111-1111"]
    answers = [client.get(f"/api/v1/receipts/{one}") for one in wrong]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert len({a.json["detail"] for a in answers}) == 1
    assert client.get(f"/api/v1/receipts/{code}").status_code == 429, "even the right one, once too many were tried"
    assert client.get(f"/r/{code}").status_code == 429


def test_a_right_code_opens_its_receipt_however_often_and_uses_up_nobodys_way_back(
    client: Any, thread: Any, limits: Any
) -> None:
    mine, neighbours = (send(client, thread).json["receipt"] for _ in range(2))
    limits(receipts="2/hour", site_receipts="3/hour")
    assert {client.get(f"/r/{mine}").status_code for _ in range(5)} == {200}
    assert client.get("/r/สล-0000-0000").status_code == 404
    made = client.post(f"/r/{neighbours}/withdraw", data={"csrf_token": token_of(client.get("/r").text)})
    assert made.status_code == 303
    assert client.get(f"/api/v1/receipts/{mine}").status_code == 200
    assert client.get("/r/สล-0000-0001").status_code == 404
    told = client.get(f"/r/{mine}")
    assert (told.status_code, "ลองใหม่ได้ในอีก 60 นาที" in told.text) == (429, True)


def test_all_wrong_codes_of_the_whole_site_are_limited_too(client: Any, limits: Any) -> None:
    limits(site_receipts="2/hour")
    assert [client.get(f"/r/สล-0000-000{n}").status_code for n in range(3)] == [404, 404, 429]


def test_an_empty_box_for_the_code_is_asked_to_be_filled_and_counts_as_no_wrong_code(client: Any, limits: Any) -> None:
    limits(site_receipts="1/hour")
    for typed in ("", "   "):
        told = client.post("/r", data={"csrf_token": token_of(client.get("/r").text), "code": typed})
        assert (told.status_code, "พิมพ์รหัสใบรับก่อน" in told.text) == (422, True)


def test_a_code_is_in_no_log(client: Any, thread: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        code = send(client, thread).json["receipt"]
        client.get(f"/r/{code}")
        client.post("/r", data={"csrf_token": token_of(client.get("/r").text), "code": code})
    assert code[3:7] not in caplog.text


FOUR = (
    "ทุกคนเห็นข้อความและชื่อที่คุณตั้ง",
    "หน่วยงานเห็นเท่ากับทุกคน ไม่เห็นอีเมลหรือเบอร์",
    "เก็บเลขไอพี ที่เน็ตให้เครื่องคุณ อย่างน้อย 90 วัน",
    "คนใกล้ตัวอาจเดาได้",
)
FAIR = "ติงานและโครงการได้เต็มที่ เล่าสิ่งที่เห็น วันไหน ที่ไหน เลี่ยงกล่าวหาว่าใครโกงหรือผิดกฎหมาย"


@pytest.mark.parametrize("who", ["guest", "citizen"])
def test_four_lines_say_who_sees_what_above_the_button_that_sends(
    client: Any, make: Make, thread: Any, who: str
) -> None:
    if who == "citizen":
        make.sign_in(client, make.user())
    for path in (f"/t/{thread.public_id}", f"/t/{thread.public_id}?sort=oldest"):
        page = client.get(path).text
        order = [page.index(line) for line in (*FOUR, "ส่งความเห็น</span>")]
        assert order == sorted(order)
        assert FAIR in page


def test_where_the_office_runs_the_server_its_line_says_so(app: Any, client: Any, thread: Any) -> None:
    site = app.jinja_env.globals["site"]
    before = dict(site)
    try:
        site["operator_is_agency"] = True
        page = client.get(f"/t/{thread.public_id}").text
    finally:
        site.update(before)
    assert "หน่วยงานเป็นผู้ดูแลเครื่องเอง จึงเปิดดูข้อมูลที่เว็บเก็บได้" in page
    assert FOUR[1] not in page


def test_the_setting_that_says_so_is_read_from_the_environment() -> None:
    import config

    assert config.load({"OPERATOR_IS_AGENCY": "1"}).operator_is_agency
    assert not config.load({}).operator_is_agency


def everything_of(make: Make, tx: Session) -> tuple[Any, list[str], list[Any]]:
    """Somebody who spoke in three consultations, the texts, and the threads."""
    user = make.user("นักเขียนชื่อเฉพาะ")
    texts, threads = [], []
    for n in range(3):
        thread = thread_by(tx, make.thread())
        form = read_comment({"body": f"ข้อความเฉพาะที่ {n}"}, guest=False, stances=False)
        service.post_comment(tx, make.actor(user), thread, form)
        texts.append(f"ข้อความเฉพาะที่ {n}")
        threads.append(thread)
    return user, texts, threads


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "officer", "citizen"])
def test_no_address_of_the_site_lists_what_one_person_said_in_several_places(
    client: Any, app: Any, make: Make, who: str
) -> None:
    user, texts, threads = everything_of(make, make.tx)
    if who == "officer":
        make.sign_in(client, make.member_of(threads[0]))
    if who == "citizen":
        make.sign_in(client, make.user("ผู้อ่าน"))
    given = {"slug": threads[0].slug, "key": "discussion", "public_id": threads[0].public_id, "code": "0", "kind": "x"}
    asked = 0
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule in ("/feed.atom", "/metrics"):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: given.get(m[1], "x"), rule.rule)
        for query in ("", f"?author={user.public_id}", "?q=นักเขียนชื่อเฉพาะ", f"?user={user.name}&name={user.name}"):
            answer = client.get(path + query)
            asked += 1
            if answer.mimetype in ("text/html", "application/json"):
                assert sum(text in answer.text for text in texts) <= 1, path
    assert asked > 100


def test_the_feed_of_the_whole_site_names_nobody(client: Any, make: Make) -> None:
    user, _texts, _threads = everything_of(make, make.tx)
    assert str(user.name) not in client.get("/feed.atom").text


def test_no_address_takes_a_person_as_its_subject(app: Any) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith("/static")]
    subjects = {m for rule in rules for m in re.findall(r"<(?:\w+:)?(\w+)>", rule)}
    assert "public_id" in subjects
    assert not subjects & {"user", "user_id", "author", "author_id", "name", "person", "member"}


def test_what_is_said_about_an_author_does_not_tie_their_posts_together(client: Any, make: Make) -> None:
    _user, _texts, threads = everything_of(make, make.tx)
    for thread in threads:
        (told,) = client.get(f"/api/v1/threads/{thread.public_id}/comments").json["items"]
        assert set(told["author"]) == {"name", "kind", "erased"}
