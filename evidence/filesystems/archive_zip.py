"""ZIP archives as trees of members, taken from the central directory and compared with what stands before each.

Sources: PKWARE APPNOTE 6.3.10; Info-ZIP's ``extrafld.txt``; WinZip AES specification.
"""

from __future__ import annotations

import datetime
import stat
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

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
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stamps import SECOND_NS, Stamps, rules_of
from evidence.filesystems.unix import kind_by_mode, link_target
from evidence.filesystems.unpacking import Unpacker
from evidence.filesystems.zip_content import content_of
from evidence.filesystems.zip_records import (
    CENTRAL_MARK,
    IS_UTF8,
    LOCAL_MARK,
    MASKED,
    SIZES_BEHIND,
    UNIX_HOSTS,
    Directory,
    Entry,
    central_entries,
    central_entry,
    find_directory,
    is_utf8,
    local_entry,
)
from evidence.filesystems.zip_search import Head, end_of, heads_between, members_between
from evidence.images.base import Problem
from evidence.volumes.base import Readable

MEMBERS_MAX = 2_000_000
DIGESTED_BYTES, DIGESTED_RATIO = 1 << 30, 1100
"""What would unpack to more than both, bytes and times its packed size, is not digested: it is made to do harm."""

_EMPTY = b"PK\x05\x06"
_FOLDER_OF_DOS = 0x10
_HOSTS_OF_DOS = frozenset({0, 10, 11, 14})


