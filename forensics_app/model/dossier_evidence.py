"""The half of a dossier that comes from the evidence: exhibits, images, volumes, files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photograph of an exhibit (REQ-11).

    Attributes:
        view: "front", "serial label", "as sealed".
        sha256: Digest of the photograph as stored, not of `jpeg`.
        jpeg: A baseline RGB or grey JPEG made by the child process from the photograph; None with `absent` saying why.
    """

    caption: str
    sha256: bytes
    view: str | None = None
    taken_at: datetime | None = None
    author: str | None = None
    jpeg: bytes | None = None
    absent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seizure:
    """Where, when and by whom an exhibit was seized."""

    place: str | None = None
    at: datetime | None = None
    zone: str | None = None
    by: str | None = None
    witness: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One exhibit; `parent` and `root` are exhibit numbers, None for a thing that was seized itself."""

    number: str
    type: str
    description: str
    parent: str | None = None
    root: str | None = None
    make: str | None = None
    model: str | None = None
    serial: str | None = None
    condition: str | None = None
    seal: str | None = None
    seizure: Seizure | None = None
    received_at: datetime | None = None
    received_from: str | None = None
    state: str | None = None
    holder: str | None = None
    place: str | None = None
    disposition: str | None = None
    clock_offset: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()
    photos: tuple[Photo, ...] = ()
    no_photo_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCheck:
    """One digest of the media: as the container stores it and as computed here; None where there is none.

    Attributes:
        algorithm: "MD5", "SHA-1" or "SHA-256".
    """

    algorithm: str
    stored: bytes | None
    computed: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRegion:
    """A piece of the media, in bytes from its start; `why` says what failed there."""

    offset_bytes: int
    length_bytes: int
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBlock:
    """How writing to the source was prevented; `device` None needs `reason` (REQ-32)."""

    device: str | None = None
    identifier: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeFacts:
    """A volume, partition or gap between them.

    Attributes:
        id: As the catalogue names it, "v0.p1".
        kind: "partition", "unallocated", "whole" and so on.
        start_bytes: From the start of the parent volume.
        file_system: Its type, "ntfs"; None when none was recognised.
        counts: (what, number) pairs, ("files", 1200).
        not_examined: Why it was not examined: "locked (BitLocker)", "no reader for this file system"; None: it was.
    """

    id: str
    kind: str
    start_bytes: int
    length_bytes: int
    parent: str | None = None
    description: str | None = None
    file_system: str | None = None
    label: str | None = None
    serial: str | None = None
    block_bytes: int | None = None
    encryption: str | None = None
    locked: bool = False
    counts: tuple[tuple[str, int], ...] = ()
    not_examined: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """The acquisition or intake of one image and its verification (REQ-24 to REQ-28, REQ-32).

    Attributes:
        exhibit: The number of the exhibit that the image is.
        paths: The segments as opened, in order.
        metadata: What the container says of itself: (label, value) pairs; nobody checked it.
        unreadable: Regions that could not be read; they count as zeros in the digests.
        not_read: Regions that the acquisition could not read, as the container says; they are zeros in it.
        not_read_unknown: Whether the container's list of such regions is damaged, or too long to be kept.
        problems: Damage and warnings found when opening, one sentence each.
        not_catalogued: A sentence why nothing is known of partition table and volumes; None where they were listed.
        verifications: Later re-verifications: (when, result in words) pairs.
        digests_of: What the digests are of: the media, or of logical evidence a file or the contents in it.
        contents_compared: How many files of logical evidence have digests in their container, and were held against
            them at the intake; ``contents_equal`` of them were equal.
    """

    exhibit: str
    container: str
    paths: tuple[str, ...]
    media_bytes: int
    container_bytes: int
    sector_bytes: int
    digests: tuple[DigestCheck, ...]
    segments: int = 1
    source: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    unreadable: Sequence[MediaRegion] = ()
    not_read: Sequence[MediaRegion] = ()
    not_read_unknown: bool = False
    problems: tuple[str, ...] = ()
    write_block: WriteBlock = WriteBlock()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    operator: str | None = None
    tool: str | None = None
    partition_scheme: str | None = None
    volumes: tuple[VolumeFacts, ...] = ()
    not_catalogued: str | None = None
    verifications: tuple[tuple[datetime, str], ...] = ()
    decision: str | None = None
    digests_of: str = "the media"
    contents_compared: int = 0
    contents_equal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTime:
    """One time stamp of a file, as found.

    Attributes:
        label: "Modified", "Created", "Entry changed".
        ns: Nanoseconds since 1970 in the volume's own basis; None with `absent` saying why.
        source: "$SI", "$FN", "inode", "directory entry".
        basis: "utc", "local" (wall clock, no zone stored) or "date" (no time of day stored).
        resolution_ns: The step in which the file system keeps it.
    """

    label: str
    ns: int | None
    source: str
    basis: str
    resolution_ns: int
    absent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedFile:
    """The file that a finding cites, or in whose content or slack the cited bytes lie.

    Attributes:
        reference: How the finding is called, "Finding 3".
        image: Number of the image.
        state: "allocated", "deleted", "deleted, reallocated" or "orphan".
        size_bytes: Of the content; None where bytes of its slack are cited.
        sha256: Of the content, where the catalogue had it when it was cited.
    """

    reference: str
    path: str
    image: str
    volume: str
    address: str
    state: str
    size_bytes: int | None
    sha256: bytes | None = None
    times: tuple[FileTime, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFile:
    """A file that the report is about, printed in full.

    Attributes:
        reference: How the text cites it, "F-3".
        image: Exhibit number of the image.
        name_bytes: The path or name as stored, when it is not what `path` encodes to in UTF-8.
        size_bytes: Size of the content; None with a note.
        digests: (algorithm, digest) pairs.
        thumbnail_jpeg: A small baseline JPEG made by the child process.
        thumbnail_absent: Why there is none, where it is a picture or video.
        still: Of a video, which frame of it the thumbnail is.
        thumbnail_part: Of a picture with several pages or frames, which the thumbnail is.
        hidden: Why nothing of its content is printed, whatever it is (REQ-40).
        note: What is wrong or absent: "content not readable at ...".
    """

    reference: str
    path: str
    image: str
    volume: str
    address: str
    kind: str
    allocated: bool
    size_bytes: int | None
    name_bytes: bytes | None = None
    realloc: bool = False
    orphan: bool = False
    digests: tuple[tuple[str, bytes], ...] = ()
    mime: str | None = None
    type_text: str | None = None
    mismatch: bool = False
    times: tuple[FileTime, ...] = ()
    thumbnail_jpeg: bytes | None = None
    thumbnail_absent: str | None = None
    still: str | None = None
    thumbnail_part: str | None = None
    hidden: str | None = None
    note: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn:
    """What one time of a `FileList` means: the same source, basis and resolution in every row."""

    label: str
    source: str
    basis: str
    resolution_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """One row of a `FileList`; `times_ns` has a place for each of the list's time columns.

    Attributes:
        state: "allocated", "deleted", "deleted, reallocated", "orphan".
    """

    path: str
    address: str
    state: str
    size_bytes: int | None
    times_ns: tuple[int | None, ...]
    sha256: bytes | None = None
    mime: str | None = None
    name_bytes: bytes | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileList:
    """A long list of files of one volume, printed as a table; `rows` may be lazy, and is read in order.

    Attributes:
        selection: What was asked for.
        remarks: What a reader of the result has to know of it, sentences.
        catalogue_sha256: Of the content of the catalogue that it was read out of, as the record has it.
    """

    title: str
    image: str
    volume: str
    selection: str
    time_columns: tuple[TimeColumn, ...]
    rows: Sequence[ListedFile]
    remarks: tuple[str, ...] = ()
    catalogue_sha256: bytes | None = None
