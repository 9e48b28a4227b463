"""What entries say to the rest."""

from typing import Any

from sqlalchemy.orm import Session

from forum.core.consultations.queries import brief
from forum.core.entries import queries, service
from forum.core.entries.rules import HELPS, REASONS, RULES
from forum.kernel.feature import Feature
from forum.kernel.web import add_reasons

add_reasons(REASONS, HELPS)


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    service.forget_person(tx, user_id)


def _awaited(tx: Session, hmac: str) -> tuple[str, dict[str, Any]] | None:
    sheet = queries.sheet_of_code(tx, hmac)
    if sheet is None:
        return None
    return "entries/awaited.html", {"c": brief(tx, sheet.consultation_id), "number": sheet.number}


FEATURE = Feature(name="entries", rules=RULES, personal_data=queries.of_person, erase=_erase, awaited=_awaited)
