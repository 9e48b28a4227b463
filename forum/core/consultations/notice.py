"""How long before opening a hearing must be announced, and how long it must run, unless a reason is told.

No act fixes these days for every hearing: fifteen is what the cabinet's resolution of 4 April 2560 asked and the
Law Development Commission advises, thirty what is asked of an act; an operator may set others. Days are those
of the calendar, holidays too: none is left out over Songkran.
"""

from dataclasses import dataclass
from datetime import date, datetime

from forum.core.consultations.compute import notice_days, running_days
from forum.kernel.i18n import T, Text


@dataclass(frozen=True)
class Days:
    """The days asked for: notice before opening, running, and running for an act."""

    notice: int = 15
    running: int = 15
    running_law: int = 30

    def running_for(self, law_kind: str) -> int:
        """How long a hearing about such a law should run."""
        return self.running_law if law_kind == "primary" else self.running


_days = Days()


def configure(notice: int, running: int, running_law: int) -> None:
    """Sets them for this process; called once by the app."""
    global _days
    _days = Days(notice, running, running_law)


def days() -> Days:
    """This site's."""
    return _days


def too_short(first_told: date | None, opens_at: datetime, closes_at: datetime, law_kind: str) -> list[Text]:
    """What is shorter than it should be, in words; empty when nothing is."""
    told = notice_days(first_told, opens_at)
    runs, should_run = running_days(opens_at, closes_at), _days.running_for(law_kind)
    said: list[Text] = []
    if told < _days.notice:
        said.append(T("ประกาศก่อนเปิด %(n)s วัน น้อยกว่า %(least)s วัน", n=told, least=_days.notice))
    if runs < should_run:
        said.append(T("เปิดรับ %(n)s วัน น้อยกว่า %(least)s วัน", n=runs, least=should_run))
    return said
