"""One examination: the volumes of an image, their file systems, and every entry in them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

from evidence.attempts import ARCHIVE, DIGEST, LIST, LOOK, NOTHING, OPEN, Avoid
from evidence.course import Course, WatchedContents
from evidence.digest import OnProgress
from evidence.errors import UnreadableRegionError
from evidence.filesystems import btrfs_joined, sleuthkit, tsk
from evidence.filesystems.base import FileRow, FileSystem, TimeRule
from evidence.filesystems.content import CHUNK_BYTES, ContentReader
from evidence.filesystems.few import Few
from evidence.filesystems.formats import Format, recognise
from evidence.filesystems.opened import FileSystemError, ListedElsewhereError, OpenedFileSystem
from evidence.filesystems.signatures import Found
from evidence.filetype import TypeFinder
from evidence.images.base import Image, Problem, is_logical
from evidence.keys import NO_KEYS, Keys
from evidence.later import Later
from evidence.shares import Share
from evidence.timestamps import zone_named
from evidence.volumes.base import Division, Readable, Volume, Window
from evidence.volumes.layers import ALONE, DIVIDED, Beside, Inner, Layer, siblings
from evidence.volumes.tables import divisions_of_media, divisions_of_partition, layers_of, neighbours

if TYPE_CHECKING:
    from evidence.filesystems.archives import Archives

Seen: TypeAlias = Volume | TimeRule | tuple[FileRow, ...] | Problem

MAX_NESTING = 16
_TOLD_BEHIND_BYTES = 1 << 20
"""Less than this behind the end of a file system is the rounding of what made it."""
_ARCHIVES = Later("evidence.filesystems.archives", "Archives")
_TREE_OF = Later("evidence.filesystems.logical", "tree_of")
_LOGICAL = (
    "This is logical evidence: files that were chosen and copied, without the volume they came from. It has no "
    "partitions and no file system."
)
_DIGESTED = frozenset({"decrypted", "logical", "snapshot"})


def examine(
    image: Image,
    *,
    hash_files: bool,
    hash_volumes: bool = False,
    zone: str = "UTC",
    keys: Keys = NO_KEYS,
    on_progress: OnProgress = lambda done, total: None,
    share: Share | None = None,
    avoid: Avoid = NOTHING,
    on_place: Callable[[str], None] = lambda text: None,
    archives: bool = False,
) -> Iterator[Seen]:
    """Everything that is on an image, as it is found, in bounded memory.

    The whole media comes first as ``v0``. A volume comes before its time rules and rows, and again after its last row,
    with the counts of what was listed, and once more with its digests where it has some. Rows come in batches of at
    most 2,000. What cannot be read or is contradictory comes as a problem and ends nothing but itself.

    To be called in a process of its own: the readers parse hostile bytes, and the C library's zone is set to UTC.

    Args:
        image: The opened image.
        hash_files: Digest every content (MD5, SHA-256) and tell its type; otherwise list only.
        hash_volumes: Digest each volume whose bytes are nowhere on the media as they are: decrypted and logical ones,
            and snapshots.
        zone: Where the wall times of the media were kept; checked here, applied by whoever shows a time.
        keys: Tried on every locked volume.
        on_progress: Called with the number of entries listed so far and 0, for no file system tells how many there are;
            at least after every MiB of content. What it raises passes through.
        share: Which batches are read here, when several processes examine the same image: all of them yield the same,
            but for an empty batch in the place of each one that another process reads, and for the digests of volumes,
            which the first of them computes.
        avoid: What earlier attempts ended at; left out, and told by a problem or a note. The batches that they yielded
            come as empty ones.
        on_place: Takes a line that tells the step about to be taken, for :mod:`evidence.attempts`.
        archives: With ``hash_files``, also list what lies in archives (:mod:`evidence.filesystems.archives`): behind
            the rows of a batch, of which there are more then.

    Raises:
        UnknownZoneError: The zone is not known.
    """
    zone_named(zone)
    tsk.take_times_as_found()
    types = TypeFinder() if hash_files else None
    share = share or Share()
    course = Course(avoid, share, on_place)
    examination = _Examination(image, types, keys, on_progress, share, course, archives=archives)
    yield from examination.run()
    if hash_volumes and share.is_first:
        yield from examination.digest_volumes()


class _Examination:
    """The state of one examination: ids, counts, and the places already listed."""

    def __init__(
        self,
        image: Image,
        types: TypeFinder | None,
        keys: Keys,
        on_progress: OnProgress,
        share: Share,
        course: Course,
        *,
        archives: bool,
    ) -> None:
        self._image, self._types, self._keys = image, types, keys
        self._on_progress, self._share, self._course = on_progress, share, course
        self._ids, self._listed = count(1), 0
        self._places: set[tuple[str, int]] = set()
        self._to_digest: dict[str, tuple[Volume, Readable]] = {}
        self._archives: Archives | None = _ARCHIVES(types, self._chunk) if types and archives else None

    def run(self) -> Iterator[Seen]:
        media = Window(self._image, 0, self._image.media_bytes)
        whole = Volume(
            id="v0",
            parent=None,
            kind="whole",
            start_bytes=0,
            length_bytes=self._image.media_bytes,
            description="Whole media",
        )
        if is_logical(self._image):
            yield from self._logical(whole)
            return
        for item in self._media(whole, media, 0):
            if isinstance(item, Volume) and item.id in self._to_digest:
                self._to_digest[item.id] = (item, self._to_digest[item.id][1])
            yield item

    def digest_volumes(self) -> Iterator[Seen]:
        """Once all is listed: the volumes with their digests."""
        for volume, source in self._to_digest.values():
            yield from self._digest(volume, source)

    def _logical(self, whole: Volume) -> Iterator[Seen]:
        """The media as it is: a file system found in the content of a file would be taken for the source's own."""
        volume = replace(whole, description="Logical evidence")
        try:
            tree = _TREE_OF(self._image)
        except FileSystemError as error:
            yield volume
            what = f"The files in it are not listed: {error.why}"
            yield Problem(what=what, where="v0", offset_bytes=None)
            return
        yield from self._list(replace(volume, file_system=tree.facts), tree)
        yield Problem(what=_LOGICAL, where="v0", offset_bytes=None, is_damage=False)

    def _media(self, volume: Volume, media: Window, depth: int, beside: Beside = ALONE) -> Iterator[Seen]:
        """A volume that is a media of its own: divided by partition tables, or with a layer or file system."""
        why = self._course.stops(volume.id, LOOK)
        if why is not None:
            yield from _left_out(volume, why)
            return
        divisions, problems = divisions_of_media(media, self._image.sector_bytes)
        if divisions:
            volume = replace(volume, partition_table=divisions[0].table)
        root = volume.id
        joined = btrfs_joined.behind(media, divisions)
        if joined.later:
            beside = joined
            yield btrfs_joined.remark(joined, volume.id)
        yield from self._volume(volume, media, media, beside, (root, 0), bool(divisions), depth)
        yield from _at(problems, None)
        for index, division in enumerate(divisions):
            prefix = f"{root}." if index == 0 else f"{root}.{division.table.scheme}-"
            yield from self._division(division, root, prefix, media, (root, 0), depth)

    def _division(
        self, division: Division, parent: str, prefix: str, source: Readable, place: tuple[str, int], depth: int
    ) -> Iterator[Seen]:
        """The volumes of one table; partitions may be divided again by a label of their own."""
        for index, stretch in enumerate(division.stretches):
            volume = stretch.volume(parent, prefix)
            if stretch.kind != "partition":
                yield volume
                continue
            why = self._course.stops(volume.id, LOOK)
            if why is not None:
                yield from _left_out(volume, why)
                continue
            root, start = place[0], place[1] + stretch.start_bytes
            window = Window(source, stretch.start_bytes, source.media_bytes)  # a file system may outgrow its partition
            narrow = Window(source, stretch.start_bytes, stretch.length_bytes)
            inner: list[Division] = []
            if parent == root and stretch.start_bytes > 0:
                inner = divisions_of_partition(narrow, division.table.sector_bytes, start)
            if inner:
                volume = replace(volume, partition_table=inner[0].table)
            if (root, start) in self._places or start < 0:
                yield volume  # another table names the same place; its file system is listed there
            else:
                beside = neighbours(division, index, source)
                yield from self._volume(volume, window, narrow, beside, (root, start), bool(inner), depth)
            for number, deeper in enumerate(inner):
                yield from deeper.problems
                deeper_prefix = f"{volume.id}." if number == 0 else f"{volume.id}.{deeper.table.scheme}-"
                yield from self._division(deeper, volume.id, deeper_prefix, window, (root, start), depth)

    def _volume(
        self,
        volume: Volume,
        window: Window,
        narrow: Window,
        beside: Beside,
        place: tuple[str, int],
        divided: bool,
        depth: int,
    ) -> Iterator[Seen]:
        """A volume with what lies at its start: a layer, or file systems with the layers beside them."""
        beside = replace(beside, on_step=self._chunk)
        layers, unread = layers_of(narrow, self._keys, beside.for_layers)
        try:
            found = recognise(window)
        except UnreadableRegionError as error:
            found, unread = [], [*unread, error]
        for said, failure in {str(failure): failure for failure in unread}.items():
            what = f"Not all that this volume may hold could be looked for, for it cannot be read: {said}"
            yield Problem(what=what, where=volume.id, offset_bytes=failure.offset_bytes)
        main = next((layer for layer in layers if not layer.is_beside), None)
        if main is not None:
            self._places.add(place)
            yield replace(volume, encryption=main.encryption, locked=main.locked, file_system=main.facts)
            yield from self._layer(volume, main, depth)
        elif found:
            self._places.add(place)
            yield from self._file_systems(volume, window, beside, found, place[1])
        else:
            yield from self._by_trial(volume, window, place, divided)
        for layer in layers:
            if layer.is_beside and volume.kind != "snapshot":  # a snapshot shows the list of older ones, not their data
                yield from self._layer(volume, layer, depth)

    def _layer(self, volume: Volume, layer: Layer, depth: int) -> Iterator[Seen]:
        yield from _at(layer.problems, volume.id)
        for inner in layer.volumes:
            yield from self._inner(volume, inner, depth + 1, siblings(layer.volumes, inner))

    def _inner(self, parent: Volume, inner: Inner, depth: int, beside: Beside = ALONE) -> Iterator[Seen]:
        """A volume that a layer shows, and everything in it."""
        volume = Volume(
            id=f"{parent.id}.{inner.slot}",
            parent=parent.id,
            kind=inner.kind,
            start_bytes=0,
            length_bytes=inner.length_bytes,
            description=inner.description,
            encryption=inner.encryption,
            locked=inner.locked,
            snapshot_time_ns=inner.snapshot_time_ns,
        )
        if inner.source is not None and inner.kind in _DIGESTED:
            self._to_digest[volume.id] = (volume, inner.source)
        if depth > MAX_NESTING:
            yield volume
            what = f"Volumes lie in each other more than {MAX_NESTING} deep; what is in this one is not listed."
            yield Problem(what=what, where=volume.id, offset_bytes=None)
            return
        if inner.file_system is not None:
            facts = inner.file_system.facts
            yield from self._list(replace(volume, file_system=facts), inner.file_system)
        elif inner.source is None:
            yield volume
        else:
            media = Window(inner.source, 0, inner.source.media_bytes)
            if inner.kind in DIVIDED:
                yield from self._media(volume, media, depth, beside)
            elif (why := self._course.stops(volume.id, LOOK)) is not None:
                yield from _left_out(volume, why)
            else:
                yield from self._volume(volume, media, media, ALONE, (volume.id, 0), False, depth)
        yield from _at(inner.problems, volume.id)
        for deeper in inner.inner:
            yield from self._inner(volume, deeper, depth + 1)

    def _file_systems(
        self, volume: Volume, window: Window, beside: Beside, found: Sequence[tuple[Found, Format]], start: int
    ) -> Iterator[Seen]:
        """The file system of a volume; with several, the others as volumes over the same bytes."""
        if len(found) > 1:
            names = ", ".join(item.type for item, _ in found)
            what = f"More than one file system claims this volume ({names}); each is listed on its own."
            yield Problem(what=what, where=volume.id, offset_bytes=start, is_damage=False)
        yield from self._file_system(volume, window, beside, start, *found[0])
        for other, format_ in found[1:]:
            reading = Volume(
                id=f"{volume.id}.{other.type}",
                parent=volume.id,
                kind=volume.kind,
                start_bytes=0,
                length_bytes=volume.length_bytes,
                description=f"The same bytes read as {other.type}",
            )
            yield from self._file_system(reading, window, beside, start, other, format_)

    def _by_trial(self, volume: Volume, window: Window, place: tuple[str, int], divided: bool) -> Iterator[Seen]:
        """No signature is known: the reader may know more, such as the backup of a boot sector, or YAFFS2."""
        try:
            opened = None if divided else sleuthkit.open_by_trial(window)
        except FileSystemError:
            opened = None
        if opened is None:
            yield volume
        else:
            self._places.add(place)
            yield from self._list(replace(volume, file_system=opened.facts), opened)

    def _file_system(
        self, volume: Volume, window: Window, beside: Beside, start: int, found: Found, format_: Format
    ) -> Iterator[Seen]:
        facts = FileSystem(
            type=found.type, block_bytes=found.block_bytes, label=found.label, serial=found.serial, counts=None
        )
        if not format_.is_read:
            yield replace(volume, file_system=facts)
            what = f"{found.type}: no reader for it in this version: its files are not listed."
            yield Problem(what=what, where=volume.id, offset_bytes=start, is_damage=False)
            return
        why = self._course.stops(volume.id, OPEN)
        if why is not None:
            yield from _left_out(replace(volume, file_system=facts), why)
            return
        try:
            opened = format_.opened(window, found, beside)
        except ListedElsewhereError as elsewhere:
            yield replace(volume, file_system=facts)
            yield Problem(what=elsewhere.why, where=volume.id, offset_bytes=None, is_damage=False)
            return
        except FileSystemError as error:
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
                return
        behind = volume.length_bytes - size
        if size and behind >= _TOLD_BEHIND_BYTES:
            what = (
                f"The file system ends at byte {size} of its volume; the {behind} bytes behind it are not part of it."
            )
            yield Problem(what=what, where=volume.id, offset_bytes=start + size, is_damage=False)

    def _list(self, volume: Volume, opened: OpenedFileSystem) -> Iterator[Seen]:
        """Rules, rows, problems, and the volume again with its counts."""
        yield volume
        yield from opened.time_rules(volume.id)
        contents = self._contents(volume.id)
        walk = opened.lister(
            volume.id, self._ids.__next__, contents, self._entries, self._share, self._course.folders(volume.id)
        )
        few, why = Few(), self._course.stops(volume.id, LIST)
        if why is None:
            for item in few.of(walk.run()):
                if isinstance(item, Problem):
                    yield item
                    continue
                told, rows = self._with_members(volume.id, item, opened)
                yield from (*told, rows)
                if (why := self._course.stops(volume.id, LIST)) is not None:
                    break
        yield from few.left_out()
        if why is not None:
            yield Problem(what=why, where=volume.id, offset_bytes=None)
        yield from self._left_unread(volume.id)
        for remark in opened.remarks():
            yield Problem(what=remark, where=volume.id, offset_bytes=None, is_damage=False)
        if volume.file_system is not None:
            yield replace(volume, file_system=replace(volume.file_system, counts=walk.counts))

    def _with_members(
        self, volume_id: str, rows: tuple[FileRow, ...], opened: OpenedFileSystem
    ) -> tuple[tuple[Volume | TimeRule | Problem, ...], tuple[FileRow, ...]]:
        """A batch with what lies in its archives, but for those that an earlier attempt ended at."""
        if self._archives is None or not rows:
            return (), rows
        base_id = volume_id + self._archives.mark

        def why_closed(row_id: int) -> str | None:
            return self._course.why_unread(base_id, 0, row_id, ARCHIVE)

        return self._archives.with_members(rows, opened, why_closed)

    def _left_unread(self, volume_id: str) -> Iterator[Problem]:
        """That contents or archives of a volume were left out."""
        contents = self._course.summary(volume_id, "content", "contents")
        within = self._archives and volume_id + self._archives.mark
        archives = self._course.summary(within, "archive", "archives") if within else None
        for what in filter(None, (contents, archives)):
            yield Problem(what=what, where=volume_id, offset_bytes=None)

    def _contents(self, volume_id: str) -> ContentReader | None:
        if self._types is None:
            return None
        files_bytes = self._image.container_bytes
        return WatchedContents(self._types, self._chunk, volume_id, self._course, self._share, files_bytes)

    def _digest(self, volume: Volume, source: Readable) -> Iterator[Seen]:
        """The digests of a volume whose bytes are nowhere on the media as they are."""
        why = self._course.stops(volume.id, DIGEST)
        if why is not None:
            yield Problem(what=why, where=volume.id, offset_bytes=None)
            return
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        for offset in range(0, source.media_bytes, CHUNK_BYTES):
            try:
                chunk = source.read_at(offset, CHUNK_BYTES)
            except UnreadableRegionError as error:
                what = f"The volume is not digested, for it cannot be read whole: {error}"
                yield Problem(what=what, where=volume.id, offset_bytes=error.offset_bytes)
                return
            md5.update(chunk)
            sha256.update(chunk)
            self._chunk()
        yield replace(volume, md5=md5.digest(), sha256=sha256.digest())

    def _entries(self, entries: int) -> None:
        if entries:
            self._course.add_batch()
        self._listed += entries
        self._on_progress(self._listed, 0)

    def _chunk(self) -> None:
        self._on_progress(self._listed, 0)


def _left_out(volume: Volume, why: str) -> Iterator[Seen]:
    """A volume that is not looked into, and why."""
    yield volume
    yield Problem(what=why, where=volume.id, offset_bytes=None)


def _at(problems: Iterable[Problem], volume_id: str | None) -> Iterator[Problem]:
    """The problems, those without a place put to the volume."""
    for problem in problems:
        yield replace(problem, where=volume_id) if volume_id and not problem.where else problem
