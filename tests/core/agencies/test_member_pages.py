"""Pages about who works in an agency, and the door by which invited people come in; no script is needed."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.models import User
from forum.core.accounts.service import hash_password
from forum.core.agencies import invitations, queries
from forum.core.agencies.letters import invitation as letter_of
from forum.core.agencies.models import Agency, Invitation, MemberChange
from forum.kernel import clock, throttle
from forum.kernel.events import Event
from forum.kernel.mail import Mail
from forum.observers.realtime import service as live
from tests.counting import Count, statements  # noqa: F401
from tests.factories import Make
from tests.security.shown import Shown

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
Limits = Callable[..., None]


class Person:
    """Somebody at a browser."""

    def __init__(self, app: Flask, make: Make, user: User | None):
        self.client: FlaskClient = app.test_client()
        if user is not None:
            make.sign_in(self.client, user)

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, at: str | None = None, **data: str) -> Any:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(at or path).text)
        assert found, at or path
        return self.client.post(path, data=data | {"csrf_token": found[1]})


@pytest.fixture
def sits(app: Flask, make: Make) -> Callable[..., Person]:
    return lambda user=None: Person(app, make, user)


Sits = Callable[..., Person]


@pytest.fixture
def agency(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def boss(make: Make, agency: Agency) -> User:
    return make.member(agency, "owner", make.user("ประเสริฐ"))


@pytest.fixture
def owner(sits: Sits, boss: User) -> Person:
    return sits(boss)


@pytest.fixture
def here(agency: Agency) -> str:
    return f"/desk/agency/{agency.slug}/members"


@pytest.fixture
def limits(app: Flask) -> Iterator[Limits]:
    off = dict.fromkeys(throttle.DEFAULTS, "off")
    yield lambda **some: throttle.configure(off | some)
    throttle.configure(off)


def invited(owner: Person, here: str, **typed: str) -> Any:
    given = {"role": "officer", "way": "letter", "email": "somying@example.go.th"}
    return owner.post(f"{here}/invite", **(given | typed))


def shown(owner: Person, made: Any) -> Any:
    """The page that a form led to."""
    assert made.status_code == 303, made.status
    return owner.get(made.headers["Location"])


def printed(owner: Person, here: str, **typed: str) -> str:
    """The code on the sheet."""
    sheet = shown(owner, invited(owner, here, way="code", **typed))
    found = re.search(r'class="code num">([0-9A-Z-]{14})<', sheet.text)
    assert found
    return found[1]


def link_in_letter(tx: Session) -> str:
    queued = tx.execute(select(Mail).where(Mail.kind == "invitation").order_by(Mail.id.desc())).scalars().first()
    letter = letter_of(tx, None, queued.ids if queued else {})
    found = re.search(r"http://localhost(/join/\S+)", letter.text if letter else "")
    assert found
    return found[1]


def test_an_owner_invites_by_letter_and_whoever_opens_it_comes_in_once(
    owner: Person, sits: Sits, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    asked = invited(owner, here)
    assert (asked.status_code, asked.headers["Location"]) == (303, here)
    shown = owner.get(here).text
    assert "จะส่งคำเชิญไปที่ somying@example.go.th" in shown
    link, new = link_in_letter(tx), make.user("นกน้ำ")
    page = sits(new).get(link)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert agency.name_th in page.text
    assert "เจ้าหน้าที่" in page.text
    came = sits(new).post(link)
    assert (came.status_code, came.headers["Location"]) == (303, "/desk")
    assert queries.roles_of(tx, new.id) == {(agency.id, "officer")}
    after = owner.get(here).text
    assert "somying@example.go.th" not in after
    assert "นกน้ำ" in after
    over = sits(make.user("อีกคน")).get(link)
    assert over.status_code == 410
    assert "ขอคำเชิญใหม่จากหัวหน้าทีม" in over.text


def test_who_is_not_signed_in_signs_in_and_comes_back(
    owner: Person, here: str, tx: Session, sits: Sits, make: Make
) -> None:
    invited(owner, here)
    link, guest = link_in_letter(tx), sits()
    page = guest.get(link).text
    ways = re.findall(r'href="(/(?:login|signup)\?next=[^"]+)"', re.search(r"<main.*</main>", page, re.S)[0])  # type: ignore[index]
    assert ways == [f"/login?next={link}", f"/signup?next={link}"]
    assert f'action="{link}"' not in page
    assert guest.post(link, at="/login").status_code == 401
    person = make.user(password_hash=hash_password("เรือข้ามฟากตอนเช้า"))
    typed = {"email": str(person.email), "password": "เรือข้ามฟากตอนเช้า", "next": link}
    entered = guest.post("/login", at=ways[0], **typed)
    assert entered.headers["Location"] == link
    assert f'action="{link}"' in guest.get(link).text
    assert tx.execute(select(Invitation.used_at)).scalar_one() is None


def test_mail_scanners_that_open_the_link_use_nothing_up(
    owner: Person, here: str, tx: Session, app: Flask, sits: Sits, make: Make
) -> None:
    invited(owner, here)
    link = link_in_letter(tx)
    for agent in ("Mozilla/5.0", "GoogleImageProxy", "curl/8"):
        assert app.test_client().get(link, headers={"User-Agent": agent}).status_code == 200
        assert app.test_client().head(link).status_code == 200
    assert tx.execute(select(Invitation.used_at)).scalar_one() is None
    assert sits(make.user()).post(link).status_code == 303


def test_a_code_is_shown_once_on_a_sheet_to_print_and_opens_once(
    owner: Person, sits: Sits, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    made = invited(owner, here, role="moderator", way="code", email="")
    assert "HttpOnly" in made.headers["Set-Cookie"], "no script reads what the next page shows"
    sheet = shown(owner, made)
    assert sheet.headers["Cache-Control"] == "no-store"
    assert 'media="print"' in sheet.text
    assert "Max-Age=0" in sheet.headers["Set-Cookie"], "what was shown is gone"
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", re.sub("<li>.*", "", sheet.text))
    assert code
    assert code[0] not in owner.get(here).text
    new = make.user("นกน้ำ")
    led = sits(new).post("/join", code=code[0].lower().replace("-", " "))
    assert led.status_code == 303
    came = sits(new).post(led.headers["Location"])
    assert came.headers["Location"] == f"/a/{agency.slug}"
    assert queries.roles_of(tx, new.id) == {(agency.id, "moderator")}
    again = sits(make.user("อีกคน")).post("/join", code=code[0])
    assert again.status_code == 422
    assert "ขอรหัสใหม่จากหัวหน้าทีม" in again.text


def test_loading_the_page_of_a_code_again_shows_none_and_makes_none(
    owner: Person, here: str, tx: Session, agency: Agency
) -> None:
    made = invited(owner, here, way="code")
    sheet = shown(owner, made)
    code = re.search(r'class="code num">([0-9A-Z-]{14})<', sheet.text)
    assert code
    again = owner.get(made.headers["Location"])
    assert (again.status_code, again.headers["Cache-Control"]) == (200, "no-store")
    assert code[1] not in again.text
    assert "รหัสนี้ขึ้นให้เห็นไปแล้วครั้งเดียว" in again.text
    assert len(tx.execute(select(Invitation)).all()) == 1


def test_another_code_ends_the_one_that_nobody_wrote_down(
    owner: Person, sits: Sits, here: str, tx: Session, make: Make
) -> None:
    made = invited(owner, here, way="code", role="reviewer")
    first = re.search(r'class="code num">([0-9A-Z-]{14})<', shown(owner, made).text)
    anew = owner.post(f"{made.headers['Location']}/again", at=made.headers["Location"])
    second = re.search(r'class="code num">([0-9A-Z-]{14})<', shown(owner, anew).text)
    assert first
    assert second
    assert sits(make.user("ก")).post("/join", code=first[1]).status_code == 422
    assert sits(make.user("ข")).post("/join", code=second[1]).status_code == 303
    roles = tx.execute(select(Invitation.role).where(Invitation.withdrawn_at.is_(None))).scalars().all()
    assert list(roles) == ["reviewer"]
    late = owner.post(f"{made.headers['Location']}/again", at=here)
    assert (late.status_code, late.headers["Location"]) == (303, here), "the first is over: nothing more is made"
    assert len(tx.execute(select(Invitation)).all()) == 2
    assert owner.get(made.headers["Location"]).headers["Location"] == here


def test_the_page_of_a_code_is_its_own_agencys_and_no_letters(
    owner: Person, sits: Sits, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    theirs = make.agency()
    stranger = sits(make.member(theirs, "owner", make.user("คนอื่น")))
    made = invited(owner, here, way="code").headers["Location"]
    public_id = made.rpartition("/")[2]
    elsewhere = f"/desk/agency/{theirs.slug}/members/invitations/{public_id}"
    assert stranger.get(made).status_code == 403
    assert stranger.get(elsewhere).status_code == 404
    assert stranger.post(f"{elsewhere}/again", at=f"/desk/agency/{theirs.slug}/members").status_code == 404
    assert sits().get(made).headers["Location"].startswith("/login")
    invited(owner, here)
    letter = tx.execute(select(Invitation.public_id).where(Invitation.email.is_not(None))).scalar_one()
    assert owner.get(f"{here}/invitations/{letter}").status_code == 404


def test_wrong_used_and_expired_codes_are_answered_in_the_same_words(
    owner: Person, sits: Sits, here: str, make: Make, tx: Session
) -> None:
    used, old, back = (printed(owner, here) for _ in range(3))
    rows = tx.execute(select(Invitation).order_by(Invitation.id)).scalars().all()
    assert sits(make.user()).post(f"/join/{invitations.token_of(rows[0])}").status_code == 303
    owner.post(f"{here}/invitations/{rows[2].public_id}/withdraw", at=here)
    rows[1].expires_at = clock.now() - timedelta(seconds=1)
    tx.commit()
    said = {
        (answer.status_code, tuple(Shown(answer.text).mistakes.items()))
        for answer in (sits().post("/join", code=code) for code in (used, old, back, "0000-0000-0000", "x", "ก" * 30))
    }
    assert len(said) == 1


def test_guessing_codes_is_slowed_down_and_right_ones_are_not_counted(
    owner: Person, sits: Sits, here: str, limits: Limits
) -> None:
    limits(join_codes="3/hour")
    code, guest = printed(owner, here), sits()
    for _ in range(5):
        assert guest.post("/join", code=code).status_code == 303
    for _ in range(3):
        assert guest.post("/join", code="0000-0000-0000").status_code == 422
    slowed = guest.post("/join", code=code)
    assert slowed.status_code == 429
    assert int(slowed.headers["Retry-After"]) > 0


def test_many_addresses_guessing_are_slowed_down_together(owner: Person, here: str, sits: Sits, limits: Limits) -> None:
    limits(site_join_codes="2/hour")
    for _ in range(2):
        assert sits().post("/join", code="0000-0000-0000").status_code == 422
    assert sits().post("/join", code="0000-0000-0000").status_code == 429


def test_one_owner_cannot_flood_strangers_with_letters(owner: Person, here: str, tx: Session, limits: Limits) -> None:
    limits(invitations="2/hour")
    for n in range(2):
        assert invited(owner, here, email=f"a{n}@example.org").status_code == 303
    assert invited(owner, here, email="a3@example.org").status_code == 429
    limits(mails="1/hour")
    assert invited(owner, here, email="b@example.org").status_code == 303
    row = tx.execute(select(Invitation).order_by(Invitation.id.desc())).scalars().first()
    owner.post(f"{here}/invitations/{row.public_id if row else ''}/withdraw", at=here)
    assert invited(owner, here, email="b@example.org").status_code == 429


def test_an_owner_takes_an_invitation_back(owner: Person, sits: Sits, here: str, make: Make, tx: Session) -> None:
    invited(owner, here)
    link, row = link_in_letter(tx), tx.execute(select(Invitation)).scalar_one()
    back = f"{here}/invitations/{row.public_id}/withdraw"
    assert f'action="{back}"' in owner.get(here).text
    assert owner.post(back, at=here).headers["Location"] == here
    assert "ยกเลิกคำเชิญแล้ว" in owner.get(here).text
    for reader in (sits(), sits(make.user())):
        page = reader.get(link)
        assert page.status_code == 410
        assert "ขอคำเชิญใหม่" in page.text
    late = sits(make.user("นกอีกตัว"))
    assert late.client.post(link, data={"csrf_token": "x"}).status_code == 403
    assert late.post(link, at="/join").status_code == 410


def test_taking_back_what_was_used_says_so(owner: Person, sits: Sits, here: str, make: Make, tx: Session) -> None:
    invited(owner, here)
    row = tx.execute(select(Invitation)).scalar_one()
    sits(make.user()).post(link_in_letter(tx))
    owner.post(f"{here}/invitations/{row.public_id}/withdraw", at=f"{here}/invite")
    assert "มีคนรับคำเชิญนี้ไปแล้ว" in owner.get(here).text


@pytest.mark.parametrize("wrong", ["x", "0" * 50, "%2e%2e", "<script>", "ก"])
def test_a_link_that_was_not_copied_whole_is_told_kindly(sits: Sits, make: Make, wrong: str) -> None:
    page = sits(make.user()).get(f"/join/{wrong}")
    assert page.status_code == 404
    assert "คัดลอกมาไม่ครบ" in page.text


def test_an_invitation_opened_by_a_colleague_is_not_used_up(
    owner: Person, sits: Sits, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    invited(owner, here, role="owner")
    link, colleague = link_in_letter(tx), make.member(agency)
    page = sits(colleague).get(link)
    assert "คุณอยู่ในหน่วยงานนี้อยู่แล้ว" in page.text
    assert "รับคำเชิญ</span>" not in page.text
    pressed = sits(colleague).post(link)
    assert pressed.status_code == 409
    assert "คุณอยู่ในหน่วยงานนี้อยู่แล้ว" in pressed.text
    assert queries.roles_of(tx, colleague.id) == {(agency.id, "officer")}
    assert sits(make.user()).post(link).status_code == 303


def test_inviting_the_address_of_a_colleague_tells_the_owner_nothing(
    owner: Person, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    colleague = make.member(agency)
    known, unknown = (invited(owner, here, email=str(e)) for e in (colleague.email, "new@example.org"))
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_an_expired_link_says_what_to_do(owner: Person, sits: Sits, here: str, make: Make, tx: Session) -> None:
    invited(owner, here)
    link, reader = link_in_letter(tx), make.user()
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1), tick=False):
        page = sits().get(link)
        assert page.status_code == 410
        assert "ขอคำเชิญใหม่" in page.text
        assert sits(reader).post(link, at="/join").status_code == 410
    assert queries.roles_of(tx, reader.id) == frozenset()


def test_nobodys_address_is_shown_but_an_open_invitations(
    owner: Person, here: str, make: Make, agency: Agency, boss: User
) -> None:
    colleague = make.member(agency, "officer", make.user("นกน้ำ"))
    invited(owner, here)
    for path in (here, f"{here}/invite", f"{here}/{colleague.public_id}/officer"):
        page = owner.get(path).text
        assert str(colleague.email) not in page
        assert str(boss.email) not in page
    assert "somying@example.go.th" in owner.get(here).text


def test_a_role_is_changed_and_taken_away_with_a_reason_that_owners_read(
    owner: Person, here: str, make: Make, tx: Session, agency: Agency
) -> None:
    colleague = make.member(agency, "officer", make.user("นกน้ำ"))
    at = f"{here}/{colleague.public_id}/officer"
    refused = owner.post(at, to="reviewer", reason="  ")
    assert refused.status_code == 422
    assert 'value="reviewer" checked' in re.sub(r' id="[^"]*"', "", refused.text)
    assert queries.roles_of(tx, colleague.id) == {(agency.id, "officer")}
    assert owner.post(at, to="reviewer", reason="ย้ายไปกองคลัง").headers["Location"] == here
    page = owner.get(here).text
    for said in ("นกน้ำ เป็นผู้ทบทวนคำตัดสินแล้ว", "เปลี่ยนจากเจ้าหน้าที่เป็นผู้ทบทวนคำตัดสิน", "ย้ายไปกองคลัง", "เปลี่ยนโดย"):
        assert said in page, said
    assert owner.get(at).status_code == 404
    assert owner.post(f"{here}/{colleague.public_id}/reviewer", to="none", reason="เกษียณ").status_code == 303
    assert "เลิกเป็นผู้ทบทวนคำตัดสิน" in owner.get(here).text
    assert queries.roles_of(tx, colleague.id) == frozenset()


def test_the_last_owner_is_told_to_find_another_first_and_what_was_typed_stays(
    owner: Person, here: str, make: Make, boss: User, tx: Session, agency: Agency
) -> None:
    at = f"{here}/{boss.public_id}/owner"
    for to in ("none", "officer"):
        refused = owner.post(at, to=to, reason="ขอพัก")
        assert refused.status_code == 422
        assert "ชวนหรือตั้งหัวหน้าทีมอีกคนก่อน" in refused.text
        assert "ขอพัก</textarea>" in refused.text
    make.member(agency, "owner")
    gone = owner.post(at, to="none", reason="ขอพัก")
    assert (gone.status_code, gone.headers["Location"]) == (303, f"/a/{agency.slug}")
    assert owner.get(here).status_code == 403
    assert owner.get("/desk").status_code == 403


def test_who_is_removed_finds_every_page_of_the_desk_closed_at_once(
    owner: Person, sits: Sits, here: str, make: Make, agency: Agency
) -> None:
    colleague = make.member(agency)
    draft = make.consultation(agency, state="draft")
    desk = sits(colleague)
    pages = ("/desk", f"/desk/{draft.slug}", "/desk/new")
    assert [desk.get(path).status_code for path in pages] == [200, 200, 200]
    token = re.search(r'csrf_token" value="([^"]+)', desk.get("/desk/new").text)
    assert token
    owner.post(f"{here}/{colleague.public_id}/officer", to="none", reason="ย้าย")
    assert [desk.get(path).status_code for path in pages] == [403, 403, 403]
    sent = desk.client.post(
        f"/desk/{draft.slug}/setup/question", data={"csrf_token": token[1], "title": "x", "version": "1"}
    )
    assert sent.status_code == 403


def test_who_is_removed_or_given_another_role_has_their_sockets_ended(
    app: Flask, owner: Person, here: str, make: Make, agency: Agency, tx: Session
) -> None:
    people = [make.member(agency) for _ in range(3)]
    tokens = [make.token(one) for one in people]
    tx.commit()
    pages = [app.extensions["socketio"].test_client(app, auth={"token": token}) for token in tokens]
    owner.post(f"{here}/{people[0].public_id}/officer", to="none", reason="ย้าย")
    owner.post(f"{here}/{people[1].public_id}/officer", to="reviewer", reason="ย้าย")
    live.current().tell(tx.execute(select(Event)).scalars().all())
    assert [page.is_connected() for page in pages] == [False, False, True]
    pages[2].disconnect()


@pytest.mark.parametrize("who", ["officer", "moderator", "reviewer", "owner elsewhere", "citizen"])
def test_who_is_no_owner_there_sees_and_does_nothing(
    owner: Person, sits: Sits, here: str, make: Make, agency: Agency, tx: Session, who: str
) -> None:
    invited(owner, here)
    row, colleague = tx.execute(select(Invitation)).scalar_one(), make.member(agency)
    made = {"owner elsewhere": lambda: make.member(make.agency(), "owner"), "citizen": make.user}
    stranger = sits(made[who]() if who in made else make.member(agency, who))
    of_colleague = f"{here}/{colleague.public_id}/officer"
    for path in (here, f"{here}/invite", of_colleague):
        assert stranger.get(path).status_code == 403, path
    sent = {
        f"{here}/invite": {"role": "owner", "way": "code"},
        f"{here}/invitations/{row.public_id}/withdraw": {},
        of_colleague: {"to": "owner", "reason": "อยากได้"},
    }
    for path, data in sent.items():
        assert stranger.post(path, at="/join", **data).status_code == 403, path
    tx.expire_all()
    assert (row.withdrawn_at, len(tx.execute(select(Invitation)).all())) == (None, 1)
    assert tx.execute(select(MemberChange)).first() is None


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(sits: Sits, here: str, boss: User) -> None:
    for path in (here, f"{here}/invite", f"{here}/{boss.public_id}/owner"):
        assert sits().get(path).headers["Location"] == f"/login?next={path}"
        assert sits().post(path if path != here else f"{here}/invite", at="/join", role="owner").status_code == 401


def test_an_agency_or_a_member_that_is_not_there_is_not_found(owner: Person, here: str, boss: User) -> None:
    paths = ("/desk/agency/nowhere/members", f"{here}/nobody/owner", f"{here}/{boss.public_id}/king")
    assert [owner.get(path).status_code for path in paths] == [404, 404, 404]


def test_script_in_every_field_stays_text(
    owner: Person, here: str, make: Make, agency: Agency, sits: Sits, tx: Session
) -> None:
    agency.name_th = agency.name_en = SCRIPT
    colleague = make.member(agency, "officer", make.user(SCRIPT))
    tx.flush()
    at = f"{here}/{colleague.public_id}/officer"
    pages = [
        invited(owner, here, email=SCRIPT, role=SCRIPT, way=SCRIPT),
        owner.post(at, to=SCRIPT, reason=SCRIPT),
        sits().post("/join", code=SCRIPT[:40]),
        invited(owner, here, way="code"),
        owner.get(at),
    ]
    assert owner.post(at, to="reviewer", reason=SCRIPT).status_code == 303
    invited(owner, here)
    link = link_in_letter(tx)
    pages += [owner.get(here), owner.get("/desk"), sits().get(link), sits(make.user(SCRIPT)).get(link)]
    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    assert "&lt;script&gt;" in pages[5].text


def test_the_desk_leads_owners_to_the_people_of_their_agency_and_nobody_else(
    owner: Person, sits: Sits, here: str, make: Make, agency: Agency
) -> None:
    assert f'href="{here}"' in owner.get("/desk").text
    assert here not in sits(make.member(agency)).get("/desk").text


def test_a_new_agency_says_that_nothing_is_there_yet(owner: Person, here: str) -> None:
    page = owner.get(here).text
    assert "ยังไม่มีใครเข้า ออก หรือเปลี่ยนหน้าที่" in page
    assert "คุณเอง" in page


def test_the_page_takes_as_many_statements_for_many_people_as_for_one(
    owner: Person,
    here: str,
    make: Make,
    agency: Agency,
    statements: Count,  # noqa: F811
) -> None:
    with statements() as few:
        owner.get(here)
    for n in range(20):
        make.member(agency, "officer", make.user(f"คนที่ {n}"))
        invited(owner, here, email=f"a{n}@example.org")
    owner.get(here)
    with statements() as many:
        assert owner.get(here).text.count("/withdraw") == 20
    assert len(many) == len(few)


def test_every_page_is_in_english_too(owner: Person, here: str, make: Make, agency: Agency) -> None:
    colleague = make.member(agency, "officer", make.user("Nok"))
    for path in (here, f"{here}/invite", f"{here}/{colleague.public_id}/officer", "/join", "/join/x"):
        page = owner.get(f"{path}?lang=en").text
        main = re.sub(r"<[^>]+>", "", re.search(r"<main.*?</main>", page, re.S)[0])  # type: ignore[index]
        left = set(re.findall("[\u0e00-\u0e7f]+", main)) - {"ประเสริฐ", agency.name_th}
        assert left == set(), path
