"""A thread as people read it: stances, sorts, pages, history, places of what is gone, and what it costs."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from forum import cli
from forum.commons.comments import service
from forum.commons.comments.forms import read_comment, read_edit
from forum.commons.comments.models import Comment
from forum.commons.comments.queries import comment_by, comment_of, thread_by
from forum.core.consultations.models import Phase
from forum.core.entries.models import Entry
from forum.kernel import clock, dates
from forum.kernel.errors import Invalid
from forum.kernel.rules import NOBODY
from tests.commons.test_comments import token_of
from tests.counting import Count, statements  # noqa: F401
from tests.factories import Make

CSS = Path(__file__).resolve().parents[2] / "static/css/components.css"


def opened(make: Make, **values: Any) -> Any:
    return thread_by(make.tx, make.thread(**values))


def post(make: Make, thread: Any, body: str = "ทางแคบไป", actor: Any = None, **more: Any) -> Any:
    actor = actor or make.actor(make.user())
    form = read_comment({"body": body, **more}, guest=actor is NOBODY, stances=thread.stance != "off")
    return service.post_comment(make.tx, actor, thread_by(make.tx, thread.public_id), form)


def page(client: Any, thread: Any, query: str = "") -> str:
    answer = client.get(f"/t/{thread.public_id}{query}")
    assert answer.status_code == 200
    return str(answer.text)


def sides(text: str) -> list[tuple[str, str]]:
    """The stances that may be chosen: which, and its word."""
    found = re.findall(r'<input type="radio" name="stance" value="(\w+)"([^>]*)><span class="stance \w+">([^<]+)', text)
    assert not any("checked" in more for _, more, _ in found), "nothing is chosen beforehand"
    return [(kind, word) for kind, _, word in found]


def test_a_topic_says_until_when_one_may_speak_in_it_not_until_when_the_consultation_runs(
    client: Any, make: Make
) -> None:
    row = make.consultation(closes_at=dates.end_of_day(clock.now().date() + timedelta(days=20)))
    talk = make.tx.execute(select(Phase).where(Phase.consultation_id == row.id)).scalar_one()
    talk.ends_at = dates.end_of_day(clock.now().date() + timedelta(days=9))
    make.tx.flush()
    thread = thread_by(make.tx, make.thread(row))
    text = page(client, thread)
    assert dates.date_text(clock.now().date() + timedelta(days=9)) in text
    assert dates.date_text(clock.now().date() + timedelta(days=20)) not in text
    code = post(make, thread, actor=NOBODY, name="ป้า", consent=True).receipt
    shown = client.get(f"/r/{code}").text
    assert dates.date_text(clock.now().date() + timedelta(days=20)) not in shown


def test_without_stances_nobody_is_asked_for_one(client: Any, make: Make) -> None:
    thread = opened(make)
    post(make, thread)
    text = page(client, thread)
    assert sides(text) == []
    assert "h-spread" not in text
    with pytest.raises(Invalid) as told:
        post(make, thread, stance="for")
    assert set(told.value.errors) == {"stance"}


def test_people_agree_disagree_or_are_unsure_and_nothing_is_chosen_beforehand(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    wanted = [("for", "เห็นด้วย"), ("unsure", "ยังไม่แน่ใจ"), ("against", "ไม่เห็นด้วย")]
    assert sides(page(client, thread)) == wanted
    make.sign_in(client, make.user())
    assert sides(page(client, thread)) == wanted
    with pytest.raises(Invalid):
        post(make, thread, stance="maybe")


def test_a_thread_may_name_two_options_of_its_own(client: Any, make: Make) -> None:
    thread = opened(make, stance="options", options=("3 เมตร", "2.4 เมตร"))
    post(make, thread, stance="against")
    text = page(client, thread)
    assert sides(text) == [("for", "3 เมตร"), ("unsure", "ยังไม่แน่ใจ"), ("against", "2.4 เมตร")]
    assert '<span class="stance against">2.4 เมตร</span>' in text
    assert "เห็นด้วย" not in text


def test_sides_differ_by_shape_and_word_in_one_ink(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    for stance in ("for", "against", "unsure"):
        post(make, thread, stance=stance)
    for kind, word in (("for", "เห็นด้วย"), ("against", "ไม่เห็นด้วย"), ("unsure", "ยังไม่แน่ใจ")):
        assert f'<span class="stance {kind}">{word}</span>' in page(client, thread)
    rules = re.findall(r"\.stance[^{}]*\{([^}]*)\}", CSS.read_text(encoding="utf-8"))
    assert len(rules) >= 3
    inks = {ink for rule in rules for ink in re.findall(r"(?:color|background|fill)\s*:\s*([^;}]+)", rule)}
    assert inks == {"var(--ink)"}
    assert not re.search(r"#[0-9a-f]{3}|rgb|hsl|gradient", " ".join(rules))
    assert not re.search(r"[▲▼↑↓👍👎]", page(client, thread))


def test_the_spread_stands_below_the_comments_until_one_has_chosen(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    post(make, thread, stance="against")
    text = page(client, thread)
    assert text.index('id="list"') < text.index('id="h-spread"')
    assert "ไม่ได้ตัดสินจากจำนวนคน" in text
    chooser = make.user("คนเลือก")
    make.sign_in(client, chooser)
    text = page(client, thread)
    assert text.index('id="list"') < text.index('id="h-spread"'), "signed in, and not chosen yet"
    post(make, thread, actor=make.actor(chooser), stance="for")
    text = page(client, thread)
    assert text.index('id="h-spread"') < text.index('id="list"')
    assert text.count('id="h-spread"') == 1


def test_ones_own_earlier_choice_is_told_in_words_and_not_chosen_again(client: Any, make: Make) -> None:
    thread = opened(make, stance="options", options=("3 เมตร", "2.4 เมตร"))
    chooser = make.user("คนเลือก")
    make.sign_in(client, chooser)
    assert "ครั้งก่อนคุณเลือก" not in page(client, thread), "nothing chosen yet"
    post(make, thread, actor=make.actor(chooser), stance="against")
    text = page(client, thread)
    assert [kind for kind, _ in sides(text)] == ["for", "unsure", "against"]
    assert "ครั้งก่อนคุณเลือก “2.4 เมตร”" in text
    post(make, thread, actor=make.actor(chooser))
    assert "ครั้งก่อนคุณเลือก" in page(client, thread), "whoever chooses nothing keeps what they chose"


@pytest.mark.parametrize(("n", "words"), [(0, "0 comments"), (1, "1 comment"), (2, "2 comments")])
def test_comments_are_counted_in_the_words_of_the_language(client: Any, make: Make, n: int, words: str) -> None:
    thread = opened(make)
    for said in range(n):
        post(make, thread, f"ข้อที่ {said}")
    counted = re.search(r"<span[^>]* data-comments[^>]*>([^<]*)</span>", page(client, thread, "?lang=en"))
    listed = client.get(f"/c/{thread.slug}/talk/{thread.activity_key}?lang=en").text
    assert counted is not None
    assert counted[1] == words
    assert f">{words}<" in listed
    assert f">{n} ความเห็น<" in page(client, thread, "?lang=th")


def test_the_script_finds_the_words_for_one_and_for_many(client: Any, make: Make) -> None:
    text = page(client, opened(make), "?lang=en")
    assert 'data-comments data-one="1 comment" data-many="{n} comments"' in text


def test_the_spread_counts_accounts_guests_and_paper_in_rows_of_their_own(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    post(make, thread, stance="for")
    post(make, thread, actor=NOBODY, name="ป้าแดง", consent=True, stance="for")
    post(make, thread, actor=make.actor(make.member_of(thread)), channel="letter", stance="for")
    text = page(client, thread)
    spread = text[text.index('id="h-spread"') :].split("</section>")[0]
    for row in ("มีบัญชี", "ไม่ได้ยืนยันตัวตน", "จากใบกระดาษและช่องทางอื่น"):
        assert f'<p class="lab">{row}</p>' in spread
    assert spread.count('<b class="num">1</b>') == 3


def order(text: str, made: list[Any]) -> list[int]:
    """In which order the comments stand on a page, by their number in `made`."""
    where = {n: text.find(f'id="c-{one.public_id}"') for n, one in enumerate(made)}
    return sorted((n for n in where if where[n] >= 0), key=lambda n: where[n])


def test_newest_and_oldest_are_by_time_and_pages_hold_twenty(client: Any, make: Make) -> None:
    thread = opened(make)
    actor = make.actor(make.user())
    made = [post(make, thread, f"ข้อที่ {n}", actor) for n in range(45)]
    text = page(client, thread, "?sort=oldest")
    assert order(text, made) == list(range(20))
    more = re.search(r'href="(/t/[^"]*after=[^"]*)"', text)
    assert more
    assert order(client.get(more[1].replace("&amp;", "&")).text, made) == list(range(20, 40))
    assert order(page(client, thread, "?sort=newest"), made) == list(range(44, 24, -1))


def test_ideas_take_turns_and_the_useful_come_first(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    made = [post(make, thread, stance=s) for s in ("for", "for", "for", "against", "unsure")]
    make.tx.execute(Comment.__table__.update().where(Comment.item_id == made[0].comment_id).values(useful=9))
    assert order(page(client, thread), made) == [0, 4, 3, 2, 1]


def test_a_permalink_shows_its_comment_wherever_it_stands(client: Any, make: Make) -> None:
    thread = opened(make)
    actor = make.actor(make.user())
    made = [post(make, thread, f"ข้อที่ {n}", actor) for n in range(45)]
    replies = [post(make, thread, f"คำตอบ {n}", actor, parent=made[3].public_id) for n in range(25)]
    for one, words in ((made[3], "ข้อที่ 3"), (made[44], "ข้อที่ 44"), (replies[24], "คำตอบ 24")):
        answer = client.get(f"/i/{one.public_id}", follow_redirects=True)
        assert f'id="c-{one.public_id}"' in answer.text
        assert f"<p>{words}</p>" in answer.text
    other = opened(make)
    assert client.get(f"/t/{other.public_id}?c={made[3].public_id}").status_code == 404


def test_replies_stand_on_two_levels_and_a_deeper_one_quotes(client: Any, make: Make) -> None:
    thread = opened(make)
    first = post(make, thread, "ชั้นแรก")
    second = post(make, thread, "ชั้นสอง", make.actor(make.user("คนที่สอง")), parent=first.public_id)
    post(make, thread, "ชั้นสาม", parent=second.public_id)
    text = page(client, thread)
    assert text.count('<ol class="replies">') == 1
    assert re.search(r'class="quote"[^>]*>.*?คนที่สอง.*?ชั้นสอง', text)


def test_an_office_speaks_under_its_seal_and_name(client: Any, make: Make) -> None:
    thread = opened(make)
    posted = post(make, thread, "เราจะไปดู", make.actor(make.member_of(thread)))
    text = page(client, thread)
    article = text[text.index(f'id="c-{posted.public_id}"') - 80 :].split("</article>")[0]
    assert 'class="c official"' in article
    assert "i-seal" in article
    assert thread.agency_name in article
    assert "เจ้าหน้าที่</bdi>" not in article


def test_an_edit_says_when_and_why_and_the_earlier_text_can_be_opened(client: Any, make: Make) -> None:
    thread = opened(make)
    actor = make.actor(make.user())
    comment = comment_of(make.tx, post(make, thread, "ข้อความแรก", actor).comment_id)
    edit = read_edit({"body": "ข้อความใหม่", "version": "1", "reason": "เติมวันที่"})
    comment = service.edit_comment(make.tx, actor, comment, edit)
    assert f'href="/comments/{comment.public_id}/history">แก้แล้ว' in page(client, thread)
    history = client.get(f"/comments/{comment.public_id}/history").text
    assert "เติมวันที่" in history
    assert "<p>ข้อความแรก</p>" in history
    assert '<time class="nb" datetime=' in history


PRIVATE = "0812345678"


def test_a_text_that_held_personal_data_is_nowhere_any_more(client: Any, make: Make) -> None:
    thread = opened(make)
    writer = make.user()
    actor = make.actor(writer)
    comment = comment_of(make.tx, post(make, thread, f"โทร {PRIVATE}", actor).comment_id)
    post(make, thread, "ตอบ", parent=comment.public_id)
    edit = read_edit({"body": "โทรมาได้", "version": "1", "personal_data": "1", "reason": "ลบเบอร์"})
    service.edit_comment(make.tx, actor, comment, edit)
    make.sign_in(client, writer)
    for path in everywhere(thread, comment.public_id):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert PRIVATE not in answer.text, path
    assert "ลบเบอร์" in client.get(f"/comments/{comment.public_id}/history").text


def everywhere(thread: Any, public_id: str) -> list[str]:
    api = f"/api/v1/threads/{thread.public_id}/comments"
    return [
        f"/t/{thread.public_id}",
        f"/t/{thread.public_id}/new?since=0",
        f"/comments/{public_id}/history",
        api,
        f"{api}?since_seq=0",
        f"/api/v1/items/{public_id}",
        f"/c/{thread.slug}/feed.atom",
        "/feed.atom",
        "/account/export.json",
    ]


def test_what_its_author_took_back_is_nowhere_any_more(client: Any, make: Make) -> None:
    thread = opened(make)
    writer = make.user()
    actor = make.actor(writer)
    comment = comment_of(make.tx, post(make, thread, f"โทร {PRIVATE}", actor).comment_id)
    edit = read_edit({"body": f"โทรที่ {PRIVATE}", "version": "1"})
    service.edit_comment(make.tx, actor, comment, edit)
    make.sign_in(client, writer)
    assert all(PRIVATE in client.get(path).text for path in everywhere(thread, comment.public_id)[:7])
    assert PRIVATE in client.get("/account/export.json").text
    service.withdraw_comment(make.tx, actor, comment.id)
    make.tx.flush()
    for path in everywhere(thread, comment.public_id):
        assert PRIVATE not in client.get(path).text, path


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "ผู้เขียนเปลี่ยนใจ ไม่ส่งแล้ว"), (119, "ผู้เขียนเปลี่ยนใจ ไม่ส่งแล้ว"), (121, "ผู้เขียนลบความเห็นนี้แล้ว")],
)
def test_what_is_taken_back_leaves_its_number_and_later_a_stub_without_a_name(
    client: Any, make: Make, seconds: int, words: str
) -> None:
    thread = opened(make)
    actor = make.actor(make.user("ชื่อที่จะหาย"))
    with time_machine.travel(clock.now(), tick=False) as travel:
        posted = post(make, thread, "ข้อความที่จะหาย", actor)
        post(make, thread, "ข้อถัดไป")
        travel.shift(timedelta(seconds=seconds))
        service.withdraw_comment(make.tx, actor, posted.comment_id)
    text = page(client, thread, "?sort=oldest")
    place = text[text.index(f'id="c-{posted.public_id}"') :].split("</article>")[0]
    assert '<span class="num">#1</span>' in place
    assert words in place
    assert "ชื่อที่จะหาย" not in text
    assert "ข้อความที่จะหาย" not in text
    assert '<a class="no"' in text
    assert "#2" in text, "the next keeps its own number"


def test_a_post_is_read_by_everybody_at_once(client: Any, app: Any, make: Make) -> None:
    thread = opened(make)
    form = {"csrf_token": token_of(page(client, thread)), "body": "พูดแล้วเห็นเลย", "name": "ลุงมี", "consent": "1"}
    client.post(f"/t/{thread.public_id}/comments", data=form)
    assert "พูดแล้วเห็นเลย" in page(app.test_client(), thread)


def today() -> str:
    return dates.in_bangkok(clock.now()).date().isoformat()


CHANNELS = {
    "paper": "จากใบกระดาษ",
    "phone": "จากโทรศัพท์",
    "hall": "จากเวทีประชุม",
    "letter": "จากจดหมาย",
}


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_officer_enters_what_came_another_way(client: Any, make: Make, channel: str) -> None:
    thread = opened(make, stance="agree")
    officer = {"Authorization": f"Bearer {make.token(make.member_of(thread))}"}
    sent = {"body": "จากตลาด", "channel": channel, "received_on": today(), "sheet": "ใบที่ 7", "stance": "for"}
    made = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=sent, headers=officer)
    assert made.status_code == 201
    assert (made.json["channel"], made.json["received_on"], made.json["official"]) == (channel, today(), False)
    assert made.json["author"] == {"name": None, "kind": "paper", "erased": False}
    assert CHANNELS[channel] in page(client, thread)
    answering = page(client, thread, f"?reply={made.json['id']}")
    assert f"ความเห็น{CHANNELS[channel]}" in answering, "and nobody is told that it was an account"
    assert "ผู้ใช้ที่ลบบัญชี" not in answering
    (entry,) = make.tx.query(Entry).all()
    assert entry.sheet == "7"
    refused = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=sent | {"name": "ก", "consent": True})
    assert refused.status_code in (401, 403, 422)


@pytest.mark.parametrize("sent", [{"channel": "fax"}, {"received_on": "เมื่อวาน"}, {"received_on": "2999-01-01"}])
def test_what_came_another_way_is_checked_too(client: Any, make: Make, sent: dict[str, str]) -> None:
    thread = opened(make)
    officer = {"Authorization": f"Bearer {make.token(make.member_of(thread))}"}
    body = {"body": "ก", "channel": "paper"} | sent
    answer = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=body, headers=officer)
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == set(sent)


def test_the_command_recounts_and_finds_nothing_wrong_then_what_was_made_wrong(app: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    first = post(make, thread, stance="for")
    post(make, thread, parent=first.public_id)
    make.tx.commit()
    runner = app.test_cli_runner()
    assert runner.invoke(cli.recount).output.strip() == '{"corrected": 0}'
    make.tx.execute(Comment.__table__.update().where(Comment.item_id == first.comment_id).values(useful=9, replies=5))
    make.tx.commit()
    assert runner.invoke(cli.recount).output.strip() == '{"corrected": 2}'
    assert runner.invoke(cli.recount).output.strip() == '{"corrected": 0}'


def skips(sent: list[str]) -> list[str]:
    """Statements that skip rows. SQLite's dialect writes every LIMIT with an OFFSET of nought beside it."""
    return [sql for sql in sent if re.search(r"\bOFFSET\b", sql.replace("LIMIT ? OFFSET ?", "LIMIT ?"))]


