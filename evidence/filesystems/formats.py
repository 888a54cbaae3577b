"""Which file systems are looked for, and which of them are read: one line for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from evidence.filesystems import signatures, sleuthkit, udf
from evidence.filesystems.btrfs import open_btrfs
from evidence.filesystems.opened import OpenedFileSystem
from evidence.filesystems.signatures import Found
from evidence.filesystems.xfs import open_xfs
from evidence.volumes.base import Readable


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file system.

    Attributes:
        look: Says what the start of a volume holds; None where the signature is not there.
        open: Opens what ``look`` found; raises FileSystemError. None where it is only named.
    """

    look: Callable[[Readable], Found | None]
    open: Callable[[Readable, Found], OpenedFileSystem] | None = None


FORMATS: tuple[Format, ...] = (
    Format(signatures.ntfs, sleuthkit.open_by_signature),
    Format(signatures.exfat, sleuthkit.open_by_signature),
    Format(signatures.fat, sleuthkit.open_by_signature),
    Format(signatures.ext, sleuthkit.open_by_signature),
    Format(signatures.hfs_plus, sleuthkit.open_by_signature),
    Format(signatures.hfs),
    Format(signatures.iso9660, sleuthkit.open_by_signature),
    Format(udf.look, udf.open_udf),
    Format(signatures.ufs, sleuthkit.open_by_signature),
    Format(signatures.xfs, open_xfs),
    Format(signatures.btrfs, open_btrfs),
    Format(signatures.refs),
    Format(signatures.zfs),
    Format(signatures.squashfs),
    Format(signatures.linux_raid),
    Format(signatures.swap),
)


def recognise(source: Readable) -> list[tuple[Found, Format]]:
    """Everything that claims ``source``; more than one where an old signature outlived a new format."""
    found = []
    for format_ in FORMATS:
        seen = format_.look(source)
        if seen is not None:
            found.append((seen, format_))
    return found
