"""Naming somebody who already spoke in the thread: `@` and their pen name."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.commons.comments.models import Comment
from forum.core.accounts.models import User
from forum.core.items.models import Item

_MOST = 10


def mentioned_in(tx: Session, thread_id: int, body: str, comment_id: int) -> list[int]:
    """The accounts a text names; only people who spoke in this thread can be named, at most ten.

    Thai pen names hold spaces, so the text after each `@` is compared with whole names, the longest first.
    """
    starts = [match.end() for match in re.finditer("@", body)][:_MOST]
    if not starts:
        return []
    spoke = (
        select(User.id, User.name)
        .join(Item, Item.author_id == User.id)
        .join(Comment, Comment.item_id == Item.id)
        .where(Comment.thread_id == thread_id, Item.id != comment_id, Item.state == "public", User.name.is_not(None))
        .distinct()
        .limit(5000)
    )
    names = sorted(((name or "", user_id) for user_id, name in tx.execute(spoke)), key=lambda n: -len(n[0]))
    found = (next((uid for name, uid in names if body.startswith(name, at)), None) for at in starts)
    return list(dict.fromkeys(uid for uid in found if uid is not None))
