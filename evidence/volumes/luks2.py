"""LUKS2 headers: two copies of a binary header and a JSON area, and which of the copies rules.

Source: the LUKS2 On-Disk Format Specification, version 1.1.1, chapter 2.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import struct
from dataclasses import dataclass, replace

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek
from evidence.volumes.joined import exactly
from evidence.volumes.luks2_json import header_of
from evidence.volumes.luks_header import Header, LuksError
from evidence.volumes.signatures import LUKS_HEADER_SIZES, LUKS_PRIMARY, LUKS_SECONDARY

"""Every size that a header may have, in bytes; the second copy begins where the first one ends."""

_BINARY_BYTES = 4096
_HEADER = struct.Struct(">6sHQQ48s32s64s40s48sQ")
_DIGEST_AT, _DIGEST_BYTES = 448, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Copy:
    sequence: int
    header: Header


def read_luks2(source: Readable) -> Header:
    """The header that rules, with what is wrong with the other copy among its problems.

    Raises:
        LuksError: Neither copy can be used.
    """
    copies: list[_Copy] = []
    problems: list[Problem] = []
    for at in _places(source):
        try:
            copies.append(_copy(source, at))
        except LuksError as error:
            problems.append(error.problem)
        except UnreadableRegionError as error:
            what = f"The {_name(at)} LUKS2 header cannot be read: {error}"
            problems.append(Problem(what=what, where="", offset_bytes=at))
    if not copies:
        raise LuksError(" ".join(problem.what for problem in problems), 0)
    if len(copies) == 2 and copies[0].sequence != copies[1].sequence:
        first, second = copies[0].sequence, copies[1].sequence
        what = f"The LUKS2 headers differ: the primary has the sequence number {first}, the secondary {second}."
        problems.append(Problem(what=f"{what} The newer one is used.", where="", offset_bytes=0))
    best = max(copies, key=lambda copy: copy.sequence)
    return replace(best.header, problems=(*problems, *best.header.problems))


def _places(source: Readable) -> tuple[int, int]:
    """Where the two copies lie: the second where the first one says, or where one is found."""
    if peek(source, 0, 6) == LUKS_PRIMARY:
        size = int.from_bytes(peek(source, 8, 8), "big")
        if size in LUKS_HEADER_SIZES and peek(source, size, 6) == LUKS_SECONDARY:
            return (0, size)
    return (0, next((at for at in LUKS_HEADER_SIZES if peek(source, at, 6) == LUKS_SECONDARY), LUKS_HEADER_SIZES[0]))


def _copy(source: Readable, at: int) -> _Copy:
    name = f"The {_name(at)} LUKS2 header at byte {at}"
    raw = exactly(source, at, _BINARY_BYTES)
    magic, version, size, sequence, _, algorithm, _, uuid, _, offset = _HEADER.unpack_from(raw)
    if magic != (LUKS_SECONDARY if at else LUKS_PRIMARY):
        raise LuksError(f"{name} is not there: its signature is missing.", at)
    if version != 2:
        raise LuksError(f"{name} declares version {version}.", at + 6)
    if size not in LUKS_HEADER_SIZES or offset != at or at not in (0, size):
        raise LuksError(f"{name} declares {size} bytes at offset {offset}, which cannot be.", at + 8)
    _check_digest(name, raw, exactly(source, at + _BINARY_BYTES, size - _BINARY_BYTES), algorithm, at)
    text = exactly(source, at + _BINARY_BYTES, size - _BINARY_BYTES).split(b"\0")[0]
    try:
        document = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise LuksError(f"{name} holds no JSON: {error}", at + _BINARY_BYTES) from None
    if not isinstance(document, dict):
        raise LuksError(f"{name} holds no JSON object.", at + _BINARY_BYTES)
    header = header_of(document, _text(uuid), source.media_bytes, size)
    return _Copy(sequence=sequence, header=header)


def _check_digest(name: str, raw: bytes, area: bytes, algorithm: bytes, at: int) -> None:
    stored = raw[_DIGEST_AT : _DIGEST_AT + _DIGEST_BYTES]
    cleared = raw[:_DIGEST_AT] + bytes(_DIGEST_BYTES) + raw[_DIGEST_AT + _DIGEST_BYTES :]
    hash_name = _text(algorithm)
    try:
        digest = hashlib.new(hash_name, cleared + area, usedforsecurity=False).digest()
    except (ValueError, TypeError):
        raise LuksError(f"{name} is checked by {hash_name or 'nothing'}, which is not known.", at + 72) from None
    if not hmac.compare_digest(digest, stored[: len(digest)]):
        raise LuksError(f"The checksum of {name[0].lower()}{name[1:]} is wrong.", at + _DIGEST_AT)


def _name(at: int) -> str:
    return "secondary" if at else "primary"


def _text(raw: bytes) -> str:
    return raw.split(b"\0")[0].decode("utf-8", errors="replace")
