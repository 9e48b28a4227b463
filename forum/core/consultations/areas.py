"""The one door to the names of places: provinces and districts of Thailand by their official codes.

A province is two digits, a district four, the first two its province's. Loaded by the first question, once.
"""

from collections.abc import Iterable
from functools import cache

from forum.kernel.i18n import T
from forum.kernel.thai import sort_key

SOURCE = T("ชื่อจังหวัดและอำเภอจาก GeoThai (CC BY 4.0) ตามข้อมูลกรมการปกครอง")
SOURCE_URL = "https://github.com/GeoThai/data"
"""Whose the names are; the licence asks a page that lists them to say so."""

_BANGKOK = "10"
Named = list[tuple[str, str]]


def provinces(lang: str = "th") -> Named:
    """Code and name of the 77 provinces, in the order of the dictionary."""
    return _ordered((code, names[lang == "en"]) for code, names in _areas().items() if len(code) == 2)


def districts(province: str, lang: str = "th") -> Named:
    """Code and name of a province's districts, in the order of the dictionary; empty for no such province."""
    inside = (code for code in _areas() if len(code) == 4 and code[:2] == province)
    return _ordered((code, _areas()[code][lang == "en"]) for code in inside)


def is_code(code: str) -> bool:
    """Whether it names a province or a district of today; abolished ones do not."""
    return code in _areas()


def name_of(code: str, lang: str = "th") -> str:
    """The place in full, "เขตบางขุนเทียน กรุงเทพมหานคร" or "Bang Khun Thian, Bangkok"; empty for no such code."""
    if not is_code(code):
        return ""
    names = [_areas()[part][lang == "en"] for part in dict.fromkeys((code[:2], code))]
    if lang == "en":
        return ", ".join(reversed(names))
    if code[:2] != _BANGKOK:
        names = [f"{kind}{name}" for kind, name in zip(("จังหวัด", "อำเภอ"), names, strict=False)]
    return " ".join(reversed(names))


def _ordered(named: Iterable[tuple[str, str]]) -> Named:
    return sorted(named, key=lambda place: sort_key(place[1]))


@cache
def _areas() -> dict[str, tuple[str, str]]:
    """Thai and English name by code."""
    import geothai

    found = {p.code: (p.name_th, p.name_en) for p in geothai.provinces()}
    return found | {d.code: (d.name_th, d.name_en) for code in found for d in geothai.districts(code)}
