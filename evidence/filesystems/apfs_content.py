"""The content of streams on an APFS volume: by extents, with holes, decrypted where the volume is encrypted."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.apfs_records import EXTENT, extent_of, key_range
from evidence.filesystems.ranges import JoinedRanges, Range
from evidence.images.cache import BoundedCache
from evidence.volumes.apfs_btree import BTree
from evidence.volumes.apfs_objects import ApfsDamageError, Blocks
from evidence.volumes.apfs_volume import SECTOR_BYTES
from evidence.volumes.ciphers import SectorCipher

_KEPT_BYTES, _MAX_EXTENTS = 64 << 20, 1 << 22
_READ_BYTES = 1 << 20
_UNIT = bytes(16)
"""A block of the cipher, of zeros."""


class Extents:
    """The extents of one stream, in order.

    Attributes:
        starts: Where each begins in the stream.
    """

    __slots__ = ("blocks", "lengths", "starts", "tweaks")

    def __init__(self, found: Iterator[tuple[int, int, int, int]]) -> None:
        """Gather them.

        Raises:
            ApfsDamageError: They overlap, or are too many.
        """
        self.starts, self.lengths, self.blocks, self.tweaks = array("Q"), array("Q"), array("Q"), array("Q")
        reached = 0
        for start, length, block, tweak in found:
            if start < reached or len(self.starts) >= _MAX_EXTENTS:
                raise ApfsDamageError(f"the extents of a stream overlap at byte {start}, or are too many")
            reached = start + length
            if reached >> 63:
                raise ApfsDamageError(f"an extent of a stream claims to end at byte {reached}")
            self.starts.append(start)
            self.lengths.append(length)
            self.blocks.append(block)
            self.tweaks.append(tweak)

    @property
    def kept_bytes(self) -> int:
        """About how much memory they take."""
        return 32 * len(self.starts) + 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """Where the streams of a volume are found.

    Attributes:
        blocks: Of the container.
        tree: The records of the volume.
        sealed: The tree that holds the extents instead, on sealed volumes.
        cipher: Of the volume; None where it is not encrypted.
        refusal: Why no stream is to be trusted; empty where they are.
        kept: Extents that were looked up last.
    """

    blocks: Blocks
    tree: BTree
    sealed: BTree | None
    cipher: SectorCipher | None
    refusal: str
    kept: BoundedCache[int, Extents]

    def extents(self, stream_id: int) -> Extents:
        """The extents of a stream.

        Raises:
            ApfsDamageError: They are damaged.
            UnreadableRegionError: They cannot be read.
        """
        return self.kept.get(stream_id, self._load)

    def _load(self, stream_id: int) -> tuple[Extents, int]:
        tree, (low, high) = self.tree, key_range(stream_id, EXTENT, EXTENT)
        if self.sealed is not None:
            tree, low, high = self.sealed, stream_id << 64, stream_id << 64 | (1 << 64) - 1
        extents = Extents(extent_of(key, value) for key, value in tree.scan(low, high))
        return extents, extents.kept_bytes


def kept_extents() -> BoundedCache[int, Extents]:
    """A cache for :class:`Streams`."""
    return BoundedCache(_KEPT_BYTES)


class StreamContent:
    """The bytes of one stream.

    Attributes:
        size_bytes: As declared.
    """

    def __init__(
        self, streams: Streams, stream_id: int, size_bytes: int, *, is_sparse: bool, with_slack: bool = False
    ) -> None:
        """Read a stream; where no extent says where its bytes are, a sparse one has zeros and any other is damaged.

        Args:
            streams: Of the volume.
            stream_id: Which.
            size_bytes: As declared.
            is_sparse: Whether it may have gaps.
            with_slack: Whether ``size_bytes`` goes on behind its end, where not all has to be encrypted.
        """
        self._streams, self._id, self._is_sparse, self._with_slack = streams, stream_id, is_sparse, with_slack
        self.size_bytes = size_bytes

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """As :meth:`ContentSource.read`."""
        end = min(offset_bytes + size_bytes, self.size_bytes)
        if offset_bytes < 0 or offset_bytes >= end:
            return b""
        if self._streams.refusal:
            raise OSError(self._streams.refusal)
        extents, parts = self._streams.extents(self._id), []
        while offset_bytes < end:
            index = bisect_right(extents.starts, offset_bytes) - 1
            inner = offset_bytes - extents.starts[index] if index >= 0 else 0
            if index < 0 or inner >= extents.lengths[index]:
                following = extents.starts[index + 1] if index + 1 < len(extents.starts) else end
                size = min(end, following) - offset_bytes
                parts.append(self._gap(offset_bytes, size))
            else:
                size = min(end - offset_bytes, extents.lengths[index] - inner, _READ_BYTES)
                parts.append(self._part(extents, index, inner, size))
            offset_bytes += size
        return b"".join(parts)

    def stored(self) -> Iterator[Range]:
        """Where it lies in the container; see :class:`evidence.filesystems.content.Packed`."""
        extents = self._streams.extents(self._id)
        for start, length, block in zip(extents.starts, extents.lengths, extents.blocks, strict=True):
            if block and start < self.size_bytes:
                yield self._streams.blocks.offset(block), min(length, self.size_bytes - start)

    def _gap(self, offset_bytes: int, size_bytes: int) -> bytes:
        if not self._is_sparse:
            raise ApfsDamageError(f"no extent says where bytes {offset_bytes} to {offset_bytes + size_bytes} lie")
        return bytes(size_bytes)

    def _part(self, extents: Extents, index: int, inner: int, size_bytes: int) -> bytes:
        """Bytes of one extent; a block of 0 is a hole."""
        first = extents.blocks[index]
        if not first:
            return bytes(size_bytes)
        blocks = self._streams.blocks
        skipped, start = divmod(inner, blocks.block_bytes)
        count = -(-(start + size_bytes) // blocks.block_bytes)
        data = blocks.read(first + skipped, count)
        if self._streams.cipher is not None:
            units = blocks.block_bytes // SECTOR_BYTES
            plain = self._streams.cipher.decrypt(data, (extents.tweaks[index] + skipped) * units)
            data = _zeros_kept(data, plain) if self._with_slack else plain
        return data[start : start + size_bytes]


def _zeros_kept(stored: bytes, plain: bytes) -> bytes:
    """``plain`` with zeros where zeros are stored: they are no ciphertext but were never encrypted.

    Behind the end of extended attributes macOS encrypts nothing; decrypted, those zeros would look like ciphertext.
    """
    if _UNIT not in stored:
        return plain
    units = (slice(at, at + len(_UNIT)) for at in range(0, len(stored), len(_UNIT)))
    return b"".join(_UNIT if stored[unit] == _UNIT else plain[unit] for unit in units)


class StreamSlack(JoinedRanges):
    """What lies behind the end of a stream in blocks that belong to it, decrypted where it was encrypted.

    Iterated, it gives where that lies in the container.
    """

    def __init__(self, streams: Streams, stream_id: int, size_bytes: int) -> None:
        """Find it; raises OSError and UnreadableRegionError."""
        if streams.refusal:
            raise OSError(streams.refusal)
        extents, in_stream, in_container = streams.extents(stream_id), list[Range](), list[Range]()
        for start, length, block in zip(extents.starts, extents.lengths, extents.blocks, strict=True):
            used = max(0, size_bytes - start)
            if block and used < length:
                in_stream.append((start + used, length - used))
                in_container.append((streams.blocks.offset(block) + used, length - used))
        end = in_stream[-1][0] + in_stream[-1][1] if in_stream else 0
        whole = _Whole(StreamContent(streams, stream_id, end, is_sparse=True, with_slack=True))
        self._plain = JoinedRanges(whole, in_stream)
        super().__init__(whole, in_container)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end; raises OSError and UnreadableRegionError."""
        return self._plain.read(offset_bytes, size_bytes)


class _Whole:
    """A stream with what lies behind its end, as something to read at any place."""

    def __init__(self, content: StreamContent) -> None:
        self._content = content
        self.media_bytes = content.size_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return self._content.read(offset_bytes, size_bytes)
