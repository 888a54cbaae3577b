import itertools
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from forensics_app.model.catalogue import Stamp
from forensics_app.model.filter_language.families import family
from forensics_app.model.timeline import DAY_NS, Bar, Histogram
from ui.examine.decoding import ENCODINGS, RUN_ENCODINGS, decode, guess, strings
from ui.examine.searching import PIECE_BYTES, find_next, needle_of_hex, needles_of_text
from ui.examine.stamps import exact_text, resolution_text, stamp_text
from ui.examine.timeline_words import time_bars
from ui.examine.words import type_name, visible

WORDS = (
    "\u043f\u0440\u0438\u0432\u0456\u0442",
    "\u043f\u0440\u0438\u0432\u0435\u0442",
    "\u017dlu\u0165ou\u010d",
    "\u00e9t\u00e9x\u00e4\u00f6",
    "\u03b1\u03b2\u03b3\u03b4\u03b5",
    "\u05d0\u05d1\u05d2\u05d3\u05d4",
    "\u0627\u0628\u062a\u062b\u062c",
)
"""Hello and the like in several scripts, of which each code page has one."""
TBILISI = ZoneInfo("Asia/Tbilisi")
NS = 1_000_000_000
AT = 1_771_305_160 * NS + 123_456_700


def stamp(basis: str, resolution_ns: int, ns: int = AT) -> Stamp:
    return Stamp(ns=ns, source="$SI", basis=basis, resolution_ns=resolution_ns)


@pytest.mark.parametrize(
    ("given", "short", "exact"),
    [
        (stamp("utc", 100), "2026-02-17 09:12:40 +04:00", "2026-02-17 09:12:40.1234567 +04:00"),
        (stamp("utc", NS), "2026-02-17 09:12:40 +04:00", "2026-02-17 09:12:40 +04:00"),
        (stamp("local", 10_000_000), "2026-02-17 05:12:40 local", "2026-02-17 05:12:40.12 local"),
        (stamp("local", 2 * NS), "2026-02-17 05:12:40 local", "2026-02-17 05:12:40 local"),
        (stamp("date", 86_400 * NS), "2026-02-17 date\u00a0only", "2026-02-17 date\u00a0only"),
        (stamp("utc", 1, -1), "1970-01-01 03:59:59 +04:00", "1970-01-01 03:59:59.999999999 +04:00"),
        (stamp("utc", 100, 10**30), f"{10**30:,} ns since 1970 Z", f"{10**30:,} ns since 1970 Z"),
        (stamp("local", 100, 10**30), f"{10**30:,} ns since 1970", f"{10**30:,} ns since 1970"),
    ],
)
def test_a_time_is_put_to_a_zone_only_where_its_basis_is_known(given: Stamp, short: str, exact: str) -> None:
    assert stamp_text(given, TBILISI) == short
    assert exact_text(given, TBILISI) == exact


def test_utc_itself_reads_z() -> None:
    assert stamp_text(stamp("utc", 100), UTC) == "2026-02-17 05:12:40 Z"


