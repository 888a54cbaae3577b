"""LUKS volumes of both versions: what their header says, the volume keys, and the content decrypted."""

from __future__ import annotations

from collections.abc import Callable

from evidence.filesystems.formats import recognise
from evidence.images.base import Problem
from evidence.keys import Keys
from evidence.volumes.base import Readable, Window, peek
from evidence.volumes.joined import Absent, Joined
from evidence.volumes.layers import Beside, Inner, Layer
from evidence.volumes.luks1 import read_luks1
from evidence.volumes.luks2 import read_luks2
from evidence.volumes.luks_ciphers import Decrypted, sector_cipher
from evidence.volumes.luks_header import Header, LuksError, Segment
from evidence.volumes.luks_keys import passphrases, volume_keys
from evidence.volumes.signatures import LUKS_HEADER_SIZES, LUKS_PRIMARY, LUKS_SECONDARY


def open_luks(source: Readable, keys: Keys, beside: Beside, /) -> Layer | None:
    """The layer of a LUKS volume.

    Where only the second header of LUKS2 is left and a file system was made over the first, both are shown.

    Raises:
        UnreadableRegionError: The header or a key slot cannot be read.
    """
    is_first = peek(source, 0, 6) == LUKS_PRIMARY
    if not is_first and not any(peek(source, at, 6) == LUKS_SECONDARY for at in LUKS_HEADER_SIZES):
        return None
    is_beside = not is_first and bool(recognise(source))
    try:
        header = _read(source)
    except LuksError as error:
        return Layer(encryption="luks", locked=True, is_beside=is_beside, problems=(error.problem,))
    if header.refusal:
        problems = (*header.problems, _remark(header.refusal))
        return Layer(encryption="luks", locked=True, is_beside=is_beside, problems=problems)
    return _opened(source, header, keys, is_beside, beside.on_step)


def _read(source: Readable) -> Header:
    version = int.from_bytes(source.read_at(6, 2), "big") if peek(source, 0, 6) == LUKS_PRIMARY else 2
    if version == 1:
        return read_luks1(source)
    return read_luks2(source)


def _opened(source: Readable, header: Header, keys: Keys, is_beside: bool, on_step: Callable[[], None]) -> Layer:
    found, refused = volume_keys(source, header, keys, on_step)
    problems = [*header.problems, *(error.problem for error in refused)]
    crypt = [segment for segment in header.segments if segment.type != "linear"]
    locked = bool(crypt) and not any(segment.number in found for segment in crypt)
    if locked:
        problems.append(_remark(_state(header, keys)))
        return Layer(encryption="luks", locked=True, is_beside=is_beside, problems=tuple(problems))
    if any(segment.offset_bytes == 0 and segment.type == "crypt" for segment in header.segments):
        what = "The header is detached: a key fits it, but the content that it belongs to lies on another media."
        return Layer(encryption="luks", is_beside=is_beside, problems=(*problems, _remark(what)))
    try:
        pieces = [_piece(source, segment, found.get(segment.number)) for segment in header.segments]
    except LuksError as error:
        problems.append(error.problem)
        return Layer(encryption="luks", locked=True, is_beside=is_beside, problems=tuple(problems))
    content = pieces[0] if len(pieces) == 1 else Joined(pieces)
    inner = Inner(
        slot="d",
        kind="decrypted",
        description=f"LUKS{header.version}, {_ciphers(header)}",
        length_bytes=content.media_bytes,
        source=content,
        problems=tuple(_missing(header, found)),
    )
    return Layer(volumes=(inner,), encryption="luks", is_beside=is_beside, problems=tuple(problems))


def _piece(source: Readable, segment: Segment, key: bytes | None) -> Readable:
    """The content of a segment.

    Raises:
        LuksError: Its cipher is not supported.
    """
    length = segment.length_bytes
    if length is None:
        length = max(0, source.media_bytes - segment.offset_bytes)
    if segment.refusal:
        return Absent(length, segment.refusal)
    if segment.type == "linear":
        window = Window(source, segment.offset_bytes, length)
        return Joined([window, Absent(length - window.media_bytes, "the media ends before it")])
    if key is None:
        return Absent(length, "no key that was given fits this part")
    cipher = sector_cipher(segment.encryption, key, sector_bytes=segment.sector_bytes)
    return Decrypted(source, segment.offset_bytes, length, cipher, segment.first_iv)


def _missing(header: Header, found: dict[int, bytes]) -> list[Problem]:
    """What of the content cannot be read."""
    problems = []
    for segment in header.segments:
        why = segment.refusal
        if not why and segment.type == "crypt" and segment.number not in found:
            why = "no key that was given fits it"
        if why:
            what = f"Segment {segment.number} of the volume cannot be read: {why}."
            problems.append(Problem(what=what, where="", offset_bytes=segment.offset_bytes, is_damage=False))
    return problems


def _state(header: Header, keys: Keys) -> str:
    """What a locked volume would take."""
    tried = len(set(passphrases(keys)))
    why = f"none of the {tried} passphrases and key files given fits" if tried else "no passphrase or key file is given"
    slots = ", ".join(f"{slot.name} ({slot.kdf.type}, {slot.encryption})" for slot in header.slots)
    state = f"key slots in use: {slots}" if slots else "no key slot is in use, so that no passphrase can open it"
    return f"LUKS{header.version}, {_ciphers(header)}, locked: {why}; {state}."


def _ciphers(header: Header) -> str:
    names = dict.fromkeys(segment.encryption or "not encrypted" for segment in header.segments)
    return ", ".join(names)


def _remark(what: str) -> Problem:
    return Problem(what=what, where="", offset_bytes=None, is_damage=False)
