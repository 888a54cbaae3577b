"""The FVE metadata of a BitLocker volume: which keys open it, and how it is encrypted.

Source: "BitLocker Drive Encryption (BDE) format specification", J. Metz (libbde), with what the metadata of published
volumes shows beside it: the CRC-32 that follows the entries, and that its block ends where its size says.
"""

from __future__ import annotations

import struct
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.volumes.base import Readable
from evidence.volumes.signatures import BITLOCKER_MARK

VISTA, SEVEN = 1, 2
FULLY_ENCRYPTED = 4

_ENTRY_VMK, _ENTRY_FVEK, _ENTRY_DESCRIPTION = 0x0002, 0x0003, 0x0007
_VALUE_KEY, _VALUE_TEXT, _VALUE_STRETCH, _VALUE_CCM = 0x0001, 0x0002, 0x0003, 0x0005
_VALUE_VMK, _VALUE_EXTERNAL, _VALUE_PLACE = 0x0008, 0x0009, 0x000F
_BLOCK_HEADER, _HEADER_BYTES, _ENTRY_BYTES = 64, 48, 8
_USUAL_BLOCK_BYTES = {VISTA: 16 << 10, SEVEN: 64 << 10}
_MAX_BLOCK_BYTES = 2 << 20
_MAX_PROTECTORS = 256
_MAX_COPIES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the metadata, or a property inside one.

    Attributes:
        kind: What it is for: 2 a protected volume master key, 3 the volume's key, 7 its description; 0 for properties.
        value: Of what form its data is.
        data: Without the header of the entry.
        offset_bytes: Where ``data`` begins in what it was read from.
    """

    kind: int
    value: int
    data: bytes
    offset_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Protector:
    """A volume master key, wrapped under a key of one kind.

    Attributes:
        id: By which Windows shows it; a startup key file bears it as its name.
        kind: What unwraps it: 0x0000 a key that lies beside it, 0x0100 TPM, 0x0200 startup key, 0x0400 PIN (with a
            TPM), 0x0800 recovery password, 0x2000 password.
        salt: Of the key that is stretched from a password; None without one.
        clear_key: The key that lies beside it; None without one.
        wrapped: The master key as wrapped by AES-CCM; None where it is missing.
    """

    id: uuid.UUID
    kind: int
    salt: bytes | None
    clear_key: bytes | None
    wrapped: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Metadata:
    """One copy of the metadata.

    Attributes:
        offset_bytes: Where its block begins in the volume.
        version: 1 (Windows Vista) or 2 (Windows 7 and later).
        block_bytes: Size of the block.
        state: What the volume is: 1 decrypted, 4 encrypted, others while it is being converted.
        next_state: What it is to become.
        encrypted_bytes: How much of it is encrypted, counted from its start; 0 for all of it.
        block_offsets: Where the three blocks are.
        header_sectors: How many sectors at the start of the volume lie elsewhere (version 2).
        moved_to: Where they lie (version 2), or the cluster of the MFT's mirror (version 1).
        moved_bytes: How many bytes lie there, by the entry for it; None without one.
        volume_id: Identifier of the volume.
        method: Number of the encryption method.
        created: As a FILETIME.
        description: Computer, volume and date as Windows noted them; empty without one.
        protectors: In the order of the metadata.
        wrapped_key: The volume's key as wrapped by AES-CCM under the master key; None where it is missing.
        is_checked: Whether its checksum is there and right.
        problems: What is wrong with it.
    """

    offset_bytes: int
    version: int
    block_bytes: int
    state: int
    next_state: int
    encrypted_bytes: int
    block_offsets: tuple[int, ...]
    header_sectors: int
    moved_to: int
    moved_bytes: int | None
    volume_id: uuid.UUID
    method: int
    created: int
    description: str
    protectors: tuple[Protector, ...]
    wrapped_key: bytes | None
    is_checked: bool
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Found:
    """What the entries say, as far as they could be read."""

    protectors: list[Protector] = field(default_factory=list)
    wrapped_key: bytes | None = None
    description: str = ""
    place: tuple[int, int] | None = None


class _DamagedError(Exception):
    """A structure that cannot be what it should be."""

    def __init__(self, what: str, offset_bytes: int) -> None:
        super().__init__(what)
        self.what, self.offset_bytes = what, offset_bytes


def find(source: Readable, offsets: tuple[int, ...]) -> tuple[Metadata | None, tuple[Problem, ...]]:
    """The best of the copies at ``offsets``, and of those that they name, with what is wrong with any of them.

    A copy whose checksum is right is better than one without, and one with more keys than one with fewer.
    """
    waiting, seen = list(offsets), set[int]()
    copies: list[Metadata] = []
    problems: list[Problem] = []
    while waiting and len(seen) < _MAX_COPIES:
        offset = waiting.pop(0)
        if offset in seen:
            continue
        seen.add(offset)
        try:
            copy = read(source, offset)
        except _DamagedError as error:
            problems.append(_problem(error.what, error.offset_bytes))
            continue
        copies.append(copy)
        problems += copy.problems
        waiting += copy.block_offsets
    copies.sort(key=lambda copy: (copy.is_checked, copy.wrapped_key is not None, len(copy.protectors)), reverse=True)
    return (copies[0] if copies else None), tuple(problems)


def read(source: Readable, offset: int) -> Metadata:
    """The copy at ``offset``, damaged parts left out and told by its problems."""
    head = _get(source, offset, _BLOCK_HEADER + _HEADER_BYTES)
    if len(head) < _BLOCK_HEADER + _HEADER_BYTES:
        raise _DamagedError("The volume ends before this copy of the BitLocker metadata.", offset)
    signature, size, version, state, next_state, encrypted, _, sectors = struct.unpack_from("<8s4HQII", head)
    if signature != BITLOCKER_MARK:
        raise _DamagedError("There is no BitLocker metadata where a copy of it should be.", offset)
    if version not in (VISTA, SEVEN):
        raise _DamagedError(f"BitLocker metadata of version {version} cannot be read.", offset + 10)
    *places, moved_to = struct.unpack_from("<4Q", head, 32)
    entries_bytes, _, header_bytes, _ = struct.unpack_from("<4I", head, _BLOCK_HEADER)
    problems: list[Problem] = []
    covered = size * 16 if version == SEVEN else size
    block, is_checked, block_bytes = _block(source, offset, covered, version, problems)
    found = _Found()
    try:
        body = _body(block, offset, entries_bytes, header_bytes)
        _take(body, offset + _BLOCK_HEADER + header_bytes, found)
    except _DamagedError as error:
        problems.append(_problem(error.what, error.offset_bytes))
    _, method, created = struct.unpack_from("<IIQ", head, 96)
    moved = found.place if version == SEVEN else None
    return Metadata(
        offset_bytes=offset,
        version=version,
        block_bytes=block_bytes,
        state=state,
        next_state=next_state,
        encrypted_bytes=encrypted,
        block_offsets=tuple(places),
        header_sectors=sectors if version == SEVEN else 0,
        moved_to=moved[0] if moved else moved_to,
        moved_bytes=moved[1] if moved else None,
        volume_id=uuid.UUID(bytes_le=head[80:96]),
        method=method & 0xFFFF,
        created=created,
        description=found.description,
        protectors=tuple(found.protectors),
        wrapped_key=found.wrapped_key,
        is_checked=is_checked,
        problems=tuple(problems),
    )


def _block(
    source: Readable, offset: int, covered: int, version: int, problems: list[Problem]
) -> tuple[bytes, bool, int]:
    """The bytes that the checksum covers, whether it is right, and the size of the whole block."""
    usual = _USUAL_BLOCK_BYTES[version]
    raw = _get(source, offset, covered + 8)
    block, tail = raw[:covered], raw[covered:]
    if covered < _BLOCK_HEADER + _HEADER_BYTES:
        what = f"The BitLocker metadata gives {covered} bytes as its size, less than its header."
        problems.append(_problem(what, offset + 8))
        return _get(source, offset, usual), False, usual
    if len(tail) < 8:
        what = "The volume ends before the checksum of this copy of the BitLocker metadata: it could not be checked."
        problems.append(_problem(what, offset + len(raw)))
        return block, False, usual
    rest, _, checksum = struct.unpack("<HHI", tail)
    is_right = zlib.crc32(block) == checksum
    if not is_right:
        what = "The checksum of this copy of the BitLocker metadata is wrong."
        problems.append(_problem(what, offset + covered + 4))
    elif covered + rest != usual:
        what = f"The block of this copy of the BitLocker metadata has {covered + rest} bytes instead of {usual}."
        problems.append(_problem(what, offset + covered))
    return block, is_right, usual


def _body(block: bytes, offset: int, entries_bytes: int, header_bytes: int) -> bytes:
    """The entries; raises _DamagedError."""
    if header_bytes != _HEADER_BYTES:
        what = f"The header of the BitLocker metadata has {header_bytes} bytes instead of {_HEADER_BYTES}."
        raise _DamagedError(what, offset + _BLOCK_HEADER + 8)
    if not _HEADER_BYTES <= entries_bytes <= _MAX_BLOCK_BYTES:
        what = f"The BitLocker metadata gives {entries_bytes} bytes as the size of its entries."
        raise _DamagedError(what, offset + _BLOCK_HEADER)
    return block[_BLOCK_HEADER + _HEADER_BYTES : _BLOCK_HEADER + entries_bytes]


def entries(data: bytes, offset: int) -> Iterator[Entry]:
    """The entries that lie one behind the other in ``data``, which begins at ``offset``.

    Raises _DamagedError where one reaches past the end; what was yielded before it stands.
    """
    at = 0
    while at + _ENTRY_BYTES <= len(data):
        size, kind, value, _ = struct.unpack_from("<4H", data, at)
        if size == 0 and not any(data[at:]):
            return
        if size < _ENTRY_BYTES or at + size > len(data):
            what = f"An entry of the BitLocker metadata gives {size} bytes as its size, {len(data) - at} are there."
            raise _DamagedError(what, offset + at)
        yield Entry(
            kind=kind, value=value, data=data[at + _ENTRY_BYTES : at + size], offset_bytes=offset + at + _ENTRY_BYTES
        )
        at += size


def _take(body: bytes, offset: int, found: _Found) -> None:
    """Sort the entries into ``found``; raises _DamagedError."""
    for entry in entries(body, offset):
        if entry.kind == _ENTRY_VMK and entry.value == _VALUE_VMK:
            if len(found.protectors) == _MAX_PROTECTORS:
                raise _DamagedError(f"The BitLocker metadata has more than {_MAX_PROTECTORS} keys.", entry.offset_bytes)
            found.protectors.append(_protector(entry))
        elif entry.kind == _ENTRY_FVEK and entry.value == _VALUE_CCM and found.wrapped_key is None:
            found.wrapped_key = entry.data
        elif entry.kind == _ENTRY_DESCRIPTION and entry.value == _VALUE_TEXT:
            found.description = _text(entry.data)
        elif entry.value == _VALUE_PLACE and len(entry.data) >= 16 and found.place is None:
            found.place = struct.unpack_from("<QQ", entry.data)


def _protector(entry: Entry) -> Protector:
    if len(entry.data) < 28:
        what = f"A protected key in the BitLocker metadata has {len(entry.data)} bytes, fewer than its header."
        raise _DamagedError(what, entry.offset_bytes)
    salt = clear = wrapped = None
    for part in entries(entry.data[28:], entry.offset_bytes + 28):
        if part.value == _VALUE_STRETCH and len(part.data) >= 20:
            salt = part.data[4:20]
        elif part.value == _VALUE_KEY and len(part.data) > 4:
            clear = part.data[4:]
        elif part.value == _VALUE_CCM and wrapped is None:
            wrapped = part.data
    return Protector(
        id=uuid.UUID(bytes_le=entry.data[:16]),
        kind=int.from_bytes(entry.data[26:28], "little"),
        salt=salt,
        clear_key=clear,
        wrapped=wrapped,
    )


def startup_key(content: bytes) -> tuple[uuid.UUID, bytes] | None:
    """The identifier and the key in the content of a startup key file (.BEK); None where it is no such file."""
    if not _HEADER_BYTES <= len(content) <= _MAX_BLOCK_BYTES:
        return None
    size, version, header_bytes = struct.unpack_from("<3I", content)
    if version != 1 or header_bytes != _HEADER_BYTES or not _HEADER_BYTES < size <= len(content):
        return None
    try:
        for entry in entries(content[_HEADER_BYTES:size], _HEADER_BYTES):
            if entry.value == _VALUE_EXTERNAL and len(entry.data) > 24:
                for part in entries(entry.data[24:], entry.offset_bytes + 24):
                    if part.value == _VALUE_KEY and len(part.data) > 4:
                        return uuid.UUID(bytes_le=entry.data[:16]), part.data[4:]
    except _DamagedError:
        return None
    return None


def _text(data: bytes) -> str:
    return data[: len(data) & ~1].decode("utf-16-le", errors="replace").split("\0")[0].strip()


def _get(source: Readable, offset: int, size: int) -> bytes:
    if offset >= source.media_bytes:
        return b""
    try:
        return source.read_at(offset, size)
    except UnreadableRegionError as error:
        raise _DamagedError(f"A copy of the BitLocker metadata cannot be read: {error}", offset) from error


def _problem(what: str, offset_bytes: int) -> Problem:
    return Problem(what=what, where="", offset_bytes=offset_bytes)
