"""The blocks of an APFS container and the objects in them, each under its checksum.

Source: Apple File System Reference, "Objects", "General-Purpose Types" and "Fusion".
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass
from itertools import accumulate

from evidence.volumes.base import Readable

CONTAINER, BTREE_ROOT, BTREE_NODE, OBJECT_MAP, VOLUME = 0x01, 0x02, 0x03, 0x0B, 0x0D
FILE_TREE, SNAPSHOT_TREE, INTEGRITY, EXTENT_TREE = 0x0E, 0x10, 0x1E, 0x1F
PHYSICAL, STORAGE_MASK = 0x40000000, 0xC0000000
TYPE_MASK = 0xFFFF
HEADER_BYTES = 32
MAX_BLOCK_BYTES = 65_536
_MODULUS = 0xFFFF_FFFF
_FUSION_SECOND = 0x4000_0000_0000_0000
_HEADER = struct.Struct("<8xQQII")


class ApfsDamageError(OSError):
    """Something in a container contradicts itself.

    Attributes:
        offset_bytes: Where it lies in the container; None where it lies nowhere.
    """

    def __init__(self, what: str, offset_bytes: int | None = None) -> None:
        """Keep the words and the place."""
        super().__init__(what if offset_bytes is None else f"{what} (at byte {offset_bytes} of the container)")
        self.what, self.offset_bytes = what, offset_bytes


@dataclass(frozen=True, slots=True)
class Header:
    """The header of an object: its identifier, transaction, and types."""

    oid: int
    xid: int
    type: int
    subtype: int


def header_of(block: bytes) -> Header:
    """The header at the start of a block."""
    return Header(*_HEADER.unpack_from(block))


def fletcher64(data: bytes) -> int:
    """The checksum of an object, over what follows the checksum itself; a multiple of four bytes."""
    words = array("I")
    words.frombytes(data)
    if struct.pack("=H", 1) != b"\x01\x00":
        words.byteswap()
    first = sum(words) % _MODULUS
    second = sum(accumulate(words)) % _MODULUS
    low = _MODULUS - (first + second) % _MODULUS
    return _MODULUS - (first + low) % _MODULUS << 32 | low


def is_sound(block: bytes) -> bool:
    """Whether the checksum of an object is right; one of zeros is none."""
    stored = int.from_bytes(block[:8], "little")
    return len(block) >= HEADER_BYTES and stored not in (0, (1 << 64) - 1) and fletcher64(block[8:]) == stored


class Blocks:
    """A container as numbered blocks.

    Attributes:
        block_bytes: Their size.
        count: How many of them can be read.
    """

    def __init__(self, source: Readable, block_bytes: int, count: int) -> None:
        """Number the blocks of ``source``, at most ``count`` of them."""
        self._source = source
        self.block_bytes = block_bytes
        self.count = min(count, source.media_bytes // block_bytes)

    def offset(self, address: int) -> int:
        """Where a block begins."""
        return address * self.block_bytes

    def read(self, address: int, count: int = 1) -> bytes:
        """So many blocks.

        Raises:
            ApfsDamageError: There are no such blocks.
            UnreadableRegionError: The media cannot be read there.
        """
        if address * self.block_bytes >= _FUSION_SECOND:
            raise ApfsDamageError(f"block {address:#x} lies on the second device of a Fusion drive, which is not here")
        if address < 0 or count < 1 or address + count > self.count:
            raise ApfsDamageError(f"blocks {address} to {address + count - 1} lie past the end of the container")
        data = self._source.read_at(address * self.block_bytes, count * self.block_bytes)
        if len(data) != count * self.block_bytes:
            raise ApfsDamageError("the media ends in a block", self.offset(address))
        return data

    def object(self, address: int, what: str, *, oid: int | None, xid: int, types: tuple[int, ...]) -> bytes:
        """An object of one block, verified.

        Args:
            address: Of the block.
            what: The object, for the words of an error.
            oid: The identifier it must have; None for any.
            xid: The last transaction it can be of.
            types: Which it may have.

        Raises:
            ApfsDamageError: The block does not hold it.
            UnreadableRegionError: The media cannot be read there.
        """
        return self.verified(self.read(address), address, what, oid=oid, xid=xid, types=types)

    def verified(
        self, block: bytes, address: int, what: str, *, oid: int | None, xid: int, types: tuple[int, ...]
    ) -> bytes:
        """``block`` if it is the object wanted; see :meth:`object`."""
        at = self.offset(address)
        if not is_sound(block):
            raise ApfsDamageError(f"{what}: the checksum of the object is wrong", at)
        header = header_of(block)
        if header.type & TYPE_MASK not in types:
            raise ApfsDamageError(f"{what}: there is an object of type {header.type & TYPE_MASK:#x} in its place", at)
        if oid is not None and header.oid != oid:
            raise ApfsDamageError(f"{what}: object {header.oid} lies where object {oid} should be", at)
        if header.xid > xid:
            raise ApfsDamageError(f"{what}: overwritten by the later transaction {header.xid}", at)
        return block
