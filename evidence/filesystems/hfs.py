"""HFS, the file system of the Macintosh before HFS+: catalog, both forks, extents that overflow.

Source: Inside Macintosh, "Files", chapter 2, "Data Organization on Volumes".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.hfs_btree import Extents, Fork, ForkContent, leaf_records
from evidence.filesystems.listing import Node, Stream, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.ranges import JoinedRanges, Range, clear_bits
from evidence.filesystems.signatures import Found
from evidence.filesystems.stamps import SECOND_NS, Stamps, rules_of
from evidence.images.base import Problem
from evidence.volumes.base import Readable, Window

_MDB_AT, _SECTOR_BYTES = 1024, 512
_ROOT = 2
_CATALOG, _OVERFLOW = 4, 3
_DATA, _RESOURCE = 0x00, 0xFF
_DIRECTORY, _FILE = 1, 2
_1904 = 2_082_844_800
_TREE_MAX_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A record of the catalog: a file or a directory."""

    name: bytes
    data: bytes


class HfsTree(Tree):
    """A volume; see :class:`evidence.filesystems.opened.OpenedFileSystem`. Addresses are numbers of the catalog."""

    root_address = str(_ROOT)

    def __init__(self, source: Readable, found: Found) -> None:
        """Read the catalog; raises OSError and UnreadableRegionError where there is none that can be read."""
        block = source.read_at(_MDB_AT, _SECTOR_BYTES)
        if len(block) < _SECTOR_BYTES or block[:2] != b"BD":
            raise OSError("the master directory block is cut off")
        (bitmap,), (count, block_bytes, first) = (
            struct.unpack_from(">H", block, 14),
            struct.unpack_from(">HI4xH", block, 18),
        )
        if not block_bytes or block_bytes % _SECTOR_BYTES:
            raise OSError(f"its allocation blocks have {block_bytes} bytes")
        self._problems: list[Problem] = []
        self.declared_bytes = first * _SECTOR_BYTES + count * block_bytes + 2 * _SECTOR_BYTES
        self.size_bytes = min(self.declared_bytes, source.media_bytes)
        self._source, self._bitmap, self._area_at = source, bitmap * _SECTOR_BYTES, first * _SECTOR_BYTES
        area = Window(source, first * _SECTOR_BYTES, count * block_bytes)
        self._extents = Extents(area, block_bytes, count)
        self._read_overflow(Fork.parse(_OVERFLOW, _DATA, block[130:134], block[134:146]))
        self._inside: dict[int, list[Named]] = {}
        self._files: dict[int, bytes] = {}
        self._directories = {_ROOT, 1}
        self._read_catalog(Fork.parse(_CATALOG, _DATA, block[146:150], block[150:162]))
        self.facts = FileSystem(type="hfs", block_bytes=block_bytes, label=found.label, serial=None)

    def children(self, address: str) -> Iterator[Node]:
        """The names in a directory; see :class:`Tree`."""
        for named in self._inside.get(int(address), ()):
            yield self._node(named)

    def extra(self) -> Iterator[Node | Problem]:
        """What is wrong with the trees of the volume, and what has no directory."""
        yield from self._problems
        for parent in sorted(self._inside.keys() - self._directories):
            for named in self._inside[parent]:
                node = self._node(named)
                what = f"{node.name} lies in the directory {parent}, which is not there; it is not listed."
                yield Problem(what=what, where="", offset_bytes=None)

    def content(self, address: str) -> ForkContent:
        """The content of a file, by its number; with ``-rsrc`` behind it that of its resource fork."""
        number, _, fork = address.partition("-")
        data = self._files.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 12 else None
        if data is None or fork not in ("", "rsrc"):
            raise OSError("there is no such file in the catalog")
        return self._fork(data, _RESOURCE if fork else _DATA)

    def unallocated(self) -> JoinedRanges:
        """What nothing uses, by the bitmap of the volume; what lies behind the last block is in no bitmap."""
        block_bytes, count = self._extents.block_bytes, self._extents.count
        size = -(-count // 8)
        if self._bitmap < _MDB_AT + _SECTOR_BYTES or self._bitmap + size > self._area_at:
            raise OSError(f"the bitmap of the volume is said to be at byte {self._bitmap}, where it has no room")
        raw = self._source.read_at(self._bitmap, size)
        if len(raw) < size:
            raise OSError(f"the volume ends before byte {self._bitmap + size}")
        runs = clear_bits([raw], count, highest_first=True)
        ranges = ((self._area_at + start * block_bytes, length * block_bytes) for start, length in runs)
        return JoinedRanges(self._source, ranges)

    def slack(self, address: str) -> JoinedRanges:
        """The blocks of a fork beyond its end: the rest of its last one, and those given to it in advance."""
        if address.isascii() and address.isdigit() and len(address) < 12 and int(address) in self._directories:
            return JoinedRanges(self._source, ())  # a directory is a part of the catalog
        return JoinedRanges(self._source, self._behind(self.content(address)))

    def _behind(self, content: ForkContent) -> Iterator[Range]:
        block_bytes = self._extents.block_bytes
        for start, first, length in self._extents.of(content.fork):
            used = min(max(0, content.size_bytes - start * block_bytes), length * block_bytes)
            if used < length * block_bytes:
                yield self._area_at + first * block_bytes + used, length * block_bytes - used

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Times are those of the clock of the computer."""
        return rules_of(volume_id, dict.fromkeys(("modified", "created"), ("catalog", "local", SECOND_NS)))

    def _read_overflow(self, fork: Fork) -> None:
        try:
            for key, data in leaf_records(self._tree_of(fork), self._tell):
                if len(key) == 8 and len(data) >= 12:
                    kind, number, start = struct.unpack_from(">BIH", key, 1)
                    self._extents.add(number, kind, start, data[:12])
        except UNREADABLE as error:
            self._tell(f"The file of extents cannot be read to its end: {reason(error)}")

    def _read_catalog(self, fork: Fork) -> None:
        for key, data in leaf_records(self._tree_of(fork), self._tell):
            kind = data[0] if data else 0
            size = {_DIRECTORY: 70, _FILE: 102}.get(kind, 0)
            if not size:
                continue  # a thread, which leads from a number back to a name
            if len(key) < 7 or key[6] > 31 or 7 + key[6] > len(key) or len(data) < size:
                self._tell("A record of the catalog is damaged.")
                continue
            (parent,) = struct.unpack_from(">I", key, 2)
            named = Named(name=key[7 : 7 + key[6]], data=data[:size])
            if parent == 1:
                continue  # the root itself
            self._inside.setdefault(parent, []).append(named)
            if kind == _FILE:
                self._files[struct.unpack_from(">I", data, 20)[0]] = named.data
            else:
                self._directories.add(struct.unpack_from(">I", data, 6)[0])
        if not self._inside and self._problems:
            raise OSError(self._problems[0].what)

    def _tree_of(self, fork: Fork) -> ForkContent:
        if fork.size_bytes > _TREE_MAX_BYTES:
            raise OSError(f"a tree of {fork.size_bytes} bytes is not read")
        return ForkContent(extents=self._extents, fork=fork)

    def _tell(self, what: str) -> None:
        if len(self._problems) < 1000:
            self._problems.append(Problem(what=what, where="", offset_bytes=None))

    def _fork(self, data: bytes, kind: int) -> ForkContent:
        (number,) = struct.unpack_from(">I", data, 20)
        size, extents = (data[26:30], data[74:86]) if kind == _DATA else (data[36:40], data[86:98])
        return ForkContent(extents=self._extents, fork=Fork.parse(number, kind, size, extents))

    def _node(self, named: Named) -> Node:
        data = named.data
        name = named.name.decode("mac_roman")
        shown = name.replace("/", ":").replace("\0", "\ufffd")  # as macOS shows it, for no name has a colon
        note = f"its name on the volume is {name!r}" if shown != name else None
        if data[0] == _DIRECTORY:
            number, created, modified = struct.unpack_from(">III", data, 6)
            return Node(
                name=shown, kind="directory", address=str(number), stamps=_stamps(created, modified), note=note,
                enter=str(number),
            )  # fmt: skip
        (number,) = struct.unpack_from(">I", data, 20)
        content, resource = self._fork(data, _DATA), self._fork(data, _RESOURCE)
        streams = (Stream(name="rsrc", address=f"{number}-rsrc", content=resource),) if resource.size_bytes else ()
        return Node(
            name=shown,
            kind="file",
            address=str(number),
            size_bytes=content.size_bytes,
            stamps=_stamps(*struct.unpack_from(">II", data, 44)),
            note=note,
            content=content,
            order=content.fork.extents[0][0],
            streams=streams,
        )


def open_hfs(source: Readable, found: Found) -> HfsTree:
    """Open what the signature told.

    Raises:
        FileSystemError: It cannot be opened; says why.
    """
    try:
        return HfsTree(source, found)
    except UNREADABLE as error:
        raise FileSystemError(found.type, reason(error)) from error


def _stamps(created: int, modified: int) -> Stamps:
    """Seconds since 1904 by the clock of the computer; 0 was never set."""
    times = [None if not seconds else (seconds - _1904) * SECOND_NS for seconds in (modified, created)]
    return (times[0], None, None, times[1], None, None, None, None, None)
