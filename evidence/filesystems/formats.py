"""Which file systems are looked for, and which of them are read: one line for each.

The readers are imported when they are first called.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence.filesystems import named, signatures, udf_look
from evidence.filesystems.opened import FileSystemError, OpenedFileSystem
from evidence.filesystems.signatures import Found
from evidence.later import Later
from evidence.volumes.base import Readable
from evidence.volumes.layers import ALONE, Beside


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file system.

    Attributes:
        look: Says what the start of a volume holds; None where the signature is not there.
        open: Opens what ``look`` found; raises FileSystemError. None where it is only named, or opened with others.
        open_beside: Opens one that may lie on several partitions.
    """

    look: Callable[[Readable], Found | None]
    open: Callable[[Readable, Found], OpenedFileSystem] | None = None
    open_beside: Callable[[Readable, Found, Beside], OpenedFileSystem] | None = None

    @property
    def is_read(self) -> bool:
        """Whether there is a reader for it."""
        return self.open is not None or self.open_beside is not None

    def opened(self, source: Readable, found: Found, beside: Beside = ALONE) -> OpenedFileSystem:
        """Open what ``look`` found on ``source``.

        Raises:
            ListedElsewhereError: It is a further part of one whose files are listed with an earlier partition.
            FileSystemError: It cannot be opened.
        """
        if self.open_beside is not None:
            return self.open_beside(source, found, beside)
        if self.open is None:
            raise FileSystemError(found.type, "there is no reader for it in this version")
        return self.open(source, found)


_SLEUTHKIT = Later("evidence.filesystems.sleuthkit", "open_by_signature")
_BTRFS = Later("evidence.filesystems.btrfs_devices", "open_btrfs")

FORMATS: tuple[Format, ...] = (
    Format(signatures.ntfs, _SLEUTHKIT),
    Format(signatures.exfat, _SLEUTHKIT),
    Format(signatures.fat, _SLEUTHKIT),
    Format(signatures.ext, _SLEUTHKIT),
    Format(signatures.hfs_plus, _SLEUTHKIT),
    Format(signatures.hfs, Later("evidence.filesystems.hfs", "open_hfs")),
    Format(signatures.iso9660, Later("evidence.filesystems.iso_main", "open_main")),
    Format(udf_look.look, Later("evidence.filesystems.udf", "open_udf")),
    Format(signatures.ufs, Later("evidence.filesystems.ufs", "open_ufs")),
    Format(signatures.xfs, Later("evidence.filesystems.xfs", "open_xfs")),
    Format(signatures.btrfs, open_beside=_BTRFS),
    Format(signatures.refs),
    Format(signatures.zfs),
    Format(signatures.squashfs, Later("evidence.filesystems.squashfs", "open_squashfs")),
    Format(signatures.swap),
)

BY_COPIES: tuple[Format, ...] = (Format(signatures.btrfs_copy, open_beside=_BTRFS),)
"""What is looked for where nothing else claims a volume: a former file system's copies may outlive its formatting."""

BY_NAME: tuple[Format, ...] = (Format(named.look),)
"""What is looked for where neither claims it: it is told by name, and nothing of it is listed."""

SHARED: tuple[Format, ...] = (Format(signatures.apfs, Later("evidence.filesystems.apfs_space", "open_space")),)
"""What a layer divides into volumes: opened only for what belongs to all of them, which is unallocated space."""


def recognise(source: Readable) -> list[tuple[Found, Format]]:
    """Everything that claims ``source``; more than one where an old signature outlived a new format."""
    return _seen(source, FORMATS) or _seen(source, BY_COPIES) or _seen(source, BY_NAME)


def recognise_shared(source: Readable) -> list[tuple[Found, Format]]:
    """What of :data:`SHARED` claims ``source``."""
    return _seen(source, SHARED)


def _seen(source: Readable, formats: Sequence[Format]) -> list[tuple[Found, Format]]:
    return [(seen, format_) for format_ in formats if (seen := format_.look(source)) is not None]
