from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

import pytest

from evidence.timestamps import UnknownZoneError, iso_text, to_utc, utc_text

S = 1_000_000_000


def ns(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * S  # type: ignore[misc,arg-type]


def test_no_digit_is_rounded_away() -> None:
    assert utc_text(ns(2004, 2, 14, 12, 51, 16) + 1) == "2004-02-14T12:51:16.000000001Z"
    assert utc_text(ns(2004, 2, 14, 12, 51, 16) + 999_999_999) == "2004-02-14T12:51:16.999999999Z"


@pytest.mark.parametrize("seconds", [-62_135_596_800, -1, 0, 951_782_400, 4_107_542_400, 253_402_300_799])
def test_text_agrees_with_the_calendar_of_datetime(seconds: int) -> None:
    wanted = (datetime(1970, 1, 1, tzinfo=UTC).timestamp(), seconds)
    assert wanted[0] == 0
    day, second = divmod(seconds, 86_400)
    date = datetime.fromordinal(719_163 + day)
    clock = f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
    assert iso_text(seconds * S) == f"{date.year:04d}-{date.month:02d}-{date.day:02d}T{clock}.000000000Z"


def test_times_that_datetime_cannot_hold_have_a_text() -> None:
    assert iso_text(253_402_300_800 * S) == "+010000-01-01T00:00:00.000000000Z"
    assert iso_text(-62_167_219_201 * S) == "-000001-12-31T23:59:59.000000000Z"
    assert utc_text(253_402_300_800 * S, "local", "Europe/Warsaw") == "+010000-01-01T00:00:00.000000000Z"


def test_a_wall_time_is_put_to_utc_by_the_rules_of_its_day() -> None:
    assert utc_text(ns(2004, 1, 1, 14), "local", "Europe/Warsaw") == "2004-01-01T13:00:00.000000000Z"
    assert utc_text(ns(2004, 6, 1, 15), "local", "Europe/Warsaw") == "2004-06-01T13:00:00.000000000Z"
    assert utc_text(ns(2004, 6, 1), "date", "Europe/Warsaw") == "2004-05-31T22:00:00.000000000Z"


def test_a_stamp_in_utc_needs_no_zone() -> None:
    assert utc_text(ns(2004, 6, 1, 15), "utc", "Europe/Warsaw") == "2004-06-01T15:00:00.000000000Z"


def test_an_hour_that_came_twice_is_ambiguous_and_the_earlier_is_taken() -> None:
    moment = to_utc(ns(2004, 10, 31, 2, 30), "local", "Europe/Warsaw")
    assert (iso_text(moment.utc_ns), moment.doubt) == ("2004-10-31T00:30:00.000000000Z", "ambiguous")


def test_an_hour_that_the_clocks_jumped_over_is_said() -> None:
    moment = to_utc(ns(2004, 3, 28, 2, 30), "local", "Europe/Warsaw")
    assert (iso_text(moment.utc_ns), moment.doubt) == ("2004-03-28T01:30:00.000000000Z", "nonexistent")


def test_every_hour_of_a_year_agrees_with_zoneinfo() -> None:
    zone = zoneinfo.ZoneInfo("Asia/Tbilisi")
    for hour in range(0, 8784, 7):
        stamp = ns(2004, 1, 1) + hour * 3600 * S
        wall = datetime.fromtimestamp(stamp // S, UTC).replace(tzinfo=zone)
        assert to_utc(stamp, "local", "Asia/Tbilisi").utc_ns == int(wall.timestamp()) * S


@pytest.mark.parametrize("name", ["Europe/Nowhere", "../../etc/passwd", "", "/etc/localtime"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(UnknownZoneError):
        to_utc(0, "local", name)
