"""Pen names: one holder each, so that nobody speaks in another's name."""

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forum.core.accounts.compute import name_key, numbered
from forum.core.accounts.forms import LONGEST_NAME
from forum.core.accounts.models import TakenName, User
from forum.core.accounts.queries import account, name_holder
from forum.kernel import events
from forum.kernel.errors import Conflict, Invalid
from forum.kernel.i18n import T


def require_free(tx: Session, name: str, user_id: int | None = None, field: str = "name") -> None:
    """Raises `Invalid` when somebody else has the name; says nothing of whom."""
    holder = name_holder(tx, name_key(name))
    if holder is not None and (holder.user_id is None or holder.user_id != user_id):
        raise _taken(field)


def _taken(field: str) -> Invalid:
    return Invalid({field: T("มีคนใช้ชื่อนี้หรือชื่อที่คล้ายกันมากแล้ว เลือกชื่ออื่น")})


def reserve_names(tx: Session, *names: str) -> None:
    """Keeps an office's names from being anybody's pen name; who has one already keeps it."""
    for key in sorted({name_key(n) for n in names if n}):
        _claim(tx, key, None)


def give_name(tx: Session, user: User, name: str) -> None:
    """Gives a new account its name; when somebody took it meanwhile, the name with a number behind it."""
    number, shown = 1, name
    while not _claim(tx, name_key(shown), user.id):
        number += 1
        shown = numbered(name, number, LONGEST_NAME)
    user.name = shown


def change_name(tx: Session, user_id: int, name: str, version: int) -> None:
    """Changes a pen name; raises `Invalid` when taken, `Conflict` when it was changed elsewhere meanwhile."""
    user = account(tx, user_id)
    tx.refresh(user, with_for_update=True)
    if user.version != version:
        message = T("ชื่อเพิ่งถูกเปลี่ยนจากอีกหน้าหนึ่ง ดูชื่อตอนนี้แล้วบันทึกใหม่ได้")
        raise Conflict(message, current={"name": user.name, "version": user.version})
    require_free(tx, name, user_id)
    tx.execute(delete(TakenName).where(TakenName.user_id == user_id))
    if not _claim(tx, name_key(name), user_id):
        raise _taken("name")
    user.name = name
    user.version += 1
    events.emit(tx, "account.name_changed", subject_id=user_id)


def _claim(tx: Session, key: str, user_id: int | None) -> bool:
    make = postgresql.insert if tx.get_bind().dialect.name == "postgresql" else sqlite.insert
    claimed = make(TakenName).values(key=key, user_id=user_id).on_conflict_do_nothing().returning(TakenName.key)
    return tx.execute(claimed).first() is not None
