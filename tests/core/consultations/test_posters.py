"""The poster, its short address and the text to send."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from forum.core.consultations import forms, posters, queries, service
from forum.core.consultations.models import Consultation
from forum.kernel import clock, db, ids, qr
from forum.kernel.rules import NOBODY
from tests.databases import migrate, migrations_of, new_beside
from tests.factories import Make

DAY = timedelta(days=1)
GUESTS = "อ่านและออกความเห็นได้โดยไม่ต้องสมัคร"
PICTURES = re.compile("[\u2190-\u2bff\u2600-\u27bf\U0001f000-\U0001faff]")


def poster(client: FlaskClient, row: Consultation, status: int = 200) -> str:
    answer = client.get(f"/c/{row.slug}/poster")
    assert answer.status_code == status
    return answer.text


def sheet(page: str) -> str:
    """What stands on the paper."""
    found = re.search(r'<article class="sheet.*?</article>', page, re.S)
    assert found
    return found[0]


def text_to_send(page: str) -> str:
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.S)
    assert found
    return found[1]


def test_the_sheet_says_who_asks_what_until_when_where_and_whom_to_call(client: FlaskClient, make: Make) -> None:
    opens, closes = datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2099, 11, 30, 17, tzinfo=UTC)
    row = make.consultation(opens_at=opens, closes_at=closes, answer_by=datetime(2099, 12, 30, tzinfo=UTC).date())
    paper = sheet(poster(client, row))
    for said in (
        "สำนักช่างท่าพร้าว",
        '<span class="ph">ทางเดินริมคลอง</span>',
        "1 พ.ย. 2569 –",
        "30 พ.ย. 2642",
        "30 ธ.ค. 2642",
        "0\u00a02000\u00a00001",
        "โทรมาบอกได้",
        f"/k/{row.short}",
        GUESTS,
    ):
        assert said in paper, said
    assert qr.svg(f"http://localhost/k/{row.short}", f"คิวอาร์โค้ดไปที่ http://localhost/k/{row.short}") in paper
    assert 'class="mark"' not in paper


def test_guests_are_invited_only_where_they_may_speak(client: FlaskClient, make: Make) -> None:
    now = clock.now()
    members_only = make.consultation(make.agency(guests=False))
    over = make.consultation(opens_at=now - 9 * DAY, closes_at=now - DAY)
    assert GUESTS not in poster(client, members_only)
    assert GUESTS not in poster(client, over)
    assert "ปิดรับความเห็นแล้ว" in sheet(poster(client, over))
    assert "ออกความเห็น" not in sheet(poster(client, over))


def test_what_is_announced_has_its_poster_before_it_opens(client: FlaskClient, make: Make) -> None:
    row = make.consultation(opens_at=clock.now() + DAY)
    assert GUESTS in sheet(poster(client, row))


def test_a_draft_shows_its_poster_to_its_officers_only_and_marked(client: FlaskClient, make: Make) -> None:
    row = make.consultation(state="draft", opens_at=None, closes_at=None, answer_by=None)
    poster(client, row, 404)
    make.sign_in(client, make.member(make.agency()))
    poster(client, row, 404)
    make.sign_in(client, make.member(make.tx.get_one(type(make.agency()), row.agency_id)))
    assert "ร่าง ยังไม่เผยแพร่" in sheet(poster(client, row))


def test_an_invented_one_says_so_on_paper(client: FlaskClient, make: Make) -> None:
    assert "ไม่ใช่การรับฟังความเห็นจริง" in sheet(poster(client, make.consultation(demo=True)))
    assert "ไม่ใช่การรับฟังความเห็นจริง" not in poster(client, make.consultation())


def test_the_text_to_send_is_plain_lines_without_pictures(client: FlaskClient, make: Make) -> None:
    opens, closes = datetime(2026, 10, 31, 17, tzinfo=UTC), datetime(2099, 11, 30, 9, 30, tzinfo=UTC)
    row = make.consultation(opens_at=opens, closes_at=closes, answer_by=datetime(2099, 12, 30, tzinfo=UTC).date())
    page = poster(client, row)
    said = text_to_send(page)
    assert said.splitlines() == [
        "สำนักช่างท่าพร้าว ถามความเห็น",
        "ทางเดินริมคลองควรกว้างเท่าไร",
        "รับความเห็น 1 พ.ย. 2569 – 30 พ.ย. 2642 ปิดเวลา 16.30 น.",
        "หน่วยงานตอบภายใน 30 ธ.ค. 2642",
        f"อ่านและออกความเห็น http://localhost/k/{row.short}",
        "โทร 0 2000 0001",
    ]
    assert not PICTURES.search(said)
    assert f'data-copy="{said}"' in page


def test_a_text_about_what_is_over_asks_for_no_comment(make: Make, tx: Session) -> None:
    now = clock.now()
    row = make.consultation(opens_at=now - 9 * DAY, closes_at=now - DAY, contact={})
    said = posters.share_text(queries.brief(tx, row.id), "https://a.go.th/k/23456")
    assert "ปิดรับความเห็นแล้ว" in said
    assert "อ่านได้ที่ https://a.go.th/k/23456" in said
    assert "ออกความเห็น " not in said


def test_what_an_office_writes_is_text_on_the_poster_too(client: FlaskClient, make: Make) -> None:
    bad = '<script>alert(1)</script>"><img src=x>'
    row = make.consultation(title=bad, title_phrases=[], offline_route=bad, contact={"phone": bad})
    page = poster(client, row)
    assert "<script>alert" not in page
    assert "<img" not in page


def test_an_english_reader_gets_an_english_sheet(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    page = client.get(f"/c/{row.slug}/poster?lang=en").text
    assert "Read and have your say without an account" in sheet(page)
    assert "Works Office" in text_to_send(page)


def test_only_the_poster_asks_for_the_styles_of_paper(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    assert "poster.css" in poster(client, row)
    assert "poster.css" not in client.get(f"/c/{row.slug}").text
    assert "style=" not in poster(client, row)


def test_officers_find_the_poster_from_the_page_and_from_their_desk(client: FlaskClient, make: Make) -> None:
    agency = make.agency()
    row, draft = make.consultation(agency), make.consultation(agency, state="draft")
    link = f'href="/c/{row.slug}/poster"'
    assert link not in client.get(f"/c/{row.slug}").text
    make.sign_in(client, make.member(agency))
    assert link in client.get(f"/c/{row.slug}").text
    assert link in client.get(f"/desk/{row.slug}").text
    assert f'href="/c/{draft.slug}/poster"' in client.get(f"/desk/{draft.slug}").text


def test_more_words_are_set_smaller(make: Make, tx: Session) -> None:
    def size(**values: str) -> str:
        row = make.consultation(**values)
        return posters.size_of(queries.brief(tx, row.id), row)

    assert size() == ""
    assert size(title="ก" * 150) == "long"
    assert size(title="ก" * 200, offline_route="ก" * 600) == "longer"


# The short address


def test_a_short_address_leads_to_the_page_however_it_is_typed(client: FlaskClient, make: Make) -> None:
    row = make.consultation(short="2ab3c")
    for typed in ("2ab3c", "2AB3C", "๒ab๓c", "2Ab3c?utm_source=poster"):
        answer = client.get(f"/k/{typed}")
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/c/{row.slug}"), typed


@pytest.mark.parametrize("code", ["zzzzz", "0", "2ab3", "2ab3cd", "%", "%ff", "ก", "a" * 5000, "..%2f", "2ab3c%00"])
def test_an_unknown_code_leads_nowhere(client: FlaskClient, make: Make, code: str) -> None:
    make.consultation(short="2ab3c")
    assert client.get(f"/k/{code}").status_code == 404


def test_the_code_of_a_draft_is_its_officers_alone(client: FlaskClient, make: Make) -> None:
    agency = make.agency()
    row = make.consultation(agency, state="draft")
    assert client.get(f"/k/{row.short}").status_code == 404
    make.sign_in(client, make.member(agency))
    assert client.get(f"/k/{row.short}").headers["Location"] == f"/c/{row.slug}"


@pytest.mark.usefixtures("features")
def test_every_new_consultation_has_a_code_of_its_own_that_no_change_touches(tx: Session, make: Make) -> None:
    agency = make.agency()
    made = [service.make(tx, agency, forms.read({"title": "ทางเดิน"})) for _ in range(5)]
    codes = [row.short for row in made]
    assert len(set(codes)) == 5
    assert all(re.fullmatch("[2-9a-hjkmnp-tv-z]{5}", code) for code in codes)
    actor = make.actor(make.member(agency))
    row = service.find(tx, actor, made[0].slug)
    assert service.change(tx, actor, row, {"title": "ใหม่", "slug": "other"}, row.version).short == codes[0]
    assert queries.brief_by_code(tx, codes[0], actor).slug == "other"


def test_the_database_refuses_one_code_for_two(make: Make) -> None:
    make.consultation(short="2ab3c")
    with pytest.raises(IntegrityError):
        make.consultation(short="2ab3c")


def test_consultations_from_before_get_their_codes(database: db.Database, tmp_path: Path) -> None:
    own = new_beside(database, "codes", tmp_path)
    migrate(own)
    with own.transaction() as tx:
        make = Make(tx)
        slugs = [make.consultation(make.agency()).slug for _ in range(7)]
    command.downgrade(migrations_of(own), "2026_11_22_events_stay")
    migrate(own)
    with own.reading() as tx:
        found = {row.short: row.slug for row in tx.execute(select(Consultation)).scalars()}
        assert {queries.brief_by_code(tx, code, NOBODY).slug for code in found} == set(slugs)
    own.engine.dispose()
    assert all(re.fullmatch("[2-9a-hjkmnp-tv-z]{5}", code) for code in found)
    assert len(ids.short_code()) == 5
