"""Writing the spine: making items, the one door to their state, and receipts for guests."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from forum.core.consultations import tallies
from forum.core.items.compute import may_become, verb
from forum.core.items.models import Item, Receipt
from forum.core.items.queries import code_hmac
from forum.kernel import clock, events, feature, ids
from forum.kernel.errors import Conflict
from forum.kernel.i18n import T


def make_item(
    tx: Session,
    kind: str,
    *,
    consultation_id: int,
    author_id: int | None = None,
    agency_id: int | None = None,
    voice: str = "member",
    channel: str = "web",
    state: str = "public",
) -> Item:
    """A new item of this kind; its feature adds its own row beside it, and the spine counts a contribution."""
    item = Item(
        public_id=ids.public_id(),
        kind=kind,
        state=state,
        consultation_id=consultation_id,
        agency_id=agency_id,
        author_id=author_id,
        voice=voice,
        channel=channel,
        answered="no" if needs_answer(kind, voice) else "",
        created_at=clock.now(),
    )
    tx.add(item)
    tx.flush()
    if item.answered and state != "draft":
        tallies.count(tx, consultation_id, {_where(item, state): 1})
    return item


def make_items(tx: Session, kind: str, channels: Sequence[str], *, consultation_id: int, voice: str) -> list[Item]:
    """Many new items nobody signs, each by the way it came, in this order; counted as `make_item` counts one."""
    now, answered = clock.now(), "no" if needs_answer(kind, voice) else ""
    told = {"kind": kind, "state": "public", "consultation_id": consultation_id, "voice": voice, "answered": answered}
    items = [Item(public_id=ids.public_id(), channel=channel, created_at=now, **told) for channel in channels]
    tx.add_all(items)
    tx.flush()
    if answered:
        came = Counter(channels).items()
        tallies.count(tx, consultation_id, {(kind, channel, "public", answered): n for channel, n in came})
    return items


def needs_answer(kind: str, voice: str) -> bool:
    """Whether the office that asks owes an answer to such an item: whatever anybody but an office contributes."""
    return voice != "agency" and feature.item_kind(kind).contributions is not None


def _where(item: Item, state: str) -> tallies.Where:
    """Where a contribution stands when it is in this state."""
    return item.kind, item.channel, state, item.answered


def set_state(tx: Session, item_id: int, new: str) -> Item:
    """The one place where visibility changes: state, the feature's counters, a numbered event.

    Emits `<kind>.<verb>`; raises `Conflict` when the item cannot go there from where it is.
    """
    kind = tx.execute(select(Item.kind).where(Item.id == item_id)).scalar_one()
    owner = feature.item_kind(kind)
    stream_id = owner.stream_of(tx, item_id)
    seq = events.next_seq(tx, stream_id)
    item = tx.execute(
        select(Item).where(Item.id == item_id).with_for_update().execution_options(populate_existing=True)
    ).scalar_one()
    old = item.state
    if not may_become(old, new):
        raise Conflict(T("สถานะของรายการนี้เปลี่ยนไปก่อนแล้ว"))
    item.state = new
    tx.flush()
    if item.answered:
        left = {} if old == "draft" else {_where(item, old): -1}
        tallies.count(tx, item.consultation_id, left | {_where(item, new): 1})
    owner.state_changed(tx, item_id, old, new, seq)
    name = f"{kind}.{verb(old, new)}"
    events.emit(tx, name, stream_id=stream_id, seq=seq, subject_id=item_id, old=old, new=new)
    return item


def give_receipt(tx: Session, item_id: int) -> str:
    """A receipt code for an item, as it is shown; replaces an earlier one that never arrived."""
    symbols = ids.receipt_symbols()
    tx.execute(delete(Receipt).where(Receipt.item_id == item_id))
    tx.add(Receipt(item_id=item_id, code_hmac=code_hmac(symbols), made_at=clock.now()))
    tx.flush()
    return ids.receipt_text(symbols)


def give_receipts(tx: Session, printed: Mapping[int, str | None]) -> dict[int, str]:
    """Receipts for new items: the code whose HMAC is given, as it was printed before, else a new one.

    Returns the new codes by item, as they are shown.
    """
    new = {item_id: ids.receipt_symbols() for item_id, hmac in printed.items() if hmac is None}
    now = clock.now()
    kept = [
        {"item_id": item_id, "code_hmac": hmac or code_hmac(new[item_id]), "made_at": now}
        for item_id, hmac in printed.items()
    ]
    tx.execute(insert(Receipt), kept)
    return {item_id: ids.receipt_text(symbols) for item_id, symbols in new.items()}


def erase(tx: Session, user_id: int, _withdraw_posts: bool) -> None:
    """An item stays its account's: an erased account has neither name nor address, and readers are told so.

    What the item says belongs to its own feature, which keeps or withdraws it. Receipts name nobody; one that
    was made for an account's item opens nothing any more.
    """
    tx.execute(delete(Receipt).where(Receipt.item_id.in_(select(Item.id).where(Item.author_id == user_id))))
