"""What entries say to the rest."""

from sqlalchemy.orm import Session

from forum.core.entries import queries, service
from forum.core.entries.rules import HELPS, REASONS, RULES
from forum.kernel.feature import Feature
from forum.kernel.web import add_reasons

add_reasons(REASONS, HELPS)


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    service.forget_person(tx, user_id)


FEATURE = Feature(name="entries", rules=RULES, personal_data=queries.of_person, erase=_erase)
