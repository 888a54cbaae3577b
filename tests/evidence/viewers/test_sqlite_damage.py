"""Databases with a damaged page or schema: what can be read is shown, and what cannot is told."""

import re
import sqlite3

import pytest

from evidence.errors import UnreadableStructureError
from evidence.filesystems.content import BytesContent
from evidence.viewers.base import Viewer
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
