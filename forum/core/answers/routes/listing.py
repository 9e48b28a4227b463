"""The desk's lists: contributions by filter, and the answers that are written, waited for or given."""

from dataclasses import replace

from flask import Response, request

from forum.core.agencies.desk import for_officers
from forum.core.answers import finding, queries
from forum.core.answers.routes.desk import desk, filters, kinds, ours, page_of, wanted
from forum.core.consultations.tallies import CHANNELS, numbers_of
from forum.kernel.db import reading


@desk.get("/<slug>/answers")
@for_officers
def contributions(slug: str) -> Response:
    """What people said and the office must answer, oldest first."""
    asked, after = filters(request.args), request.args.get("after") or None
    with reading() as tx:
        shown = ours(tx, slug)
        looked_for = wanted(tx, shown, asked)
        page = queries.contributions(tx, shown.id, looked_for, after)
        plain = not after and asked == filters({})
        return page_of(
            "desk",
            200,
            shown,
            page=page,
            asked=asked,
            taken=queries.taken(tx, [item.id for item, _ in page.rows]),
            found=finding.counted(tx, shown.id, replace(looked_for, free=True)),
            groups=finding.alike(tx, shown.id) if plain else [],
            stages=finding.by_stage(tx, shown.id),
            numbers=numbers_of(tx, shown.id),
            channels=CHANNELS,
            kinds=kinds(),
        )


@desk.get("/<slug>/answers/given")
@for_officers
def given(slug: str) -> Response:
    """Answers that are written, waited for or sent back, and those that are published."""
    with reading() as tx:
        shown = ours(tx, slug)
        return page_of(
            "given",
            200,
            shown,
            pending=queries.in_stage(tx, shown.id, *finding.PENDING),
            published=queries.in_stage(tx, shown.id, "published"),
            stages=finding.by_stage(tx, shown.id),
        )
