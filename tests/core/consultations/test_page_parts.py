"""A consultation's page has all its parts, and its record keeps who approved its opening and its close."""

from datetime import date, time
from typing import Any

import pytest

from forum.kernel import dates
from tests.core.consultations.plans import complete
from tests.factories import Make


def test_the_page_of_a_consultation_has_all_its_parts(client: Any, make: Make) -> None:
    row = make.consultation(
        summary="เลือกความกว้างทางเดิน",
        can_change=["ความกว้างของทาง"],
        decided=["สร้างแน่นอน"],
        offline_route="โทรมาบอก หรือส่งใบที่เทศบาล",
        contact={"office": "กองช่าง", "phone": "0 2000 0077"},
        documents=[{"title": "แบบร่างทางเดิน", "url": "https://a.example.org/x.pdf", "type": "PDF", "size_kb": 10}],
    )
    make.thread(row)
    text = client.get(f"/c/{row.slug}").text
    parts = [
        "สำนักช่างท่าพร้าว", 'href="tel:020000077"', "เลือกความกว้างทางเดิน", "ความกว้างของทาง", "สร้างแน่นอน",
        "อ่านและร่วมคุย", "แบบร่างทางเดิน", "โทรมาบอก หรือส่งใบที่เทศบาล", "ตอบทุกข้อเสนอ",
    ]  # fmt: skip
    assert [part for part in parts if part not in text] == []
    assert 'class="roof' in text, "its phases are drawn as a roof"


@pytest.mark.parametrize(
    ("lang", "pieces"),
    [("th", ["30 พ.ย. 2569", "เวลา 13.00 –", "16.30 น."]), ("en", ["30 Nov 2026,", "13:00 –", "16:30"])],
)
def test_the_roof_tells_a_window_within_one_day_without_breaking_an_hour(
    client: Any, make: Make, lang: str, pieces: list[str]
) -> None:
    day = date(2026, 11, 30)
    row = make.consultation(opens_at=dates.moment(day, time(13)), closes_at=dates.moment(day, time(16, 30)))
    drawn = " ".join(f'<span class="nb">{piece}</span>' for piece in pieces)
    assert f'<small class="when">{drawn}</small>' in client.get(f"/c/{row.slug}?lang={lang}").text


def test_opening_and_closing_keep_the_approval_and_the_reason(client: Any, make: Make) -> None:
    office = make.agency()
    officer = {"Authorization": f"Bearer {make.token(make.member(office))}"}
    base = "/api/v1/consultations"
    slug = client.post(base, json=complete(office.slug), headers=officer).json["id"]
    for verb in ("open", "close"):
        memo = {"memo_no": f"ทพ {verb}", "memo_date": "2026-10-01"}
        body = {"approval": memo, "reason": f"เพราะ {verb}"}
        told = client.post(f"{base}/{slug}/{verb}", json=body, headers=officer)
        assert told.status_code == 200
        change = client.get(f"{base}/{slug}").json["changes"][0]
        assert (change["approval"], change["reason"]) == (memo, f"เพราะ {verb}")


def test_what_is_asked_to_be_agreed_to_names_political_opinion(client: Any, make: Make) -> None:
    for path in ("/signup", f"/t/{make.thread()}"):
        text = client.get(path).text
        box = text[text.index('name="consent"') :]
        assert "ทางการเมือง" in box.split("</label>")[0]
        assert "checked" not in box.split(">")[0]
