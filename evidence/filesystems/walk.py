"""The walk over a file system: every name, allocated or not, becomes one row.

The rules of listing are those of ``fls -r -p`` of The Sleuth Kit, so that addresses and paths can be compared with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from evidence.filesystems import ntfs, row_notes
from evidence.filesystems.base import Counts, FileRow
from evidence.filesystems.batches import BATCH_ROWS, Batches
from evidence.filesystems.content import UNREADABLE, ContentReader, reason
from evidence.filesystems.dots import DOTS, is_self_or_parent
from evidence.filesystems.ext_attributes import NO_KEY, Attribute, ExtInodes
from evidence.filesystems.found_entry import is_unusual
from evidence.filesystems.listed_folders import ALL, Folders
from evidence.filesystems.listing import decoded
from evidence.filesystems.meta_kinds import ALLOCATED, DIRECTORIES, KIND_OF_META, KIND_OF_NAME, VIRTUAL_DIRECTORY
from evidence.filesystems.ntfs_entry import NamedStream, NtfsEntry, ntfs_entry
from evidence.filesystems.ntfs_names import stored_names, text_of, utf16
from evidence.filesystems.regular import BARE, Entered, RegularRows
from evidence.filesystems.row_notes import joined
from evidence.filesystems.stamps import NONE, Stamps
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import ATTRIBUTE, TskContent, attribute_content, link_target
from evidence.images.base import AS_READ, UNREAD_ATTRIBUTES, Problem
from evidence.later import Later
from evidence.shares import Share

if TYPE_CHECKING:
    from evidence.filesystems.decmpfs import CompressedContent
    from evidence.filesystems.wof import WofContent

MAX_DEPTH, MAX_VISITS = 1_024, 16

_DELETED_BY_POSIX = "$Deleted"  # in $Extend: files of users that were deleted while still open
_NO_PATH = {0: "\ufffd", ord("/"): "\ufffd"}
_BAD_CLUSTERS = "8-128-1"
_AMONG_ORPHANS = "Deleted files of it that are found all the same stand among the orphans."
_MAY_BE_WITHHELD, _HAS_CONTENT = frozenset({"file", "link"}), frozenset({"file", "stream", "metadata", "virtual"})
OF_HFS_PLUS = Later("evidence.filesystems.hfs_plus_compressed", "compressed_content")
OF_WINDOWS = Later("evidence.filesystems.wof", "wof_content")
_HFS_RESOURCE_FORK, _HFS_EXTENDED_ATTRIBUTE = 4353, 4354

_Path: TypeAlias = "tuple[int, _Path] | None"
_Folder: TypeAlias = tuple[int, str, int | None, bool, int, _Path]
"""Address, path, id of its row, whether it is an orphan, depth, and the addresses above it."""
_Facts: TypeAlias = tuple[str, bytes | None, str, str, bool, bool, bool]
"""Name, its bytes, path, kind, allocated, reallocated, orphan."""


class Walk:
    """One walk over one file system.

    Attributes:
        counts: What was yielded so far.
    """

    def __init__(
        self,
        opened: TskFileSystem,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
        folders: Folders = ALL,
        *,
        is_quick: bool = True,
    ) -> None:
        """Prepare to list ``opened`` as ``volume_id``.

        Args:
            opened: The file system.
            volume_id: For the rows.
            next_id: Gives each row its id.
            contents: Digests the contents; None to list only.
            on_entries: Called with the number of rows of every batch, and with 0 after a directory.
            share: Which batches' contents are read here; for the others an empty batch is yielded in their place.
            folders: Which directories are listed.
            is_quick: Whether :class:`RegularRows` makes the rows of most files; what they say is the same.
        """
        self._opened, self._volume_id, self._next_id = opened, volume_id, next_id
        self._on_entries, self._folders = on_entries, folders
        self._batches = Batches(opened.size_bytes, contents, on_entries, share)
        self._is_ntfs, self._is_read = opened.is_ntfs, contents is not None
        self._listed_last = opened.orphans_address if opened.is_ntfs else None
        self._regular = RegularRows(opened, self._batches, volume_id, next_id, self._add) if is_quick else None
        self._orphans_of = self._regular.orphans if self._regular is not None else None
        self._visits: dict[int, int] = {}
        self._here = (0, 0)
        self._system_folders = {ntfs.EXTEND} if opened.is_ntfs else set()
        self._flushed = self._directories = self._links = self._deleted = self._orphans = 0

    @property
    def counts(self) -> Counts:
        """How many rows of each sort were listed so far."""
        return Counts(
            files=self._flushed + len(self._batches.rows) - self._directories - self._links - self._deleted,
            directories=self._directories,
            links=self._links,
            deleted=self._deleted,
            orphans=self._orphans,
        )

    def run(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        """All rows in batches, a parent before its children, orphans last, and what could not be read."""
        todo: list[_Folder] = [(self._opened.root_address, "", None, False, 0, None)]
        while todo:
            folder = todo.pop()
            why = self._folders.begin(folder[1])
            for inner in self._list(folder) if why is None else ():
                if inner is not None:
                    todo.insert(0 if inner[0] == self._listed_last else len(todo), inner)
                if len(self._batches.rows) >= BATCH_ROWS:
                    yield from self._flush()
                    if (why := self._folders.go_on(folder[1])) is not None:
                        break
            if why is not None:
                self._problem(f"{why} {_AMONG_ORPHANS}")
            self._on_entries(0)
        yield from self._flush()

    def _flush(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        self._batches.read()
        region = self._opened.take_unreadable()
        if region is not None:
            self._problem(f"Something could not be read: {region}", region.offset_bytes, AS_READ)
        self._flushed += len(self._batches.rows)
        yield from self._batches.hand_over()

    def _list(self, folder: _Folder) -> Iterator[_Folder | None]:
        """Make the rows of one directory; yields each row's directory to go on with, and None when a batch is full."""
        address, path, row_id, orphan, depth, above = folder
        here: _Path = (address, above)
        self._here = address, above[0] if above else address
        inner: Entered | None
        try:
            for entry in self._rest(address, path, row_id, orphan):
                if entry is None:
                    yield None
                    continue
                try:
                    inner = entry if isinstance(entry, tuple) else self._entry(entry, path, row_id, orphan)
                except OSError as error:
                    self._unread(f"An entry of {path or '/'} cannot be read", error)
                    continue
                if inner is not None and self._may_enter(inner, depth, here):
                    yield (*inner, depth + 1, here)
                elif len(self._batches.rows) >= BATCH_ROWS:
                    yield None
        except OSError as error:
            self._unread(f"The directory {path or '/'} cannot be read to its end", error)

    def _rest(self, address: int, path: str, row_id: int | None, orphan: bool) -> Iterator[Any | Entered | None]:
        """The entries of a directory that :class:`RegularRows` makes no row of; None when a batch is full."""
        if self._regular is None or address in self._system_folders:
            return self._opened.entries(address)
        return self._regular.rest(address, path, row_id, orphan)

    def _may_enter(self, inner: tuple[int, str, int, bool], depth: int, above: _Path) -> bool:
        address, path = inner[0], inner[1]
        link = above
        while link is not None:
            if link[0] == address:
                self._problem(f"The directory {path} leads back into one of its parents; it is not entered again.")
                return False
            link = link[1]
        if depth >= MAX_DEPTH:
            self._problem(f"The directory {path} lies deeper than {MAX_DEPTH} levels; it is not entered.")
            return False
        visits = self._visits[address] = self._visits.get(address, 0) + 1
        if visits > MAX_VISITS:
            self._problem(f"The directory {path} has more than {MAX_VISITS} names; it is not entered again.")
            return False
        return True

    def _entry(self, entry: Any, path: str, parent_id: int | None, orphan: bool) -> tuple[int, str, int, bool] | None:
        """Make the rows of one name; the directory behind it if there is one to enter."""
        info = entry.info
        name_info, meta = info.name, info.meta
        raw_name: bytes = name_info.name
        if raw_name in DOTS and is_self_or_parent(self._opened, entry, *self._here):
            return None
        address: int = name_info.meta_addr
        allocated = name_info.flags & ALLOCATED != 0
        if meta is None and (address or self._is_ntfs):
            entry = self._opened.open_record(address)
            meta = entry.info.meta if entry is not None else None
        name, name_bytes = decoded(raw_name)
        remark: str | None = None
        if is_unusual(entry):
            name_bytes, remark = entry.name_bytes, entry.remark
        elif self._opened.is_encrypted(name_info.par_addr):
            raw_name = (self._opened.sealed_name(name_info.par_addr, address) if allocated else None) or raw_name
            name, name_bytes = decoded(raw_name)[0].translate(_NO_PATH), raw_name
            remark = f"its name is {NO_KEY}"
        elif b"^" in raw_name:
            name_bytes = self._opened.hidden_name(raw_name, address) or name_bytes
        full = f"{path}/{name}"
        if meta is None:
            kind = KIND_OF_NAME.get(name_info.type, "file")
            note = joined(remark, row_notes.WITHOUT_METADATA)
            facts: _Facts = (name, name_bytes, full, kind, allocated, False, orphan)
            self._add(parent_id, facts, 0, str(address) if address else "", NONE, None, note)
            return None
        meta_type, in_use = meta.type, meta.flags & ALLOCATED != 0
        kind = KIND_OF_META.get(meta_type) or KIND_OF_NAME.get(name_info.type, "file")
        realloc = False
        if not allocated:
            if self._is_ntfs and not orphan:
                realloc = in_use or meta.seq not in (name_info.meta_seq, name_info.meta_seq + 1)
            else:
                realloc = in_use
            if realloc:
                remark = joined(remark, row_notes.REUSED)
        elif not in_use:
            remark = joined(remark, "its record is marked as unused")
        if self._orphans_of is not None and not in_use:
            self._orphans_of.met(address, allocated=allocated)
        if name_info.par_addr in self._system_folders and kind == "directory" and name != _DELETED_BY_POSIX:
            self._system_folders.add(address)
        if kind == "file" and (name_info.par_addr in self._system_folders or self._opened.is_metadata(address)):
            kind = "metadata"
        facts = (name, name_bytes, full, kind, allocated, realloc, orphan)
        if self._is_ntfs:
            row_id, full = self._ntfs_rows(entry, name_info, meta, parent_id, path, facts, remark)
        else:
            row_id = self._plain_row(entry, meta, address, in_use, parent_id, facts, remark)
        if meta_type in DIRECTORIES and not realloc:
            return address, full, row_id, orphan or (meta_type == VIRTUAL_DIRECTORY)
        return None

    def _plain_row(
        self, entry: Any, meta: Any, address: int, in_use: bool, parent_id: int | None, facts: _Facts, note: str | None
    ) -> int:
        """One row, with rows of their own for the resource fork and extended attributes of HFS+."""
        opened, kind, size = self._opened, facts[3], meta.size
        stamps = opened.stamps.of(meta, address, in_use) if opened.stamps else NONE
        if opened.zones is not None:
            note = joined(note, opened.zones.note(facts[2], address, stamps))
        if not self._is_read and not opened.has_forks and opened.inodes is None and kind != "link":
            return self._add(parent_id, facts, size, str(address), stamps, None, note)
        withheld = opened.withheld(address) if kind in _MAY_BE_WITHHELD else None
        note = joined(note, withheld)
        target = link_target(opened, entry, meta) if kind == "link" and withheld is None else None
        valid: int | None = None
        is_read = self._is_read and kind in _HAS_CONTENT and withheld is None
        if is_read:
            valid = opened.valid_bytes(address)
            if valid is not None and valid < size:
                note = joined(note, f"written up to byte {valid} only; the rest reads as zeros")
            else:
                valid = None
        packed: CompressedContent | None = None
        if opened.has_forks and kind == "file":
            try:
                packed = OF_HFS_PLUS(opened, entry)
            except OSError as error:
                note, is_read = joined(note, f"content not readable: {reason(error)}"), False
        size = packed.size_bytes if packed else size
        row_id = self._add(parent_id, facts, size, str(address), stamps, target, note)
        if packed and is_read:
            self._batches.read_for_last_row(packed, lambda: address, "" if facts[5] else facts[0])
        elif is_read:
            self._read(entry, None, size, "" if facts[5] else facts[0], valid)
        if opened.has_forks:
            self._fork_rows(entry, str(address), parent_id, facts, stamps)
        elif opened.inodes is not None and opened.inodes.has_more(address):
            self._attribute_rows(opened.inodes, address, parent_id, facts, stamps)
        return row_id

    def _attribute_rows(
        self, inodes: ExtInodes, address: int, parent_id: int | None, facts: _Facts, stamps: Stamps
    ) -> None:
        """A row for each extended attribute of ext, as for streams."""
        try:
            for index, attribute in enumerate(inodes.attributes(address)):
                self._add_stream(attribute, f"{address}{ATTRIBUTE}{index}", parent_id, facts, stamps)
                if self._is_read:
                    self._batches.read_for_last_row(attribute_content(self._opened, attribute), int, "")
        except UNREADABLE as error:
            what = f"The extended attributes of {facts[2]} cannot be read: "
            self._problem(what + reason(self._opened.take_unreadable() or error), about=UNREAD_ATTRIBUTES)

    def _fork_rows(self, entry: Any, address: str, parent_id: int | None, facts: _Facts, stamps: Stamps) -> None:
        for attribute in entry:
            info = attribute.info
            kind = int(info.type)
            if kind == _HFS_RESOURCE_FORK:
                name, name_bytes = "rsrc", None
            elif kind == _HFS_EXTENDED_ATTRIBUTE:
                name, name_bytes = decoded(info.name or b"")
            else:
                continue
            stream = NamedStream(attribute=(kind, info.id), size_bytes=info.size, name=name, name_bytes=name_bytes)
            self._stream(entry, stream, f"{address}-{kind}-{info.id}", parent_id, facts, stamps)

    def _ntfs_rows(
        self,
        entry: Any,
        name_info: Any,
        meta: Any,
        parent_id: int | None,
        path: str,
        facts: _Facts,
        note: str | None,
    ) -> tuple[int, str]:
        """The row of a record's name and one for each named stream, as ``fls`` lists them; its id and its path."""
        found = ntfs_entry(self._opened, entry, is_directory=meta.type in DIRECTORIES)
        notes = [note, *found.notes] if note else found.notes
        if found.main is None and not facts[6] and meta.type != VIRTUAL_DIRECTORY:
            if not found.names:
                notes.append(row_notes.WITHOUT_ATTRIBUTES)
            elif facts[3] == "file":
                notes.append(row_notes.WITHOUT_CONTENT)
        if found.target is not None:
            facts = (*facts[:3], "link", *facts[4:])
        shown: bytes = name_info.name
        stored = stored_names(shown, None if facts[6] else name_info.par_addr, found.names) if found.names else []
        if not stored and found.names and b"^" in shown:
            notes.append(row_notes.NAME_AS_SHOWN)
        texts = [text_of(name) for name in stored] or [facts[:2]]
        row_id = 0
        for text, name_bytes in texts:
            facts = (text, name_bytes, f"{path}/{text}", *facts[3:])
            times = ntfs.name_times(found.names, name_info.par_addr, text, name_bytes)
            stamps: Stamps = (*found.times, None, *times)
            row_id = self._ntfs_name(entry, meta, parent_id, facts, found, stamps, "; ".join(notes) or None)
        return row_id, facts[2]

    def _ntfs_name(
        self,
        entry: Any,
        meta: Any,
        parent_id: int | None,
        facts: _Facts,
        found: NtfsEntry,
        stamps: Stamps,
        note: str | None,
    ) -> int:
        """The rows of one name of a record."""
        address, main = meta.addr, found.main
        label_address = f"{address}-{main[0]}-{main[1]}" if main else str(address)
        size = main[2] if main else meta.size
        is_read = self._is_read and main is not None and main[0] == ntfs.DATA and facts[3] in _HAS_CONTENT
        packed: WofContent | None = None
        if found.is_packed:
            try:
                packed = OF_WINDOWS(self._opened, entry, found)
            except OSError as error:
                note, is_read = joined(note, f"not digested: {reason(error)}"), False
        row_id = self._add(parent_id, facts, size, label_address, stamps, found.target, note)
        if packed is not None and is_read:
            self._batches.read_for_last_row(packed, lambda: address, "" if facts[5] else facts[0])
        elif main is not None and is_read:
            self._read(entry, main[:2], size, "" if facts[5] else facts[0])
        for stream in found.streams:
            kind, number = stream.attribute
            self._stream(entry, stream, f"{address}-{kind}-{number}", parent_id, facts, stamps)
        return row_id

    def _stream(
        self,
        entry: Any,
        stream: NamedStream,
        address: str,
        parent_id: int | None,
        facts: _Facts,
        stamps: Stamps,
    ) -> None:
        note = row_notes.NOTHING_STORED if address == _BAD_CLUSTERS else None
        self._add_stream(stream, address, parent_id, facts, stamps, note)
        if self._is_read and note is None:
            self._read(entry, stream.attribute, stream.size_bytes, "")

    def _add_stream(
        self,
        stream: NamedStream | Attribute,
        address: str,
        parent_id: int | None,
        facts: _Facts,
        stamps: Stamps,
        note: str | None = None,
    ) -> None:
        """The row of a stream, or of an extended attribute, of what ``facts`` tell of."""
        name, name_bytes, path, _kind, allocated, realloc, orphan = facts
        whole: bytes | None = None
        if name_bytes is not None or stream.name_bytes is not None:
            coded = utf16 if self._is_ntfs else str.encode
            whole = (name_bytes or coded(name)) + coded(":") + (stream.name_bytes or coded(stream.name))
        label = stream.name
        row: _Facts = (f"{name}:{label}", whole, f"{path}:{label}", "stream", allocated, realloc, orphan)
        self._add(
            parent_id, row, stream.size_bytes, address, stamps, None, note or (row_notes.REUSED if realloc else None)
        )

    def _read(
        self,
        entry: Any,
        attribute: tuple[int, int] | None,
        size_bytes: int,
        name: str,
        valid_bytes: int | None = None,
    ) -> None:
        """Have a content read for the row added last; ``name`` is judged against its type unless it is empty."""
        content = TskContent(
            opened=self._opened, handle=entry, attribute=attribute, size_bytes=size_bytes, valid_bytes=valid_bytes
        )
        self._batches.read_for_last_row(content, content.first_block, name)

    def _add(
        self,
        parent_id: int | None,
        facts: _Facts,
        size_bytes: int,
        address: str,
        stamps: Stamps,
        link_target: str | None,
        note: str | None,
    ) -> int:
        """Make one row, without what its content tells; gives its id."""
        name, name_bytes, path, kind, allocated, realloc, orphan = facts
        if not allocated and self._opened.facts.type != "iso9660":  # nothing on a disc is deleted
            self._deleted += 1
            self._orphans += orphan
        elif kind == "directory":
            self._directories += 1
        elif kind == "link":
            self._links += 1
        dot = name.rfind(".")
        extension = name[dot + 1 :].lower() if dot > 0 and kind != "stream" else ""
        row_id = self._next_id()
        tail = BARE if link_target is None and note is None else (link_target, *BARE[1:-1], note)
        self._batches.rows.append(
            (
                row_id, self._volume_id, parent_id, name, name_bytes, path, extension, kind,
                allocated, realloc, orphan, size_bytes, address, *stamps, *tail,
            )
        )  # fmt: skip
        return row_id

    def _unread(self, what: str, error: OSError) -> None:
        region = self._opened.take_unreadable()
        self._problem(f"{what}: {region or ' '.join(str(error).split())}", region.offset_bytes if region else None)

    def _problem(self, what: str, offset_bytes: int | None = None, about: str = "") -> None:
        self._batches.problems.append(Problem(what=what, where=self._volume_id, offset_bytes=offset_bytes, about=about))
