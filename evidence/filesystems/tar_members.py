"""The members of a tar one after the other: headers with all that extends them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.filesystems.content import UNREADABLE, reason
from evidence.filesystems.stamps import SECOND_NS, Stamps
from evidence.filesystems.tar_records import (
    BLOCK_BYTES,
    EXTENDING_MAX_BYTES,
    PIECES_MAX,
    Extension,
    Header,
    apply_pax,
    is_header,
    map_of_text,
    number,
    old_map,
    parse_header,
    pax_records,
)
from evidence.images.base import Problem
from evidence.volumes.base import Readable

_ZERO = bytes(BLOCK_BYTES)
_KINDS = {
    b"0": "file", b"\0": "file", b"7": "file", b"S": "file", b"1": "file", b"2": "link", b"3": "character",
    b"4": "block", b"5": "directory", b"D": "directory", b"6": "fifo", b"M": "file",
}  # fmt: skip
_WITHOUT_CONTENT = frozenset({b"2", b"3", b"4", b"5", b"6"})
_NODES = {b"3": "a character device", b"4": "a block device", b"6": "a named pipe"}
_SEARCH_BYTES = 1 << 20


@dataclass(slots=True, kw_only=True)
class Member:
    """One member.

    Attributes:
        at: Where the first of its headers begins; its address.
        start: Where its content begins.
        stored_bytes: Of the content, in the archive.
        size_bytes: Of the content, with the holes of a sparse file.
        pieces: Of a sparse file: offset in the content, length, and place behind ``start``, of each stored part.
        link: Where a symbolic or hard link leads.
    """

    at: int
    start: int
    path: bytes
    kind: str
    stored_bytes: int
    size_bytes: int
    stamps: Stamps
    pieces: tuple[tuple[int, int, int], ...] | None = None
    link: bytes | None = None
    is_hard_link: bool = False
    is_fine: bool = False
    note: str | None = None


class MemberReader:
    """Goes through an archive once; the label of the volume and the problems are there when it is through."""

    def __init__(self, source: Readable) -> None:
        """Read from ``source``."""
        self._source = source
        self._global = Extension()
        self.label: str | None = None
        self.problems: list[Problem] = []

    def members(self) -> Iterator[Member]:
        """All members in their order; raises OSError or UnreadableRegionError where the archive cannot be read on."""
        at, begin, extension, notes = 0, 0, self._fresh(), list[str]()
        while True:
            raw = self._source.read_at(at, BLOCK_BYTES)
            if len(raw) < BLOCK_BYTES:
                self._tell("The archive is cut off: the mark of its end is missing.", at)
                return
            if raw == _ZERO:
                found = self._behind_end(at)
                if found is None:
                    return
                at = begin = found
                continue
            if not is_header(raw):
                found = self._resume(at)
                if found is None:
                    return
                at, begin, extension, notes = found, found, self._fresh(), []
                continue
            header = parse_header(raw)
            start = at + BLOCK_BYTES
            if header.kind in (b"x", b"X", b"g", b"L", b"K", b"V"):
                notes += self._extend(header, start, extension)
                at = start + _padded(0 if header.kind == b"V" else header.size_bytes)
                begin = at if header.kind in (b"g", b"V") else begin
                continue
            member, at = self._member(header, begin, start, extension, notes)
            yield member
            begin, extension, notes = at, self._fresh(), []

    def _fresh(self) -> Extension:
        common = self._global
        return Extension(common.path, common.linkpath, common.size_bytes, dict(common.times), dict(common.keys))

    def _tell(self, what: str, at: int, about: str = "", *, is_damage: bool = True) -> None:
        self.problems.append(Problem(what=what, where="", offset_bytes=at, is_damage=is_damage, about=about))

    def _extend(self, header: Header, start: int, extension: Extension) -> list[str]:
        """Take in a record that extends the next header; returns what in it makes no sense."""
        if header.kind == b"V":
            self.label = header.name.decode(errors="replace") or None
            return []
        if header.size_bytes > EXTENDING_MAX_BYTES:
            return [f"a record of {header.size_bytes} bytes that extends it is not read"]
        data = self._source.read_at(start, header.size_bytes)
        if len(data) < header.size_bytes:
            return ["a record that extends it is cut off"]
        if header.kind == b"L":
            extension.path = data.rstrip(b"\0")
        elif header.kind == b"K":
            extension.linkpath = data.rstrip(b"\0")
        else:
            try:
                records = pax_records(data)
            except OSError as error:
                return [str(error)]
            wrong = apply_pax(extension, records)
            return wrong + (apply_pax(self._global, records) if header.kind == b"g" else [])
        return []

    def _member(
        self, header: Header, begin: int, start: int, extension: Extension, notes: list[str]
    ) -> tuple[Member, int]:
        """The member, and where the next header stands."""
        stored = header.size_bytes if extension.size_bytes is None else extension.size_bytes
        kind = _KINDS.get(header.kind, "file")
        if header.kind in _NODES and stored and self._is_content(start, stored):
            notes.append(
                f"its header is that of {_NODES[header.kind]}; it holds {stored} bytes and is listed as a file"
            )
            kind = "file"
        elif header.kind in _WITHOUT_CONTENT or (header.kind == b"1" and not extension.keys):
            stored = 0  # only with extended headers a hard link may have content
        path = extension.path if extension.path is not None else header.name
        if kind == "file" and header.kind in (b"0", b"\0") and path.endswith(b"/"):
            kind = "directory"
        member = Member(
            at=begin, start=start, path=path, kind=kind, stored_bytes=stored,
            size_bytes=stored if kind == "file" else 0, stamps=_stamps(header, extension),
            is_hard_link=header.kind == b"1", is_fine=bool(extension.times),
        )  # fmt: skip
        if header.kind in (b"1", b"2"):
            member.link = extension.linkpath if extension.linkpath is not None else header.linkname
        if header.kind == b"M":
            notes.append("its beginning is in another archive")
        elif header.kind not in _KINDS:
            notes.append(f"a member of the unknown kind {header.kind!r}")
        if kind in ("character", "block") and header.device is not None:
            notes.append(f"device {header.device[0]}:{header.device[1]}")
        try:
            self._take_map(header, member, extension)
        except UNREADABLE as error:
            member.pieces, member.size_bytes = None, stored
            member.kind, member.stored_bytes = "file", -1
            notes.append(reason(error))
        member.note = "; ".join(notes) or None
        return member, start + _padded(stored) + (member.start - start if header.kind == b"S" else 0)

    def _is_content(self, start: int, size_bytes: int) -> bool:
        """Whether a content stands where none should: no header, and behind its size a header or the end."""
        raw = self._source.read_at(start, BLOCK_BYTES)
        if raw == _ZERO or is_header(raw):
            return False
        behind = self._source.read_at(start + _padded(size_bytes), BLOCK_BYTES)
        return behind == _ZERO or is_header(behind)

    def _take_map(self, header: Header, member: Member, extension: Extension) -> None:
        """Where the parts of a sparse file belong: in the header, in extended headers, or before the content."""
        keys = extension.keys
        if header.kind == b"S":
            pairs = old_map(header.raw[386:482], 4)
            more = header.raw[482]
            while more:
                raw = self._source.read_at(member.start, BLOCK_BYTES)
                if len(raw) < BLOCK_BYTES or len(pairs) > PIECES_MAX:
                    raise OSError("the map of a sparse file does not end")
                member.start += BLOCK_BYTES
                pairs += old_map(raw, 21)
                more = raw[504]
            try:
                size = number(header.raw[483:495])
            except ValueError:
                raise OSError("the map of a sparse file makes no sense") from None
        elif "GNU.sparse.map" in keys:
            pairs, size = map_of_text(keys["GNU.sparse.map"]), _size(keys.get("GNU.sparse.size", b""))
        elif keys.get("GNU.sparse.major") == b"1":
            pairs, size = self._map_before(member), _size(keys.get("GNU.sparse.realsize", b""))
        else:
            return
        end = place = 0
        pieces = []
        for offset, length in pairs:
            if offset < end or length < 0 or offset + length > size:
                raise OSError("the map of a sparse file contradicts itself")
            pieces.append((offset, length, place))
            end, place = offset + length, place + length
        if place > member.stored_bytes:
            raise OSError("the map of a sparse file needs more bytes than are stored")
        member.pieces, member.size_bytes = tuple(pieces), size

    def _map_before(self, member: Member) -> list[tuple[int, int]]:
        """Version 1.0: the count of the pairs, then the pairs, each number in a line, filled up to a block."""
        raw, limit = b"", min(member.stored_bytes, EXTENDING_MAX_BYTES)
        lines: list[bytes] = []
        count = None
        while count is None or len(lines) < 2 * count + 2:
            if len(raw) >= limit:
                raise OSError("the map of a sparse file does not end")
            raw += self._source.read_at(member.start + len(raw), min(1 << 16, limit - len(raw)))
            lines = raw.split(b"\n")
            if count is None and len(lines) > 1:
                count = _size(lines[0])
                if count > PIECES_MAX:
                    raise OSError(f"the map of a sparse file has {count} parts, which is not read")
        used = _padded(sum(len(line) + 1 for line in lines[: 2 * count + 1]))
        member.start += used
        member.stored_bytes -= used
        return map_of_text(b",".join(lines[1 : 2 * count + 1]))

    def _behind_end(self, at: int) -> int | None:
        """Where another archive begins behind the zeros that end this one."""
        place = at
        while True:
            raw = self._source.read_at(place, _SEARCH_BYTES)
            rest = raw.lstrip(b"\0")
            if rest or len(raw) < _SEARCH_BYTES:
                break
            place += len(raw)
        if not rest:
            return None
        found = place + (len(raw) - len(rest)) // BLOCK_BYTES * BLOCK_BYTES
        if is_header(self._source.read_at(found, BLOCK_BYTES)):
            what = "More members follow behind the mark of the end; most programs do not show them."
            self._tell(what, found, "ends with members behind")
            return found
        self._tell("Behind the mark of the end there is more than zeros.", found, is_damage=False)
        return None

    def _resume(self, at: int) -> int | None:
        """The next header behind a place where there is none."""
        place = at + BLOCK_BYTES
        while raw := self._source.read_at(place, _SEARCH_BYTES):
            mark = raw.find(b"ustar")
            while mark >= 0:
                header = mark - 257
                if header >= 0 and not header % BLOCK_BYTES and is_header(raw[header : header + BLOCK_BYTES]):
                    what = f"At byte {at} there is no header; what follows is listed from byte {place + header} on."
                    self._tell(what, at, "places without a header")
                    return place + header
                mark = raw.find(b"ustar", mark + 1)
            place += len(raw)
        self._tell("There is no header where one should be, and none behind it: the rest is not listed.", at)
        return None


def _padded(size: int) -> int:
    return size + -size % BLOCK_BYTES


def _size(raw: bytes) -> int:
    if not raw.isdigit() or len(raw) > 19:
        raise OSError("the map of a sparse file makes no sense")
    return int(raw)


def _stamps(header: Header, extension: Extension) -> Stamps:
    times = dict(extension.times)
    if header.is_gnu and header.kind not in (b"M",):
        for field, place in (("accessed", 345), ("changed", 357)):
            try:
                seconds = number(header.raw[place : place + 12])
            except ValueError:
                continue
            if seconds:
                times.setdefault(field, seconds * SECOND_NS)
    if header.mtime is not None:
        times.setdefault("modified", header.mtime * SECOND_NS)
    return (
        *(_bounded(times.get(field)) for field in ("modified", "accessed", "changed", "created")),
        *(None,) * 5,
    )  # type: ignore[return-value]


def _bounded(moment: int | None) -> int | None:
    return moment if moment is not None and abs(moment) < 1 << 63 else None
