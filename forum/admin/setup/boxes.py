"""Dates, hours and rows of a list, as they stand in the boxes of a form and as they are read out of them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from forum.core.consultations.compute import ends_with_day
from forum.core.consultations.reading import Reading
from forum.core.consultations.telling import Approval, read_approval
from forum.kernel import dates, i18n
from forum.kernel.i18n import T, Text
from forum.kernel.thai import fold_digits

Values = dict[str, Any]
Errors = dict[str, Text | str]
Form = MultiDict[str, str]

_WHEN = ("day", "month", "year", "time")
_MOST_ROWS = 40


def typed_when(form: Form, name: str) -> dict[str, str]:
    """The boxes of a day and its hour, as they were typed."""
    return {part: form.get(f"{name}.{part}", "").strip() for part in _WHEN}


def typed_rows(form: Form, name: str, texts: Iterable[str], days: Iterable[str], idle: Iterable[str] = ()) -> list[Any]:
    """Rows `name.0.…` in order; one in which nothing was typed is dropped, whatever stands in its idle boxes."""
    rows = []
    for n in range(_MOST_ROWS):
        at = f"{name}.{n}"
        row: Values = {part: form.get(f"{at}.{part}", "") for part in texts}
        row |= {part: typed_when(form, f"{at}.{part}") for part in days}
        dated = any(part for key in days for part in row[key].values())
        if dated or any(row[key].strip() for key in texts if key not in idle):
            rows.append(row | {"at": at})
    return rows


def day(errors: Errors, where: str, when: Mapping[str, str]) -> date | None:
    """Three boxes → a day, or None when all are empty."""
    if not any(when.get(part) for part in ("day", "month", "year")):
        return None
    try:
        return dates.parse_day(when["day"], when["month"], when["year"])
    except ValueError as error:
        errors[where] = _DAY_WRONG[str(error)]
        return None


def moment(errors: Errors, where: str, when: Mapping[str, str], *, ends: bool) -> datetime | None:
    """A day and an hour; without the hour the edge of the day."""
    on = day(errors, where, when)
    if on is None:
        if when.get("time"):
            errors.setdefault(where, T("ใส่วัน เดือน ปี ให้ครบ"))
        return None
    if not when.get("time"):
        return dates.end_of_day(on) if ends else dates.start_of_day(on)
    try:
        return dates.moment(on, dates.parse_time(when["time"]))
    except ValueError:
        errors[where] = T("เวลาเขียนแบบ 16.30")
        return None


_DAY_WRONG = {
    "day": T("วันที่ต้องเป็นเลข 1 ถึง 31"),
    "month": T("เลือกเดือน"),
    "year": T("ปีต้องเป็นเลข 4 หลัก ไม่ไกลจากปีนี้ เช่น 2569 หรือ 2026"),
    "date": T("ไม่มีวันนี้ในปฏิทิน"),
}


def number(errors: Errors, where: str, typed: str) -> int | None:
    """A size in kilobytes; Thai digits and commas are taken."""
    digits = fold_digits(typed).replace(",", "").strip()
    if not digits:
        return None
    if digits.isascii() and digits.isdigit() and len(digits) < 8:
        return int(digits)
    errors[where] = T("ขนาดเป็นตัวเลขกิโลไบต์ เช่น 180")
    return None


def day_boxes(on: date | str | None) -> dict[str, str]:
    """A day in its boxes: the year as the reader's language counts it."""
    if not on:
        return {}
    on = date.fromisoformat(on) if isinstance(on, str) else on
    return {"day": str(on.day), "month": str(on.month), "year": dates.year_text(on, i18n.language())}


def moment_boxes(at: datetime | None, *, ends: bool) -> dict[str, str]:
    """A moment in its boxes: the hour only where it is not the day's edge."""
    if at is None:
        return {}
    if ends_with_day(at):
        return day_boxes(dates.last_day(at) if ends else dates.in_bangkok(at).date())
    local = dates.in_bangkok(at)
    return day_boxes(local.date()) | {"time": f"{local:%H.%M}"}


def approval_of(form: Form) -> Approval | None:
    """The memo an officer names when announcing, opening or closing; raises `Invalid` when it is half named."""
    fields, typed = Reading(), form.get("memo_no", "")
    on = day(fields.errors, "memo_date", typed_when(form, "memo_date"))
    if not fields.line("memo_no", typed, 100):
        if on is None and not fields.errors:
            return None
        fields.wrong("memo_no", T("ใส่เลขที่หนังสือ หรือเว้นว่างทั้งเลขที่และวันที่"))
    return read_approval(fields, typed, on)


def memo_typed(form: Form) -> Values:
    """The memo as it was typed, to be shown again."""
    return {"memo_no": form.get("memo_no", ""), "memo_date": typed_when(form, "memo_date")}
