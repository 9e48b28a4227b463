"""Naming somebody who already spoke in the thread: `@` and their pen name."""

import re

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from forum.commons.comments.forms import MAX_NAME
from forum.commons.comments.models import Comment
from forum.core.accounts.compute import name_key
from forum.core.accounts.models import TakenName
from forum.core.items.models import Item

_MOST = 10


def mentioned_in(tx: Session, thread_id: int, body: str, comment_id: int) -> list[int]:
    """The accounts a text names; only people who spoke in this thread can be named, at most ten.

    Thai pen names hold spaces and nothing ends a Thai word, so every beginning of what follows an `@` is looked up
    as a name, and the longest that is one counts. Two statements, however long the thread.
    """
    said = [body[m.end() : m.end() + MAX_NAME] for m in re.finditer("@", body)][:_MOST]
    beginnings = [[name_key(s[:n]) for n in range(len(s), 0, -1)] for s in said]
    keys = {key for keys in beginnings for key in keys if key}
    if not keys:
        return []
    spoke = exists().where(
        Item.author_id == TakenName.user_id,
        Item.id == Comment.item_id,
        Comment.thread_id == thread_id,
        Item.state == "public",
        Item.id != comment_id,
    )
    found = select(TakenName.key, TakenName.user_id).where(TakenName.key.in_(keys), spoke)
    holders = dict(tx.execute(found).all())
    named = (next((holders[key] for key in keys if key in holders), None) for keys in beginnings)
    return list(dict.fromkeys(user_id for user_id in named if user_id is not None))
