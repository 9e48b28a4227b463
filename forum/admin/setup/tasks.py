"""What an officer fills in before a consultation may open, as short tasks in any order, and how each of them stands."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forum.core.consultations import compute
from forum.core.consultations.forms import Plan
from forum.core.consultations.reading import NAMES
from forum.kernel import clock, feature
from forum.kernel.i18n import T, Text

BRACKETS = re.compile(r"\[[^\]\n]{0,200}\](?!\()")
"""Any place in brackets, but for the words of a link; what is said of personal data keeps none."""
PROMPT = re.compile(r"\[ใส่[^\]\n]{0,200}\]")
"""What a supplied text leaves for the office to say; nothing opens while one is left."""


@dataclass(frozen=True)
class Task:
    """One short page of the set-up; `fields` are those of the plan that it writes."""

    key: str
    title: T
    fields: tuple[str, ...]
    needed: bool = True


@dataclass(frozen=True)
class Stand:
    """How one task stands: `done`, `missing`, `copied`, `optional` or `advised`, and what it still lacks."""

    task: Task
    state: str
    lacks: Sequence[Text] = ()


GROUPS: tuple[tuple[T, tuple[Task, ...]], ...] = (
    (
        T("เรื่องที่ถาม"),
        (
            Task("question", T("คำถาม"), ("title", "title_phrases", "slug")),
            Task("story", T("สรุปสั้นและที่มา"), ("summary", "body")),
            Task("scope", T("ยังเปลี่ยนได้ และตัดสินไปแล้ว"), ("can_change", "decided")),
            Task("decision", T("ใครตัดสิน และความเห็นมีผลอย่างไร"), ("decider", "effect")),
        ),
    ),
    (
        T("เมื่อไร และร่วมทางไหน"),
        (
            Task("dates", T("วันเปิด วันปิด วันที่ต้องตอบ"), ("opens_at", "closes_at", "answer_by")),
            Task("ways", T("วิธีร่วมและช่วง"), ("activities", "phases")),
            Task("topics", T("หัวข้อแรกให้คนคุย"), (), needed=False),
            Task("offline", T("ทางร่วมที่ไม่ใช้อินเทอร์เน็ต"), ("offline_route",)),
        ),
    ),
    (
        T("คนที่ถามได้ และข้อมูลส่วนตัว"),
        (
            Task("contact", T("ติดต่อใครได้"), ("contact",)),
            Task("privacy", T("ข้อมูลส่วนตัวของคนที่ร่วม"), ("privacy_notice",)),
        ),
    ),
    (
        T("มีแล้วใส่เพิ่มได้"),
        (
            Task("area", T("พื้นที่"), ("area", "area_codes"), needed=False),
            Task("documents", T("เอกสาร"), ("documents",), needed=False),
            Task("law", T("กฎหมายที่อ้าง"), ("law_kind", "legal_basis", "law_url"), needed=False),
            Task("announcements", T("ประกาศที่ไหน เมื่อไร"), ("announcements",), needed=False),
        ),
    ),
)
TASKS = {task.key: task for _title, tasks in GROUPS for task in tasks}


def stands(
    said: Mapping[str, Any], *, topics: int = 0, copied: Collection[str] = (), opened: bool = False
) -> dict[str, Stand]:
    """Every task by its key, for what a consultation says so far.

    What was copied waits to be read, that is to be kept once; when it is opened that is past, and its dates may be.
    """
    found = {key: _stand(task, said, topics, opened) for key, task in TASKS.items()}
    unread = [] if opened else [key for key, task in TASKS.items() if set(task.fields) & set(copied)]
    return found | {key: _unread(found[key]) for key in unread}


def _unread(stand: Stand) -> Stand:
    """What lacks something is opened and kept anyway; of the rest it is said that it waits to be read."""
    return stand if stand.lacks else replace(stand, state="copied", lacks=[UNREAD])


UNREAD = T("ข้อความตั้งต้น ยังไม่ได้อ่านทวน")


def lacking(stands: Mapping[str, Stand]) -> list[Stand]:
    """The tasks that keep it from opening."""
    return [stand for stand in stands.values() if stand.state in ("missing", "copied")]


def said_by(plan: Plan) -> dict[str, Any]:
    """What a plan says, by field."""
    return dict(vars(plan))


def _stand(task: Task, said: Mapping[str, Any], topics: int, opened: bool) -> Stand:
    if task.key == "topics":
        return _topics_stand(task, said, topics, opened)
    lacks = _missing(task, said) if opened else [*_missing(task, said), *_wrong(task, said)]
    gap = BRACKETS if task.key == "privacy" else PROMPT
    if any(gap.search(text) for name in task.fields for text in _texts(said.get(name))):
        lacks.append(T("ยังมีข้อความตัวอย่างในวงเล็บ [ ] ให้แก้"))
    if lacks:
        return Stand(task, "missing", lacks)
    filled = any(_texts(said.get(name)) for name in task.fields)
    return Stand(task, "done" if task.needed or filled else "optional")


def _topics_stand(task: Task, said: Mapping[str, Any], topics: int, opened: bool) -> Stand:
    """Where people speak under topics there must be one, or the first day finds nowhere to speak without an account."""
    if topics:
        return Stand(task, "done")
    ways = [feature.method(activity.kind) for activity in said.get("activities") or ()]
    needed = not opened and any(way is not None and way.needs_topics for way in ways)
    return Stand(task, "missing", [T("ยังไม่มีหัวข้อ")]) if needed else Stand(task, "advised")


def _missing(task: Task, said: Mapping[str, Any]) -> list[Text]:
    if task.key == "contact":
        contact = said.get("contact") or {}
        return [words for part, words in _CONTACT.items() if not contact.get(part)]
    if task.key == "privacy":
        return [] if said.get("privacy_notice") else [T("อ่านข้อความที่เตรียมไว้ แล้วยืนยัน")]
    wanted = compute.missing_fields({**said, "agency": True})
    names = dict(NAMES)
    if not (said.get("opens_at") and said.get("closes_at")):
        names["phases"] = T("ใส่วันเปิดกับวันปิดก่อน")
    return [names[name] for name in task.fields if name in wanted]


_CONTACT = {"office": T("ฝ่ายหรือกอง"), "phone": T("เบอร์โทร")}


def _wrong(task: Task, said: Mapping[str, Any]) -> list[Text]:
    """What was right when it was kept and will not do any more."""
    opens, closes = said.get("opens_at"), said.get("closes_at")
    if task.key == "dates" and closes and closes <= clock.now():
        return [T("วันปิดผ่านไปแล้ว")]
    if task.key == "ways" and compute.outside(said.get("phases") or (), opens, closes):
        return [T("มีช่วงที่ให้ร่วมก่อนวันเปิดหรือหลังวันปิด")]
    ahead = closes is None or closes > clock.now()
    if task.key == "ways" and ahead and said.get("phases") and compute.is_over(said["phases"], clock.now()):
        return [T("ทุกช่วงที่ให้ร่วมผ่านไปแล้ว")]
    return []


def _texts(value: Any) -> list[str]:
    """Every text in a field."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, Iterable):
        return [text for part in value for text in _texts(part)]
    title = getattr(value, "title", None)
    return [title] if isinstance(title, str) else ([str(value)] if value is not None else [])
