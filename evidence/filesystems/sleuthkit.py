"""File systems of The Sleuth Kit as an examination wants them: listed, and read by address."""

from __future__ import annotations

from collections.abc import Callable

from evidence.filesystems.content import ContentReader
from evidence.filesystems.signatures import Found
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import TskContent
from evidence.filesystems.walk import Walk
from evidence.shares import Share
from evidence.volumes.base import Readable


class SleuthKitFileSystem(TskFileSystem):
    """An opened file system; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    def lister(
        self,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
    ) -> Walk:
        """Prepare to list everything in it."""
        return Walk(self, volume_id, next_id, contents, on_entries, share)

    def content(self, address: str) -> TskContent:
        """The content behind ``12`` or ``36-128-4``; raises OSError where there is none."""
        record, attribute = _parts(address)
        handle = self.open_record(record)
        if handle is None:
            raise OSError("there is no such file")
        size = int(handle.info.meta.size) if attribute is None else None
        for found in handle if attribute is not None else ():
            if (int(found.info.type), int(found.info.id)) == attribute:
                size = int(found.info.size)
        if size is None:
            raise OSError("the file has no such attribute")
        valid = self.valid_bytes(record)
        return TskContent(opened=self, handle=handle, attribute=attribute, size_bytes=size, valid_bytes=valid)


def open_by_signature(source: Readable, found: Found) -> SleuthKitFileSystem:
    """Open what a signature found; raises FileSystemError."""
    return SleuthKitFileSystem(source, found)


def open_by_trial(source: Readable) -> SleuthKitFileSystem:
    """Let the reader look for a file system that no signature told; raises FileSystemError."""
    return SleuthKitFileSystem(source, None)


def _parts(address: str) -> tuple[int, tuple[int, int] | None]:
    """Number of the record, and type and number of the attribute if the address names one."""
    parts = address.split("-")
    if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts) or len(parts) not in (1, 3):
        raise OSError("that is no address of a file")
    numbers = [int(part) for part in parts]
    return numbers[0], (numbers[1], numbers[2]) if len(numbers) == 3 else None
