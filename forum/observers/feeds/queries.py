"""What feeds tell: the latest shown items, through the spine, whatever feature made them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation
from forum.core.consultations.queries import Brief, briefs
from forum.core.items.models import Item
from forum.kernel import feature, text
from forum.kernel.atom import Entry
from forum.kernel.i18n import T

LENGTH = 30


def latest_items(tx: Session, consultation_id: int | None, kinds: Sequence[str]) -> list[Entry]:
    """The latest shown items of these kinds, of one consultation or of all that are public."""
    wanted = (
        select(Item.id, Item.kind, Item.public_id, Item.created_at)
        .join(Consultation, Consultation.id == Item.consultation_id)
        .where(Item.kind.in_(kinds), Item.state == "public", Consultation.state != "draft")
        .order_by(Item.id.desc())
        .limit(LENGTH)
    )
    if consultation_id is not None:
        wanted = wanted.where(Item.consultation_id == consultation_id)
    rows = tx.execute(wanted).all()
    shown: dict[int, dict[str, Any]] = {}
    for kind in kinds:
        shown |= feature.item_kind(kind).public(tx, [row.id for row in rows if row.kind == kind])
    return [_entry(shown[row.id], row.public_id, row.created_at) for row in rows if _is_shown(shown.get(row.id))]


def _is_shown(item: dict[str, Any] | None) -> bool:
    return item is not None and item["state"] == "public"


def _entry(item: dict[str, Any], public_id: str, at: datetime) -> Entry:
    author = (item.get("author") or {}).get("name") or str(T("ผู้ใช้ที่ลบบัญชี"))
    title = item.get("title") or f"#{item['no']} {author}"
    return Entry(f"/i/{public_id}", text.isolated(title), item.get("html") or "", text.isolated(author), at)


def latest_consultations(tx: Session) -> list[Entry]:
    """The latest public consultations."""
    wanted = select(Consultation.id).where(Consultation.state != "draft").order_by(Consultation.id.desc())
    found = briefs(tx, tx.execute(wanted.limit(LENGTH)).scalars().all())
    return [_consultation(brief) for brief in found.values()]


def _consultation(brief: Brief) -> Entry:
    at = brief.opens_at or brief.now
    html = f"<p>{text.balanced(brief.summary).replace('&', '&amp;').replace('<', '&lt;')}</p>"
    return Entry(f"/c/{brief.slug}", text.isolated(brief.title), html, text.isolated(brief.agency_name_th), at)
