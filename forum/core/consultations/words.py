"""What offices write, for a page: names and dates kept whole at the end of a line, numbers that a tap calls."""

import re
from datetime import datetime

from markupsafe import Markup, escape

from forum.core.consultations.compute import ends_with_day
from forum.kernel import display

_NBSP = "\u00a0"
_PHONE = r"(?<![\d.,])0[ \-]?\d(?:[ \-]?\d){6,8}(?![\d.,]?\d)"
_MONTH = (
    r"(?:ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\.|"
    r"มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม)"
)
_DAY = rf"\d{{1,2}} {_MONTH}(?: \d{{4}})?"
_HOUR = r"\d{1,2}[.:]\d{2}(?:\s?[–-]\s?\d{1,2}[.:]\d{2})? น\."
_WHOLE = re.compile(f"(?P<phone>{_PHONE})|{_DAY}|{_HOUR}", re.A)


def whole(text: str) -> Markup:
    """A text in which dates and hours do not break and telephone numbers can be called."""
    made, end = Markup(), 0
    for found in _WHOLE.finditer(text):
        made += escape(text[end : found.start()]) + _kept(found)
        end = found.end()
    return made + escape(text[end:])


def _kept(found: re.Match[str]) -> Markup:
    if found["phone"] is None:
        return Markup('<span class="nb">{}</span>').format(found[0])
    dialled = "".join(c for c in found[0] if c.isdigit())
    return Markup('<a class="nb tel" href="tel:{}">{}</a>').format(dialled, found[0].replace(" ", _NBSP))


def begins(moment: datetime) -> Markup:
    """When something begins: the day, and the hour where it is not the day's beginning."""
    return display.date_tag(moment) if ends_with_day(moment) else display.datetime_tag(moment)


def places(text: str) -> Markup:
    """Names of places, each kept whole: a line may end only where the office left a space."""
    return Markup(" ").join(Markup('<span class="nb">{}</span>').format(name) for name in text.split())
