"""Official answers as programs see them."""

from collections.abc import Sequence
from typing import Any

from forum.core.answers.models import Progress
from forum.core.answers.queries import AnswerView
from forum.kernel import clock


def answer_json(answer: AnswerView) -> dict[str, Any]:
    """An answer; one that is not published goes to its own office alone."""
    return {
        "id": answer.public_id,
        "disposition": answer.disposition,
        "reason": answer.reason,
        "html": answer.html,
        "office": answer.office,
        "at": clock.iso(answer.published_at) if answer.published_at else None,
        "approval": answer.memo or ({"second_member": True} if answer.published_at else None),
        "items": answer.items,
        "stage": answer.stage,
    }


def disposition_json(history: Sequence[AnswerView]) -> dict[str, Any]:
    """What was decided, and what was before it."""
    now = next((answer for answer in history if answer.state == "current"), None)
    return {
        "disposition": now.disposition if now else None,
        "reason": now.reason if now else None,
        "current": answer_json(now) if now else None,
        "history": [answer_json(answer) for answer in history],
        "pending": None,
        "needs": None,
    }


def progress_json(steps: Sequence[Progress]) -> dict[str, Any]:
    """How far it is, and each step before."""
    told = [{"progress": s.state, "reason": s.reason, "at": clock.iso(s.at)} for s in steps]
    return {
        "progress": told[0]["progress"] if told else None,
        "reason": told[0]["reason"] if told else None,
        "history": told,
    }
