"""The records of a tar: headers of 512 bytes, the records that extend the next one, and maps of sparse files.

Sources: POSIX.1-2017, ``pax``, "pax Interchange Format" and "ustar Interchange Format"; the manual of GNU tar, "Basic
Tar Format", "Storing Sparse Files"; ``tar(5)`` of libarchive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from evidence.filesystems.stamps import SECOND_NS

BLOCK_BYTES = 512
EXTENDING_MAX_BYTES = 16 << 20
"""No record that only extends the next one is longer."""
PIECES_MAX = 1 << 20

_TIMES = {"mtime": "modified", "atime": "accessed", "ctime": "changed", "LIBARCHIVE.creationtime": "created"}
_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header.

    Attributes:
        kind: The byte that tells what follows.
        is_gnu: Written by GNU tar in its own format.
        mtime: Seconds since 1970.
        linkname: Where a link leads.
        raw: All of its bytes.
    """

    name: bytes
    kind: bytes
    size_bytes: int
    mtime: int | None
    linkname: bytes
    device: tuple[int, int] | None
    is_gnu: bool
    raw: bytes


@dataclass(slots=True)
class Extension:
    """What records before a header say of it."""

    path: bytes | None = None
    linkpath: bytes | None = None
    size_bytes: int | None = None
    times: dict[str, int] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)


def is_header(raw: bytes) -> bool:
    """Whether the checksum of a block is that of a header; some writers summed signed bytes."""
    if len(raw) < BLOCK_BYTES or not raw[0]:
        return False
    try:
        told = number(raw[148:156])
    except ValueError:
        return False
    rest = raw[:148] + raw[156:BLOCK_BYTES]
    total = sum(rest) + 8 * 32
    return told in (total, total - 256 * sum(byte > 127 for byte in rest))


def number(raw: bytes) -> int:
    """A number in octal digits, or with the first bit set in base 256; raises ValueError for what is neither."""
    if raw[:1] >= b"\x80":
        value = int.from_bytes(raw, "big")
        if raw[0] & 0x40:
            return value - (1 << 8 * len(raw))
        return value - (0x80 << 8 * (len(raw) - 1))
    text = raw.split(b"\0")[0].strip(b" \0")
    return int(text, 8) if text else 0


def parse_header(raw: bytes) -> Header:
    """A header whose checksum is right.

    Raises:
        OSError: Its size is no number.
    """
    try:
        size = number(raw[124:136])
    except ValueError:
        size = -1
    if size < 0:
        raise OSError(f"the size in a header is {raw[124:136]!r}")
    is_gnu = raw[257:265] == b"ustar  \0"
    name = raw[:100].split(b"\0")[0]
    prefix = raw[345:500].split(b"\0")[0] if raw[257:263] == b"ustar\0" else b""
    return Header(
        name=prefix + b"/" + name if prefix else name,
        kind=raw[156:157],
        size_bytes=size,
        mtime=_number_or_none(raw[136:148]),
        linkname=raw[157:257].split(b"\0")[0],
        device=_device(raw),
        is_gnu=is_gnu,
        raw=raw,
    )


def _device(raw: bytes) -> tuple[int, int] | None:
    major, minor = _number_or_none(raw[329:337]), _number_or_none(raw[337:345])
    return None if major is None or minor is None else (major, minor)


def _number_or_none(raw: bytes) -> int | None:
    try:
        return number(raw)
    except ValueError:
        return None


def pax_records(raw: bytes) -> dict[str, bytes]:
    """The records ``length key=value`` of an extended header.

    Raises:
        OSError: One of them makes no sense.
    """
    found: dict[str, bytes] = {}
    place = 0
    while place < len(raw) and raw[place]:
        space = raw.find(b" ", place, place + 20)
        digits = raw[place:space] if space > 0 else b""
        length = int(digits) if digits.isdigit() else 0
        record = raw[place : place + length]
        if length < len(digits) + 4 or not record.endswith(b"\n") or b"=" not in record:
            raise OSError(f"an extended header makes no sense from its byte {place} on")
        key, value = record[len(digits) + 1 : -1].split(b"=", 1)
        name = key.decode(errors="replace")
        if name in ("GNU.sparse.offset", "GNU.sparse.numbytes"):  # version 0.0 repeats them
            value = found.get("GNU.sparse.map", b"") + b"," * ("GNU.sparse.map" in found) + value
            name = "GNU.sparse.map"
        found[name] = value
        place += length
    return found


def apply_pax(extension: Extension, records: Mapping[str, bytes]) -> list[str]:
    """Put what an extended header says into ``extension``.

    Returns:
        What in it makes no sense.
    """
    wrong = []
    for key, value in records.items():
        extension.keys[key] = value
        if key in ("path", "GNU.sparse.name"):
            if key == "GNU.sparse.name" or "GNU.sparse.name" not in extension.keys:
                extension.path = value
        elif key == "linkpath":
            extension.linkpath = value
        elif key == "size":
            if value.isdigit() and len(value) <= 19:
                extension.size_bytes = int(value)
            else:
                wrong.append(f"the size in an extended header is {value[:40]!r}")
        elif key in _TIMES:
            moment = _moment(value)
            if moment is None:
                wrong.append("an impossible time is left out")
            else:
                extension.times[_TIMES[key]] = moment
    return wrong


def _moment(value: bytes) -> int | None:
    try:
        moment = Decimal(value[:_LONGEST_NUMBER].decode("ascii"))
        nanoseconds = int(moment * SECOND_NS) if moment.is_finite() and abs(moment) < 1 << 40 else None
    except (InvalidOperation, UnicodeDecodeError):
        return None
    return nanoseconds


def map_of_text(raw: bytes) -> list[tuple[int, int]]:
    """Pairs of offset and length, between commas or at ends of lines.

    Raises:
        OSError: They are no numbers.
    """
    parts = raw.replace(b"\n", b",").strip(b",").split(b",") if raw else []
    if len(parts) % 2 or len(parts) > 2 * PIECES_MAX or not all(p.isdigit() and len(p) < 20 for p in parts):
        raise OSError("the map of a sparse file makes no sense")
    numbers = [int(part) for part in parts]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def old_map(raw: bytes, count: int) -> list[tuple[int, int]]:
    """Pairs of GNU tar's older map: ``count`` fields of twice 12 bytes, until an empty one; may raise OSError."""
    found = []
    for place in range(0, 24 * count, 24):
        if not raw[place]:
            break
        try:
            found.append((number(raw[place : place + 12]), number(raw[place + 12 : place + 24])))
        except ValueError:
            raise OSError("the map of a sparse file makes no sense") from None
    return found
