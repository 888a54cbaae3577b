"""What every reader of a file system offers to an examination, whichever library or code of ours it stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from evidence.errors import EvidenceError
from evidence.filesystems.base import Counts, FileRow, FileSystem, TimeRule
from evidence.filesystems.content import ContentReader, ContentSource
from evidence.filesystems.listed_folders import ALL, Folders
from evidence.filesystems.ranges import Range
from evidence.images.base import Problem
from evidence.shares import Share


class FileSystemError(EvidenceError):
    """A file system cannot be opened as what its signature says it is."""

    def __init__(self, type: str, why: str) -> None:
        """Keep the type, empty when it was to be found out, and the reader's words."""
        super().__init__(f"the file system {type or 'of unknown type'} cannot be opened: {why}")
        self.type, self.why = type, why


class ListedElsewhereError(FileSystemError):
    """It is a further part of a file system whose files are listed with an earlier partition."""

    def __init__(self, type: str, why: str, opened: Callable[[], OpenedFileSystem]) -> None:
        """Keep the type, the reader's words, and what opens the whole to read what lies in this part only."""
        super().__init__(type, why)
        self.opened = opened


class Lister(Protocol):
    """One walk over a file system."""

    @property
    def counts(self) -> Counts:
        """How many rows of each sort were listed so far."""
        ...

    def run(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        """All rows in batches, a parent before its children, and what could not be read."""
        ...


class OpenedFileSystem(Protocol):
    """An opened file system."""

    @property
    def facts(self) -> FileSystem:
        """What it says of itself, without counts."""
        ...

    @property
    def size_bytes(self) -> int:
        """How much it fills by its own account, at most what there is to read: no content can be larger."""
        ...

    @property
    def declared_bytes(self) -> int:
        """How much it fills by its own account."""
        ...

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """What each time of its rows means."""
        ...

    def remarks(self) -> Sequence[str]:
        """Sentences to be known about it as a whole; asked for after the listing."""
        ...

    def lister(
        self,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
        folders: Folders = ALL,
    ) -> Lister:
        """Prepare to list everything in it.

        Args:
            volume_id: For the rows.
            next_id: Gives each row its id.
            contents: Digests the contents; None to list only.
            on_entries: Called with the number of rows of every batch, and with 0 after a directory.
            share: Which batches' contents are read here; for the others an empty batch is yielded in their place.
            folders: Which directories are listed.
        """
        ...

    def content(self, address: str) -> ContentSource:
        """The content behind the address of a row.

        Raises:
            OSError: There is no such file, or it has no content; the message says what.
            UnreadableRegionError: What says where it lies cannot be read.
        """
        ...

    def unallocated(self) -> ContentSource:
        """What no file uses, one stretch behind the other.

        Raises:
            OSError: It keeps no record of that, or none that is read; the message says which.
            UnreadableRegionError: The record cannot be read.
        """
        ...

    def slack(self, address: str) -> ContentSource:
        """What lies behind the end of a content in the blocks that belong to it; often nothing.

        Raises:
            OSError: There is no such file, or its slack is not read; the message says which.
            UnreadableRegionError: What says where it lies cannot be read.
        """
        ...

    def occupied(self, address: str) -> list[Range]:
        """Where in the volume a content lies, in whatever form it is stored there; nothing of one in a record.

        Raises:
            OSError: There is no such content, or it is not known where it lies; the message says which.
            UnreadableRegionError: What says where it lies cannot be read.
        """
        ...

    def records(self, address: str) -> list[int]:
        """Of NTFS, the numbers of the file records in which attributes of a file stand, its own first; else none.

        Raises:
            OSError: There is no such file, or one of them is damaged; the message says which.
            UnreadableRegionError: One of them cannot be read.
        """
        ...
