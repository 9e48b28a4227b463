"""The officer's desk over plain forms: from a first draft to its close."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forum.core.accounts.models import User
from forum.core.agencies.models import Agency
from forum.core.consultations import queries
from forum.core.consultations.models import Change, Consultation
from forum.kernel import clock, dates
from tests.counting import Count, statements  # noqa: F401
from tests.factories import Make


@pytest.fixture
def office(make: Make) -> Agency:
    return make.agency()


@pytest.fixture
def officer(make: Make, office: Agency, client: FlaskClient) -> User:
    """An officer, signed in on the client."""
    user = make.member(office)
    make.sign_in(client, user)
    return user


def day(name: str, days: int, **more: str) -> dict[str, str]:
    """A date as typed: year of the Buddhist era."""
    on = dates.in_bangkok(clock.now()).date() + timedelta(days=days)
    typed = {"day": str(on.day), "month": str(on.month), "year": str(on.year + 543)} | more
    return {f"{name}.{part}": value for part, value in typed.items()}


def form(office: Agency, **values: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "agency": office.slug,
        "title": "ทางเดินริมคลอง |กว้างแค่ไหน",
        "summary": "เลือกความกว้าง",
        "body": "แบบ ก หรือ ข",
        "can_change": "ความกว้าง\nราวกันตก",
        "decided": "จะสร้างแน่นอน",
        "decider": "ผู้อำนวยการ",
        "contact.office": "กองช่าง",
        "contact.phone": "๐ ๒๐๐๐ ๐๐๑๑",
        "offline_route": "โทรมาได้",
        "activities.0.kind": "discussion",
        "activities.0.key": "",
        "activities.0.title": "คุยเรื่องความกว้าง",
        **day("opens_at", 0),
        **day("closes_at", 20),
        **day("answer_by", 60),
    }
    return given | values


def token(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def post(client: FlaskClient, path: str, data: dict[str, Any], at: str | None = None) -> TestResponse:
    return client.post(path, data=data | {"csrf_token": token(client, at or path)})


def only(tx: Session) -> Consultation:
    tx.expire_all()
    return tx.execute(select(Consultation)).scalar_one()


@pytest.mark.usefixtures("officer")
def test_an_officer_sets_a_consultation_up_opens_changes_and_closes_it(
    client: FlaskClient, office: Agency, tx: Session
) -> None:
    made = post(client, "/desk/new", form(office))
    assert made.status_code == 303
    row = only(tx)
    path = f"/desk/{row.slug}"
    assert made.headers["Location"] == path
    assert (row.title, row.title_phrases) == ("ทางเดินริมคลอง กว้างแค่ไหน", ["ทางเดินริมคลอง ", "กว้างแค่ไหน"])
    assert row.contact["phone"] == "0 2000 0011"
    (phase,) = queries.phases_of(tx, row.id)
    assert (phase.starts_at, phase.ends_at, phase.activities) == (row.opens_at, row.closes_at, ["discussion"])

    opened = post(
        client, f"{path}/open", {"memo_no": "ทพ 0411", "reason": "น้ำมาก่อนฤดู", **day("memo_date", -3)}, at=path
    )
    assert opened.status_code == 303
    assert client.get(f"/c/{row.slug}").status_code == 200
    kept = {"activities.0.key": "discussion", "announcements.0.channel": "เว็บนี้", **day("announcements.0.date", 0)}
    typed = form(office, summary="สรุปใหม่", version="2", **kept)
    refused = post(client, path, typed)
    assert refused.status_code == 422
    assert "สรุปใหม่" in refused.text
    assert post(client, path, typed | {"reason": "พิมพ์ผิด"}).status_code == 303
    assert only(tx).summary == "สรุปใหม่"

    assert post(client, f"{path}/close", {}).status_code == 422
    memo = {"memo_no": "ทพ 0412", **day("memo_date", -1)}
    assert post(client, f"{path}/close", {"reason": "พอแล้ว", **memo}).status_code == 303
    kinds = tx.execute(select(Change.kind, Change.field).order_by(Change.id)).all()
    assert [tuple(k) for k in kinds] == [("opened", "state"), ("changed", "summary"), ("closed", "closes_at")]


@pytest.mark.usefixtures("officer")
def test_saving_what_the_form_shows_changes_nothing(
    client: FlaskClient, make: Make, office: Agency, tx: Session
) -> None:
    row = make.consultation(office, title="ทางเดินริมคลองควรกว้างเท่าไร")
    shown = client.get(f"/desk/{row.slug}").text
    boxes = re.findall(r'<input(?=[^>]*class="in)[^>]*name="([^"]+)"[^>]*value="([^"]*)"', shown)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown)
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', shown)
    chosen = re.findall(r'<select[^>]*name="([^"]+)"[^>]*>.*?<option value="([^"]*)" selected', shown)
    ticked = re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)"[^>]* checked', shown)
    data = dict([*boxes, *hidden, *areas, *chosen, *ticked])
    answer = client.post(f"/desk/{row.slug}", data=data)
    assert answer.status_code == 303, answer.text
    tx.expire_all()
    assert row.version == 1
    assert tx.execute(select(Change)).first() is None


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(("lang", "label", "era"), [("th", "ปี พ.ศ.", 543), ("en", "Year", 0)])
def test_years_stand_in_their_boxes_as_the_readers_language_counts_them(
    client: FlaskClient, make: Make, office: Agency, lang: str, label: str, era: int
) -> None:
    row = make.consultation(office)
    shown = client.get(f"/desk/{row.slug}?lang={lang}").text
    year = re.search(
        r'<span class="small">([^<]*)</span><input class="in" name="answer_by.year"[^>]*value="(\d+)"', shown
    )
    assert year is not None
    assert row.answer_by is not None
    assert year.groups() == (label, str(row.answer_by.year + era))


@pytest.mark.usefixtures("officer")
def test_an_unfinished_draft_is_kept_and_the_desk_says_what_it_lacks(
    client: FlaskClient, office: Agency, tx: Session
) -> None:
    assert post(client, "/desk/new", {"agency": office.slug, "title": "ตลาดเช้าควรย้ายไปไหน"}).status_code == 303
    desk = client.get("/desk").text
    for name in ("สรุปสั้น", "วันที่ต้องตอบ", "ช่วง"):
        assert name in desk
    row = only(tx)
    assert "เผยแพร่เรื่องนี้" not in client.get(f"/desk/{row.slug}").text
    refused = post(client, f"/desk/{row.slug}/open", {}, at=f"/desk/{row.slug}")
    assert refused.status_code == 422
    assert "ยังขาด: สรุปสั้น" in refused.text
    assert only(tx).state == "draft"


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("title", {"title": " "}),
        ("closes_at", {**day("opens_at", 9), **day("closes_at", 3)}),
        ("closes_at", {"closes_at.day": "31", "closes_at.month": "6"}),
        ("closes_at", {"closes_at.year": "69"}),
        ("closes_at", {"closes_at.month": ""}),
        ("closes_at", {"closes_at.time": "25.00"}),
        ("opens_at", {"opens_at.day": "", "opens_at.month": "", "opens_at.year": "", "opens_at.time": "9.00"}),
        ("answer_by", {"answer_by.day": "ก"}),
        ("answer_by", {**day("closes_at", 20), **day("answer_by", 19)}),
        ("law_url", {"law_url": "http://law.example.org"}),
        ("contact.phone", {"contact.phone": "โทรมา"}),
        ("slug", {"slug": "ไทย"}),
        ("phases.0.ends_at", {"phases.0.title": "คุย", **day("phases.0.starts_at", 1)}),
        ("documents.0.url", {"documents.0.title": "แบบ", "documents.0.url": "ftp://x"}),
        (
            "documents.0.size_kb",
            {"documents.0.title": "ก", "documents.0.url": "https://a.example.org", "documents.0.size_kb": "ใหญ่"},
        ),
        ("activities.0.title", {"activities.0.title": "ก" * 121}),
        ("agency", {"agency": "no-such-office"}),
    ],
)
def test_what_will_not_do_is_named_and_what_was_typed_is_still_there(
    client: FlaskClient, office: Agency, tx: Session, field: str, values: dict[str, str]
) -> None:
    answer = post(client, "/desk/new", form(office, decider="ผู้ว่าฯ ที่พิมพ์ไว้") | values)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert "ผู้ว่าฯ ที่พิมพ์ไว้" in answer.text
    assert tx.execute(select(Consultation)).first() is None


@pytest.mark.usefixtures("officer")
def test_asking_for_one_more_row_keeps_nothing_and_shows_one_more(
    client: FlaskClient, office: Agency, tx: Session
) -> None:
    typed = form(office, **{"documents.0.title": "แบบ ก", "documents.0.url": "https://a.example.org/x"})
    answer = post(client, "/desk/new", typed | {"more": "documents"})
    assert answer.status_code == 200
    assert 'name="documents.1.title"' in answer.text
    assert "แบบ ก" in answer.text
    assert tx.execute(select(Consultation)).first() is None


@pytest.mark.usefixtures("officer")
def test_years_of_either_era_and_thai_digits_are_taken(client: FlaskClient, office: Agency, tx: Session) -> None:
    year = clock.now().year + 1
    typed = form(office) | {
        "opens_at.day": "๑",
        "opens_at.month": "1",
        "opens_at.year": str(year),
        "closes_at.day": "๓๑",
        "closes_at.month": "1",
        "closes_at.year": str(year + 543),
        "closes_at.time": "๑๖.๓๐",
        **{f"answer_by.{k}": v for k, v in {"day": "1", "month": "3", "year": str(year)}.items()},
    }
    assert post(client, "/desk/new", typed).status_code == 303
    row = only(tx)
    assert dates.in_bangkok(row.opens_at).isoformat() == f"{year}-01-01T00:00:00+07:00"
    assert dates.in_bangkok(row.closes_at).isoformat() == f"{year}-01-31T16:30:00+07:00"


@pytest.mark.usefixtures("officer")
def test_two_people_saving_see_both_versions_and_nothing_is_lost(
    client: FlaskClient, office: Agency, tx: Session
) -> None:
    post(client, "/desk/new", form(office))
    path = f"/desk/{only(tx).slug}"
    mine = form(office, version="1", summary="ของฉัน", **{"activities.0.key": "discussion"})
    assert post(client, path, mine | {"summary": "ของเขา"}).status_code == 303
    answer = post(client, path, mine)
    assert answer.status_code == 409
    assert "ของเขา" in answer.text
    assert "ของฉัน" in answer.text
    assert 'name="version" value="2"' in answer.text
    assert only(tx).summary == "ของเขา"


@pytest.mark.parametrize("path", ["/desk", "/desk/new", "/desk/x", "/desk/x/close", "/desk/agency/x"])
def test_nobody_is_sent_to_sign_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={path}")


@pytest.mark.parametrize("role", [None, "moderator", "reviewer"])
def test_the_desk_is_for_officers(client: FlaskClient, make: Make, office: Agency, role: str | None) -> None:
    make.sign_in(client, make.member(office, role) if role else make.user())
    for path in ("/desk", "/desk/new"):
        assert client.get(path).status_code == 403


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize("path", ["/desk/new", "/desk/x", "/desk/x/open", "/desk/x/close", "/desk/agency/x"])
def test_a_form_without_its_token_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, data={"title": "ก"}).status_code == 403


@pytest.mark.usefixtures("officer")
def test_another_offices_consultation_is_out_of_reach(client: FlaskClient, make: Make) -> None:
    draft, opened = make.consultation(state="draft"), make.consultation()
    assert client.get(f"/desk/{draft.slug}").status_code == 404
    assert client.get(f"/desk/{opened.slug}").status_code == 403
    assert post(client, f"/desk/{opened.slug}/close", {"reason": "ลอง"}, at="/desk/new").status_code == 403
    assert post(client, f"/desk/{draft.slug}/open", {}, at="/desk/new").status_code == 404
    assert client.get("/desk/no-such-thing").status_code == 404
    desk = client.get("/desk").text
    assert draft.slug not in desk
    assert opened.slug not in desk


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    ("field", "memo"),
    [
        ("memo_date", {"memo_no": "1"}),
        ("memo_no", day("memo_date", -1)),
        ("memo_date", {"memo_no": "1", "memo_date.day": "40", "memo_date.month": "1", "memo_date.year": "2569"}),
        ("memo_no", {"memo_no": "ก" * 101, **day("memo_date", -1)}),
        ("reason", {"reason": "ก" * 501}),
    ],
)
def test_half_a_memo_opens_nothing(
    client: FlaskClient, office: Agency, tx: Session, field: str, memo: dict[str, str]
) -> None:
    post(client, "/desk/new", form(office))
    path = f"/desk/{only(tx).slug}"
    answer = post(client, f"{path}/open", memo, at=path)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert only(tx).state == "draft"


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize("version", ["", "x", "-1", "๑", "9" * 30])
def test_a_forged_version_is_no_form_of_ours(client: FlaskClient, office: Agency, tx: Session, version: str) -> None:
    post(client, "/desk/new", form(office))
    path = f"/desk/{only(tx).slug}"
    answer = post(client, path, form(office, version=version, summary="พิมพ์มานาน"))
    assert answer.status_code == 422
    assert "โหลดหน้าใหม่" in answer.text
    assert "พิมพ์มานาน" in answer.text
    assert (only(tx).summary, only(tx).version) == ("เลือกความกว้าง", 1)


def test_an_owner_lets_guests_speak_or_not(client: FlaskClient, make: Make, office: Agency, tx: Session) -> None:
    make.sign_in(client, make.member(office, "owner"))
    path = f"/desk/agency/{office.slug}"
    typed = {"name_th": office.name_th, "name_en": "", "phone": office.phone, "version": "1"}
    assert post(client, path, typed).status_code == 303
    tx.expire_all()
    assert (office.guests, office.version) == (False, 2)
    assert post(client, path, typed).status_code == 409
    refused = post(client, path, typed | {"phone": "โทรมา", "version": "2", "about": "พิมพ์ไว้"})
    assert refused.status_code == 422
    assert "พิมพ์ไว้" in refused.text


@pytest.mark.usefixtures("officer")
def test_an_officer_may_not_change_the_agency(client: FlaskClient, office: Agency) -> None:
    assert client.get(f"/desk/agency/{office.slug}").status_code == 403
    assert client.get("/desk/agency/no-such-office").status_code == 404


@pytest.mark.usefixtures("officer")
def test_the_desk_takes_as_many_statements_for_fifty_as_for_five(
    client: FlaskClient,
    make: Make,
    office: Agency,
    statements: Count,  # noqa: F811
) -> None:
    for n in range(5):
        make.consultation(office, state="draft" if n % 2 else "opened")
    with statements() as few:
        client.get("/desk")
    for n in range(45):
        make.consultation(office, state="draft" if n % 2 else "opened")
    with statements() as many:
        client.get("/desk")
    assert len(few) == len(many) <= 9
