"""What pages promise: nothing that is not built, and never that nobody can know who wrote."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path for path in (ROOT / "templates").rglob("*") if path.suffix in {".html", ".txt", ".xml"})
SAYING = [*PAGES, *sorted((ROOT / "static/js").glob("*.js")), *sorted((ROOT / "translations").rglob("*.po"))]
# Planned and not built; a control for it would do nothing and a number of it would be made up.
UNBUILT = ("แบบสอบถาม", "ปักหมุด", "ติดตามเรื่อง", "ค้นหา", "รายงานความเห็น", "แจ้งเตือน", "ลงคะแนน", "โหวต")
CLAIMS = re.compile(
    r"ไม่มีใครรู้|ไม่มีทางรู้|นิรนาม|ปกปิดตัวตน|ไม่เปิดเผยตัวตน|ไม่ต้องกลัวใครรู้|"
    r"(?:stay|remain|be|are|is) (?:fully |completely )?anonymous|anonymously|"
    r"(?:nobody|no one) (?:can|will) (?:ever )?know who|untraceable",
    re.I,
)
DENIALS = ("ไม่รับปากว่าจะ", "do not promise that ", "That nobody can know who wrote.")


def words(path: Path) -> str:
    """What a file says, without a template's comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.S)


def claims(said: str) -> list[str]:
    """Lines that claim it; one that says it cannot be promised does not."""
    return [line for line in said.splitlines() if CLAIMS.search(line) and not any(d in line for d in DENIALS)]


def test_nothing_is_offered_that_is_not_built() -> None:
    assert [(path.name, word) for path in PAGES for word in UNBUILT if word in words(path)] == []


def test_nowhere_is_it_claimed_that_nobody_can_know_who_wrote() -> None:
    said = [*SAYING, ROOT / "docs/privacy.md", ROOT / "README.md", *sorted((ROOT / "forum").rglob("*.py"))]
    assert [(path.name, line) for path in said for line in claims(words(path))] == []


def test_a_claim_would_be_found() -> None:
    assert claims("เขียนได้เลย ไม่มีใครรู้ว่าเป็นคุณ") != []
    assert claims("You stay anonymous.") != []
    assert claims("เราไม่รับปากว่าจะไม่มีใครรู้ว่าคุณเป็นใคร") == []
