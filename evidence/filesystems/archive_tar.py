"""Tar archives as trees of members: ustar, pax and GNU, also packed by gzip, bzip2, xz or Zstandard.

Sources: see :mod:`evidence.filesystems.tar_records`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.folders import (
    NOT_LISTED,
    Folders,
    TooManyFoldersError,
    components,
    named,
    own_name,
    undescribed,
)
from evidence.filesystems.listing import Node, Tree, decoded
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stamps import SECOND_NS, rules_of
from evidence.filesystems.tar_members import Member, MemberReader
from evidence.filesystems.tar_records import BLOCK_BYTES, is_header
from evidence.filesystems.unpacking import Decoder, Deflate, Feed, Packed, Unpacker, Zstandard, bzip2, xz
from evidence.images.base import Problem
from evidence.volumes.base import Readable

MEMBERS_MAX = 1_000_000
_PACKINGS: dict[bytes, Callable[[Feed], Decoder]] = {
    b"\x1f\x8b\x08": lambda feed: Deflate(feed, gzip=True),
    b"BZh": bzip2,
    b"\xfd7zXZ\0": xz,
    b"\x28\xb5\x2f\xfd": Zstandard,
}
UNPACKED_BYTES, _UNPACKED_RATIO = 1 << 30, 1100
"""A packed archive is unpacked up to 1 GiB, or to what its packing can make of it at the most."""
_HARD_LINKS_MAX = 32
_FAR = 1 << 64
_DIGESTED_BYTES, _DIGESTED_RATIO = 1 << 36, 1100


class Unpacked:
    """What a packed stream gives, to be read at any place.

    Attributes:
        media_bytes: At most so many; where it ends shows when it is read.
    """

    def __init__(
        self, source: Readable, decoder: Callable[[Feed], Decoder], least_bytes: int, unpacker: Unpacker
    ) -> None:
        """Unpack ``source`` from its start, up to ``least_bytes`` whatever its size is."""
        self.media_bytes = max(least_bytes, _UNPACKED_RATIO * source.media_bytes)
        self._unpacker = unpacker
        self._packed = Packed(key=0, open=lambda: decoder(source.read_at), size_bytes=None)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of what it gives, fewer only at its end; raises OSError where the stream is damaged, or a bomb."""
        if offset_bytes + size_bytes > self.media_bytes and self.read_at(self.media_bytes - 1, 1):
            raise OSError(f"more than {self.media_bytes} bytes would be unpacked, which is not done")
        return self._unpacker.read(self._packed, offset_bytes, size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TarContent:
    """The content of a member; see :class:`evidence.filesystems.content.ContentSource`."""

    source: Readable
    start: int
    size_bytes: int
    pieces: tuple[tuple[int, int, int], ...] | None

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; what a sparse file does not store reads as zeros."""
        offset = max(0, offset_bytes)
        size = max(0, min(size_bytes, self.size_bytes - offset))
        if self.pieces is None:
            return self._stored(self.start + offset, size)
        whole = bytearray(size)
        for index in range(max(0, bisect_right(self.pieces, (offset, _FAR, 0)) - 1), len(self.pieces)):
            begin, length, place = self.pieces[index]
            first, last = max(begin, offset), min(begin + length, offset + size)
            if begin >= offset + size:
                break
            if first < last:
                whole[first - offset : last - offset] = self._stored(self.start + place + first - begin, last - first)
        return bytes(whole)

    def _stored(self, place: int, size: int) -> bytes:
        data = self.source.read_at(place, size)
        if len(data) < size:
            raise OSError(f"the archive ends before byte {place + size}")
        return data


class TarTree(Tree):
    """The members of an archive; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    root_address = "d0"

    def __init__(self, source: Readable, unpacked_bytes: int, unpacker: Unpacker, name: str) -> None:
        """Go through the archive ``name`` once.

        Raises:
            OSError: Not even its beginning is read.
            UnreadableRegionError: As before.
        """
        decoder = _packing(source)
        self._stream: Readable = source if decoder is None else Unpacked(source, decoder, unpacked_bytes, unpacker)
        self._folders, self._members, self._own_name = Folders(), list[Member](), own_name(name, ".tar")
        self._last: dict[bytes, int] = {}
        self._replaced: set[int] = set()
        reader = MemberReader(self._stream)
        self._take(reader)
        if not self._members and reader.problems:
            raise OSError(reader.problems[0].what)
        self.problems = reader.problems
        self._last.clear()
        self.declared_bytes = source.media_bytes
        self.size_bytes = 1 << 62  # sparse files may be larger than the archive
        self._fine = any(member.is_fine for member in self._members)
        self.facts = FileSystem(type="tar", block_bytes=BLOCK_BYTES, label=reader.label, serial=None)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The members in a folder; see :class:`Tree`."""
        folder = self._folders.all[int(address[1:])]
        for name, number in folder.folders.items():
            own = self._folders.all[number].own
            if own is None:
                yield undescribed(number, *decoded(name))
            else:
                yield self._node(own, name, f"d{number}")
        for number in folder.members:
            yield self._node(number, named(self._members[number].path, self._own_name)[0][-1], None)

    def extra(self) -> Iterator[Problem]:
        """What is wrong with the archive as a whole."""
        yield from self.problems

    def content(self, address: str) -> ContentSource:
        """The content of a member, by the place of its header."""
        at = int(address) if address.isascii() and address.isdigit() and len(address) < 20 else -1
        index = bisect_left(self._members, at, key=lambda member: member.at)
        if index == len(self._members) or self._members[index].at != at:
            raise OSError("there is no such member")
        return self._content(index)

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Every time is in UTC; those of extended headers may have parts of a second."""
        known = [any(member.stamps[column] is not None for member in self._members) for column in range(4)]
        fields = ("modified", "accessed", "changed", "created")
        step = 1 if self._fine else SECOND_NS
        return rules_of(
            volume_id, {f: ("header", "utc", step) for f, is_known in zip(fields, known, strict=True) if is_known}
        )

    def _take(self, reader: MemberReader) -> None:
        try:
            for member in reader.members():
                if len(self._members) >= MEMBERS_MAX:
                    what = f"The archive has more than {MEMBERS_MAX} members; those behind are not listed."
                    reader.problems.append(Problem(what=what, where="", offset_bytes=member.at))
                    return
                self._members.append(member)
                self._place(member, len(self._members) - 1, reader.problems)
        except UNREADABLE as error:
            what = f"The archive cannot be read to its end: {reason(error)}"
            place = getattr(error, "offset_bytes", None)
            reader.problems.append(Problem(what=what, where="", offset_bytes=place))

    def _place(self, member: Member, number: int, problems: list[Problem]) -> None:
        if member.kind == "directory" and not components(member.path)[0]:
            return  # the root of the archive itself
        path = named(member.path, self._own_name)[0]
        try:
            before = self._folders.add(path, number, is_folder=member.kind == "directory")
        except TooManyFoldersError as error:
            what = f"A member is not listed: {error}"
            problems.append(Problem(what=what, where="", offset_bytes=member.at, about=NOT_LISTED))
            return
        key = b"/".join(path)
        if before is None and key in self._last:
            self._replaced.add(self._last[key])
        self._last[key] = number

    def _node(self, number: int, name: bytes, folder: str | None) -> Node:
        member = self._members[number]
        text, name_bytes = decoded(name)
        notes = [member.note, named(member.path, self._own_name)[1]]
        content = None
        if number in self._replaced:
            notes.append("a later member has the same path and replaces it when the archive is unpacked")
        if member.is_hard_link and member.link is not None:
            notes.append(f"hard link to {member.link.decode(errors='replace')}")
        try:
            content = self._content(number) if member.kind == "file" else None
        except OSError as error:
            notes.append(str(error))
        size = content.size_bytes if content else member.size_bytes
        if size > max(_DIGESTED_BYTES, _DIGESTED_RATIO * member.stored_bytes):
            content = None
            notes.append(f"not digested: {size} bytes of a sparse file, of which {member.stored_bytes} are stored")
        return Node(
            name=text,
            name_bytes=name_bytes,
            kind=member.kind,
            address=str(member.at),
            size_bytes=size,
            stamps=member.stamps,
            link_target=member.link.decode(errors="replace") if member.kind == "link" and member.link else None,
            note="; ".join(filter(None, notes)) or None,
            content=content,
            order=member.start,
            enter=folder,
        )

    def _content(self, number: int) -> ContentSource:
        member = self._members[number]
        for _ in range(_HARD_LINKS_MAX):
            if not member.is_hard_link or member.stored_bytes:
                break
            before = self._linked(member, number)
            if before is None:
                raise OSError("what the hard link leads to is not in the archive before it")
            number, member = before, self._members[before]
        if member.kind != "file" or (member.is_hard_link and not member.stored_bytes):
            raise OSError("it has no content")
        if member.stored_bytes < 0:
            raise OSError("where its content lies is not known")
        return TarContent(source=self._stream, start=member.start, size_bytes=member.size_bytes, pieces=member.pieces)

    def _linked(self, member: Member, number: int) -> int | None:
        """The last member before a hard link that has the path it leads to."""
        wanted = components(member.link or b"")[0]
        folder = self._folders.all[self._folders.find(wanted[:-1])] if wanted else None
        found = None
        for index in folder.members if folder else ():
            if index >= number:
                break
            if components(self._members[index].path)[0] == wanted:
                found = index
        return found


def _packing(source: Readable) -> Callable[[Feed], Decoder] | None:
    head = source.read_at(0, 6)
    return next((decoder for mark, decoder in _PACKINGS.items() if head.startswith(mark)), None)


def look(source: Readable) -> bool:
    """Whether a tar begins here, as it is or packed."""
    decoder = _packing(source)
    if decoder is None:
        return is_header(source.read_at(0, BLOCK_BYTES))
    try:
        return is_header(decoder(source.read_at).read(BLOCK_BYTES))
    except OSError:
        return False


def open_tar(
    source: Readable, unpacked_bytes: int = UNPACKED_BYTES, unpacker: Unpacker | None = None, name: str = ""
) -> TarTree:
    """Open an archive.

    Args:
        source: Plain or packed.
        unpacked_bytes: How much of a packed one may be unpacked, whatever its size is.
        unpacker: Does the unpacking; one of its own when left out.
        name: Of the archive, for a member that has none.

    Raises:
        FileSystemError: It is none that can be read; says why.
    """
    try:
        return TarTree(source, unpacked_bytes, unpacker or Unpacker(), name)
    except UNREADABLE as error:
        raise FileSystemError("tar", reason(error)) from error
