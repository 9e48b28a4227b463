"""What became of what people said, on the whole site: counted from answers that offices gave, and nothing else."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from forum.core.answers.compute import DISPOSITIONS
from forum.core.answers.models import Answer
from forum.core.consultations.models import Tally
from forum.core.consultations.tallies import SEEN
from forum.kernel.db import rows

_GIVEN = (
    select(Answer.disposition, func.sum(Answer.items).label("n"))
    .where(Answer.stage == "published")
    .group_by(Answer.disposition)
)
_WAITING = select(literal("waiting"), func.coalesce(func.sum(Tally.n), 0)).where(
    Tally.answered == "no", Tally.state.in_(SEEN)
)
_LEDGER: Any = union_all(_GIVEN, _WAITING)


@dataclass(frozen=True)
class Ledger:
    """How many contributions were answered how, and how many wait."""

    accepted: int
    partly: int
    not_accepted: int
    noted: int
    waiting: int

    @property
    def answered(self) -> int:
        """How many were answered at all."""
        return self.accepted + self.partly + self.not_accepted + self.noted


def ledger(tx: Session) -> Ledger | None:
    """The numbers, in one statement; None where no office has answered anything yet."""
    found = {name: int(n) for name, n in rows(tx, _LEDGER, {}).all()}
    told = Ledger(**{name: found.get(name, 0) for name in (*DISPOSITIONS, "waiting")})
    return told if told.answered else None