def fill(make: Make, thread: Any, n: int) -> None:
    actor = make.actor(make.user())
    for k in range(n):
        top = post(make, thread, f"ข้อ {k}", actor, stance=("for", "against", "unsure")[k % 3])
        post(make, thread, f"ตอบ {k}", actor, parent=top.public_id)


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        "/t/{thread}",
        "/t/{thread}?sort=newest",
        "/t/{thread}?sort=oldest",
        "/t/{thread}/new?since=0",
        "/api/v1/threads/{thread}/comments?limit=100",
        "/api/v1/threads/{thread}/comments?since_seq=0",
    ],
)
@pytest.mark.parametrize("who", ["nobody", "member"])
def test_a_thread_takes_as_many_statements_for_fifty_as_for_five_and_skips_no_rows(
    client: Any,
    make: Make,
    statements: Count,  # noqa: F811
    path: str,
    who: str,
) -> None:
    thread = opened(make, stance="agree")
    if who == "member":
        make.sign_in(client, make.user("ผู้อ่าน"))
    where = path.format(thread=thread.public_id, slug=thread.slug)
    fill(make, thread, 5)
    with statements() as few:
        assert client.get(where).status_code == 200
    fill(make, thread, 45)
    with statements() as many:
        assert client.get(where).status_code == 200
    assert len(few) == len(many) <= (8 if who == "nobody" else 13)
    assert skips(many) == []


