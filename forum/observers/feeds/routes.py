"""Atom feeds of the site and of each consultation."""

from collections.abc import Iterable

from flask import Blueprint, Response, current_app

from forum.core.consultations.queries import brief_by_slug
from forum.kernel import atom
from forum.kernel.db import reading
from forum.kernel.i18n import T
from forum.kernel.rules import NOBODY
from forum.observers.feeds.queries import LENGTH, latest_consultations, latest_items

pages = Blueprint("feeds", __name__)


@pages.get("/feed.atom")
def site() -> Response:
    """New consultations and threads."""
    with reading() as tx:
        entries = latest_consultations(tx) + latest_items(tx, None, ("thread",))
    return _answer("/feed.atom", str(T("เรื่องที่เปิดถามความเห็น")), sorted(entries, key=lambda e: e.at)[-LENGTH:][::-1])


@pages.get("/c/<slug>/feed.atom")
def consultation(slug: str) -> Response:
    """New threads and comments of a consultation."""
    with reading() as tx:
        found = brief_by_slug(tx, slug, NOBODY)
        entries = latest_items(tx, found.id, ("thread", "comment"))
    return _answer(f"/c/{slug}/feed.atom", found.title, entries)


def _answer(path: str, title: str, entries: Iterable[atom.Entry]) -> Response:
    config = current_app.config["SALA"]
    made = atom.feed(config.public_url, path, f"{title} · {config.site_name}", entries)
    return Response(made, mimetype="application/atom+xml")
