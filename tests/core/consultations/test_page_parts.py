"""A consultation's page has all its parts, and its record keeps who approved its opening and its close."""

from typing import Any

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
