"""7z archives as trees of members; see :mod:`evidence.filesystems.sevenzip_records` for the sources."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.folders import (
    NOT_LISTED,
    SAME_PATH,
    Folders,
    TooManyFoldersError,
    components,
    named,
    own_name,
    same_path,
    undescribed,
)
from evidence.filesystems.listing import Node, Tree, decoded
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.sevenzip_content import Blocks, PartContent
from evidence.filesystems.sevenzip_records import (
    AES,
    SIGNATURE,
    SIGNATURE_HEADER_BYTES,
    DamagedHeaderError,
    Member,
    is_encoded,
    members_of,
    packed_header,
    start_of,
)
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.unix import kind_by_mode, link_target
from evidence.filesystems.unpacking import Unpacker
from evidence.images.base import Problem
from evidence.volumes.base import Readable

HEADER_BYTES = 64 << 20
"""A larger list of members is not read."""

_DIGESTED_BYTES, _DIGESTED_RATIO = 1 << 30, 1100
_ENCODINGS_MAX, _ODD_MAX = 4, 20
_HAS_MODE, _REPARSE_POINT = 0x8000, 0x400
_EPOCH_1970, _TICK_NS, _LATEST_NS = 116_444_736_000_000_000, 100, 1 << 63
_TIMES = ("modified", "accessed", "created")


class SevenZipTree(Tree):
    """The members of an archive; see :class:`evidence.filesystems.opened.OpenedFileSystem`.

    Attributes:
        problems: What is wrong with it as a whole; also told by :meth:`extra`.
    """

    root_address = "d0"

    def __init__(self, source: Readable, unpacker: Unpacker, name: str) -> None:
        """Read the list of members; ``unpacker`` is for their contents, ``name`` is that of the archive.

        Raises:
            OSError: It is no archive that can be read.
            UnreadableRegionError: What says what is in it cannot be read.
        """
        self.problems: list[Problem] = []
        self._folders, self._own_name = Folders(), own_name(name, ".7z")
        streams, self._members = members_of(self._header(source))
        self.problems += [Problem(what=odd, where="", offset_bytes=None) for odd in streams.odd[:_ODD_MAX]]
        self._blocks, self._of = Blocks(source, streams.blocks, unpacker), streams.blocks
        self._starts = [0]
        for block in streams.blocks:
            self._starts.append(self._starts[-1] + block.size_bytes)
        for number, member in enumerate(self._members):
            self._place(number, member)
        self.declared_bytes = source.media_bytes
        self.size_bytes = 1 << 62  # contents are larger than the archive; what may be digested is decided here
        self.facts = FileSystem(type="7z", block_bytes=None, label=None, serial=None)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The members in a folder; see :class:`Tree`."""
        folder = self._folders.all[int(address[1:])]
        names: dict[bytes, bool] = dict.fromkeys(folder.folders, True)
        for name, number in folder.folders.items():
            own = self._folders.all[number].own
            if own is None:
                yield undescribed(number, *decoded(name))
            else:
                yield self._node(own, name, f"d{number}")
        for number in folder.members:
            name = named(self._members[number].path, self._own_name)[0][-1]
            yield from same_path(names, name, decoded(name)[0], None)
            yield self._node(number, name, None)

    def extra(self) -> Iterator[Problem]:
        """What is wrong with the archive as a whole."""
        yield from self.problems

    def content(self, address: str) -> ContentSource:
        """The content of a member, by its number."""
        number = int(address) if address.isascii() and address.isdigit() and len(address) < 10 else len(self._members)
        if number >= len(self._members) or self._members[number].is_folder:
            raise OSError("there is no such member")
        return self._content(self._members[number])

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Times are those of NTFS, in UTC, as far as any member has them."""
        known = [name for name in _TIMES if any(getattr(member, name) for member in self._members)]
        return rules_of(volume_id, dict.fromkeys(known, ("list of members", "utc", _TICK_NS)))

    def _header(self, source: Readable) -> bytes:
        """The plain list of members; raises OSError."""
        start = start_of(source.read_at(0, SIGNATURE_HEADER_BYTES))
        end = start.offset_bytes + start.size_bytes
        if end > source.media_bytes:
            raise DamagedHeaderError(
                f"it ends at byte {source.media_bytes}, but its list of members at byte {end}: "
                "it is cut off, or the first of several parts"
            )
        if end < source.media_bytes:
            what = f"{source.media_bytes - end} bytes follow behind the end of the archive."
            self.problems.append(Problem(what=what, where="", offset_bytes=end, is_damage=False))
        if start.size_bytes > HEADER_BYTES:
            raise DamagedHeaderError(f"its list of members has {start.size_bytes} bytes; up to {HEADER_BYTES} are read")
        header = source.read_at(start.offset_bytes, start.size_bytes)
        if (found := zlib.crc32(header)) != start.crc32:
            raise DamagedHeaderError(f"the CRC-32 of its list of members is {found:08x}, {start.crc32:08x} is stored")
        for _ in range(_ENCODINGS_MAX):
            if not header or not is_encoded(header):
                return header or b"\x01\x00"
            header = _unpacked(source, header)
        raise DamagedHeaderError(f"its list of members is packed more than {_ENCODINGS_MAX} times")

    def _place(self, number: int, member: Member) -> None:
        if member.is_folder and not components(member.path)[0]:
            return  # the root of the archive itself
        path = named(member.path, self._own_name)[0]
        try:
            before = self._folders.add(path, number, is_folder=member.is_folder)
        except TooManyFoldersError as error:
            what = f"A member is not listed: {error}"
            self.problems.append(Problem(what=what, where="", offset_bytes=None, about=NOT_LISTED))
            return
        if before is not None:
            what = f"The folder {decoded(path[-1])[0]} is named twice; the later one is shown."
            self.problems.append(Problem(what=what, where="", offset_bytes=None, about=SAME_PATH))

    def _node(self, number: int, name: bytes, folder: str | None) -> Node:
        member = self._members[number]
        text, name_bytes = decoded(name)
        mode = member.attributes >> 16 if member.attributes & _HAS_MODE else 0
        size = member.part.size_bytes if member.part else 0
        kind, odd = ("directory", None) if folder else kind_by_mode(mode, size)
        stamps, notes = _stamps(member)
        notes += [named(member.path, self._own_name)[1], odd, *_oddities(member)]
        content: ContentSource | None = None
        target = None
        try:
            if kind == "file":
                content = self._content(member)
            elif kind == "link":
                target, odd = link_target(self._content(member).read(0, size))
                notes.append(odd)
        except UNREADABLE as error:
            notes.append(reason(error))
        if content is not None and (why := self._not_digested(member)):
            content = None
            notes.append(why)
        return Node(
            name=text,
            name_bytes=name_bytes,
            kind=kind,
            address=str(number),
            size_bytes=size,
            stamps=stamps,
            link_target=target,
            note="; ".join(filter(None, notes)) or None,
            content=content,
            order=self._starts[member.part.block] + member.part.offset_bytes if member.part else 0,
            enter=folder,
        )

    def _content(self, member: Member) -> ContentSource:
        part = member.part
        if part is None:
            return PartContent(self._blocks, 0, 0, 0, None)
        if why := self._blocks.why_not(part.block):
            raise OSError(why)
        return PartContent(self._blocks, part.block, part.offset_bytes, part.size_bytes, part.crc32)

    def _not_digested(self, member: Member) -> str | None:
        if member.part is None:
            return None
        block = self._of[member.part.block]
        packed = sum(size for _, size in block.places)
        if block.size_bytes > max(_DIGESTED_BYTES, _DIGESTED_RATIO * packed):
            return f"not digested: {packed} packed bytes are declared to give {block.size_bytes}"
        return None


def _unpacked(source: Readable, header: bytes) -> bytes:
    block = packed_header(header)
    if any(coder.method == AES for coder in block.coders):
        raise OSError("its list of members is encrypted (AES-256 of 7-Zip), so not even the names in it can be read")
    if block.size_bytes > HEADER_BYTES:
        raise DamagedHeaderError(f"its list of members has {block.size_bytes} bytes; up to {HEADER_BYTES} are read")
    try:
        return Blocks(source, [block], Unpacker()).read(0, 0, block.size_bytes)
    except OSError as error:
        raise DamagedHeaderError(f"its list of members cannot be unpacked: {error}") from error


def _oddities(member: Member) -> Iterator[str]:
    if member.is_anti:
        yield "an anti-item: unpacking the archive deletes what has this path"
    if member.attributes & _REPARSE_POINT:
        yield "a reparse point of Windows: its content tells where it leads"
    if member.part is not None and member.part.crc32 is None:
        yield "no checksum of the content is stored"


def _stamps(member: Member) -> tuple[Stamps, list[str | None]]:
    notes, times = list[str | None](), list[int | None]()
    for name in _TIMES:
        ticks: int | None = getattr(member, name)
        ns = (ticks - _EPOCH_1970) * _TICK_NS if ticks else None
        if ns is not None and ns >= _LATEST_NS:
            ns = None
            notes.append(f"an impossible time ({name}) is left out")
        times.append(ns)
    return (times[0], times[1], None, times[2], None, None, None, None, None), notes


def look(source: Readable) -> bool:
    """Whether a 7z archive begins here."""
    return source.read_at(0, len(SIGNATURE)) == SIGNATURE


def open_7z(source: Readable, unpacker: Unpacker | None = None, name: str = "") -> SevenZipTree:
    """Open an archive; ``unpacker`` does the unpacking, one of its own when left out; ``name`` is the archive's.

    Raises:
        FileSystemError: It is none that can be read; says why.
    """
    try:
        return SevenZipTree(source, unpacker or Unpacker(), name)
    except UNREADABLE as error:
        raise FileSystemError("7z", reason(error)) from error
