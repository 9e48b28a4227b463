"""Speaking in threads, service and HTTP."""

from typing import Any

import pytest
from sqlalchemy import select

from forum.commons.comments import erasure, listing, service, views
from forum.commons.comments.forms import read_comment, read_edit
from forum.commons.comments.models import Comment, Revision, Thread
from forum.commons.comments.queries import changed_since, comment_by, comment_of, thread_by
from forum.core.items.models import Item
from forum.core.items.service import set_state
from forum.kernel import events
from forum.kernel.errors import Conflict, Denied, Invalid
from forum.kernel.rules import NOBODY
from tests.factories import Make


@pytest.fixture
def thread(make: Make) -> Any:
    return thread_by(make.tx, make.thread(stance="agree"))


def said(body: str = "ทางแคบไป", **more: Any) -> Any:
    return read_comment({"body": body, **more}, guest="name" in more, stances=True)


def post(make: Make, thread: Any, actor: Any, **more: Any) -> Any:
    return service.post_comment(make.tx, actor, thread_by(make.tx, thread.public_id), said(**more))


def test_the_first_comment_of_a_thread_takes_number_one(make: Make, thread: Any) -> None:
    posted = post(make, thread, make.actor(make.user()))
    assert comment_of(make.tx, posted.comment_id).seq == 1
    assert events.current_seq(make.tx, thread.stream_id) == 1


def test_a_guest_gets_a_receipt_and_a_member_does_not(make: Make, thread: Any) -> None:
    guest = post(make, thread, NOBODY, name="ป้าแดง", consent=True)
    member = post(make, thread, make.actor(make.user()))
    assert (guest.receipt or "").startswith("สล-")
    assert member.receipt is None


def test_a_guest_without_consent_or_name_is_told_both_at_once() -> None:
    with pytest.raises(Invalid) as told:
        read_comment({"body": "ก", "name": "", "consent": ""}, guest=True, stances=False)
    assert set(told.value.errors) == {"name", "consent"}


@pytest.mark.parametrize(
    "body",
    ["", "   \n", "\u200b\u2060", "ก" * 10_001, "ก" + "\u0301" * 9, "\ud800"],
    ids=["empty", "blank", "invisible", "too long", "nine marks", "surrogate"],
)
def test_a_body_that_cannot_be_taken_names_its_field(body: str) -> None:
    with pytest.raises(Invalid) as told:
        said(body)
    assert set(told.value.errors) == {"body"}


def test_a_body_is_stored_as_written_after_normalisation(make: Make, thread: Any) -> None:
    raw = "<script>alert(1)</script> ก\u200bข\r\n\u202eabc"
    posted = post(make, thread, make.actor(make.user()), body=raw)
    view = comment_of(make.tx, posted.comment_id)
    assert view.body == "<script>alert(1)</script> กข\n\u202eabc"
    assert "<script" not in view.html


