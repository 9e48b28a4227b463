"""The picture of a consultation that messengers show beside a link: drawn by the worker, kept as a file."""

import re
from pathlib import Path

from forum.core.consultations.queries import Brief
from forum.kernel import dates, i18n
from forum.kernel.cards import draw
from forum.kernel.i18n import T
from forum.kernel.site import site

_FONT = Path(__file__).resolve().parents[3] / "static" / "fonts" / "anuphan-600.ttf"
_kept = {"folder": Path("var/cards")}


def keep_in(folder: Path) -> None:
    """Says where this process keeps pictures; called once by the app."""
    _kept["folder"] = folder


def picture(slug: str, version: int) -> bytes | None:
    """The picture of a consultation at a version, if the worker has drawn it."""
    try:
        return (_kept["folder"] / f"{slug}-{version}.png").read_bytes()
    except FileNotFoundError:
        return None


def draw_and_keep(brief: Brief) -> Path:
    """Draws a consultation's picture in Thai, the language of most who see it, and forgets older ones."""
    with i18n.speaking("th"):
        drawn = draw(brief.title, brief.agency_name, when_words(brief), brief.phone, site().name, _FONT)
    _kept["folder"].mkdir(parents=True, exist_ok=True)
    target = _kept["folder"] / f"{brief.slug}-{brief.version}.png"
    half = target.with_suffix(".part")
    half.write_bytes(drawn)
    half.replace(target)
    _forget_older(brief.slug, target)
    return target


def when_words(brief: Brief) -> str:
    """Until when one may take part, or what comes instead, in the reader's language."""
    lang = i18n.language()
    if brief.opens_at is None or brief.closes_at is None:
        return ""
    if brief.status == "announced":
        return str(T("เปิดรับความเห็น %(day)s", day=dates.date_text(brief.opens_at, lang)))
    if brief.is_open:
        return str(T("รับความเห็นถึง %(day)s", day=dates.until_text(brief.closes_at, lang)))
    return str(T("ปิดรับแล้ว"))


def _forget_older(slug: str, kept: Path) -> None:
    for path in kept.parent.glob(f"{slug}-*.png"):
        if path != kept and re.fullmatch(rf"{re.escape(slug)}-\d+\.png", path.name):
            path.unlink(missing_ok=True)