@pytest.mark.parametrize(
    ("ns", "words"),
    [(1, "1 ns"), (100, "100 ns"), (10_000_000, "10 ms"), (2 * NS, "2 s"), (86_400 * NS, "1 day"), (1_500, "1500 ns")],
)
def test_a_resolution_is_told_in_the_unit_that_fits(ns: int, words: str) -> None:
    assert resolution_text(ns) == words


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain name.txt", "plain name.txt"),
        ("a\u202eb", "a[U+202E]b"),
        ("a\x00b\n", "a[U+0000]b[U+000A]"),
        ("a\u200bb", "a[U+200B]b"),
        ("\u3000wide", "\u3000wide"),
        ("\ufffd", "\ufffd"),
    ],
)
def test_nothing_in_a_name_stays_hidden(name: str, shown: str) -> None:
    assert visible(name) == shown


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain", "utf-8"),
        ("\u043f\u043b\u0430\u043d \u0440\u0430\u0431\u043e\u0442".encode(), "utf-8"),
        ("\u043f\u043b\u0430\u043d \u0440\u0430\u0431\u043e\u0442".encode("cp1251"), "cp1251"),
        ("Caf\u00e9 fran\u00e7ais".encode("cp1252"), "cp1252"),
        ("wide text".encode("utf-16-le"), "utf-16-le"),
        (b"\xff\xfe" + "\u043f\u043b\u0430\u043d".encode("utf-16-le"), "utf-16-le"),
        ("\u043f\u043b\u0430\u043d".encode()[:-1], "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_of_a_text_is_found_out(data: bytes, encoding: str) -> None:
    assert guess(data) == encoding


def test_decoded_text_shows_what_would_steer_or_vanish() -> None:
    assert decode("a\u202eb\x00c\r\nd".encode()).text == "a[U+202E]b\u00b7c\nd"


def test_very_long_lines_are_broken_and_nothing_else_is_lost() -> None:
    data = b"a" * 512 + b"\n" + b"b" * 1300
    made = decode(data)
    assert made.folded
    assert made.text == "a" * 512 + "\n" + "b" * 512 + "\n" + "b" * 512 + "\n" + "b" * 276
    assert not decode(b"a" * 512 + b"\nshort").folded


def test_strings_are_found_in_both_widths_with_their_offsets() -> None:
    data = b"\x00\x01abc\x00\x02Hello\x00\x00" + "Wide".encode("utf-16-le") + b"\xff"
    assert strings(data, 0x100) == "00000107  Hello\n0000010E  Wide"


@pytest.mark.parametrize("encoding", RUN_ENCODINGS[1:])
def test_strings_are_found_in_the_encoding_that_was_chosen_from_the_length_that_was_chosen(encoding: str) -> None:
    words = next(one for one in WORDS if one.encode(encoding, "replace").decode(encoding) == one)
    data = bytes(2) + words.encode(encoding) + bytes(2)
    assert f"00000002  {words}" in strings(data, 0, 5, encoding).splitlines()
    assert strings(data, 0, 12, encoding) == ""


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_is_read_in_the_encoding_that_was_chosen(encoding: str) -> None:
    assert decode("plain words 123".encode(encoding), encoding).text == "plain words 123"


def test_a_mark_at_the_beginning_tells_the_width_and_order() -> None:
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        found = decode("\ufeffabc".encode(encoding))
        assert (found.encoding, found.text) == (encoding, "abc")


def test_a_text_is_looked_for_as_it_may_stand_on_a_disk() -> None:
    word = "\u043f\u043b\u0430\u043d"
    needles = needles_of_text(word)
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1251", "koi8-u", "cp866", "mac-cyrillic", "iso8859-5"):
        assert word.encode(encoding) in needles
    assert needles_of_text("abc") == (b"abc", "abc".encode("utf-16-le"), "abc".encode("utf-16-be"))
    assert needle_of_hex("50 4b 03 04") == b"PK\x03\x04"
    assert needle_of_hex("5") is None
    assert needle_of_hex("") is None


@pytest.mark.parametrize("place", [0, PIECE_BYTES - 2, PIECE_BYTES - 1, PIECE_BYTES, 2 * PIECE_BYTES + 5])
def test_a_search_finds_what_lies_across_its_pieces(place: int) -> None:
    data = bytearray(2 * PIECE_BYTES + 100)
    data[place : place + 6] = b"needle"
    reads: list[int] = []

    def read(offset_bytes: int, size_bytes: int) -> bytes:
        reads.append(size_bytes)
        return bytes(data[offset_bytes : offset_bytes + size_bytes])

    for start in (0, place, place + 1):
        hit = find_next(read, len(data), [b"needle", b"absent"], start, lambda done, total: None)
        assert hit is not None
        assert (hit.offset_bytes, hit.length_bytes) == (place, 6)
    assert max(reads) <= PIECE_BYTES + 5
    assert find_next(read, len(data), [b"absent"], 7, lambda done, total: None) is None


@pytest.mark.parametrize("mime", ["application/x-ms-evtx", "application/x-ole-storage", "image/jp2", "image/avif"])
def test_types_that_viewers_know_have_names(mime: str) -> None:
    assert "/" not in type_name(mime)


def test_what_systems_write_is_a_family_of_the_filter_whose_types_have_names() -> None:
    system = family("system")
    assert system is not None
    assert all("/" not in type_name(mime) for mime in system.types)


@pytest.mark.parametrize("step", [1, 2, 7])
def test_labels_under_days_stand_in_step(step: int) -> None:
    first = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp()) * NS
    starts = [first + at * step * DAY_NS for at in range(100)]
    bars = tuple(Bar(start_ns=at, end_ns=at + step * DAY_NS, events=1) for at in starts)
    histogram = Histogram(bars=bars, before=0, after=0, dates_apart=0)
    told = [date.fromisoformat(bar.label) for bar in time_bars(histogram, UTC) if bar.label]
    assert len({(after - before).days for before, after in itertools.pairwise(told)}) == 1
