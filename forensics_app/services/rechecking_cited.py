"""Finding what a report cites again in a copy: files with their times and digests, and bytes of a file or an area."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from evidence.errors import EvidenceError
from evidence.isolation import Child
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import FILE_COLUMNS, Volume
from forensics_app.model.image import OnProgress
from forensics_app.model.kit import KitFile, KitImage, Tested
from forensics_app.model.names import storable
from forensics_app.model.target import TargetArea
from forensics_app.services.seen_copy import NAMES, NOT_THERE, Copy, Row, Seen, judged, words

READ_BYTES = 8 * 1024 * 1024
CITED_BYTES = "SHA-256 of the cited bytes"
AT = {name: place for place, name in enumerate(FILE_COLUMNS)}
_DIGESTS = ("md5", "sha256")
_PLAIN = ("whole", "partition")
"""Volumes whose bytes are those of the media, from where they start."""
_IN_FILES = (TargetArea.FILE, TargetArea.SLACK)


def is_in_a_file(one: KitFile) -> bool:
    """Whether what is cited is a file, or lies in one or behind its end."""
    return one.area in _IN_FILES


def told(file: KitFile) -> Iterator[tuple[str, str]]:
    """The facts that are told of what the report cites."""
    if is_in_a_file(file) and file.path is not None:
        yield "path", file.path
    if file.area == TargetArea.FILE:
        yield "size, bytes", str(file.size_bytes)
    if is_in_a_file(file):
        yield "state", file.state
    for name, stamp in file.times.items():
        yield f"time {name}, ns since 1970", f"{stamp.ns} {stamp.basis}"
    if file.area == TargetArea.FILE:
        for name in _DIGESTS:
            if (value := getattr(file, name)) is not None:
                yield f"{NAMES[name]} of the content", value
    if file.bytes_sha256 is not None:
        yield _cited_bytes(file), file.bytes_sha256


def _cited_bytes(file: KitFile) -> str:
    places: Mapping[str, str] = {
        TargetArea.FILE: "the file",
        TargetArea.SLACK: "its slack",
        TargetArea.UNALLOCATED: f"unallocated space of {file.volume}",
        TargetArea.VOLUME: f"volume {file.volume}",
        TargetArea.MEDIA: "the media",
    }
    return f"{CITED_BYTES} ({file.length_bytes:,} from byte {file.offset_bytes:,} of {places[file.area]})"


def retested(
    files: Sequence[KitFile], image: KitImage, seen: Seen, copy: Copy, on_testing: OnProgress
) -> Iterator[Tested]:
    """Test every fact that is told of what the report cites of one image.

    Args:
        files: What it cites.
        image: The image of the kit.
        seen: What was found in the copy.
        copy: The copy, which is read for digests.
        on_testing: How many were tested, and how many there are.
    """
    if not files:
        return
    if seen.why_not:
        yield from (
            judged(one.reference, what, value, None, seen.why_not) for one in files for what, value in told(one)
        )
        return
    with Child() as child:
        why_closed = ""
        try:
            opened = {"image": "copy", "paths": copy.paths, "logical": image.logical, "keys": copy.keys}
            child.call("open", opened)
        except EvidenceError as error:
            why_closed = words(error)
        reading = _Reading(child, image, seen, why_closed)
        for done, file in enumerate(files):
            on_testing(done, len(files))
            yield from reading.test(file)
        on_testing(len(files), len(files))


class _NotReadError(Exception):
    """A content could not be read, or not all of what was read is of the evidence."""


@dataclass(slots=True)
class _Reading:
    """A copy that is open in a child process; what was read once for a digest of a whole content is not read again."""

    child: Child
    image: KitImage
    seen: Seen
    why_closed: str
    _contents: dict[tuple[str, str, int], dict[str, str]] = field(default_factory=dict)

    def test(self, file: KitFile) -> Iterator[Tested]:
        rows = self.seen.rows.get((file.volume, file.address), []) if is_in_a_file(file) else []
        row = max(rows, key=lambda one: _likeness(file, one), default=None)
        why = "" if row is not None else self._why_not_there(file)
        now = {} if row is None else _of_row(file, row, self.seen)
        whys: dict[str, str] = {}
        if row is not None and file.area == TargetArea.FILE and (file.md5 or file.sha256):
            contents = [f"{NAMES[name]} of the content" for name in _DIGESTS]
            now |= self._read(file, contents, whys, partial(self._content, file, row), 0, row[AT["size_bytes"]])
        if file.bytes_sha256 is not None and (row is not None or not is_in_a_file(file)) and not why:
            offset_bytes, length_bytes = file.offset_bytes or 0, file.length_bytes or 0
            now |= self._read(file, [_cited_bytes(file)], whys, partial(self._bytes, file), offset_bytes, length_bytes)
        for what, expected in told(file):
            found = now.get(what, NOT_THERE if not why and not whys.get(what) else None)
            yield judged(file.reference, what, expected, found, why or whys.get(what, ""))

    def _why_not_there(self, file: KitFile) -> str:
        """Why nothing is known of where it should lie; empty where that was looked at."""
        if file.area == TargetArea.MEDIA:
            return ""
        if file.area == TargetArea.VOLUME and file.volume in self.seen.volumes:
            return ""
        why = self.seen.why_no_volume(self.image, file.volume)
        if why or (file.area == TargetArea.UNALLOCATED and file.volume in self.seen.volumes):
            return why
        return self.seen.why_not_listed(file.volume)

    def _read(
        self,
        file: KitFile,
        whats: Sequence[str],
        whys: dict[str, str],
        read: Callable[[], dict[str, str]],
        offset_bytes: int,
        length_bytes: int,
    ) -> dict[str, str]:
        """Digests of what the copy has there; ``whys`` takes why there are none."""
        try:
            if self.why_closed:
                raise _NotReadError(self.why_closed)
            found = read()
            if self.seen.bad and (reason := self._why_uncertain(file, offset_bytes, length_bytes)):
                raise _NotReadError(reason)
        except (EvidenceError, _NotReadError) as error:
            reason = words(error) if isinstance(error, EvidenceError) else str(error)
            whys |= dict.fromkeys(whats, reason)
            return {}
        return found

    def _content(self, file: KitFile, row: Row) -> dict[str, str]:
        """Digests of a whole content as this copy holds it.

        Raises:
            EvidenceError: It cannot be read.
        """
        size_bytes = row[AT["size_bytes"]]
        key = (file.volume, file.address, size_bytes)
        if key not in self._contents:
            digests = {name: hashlib.new(name, usedforsecurity=False) for name in _DIGESTS}
            for some in self._pieces(file, 0, size_bytes):
                for digest in digests.values():
                    digest.update(some)
            self._contents[key] = {
                f"{NAMES[name]} of the content": digest.hexdigest() for name, digest in digests.items()
            }
        return self._contents[key]

    def _bytes(self, file: KitFile) -> dict[str, str]:
        """The digest of the cited bytes as this copy holds them; nothing where it ends before them.

        Raises:
            EvidenceError: They cannot be read.
        """
        digest, length_bytes = hashlib.sha256(), file.length_bytes or 0
        done = 0
        for some in self._pieces(file, file.offset_bytes or 0, length_bytes):
            digest.update(some)
            done += len(some)
        return {_cited_bytes(file): digest.hexdigest()} if done == length_bytes else {}

    def _pieces(self, file: KitFile, offset_bytes: int, length_bytes: int) -> Iterator[bytes]:
        task, place = self._place(file)
        for at in range(offset_bytes, offset_bytes + length_bytes, READ_BYTES):
            part = {"offset_bytes": at, "size_bytes": min(READ_BYTES, offset_bytes + length_bytes - at)}
            yield self.child.call(task, {"image": "copy", **place, **part})

    def _place(self, file: KitFile) -> tuple[str, dict[str, object]]:
        """By which task the engine reads it, and what that is told of its place."""
        if file.area == TargetArea.MEDIA:
            return "read", {}
        volumes = self.seen.around(file.volume)
        if file.area == TargetArea.VOLUME:
            return "read_volume", {"volumes": volumes}
        return "read_file", {"volumes": volumes, "address": _address(file)}

    def _why_uncertain(self, file: KitFile, offset_bytes: int, length_bytes: int) -> str:
        """Why what was read is not certain in a copy with bad sectors; empty where it lies beside all of them.

        Raises:
            EvidenceError: It cannot be read.
        """
        for first, length in self._on_media(file, offset_bytes, length_bytes):
            for one in self.seen.bad:
                if one.offset_bytes < first + length and first < one.offset_bytes + one.length_bytes:
                    return f"it lies where {one.length_bytes:,} bytes from byte {one.offset_bytes:,} cannot be read"
        return ""

    def _on_media(self, file: KitFile, offset_bytes: int, length_bytes: int) -> list[tuple[int, int]]:
        """Where it lies on the media, and how many bytes there.

        Raises:
            EvidenceError: It cannot be read.
        """
        if file.area == TargetArea.MEDIA:
            return [(offset_bytes, length_bytes)]
        volumes = self.seen.around(file.volume)
        start_bytes = sum(one.start_bytes for one in volumes)
        if file.area == TargetArea.VOLUME and _is_plain(volumes):
            return [(start_bytes + offset_bytes, length_bytes)]
        found: list[tuple[int, int]] = []
        if _is_plain(volumes):
            lies = {"volumes": volumes, "address": _address(file)}
            part = {"offset_bytes": offset_bytes, "size_bytes": length_bytes}
            _, stretches = self.child.call("stretches", {"image": "copy", **lies, **part})
            found = [(start_bytes + offset, length) for _, offset, length in stretches]
        if not _is_plain(volumes) or sum(length for _, length in found) < length_bytes:
            raise _NotReadError(f"where its content lies in the media is not known, and {self.seen.damage}")
        return found


def _is_plain(volumes: Sequence[Volume]) -> bool:
    return all(one.kind in _PLAIN for one in volumes)


def _address(file: KitFile) -> str:
    """By which the engine reads it: a content, what lies behind it, or what no file uses."""
    if file.area == TargetArea.UNALLOCATED:
        return Area(kind=AreaKind.UNALLOCATED, volume_id=file.volume).address
    if file.area == TargetArea.SLACK:
        return Area(kind=AreaKind.SLACK, volume_id=file.volume, file_address=file.address).address
    return file.address


def _likeness(file: KitFile, row: Row) -> tuple[bool, bool, bool]:
    """How well an entry fits a file: one number of a file system may bear several names."""
    same_path = file.path is not None and storable(row[AT["path"]]) == file.path
    return same_path, _state(row) == file.state, row[AT["size_bytes"]] == file.size_bytes


def _of_row(file: KitFile, row: Row, seen: Seen) -> dict[str, str]:
    found = {
        "path": storable(row[AT["path"]]),
        "size, bytes": str(row[AT["size_bytes"]]),
        "state": _state(row),
    }
    for name in file.times:
        column, rule = AT.get(f"{name}_ns"), seen.bases.get((file.volume, name))
        ns = None if column is None else row[column]
        found[f"time {name}, ns since 1970"] = "none" if ns is None else f"{ns} {rule.basis if rule else 'unknown'}"
    return found


def _state(row: Row) -> str:
    if row[AT["allocated"]]:
        return "allocated"
    if row[AT["orphan"]]:
        return "orphan"
    return "deleted, reallocated" if row[AT["realloc"]] else "deleted"
