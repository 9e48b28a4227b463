"""The short forms of the set-up, one a task: what was typed → the fields a plan is read from, and back into boxes."""

import hashlib
from collections.abc import Mapping

from forum.admin.setup import places, ways
from forum.admin.setup.boxes import (
    Errors,
    Form,
    Values,
    day,
    day_boxes,
    moment,
    moment_boxes,
    number,
    typed_rows,
    typed_when,
)
from forum.admin.setup.tasks import BRACKETS, TASKS, Task
from forum.core.consultations.forms import Plan, read
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T, Text
from forum.kernel.text import is_blank

_LINES = ("title", "slug", "summary", "body", "can_change", "decided", "decider", "effect", "area", "offline_route")
_LAW = ("legal_basis", "law_url", "law_kind")
LINES = (*_LINES, *_LAW, "privacy_notice")
_CONTACT = ("office", "name", "phone", "email")
_DATES = ("opens_at", "closes_at", "answer_by")
ROWS: dict[str, tuple[str, ...]] = {
    "documents": ("title", "url", "type", "size_kb", "summary"),
    "announcements": ("channel", "ref", "reach"),
}
"""The texts of one row of each list; every row has a date besides."""
_IN_ONE_BOX = {"can_change": "can_change", "decided": "decided", "title_phrases": "title", "area_codes": "area_codes"}


def typed(task: Task, form: Form) -> Values:
    """Everything as it was typed, nested as the template shows it."""
    values: Values = {name: form.get(name, "") for name in task.fields if name in LINES}
    if task.key == "contact":
        values["contact"] = {part: form.get(f"contact.{part}", "") for part in _CONTACT}
        values["agreed"] = "agreed" in form
    if task.key == "privacy":
        values["confirmed"] = "confirmed" in form
    if task.key == "dates":
        values |= {name: typed_when(form, name) for name in _DATES}
    if task.key in ROWS:
        values[task.key] = typed_rows(form, task.key, ROWS[task.key], ("date",))
    if task.key == "ways":
        values |= ways.typed(form)
    if task.key == "area":
        values |= places.typed(form)
    return values


def shown(task: Task, plan: Plan) -> Values:
    """What a plan says of a task, in its boxes."""
    values: Values = {name: getattr(plan, name) for name in task.fields if name in LINES}
    values |= {name: "\n".join(values[name]) for name in ("can_change", "decided") if name in values}
    if task.key == "question":
        values["title"] = "|".join(plan.title_phrases) or plan.title
    if task.key == "contact":
        values["contact"] = {part: plan.contact.get(part, "") for part in _CONTACT}
        values["agreed"] = False
    if task.key == "privacy":
        values["confirmed"] = False
    if task.key == "dates":
        values["opens_at"] = moment_boxes(plan.opens_at, ends=False)
        values["closes_at"] = moment_boxes(plan.closes_at, ends=True)
        values["answer_by"] = day_boxes(plan.answer_by)
    if task.key in ROWS:
        values[task.key] = [dict(row) | {"date": day_boxes(row.get("date"))} for row in getattr(plan, task.key)]
    if task.key == "ways":
        values |= ways.shown(plan)
    if task.key == "area":
        values |= places.shown(plan)
    return values


def stamp(task: Task, plan: Plan) -> str:
    """A short name for what a task says, so that two officers at different tasks are not in each other's way."""
    said = repr([getattr(plan, name) for name in task.fields])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def raw_of(task: Task, values: Values, onto: Plan) -> tuple[Values, Errors]:
    """The fields as `read` takes them, and what is wrong with what this form alone asks for."""
    errors: Errors = {}
    raw: Values = {name: values[name] for name in task.fields if name in LINES}
    if task.key == "question":
        phrases = values["title"].split("|")
        raw["title"] = "".join(phrases)
        raw["title_phrases"] = phrases if len(phrases) > 1 else []
        raw["slug"] = values["slug"] or onto.slug
    if task.key == "contact":
        raw["contact"] = _contact(errors, values, onto)
    if task.key == "privacy":
        _check_confirmed(errors, values)
    if task.key == "dates":
        raw |= _when(errors, values, onto)
    if task.key in ROWS:
        raw[task.key] = [_row(errors, task.key, n, row, onto) for n, row in enumerate(values[task.key])]
    if task.key == "ways":
        raw |= ways.raw_of(errors, values, onto)
    if task.key == "area":
        raw["area_codes"] = places.codes_of(values)
    return raw, errors


