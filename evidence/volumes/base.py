"""Volumes: stretches of the media that may hold a file system or further volumes."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.filesystems.base import FileSystem


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
