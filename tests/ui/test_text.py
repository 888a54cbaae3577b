from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ui import text

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_960, "1.0 MB"),
        (512_110_190_592, "512.1 GB"),
    ],
)
def test_a_size_is_read_at_a_glance(size_bytes: int, words: str) -> None:
    assert text.size_text(size_bytes) == words


def test_an_exact_size_has_separators_and_its_unit() -> None:
    assert text.bytes_text(512_110_190_592) == "512,110,190,592 bytes"


@pytest.mark.parametrize(
    ("rate", "unit", "words"),
    [
        (412_300_000, "bytes", "412 MB/s"),
        (4_200_000, "bytes", "4.2 MB/s"),
        (999_600_000, "bytes", "1.0 GB/s"),
        (12, "bytes", "12 bytes/s"),
        (1840.4, "files", "1,840 files/s"),
    ],
)
def test_a_rate_names_what_is_counted(rate: float, unit: str, words: str) -> None:
    assert text.rate_text(rate, unit) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (1872, "31 min 12 s"),
        (7500, "2 h 5 min"),
        (86_400, "1 day"),
        (277_200, "3 days 5 h"),
    ],
)
def test_a_duration_has_its_two_greatest_units(seconds: float, words: str) -> None:
    assert text.duration_text(seconds) == words


def test_a_rough_duration_leaves_the_seconds_out_once_there_are_minutes() -> None:
    assert text.rough_duration_text(1872) == "31 min"
    assert text.rough_duration_text(40) == "40 s"


def test_a_time_always_shows_its_offset() -> None:
    moment = datetime(2026, 11, 21, 13, 2, 11, tzinfo=UTC)
    assert text.time_text(moment) == "2026-11-21 13:02:11 Z"
    assert text.time_text(moment, BERLIN) == "2026-11-21 14:02:11 +01:00"
    assert text.time_text(moment, timezone(timedelta(hours=-3, minutes=-30))) == "2026-11-21 09:32:11 -03:30"
    assert text.time_text(moment, BERLIN, to_minute=True) == "2026-11-21 14:02 +01:00"


@pytest.mark.parametrize("words", ["2026-11-21 14:02:11 +01:00", "2026-11-21T14:02:11+01:00", "2026-11-21 13:02:11 Z"])
def test_a_time_is_read_as_it_is_shown(words: str) -> None:
    found = text.read_time(words)
    assert found == datetime(2026, 11, 21, 13, 2, 11, tzinfo=UTC)
    assert found is not None
    assert text.read_time(text.time_text(found)) == found


@pytest.mark.parametrize("words", ["", "yesterday", "2026-11-21 14:02:11", "2026-11-21 25:00 +01:00"])
def test_what_is_no_time_or_has_no_offset_is_not_read_as_one(words: str) -> None:
    assert text.read_time(words) is None


def test_summer_and_winter_of_one_zone_differ_in_their_offset() -> None:
    summer = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert text.time_text(summer, BERLIN).endswith("+02:00")


def test_london_in_winter_is_not_written_as_utc() -> None:
    winter = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo("Africa/Abidjan"))
    assert text.time_text(winter.astimezone(ZoneInfo("Atlantic/Azores"))).endswith("-01:00")
    assert text.offset_text(datetime(2026, 1, 1, tzinfo=timezone(timedelta(0), "WET"))) == "+00:00"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        text.time_text(datetime(2026, 11, 21))  # noqa: DTZ001


def test_file_system_times_outside_the_calendar_are_given_as_counts() -> None:
    assert text.time_of_ns(1_795_266_131_000_000_000) == "2026-11-21 13:02:11 Z"
    assert text.time_of_ns(-11_644_473_600_000_000_000) == "1601-01-01 00:00:00 Z"
    assert text.time_of_ns(10**21) == "1,000,000,000,000,000,000,000 ns since 1970 Z"


def test_a_digest_stands_in_groups_of_eight() -> None:
    assert text.digest_text(bytes(range(16))) == "00010203 04050607 08090a0b 0c0d0e0f"
    assert text.digest_text("ABCDEF01" * 4, groups_a_line=2) == "abcdef01 abcdef01\nabcdef01 abcdef01"
    assert text.short_digest_text(bytes(32)) == "00000000 00000000 …"
    assert text.short_digest_text(bytes(4)) == "00000000"


def test_counts_choose_their_word() -> None:
    assert text.plural(1, "{n} entry", "{n} entries") == "1 entry"
    assert text.plural(0, "{n} entry", "{n} entries") == "0 entries"
    assert text.plural(4902, "{n} entry", "{n} entries") == "4,902 entries"


@pytest.mark.parametrize(
    ("name", "expected"), [("Ana Kovač", "AK"), ("Sgt. M. Duarte", "SD"), ("Плато", "П"), ("", "")]
)
def test_initials_of_a_name(name: str, expected: str) -> None:
    assert text.initials(name) == expected


def test_a_screen_reader_does_not_say_the_ampersand_of_a_shortcut() -> None:
    assert text.plain("\u2009&Open && close") == "Open & close"
