"""Where a new comment stands, and whom it names; shared by those who speak and by offices that enter for others."""

from sqlalchemy.orm import Session

from forum.commons.comments.mentions import mentioned_in
from forum.commons.comments.models import Comment, Mention
from forum.commons.comments.readings import ThreadView
from forum.core.items.models import Item
from forum.core.items.queries import item_by
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T


def place(tx: Session, thread: ThreadView, parent: str | None) -> tuple[int | None, int | None]:
    """Where a reply stands: under the first-level comment, remembering the one it answers."""
    if parent is None:
        return None, None
    try:
        answered = item_by(tx, parent)
    except NotFound:
        raise Invalid({"parent": T("ไม่พบความเห็นที่จะตอบ")}) from None
    row = tx.get(Comment, answered.id)
    if row is None or row.thread_id != thread.id:
        raise Invalid({"parent": T("ไม่พบความเห็นที่จะตอบ")})
    if answered.state != "public":
        raise Invalid({"parent": T("ความเห็นที่จะตอบไม่แสดงแล้ว")})
    return row.parent_id or row.item_id, row.item_id


def mention(tx: Session, thread: ThreadView, body: str, item: Item) -> None:
    """Keeps whom a comment names."""
    for user_id in mentioned_in(tx, thread.id, body, item.id):
        tx.add(Mention(comment_id=item.id, user_id=user_id))
