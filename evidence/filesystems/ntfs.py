"""The parts of an NTFS file record that pytsk3 does not hand out, from Microsoft's and the Linux driver's documents."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from evidence.filesystems.base import TimeRule
from evidence.filesystems.stamps import from_filetime, rules_of

STANDARD_INFORMATION, FILE_NAME, VOLUME_NAME, DATA, INDEX_ROOT, REPARSE_POINT = 16, 48, 96, 128, 144, 192
_DOS_NAME = 2
_SYMBOLIC_LINK, _MOUNT_POINT = 0xA000000C, 0xA0000003

Four = tuple[int | None, int | None, int | None, int | None]
"""Modified, accessed, changed, created."""


def rules(volume_id: str) -> list[TimeRule]:
    """$STANDARD_INFORMATION and $FILE_NAME, both in UTC and steps of 100 ns."""
    fields = ("modified", "accessed", "changed", "created")
    lines = dict.fromkeys(fields, ("$SI", "utc", 100))
    return rules_of(volume_id, lines | {f"fn_{field}": ("$FN", "utc", 100) for field in fields})


def four_times(raw: bytes, at: int) -> Four:
    """The four FILETIMEs of an attribute; they are stored as created, modified, changed, accessed."""
    if len(raw) < at + 32:
        return (None, None, None, None)
    created, modified, changed, accessed = struct.unpack_from("<4Q", raw, at)
    return from_filetime(modified), from_filetime(accessed), from_filetime(changed), from_filetime(created)


def count_out_of_range(raw: bytes) -> int:
    """How many of the four FILETIMEs at the start of an attribute are set, but to years that cannot be kept."""
    if len(raw) < 32:
        return 0
    return sum(filetime != 0 and from_filetime(filetime) is None for filetime in struct.unpack_from("<4Q", raw))


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """A $FILE_NAME attribute: a record has one for each of its names."""

    parent: int
    name: str
    is_dos: bool
    times: Four


def file_name(raw: bytes) -> FileName | None:
    """Parse a $FILE_NAME attribute; None if it is cut off."""
    if len(raw) < 66:
        return None
    name = raw[66 : 66 + 2 * raw[64]].decode("utf-16-le", errors="replace")
    return FileName(
        parent=int.from_bytes(raw[:6], "little"), name=name, is_dos=raw[65] == _DOS_NAME, times=four_times(raw, 8)
    )


def name_times(raws: list[bytes], parent: int, name: str) -> Four:
    """The times of the $FILE_NAME that belongs to this name, of another long one where none does."""
    if len(raws) == 1:
        return four_times(raws[0], 8)
    names = [parsed for raw in raws if (parsed := file_name(raw)) is not None]
    names.sort(key=lambda item: (item.parent != parent, item.name != name, item.is_dos))
    return names[0].times if names else (None, None, None, None)


def link_target(raw: bytes) -> str | None:
    """Where a symbolic link or mount point leads; None for other reparse points."""
    if len(raw) < 16:
        return None
    (tag,) = struct.unpack_from("<I", raw, 0)
    if tag not in (_SYMBOLIC_LINK, _MOUNT_POINT):
        return None
    offset, length, print_offset, print_length = struct.unpack_from("<4H", raw, 8)
    names_at = 20 if tag == _SYMBOLIC_LINK else 16
    if print_length:
        offset, length = print_offset, print_length
    return raw[names_at + offset : names_at + offset + length].decode("utf-16-le", errors="replace")
