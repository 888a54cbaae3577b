"""The main reading of an ISO 9660 disc: by The Sleuth Kit, or by a reader of our own where that cannot open it.

The Sleuth Kit refuses a disc on which a directory has a Joliet name of more than 64 characters, for one.
"""

from __future__ import annotations

from evidence.filesystems import sleuthkit
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.iso import Descriptor, IsoTree, descriptors
from evidence.filesystems.opened import FileSystemError, OpenedFileSystem
from evidence.filesystems.signatures import Found
from evidence.volumes.base import Readable


class _Instead(IsoTree):
    """The primary tree with its plain names, and why it is read so."""

    def __init__(self, source: Readable, descriptor: Descriptor, why: str) -> None:
        super().__init__(source, descriptor, is_plain=True)
        self._why = why

    def remarks(self) -> tuple[str, ...]:
        return (f"The Sleuth Kit cannot open this disc ({self._why}); a reader of our own lists its primary tree.",)


def open_main(source: Readable, found: Found) -> OpenedFileSystem:
    """Open what a signature found; without The Sleuth Kit the primary tree with its plain names.

    Raises:
        FileSystemError: Neither reader can open it; the words are those of The Sleuth Kit.
    """
    try:
        return sleuthkit.open_by_signature(source, found)
    except FileSystemError as error:
        primary = next((one for one in descriptors(source)[0] if one.kind == "primary"), None)
        if primary is None:
            raise
        try:
            return _Instead(source, primary, error.why)
        except UNREADABLE:
            raise error from None
