"""Reading the spine: an item by its public id, or by the receipt a guest holds."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.items.models import Item, Receipt
from forum.kernel import ids, keys
from forum.kernel.errors import NotFound


def item_by(tx: Session, public_id: str) -> Item:
    """The item with this public id; raises `NotFound`."""
    found = None
    if ids.is_public_id(public_id):
        found = tx.execute(select(Item).where(Item.public_id == public_id)).scalar_one_or_none()
    # A draft that is given up was never there for anybody.
    if found is None or found.state == "draft" or (found.kind == "answer" and found.state == "erased"):
        raise NotFound
    return found


def code_hmac(symbols: str) -> str:
    """How a receipt code is stored: an HMAC, because 40 bits alone could be searched through."""
    return keys.keyed("receipt", symbols)


def item_by_receipt(tx: Session, typed: str) -> Item:
    """The item a receipt belongs to; raises `NotFound` alike for codes that are wrong and codes never given."""
    symbols = ids.read_receipt(typed)
    found = select(Item).join(Receipt, Receipt.item_id == Item.id).where(Receipt.code_hmac == code_hmac(symbols or ""))
    item = tx.execute(found).scalar_one_or_none()
    if item is None or symbols is None:
        raise NotFound
    return item


def items_of(tx: Session, user_id: int) -> dict[str, Any]:
    """Everything of one author, whatever kind it is, for their own export."""
    columns = select(Item.public_id, Item.kind, Item.state, Item.voice, Item.created_at)
    return {"items": [dict(row) for row in tx.execute(columns.where(Item.author_id == user_id)).mappings()]}
