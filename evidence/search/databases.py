"""Values of SQLite databases that go over several pages (sqlite.org/fileformat2.html, section 1.6), and their text.

Such a value lies in pieces with four bytes between them, so that a word across two of these is not found in the bytes
of the file. SQLite itself puts them together, in a copy in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from evidence.errors import UnreadableStructureError
from evidence.search.office import listed

MAGIC = b"SQLite format 3\0"
MAX_DATABASE_BYTES = 192 * 1024 * 1024
_LOG_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
_JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_PART_CHARACTERS = 1024 * 1024
_MOST_RESERVED_BYTES = 255


def is_log(head: bytes) -> bool:
    """Whether a content of this beginning is a write-ahead log or a rollback journal."""
    return head.startswith((*_LOG_MAGIC, _JOURNAL_MAGIC))


def goes_over_pages(data: bytes | bytearray) -> bool:
    """Whether a cell of any page is longer than a page takes; so, too, where the size of pages makes no sense."""
    page = _page_bytes(data)
    if page < 512 or len(data) <= 100:
        return True
    starts = ((start, start or 100) for start in range(0, len(data), page))
    return _goes_over(data, page, page - data[20], starts)


def log_goes_over_pages(data: bytes | bytearray) -> bool:
    """As :func:`goes_over_pages`, of the pages in a log or journal (sections 4.1 and 3)."""
    if data.startswith(_LOG_MAGIC):
        page, first, before, behind = int.from_bytes(data[8:12]), 32, 24, 0
    else:
        page, first, before, behind = int.from_bytes(data[24:28]), int.from_bytes(data[20:24]), 4, 4
    if not 512 <= page <= 65536 or first < 28:
        return True
    places = range(first + before, len(data), page + before + behind)
    first_page = (place for place in places if data[place : place + 16] == MAGIC)
    starts = ((place, place) for place in places)
    with_heads = ((place, place + 100) for place in first_page)
    usable = page - _MOST_RESERVED_BYTES
    return _goes_over(data, page, usable, starts) or _goes_over(data, page, usable, with_heads)


def _page_bytes(data: bytes | bytearray) -> int:
    stored = int.from_bytes(data[16:18])
    return 65536 if stored == 1 else stored


def _goes_over(data: bytes | bytearray, page: int, usable: int, starts: Iterable[tuple[int, int]]) -> bool:
    """Whether a cell is too long; of each page where it begins and where its own header does."""
    in_index = (usable - 12) * 64 // 255 - 23
    most = {_TABLE_LEAF: usable - 35, _INDEX_LEAF: in_index, _INDEX_INNER: in_index}
    for start, at in starts:
        kind = data[at] if at < len(data) else 0
        if kind not in most:
            continue
        cells = at + (12 if kind == _INDEX_INNER else 8)
        count = min(int.from_bytes(data[at + 3 : at + 5]), page // 2)
        for pointer in range(cells, cells + 2 * count, 2):
            cell = start + int.from_bytes(data[pointer : pointer + 2]) + (4 if kind == _INDEX_INNER else 0)
            if _number(data[cell : cell + 9]) > most[kind]:
                return True
    return False


def texts_of_database(
    data: bytearray, unknown: list[bytes], on_progress: Callable[[], None] = lambda: None, *, is_all: bool = False
) -> Iterator[tuple[str, str]]:
    """Text of the rows that are longer than a page takes, in parts; and of the last what could not be read, in words.

    Args:
        data: The database; it is changed.
        unknown: Takes their BLOBs, and what is no text though it says so.
        on_progress: Called now and then.
        is_all: Whether all other rows are wanted, too.

    Raises:
        ValueError: SQLite cannot read it; the message says why.
    """
    from evidence.viewers.sqlite_rows import rows_of_all  # loads SQLite

    least = 0 if is_all else (_page_bytes(data) - _MOST_RESERVED_BYTES) * 64 // 255 - 35
    held, unread, size = list[str](), list[str](), 0
    try:
        for table, row in rows_of_all(data, on_progress):
            if isinstance(row, str):
                unread.append(f"{table} ({row})")
                continue
            values = [one for one in row if isinstance(one, str | bytes)]
            length = sum(map(len, values))
            if length + 18 * len(row) < least:
                continue
            held += (one for one in values if isinstance(one, str))
            unknown += (one for one in values if isinstance(one, bytes))
            size += length
            if size > _PART_CHARACTERS:
                yield "\n".join(held), ""
                held.clear()
                size = 0
    except UnreadableStructureError as error:
        raise ValueError(f"its long values cannot be read: {error}") from error
    told = listed("hold values over several pages that cannot be read, so that words may be cut", unread)
    yield "\n".join(held), told if unread else ""


def _number(data: bytes | bytearray) -> int:
    """A number as SQLite packs it, in up to nine bytes; of a ninth byte nothing is needed here."""
    value = 0
    for byte in data[:8]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value
