"""What the pages of the desk on which an office answers share: whose they are, and what was chosen to be answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from forum.core.answers import finding, queries
from forum.core.answers.queries import AnswerView, Wanted
from forum.core.answers.rules import RULES
from forum.core.answers.service import MOST
from forum.core.consultations.queries import Brief, brief_by_slug
from forum.core.consultations.tallies import CHANNELS
from forum.core.items.models import Item
from forum.kernel import feature, html, text, web
from forum.kernel.errors import Conflict, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import require

desk = Blueprint("answers_desk", __name__, url_prefix="/desk")
desk.add_app_template_filter(html.plain, "plain_words")
SHOWN = 20
"""How many of the chosen contributions a page shows in full."""
STANCES = ("for", "against", "unsure")
_TICKED = 200
"""How many can be ticked one by one: a page has fifty."""


def ours(tx: Session, slug: str) -> Brief:
    """The consultation of this slug for somebody who answers in it; raises `NotFound` or `Denied`."""
    found = brief_by_slug(tx, slug, web.actor())
    require(RULES, "answer.write", web.actor(), found)
    return found


def our_answer(tx: Session, slug: str, public_id: str) -> tuple[Brief, AnswerView]:
    """An answer of the consultation, whatever its stage but given up; raises as `ours` does."""
    shown = ours(tx, slug)
    answer = queries.answer_by(tx, public_id)
    if answer.consultation_id != shown.id or answer.stage == "dropped":
        raise NotFound
    return shown, answer


def kinds() -> list[str]:
    """The kinds of items that are contributions on this site."""
    return [name for f in feature.features() for name, kind in f.items.items() if kind.contributions is not None]


def filters(sent: Mapping[str, str]) -> dict[str, str]:
    """What a desk looks for, as it stands in an address; what is unknown is passed over."""
    answered = sent.get("answered", "no")
    try:
        words = text.one_line(sent.get("words", ""))[:200]
    except ValueError:
        words = ""
    return {
        "answered": answered if answered in ("no", "yes", "all") else "no",
        "channel": sent.get("channel", "") if sent.get("channel") in CHANNELS else "",
        "kind": sent.get("kind", "") if sent.get("kind") in kinds() else "",
        "words": words,
        "stance": sent.get("stance", "") if sent.get("stance") in STANCES else "",
        "place": sent.get("place", "")[:40],
        "same": sent.get("same", "")[:40],
    }


def wanted(tx: Session, shown: Brief, asked: Mapping[str, str]) -> Wanted:
    """The same for queries; raises `NotFound` when the one whose words are looked for is not there."""
    place, same = (finding.items_by(tx, shown.id, [asked[n]])[0] if asked[n] else None for n in ("place", "same"))
    answered = "" if asked["answered"] == "all" else asked["answered"]
    return Wanted(answered, asked["channel"], asked["kind"], asked["words"], place, asked["stance"], same)


@dataclass(frozen=True)
class Chosen:
    """Contributions chosen on the desk, and the hidden fields that choose just them again."""

    ids: Sequence[int]
    fields: Sequence[tuple[str, str]]
    n: int | None = None

    def still(self) -> "Chosen":
        """Itself; raises `Conflict` when others are chosen now than when the page was made."""
        if self.n is not None and self.n != len(self.ids):
            told = T(
                "จำนวนข้อเปลี่ยนจาก %(before)s เป็น %(now)s ระหว่างที่คุณพิมพ์ ดูอีกครั้งแล้วส่งใหม่", before=self.n, now=len(self.ids)
            )
            raise Conflict(told)
        return self


def chosen(tx: Session, shown: Brief) -> Chosen:
    """What this request chooses: ticked ones, everything a filter finds, or what another answer is for."""
    sent = request.values
    if again := sent.get("again", ""):
        _shown, answer = our_answer(tx, shown.slug, again)
        ids = finding.answered_by(tx, answer.id)
        return Chosen(ids, [("again", again), ("n", str(len(ids)))], _number(sent.get("n")))
    if sent.get("all"):
        return _by_filter(tx, shown, filters(sent), sent.get("upto", ""), _number(sent.get("n")))
    ticked = list(dict.fromkeys(sent.getlist("item")))
    if len(ticked) > _TICKED:
        raise NotFound
    return Chosen(finding.items_by(tx, shown.id, ticked), [("item", one) for one in ticked])


def _by_filter(tx: Session, shown: Brief, asked: dict[str, str], upto: str, n: int | None) -> Chosen:
    last = finding.items_by(tx, shown.id, [upto])[0] if upto else None
    ids = queries.ids_of(tx, shown.id, replace(wanted(tx, shown, asked), free=True, upto=last), MOST)
    end = upto or (tx.get_one(Item, ids[-1]).public_id if ids else "")
    fields = [("all", "1"), *((k, v) for k, v in asked.items() if v), ("upto", end), ("n", str(len(ids)))]
    return Chosen(ids, fields, n)


def _number(sent: str | None) -> int | None:
    return int(sent) if sent and sent.isascii() and sent.isdigit() and len(sent) < 7 else None


def page_of(template: str, status: int, shown: Brief, **context: Any) -> Response:
    """A page of a consultation's answers."""
    return web.page(
        f"answers/{template}.html", status, c=shown, left=shown.answer_days_left, demo=shown.demo, **context
    )


def said(response: Response, words: T) -> Response:
    """Tells the officer what happened, on the next page."""
    return web.note(response, "desk", text=str(words), tone="ok")
