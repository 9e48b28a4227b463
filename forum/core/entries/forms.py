"""What is asked of a voice that came another way before it may be kept."""

from datetime import date, datetime

from forum.kernel import clock, dates, i18n
from forum.kernel.i18n import T, Text

MOST_SHEETS = 100
MOST_NOTE = 300


def wrong_day(received: date | None, opens_at: datetime | None, closes_at: datetime | None) -> Text | None:
    """Why a voice received on this day cannot be kept, if it cannot: from the opening day to the closing day or today.

    Where no day is named it is today's.
    """
    today = dates.in_bangkok(clock.now()).date()
    day = received or today
    if day > today:
        return T("วันที่ได้รับต้องไม่เกินวันนี้")
    if opens_at is not None and day < dates.in_bangkok(opens_at).date():
        return T("วันที่ได้รับต้องไม่ก่อนวันเปิด %(day)s", day=dates.date_text(opens_at, i18n.language()))
    if closes_at is not None and day > dates.last_day(closes_at):
        last = dates.date_text(dates.last_day(closes_at), i18n.language())
        if received is None:
            return T("ปิดรับแล้วเมื่อ %(day)s บอกวันที่ได้รับด้วย", day=last)
        return T("วันที่ได้รับต้องไม่หลังวันปิดรับ %(day)s", day=last)
    return None
