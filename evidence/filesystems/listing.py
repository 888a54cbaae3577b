"""The walk over a file system that a reader of ours offers as a tree; ids, paths, loops, batches and digests are here.

A new file system needs :class:`Tree` only: its children by address, and the content behind an address.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from evidence.filesystems.base import Counts, FileRow, FileSystem, TimeRule
from evidence.filesystems.batches import BATCH_ROWS, Batches
from evidence.filesystems.content import UNREADABLE, ContentReader, ContentSource, occupied_by, reason
from evidence.filesystems.listed_folders import ALL, Folders
from evidence.filesystems.ranges import Range, no_free_space
from evidence.filesystems.stamps import NONE, Stamps
from evidence.images.base import Problem
from evidence.shares import Share

MAX_DEPTH = 1_024
_JUDGED_BY_NAME = frozenset({"file", "metadata"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A further content of an entry: an alternate stream, a resource fork, an extended attribute.

    Attributes:
        name_bytes: Set where it, or the name of the entry, is no valid text.
    """

    name: str
    address: str
    content: ContentSource
    name_bytes: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One name in a directory. The fields are those of a row; see :data:`evidence.filesystems.base.FILE_COLUMNS`.

    Attributes:
        name: Undecodable bytes as U+FFFD; ``name_bytes`` is set only then.
        content: Of what has one; None for directories, links and special files.
        order: Where the content begins on the volume, in any unit, to read a batch in that order.
        enter: Address of the directory to list beneath this name; None where there is none to enter.
        streams: Rows of their own after this one.
    """

    name: str
    kind: str
    address: str
    size_bytes: int = 0
    stamps: Stamps = NONE
    name_bytes: bytes | None = None
    allocated: bool = True
    realloc: bool = False
    orphan: bool = False
    link_target: str | None = None
    note: str | None = None
    content: ContentSource | None = None
    order: int = 0
    enter: str | None = None
    streams: tuple[Stream, ...] = ()


def decoded(name: bytes, encoding: str = "utf-8") -> tuple[str, bytes | None]:
    """A name as text, and its bytes where they are not valid text."""
    try:
        return name.decode(encoding), None
    except UnicodeDecodeError:
        return name.decode(encoding, errors="replace"), name


def attribute_stream(name: bytes, address: str, content: ContentSource, entry_name: bytes | None) -> Stream:
    """An extended attribute as a stream; ``entry_name`` is the name of its entry where that is no valid text."""
    text, name_bytes = decoded(name)
    return Stream(name=text, name_bytes=name_bytes if entry_name is None else name, address=address, content=content)


class Tree(ABC):
    """A file system that is listed by :class:`Listing`; the parts of ``OpenedFileSystem`` that are alike are here.

    Attributes:
        facts: What it says of itself, without counts.
        size_bytes: How much it fills by its own account, at most what there is to read.
        declared_bytes: How much it fills by its own account.
        root_address: Address of the root directory, for :meth:`children`.
    """

    facts: FileSystem
    size_bytes: int
    declared_bytes: int
    root_address: str

    @abstractmethod
    def children(self, address: str) -> Iterable[Node | Problem]:
        """The names in a directory, without those of itself and of its parent, always in the same order.

        A problem stands for a name that cannot be read (``where`` is filled in). Raises one of ``UNREADABLE`` where the
        rest of the directory cannot be read.
        """

    @abstractmethod
    def content(self, address: str) -> ContentSource:
        """The content behind the address of a row; raises OSError where there is none."""

    def unallocated(self) -> ContentSource:
        """What no file uses; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""
        raise OSError(no_free_space(self.facts.type))

    def slack(self, address: str) -> ContentSource:
        """What lies behind the end of a content; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""
        raise OSError(f"the slack of files is not read for {self.facts.type}")

    def occupied(self, address: str) -> list[Range]:
        """Where a content lies in the volume; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""
        return occupied_by(self.content(address))

    def records(self, address: str) -> list[int]:
        """None; only those of NTFS are asked for."""
        return []

    @abstractmethod
    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """What each time of its rows means."""

    def remarks(self) -> Sequence[str]:
        """Sentences to be known about it as a whole; asked for after the listing."""
        return ()

    def as_read(self) -> Iterable[Problem]:
        """What was found while contents were read, since it was asked last; ``AS_READ`` is what it is about."""
        return ()

    def extra(self) -> Iterable[Node | Problem]:
        """Names to list at the root after all directories: orphans, deleted inodes, metadata without a name."""
        return ()

    def lister(
        self,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
        folders: Folders = ALL,
    ) -> Listing:
        """See :class:`evidence.filesystems.opened.OpenedFileSystem`."""
        return Listing(self, volume_id, next_id, contents, on_entries, share, folders)


