"""LUKS1 headers, from the LUKS1 On-Disk Format Specification, version 1.2.3."""

from __future__ import annotations

import struct

from evidence.images.base import Problem
from evidence.volumes.base import Readable
from evidence.volumes.luks_header import SECTOR_BYTES, Header, Kdf, KeyDigest, KeySlot, LuksError, Segment

_HEADER = struct.Struct(">6sH32s32s32sII20s32sI40s")
_SLOT = struct.Struct(">II32sII")
_SLOTS = 8
_ENABLED, _DISABLED = 0x00AC71F3, 0x0000DEAD
_MAX_KEY_BYTES = 512
_MAX_STRIPES = 1 << 16


def read_luks1(source: Readable) -> Header:
    """The header at the start of ``source``.

    Raises:
        LuksError: It is damaged beyond use.
        UnreadableRegionError: It cannot be read.
    """
    raw = source.read_at(0, _HEADER.size + _SLOTS * _SLOT.size)
    if len(raw) < _HEADER.size + _SLOTS * _SLOT.size:
        raise LuksError(f"The LUKS1 header is cut off after {len(raw)} bytes.", len(raw))
    _, _, name, mode, hash_name, payload, key_bytes, digest, salt, iterations, uuid = _HEADER.unpack_from(raw)
    if not 0 < key_bytes <= _MAX_KEY_BYTES:
        raise LuksError(f"The LUKS1 header declares a volume key of {key_bytes} bytes.", 108)
    encryption = f"{_text(name, 8)}-{_text(mode, 40)}"
    slots, problems = [], []
    for index in range(_SLOTS):
        try:
            slot = _slot(raw, index, encryption, _text(hash_name, 72), key_bytes, payload)
        except LuksError as error:
            problems.append(error.problem)
        else:
            slots += [slot] if slot else []
    if payload * SECTOR_BYTES >= source.media_bytes:
        what = f"The encrypted content begins at {payload * SECTOR_BYTES}, but the volume ends before it."
        problems.append(Problem(what=what, where="", offset_bytes=104))
    names = tuple(slot.name for slot in slots)
    kdf = Kdf(type="pbkdf2", salt=salt, hash=_text(hash_name, 72), iterations=iterations)
    return Header(
        version=1,
        uuid=_text(uuid, 168),
        slots=tuple(slots),
        digests=(KeyDigest(kdf=kdf, digest=digest, slots=names, segments=(0,)),),
        segments=(
            Segment(
                number=0,
                type="crypt",
                offset_bytes=payload * SECTOR_BYTES,
                length_bytes=None,
                encryption=encryption,
            ),
        ),
        problems=tuple(problems),
    )


def _slot(raw: bytes, index: int, encryption: str, hash_name: str, key_bytes: int, payload: int) -> KeySlot | None:
    """The slot, None where it is not in use."""
    at = _HEADER.size + index * _SLOT.size
    state, iterations, salt, sector, stripes = _SLOT.unpack_from(raw, at)
    if state not in (_ENABLED, _DISABLED):
        raise LuksError(f"Key slot {index} is damaged: its state is 0x{state:08x}.", at)
    start, size = sector * SECTOR_BYTES, key_bytes * stripes
    outside = payload and start + size > payload * SECTOR_BYTES
    if not 0 < stripes <= _MAX_STRIPES or start < _HEADER.size + _SLOTS * _SLOT.size or outside:
        what = f"Key slot {index} is damaged: it claims {stripes} stripes from byte {start} on, which cannot be."
        raise LuksError(what, at)
    if state == _DISABLED:
        return None
    return KeySlot(
        name=str(index),
        kdf=Kdf(type="pbkdf2", salt=salt, hash=hash_name, iterations=iterations),
        area_offset_bytes=start,
        area_bytes=-(-size // SECTOR_BYTES) * SECTOR_BYTES,
        encryption=encryption,
        area_key_bytes=key_bytes,
        key_bytes=key_bytes,
        stripes=stripes,
        split_hash=hash_name,
    )


def _text(raw: bytes, at: int) -> str:
    try:
        return raw.split(b"\0")[0].decode("ascii")
    except UnicodeDecodeError:
        raise LuksError("A name in the LUKS1 header is no text.", at) from None
