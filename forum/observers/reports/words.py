"""The words of a report, an official document in Thai: what stands in its tables, and the codes that mean them."""

from forum.core.answers.compute import DISPOSITIONS, STEPS
from forum.core.answers.forms import DISPOSITION_WORDS, STEP_WORDS
from forum.core.consultations.reading import LAW_WORDS
from forum.core.consultations.tallies import CHANNELS

CHANNEL_WORDS = {
    "web": "เว็บนี้",
    "paper": "ใบกระดาษ",
    "phone": "โทรศัพท์",
    "hall": "เวทีประชุม",
    "letter": "จดหมาย",
}
COUNTED = {
    "received": "ได้รับ",
    "shown": "แสดง",
    "redacted": "ปิดคำบางส่วน",
    "hidden": "ไม่แสดง",
    "withdrawn": "ผู้เสนอลบเอง",
    "answered": "ตอบแล้ว",
    "answered_late": "ตอบช้า (รวมอยู่ในตอบแล้ว)",
    "unanswered": "ยังไม่ตอบ",
}
"""The columns of the numbers, in their order, by the fields of a `Count`."""
PLACE_WORDS = {
    "shown": "แสดง",
    "redacted": "ปิดคำบางส่วน",
    "hidden": "ไม่แสดงข้อความ",
    "withdrawn": "ผู้เสนอลบเอง",
}
KIND_WORDS = {"comment": "ความเห็น", "thread": "หัวข้อที่คนตั้ง"}
TIMING_WORDS = {"on_time": "ตอบแล้วตามกำหนด", "late": "ตอบแล้วหลังกำหนด", "no": "ยังไม่ตอบ"}
CHANGE_WORDS = {
    "announced": "ประกาศเรื่อง",
    "agreed": "ตกลงให้เปิดตามวันที่ประกาศ",
    "opened": "เปิดรับความเห็น",
    "closed": "ปิดรับความเห็น",
    "changed": "แก้",
}

Variable = tuple[str, str, str]
_AS_WRITTEN = (
    "ตามที่เขียนมา ว่างเมื่อไม่แสดงหรือผู้เสนอลบเอง ไม่มีชื่อ ชื่อในเว็บ หรือที่อยู่ของผู้เสนอ "
    "ในไฟล์ CSV ข้อความที่ขึ้นต้นด้วย = + - @ มี ' นำหน้า โปรแกรมตารางจะได้ไม่คำนวณ"
)
_CHOICES = {
    "channel": CHANNEL_WORDS,
    "kind": KIND_WORDS,
    "state": PLACE_WORDS,
    "answered": TIMING_WORDS,
}
VARIABLES: tuple[Variable, ...] = (
    ("no", "ข้อที่", "ลำดับที่ได้รับในเรื่องนี้ ตรงกับเลขข้อในสรุปผล"),
    (
        "received_on",
        "ได้รับวันที่",
        "วันตามเวลาไทย เขียนแบบ ISO 8601 ปี ค.ศ. ของใบกระดาษ โทรศัพท์ เวทีประชุม และจดหมาย คือวันที่หน่วยงานได้รับ",
    ),
    ("channel", "ทางที่ได้รับ", ""),
    ("kind", "ชนิด", ""),
    ("topic", "หัวข้อ", "หัวข้อหรือคำถามที่ข้อนี้ตอบ ว่างเมื่อหัวข้อไม่แสดงแล้ว"),
    ("stance", "ทางที่เลือก", "คำที่หัวข้อนั้นให้เลือก ว่างเมื่อไม่ได้เลือก"),
    ("state", "การแสดง", ""),
    (
        "words",
        "ข้อความ",
        _AS_WRITTEN,
    ),
    ("answered", "การตอบ", ""),
    ("answer_no", "คำตอบที่", "ลำดับคำตอบในสรุปผล หลายข้ออาจมีคำตอบเดียวกัน"),
    ("disposition", "ผลต่อข้อเสนอ", ""),
    ("answer", "คำตอบของหน่วยงาน", "ข้อความของคำตอบที่มีผลอยู่ในวันที่ทำสรุปผล"),
    ("answered_on", "ตอบวันที่", "วันตามเวลาไทย เขียนแบบ ISO 8601 ปี ค.ศ."),
    ("replaced_on", "แทนคำตอบเดิมเมื่อ", "วันที่คำตอบนี้แทนคำตอบที่เคยตอบไว้ก่อน เขียนแบบเดียวกัน ว่างเมื่อตอบครั้งเดียว"),
    ("progress", "ถึงขั้นไหน", ""),
)
"""The columns of every contribution: name in the CSV, heading in the workbook, and what it means."""


def disposition(code: str) -> str:
    """What an office decided, in words."""
    return str(DISPOSITION_WORDS[code]) if code else ""


def progress(code: str) -> str:
    """How far it is, in words."""
    return str(STEP_WORDS[code]) if code else ""


def law(kind: str) -> str:
    """What the hearing is about in the eyes of the law, as far as the office said."""
    return str(LAW_WORDS[kind]) if kind else "หน่วยงานไม่ได้ระบุว่าเป็นการรับฟังตามกฎหมาย"


def choices() -> dict[str, dict[str, str]]:
    """What each code of a column with codes means, by column."""
    return _CHOICES | {
        "disposition": {code: disposition(code) for code in DISPOSITIONS},
        "progress": {code: progress(code) for code in STEPS},
    }


def channels() -> dict[str, str]:
    """Every way by which a contribution may come, in the order of the tables."""
    return {name: CHANNEL_WORDS[name] for name in CHANNELS}
