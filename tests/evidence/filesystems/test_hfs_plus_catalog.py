"""Directories of HFS+ wherever their records stand in a node of the catalog."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.filesystems.hfs_plus_catalog import names_in
from evidence.volumes.apm import read
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run

NODE_BYTES = 512
LEAF = bytes(8) + b"\xff\x01"


def test_every_directory_of_a_deep_tree_is_listed(tmp_path: Path) -> None:
    """So many that threads of some stand in the last bytes of a node."""
    need("xorriso")
    tree, path = tmp_path / "tree", tmp_path / "hfs.iso"
    for number in range(60):
        (tree / "deep" / "er" / f"folder {number}").mkdir(parents=True)
        (tree / "deep" / "er" / f"folder {number}" / f"file {number}").write_bytes(b"%d" % number)
    run("xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-o", path, tree)
    division = read(PlainImage(path), 512)
    assert division is not None
    found = document(PlainImage(path))
    (volume,) = (v for v in found["volumes"] if v["file_system"] and v["file_system"]["type"] == "hfs+")
    rows = {row["path"]: row for row in found["rows"] if row["volume_id"] == volume["id"]}
    assert "/.." not in rows
    for number in range(60):
        row = rows[f"/deep/er/folder {number}/file {number}"]
        assert (row["size_bytes"], row["kind"], row["note"]) == (len(str(number)), "file", None)
        assert row["sha256"] is not None
    assert not [problem for problem in found["warnings"] if problem.where == volume["id"]]


def test_a_volume_without_a_file_is_opened(tmp_path: Path) -> None:
    """Its catalog ends with the root directory: the highest number in use is that of the root."""
    need("xorriso")
    (tmp_path / "tree" / "folder").mkdir(parents=True)
    path = tmp_path / "hfs.iso"
    run("xorriso", "-as", "mkisofs", "-quiet", "-hfsplus", "-o", path, tmp_path / "tree")
    media = bytearray(path.read_bytes())
    (leaf,) = (at for at in range(0, len(media), NODE_BYTES) if media[at : at + 12] == LEAF + b"\0\4")
    media[leaf + 10 : leaf + 12] = b"\0\2"
    path.write_bytes(media)
    found = document(PlainImage(path))
    (volume,) = (v for v in found["volumes"] if v["file_system"] and v["file_system"]["type"] == "hfs+")
    names = {row["name"] for row in found["rows"] if row["volume_id"] == volume["id"]}
    assert "$CatalogFile" in names
    assert "folder" not in names
    assert not [problem for problem in found["warnings"] if problem.where == volume["id"]]


def key(parent: int, name: str) -> bytes:
    return struct.pack(">HIH", 6 + 2 * len(name), parent, len(name)) + name.encode("utf-16-be")


def folder(number: int) -> bytes:
    return struct.pack(">HHII", 1, 0, 0, number) + bytes(76)


def link(number: int, stands_for: int) -> bytes:
    data = bytearray(struct.pack(">HHII", 2, 0, 0, number) + bytes(236))
    struct.pack_into(">I", data, 44, stands_for)
    data[48:56] = b"hlnkhfs+"
    return bytes(data)


def node(kind: int, following: int, *records: bytes) -> bytes:
    raw = bytearray(NODE_BYTES)
    struct.pack_into(">IIbBH", raw, 0, following, 0, kind, 1, len(records))
    at = 14
    for index, record in enumerate(records):
        raw[at : at + len(record)] = record
        struct.pack_into(">H", raw, NODE_BYTES - 2 * (index + 1), at)
        at += len(record)
    return bytes(raw)


def catalog(*nodes: bytes) -> bytearray:
    header = bytearray(NODE_BYTES)
    struct.pack_into(">HI", header, 14, 2, 1)
    struct.pack_into(">H", header, 32, NODE_BYTES)
    return bytearray(bytes(header) + b"".join(nodes))


def tree() -> bytearray:
    thread = struct.pack(">HHIH", 3, 0, 1, 0)
    return catalog(
        node(0, 0, key(1, "x") + struct.pack(">I", 2), key(2, "m") + struct.pack(">I", 3)),
        node(-1, 3, key(1, "x") + folder(2), key(2, "") + thread, key(2, "a/b") + folder(20)),
        node(-1, 0, key(2, "ż") + link(21, 77), key(20, "later") + folder(22)),
    )


def test_names_are_found_over_the_border_of_a_node() -> None:
    data = tree()
    found = list(names_in(lambda at, size: bytes(data[at : at + size]), 2))
    assert [(named.name.decode(), named.number, named.is_folder) for named in found] == [
        ("a:b", 20, True),
        ("ż", 21, False),
    ]
    assert found[1].stands_for == (b"\0\0\0\0HFS+ Private Data", b"iNode77")


@pytest.mark.parametrize(
    ("at", "value"),
    [(32, 513), (2 * 512 + 10, 65535), (2 * 512 + 510, 600), (2 * 512 + 14, 900), (2 * 512 + 8, 0x0100)],
)
def test_damage_is_an_error_in_words(at: int, value: int) -> None:
    data = tree()
    struct.pack_into(">H", data, at, value)
    with pytest.raises(OSError, match="catalog"):
        list(names_in(lambda start, size: bytes(data[start : start + size]), 2))
