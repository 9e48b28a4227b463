"""What the public is told of a consultation: a row with before, after and reason, and the next number."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from forum.core.consultations import compute
from forum.core.consultations.models import Change, Consultation
from forum.core.consultations.reading import Reading
from forum.kernel import clock, dates, events
from forum.kernel.errors import Invalid
from forum.kernel.i18n import T
from forum.kernel.rules import Actor


@dataclass(frozen=True)
class Approval:
    """The paper by which an office agreed: its number and its day."""

    memo_no: str
    memo_date: date

    def as_json(self) -> dict[str, Any]:
        """How it is kept and shown."""
        return {"memo_no": self.memo_no, "memo_date": self.memo_date.isoformat()}


@dataclass(frozen=True)
class SecondMember:
    """Another member of the office agreed, on this day; who it was is known to the office alone."""

    on: date

    def as_json(self) -> dict[str, Any]:
        """How it is kept and shown."""
        return {"second_member": True, "on": self.on.isoformat()}


def read_approval(fields: Reading, memo_no: Any, day: date | None, at: str = "") -> Approval:
    """The memo of a form or a body, not dated ahead; raises `Invalid` with all that is wrong in `fields`."""
    number = fields.line(f"{at}memo_no", memo_no, 100)
    if not number:
        fields.wrong(f"{at}memo_no", T("ใส่เลขที่หนังสือ"))
    if day is None:
        fields.wrong(f"{at}memo_date", T("ใส่วันที่ของหนังสือ"))
    elif day > dates.in_bangkok(clock.now()).date():
        fields.wrong(f"{at}memo_date", T("วันที่ของหนังสือต้องไม่เกินวันนี้"))
    if fields.errors or day is None:
        raise Invalid(fields.errors)
    return Approval(number, day)


def record(
    tx: Session,
    row: Consultation,
    actor: Actor,
    kind: str,
    name: str,
    before: Any,
    after: Any,
    reason: str,
    approval: Approval | SecondMember | None = None,
) -> None:
    """Keeps one public change."""
    tx.add(
        Change(
            consultation_id=row.id,
            at=clock.now(),
            by_id=actor.user_id,
            kind=kind,
            field=name,
            before=before,
            after=after,
            reason=reason.strip(),
            approval=approval.as_json() if approval else None,
        )
    )


def tell(tx: Session, row: Consultation, **data: Any) -> None:
    """Takes the next number and tells everyone who watches; also remembers what the clock said."""
    row.status_told = {"closed": "closed", "announced": "announced"}.get(row.state) or clock_says(row)
    seq = events.next_seq(tx, row.stream_id)
    events.emit(tx, "consultation.changed", stream_id=row.stream_id, seq=seq, subject_id=row.id, **data)


def clock_says(row: Consultation) -> str:
    """What the clock alone says of an opened consultation."""
    return compute.clock_says(row.opens_at, row.closes_at, clock.now())
