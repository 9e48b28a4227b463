"""A complete plan of a consultation, as a program would send it; tests take fields away or spoil them."""

from datetime import timedelta
from typing import Any

from forum.kernel import clock


def complete(agency: str, /, **values: Any) -> dict[str, Any]:
    """A body for POST /consultations that may be opened at once."""
    now = clock.now()
    opens, closes = (now - timedelta(hours=1)).isoformat(), (now + timedelta(days=20)).isoformat()
    given: dict[str, Any] = {
        "agency": agency,
        "title": "ทางเดินริมคลองควรกว้างเท่าไร",
        "summary": "เลือกความกว้างของทางเดิน 1.8 กิโลเมตร",
        "body": "แบบ ก **2.4 เมตร** หรือแบบ ข 3 เมตร",
        "can_change": ["ความกว้าง", "ราวกันตก"],
        "decided": ["จะสร้างแน่นอน"],
        "decider": "ผู้อำนวยการสำนักช่าง",
        "contact": {"office": "สำนักช่าง", "name": "คุณวรรณา", "phone": "0 2000 0011"},
        "answer_by": (now + timedelta(days=60)).date().isoformat(),
        "opens_at": opens,
        "closes_at": closes,
        "offline_route": "โทร 0 2000 0011 หรือหย่อนใบความเห็นที่ศาลาท่าน้ำ",
        "phases": [{"title": "ออกความเห็น", "starts_at": opens, "ends_at": closes, "activities": ["discussion"]}],
        "activities": [{"kind": "discussion", "title": "คุยเรื่องความกว้าง"}],
    }
    return {name: value for name, value in (given | values).items() if value is not ...}
