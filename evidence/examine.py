"""One examination: the volumes of an image, their file systems, and every entry in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import TypeAlias

from evidence.digest import OnProgress
from evidence.errors import UnreadableRegionError
from evidence.filesystems import tsk
from evidence.filesystems.base import FileRow, FileSystem, TimeRule
from evidence.filesystems.content import ContentReader
from evidence.filesystems.signatures import Found, recognise
from evidence.filesystems.walk import Walk
from evidence.filetype import TypeFinder
from evidence.images.base import Image, Problem, is_logical
from evidence.shares import Share
from evidence.timestamps import zone_named
from evidence.volumes.base import Division, Readable, Stretch, Volume, Window
from evidence.volumes.tables import divisions_of_media, divisions_of_partition

Seen: TypeAlias = Volume | TimeRule | tuple[FileRow, ...] | Problem

_LOGICAL = (
    "This is logical evidence: files that were chosen and copied, without the volume they came from. It has no "
    "partitions and no file system; the files in it are not listed in this version."
)
_ENCRYPTIONS = {"bitlocker": "BitLocker", "luks": "LUKS", "filevault": "FileVault"}


def examine(
    image: Image,
    *,
    hash_files: bool,
    zone: str = "UTC",
    on_progress: OnProgress = lambda done, total: None,
    share: Share | None = None,
) -> Iterator[Seen]:
    """Everything that is on an image, as it is found, in bounded memory.

    The whole media comes first as ``v0``. A volume comes before its time rules and rows, and again after its last row,
    with the counts of what was listed. Rows come in batches of at most 2,000. What cannot be read or is contradictory
    comes as a problem and ends nothing but itself.

    To be called in a process of its own: the readers parse hostile bytes, and the C library's zone is set to UTC.

    Args:
        image: The opened image.
        hash_files: Digest every content (MD5, SHA-256) and tell its type; otherwise list only.
        zone: Where the wall times of the media were kept; checked here, applied by whoever shows a time.
        on_progress: Called with the number of entries listed so far and 0, for no file system tells how many there are;
            at least after every MiB of content. What it raises passes through.
        share: Which batches are read here, when several processes examine the same image: all of them yield the same,
            but for an empty batch in the place of each one that another process reads.

    Raises:
        UnknownZoneError: The zone is not known.
    """
    zone_named(zone)
    tsk.take_times_as_found()
    yield from _Examination(image, TypeFinder() if hash_files else None, on_progress, share or Share()).run()


class _Examination:
    """The state of one examination: ids, counts, and the places already listed."""

    def __init__(self, image: Image, types: TypeFinder | None, on_progress: OnProgress, share: Share) -> None:
        self._image, self._types, self._on_progress, self._share = image, types, on_progress, share
        self._ids, self._listed = count(1), 0
        self._places: dict[int, str] = {}

    def run(self) -> Iterator[Seen]:
        if is_logical(self._image):
            yield from self._logical()
            return
        media = Window(self._image, 0, self._image.media_bytes)
        divisions, problems = divisions_of_media(media, self._image.sector_bytes)
        whole = Volume(
            id="v0",
            parent=None,
            kind="whole",
            start_bytes=0,
            length_bytes=self._image.media_bytes,
            description="Whole media",
            partition_table=divisions[0].table if divisions else None,
        )
        yield from self._volume(whole, media, 0, bool(divisions))
        yield from problems
        for index, division in enumerate(divisions):
            prefix = "v0." if index == 0 else f"v0.{division.table.scheme}-"
            yield from self._division(division, "v0", prefix, media, 0)

    def _logical(self) -> Iterator[Seen]:
        """The media as it is: a file system found in the content of a file would be taken for the source's own."""
        yield Volume(
            id="v0",
            parent=None,
            kind="whole",
            start_bytes=0,
            length_bytes=self._image.media_bytes,
            description="Logical evidence: contents of files, without a file system",
        )
        yield Problem(what=_LOGICAL, where="v0", offset_bytes=None, is_damage=False)

    def _division(
        self, division: Division, parent: str, prefix: str, source: Readable, parent_start: int
    ) -> Iterator[Seen]:
        """The volumes of one table; partitions may be divided again by a label of their own."""
        for stretch in division.stretches:
            volume = _of_stretch(stretch, parent, prefix)
            if stretch.kind != "partition":
                yield volume
                continue
            start = parent_start + stretch.start_bytes
            window = Window(source, stretch.start_bytes, source.media_bytes)  # a file system may outgrow its partition
            inner: list[Division] = []
            if parent == "v0" and stretch.start_bytes > 0:
                narrow = Window(source, stretch.start_bytes, stretch.length_bytes)
                inner = divisions_of_partition(narrow, division.table.sector_bytes, start)
            if inner:
                volume = replace(volume, partition_table=inner[0].table)
            if start in self._places or start < 0:
                yield volume  # another table names the same place; its file system is listed there
            else:
                yield from self._volume(volume, window, start, bool(inner))
            for index, deeper in enumerate(inner):
                yield from deeper.problems
                deeper_prefix = f"{volume.id}." if index == 0 else f"{volume.id}.{deeper.table.scheme}-"
                yield from self._division(deeper, volume.id, deeper_prefix, window, start)

    def _volume(self, volume: Volume, window: Window, start: int, divided: bool) -> Iterator[Seen]:
        """A volume with the file system at its start; with several, the others as volumes over the same bytes."""
        try:
            found = recognise(window)
        except UnreadableRegionError as error:
            found = []
            yield Problem(what=f"The start cannot be read: {error}", where=volume.id, offset_bytes=error.offset_bytes)
        locked = next((item for item in found if item.encryption), None)
        if locked is not None:
            self._places[start] = volume.id
            yield replace(volume, encryption=locked.encryption, locked=True)
            name = _ENCRYPTIONS[locked.encryption or ""]
            what = f"{name}: no reader for it in this version: what it holds is not listed."
            yield Problem(what=what, where=volume.id, offset_bytes=start, is_damage=False)
            return
        if not found:
            yield from self._by_trial(volume, window, start, divided)
            return
        self._places[start] = volume.id
        if len(found) > 1:
            names = ", ".join(item.type for item in found)
            what = f"More than one file system claims this volume ({names}); each is listed on its own."
            yield Problem(what=what, where=volume.id, offset_bytes=start, is_damage=False)
        yield from self._file_system(volume, window, start, found[0])
        for other in found[1:]:
            reading = Volume(
                id=f"{volume.id}.{other.type}",
                parent=volume.id,
                kind=volume.kind,
                start_bytes=0,
                length_bytes=volume.length_bytes,
                description=f"The same bytes read as {other.type}",
            )
            yield from self._file_system(reading, window, start, other)

    def _by_trial(self, volume: Volume, window: Window, start: int, divided: bool) -> Iterator[Seen]:
        """No signature is known: the reader may know more, such as the backup of a boot sector, or YAFFS2."""
        try:
            opened = None if divided else tsk.TskFileSystem(window, None)
        except tsk.FileSystemError:
            opened = None
        if opened is None:
            yield volume
        else:
            self._places[start] = volume.id
            yield from self._list(replace(volume, file_system=opened.facts), opened)

    def _file_system(self, volume: Volume, window: Window, start: int, found: Found) -> Iterator[Seen]:
        facts = FileSystem(
            type=found.type, block_bytes=found.block_bytes, label=found.label, serial=found.serial, counts=None
        )
        if found.type not in tsk.READS:
            yield replace(volume, file_system=facts)
            what = f"{found.type}: no reader for it in this version: its files are not listed."
            yield Problem(what=what, where=volume.id, offset_bytes=start, is_damage=False)
            return
        try:
            opened = tsk.TskFileSystem(window, found)
        except tsk.FileSystemError as error:
            yield replace(volume, file_system=facts)
            what = f"{found.type} is recognised but cannot be opened, its files are not listed: {error.why}"
            yield Problem(what=what, where=volume.id, offset_bytes=start)
            return
        size = found.size_bytes or opened.declared_bytes
        yield from self._list(replace(volume, file_system=opened.facts), opened)
        for limit, name in ((window.media_bytes, "the media"), (volume.length_bytes, "its volume")):
            if size > limit:
                what = f"The file system declares {size} bytes, but {name} ends after {limit}."
                yield Problem(what=what, where=volume.id, offset_bytes=start + limit)
                break

    def _list(self, volume: Volume, opened: tsk.TskFileSystem) -> Iterator[Seen]:
        """Rules, rows, problems, and the volume again with its counts."""
        yield volume
        yield from opened.time_rules(volume.id)
        contents = ContentReader(opened, self._types, self._chunk) if self._types else None
        walk = Walk(opened, volume.id, self._ids.__next__, contents, self._entries, self._share)
        yield from walk.run()
        for remark in opened.zone_remarks():
            yield Problem(what=remark, where=volume.id, offset_bytes=None, is_damage=False)
        if volume.file_system is not None:
            yield replace(volume, file_system=replace(volume.file_system, counts=walk.counts))

    def _entries(self, entries: int) -> None:
        self._listed += entries
        self._on_progress(self._listed, 0)

    def _chunk(self) -> None:
        self._on_progress(self._listed, 0)


def _of_stretch(stretch: Stretch, parent: str, prefix: str) -> Volume:
    return Volume(
        id=f"{prefix}{stretch.slot}",
        parent=parent,
        kind=stretch.kind,
        start_bytes=stretch.start_bytes,
        length_bytes=stretch.length_bytes,
        description=stretch.description,
    )
