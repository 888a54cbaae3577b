"""Databases with a damaged page or schema: what can be read is shown, and what cannot is told."""

import re
import sqlite3

import pytest

from evidence.errors import UnreadableStructureError
from evidence.filesystems.content import BytesContent
from evidence.viewers.base import Viewer
from evidence.viewers.sqlite_rows import rows_of_all
from evidence.viewers.table import open_viewer

ROWS = 3_000
PAGE_BYTES = 4096


def made() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    connection.execute("CREATE TABLE contacts (name, phone)")
    connection.execute("INSERT INTO contacts VALUES ('Ana', '112')")
    connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, words)")
    connection.executemany("INSERT INTO messages VALUES (?, ?)", ((n, f"message number {n}") for n in range(ROWS)))
    connection.commit()
    return connection.serialize()


WHOLE = made()


def opened(data: bytes) -> Viewer:
    return open_viewer(BytesContent(data), lambda done, total: None)


def with_a_lost_page() -> tuple[bytes, int]:
    """The database without one page of rows, and the number of the first row in it."""
    pages = range(0, len(WHOLE), PAGE_BYTES)
    at = next(page for page in reversed(pages) if b"message number 1500" in WHOLE[page : page + PAGE_BYTES])
    first = min(int(n) for n in re.findall(rb"message number (\d+)", WHOLE[at : at + PAGE_BYTES]))
    return WHOLE[:at] + b"\xaa" * PAGE_BYTES + WHOLE[at + PAGE_BYTES :], first


def test_rows_before_a_damaged_page_are_shown_and_where_they_end_is_told() -> None:
    data, first = with_a_lost_page()
    assert 1_000 < first <= 1_500
    found = opened(data)
    (remark,) = found.sheet.remarks
    assert f"the table messages (readable up to its row {first:,}" in remark
    part = next(one for one in found.sheet.parts if one.title == "messages")
    assert part.count == first + 1
    rows = found.rows(part.key, "", first - 2, 200).rows
    assert [row[-1] for row in rows[:2]] == [f"message number {first - 2}", f"message number {first - 1}"]
    assert rows[2][0].startswith("[not readable from here on: ")
    assert len(rows) == 3
    assert found.rows(part.key, "", first, 9).rows == rows[2:]
    assert found.rows(part.key, "", first + 1, 9).rows == ()
    contacts = next(one for one in found.sheet.parts if one.title == "contacts")
    assert found.rows(contacts.key, "", 0, 9).rows == (("1", "Ana", "112"),)
    found.close()


@pytest.mark.parametrize("value", [0xFF, 0x80, 0x28, 0x54])
def test_no_byte_of_the_schema_takes_a_table_away_without_a_word(value: int) -> None:
    first = WHOLE.index(b"tablemessages")
    for at in range(first, PAGE_BYTES):
        if WHOLE[at] == value:
            continue
        try:
            found = opened(WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :])
        except UnreadableStructureError:
            continue
        tables = sum(part.key.startswith("table:") for part in found.sheet.parts)
        assert tables == 2 or any("damaged" in remark for remark in found.sheet.remarks), (at, value)
        found.close()


def test_an_old_header_without_a_number_of_pages_is_not_taken_for_a_difference() -> None:
    found = opened(WHOLE[:28] + bytes(4) + WHOLE[32:])
    assert found.sheet.remarks == ()
    found.close()


LONG = {21: "a" * 9_000, 22: "b" * 60_000, 150: "c" * 9_000}
"""What rows hold by number that goes on over further pages."""


def with_long_values(*, without_rowid: bool = False) -> tuple[bytes, dict[int, tuple[str, ...]]]:
    """A database with long values in some rows, and what is to be read of each row."""
    rows = {n: (str(n), f"row {n} " + LONG.get(n, "short"), str(n * n)) for n in range(1, 201)}
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    end = " WITHOUT ROWID" if without_rowid else ""
    connection.execute(f"CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT, square INTEGER){end}")
    connection.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows.values())
    connection.commit()
    return connection.serialize(), rows


def with_broken_chains(data: bytes, count: int) -> bytes:
    """Without the way to the further pages of ``count`` rows: a page of each names a next one that is none."""
    broken = bytearray(data)
    for filled in list(LONG.values())[:count]:
        at = pages_of(data, filled)[0]
        broken[at : at + 4] = b"\0\xff\xff\xff"
    return bytes(broken)


def pages_of(data: bytes, filled: str) -> list[int]:
    """Where the further pages of a value are that name another behind them."""
    some = filled[:96].encode()
    return [at for at in range(0, len(data), PAGE_BYTES) if data[at + 4 : at + 100] == some and any(data[at : at + 4])]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("without_rowid", [False, True])
def test_a_lost_page_of_a_long_value_costs_its_row_alone_and_is_told(count: int, *, without_rowid: bool) -> None:
    data, wanted = with_long_values(without_rowid=without_rowid)
    data = with_broken_chains(data, count)
    found = opened(data)
    (remark,) = found.sheet.remarks
    assert f"the table notes ({'1 row' if count == 1 else '2 rows'} not readable whole)" in remark
    part = next(one for one in found.sheet.parts if one.title == "notes")
    assert part.count == 200
    for first in (0, 15, 100):  # what is shown does not depend on where a page begins
        rows = found.rows(part.key, "", first, 200).rows
        assert len(rows) == 200 - first
        lost = []
        for number, row in enumerate(rows, first + 1):
            if any("[not readable: " in cell for cell in row):
                lost.append(number)
                assert row[0] == str(number)
            else:
                assert row[-1] == wanted[number][2]
                assert row[-2].startswith(wanted[number][1][:50])
        assert lost == [n for n in list(LONG)[:count] if n > first]
    found.close()


def test_long_values_behind_one_that_is_damaged_are_still_searched() -> None:
    data, _ = with_long_values()
    rows = [row for table, row in rows_of_all(bytearray(with_broken_chains(data, 1)), lambda: None) if table == "notes"]
    assert rows[-1] == "1 row not readable whole: database disk image is malformed"
    assert len(rows) == 201
    assert (
        sum(isinstance(row, tuple) and any(isinstance(one, str) and len(one) > 4_000 for one in row) for row in rows)
        == 2
    )


def test_a_long_value_that_is_led_to_the_pages_of_another_is_told() -> None:
    data, _ = with_long_values()
    one, other = pages_of(data, LONG[21])[0], pages_of(data, LONG[22])[3]
    crossed = bytearray(data)
    crossed[one : one + 4] = data[other : other + 4]
    found = opened(bytes(crossed))
    assert any("SQLite's check says: " in one or "not readable whole" in one for one in found.sheet.remarks)
    found.close()
    found = opened(data)
    assert found.sheet.remarks == ()
    found.close()
