"""File records of NTFS in the form that most have, unpacked as a whole.

Source: Microsoft's and the Linux driver's documents on NTFS ("FILE record", "Attributes").
"""

from __future__ import annotations

import struct
from typing import TypeAlias

from evidence.filesystems import ntfs
from evidence.filesystems.stamps import Stamps

RECORD_BYTES = 1024
"""Of the form told of here, with the ends of two sectors."""

_UP_TO_STANDARD, _NAME = "<8s12x4sI4xQ8x2s6x 10sH4x6s2x4Q", "4sI2sH4xIH2xIH2x4Q24xBx"
_OLD = struct.Struct(f"{_UP_TO_STANDARD}16x {_NAME} 292x2s510x2s")
_NEW = struct.Struct(f"{_UP_TO_STANDARD}40x {_NAME} 268x2s510x2s")
"""A record with a short and a long $STANDARD_INFORMATION: NTFS 1.2 and 3.

Of the head: signature with the place and number of the ends; first attribute with flags; bytes in use; base record; the
mark. Of $STANDARD_INFORMATION: type to name length, place of the name, size and place of the content, four times. Of
$FILE_NAME: type, length, not resident with name length, place of the name, size and place of the content; then the
number of the directory in two parts, four times, characters of the name. Then the ends of both sectors.
"""
_FORMS = {
    72: (_OLD, 128, b"\x10\0\0\0\x48" + bytes(5), b"\x30\0\0\0\x18\0"),
    96: (_NEW, 152, b"\x10\0\0\0\x60" + bytes(5), b"\x48\0\0\0\x18\0"),
}
"""By the length of $STANDARD_INFORMATION: its form, where $FILE_NAME begins, and what two of the values have to be."""
_STANDARD_LENGTH_AT, _NAME_WITHIN, _NAME_HEAD_BYTES = 60, 90, 66
_FILE, _DIRECTORY = b"\x38\0\1\0", b"\x38\0\3\0"
"""Where the first attribute is, and what the record is of, in use."""
_HEAD, _NAME_TYPE, _RESIDENT = b"FILE\x30\0\3\0", b"\x30\0\0\0", bytes(2)
_CONTENT = struct.Struct("<IIBBHHHQ16xQQ")
"""Type, length, not resident, characters and place of the name, flags, id; first cluster, or size and place of a
resident one; allocated size, size."""
_FIRST_END = 510
_LAST_START = _FIRST_END - 64
_SECURITY, _INDEX_ALLOCATION, _BITMAP, _ENCRYPTED, _END = 0x50, 0xA0, 0xB0, 0x4000, b"\xff" * 4
_INDEX_NAME = "$I30".encode("utf-16-le")
_Attribute: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int]
_LOW, _HIGH, _ZERO = ntfs.FIRST_FILETIME, ntfs.LAST_FILETIME, ntfs.FILETIME_1970


def usual_record(
    piece: bytes, within: int, address: int, directory: int, name: str, size_bytes: int | None
) -> tuple[int, str, *Stamps] | None:
    """What a record tells that has times, one name and one content or index, and at most who may do what.

    None of any other. Nothing is read that the mark at the end of a sector overwrites. What is told is what
    :meth:`evidence.filesystems.ntfs_plain.PlainRecords.plain_file` tells of records of any plain form.

    Args:
        piece: A piece of the table, in which the whole record lies.
        within: Where the record begins in it.
        address: The number of the record.
        directory: That of the directory in which it has the name.
        name: As shown there.
        size_bytes: What its content has to have; None of a directory.
    """
    form = _FORMS.get(piece[within + _STANDARD_LENGTH_AT])
    if form is None:
        return None
    unpacked, name_at, standard_type, sizes = form
    (
        head, first, used, base, mark,
        standard, standard_name_at, standard_sizes, created, modified, changed, accessed,
        kind_of_name, length, form_of_name, name_name_at, size, place,
        parent, parent_high, fn_created, fn_modified, fn_changed, fn_accessed, units,
        end_1, end_2,
    ) = unpacked.unpack_from(piece, within)  # fmt: skip
    if (
        head != _HEAD or base or mark != end_1 or mark != end_2 or used > RECORD_BYTES
        or standard != standard_type or standard_sizes != sizes or standard_name_at > 72
        or kind_of_name != _NAME_TYPE or form_of_name != _RESIDENT or place != 24 or name_name_at > length
        or 24 + size > length or _NAME_HEAD_BYTES + 2 * units > size or parent | parent_high << 32 != directory
        or first != (_FILE if size_bytes is not None else _DIRECTORY)
    ):  # fmt: skip
        return None
    start = within + name_at + _NAME_WITHIN
    if piece[start : start + 2 * units] != name.encode("utf-16-le"):
        return None
    if size_bytes is not None:
        label = _content(piece, within, name_at + length, used, size_bytes)
    else:
        label, size_bytes = _index(piece, within, name_at + length, used)
    if not label or not (
        _LOW <= created <= _HIGH and _LOW <= modified <= _HIGH and _LOW <= changed <= _HIGH
        and _LOW <= accessed <= _HIGH and _LOW <= fn_created <= _HIGH and _LOW <= fn_modified <= _HIGH
        and _LOW <= fn_changed <= _HIGH and _LOW <= fn_accessed <= _HIGH
    ):  # fmt: skip
        return None
    return (
        size_bytes, f"{address}-{label}",
        (modified - _ZERO) * 100, (accessed - _ZERO) * 100, (changed - _ZERO) * 100, (created - _ZERO) * 100, None,
        (fn_modified - _ZERO) * 100, (fn_accessed - _ZERO) * 100, (fn_changed - _ZERO) * 100,
        (fn_created - _ZERO) * 100,
    )  # fmt: skip