def _contact(errors: Errors, values: Values, onto: Plan) -> Values:
    """A person is named only when they agreed; a name that stands there already was agreed to before."""
    name = values["contact"]["name"]
    if not is_blank(name) and not values["agreed"] and name.strip() != onto.contact.get("name"):
        errors["contact.name"] = T("ใส่ชื่อคนได้เมื่อเจ้าตัวยินยอมแล้ว ทำเครื่องหมายช่องยินยอม หรือลบชื่อออก ใส่แค่ฝ่ายและเบอร์ก็พอ")
    return dict(values["contact"])


def _check_confirmed(errors: Errors, values: Values) -> None:
    if is_blank(values["privacy_notice"]):
        errors["privacy_notice"] = T("บอกคนที่ร่วมว่าเก็บอะไร ใช้ทำอะไร นานเท่าไร")
    elif left := BRACKETS.findall(values["privacy_notice"]):
        errors["privacy_notice"] = T("ยังมีวงเล็บที่ต้องใส่เอง %(places)s", places=" · ".join(dict.fromkeys(left)))
    elif not values["confirmed"]:
        errors["confirmed"] = T("อ่านข้อความ แก้ให้ตรงกับที่ทำจริง แล้วทำเครื่องหมายยืนยัน")


def _when(errors: Errors, values: Values, onto: Plan) -> Values:
    raw: Values = {
        "opens_at": ways.exact(moment(errors, "opens_at", values["opens_at"], ends=False), onto),
        "closes_at": ways.exact(moment(errors, "closes_at", values["closes_at"], ends=True), onto),
        "answer_by": day(errors, "answer_by", values["answer_by"]),
    }
    followed = ways.follow(raw["opens_at"], raw["closes_at"], onto)
    return raw if followed is None else raw | {"phases": followed}


def _row(errors: Errors, name: str, n: int, row: Values, onto: Plan) -> Values:
    at = f"{name}.{n}"
    said = {part: row[part] for part in ROWS[name]} | {"date": day(errors, f"{at}.date", row["date"])}
    if name == "documents":
        said["size_kb"] = number(errors, f"{at}.size_kb", row["size_kb"])
        for part, why in _DOCUMENT_NEEDS.items():
            if not row["date"].get("day") if part == "date" else is_blank(row[part]):
                errors.setdefault(f"{at}.{part}", why)
    elif said["date"] is None and said | {"date": None} not in [dict(told) for told in onto.announcements]:
        errors.setdefault(f"{at}.date", T("ใส่วันที่ประกาศ"))
    return said


_DOCUMENT_NEEDS: dict[str, Text] = {
    "type": T("บอกชนิดของเอกสาร เช่น PDF"),
    "size_kb": T("บอกขนาด คนเน็ตน้อยจะได้รู้ก่อนกด"),
    "date": T("ใส่วันที่ของเอกสาร"),
    "summary": T("สรุปให้คนที่เปิดเอกสารไม่ได้"),
}


def checked(task: Task, values: Values, onto: Plan) -> tuple[Values, Plan]:
    """The fields and the plan they make of another; raises `Invalid` with all that is wrong."""
    raw, errors = raw_of(task, values, onto)
    try:
        plan = read(raw, onto)
    except Invalid as error:
        raise Invalid(errors | {k: v for k, v in boxed(task, error.errors).items() if k not in errors}) from error
    if errors:
        raise Invalid(errors)
    return raw, plan


def boxed(task: Task, errors: Mapping[str, Text | str]) -> Errors:
    """Mistakes by the box of this form they were made in; what has none here is told of the whole form.

    Telling by box what is told so already changes nothing.
    """
    told: Errors = {}
    own = any(where.partition(".")[0] in task.fields for where in errors)
    for where, said in errors.items():
        box, _, line = where.partition(".")
        in_one = box in _IN_ONE_BOX and line
        words = T("บรรทัดที่ %(n)s: %(why)s", n=int(line) + 1, why=said) if in_one else said
        if box in (*task.fields, *_OWN):
            told.setdefault(_IN_ONE_BOX.get(box, where), words)
        elif box == "phases" and task.key == "dates":
            if own:  # windows follow the dates, and so do their mistakes
                continue
            told.setdefault("closes_at", T("ช่วงที่ %(n)s: %(why)s", n=int(line.split(".")[0]) + 1, why=said))
        else:
            told.setdefault("", T("%(task)s: %(why)s", task=_title_of(box), why=said))
    return told


_OWN = ("", "reason", "confirmed")
"""Boxes that are no fields of the plan."""


def _title_of(field: str) -> Text:
    """The task in which a field is filled in."""
    return next((task.title for task in TASKS.values() if field in task.fields), T("เรื่องนี้"))
