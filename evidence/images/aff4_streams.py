"""The streams that the bytes of an AFF4 image come from: chunks in bevies, members of the ZIP, and symbolic ones.

A chunk is checked against its block hash where the image has them, else its bevy against the checksum of the ZIP: a
packed chunk may be wrong without an error from the one that unpacks it.
Source: "AFF4 Standard v1.0", sections 3, 4.4 and 6.2.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from typing import Protocol

from evidence.errors import ShortReadError, SourceAccessError, UnreadableRegionError
from evidence.images.aff4_chunks import BadChunkError, Unpack
from evidence.images.aff4_volume import STORED, BadMemberError, Member, Volume
from evidence.images.cache import BoundedCache
from evidence.images.filling import Chunks
from evidence.images.source import is_read_error

SCHEMA = "http://aff4.org/Schema#"
TABLES_CACHE_BYTES = 32 * 1024 * 1024
BEVY_TABLE_MAX_BYTES = 64 * 1024 * 1024
SEGMENT_CHECKED_MAX_BYTES = 1024 * 1024 * 1024
"""A member that is a stream as it is is held against the checksum of the ZIP on opening up to this size."""
BLOCK_HASHES = ("sha512", "blake2b", "sha256", "sha1", "md5")
"""The first that there is checks the chunks."""
INDEX = "index"
"""The name of the table that says where the chunks of a bevy lie; the other tables are named by ``BLOCK_HASHES``."""

_ENTRY = struct.Struct("<QI")
_FAR = 1 << 64
_WEIGHT_BYTES = 64
_SYMBOLIC = SCHEMA + "SymbolicStream"


class Stream(Protocol):
    """Bytes that a map may lead to; offsets are its own."""

    @property
    def size_bytes(self) -> int: ...  # noqa: D102

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """Fill the beginning of ``target``; return how many bytes, at least one. Raises UnreadableRegionError."""
        ...


class Constant:
    """One byte without end."""

    size_bytes = _FAR

    def __init__(self, value: int) -> None:
        """Take the byte."""
        self._value = value

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """Fill all of it."""
        target[:] = bytes(len(target)) if not self._value else bytes([self._value]) * len(target)
        return len(target)


class Lost:
    """What cannot be read, and why: never zeros, and never the text that the standard puts in its place."""

    size_bytes = _FAR

    def __init__(self, why: str) -> None:
        """Take the reason, part of a sentence."""
        self.why = why

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """Raise, with all that follows."""
        raise UnreadableRegionError(offset_bytes, _FAR - offset_bytes, self.why)


UNKNOWN = "the acquisition left them out (UnknownData)"
UNREADABLE = "the acquisition could not read them (UnreadableData)"


def symbolic(urn: str) -> Stream | None:
    """The stream that an address of the standard means; None where it means another object."""
    if urn == SCHEMA + "Zero":
        return Constant(0)
    if urn == SCHEMA + "UnknownData":
        return Lost(UNKNOWN)
    if urn == SCHEMA + "UnreadableData":
        return Lost(UNREADABLE)
    digits = urn.removeprefix(_SYMBOLIC)
    if digits != urn and len(digits) == 2 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
        return Constant(int(digits, 16))
    return None


class Segment:
    """A member of the ZIP, as it is.

    Attributes:
        size_bytes: Its size.
        is_checked: Whether it was held against its checksum; one that is too large was not.
    """

    def __init__(self, volume: Volume, member: Member) -> None:
        """Take the member; one that is packed is unpacked whole.

        Raises:
            BadMemberError: It is damaged, or packed and too large.
        """
        self._volume = volume
        self.size_bytes = member.size_bytes
        self._data = volume.content(member) if member.method != STORED or member.is_encrypted else None
        self._start = 0 if self._data is not None else volume.data_bytes(member)
        self.is_checked = self._data is not None or member.size_bytes <= SEGMENT_CHECKED_MAX_BYTES
        if member.method == STORED and member.packed_bytes != member.size_bytes:
            raise BadMemberError(f"{member.name} has two sizes, though it is not packed")
        if self._data is None and self.is_checked and not volume.is_sound(member):
            raise BadMemberError(f"the checksum of {member.name} is wrong")

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """See ``Stream``."""
        part = target[: max(0, self.size_bytes - offset_bytes)]
        if self._data is not None:
            part[:] = memoryview(self._data)[offset_bytes : offset_bytes + len(part)]
        else:
            _reading(self._volume, self._start + offset_bytes, part, offset_bytes)
        return len(part)


class ImageStream:
    """Chunks of one size in bevies, packed or not.

    Attributes:
        size_bytes: Of the stream.
        chunk_bytes: Of a chunk.
        hashed_by: Which block hashes check the chunks; empty where none do.
    """

    def __init__(
        self,
        urn: str,
        volumes: Sequence[Volume],
        *,
        size_bytes: int,
        chunk_bytes: int,
        bevy_chunks: int,
        unpack: Unpack,
    ) -> None:
        """Take what the description says; nothing is read yet."""
        self.urn, self._volumes, self._unpack_chunk = urn, volumes, unpack
        self.size_bytes, self.chunk_bytes, self._bevy_chunks = size_bytes, chunk_bytes, bevy_chunks
        self.bevies = -(-size_bytes // (chunk_bytes * bevy_chunks))
        self.hashed_by = next((name for name in BLOCK_HASHES if self.table(0, name)), "")
        self._chunks = Chunks(size_bytes, chunk_bytes, self._chunk)
        self._tables: BoundedCache[tuple[int, str], bytes] = BoundedCache(TABLES_CACHE_BYTES)
        self._begins: BoundedCache[int, int] = BoundedCache(TABLES_CACHE_BYTES)
        self._sound: BoundedCache[int, bool] = BoundedCache(TABLES_CACHE_BYTES)

    def fill_some(self, offset_bytes: int, target: memoryview, /) -> int:
        """Fill from one chunk; see ``Stream``."""
        return self._chunks.fill_some(offset_bytes, target)

    def table(self, bevy: int, name: str) -> tuple[Volume, Member] | None:
        """The table of a bevy and the volume that has it: ``INDEX``, or the block hashes of an algorithm.

        These are named as in the reference images, or as in the text of the standard.
        """
        named_by_images = None if name == INDEX else self._member(bevy, f".blockHash.{name}")
        return named_by_images or self._member(bevy, f".{name}")

    def missing_bevies(self) -> tuple[int, int]:
        """How many bevies no volume has, and the number of the first of them."""
        there = {number for volume in self._volumes for number in volume.bevies(self.urn) if number < self.bevies}
        first = 0
        while first in there:
            first += 1
        return self.bevies - len(there), first

    def _member(self, bevy: int, ending: str = "") -> tuple[Volume, Member] | None:
        urn = f"{self.urn}/{bevy:08d}{ending}"
        for volume in self._volumes:
            member = volume.member(urn)
            if member is not None:
                return volume, member
        return None

    def _chunk(self, number: int) -> bytes:
        bevy, place = divmod(number, self._bevy_chunks)
        start = number * self.chunk_bytes
        try:
            found = self._member(bevy)
            if found is None:
                raise BadMemberError(f"the bevy {bevy:08d} of {self.urn} is missing")
            begin = self._begins.get(bevy, lambda _: (found[0].data_bytes(found[1]), _WEIGHT_BYTES))
            stored = self._stored(*found, begin, self._content(bevy, INDEX), place)
            data = self._unpacked(stored, number)
            self._check(bevy, place, number, data)
        except (BadMemberError, BadChunkError) as error:
            raise UnreadableRegionError(start, self._chunks.size_of(number), str(error)) from error
        except (SourceAccessError, ShortReadError) as error:
            if isinstance(error, SourceAccessError) and not is_read_error(error):
                raise
            raise UnreadableRegionError(start, self._chunks.size_of(number), str(error)) from error
        return data

    def _stored(self, volume: Volume, member: Member, begin: int, index: bytes, place: int) -> bytes:
        if (place + 1) * _ENTRY.size > len(index):
            raise BadMemberError(f"the index of {member.name} has {len(index) // _ENTRY.size} chunks, not this one")
        offset, size = _ENTRY.unpack_from(index, place * _ENTRY.size)
        if offset + size > member.packed_bytes or size > 2 * self.chunk_bytes + 4096:
            raise BadMemberError(f"the index of {member.name} leads out of it, or to {size} bytes for one chunk")
        if member.method != STORED or member.is_encrypted:
            raise BadMemberError(f"{member.name} is packed by the ZIP itself, which the standard does not allow")
        target = bytearray(size)
        volume.read_into(begin + offset, memoryview(target))
        return bytes(target)

    def _unpacked(self, stored: bytes, number: int) -> bytes:
        """All of a chunk, the last one with what it is filled up with, if it is.

        A last chunk that is neither packed nor filled up is what some writers make.
        """
        if len(stored) == self.chunk_bytes:
            return stored
        wanted = self._chunks.size_of(number)
        try:
            data = self._unpack_chunk(stored, self.chunk_bytes)
        except BadChunkError:
            if wanted == self.chunk_bytes or len(stored) != wanted:
                raise
            return stored
        if len(data) < wanted:
            raise BadChunkError(f"the chunk has {len(data)} bytes instead of {wanted}")
        return data

    def _check(self, bevy: int, place: int, number: int, data: bytes) -> None:
        """Hold a chunk against its block hash; where there is none, its bevy against the checksum of the ZIP."""
        name = self.hashed_by
        if name and self.table(bevy, name) is not None:
            size = hashlib.new(name).digest_size
            wanted = self._content(bevy, name)[place * size : (place + 1) * size]
            shapes = (data, data[: self._chunks.size_of(number)])
            if len(wanted) < size or all(hashlib.new(name, shape).digest() != wanted for shape in shapes):
                raise BadChunkError(f"the block hash of the chunk ({name}) is another one")
            return
        if not self._sound.get(bevy, self._bevy_is_sound):
            raise BadChunkError(f"the checksum of its bevy {bevy:08d} is wrong, and it has none of its own")

    def _bevy_is_sound(self, bevy: int) -> tuple[bool, int]:
        found = self._member(bevy)
        return found is not None and found[0].is_sound(found[1]), _WEIGHT_BYTES

    def _content(self, bevy: int, name: str) -> bytes:
        return self._tables.get((bevy, name), lambda _: self._read_table(bevy, name))

    def _read_table(self, bevy: int, name: str) -> tuple[bytes, int]:
        found = self.table(bevy, name)
        if found is None:
            raise BadMemberError(f"{bevy:08d}.{name} of {self.urn} is missing")
        data = found[0].content(found[1], BEVY_TABLE_MAX_BYTES)
        return data, len(data)


def _reading(volume: Volume, place_bytes: int, target: memoryview, offset_bytes: int) -> None:
    try:
        volume.read_into(place_bytes, target)
    except SourceAccessError as error:
        if not is_read_error(error):
            raise
        raise UnreadableRegionError(offset_bytes, len(target), error.why) from error