@pytest.mark.slow
def test_a_list_of_threads_takes_as_many_statements_for_fifty_as_for_five(
    client: Any,
    make: Make,
    statements: Count,  # noqa: F811
) -> None:
    consultation = make.consultation()
    for path in (f"/c/{consultation.slug}/talk/discussion", f"/api/v1/consultations/{consultation.slug}/threads"):
        for _ in range(5):
            make.thread(consultation)
        with statements() as few:
            client.get(path)
        for _ in range(45):
            make.thread(consultation)
        with statements() as many:
            assert client.get(path).status_code == 200
        assert len(few) == len(many) <= 8
        assert skips(many) == []


@pytest.mark.parametrize(("kind", "words"), [("useful", "มีประโยชน์"), ("understand", "เข้าใจเหตุผล")])
def test_a_reaction_is_given_and_taken_back_by_one_button(client: Any, make: Make, kind: str, words: str) -> None:
    thread = opened(make)
    posted = post(make, thread)
    make.sign_in(client, make.user("ผู้อ่าน"))
    for button, pressed, count in (("on", "true", 1), ("off", "false", 0)):
        form = {"csrf_token": token_of(page(client, thread)), button: kind, "next": f"/t/{thread.public_id}"}
        assert client.post(f"/comments/{posted.public_id}/react", data=form).status_code == 303
        assert re.search(rf'aria-pressed="{pressed}">{words}', page(client, thread))
        assert client.get(f"/api/v1/comments/{posted.public_id}").json[kind] == count


