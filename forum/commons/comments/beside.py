"""What stands beside comments: how this reader reacted, and whom the comments name."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Mention, Reaction
from forum.commons.comments.readings import CommentView
from forum.core.accounts.models import User


def my_reactions(tx: Session, user_id: int, comment_ids: Sequence[int]) -> dict[int, frozenset[str]]:
    """How a person reacted to these comments, by comment."""
    found = select(Reaction.item_id, Reaction.kind).where(
        Reaction.user_id == user_id, Reaction.item_id.in_(comment_ids)
    )
    mine: dict[int, frozenset[str]] = {}
    for item_id, kind in tx.execute(found):
        mine[item_id] = mine.get(item_id, frozenset()) | {kind}
    return mine


def mentions_in(tx: Session, comments: Sequence[CommentView]) -> dict[int, tuple[str, ...]]:
    """Whom comments name, by comment; asks nothing when no text holds an @."""
    naming = [c.id for c in comments if "@" in c.body]
    if not naming:
        return {}
    found = (
        select(Mention.comment_id, User.name)
        .join(User, User.id == Mention.user_id)
        .where(Mention.comment_id.in_(naming), User.name.is_not(None))
        .order_by(Mention.comment_id, User.name)
    )
    named: dict[int, tuple[str, ...]] = {}
    for comment_id, name in tx.execute(found):
        named[comment_id] = (*named.get(comment_id, ()), name or "")
    return named
