"""The directory trees of ISO 9660: each descriptor has one of its own, and they need not show the same files.

Sources: ECMA-119 4th edition; Joliet specification; SUSP and RRIP 1.12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import accumulate

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.iso_records import (
    ASSOCIATED,
    DIRECTORY,
    MULTI_EXTENT,
    Record,
    RockRidge,
    parse_record,
    quarters_of,
    rock_ridge,
    short_time,
    skip_of,
    wall_time,
)
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.stamps import SECOND_NS, Stamps, rules_of
from evidence.filesystems.unix import kind_by_mode
from evidence.filesystems.zisofs import ZisofsContent
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek

SECTOR_BYTES = 2048
_JOLIET = (b"%/@", b"%/C", b"%/E")
_MAX_DESCRIPTORS, _MAX_SESSIONS = 64, 100
_SESSION_SEARCH_BYTES = 32 << 20
_MAX_DIRECTORY_BYTES = 256 << 20
_MAX_PIECES = 65_536
_PRIMARY_MARK = b"\x01CD001\x01"


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A volume descriptor with a tree.

    Attributes:
        session: Sector at which its session begins, 0 for the first.
        kind: ``primary``, ``joliet``, ``enhanced`` (ISO 9660:1999) or ``supplementary``.
    """

    session: int
    kind: str
    block_bytes: int
    label: str | None
    size_bytes: int
    root: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a directory record says, to be found by name.

    Attributes:
        paths: By plain and by Rock Ridge names.
        wall_ns: Its time without its zone; None for none.
        quarters: The zone, in quarters of an hour from UTC.
        is_packed: Whether it is compressed by zisofs.
        is_in_parts: Whether further extents of the file stand in records of their own.
    """

    paths: frozenset[str]
    wall_ns: int | None
    quarters: int
    is_packed: bool
    is_in_parts: bool


def descriptors(source: Readable) -> tuple[list[Descriptor], list[Problem]]:
    """The descriptors of all sessions that can be found, and what is wrong with them."""
    found: list[Descriptor] = []
    problems: list[Problem] = []
    session: int | None = 0
    for _ in range(_MAX_SESSIONS):
        if session is None:
            break
        here = _of_session(source, session, problems)
        found += here
        ends = [descriptor.size_bytes for descriptor in here if descriptor.kind == "primary"]
        if not ends:
            break
        session = _next_session(source, session, ends[0])
    return found, problems


def _of_session(source: Readable, session: int, problems: list[Problem]) -> list[Descriptor]:
    found = []
    for index in range(16, 16 + _MAX_DESCRIPTORS):
        at = (session + index) * SECTOR_BYTES
        raw = peek(source, at, SECTOR_BYTES)
        if len(raw) < SECTOR_BYTES or raw[1:6] != b"CD001" or raw[0] == 255:
            break
        if raw[0] not in (1, 2):
            continue
        try:
            found.append(_descriptor(raw, at, session))
        except OSError as error:
            problems.append(Problem(what=f"A volume descriptor is damaged: {error}", where="", offset_bytes=at))
        for name, offset, size in (
            ("volume space size", 80, 4),
            ("logical block size", 128, 2),
            ("path table", 132, 4),
        ):
            little = int.from_bytes(raw[offset : offset + size], "little")
            big = int.from_bytes(raw[offset + size : offset + 2 * size], "big")
            if little != big:
                what = f"The {name} in a volume descriptor is {little} little-endian and {big} big-endian."
                problems.append(Problem(what=what, where="", offset_bytes=at + offset))
    return found


def _descriptor(raw: bytes, at: int, session: int) -> Descriptor:
    block_bytes = struct.unpack_from("<H", raw, 128)[0]
    if block_bytes not in (512, 1024, 2048):
        raise OSError(f"its logical blocks have {block_bytes} bytes")
    kind = "primary"
    if raw[0] == 2:
        kind = "joliet" if raw[88:91] in _JOLIET else "enhanced" if raw[6] == 2 else "supplementary"
    label = raw[40:72].decode("utf-16-be" if kind == "joliet" else "latin-1", errors="replace")
    return Descriptor(
        session=session,
        kind=kind,
        block_bytes=block_bytes,
        label=label.strip(" \0") or None,
        size_bytes=struct.unpack_from("<I", raw, 80)[0] * block_bytes,
        root=parse_record(raw[156:190], at + 156),
    )


def _next_session(source: Readable, session: int, end_bytes: int) -> int | None:
    """Where the next session begins: at sector 32 of grown media, else behind the one before."""
    if session == 0 and peek(source, 48 * SECTOR_BYTES, 7) == _PRIMARY_MARK:
        return 32
    start = max(end_bytes - end_bytes % SECTOR_BYTES, (session + 17) * SECTOR_BYTES)
    for at in range(start, min(start + _SESSION_SEARCH_BYTES, source.media_bytes), 1 << 20):
        raw = peek(source, at, 1 << 20)
        place = raw.find(_PRIMARY_MARK)
        while place >= 0:
            if place % SECTOR_BYTES == 0:
                return (at + place) // SECTOR_BYTES - 16
            place = raw.find(_PRIMARY_MARK, place + 1)
    return None


@dataclass(frozen=True, slots=True)
class IsoContent:
    """The extents of a file, one behind the other: place on the media and length of each."""

    source: Readable
    pieces: tuple[tuple[int, int], ...]

    @property
    def size_bytes(self) -> int:
        """All extents together."""
        return sum(length for _, length in self.pieces)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; see :class:`evidence.filesystems.content.ContentSource`."""
        found, at = [], max(0, offset_bytes)
        for place, length in self.pieces:
            if size_bytes <= 0:
                break
            if at < length:
                take = min(size_bytes, length - at)
                data = self.source.read_at(place + at, take)
                if len(data) != take:
                    raise OSError(f"the media ends before byte {place + at + take}")
                found.append(data)
                size_bytes, at = size_bytes - take, 0
            else:
                at -= length
        return b"".join(found)

    def within(self, offset_bytes: int, size_bytes: int, /) -> Iterator[tuple[int, int, int]]:
        """Where a part lies; see :class:`evidence.filesystems.content.Placed`."""
        begin, end = offset_bytes, offset_bytes + size_bytes
        for at, (place, length) in zip(accumulate((n for _, n in self.pieces), initial=0), self.pieces, strict=False):
            first, last = max(begin, at), min(end, at + length)
            if first < last:
                yield first, place + first - at, last - first


