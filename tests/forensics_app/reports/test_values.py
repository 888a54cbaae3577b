from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forensics_app.model.dossier import FileTime
from forensics_app.reports.values import Clock, algorithm, digest_lines, grouped, resolution, short_digest, size
from tests.forensics_app.reports.sample import head
from tests.forensics_app.reports.sample_values import NS

CLOCK = Clock(head(issued=True))


def stamp(ns: int | None, basis: str = "utc", resolution_ns: int = 100, absent: str | None = None) -> FileTime:
    return FileTime(label="M", ns=ns, source="$SI", basis=basis, resolution_ns=resolution_ns, absent=absent)


def at(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * NS  # type: ignore[misc]


def test_a_utc_stamp_is_printed_in_both_zones_with_all_its_digits() -> None:
    printed = CLOCK.file_time(stamp(at(2026, 7, 1, 12) + 123_456_700))
    assert printed.stored == printed.utc == "2026-07-01 12:00:00.1234567 Z"
    assert printed.zoned == "2026-07-01 14:00:00.1234567 +02:00"


def test_a_local_stamp_stays_as_stored_and_is_read_in_the_named_zone() -> None:
    printed = CLOCK.file_time(stamp(at(2026, 1, 15, 10), "local", 2 * NS))
    assert printed.stored == "2026-01-15 10:00:00"
    assert printed.utc == "2026-01-15 09:00:00 Z"
    assert printed.basis == "local, no zone stored"


@pytest.mark.parametrize("hour", [2, 2.5])
def test_a_local_stamp_at_a_clock_change_says_that_it_is_not_unique(hour: float) -> None:
    ns = at(2026, 10, 25) + int(hour * 3600) * NS
    assert CLOCK.file_time(stamp(ns, "local", NS)).utc.endswith("(clock change: not unique)")


def test_a_date_gets_no_time_of_day() -> None:
    printed = CLOCK.file_time(stamp(at(2026, 1, 15), "date", 86_400 * NS))
    assert (printed.stored, printed.utc) == ("2026-01-15", "not applicable")


def test_an_absent_stamp_says_why() -> None:
    assert CLOCK.file_time(stamp(None, absent="not set (zero)")).stored == "not set (zero)"
    assert CLOCK.list_time(None, "utc", 100) == "none"


def test_digits_finer_than_the_resolution_are_shown_not_dropped() -> None:
    assert CLOCK.file_time(stamp(at(2026, 1, 1) + 5, resolution_ns=NS)).utc == "2026-01-01 00:00:00.000000005 Z"


@given(
    st.integers(-(2**63), 2**63 - 1), st.sampled_from(["utc", "local", "date"]), st.sampled_from([1, 100, NS, 2 * NS])
)
def test_any_stamp_can_be_printed(ns: int, basis: str, resolution_ns: int) -> None:
    printed = CLOCK.file_time(stamp(ns, basis, resolution_ns))
    assert all(printed)
    assert CLOCK.list_time(ns, basis, resolution_ns)


def test_stamps_outside_the_calendar_are_printed_as_numbers() -> None:
    beyond = 10**21
    assert CLOCK.file_time(stamp(beyond)).stored.startswith(f"{beyond} ns since 1970")


def test_our_own_times_carry_their_offset_in_every_season() -> None:
    assert CLOCK.moment(datetime(2026, 7, 1, tzinfo=UTC)) == "2026-07-01 02:00:00 +02:00"
    assert CLOCK.moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01 01:00:00 +01:00"
    assert CLOCK.moment(datetime(2026, 1, 1, tzinfo=UTC), "Asia/Tbilisi") == "2026-01-01 04:00:00 +04:00 (Asia/Tbilisi)"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1,024 bytes (1.0 KiB)"),
        (3 << 40, "3,298,534,883,328 bytes (3.0 TiB)"),
    ],
)
def test_sizes_are_exact_first(value: int, printed: str) -> None:
    assert size(value) == printed


@pytest.mark.parametrize(
    ("ns", "printed"),
    [(1, "1 ns"), (100, "100 ns"), (1000, "1 µs"), (10_000_000, "10 ms"), (2 * NS, "2 s"), (86_400 * NS, "1 d")],
)
def test_resolutions_have_their_unit(ns: int, printed: str) -> None:
    assert resolution(ns) == printed


def test_digests_stand_in_groups_of_eight() -> None:
    assert grouped(bytes(range(10))) == "00010203 04050607 0809"
    assert digest_lines(bytes(32), 4) == ("00000000 00000000 00000000 00000000",) * 2
    assert short_digest(bytes(32)) == "00000000 00000000..."
    assert short_digest(b"\1\2") == "0102"


def test_only_weak_algorithms_are_called_legacy() -> None:
    assert [algorithm(name) for name in ("MD5", "SHA-1", "SHA-256")] == ["MD5 (legacy)", "SHA-1 (legacy)", "SHA-256"]


@given(st.integers(-(2**70), 2**70), st.sampled_from(["utc", "local"]), st.sampled_from([1, 100, 10_000_000, 2 * NS]))
@example(int(datetime.max.replace(tzinfo=UTC).timestamp()) * NS, "utc", 1)
@example(int(datetime.min.replace(tzinfo=UTC).timestamp()) * NS, "utc", 1)
@example(10**22, "utc", 100)
def test_a_list_and_a_table_of_times_print_the_same_readings(ns: int, basis: str, resolution_ns: int) -> None:
    zoned, utc = CLOCK.list_both(ns, basis, resolution_ns)
    printed = CLOCK.file_time(stamp(ns, basis, resolution_ns))
    assert utc == printed.utc
    assert zoned == (printed.zoned if basis == "utc" else f"{printed.stored} (no zone)")
    assert CLOCK.list_time(ns, basis, resolution_ns) == zoned
