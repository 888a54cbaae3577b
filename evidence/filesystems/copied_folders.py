"""Folders that ``evidence.acquisition.folders`` copied into a ZIP, as the manifest in it describes their files.

The manifest has each time in UTC to the nanosecond, names as bytes, what was no file, and digests; the records of the
ZIP have two seconds and no zone. So names, kinds and times come from the manifest, and contents from the members it
names. A content that is read whole is compared with its digests, and what is in the ZIP but not in the manifest is
told.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from functools import partial

from evidence.filesystems.archive_zip import ZipTree
from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import CHUNK_BYTES, UNREADABLE, BytesContent, ContentSource, reason
from evidence.filesystems.folders import Folders, TooManyFoldersError, components
from evidence.filesystems.listing import Node, Tree, attribute_stream, decoded
from evidence.filesystems.manifest import MANIFEST, Head, Line, head_of, line_of, totals_of
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stamps import Stamps, rules_of
from evidence.filesystems.stored_digests import Compared, StoredContent, refuse_wrong_empty
from evidence.images.base import Problem

MANIFEST_MAX_BYTES = 256 << 20
"""As much of a manifest as is held in memory: more than half a million files."""

MARK = ":"
"""Between the number of a line and that of one of its extended attributes, from 1."""
_NOT_NAMED = "the manifest does not name it: it was not in the container when the folders were copied"
_TOLD_MAX = 1000


class CopiedFolders(Tree):
    """The folders; see :class:`Tree`. The address of a row is the number of its line in the manifest, from 2.

    Attributes:
        head: What the manifest says of the acquisition.
        stored_in: What holds the digests.
        stored_bytes: Size of all contents by the manifest.
    """

    root_address = "d0"
    stored_in = f"its manifest ({MANIFEST})"

    def __init__(self, archive: ZipTree, head: Head, manifest: bytes) -> None:
        """Show what the lines of ``manifest`` describe; contents are in ``archive``."""
        self.head, self._archive, self._manifest = head, archive, manifest
        self._starts, self._folders = array("Q"), Folders()
        self._folder_of: dict[int, int] = {}
        self._fields: set[str] = set()
        self.problems: list[Problem] = list(archive.problems)
        self._members: dict[bytes, int] = {}
        for path, number in archive.members():
            if self._members.setdefault(path, number) != number:
                self._tell(f"The container has more than one member {path.decode(errors='replace')}.")
        self._not_named = dict.fromkeys(path for path in self._members if not path.endswith(b"/"))
        self._not_named.pop(MANIFEST.encode(), None)
        self.stored_bytes = 0
        if not head.attributes.startswith("copied"):
            told = head.attributes or "not copied: the version of the program that made it did not read them"
            self._tell(f"Extended attributes and alternate streams of the files: {told}.", is_damage=False)
        self._take_lines()
        self.declared_bytes, self.size_bytes = archive.declared_bytes, archive.size_bytes
        self.facts = FileSystem(type="folder", block_bytes=None, label=", ".join(head.roots) or None, serial=None)

    def children(self, address: str) -> Iterator[Node]:
        """The names in a folder; see :class:`Tree`."""
        folder = self._folders.all[int(address[1:])]
        owned = [own for at in folder.folders.values() if (own := self._folders.all[at].own) is not None]
        for number in sorted([*folder.members, *owned]):
            yield self._node(number)
        for name, at in folder.folders.items():
            if self._folders.all[at].own is None:
                text, raw = decoded(name)
                note = "no line of the manifest describes this folder; it is in the paths of others"
                key = f"d{at}"
                yield Node(name=text, name_bytes=raw, kind="directory", address=key, enter=key, note=note)

    def wrongs(self) -> Iterator[Problem]:
        """What is wrong with the container as a whole, the members that its manifest does not name in one."""
        yield from self.problems
        if self._not_named:
            first = next(iter(self._not_named)).decode(errors="replace")
            what = f"{len(self._not_named)} members of the container are not in its manifest, such as {first}."
            yield Problem(what=what, where="", offset_bytes=None)

    def extra(self) -> Iterator[Node | Problem]:
        """What is wrong with the container as a whole, and members that the manifest does not name."""
        yield from self.wrongs()
        for path in self._not_named:
            yield self._node_not_named(path)
        for item in self._archive.extra():
            if isinstance(item, Node):
                yield item

    def content(self, address: str) -> ContentSource:
        """The content behind an address; ``m`` and ``z`` begin those of members that the manifest does not name."""
        if address[:1] in ("m", "z"):
            return self._archive.content(address.removeprefix("z"))
        own, _, attribute = address.partition(MARK)
        number = _number(own)
        if not 2 <= number < len(self._starts) + 2:
            raise OSError("the manifest has no such line")
        line = self._line(number)
        if own == address:
            return self._content(line)
        if not 0 < _number(attribute) <= len(line.attributes):
            raise OSError("the manifest has no such extended attribute")
        return BytesContent(line.attributes[_number(attribute) - 1][1])

    def stored_contents(self) -> Iterator[StoredContent]:
        """The files with their digests; see :class:`evidence.filesystems.stored_digests.StoresDigests`."""
        for number in range(2, len(self._starts) + 2):
            line = self._line(number)
            if line.member is not None:
                path = f"/{line.root}/{line.path.decode(errors='replace')}"
                yield StoredContent(path=path, digests=line.digests, open=partial(self._content, line))

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """What the system told when the folders were copied."""
        return rules_of(volume_id, dict.fromkeys(sorted(self._fields), ("manifest", "utc", 1)))

    def _take_lines(self) -> None:
        start, totals = self._manifest.find(b"\n") + 1, None
        files = 0
        while start:
            stop = self._manifest.find(b"\n", start)
            raw = self._manifest[start : stop if stop >= 0 else None]
            if totals is None and raw:
                totals = totals_of(raw)
                if totals is None:
                    files += self._take(raw, start)
            elif raw:
                self._tell(f"The manifest goes on behind its last line, at byte {start}.")
                break
            start = stop + 1
        if totals is None:
            self._tell("The manifest is cut off: its last line, with the totals, is missing.")
        elif totals != {"entries": len(self._starts), "files": files}:
            self._tell("The manifest does not have as many lines as its last one says.")

    def _take(self, raw: bytes, start: int) -> bool:
        """Take a line; whether it is of a file with a content."""
        try:
            line = line_of(raw)
            path = components(str(line.root).encode() + b"/" + line.path)[0]
            number = len(self._starts) + 2
            before = self._folders.add(path, number, is_folder=line.kind == "directory")
            if before is not None:
                self._tell(f"The manifest has two lines for the folder {b'/'.join(path).decode(errors='replace')}.")
                self._folders.all[self._folders.find(path[:-1])].members.append(before)
        except TooManyFoldersError as error:
            self._tell(f"A line of the manifest, at byte {start}, is not listed: {error}.")
            return False
        except OSError as error:
            self._tell(f"A line of the manifest, at byte {start}, makes no sense: {error}.")
            return False
        self._starts.append(start)
        if line.kind == "directory":
            self._folder_of[number] = self._folders.find(path)
        self._fields |= line.times.keys()
        if line.member is not None:
            self._not_named.pop(line.member.encode(errors="replace"), None)
            self.stored_bytes += line.size_bytes
        return line.member is not None

    def _line(self, number: int) -> Line:
        start = self._starts[number - 2]
        stop = self._manifest.find(b"\n", start)
        return line_of(self._manifest[start : stop if stop >= 0 else None])

    def _content(self, line: Line) -> ContentSource:
        if line.member is None:
            raise OSError("it has no content in the container")
        number = self._members.get(line.member.encode(errors="replace"))
        if number is None:
            raise OSError(f"the container has no member {line.member}, which the manifest names")
        address, why = self._archive.member(number)
        if why:
            raise OSError(why)
        content = self._archive.content(address)
        if content.size_bytes != line.size_bytes:
            raise OSError(f"the container has {content.size_bytes} bytes of it, the manifest names {line.size_bytes}")
        return content

    def _node(self, number: int) -> Node:
        line = self._line(number)
        path, told = components(str(line.root).encode() + b"/" + line.path)
        name, raw = decoded(path[-1])
        notes = [told] if told else []
        content: ContentSource | None = None
        if line.member is not None:
            try:
                content = self._content(line)
                refuse_wrong_empty(content, line.digests)
                content = Compared(content, line.digests)
            except UNREADABLE as error:
                notes.append(reason(error))
        if line.note:
            notes.append(f"when it was copied: {line.note}")
        if not line.path and 0 < line.root <= len(self.head.roots):
            notes.append(f"copied from {self.head.roots[line.root - 1]}")
        folder = self._folder_of.get(number)
        return Node(
            name=name,
            name_bytes=raw,
            kind=line.kind,
            address=str(number),
            size_bytes=line.size_bytes if line.kind == "file" else 0,
            stamps=_stamps(line),
            link_target=line.link_target,
            note="; ".join(notes) or None,
            content=content,
            order=number,
            enter=None if folder is None else f"d{folder}",
            streams=tuple(
                attribute_stream(own, f"{number}{MARK}{place}", BytesContent(value), raw)
                for place, (own, value) in enumerate(line.attributes, 1)
            ),
        )

    def _node_not_named(self, path: bytes) -> Node:
        address, why = self._archive.member(self._members[path])
        content, notes = None, [_NOT_NAMED, *filter(None, [why])]
        try:
            content = None if why else self._archive.content(address)
        except UNREADABLE as error:
            notes.append(reason(error))
        name, raw = decoded(b"\xe2\x88\x95".join(components(path)[0]) or b"NoName")
        return Node(
            name=name,
            name_bytes=raw,
            kind="file",
            address=f"z{address}",
            size_bytes=content.size_bytes if content else 0,
            note="; ".join(notes),
            content=content,
        )

    def _tell(self, what: str, *, is_damage: bool = True) -> None:
        if len(self.problems) < _TOLD_MAX:
            self.problems.append(Problem(what=what, where="", offset_bytes=None, is_damage=is_damage))


def open_copied_folders(archive: ZipTree) -> CopiedFolders | None:
    """The folders in a container of ours; None for another archive.

    Raises:
        FileSystemError: It has a manifest that cannot be read; says why.
    """
    last = None
    for path, number in archive.members():
        last = number if path == MANIFEST.encode() else last
    if last is None:
        return None
    try:
        address, why = archive.member(last)
        if why:
            raise OSError(f"its manifest: {why}")
        content = archive.content(address)
        head = head_of(content.read(0, min(content.size_bytes, CHUNK_BYTES)).partition(b"\n")[0])
        if head is None:
            return None
        if content.size_bytes > MANIFEST_MAX_BYTES:
            raise OSError(f"its manifest has {content.size_bytes} bytes; more than {MANIFEST_MAX_BYTES} are not read")
        pieces = [content.read(at, CHUNK_BYTES) for at in range(0, content.size_bytes, CHUNK_BYTES)]
        return CopiedFolders(archive, head, b"".join(pieces))
    except UNREADABLE as error:
        raise FileSystemError("folder", reason(error)) from error


def _number(text: str) -> int:
    """A number as it is written in an address; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _stamps(line: Line) -> Stamps:
    times = line.times
    kept = (times.get("modified"), times.get("accessed"), times.get("changed"), times.get("created"))
    return (*kept, None, None, None, None, None)
