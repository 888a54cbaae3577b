"""What a file system is to the rest of the program: its facts, its entries, and the meaning of its times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

FILE_COLUMNS: tuple[str, ...] = (
    "id",
    "volume_id",
    "parent_id",
    "name",
    "name_bytes",
    "path",
    "extension",
    "kind",
    "allocated",
    "realloc",
    "orphan",
    "size_bytes",
    "address",
    "modified_ns",
    "accessed_ns",
    "changed_ns",
    "created_ns",
    "deleted_ns",
    "fn_modified_ns",
    "fn_accessed_ns",
    "fn_changed_ns",
    "fn_created_ns",
    "link_target",
    "md5",
    "sha256",
    "mime",
    "type_text",
    "mismatch",
    "entropy_head_millibits",
    "marks",
    "note",
)
"""The names of a :data:`FileRow`'s values, in order.

``id`` counts from 1 within one examination and a parent comes before its children. ``kind`` is one of
:data:`FILE_KINDS`. Times are nanoseconds since 1970 as found, in the basis that the volume's :class:`TimeRule` of
the same field states; None where the file system keeps no such time or it was never set.
``entropy_head_millibits`` is the Shannon entropy of the first 64 KiB of the content, in thousandths of a bit per byte
(0 to 8000; see :mod:`evidence.entropy`), and ``marks`` are words of :data:`evidence.marks.MARKS`, separated by spaces.
``note`` says why a size, a digest or content is absent or not to be taken at its word.
"""

FileRow: TypeAlias = tuple[
    int,
    str,
    int | None,
    str,
    bytes | None,
    str,
    str,
    str,
    bool,
    bool,
    bool,
    int,
    str,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    int | None,
    str | None,
    bytes | None,
    bytes | None,
    str | None,
    str | None,
    bool,
    int | None,
    str,
    str | None,
]
"""One entry of a file system as a plain tuple, so that it can cross a process border cheaply."""

FILE_KINDS = (
    "file",
    "directory",
    "link",
    "fifo",
    "socket",
    "character",
    "block",
    "stream",
    "metadata",
    "virtual",
)

TIME_FIELDS = (
    "modified",
    "accessed",
    "changed",
    "created",
    "deleted",
    "fn_modified",
    "fn_accessed",
    "fn_changed",
    "fn_created",
)
"""The time columns of a :data:`FileRow` without their ``_ns``, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRule:
    """What one time column of one volume means.

    Attributes:
        volume_id: The volume whose rows it speaks of.
        field: One of :data:`TIME_FIELDS`.
        source: Where the file system keeps it: ``$SI``, ``$FN``, ``inode``, ``directory entry``, ``catalog`` ...
        basis: ``utc``; ``local`` (wall time of an unknown zone); ``date`` (a local date without a time of day).
        resolution_ns: The smallest step that the file system can write.
    """

    volume_id: str
    field: str
    source: str
    basis: str
    resolution_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many entries were listed; each row is counted in exactly one of the first four.

    Attributes:
        files: Allocated rows that are neither directories nor links (streams and metadata files included).
        directories: Allocated directories.
        links: Allocated symbolic links.
        deleted: Rows that are not allocated, orphans included; none of ISO 9660, where such rows stand in another tree
            and count as what they are.
        orphans: Those of the deleted that no longer have a directory.
    """

    files: int
    directories: int
    links: int
    deleted: int
    orphans: int

    @property
    def rows(self) -> int:
        """The number of rows that a complete catalogue of the volume holds."""
        return self.files + self.directories + self.links + self.deleted


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSystem:
    """A file system as it describes itself.

    Attributes:
        type: Lower case: ``fat12 fat16 fat32 exfat ntfs ext2 ext3 ext4 hfs+ iso9660 ufs1 ufs2 yaffs2 xfs apfs`` ...
        block_bytes: The allocation unit (cluster of FAT and exFAT, block of the others); None where not known.
        label: The volume's name; None where it has none.
        serial: Serial number or UUID as text; None where it has none.
        counts: None until the walk is over, and for a file system without a reader.
    """

    type: str
    block_bytes: int | None
    label: str | None
    serial: str | None
    counts: Counts | None = None