_Folder: TypeAlias = tuple[str, str, "int | None", frozenset[str], bool]
"""Address, path, id of its row, the addresses above it, whether what is in it is orphaned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneath:
    """The row that a tree is listed beneath, when it is an archive in a file system.

    Attributes:
        path: Of the row.
        row_id: Its id.
        address: What the addresses of the tree follow.
        allocated: Whether the row is; what is beneath one that is not, is not.
        orphan: As of the row.
    """

    path: str = ""
    row_id: int | None = None
    address: str = ""
    allocated: bool = True
    orphan: bool = False


_ALONE = Beneath()


class Listing:
    """One walk over a :class:`Tree`."""

    def __init__(
        self,
        tree: Tree,
        volume_id: str,
        next_id: Callable[[], int],
        contents: ContentReader | None,
        on_entries: Callable[[int], None],
        share: Share,
        folders: Folders = ALL,
        *,
        beneath: Beneath = _ALONE,
    ) -> None:
        """Prepare; the arguments but ``beneath`` are those of ``OpenedFileSystem.lister``."""
        self._beneath = beneath
        self._tree, self._volume_id, self._next_id = tree, volume_id, next_id
        self._on_entries, self._listed_folders = on_entries, folders
        self._batches = Batches(tree.size_bytes, contents, on_entries, share)
        self._entered: set[str] = set()
        self._files = self._directories = self._links = self._deleted = self._orphans = 0

    @property
    def counts(self) -> Counts:
        """How many rows of each sort were listed so far."""
        return Counts(
            files=self._files,
            directories=self._directories,
            links=self._links,
            deleted=self._deleted,
            orphans=self._orphans,
        )

    def run(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        """All rows in batches, a parent before its children, and what could not be read."""
        root = self._tree.root_address
        above = self._beneath
        top: _Folder = (root, above.path, above.row_id, frozenset((root,)), above.orphan)
        todo = [top]
        extra_is_due = True
        while todo:
            folder = todo.pop()
            if (why := self._listed_folders.begin(folder[1])) is not None:
                self._problem(why)
            else:
                yield from self._all_of(folder, self._tree.children(folder[0]), todo)
            self._on_entries(0)
            if not todo and extra_is_due:
                extra_is_due = False
                yield from self._all_of(top, self._tree.extra(), todo)
        yield from self._flush()

    def _all_of(
        self, folder: _Folder, nodes: Iterable[Node | Problem], todo: list[_Folder]
    ) -> Iterator[tuple[FileRow, ...] | Problem]:
        """The rows of one directory as soon as they fill a batch, however many it has; adds to what is to be listed."""
        for inner in self._list(folder, nodes):
            if inner is not None:
                todo.append(inner)
            if len(self._batches.rows) >= BATCH_ROWS:
                yield from self._flush()
                if (why := self._listed_folders.go_on(folder[1])) is not None:
                    self._problem(why)
                    return

    def _list(self, folder: _Folder, nodes: Iterable[Node | Problem]) -> Iterator[_Folder | None]:
        """Make the rows of one directory; yields each one's directory to go on with, or None."""
        _, path, row_id, above, orphan = folder
        try:
            for node in nodes:
                if isinstance(node, Problem):
                    self._batches.problems.append(replace(node, where=self._volume_id))
                    continue
                full = f"{path}/{node.name}"
                own_id = self._add(node, full, row_id, orphan or node.orphan)
                for stream in node.streams:
                    self._add_stream(stream, node, full, row_id, orphan or node.orphan)
                if node.enter is not None and self._may_enter(node.enter, full, above):
                    yield node.enter, full, own_id, above | {node.enter}, orphan or node.orphan
                else:
                    yield None
        except UNREADABLE as error:
            self._problem(f"The directory {path or '/'} cannot be read to its end: {reason(error)}", error)

    def _may_enter(self, address: str, path: str, above: frozenset[str]) -> bool:
        if address in above:
            self._problem(f"The directory {path} leads back into one of its parents; it is not entered again.")
        elif len(above) > MAX_DEPTH:
            self._problem(f"The directory {path} lies deeper than {MAX_DEPTH} levels; it is not entered.")
        elif address in self._entered:
            self._problem(f"The directory {path} has more than one name; it is not entered again.")
        else:
            self._entered.add(address)
            return True
        return False

    def _add(self, node: Node, path: str, parent_id: int | None, orphan: bool) -> int:
        allocated = node.allocated and self._beneath.allocated
        if not allocated:
            self._deleted += 1
            self._orphans += orphan
        elif node.kind == "directory":
            self._directories += 1
        elif node.kind == "link":
            self._links += 1
        else:
            self._files += 1
        dot = node.name.rfind(".")
        extension = node.name[dot + 1 :].lower() if dot > 0 else ""
        row_id = self._next_id()
        self._batches.rows.append(
            (
                row_id, self._volume_id, parent_id, node.name, node.name_bytes, path, extension, node.kind,
                allocated, node.realloc, orphan, node.size_bytes, self._beneath.address + node.address, *node.stamps,
                node.link_target, None, None, None, None, False, None, "", node.note,
            )
        )  # fmt: skip
        if node.content is not None and self._batches.are_read:
            is_judged = node.kind in _JUDGED_BY_NAME and not node.realloc
            self._batches.read_for_last_row(node.content, lambda: node.order, node.name if is_judged else "")
        return row_id

    def _add_stream(self, stream: Stream, node: Node, path: str, parent_id: int | None, orphan: bool) -> None:
        """A row beside that of its file, as ``fls`` lists alternate streams."""
        own = stream.name_bytes
        entry = Node(
            name=f"{node.name}:{stream.name}",
            name_bytes=None if own is None else (node.name_bytes or node.name.encode()) + b":" + own,
            kind="stream",
            address=stream.address,
            size_bytes=stream.content.size_bytes,
            stamps=node.stamps,
            allocated=node.allocated,
            realloc=node.realloc,
            content=stream.content,
            order=node.order,
        )
        self._add(entry, f"{path}:{stream.name}", parent_id, orphan)

    def _flush(self) -> Iterator[tuple[FileRow, ...] | Problem]:
        self._tree.as_read()  # what was read for something else is not of this batch, whichever process reads it
        self._batches.read()
        self._batches.problems += [replace(one, where=self._volume_id) for one in self._tree.as_read()]
        yield from self._batches.hand_over()

    def _problem(self, what: str, error: Exception | None = None) -> None:
        offset = getattr(error, "offset_bytes", None)
        self._batches.problems.append(Problem(what=what, where=self._volume_id, offset_bytes=offset))
