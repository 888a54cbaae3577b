"""HFS as hfsutils makes and reads it, extents that overflow, and damaged volumes."""

from __future__ import annotations

import binascii
import hashlib
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.filesystems.hfs import HfsTree, open_hfs
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.ranges import JoinedRanges
from evidence.filesystems.signatures import hfs as look
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.trees import Held, by_path, contents, survive
from tests.evidence.made_images import ENVIRONMENT, blank, need, run


def opened(held: Held) -> HfsTree:
    found = look(held)
    if found is None:
        raise FileSystemError("", "no signature")
    return open_hfs(held, found)


def macbinary(name: bytes, data: bytes, resource: bytes) -> bytes:
    """A file with both forks, to be copied in."""
    head = bytearray(128)
    head[1], head[2 : 2 + len(name)] = len(name), name
    head[65:73] = b"TEXTttxt"
    struct.pack_into(">II", head, 83, len(data), len(resource))
    struct.pack_into(">II", head, 91, 3_000_000_000, 3_000_000_100)
    head[122:124] = b"\x81\x81"
    struct.pack_into(">H", head, 124, binascii.crc_hqx(bytes(head[:124]), 0))
    return bytes(head) + data + bytes(-len(data) % 128) + resource + bytes(-len(resource) % 128)


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, dict[str, bytes]]:
    """A volume with folders, many names, both forks, and a file in so many pieces that its extents overflow."""
    need("hformat", "hcopy", "hmkdir", "hdel")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setitem(ENVIRONMENT, "HOME", str(tmp_path))
    path = blank(tmp_path / "made.hfs", 4 << 20)
    run("hformat", "-l", "TestHFS", path)
    run("hmkdir", ":Folder")
    files: dict[str, bytes] = {}
    fill = random.Random(21).randbytes(20_000)
    for number in range(60):
        (tmp_path / "piece").write_bytes(fill)
        run("hcopy", "-r", tmp_path / "piece", f":piece {number:02}")
        files[f"/piece {number:02}"] = fill
    for number in range(0, 60, 2):
        run("hdel", f":piece {number:02}")
        del files[f"/piece {number:02}"]
    large = random.Random(22).randbytes(3 << 20)
    (tmp_path / "large").write_bytes(large[:2_400_000])
    run("hcopy", "-r", tmp_path / "large", ":Folder:large")
    files["/Folder/large"] = large[:2_400_000]
    (tmp_path / "both.bin").write_bytes(macbinary(b"both", b"data fork", b"resource fork" * 100))
    run("hcopy", "-m", tmp_path / "both.bin", ":Folder:both")
    files |= {"/Folder/both": b"data fork", "/Folder/both:rsrc": b"resource fork" * 100}
    run("humount")
    return path, files


def test_names_and_contents_of_both_forks_are_those_that_went_in(volume: tuple[Path, dict[str, bytes]]) -> None:
    path, files = volume
    tree = opened(Held(path.read_bytes()))
    rows = by_path(tree)
    assert contents(rows.values()) == {name: hashlib.md5(data).digest() for name, data in files.items()}
    assert (tree.facts.type, tree.facts.label) == ("hfs", "TestHFS")
    assert rows["/Folder"]["kind"] == "directory"
    assert rows["/Folder/both:rsrc"]["kind"] == "stream"
    assert {(rule.field, rule.basis) for rule in tree.time_rules("v0")} == {("modified", "local"), ("created", "local")}
    assert rows["/Folder/both"]["created_ns"] == (3_000_000_000 - 2_082_844_800) * 10**9
    assert rows["/Folder/both"]["modified_ns"] == (3_000_000_100 - 2_082_844_800) * 10**9


def test_an_examination_lists_it(volume: tuple[Path, dict[str, bytes]]) -> None:
    path, files = volume
    found = document(PlainImage(path))
    assert {f["path"]: f["md5"] for f in found["files"] if f["md5"]} == {
        name: hashlib.md5(data).hexdigest() for name, data in files.items()
    }
    assert not [problem for problem in found["warnings"] if problem.is_damage]


