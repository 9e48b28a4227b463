"""Set-up as short tasks: in any order, kept at once, never by accident, and what each refuses."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.admin.setup import starts
from forum.admin.setup.tasks import PROMPT, TASKS
from forum.core.agencies.models import Agency
from forum.core.consultations import queries
from forum.core.consultations.models import Change, Consultation
from forum.kernel import dates
from tests.admin.desk import Officer, day, tasks
from tests.factories import Make
from tests.security.shown import Shown

DAY = timedelta(days=1)
NEEDED = ("story", "scope", "decision", "dates", "ways", "topics", "offline", "contact", "privacy")


def missing(page: str) -> list[str]:
    """The tasks that the list names as missing."""
    panel = page.split('id="h-next"')[1].split("</section>", maxsplit=1)[0]
    return re.findall(r'/setup/(\w+)"', panel)


def test_a_topic_begins_with_its_question_and_names_what_is_left(officer: Officer, office: Agency) -> None:
    assert officer.begin(office.slug).status_code == 303
    row = officer.row()
    assert (row.title, row.title_phrases) == ("ทางเดินริมคลอง กว้างแค่ไหน", ["ทางเดินริมคลอง ", "กว้างแค่ไหน"])
    assert re.fullmatch(r"[a-z0-9-]+", row.slug)
    page = officer.get()
    assert "ขาดอีก 9 ข้อจึงเปิดได้" in page
    assert set(missing(page)) == set(NEEDED)
    assert "ไม่ใส่ก็ได้" in page


@pytest.mark.parametrize("order", [1, -1])
def test_tasks_are_filled_in_any_order_on_any_machine(
    officer: Officer, colleague: Officer, office: Agency, order: int
) -> None:
    officer.begin(office.slug)
    colleague.slug = officer.slug
    filled = tasks()
    for n, key in enumerate(list(filled)[::order]):
        at_work = (officer, colleague)[n % 2]
        answer = at_work.send(f"setup/{key}", filled[key])
        assert answer.status_code == 303, (key, answer.text)
        assert answer.headers["Location"] == f"/desk/{officer.slug}"
        left = missing(colleague.get())
        assert key not in left or key == "ways"
    assert missing(officer.get()) == ["topics"]
    officer.topic()
    assert "ครบแล้ว ยังไม่มีใครเห็นจนกว่าคุณจะประกาศ" in officer.get()
    row = officer.row()
    (phase,) = queries.phases_of(officer.tx, row.id)
    assert (phase.starts_at, phase.ends_at, phase.activities) == (row.opens_at, row.closes_at, ["discussion"])
    assert row.contact == {"office": "กองช่าง", "phone": "0 2000 0011"}


@pytest.mark.parametrize("key", [key for key in TASKS if key not in ("topics", "privacy")])
def test_keeping_what_a_task_shows_changes_nothing(officer: Officer, make: Make, office: Agency, key: str) -> None:
    row = make.consultation(
        office,
        area_codes=["10", "1011"],
        announcements=[{"date": "2026-01-02", "channel": "ป้าย", "ref": "", "reach": ""}],
        documents=[
            {
                "title": "แบบ",
                "url": "https://a.example.org/x",
                "type": "PDF",
                "size_kb": 9,
                "date": "2026-01-01",
                "summary": "- ก",
            }
        ],
    )
    shown = officer.get(f"/desk/{row.slug}/setup/{key}")
    boxes = re.findall(r'<input(?=[^>]*class="in)[^>]*name="([^"]+)"[^>]*value="([^"]*)"', shown)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown)
    areas = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n([^<]*)</textarea>', shown)
    chosen = re.findall(r'<select[^>]*name="([^"]+)"[^>]*>.*?<option value="([^"]*)" selected', shown)
    ticked = re.findall(r'<input type="(?:checkbox|radio)" name="([^"]+)" value="([^"]*)"[^>]* checked', shown)
    data: dict[str, Any] = {}
    for name, value in [*boxes, *hidden, *areas, *chosen, *ticked]:
        data.setdefault(name, []).append(unescape(value))
    answer = officer.client.post(f"/desk/{row.slug}/setup/{key}", data=data)
    assert answer.status_code == 303, answer.text
    officer.tx.expire_all()
    assert row.version == 1
    assert officer.tx.execute(select(Change)).first() is None


@pytest.mark.parametrize(("lang", "label", "era"), [("th", "ปี พ.ศ.", 543), ("en", "Year", 0)])
def test_years_stand_in_their_boxes_as_the_readers_language_counts_them(
    officer: Officer, make: Make, office: Agency, lang: str, label: str, era: int
) -> None:
    row = make.consultation(office)
    shown = officer.get(f"/desk/{row.slug}/setup/dates?lang={lang}")
    year = re.search(
        r'<span class="small">([^<]*)</span><input class="in" name="answer_by.year"[^>]*value="(\d+)"', shown
    )
    assert year is not None
    assert row.answer_by is not None
    assert year.groups() == (label, str(row.answer_by.year + era))


@pytest.mark.parametrize(
    ("key", "field", "values"),
    [
        ("question", "title", {"title": " "}),
        ("question", "title", {"title": "ก" * 201}),
        ("question", "slug", {"title": "ก", "slug": "ไทย"}),
        ("dates", "closes_at", {**day("opens_at", 9), **day("closes_at", 3)}),
        ("dates", "closes_at", {"closes_at.day": "31", "closes_at.month": "6", "closes_at.year": "2569"}),
        ("dates", "closes_at", {"closes_at.day": "1", "closes_at.month": "", "closes_at.year": "2569"}),
        ("dates", "closes_at", {**day("closes_at", 9), "closes_at.time": "25.00"}),
        ("dates", "opens_at", {"opens_at.time": "9.00"}),
        ("dates", "answer_by", {**day("closes_at", 20), **day("answer_by", 19)}),
        ("dates", "answer_by", day("answer_by", 9) | {"answer_by.day": "ก"}),
        ("law", "law_url", {"law_url": "http://law.example.org"}),
        ("law", "law_kind", {"law_kind": "magic"}),
        ("contact", "contact.phone", {"contact.phone": "โทรมา"}),
        ("contact", "contact.email", {"contact.email": "x"}),
        ("ways", "phases.0.ends_at", {"phases.0.title": "คุย", **day("phases.0.starts_at", 1)}),
        ("ways", "activities.0.title", {"activities.0.title": "ก" * 121}),
        ("documents", "documents.0.url", {"documents.0.title": "แบบ", "documents.0.url": "ftp://x"}),
        ("documents", "documents.0.size_kb", {"documents.0.title": "ก", "documents.0.size_kb": "ใหญ่"}),
        ("announcements", "announcements.0.date", {"announcements.0.channel": "ป้าย"}),
        ("announcements", "announcements.0.channel", day("announcements.0.date", -3)),
        ("area", "area", {"area": "ก" * 201}),
        ("area", "area_codes", {"area_codes": ["99"]}),
        ("privacy", "privacy_notice", {"privacy_notice": "ก" * 4001, "confirmed": "1"}),
        ("privacy", "privacy_notice", {"privacy_notice": " ", "confirmed": "1"}),
        ("privacy", "confirmed", {"privacy_notice": "เก็บ 1 ปี"}),
    ],
)
def test_what_will_not_do_is_named_at_its_box_and_nothing_is_kept(
    officer: Officer, office: Agency, key: str, field: str, values: dict[str, Any]
) -> None:
    officer.begin(office.slug)
    answer = officer.send(f"setup/{key}", tasks().get(key, {}) | values if key == "ways" else values)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert f'id="f-{field}' in answer.text
    assert officer.row().version == 1


@pytest.mark.parametrize("part", ["type", "size_kb", "date", "summary"])
def test_a_document_comes_with_type_size_date_and_what_is_in_it(officer: Officer, office: Agency, part: str) -> None:
    officer.begin(office.slug)
    whole = {
        "title": "แบบ ก",
        "url": "https://a.example.org/x.pdf",
        "type": "PDF",
        "size_kb": "๑๘๐",
        "summary": "- แบบ",
    }
    typed = {f"documents.0.{name}": value for name, value in whole.items()} | day("documents.0.date", -9)
    less = {name: value for name, value in typed.items() if not name.startswith(f"documents.0.{part}")}
    refused = officer.send("setup/documents", less)
    assert refused.status_code == 422
    assert f'href="#f-documents.0.{part}"' in refused.text
    assert "แบบ ก" in refused.text
    assert officer.send("setup/documents", typed).status_code == 303
    assert officer.row().documents[0]["size_kb"] == 180


def test_what_is_in_a_document_is_read_on_the_page_itself(officer: Officer, make: Make, office: Agency) -> None:
    summary = "- กว้าง **3 เมตร**\n- <script>alert(1)</script>"
    paper = {"title": "แบบ", "url": "https://a.example.org/x", "type": "PDF", "size_kb": 180, "date": "2026-01-31"}
    row = make.consultation(office, documents=[paper | {"summary": summary}])
    page = officer.get(f"/c/{row.slug}")
    assert "<li>กว้าง <strong>3 เมตร</strong></li>" in page
    assert "<script>alert" not in page
    for said in ("PDF 180 KB", "31 ม.ค. 2569"):
        assert said in page


def test_a_person_is_named_only_when_they_agreed(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    typed = tasks()["contact"] | {"contact.name": "คุณวรรณา"}
    refused = officer.send("setup/contact", typed)
    assert refused.status_code == 422
    assert 'href="#f-contact.name"' in refused.text
    assert "ยินยอม" in refused.text
    assert officer.row().contact == {}
    assert officer.send("setup/contact", typed | {"agreed": "1"}).status_code == 303
    assert officer.row().contact["name"] == "คุณวรรณา"
    assert officer.send("setup/contact", typed).status_code == 303, "who agreed once is not asked again"
    assert officer.send("setup/contact", typed | {"contact.name": "คุณสมชาย"}).status_code == 422, "another person is"
    assert officer.send("setup/contact", typed | {"contact.name": ""}).status_code == 303
    assert "name" not in officer.row().contact


def test_a_contact_without_a_number_is_not_enough_to_open(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.send("setup/contact", {"contact.office": "กองช่าง", "contact.phone": ""})
    page = officer.get()
    assert "contact" in missing(page)
    assert "เบอร์โทร" in page


def test_a_place_is_chosen_by_province_then_district_without_a_script(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    shown = officer.send("setup/area", {"province": "10", "more": "district"})
    assert shown.status_code == 200
    assert '<option value="1011">เขตลาดกระบัง</option>' in shown.text
    added = officer.send("setup/area", {"province": "10", "district": "1011", "more": "place"})
    assert "เขตลาดกระบัง กรุงเทพมหานคร" in added.text
    assert officer.row().area_codes == []
    kept = {"area_codes": ["1011"], "province": "81", "district": "all", "area": "ริมคลอง 4 ชุมชน"}
    assert officer.send("setup/area", kept).status_code == 303
    assert (officer.row().area_codes, officer.row().area) == (["1011", "81"], "ริมคลอง 4 ชุมชน")
    assert officer.send("setup/area", {"area_codes": ["81"], "area": ""}).status_code == 303
    assert officer.row().area_codes == ["81"]


def test_a_district_of_another_province_is_not_taken(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.send("setup/area", {"province": "81", "district": "1011", "area": "ริมคลอง"})
    assert officer.row().area_codes == []


@pytest.mark.parametrize("more", ["activities", "phases", "documents", "announcements", "", "x"])
@pytest.mark.parametrize("key", ["ways", "documents", "announcements"])
def test_asking_for_one_more_row_keeps_nothing(officer: Officer, office: Agency, key: str, more: str) -> None:
    officer.begin(office.slug)
    typed = {"documents.0.title": "แบบ ก", "announcements.0.channel": "ป้าย ก", "activities.0.title": "คุย ก"}
    answer = officer.send(f"setup/{key}", typed | {"activities.0.kind": "discussion", "more": more})
    assert answer.status_code == 200
    assert {"ways": "คุย ก", "documents": "แบบ ก", "announcements": "ป้าย ก"}[key] in answer.text
    if key == more:
        assert f'name="{more}.1.' in answer.text
    assert officer.row().version == 1


@pytest.mark.parametrize("year", ["69", "26", "569", "1483", "3112", "9999", "0", "ปีหน้า", "25๖9x", "-2569"])
def test_a_year_that_nobody_can_mean_is_asked_again(officer: Officer, office: Agency, year: str) -> None:
    officer.begin(office.slug)
    answer = officer.send("setup/dates", {"opens_at.day": "1", "opens_at.month": "1", "opens_at.year": year})
    assert answer.status_code == 422
    assert 'href="#f-opens_at"' in answer.text
    assert "2569 หรือ 2026" in answer.text


@pytest.mark.parametrize("year", ["2570", "2027", "๒๕๗๐", "๒๐๒๗", " 2570 "])
def test_years_of_either_era_and_thai_digits_are_the_same_year(officer: Officer, office: Agency, year: str) -> None:
    officer.begin(office.slug)
    typed = {"opens_at.day": "๑๓", "opens_at.month": "4", "opens_at.year": year, "opens_at.time": "๑๖.๓๐"}
    assert officer.send("setup/dates", typed).status_code == 303
    assert dates.in_bangkok(officer.row().opens_at).isoformat() == "2027-04-13T16:30:00+07:00"


def test_the_last_day_of_a_year_ends_with_it(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    typed = {"closes_at.day": "31", "closes_at.month": "12", "closes_at.year": "2570"}
    assert officer.send("setup/dates", typed).status_code == 303
    assert dates.in_bangkok(officer.row().closes_at).isoformat() == "2028-01-01T00:00:00+07:00"
    assert 'value="31"' in officer.get("setup/dates")
    assert 'value="2570"' in officer.get("setup/dates")


def test_windows_that_begin_and_end_with_the_dates_move_with_them(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=20, runs=30)
    officer.send("setup/dates", {**day("opens_at", 25), **day("closes_at", 60), **day("answer_by", 90)})
    row = officer.row()
    (phase,) = queries.phases_of(officer.tx, row.id)
    assert (phase.starts_at, phase.ends_at) == (row.opens_at, row.closes_at)


def test_windows_of_an_offices_own_stay_and_one_that_sticks_out_is_named(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=20, runs=30)
    way = {"activities.0.kind": "discussion", "activities.0.key": "discussion", "activities.0.title": "คุย"}
    first = {"phases.0.title": "ช่วงแรก", **day("phases.0.starts_at", 20), **day("phases.0.ends_at", 29)}
    second = {"phases.1.title": "ช่วงหลัง", **day("phases.1.starts_at", 30), **day("phases.1.ends_at", 49)}
    both = first | second | {"phases.0.activities": "discussion", "phases.1.activities": "discussion"}
    assert officer.send("setup/ways", way | both).status_code == 303
    crossing = officer.send("setup/ways", way | both | day("phases.1.starts_at", 29))
    assert crossing.status_code == 422
    assert 'href="#f-phases.1.starts_at"' in crossing.text
    assert "ซ้อนวันกัน" in crossing.text
    assert officer.send("setup/ways", way | both | day("phases.1.ends_at", 55)).status_code == 303
    page = officer.get()
    assert missing(page) == ["ways"]
    assert "มีช่วงที่ให้ร่วมก่อนวันเปิดหรือหลังวันปิด" in page
    refused = officer.send("open", {"by": "member"}, at=f"/desk/{officer.slug}/open")
    assert refused.status_code == 422
    assert officer.row().state == "draft"


def test_two_officers_at_one_task_see_both_texts_and_nothing_is_lost(
    officer: Officer, colleague: Officer, office: Agency
) -> None:
    officer.begin(office.slug)
    colleague.slug = officer.slug
    shown = officer.get("setup/story")
    mine = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown))
    assert colleague.send("setup/story", {"summary": "ของเขา", "body": "เรื่อง"}).status_code == 303
    answer = officer.client.post(f"/desk/{officer.slug}/setup/story", data=mine | {"summary": "ของฉัน", "body": "เรื่อง"})
    assert answer.status_code == 409
    for said in ("ของเขา", "ของฉัน", 'name="version" value="2"'):
        assert said in answer.text
    assert officer.row().summary == "ของเขา"
    mine |= dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    again = officer.client.post(f"/desk/{officer.slug}/setup/story", data=mine | {"summary": "ของฉัน", "body": "เรื่อง"})
    assert again.status_code == 303
    assert officer.row().summary == "ของฉัน"


def test_two_officers_at_different_tasks_are_not_in_each_others_way(
    officer: Officer, colleague: Officer, office: Agency
) -> None:
    officer.begin(office.slug)
    colleague.slug = officer.slug
    mine = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', officer.get("setup/story")))
    assert colleague.send("setup/offline", {"offline_route": "โทรมา"}).status_code == 303
    answer = officer.client.post(f"/desk/{officer.slug}/setup/story", data=mine | {"summary": "สรุป", "body": "เรื่อง"})
    assert answer.status_code == 303
    assert (officer.row().summary, officer.row().offline_route) == ("สรุป", "โทรมา")


@pytest.mark.parametrize("version", ["", "x", "-1", "๑", "9" * 30])
def test_a_forged_version_is_no_form_of_ours(officer: Officer, office: Agency, version: str) -> None:
    officer.begin(office.slug)
    answer = officer.send("setup/story", {"summary": "พิมพ์มานาน", "body": "", "version": version})
    assert answer.status_code == 422
    assert "โหลดหน้าใหม่" in answer.text
    assert "พิมพ์มานาน" in answer.text
    assert officer.row().summary == ""


def test_a_later_version_than_there_is_is_a_conflict(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    assert officer.send("setup/story", {"summary": "ก", "body": "", "version": "7"}).status_code == 409


def test_the_supplied_privacy_text_must_be_read_filled_in_and_confirmed(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    shown = officer.get("setup/privacy")
    text = unescape(re.findall(r'<textarea[^>]*name="privacy_notice"[^>]*>\n([^<]*)</textarea>', shown)[0])
    assert PROMPT.search(text)
    refused = officer.send("setup/privacy", {"privacy_notice": text, "confirmed": "1"})
    assert refused.status_code == 422
    problem = refused.text.split('id="f-privacy_notice-err"')[1].split("</p>", maxsplit=1)[0]
    assert "ยังมีวงเล็บที่ต้องใส่เอง" in problem
    for place in PROMPT.findall(text):
        assert place in problem, "every place that is left is named"
    assert officer.row().privacy_notice == ""
    assert "privacy" in missing(officer.get()), "what is left in brackets must be said"
    said = PROMPT.sub("3 ปี", text)
    assert officer.send("setup/privacy", {"privacy_notice": said, "confirmed": "1"}).status_code == 303
    assert "privacy" not in missing(officer.get())


@pytest.mark.parametrize("gap", ["[กี่วัน]", "[]", "[ชื่อหน่วยงาน] และ [ใส่ที่เก็บ]"])
def test_no_brackets_of_any_kind_stay_in_what_is_said_of_personal_data(
    officer: Officer, office: Agency, gap: str
) -> None:
    officer.begin(office.slug)
    refused = officer.send("setup/privacy", {"privacy_notice": f"เก็บไว้ {gap} แล้วลบ", "confirmed": "1"})
    assert refused.status_code == 422
    assert set(Shown(refused.text).mistakes) == {"privacy_notice"}
    assert officer.row().privacy_notice == ""
    linked = {"privacy_notice": "อ่าน [ประกาศของเทศบาล](https://example.go.th/pdpa)", "confirmed": "1"}
    assert officer.send("setup/privacy", linked).status_code == 303


@pytest.mark.parametrize("key", [s.key for s in starts.supplied()])
def test_a_supplied_text_fills_the_tasks_and_opens_only_when_every_gap_is_filled(
    officer: Officer, office: Agency, key: str
) -> None:
    assert officer.begin(office.slug, "ตลาดเช้าควรย้ายไปไหน", f"text:{key}").status_code == 303
    row = officer.row()
    assert (row.title, row.state) == ("ตลาดเช้าควรย้ายไปไหน", "draft")
    assert len(row.can_change) >= 4
    assert row.privacy_notice
    assert len(queries.phases_of(officer.tx, row.id)) == 2
    left = set(missing(officer.get()))
    assert {"story", "scope", "decision", "offline", "contact", "privacy", "ways"} <= left
    assert "dates" in left, "days that were only counted from today are somebody's to choose"
    assert officer.send("setup/dates", tasks()["dates"]).status_code == 303
    assert "dates" not in missing(officer.get())
    refused = officer.send("open", {"by": "member"}, at=f"/desk/{row.slug}/open")
    assert refused.status_code == 422
    assert officer.row().state == "draft"


def test_four_texts_are_supplied_in_thai_as_a_neighbour_speaks() -> None:
    rows = json.loads(Path(starts.__file__).with_name("starts.json").read_text(encoding="utf-8"))
    assert len(rows) >= 4
    said = json.dumps([{k: v for k, v in row.items() if k != "key"} for row in rows], ensure_ascii=False)
    for stiff in ("ครับ", "ค่ะ", "ดำเนินการ", "ทำการ", "กรุณา", "ผู้มีส่วนได้เสีย"):
        assert stiff not in said, stiff
    assert not re.search("(?<!เ)ท่าน", said)


def test_windows_that_went_with_the_dates_are_named_from_when_to_when(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=20, runs=30)
    way = {"activities.0.kind": "discussion", "activities.0.key": "discussion", "activities.0.title": "คุย"}
    first = {"phases.0.title": "ร่วมคุย", **day("phases.0.starts_at", 20), **day("phases.0.ends_at", 49)}
    later = {"phases.1.title": "พิจารณา", **day("phases.1.starts_at", 50), **day("phases.1.ends_at", 70)}
    assert officer.send("setup/ways", way | first | later | {"phases.0.activities": "discussion"}).status_code == 303
    was = [dates.range_text(p.starts_at, p.ends_at) for p in queries.phases_of(officer.tx, officer.row().id)]
    assert "เลื่อนตาม" not in officer.get(), "what was typed is no news"
    officer.send("setup/dates", {**day("opens_at", 25), **day("closes_at", 60), **day("answer_by", 90)})
    now = [dates.range_text(p.starts_at, p.ends_at) for p in queries.phases_of(officer.tx, officer.row().id)]
    assert was[0] != now[0]
    assert was[1] != now[1]
    page = officer.get()
    for name, old, new in zip(("ร่วมคุย", "พิจารณา"), was, now, strict=True):
        assert f"ช่วง “{name}” เลื่อนตาม จาก {old} เป็น {new}" in page
    assert "เลื่อนตาม" not in officer.get()
    officer.send("setup/dates", {**day("opens_at", 25), **day("closes_at", 60), **day("answer_by", 91)})
    assert "เลื่อนตาม" not in officer.get(), "no window moved"


def test_what_is_kept_half_filled_says_what_it_still_lacks(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.send("setup/contact", {"contact.office": "กองช่าง"})
    assert "เก็บแล้ว แต่ข้อนี้ยังไม่ครบ: เบอร์โทร" in officer.get()
    officer.send("setup/story", {"summary": "เลือก", "body": "[ใส่ที่มา]"})
    assert "เก็บแล้ว แต่ข้อนี้ยังไม่ครบ: ยังมีข้อความตัวอย่าง" in officer.get()
    officer.send("setup/ways", {"activities.0.kind": "discussion", "activities.0.key": "", "activities.0.title": "คุย"})
    assert "แต่ข้อนี้ยังไม่ครบ: ใส่วันเปิดกับวันปิดก่อน" in officer.get()
    officer.fill(("contact",))
    assert "ยังไม่ครบ:" not in officer.get()


def test_a_wrong_opening_day_is_told_once_and_of_no_window_that_follows_it(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill(opens=20, runs=30)
    wrong = {**day("opens_at", 20), **day("closes_at", 49), **day("answer_by", 80), "opens_at.year": "2500"}
    answer = officer.send("setup/dates", wrong)
    assert answer.status_code == 422
    assert Shown(answer.text).mistakes == {"opens_at": "ปีต้องอยู่ระหว่าง พ.ศ. 2543 ถึง 2742 (ค.ศ. 2000 ถึง 2199)"}


@pytest.mark.parametrize("start", ["text:nothing", "copy:", "copy:no-such", "x", "text:"])
def test_a_start_that_is_not_there_begins_nothing(officer: Officer, office: Agency, tx: Session, start: str) -> None:
    answer = officer.begin(office.slug, start=start)
    assert answer.status_code == 422
    assert 'href="#f-start"' in answer.text
    assert tx.execute(select(Consultation)).first() is None


def test_an_earlier_topic_is_copied_without_its_dates_address_and_announcements(
    officer: Officer, make: Make, office: Agency
) -> None:
    told = [{"date": "2026-01-02", "channel": "ป้าย", "ref": "", "reach": ""}]
    old = make.consultation(office, state="closed", body="ที่มา", announcements=told, area_codes=["10"])
    assert f"copy:{old.slug}" in officer.get("/desk/new")
    assert officer.begin(office.slug, "ปีนี้ควรกว้างเท่าไร", f"copy:{old.slug}").status_code == 303
    row = officer.row()
    assert (row.state, row.body, row.can_change, row.decider) == ("draft", "ที่มา", old.can_change, old.decider)
    assert (row.opens_at, row.closes_at, row.answer_by, row.announcements) == (None, None, None, [])
    assert row.slug != old.slug
    assert row.area_codes == ["10"]
    assert [a.key for a in queries.activities_of(officer.tx, row.id)] == ["discussion"]
    assert queries.phases_of(officer.tx, row.id) == []


UNREAD = "ข้อความตั้งต้น ยังไม่ได้อ่านทวน"


def test_what_was_copied_is_missing_until_it_is_kept_once(officer: Officer, make: Make, office: Agency) -> None:
    old = make.consultation(office, body="ที่มา", area_codes=["10"], privacy_notice="เก็บข้อความ 1 ปี")
    officer.begin(office.slug, "ปีนี้ควรกว้างเท่าไร", f"copy:{old.slug}")
    assert set(missing(officer.get())) == {*NEEDED, "area"}
    assert "question" not in missing(officer.get()), "the question was written for this one"
    assert UNREAD in officer.get()
    officer.send("setup/dates", tasks()["dates"])
    refused = officer.send("open", {"by": "member"}, at=f"/desk/{officer.slug}/open")
    assert refused.status_code == 422
    assert f"สรุปสั้นและที่มา ({UNREAD}" in refused.text
    assert "อ่านให้จบ แก้ที่ไม่ตรงกับเรื่องนี้ แล้วกดเก็บ" in officer.get("setup/story")
    was = officer.row().version
    same = officer.send("setup/story", {"summary": old.summary, "body": old.body})
    assert same.status_code == 303
    assert "story" not in missing(officer.get()), "kept as it is, it was read"
    assert officer.row().version == was, "and nothing changed"
    assert UNREAD not in officer.get("setup/story")
    for key in ("scope", "decision", "ways", "offline", "contact", "privacy", "area"):
        typed = tasks().get(key, {"area": "ริมคลอง"})
        if key == "ways":
            typed = typed | {"activities.0.key": "discussion"}
        assert officer.send(f"setup/{key}", typed).status_code == 303, key
    assert missing(officer.get()) == ["topics"], "nobody's words are copied"
    officer.topic()
    assert missing(officer.get()) == []
    assert UNREAD not in officer.get()


def test_a_blank_start_has_nothing_to_read_again(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    assert UNREAD not in officer.get()
    assert officer.row().copied == []


def test_what_an_earlier_topic_said_of_its_own_time_is_not_copied(officer: Officer, make: Make, office: Agency) -> None:
    closes = dates.end_of_day(dates.parse_day("10", "3", "2569"))
    old = make.consultation(
        office,
        state="closed",
        opens_at=closes - 30 * DAY,
        closes_at=closes,
        answer_by=dates.parse_day("9", "4", "2569"),
        offline_route="ปิดรับแล้ว ถ้าอยากถามความคืบหน้า โทร 0 2000 0031",
        summary="เลือกความกว้างได้ถึง ๑๐ มี.ค. 2569",
        body="ทางเดินยาว 1.8 กิโลเมตร\n\nเราตอบภายใน 9 เมษายน\n\nสร้างเมื่อ 10 ม.ค. 2540",
        can_change=["ความกว้าง", "สีที่โหวตก่อน 10 มีนาคม 2569"],
        decided=["เริ่มสร้าง 110 มี.ค."],
    )
    officer.begin(office.slug, "ปีนี้ควรกว้างเท่าไร", f"copy:{old.slug}")
    row = officer.row()
    assert (row.offline_route, row.summary) == ("", "")
    assert row.body == "ทางเดินยาว 1.8 กิโลเมตร\n\nสร้างเมื่อ 10 ม.ค. 2540"
    assert (row.can_change, row.decided) == (["ความกว้าง"], ["เริ่มสร้าง 110 มี.ค."])
    assert {"offline", "story"} <= set(missing(officer.get())), "what was left out is asked for"
    assert old.offline_route.startswith("ปิดรับแล้ว"), "the earlier one keeps its words"


def test_a_topic_of_another_agency_cannot_be_copied(officer: Officer, make: Make, office: Agency, tx: Session) -> None:
    theirs = make.consultation(state="draft", summary="ความลับ")
    assert theirs.slug not in officer.get("/desk/new")
    answer = officer.begin(office.slug, start=f"copy:{theirs.slug}")
    assert answer.status_code == 422
    assert len(tx.execute(select(Consultation)).all()) == 1


def test_an_agency_of_others_asks_nothing_through_me(officer: Officer, make: Make, tx: Session) -> None:
    assert officer.begin(make.agency().slug).status_code == 403
    assert officer.begin("no-such-office").status_code == 422
    assert tx.execute(select(Consultation)).first() is None


def test_the_preview_is_the_citizens_page_in_a_frame_of_a_phone(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill()
    answer = officer.client.get(f"/desk/{officer.slug}/preview")
    assert f'src="/desk/{officer.slug}/preview/page"' in answer.text
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    inside = officer.client.get(f"/desk/{officer.slug}/preview/page")
    assert "frame-ancestors 'self'" in inside.headers["Content-Security-Policy"]
    assert inside.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "เปิดรับความเห็น" in inside.text
    assert "คุยเรื่องความกว้าง" in inside.text
    assert "แก้เรื่องนี้ที่โต๊ะเจ้าหน้าที่" not in inside.text, "nobody but officers would see it"
    after = officer.client.get("/desk")
    assert "frame-ancestors 'none'" in after.headers["Content-Security-Policy"]
    assert officer.row().state == "draft"


def test_no_other_page_may_stand_in_a_frame(officer: Officer, office: Agency, client: FlaskClient) -> None:
    officer.begin(office.slug)
    for path in ("/", f"/c/{officer.slug}", f"/desk/{officer.slug}", "/desk/new"):
        answer = client.get(path)
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_once_announced_each_task_asks_why_and_everybody_reads_it(
    officer: Officer, make: Make, office: Agency, app: Flask
) -> None:
    row = make.consultation(office, announcements=[])
    officer.slug = row.slug
    refused = officer.send("setup/story", {"summary": "สรุปใหม่", "body": ""})
    assert refused.status_code == 422
    assert 'href="#f-reason"' in refused.text
    typed = {"summary": "สรุปใหม่", "body": "", "reason": "พิมพ์ผิด"}
    refused = officer.send("setup/story", typed)
    assert "ที่มาของเรื่อง" in refused.text, "what is read already cannot be emptied"
    assert officer.send("setup/story", typed | {"body": "ที่มา"}).status_code == 303
    page = app.test_client().get(f"/c/{row.slug}").text
    for said in ("พิมพ์ผิด", "เลือกความกว้างทางเดิน", "สรุปใหม่"):
        assert said in page


def test_where_else_it_was_announced_is_added_without_a_reason_and_not_taken_away(
    officer: Officer, make: Make, office: Agency
) -> None:
    first = {"date": "2026-01-02", "channel": "ป้าย", "ref": "ทพ 1", "reach": "300"}
    row = make.consultation(office, body="เรื่อง", announcements=[first])
    officer.slug = row.slug
    kept = {"announcements.0.channel": "ป้าย", "announcements.0.ref": "ทพ 1", "announcements.0.reach": "300"}
    kept |= {"announcements.0.date.day": "2", "announcements.0.date.month": "1", "announcements.0.date.year": "2569"}
    more = {"announcements.1.channel": "เสียงตามสาย", **day("announcements.1.date", -1)}
    assert officer.send("setup/announcements", kept | more).status_code == 303
    assert [told["channel"] for told in officer.row().announcements] == ["ป้าย", "เสียงตามสาย"]
    refused = officer.send("setup/announcements", kept)
    assert refused.status_code == 422
    assert 'href="#f-reason"' in refused.text
    assert officer.send("setup/announcements", kept | {"reason": "ใส่ผิดวัน"}).status_code == 303


def test_the_address_stays_once_people_have_it(officer: Officer, make: Make, office: Agency) -> None:
    officer.slug = make.consultation(office, body="เรื่อง").slug
    page = officer.get("setup/question")
    assert 'type="hidden" name="slug"' in page
    answer = officer.send("setup/question", {"title": "ชื่อใหม่", "slug": "elsewhere", "reason": "ชัดขึ้น"})
    assert answer.status_code == 422
    assert "ลิงก์ที่ส่งต่อกันไปจะเสีย" in answer.text


EVIL = '"><script>alert(1)</script>{{ 7 * 1910003 }}'


@pytest.mark.parametrize("key", [key for key in TASKS if key != "topics"])
def test_a_script_typed_into_any_box_stays_words(officer: Officer, office: Agency, key: str) -> None:
    officer.begin(office.slug, EVIL)
    boxes = re.findall(r'<(?:input(?=[^>]*class="in)|textarea)[^>]*name="([^"]+)"', officer.get(f"setup/{key}"))
    typed = dict.fromkeys(boxes, EVIL) | {"agreed": EVIL, "confirmed": EVIL, "area_codes": EVIL, "more": ""}
    again = officer.send(f"setup/{key}", typed)
    assert again.status_code == 200
    kept = officer.send(f"setup/{key}", {name: value for name, value in typed.items() if name != "more"})
    for page in (again.text, kept.text, officer.get(), officer.get("/desk"), officer.get("preview/page")):
        assert "<script>alert" not in page
        assert "13370021" not in page


def test_no_word_of_the_trade_stands_in_a_form(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    for path in ("", *(f"setup/{key}" for key in TASKS), "preview"):
        main = officer.get(path).split("<main")[1].split("</main>")[0]
        words = re.sub(r"<[^>]*>", " ", main).lower()
        for jargon in ("slug", "phase", "activit", "disposition", "draft", "markdown", "url", "iso"):
            assert jargon not in words, (path, jargon)


@pytest.mark.parametrize("is_made_up", [True, False])
def test_what_a_made_up_office_asks_says_that_it_is_made_up(
    officer: Officer, office: Agency, tx: Session, is_made_up: bool
) -> None:
    office.demo = is_made_up
    tx.commit()
    officer.begin(office.slug)
    officer.fill()
    assert officer.row().demo is is_made_up
    for path in ("preview/page", "preview", "", "setup/story", "open", f"/c/{officer.slug}", f"/a/{office.slug}"):
        assert ('<aside class="demo"' in officer.get(path)) is is_made_up, path


def test_after_an_early_end_no_task_is_short_of_anything(officer: Officer, make: Make, office: Agency) -> None:
    row = make.consultation(office, body="ที่มา", privacy_notice="เก็บข้อความ 1 ปี")
    officer.slug = row.slug
    memo = {"by": "memo", "memo_no": "ทพ 0411", **day("memo_date", -3)}
    closed = officer.send("close", {"reason": "น้ำท่วม", **memo}, at=f"/desk/{row.slug}/close")
    assert closed.status_code == 303, closed.text
    page = officer.get()
    assert "ยังไม่ครบ" not in page
    for key in ("dates", "ways"):
        line = page.split(f'/setup/{key}"')[1].split("</li>", maxsplit=1)[0]
        assert "ใส่แล้ว" in line, key


def test_the_page_in_the_frame_brings_no_script_that_would_be_refused_there(officer: Officer, office: Agency) -> None:
    officer.begin(office.slug)
    officer.fill()
    assert "sandbox=" in officer.get("preview")
    assert "<script" not in officer.get("preview/page")
    assert "<script" in officer.get("preview")
