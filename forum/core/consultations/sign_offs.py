"""Two persons for one act: somebody asks, another member of the office agrees or sends it back."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from forum.core.consultations.models import Consultation, SignOff
from forum.kernel import clock
from forum.kernel.rules import Actor

_LIVE = ("waiting", "approved")


def live(tx: Session, consultation_id: int, act: str | None = None) -> SignOff | None:
    """What was asked for and neither sent back nor used; of any act when none is named."""
    wanted = select(SignOff).where(SignOff.consultation_id == consultation_id, SignOff.state.in_(_LIVE))
    if act is not None:
        wanted = wanted.where(SignOff.act == act)
    return tx.execute(wanted.order_by(SignOff.id.desc()).limit(1)).scalar_one_or_none()


def last_undone(tx: Session, row: Consultation) -> SignOff | None:
    """What was asked for last and was sent back, or holds no more because the text changed: it may be asked anew."""
    wanted = select(SignOff).where(SignOff.consultation_id == row.id).order_by(SignOff.id.desc()).limit(1)
    last = tx.execute(wanted).scalar_one_or_none()
    if last is None or row.state not in _MAY_BE_ASKED[last.act]:
        return None
    return last if last.state in ("returned", "void") else None


_MAY_BE_ASKED = {"open": ("draft", "announced"), "close": ("opened",)}


def live_of(tx: Session, consultation_ids: Sequence[int]) -> dict[int, SignOff]:
    """What was asked for last in several consultations and is neither used nor void, in one statement."""
    wanted = select(SignOff).where(
        SignOff.consultation_id.in_(consultation_ids), SignOff.state.in_((*_LIVE, "returned"))
    )
    return {asked.consultation_id: asked for asked in tx.execute(wanted.order_by(SignOff.id)).scalars()}


def waiting_for(
    tx: Session, actor: Actor, agency_ids: Sequence[int], limit: int = 20
) -> Sequence[tuple[SignOff, str, str]]:
    """What others in these agencies ask this actor to agree to, the oldest first: with its slug and title."""
    wanted = (
        select(SignOff, Consultation.slug, Consultation.title)
        .join(Consultation, Consultation.id == SignOff.consultation_id)
        .where(
            SignOff.state == "waiting",
            Consultation.agency_id.in_(agency_ids),
            SignOff.version == Consultation.version,
            SignOff.asked_by.is_distinct_from(actor.user_id),
        )
        .order_by(SignOff.id)
        .limit(limit)
    )
    return [(row.SignOff, row.slug, row.title) for row in tx.execute(wanted)]


def ask(tx: Session, actor: Actor, row: Consultation, act: str, *, wanted: bool, reason: str = "") -> SignOff:
    """Asks for an act on the consultation as it is now, in place of what was asked before."""
    void(tx, row.id)
    asked = SignOff(
        consultation_id=row.id,
        act=act,
        version=row.version,
        wanted=wanted,
        reason=reason.strip(),
        asked_by=actor.user_id,
        asked_at=clock.now(),
        state="waiting",
    )
    tx.add(asked)
    tx.flush()
    return asked


def ask_again(tx: Session, actor: Actor, row: Consultation) -> None:
    """After a change nothing agreed to before holds; what is announced is asked for anew, by who changed it."""
    before = live(tx, row.id)
    if before is None and row.state != "announced":
        return
    void(tx, row.id)
    if row.state == "announced":
        ask(tx, actor, row, "open", wanted=False)


def void(tx: Session, consultation_id: int) -> None:
    """Nothing asked for before holds any more."""
    old = update(SignOff).where(SignOff.consultation_id == consultation_id, SignOff.state.in_(_LIVE))
    tx.execute(old.values(state="void"))
    tx.flush()


def decide(actor: Actor, asked: SignOff, state: str, note: str = "") -> None:
    """Keeps who decided, when and what for."""
    asked.state, asked.decided_by, asked.decided_at = state, actor.user_id, clock.now()
    asked.note = note.strip()
