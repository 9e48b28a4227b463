"""Reading for live: who a socket belongs to, what a room is, how far its stream has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forum.core.accounts.queries import signed_in_by, signed_in_by_token
from forum.core.agencies.queries import roles_of
from forum.kernel import events, feature
from forum.kernel.errors import NotFound
from forum.kernel.feature import Watchable
from forum.kernel.rules import Actor
from forum.observers.realtime.compute import Proof

_AT_ONCE = 500


@dataclass(frozen=True)
class Seen:
    """A room as it is now: its stream's number, what changed since the asker's, whether to load all anew."""

    seq: int
    missed: list[dict[str, Any]]
    reload: bool


@dataclass(frozen=True)
class Known:
    """Whose a proof is, with the roles of this moment; `until` is when it ends by the clock, if it does."""

    actor: Actor
    until: datetime | None


def who(tx: Session, proof: Proof) -> Known | None:
    """The account a proof stands for at this moment; None when it stands for nobody."""
    read = signed_in_by_token if proof.kind == "token" else signed_in_by
    found = read(tx, proof.secret)
    return Known(Actor(found.user_id, found.name, roles_of(tx, found.user_id)), found.until) if found else None


def find(tx: Session, actor: Actor, room: str) -> tuple[Watchable, int]:
    """What is watched under this id, and its stream; raises `NotFound` or `Denied`."""
    for watchable in (w for f in feature.features() for w in f.watchables):
        stream_id = watchable.find(tx, actor, room)
        if stream_id is not None:
            return watchable, stream_id
    raise NotFound


def look(tx: Session, actor: Actor, room: str, since: int | None) -> Seen:
    """The room's number and what the asker missed; raises `NotFound` or `Denied`.

    The number is read first: whatever comes between is then among the missed, never only counted.
    """
    watchable, stream_id = find(tx, actor, room)
    seq = events.current_seq(tx, stream_id)
    if since is None or since == seq:
        return Seen(seq, [], False)
    if since > seq:
        return Seen(seq, [], True)
    missed, reload = watchable.missed(tx, actor, room, since)
    return Seen(seq, missed, reload)


def numbers(tx: Session, stream_ids: Iterable[int]) -> dict[int, int]:
    """The present number of each stream."""
    asked = sorted(set(stream_ids))
    parts = (asked[i : i + _AT_ONCE] for i in range(0, len(asked), _AT_ONCE))
    found = (select(events.Stream.id, events.Stream.seq).where(events.Stream.id.in_(part)) for part in parts)
    return {stream_id: seq for statement in found for stream_id, seq in tx.execute(statement)}
