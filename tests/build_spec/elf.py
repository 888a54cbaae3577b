"""Reads which shared libraries an ELF file asks for (System V ABI, chapters 4 and 5)."""

import struct
from pathlib import Path

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB = 1, 5


def needed_libraries(path: Path) -> set[str]:
    """The DT_NEEDED names of a 64-bit little-endian ELF file."""
    data = path.read_bytes()
    assert data[:6] == b"\x7fELF\x02\x01", f"{path} is not a 64-bit little-endian ELF file"
    (table_at,) = struct.unpack_from("<Q", data, 32)
    entry_size, count = struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQQQ", data, table_at + number * entry_size) for number in range(count)]
    loads = [(address, offset, size) for kind, _, offset, address, _, size, _, _ in headers if kind == PT_LOAD]
    dynamic = next((offset, size) for kind, _, offset, _, _, size, _, _ in headers if kind == PT_DYNAMIC)
    tags = list(struct.iter_unpack("<QQ", data[dynamic[0] : dynamic[0] + dynamic[1]]))
    strings_address = next(value for tag, value in tags if tag == DT_STRTAB)
    strings_at = next(
        strings_address - address + offset for address, offset, size in loads if 0 <= strings_address - address < size
    )
    starts = [strings_at + value for tag, value in tags if tag == DT_NEEDED]
    return {data[start : data.index(b"\0", start)].decode() for start in starts}
