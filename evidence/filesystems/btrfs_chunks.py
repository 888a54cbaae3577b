"""From the logical addresses of Btrfs to bytes on its devices: chunks, stripes and copies."""

from __future__ import annotations

import struct
from bisect import bisect_right, insort
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from evidence.errors import UnreadableRegionError
from evidence.filesystems.btrfs_super import Superblock
from evidence.volumes.base import Readable

MAX_CHUNKS = 1 << 20
_MAX_PIECES = 1 << 20
_CHUNK = struct.Struct("<QQQQIIIHH")
_STRIPE = struct.Struct("<QQ16s")
_KEY_BYTES, _CHUNK_KEY = 17, 228
_RAID0, _RAID1, _DUP, _RAID10, _RAID5, _RAID6, _RAID1C3, _RAID1C4 = (1 << bit for bit in range(3, 11))
_MIRRORED = _RAID1 | _DUP | _RAID1C3 | _RAID1C4
_PROFILES = _MIRRORED | _RAID0 | _RAID10 | _RAID5 | _RAID6


class MissingDeviceError(OSError):
    """A device of the file system is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A run of logical addresses; ``stripes`` are device and offset of each of its parts."""

    start: int
    length: int
    profile: int
    stripe_bytes: int
    sub_stripes: int
    stripes: tuple[tuple[int, int], ...]

    @property
    def columns(self) -> int:
        """Over how many stripes the content of a row is spread: 1 where each of them holds all of it."""
        count = len(self.stripes)
        if self.profile & _RAID10:
            return count // self.sub_stripes
        return {_RAID0: count, _RAID5: count - 1, _RAID6: count - 2}.get(self.profile, 1)

    @property
    def stripe_length(self) -> int:
        """How many bytes of its device each stripe takes."""
        row = self.stripe_bytes * self.columns
        return -(-self.length // row) * self.stripe_bytes if self.profile & ~_MIRRORED else self.length

    def on_stripe(self, index: int, used: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        """Where parts of the chunk lie on one of its stripes: begin and end there, in order, some perhaps twice.

        Args:
            index: Of the stripe.
            used: Begin and end of each part in the chunk, in order. Of a row in which one lies, all parity is given.
        """
        if not self.profile & ~_MIRRORED:
            yield from used
            return
        row = self.stripe_bytes * self.columns
        for begin, end in used:
            first, last = -(-begin // row), end // row  # rows that are used as a whole
            if first >= last:
                yield from self._in_rows(index, begin, end)
                continue
            yield from self._in_rows(index, begin, first * row)
            yield first * self.stripe_bytes, last * self.stripe_bytes
            yield from self._in_rows(index, last * row, end)

    def _in_rows(self, index: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
        columns, size, count = self.columns, self.stripe_bytes, len(self.stripes)
        for cell in range(begin // size, -(-end // size)):
            row, column = divmod(cell, columns)
            turned = (index - row) % count if self.profile & (_RAID5 | _RAID6) else index // (count // columns)
            if turned >= columns:
                yield row * size, (row + 1) * size
            elif turned == column:
                yield row * size + max(begin - cell * size, 0), row * size + min(end - cell * size, size)

    def places(self, inner: int) -> tuple[int, list[tuple[int, int]]]:
        """Where the byte ``inner`` of the chunk lies, on each of its copies, and how many bytes follow it there."""
        if not self.profile or self.profile & _MIRRORED:
            copies = self.stripes if self.profile else self.stripes[:1]
            return self.length - inner, [(device, offset + inner) for device, offset in copies]
        row, within = divmod(inner, self.stripe_bytes)
        count = len(self.stripes)
        if self.profile & _RAID10:
            row, column = divmod(row, count // self.sub_stripes)
            chosen = self.stripes[column * self.sub_stripes : (column + 1) * self.sub_stripes]
        elif self.profile & _RAID0:
            row, column = divmod(row, count)
            chosen = self.stripes[column : column + 1]
        else:
            row, column = divmod(row, count - (2 if self.profile & _RAID6 else 1))
            column = (row + column) % count
            chosen = self.stripes[column : column + 1]
        at = row * self.stripe_bytes + within
        return self.stripe_bytes - within, [(device, offset + at) for device, offset in chosen]


def parse_chunk(start: int, raw: bytes) -> Chunk:
    """A chunk item; raises OSError where it contradicts itself."""
    if len(raw) < 80:
        raise OSError(f"the chunk at {start} is cut off")
    length, _, stripe_bytes, type_, _, _, _, count, sub = _CHUNK.unpack_from(raw)
    profile = type_ & _PROFILES
    least = {_RAID10: max(sub, 1), _RAID5: 2, _RAID6: 3}.get(profile, 1)
    if not length or length > 1 << 62 or not count or len(raw) < 48 + 32 * count or count < least:
        raise OSError(f"the chunk at {start} contradicts itself")
    if (
        profile & (profile - 1)
        or not 512 <= stripe_bytes <= 1 << 30
        or (profile == _RAID10 and (not sub or count % sub))
    ):
        raise OSError(f"the chunk at {start} has an impossible profile ({type_:#x})")
    stripes = tuple(_STRIPE.unpack_from(raw, 48 + 32 * index)[:2] for index in range(count))
    return Chunk(
        start=start, length=length, profile=profile, stripe_bytes=stripe_bytes, sub_stripes=sub, stripes=stripes
    )


def system_chunks(raw: bytes) -> Iterator[Chunk]:
    """The chunks in a superblock, which lead to the tree of all others; raises OSError."""
    at = 0
    while at < len(raw):
        if at + _KEY_BYTES + 80 > len(raw) or raw[at + 8] != _CHUNK_KEY:
            raise OSError("the list of chunks in the superblock is damaged")
        count = int.from_bytes(raw[at + _KEY_BYTES + 44 : at + _KEY_BYTES + 46], "little")
        size = 48 + 32 * count
        start = int.from_bytes(raw[at + 9 : at + 17], "little")
        yield parse_chunk(start, raw[at + _KEY_BYTES : at + _KEY_BYTES + size])
        at += _KEY_BYTES + size


class Space:
    """The logical addresses of a file system.

    Attributes:
        superblock: Of the device that it was opened on.
    """

    def __init__(self, superblock: Superblock, devices: Mapping[int, Readable]) -> None:
        """Read from ``devices``, by their numbers; raises OSError where the first chunks are damaged."""
        self.superblock, self._devices = superblock, devices
        self._starts: list[int] = []
        self._chunks: dict[int, Chunk] = {}
        self.missing: set[int] = set()
        for chunk in system_chunks(superblock.system_chunks):
            self.add(chunk)

    def add(self, chunk: Chunk) -> None:
        """Know one more chunk."""
        if chunk.start not in self._chunks:
            if len(self._starts) >= MAX_CHUNKS:
                raise OSError(f"there are more than {MAX_CHUNKS} chunks")
            insort(self._starts, chunk.start)
        self._chunks[chunk.start] = chunk
        self.missing |= {device for device, _ in chunk.stripes} - self._devices.keys()

    @property
    def chunks(self) -> Iterator[Chunk]:
        """All of them, in the order of their logical addresses."""
        return (self._chunks[start] for start in self._starts)

    def pieces(self, address: int, size_bytes: int, wanted: Container[int]) -> list[tuple[int, int, int]]:
        """Device, offset there and length of each piece of a run of logical addresses, on ``wanted`` devices if it can.

        Raises:
            OSError: It lies in no chunk, or in more pieces than can be.
        """
        found: list[tuple[int, int, int]] = []
        while size_bytes > 0:
            if len(found) >= _MAX_PIECES:
                raise OSError(f"what lies at the logical address {address} is in more than {_MAX_PIECES} pieces")
            chunk = self._chunk_of(address)
            rest, places = chunk.places(address - chunk.start)
            device, offset = next((place for place in places if place[0] in wanted), places[0])
            size = min(size_bytes, rest, chunk.start + chunk.length - address)
            found.append((device, offset, size))
            address += size
            size_bytes -= size
        return found

    def everywhere(self, address: int, size_bytes: int) -> Iterator[tuple[int, int, int]]:
        """Device, offset there and length of each piece of a run of logical addresses, of every copy.

        Raises:
            OSError: It lies in no chunk.
        """
        while size_bytes > 0:
            chunk = self._chunk_of(address)
            rest, places = chunk.places(address - chunk.start)
            size = min(size_bytes, rest, chunk.start + chunk.length - address)
            yield from ((device, offset, size) for device, offset in places)
            address += size
            size_bytes -= size

    def _chunk_of(self, address: int) -> Chunk:
        index = bisect_right(self._starts, address) - 1
        if index >= 0:
            chunk = self._chunks[self._starts[index]]
            if address < chunk.start + chunk.length:
                return chunk
        raise OSError(f"the logical address {address} lies in no chunk")

    def copies(self, address: int) -> int:
        """How many copies of the byte at ``address`` there are."""
        chunk = self._chunk_of(address)
        return len(chunk.places(address - chunk.start)[1])

    def place(self, address: int, copy: int) -> int:
        """The byte of its device that ``address`` lies at."""
        chunk = self._chunk_of(address)
        return chunk.places(address - chunk.start)[1][copy][1]

    def device(self, address: int, copy: int) -> int:
        """The number of the device that ``address`` lies on."""
        chunk = self._chunk_of(address)
        return chunk.places(address - chunk.start)[1][copy][0]

    def read(self, address: int, size_bytes: int, copy: int = 0) -> bytes:
        """Exactly that many bytes of one copy.

        Raises:
            MissingDeviceError: They lie on a device that is missing.
            OSError: They lie in no chunk, or past the end of a device.
            UnreadableRegionError: The media cannot be read there.
        """
        pieces = []
        while size_bytes > 0:
            chunk = self._chunk_of(address)
            rest, places = chunk.places(address - chunk.start)
            if copy >= len(places):
                raise OSError(f"there is no copy {copy + 1} of the logical address {address}")
            device, offset = places[copy]
            size = min(size_bytes, rest, chunk.start + chunk.length - address)
            pieces.append(self._device(device, offset, size))
            address += size
            size_bytes -= size
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _device(self, device: int, offset: int, size: int) -> bytes:
        source = self._devices.get(device)
        if source is None:
            raise MissingDeviceError(f"device {device} of the file system is missing")
        raw = source.read_at(offset, size)
        if len(raw) < size:
            raise OSError(f"device {device} ends before byte {offset + size}")
        return raw

    def first_readable(self, address: int, size_bytes: int) -> bytes:
        """The same from the first copy that can be read; raises what the last one raised."""
        for copy in range(self.copies(address) - 1):
            try:
                return self.read(address, size_bytes, copy)
            except (OSError, UnreadableRegionError):
                continue
        return self.read(address, size_bytes, self.copies(address) - 1)
