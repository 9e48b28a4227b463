"""Coming back with a receipt: every wrong code is counted, by address and for the whole site."""

from typing import Any

from sqlalchemy.orm import Session

from forum.core.items.models import Item
from forum.core.items.queries import code_hmac, item_by_receipt
from forum.kernel import feature, ids, throttle, web
from forum.kernel.errors import NotFound


class Awaited(NotFound):
    """The code was given, on paper, and nothing was sent under it yet; holds the page that says so."""

    def __init__(self, template: str, context: dict[str, Any]):
        super().__init__()
        self.template, self.context = template, context


def find_by_receipt(tx: Session, code: str) -> Item:
    """The item of a receipt; raises `NotFound` for every wrong code alike, and `TooMany` before it looks.

    A right code is not counted: neighbours who share an address must not use up each other's way back. Neither is
    one that was printed and waits to be used, for which it raises `Awaited`.
    """
    counted = (("receipts", web.address()), ("site_receipts",))
    for limit in counted:
        throttle.check(*limit)
    try:
        return item_by_receipt(tx, code)
    except NotFound:
        _tell_awaited(tx, code)
        for limit in counted:
            throttle.hit(*limit)
        raise


def _tell_awaited(tx: Session, code: str) -> None:
    symbols = ids.read_receipt(code)
    told = feature.awaited(tx, code_hmac(symbols)) if symbols else None
    if told is not None:
        raise Awaited(*told)
