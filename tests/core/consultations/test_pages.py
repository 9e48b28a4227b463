"""Home, a consultation and an agency as people read them, without JavaScript."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from forum.core.consultations.models import Change, Consultation
from forum.core.consultations.words import places, whole
from forum.kernel import clock, dates
from tests.counting import Count, statements  # noqa: F401
from tests.factories import Make

DAY = timedelta(days=1)


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.text


def test_a_site_without_consultations_says_so_and_shows_no_number(client: FlaskClient) -> None:
    home = page(client, "/")
    assert "ตอนนี้ยังไม่มีเรื่องที่เปิดอยู่" in home
    assert "0 เรื่อง" not in home


def test_home_shows_what_is_open_closing_first_then_what_comes_then_what_is_considered(
    client: FlaskClient, make: Make
) -> None:
    now = clock.now()
    later = make.consultation(title="ปิดทีหลัง", title_phrases=[], closes_at=now + 30 * DAY)
    soon = make.consultation(title="ปิดก่อน", title_phrases=[], closes_at=now + 3 * DAY)
    ahead = make.consultation(title="ยังไม่เปิด", title_phrases=[], opens_at=now + DAY, closes_at=now + 9 * DAY)
    over = make.heard(make.consultation(title="ปิดแล้ว", title_phrases=[], opens_at=now - 9 * DAY, closes_at=now - DAY))
    make.consultation(title="ร่างลับ", title_phrases=[], state="draft")
    home = page(client, "/")
    places_of = [home.index(f'href="/c/{c.slug}"') for c in (soon, later, ahead, over)]
    assert places_of == sorted(places_of)
    assert "ร่างลับ" not in home
    assert 'type="search"' not in home


@pytest.mark.parametrize(("title", "canal"), [("ทางเดินริมคลองควรกว้างเท่าไร", True), ("สนามเด็กเล่นควรมีอะไร", False)])
def test_the_canal_is_drawn_beside_a_topic_about_one_only(
    client: FlaskClient, make: Make, title: str, canal: bool
) -> None:
    make.consultation(title=title, title_phrases=[])
    drawn = re.search(r'<div class="art"><svg[^>]*viewBox="([^"]*)"', page(client, "/"))
    assert drawn is not None
    assert (drawn[1] == "8 -50 486 330") == canal


def test_sorted_by_newest_the_latest_is_first(client: FlaskClient, make: Make) -> None:
    old = make.consultation(closes_at=clock.now() + DAY)
    new = make.consultation(closes_at=clock.now() + 9 * DAY)
    home = page(client, "/?sort=new")
    assert home.index(f"/c/{new.slug}") < home.index(f"/c/{old.slug}")


def test_home_goes_on_to_the_next_page_and_repeats_nobody(client: FlaskClient, make: Make) -> None:
    closes = clock.now() + 9 * DAY
    slugs = {make.consultation(closes_at=closes + n // 2 * DAY).slug for n in range(45)}
    seen: list[str] = []
    path: str | None = "/"
    while path:
        text = page(client, path)
        seen += list(dict.fromkeys(re.findall(r'href="/c/([a-z0-9-]+)"', text)))
        more = re.search(r'href="([^"]+)" rel="next"', text)
        path = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == len(slugs)
    assert set(seen) == slugs


def test_a_forged_cursor_is_refused(client: FlaskClient) -> None:
    page(client, "/?after=xyz", 422)


def test_a_consultation_says_who_asks_and_their_number_before_anything_else(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    main = page(client, f"/c/{row.slug}").split("<main")[1]
    order = [main.index(s) for s in ("สำนักช่างท่าพร้าว", 'href="tel:020000001"', "<h1", "ยังเปลี่ยนได้", 'id="h-do"')]
    assert order == sorted(order)
    assert '<span class="ph">ทางเดินริมคลอง</span>' in main


def test_the_link_preview_says_who_asks_until_when_and_whom_to_call(client: FlaskClient, make: Make) -> None:
    row = make.consultation()
    text = page(client, f"/c/{row.slug}")
    said = re.search(r'<meta property="og:description" content="([^"]+)"', text)
    assert said
    assert "สำนักช่างท่าพร้าว" in said[1]
    assert "รับความเห็นถึง" in said[1]
    assert "โทร 0 2000 0001" in said[1]
    assert f'content="http://localhost/c/{row.slug}/card.png?v=1"' in text


def test_the_picture_of_the_link_is_the_sites_own_until_it_is_drawn(client: FlaskClient, make: Make) -> None:
    answer = client.get(f"/c/{make.consultation().slug}/card.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert client.get(f"/c/{make.consultation(state='draft').slug}/card.png").status_code == 404
    assert client.get("/c/no-such-thing/card.png").status_code == 404


@pytest.mark.parametrize("slug", ["no-such-thing", "%F0%9F%98%80", "a" * 500])
def test_what_is_not_there_is_a_404_page(client: FlaskClient, slug: str) -> None:
    page(client, f"/c/{slug}", 404)


def test_a_draft_is_seen_by_its_office_alone(client: FlaskClient, make: Make) -> None:
    agency = make.agency()
    row = make.consultation(agency, state="draft")
    page(client, f"/c/{row.slug}", 404)
    make.sign_in(client, make.member(make.agency()))
    page(client, f"/c/{row.slug}", 404)
    make.sign_in(client, make.member(agency))
    text = page(client, f"/c/{row.slug}")
    assert "ตัวอย่างก่อนประกาศ" in text
    assert 'name="robots" content="noindex"' in text


def test_one_announced_says_when_to_come_back_and_offers_nothing_to_press(client: FlaskClient, make: Make) -> None:
    now = clock.now()
    row = make.consultation(opens_at=now + DAY, closes_at=now + 9 * DAY)
    text = page(client, f"/c/{row.slug}")
    assert "ประกาศแล้ว ยังไม่เปิดรับความเห็น" in text
    assert "อ่านและร่วมคุย" not in text


def test_one_announced_tells_the_hour_it_opens_unless_it_is_the_days_first(client: FlaskClient, make: Make) -> None:
    year = clock.now().year + 1
    closes = datetime(year, 11, 30, 17, tzinfo=UTC)
    hour = make.consultation(opens_at=datetime(year, 11, 1, 1, 30, tzinfo=UTC), closes_at=closes)
    day = make.consultation(opens_at=datetime(year, 10, 31, 17, tzinfo=UTC), closes_at=closes)
    assert f"1 พ.ย. {year + 543} เวลา 08.30 น." in page(client, f"/c/{hour.slug}")
    text = page(client, f"/c/{day.slug}")
    assert f"1 พ.ย. {year + 543}" in text
    assert "00.00" not in text


def test_one_that_is_over_says_by_when_the_answer_is_due_or_how_late_it_is(client: FlaskClient, make: Make) -> None:
    now = clock.now()
    over = {"opens_at": now - 90 * DAY, "closes_at": now - 60 * DAY}
    due = make.heard(make.consultation(**over, answer_by=(now + 9 * DAY).date()))
    late = make.heard(make.consultation(**over, answer_by=(now - 30 * DAY).date()))
    assert "หน่วยงานต้องตอบภายใน" in page(client, f"/c/{due.slug}")
    assert re.search(r"เลยกำหนดตอบ (29|30|31) วัน", page(client, f"/c/{late.slug}"))
    assert "เลยกำหนดตอบ" in page(client, "/")


def test_an_hour_is_told_where_it_is_not_the_end_of_the_day(client: FlaskClient, make: Make) -> None:
    year = clock.now().year + 1
    hour = make.consultation(closes_at=datetime(year, 11, 30, 9, 30, tzinfo=UTC))
    day = make.consultation(closes_at=datetime(year, 11, 30, 17, 0, tzinfo=UTC))
    assert f"30 พ.ย. {year + 543} เวลา 16.30 น." in page(client, f"/c/{hour.slug}")
    text = page(client, f"/c/{day.slug}")
    assert f"30 พ.ย. {year + 543}" in text
    assert "00.00" not in text


def test_demo_data_has_its_band_and_is_not_indexed(client: FlaskClient, make: Make) -> None:
    row = make.consultation(demo=True)
    for path in ("/", f"/c/{row.slug}"):
        text = page(client, path)
        assert "ข้อมูลสมมติ" in text
        assert 'content="noindex"' in text
    assert "ข้อมูลสมมติ" not in page(client, f"/c/{make.consultation().slug}")


def test_hostile_words_stay_words_wherever_they_are_shown(client: FlaskClient, make: Make) -> None:
    bad = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    agency = make.agency(name_th=bad, about=bad, address=bad)
    row = make.consultation(
        agency,
        title=bad,
        title_phrases=[bad],
        summary=bad,
        can_change=[bad],
        decided=[bad],
        decider=bad,
        area=bad,
        offline_route=bad,
        contact={"office": bad, "name": bad, "phone": "0 2000 0001"},
        legal_basis=bad,
    )
    for path in ("/", "/?sort=new", f"/c/{row.slug}", f"/a/{agency.slug}"):
        text = page(client, path)
        assert "<img src=x" not in text
        assert "<script>alert" not in text


def change(row: Consultation, n: int) -> Change:
    return Change(
        consultation_id=row.id,
        at=clock.now(),
        kind="changed",
        field="summary",
        before="ก่อน",
        after=f"หลัง {n}",
        reason="สะกดผิด",
    )


def test_what_was_changed_after_opening_is_shown_with_its_reason(client: FlaskClient, make: Make, tx: Session) -> None:
    row = make.consultation()
    assert "สิ่งที่แก้หลังประกาศ" not in page(client, f"/c/{row.slug}")
    tx.add(change(row, 1))
    tx.flush()
    text = page(client, f"/c/{row.slug}")
    for words in ("สิ่งที่แก้หลังประกาศ", "สรุปสั้น", "สะกดผิด", "ก่อน", "หลัง 1"):
        assert words in text


def test_one_agreed_to_before_its_day_is_not_opened_yet(client: FlaskClient, make: Make, tx: Session) -> None:
    soon = make.consultation(opens_at=clock.now() + timedelta(days=3), closes_at=clock.now() + timedelta(days=30))
    for row in (soon, make.consultation()):
        tx.add(Change(consultation_id=row.id, at=clock.now(), kind="opened", field="", before="", after="", reason=""))
    tx.flush()
    told = page(client, f"/c/{soon.slug}")
    assert "ตกลงให้เปิดตามวันที่ประกาศ" in told
    assert "</time> เปิดรับความเห็น" not in told
    assert "เกิดอะไรขึ้นแล้วบ้าง" in told
    assert "</time> เปิดรับความเห็น" in page(client, f"/c/{row.slug}")


def test_an_agencys_page_tells_its_number_and_what_it_asked(client: FlaskClient, make: Make) -> None:
    agency, now = make.agency(), clock.now()
    mine = make.consultation(agency)
    over = make.heard(make.consultation(agency, opens_at=now - 9 * DAY, closes_at=now - DAY))
    other = make.consultation()
    text = page(client, f"/a/{agency.slug}")
    assert 'href="tel:020000001"' in text
    assert text.index(mine.slug) < text.index(over.slug)
    assert other.slug not in text
    page(client, "/a/no-such-office", 404)


def test_home_takes_as_many_statements_for_fifty_as_for_five(
    client: FlaskClient,
    make: Make,
    statements: Count,  # noqa: F811
) -> None:
    now = clock.now()

    def fill(n: int) -> None:
        for k in range(n):
            make.consultation(closes_at=now + (9 + k) * DAY)
            make.consultation(opens_at=now + DAY, closes_at=now + 9 * DAY)
            make.consultation(opens_at=now - 9 * DAY, closes_at=now - DAY)

    fill(5)
    page(client, "/")
    with statements() as few:
        page(client, "/")
    fill(45)
    with statements() as many:
        page(client, "/")
    assert len(few) == len(many) <= 13


def test_a_consultation_takes_as_many_statements_with_fifty_changes_as_with_five(
    client: FlaskClient,
    make: Make,
    tx: Session,
    statements: Count,  # noqa: F811
) -> None:
    row = make.consultation()
    tx.add_all(change(row, n) for n in range(5))
    tx.flush()
    with statements() as few:
        page(client, f"/c/{row.slug}")
    tx.add_all(change(row, n) for n in range(45))
    tx.flush()
    with statements() as many:
        page(client, f"/c/{row.slug}")
    assert len(few) == len(many) <= 8


def test_an_agency_takes_as_many_statements_for_fifty_as_for_five(
    client: FlaskClient,
    make: Make,
    statements: Count,  # noqa: F811
) -> None:
    agency = make.agency()
    for _ in range(5):
        make.consultation(agency)
    with statements() as few:
        page(client, f"/a/{agency.slug}")
    for _ in range(45):
        make.consultation(agency)
    with statements() as many:
        page(client, f"/a/{agency.slug}")
    assert len(few) == len(many) <= 9


@pytest.mark.parametrize(
    ("typed", "dialled"),
    [("โทร 0 2000 0011 ได้", "020000011"), ("โทร 02-000-0011", "020000011"), ("08 1234 5678", "0812345678")],
)
def test_a_number_in_an_offices_words_can_be_called(typed: str, dialled: str) -> None:
    assert f'href="tel:{dialled}"' in whole(typed)


@pytest.mark.parametrize("typed", ["งบ 120000000 บาท", "พ.ศ. 2548", "0.5 เมตร", "กว้าง 2.4 เมตร", "10200000111222333"])
def test_what_is_no_number_to_call_stays_text(typed: str) -> None:
    assert "tel:" not in whole(typed)


def test_dates_and_hours_and_places_are_not_cut() -> None:
    assert '<span class="nb">12 มิ.ย. 2569</span>' in whole("ตามมติ 12 มิ.ย. 2569 แล้ว")
    assert '<span class="nb">16.30 น.</span>' in whole("ถึง 16.30 น.")
    assert places("อำเภอเมือง <b>") == '<span class="nb">อำเภอเมือง</span> <span class="nb">&lt;b&gt;</span>'
    assert (
        whole("<script>0 2000 0011") == '&lt;script&gt;<a class="nb tel" href="tel:020000011">0\u00a02000\u00a00011</a>'
    )


def test_the_history_dates_an_opening_by_its_own_hour_and_the_agreement_by_its_day(
    client: FlaskClient, make: Make, tx: Session
) -> None:
    opens = clock.now() - timedelta(days=5)
    row = make.consultation(opens_at=opens)
    tx.add(Change(consultation_id=row.id, at=opens - timedelta(days=9), kind="opened", field="state", reason=""))
    tx.add(Change(consultation_id=row.id, at=opens + timedelta(days=1), kind="changed", field="decider", reason="ย้าย"))
    tx.flush()
    told = page(client, f"/c/{row.slug}").split('id="changes"')[1]
    said = re.findall(r"<p><time[^>]*>([^<]+)</time> ([^<]+)", told)
    assert [(at, words.strip()) for at, words in said] == [
        (dates.datetime_text(opens + timedelta(days=1)), "แก้"),
        (dates.datetime_text(opens), "เปิดรับความเห็น"),
        (dates.datetime_text(opens - timedelta(days=9)), "ตกลงให้เปิดตามวันที่ประกาศ"),
    ]
