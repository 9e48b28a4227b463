"""What agencies say to the rest."""

from typing import Any

from sqlalchemy.orm import Session

from forum.core.agencies import models  # noqa: F401
from forum.core.agencies.invitations import forget_addresses
from forum.core.agencies.letters import MAILS
from forum.core.agencies.queries import changes_about, invitations_of, memberships_of
from forum.core.agencies.routes import pages
from forum.core.agencies.rules import HELPS, REASONS, RULES
from forum.core.agencies.service import forget_member
from forum.kernel.feature import Feature
from forum.kernel.web import add_reasons

add_reasons(REASONS, HELPS)


def _personal_data(tx: Session, user_id: int) -> dict[str, Any]:
    return {
        "memberships": memberships_of(tx, user_id),
        "invitations": invitations_of(tx, user_id),
        "changes": changes_about(tx, user_id),
    }


def _erase(tx: Session, user_id: int, _keep_posts: bool) -> None:
    forget_member(tx, user_id)


FEATURE = Feature(
    name="agencies",
    blueprints=(pages,),
    rules=RULES,
    events=("agency.made", "agency.changed", "member.added", "member.removed"),
    mails=MAILS,
    personal_data=_personal_data,
    erase=_erase,
    tick=forget_addresses,
)
