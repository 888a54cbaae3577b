"""Times in filters: whole units, in the zone shown, also on days on which clocks are changed; never in another."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.filter_language.times import MAX_NS, MIN_NS
from forensics_app.model.filter_language.tree import Span, TimeRange

BERLIN = ZoneInfo("Europe/Berlin")


def ns(text: str) -> int:
    """A time with an offset in nanoseconds since 1970."""
    return round(datetime.fromisoformat(text).timestamp()) * 10**9


def range_of(text: str, zone: ZoneInfo = BERLIN) -> TimeRange:
    found = parse(text, zone)
    assert isinstance(found, TimeRange)
    return found


@pytest.mark.parametrize(
    ("text", "first", "behind"),
    [
        ("2024", "2024-01-01T00:00+01:00", "2025-01-01T00:00+01:00"),
        ("2024-02", "2024-02-01T00:00+01:00", "2024-03-01T00:00+01:00"),
        ("2024-12", "2024-12-01T00:00+01:00", "2025-01-01T00:00+01:00"),
        ("2024-3-5", "2024-03-05T00:00+01:00", "2024-03-06T00:00+01:00"),
        ("2024-03-31", "2024-03-31T00:00+01:00", "2024-04-01T00:00+02:00"),
        ("2024-03..2024-04", "2024-03-01T00:00+01:00", "2024-05-01T00:00+02:00"),
        ("2024-07-01T14", "2024-07-01T14:00+02:00", "2024-07-01T15:00+02:00"),
        ("2024-07-01t14:30", "2024-07-01T14:30+02:00", "2024-07-01T14:31+02:00"),
        ("2024-07-01T14:30:05", "2024-07-01T14:30:05+02:00", "2024-07-01T14:30:06+02:00"),
        ('"2024-07-01 14:30:05 +00:00"', "2024-07-01T14:30:05+00:00", "2024-07-01T14:30:06+00:00"),
        ("2024-07-01T12:30Z..2024-07-01T15:30+0200", "2024-07-01T12:30+00:00", "2024-07-01T15:31+02:00"),
        # 02:15 was shown twice on the day on which clocks were put back, and never on the one they were put forward
        ("2024-10-27T02:15", "2024-10-27T02:15+02:00", "2024-10-27T02:16+01:00"),
        ("2024-03-31T02:30..2024-03-31T04", "2024-03-31T03:00+02:00", "2024-03-31T05:00+02:00"),
    ],
)
def test_a_time_stands_for_its_whole_unit_in_the_zone_shown(text: str, first: str, behind: str) -> None:
    assert range_of(f"modified:{text}").utc == Span(low_ns=ns(first), high_ns=ns(behind) - 1)


@pytest.mark.parametrize(
    ("sign", "span"),
    [
        (">=", Span(low_ns=ns("2024-03-01T00:00+01:00"), high_ns=MAX_NS)),
        (">", Span(low_ns=ns("2024-04-01T00:00+02:00"), high_ns=MAX_NS)),
        ("<", Span(low_ns=MIN_NS, high_ns=ns("2024-03-01T00:00+01:00") - 1)),
        ("<=", Span(low_ns=MIN_NS, high_ns=ns("2024-04-01T00:00+02:00") - 1)),
    ],
)
def test_greater_is_behind_the_whole_unit_and_less_is_before_it(sign: str, span: Span) -> None:
    assert range_of(f"created{sign}2024-03").utc == span


def test_a_fraction_stands_for_as_much_as_its_last_digit() -> None:
    start = ns("2024-01-01T00:00:00+00:00")
    assert range_of("changed:2024-01-01T00:00:00.25Z").utc == Span(
        low_ns=start + 250_000_000, high_ns=start + 259_999_999
    )


def test_wall_times_are_compared_as_they_are_written_and_moments_of_utc_never_with_them() -> None:
    march = Span(low_ns=ns("2024-03-01T00:00+00:00"), high_ns=ns("2024-04-01T00:00+00:00") - 1)
    assert range_of("modified:2024-03").wall == march
    assert range_of("modified:2024-03", ZoneInfo("Asia/Tokyo")).wall == march
    assert range_of("modified>=2024-03-01T00:00Z").wall is None
    assert range_of("modified:2024-03..2024-03-31T00:00+01:00").wall is None


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe"])
def test_the_days_of_a_year_lie_end_to_end_and_each_moment_is_in_the_day_that_clocks_show(zone: str) -> None:
    """Apia had no 30 December 2011; Lord Howe puts clocks back by half an hour; Sao Paulo did it at midnight."""
    at = ZoneInfo(zone)
    start = datetime(2011, 1, 1, tzinfo=UTC).timestamp()
    for hour in range(0, 365 * 24, 11):
        moment = datetime.fromtimestamp(start + 3600 * hour + 1800, UTC).astimezone(at)
        day = range_of(f"modified:{moment:%Y-%m-%d}", at).utc
        assert day.low_ns <= round(moment.timestamp()) * 10**9 <= day.high_ns, moment


def test_years_beyond_what_a_file_system_can_hold_find_nothing_or_have_no_limit() -> None:
    assert range_of("modified:0001..9999").utc == Span(low_ns=MIN_NS, high_ns=MAX_NS)
    beyond = range_of("modified:3000..4000").utc
    assert beyond.low_ns > beyond.high_ns
    nothing = range_of("modified>9999").utc
    assert nothing.low_ns > nothing.high_ns


@pytest.mark.parametrize(
    ("zone", "text", "first", "behind"),
    [
        ("Europe/Berlin", "2024-03-31T02", "2024-03-31T02:00", "2024-03-31T03:00"),
        ("Europe/Berlin", "2024-03-31T02:15..2024-03-31T02:45", "2024-03-31T02:15", "2024-03-31T02:46"),
        ("America/Sao_Paulo", "2018-11-04T00:30", "2018-11-04T00:30", "2018-11-04T00:31"),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T00:00", "2011-12-31T00:00"),
    ],
)
def test_a_time_that_clocks_left_out_is_asked_for_as_written_and_is_no_moment(
    zone: str, text: str, first: str, behind: str
) -> None:
    found = range_of(f"modified:{text}", ZoneInfo(zone))
    assert found.wall == Span(low_ns=ns(f"{first}+00:00"), high_ns=ns(f"{behind}+00:00") - 1)
    assert found.utc.low_ns > found.utc.high_ns


@pytest.mark.parametrize("text", ["2024-03-31T02:45..2024-03-31T02:15", "2024-03-31T03:30..2024-03-31T01:10Z"])
def test_a_range_that_ends_before_it_begins_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="ends before it begins"):
        range_of(f"modified:{text}")
