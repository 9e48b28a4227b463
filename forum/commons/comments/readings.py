"""Threads and comments as anybody may read them, for pages, programs and sockets alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from forum.commons.comments.rules import Floor
from forum.core.agencies.queries import name_of
from forum.core.answers.beside import Said
from forum.kernel.i18n import gettext


@dataclass(frozen=True)
class ThreadView:
    """A thread with what its page must say of the consultation and the agency around it."""

    id: int
    public_id: str
    state: str
    title: str
    body: str
    body_html: str
    stance: str
    options: Sequence[str]
    comments: int
    spread: dict[str, Any]
    stream_id: int
    created_at: datetime
    voice: str
    author_id: int | None
    version: int
    consultation_id: int
    slug: str
    consultation_title: str
    consultation_state: str
    opens_at: datetime | None
    closes_at: datetime | None
    answer_by: date | None
    demo: bool
    agency_id: int
    agency_slug: str
    agency_name: str
    agency_name_en: str
    agency_phone: str
    guests: bool
    contact: dict[str, Any]
    activity_key: str | None
    seq: int
    said: Said | None
    floor: Floor

    @property
    def office(self) -> str:
        """Who asks and answers here, in the reader's language."""
        return name_of(self.agency_name, self.agency_name_en)


@dataclass(frozen=True)
class Posted:
    """A comment just stored; `receipt` is the guest's code, shown once."""

    comment_id: int
    public_id: str
    receipt: str | None


class CommentView(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as everybody may see it; text, name and stance are empty when it is not shown."""

    id: int
    public_id: str
    thread_id: int
    no: int
    seq: int
    state: str
    voice: str
    author_id: int | None
    name: str | None
    name_gone: bool
    office: str | None
    agency_id: int | None
    body: str
    html: str
    stance: str | None
    channel: str
    received_on: date | None
    created_at: datetime
    edited_at: datetime | None
    version: int
    parent_id: int | None
    parent: str | None
    reply_to: str | None
    quoted_name: str | None
    quoted_channel: str | None
    quoted_text: str | None
    replies: int
    useful: int
    understand: int
    taken_back: bool
    said: Said | None

    @property
    def is_shown(self) -> bool:
        """Whether the text may be read."""
        return self.state == "public"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as one reader's page draws it: all that its piece of the page depends on."""

    comment: CommentView
    word: str  # the thread's word for the comment's stance
    opened: bool  # whether one may still speak here
    own: bool  # whether this reader may change it
    pressed: frozenset[str]  # this reader's reactions
    when: str
    edited: str
    here: str  # the address of the page that the piece's links lead back to, empty for the present one
    new: bool
    names: tuple[str, ...]  # whom it mentions
    answerer: str  # which office answers here


def stance_words(stance: str, options: Sequence[str]) -> dict[str, str]:
    """What the three stances are called in this thread, in the reader's language."""
    if stance == "options" and len(options) == 2:
        return {"for": options[0], "against": options[1], "unsure": gettext("ยังไม่แน่ใจ")}
    return {"for": gettext("เห็นด้วย"), "against": gettext("ไม่เห็นด้วย"), "unsure": gettext("ยังไม่แน่ใจ")}
