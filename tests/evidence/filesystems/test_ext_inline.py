"""ext4: what lies inside an inode, where it fills one that is large."""

from __future__ import annotations

import hashlib
import random
import struct
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence.filesystems import ext_inline, signatures, sleuthkit
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run

ROOM = 896
"""What an inode of 1024 bytes holds, as Linux fills it: 60 bytes in place of the map, the rest in ``system.data``."""
SIZES = (0, 59, 60, 61, 600, 870, 880, 895, ROOM, ROOM + 1, 3000)


def made(folder: Path, tree: Path, *, inode_bytes: int = 1024) -> Path:
    need("mke2fs", "debugfs")
    path = folder / "ext4"
    path.touch()
    with path.open("r+b") as file:
        file.truncate(4 << 20)
    run("mke2fs", "-q", "-F", "-t", "ext4", "-O", "inline_data", "-I", str(inode_bytes), "-b", "1024", "-d", tree, path)
    return path


@pytest.mark.parametrize("inode_bytes", [256, 1024])
def test_a_content_of_any_size_is_read(tmp_path: Path, inode_bytes: int) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    contents = {f"/f{size}": random.Random(size).randbytes(size) for size in SIZES}
    for name, content in contents.items():
        (tree / name[1:]).write_bytes(content)
    image = PlainImage(made(tmp_path, tree, inode_bytes=inode_bytes))
    found = document(image)
    assert found["warnings"] == []
    rows = {row["path"]: row for row in found["rows"]}
    seen = signatures.ext(image)
    assert seen is not None
    opened = sleuthkit.open_by_signature(image, seen)
    for name, content in contents.items():
        assert rows[name]["sha256"] == hashlib.sha256(content).digest()
        assert opened.content(rows[name]["address"]).read(0, 9999) == content
    assert opened.slack(rows["/f880"]["address"]).size_bytes == (0 if inode_bytes == 1024 else 144)
    assert not [path for path in rows if ":" in path], "system.data is no attribute of its own"


def directory(names: dict[bytes, tuple[int, int]]) -> bytes:
    """As Linux writes one that fills the inode: the parent, names up to byte 60, and names behind it."""
    first, second = struct.pack("<I", 2), b""
    for name, (number, kind) in names.items():
        entry = struct.pack("<IHBB", number, 8 + -(-len(name) // 4) * 4, len(name), kind) + name
        entry = entry.ljust(8 + -(-len(name) // 4) * 4, b"\0")
        if not second and len(first) + len(entry) <= 44:
            first += entry
        else:
            second += entry
    first += struct.pack("<IHBB", 0, 60 - len(first), 0, 0).ljust(60 - len(first), b"\0")
    rest = ROOM - 60 - len(second)
    return first + second + struct.pack("<IHBB", 0, rest, 0, 0).ljust(rest, b"\0")


def test_the_names_of_a_directory_in_both_parts_of_its_inode_are_listed(tmp_path: Path) -> None:
    """A file that holds a directory is made one by its mode, for the tools that make images write none of this size."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for index in range(12):
        (tree / f"outside {index}").write_bytes(b"%d" % index)
    (tree / "folder").write_bytes(bytes(ROOM))
    path = made(tmp_path, tree)
    numbers = {
        name: int(row["address"])
        for name, row in {row["path"]: row for row in document(PlainImage(path))["rows"]}.items()
        if row["kind"] == "file"
    }
    names = {b"name of file %d" % index: (numbers[f"/outside {index}"], 1) for index in range(12)}
    names["Größe".encode("latin-1")] = (numbers["/outside 3"], 1)
    content = directory(names)
    (tree / "folder").write_bytes(content)
    path = made(tmp_path, tree)
    run("debugfs", "-w", "-R", f"set_inode_field <{numbers['/folder']}> mode 040755", path)
    found = document(PlainImage(path))
    assert found["warnings"] == []
    rows = {row["path"]: row for row in found["rows"]}
    assert rows["/folder"]["kind"] == "directory"
    for index in range(12):
        assert rows[f"/folder/name of file {index}"]["sha256"] == hashlib.sha256(b"%d" % index).digest()
    assert rows["/folder/Gr\ufffd\ufffde"]["name_bytes"] == "Größe".encode("latin-1")


@pytest.mark.parametrize("seed", range(30))
def test_damage_ends_in_names_or_in_words(seed: int) -> None:
    chance = random.Random(seed)
    raw = bytearray(directory({b"name %d" % index: (12 + index, 1) for index in range(20)}))
    for _ in range(4):
        raw[chance.randrange(len(raw))] = chance.choice((0, 1, 7, 255, chance.randrange(256)))
    raw = raw[: chance.choice((len(raw), chance.randrange(len(raw))))]
    handle: Any = SimpleNamespace(
        open_meta=lambda number: SimpleNamespace(info=SimpleNamespace(meta=SimpleNamespace(addr=number)))
    )
    with suppress(OSError):
        assert all(len(entry.info.name.name) <= 255 for entry in ext_inline.entries(handle, 2, bytes(raw)))
