"""Archives in file systems: each is opened where it lies, and its members become rows beneath its own.

All members of archives of one type in one file system are in one volume of the kind ``archive`` beside its files: the
address of a member is that of its archive, :data:`MARK` and its own, and the id of the volume that of the file
system's, :data:`MARK` and a name for the type and the meaning of its times.

What archives unpack to is bounded: by depth, members, bytes and work of each archive that lies in a file system. What
is left out for that, or cannot be read, is said in a note or a problem. No limit is one of time: the same archive gives
the same rows on a quick computer and on a slow one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from itertools import count
from typing import Any, Protocol

from evidence.filesystems import archive_7z, archive_tar, archive_zip
from evidence.filesystems.archive_packed import open_packed
from evidence.filesystems.base import FILE_COLUMNS, FileRow, FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentReader, ContentSource, Examined, reason
from evidence.filesystems.few import Few
from evidence.filesystems.listing import Beneath, Listing, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.unpacking import Unpacker
from evidence.filetype import TypeFinder
from evidence.images.base import Problem
from evidence.shares import Share
from evidence.volumes.base import Volume

MARK = "!"
KIND = "archive"

MAX_DEPTH = 3
"""An archive in an archive in an archive is opened; one in that is not."""

FIRST_MEMBER = 32
"""Members count from the id of the archive's row, shifted by so many bits: ids do not depend on other archives."""

TYPES = frozenset(
    {
        *("application/zip", "application/java-archive", "application/x-java-archive"),
        *("application/vnd.android.package-archive", "application/x-tar", "application/x-gtar", "application/x-ustar"),
        *("application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz", "application/zstd"),
        "application/x-7z-compressed",
    }
)
"""What is opened; documents are archives too, and have types of their own."""

