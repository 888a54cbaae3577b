"""The catalogue of an image: what was found in it, as the screens and reports see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from evidence.filesystems.base import FILE_COLUMNS as FILE_COLUMNS
from evidence.filesystems.base import FILE_KINDS as FILE_KINDS
from evidence.filesystems.base import TIME_FIELDS as TIME_FIELDS
from evidence.filesystems.base import Counts as Counts
from evidence.filesystems.base import FileRow as FileRow
from evidence.filesystems.base import FileSystem as FileSystem
from evidence.filesystems.base import TimeRule as TimeRule
from evidence.images.base import Problem as Problem
from evidence.volumes.base import PartitionTable as PartitionTable
from evidence.volumes.base import Volume as Volume
from forensics_app.errors import AppError
from forensics_app.model.filter_language.tree import Expression


class CatalogueError(AppError):
    """A catalogue cannot be used. It is derived from the image and can be built again."""

    kept = "The record and the evidence are not touched."
    then = "Build the catalogue of this image again."


class CatalogueMissingError(CatalogueError):
    """There is no catalogue."""

    then = "Build the catalogue of this image."


class CatalogueUnfinishedError(CatalogueError):
    """The catalogue is being built, or its building was interrupted."""

    then = "Wait until the catalogue is finished; if nothing builds it, start it again."


class CatalogueBusyError(CatalogueError):
    """The catalogue is being built by another program, or in another window."""

    then = "Wait until it is finished."


class CatalogueChangedError(CatalogueError):
    """The examination does not go on where the unfinished catalogue ends, so it has to begin anew."""


class CatalogueDamagedError(CatalogueError):
    """The file is no catalogue, is cut off or does not hold together."""


class CatalogueReplacedError(CatalogueError):
    """The catalogue was built anew while it was open: what was read of it and what would be read may differ."""

    then = "Open the image again; it then shows the new catalogue."


class CatalogueNotRecordedError(CatalogueError):
    """The catalogue is not the one that the record tells of: of another image, built elsewhere, or put there."""

    then = "Build the catalogue of this image again, and verify the lab to see what else differs."


class CatalogueNewerError(CatalogueError):
    """The catalogue was written by a newer program."""

    then = "Open it with the newer version of the program, or build the catalogue of this image again."


class CatalogueOlderError(CatalogueError):
    """The catalogue was written by an older program, and says less than this one needs."""


class CatalogueWriteError(CatalogueError):
    """The catalogue cannot be written: no room, no permission, or an entry that is none."""

    kept = (
        "No complete catalogue was made; what was written before is kept. The record and the evidence are not touched."
    )
    then = "Check that the disk has room and lets you write, then build the catalogue again."


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueHeader:
    """What a catalogue says of its own making.

    Attributes:
        created_at: When its building began, UTC.
        program: Name and version of the program that built it.
        libraries: Names and versions of what it read with.
        image_digests: Of the media, by algorithm, as known when it was built.
        zone: The zone that local time stamps are put to UTC with when they are shown.
        content_examined: Whether the content of files was digested and its type found out.
        archives_opened: Whether what lies in archives was listed too.
    """

    created_at: datetime
    program: str
    libraries: Mapping[str, str]
    image_digests: Mapping[str, bytes]
    zone: str
    content_examined: bool
    archives_opened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSummary:
    """What was written."""

    entries: int
    volumes: int
    problems: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One time as found in a file system.

    Attributes:
        ns: Nanoseconds since 1970 in ``basis``.
        source: Where the file system keeps it: ``$SI``, ``$FN``, ``inode``, ``directory entry`` ...
        basis: ``utc``; ``local``, the wall time of a zone that the file system does not tell; ``date``, a local date.
        resolution_ns: The smallest step it can have.
    """

    ns: int
    source: str
    basis: str
    resolution_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """One entry of a file system, allocated or not.

    Attributes:
        id: Within its catalogue; the same whenever the catalogue is built again.
        parent_id: The folder it lies in; None for the root.
        name_bytes: The name as stored, where that is not valid text.
        path: Inside its volume; an alternate data stream is ``/folder/name:stream``.
        kind: One of :data:`FILE_KINDS`.
        address: What the file system calls it, such as ``36-128-4`` or ``12``.
        times: By field of :data:`TIME_FIELDS`; one that is not there was not kept or never set.
        mismatch: The extension says another type than the content.
        entropy_head_millibits: Of the first 64 KiB of the content, in thousandths of a bit per byte, 0 to 8000.
        marks: Words of :data:`evidence.marks.MARKS`, separated by spaces.
        note: Why a size, digest or content is absent or not to be taken at its word.
    """

    id: int
    volume_id: str
    parent_id: int | None
    name: str
    name_bytes: bytes | None
    path: str
    extension: str
    kind: str
    allocated: bool
    realloc: bool
    orphan: bool
    size_bytes: int
    address: str
    times: Mapping[str, Stamp]
    link_target: str | None
    md5: bytes | None
    sha256: bytes | None
    mime: str | None
    type_text: str | None
    mismatch: bool
    entropy_head_millibits: int | None
    marks: str
    note: str | None

    def time(self, field_name: str) -> Stamp | None:
        """The stamp of one of :data:`TIME_FIELDS`."""
        return self.times.get(field_name)