def test_what_one_reader_may_do_stays_out_of_another_readers_page(app: Any, make: Make) -> None:
    thread = opened(make)
    author, other = make.user(), make.user()
    said = post(make, thread, actor=make.actor(author))
    edit = f'href="/comments/{said.public_id}/edit"'
    guest, mine, theirs = (app.test_client() for _ in range(3))
    make.sign_in(mine, author)
    make.sign_in(theirs, other)
    for reader, may in ((mine, True), (guest, False), (theirs, False), (mine, True)):
        assert (edit in page(reader, thread)) is may
    service.react(make.tx, make.actor(other), comment_by(make.tx, said.public_id), "useful", True)
    make.tx.commit()
    pressed = f'formaction="/comments/{said.public_id}/react" value="useful" name="off" aria-pressed="true"'
    for reader, did in ((theirs, True), (mine, False), (guest, False), (theirs, True)):
        assert (pressed in page(reader, thread)) is did


def test_a_page_follows_every_change_of_what_it_shows(client: Any, make: Make) -> None:
    thread = opened(make, stance="agree")
    author = make.user("นกป่า")
    said = post(make, thread, body="ทางแคบไป", actor=make.actor(author), stance="for")
    assert "ทางแคบไป" in page(client, thread)
    english = page(client, thread, "?lang=en")
    assert "Agree" in english
    assert 'lang="th">ทางแคบไป' not in page(client, thread, "?lang=th")
    author.name = "นกเขา"
    make.tx.commit()
    assert "นกเขา" in page(client, thread)
    assert "นกป่า" not in page(client, thread)
    service.withdraw_comment(make.tx, make.actor(author), comment_by(make.tx, said.public_id).id)
    make.tx.commit()
    assert "ทางแคบไป" not in page(client, thread)


def test_the_same_comment_is_told_as_younger_today_than_tomorrow(client: Any, make: Make) -> None:
    thread = opened(make)
    with time_machine.travel("2026-11-21T09:00:00Z", tick=False):
        post(make, thread)
        assert "เมื่อสักครู่" in page(client, thread)
    with time_machine.travel("2026-11-21T10:00:00Z", tick=False):
        assert "1 ชั่วโมงก่อน" in page(client, thread)
    with time_machine.travel("2026-11-23T10:00:00Z", tick=False):
        assert "21 พ.ย. 2569" in page(client, thread)


def test_a_reaction_leads_back_to_the_list_it_was_pressed_in(client: Any, make: Make) -> None:
    thread = opened(make)
    said = post(make, thread)
    make.sign_in(client, make.user())
    text = page(client, thread, "?sort=newest")
    assert f'name="next" value="/t/{thread.public_id}?sort=newest"' in text
    sent = {"csrf_token": token_of(text), "on": "useful", "next": f"/t/{thread.public_id}?sort=newest"}
    answer = client.post(f"/comments/{said.public_id}/react", data=sent)
    assert answer.headers["Location"] == f"/t/{thread.public_id}?sort=newest#c-{said.public_id}"
