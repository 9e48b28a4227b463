"""Coming back with a receipt: every attempt is counted, by address and for the whole site."""

from sqlalchemy.orm import Session

from forum.core.items.models import Item
from forum.core.items.queries import item_by_receipt
from forum.kernel import throttle, web


def find_by_receipt(tx: Session, code: str) -> Item:
    """The item of a receipt; raises `TooMany` before it looks, `NotFound` for every wrong code alike."""
    throttle.hit("receipts", web.address())
    throttle.hit("site_receipts")
    return item_by_receipt(tx, code)
