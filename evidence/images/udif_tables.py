"""Where the bytes of a UDIF disk image are: all chunks of all its tables, in the order of the media."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.images.udif_chunks import COMMENT, IGNORE, LAST, RAW, ZERO
from evidence.images.udif_records import CHUNK, SECTOR_BYTES, BadRecordError, Table

MEDIA_MAX_BYTES = 1 << 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk. Offsets and lengths are bytes, of the media or of the file."""

    kind: int
    offset_bytes: int
    length_bytes: int
    stored_at_bytes: int
    stored_bytes: int


class Chunks:
    """The chunks of all tables, looked up by their place in the media.

    Attributes:
        kinds: Which types of chunks there are.
        end_bytes: Where the last one ends.
        largest_bytes: Size of the largest one that is packed.
        ignored_bytes: How much of the media the image leaves out, as free space.
        overlapping: How many begin before the one ahead ends.
        is_in_order: Whether the tables have them in the order of the media.
    """

    def __init__(self, tables: Iterable[Table], data_at_bytes: int) -> None:
        """Read the tables; what they leave out is found by ``at``.

        Raises:
            BadRecordError: A chunk lies where none can.
        """
        self._kinds, self._starts, self._lengths = array("I"), array("Q"), array("Q")
        self._places, self._stored = array("Q"), array("Q")
        for table in tables:
            self._take(table, data_at_bytes)
        self.is_in_order = self._sort()
        self.kinds = set(self._kinds)
        ends = [start + length for start, length in zip(self._starts, self._lengths, strict=True)]
        self.end_bytes = max(ends, default=0)
        self.overlapping = sum(1 for end, start in zip(ends, self._starts[1:], strict=False) if start < end)
        described = list(zip(self._kinds, self._lengths, strict=True))
        self.largest_bytes = max((length for kind, length in described if kind > COMMENT), default=0)
        self.ignored_bytes = sum(length for kind, length in described if kind == IGNORE)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._starts)

    def __getitem__(self, number: int) -> Chunk:
        """Give one by its number."""
        return Chunk(
            kind=self._kinds[number],
            offset_bytes=self._starts[number],
            length_bytes=self._lengths[number],
            stored_at_bytes=self._places[number],
            stored_bytes=self._stored[number],
        )

    def at(self, offset_bytes: int) -> int | None:
        """Which chunk has that byte of the media; None for one that no table has."""
        number = bisect_right(self._starts, offset_bytes) - 1
        if number < 0 or offset_bytes >= self._starts[number] + self._lengths[number]:
            return None
        return number

    def next_start(self, offset_bytes: int) -> int | None:
        """Where the next chunk behind that byte begins; None behind the last."""
        number = bisect_right(self._starts, offset_bytes)
        return self._starts[number] if number < len(self._starts) else None

    def _take(self, table: Table, data_at_bytes: int) -> None:
        for kind, _, sector, count, place, stored in CHUNK.iter_unpack(table.chunks):
            if kind == LAST:
                break
            if kind == COMMENT or not count:
                continue
            start, length = (table.start_sector + sector) * SECTOR_BYTES, count * SECTOR_BYTES
            stored_at = place + data_at_bytes + table.data_at_bytes
            if max(start + length, stored_at + stored) > MEDIA_MAX_BYTES:
                raise BadRecordError(f"a chunk of the table {table.name!r} lies at sector {sector}, which cannot be")
            if kind == RAW and stored < length:
                raise BadRecordError(f"a raw chunk of the table {table.name!r} has {stored} bytes of {length}")
            self._kinds.append(kind)
            self._starts.append(start)
            self._lengths.append(length)
            self._places.append(stored_at if kind not in (ZERO, IGNORE) else 0)
            self._stored.append(stored)

    def _sort(self) -> bool:
        """Put them into the order of the media; whether they were in it."""
        order = sorted(range(len(self._starts)), key=self._starts.__getitem__)
        is_in_order = all(number == place for place, number in enumerate(order))
        if not is_in_order:
            for name in ("_kinds", "_starts", "_lengths", "_places", "_stored"):
                column = getattr(self, name)
                setattr(self, name, array(column.typecode, (column[number] for number in order)))
        return is_in_order
