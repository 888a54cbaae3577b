"""The extended attributes of UDF that systems and programs keep beside a file, such as Finder information.

Sources: ECMA-167 3rd edition, 4/14.10; OSTA Universal Disk Format 2.60, 3.3.4. Those that only say what is told
elsewhere (times, device numbers), and reserved space, are left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from evidence.filesystems.content import BytesContent
from evidence.filesystems.listing import Stream, attribute_stream
from evidence.filesystems.udf_entries import Entry, content_of, read_entry
from evidence.filesystems.udf_partitions import Blocks
from evidence.filesystems.udf_records import identifier

MARK = ":"
"""Between the address of a file and the place of an attribute among its own."""
_OF_A_SYSTEM, _OF_A_PROGRAM = 2048, 65536
_HEAD_BYTES, _USE_AT = 24, 48
_RESERVED = (b"*UDF FreeEASpace", b"*UDF FreeAppEASpace")
_MAX_FILE_BYTES = 1 << 20


def attribute_streams(blocks: Blocks, entry: Entry, entry_name: bytes | None = None) -> tuple[Stream, ...]:
    """The attributes of a file, always in the same order.

    Args:
        blocks: Of the volume.
        entry: Of the file.
        entry_name: Its name as it stands, where it is no valid text.

    Raises:
        OSError: They are damaged; says how.
        UnreadableRegionError: They cannot be read.
    """
    found: list[Stream] = []
    for name, value in _attributes(blocks, entry):
        found.append(attribute_stream(name, f"{entry.address}{MARK}{len(found)}", BytesContent(value), entry_name))
    return tuple(found)


def _attributes(blocks: Blocks, entry: Entry) -> Iterator[tuple[bytes, bytes]]:
    """Identifier and use of each, of those in the entry and of those in a file of their own."""
    yield from _in(entry.attributes)
    if entry.attribute_file is not None:
        content = content_of(blocks, read_entry(blocks, entry.attribute_file))
        if content.size_bytes > _MAX_FILE_BYTES:
            raise OSError(f"their file at {entry.attribute_file} declares {content.size_bytes} bytes")
        yield from _in(content.read(0, content.size_bytes))


def _in(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = _HEAD_BYTES
    while at + 12 <= len(raw):
        kind, _, length = struct.unpack_from("<IB3xI", raw, at)
        if not kind and not length:
            return
        if length < 12 or at + length > len(raw):
            raise OSError(f"an extended attribute of type {kind} declares {length} bytes")
        if kind in (_OF_A_SYSTEM, _OF_A_PROGRAM):
            size = int.from_bytes(raw[at + 12 : at + 16], "little")
            if _USE_AT + size > length:
                raise OSError(f"an extended attribute of type {kind} has {size} bytes in {length}")
            name = identifier(raw, at + 16)
            if name not in _RESERVED:
                yield name, raw[at + _USE_AT : at + _USE_AT + size]
        at += length
