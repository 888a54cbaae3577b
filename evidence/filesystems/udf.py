"""UDF 1.02 to 2.60, listed with deleted names, named streams, links and devices.

Sources: ECMA-167 3rd edition, part 4; OSTA Universal Disk Format 2.60.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, BytesContent, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.signatures import Found
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.udf_attributes import MARK, attribute_streams
from evidence.filesystems.udf_entries import Entry, content_of, read_entry, slack_of
from evidence.filesystems.udf_free import free_ranges
from evidence.filesystems.udf_look import names_udf
from evidence.filesystems.udf_names import Name, names_in
from evidence.filesystems.udf_records import FILE_SET, Address, long_address, moment, tag_of, unicode_of, where
from evidence.filesystems.udf_volume import LogicalVolume, find_anchors, open_volume
from evidence.filesystems.unix import kind_by_content
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_KINDS = {
    0: "file",
    4: "directory",
    5: "file",
    6: "block",
    7: "character",
    9: "fifo",
    10: "socket",
    12: "link",
    13: "directory",
    249: "file",
}
_DIRECTORIES, _WITH_CONTENT = (4, 13), ("file", "metadata")
_SPECIAL = (6, 7, 9, 10, 12)
_MAX_DIRECTORY_BYTES = 256 << 20
_MAX_STREAMS = 10_000
_MAX_FILE_SETS = 1_024
_LINK_PARTS = {1: "", 2: "", 3: "..", 4: "."}


@dataclass(frozen=True, slots=True)
class _FileSet:
    root: Address
    streams: Address | None
    is_utc: bool


def look(source: Readable) -> Found | None:
    """UDF, by its volume recognition sequence, or by a whole logical volume where that sequence is gone."""
    is_named = names_udf(source)
    if not is_named and next(find_anchors(source), None) is None:
        return None
    try:
        volume = open_volume(source)
    except UNREADABLE:
        return Found(type="udf") if is_named else None
    return Found(
        type="udf",
        block_bytes=volume.blocks.block_bytes,
        label=volume.label,
        serial=volume.serial,
        size_bytes=volume.declared_bytes,
    )


def open_udf(source: Readable, found: Found) -> UdfFileSystem:
    """Open what :func:`look` found; raises FileSystemError."""
    try:
        return UdfFileSystem(source)
    except UNREADABLE as error:
        raise FileSystemError("udf", reason(error)) from error


class UdfFileSystem(Tree):
    """An opened UDF file system; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    def __init__(self, source: Readable) -> None:
        """Find the file set; raises OSError and UnreadableRegionError."""
        self._volume: LogicalVolume = open_volume(source)
        self._blocks = self._volume.blocks
        self._file_set = _file_set(self._volume)
        root = read_entry(self._blocks, self._file_set.root)
        if root.file_type not in _DIRECTORIES:
            raise OSError(f"the root at {root.address} is no directory but of type {root.file_type}")
        self._basis_is_utc = self._file_set.is_utc
        self._below_deleted: set[str] = set()
        self._free: JoinedRanges | None = None
        self.root_address = str(self._file_set.root)
        self.declared_bytes = self._volume.declared_bytes
        self.size_bytes = min(self.declared_bytes, source.media_bytes)
        self.facts = FileSystem(
            type="udf",
            block_bytes=self._blocks.block_bytes,
            label=self._volume.label,
            serial=self._volume.serial,
        )

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """UTC where the file set records its own time with a distance from it, else the wall time of the recorder."""
        basis = "utc" if self._basis_is_utc else "local"
        fields = ("modified", "accessed", "changed", "created")
        return rules_of(volume_id, dict.fromkeys(fields, ("file entry", basis, 1_000)))

    def remarks(self) -> Sequence[str]:
        """The revision of UDF, and what the volume structures tell."""
        revision = self._volume.revision
        return (*self._volume.remarks, f"The volume is written by UDF {revision >> 8:x}.{revision & 0xFF:02x}.")

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory; see :class:`Tree`."""
        if address == self.root_address:
            yield from self._volume.problems
        entry = read_entry(self._blocks, _parsed(address))
        for name in self._names(entry):
            yield name if isinstance(name, Problem) else self._node(name, address in self._below_deleted)

    def extra(self) -> Iterable[Node | Problem]:
        """The streams of the root and those of the volume itself, which belong to no name."""
        places = ((self._file_set.streams, "metadata"), (self._root_streams(), "stream"))
        for place, kind in places:
            if place is None:
                continue
            try:
                for name in self._stream_names(place):
                    if isinstance(name, Problem):
                        yield name
                    else:
                        yield replace(self._node(name, False), kind=kind, enter=None)
            except UNREADABLE as error:
                yield Problem(
                    what=f"The streams at {place} cannot be read: {reason(error)}", where="", offset_bytes=where(error)
                )

    def content(self, address: str) -> ContentSource:
        """The content behind ``0-35``, or ``0-35:1`` for an extended attribute; raises OSError where there is none."""
        if MARK in address:
            return self._attribute(address)
        entry = read_entry(self._blocks, _parsed(address))
        if _kind(entry)[0] not in _WITH_CONTENT:
            raise OSError("it has no content")
        return content_of(self._blocks, entry)

    def unallocated(self) -> JoinedRanges:
        """What its partitions record as free, on the media."""
        if self._free is None:
            found = free_ranges(self._blocks, self._volume.maps, self._volume.partitions)
            self._free = JoinedRanges(self._blocks.source, found)
        return self._free

    def slack(self, address: str) -> ContentSource:
        """What lies behind the end of ``0-35``; often nothing, and never of an extended attribute."""
        if MARK in address:
            self._attribute(address)  # raises where there is none
            return BytesContent(b"")
        entry = read_entry(self._blocks, _parsed(address))
        return JoinedRanges(self._blocks.source, slack_of(self._blocks, entry))

    def _attribute(self, address: str) -> ContentSource:
        entry = read_entry(self._blocks, _parsed(address.partition(MARK)[0]))
        for stream in attribute_streams(self._blocks, entry):
            if stream.address == address:
                return stream.content
        raise OSError("the file has no such attribute")

    def _root_streams(self) -> Address | None:
        return read_entry(self._blocks, self._file_set.root).stream_directory

    def _names(self, entry: Entry) -> Iterator[Name | Problem]:
        if entry.file_type not in _DIRECTORIES:
            raise OSError(f"the file entry at {entry.address} is no directory")
        if entry.size_bytes > _MAX_DIRECTORY_BYTES:
            raise OSError(f"the directory at {entry.address} declares {entry.size_bytes} bytes, which is not read")
        return names_in(content_of(self._blocks, entry), entry.address)

    def _stream_names(self, address: Address) -> Iterator[Name | Problem]:
        for count, name in enumerate(self._names(read_entry(self._blocks, address))):
            if count == _MAX_STREAMS:
                raise OSError(f"there are more than {_MAX_STREAMS} streams")
            yield name

    def _node(self, name: Name, below_deleted: bool) -> Node:
        """The row of a name, with what its file entry says."""
        is_deleted = name.is_deleted or below_deleted
        plain = Node(
            name=name.name,
            name_bytes=name.name_bytes,
            kind="directory" if name.is_directory else "file",
            address=str(name.address),
            allocated=not is_deleted,
            note=name.note,
        )
        if name.address is None:
            return replace(plain, address="", note=_joined(name.note, "nothing is kept of it but its name"))
        try:
            entry = read_entry(self._blocks, name.address)
        except UNREADABLE as error:
            return replace(plain, note=_joined(name.note, f"its file entry cannot be read: {reason(error)}"))
        if is_deleted and name.unique_id and entry.unique_id & 0xFFFFFFFF != name.unique_id:
            return replace(plain, realloc=True, note=_joined(name.note, "its file entry was reused by another file"))
        return self._described(plain, entry, is_deleted)

    def _described(self, plain: Node, entry: Entry, is_deleted: bool) -> Node:
        stamps, notes = self._stamps(entry)
        notes = [plain.note, *notes] if plain.note else notes
        content, target = None, None
        kind, odd = _kind(entry)
        notes += [odd] if odd else []
        try:
            if kind == "link":
                target = self._target(entry)
            elif kind in _WITH_CONTENT:
                content = content_of(self._blocks, entry)
        except UNREADABLE as error:
            notes.append(f"content not readable: {reason(error)}")
        if entry.device is not None:
            notes.append(f"device {entry.device[0]}:{entry.device[1]}")
        is_directory = entry.file_type in _DIRECTORIES
        if is_directory and is_deleted:
            self._below_deleted.add(str(entry.address))
        streams, trouble = self._streams(entry, plain.name_bytes)
        return replace(
            plain,
            kind=kind,
            size_bytes=entry.size_bytes,
            stamps=stamps,
            link_target=target,
            content=content,
            order=content.first_byte if content else 0,
            enter=str(entry.address) if is_directory else None,
            streams=streams,
            note="; ".join(notes + trouble) or None,
        )

    def _streams(self, entry: Entry, name_bytes: bytes | None) -> tuple[tuple[Stream, ...], list[str]]:
        """The extended attributes and named streams of a file, and what is wrong with them."""
        found: list[Stream] = []
        trouble: list[str] = []
        try:
            found += attribute_streams(self._blocks, entry, name_bytes)
        except UNREADABLE as error:
            trouble.append(f"its extended attributes cannot be read: {reason(error)}")
        if entry.stream_directory is None or entry.address == self._file_set.root:
            return tuple(found), trouble
        try:
            for name in self._stream_names(entry.stream_directory):
                if isinstance(name, Problem):
                    trouble.append(name.what)
                elif name.address is not None and not name.is_deleted:
                    content = content_of(self._blocks, read_entry(self._blocks, name.address))
                    own = name.name_bytes or (name.name.encode() if name_bytes else None)
                    found.append(Stream(name=name.name, name_bytes=own, address=str(name.address), content=content))
        except UNREADABLE as error:
            trouble.append(f"its streams cannot be read: {reason(error)}")
        return tuple(found), trouble

    def _stamps(self, entry: Entry) -> tuple[Stamps, list[str]]:
        notes = ["an impossible time is left out"] if entry.bad_times else []
        known = [moment for moment in entry.times if moment is not None]
        if any(moment.is_utc != self._basis_is_utc for moment in known):
            basis = "wall times without a zone" if self._basis_is_utc else "UTC"
            notes.append(f"not all of its times are in the basis of the volume: some are {basis}")
        four = [moment.ns if moment else None for moment in entry.times]
        return (four[0], four[1], four[2], four[3], None, None, None, None, None), notes

    def _target(self, entry: Entry) -> str:
        """Where a symbolic link leads, from its path components."""
        raw = content_of(self._blocks, entry).read(0, entry.size_bytes)
        parts: list[str] = []
        at = 0
        while at + 4 <= len(raw):
            kind, length = raw[at], raw[at + 1]
            text = unicode_of(raw[at + 4 : at + 4 + length])[0] if kind in (1, 5) else ""
            parts.append(text if kind == 5 else _LINK_PARTS.get(kind, "\ufffd") + text)
            at += 4 + length
        return "/" if parts == [""] else "/".join(parts)


def _parsed(address: str) -> Address:
    parts = address.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 11 for part in parts):
        raise OSError("that is no address of a file")
    return Address(int(parts[0]), int(parts[1]))


def _kind(entry: Entry) -> tuple[str, str | None]:
    """The kind of a row, and what is to be known about it: whatever holds bytes is a file, if it leads nowhere."""
    kind = _KINDS.get(entry.file_type, "metadata")
    return kind_by_content(kind, entry.size_bytes, "its file type") if entry.file_type in _SPECIAL else (kind, None)


def _joined(*notes: str | None) -> str | None:
    return "; ".join(filter(None, notes)) or None


def _file_set_descriptor(raw: bytes, address: Address) -> bytes:
    kind = tag_of(raw, address.block)
    if kind != FILE_SET:
        raise OSError(f"it is a descriptor of type {kind}")
    return raw


def _file_set(volume: LogicalVolume) -> _FileSet:
    """The prevailing file set descriptor; raises OSError where there is none."""
    word, address = long_address(volume.file_set, 0)
    seen: set[Address] = set()
    best: bytes | None = None
    why = f"there is no file set descriptor at {address}"
    left = word & 0x3FFFFFFF
    while left >= volume.blocks.block_bytes and address not in seen and len(seen) < _MAX_FILE_SETS:
        seen.add(address)
        try:
            raw = volume.blocks.parsed(address, _file_set_descriptor)
        except UNREADABLE as error:
            why = f"the file set descriptor at {address} cannot be read: {reason(error)}"
            break
        if best is None or struct.unpack_from("<I", raw, 44)[0] >= struct.unpack_from("<I", best, 44)[0]:
            best = raw
        left, address = left - volume.blocks.block_bytes, Address(address.partition, address.block + 1)
        word, further = long_address(raw, 448)
        if word & 0x3FFFFFFF:
            left, address = word & 0x3FFFFFFF, further
    if best is None:
        raise OSError(why)
    length, streams = long_address(best, 464)
    try:
        recorded = moment(best, 16)
    except ValueError:
        recorded = None
    return _FileSet(
        root=long_address(best, 400)[1],
        streams=streams if length & 0x3FFFFFFF else None,
        is_utc=recorded is None or recorded.is_utc,
    )
