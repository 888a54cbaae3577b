"""File records of NTFS that say nothing unusual, told at once from their bytes.

Most files have one content, one time of each sort and nothing else. To ask The Sleuth Kit for each attribute of such a
file takes five times as long as to unpack its record. Whatever is unusual is left to
:func:`evidence.filesystems.ntfs_entry.ntfs_entry`, and what is told here is what would be told there.
Source: Microsoft's and the Linux driver's documents on NTFS ("FILE record", "Attributes").
"""

from __future__ import annotations

import struct

from evidence.filesystems import ntfs
from evidence.filesystems.ntfs_table import Table
from evidence.filesystems.ntfs_usual import RECORD_BYTES, usual_record
from evidence.filesystems.stamps import Stamps

_HEAD = struct.Struct("<4sHH12xHHI4xQ")
"""Of a record: signature, ends of its sectors (place, number), first attribute, flags, bytes in use, base record."""
_ATTRIBUTE = struct.Struct("<IIBBHHHIH")
"""Type, length, not resident, characters and place of the name, flags, id; of a resident one size and place."""
_NON_RESIDENT = struct.Struct("<Q16xQQ")
"""Behind the first 16 bytes of an attribute: first cluster of this piece, allocated size, size."""
_END, _LAST, _IN_USE, _ENCRYPTED = b"\xff" * 4, 0xFFFFFFFF, 1, 0x4000
_SILENT = frozenset({0x40, 0x50})
"""Attributes that tell nothing of a row: the object's id, and who may do what."""
_STRIDE_BYTES, _END_OF_STRIDE = 512, 510
_STANDARD_BYTES, _FILE_NAME_HEAD_BYTES = 48, 66


class PlainRecords:
    """The records of a file system."""

    def __init__(self, table: Table) -> None:
        """Read from ``table``."""
        self._table, self._record_bytes = table, table.record_bytes
        self._is_usual = self._record_bytes == RECORD_BYTES

    def told(self, address: int, directory: int, name: str, size_bytes: int | None) -> tuple[int, str, *Stamps] | None:
        """Size, address and times of what is in use and of which a record tells nothing else; None of anything else.

        Args:
            address: The number of the record.
            directory: That of the directory in which it has the name.
            name: As shown there.
            size_bytes: What The Sleuth Kit takes for the size of a file, which has to be the same; None of a directory.
        """
        place = self._table.place(address)
        if place is None:
            return None
        piece, within = place
        if self._is_usual:
            told = usual_record(piece, within, address, directory, name, size_bytes)
            if told is not None:
                return told
        return self._any(piece, within, address, directory, name, size_bytes) if size_bytes is not None else None

    def _any(
        self, piece: bytes, within: int, address: int, directory: int, name: str, size_bytes: int
    ) -> tuple[int, str, *Stamps] | None:
        """The same of the record of a file of any plain form, which lies ``within`` a piece of the table."""
        size = self._record_bytes
        magic, ends_at, count, at, flags, used, base = _HEAD.unpack_from(piece, within)
        if magic != b"FILE" or flags != _IN_USE or base or used > size or count != size // _STRIDE_BYTES + 1:
            return None
        if ends_at + 2 * count >= _END_OF_STRIDE:
            return None
        mark_at, place = within + ends_at, within + _END_OF_STRIDE
        mark = piece[mark_at : mark_at + 2]
        for _ in range(1, count):
            if piece[place : place + 2] != mark:
                return None
            place += _STRIDE_BYTES
        if used > _END_OF_STRIDE:
            piece, within = self._mended(piece, within, mark_at), 0
        return self._told(piece, within + at, within + used, address, directory, name, size_bytes)

    def _told(
        self, record: bytes, at: int, used: int, address: int, directory: int, name: str, size_bytes: int
    ) -> tuple[int, str, *Stamps] | None:
        """What the attributes from ``at`` to ``used`` tell."""
        standard: ntfs.Four | None = None
        names: list[bytes] = []
        content, unpack = -1, _ATTRIBUTE.unpack_from
        while at + 24 <= used:
            kind, length, is_elsewhere, name_units, name_at, packed, number, size, place = unpack(record, at)
            if kind == _LAST:
                break
            if length < 24 or name_at > length or (not is_elsewhere and place + size > length):
                return None
            if kind == ntfs.FILE_NAME or kind == ntfs.STANDARD_INFORMATION:
                start = at + place
                if is_elsewhere or name_units or place < 24 or start + size > used:
                    return None
                if kind == ntfs.FILE_NAME:
                    names.append(record[start : start + size])
                elif standard is None and size >= _STANDARD_BYTES:
                    standard = ntfs.four_times(record, start)
                else:
                    return None
            elif kind == ntfs.DATA:
                if content >= 0 or name_units or packed & _ENCRYPTED:
                    return None
                if is_elsewhere:
                    if is_elsewhere > 1 or length < 64 or at + 64 > used:
                        return None
                    first, room, size = _NON_RESIDENT.unpack_from(record, at + 16)
                    if first or size > room:
                        return None
                if size != size_bytes:
                    return None
                content = number
            elif kind not in _SILENT or is_elsewhere:
                return None
            at += length
        if content < 0 or standard is None or None in standard or record[at : at + 4] != _END:
            return None
        of_name = _times_of(names, directory, name)
        return None if of_name is None else (size_bytes, f"{address}-128-{content}", *standard, None, *of_name)

    def _mended(self, piece: bytes, within: int, mark_at: int) -> bytes:
        """A record with the ends of its sectors put back."""
        parts = []
        for start in range(within, within + self._record_bytes, _STRIDE_BYTES):
            mark_at += 2
            parts += [piece[start : start + _END_OF_STRIDE], piece[mark_at : mark_at + 2]]
        return b"".join(parts)


def _times_of(names: list[bytes], directory: int, name: str) -> ntfs.Four | None:
    """The times of the one $FILE_NAME that is this name; None unless it is clear which it is."""
    stored, found = name.encode("utf-16-le"), None
    for raw in names:
        if len(raw) < _FILE_NAME_HEAD_BYTES or None in ntfs.four_times(raw, 8):
            return None
        other = raw[_FILE_NAME_HEAD_BYTES : _FILE_NAME_HEAD_BYTES + 2 * raw[64]]
        if int.from_bytes(raw[:6], "little") != directory:
            continue
        if other == stored:
            if found is not None:
                return None
            found = raw
        elif any(other[1::2]) or not all(other[::2]):
            return None  # what is not plain may be shown as the same name
    return ntfs.four_times(found, 8) if found is not None else None
