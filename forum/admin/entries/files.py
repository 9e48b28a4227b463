"""Tables that officers send: which column is which, by its heading in Thai or English; and a sample to fill in."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from forum.admin.entries.forms import CHANNELS, COLUMNS, MOST_ROWS
from forum.admin.entries.queries import Topic
from forum.kernel import clock, dates, tables, text
from forum.kernel.apart import apart
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text, gettext

_HEADINGS = {
    "channel": ("ช่องทาง", "มาทาง", "channel", "way"),
    "on": ("วันที่ได้รับ", "วันที่รับ", "วันที่", "received", "received on", "date received", "date"),
    "sheet": ("เลขที่ใบ", "เลขใบ", "ใบที่", "sheet", "sheet number", "sheet no"),
    "topic": ("หัวข้อ", "เรื่อง", "topic", "thread"),
    "body": ("ข้อความ", "ความเห็น", "ความคิดเห็น", "words", "text", "comment", "body"),
    "stance": ("ความเห็นต่อหัวข้อ", "view on the topic", "เลือก", "ทางที่เลือก", "จุดยืน", "stance", "choice"),
}
_CHANNEL_WORDS = {
    "paper": ("ใบกระดาษ", "กระดาษ", "ใบ", "paper"),
    "phone": ("โทรศัพท์", "โทร", "phone", "telephone"),
    "hall": ("เวทีประชุม", "เวที", "ประชุม", "เวทีหรือประชุม", "hall", "meeting"),
    "letter": ("จดหมาย", "ไปรษณีย์", "letter", "post"),
}
NAMES: dict[str, Text] = {
    "channel": T("ช่องทาง"),
    "on": T("วันที่ได้รับ"),
    "sheet": T("เลขที่ใบ"),
    "topic": T("หัวข้อ"),
    "body": T("ข้อความ"),
    "stance": T("ความเห็นต่อหัวข้อ"),
}
_MOST_READ = 2000
"""Lines of a file with its headings, examples and empty lines, which do not count as rows."""
_AT_MOST = T("อ่านได้ครั้งละไม่เกิน %(n)s แถว ไม่นับหัวตารางและแถวตัวอย่าง แบ่งเป็นหลายไฟล์แล้วส่งทีละไฟล์", n=MOST_ROWS)
_SAMPLE_WORDS = (
    T("(ตัวอย่าง ลบแถวนี้ได้) ขอให้ทางเดินมีราวจับ เพราะคนแก่เดินทุกเช้า"),
    T("(ตัวอย่าง ลบแถวนี้ได้) อยากให้เก็บต้นไม้ใหญ่ไว้"),
)


def read_file(data: bytes, filename: str, topics: Sequence[Topic]) -> tuple[list[dict[str, str]], list[str]]:
    """The rows of a file as they would be typed, and the headings of columns that are not used.

    Reading goes on beside other requests. Raises `Invalid` under `file`.
    """
    try:
        table = apart(lambda: tables.read_table(data, filename, most_rows=_MOST_READ))
    except tables.TooLong as error:
        said = T("ในไฟล์มีมากกว่า %(n)s แถว %(most)s", n=f"{_MOST_READ:,}", most=_AT_MOST)
        raise Invalid({"file": said}) from error
    places, idle = _columns(table[0])
    samples = {said for lang in _languages(_SAMPLE_WORDS) for said in lang}
    rows = [_row(cells, places, topics) for cells in table[1:]]
    rows = [row for row in rows if row["body"] not in samples and any(row.values())]
    if not rows:
        raise Invalid({"file": T("ในไฟล์มีแต่หัวตาราง ยังไม่มีข้อความสักแถว")})
    if len(rows) > MOST_ROWS:
        raise Invalid({"file": T("ในไฟล์มีข้อความ %(n)s แถว %(most)s", n=f"{len(rows):,}", most=_AT_MOST)})
    return rows, idle


def _columns(headings: Sequence[str]) -> tuple[dict[str, int], list[str]]:
    known = {word: name for name, words in _HEADINGS.items() for word in words}
    places: dict[str, int] = {}
    idle: list[str] = []
    for n, heading in enumerate(headings):
        said = text.one_line(heading)
        name = known.get(said.casefold().replace("_", " ").strip(" *:."))
        if name and name not in places:
            places[name] = n
        elif said:
            idle.append(text.excerpt(said, 40))
    if "body" not in places:
        wanted = ", ".join(str(NAMES[name]) for name in COLUMNS)
        raise Invalid({"file": T("แถวแรกต้องเป็นหัวตาราง และต้องมีช่อง “ข้อความ” หัวที่ใช้ได้: %(names)s", names=wanted)})
    return places, idle


def _row(cells: Sequence[str], places: dict[str, int], topics: Sequence[Topic]) -> dict[str, str]:
    said = {name: cells[at].strip() if (at := places.get(name, -1)) in range(len(cells)) else "" for name in COLUMNS}
    said["channel"] = _meant(said["channel"], _CHANNEL_WORDS)
    said["stance"] = _meant(said["stance"], _stance_words(topics))
    return said


def _meant(said: str, words: dict[str, tuple[str, ...]]) -> str:
    """The key that a word stands for, else the word itself, so that its row can be named."""
    plain = text.one_line(said).casefold()
    return next((key for key, known in words.items() if plain in known), said)


def _stance_words(topics: Sequence[Topic]) -> dict[str, tuple[str, ...]]:
    own = {key: {t.words[key].casefold() for t in topics if t.words} for key in ("for", "against", "unsure")}
    usual = {"for": "เห็นด้วย", "against": "ไม่เห็นด้วย", "unsure": "ยังไม่แน่ใจ"}
    return {key: (key, usual[key], *own[key]) for key in own}


def _languages(words: Sequence[Text]) -> list[list[str]]:
    return [[word.message for word in words], [gettext(word.message) for word in words]]


def sample_rows(topics: Sequence[Topic]) -> list[list[str]]:
    """A table to fill in: headings and two examples, which are passed over when they come back."""
    day = dates.in_bangkok(clock.now()).date()
    written = f"{day.day}/{day.month}/{day.year + dates.BUDDHIST}"
    topic = topics[0].title if topics else ""
    stance = next((t.words["for"] for t in topics if t.words), "")
    first, second = (str(word) for word in _SAMPLE_WORDS)
    return [
        [str(NAMES[name]) for name in COLUMNS],
        [str(CHANNELS["paper"]), written, "1", topic, first, stance],
        [str(CHANNELS["phone"]), written, "", topic, second, ""],
    ]


def sample_csv(topics: Sequence[Topic]) -> bytes:
    """The sample as CSV."""
    return "".join(tables.csv_rows(sample_rows(topics))).encode()


def sample_xlsx(topics: Sequence[Topic]) -> bytes:
    """The sample as a workbook."""
    headings, *examples = sample_rows(topics)

    def write() -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sample.xlsx"
            with tables.Workbook(path) as book:
                sheet = book.sheet(headings[4], headings)
                for example in examples:
                    sheet.write(example)
            return path.read_bytes()

    return apart(write)