def test_a_reply_to_a_reply_stands_on_the_second_level_and_quotes(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    first = post(make, thread, actor)
    second = post(make, thread, actor, parent=first.public_id)
    third = post(make, thread, actor, body="ตอบลึก", parent=second.public_id)
    view = comment_of(make.tx, third.comment_id)
    assert view.parent == first.public_id
    assert view.reply_to == second.public_id
    assert view.quoted_text == "ทางแคบไป"
    assert comment_of(make.tx, second.comment_id).quoted_text is None


def test_a_reply_to_another_threads_comment_is_refused(make: Make, thread: Any) -> None:
    other = thread_by(make.tx, make.thread())
    elsewhere = post(make, other, make.actor(make.user()))
    with pytest.raises(Invalid) as told:
        post(make, thread, make.actor(make.user()), parent=elsewhere.public_id)
    assert set(told.value.errors) == {"parent"}


def test_nobody_speaks_in_a_closed_consultation(make: Make, thread: Any) -> None:
    make.close(thread)
    with pytest.raises(Denied) as why:
        post(make, thread, make.actor(make.user()))
    assert why.value.reason == "closed"


def test_a_guest_is_asked_to_sign_in_where_the_agency_wants_accounts(make: Make) -> None:
    agency = make.agency(guests=False)
    thread = thread_by(make.tx, make.thread(make.consultation(agency)))
    with pytest.raises(Denied) as why:
        post(make, thread, NOBODY, name="ป้าแดง", consent=True)
    assert why.value.sign_in


def test_an_officer_speaks_with_the_agencys_seal(make: Make, thread: Any) -> None:
    officer = make.member_of(thread)
    view = comment_of(make.tx, post(make, thread, make.actor(officer)).comment_id)
    assert view.voice == "agency"
    assert view.office == thread.agency_name


def test_a_paper_voice_never_speaks_for_the_agency_nor_by_name(make: Make, thread: Any) -> None:
    officer = make.member_of(thread)
    posted = post(make, thread, make.actor(officer), channel="paper", stance="for")
    view = comment_of(make.tx, posted.comment_id)
    assert (view.voice, view.name, view.office, view.author_id) == ("paper", None, None, None)
    assert thread_by(make.tx, thread.public_id).spread == {"paper": {"for": 1}}


def test_a_citizen_cannot_enter_a_paper_voice(make: Make, thread: Any) -> None:
    with pytest.raises(Denied):
        post(make, thread, make.actor(make.user()), channel="paper")


def test_a_persons_latest_stance_counts_once(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    post(make, thread, actor, stance="for")
    post(make, thread, actor, stance="against")
    assert thread_by(make.tx, thread.public_id).spread["member"] == {"for": 0, "against": 1}


def test_withdrawing_takes_the_text_from_everywhere(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    posted = post(make, thread, actor, body="ลับมาก")
    edit = read_edit({"body": "ลับ", "version": "1"})
    service.edit_comment(make.tx, actor, comment_of(make.tx, posted.comment_id), edit)
    service.withdraw_comment(make.tx, actor, posted.comment_id)
    make.tx.flush()
    row = make.tx.get_one(Comment, posted.comment_id)
    assert (row.body, row.body_html, row.taken_back) == ("", "", True)
    assert make.tx.execute(select(Revision)).first() is None
    told = changed_since(make.tx, thread.id, 0, 10)
    assert [(c.state, c.body, c.name) for c in told] == [("withdrawn", "", None)]


def test_what_was_withdrawn_never_comes_back(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    posted = post(make, thread, actor)
    service.withdraw_comment(make.tx, actor, posted.comment_id)
    with pytest.raises(Conflict):
        set_state(make.tx, posted.comment_id, "public")


def test_only_the_author_withdraws(make: Make, thread: Any) -> None:
    posted = post(make, thread, make.actor(make.user()))
    for other in (NOBODY, make.actor(make.user("คนอื่น")), make.actor(make.member_of(thread))):
        with pytest.raises(Denied):
            service.withdraw_comment(make.tx, other, posted.comment_id)


@pytest.mark.parametrize("state", ["hidden", "redacted", "removed"])
def test_a_hidden_comment_leaves_counters_feeds_and_live_without_its_text(make: Make, thread: Any, state: str) -> None:
    posted = post(make, thread, make.actor(make.user()), body="จะถูกซ่อน")
    set_state(make.tx, posted.comment_id, state)
    shown = thread_by(make.tx, thread.public_id)
    assert shown.comments == 0
    view = changed_since(make.tx, thread.id, 1, 10)[0]
    assert (view.body, view.html, view.name, view.seq) == ("", "", None, 2)
    set_state(make.tx, posted.comment_id, "public")
    assert thread_by(make.tx, thread.public_id).comments == 1
    assert comment_of(make.tx, posted.comment_id).body == "จะถูกซ่อน"


def test_two_people_saving_one_comment_conflict_with_the_present_text(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    comment = comment_of(make.tx, post(make, thread, actor).comment_id)
    service.edit_comment(make.tx, actor, comment, read_edit({"body": "ใหม่", "version": "1"}))
    with pytest.raises(Conflict) as told:
        service.edit_comment(make.tx, actor, comment, read_edit({"body": "ช้าไป", "version": "1"}))
    assert told.value.current["body"] == "ใหม่"


def test_a_program_that_saves_too_late_gets_the_present_comment_as_anybody_may_read_it(
    client: Any, make: Make, thread: Any
) -> None:
    user = make.user()
    comment = comment_of(make.tx, post(make, thread, make.actor(user)).comment_id)
    late = client.patch(
        f"/api/v1/comments/{comment.public_id}",
        json={"body": "ช้าไป", "version": 7},
        headers={"Authorization": f"Bearer {make.token(user)}"},
    )
    assert late.status_code == 409
    assert late.json["current"] == client.get(f"/api/v1/comments/{comment.public_id}").json


def test_an_edit_that_removes_personal_data_leaves_no_earlier_text(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    comment = comment_of(make.tx, post(make, thread, actor, body="โทร 0812345678").comment_id)
    comment = service.edit_comment(make.tx, actor, comment, read_edit({"body": "โทรมา 081", "version": "1"}))
    service.edit_comment(make.tx, actor, comment, read_edit({"body": "โทรมา", "version": "2", "personal_data": "1"}))
    rows = make.tx.execute(select(Revision)).scalars().all()
    assert {(r.body, r.text_gone) for r in rows} == {("", True)}


def live(make: Make, name: str) -> list[dict[str, Any]]:
    """What is told live of the events with this name."""
    rows = make.tx.execute(select(events.Event).where(events.Event.name == name).order_by(events.Event.id))
    return [told.payload for told in views.live_comments(make.tx, list(rows.scalars()))]


def test_whoever_still_shows_personal_data_is_told_to_drop_it(client: Any, make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    comment = comment_of(make.tx, post(make, thread, actor, body="โทร 0812345678").comment_id)
    comment = service.edit_comment(make.tx, actor, comment, read_edit({"body": "โทรมาได้ 08", "version": "1"}))
    caught_up = f"/api/v1/threads/{thread.public_id}/comments?since_seq=0"
    assert not live(make, "comment.edited")[0].get("purged")
    assert not client.get(caught_up).json["items"][0].get("purged")
    edit = read_edit({"body": "โทรมาได้", "version": "2", "personal_data": "1"})
    comment = service.edit_comment(make.tx, actor, comment, edit)
    told = live(make, "comment.edited")[-1]
    assert (told["purged"], told["version"], told["body"]) == (True, 3, "โทรมาได้")
    # Also whoever was away, or asks without a socket, and also when it was edited again meanwhile.
    service.edit_comment(make.tx, actor, comment, read_edit({"body": "โทรมา", "version": "3"}))
    assert client.get(caught_up).json["items"][0]["purged"] is True
    missed, _ = views.missed(make.tx, actor, thread.public_id, 1)
    assert [m["purged"] for m in missed] == [True]


def test_what_was_taken_back_needs_no_other_word(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    comment = comment_of(make.tx, post(make, thread, actor, body="โทร 0812345678").comment_id)
    service.edit_comment(make.tx, actor, comment, read_edit({"body": "โทรมา", "version": "1", "personal_data": "1"}))
    service.withdraw_comment(make.tx, actor, comment.id)
    told = live(make, "comment.withdrawn")[-1]
    assert (told["state"], told["html"], "purged" in told) == ("withdrawn", None, False)


def test_reacting_twice_counts_once(make: Make, thread: Any) -> None:
    reader = make.actor(make.user("ผู้อ่าน"))
    comment = comment_of(make.tx, post(make, thread, make.actor(make.user())).comment_id)
    service.react(make.tx, reader, comment, "useful", True)
    assert service.react(make.tx, reader, comment, "useful", True).useful == 1
    assert service.react(make.tx, reader, comment, "useful", False).useful == 0
    assert service.react(make.tx, reader, comment, "useful", False).useful == 0


def test_a_guest_cannot_react(make: Make, thread: Any) -> None:
    comment = comment_of(make.tx, post(make, thread, make.actor(make.user())).comment_id)
    with pytest.raises(Denied):
        service.react(make.tx, NOBODY, comment, "useful", True)


@pytest.mark.parametrize("sort", listing.SORTS)
def test_every_comment_is_on_exactly_one_page(make: Make, thread: Any, sort: str) -> None:
    stances = ("for", "against", "unsure", None)
    made = [post(make, thread, make.actor(make.user(f"คน {n}")), stance=stances[n % 4]).public_id for n in range(23)]
    make.tx.execute(Comment.__table__.update().where(Comment.no % 3 == 0).values(useful=5))
    seen, after = [], None
    while True:
        page = listing.branches(make.tx, thread.id, sort, after, 5)
        seen += [b.comment.public_id for b in page.rows]
        if page.next is None:
            break
        after = page.next
    assert sorted(seen) == sorted(made)


def test_a_forged_cursor_is_refused(make: Make, thread: Any) -> None:
    for after in ("x", "e30", "W10", "WyJhIl0", "a" * 500):
        with pytest.raises(Invalid):
            listing.branches(make.tx, thread.id, "newest", after)


def test_a_deleted_account_keeps_its_posts_without_a_name(make: Make, thread: Any) -> None:
    user = make.user()
    comment = comment_of(make.tx, post(make, thread, make.actor(user), stance="for").comment_id)
    erasure.erase(make.tx, user.id, False)
    assert comment_of(make.tx, comment.id).is_shown
    assert thread_by(make.tx, thread.public_id).spread["member"]["for"] == 0


def test_a_mention_names_only_people_who_spoke_here(make: Make, thread: Any) -> None:
    from forum.commons.comments.models import Mention

    somsri, stranger = make.user("สมศรี บ้านท่าน้ำ"), make.user("คนนอก")
    post(make, thread, make.actor(somsri))
    post(make, thread, make.actor(make.user("กิตติ")), body="@สมศรี บ้านท่าน้ำ กับ @คนนอก ว่าไง")
    assert make.tx.execute(select(Mention.user_id)).scalars().all() == [somsri.id]
    assert stranger.id


def test_a_comment_posted_over_http_is_on_the_page_at_once(client: Any, make: Make, thread: Any) -> None:
    key = {"Idempotency-Key": "0123456789abcdef0123"}
    sent = {"body": "พูดได้เลย", "name": "ป้าแดง", "consent": True}
    one = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=sent, headers=key)
    two = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=sent, headers=key)
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json["id"] == two.json["id"]
    assert one.json["receipt"] != two.json["receipt"]
    other = client.post(f"/api/v1/threads/{thread.public_id}/comments", json=sent | {"body": "อื่น"}, headers=key)
    assert other.status_code == 422
    page = client.get(f"/t/{thread.public_id}").text
    assert "พูดได้เลย" in page
    assert "ไม่ได้ยืนยันตัวตน" in page
    assert client.get(f"/r/{one.json['receipt']}").status_code == 404
    assert "พูดได้เลย" in client.get(f"/r/{two.json['receipt']}").text


def test_a_guest_posts_edits_and_withdraws_without_javascript(client: Any, make: Make, thread: Any) -> None:
    token = token_of(client.get(f"/t/{thread.public_id}").text)
    form = {"csrf_token": token, "body": "ครั้งแรก", "name": "ลุงมี", "consent": "1"}
    sent = client.post(f"/t/{thread.public_id}/comments", data=form, follow_redirects=True)
    assert sent.status_code == 200
    assert "สล-" in sent.text
    item = make.tx.execute(select(Item).where(Item.kind == "comment")).scalar_one()
    again = client.post(f"/t/{thread.public_id}/comments", data=form)
    assert again.status_code == 303
    assert len(make.tx.execute(select(Item).where(Item.kind == "comment")).all()) == 1
    code = client.get(again.headers["Location"]).text.partition('class="code">')[2][:12]
    path = "/r/" + code
    assert "ครั้งแรก" in client.get(path).text
    changed = client.post(
        path + "/edit", data={"csrf_token": token, "body": "ครั้งสอง", "version": "1"}, follow_redirects=True
    )
    assert "ครั้งสอง" in changed.text
    gone = client.post(path + "/withdraw", data={"csrf_token": token}, follow_redirects=True)
    assert "ครั้งสอง" not in gone.text
    assert comment_by(make.tx, item.public_id).state in ("withdrawn", "public")


def token_of(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_a_form_without_our_token_changes_nothing(client: Any, make: Make, thread: Any) -> None:
    form = {"csrf_token": "x", "body": "ก", "name": "ลุงมี", "consent": "1"}
    assert client.post(f"/t/{thread.public_id}/comments", data=form).status_code == 403
    assert make.tx.execute(select(Thread.comments).where(Thread.item_id == thread.id)).scalar_one() == 0


def test_a_form_with_mistakes_comes_back_with_what_was_typed(client: Any, thread: Any) -> None:
    token = token_of(client.get(f"/t/{thread.public_id}").text)
    back = client.post(f"/t/{thread.public_id}/comments", data={"csrf_token": token, "body": "เก็บไว้นะ", "name": ""})
    assert back.status_code == 422
    assert "เก็บไว้นะ" in back.text


def test_whom_a_comment_names_is_said_below_it(client: Any, make: Make, thread: Any) -> None:
    post(make, thread, make.actor(make.user("สมศรี บ้านท่าน้ำ")))
    post(make, thread, make.actor(make.user("กิตติ")), body="ขอบคุณ @สมศรี บ้านท่าน้ำ")
    assert '<bdi class="nb">สมศรี บ้านท่าน้ำ</bdi>' in client.get(f"/t/{thread.public_id}").text


def test_a_guest_may_not_speak_as_an_office(make: Make, thread: Any) -> None:
    from forum.core.accounts.service import reserve_names

    reserve_names(make.tx, thread.agency_name)
    with pytest.raises(Invalid) as told:
        post(make, thread, NOBODY, name=thread.agency_name, consent=True)
    assert set(told.value.errors) == {"name"}


def test_a_hidden_thread_is_gone_with_all_its_doors(client: Any, make: Make, thread: Any) -> None:
    posted = post(make, thread, make.actor(make.user()), body="อยู่ในหัวข้อที่ถูกซ่อน")
    set_state(make.tx, thread.id, "hidden")
    doors = [
        f"/t/{thread.public_id}",
        f"/t/{thread.public_id}/new?since=0",
        f"/comments/{posted.public_id}/history",
        f"/api/v1/threads/{thread.public_id}",
        f"/api/v1/threads/{thread.public_id}/comments",
        f"/api/v1/threads/{thread.public_id}/comments?since_seq=0",
        f"/api/v1/comments/{posted.public_id}",
        f"/api/v1/items/{posted.public_id}",
    ]
    answers = [client.get(door) for door in doors]
    assert [a.status_code for a in answers] == [410] * len(doors)
    assert all("อยู่ในหัวข้อที่ถูกซ่อน" not in a.text and thread.title not in a.text for a in answers)


def test_taking_a_comment_back_takes_its_stance_back_too(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    post(make, thread, actor, stance="for")
    second = post(make, thread, actor, stance="against")
    service.withdraw_comment(make.tx, actor, second.comment_id)
    assert thread_by(make.tx, thread.public_id).spread["member"] == {"for": 1, "against": 0}


def test_recounting_after_everything_finds_nothing_wrong(make: Make, thread: Any) -> None:
    from forum.commons.comments.recount import recount

    actor, reader = make.actor(make.user()), make.actor(make.user("ผู้อ่าน"))
    first = post(make, thread, actor, stance="for")
    guest = post(make, thread, NOBODY, name="ลุงมี", consent=True, stance="unsure", parent=first.public_id)
    service.react(make.tx, reader, comment_of(make.tx, first.comment_id), "useful", True)
    service.withdraw_comment(make.tx, NOBODY, guest.comment_id, True)
    set_state(make.tx, first.comment_id, "hidden")
    make.tx.flush()
    assert recount(make.tx) == 0
    make.tx.execute(Comment.__table__.update().values(useful=9, replies=9))
    assert recount(make.tx) == 4


def test_an_edit_takes_the_next_number_of_the_thread(make: Make, thread: Any) -> None:
    actor = make.actor(make.user())
    first = comment_of(make.tx, post(make, thread, actor).comment_id)
    post(make, thread, actor)
    edited = service.edit_comment(make.tx, actor, first, read_edit({"body": "แก้แล้ว", "version": "1"}))
    assert edited.seq == 3
    assert events.current_seq(make.tx, thread.stream_id) == 3


def test_a_reaction_takes_no_number_and_tells_the_present_one(make: Make, thread: Any) -> None:
    from forum.commons.comments import views
    from forum.kernel.events import Event

    comment = comment_of(make.tx, post(make, thread, make.actor(make.user())).comment_id)
    service.react(make.tx, make.actor(make.user("ผู้อ่าน")), comment, "useful", True)
    told = make.tx.execute(select(Event).where(Event.name == "reaction.changed")).scalars().all()
    assert [e.seq for e in told] == [None]
    live = views.live_reactions(make.tx, list(told))
    assert [(said.payload["seq"], said.payload["useful"]) for said in live] == [(1, 1)]


def test_whoever_speaks_from_a_page_agrees_once_that_it_becomes_public(client: Any, make: Make, thread: Any) -> None:
    from forum.core.accounts.queries import has_consent

    user = make.user()
    make.sign_in(client, user)
    path = f"/api/v1/threads/{thread.public_id}/comments"
    headers = {"X-CSRFToken": token_of(client.get(f"/t/{thread.public_id}").text)}
    refused = client.post(path, json={"body": "ยังไม่ยอม"}, headers=headers)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["consent"])
    assert client.post(path, json={"body": "ยอมแล้ว", "consent": True}, headers=headers).status_code == 201
    assert has_consent(make.tx, user.id, "public_posting")
    assert client.post(path, json={"body": "ไม่ถามซ้ำ"}, headers=headers).status_code == 201


def test_a_form_without_the_tick_comes_back_and_stores_nothing(client: Any, make: Make, thread: Any) -> None:
    make.sign_in(client, make.user())
    token = token_of(client.get(f"/t/{thread.public_id}").text)
    back = client.post(f"/t/{thread.public_id}/comments", data={"csrf_token": token, "body": "ยังอยู่ไหม"})
    assert back.status_code == 422
    assert "ยังอยู่ไหม" in back.text
    assert thread_by(make.tx, thread.public_id).comments == 0
