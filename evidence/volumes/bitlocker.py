"""BitLocker: volumes of Windows Vista, of Windows 7 and later, and BitLocker To Go.

Source: "BitLocker Drive Encryption (BDE) format specification", J. Metz (libbde).
"""

from __future__ import annotations

import struct
import uuid
from dataclasses import dataclass

from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes import bitlocker_keys, bitlocker_metadata
from evidence.volumes.base import Readable, peek
from evidence.volumes.bitlocker_metadata import FULLY_ENCRYPTED, VISTA, Metadata, Protector
from evidence.volumes.bitlocker_volume import METHODS, DecryptedVolume, cipher_of
from evidence.volumes.layers import Beside, Inner, Layer
from evidence.volumes.signatures import BITLOCKER_ID, BITLOCKER_MARK

_ON_WRITE = uuid.UUID("92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8").bytes_le
_SECTORS = (512, 1024, 2048, 4096)
_MAX_MOVED_BYTES, _MAX_VOLUME_BYTES = 1 << 30, 1 << 62
_STATES = {1: "decrypted", 2: "being encrypted", 3: "being encrypted on write", 4: "encrypted", 5: "paused"}
_TPM, _STARTUP, _PIN = 0x0100, 0x0200, 0x0400


@dataclass(frozen=True, slots=True, kw_only=True)
class _Boot:
    """What the first sector says.

    Attributes:
        sector_bytes: Size of a sector; 0 where it does not say.
        offsets: Where the copies of the metadata are.
        is_on_write: Whether the volume is being encrypted as it is written.
        is_to_go: Whether it is of BitLocker To Go.
        volume_bytes: Size of the volume (Windows Vista); 0 where it does not say.
    """

    sector_bytes: int
    offsets: tuple[int, ...]
    is_on_write: bool = False
    is_to_go: bool = False
    volume_bytes: int = 0