class IsoTree(Tree):
    """One tree; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    def __init__(self, source: Readable, descriptor: Descriptor, *, is_plain: bool = False) -> None:
        """Take the tree of a descriptor; raises OSError and UnreadableRegionError where its root cannot be read.

        With ``is_plain`` what Rock Ridge says is left aside.
        """
        self._source, self._descriptor = source, descriptor
        self._block_bytes = descriptor.block_bytes
        first = peek(source, descriptor.root.block * self._block_bytes, SECTOR_BYTES)
        own = parse_record(first, descriptor.root.block * self._block_bytes)
        self._skip = skip_of(own) if descriptor.kind != "joliet" and not is_plain else None
        self.root_address = _directory(descriptor.root.block, descriptor.root.size_bytes)
        self.declared_bytes = descriptor.size_bytes
        self.size_bytes = source.media_bytes  # a later session counts from its own start
        self.facts = FileSystem(type="iso9660", block_bytes=self._block_bytes, label=descriptor.label, serial=None)

    @property
    def has_rock_ridge(self) -> bool:
        """Whether names, times and links are those of Rock Ridge."""
        return self._skip is not None

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Every time is stored with its distance from UTC; without Rock Ridge there is only that of the recording."""
        if self.has_rock_ridge:
            fields = dict.fromkeys(("modified", "accessed", "changed", "created"), ("Rock Ridge", "utc", SECOND_NS))
            return rules_of(volume_id, fields)
        return rules_of(volume_id, {"created": ("directory record", "utc", SECOND_NS)})

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The names in a directory; see :class:`Tree`."""
        block, size = _place(address)
        if size > _MAX_DIRECTORY_BYTES:
            raise OSError(f"the directory declares {size} bytes, which is not read")
        group: list[Record] = []
        for record in self._records(block * self._block_bytes, size):
            if record.name in (b"\0", b"\1"):
                continue
            if group and group[-1].name != record.name:
                yield from self._nodes(group, "more extents of it are announced than are there")
                group = []
            group.append(record)
            if not record.flags & MULTI_EXTENT or len(group) >= _MAX_PIECES:
                yield from self._nodes(group, None)
                group = []
        if group:
            yield from self._nodes(group, "more extents of it are announced than are there")

    def recorded(self) -> Iterator[Recorded]:
        """Every record but those of a directory for itself and its parent."""
        todo, seen = [(self.root_address, "", "")], {self.root_address}
        while todo:
            address, plain, linux = todo.pop()
            block, size = _place(address)
            for record in self._records(block * self._block_bytes, min(size, _MAX_DIRECTORY_BYTES)):
                if record.name in (b"\0", b"\1"):
                    continue
                found, name = RockRidge(), self._name(record.name)[0]
                if self._skip is not None:
                    with suppress(*UNREADABLE):
                        found = rock_ridge(record, self._skip, self._area)
                paths = (f"{plain}/{name}", f"{linux}/{_text(found.name)[0] if found.name else name}")
                yield Recorded(
                    paths=frozenset(paths),
                    wall_ns=wall_time(record.recorded),
                    quarters=quarters_of(record.recorded[6]),
                    is_packed=found.packing is not None,
                    is_in_parts=record.flags & MULTI_EXTENT != 0,
                )
                inner = _directory(record.block, record.size_bytes)
                if record.flags & DIRECTORY and inner not in seen:
                    seen.add(inner)
                    todo.append((inner, *paths))

    def content(self, address: str) -> IsoContent | ZisofsContent:
        """The content behind the place of a directory record, uncompressed."""
        group = self._group(address)
        packing = rock_ridge(group[0], self._skip, self._area).packing if self._skip is not None else None
        return self._content(group) if packing is None else ZisofsContent(self._content(group), packing)

    def stored(self, address: str) -> IsoContent:
        """What is stored for the content behind the place of a directory record; raises one of ``UNREADABLE``."""
        return self._content(self._group(address))

    def slack(self, address: str) -> JoinedRanges:
        """What lies behind the end of each extent in its last block; of a compressed file, of what is stored."""
        group = self._group(address, with_directories=True)
        pieces = self._content(group).pieces
        return JoinedRanges(
            self._source,
            ((at + length, -length % self._block_bytes) for at, length in pieces if length % self._block_bytes),
        )

    def _group(self, address: str, *, with_directories: bool = False) -> list[Record]:
        """The records of one file, one for each of its extents."""
        if not address.isascii() or not address.isdigit() or len(address) > 18:
            raise OSError("that is no address of a file")
        group: list[Record] = []
        for record in self._records(int(address), _MAX_PIECES * 256):
            if group and group[-1].name != record.name:
                break
            group.append(record)
            if not record.flags & MULTI_EXTENT:
                break
        if not group or (group[0].flags & DIRECTORY and not with_directories):
            raise OSError("it has no content")
        return group

    def _records(self, start: int, size: int) -> Iterator[Record]:
        """The records from a place on; none crosses the end of a sector."""
        at = start
        while at < start + size:
            end = at - at % SECTOR_BYTES + SECTOR_BYTES
            raw = self._source.read_at(at, min(end, start + size) - at)
            if not raw:
                raise OSError(f"the media ends before byte {at + 1}")
            place = 0
            while place < len(raw) and raw[place]:
                record = parse_record(raw[place : place + 255], at + place)
                yield record
                place += record.length
            at = end

    def _nodes(self, group: list[Record], note: str | None) -> Iterator[Node | Problem]:
        first = group[0]
        for record in group:
            if record.contradiction:
                yield Problem(
                    what=f"Of {self._name(first.name)[0]} {record.contradiction}; the little-endian one is followed.",
                    where="",
                    offset_bytes=record.offset_bytes,
                    about="records that contradict themselves",
                )
        found, notes = RockRidge(), [note] if note else []
        if self._skip is not None:
            try:
                found = rock_ridge(first, self._skip, self._area)
            except UNREADABLE as error:
                notes.append(reason(error))
        if not found.is_moved:
            yield self._node(group, found, notes + found.notes)

    def _node(self, group: list[Record], found: RockRidge, notes: list[str]) -> Node:
        first = group[0]
        if found.name:
            name, name_bytes = _text(found.name)
        else:
            name, name_bytes = self._name(first.name)
        if first.flags & ASSOCIATED:
            name += ":associated"
        size = sum(record.size_bytes for record in group)
        is_directory = first.flags & DIRECTORY or found.child is not None
        kind, odd = ("directory", None) if is_directory else kind_by_mode(found.mode or 0, size)
        notes += [odd] if odd else []
        if found.device is not None:
            notes.append(f"device {found.device[0]}:{found.device[1]}")
        stamps, trouble = self._stamps(first, found)
        node = Node(
            name=name,
            name_bytes=name_bytes,
            kind="stream" if first.flags & ASSOCIATED and kind == "file" else kind,
            address=str(first.offset_bytes),
            stamps=stamps,
            link_target=found.target.decode(errors="replace") if found.target else None,
        )
        enter: str | None = None
        content: IsoContent | ZisofsContent | None = None
        if found.packing is not None and kind == "file":
            size = found.packing.size_bytes
            notes.append("compressed by zisofs: size and digests are those of the content")
        try:
            if kind == "directory":
                enter = self._enter(first, found)
            elif kind == "file" and found.sparse:
                notes.append("its sparse content is not read")
            elif kind == "file" and found.packing is not None:
                content = ZisofsContent(self._content(group), found.packing)
            elif kind == "file":
                content = self._content(group)
        except UNREADABLE as error:
            notes.append(reason(error))
        return replace(
            node,
            size_bytes=size,
            enter=enter,
            content=content,
            order=first.block,
            note="; ".join([*notes, *trouble]) or None,
        )

    def _content(self, group: list[Record]) -> IsoContent:
        if any(record.is_interleaved for record in group):
            raise OSError("its content is interleaved with other files, which is not read")
        pieces = tuple((record.block * self._block_bytes, record.size_bytes) for record in group)
        return IsoContent(self._source, pieces)

    def _enter(self, record: Record, found: RockRidge) -> str:
        """The directory behind a record, or where it was moved to."""
        if found.child is None:
            return _directory(record.block, record.size_bytes)
        own = parse_record(self._area(found.child, 0, 255), found.child * self._block_bytes)
        return _directory(found.child, own.size_bytes)

    def _area(self, block: int, offset: int, size: int) -> bytes:
        return self._source.read_at(block * self._block_bytes + offset, size)

    def _name(self, raw: bytes) -> tuple[str, bytes | None]:
        """A name without its version, and without the dot where nothing follows it."""
        if self._descriptor.kind == "joliet":
            text = raw.decode("utf-16-be", errors="replace")
            return text.split(";")[0], raw if "\ufffd" in text else None
        name, name_bytes = _text(raw.split(b";")[0])
        return (name[:-1] if name.endswith(".") and len(name) > 1 else name), name_bytes

    def _stamps(self, record: Record, found: RockRidge) -> tuple[Stamps, list[str]]:
        if self.has_rock_ridge:
            get = found.times.get
            return (get("modified"), get("accessed"), get("changed"), get("created"), *(None,) * 5), []
        try:
            return (None, None, None, short_time(record.recorded), *(None,) * 5), []
        except ValueError:
            return (None,) * 9, ["an impossible time is left out"]


def _text(raw: bytes) -> tuple[str, bytes | None]:
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return raw.decode(errors="replace"), raw


def _directory(block: int, size: int) -> str:
    return f"{block}+{size}"


def _place(address: str) -> tuple[int, int]:
    block, size = address.split("+")
    return int(block), int(size)
