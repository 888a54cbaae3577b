"""What a package does to shared libraries of Linux: search paths of the building computer are taken out of them.

It tells, too, which of them hold symbols for debugging, and whether a loader would take them.

Source: System V ABI, chapter 5, Dynamic Linking.
"""

import struct
from pathlib import Path
from typing import NamedTuple

from build_spec.workshop.console import StepError

IDENT = b"\x7fELF\x02\x01"
"""64 bits, little-endian: x86-64 and AArch64, the two that packages are built for."""
PT_LOAD, PT_DYNAMIC = 1, 2
DT_NULL, DT_STRTAB, DT_RPATH, DT_RUNPATH = 0, 5, 15, 29
SHT_SYMTAB = 2
PAGE_BYTES = 4096
ORIGIN = ("$ORIGIN", "${ORIGIN}")
_ENTRY = struct.Struct("<qQ")


class _Segment(NamedTuple):
    kind: int
    at: int
    address: int
    size: int


def forget_search_paths(path: Path) -> tuple[str, ...]:
    """Let a file look for its libraries only beside itself and where the system looks.

    A Python that was built into a folder of somebody's home asks for libraries there. On another computer whoever may
    write into a folder of that name could have the program load their code.

    Args:
        path: The file; it is written to only if it names such a path.

    Returns:
        The paths that were taken out.

    Raises:
        StepError: It is of another kind, or asks for folders beside itself and for others in one list.
    """
    data = bytearray(path.read_bytes())
    if not data.startswith(IDENT):
        raise StepError(f"{path} is not a 64-bit little-endian ELF file", 3)
    segments = _segments(data)
    where = next((slice(one.at, one.at + one.size) for one in segments if one.kind == PT_DYNAMIC), None)
    if where is None:
        return ()
    entries = list(_ENTRY.iter_unpack(data[where]))
    strings = next(value for tag, value in entries if tag == DT_STRTAB)
    held = next(one for one in segments if one.kind == PT_LOAD and 0 <= strings - one.address < one.size)
    strings_at = strings - held.address + held.at
    foreign: dict[tuple[int, int], str] = {}
    for tag, value in entries:
        if tag in {DT_RPATH, DT_RUNPATH}:
            start = strings_at + value
            told = data[start : data.index(0, start)].decode()
            beside = [folder.startswith(ORIGIN) for folder in told.split(":")]
            if any(beside) and not all(beside):
                raise StepError(f"{path} looks for libraries beside itself and elsewhere: {told}", 3)
            if not any(beside):
                foreign[tag, value] = told
    if foreign:
        kept = [entry for entry in entries if entry not in foreign]
        kept += [(DT_NULL, 0)] * (len(entries) - len(kept))
        data[where] = b"".join(_ENTRY.pack(*entry) for entry in kept)
        path.write_bytes(data)
    return tuple(foreign.values())


def has_symbols(path: Path) -> bool:
    """Whether a file holds a table of symbols that no loader needs.

    ``strip`` is kept from files without one: it takes nothing out of them, and what patchelf has rearranged, as
    the FFmpeg of Qt, it breaks.
    """
    data = path.read_bytes()
    (table_at,) = struct.unpack_from("<Q", data, 40)
    entry_size, count = struct.unpack_from("<HH", data, 58)
    kinds = (struct.unpack_from("<I", data, table_at + number * entry_size + 4)[0] for number in range(count))
    return SHT_SYMTAB in kinds


def refuse_broken(path: Path) -> None:
    """Refuse a file that no loader takes, for its segments do not lie at the bounds of pages.

    Raises:
        StepError: It is such a file.
    """
    loads = [one for one in _segments(bytearray(path.read_bytes())) if one.kind == PT_LOAD]
    if any((one.at - one.address) % PAGE_BYTES for one in loads):
        raise StepError(f"{path} could not be loaded: its segments do not lie at the bounds of pages", 3)


def _segments(data: bytearray) -> list[_Segment]:
    (table_at,) = struct.unpack_from("<Q", data, 32)
    entry_size, count = struct.unpack_from("<HH", data, 54)
    told = (struct.unpack_from("<IIQQQQ", data, table_at + number * entry_size) for number in range(count))
    return [_Segment(kind, at, address, size) for kind, _, at, address, _, size in told]
