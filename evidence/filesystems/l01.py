"""The files of logical evidence of EnCase (L01), from the list that it ends with.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Ltree section".
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.listing import Node, Stream, Tree
from evidence.filesystems.stamps import SECOND_NS, Stamps, rules_of
from evidence.filesystems.stored_digests import Compared, StoredContent
from evidence.images.base import Problem
from evidence.volumes.base import Readable, Window

ENTRIES_MAX = 500_000
DEPTH_MAX = 512
_LINK, _DELETED, _STREAM, _FOLDER, _SPARSE = 0x10, 0x80, 0x2000, 0x0200_0000, 0x0400_0000
_TIMES = ("wr", "ac", "mo", "cr", "dl")
_KEPT = ("p", "n", "opr", "cr", "ac", "wr", "mo", "dl", "ha", "sha", "ls", "du", "be")


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry of the list: its values by their names, and the numbers of the entries in it."""

    values: Mapping[str, str]
    inner: list[int] = field(default_factory=list)

    @property
    def flags(self) -> int:
        """See the specification; 0 where there are none."""
        return _number(self.values.get("opr", "")) or 0

    @property
    def size_bytes(self) -> int:
        """Of the content; 0 where it is not said."""
        return _number(self.values.get("ls", "")) or 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Content that lies in one or more stretches of the media; see ``ContentSource``."""

    windows: tuple[Window, ...]
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content."""
        offset, found = max(0, offset_bytes), []
        left = max(0, min(size_bytes, self.size_bytes - offset))
        for window in self.windows:
            if offset < window.media_bytes and left:
                found.append(window.read_at(offset, left))
                left -= len(found[-1])
            offset = max(0, offset - window.media_bytes)
        return b"".join(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Content of one byte value."""

    byte: bytes
    size_bytes: int

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content."""
        return self.byte * max(0, min(size_bytes, self.size_bytes - max(0, offset_bytes)))


class L01Tree(Tree):
    """The entries of the list; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    root_address = "0"
    stored_in = "its list of the files"

    def __init__(self, media: Readable, text: str) -> None:
        """Show the entries of the list ``text`` of ``media``; raises OSError where there is none."""
        self._media = media
        self._entries, self.problems = entries_of(text)
        self.size_bytes = self.declared_bytes = media.media_bytes
        self.facts = FileSystem(type="l01", block_bytes=None, label=None, serial=None)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The entries in one; see :class:`Tree`."""
        for number in self._entries[int(address)].inner:
            yield self._node(number)

    def extra(self) -> Iterator[Problem]:
        """What is wrong with the list as a whole."""
        yield from self.problems

    def content(self, address: str) -> ContentSource:
        """The content of an entry, by its number in the list."""
        number = int(address) if address.isascii() and address.isdigit() and len(address) < 10 else len(self._entries)
        if number >= len(self._entries):
            raise OSError("there is no such entry")
        content = self._content(self._entries[number])
        if content is None:
            raise OSError("it has no content")
        return content

    def wrongs(self) -> Sequence[Problem]:
        """What is wrong with the list as a whole."""
        return self.problems

    @property
    def stored_bytes(self) -> int:
        """Size of all contents."""
        return self.size_bytes

    def stored_contents(self) -> Iterator[StoredContent]:
        """The entries whose digests are stored; see :class:`evidence.filesystems.stored_digests.StoresDigests`."""
        todo = [(number, "") for number in reversed(self._entries[0].inner)]
        while todo:
            number, above = todo.pop()
            entry = self._entries[number]
            path = f"{above}/{_name(entry)}"
            todo += [(inner, path) for inner in reversed(entry.inner)]
            if (stored := _digests(entry)) and (entry.size_bytes or entry.values.get("be")):
                yield StoredContent(path=path, digests=stored, open=partial(self.content, str(number)))

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """All times are whole seconds in UTC."""
        fields = ("modified", "accessed", "changed", "created", "deleted")
        return rules_of(volume_id, dict.fromkeys(fields, ("ltree", "utc", SECOND_NS)))

    def _node(self, number: int) -> Node:
        entry = self._entries[number]
        notes: list[str] = []
        streams: tuple[Stream, ...] = ()
        content: ContentSource | None = None
        is_folder = entry.values.get("p") == "1" or bool(entry.flags & _FOLDER)
        try:
            content = self._content(entry)
        except UNREADABLE as error:
            notes.append(reason(error))
        stored = _digests(entry)
        if content is not None and stored:
            content = Compared(content, stored)
        if is_folder and content is not None:
            streams = (Stream(name="content", address=str(number), content=content),)
        name = entry.values.get("n", "") or "NoName"
        if "/" in name:
            notes.append(f"its name has a slash: {name}")
        link = bool(entry.flags & _LINK) and not is_folder
        return Node(
            name=_name(entry),
            kind="directory" if is_folder else "link" if link else "stream" if entry.flags & _STREAM else "file",
            address=str(number),
            size_bytes=0 if is_folder else entry.size_bytes,
            stamps=_stamps(entry),
            allocated=not entry.flags & _DELETED,
            note="; ".join(notes) or None,
            content=None if is_folder else content,
            order=_start(entry),
            enter=str(number) if entry.inner else None,
            streams=streams,
        )

    def _content(self, entry: Entry) -> ContentSource | None:
        """The content of an entry, None where it has none; raises OSError where it does not lie on the media."""
        pieces, size = _extents(entry), entry.size_bytes
        stored = sum(length for _, length in pieces)
        if entry.flags & _SPARSE and stored < size:
            place = _number(entry.values.get("du", ""))
            if place is not None and place >= 0:
                pieces = [(place, size)]
            elif stored == 1:
                return Repeated(byte=Window(self._media, *pieces[0]).read_at(0, 1), size_bytes=size)
            stored = sum(length for _, length in pieces)
        if not pieces:
            if size:
                raise OSError(f"{size} bytes are declared, but no place for them")
            return None
        if stored < size:
            raise OSError(f"{size} bytes are declared, but {stored} are stored")
        for start, length in pieces:
            if start + length > self._media.media_bytes:
                raise OSError(f"its content should lie at byte {start} of the media, which is behind its end")
        return Pieces(windows=tuple(Window(self._media, *piece) for piece in pieces), size_bytes=size)


def entries_of(text: str) -> tuple[list[Entry], list[Problem]]:
    """All entries of a list; the first is the root.

    Raises:
        OSError: There is no list of entries.
    """
    lines = (line.rstrip("\r\n") for line in io.StringIO(text, newline="\n"))
    if not any(line == "entry" for line in lines):
        raise OSError("the list of the files has no entries")
    next(lines, "")
    keys = next(lines, "").split("\t")
    if "n" not in keys or "ls" not in keys:
        raise OSError("the list of the files does not say what its columns are")
    entries: list[Entry] = []
    above: list[tuple[int, int]] = []  # number of an entry, how many in it are still to come
    problems: list[Problem] = []
    for line in lines:
        count = _number(line.partition("\t")[2])
        values = next(lines, None)
        if count is None or count < 0 or values is None:
            problems.append(_told(f"The list of the files makes no sense behind its entry {len(entries)}."))
            break
        if len(entries) >= ENTRIES_MAX or len(above) > DEPTH_MAX:
            problems.append(_told(f"The list of the files ends with entry {len(entries)} here: it has too many."))
            break
        said = dict(zip(keys, values.split("\t"), strict=False))
        entries.append(Entry(values={key: said[key] for key in _KEPT if said.get(key)}))
        if above:
            parent, left = above.pop()
            entries[parent].inner.append(len(entries) - 1)
            if left > 1:
                above.append((parent, left - 1))
        if count:
            above.append((len(entries) - 1, count))
        if not above:
            break
    else:
        problems.append(_told("The list of the files ends before its last entry."))
    if not entries:
        raise OSError("the list of the files has no entries")
    return entries, problems


def _told(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None)


def _number(text: str, base: int = 10) -> int | None:
    try:
        return int(text, base) if len(text) < 20 and "_" not in text else None
    except ValueError:
        return None


def _extents(entry: Entry) -> list[tuple[int, int]]:
    """Offset and length of each stretch on the media."""
    numbers = [_number(part, 16) for part in entry.values.get("be", "").split()[1:]]
    found = []
    for start, length in zip(numbers[::2], numbers[1::2], strict=False):
        if start is None or length is None or start < 0 or length < 0:
            raise OSError("where its content lies makes no sense")
        found.append((start, length))
    return found


def _name(entry: Entry) -> str:
    return (entry.values.get("n", "") or "NoName").replace("/", "\u2215")


def _start(entry: Entry) -> int:
    parts = entry.values.get("be", "").split()
    return (_number(parts[1], 16) or 0) if len(parts) > 1 else 0


def _digests(entry: Entry) -> dict[str, str]:
    """The digests that are stored; of zeros only is none."""
    said = {"md5": entry.values.get("ha", "").lower(), "sha1": entry.values.get("sha", "").lower()}
    return {name: value for name, value in said.items() if len(value) in (32, 40) and value.strip("0")}


def _stamps(entry: Entry) -> Stamps:
    seconds = [_number(entry.values.get(key, "")) or None for key in _TIMES]
    stamps = [None if one is None or abs(one) > 1 << 33 else one * SECOND_NS for one in seconds]
    return (stamps[0], stamps[1], stamps[2], stamps[3], stamps[4], None, None, None, None)
