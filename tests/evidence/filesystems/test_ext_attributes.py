"""Extended attributes of ext, as debugfs reads them, and what is encrypted by fscrypt."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.ext_attributes import NO_KEY, _entries
from evidence.filesystems.formats import recognise
from evidence.filesystems.sleuthkit import open_by_signature
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, ext, need, run, source_tree

ORIGIN = b"https://example.org/a?b=c"


def rows_of(path: Path, *, hash_files: bool = True) -> dict[str, dict[str, Any]]:
    rows: list[dict[str, Any]] = document(PlainImage(path), hash_files=hash_files)["rows"]
    return {row["path"]: row for row in rows}


def with_attribute(path: Path, file: str, name: str, value: bytes) -> None:
    held = path.with_suffix(".value")
    held.write_bytes(value)
    run("debugfs", "-w", "-R", f"ea_set -f {held} {file} {name}", path)


def opened(path: Path) -> Any:
    image = PlainImage(path)
    return open_by_signature(image, recognise(image)[0][0])


@pytest.mark.parametrize("kind", ["ext2", "ext4"])
def test_attributes_in_the_inode_and_in_a_block_are_streams_with_the_values_of_debugfs(
    tmp_path: Path, kind: str
) -> None:
    path = ext(tmp_path / "ext.raw", source_tree(tmp_path / "tree"), kind)
    large = bytes(range(250)) * 3
    values = {"user.xdg.origin.url": ORIGIN, "security.selinux": b"u:r:t:s0\0", "user.large": large}
    for name, value in values.items():
        with_attribute(path, "/hello.txt", name, value)
    with_attribute(path, "/docs", "trusted.of.folder", b"x")
    rows, reader = rows_of(path), opened(path)
    for name, value in values.items():
        row = rows[f"/hello.txt:{name}"]
        assert (row["kind"], row["size_bytes"], row["md5"]) == ("stream", len(value), hashlib.md5(value).digest())
        assert reader.content(row["address"]).read(0, 1000) == value
        run("debugfs", "-R", f"ea_get -f {tmp_path / 'got'} /hello.txt {name}", path)
        assert (tmp_path / "got").read_bytes() == value
    assert rows["/docs:trusted.of.folder"]["size_bytes"] == 1
    assert len([path for path in rows if ":" in path]) == 4
    listed = rows_of(path, hash_files=False)
    assert listed.keys() == rows.keys()
    with pytest.raises(OSError, match="no such attribute"):
        reader.content(rows["/hello.txt"]["address"] + ":9")


def test_a_value_in_an_inode_of_its_own_is_read(tmp_path: Path) -> None:
    need("mkfs.ext4", "debugfs")
    path, value = blank(tmp_path / "ext.raw", 8 << 20), bytes(range(256)) * 16
    run("mkfs.ext4", "-q", "-O", "ea_inode", "-b", "4096", "-d", source_tree(tmp_path / "tree"), path)
    with_attribute(path, "/hello.txt", "user.huge", value)
    assert "ea_inode" in run("dumpe2fs", "-h", path)
    row = rows_of(path)["/hello.txt:user.huge"]
    assert (row["size_bytes"], row["sha256"]) == (len(value), hashlib.sha256(value).digest())


def test_an_attribute_that_reaches_beyond_its_place_is_refused() -> None:
    with pytest.raises(OSError, match="beyond"):
        list(_entries(struct.pack("<BBHIII", 1, 1, 60, 0, 9, 0) + b"a" + bytes(40), 0, 0))


def test_of_many_damaged_attributes_the_first_are_told_and_the_others_counted(tmp_path: Path) -> None:
    need("mkfs.ext4", "debugfs")
    tree, path = tmp_path / "tree", blank(tmp_path / "ext.raw", 8 << 20)
    tree.mkdir()
    for number in range(50):
        (tree / f"f{number:02d}").write_bytes(b"x")
    run("mkfs.ext4", "-q", "-I", "256", "-d", tree, path)
    (tmp_path / "value").write_bytes(b"y" * 40)
    (tmp_path / "script").write_text("".join(f"ea_set -f {tmp_path}/value f{n:02d} user.a\n" for n in range(50)))
    run("debugfs", "-w", "-f", tmp_path / "script", path)
    damaged = path.read_bytes().replace(b"\0\0\x02\xea\x01\x01", b"\0\0\x02\xea\xff\x01")  # the length of the name
    path.write_bytes(damaged)
    found = document(PlainImage(path), hash_files=True)
    told = [one.what for one in found["warnings"] if "extended attributes" in one.what]
    assert len(told) == 21
    assert told[20].startswith("20 problems of this kind (extended attributes that cannot be read) are told; 30 more")
    assert len([row for row in found["rows"] if row["path"].startswith("/f") and row["sha256"]]) == 50


SEALED = b"\xff\x01/\0sealed name\x80", b"\xff\x02/\0sealed name\x80"


def sealed(tmp_path: Path) -> Path:
    """An image with a folder whose names and contents are marked as encrypted."""
    tree = source_tree(tmp_path / "tree")
    (tree / "vault").mkdir()
    for number in (1, 2):
        (tree / "vault" / f"sixteen letters{number}").write_bytes(b"of the vault")
    path = ext(tmp_path / "ext.raw", tree)
    run("debugfs", "-w", "-R", "feature encrypt", path)
    for file in ("/vault", *(f'"/vault/sixteen letters{number}"' for number in (1, 2))):
        run("debugfs", "-w", "-R", f"sif {file} flags 0x80800", path)
    with_attribute(path, "/vault", "user.x", b"y")
    data = path.read_bytes()
    for number, name in enumerate(SEALED, 1):
        assert data.count(b"sixteen letters%d" % number) == 1
        data = data.replace(b"sixteen letters%d" % number, name)
    path.write_bytes(data)
    return path


def test_what_fscrypt_sealed_is_told_and_never_shown_as_the_content(tmp_path: Path) -> None:
    path = sealed(tmp_path)
    assert "encrypt" in run("dumpe2fs", "-h", path)
    found = {row["name_bytes"]: row for row in rows_of(path).values() if row["path"].startswith("/vault/")}
    assert found.keys() == set(SEALED)
    for row in found.values():
        assert row["name"] == row["name_bytes"].decode(errors="replace").replace("/", "\ufffd").replace("\0", "\ufffd")
        assert (row["kind"], row["size_bytes"], row["md5"], row["sha256"]) == ("file", 12, None, None)
        assert row["note"] == f"its name is {NO_KEY}; its content is {NO_KEY}"
        with pytest.raises(OSError, match="fscrypt"):
            opened(path).content(row["address"])
    assert len({row["address"] for row in found.values()}) == 2


def test_other_files_of_such_a_file_system_are_read(tmp_path: Path) -> None:
    row = rows_of(sealed(tmp_path))["/hello.txt"]
    assert (row["md5"], row["note"]) == (hashlib.md5(b"hello\n").digest(), None)
