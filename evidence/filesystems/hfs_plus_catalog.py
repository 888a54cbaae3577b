"""The names in a directory of HFS+, straight from the catalog, for where The Sleuth Kit cannot open the directory.

The Sleuth Kit 4.15 asks for room for the longest thread record where a directory's own thread stands, and refuses to
open a directory whose thread lies in the last 520 bytes of a node, though it is whole. Source: Apple's TN1150.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evidence.filesystems.found_entry import FoundEntry

_INDEX, _LEAF = 0, -1
_FOLDER, _FILE = 1, 2
_MAX_DEPTH, _MAX_NODES = 16, 1 << 20
_ROOT, _DIRECTORY_TYPE, _FILE_TYPE = 2, 3, 5
_HARD_LINKS = {
    b"hlnkhfs+": (b"\0\0\0\0HFS+ Private Data", b"iNode"),
    b"fdrpMACS": (b".HFS+ Private Directory Data\r", b"dir_"),
}
"""By type and creator of a hard link: the folder in the root that holds what it stands for, and how that is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A name in a directory.

    Attributes:
        name: In UTF-8, with a slash for what Finder shows as one.
        number: Of the file or folder; of a hard link, that of the link itself.
        is_folder: Whether it is a folder.
        stands_for: Of a hard link, the folder in the root and the name in it of what it stands for.
    """

    name: bytes
    number: int
    is_folder: bool
    stands_for: tuple[bytes, bytes] | None


def names_in(read: Callable[[int, int], bytes], folder: int) -> Iterator[Named]:
    """The names in ``folder``, by the content of the catalog file; raises OSError where it is damaged."""
    header = _exactly(read, 0, 64)
    node, node_bytes = struct.unpack_from(">I", header, 16)[0], struct.unpack_from(">H", header, 32)[0]
    if node_bytes < 512 or node_bytes & (node_bytes - 1):
        raise OSError(f"the catalog has nodes of {node_bytes} bytes")
    for _ in range(_MAX_DEPTH):
        raw = _exactly(read, node * node_bytes, node_bytes)
        if raw[8] != _INDEX:
            break
        (node,) = struct.unpack_from(">I", raw, _last_before(raw, folder))
    yield from _leaves(read, node, node_bytes, folder)


def _leaves(read: Callable[[int, int], bytes], node: int, node_bytes: int, folder: int) -> Iterator[Named]:
    seen: set[int] = set()
    while node and node not in seen and len(seen) < _MAX_NODES:
        seen.add(node)
        raw = _exactly(read, node * node_bytes, node_bytes)
        if struct.unpack_from(">b", raw, 8)[0] != _LEAF:
            raise OSError(f"node {node} of the catalog is no leaf")
        for key, parent, data in _records(raw):
            if parent > folder:
                return
            if parent == folder and (named := _named(raw, key, data)) is not None:
                yield named
        (node,) = struct.unpack_from(">I", raw, 0)


def _records(raw: bytes) -> Iterator[tuple[int, int, int]]:
    """Of each record where its key is, whose child it is, and where its data are."""
    (count,) = struct.unpack_from(">H", raw, 10)
    for index in range(count):
        place = len(raw) - 2 * (index + 1)
        if place < 14:
            raise OSError("a node of the catalog claims to have more records than it has room for")
        (key,) = struct.unpack_from(">H", raw, place)
        if key < 14 or key + 8 > place:
            raise OSError("a record of the catalog lies outside its node")
        length, parent = struct.unpack_from(">HI", raw, key)
        data = key + 2 + length + (length & 1)
        if length < 6 or data + 4 > place:
            raise OSError("a key of the catalog is damaged")
        yield key, parent, data


def _last_before(raw: bytes, folder: int) -> int:
    """Where in an index node the pointer is that leads to the first record of ``folder``."""
    found = 0
    for key, parent, data in _records(raw):
        has_name = struct.unpack_from(">H", raw, key)[0] > 6
        if found and (parent > folder or (parent == folder and has_name)):
            break
        found = data
    if not found:
        raise OSError("a node of the catalog is empty")
    return found


def _named(raw: bytes, key: int, data: int) -> Named | None:
    """The file or folder of a record; None for a thread."""
    (kind,) = struct.unpack_from(">H", raw, data)
    size = {_FOLDER: 88, _FILE: 248}.get(kind)
    if size is None:
        return None
    length, _, characters = struct.unpack_from(">HIH", raw, key)
    if data + size > len(raw) or 2 * characters + 6 > length:
        raise OSError("a record of the catalog is damaged")
    text = raw[key + 8 : key + 8 + 2 * characters].decode("utf-16-be", errors="replace").replace("/", ":")
    link = _HARD_LINKS.get(raw[data + 48 : data + 56]) if kind == _FILE else None
    return Named(
        name=text.encode(),
        number=struct.unpack_from(">I", raw, data + 8)[0],
        is_folder=kind == _FOLDER,
        stands_for=(link[0], link[1] + b"%d" % struct.unpack_from(">I", raw, data + 44)[0]) if link else None,
    )


class Catalog:
    """The catalog of a volume that pytsk3 opened."""

    def __init__(self, handle: Any) -> None:
        """Read through ``handle``, a ``pytsk3.FS_Info``."""
        self._handle = handle
        self._file = handle.open_meta(4)

    def entries(self, folder: int) -> Iterator[FoundEntry]:
        """What :meth:`TskFileSystem.entries` gives; raises OSError where the catalog is damaged."""
        for named in names_in(self._file.read_random, folder):
            number = self._targets.get(named.stands_for, named.number) if named.stands_for else named.number
            kind = _DIRECTORY_TYPE if named.is_folder else _FILE_TYPE
            yield FoundEntry(folder, named.name, kind, self._handle.open_meta(number))

    @cached_property
    def _targets(self) -> dict[tuple[bytes, bytes], int]:
        """The numbers of what hard links stand for, by folder and name."""
        private = {folder for folder, _ in _HARD_LINKS.values()}
        folders = [named for named in names_in(self._file.read_random, _ROOT) if named.name in private]
        return {
            (folder.name, named.name): named.number
            for folder in folders
            for named in names_in(self._file.read_random, folder.number)
        }


def _exactly(read: Callable[[int, int], bytes], offset_bytes: int, size_bytes: int) -> bytes:
    data = read(offset_bytes, size_bytes)
    if len(data) != size_bytes:
        raise OSError(f"the catalog ends before byte {offset_bytes + size_bytes}")
    return data