def open_bitlocker(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of a BitLocker volume."""
    boot = _boot(peek(source, 0, 512))
    if boot is None:
        return None
    metadata, problems = bitlocker_metadata.find(source, boot.offsets)
    if metadata is None:
        what = "BitLocker: none of the copies of the metadata can be read, and without it no key opens the volume."
        return _locked([*problems, Problem(what=what, where="", offset_bytes=0)])
    remarks = [*problems, _remark(_about(boot, metadata))]
    obstacle = _obstacle(boot, metadata)
    if obstacle:
        return _locked([*remarks, obstacle])
    opened = bitlocker_keys.unlock(metadata, keys, beside.on_step)
    if opened is None:
        return _locked([*remarks, _remark(_wanted(metadata, keys))])
    protector, method, key = opened
    sector = _sector_bytes(boot, metadata)
    cipher = cipher_of(method, key, sector)
    if cipher is None:
        what = f"BitLocker: {_method(method)} with a key of {len(key)} bytes cannot be decrypted by this version."
        return _locked([*remarks, Problem(what=what, where="", offset_bytes=None, is_damage=False)])
    moved = _moved_bytes(metadata, sector)
    volume = DecryptedVolume(source, cipher, metadata, moved_bytes=moved, hidden=_hidden(source, metadata, moved))
    declared = metadata.encrypted_bytes or boot.volume_bytes
    inner = Inner(
        slot="d",
        kind="decrypted",
        description=f"Decrypted BitLocker volume ({_method(method)})",
        length_bytes=max(volume.media_bytes, declared),
        source=volume,
        problems=tuple(_limits(source, volume, metadata, declared, method)),
    )
    remarks.append(_remark(f"BitLocker: unlocked by {_name(protector)}."))
    if protector.kind == bitlocker_keys.CLEAR:
        remarks.append(_remark("BitLocker: the protection was suspended: the key that opens the volume lies on it."))
    return Layer(volumes=(inner,), encryption="bitlocker", problems=tuple(remarks))


def _boot(sector: bytes) -> _Boot | None:
    """The first sector, or None where it is not one of BitLocker's."""
    if len(sector) < 512:
        return None
    size, per_cluster = struct.unpack_from("<HB", sector, 11)
    size = size if size in _SECTORS else 0
    if sector[3:11] == b"MSWIN4.1" and sector[424:440] == BITLOCKER_ID:
        return _Boot(sector_bytes=size, offsets=struct.unpack_from("<3Q", sector, 440), is_to_go=True)
    if sector[3:11] != BITLOCKER_MARK:
        return None
    identifier = sector[160:176]
    if identifier in (BITLOCKER_ID, _ON_WRITE) or sector[1] == 0x58:
        offsets = struct.unpack_from("<3Q", sector, 176)
        return _Boot(sector_bytes=size, offsets=offsets, is_on_write=identifier == _ON_WRITE)
    clusters = per_cluster if per_cluster <= 0x80 else 1 << (0x100 - per_cluster)
    offset = int.from_bytes(sector[56:64], "little") * clusters * (size or 512)
    volume = int.from_bytes(sector[40:48], "little") * (size or 512)
    return _Boot(sector_bytes=size, offsets=(offset,), volume_bytes=min(volume, _MAX_VOLUME_BYTES))


def _sector_bytes(boot: _Boot, metadata: Metadata) -> int:
    """As the boot sector says; where it does not, as the moved sectors and their number tell."""
    if boot.sector_bytes:
        return boot.sector_bytes
    told = (metadata.moved_bytes or 0) // (metadata.header_sectors or 1)
    return told if told in _SECTORS else 512


def _moved_bytes(metadata: Metadata, sector_bytes: int) -> int:
    if metadata.version == VISTA:
        return 0
    return metadata.header_sectors * sector_bytes if metadata.moved_bytes is None else metadata.moved_bytes


def _obstacle(boot: _Boot, metadata: Metadata) -> Problem | None:
    """Why the volume cannot be decrypted, whatever the key."""
    sector, state = _sector_bytes(boot, metadata), metadata.state
    is_settled = state == metadata.next_state == FULLY_ENCRYPTED
    if boot.is_on_write and not is_settled:
        what = (
            f"BitLocker: only the used space is encrypted, and the conversion is not finished ({_state(metadata)}). "
            "Which sectors are encrypted stands in its encrypt-on-write maps, which this version does not read."
        )
        return Problem(what=what, where="", offset_bytes=metadata.offset_bytes + 12, is_damage=False)
    if metadata.encrypted_bytes == 0 and not is_settled:
        what = (
            f"BitLocker: the volume is {_state(metadata)}, and its metadata does not say how much of it is encrypted."
        )
        return Problem(what=what, where="", offset_bytes=metadata.offset_bytes + 12, is_damage=False)
    moved = _moved_bytes(metadata, sector)
    places = [metadata.encrypted_bytes, moved, metadata.moved_to if moved else 0]
    if any(place % sector for place in places) or moved > _MAX_MOVED_BYTES or metadata.moved_to < moved:
        what = (
            f"BitLocker: the metadata places the first {moved} bytes of the volume at {metadata.moved_to} and calls "
            f"{metadata.encrypted_bytes} bytes encrypted, which cannot be, with sectors of {sector} bytes."
        )
        return Problem(what=what, where="", offset_bytes=metadata.offset_bytes + 16)
    if metadata.wrapped_key is None:
        what = "BitLocker: the metadata holds no key of the volume, so no password or key can open it."
        return Problem(what=what, where="", offset_bytes=metadata.offset_bytes)
    return None


def _hidden(source: Readable, metadata: Metadata, moved: int) -> tuple[tuple[int, int], ...]:
    """What reads as zeros; of unchecked metadata only what is seen to be there is believed."""
    blocks = [
        offset
        for offset in metadata.block_offsets
        if offset % 512 == 0 and (metadata.is_checked or peek(source, offset, 8) == BITLOCKER_MARK)
    ]
    hidden = [(offset, offset + metadata.block_bytes) for offset in blocks if offset]
    return tuple(sorted([*hidden, (metadata.moved_to, metadata.moved_to + moved)] if moved else hidden))


def _limits(source: Readable, volume: DecryptedVolume, metadata: Metadata, declared: int, method: int) -> list[Problem]:
    """What the examiner has to know of the decrypted bytes."""
    found: list[Problem] = []
    if declared > source.media_bytes:
        what = (
            f"The BitLocker volume has {declared} bytes, but only {source.media_bytes} are there: "
            "what lies behind them cannot be read."
        )
        found.append(Problem(what=what, where="", offset_bytes=source.media_bytes))
    if volume.media_bytes < source.media_bytes:
        what = f"The last {source.media_bytes - volume.media_bytes} bytes are no whole sector and are not decrypted."
        found.append(Problem(what=what, where="", offset_bytes=volume.media_bytes))
    if method != metadata.method:
        what = f"The BitLocker metadata names {_method(metadata.method)}, its key {_method(method)}, which is used."
        found.append(Problem(what=what, where="", offset_bytes=metadata.offset_bytes + 100))
    if metadata.state != FULLY_ENCRYPTED or metadata.next_state != FULLY_ENCRYPTED:
        what = (
            f"BitLocker: the volume is {_state(metadata)}: its first {metadata.encrypted_bytes} bytes are read as "
            "encrypted and the others as they are; sectors at that border may have been in conversion."
        )
        found.append(Problem(what=what, where="", offset_bytes=metadata.encrypted_bytes, is_damage=False))
    return found


def _about(boot: _Boot, metadata: Metadata) -> str:
    kind = "To Go" if boot.is_to_go else "Windows Vista" if metadata.version == VISTA else "Windows 7 or later"
    said = f", described as {metadata.description!r}" if metadata.description else ""
    names = "; ".join(map(_name, metadata.protectors)) or "none"
    volume = f"volume {_id(metadata.volume_id)}{said}"
    return f"BitLocker ({kind}), {volume}, {_method(metadata.method)}. Key protectors: {names}."


def _wanted(metadata: Metadata, keys: Keys) -> str:
    said = "none of the keys given opens it" if keys else "no key was given"
    mistyped = [text for text in keys.recovery_keys if bitlocker_keys.recovery_key(text) is None]
    wrong = (
        f" Of the recovery keys given, {len(mistyped)} cannot be of BitLocker: a recovery password has eight groups of "
        "six digits, each divisible by 11."
        if mistyped
        else ""
    )
    return f"BitLocker: the volume is locked, {said}.{wrong}"


def _name(protector: Protector) -> str:
    """The protector, in the words by which its key is looked for."""
    kind, id_ = protector.kind, _id(protector.id)
    if kind == bitlocker_keys.CLEAR:
        return f"clear key {id_}"
    if kind == bitlocker_keys.STARTUP:
        return f"startup key {id_} (file {str(protector.id).upper()}.BEK)"
    if kind == bitlocker_keys.RECOVERY:
        return f"recovery password, key id {id_}"
    if kind == bitlocker_keys.PASSWORD:
        return f"password {id_}"
    if kind & _TPM and not kind & ~(_TPM | _STARTUP | _PIN):
        parts = ["TPM", *(["PIN"] if kind & _PIN else []), *(["startup key"] if kind & _STARTUP else [])]
        return f"{' and '.join(parts)} {id_}"
    return f"protector of type 0x{kind:04x} {id_}"


def _method(method: int) -> str:
    return METHODS.get(method, f"encryption method 0x{method:04x}")


def _state(metadata: Metadata) -> str:
    now, then = (_STATES.get(state, f"in state {state}") for state in (metadata.state, metadata.next_state))
    return f"{now}, to become {then}"


def _id(identifier: uuid.UUID) -> str:
    return f"{{{str(identifier).upper()}}}"


def _remark(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=False)


def _locked(problems: list[Problem]) -> Layer:
    return Layer(encryption="bitlocker", locked=True, problems=tuple(problems))