DOCUMENTS = frozenset(
    {
        *("docx", "docm", "dotx", "dotm", "xlsx", "xlsm", "xltx", "xlsb", "pptx", "pptm", "ppsx", "potx", "vsdx"),
        *("odt", "ods", "odp", "odg", "epub"),
    }
)
_AT = {name: index for index, name in enumerate(FILE_COLUMNS)}
_EXTENSION, _REALLOC, _MD5, _MIME = _AT["extension"], _AT["realloc"], _AT["md5"], _AT["mime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of archives is taken.

    Attributes:
        members: Of one archive with all in it.
        members_of_batch: Of all archives of one batch of rows, for they are held in memory.
        least_unpacked_bytes: So much content of the members of an archive may be read, whatever its size is.
        ratio: Or so many times its size, if that is more.
        unpacked_bytes: But never more than this.
        work_ratio: So many times these bytes may be read and unpacked in all: for its directory, for its contents, and
            again for what lies in it. Each read counts for at least ``least_read_bytes``.
    """

    members: int = 50_000
    members_of_batch: int = 200_000
    least_unpacked_bytes: int = 1 << 30
    ratio: int = 100
    unpacked_bytes: int = 1 << 36
    work_ratio: int = 8
    least_read_bytes: int = 512

    def unpacked_bytes_of(self, size_bytes: int) -> int:
        """How much content of the members of an archive of this size may be read."""
        return min(max(self.least_unpacked_bytes, self.ratio * size_bytes), self.unpacked_bytes)


LIMITS = Limits()


class Contents(Protocol):
    """What gives the content behind an address: a file system, or an archive."""

    def content(self, address: str) -> ContentSource:
        """Raises one of ``UNREADABLE`` where there is none."""
        ...


class Media:
    """A content as something that an archive can be opened on."""

    def __init__(self, content: ContentSource, on_work: Callable[[int], None] = lambda size_bytes: None) -> None:
        """Read ``content``; ``on_work`` is told how much is read or unpacked, and what it raises passes through."""
        self._content, self.on_work = content, on_work
        self.media_bytes = content.size_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Exactly that many bytes, fewer only at the end."""
        size_bytes = min(size_bytes, self.media_bytes - offset_bytes)
        self.on_work(max(0, size_bytes))
        return self._content.read(offset_bytes, size_bytes) if offset_bytes >= 0 and size_bytes > 0 else b""


def open_archive(media: Media, name: str = "") -> Tree:
    """The members of an archive.

    Raises:
        FileSystemError: It is none that can be read; says why.
        OSError: It cannot be read.
        UnreadableRegionError: As before.
    """
    unpacker = Unpacker(media.on_work)
    if archive_zip.look(media):
        return archive_zip.open_zip(media, unpacker, name)
    if archive_7z.look(media):
        return archive_7z.open_7z(media, unpacker, name)
    if archive_tar.look(media):
        return archive_tar.open_tar(media, unpacker=unpacker, name=name)
    return open_packed(media, name, unpacker)


def member_content(opened: Contents, address: str) -> ContentSource:
    """The content of a member, by an address with the marks of archives in it.

    Raises:
        OSError: There is none; the message says why.
        UnreadableRegionError: It cannot be read.
    """
    first, *others = address.split(MARK)
    if len(others) > MAX_DEPTH:
        raise OSError("there is no such member")
    content = opened.content(first)
    for inner in others:
        try:
            content = open_archive(Media(content)).content(inner)
        except FileSystemError as error:
            raise OSError(error.why) from error
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Of the row of an archive what its members take over."""

    id: int
    volume_id: str
    name: str
    path: str
    allocated: bool
    orphan: bool
    size_bytes: int
    address: str

    @classmethod
    def of(cls, values: tuple[Any, ...]) -> _Row:
        return cls(**{one.name: values[_AT[one.name]] for one in fields(cls)})


@dataclass(frozen=True, slots=True)
class _Archive:
    """An archive by its row; ``address`` is that within ``opened``, and ``depth`` counts it and those around it."""

    row: _Row
    address: str
    opened: Contents
    depth: int


@dataclass(slots=True)
class _Budget:
    """What one archive of a file system may give, with all in it: rows up to so many of the batch, and bytes."""

    members: int
    unpacked_bytes: int
    limit_bytes: int
    work_bytes: int
    work_limit_bytes: int
    least_read_bytes: int

    def work(self, size_bytes: int) -> None:
        self.work_bytes -= max(size_bytes, self.least_read_bytes)
        if self.work_bytes < 0:
            limit = self.work_limit_bytes
            raise OSError(f"{limit} bytes were read and unpacked for this archive, the limit for it; it was stopped")


class _BoundedReader(ContentReader):
    """Reads contents of members as long as the budget lasts."""

    def __init__(self, types: TypeFinder, on_chunk: Callable[[], None], budget: _Budget) -> None:
        super().__init__(types, on_chunk)
        self._budget = budget

    def examine(self, content: ContentSource, name: str, why_not: str = "") -> Examined:
        if content.size_bytes > self._budget.unpacked_bytes:
            limit = self._budget.limit_bytes
            return Examined(note=f"content not read: the archive unpacks to more than {limit} bytes, the limit for it")
        self._budget.unpacked_bytes -= content.size_bytes
        return super().examine(content, name, why_not)


@dataclass(slots=True)
class _Found:
    """What lies in the archives of a batch of rows; of each, with all in it, few problems of a kind."""

    rows: list[FileRow]
    told: dict[Volume | TimeRule, None]
    problems: list[Problem]
    few: Few = field(default_factory=Few)

    def say(self, base_id: str, what: str, about: str, *, is_damage: bool) -> None:
        self.add(Problem(what=what, where=base_id, offset_bytes=None, is_damage=is_damage, about=about))

    def add(self, problem: Problem) -> None:
        if self.few.takes(problem):
            self.problems.append(problem)

    def end_archive(self) -> None:
        self.problems += self.few.left_out()
        self.few = Few()


class Archives:
    """Opens the archives among the rows of a file system.

    Attributes:
        mark: :data:`MARK`.
    """

    mark = MARK

    def __init__(self, types: TypeFinder, on_chunk: Callable[[], None], limits: Limits = LIMITS) -> None:
        """Prepare.

        Args:
            types: Tells types.
            on_chunk: Called now and then, at least after every chunk of a content; what it raises passes through.
            limits: How much is taken.
        """
        self._types, self._on_chunk, self._limits = types, on_chunk, limits

    def with_members(
        self,
        rows: tuple[FileRow, ...],
        opened: Contents,
        why_closed: Callable[[int], str | None] = lambda row_id: None,
    ) -> tuple[tuple[Volume | TimeRule | Problem, ...], tuple[FileRow, ...]]:
        """A batch of rows of the file system ``opened`` with all that lies in its archives behind them.

        It is one batch, so that whoever goes on with an examination that was cut off has all of it or nothing.

        Args:
            rows: The batch.
            opened: The file system.
            why_closed: Asked by the id of its row before each archive is opened: None to open it, else what is noted.

        Returns:
            The volumes and rules of the members, with what is to be said; and the rows.
        """
        found, own = _Found([], {}, []), list(rows)
        for index, values in enumerate(rows):
            if not _is_archive(values):
                continue
            row = _Row.of(values)
            why = why_closed(row.id)
            if why is None:
                ids = count((row.id << FIRST_MEMBER) + 1)
                self._open(_Archive(row, row.address, opened, 1), ids.__next__, self._budget(row, found), found)
                found.end_archive()
            else:
                own[index] = (*values[:-1], "; ".join(filter(None, (values[-1], why))))
        return (*found.told, *found.problems), (*own, *found.rows)

    def _budget(self, row: _Row, found: _Found) -> _Budget:
        limits = self._limits
        limit = limits.unpacked_bytes_of(row.size_bytes)
        return _Budget(
            members=min(len(found.rows) + limits.members, limits.members_of_batch),
            unpacked_bytes=limit,
            limit_bytes=limit,
            work_bytes=limits.work_ratio * limit,
            work_limit_bytes=limits.work_ratio * limit,
            least_read_bytes=limits.least_read_bytes,
        )

    def _open(self, archive: _Archive, next_id: Callable[[], int], budget: _Budget, found: _Found) -> None:
        row, base_id = archive.row, archive.row.volume_id.partition(MARK)[0]
        if archive.depth > MAX_DEPTH:
            what = f"The archive {row.path} lies in {archive.depth - 1} others; it is not opened."
            found.say(base_id, what, "archives that lie too deep", is_damage=False)
            return

        def on_work(size_bytes: int) -> None:
            self._on_chunk()
            budget.work(size_bytes)

        try:
            tree = open_archive(Media(archive.opened.content(archive.address), on_work), row.name)
        except (FileSystemError, *UNREADABLE) as error:
            why = error.why if isinstance(error, FileSystemError) else reason(error)
            what = f"The archive {row.path} cannot be opened: {why}"
            found.say(base_id, what, "archives that cannot be opened", is_damage=True)
            return
        volume = _volume_for(base_id, tree.facts.type, tree.time_rules(""))
        found.told[volume] = None
        found.told |= dict.fromkeys(tree.time_rules(volume.id))
        self._list(archive, tree, volume.id, next_id, budget, found)

    def _list(
        self,
        archive: _Archive,
        tree: Tree,
        volume_id: str,
        next_id: Callable[[], int],
        budget: _Budget,
        found: _Found,
    ) -> None:
        row = archive.row
        contents = _BoundedReader(self._types, self._on_chunk, budget)
        beneath = Beneath(
            path=row.path, row_id=row.id, address=row.address + MARK, allocated=row.allocated, orphan=row.orphan
        )
        listing = Listing(tree, volume_id, next_id, contents, lambda rows: self._on_chunk(), Share(), beneath=beneath)
        for item in listing.run():
            if isinstance(item, Problem):
                found.add(replace(item, what=f"In the archive {row.path}: {item.what}", offset_bytes=None))
                continue
            taken = item[: max(0, budget.members - len(found.rows))]
            found.rows += taken
            values: tuple[Any, ...]
            for values in taken:
                if _is_archive(values):
                    inner = _Row.of(values)
                    own = inner.address.rpartition(MARK)[2]
                    self._open(_Archive(inner, own, tree, archive.depth + 1), next_id, budget, found)
            if len(taken) < len(item):
                what = f"The archive {row.path} has more members than are listed of archives at once; some are missing."
                found.say(volume_id, what, "archives of which members are missing", is_damage=False)
                return


def _volume_for(base_id: str, type_name: str, rules: Sequence[TimeRule]) -> Volume:
    """The volume for members of archives of one type whose times mean the same."""
    parts = [type_name, *dict.fromkeys(f"{rule.basis}{_step(rule.resolution_ns)}" for rule in rules)]
    parts += ["".join(sorted(rule.field[0] for rule in rules if rule.field != "modified"))]
    return Volume(
        id=f"{base_id}{MARK}{'-'.join(filter(None, parts))}",
        parent=base_id,
        kind=KIND,
        start_bytes=0,
        length_bytes=0,
        description=f"Files in archives ({type_name})",
        file_system=FileSystem(type=type_name, block_bytes=None, label=None, serial=None),
    )


def _step(resolution_ns: int) -> str:
    seconds, rest = divmod(resolution_ns, 1_000_000_000)
    return f"{resolution_ns}ns" if rest else f"{seconds}s"


def _is_archive(row: tuple[Any, ...]) -> bool:
    """Whether a row has a content that was read whole, belongs to it, and is an archive but no document."""
    if row[_MIME] not in TYPES or row[_MD5] is None or row[_REALLOC]:
        return False
    return not (row[_MIME] == "application/zip" and row[_EXTENSION] in DOCUMENTS)
