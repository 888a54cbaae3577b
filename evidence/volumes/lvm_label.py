"""What lies at the start of an LVM2 physical volume: label, header, and the metadata areas that it points at.

Source: the on-disk structures in the headers of LVM2 (lib/label/label.h, lib/format_text/layout.h), as described in
the format's public documentation; the checksum is the CRC-32 of zlib begun at 0xf597a6cf and not inverted at the end.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise

from evidence.errors import UnreadableRegionError
from evidence.images.base import Problem
from evidence.volumes.base import Readable, peek
from evidence.volumes.joined import exactly
from evidence.volumes.lvm_text import LvmError

_SECTOR_BYTES = 512
_LABEL_SECTORS = 4
_LABEL = struct.Struct("<8sQII8s")
_AREA = struct.Struct("<QQ")
_AREA_HEADER = struct.Struct("<I16sIQQ")
_LOCATION = struct.Struct("<QQII")
_AREA_MAGIC = b" LVM2 x[5A%r0N*>"
_AREA_HEADER_BYTES = 512
_IS_IGNORED = 1
_MAX_AREAS = 16
_MAX_TEXT_BYTES = 32 * 1024**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A stretch of a physical volume; ``length_bytes`` 0 means up to its end."""

    offset_bytes: int
    length_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A physical volume as its own label describes it.

    Attributes:
        uuid: 32 characters, without the dashes.
        size_bytes: As recorded.
        data: Where the extents lie.
        metadata: Where the texts lie; none where the volume was made without.
        problems: Damage found.
    """

    uuid: str
    size_bytes: int
    data: tuple[Area, ...]
    metadata: tuple[Area, ...]
    problems: tuple[Problem, ...]


def crc(data: bytes) -> int:
    """The checksum of LVM2."""
    return zlib.crc32(data, 0xF597A6CF ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def dashed(uuid: str) -> str:
    """An identifier as the tools print it."""
    cuts = (0, 6, 10, 14, 18, 22, 26, 32)
    return "-".join(uuid[start:end] for start, end in pairwise(cuts))


def find_label(source: Readable) -> Label | None:
    """The label in one of the first four sectors; None where there is none."""
    for sector in range(_LABEL_SECTORS):
        raw = peek(source, sector * _SECTOR_BYTES, _SECTOR_BYTES)
        if len(raw) == _SECTOR_BYTES and raw[:8] == b"LABELONE" and raw[24:32] == b"LVM2 001":
            return _label(raw, sector * _SECTOR_BYTES)
    return None


def _label(raw: bytes, at: int) -> Label:
    problems = []
    _, sector, checksum, offset, _ = _LABEL.unpack_from(raw)
    if crc(raw[20:]) != checksum:
        problems.append(Problem(what="The checksum of the LVM2 label is wrong.", where="", offset_bytes=at))
    if sector * _SECTOR_BYTES != at:
        what = f"The LVM2 label lies in sector {at // _SECTOR_BYTES}, but says that it lies in {sector}."
        problems.append(Problem(what=what, where="", offset_bytes=at))
    if not _LABEL.size <= offset <= _SECTOR_BYTES - 40:
        what = f"The LVM2 label puts its header at {offset}, outside its sector."
        problems.append(Problem(what=what, where="", offset_bytes=at + 20))
        return Label(uuid="", size_bytes=0, data=(), metadata=(), problems=tuple(problems))
    uuid = raw[offset : offset + 32].decode("ascii", errors="replace")
    (size,) = struct.unpack_from("<Q", raw, offset + 32)
    data, end = _areas(raw, offset + 40)
    metadata, _ = _areas(raw, end)
    return Label(uuid=uuid, size_bytes=size, data=data, metadata=metadata, problems=tuple(problems))


def _areas(raw: bytes, at: int) -> tuple[tuple[Area, ...], int]:
    """The areas listed at ``at`` up to the empty entry, and where the next list begins."""
    found: list[Area] = []
    while at + _AREA.size <= len(raw) and len(found) < _MAX_AREAS:
        offset, size = _AREA.unpack_from(raw, at)
        at += _AREA.size
        if offset == 0:
            break
        found.append(Area(offset_bytes=offset, length_bytes=size))
    return tuple(found), at


def read_texts(source: Readable, label: Label) -> tuple[list[str], list[Problem]]:
    """The texts of all metadata areas that hold one, and what is wrong with the others."""
    texts: list[str] = []
    problems: list[Problem] = []
    for area in label.metadata:
        try:
            text = _read_area(source, area)
        except LvmError as error:
            problems.append(Problem(what=error.what, where="", offset_bytes=error.offset_bytes))
        except UnreadableRegionError as error:
            what = f"A metadata area of LVM2 cannot be read: {error}"
            problems.append(Problem(what=what, where="", offset_bytes=area.offset_bytes))
        else:
            texts += [text] if text else []
    return texts, problems


def _read_area(source: Readable, area: Area) -> str:
    """The text in an area; empty where no group was written yet, or the area is to be ignored."""
    at = area.offset_bytes
    raw = exactly(source, at, _AREA_HEADER_BYTES)
    checksum, magic, version, start, size = _AREA_HEADER.unpack_from(raw)
    if magic != _AREA_MAGIC:
        raise LvmError("The metadata area of LVM2 has no header.", at)
    if crc(raw[4:]) != checksum:
        raise LvmError("The checksum of the header of the metadata area of LVM2 is wrong.", at)
    if version != 1 or start != at or not _AREA_HEADER_BYTES < size <= source.media_bytes:
        what = f"The header of the metadata area of LVM2 declares version {version} and {size} bytes from {start} on."
        raise LvmError(what, at)
    offset, length, text_checksum, flags = _LOCATION.unpack_from(raw, _AREA_HEADER.size)
    if offset == 0 or flags & _IS_IGNORED:
        return ""
    if not _AREA_HEADER_BYTES <= offset < size or not 0 < length <= min(size - _AREA_HEADER_BYTES, _MAX_TEXT_BYTES):
        raise LvmError(f"The metadata area of LVM2 puts {length} bytes of text at {offset} of {size}.", at + 40)
    first = min(length, size - offset)
    text = exactly(source, at + offset, first)
    if first < length:  # the area is a ring
        text += exactly(source, at + _AREA_HEADER_BYTES, length - first)
    if crc(text) != text_checksum:
        raise LvmError("The checksum of the metadata of LVM2 is wrong.", at + offset)
    return text.decode("utf-8", errors="replace")
