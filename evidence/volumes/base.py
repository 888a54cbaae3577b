"""Volumes: stretches of the media that may hold a file system or further volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evidence.errors import UnreadableRegionError
from evidence.filesystems.base import FileSystem
from evidence.images.base import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionTable:
    """The partition table at the start of a volume.

    Attributes:
        scheme: ``dos``, ``gpt``, ``mac``, ``bsd`` or ``sun``.
        sector_bytes: The unit in which its entries count.
    """

    scheme: str
    sector_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume, in the words of ``inspect-schema.md``.

    An examination yields a volume before the rows that lie in it, and yields it once more, with the same id and
    with ``file_system.counts`` filled in, when its last row has been yielded: the later one replaces the earlier.

    Attributes:
        id: ``v0`` is the whole media; ``v0.p1`` its first partition ...; the same for the same source every time.
        parent: Id of the volume it lies in; None for the whole media.
        kind: ``whole``, ``partition``, ``unallocated``, ``metadata``, ``decrypted``, ``logical``, ``snapshot`` or
            ``pool_volume``.
        start_bytes: From the start of its parent.
        length_bytes: As declared by the table; it may reach past the end of the media.
        description: The type of the partition in words, or what the stretch is.
        encryption: ``bitlocker``, ``luks``, ``filevault``, ``apfs`` or None.
        locked: True until the right key was given.
        file_system: None where none is recognised.
        partition_table: The table that divides this volume, if one does.
        snapshot_time_ns: When the snapshot was taken, nanoseconds since 1970 UTC; None for what is no snapshot.
        md5: Of the whole content, where it was asked for, of a ``decrypted``, ``logical`` or ``snapshot`` volume.
        sha256: Of the same.
    """

    id: str
    parent: str | None
    kind: str
    start_bytes: int
    length_bytes: int
    description: str
    encryption: str | None = None
    locked: bool = False
    file_system: FileSystem | None = None
    partition_table: PartitionTable | None = None
    snapshot_time_ns: int | None = None
    md5: bytes | None = None
    sha256: bytes | None = None


class Readable(Protocol):
    """What can be read at any place: an image, or a stretch of one."""

    @property
    def media_bytes(self) -> int: ...  # noqa: D102

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end; raises UnreadableRegionError."""
        ...


class Window:
    """A stretch of an image or of another window, with offsets of its own.

    Attributes:
        around: What it looks at.
        start_bytes: Offset of the window in that.
        media_bytes: Its length; never past the end of what it looks at.
    """

    def __init__(self, source: Readable, start_bytes: int, length_bytes: int) -> None:
        """Look at ``length_bytes`` of ``source`` from ``start_bytes`` on; what lies past its end is cut off."""
        self.around = source
        self.start_bytes = start_bytes
        self.media_bytes = max(0, min(length_bytes, source.media_bytes - start_bytes))

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end of the window.

        Raises:
            UnreadableRegionError: With the offset in the image, not in the window.
        """
        size_bytes = min(size_bytes, self.media_bytes - offset_bytes)
        if offset_bytes < 0 or size_bytes <= 0:
            return b""
        return self.around.read_at(self.start_bytes + offset_bytes, size_bytes)


def peek(source: Readable, offset_bytes: int, size_bytes: int) -> bytes:
    """Bytes to look for a signature in: what can be read of them, nothing where that fails."""
    try:
        return source.read_at(offset_bytes, size_bytes)
    except UnreadableRegionError:
        return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One line of a partition table, or what lies between its lines.

    Attributes:
        slot: Unique in its table: ``p1``, ``u1`` (unallocated), ``m1`` (metadata).
        kind: ``partition``, ``unallocated`` or ``metadata``.
        start_bytes: From the start of the volume that the table divides.
        length_bytes: As declared.
        description: What the table says of it.
    """

    slot: str
    kind: str
    start_bytes: int
    length_bytes: int
    description: str

    def volume(self, parent: str, prefix: str) -> Volume:
        """As a volume in the volume ``parent``; its id is the slot behind ``prefix``."""
        return Volume(
            id=f"{prefix}{self.slot}",
            parent=parent,
            kind=self.kind,
            start_bytes=self.start_bytes,
            length_bytes=self.length_bytes,
            description=self.description,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A partition table as read.

    Attributes:
        table: Its scheme and sector size.
        stretches: In the order of the media, gaps included.
        problems: Damage and contradictions found in it.
    """

    table: PartitionTable
    stretches: tuple[Stretch, ...]
    problems: tuple[Problem, ...] = ()


def with_gaps(stretches: list[Stretch], end_bytes: int, sector_bytes: int) -> tuple[Stretch, ...]:
    """The stretches in the order of the media, with one ``unallocated`` for each gap between the partitions."""
    gaps: list[Stretch] = []
    reached = 0
    partitions = sorted((s for s in stretches if s.kind == "partition"), key=lambda s: (s.start_bytes, -s.length_bytes))
    for start, length in [(s.start_bytes, s.length_bytes) for s in partitions] + [(end_bytes, 0)]:
        if start - reached >= sector_bytes:
            slot = f"u{len(gaps) + 1}"
            gaps.append(
                Stretch(
                    slot=slot,
                    kind="unallocated",
                    start_bytes=reached,
                    length_bytes=start - reached,
                    description="Unallocated",
                )
            )
        reached = max(reached, start + length)
    order = {"metadata": 0, "unallocated": 1, "partition": 2}
    return tuple(sorted([*stretches, *gaps], key=lambda s: (s.start_bytes, order[s.kind], s.slot)))
