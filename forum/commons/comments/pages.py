"""Everything a thread's page shows, put together in a fixed number of statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from forum.commons.comments import listing
from forum.commons.comments.beside import mentions_in, my_reactions
from forum.commons.comments.compute import totals
from forum.commons.comments.listing import Branch
from forum.commons.comments.queries import (
    comment_by,
    comment_of,
    thread_by,
)
from forum.commons.comments.readings import CommentView, Shown, ThreadView, stance_words
from forum.commons.comments.rules import RULES
from forum.commons.comments.stances import my_choice
from forum.core.accounts.queries import has_consent
from forum.kernel import display, html, text, web
from forum.kernel.errors import NotFound
from forum.kernel.i18n import T, Text
from forum.kernel.paging import Page
from forum.kernel.rules import Actor, why_not

QUOTED = 120
_NOTHING: Mapping[int, Any] = {}
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Typed:
    """What was typed and what is wrong with it, when a form comes back."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, Text | str] = field(default_factory=dict)


def thread_page(tx: Session, public_id: str, typed: Typed | None = None, status: int = 200) -> Response:
    """The page of a thread: its question, its comments by sort, and the place to speak."""
    actor = web.actor()
    thread = thread_by(tx, public_id, actor)
    sort = request.args.get("sort") or ("mixed" if thread.stance != "off" else "newest")
    alone = request.args.get("c")
    after = request.args.get("after")
    page = _one_branch(tx, thread, alone) if alone else listing.branches(tx, thread.id, sort, after)
    seen = [c for b in page.rows for c in (b.comment, *b.replies)]
    typed = typed or Typed()
    reactions = my_reactions(tx, actor.user_id, [c.id for c in seen]) if actor.user_id else {}
    if alone and status == 200 and not any(c.public_id == alone and c.is_shown for c in seen):
        status = 410  # the place is still shown, with what became of it
    return web.page(
        "comments/thread.html",
        status,
        thread=thread,
        page=page,
        sort=sort,
        alone=alone,
        seq=thread.seq,
        demo=thread.demo,
        spread={voice: tuple(row.values()) for voice, row in totals(thread.spread).items()},
        typed=typed.fields,
        errors=typed.errors,
        words=stance_words(thread.stance, thread.options),
        reply=_answered(tx, thread, typed.fields.get("parent") or request.args.get("reply")),
        why_closed=why_not(RULES, "comment.post", actor, thread.floor),
        shown=shown_to(actor, thread, seen, reactions=reactions, names=mentions_in(tx, seen)),
        **_mine(tx, actor, thread),
    )


def _one_branch(tx: Session, thread: ThreadView, public_id: str) -> Page[Branch]:
    """The comment of a permalink with what it stands under and all that stands under it."""
    named = comment_by(tx, public_id)
    if named.thread_id != thread.id:
        raise NotFound
    top = comment_of(tx, named.parent_id) if named.parent_id else named
    replies = listing.replies_of(tx, top.id, request.args.get("after"))
    shown = list(replies.rows)
    if named.parent_id and all(r.id != named.id for r in shown):
        shown.append(named)
    return Page([Branch(top, shown)], replies.next)


def _answered(tx: Session, thread: ThreadView, public_id: str | None) -> CommentView | None:
    if not public_id:
        return None
    try:
        found = comment_by(tx, public_id)
    except NotFound:
        return None
    return found if found.thread_id == thread.id and found.is_shown else None


def _mine(tx: Session, actor: Actor, thread: ThreadView) -> dict[str, Any]:
    if actor.user_id is None:
        return {"choice": None, "consented": False}
    return {
        "choice": my_choice(tx, actor.user_id, thread.id),
        "consented": has_consent(tx, actor.user_id, "public_posting"),
    }


def shown_to(
    actor: Actor,
    thread: ThreadView,
    comments: Sequence[CommentView],
    *,
    reactions: Mapping[int, frozenset[str]] = _NOTHING,
    names: Mapping[int, tuple[str, ...]] = _NOTHING,
    here: str = "",
    new: bool = False,
) -> dict[int, Shown]:
    """Comments as a reader's page draws them, by inner id."""
    words = stance_words(thread.stance, thread.options)
    opened, office = thread.floor.opened, thread.office
    return {
        c.id: Shown(
            comment=c,
            word=words.get(c.stance or "", ""),
            opened=opened,
            own=opened and actor.user_id is not None and c.author_id == actor.user_id,
            pressed=reactions.get(c.id, _NONE),
            when=display.day_ago_tag(c.created_at),
            edited=display.day_ago_tag(c.edited_at) if c.edited_at else "",
            here=here,
            new=new,
            names=names.get(c.id, ()),
            answerer=office,
        )
        for c in comments
    }


def quoted(body: str) -> str:
    """The beginning of a text, for a quotation."""
    return text.excerpt(html.plain(body), QUOTED)


_CHANNELS = {
    "paper": T("ความเห็นจากใบกระดาษ"),
    "phone": T("ความเห็นจากโทรศัพท์"),
    "hall": T("ความเห็นจากเวทีประชุม"),
    "letter": T("ความเห็นจากจดหมาย"),
}


def speaker(name: str | None, channel: str | None = None) -> str:
    """Who spoke, for those who answer: a name, the way an office took it in by, or an account that is gone."""
    return name or str(_CHANNELS.get(channel or "", T("ผู้ใช้ที่ลบบัญชี")))
