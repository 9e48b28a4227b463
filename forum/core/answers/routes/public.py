"""What an office said of one contribution, from the first answer to the last, for everybody."""

from flask import Blueprint, Response

from forum.core.answers import queries
from forum.core.answers.ledger import Ledger, ledger
from forum.core.consultations.queries import brief
from forum.core.consultations.tallies import SEEN
from forum.core.items.queries import item_by
from forum.kernel import web
from forum.kernel.db import reading
from forum.kernel.errors import Gone, NotFound
from forum.kernel.i18n import T

pages = Blueprint("answers", __name__)


@pages.app_template_global("answers_ledger")
def answers_ledger() -> Ledger | None:
    """For the home page: what became of what people said, or nothing where no office has answered yet."""
    with reading() as tx:
        return ledger(tx)


@pages.get("/answers/<public_id>")
def history(public_id: str) -> Response:
    """Every answer to a contribution and every step since, the latest first."""
    with reading() as tx:
        item = item_by(tx, public_id)
        if not item.answered:
            raise NotFound
        if item.state not in SEEN:
            raise Gone(T("ความเห็นนี้ไม่แสดงแล้ว"))
        shown = brief(tx, item.consultation_id)
        return web.page(
            "answers/history.html",
            c=shown,
            told=queries.told_of(tx, [item])[item.id],
            path=f"/i/{public_id}",
            answers=queries.history(tx, item.id),
            steps=queries.steps(tx, item.id),
            demo=shown.demo,
        )
