"""Where a consultation stands by the clock, held by property and at every edge of its half-open windows."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.consultations import compute
from forum.kernel import dates

TICK = timedelta(microseconds=1)
MOMENTS = st.integers(1_577_836_800_000_000, 2_208_988_800_000_000).map(
    lambda n: datetime(1970, 1, 1, tzinfo=UTC) + n * TICK
)
SPANS = st.timedeltas(TICK, timedelta(days=400))
ORDER = ["announced", "open", "soon", "considering", "overdue"]


@dataclass
class Window:
    starts_at: datetime
    ends_at: datetime
    activities: list[str] = field(default_factory=list)


def at(opens: datetime, closes: datetime, now: datetime, state: str = "opened", answer_by: date | None = None) -> str:
    return compute.status(state, opens, closes, answer_by, now)


@given(MOMENTS, SPANS)
def test_it_opens_at_its_first_moment_and_not_a_tick_before(opens: datetime, span: timedelta) -> None:
    closes = opens + span
    assert at(opens, closes, opens - TICK) == "announced"
    assert compute.is_open(at(opens, closes, opens))


@given(MOMENTS, SPANS)
def test_its_last_moment_is_outside(opens: datetime, span: timedelta) -> None:
    closes = opens + span
    assert compute.is_open(at(opens, closes, closes - TICK))
    assert at(opens, closes, closes) == "considering"


@given(MOMENTS, SPANS, MOMENTS, SPANS, st.integers(0, 300))
def test_time_only_ever_moves_it_forward(
    opens: datetime, span: timedelta, now: datetime, later: timedelta, days: int
) -> None:
    closes = opens + span
    due = dates.last_day(closes) + timedelta(days=days)
    first, second = at(opens, closes, now, answer_by=due), at(opens, closes, now + later, answer_by=due)
    assert ORDER.index(first) <= ORDER.index(second)


@given(MOMENTS, SPANS, MOMENTS)
def test_a_draft_is_a_draft_at_any_time(opens: datetime, span: timedelta, now: datetime) -> None:
    assert at(opens, opens + span, now, state="draft") == "draft"


@given(MOMENTS, SPANS, MOMENTS)
def test_one_closed_early_is_open_at_no_time(opens: datetime, span: timedelta, now: datetime) -> None:
    assert not compute.is_open(at(opens, opens + span, now, state="closed"))


@given(MOMENTS, SPANS, MOMENTS)
def test_soon_is_the_last_eight_days(opens: datetime, span: timedelta, now: datetime) -> None:
    stands = at(opens, opens + span, now)
    left = dates.days_left(opens + span, now)
    if compute.is_open(stands):
        assert left is not None
        assert (stands == "soon") == (left <= 8)


@pytest.mark.parametrize(("day", "late"), [(14, 0), (15, 0), (16, 1), (31, 16)])
def test_the_answer_may_come_until_the_end_of_its_day(day: int, late: int) -> None:
    noon = datetime(2027, 1, day, 5, tzinfo=UTC)
    assert compute.days_overdue(date(2027, 1, 15), noon) == late
    closed = datetime(2026, 12, 1, tzinfo=UTC)
    wanted = "overdue" if late else "considering"
    assert at(closed - timedelta(days=9), closed, noon, answer_by=date(2027, 1, 15)) == wanted


def test_the_answer_day_ends_in_bangkok_and_not_in_london() -> None:
    due = date(2027, 1, 15)
    assert compute.days_overdue(due, datetime(2027, 1, 15, 16, 59, tzinfo=UTC)) == 0
    assert compute.days_overdue(due, datetime(2027, 1, 15, 17, 0, tzinfo=UTC)) == 1


def test_without_a_day_nothing_is_overdue() -> None:
    assert compute.days_overdue(None, datetime(2040, 1, 1, tzinfo=UTC)) == 0


@given(MOMENTS, SPANS, MOMENTS)
def test_a_phase_is_past_now_or_future_and_now_is_half_open(start: datetime, span: timedelta, now: datetime) -> None:
    window = Window(start, start + span)
    inside = start <= now < start + span
    assert (compute.phase_state(window, now) == "now") == inside
    assert (compute.phase_at([window], now) is window) == inside
    assert compute.phase_state(window, start + span) == "past"
    assert compute.phase_state(window, start - TICK) == "future"


@given(MOMENTS, SPANS, MOMENTS)
def test_an_activity_is_open_only_while_consultation_and_phase_both_are(
    start: datetime, span: timedelta, now: datetime
) -> None:
    window = Window(start, start + span, ["talk"])
    inside = start <= now < start + span
    assert ("talk" in compute.open_keys("open", [window], now)) == inside
    assert not compute.open_keys("considering", [window], now)
    assert not compute.open_keys("draft", [window], now)
    assert "map" not in compute.open_keys("open", [window], now)


def test_where_phases_overlap_both_their_activities_are_open_and_the_later_one_is_shown() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    first = Window(day, day + timedelta(days=9), ["talk"])
    second = Window(day + timedelta(days=3), day + timedelta(days=6), ["map"])
    now = day + timedelta(days=4)
    assert compute.open_keys("open", [first, second], now) == {"talk", "map"}
    assert compute.phase_at([first, second], now) is second


def test_an_activity_that_waits_says_when_it_opens() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    later = Window(day, day + timedelta(days=9), ["talk"])
    assert compute.opens_next("talk", [later], day - TICK) == day
    assert compute.opens_next("talk", [later], day) is None


def test_a_phase_for_taking_part_ends_with_a_consultation_closed_early() -> None:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    talk, weigh = (Window(day, day + timedelta(days=9), keys) for keys in (["talk"], []))
    assert compute.phase_state(talk, day, ended_early=True) == "past"
    assert compute.phase_state(weigh, day, ended_early=True) == "now"


FULL = dict.fromkeys(compute.REQUIRED, "said")


@given(st.sets(st.sampled_from(compute.REQUIRED)))
def test_every_field_that_says_nothing_is_named_once_and_in_order(empty: set[str]) -> None:
    values = {name: "" if name in empty else "said" for name in compute.REQUIRED}
    assert compute.missing_fields(values) == [name for name in compute.REQUIRED if name in empty]


@pytest.mark.parametrize("nothing", ["", "  \n", None, [], (), {}, {"phone": " "}])
def test_blank_text_and_empty_lists_say_nothing(nothing: object) -> None:
    assert compute.missing_fields(FULL | {"contact": nothing}) == ["contact"]


def test_a_field_left_out_is_missing() -> None:
    assert compute.missing_fields({}) == list(compute.REQUIRED)


def test_only_bangkoks_midnight_is_the_end_of_a_day() -> None:
    assert compute.ends_with_day(datetime(2026, 11, 30, 17, tzinfo=UTC))
    assert not compute.ends_with_day(datetime(2026, 12, 1, 0, tzinfo=UTC))


def test_an_activity_takes_what_is_said_until_the_end_of_its_running_next_or_last_window() -> None:
    day = timedelta(days=1)
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    windows = [Window(begin + n * 10 * day, begin + n * 10 * day + 5 * day, ["talk"]) for n in range(3)]
    closes = begin + 40 * day
    until = [compute.open_until("talk", windows, closes, begin + n * day) for n in (0, 6, 12, 21, 39)]
    assert until == [begin + n * day for n in (5, 15, 15, 25, 25)]
    assert compute.open_until("map", windows, closes, begin) == closes
    assert compute.open_until("talk", windows, begin + 3 * day, begin) == begin + 3 * day, "closed before the time"
    assert compute.open_until("talk", windows, None, begin) is None


def test_windows_are_over_when_the_last_in_which_one_may_take_part_has_ended() -> None:
    begin, day = datetime(2026, 11, 1, tzinfo=UTC), timedelta(days=1)
    windows = [Window(begin, begin + day, ["talk"]), Window(begin + day, begin + 9 * day)]
    assert not compute.is_over(windows, begin + day - TICK)
    assert compute.is_over(windows, begin + day), "a window in which the office alone works lets nobody speak"
