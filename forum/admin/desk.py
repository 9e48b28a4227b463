"""What every page of the officer's desk shares: its address, who may enter, and whose consultation it is about."""

from flask import Blueprint, Response, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.agencies.desk import for_officers
from forum.core.consultations import service
from forum.core.consultations.models import Consultation
from forum.core.consultations.rules import RULES
from forum.kernel import web
from forum.kernel.errors import Invalid, NotFound
from forum.kernel.i18n import T
from forum.kernel.rules import require

__all__ = ["for_officers", "held", "mine", "pages", "reason", "said", "version"]

pages = Blueprint("desk", __name__, url_prefix="/desk", cli_group=None)


def mine(tx: Session, slug: str) -> Consultation:
    """The consultation of this address; raises `NotFound`, and `Denied` for officers of other agencies, drafts too."""
    row = tx.execute(select(Consultation).where(Consultation.slug == slug)).scalar_one_or_none()
    if row is None:
        raise NotFound
    require(RULES, "consultation.change", web.actor(), row)
    return row


def held(tx: Session, slug: str) -> Consultation:
    """The same to write to, locked."""
    mine(tx, slug)
    return service.find(tx, web.actor(), slug)


def version() -> int:
    """The version a form was made from; raises `Invalid` for one that no form of ours holds."""
    typed = request.form.get("version", "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid({"": T("ต้องบอกว่าแก้จากรุ่นไหน โหลดหน้าใหม่แล้วลองอีกครั้ง")})
    return int(typed)


def reason() -> str:
    """The reason that was typed; raises `Invalid`."""
    return service.read_reason(request.form.get("reason", ""))


def said(response: Response, words: T | str) -> Response:
    """Leaves a note that what was asked for is done."""
    return web.note(response, "desk", text=str(words), tone="ok")
