"""Coming back with a receipt: every wrong code is counted, by address and for the whole site."""

from sqlalchemy.orm import Session

from forum.core.items.models import Item
from forum.core.items.queries import item_by_receipt
from forum.kernel import throttle, web
from forum.kernel.errors import NotFound


def find_by_receipt(tx: Session, code: str) -> Item:
    """The item of a receipt; raises `NotFound` for every wrong code alike, and `TooMany` before it looks.

    A right code is not counted: neighbours who share an address must not use up each other's way back.
    """
    counted = (("receipts", web.address()), ("site_receipts",))
    for limit in counted:
        throttle.check(*limit)
    try:
        return item_by_receipt(tx, code)
    except NotFound:
        for limit in counted:
            throttle.hit(*limit)
        raise
