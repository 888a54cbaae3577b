"""A single file that is packed: gzip, bzip2, xz or Zstandard, as a tree of one member."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from evidence.filesystems.base import FileSystem, TimeRule
from evidence.filesystems.content import UNREADABLE, ContentSource, reason
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.stamps import SECOND_NS, Stamps, rules_of
from evidence.filesystems.unpacking import Decoder, Deflate, Feed, Packed, PackedContent, Unpacker, Zstandard, bzip2, xz
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_PIECE_BYTES = 1 << 20
_MIN_UNPACKED_BYTES, _MAX_RATIO = 1 << 30, 1100
_GZIP_EXTRA, _GZIP_NAME = 4, 8
_MAX_NAME_BYTES = 1024
_ENDINGS = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".svgz")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    start: bytes
    type: str
    decoder: Callable[[Feed], Decoder]


_FORMATS = (
    _Format(start=b"\x1f\x8b\x08", type="gzip", decoder=lambda feed: Deflate(feed, gzip=True)),
    _Format(start=b"BZh", type="bzip2", decoder=bzip2),
    _Format(start=b"\xfd7zXZ\0", type="xz", decoder=xz),
    _Format(start=b"\x28\xb5\x2f\xfd", type="zstd", decoder=Zstandard),
)


class PackedTree(Tree):
    """The one member; see :class:`evidence.filesystems.opened.OpenedFileSystem`."""

    root_address = ""

    def __init__(self, source: Readable, format_: _Format, name: str, unpacker: Unpacker) -> None:
        """Unpack ``source`` once, to know its size; ``name`` is that of the packed file."""
        self._unpacker = unpacker
        self._packed = Packed(key=0, open=lambda: format_.decoder(source.read_at), size_bytes=None)
        self.problem: Problem | None = None
        self.declared_bytes = source.media_bytes
        self.size_bytes = max(_MIN_UNPACKED_BYTES, _MAX_RATIO * source.media_bytes)
        self.member_bytes = self._unpacked_bytes()
        self.facts = FileSystem(type=format_.type, block_bytes=None, label=None, serial=None)
        head = source.read_at(0, 10 + 2 + _MAX_NAME_BYTES) if format_.type == "gzip" else b""
        self._modified_ns = (int.from_bytes(head[4:8], "little") or None) if head else None
        self._name = _stored_name(head) or _without_ending(name)

    def children(self, address: str) -> Iterator[Node | Problem]:
        """The member; see :class:`Tree`."""
        modified = None if self._modified_ns is None else self._modified_ns * SECOND_NS
        stamps: Stamps = (modified, None, None, None, None, None, None, None, None)
        content = None if self.problem else self.content("0")
        note = "content not read: it cannot be unpacked to its end" if self.problem else None
        yield Node(
            name=self._name, kind="file", address="0", size_bytes=self.member_bytes, stamps=stamps, content=content,
            note=note,
        )  # fmt: skip
        if self.problem:
            yield self.problem

    def content(self, address: str) -> ContentSource:
        """The content of the member."""
        if address != "0":
            raise OSError("there is no such member")
        return PackedContent(unpacker=self._unpacker, packed=self._packed, size_bytes=self.member_bytes)

    def time_rules(self, volume_id: str) -> Sequence[TimeRule]:
        """Only gzip keeps a time, in UTC."""
        is_gzip = self.facts.type == "gzip"
        return rules_of(volume_id, {"modified": ("header", "utc", SECOND_NS)} if is_gzip else {})

    def _unpacked_bytes(self) -> int:
        """How much it unpacks to, as far as it does."""
        done = 0
        try:
            while piece := self._unpacker.read(self._packed, done, _PIECE_BYTES):
                done += len(piece)
                if done > self.size_bytes:
                    raise OSError(f"it unpacks to more than {self.size_bytes} bytes, which is not done")
        except UNREADABLE as error:
            what = f"The packed file is unpacked up to byte {done} only: {reason(error)}"
            self.problem = Problem(what=what, where="", offset_bytes=None)
        return done


def open_packed(source: Readable, name: str, unpacker: Unpacker) -> PackedTree:
    """Open a packed file.

    Raises:
        FileSystemError: It is none.
    """
    try:
        head = source.read_at(0, 6)
        for format_ in _FORMATS:
            if head.startswith(format_.start):
                return PackedTree(source, format_, name, unpacker)
    except UNREADABLE as error:
        raise FileSystemError("packed file", reason(error)) from error
    raise FileSystemError("packed file", "no format of packed files is recognised")


def _stored_name(head: bytes) -> str:
    """RFC 1952, 2.3: the name without its folder, in ISO 8859-1."""
    if len(head) < 10 or not head[3] & _GZIP_NAME:
        return ""
    at = 12 + int.from_bytes(head[10:12], "little") if head[3] & _GZIP_EXTRA else 10
    name, zero, _ = head[at:].partition(b"\0")
    return name.rpartition(b"/")[2].decode("latin-1") if zero else ""


def _without_ending(name: str) -> str:
    lower = name.lower()
    ending = next((ending for ending in _ENDINGS if lower.endswith(ending) and len(lower) > len(ending)), "")
    return name[: len(name) - len(ending)] if ending else f"{name or 'content'}.unpacked"