class SortColumn(StrEnum):
    """What entries can be sorted by; the order of names and paths ignores the case of ASCII letters."""

    ID = "id"
    NAME = "name"
    PATH = "path"
    EXTENSION = "extension"
    KIND = "kind"
    SIZE = "size_bytes"
    ADDRESS = "address"
    MODIFIED = "modified_ns"
    ACCESSED = "accessed_ns"
    CHANGED = "changed_ns"
    CREATED = "created_ns"
    DELETED = "deleted_ns"
    FN_MODIFIED = "fn_modified_ns"
    FN_ACCESSED = "fn_accessed_ns"
    FN_CHANGED = "fn_changed_ns"
    FN_CREATED = "fn_created_ns"
    MD5 = "md5"
    SHA256 = "sha256"
    MIME = "mime"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueQuery:
    """Which entries, in which order. What is None or empty does not narrow.

    Attributes:
        volume_id: Entries of this volume, and of the archives in it.
        folder_id: Entries in this folder or archive; with ``recursive`` also those below its folders.
        holding: Only what has entries in it: folders, and archives that were opened.
        top: Only what lies in no folder: the uppermost entries of a volume.
        filter: What the filter language says; only where that can be told.
        deleted: Only what is not allocated, or only what is.
        kinds: Any of these.
        mime: Exactly this type; "" is those whose type is not known.
        mime_prefix: Such as ``image/``.
        extension: Lower case without the dot; "" is those without one.
        sort: Entries that have no value in this column come first, and last when ``descending``.
    """

    volume_id: str | None = None
    folder_id: int | None = None
    recursive: bool = False
    holding: bool = False
    top: bool = False
    filter: Expression | None = None
    deleted: bool | None = None
    orphan: bool | None = None
    kinds: tuple[str, ...] = ()
    mime: str | None = None
    mime_prefix: str = ""
    extension: str | None = None
    mismatch: bool | None = None
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    sort: SortColumn = SortColumn.ID
    descending: bool = False

    @property
    def narrows(self) -> bool:
        """Whether it leaves anything out."""
        return any(
            value is not None and value != "" and value != ()
            for value in (
                self.volume_id, self.folder_id, self.filter, self.deleted, self.orphan,
                self.kinds, self.mime_prefix, self.mismatch, self.min_size_bytes, self.max_size_bytes,
            )
        ) or self.holding or self.top or self.mime is not None or self.extension is not None  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMark:
    """Where a page ended: the sorted value and the id of its last entry."""

    value: int | str | bytes | None
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePage:
    """Entries in order, and where the next page begins; None behind the last."""

    entries: tuple[CatalogueEntry, ...] = field(default=())
    next: PageMark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeCount:
    """How many entries of one volume are of one type and extension."""

    volume_id: str
    kind: str
    mime: str | None
    extension: str
    allocated: bool
    entries: int
