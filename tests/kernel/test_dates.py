"""A moment is shown by Bangkok's clock and the reader's calendar; a typed day of either calendar is one."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.kernel import dates

CLOSE = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
NAIVE = datetime(2026, 11, 30)  # noqa: DTZ001 - what must be refused

moments = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
days = st.dates(date(1990, 1, 1), date(2200, 1, 1))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=dates.BANGKOK)


def test_a_year_to_be_typed_over_is_counted_as_the_reader_counts() -> None:
    for lang, year in (("th", "2569"), ("en", "2026"), ("fr", "2569")):
        assert dates.year_text(date(2026, 11, 30), lang) == year
        assert dates.parse_day("30", "11", year) == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (dates.date_text(CLOSE), "30 พ.ย. 2569"),
        (dates.date_text(CLOSE, "en"), "30 Nov 2026"),
        (dates.date_text(date(2027, 1, 15)), "15 ม.ค. 2570"),
        (dates.date_text(datetime(2026, 12, 31, 17, 0, tzinfo=UTC)), "1 ม.ค. 2570"),
        (dates.date_text(CLOSE, "fr"), "30 พ.ย. 2569"),
        (dates.short_date_text(CLOSE), "30 พ.ย."),
        (dates.short_date_text(CLOSE, "en"), "30 Nov"),
        (dates.datetime_text(CLOSE), "30 พ.ย. 2569 เวลา 16.30 น."),
        (dates.datetime_text(CLOSE, "en"), "30 Nov 2026, 16:30"),
        (dates.time_text(CLOSE), "16.30 น."),
        (dates.time_text(CLOSE, "en"), "16:30"),
        (dates.time_text(at(2026, 1, 1, 9, 5)), "09.05 น."),
        (dates.iso(CLOSE), "2026-11-30T16:30+07:00"),
        (dates.iso(date(2026, 11, 30)), "2026-11-30"),
        (
            dates.iso(datetime(2026, 11, 30, 4, 30, tzinfo=timezone(timedelta(hours=-5)))),
            "2026-11-30T16:30+07:00",
        ),
        (dates.until_text(CLOSE), "30 พ.ย. 2569 เวลา 16.30 น."),
        (dates.until_text(dates.end_of_day(date(2026, 11, 30))), "30 พ.ย. 2569"),
    ],
)
def test_a_moment_is_written_for_people(text: str, shown: str) -> None:
    assert text == shown


def test_every_month_has_its_names() -> None:
    thai = [dates.short_date_text(date(2026, month, 1)) for month in range(1, 13)]
    assert " ".join(thai) == ("1 ม.ค. 1 ก.พ. 1 มี.ค. 1 เม.ย. 1 พ.ค. 1 มิ.ย. 1 ก.ค. 1 ส.ค. 1 ก.ย. 1 ต.ค. 1 พ.ย. 1 ธ.ค.")
    english = [dates.short_date_text(date(2026, month, 1), "en") for month in range(1, 13)]
    assert english == [f"{date(2026, month, 1):%-d %b}" for month in range(1, 13)]


@pytest.mark.parametrize(
    "ask",
    [
        dates.date_text,
        dates.short_date_text,
        dates.datetime_text,
        dates.time_text,
        dates.iso,
        dates.until_text,
        dates.in_bangkok,
        dates.last_day,
        lambda naive: dates.ago(naive, NOW),
        lambda naive: dates.ago(NOW, naive),
        lambda naive: dates.days_left(naive, NOW),
        lambda naive: dates.days_left(NOW, naive),
        lambda naive: dates.range_text(naive, NOW),
        lambda naive: dates.range_text(NOW, naive),
        lambda naive: dates.range_pieces(naive, NOW),
    ],
)
def test_a_naive_moment_is_refused(ask: object) -> None:
    with pytest.raises(ValueError, match="naive"):
        ask(NAIVE)


@pytest.mark.parametrize(
    ("seconds", "thai", "english"),
    [
        (0, "เมื่อสักครู่", "just now"),
        (59, "เมื่อสักครู่", "just now"),
        (-60, "เมื่อสักครู่", "just now"),
        (60, "1 นาทีก่อน", "1 minute ago"),
        (20 * 60 + 59, "20 นาทีก่อน", "20 minutes ago"),
        (3600, "1 ชั่วโมงก่อน", "1 hour ago"),
        (24 * 3600 - 1, "23 ชั่วโมงก่อน", "23 hours ago"),
        (24 * 3600, "21 พ.ย. 2569 เวลา 10.00 น.", "21 Nov 2026, 10:00"),
        (-3600, "22 พ.ย. 2569 เวลา 11.00 น.", "22 Nov 2026, 11:00"),
    ],
)
def test_how_long_ago_is_told_for_a_day(seconds: int, thai: str, english: str) -> None:
    moment = NOW - timedelta(seconds=seconds)
    assert dates.ago(moment, NOW) == thai
    assert dates.ago(moment, NOW, "en") == english


@pytest.mark.parametrize(
    ("start", "end", "thai", "english"),
    [
        (at(2026, 11, 1), at(2026, 12, 1), "1 – 30 พ.ย. 2569", "1 – 30 Nov 2026"),
        (at(2026, 9, 1), at(2026, 10, 16), "1 ก.ย. – 15 ต.ค. 2569", "1 Sep – 15 Oct 2026"),
        (at(2026, 12, 15), at(2027, 1, 11), "15 ธ.ค. 2569 – 10 ม.ค. 2570", "15 Dec 2026 – 10 Jan 2027"),
        (at(2026, 11, 30), at(2026, 12, 1), "30 พ.ย. 2569", "30 Nov 2026"),
        (at(2026, 11, 30, 13), at(2026, 12, 1), "30 พ.ย. 2569", "30 Nov 2026"),
        (at(2026, 11, 1), CLOSE, "1 – 30 พ.ย. 2569 ปิดเวลา 16.30 น.", "1 – 30 Nov 2026, until 16:30"),
        (at(2026, 11, 30), CLOSE, "30 พ.ย. 2569 ปิดเวลา 16.30 น.", "30 Nov 2026, until 16:30"),
        (at(2026, 11, 30, 13), CLOSE, "30 พ.ย. 2569 เวลา 13.00 – 16.30 น.", "30 Nov 2026, 13:00 – 16:30"),
        (at(2026, 11, 1, 10, 42), at(2026, 12, 1), "1 – 30 พ.ย. 2569", "1 – 30 Nov 2026"),
        (at(2026, 12, 31), at(2027, 1, 1), "31 ธ.ค. 2569", "31 Dec 2026"),
        (at(2026, 12, 31), at(2027, 1, 2), "31 ธ.ค. 2569 – 1 ม.ค. 2570", "31 Dec 2026 – 1 Jan 2027"),
    ],
)
def test_a_half_open_window_is_written_in_days(start: datetime, end: datetime, thai: str, english: str) -> None:
    assert dates.range_text(start.astimezone(UTC), end.astimezone(UTC)) == thai
    assert dates.range_text(start, end, "en") == english


@pytest.mark.parametrize(
    ("start", "end", "thai", "english"),
    [
        (at(2026, 11, 30), at(2026, 12, 1), ["30 พ.ย. 2569"], ["30 Nov 2026"]),
        (at(2026, 11, 1), at(2026, 12, 1), ["1 –", "30 พ.ย. 2569"], ["1 –", "30 Nov 2026"]),
        (at(2026, 9, 1), at(2026, 10, 16), ["1 ก.ย. –", "15 ต.ค. 2569"], ["1 Sep –", "15 Oct 2026"]),
        (at(2026, 12, 15), at(2027, 1, 11), ["15 ธ.ค. 2569 –", "10 ม.ค. 2570"], ["15 Dec 2026 –", "10 Jan 2027"]),
        (
            at(2026, 11, 1),
            CLOSE,
            ["1 –", "30 พ.ย. 2569", "ปิดเวลา 16.30 น."],
            ["1 –", "30 Nov 2026,", "until 16:30"],
        ),
        (at(2026, 11, 30), CLOSE, ["30 พ.ย. 2569", "ปิดเวลา 16.30 น."], ["30 Nov 2026,", "until 16:30"]),
        (
            at(2026, 11, 30, 13),
            CLOSE,
            ["30 พ.ย. 2569", "เวลา 13.00 –", "16.30 น."],
            ["30 Nov 2026,", "13:00 –", "16:30"],
        ),
    ],
)
def test_a_window_breaks_only_between_days_and_hours(
    start: datetime, end: datetime, thai: list[str], english: list[str]
) -> None:
    assert dates.range_pieces(start.astimezone(UTC), end.astimezone(UTC)) == thai
    assert dates.range_pieces(start, end, "en") == english


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=-1), timedelta(days=-400)])
def test_a_window_that_ends_before_it_starts_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="before"):
        dates.range_text(NOW, NOW + length)


@pytest.mark.parametrize(
    ("end", "now", "left"),
    [
        (at(2026, 12, 1), at(2026, 11, 22, 10), 8),
        (at(2026, 12, 1), at(2026, 11, 30), 0),
        (at(2026, 12, 1), at(2026, 11, 30, 23, 59), 0),
        (at(2026, 12, 1), at(2026, 12, 1), None),
        (CLOSE, at(2026, 11, 30, 16, 29), 0),
        (CLOSE, CLOSE, None),
        (CLOSE, at(2026, 11, 29, 23, 59), 1),
        (CLOSE, datetime(2026, 11, 29, 17, 0, tzinfo=UTC), 0),
    ],
)
def test_the_days_left_are_bangkok_nights(end: datetime, now: datetime, left: int | None) -> None:
    assert dates.days_left(end, now) == left


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        (("30", "11", "2569"), date(2026, 11, 30)),
        (("๓๐", "๑๑", "๒๕๖๙"), date(2026, 11, 30)),
        (("30", "พ.ย.", "2026"), date(2026, 11, 30)),
        (("30", "พย", "2026"), date(2026, 11, 30)),
        (("30", "พฤศจิกายน", "2569"), date(2026, 11, 30)),
        ((" 30 ", " Nov ", " 2026 "), date(2026, 11, 30)),
        (("1", "JANUARY", "2570"), date(2027, 1, 1)),
        (("29", "2", "2567"), date(2024, 2, 29)),
        (("29", "ก.พ.", "2000"), date(2000, 2, 29)),
        (("05", "06", "2400"), date(1857, 6, 5)),
        (("5", "6", "2399"), date(2399, 6, 5)),
    ],
)
def test_a_typed_day_is_understood(typed: tuple[str, str, str], day: date) -> None:
    assert dates.parse_day(*typed) == day


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        (("", "11", "2569"), "day"),
        (("0", "11", "2569"), "day"),
        (("32", "11", "2569"), "day"),
        (("-1", "11", "2569"), "day"),
        (("1.5", "11", "2569"), "day"),
        (("²", "11", "2569"), "day"),
        (("１", "11", "2569"), "day"),
        (("30", "", "2569"), "month"),
        (("30", "0", "2569"), "month"),
        (("30", "13", "2569"), "month"),
        (("30", "พฤศ", "2569"), "month"),
        (("30", "11", ""), "year"),
        (("30", "11", "69"), "year"),
        (("30", "11", "1899"), "year"),
        (("30", "11", "3000"), "year"),
        (("30", "11", "25690"), "year"),
        (("30", "11", "2569\n1"), "year"),
        (("31", "11", "2569"), "date"),
        (("29", "2", "2569"), "date"),
        (("29", "2", "2568"), "date"),
        (("30", "2", "2567"), "date"),
    ],
)
def test_what_is_no_day_names_the_field_at_fault(typed: tuple[str, str, str], fault: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - its whole message is looked at
        dates.parse_day(*typed)
    assert str(refused.value) == fault


@given(days)
def test_either_calendar_means_the_same_day(day: date) -> None:
    thai = dates.date_text(day).split()
    english = dates.date_text(day, "en").split()
    assert dates.parse_day(*thai) == dates.parse_day(*english) == day
    assert int(thai[2]) - int(english[2]) == 543


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("16.30", time(16, 30)),
        ("16:30", time(16, 30)),
        ("๑๖.๓๐ น.", time(16, 30)),
        (" 9.05 ", time(9, 5)),
        ("00:00", time(0, 0)),
        ("23.59น.", time(23, 59)),
        ("8.00 นาฬิกา", time(8, 0)),
    ],
)
def test_a_typed_time_is_understood(typed: str, clock: time) -> None:
    assert dates.parse_time(typed) == clock


@pytest.mark.parametrize(
    "typed", ["", "16", "16.3", "24.00", "16.60", "4pm", "16.30.00", "-1.00", "1６.30", "16,30", "16.30 x"]
)
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^time$"):
        dates.parse_time(typed)


@given(days)
def test_a_day_ends_where_the_next_begins(day: date) -> None:
    end = dates.end_of_day(day)
    assert end.tzinfo is UTC
    assert end == dates.start_of_day(day + timedelta(days=1))
    assert end.astimezone(dates.BANGKOK).time() == time()
    assert dates.last_day(end) == day
    assert dates.until_text(end) == dates.date_text(day)
    assert dates.days_left(end, end - timedelta(seconds=1)) == 0
    assert dates.days_left(end, end) is None


def test_a_day_and_a_time_make_a_moment_in_utc() -> None:
    assert dates.moment(date(2026, 11, 30), time(16, 30)) == CLOSE
    assert dates.moment(date(2026, 11, 30), time(16, 30)).tzinfo is UTC


@given(moments, moments)
def test_every_window_can_be_written(one: datetime, other: datetime) -> None:
    if one != other:
        start, end = sorted((one, other))
        assert str(dates.last_day(end).year + 543) in dates.range_text(start, end)
        assert str(dates.last_day(end).year) in dates.range_text(start, end, "en")


@pytest.mark.parametrize(
    "typed",
    [
        "22/11/2569", "22/11/2026", "22-11-2569", "22.11.2569", " ๒๒/๑๑/๒๕๖๙ ", "22 พ.ย. 2569", "22พ.ย.2569",
        "22 พฤศจิกายน 2569", "22 พฤศจิกายน พ.ศ. 2569", "22 พ.ย. ค.ศ. 2026", "22 Nov 2026", "22-nov-2026", "2026-11-22",
        "2026-11-22 09:30:00",
    ],
)  # fmt: skip
def test_a_day_in_one_box_is_read_as_people_write_it(typed: str) -> None:
    assert dates.parse_line(typed) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("2569-11-22", "era"), ("22 พ.ย. พ.ศ. 2026", "era"), ("22 พ.ย. ค.ศ. 2569", "era"), ("22/11/69", "year"),
        ("22/11/3112", "year"), ("11/22/2569", "month"), ("22 อะไร 2569", "month"), ("31/6/2569", "date"),
        ("32/1/2569", "day"), ("", "line"), ("46000", "line"), ("22/11", "line"), ("22/11/2569/1", "line"),
        ("เมื่อวาน", "line"), ("9" * 3000, "line"),
    ],
)  # fmt: skip
def test_what_is_no_day_in_one_box_is_told_by_the_part_at_fault(typed: str, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}$"):
        dates.parse_line(typed)


@given(days, st.sampled_from(["th", "en"]))
def test_a_day_as_it_is_shown_is_read_back(day: date, lang: str) -> None:
    assert dates.parse_line(dates.date_text(day, lang)) == day
