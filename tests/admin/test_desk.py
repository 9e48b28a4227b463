"""The officer's desk: what waits, what each consultation needs next, and who may sit there."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forum.core.agencies.models import Agency
from forum.core.consultations import sign_offs
from forum.kernel import clock, dates
from tests.admin.desk import Officer
from tests.counting import Count, statements  # noqa: F401
from tests.factories import Make

DAY = timedelta(days=1)
WRITES = (
    "setup/question",
    "setup/dates",
    "setup/announcements",
    "topics/x/drop",
    "open",
    "approve",
    "refuse",
    "close",
)
READS = ("", "setup/question", "setup/topics", "setup/area", "open", "approve", "close", "preview", "preview/page")


def test_a_new_officer_is_told_how_to_begin(officer: Officer) -> None:
    page = officer.get("/desk")
    assert "ยังไม่มีเรื่องของหน่วยงานคุณ" in page
    assert 'href="/desk/new"' in page


def says(page: str) -> str:
    """What a page says of the next step, on one line."""
    return " ".join(page.split())


@pytest.mark.parametrize(
    ("values", "heard", "words", "path"),
    [
        ({"state": "draft", "body": "เรื่อง", "summary": "", "decider": ""}, {}, "ขาดอีก 4 ข้อจึงเปิดได้", ""),
        (
            {"state": "draft", "body": "เรื่อง", "privacy_notice": "เก็บ 1 ปี"},
            {"topic": True},
            "ครบแล้ว ประกาศหรือขอเปิดได้",
            "/open",
        ),
        ({"state": "announced", "opens_at": 9}, {}, "ประกาศแล้ว ขออนุมัติเปิดได้เลย", "/open"),
        ({"opens_at": 9}, {}, "ประกาศแล้ว จะเปิดเองเมื่อ", ""),
        ({}, {}, "เปิดรับอยู่ เหลือ 20 วัน", ""),
        ({"closes_at": -1}, {"n": 3}, "ปิดแล้ว ยังไม่ได้ตอบ 3 ข้อ ต้องตอบภายใน", "/answers"),
        ({"opens_at": -40, "closes_at": -9, "answer_by": -4}, {"n": 2}, "เลยกำหนดตอบ 4 วัน ยังไม่ได้ตอบ 2 ข้อ", "/answers"),
        ({"closes_at": -1}, {"answered": "on_time"}, "ตอบครบแล้ว", ""),
        ({"closes_at": -1}, None, "ปิดแล้ว ไม่มีใครส่งความเห็น", ""),
    ],
)
def test_each_consultation_says_what_it_needs_next_and_where(
    officer: Officer, make: Make, office: Agency, values: dict[str, Any], heard: Any, words: str, path: str
) -> None:
    now = clock.now()
    given = {k: now + v * DAY if isinstance(v, int) else v for k, v in values.items()}
    if "answer_by" in given:
        given["answer_by"] = dates.in_bangkok(given["answer_by"]).date()
    row = make.consultation(office, **given)
    if heard == {"topic": True}:
        make.thread(row)
    elif heard:
        make.heard(row, **heard)
    page = says(officer.get("/desk"))
    assert f'<a href="/desk/{row.slug}{path}">{words}' in page


def test_what_a_colleague_asks_waits_on_top_and_not_on_the_desk_of_who_asked(
    officer: Officer, colleague: Officer, office: Agency
) -> None:
    officer.begin(office.slug)
    officer.fill()
    assert officer.send("open", {"by": "member", "how": "announce"}, at=f"/desk/{officer.slug}/open").status_code == 303
    assert "รอคุณอนุมัติ" not in officer.get("/desk")
    assert "รออนุมัติให้เปิด" in officer.get("/desk")
    page = colleague.get("/desk")
    assert page.index("รอคุณอนุมัติ") < page.index(f'href="/desk/{officer.slug}/approve"')


def test_a_request_of_another_agency_waits_on_nobody_elses_desk(
    officer: Officer, stranger: Officer, office: Agency, make: Make, tx: Session
) -> None:
    officer.begin(office.slug)
    officer.fill()
    officer.send("open", {"by": "member", "how": "announce"}, at=f"/desk/{officer.slug}/open")
    assert "รอคุณอนุมัติ" not in stranger.get("/desk")
    assert officer.slug not in stranger.get("/desk")
    assert len(sign_offs.waiting_for(tx, make.actor(make.member(office)), [office.id])) == 1


def test_the_list_is_narrowed_by_agency_and_by_state(
    officer: Officer, client: FlaskClient, make: Make, office: Agency
) -> None:
    other = make.agency(name_th="กองสวน")
    user = make.member(other)
    make.member(office, user=user)
    make.sign_in(client, user)
    draft, opened, elsewhere = (
        make.consultation(office, state="draft"),
        make.consultation(office),
        make.consultation(other),
    )

    def listed(query: str) -> set[str]:
        page = officer.get(f"/desk{query}")
        return {row.slug for row in (draft, opened, elsewhere) if f'href="/desk/{row.slug}"' in page}

    assert listed("") == {draft.slug, opened.slug, elsewhere.slug}
    assert listed("?state=draft") == {draft.slug}
    assert listed("?state=open") == {opened.slug, elsewhere.slug}
    assert listed(f"?state=open&agency={office.slug}") == {opened.slug}
    assert listed(f"?agency={other.slug}") == {elsewhere.slug}
    assert listed("?state=nonsense&agency=nobody") == {draft.slug, opened.slug, elsewhere.slug}
    assert "ไม่มีเรื่องแบบนี้" in officer.get("/desk?state=announced")


def test_an_agency_of_others_narrows_nothing(officer: Officer, make: Make, office: Agency) -> None:
    theirs, mine = make.consultation(), make.consultation(office)
    page = officer.get(f"/desk?agency={make.agency().slug}")
    assert f'href="/desk/{mine.slug}"' in page
    assert theirs.slug not in page


def test_the_list_goes_on_where_it_ended(officer: Officer, make: Make, office: Agency) -> None:
    slugs = [make.consultation(office).slug for _ in range(31)]
    first = officer.get("/desk")
    assert f'"/desk/{slugs[0]}"' not in first
    after = first.split("after=")[1].split('"')[0].split("&")[0]
    second = officer.get(f"/desk?after={after}")
    assert f'"/desk/{slugs[0]}"' in second
    assert f'"/desk/{slugs[30]}"' not in second
    assert officer.client.get("/desk?after=forged").status_code == 422


@pytest.mark.parametrize("path", ["", "/new", "/x", "/x/setup/dates", "/x/open", "/x/approve", "/x/close"])
def test_nobody_is_sent_to_sign_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/desk{path}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next=/desk{path}")


@pytest.mark.parametrize("role", [None, "moderator", "reviewer"])
def test_the_desk_is_for_officers(client: FlaskClient, make: Make, office: Agency, role: str | None) -> None:
    make.sign_in(client, make.member(office, role) if role else make.user())
    for path in ("/desk", "/desk/new"):
        assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/desk/new", *(f"/desk/x/{path}" for path in WRITES), "/desk/agency/x"])
def test_a_form_without_its_token_is_refused(officer: Officer, path: str) -> None:
    assert officer.client.post(path, data={"title": "ก"}).status_code == 403


@pytest.mark.parametrize("state", ["draft", "announced", "opened", "closed"])
def test_an_officer_of_another_agency_is_refused_everywhere(
    stranger: Officer, make: Make, office: Agency, state: str
) -> None:
    row = make.consultation(office, state=state)
    token = stranger.token()
    for path in READS:
        assert stranger.client.get(f"/desk/{row.slug}/{path}".rstrip("/")).status_code == 403, path
    for path in WRITES:
        sent = stranger.client.post(f"/desk/{row.slug}/{path}", data={"csrf_token": token, "version": "1"})
        assert sent.status_code == 403, path
    assert row.slug not in stranger.get("/desk")


def test_what_is_not_there_is_not_found(officer: Officer, make: Make, office: Agency) -> None:
    row = make.consultation(office, state="draft")
    for path in ("/desk/no-such-thing", f"/desk/{row.slug}/setup/nothing", "/desk/no-such-thing/open"):
        assert officer.client.get(path).status_code == 404, path


def test_an_owner_lets_guests_speak_or_not(client: FlaskClient, make: Make, office: Agency, tx: Session) -> None:
    make.sign_in(client, make.member(office, "owner"))
    owner, path = Officer(client, tx), f"/desk/agency/{office.slug}"
    typed = {"name_th": office.name_th, "name_en": "", "phone": office.phone, "version": "1"}
    assert owner.send(path, typed).status_code == 303
    tx.expire_all()
    assert (office.guests, office.version) == (False, 2)
    assert owner.send(path, typed).status_code == 409
    refused = owner.send(path, typed | {"phone": "โทรมา", "version": "2", "about": "พิมพ์ไว้"})
    assert refused.status_code == 422
    assert "พิมพ์ไว้" in refused.text


def test_an_officer_may_not_change_the_agency(officer: Officer, office: Agency) -> None:
    assert officer.client.get(f"/desk/agency/{office.slug}").status_code == 403
    assert officer.client.get("/desk/agency/no-such-office").status_code == 404


def test_the_desk_takes_as_many_statements_for_thirty_as_for_five(
    officer: Officer,
    make: Make,
    office: Agency,
    statements: Count,  # noqa: F811
) -> None:
    for n in range(5):
        make.consultation(office, state="draft" if n % 2 else "opened")
    with statements() as few:
        officer.get("/desk")
    for n in range(45):
        make.consultation(office, state="draft" if n % 2 else "opened")
    with statements() as many:
        officer.get("/desk")
    assert len(few) == len(many) <= 11