def _content(piece: bytes, within: int, at: int, used: int, size_bytes: int) -> str:
    """Type and id of the $DATA that is the last attribute of a record; "" where something else stands there."""
    at, found = _behind_security(piece, within, at, used)
    if found is None:
        return ""
    kind, length, is_elsewhere, name_units, name_at, packed, number, first, room, size = found
    if kind != ntfs.DATA or name_units or packed & _ENCRYPTED or name_at > length:
        return ""
    if is_elsewhere:
        if is_elsewhere > 1 or first or size > room or size != size_bytes or length < 64 or at + 64 > used:
            return ""
    elif first & 0xFFFFFFFF != size_bytes or length < 24 or (first >> 32 & 0xFFFF) + size_bytes > length:
        return ""
    return f"128-{number}" if _is_end(piece, within, at + length) else ""


def _index(piece: bytes, within: int, at: int, used: int) -> tuple[str, int]:
    """Type and id of the $INDEX_ROOT of names, and its size in bytes; "" where a record has more than an index."""
    at, found = _behind_security(piece, within, at, used)
    if found is None:
        return "", 0
    kind, length, is_elsewhere, name_units, name_at, packed, number, first, _, _ = found
    size, place = first & 0xFFFFFFFF, first >> 32 & 0xFFFF
    if kind != ntfs.INDEX_ROOT or is_elsewhere or packed & _ENCRYPTED or name_units != 4 or place + size > length:
        return "", 0
    if not _is_index_name(piece, within, at + name_at) or name_at + 8 > length:
        return "", 0
    for wanted in (_INDEX_ALLOCATION, _BITMAP):
        behind = at + length
        if behind + 24 > used or not _is_unmarked(behind, _CONTENT.size):
            break
        kind, more, _, name_units, name_at, *_ = _CONTENT.unpack_from(piece, within + behind)
        if kind != wanted:
            break
        if more < 24 or name_units != 4 or name_at + 8 > more or not _is_index_name(piece, within, behind + name_at):
            return "", 0
        at, length = behind, more
    return (f"144-{number}", size) if _is_end(piece, within, at + length) else ("", 0)


def _behind_security(piece: bytes, within: int, at: int, used: int) -> tuple[int, _Attribute | None]:
    """Where the next attribute is that does not tell who may do what, and what its head says; None if it is too far."""
    if at + 24 > used or at > _LAST_START:
        return at, None
    found = _CONTENT.unpack_from(piece, within + at)
    if found[0] != _SECURITY:
        return at, found
    _, length, is_elsewhere, _, name_at, _, _, first, _, _ = found
    if is_elsewhere or length < 24 or name_at > length or (first >> 32 & 0xFFFF) + (first & 0xFFFFFFFF) > length:
        return at, None
    at += length
    return at, _CONTENT.unpack_from(piece, within + at) if at + 24 <= used and at <= _LAST_START else None


def _is_index_name(piece: bytes, within: int, at: int) -> bool:
    return _is_unmarked(at, 8) and piece[within + at : within + at + 8] == _INDEX_NAME


def _is_end(piece: bytes, within: int, at: int) -> bool:
    """Whether no attribute follows at a place, with nothing of the mark of a sector in between."""
    return _is_unmarked(at, 4) and piece[within + at : within + at + 4] == _END


def _is_unmarked(at: int, size_bytes: int) -> bool:
    """Whether a part of a record lies before or between the marks at the ends of its two sectors."""
    return at + size_bytes <= _FIRST_END or (at >= _FIRST_END + 2 and at + size_bytes <= RECORD_BYTES - 2)
