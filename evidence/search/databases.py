"""Whether a SQLite database holds values that go over several pages (sqlite.org/fileformat2.html, section 1.6)."""

from __future__ import annotations

MAGIC = b"SQLite format 3\0"
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2


def goes_over_pages(data: bytes) -> bool:
    """Whether a cell of any page is longer than a page takes; so, too, where the size of pages makes no sense."""
    stored = int.from_bytes(data[16:18])
    page = 65536 if stored == 1 else stored
    if page < 512 or len(data) <= 100:
        return True
    usable = page - data[20]
    in_index = (usable - 12) * 64 // 255 - 23
    most = {_TABLE_LEAF: usable - 35, _INDEX_LEAF: in_index, _INDEX_INNER: in_index}
    for start in range(0, len(data), page):
        at = start or 100
        kind = data[at]
        if kind not in most:
            continue
        cells = at + (12 if kind == _INDEX_INNER else 8)
        count = min(int.from_bytes(data[at + 3 : at + 5]), page // 2)
        for pointer in range(cells, cells + 2 * count, 2):
            cell = start + int.from_bytes(data[pointer : pointer + 2]) + (4 if kind == _INDEX_INNER else 0)
            if _number(data[cell : cell + 9]) > most[kind]:
                return True
    return False


def _number(data: bytes) -> int:
    """A number as SQLite packs it, in up to nine bytes; of a ninth byte nothing is needed here."""
    value = 0
    for byte in data[:8]:
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return value
