"""The sections of an EWF segment file: the chain of descriptors, walked without trusting any length.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Section descriptor".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from evidence.images.base import Problem, Region
from evidence.images.signatures import EWF_FILE_HEADER_BYTES
from evidence.images.source import SourceSet

DESCRIPTOR_BYTES = 76
SECTIONS_MAX = 1_000_000
PROBLEMS_MAX = 1_000
CUT = "cut off"
"""The kind of the made-up section that stands for a chain which ends without "next" or "done"."""

_FIELDS = struct.Struct("<16sQQ40xI")
_LAST_KINDS = ("next", "done")
_MEDIA_KINDS = ("header", "header2", "xheader", "volume", "disk", "data", "sectors", "table", "table2")
_END_KINDS = ("next", "done", "hash", "digest", "xhash", "error2", "session", "incomplete", "ltypes", "ltree", "map")
_KINDS = frozenset(_MEDIA_KINDS + _END_KINDS)


class Problems:
    """Collects what is found to be wrong; so many are kept that a hostile file cannot fill the memory."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: list[Problem] = []
        self._left_out = 0

    def add(
        self, what: str, where: str, offset_bytes: int | None, *, about: str = "", regions: tuple[Region, ...] = ()
    ) -> None:
        """Note one; ``what`` is a sentence. Those about something named have room of their own."""
        if len(self._found) < (2 * PROBLEMS_MAX if about else PROBLEMS_MAX):
            self._found.append(Problem(what=what, where=where, offset_bytes=offset_bytes, about=about, regions=regions))
        else:
            self._left_out += 1

    def all(self) -> tuple[Problem, ...]:
        """Return them in the order they were found."""
        if not self._left_out:
            return tuple(self._found)
        rest = Problem(what=f"{self._left_out} further problems are not listed.", where="", offset_bytes=None)
        return (*self._found, rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of one segment file.

    Attributes:
        kind: Its type: "header", "table" ... or ``CUT``.
        segment: Index of the file in the set, from 0.
        offset_bytes: Where its descriptor begins, from the start of the file.
        end_bytes: The first byte behind it; never behind the end of the file.
        trusted: Whether the descriptor's own checksum is right.
    """

    kind: str
    segment: int
    offset_bytes: int
    end_bytes: int
    trusted: bool

    @property
    def data_bytes(self) -> int:
        """Where its data begin, from the start of the file."""
        return self.offset_bytes + DESCRIPTOR_BYTES

    @property
    def length_bytes(self) -> int:
        """How many bytes of data it has."""
        return max(0, self.end_bytes - self.data_bytes)

    @property
    def known(self) -> bool:
        """Whether its type is one that the format describes."""
        return self.kind in _KINDS


@dataclass(frozen=True, slots=True)
class _Descriptor:
    kind: str
    next_bytes: int
    size_bytes: int
    checksum_ok: bool


def walk(files: SourceSet, segment: int, problems: Problems) -> Iterator[Section]:
    """Yield the sections of one segment file in order.

    The last one is "next" or "done", or else of kind ``CUT``: then the chain broke off at its ``offset_bytes``.
    Offsets only ever grow, so a loop in the chain ends it.
    """
    name, file_bytes = files.paths[segment].name, files.sizes_bytes[segment]
    offset = EWF_FILE_HEADER_BYTES
    for _ in range(SECTIONS_MAX):
        descriptor = _read(files, segment, offset)
        if descriptor is None:
            break
        if not descriptor.checksum_ok:
            problems.add(f'The checksum of the section descriptor "{_shown(descriptor.kind)}" is wrong.', name, offset)
        if descriptor.kind in _LAST_KINDS:
            yield _section(descriptor, segment, offset, offset + DESCRIPTOR_BYTES)
            return
        following = _following(files, segment, offset, descriptor)
        if following is None:
            problems.add(f'The section "{_shown(descriptor.kind)}" does not lead to another one.', name, offset)
            yield _section(descriptor, segment, offset, file_bytes)
            offset = file_bytes
            break
        if descriptor.checksum_ok and descriptor.size_bytes and offset + descriptor.size_bytes != following:
            problems.add("The size of a section and the place of the next one disagree.", name, offset)
        yield _section(descriptor, segment, offset, min(following, file_bytes))
        offset = following
    yield Section(kind=CUT, segment=segment, offset_bytes=min(offset, file_bytes), end_bytes=file_bytes, trusted=False)


def _read(files: SourceSet, segment: int, offset: int) -> _Descriptor | None:
    if offset + DESCRIPTOR_BYTES > files.sizes_bytes[segment]:
        return None
    data = files.read(segment, offset, DESCRIPTOR_BYTES)
    kind, following, size, checksum = _FIELDS.unpack(data)
    text = kind.split(b"\0", 1)[0].decode("latin-1")
    return _Descriptor(text, following, size, zlib.adler32(data[:-4]) == checksum)


def _following(files: SourceSet, segment: int, offset: int, descriptor: _Descriptor) -> int | None:
    """Where the next section begins, which a descriptor says twice.

    A damaged one is believed if it says the same twice, or else where it leads to a sound one.
    """
    said = (descriptor.next_bytes, offset + descriptor.size_bytes)
    possible = [place for place in said if place >= offset + DESCRIPTOR_BYTES]
    if descriptor.checksum_ok or (said[0] == said[1] <= files.sizes_bytes[segment]):
        return possible[0] if possible else None
    for place in possible:
        other = _read(files, segment, place)
        if other is not None and other.checksum_ok:
            return place
    return None


def _section(descriptor: _Descriptor, segment: int, offset: int, end: int) -> Section:
    return Section(
        kind=descriptor.kind, segment=segment, offset_bytes=offset, end_bytes=end, trusted=descriptor.checksum_ok
    )


def _shown(kind: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in kind)