def test_damaged_volumes_end_in_words(volume: tuple[Path, dict[str, bytes]]) -> None:
    whole = volume[0].read_bytes()
    random_ = random.Random(23)

    def damaged() -> bytes:
        data = bytearray(whole)
        for _ in range(random_.randrange(1, 40)):
            data[1024 + random_.randrange(random_.choice((162, 60_000)))] = random_.randrange(256)
        return bytes(data[: random_.choice((len(data), len(data), random_.randrange(2048, len(data))))])

    assert survive(opened, (damaged() for _ in range(30))) > 3


def test_a_chain_of_leaves_that_leads_back_is_told(volume: tuple[Path, dict[str, bytes]]) -> None:
    data = bytearray(volume[0].read_bytes())
    (block_bytes,), (first,) = struct.unpack_from(">I", data, 1044), struct.unpack_from(">H", data, 1052)
    catalog = first * 512 + struct.unpack_from(">H", data, 1024 + 150)[0] * block_bytes
    (leaf,) = struct.unpack_from(">I", data, catalog + 24)
    struct.pack_into(">I", data, catalog + leaf * 512, leaf)
    with pytest.raises(FileSystemError, match="again"):
        opened(Held(data))


def test_unallocated_space_is_what_the_volume_counts_as_free_and_where_files_were_deleted(
    volume: tuple[Path, dict[str, bytes]],
) -> None:
    data = volume[0].read_bytes()
    count, block_bytes, first = struct.unpack_from(">HI4xH", data, 1042)
    free = opened(Held(data)).unallocated()
    assert isinstance(free, JoinedRanges)
    assert free.size_bytes == struct.unpack_from(">H", data, 1058)[0] * block_bytes > 0
    in_use = bytearray(count)
    for start, length in free:
        at = (start - first * 512) // block_bytes
        assert (start - first * 512) % block_bytes == 0
        in_use[at : at + length // block_bytes] = b"\1" * (length // block_bytes)
    assert not any(in_use[at] for at in blocks_of_files(opened(Held(data))))


def blocks_of_files(tree: HfsTree) -> Iterator[int]:
    """The allocation blocks of every fork, by its extents."""
    for row in by_path(tree).values():
        if row["kind"] in ("file", "stream"):
            content = tree.content(row["address"])
            for _, first, length in content.extents.of(content.fork):
                yield from range(first, first + length)


def test_slack_is_what_is_left_of_the_blocks_of_each_fork(volume: tuple[Path, dict[str, bytes]]) -> None:
    data = bytearray(volume[0].read_bytes())
    (block_bytes,) = struct.unpack_from(">I", data, 1044)
    tree = opened(Held(data))
    rows = by_path(tree)
    sizes = {name: tree.slack(row["address"]).size_bytes for name, row in rows.items()}
    both = rows["/Folder/both"]["address"]
    assert sizes["/Folder"] == 0
    assert sizes["/Folder/both"] % block_bytes == -len(b"data fork") % block_bytes > 0
    assert sizes["/Folder/both:rsrc"] % block_bytes == -1300 % block_bytes
    assert sizes["/piece 01"] % block_bytes == -20_000 % block_bytes
    ((place, length),) = tree.slack(both)  # type: ignore[misc]
    data[place : place + length] = b"s" * length
    assert opened(Held(data)).slack(both).read(0, length) == b"s" * length
    assert by_path(opened(Held(data)))["/Folder/both"]["md5"] == rows["/Folder/both"]["md5"]
    with pytest.raises(OSError, match="no such file"):
        tree.slack("x")


@pytest.mark.parametrize("place", [0, 2, 0xFFFF])
def test_a_bitmap_where_none_can_be_is_refused(volume: tuple[Path, dict[str, bytes]], place: int) -> None:
    data = bytearray(volume[0].read_bytes())
    struct.pack_into(">H", data, 1038, place)
    with pytest.raises(OSError, match="where it has no room"):
        opened(Held(data)).unallocated()
