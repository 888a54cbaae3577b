"""The parts of an NTFS file record that pytsk3 does not hand out, from Microsoft's and the Linux driver's documents."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from evidence.filesystems.base import TimeRule
from evidence.filesystems.stamps import rules_of
from evidence.timestamps import iso_text

STANDARD_INFORMATION, FILE_NAME, VOLUME_NAME, VOLUME_INFORMATION = 16, 48, 96, 112
DATA, INDEX_ROOT, REPARSE_POINT = 128, 144, 192
EXTEND, FIRST_USER_RECORD = 11, 24
"""The number of the file record of $Extend, and the first number that is not reserved for files of NTFS itself."""
FILETIME_1970 = 116_444_736_000_000_000
"""1 January 1970 in FILETIMEs, which are steps of 100 ns since 1601."""
FIRST_FILETIME, LAST_FILETIME = FILETIME_1970 - 2**63 // 100, FILETIME_1970 + (2**63 - 1) // 100
"""What nanoseconds since 1970 can hold in 64 bits: the years 1678 to 2261; others are kept as absent."""

_FOUR = struct.Struct("<4Q")
_STORED = ("created", "modified", "changed", "accessed")
_DOS_NAME = 2
_SYMBOLIC_LINK, _MOUNT_POINT, _LINUX_LINK = 0xA000000C, 0xA0000003, 0xA000001D
_WIM_OR_FILE, _CLOUD, _WOF_FILE = 0x80000017, 0x9000001A, 2
_ELSEWHERE = {
    0x80000006: "in other storage (HSM)",
    0x80000007: "in a common store (SIS)",
    0x80000008: "in a WIM archive",
    0x80000013: "in the store of deduplicated chunks, /System Volume Information/Dedup",
    0x80000018: "in the image of a container",
    0x80000021: "in a cloud (OneDrive)",
    0x90001018: "in the image of a container",
    0xC0000004: "in other storage (HSM)",
}
_WOF_METHODS = {0: "XPRESS 4K", 1: "LZX 32K", 2: "XPRESS 8K", 3: "XPRESS 16K"}

Four = tuple[int | None, int | None, int | None, int | None]
"""Modified, accessed, changed, created."""


def rules(volume_id: str) -> list[TimeRule]:
    """$STANDARD_INFORMATION and $FILE_NAME, both in UTC and steps of 100 ns."""
    fields = ("modified", "accessed", "changed", "created")
    lines = dict.fromkeys(fields, ("$SI", "utc", 100))
    return rules_of(volume_id, lines | {f"fn_{field}": ("$FN", "utc", 100) for field in fields})


def four_times(raw: bytes, at: int) -> Four:
    """The four FILETIMEs of an attribute, stored as created, modified, changed, accessed; None for those not set."""
    if len(raw) < at + 32:
        return (None, None, None, None)
    created, modified, changed, accessed = _FOUR.unpack_from(raw, at)
    return (
        (modified - FILETIME_1970) * 100 if FIRST_FILETIME <= modified <= LAST_FILETIME else None,
        (accessed - FILETIME_1970) * 100 if FIRST_FILETIME <= accessed <= LAST_FILETIME else None,
        (changed - FILETIME_1970) * 100 if FIRST_FILETIME <= changed <= LAST_FILETIME else None,
        (created - FILETIME_1970) * 100 if FIRST_FILETIME <= created <= LAST_FILETIME else None,
    )


def out_of_range(raw: bytes, at: int, prefix: str = "") -> list[str]:
    """The four FILETIMEs of an attribute that are set, but to years that cannot be kept: field and time in UTC."""
    if len(raw) < at + 32:
        return []
    return [
        f"{prefix}{field} {iso_text((filetime - FILETIME_1970) * 100)}"
        for field, filetime in zip(_STORED, _FOUR.unpack_from(raw, at), strict=True)
        if filetime and not FIRST_FILETIME <= filetime <= LAST_FILETIME
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileName:
    """A $FILE_NAME attribute: a record has one for each of its names, in UTF-16LE."""

    parent: int
    name: bytes
    is_dos: bool
    times: Four


def file_name(raw: bytes) -> FileName | None:
    """Parse a $FILE_NAME attribute; None if it is cut off."""
    if len(raw) < 66:
        return None
    name = raw[66 : 66 + 2 * raw[64]]
    return FileName(
        parent=int.from_bytes(raw[:6], "little"), name=name, is_dos=raw[65] == _DOS_NAME, times=four_times(raw, 8)
    )


def name_times(raws: list[bytes], parent: int, name: str, name_bytes: bytes | None = None) -> Four:
    """The times of the $FILE_NAME that belongs to this name, of another long one where none does.

    ``name_bytes`` is the name in UTF-16LE where it is not valid text.
    """
    if len(raws) == 1:
        return four_times(raws[0], 8)
    stored = name_bytes or name.encode("utf-16-le")
    names = [parsed for raw in raws if (parsed := file_name(raw)) is not None]
    names.sort(key=lambda item: (item.parent != parent, item.name != stored, item.is_dos))
    return names[0].times if names else (None, None, None, None)


def link_target(raw: bytes) -> str | None:
    """Where a symbolic link or mount point leads; None for other reparse points."""
    if len(raw) < 16:
        return None
    (tag,) = struct.unpack_from("<I", raw, 0)
    if tag == _LINUX_LINK:
        return raw[12:].decode(errors="replace")
    if tag not in (_SYMBOLIC_LINK, _MOUNT_POINT):
        return None
    offset, length, print_offset, print_length = struct.unpack_from("<4H", raw, 8)
    names_at = 20 if tag == _SYMBOLIC_LINK else 16
    if print_length:
        offset, length = print_offset, print_length
    return raw[names_at + offset : names_at + offset + length].decode("utf-16-le", errors="replace")


def is_packed_by_windows(raw: bytes) -> bool:
    """Whether a reparse point says that the file is compressed by the Windows Overlay Filter: it reads as zeros."""
    return len(raw) >= 24 and struct.unpack_from("<I", raw)[0] == _WIM_OR_FILE


def packing_method(raw: bytes) -> int | None:
    """By what method a file is packed in its own stream; None where its content is elsewhere."""
    if not is_packed_by_windows(raw):
        return None
    provider, _, method = struct.unpack_from("<III", raw, 12)
    return int(method) if provider == _WOF_FILE else None


def content_elsewhere(raw: bytes) -> str | None:
    """A note on where the true content of a file is, or may be, by its reparse point; None for most.

    Source: Microsoft's [MS-FSCC] 2.1.2.1, "Reparse Tags", and the header ``wofapi.h``.
    """
    if is_packed_by_windows(raw):
        method = packing_method(raw)
        name = _WOF_METHODS.get(method, f"method {method}") if method is not None else ""
        where = f"({name}) in its stream WofCompressedData" if name else "in a WIM archive"
        return f"compressed by Windows {where}"
    tag = struct.unpack_from("<I", raw)[0] if len(raw) >= 8 else 0
    where = "in a cloud" if tag & 0xFFFF0FFF == _CLOUD else _ELSEWHERE.get(tag, "")
    return f"its true content may be {where}; what is read here may be a placeholder" if where else None
