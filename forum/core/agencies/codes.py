"""Coming in with a printed code: every wrong one is counted, by address and for the whole site."""

from sqlalchemy.orm import Session

from forum.core.agencies.invitations import by_code
from forum.core.agencies.models import Invitation
from forum.kernel import throttle, web
from forum.kernel.errors import NotFound


def find_by_code(tx: Session, typed: str) -> Invitation:
    """The open invitation of a code; raises `NotFound` for every wrong code alike, and `TooMany` before it looks.

    A right code is not counted: colleagues share one address.
    """
    counted = (("join_codes", web.address()), ("site_join_codes",))
    for limit in counted:
        throttle.check(*limit)
    try:
        return by_code(tx, typed)
    except NotFound:
        for limit in counted:
            throttle.hit(*limit)
        raise
