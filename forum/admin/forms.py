"""The desk's form: what an officer typed → the fields a plan is read from, and back into the form's boxes.

Rows of a list (`phases.0.title`, …) are read in order and empty ones dropped, so the number in an error is
the number of the row as it is shown again.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from forum.core.consultations.compute import ends_with_day
from forum.core.consultations.forms import Plan, read
from forum.core.consultations.telling import Approval
from forum.kernel import dates, i18n
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.thai import fold_digits

Values = dict[str, Any]
Errors = dict[str, Text | str]

_LINES = (
    "title",
    "slug",
    "summary",
    "body",
    "can_change",
    "decided",
    "decider",
    "effect",
    "area",
    "offline_route",
    "legal_basis",
    "law_url",
)
_CONTACT = ("office", "name", "phone", "email")
_WHEN = ("day", "month", "year", "time")
ROWS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "phases": (("title",), ("starts_at", "ends_at")),
    "activities": (("kind", "key", "title"), ()),
    "documents": (("title", "url", "type", "size_kb", "summary"), ("date",)),
    "announcements": (("channel", "ref", "reach"), ("date",)),
}
"""Each list of the form: the texts and the dates of one row."""
_MOST_ROWS = 40
_IN_ONE_BOX = {"can_change": "can_change", "decided": "decided", "title_phrases": "title"}
FIRST_PHASE = T("ออกความเห็น")


def typed(form: MultiDict[str, str]) -> Values:
    """Everything as it was typed, nested as the template shows it."""
    values: Values = {name: form.get(name, "") for name in _LINES}
    values["contact"] = {part: form.get(f"contact.{part}", "") for part in _CONTACT}
    for name in ("answer_by", "opens_at", "closes_at"):
        values[name] = _typed_when(form, name)
    for name in ROWS:
        values[name] = _typed_rows(form, name)
    return values


def _typed_when(form: MultiDict[str, str], name: str) -> dict[str, str]:
    return {part: form.get(f"{name}.{part}", "").strip() for part in _WHEN}


def _typed_rows(form: MultiDict[str, str], name: str) -> list[Values]:
    texts, days = ROWS[name]
    rows = []
    for n in range(_MOST_ROWS):
        at = f"{name}.{n}"
        row: Values = {part: form.get(f"{at}.{part}", "") for part in texts}
        row |= {part: _typed_when(form, f"{at}.{part}") for part in days}
        if name == "phases":
            row["activities"] = form.getlist(f"{at}.activities")
        if _is_filled(name, row):
            rows.append(row)
    return rows


def _is_filled(name: str, row: Values) -> bool:
    dated = any(part for key in ROWS[name][1] for part in row[key].values())
    ignored = {"kind", "key"} | ({"title"} if name == "phases" and row["title"] == str(FIRST_PHASE) else set())
    return dated or any(row[key].strip() for key in ROWS[name][0] if key not in ignored)


def raw_of(values: Values) -> tuple[Values, Errors]:
    """The fields as `read` takes them, and what is wrong with dates and numbers as they were typed."""
    errors: Errors = {}
    raw: Values = {name: values[name] for name in _LINES}
    phrases = values["title"].split("|")
    raw["title"] = "".join(phrases)
    raw["title_phrases"] = phrases if len(phrases) > 1 else []
    raw["contact"] = dict(values["contact"])
    raw["answer_by"] = _day(errors, "answer_by", values["answer_by"])
    raw["opens_at"] = _moment(errors, "opens_at", values["opens_at"], ends=False)
    raw["closes_at"] = _moment(errors, "closes_at", values["closes_at"], ends=True)
    raw["activities"] = _activities(values["activities"])
    raw["phases"] = [_phase(errors, f"phases.{n}", row) for n, row in enumerate(values["phases"])]
    for name in ("documents", "announcements"):
        raw[name] = [_dated(errors, f"{name}.{n}", row) for n, row in enumerate(values[name])]
    if not raw["phases"] and raw["opens_at"] and raw["closes_at"] and raw["activities"]:
        raw["phases"] = [_whole_time(raw)]
    return raw, errors


def _whole_time(raw: Values) -> Values:
    """The one phase of a consultation for which no others were named."""
    keys = [activity["key"] for activity in raw["activities"]]
    whole = {"starts_at": raw["opens_at"], "ends_at": raw["closes_at"], "activities": keys}
    return {"title": str(FIRST_PHASE)} | whole


def _activities(rows: list[Values]) -> list[Values]:
    """Gives each new activity a key of its own: its kind, with a number from the second on."""
    taken = {row["key"] for row in rows if row["key"]}
    made = []
    for row in rows:
        key, number = row["key"] or row["kind"], 1
        while not row["key"] and key in taken:
            number += 1
            key = f"{row['kind']}-{number}"
        taken.add(key)
        made.append({"kind": row["kind"], "title": row["title"], "key": key})
    return made


def _phase(errors: Errors, at: str, row: Values) -> Values:
    return {
        "title": row["title"],
        "starts_at": _moment(errors, f"{at}.starts_at", row["starts_at"], ends=False),
        "ends_at": _moment(errors, f"{at}.ends_at", row["ends_at"], ends=True),
        "activities": row["activities"],
    }


def _dated(errors: Errors, at: str, row: Values) -> Values:
    said = dict(row) | {"date": _day(errors, f"{at}.date", row["date"])}
    if "size_kb" in row:
        size = fold_digits(row["size_kb"]).replace(",", "").strip()
        if size and not (size.isascii() and size.isdigit() and len(size) < 8):
            errors[f"{at}.size_kb"] = T("ขนาดเป็นตัวเลขกิโลไบต์ เช่น 180")
        said["size_kb"] = int(size) if size.isascii() and size.isdigit() and len(size) < 8 else None
    return said


def _day(errors: Errors, where: str, when: Mapping[str, str]) -> date | None:
    if not any(when.get(part) for part in ("day", "month", "year")):
        return None
    try:
        return dates.parse_day(when["day"], when["month"], when["year"])
    except ValueError as error:
        errors[where] = _DAY_WRONG[str(error)]
        return None


def _moment(errors: Errors, where: str, when: Mapping[str, str], *, ends: bool) -> datetime | None:
    day = _day(errors, where, when)
    if day is None:
        if when.get("time"):
            errors.setdefault(where, T("ใส่วัน เดือน ปี ให้ครบ"))
        return None
    if not when.get("time"):
        return dates.end_of_day(day) if ends else dates.start_of_day(day)
    try:
        return dates.moment(day, dates.parse_time(when["time"]))
    except ValueError:
        errors[where] = T("เวลาเขียนแบบ 16.30")
        return None


_DAY_WRONG = {
    "day": T("วันที่ต้องเป็นเลข 1 ถึง 31"),
    "month": T("เลือกเดือน"),
    "year": T("ปีต้องเป็นเลข 4 หลัก เช่น 2569 หรือ 2026"),
    "date": T("ไม่มีวันนี้ในปฏิทิน"),
}


def checked(values: Values, onto: Plan | None = None) -> tuple[Values, Plan]:
    """The fields and the plan they make of another; raises `Invalid` with all that is wrong."""
    raw, errors = raw_of(values)
    if onto is not None:
        _keep_unseen(raw, onto)
    try:
        plan = read(raw, onto)
    except Invalid as error:
        raise Invalid(errors | {k: v for k, v in _boxed(error.errors).items() if k not in errors}) from error
    if errors:
        raise Invalid(errors)
    return raw, plan


def _boxed(errors: Mapping[str, Text | str]) -> Errors:
    """Mistakes by the box they were made in: lists of lines are typed into one."""
    boxed: Errors = {}
    for where, said in errors.items():
        box, _, line = where.partition(".")
        told = T("บรรทัดที่ %(n)s: %(why)s", n=int(line) + 1, why=said) if box in _IN_ONE_BOX and line else said
        boxed.setdefault(_IN_ONE_BOX.get(box, where), told)
    return boxed


def _keep_unseen(raw: Values, onto: Plan) -> None:
    """What the form does not show stays as it was: seconds of a moment, settings of an activity."""
    ends = [m for p in onto.phases for m in (p.starts_at, p.ends_at)]
    exact = {m.replace(second=0, microsecond=0): m for m in (onto.opens_at, onto.closes_at, *ends) if m}
    for row in (raw, *raw["phases"]):
        for name in ("opens_at", "closes_at", "starts_at", "ends_at"):
            if name in row:
                row[name] = exact.get(row[name], row[name])
    settings = {a.key: a.settings for a in onto.activities}
    for row in raw["activities"]:
        row["settings"] = settings.get(row["key"], {})


def approval_of(form: MultiDict[str, str]) -> Approval | None:
    """The memo an officer names when opening or closing, if any; raises `Invalid` when it is half named."""
    number, when = form.get("memo_no", "").strip(), _typed_when(form, "memo_date")
    errors: Errors = {}
    day = _day(errors, "memo_date", when)
    if not number and day is None and not errors:
        return None
    if not number:
        errors["memo_no"] = T("ใส่เลขที่หนังสือ หรือเว้นว่างทั้งเลขที่และวันที่")
    elif len(number) > 100:
        errors["memo_no"] = T("ต้องไม่เกิน %(n)s ตัวอักษร", n=100)
    if day is None:
        errors.setdefault("memo_date", T("ใส่วันที่ของหนังสือ"))
    if errors or day is None:
        raise Invalid(errors)
    return Approval(number, day)


def memo_typed(form: MultiDict[str, str]) -> Values:
    """The memo as it was typed, to be shown again."""
    return {"memo_no": form.get("memo_no", ""), "memo_date": _typed_when(form, "memo_date")}


def shown(plan: Plan) -> Values:
    """A plan in the form's boxes: years as the reader's language counts, the hour only where it is not a day's edge."""
    values: Values = {name: getattr(plan, name) for name in _LINES}
    values["title"] = "|".join(plan.title_phrases) or plan.title
    values["can_change"], values["decided"] = "\n".join(plan.can_change), "\n".join(plan.decided)
    values["contact"] = {part: plan.contact.get(part, "") for part in _CONTACT}
    values["answer_by"] = _boxes(plan.answer_by)
    values["opens_at"] = _moment_boxes(plan.opens_at, ends=False)
    values["closes_at"] = _moment_boxes(plan.closes_at, ends=True)
    values["phases"] = [
        {
            "title": p.title,
            "starts_at": _moment_boxes(p.starts_at, ends=False),
            "ends_at": _moment_boxes(p.ends_at, ends=True),
            "activities": list(p.activities),
        }
        for p in plan.phases
    ]
    values["activities"] = [{"kind": a.kind, "key": a.key, "title": a.title} for a in plan.activities]
    values["documents"] = [_dated_boxes(d) for d in plan.documents]
    values["announcements"] = [_dated_boxes(a) for a in plan.announcements]
    return values


def _dated_boxes(row: Mapping[str, Any]) -> Values:
    kept = row.get("date")
    return dict(row) | {"date": _boxes(date.fromisoformat(kept) if kept else None)}


def _boxes(day: date | None) -> dict[str, str]:
    if day is None:
        return {}
    return {"day": str(day.day), "month": str(day.month), "year": dates.year_text(day, i18n.language())}


def _moment_boxes(moment: datetime | None, *, ends: bool) -> dict[str, str]:
    if moment is None:
        return {}
    if ends_with_day(moment):
        return _boxes(dates.last_day(moment) if ends else dates.in_bangkok(moment).date())
    local = dates.in_bangkok(moment)
    return _boxes(local.date()) | {"time": f"{local:%H.%M}"}
