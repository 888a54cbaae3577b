"""An HFS+ volume with files as macOS compresses them, which no tool outside of macOS makes.

``xorriso`` writes the volume; the attributes file (Apple's TN1150, "Attributes File") and the resource forks are added.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path

from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run

NODE_BYTES = 8192
_COMPRESSED, _DATA_FORK, _RESOURCE_FORK, _OWNER_FLAGS = 0x20, 88, 168, 41
_TOTAL_BLOCKS, _ATTRIBUTES_FILE = 44, 352
_HEADER_AT = 1024


def compressed_volume(tmp_path: Path, files: Mapping[str, tuple[bytes, bytes]]) -> Path:
    """A volume with these files: name to the value of ``com.apple.decmpfs`` and the resource fork, if any."""
    need("xorriso")
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in files:
        (tree / name).write_bytes(b"")
    (tree / "plain.txt").write_bytes(b"plain")
    run("xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-o", tmp_path / "hybrid.iso", tree)
    whole = document(PlainImage(tmp_path / "hybrid.iso"), hash_files=False)
    (at,) = (v["start"] for v in whole["volumes"] if v["file_system"] and v["file_system"]["type"] == "hfs+")
    volume = bytearray((tmp_path / "hybrid.iso").read_bytes()[at:])
    block_bytes, blocks = struct.unpack_from(">II", volume, _HEADER_AT + 40)
    del volume[blocks * block_bytes :]
    attributes: list[tuple[int, bytes]] = []
    for name, (value, fork) in files.items():
        record = _record(volume, name)
        attributes.append((int.from_bytes(volume[record + 8 : record + 12], "big"), value))
        volume[record + _OWNER_FLAGS] |= _COMPRESSED
        volume[record + _DATA_FORK : record + _DATA_FORK + 80] = bytes(80)
        volume[record + _RESOURCE_FORK : record + _RESOURCE_FORK + 80] = _appended(volume, fork, block_bytes)
    nodes = _attributes_file(sorted(attributes))
    entry = _appended(volume, nodes, block_bytes)
    volume[_HEADER_AT + _ATTRIBUTES_FILE : _HEADER_AT + _ATTRIBUTES_FILE + 80] = entry
    volume += bytes(-len(volume) % block_bytes + block_bytes)
    struct.pack_into(">I", volume, _HEADER_AT + _TOTAL_BLOCKS, len(volume) // block_bytes)
    path = tmp_path / "hfs.raw"
    path.write_bytes(volume)
    return path


def _record(volume: bytearray, name: str) -> int:
    """Where the catalog record of a file begins: behind its key."""
    key = struct.pack(">H", len(name)) + name.encode("utf-16-be") + b"\0\2"
    assert volume.count(key) == 1
    return volume.index(key) + len(key) - 2


def _appended(volume: bytearray, data: bytes, block_bytes: int) -> bytes:
    """Write blocks behind the volume; the description of them as a fork."""
    if not data:
        return bytes(80)
    first, count = len(volume) // block_bytes, -(-len(data) // block_bytes)
    volume += data.ljust(count * block_bytes, b"\0")
    return struct.pack(">QIIII", len(data), block_bytes, count, first, count).ljust(80, b"\0")


def _attributes_file(attributes: list[tuple[int, bytes]]) -> bytes:
    header = struct.pack(
        ">HIIIIHHIIHIBBI", 1, 1, len(attributes), 1, 1, NODE_BYTES, 266, 2, 0, 0, NODE_BYTES, 0, 0, 6
    ).ljust(106, b"\0")
    records = [_attribute(*attribute) for attribute in attributes]
    return _node(1, 0, [header, bytes(128), b"\xc0".ljust(NODE_BYTES - 256, b"\0")]) + _node(-1, 1, records)


def _attribute(number: int, value: bytes) -> bytes:
    name = "com.apple.decmpfs"
    key = struct.pack(">HIIH", 0, number, 0, len(name)) + name.encode("utf-16-be")
    return struct.pack(">H", len(key)) + key + struct.pack(">I8xI", 0x10, len(value)) + value + bytes(len(value) % 2)


def _node(kind: int, height: int, records: list[bytes]) -> bytes:
    node = bytearray(struct.pack(">IIbBHH", 0, 0, kind, height, len(records), 0))
    offsets = []
    for record in records:
        offsets.append(len(node))
        node += record
    offsets.append(len(node))
    table = b"".join(struct.pack(">H", offset) for offset in reversed(offsets))
    assert len(node) + len(table) <= NODE_BYTES
    return bytes(node).ljust(NODE_BYTES - len(table), b"\0") + table
