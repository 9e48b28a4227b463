"""Dates and times for people: the only place where a moment becomes Bangkok time and a Buddhist year.

Moments are aware `datetime`s in any zone, days are `date`s of the common era; a naive `datetime` is refused
with `ValueError`. No `datetime` ever holds a Buddhist year. `lang` is `th` or `en`; anything else is Thai.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from forum.kernel.thai import fold_digits

BANGKOK = timezone(timedelta(hours=7), "Asia/Bangkok")  # no summer time; needs no zone database
BUDDHIST = 543

_MONTHS = {
    "th": ["ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}
_LONG_MONTHS = {
    "th": [
        "มกราคม",
        "กุมภาพันธ์",
        "มีนาคม",
        "เมษายน",
        "พฤษภาคม",
        "มิถุนายน",
        "กรกฎาคม",
        "สิงหาคม",
        "กันยายน",
        "ตุลาคม",
        "พฤศจิกายน",
        "ธันวาคม",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_MONTH_NUMBERS = {
    name.casefold().replace(".", ""): number
    for names in (*_MONTHS.values(), *_LONG_MONTHS.values())
    for number, name in enumerate(names, 1)
}
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})(?:\s*(?:น\.?|นาฬิกา))?", re.A)
_FIRST_BUDDHIST_TYPED = 2400  # a typed year from here on is Buddhist, one below it is of the common era


def _lang(lang: str) -> str:
    return "en" if lang == "en" else "th"


def in_bangkok(moment: datetime) -> datetime:
    """The same moment on Bangkok's clock.

    Raises:
        ValueError: for a naive moment.
    """
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    return moment.astimezone(BANGKOK)


def iso(when: datetime | date) -> str:
    """What stands in the `datetime` attribute: `2026-11-30T16:30+07:00`, or `2026-11-30` for a day."""
    if isinstance(when, datetime):
        return in_bangkok(when).isoformat(timespec="minutes")
    return when.isoformat()


def date_text(when: datetime | date, lang: str = "th") -> str:
    """`30 พ.ย. 2569` or `30 Nov 2026`."""
    return f"{short_date_text(when, lang)} {_year(_day(when), lang)}"


def short_date_text(when: datetime | date, lang: str = "th") -> str:
    """`30 พ.ย.` or `30 Nov`, where the year is plain from what stands around it."""
    day = _day(when)
    return f"{day.day} {_MONTHS[_lang(lang)][day.month - 1]}"


def time_text(moment: datetime, lang: str = "th") -> str:
    """`16.30 น.` or `16:30`."""
    return _clock(in_bangkok(moment).time(), lang)


def datetime_text(moment: datetime, lang: str = "th") -> str:
    """`30 พ.ย. 2569 เวลา 16.30 น.` or `30 Nov 2026, 16:30`."""
    between = ", " if _lang(lang) == "en" else " เวลา "
    return f"{date_text(moment, lang)}{between}{time_text(moment, lang)}"


def day_names(day: date) -> list[str]:
    """A day without its year, as Thai texts name it: `30 พ.ย.`, `30 พฤศจิกายน`."""
    return [f"{day.day} {months['th'][day.month - 1]}" for months in (_MONTHS, _LONG_MONTHS)]


def ago(moment: datetime, now: datetime, lang: str = "th") -> str:
    """`20 นาทีก่อน` or `20 minutes ago` within a day, the date and time after that and for what is to come.

    A moment up to a minute ahead (another machine's clock) counts as now.
    """
    seconds = int((in_bangkok(now) - in_bangkok(moment)).total_seconds())
    if not -60 <= seconds < 24 * 3600:
        return datetime_text(moment, lang)
    if seconds < 60:
        return "just now" if _lang(lang) == "en" else "เมื่อสักครู่"
    if seconds < 3600:
        return _counted(seconds // 60, "นาที", "minute", lang)
    return _counted(seconds // 3600, "ชั่วโมง", "hour", lang)


def until_text(end: datetime, lang: str = "th") -> str:
    """When a half-open window ends: the day that ends with it, or day and time when it is not midnight."""
    if _is_midnight(end):
        return date_text(last_day(end), lang)
    return datetime_text(end, lang)


def range_text(start: datetime, end: datetime, lang: str = "th") -> str:
    """A half-open window `[start, end)` in days: `1 – 30 พ.ย. 2569`, `15 ธ.ค. 2569 – 10 ม.ค. 2570`.

    An end that is not midnight is told: `1 – 30 พ.ย. 2569 ปิดเวลา 16.30 น.`; within one day so is the start:
    `30 พ.ย. 2569 เวลา 13.00 – 16.30 น.`

    Raises:
        ValueError: for a naive moment, and for a window that ends before it starts.
    """
    return " ".join(range_pieces(start, end, lang))


def range_pieces(start: datetime, end: datetime, lang: str = "th") -> list[str]:
    """`range_text` for whoever draws it narrow: a line may end only between these, never within a day or an hour.

    `["1 –", "30 พ.ย. 2569", "ปิดเวลา 16.30 น."]`; raises as `range_text` does.
    """
    if in_bangkok(end) <= in_bangkok(start):
        raise ValueError("the window ends before it starts")
    first, last = _day(start), last_day(end)
    *before, day = _days(first, last, lang)
    if _is_midnight(end):
        return [*before, day]
    within_a_day = first == last and not _is_midnight(start)
    hours = _hours(start, end, lang) if within_a_day else [_until(end, lang)]
    return [*before, f"{day}," if _lang(lang) == "en" else day, *hours]


def last_day(end: datetime) -> date:
    """The last day of a half-open window: the day before, when it ends at midnight in Bangkok."""
    return (in_bangkok(end) - timedelta(microseconds=1)).date()


def days_left(end: datetime, now: datetime) -> int | None:
    """Nights until the window's last day: 0 on that day, None once the window is over."""
    if in_bangkok(now) >= in_bangkok(end):
        return None
    return (last_day(end) - _day(now)).days


def start_of_day(day: date) -> datetime:
    """Bangkok's midnight at which the day begins, in UTC."""
    return moment(day, time())


def end_of_day(day: date) -> datetime:
    """Bangkok's midnight at which the day ends, in UTC: the default end of a window that closes that day."""
    return start_of_day(day + timedelta(days=1))


def moment(day: date, at: time) -> datetime:
    """A day and a time of the clock in Bangkok, in UTC."""
    return datetime.combine(day, at.replace(tzinfo=BANGKOK)).astimezone(UTC)


def parse_day(day: str, month: str, year: str) -> date:
    """Three typed fields → a day. Thai digits, month names and Buddhist or common-era years are all taken.

    Raises:
        ValueError: with the field at fault, `day`, `month` or `year`, or `date` where the three are no day
            (31 June). A year of two digits is at fault: nobody can tell its century.
    """
    month_number = _MONTH_NUMBERS.get(month.strip().casefold().replace(".", "")) or _number("month", month, 1, 12)
    day_number = _number("day", day, 1, 31)
    typed_year = _number("year", year, 1900, 2999)
    try:
        return date(_common_era(typed_year), month_number, day_number)
    except ValueError:
        raise ValueError("date") from None


_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T][0-9:.]+)?")
_SHORT_DAY = re.compile(r"([0-9]{1,2})\s*[/.-]\s*([0-9]{1,2})\s*[/.-]\s*([0-9]+)")
_NAMED_DAY = re.compile(r"([0-9]{1,2})[\s/-]*([^\W0-9_][^0-9]*?)[\s/-]*(?:\b([พค])\.?\s?ศ\.?\s*)?([0-9]+)")


