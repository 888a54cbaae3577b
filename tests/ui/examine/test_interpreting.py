import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ui.examine.interpreting import Meaning, meanings

AT = datetime(2026, 1, 12, 11, 0, 5, tzinfo=UTC)
TEXT = "2026-01-12T11:00:05"
UNIX_S = int(AT.timestamp())


def named(data: bytes) -> dict[str, Meaning]:
    return {one.name: one for one in meanings(data)}


def since(year: int, month: int = 1, day: int = 1) -> timedelta:
    return AT - datetime(year, month, day, tzinfo=UTC)


def seconds(year: int, month: int = 1, day: int = 1) -> int:
    return int(since(year, month, day).total_seconds())


@pytest.mark.parametrize(
    ("name", "code", "value", "shown"),
    [
        ("Unix, s, 32", "i", UNIX_S, f"{TEXT}Z"),
        ("Unix, s, 32", "i", -1, "1969-12-31T23:59:59Z"),
        ("Unix, s, 64", "q", UNIX_S, f"{TEXT}Z"),
        ("Unix, ms", "q", UNIX_S * 1000 + 7, f"{TEXT}.007Z"),
        ("Unix, \u00b5s", "q", UNIX_S * 10**6 + 7, f"{TEXT}.000007Z"),
        ("Unix, ns (APFS)", "q", UNIX_S * 10**9 + 7, f"{TEXT}.000000007Z"),
        ("Unix, s, double", "d", UNIX_S + 0.5, f"{TEXT}.500000Z"),
        ("FILETIME", "Q", seconds(1601) * 10**7 + 1, f"{TEXT}.0000001Z"),
        ("WebKit, Chrome", "q", seconds(1601) * 10**6 + 1, f"{TEXT}.000001Z"),
        ("HFS+", "I", seconds(1904), f"{TEXT}Z"),
        ("HFS", "I", seconds(1904), "2026-01-12 11:00:05"),
        ("Mac absolute, double", "d", seconds(2001) + 0.25, f"{TEXT}.250000Z"),
        ("Mac absolute, s", "i", seconds(2001), f"{TEXT}Z"),
        ("Mac absolute, ns", "q", seconds(2001) * 10**9 + 3, f"{TEXT}.000000003Z"),
        ("OLE date", "d", 0.75, "1899-12-30 18:00:00.000"),
        ("OLE date", "d", -1.25, "1899-12-29 06:00:00.000"),
        ("SQLite, Julian day", "d", 2440587.5, "1970-01-01T00:00:00.000Z"),
        ("GPS, s", "I", seconds(1980, 1, 6), "2026-01-12 11:00:05"),
        (".NET ticks", "Q", (seconds(1) * 10**7 + 9) | 1 << 62, "2026-01-12 11:00:05.0000009"),
    ],
)
def test_every_kind_of_time_is_read_in_both_orders(name: str, code: str, value: float, shown: str) -> None:
    little = named(struct.pack(f"<{code}", value).ljust(8, b"\0"))[name]
    big = named(struct.pack(f">{code}", value).ljust(8, b"\0"))[name]
    assert little.little == big.big == shown
    assert little.basis


def test_dos_times_and_system_times_say_that_they_have_no_zone() -> None:
    date, time = (2026 - 1980) << 9 | 1 << 5 | 12, 11 << 11 | 0 << 5 | 2
    assert named(struct.pack("<HH", time, date))["DOS, time then date"].little == "2026-01-12 11:00:04"
    assert named(struct.pack("<HH", date, time))["DOS, date then time"].little == "2026-01-12 11:00:04"
    assert named(bytes(4))["DOS, time then date"].little == "no time"
    fields = struct.pack("<8H", 2026, 1, 1, 12, 11, 0, 5, 250)
    assert named(fields)["SYSTEMTIME"].little == "2026-01-12 11:00:05.250"
    assert "zone not stored" in named(fields)["SYSTEMTIME"].basis
    assert named(struct.pack("<8H", 2026, 2, 1, 29, 11, 0, 5, 250))["SYSTEMTIME"].little == "no time"


def test_numbers_are_read_in_all_widths_signs_and_orders() -> None:
    found = named(b"\xff\xfe\0\0\0\0\0\1")
    assert (found["Unsigned, 16 bits"].little, found["Unsigned, 16 bits"].big) == ("65,279", "65,534")
    assert found["Signed, 16 bits"].big == "-2"
    assert found["Signed, 8 bits"].little == "-1"
    assert found["Unsigned, 64 bits"].little == f"{int.from_bytes(bytes([255, 254, 0, 0, 0, 0, 0, 1]), 'little'):,}"
    assert named(struct.pack("<d", 1.5))["Float, 64 bits"].little == "1.5"
    assert named(struct.pack(">f", -0.25))["Float, 32 bits"].big == "-0.25"
    assert named(bytes(range(16)))["GUID"].little == str(UUID(bytes_le=bytes(range(16))))


def test_what_is_no_time_says_so_and_too_few_bytes_give_fewer_rows() -> None:
    found = named(b"\xff" * 8)
    assert found["Unix, s, double"].little == found["Unix, ms"].little.replace("1969-12-31T23:59:59.999Z", "no time")
    assert named(struct.pack("<d", float("nan")))["OLE date"].little == "no time"
    assert named(struct.pack("<q", 2**62))["Unix, s, 64"].little == "no time"
    assert set(named(b"\1")) == {"Bits of the first byte", "Unsigned, 8 bits", "Signed, 8 bits"}
    assert meanings(b"") == ()
