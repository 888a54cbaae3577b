"""Btrfs against mkfs.btrfs and btrfs restore, and against damage."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
import zstandard

from evidence.examination import examine_isolated
from evidence.filesystems.btrfs_chunks import Chunk
from evidence.filesystems.btrfs_lzo import decompress
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.formats import recognise
from evidence.filesystems.opened import FileSystemError, OpenedFileSystem
from evidence.images.base import Problem
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.btrfs_images import BIG, SECOND, TEXT, Editor, filled, made
from tests.evidence.made_images import blank, need, run

VARIANTS = {
    "crc32c": (),
    "xxhash, small nodes": ("--csum", "xxhash", "-n", "4096"),
    "sha256, one copy": ("--csum", "sha256", "-m", "single"),
    "blake2, large nodes": ("--csum", "blake2", "-n", "65536"),
    "mixed": ("-M", "-n", "4096"),
    "holes written, two copies of data": ("-O", "^no-holes", "-d", "dup"),
}
SINGLE = ("-m", "single", "-d", "single")


def rows_of(path: Path, *, hash_files: bool = True) -> tuple[dict[str, dict[str, Any]], list[str]]:
    found = document(PlainImage(path), hash_files=hash_files)
    return {row["path"]: row for row in found["rows"]}, [problem.what for problem in found["warnings"]]


def opened(path: Path) -> OpenedFileSystem:
    image = PlainImage(path)
    ((found, format_),) = recognise(image)
    return format_.opened(image, found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("btrfs") / "source")


@pytest.fixture(scope="module")
def single(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return made(tmp_path_factory.mktemp("image") / "b.img", folder, *SINGLE).read_bytes()


@pytest.fixture
def image(single: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "b.img"
    path.write_bytes(single)
    return path


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_entry_of_a_folder_is_listed_with_its_content(
    options: tuple[str, ...], folder: Path, tmp_path: Path
) -> None:
    rows, _ = rows_of(made(tmp_path / "b.img", folder, *options))
    wanted = 0
    for above, folders, files in os.walk(os.fsencode(folder)):
        for name in folders + files:
            path = os.path.join(above, name)  # noqa: PTH118  bytes that no Path can hold
            row = rows[path[len(os.fsencode(folder)) :].decode(errors="replace")]
            facts = os.lstat(path)
            wanted += 1
            assert row["modified_ns"] // SECOND == facts.st_mtime_ns // SECOND
            if stat.S_ISREG(facts.st_mode):
                with open(path, "rb") as file:  # noqa: PTH123  the same
                    digest = hashlib.sha256(file.read()).digest()
                assert (row["size_bytes"], row["sha256"]) == (facts.st_size, digest)
            elif stat.S_ISLNK(facts.st_mode):
                assert row["link_target"] == os.fsdecode(os.readlink(path))  # noqa: PTH115  the same
    assert len(rows) == wanted
    assert rows["/pipe"]["kind"] == "fifo"
    assert rows["/bad\ufffd\ufffdname"]["name_bytes"] == b"bad\xff\xfename"
    assert rows["/deep/hard"]["address"] == rows["/big"]["address"]


def names_at(editor: Editor) -> int:
    """A leaf with names by their index, in the middle of a folder."""
    return [block for block, key, _, _ in editor.items(5) if key[1] == 96 and key[2] > 2][300]


def text_extent(editor: Editor, number: int) -> tuple[int, int]:
    """Logical address and length of the first extent of a file."""
    for _, key, place, _ in editor.items(5):
        if key[:2] == (number, 108):
            address, size = struct.unpack_from("<QQ", editor.raw, place + 21)
            return address, size
    raise AssertionError("the file has no extent")


def lzo_stored(data: bytes) -> bytes:
    """LZO1X of literals and one match, as an encoder may write it: ``data`` is 20 or more of them, then all again."""
    count = len(data) - 18
    zeros, last = divmod(count - 1, 255)
    match = len(data) - 33
    more, rest = divmod(match - 1, 255)
    again = b"\x20" + bytes(more) + bytes([rest + 1]) + struct.pack("<H", (len(data) - 1) << 2)
    return b"\0" + bytes(zeros) + bytes([last + 1]) + data + again + b"\x11\0\0"


def packed(kind: int) -> bytes:
    if kind == 1:
        return zlib.compress(TEXT)
    if kind == 3:
        return zstandard.ZstdCompressor().compress(TEXT)
    whole = bytearray(4)
    for at in range(0, len(TEXT), 4096):
        piece = TEXT[at : at + 4096]
        run_ = b"\0" + bytes((len(piece) - 19) // 255) + bytes([(len(piece) - 19) % 255 + 1]) + piece + b"\x11\0\0"
        if 4096 - len(whole) % 4096 < 4:
            whole += bytes(4096 - len(whole) % 4096)
        whole += struct.pack("<I", len(run_)) + run_
    struct.pack_into("<I", whole, 0, len(whole))
    return bytes(whole)


@pytest.mark.parametrize("kind", [1, 2, 3], ids=["zlib", "lzo", "zstd"])
def test_a_compressed_file_is_what_btrfs_restore_gets_too(kind: int, image: Path, tmp_path: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/text"]["address"])
    editor = Editor(image)
    address, _ = text_extent(editor, number)
    data = packed(kind)
    data += bytes(-len(data) % 4096)
    length = -(-len(TEXT) // 4096) * 4096
    editor.change(5, lambda key: key[:2] == (number, 108), 8, struct.pack("<QB", length, kind))
    editor.change(5, lambda key: key[:2] == (number, 108), 21, struct.pack("<QQQQ", address, len(data), 0, length))
    if kind == 2:  # stored, it is longer than the extent: it goes where the large file was
        address, _ = text_extent(editor, int(rows_of(image, hash_files=False)[0]["/big"]["address"]))
        editor.change(5, lambda key: key[:2] == (number, 108), 21, struct.pack("<Q", address))
    place = editor.physical(address)
    editor.raw[place : place + len(data)] = data
    editor.sums(address, data)
    editor.save()
    assert rows_of(image)[0]["/text"]["sha256"] == hashlib.sha256(TEXT).digest()
    (tmp_path / "out").mkdir()
    run("btrfs", "restore", "--path-regex", "^/(|text)$", image, tmp_path / "out")
    assert (tmp_path / "out" / "text").read_bytes() == TEXT
    content = opened(image).content(str(number))
    assert content.read(5_000, 9_000) == TEXT[5_000:14_000]


def test_a_match_of_lzo_may_overlap_itself() -> None:
    assert decompress(bytes([17 + 4]) + b"abcd" + b"\x33\x0c\0" + b"\x11\0\0", 4096) == b"abcd" + b"abcd" * 5 + b"a"
    data = bytes(range(200))
    assert decompress(lzo_stored(data), 4096) == data * 2


@pytest.mark.parametrize(
    "stream", [b"", b"\x15abc", b"\x15abcd\x33\xff\xff\x11\0\0", b"\0" * 100, b"\x15abcd", b"\x15abcd\x20\0\0\0"]
)
def test_a_damaged_lzo_stream_is_refused(stream: bytes) -> None:
    with pytest.raises(OSError, match="LZO"):
        decompress(stream, 4096)


def test_what_was_only_reserved_reads_as_zeros(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/big"]["address"])
    editor = Editor(image)
    editor.change(5, lambda key: key[:2] == (number, 108), 20, b"\2")
    editor.save()
    assert opened(image).content(str(number)).read(0, len(BIG)) == bytes(len(BIG))


def test_a_data_block_with_a_wrong_checksum_is_refused_with_its_place(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/big"]["address"])
    editor = Editor(image)
    place = editor.physical(text_extent(editor, number)[0]) + 40_960
    editor.raw[place + 7] ^= 1
    editor.save()
    content = opened(image).content(str(number))
    assert content.read(0, 40_960) == BIG[:40_960]
    with pytest.raises(OSError, match=f"checksum of the data block at byte {place} "):
        content.read(0, 40_961)
    row = rows_of(image)[0]["/big"]
    assert row["sha256"] is None
    assert "checksum" in row["note"]


def test_the_other_copy_of_a_damaged_block_is_read_and_the_damage_is_said(folder: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "b.img", folder, "-m", "dup", "-d", "dup")
    whole = {name: row["sha256"] for name, row in rows_of(path)[0].items()}
    raw = bytearray(path.read_bytes())
    at = raw.index(BIG[:4096])
    raw[at] ^= 1
    raw[names_at(Editor(path)) + 200] ^= 1
    path.write_bytes(raw)
    rows, problems = rows_of(path)
    assert {name: row["sha256"] for name, row in rows.items()} == whole
    assert any("One copy of a tree block is damaged" in problem for problem in problems)
    (told,) = [problem for problem in problems if "data blocks" in problem]
    assert told.startswith("One copy is damaged of 1 of the data blocks that were read, and another one was used; ")
    assert f"the first is at byte {at} of device 1 (logical address " in told
    assert not [problem for problem in rows_of(path, hash_files=False)[1] if "data blocks" in problem]


def test_damaged_copies_are_told_alike_by_one_process_and_by_several(folder: Path, tmp_path: Path) -> None:
    path = made(tmp_path / "b.img", folder, "-m", "dup", "-d", "dup")
    raw = bytearray(path.read_bytes())
    at = raw.index(BIG[:4096])
    for block in range(3):
        raw[at + 4096 * block] ^= 1
    path.write_bytes(raw)
    told = [
        [item for item in examine_isolated([path], hash_files=True, processes=number) if isinstance(item, Problem)]
        for number in (1, 2)
    ]
    assert told[0] == told[1]
    assert [(one.offset_bytes, "of 3 of the data" in one.what) for one in told[0] if "data" in one.what] == [(at, True)]


def test_a_damaged_leaf_loses_its_names_only_and_says_so(image: Path) -> None:
    before, _ = rows_of(image, hash_files=False)
    editor = Editor(image)
    leaf = names_at(editor)
    editor.raw[leaf + 300] ^= 1
    editor.save()
    rows, problems = rows_of(image)
    assert any(f"at byte {leaf} " in problem and "checksum" in problem for problem in problems)
    assert 10 < len(rows) <= len(before)


def test_a_tree_that_leads_in_a_circle_ends(image: Path) -> None:
    editor = Editor(image)
    address = editor.root(5)
    block = editor.physical(address)
    assert editor.raw[block + 100] == 1
    for index in range(int.from_bytes(editor.raw[block + 96 : block + 100], "little")):
        struct.pack_into("<Q", editor.raw, block + 101 + index * 33 + 17, address)
    editor.seal(block)
    editor.save()
    _, problems = rows_of(image)
    assert any("another" in problem or "not the one" in problem for problem in problems)


def test_a_damaged_tree_of_roots_is_replaced_by_an_older_one_in_words(image: Path) -> None:
    editor = Editor(image)
    (address,) = struct.unpack_from("<Q", editor.raw, 65536 + 80)
    backups = [struct.unpack_from("<Q", editor.raw, 65536 + 2859 + index * 168)[0] for index in range(4)]
    other = next((backup for backup in backups if backup not in (0, address)), None)
    editor.raw[editor.physical(address) + 200] ^= 1
    editor.save()
    if other is None:
        with pytest.raises(FileSystemError, match="checksum"):
            opened(image)
    else:
        assert any("is listed instead" in problem for problem in rows_of(image, hash_files=False)[1])


def test_a_file_deleted_while_open_is_an_orphan_with_its_content(image: Path) -> None:
    number = int(rows_of(image, hash_files=False)[0]["/text"]["address"])
    editor = Editor(image)
    block = editor.blocks(5)[-1]
    (count,) = struct.unpack_from("<I", editor.raw, block + 96)
    free = struct.unpack_from("<I", editor.raw, block + 101 + (count - 1) * 25 + 17)[0]
    struct.pack_into("<QBQII", editor.raw, block + 101 + count * 25, 2**64 - 5, 48, number, free, 0)
    struct.pack_into("<I", editor.raw, block + 96, count + 1)
    editor.seal(block)
    editor.save()
    row = rows_of(image)[0][f"/$OrphanFiles/OrphanFile-{number}"]
    assert (row["allocated"], row["orphan"]) == (False, True)
    assert row["sha256"] == hashlib.sha256(TEXT).digest()


def test_the_first_superblock_is_replaced_by_its_copy_in_words(image: Path) -> None:
    with image.open("r+b") as file:
        file.seek(65536 + 120)
        file.write(b"\x77")
    rows, problems = rows_of(image)
    assert rows["/big"]["sha256"] == hashlib.sha256(BIG).digest()
    assert any("its copy at byte 67108864 was used" in problem for problem in problems)


def test_without_its_first_superblock_it_is_found_by_the_copy(image: Path) -> None:
    with image.open("r+b") as file:
        file.seek(65536)
        file.write(bytes(4096))
    rows, problems = rows_of(image)
    assert rows["/big"]["sha256"] == hashlib.sha256(BIG).digest()
    assert any("its copy at byte 67108864 was used" in problem for problem in problems)


def test_a_copy_under_another_file_system_claims_nothing(image: Path) -> None:
    with image.open("r+b") as file:
        file.seek(64 << 20)
        copy = file.read(4096)
        run("mkfs.ext2", "-q", "-F", image)
        file.seek(64 << 20)
        file.write(copy)
    assert [found.type for found, _ in recognise(PlainImage(image))] == ["ext2"]


@pytest.mark.parametrize("size", [65_536, 70_000, 3 << 20, 9 << 20, 20 << 20])
def test_a_truncated_image_is_refused_or_listed_with_problems(image: Path, size: int) -> None:
    with image.open("r+b") as file:
        file.truncate(size)
    rows, problems = rows_of(image)
    assert problems or not rows


def test_a_converted_file_system_shows_the_old_one_in_its_subvolume(tmp_path: Path) -> None:
    need("mkfs.ext4", "btrfs-convert")
    (tmp_path / "source" / "folder").mkdir(parents=True)
    (tmp_path / "source" / "folder" / "big").write_bytes(BIG)
    path = blank(tmp_path / "c.img", 256 << 20)
    run("mkfs.ext4", "-q", "-b", "4096", "-d", tmp_path / "source", path)
    before = hashlib.sha256(path.read_bytes()).digest()
    run("btrfs-convert", path)
    rows, _ = rows_of(path)
    old, _ = rows_of(path, hash_files=False)
    assert rows["/folder/big"]["sha256"] == hashlib.sha256(BIG).digest()
    assert rows["/ext2_saved"]["note"].startswith("subvolume")
    assert rows["/ext2_saved/image"]["size_bytes"] == 256 << 20
    assert "-" in old["/ext2_saved/image"]["address"]
    assert rows["/ext2_saved/image"]["sha256"] == before or rows["/ext2_saved/image"]["note"] is not None


def test_two_devices_of_which_one_is_missing_are_said(tmp_path: Path) -> None:
    need("mkfs.btrfs")
    first, second = blank(tmp_path / "1.img", 128 << 20), blank(tmp_path / "2.img", 128 << 20)
    run("mkfs.btrfs", "-q", "-m", "raid1", "-d", "raid0", first, second)
    assert any("missing here: device 2" in problem for problem in rows_of(first)[1])
    assert any("missing here: device 1" in problem for problem in rows_of(second)[1])


def chunk(profile: int, devices: int, sub: int = 1) -> Chunk:
    stripes = tuple((device + 1, 1000_000 * device) for device in range(devices))
    return Chunk(start=0, length=1 << 30, profile=profile, stripe_bytes=65536, sub_stripes=sub, stripes=stripes)


def test_stripes_are_found_on_their_devices() -> None:
    assert chunk(0x8, 3).places(65536 * 4 + 5) == (65531, [(2, 1_065_541)])
    assert chunk(0x10, 2).places(7)[1] == [(1, 7), (2, 1_000_007)]
    assert chunk(0x40, 4, 2).places(65536 * 3)[1] == [(3, 2_065_536), (4, 3_065_536)]
    rotated = [chunk(0x80, 3).places(65536 * index)[1][0][0] for index in range(6)]
    assert rotated == [1, 2, 2, 3, 3, 1]
    assert [chunk(0x100, 4).places(65536 * index)[1][0][0] for index in range(4)] == [1, 2, 2, 3]


def test_an_address_that_is_no_file_is_refused_in_words(image: Path) -> None:
    tree = opened(image)
    for address in ("", "x", "1-2-3", "256", "999-256", "18446744073709551615", "5-99"):
        with pytest.raises(UNREADABLE):
            tree.content(address)
