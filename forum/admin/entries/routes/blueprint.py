"""The blueprint of the pages under /desk/<slug>/entries, and what they have in common."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from forum.admin.entries.forms import CHANNELS, Place
from forum.admin.entries.queries import topics
from forum.core.consultations import queries
from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief
from forum.core.entries.rules import RULES
from forum.kernel import web
from forum.kernel.rules import require

pages = Blueprint("entries", __name__, url_prefix="/desk/<slug>/entries")


@dataclass(frozen=True)
class Desk:
    """The consultation for which an officer keys, and where voices may be put in it."""

    row: Consultation
    brief: Brief
    place: Place


def desk_of(tx: Session, slug: str, action: str = "entry.see") -> Desk:
    """The desk of this consultation; raises `NotFound`, or `Denied` for whoever may not do this here."""
    found = queries.by_slug(tx, slug, web.actor())
    require(RULES, action, web.actor(), found.row)
    place = Place(topics(tx, found.row.id), found.row.opens_at, found.row.closes_at)
    return Desk(found.row, found.brief, place)


def page(template: str, desk: Desk, status: int = 200, **context: Any) -> Response:
    """A page for officers, kept by no cache."""
    answer = web.page(template, status, noindex=True, c=desk.brief, row=desk.row, channels=CHANNELS, **context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def done(path: str, words: object) -> Response:
    """Goes on to another page, which says what was done."""
    return web.note(web.see_other(path), "entries", text=str(words), tone="ok")