def parse_line(typed: str) -> date:
    """A day in one box → a day: `22/11/2569`, `22/11/2026`, `22 พ.ย. 2569`, `22 พฤศจิกายน พ.ศ. 2569`, `2026-11-22`.

    Day first; Thai digits are taken. A year is Buddhist or of the common era as `parse_day` tells them apart.

    Raises:
        ValueError: as `parse_day`, `era` where the year and its era do not go together (`พ.ศ. 2026`, and ISO 8601
            with a Buddhist year, which no calendar writes), and `line` for what is no day at all.
    """
    line = fold_digits(typed).strip()
    buddhist: bool | None = None
    if found := _ISO_DAY.fullmatch(line):
        (year, month, day), buddhist = found.groups(), False
    elif found := _SHORT_DAY.fullmatch(line):
        day, month, year = found.groups()
    elif found := _NAMED_DAY.fullmatch(line):
        day, month, era, year = found.groups()
        buddhist = era == "พ" if era else None
    else:
        raise ValueError("line")
    parsed = parse_day(day, month, year)
    if buddhist is not None and buddhist != (int(year) >= _FIRST_BUDDHIST_TYPED):
        raise ValueError("era")
    return parsed


def parse_time(typed: str) -> time:
    """`16.30`, `16:30` or `๑๖.๓๐ น.` → a time of the clock.

    Raises:
        ValueError: with `time`.
    """
    found = _CLOCK.fullmatch(fold_digits(typed).strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError("time")
    return time(int(found[1]), int(found[2]))


def year_text(day: date, lang: str = "th") -> str:
    """`2569` or `2026`: the year as the reader's language counts it; both are taken by `parse_day`."""
    return str(_year(day, lang))


def _day(when: datetime | date) -> date:
    return in_bangkok(when).date() if isinstance(when, datetime) else when


def _year(day: date, lang: str) -> int:
    return day.year if _lang(lang) == "en" else day.year + BUDDHIST


def _common_era(year: int) -> int:
    return year - BUDDHIST if year >= _FIRST_BUDDHIST_TYPED else year


def _clock(at: time, lang: str) -> str:
    return f"{at:%H:%M}" if _lang(lang) == "en" else f"{at:%H.%M} น."


def _counted(number: int, thai: str, english: str, lang: str) -> str:
    if _lang(lang) == "en":
        return f"{number} {english}{'' if number == 1 else 's'} ago"
    return f"{number} {thai}ก่อน"


def _is_midnight(at: datetime) -> bool:
    return in_bangkok(at).time() == time()


def _hours(start: datetime, end: datetime, lang: str) -> list[str]:
    if _lang(lang) == "en":
        return [f"{time_text(start, lang)} –", time_text(end, lang)]
    return [f"เวลา {time_text(start).removesuffix(' น.')} –", time_text(end)]


def _until(end: datetime, lang: str) -> str:
    return f"{'until' if _lang(lang) == 'en' else 'ปิดเวลา'} {time_text(end, lang)}"


def _days(first: date, last: date, lang: str) -> list[str]:
    until = date_text(last, lang)
    if first == last:
        return [until]
    if (first.year, first.month) == (last.year, last.month):
        return [f"{first.day} –", until]
    return [f"{short_date_text(first, lang) if first.year == last.year else date_text(first, lang)} –", until]


def _number(field: str, typed: str, lowest: int, highest: int) -> int:
    digits = fold_digits(typed).strip()
    if not re.fullmatch(r"[0-9]{1,4}", digits) or not lowest <= int(digits) <= highest:
        raise ValueError(field)
    return int(digits)