class ZipTree(Tree):
    """The members of an archive; see :class:`evidence.filesystems.opened.OpenedFileSystem`.

    Attributes:
        problems: What is wrong with it as a whole; also told by :meth:`extra`.
    """

    root_address = "d0"

    def __init__(self, source: Readable, unpacker: Unpacker, name: str) -> None:
        """Read the directory of the archive; ``unpacker`` is for its contents, ``name`` is that of the archive.

        Raises:
            OSError: It is no archive that can be read.
            UnreadableRegionError: What says what is in it cannot be read.
        """
        self._source, self._unpacker, self._folders = source, unpacker, Folders()
        self._own_name = own_name(name, ".zip")
        self._places, self._locals, self._ends = array("Q"), array("Q"), array("Q")
        self._overlapping: set[int] = set()
        self._all_utc, self._fine, self._utc, self._is_damaged = True, False, False, False
        self.problems: list[Problem] = []
        self._directory = find_directory(source)
        if self._directory is None:
            if not source.read_at(0, 4) == LOCAL_MARK:
                raise OSError("it has no directory of members")
            self._take(self._by_heads())
            count = "1 member was" if len(self._places) == 1 else f"{len(self._places)} members were"
            what = f"The directory of the archive is missing; {count} found by what stands before each."
            self.problems.insert(0, Problem(what=what, where="", offset_bytes=source.media_bytes))
        else:
            self.problems += self._directory.problems
            self._take_directory(self._directory)
        self._find_overlaps()
        self.declared_bytes = source.media_bytes
        self.size_bytes = 1 << 62  # contents are larger than the archive; what may be digested is decided here
        self.facts = FileSystem(type="zip", block_bytes=None, label=None, serial=None)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The members in a folder; see :class:`Tree`."""
        folder = self._folders.all[int(address[1:])]
        names: dict[bytes, bool] = dict.fromkeys(folder.folders, True)
        for name, number in folder.folders.items():
            own = self._folders.all[number].own
            if own is None:
                yield undescribed(number, *_decoded(name, None))
            else:
                yield from self._node(self._entry(own), name, f"d{number}")
        for number in folder.members:
            entry = self._entry(number)
            name = named(self._path(entry), self._own_name)[0][-1]
            yield from same_path(names, name, _decoded(name, entry)[0], entry.at)
            yield from self._node(entry, name, None)

    def extra(self) -> Iterator[Node | Problem]:
        """What is wrong with the archive as a whole, and members that its directory does not name."""
        yield from self.problems
        if self._directory is None:
            return
        for start, end in self._gaps(self._directory.start_bytes):
            try:
                for head in heads_between(self._source, start, end):
                    if not head.why_not:
                        yield self._left(head.entry)
                    elif self._is_damaged:
                        yield _not_whole(head)
            except UNREADABLE as error:
                what = f"What lies between members cannot be searched: {reason(error)}"
                yield Problem(what=what, where="", offset_bytes=start, about="gaps that cannot be searched")

    def content(self, address: str) -> ContentSource:
        """The content of a member, by the place of its record."""
        if address[:1] == "m" and address[1:].isascii() and address[1:].isdigit() and len(address) < 20:
            entry = local_entry(self._source, int(address[1:]))
            if entry is None:
                raise OSError("there is no such member")
            sized = next(members_between(self._source, entry.at, self._source.media_bytes), entry)
            return content_of(self._source, self._unpacker, sized, sized.at + sized.length)
        number = int(address) if address.isascii() and address.isdigit() and len(address) < 20 else -1
        index = bisect_left(self._places, number) if number >= 0 else len(self._places)
        if index == len(self._places) or self._places[index] != number:
            raise OSError("there is no such member")
        entry = self._entry(index)
        local = self._local(entry)
        return content_of(self._source, self._unpacker, entry, local.at + local.length)

    def members(self) -> Iterator[tuple[bytes, int]]:
        """Path and number of every member of the directory, in its order."""
        for number in range(len(self._places)):
            yield self._path(self._entry(number)), number

    def member(self, number: int) -> tuple[str, str | None]:
        """The address of a member, and why its content is not to be digested; None where it is."""
        entry = self._entry(number)
        return str(entry.at), self._not_digested(entry)

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Every member has a wall time of two seconds; where all of them have one in UTC too, that is shown."""
        step = 100 if self._fine else SECOND_NS
        lines = {"modified": ("directory entry", "local", 2 * SECOND_NS)}
        if self._shows_utc:
            lines["modified"] = ("extra field", "utc", step)
        if self._utc:
            lines |= dict.fromkeys(("accessed", "created"), ("extra field", "utc", step))
        return rules_of(volume_id, lines)

    @property
    def _shows_utc(self) -> bool:
        return self._utc and self._all_utc

    def _by_heads(self) -> Iterator[Entry]:
        for head in heads_between(self._source, 0, self._source.media_bytes):
            if head.why_not:
                self.problems.append(_not_whole(head))
            else:
                yield head.entry

    def _take_directory(self, directory: Directory) -> None:
        try:
            self._take(central_entries(self._source, directory))
        except UNREADABLE as error:
            self._is_damaged = True
            what = f"The directory of the archive cannot be read to its end: {reason(error)}"
            place = getattr(error, "offset_bytes", None)
            self.problems.append(Problem(what=what, where="", offset_bytes=place))
        if len(self._places) & 0xFFFF != directory.count & 0xFFFF or len(self._places) < directory.count:
            what = f"The directory names {len(self._places)} members, but {directory.count} are announced."
            self.problems.append(Problem(what=what, where="", offset_bytes=directory.start_bytes))

    def _take(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            number = len(self._places)
            if number >= MEMBERS_MAX:
                what = f"The archive has more than {MEMBERS_MAX} members; those behind are not listed."
                self.problems.append(Problem(what=what, where="", offset_bytes=entry.at))
                return
            self._places.append(entry.at)
            self._locals.append(min(entry.local, 1 << 63))
            self._ends.append(min(entry.local + 30 + len(entry.name) + entry.packed_bytes, 1 << 63))
            has_utc = entry.utc_ns()[0] is not None
            self._utc, self._fine = self._utc or has_utc, self._fine or entry.has_fine_times
            self._all_utc = self._all_utc and (has_utc or not entry.date)
            self._place(entry, number)

    def _place(self, entry: Entry, number: int) -> None:
        if _is_folder(entry) and not entry.size_bytes and not components(self._path(entry))[0]:
            return  # the root of the archive itself
        path = named(self._path(entry), self._own_name)[0]
        try:
            before = self._folders.add(path, number, is_folder=_is_folder(entry))
        except TooManyFoldersError as error:
            what = f"A member is not listed: {error}"
            self.problems.append(Problem(what=what, where="", offset_bytes=entry.at, about=NOT_LISTED))
            return
        if before is not None:
            what = f"The folder {_decoded(path[-1], entry)[0]} is named twice; the later one is shown."
            self.problems.append(Problem(what=what, where="", offset_bytes=entry.at, about=SAME_PATH))

    def _find_overlaps(self) -> None:
        """Members whose bytes are also those of others: no writer makes them, and they multiply what is unpacked."""
        order = sorted(range(len(self._locals)), key=self._locals.__getitem__)
        reached, last = 0, -1
        for index in order:
            if last >= 0 and self._locals[index] < reached:
                self._overlapping |= {index, last}
            if self._ends[index] > reached:
                reached, last = self._ends[index], index
        if self._overlapping:
            what = (
                f"{len(self._overlapping)} members share bytes with others, which no writer of archives makes; "
                "they are not digested."
            )
            self.problems.append(Problem(what=what, where="", offset_bytes=self._places[min(self._overlapping)]))

    def _entry(self, number: int) -> Entry:
        at = self._places[number]
        if self._directory is not None:
            return central_entry(self._source, at, self._directory.shift_bytes)
        return next(members_between(self._source, at, self._source.media_bytes))

    def _local(self, entry: Entry) -> Entry:
        if not entry.is_central:
            return entry
        local = local_entry(self._source, entry.local)
        if local is None:
            raise OSError(f"at byte {entry.local}, where the member should begin, there is none")
        return local

    def _path(self, entry: Entry) -> bytes:
        return entry.unicode_name or entry.name

    def _node(self, entry: Entry, name: bytes, folder: str | None) -> Iterator[Node | Problem]:
        text, name_bytes = _decoded(name, entry)
        notes = [named(self._path(entry), self._own_name)[1], _guessed(name, entry)]
        mode = entry.attributes >> 16 if entry.host in UNIX_HOSTS else 0
        kind, odd = ("directory", None) if folder else kind_by_mode(mode, entry.size_bytes)
        notes.append(odd)
        if folder and entry.size_bytes:
            what = f"The folder {text} is stored with a content of {entry.size_bytes} bytes, which is not read."
            yield Problem(what=what, where="", offset_bytes=entry.at, about="folders with a content")
        content, target, start = None, None, 0
        try:
            local = self._local(entry)
            start = local.at + local.length
            yield from _contradictions(entry, local, text)
            entry = _with_times_of(entry, local)
            if kind == "file":
                content = content_of(self._source, self._unpacker, entry, start)
            elif kind == "link":
                content_of_link = content_of(self._source, self._unpacker, entry, start)
                target, odd = link_target(content_of_link.read(0, entry.size_bytes))
                notes.append(odd)
        except UNREADABLE as error:
            notes.append(reason(error))
        if content is not None and (why := self._not_digested(entry)):
            content = None
            notes.append(why)
        notes += self._time_note(entry)
        yield Node(
            name=text,
            name_bytes=name_bytes,
            kind=kind,
            address=str(entry.at),
            size_bytes=0 if folder else entry.size_bytes,
            stamps=self._stamps(entry),
            link_target=target,
            note="; ".join(filter(None, notes)) or None,
            content=content,
            order=entry.local,
            enter=folder,
        )

    def _not_digested(self, entry: Entry) -> str | None:
        index = bisect_left(self._places, entry.at)
        if index in self._overlapping:
            return "not digested: it shares its bytes with another member"
        if entry.size_bytes > max(DIGESTED_BYTES, DIGESTED_RATIO * entry.packed_bytes):
            return f"not digested: {entry.packed_bytes} packed bytes are declared to give {entry.size_bytes}"
        return None

    def _stamps(self, entry: Entry) -> Stamps:
        modified, accessed, created = entry.utc_ns()
        shown = modified if self._shows_utc else entry.dos_ns
        return (shown, accessed, None, created, None, None, None, None, None)

    def _time_note(self, entry: Entry) -> list[str]:
        """The time in UTC of a member in an archive whose times are shown as wall times."""
        modified = entry.utc_ns()[0]
        if modified is None or self._shows_utc:
            return []
        moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
        try:
            moment += datetime.timedelta(microseconds=modified // 1000)
        except OverflowError:
            return ["an impossible time is left out"]
        return [f"modified {moment:%Y-%m-%dT%H:%M:%S}Z by its extra field"]

    def _gaps(self, stop: int) -> Iterator[tuple[int, int]]:
        """The stretches before the directory in which no member lies, if another could."""
        reached = 0
        for index in sorted(range(len(self._locals)), key=self._locals.__getitem__):
            local = min(self._locals[index], stop)
            if local > reached:
                yield reached, local
            reached = max(reached, self._ends[index])
            if reached < stop:
                reached = max(reached, self._end(index))
        if stop > reached:
            yield reached, stop

    def _end(self, index: int) -> int:
        """Where a member ends; as far as the directory tells where the rest cannot be read."""
        try:
            entry = self._entry(index)
            local = self._local(entry)
            return end_of(self._source, entry, local.at + local.length, self._source.media_bytes)
        except UNREADABLE:
            return self._ends[index]

    def _left(self, entry: Entry) -> Node:
        """A member that the directory does not name."""
        path, told = components(entry.name)
        text, name_bytes = _decoded(path[-1] if path else b"\xff", entry)
        damaged = "is damaged and " if self._is_damaged else ""
        notes, content = [told, f"the directory of the archive {damaged}does not name this member"], None
        if len(path) > 1:
            notes.append(f"it was in /{'/'.join(_decoded(part, entry)[0] for part in path[:-1])}")
        is_folder = _is_folder(entry)
        try:
            content = None if is_folder else content_of(self._source, self._unpacker, entry, entry.at + entry.length)
        except OSError as error:
            notes.append(str(error))
        if content is not None and entry.size_bytes > max(DIGESTED_BYTES, DIGESTED_RATIO * entry.packed_bytes):
            content = None
            notes.append("not digested: what it is declared to give is too much for what it has")
        return Node(
            name=text,
            name_bytes=name_bytes,
            kind="directory" if is_folder else "file",
            address=f"m{entry.at}",
            size_bytes=0 if is_folder else entry.size_bytes,
            stamps=self._stamps(entry),
            allocated=False,
            orphan=True,
            note="; ".join(filter(None, notes)),
            content=content,
            order=entry.at,
        )


def look(source: Readable) -> bool:
    """Whether a ZIP may begin here; others are known only by their end."""
    return source.read_at(0, 4) in (LOCAL_MARK, CENTRAL_MARK, _EMPTY)


def open_zip(source: Readable, unpacker: Unpacker | None = None, name: str = "") -> ZipTree:
    """Open an archive; ``unpacker`` unpacks its contents, one of its own when left out; ``name`` is the archive's.

    Raises:
        FileSystemError: It is none that can be read; says why.
    """
    try:
        return ZipTree(source, unpacker or Unpacker(), name)
    except UNREADABLE as error:
        raise FileSystemError("zip", reason(error)) from error


def _not_whole(head: Head) -> Problem:
    what = f"The member {_decoded(head.entry.name[:80], head.entry)[0]} is not listed: {head.why_not}."
    return Problem(what=what, where="", offset_bytes=head.entry.at, about=NOT_LISTED)


def _is_folder(entry: Entry) -> bool:
    if entry.name.endswith(b"/"):
        return True
    if entry.host in UNIX_HOSTS:
        return stat.S_ISDIR(entry.attributes >> 16) and not entry.size_bytes
    return entry.host in _HOSTS_OF_DOS and bool(entry.attributes & _FOLDER_OF_DOS) and not entry.size_bytes


def _decoded(name: bytes, entry: Entry | None) -> tuple[str, bytes | None]:
    """A name as text, with its bytes where nothing says for certain what text they are."""
    if entry is not None and not entry.flags & IS_UTF8 and not entry.unicode_name and not name.isascii():
        if (entry.host in UNIX_HOSTS or not entry.is_central) and is_utf8(name):
            return name.decode(), None
        return name.decode("cp437"), name
    if entry is None and not is_utf8(name):
        return name.decode("cp437"), name
    text = name.decode(errors="replace").replace("\0", "\ufffd")
    return text, name if "\ufffd" in text else None


def _guessed(name: bytes, entry: Entry) -> str | None:
    if _decoded(name, entry)[1] is None:
        return None
    if entry.flags & IS_UTF8 or entry.unicode_name:
        return "its name is declared to be UTF-8, and is not"
    return "nothing says in which code page its name is; it is shown as of CP437"


def _contradictions(entry: Entry, local: Entry, text: str) -> Iterator[Problem]:
    """Where the directory and what stands before the member differ: programs show the one or the other."""
    told: list[tuple[str, object, object]] = [
        ("method", entry.method, local.method),
        ("encryption", entry.flags & 1, local.flags & 1),
    ]
    if not local.flags & MASKED:
        told.append(("name", entry.name, local.name))
        if not local.flags & SIZES_BEHIND:
            told += [
                ("packed size", entry.packed_bytes, local.packed_bytes),
                ("size", entry.size_bytes, local.size_bytes),
                ("CRC-32", entry.crc32, local.crc32),
            ]
    for what, central, before in told:
        if central != before:
            sentence = f"The directory gives {text} the {what} {central!r}, the record before it {before!r}."
            yield Problem(what=sentence, where="", offset_bytes=local.at, about="two accounts of a member that differ")


def _with_times_of(entry: Entry, local: Entry) -> Entry:
    """The directory mostly keeps only the time of modification; the record before the member has all."""
    if entry.is_central and entry.utc_ns()[0] in (None, local.utc_ns()[0]):
        return replace(entry, extras=entry.extras | local.extras)
    return entry
