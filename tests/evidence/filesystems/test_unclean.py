"""Volumes that were not unmounted: told, and listed as they stand."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.filesystems.unclean import unclean
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.trees import Held
from tests.evidence.made_images import ext, fat, ntfs, run, source_tree


def told(path: Path) -> list[str]:
    return [problem.what for problem in document(PlainImage(path), hash_files=False)["warnings"]]


def patched(path: Path, offset: int, data: bytes) -> Path:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)
    return path


def test_an_ext4_whose_journal_was_not_replayed_is_told(tmp_path: Path) -> None:
    path = ext(tmp_path / "ext.raw", source_tree(tmp_path / "tree"))
    assert told(path) == []
    run("debugfs", "-w", "-R", "feature needs_recovery", path)
    (sentence,) = told(path)
    assert "journal holds changes" in sentence
    assert "not applied" in sentence


def test_an_ext2_in_use_is_told(tmp_path: Path) -> None:
    path = ext(tmp_path / "ext.raw", source_tree(tmp_path / "tree"), "ext2")
    patched(path, 1024 + 58, struct.pack("<H", 0))
    assert "marked as in use" in told(path)[0]


@pytest.mark.parametrize(("bits", "offset", "mark"), [(16, 37, b"\1"), (32, 65, b"\1")])
def test_a_fat_in_use_is_told_by_its_boot_sector(tmp_path: Path, bits: int, offset: int, mark: bytes) -> None:
    path = fat(tmp_path / "fat.raw", source_tree(tmp_path / "tree"), bits)
    assert told(path) == []
    assert "marked as in use" in told(patched(path, offset, mark))[0]


@pytest.mark.parametrize(("bits", "entry"), [(16, b"\xff\x7f"), (32, b"\xff\xff\xff\x07")])
def test_a_fat_in_use_is_told_by_its_table(tmp_path: Path, bits: int, entry: bytes) -> None:
    path = fat(tmp_path / "fat.raw", source_tree(tmp_path / "tree"), bits)
    sector, reserved = struct.unpack_from("<HxH", path.read_bytes(), 11)
    assert "marked as in use" in told(patched(path, sector * reserved + len(entry), entry))[0]


def test_an_ntfs_that_has_to_be_checked_is_told(tmp_path: Path) -> None:
    path = ntfs(tmp_path / "ntfs.raw", source_tree(tmp_path / "tree"))
    assert told(path) == []
    data = path.read_bytes()
    record = struct.unpack_from("<Q", data, 48)[0] * 4096 + 3 * 1024
    at = data.index(struct.pack("<I", 0x70), record)
    (value,) = struct.unpack_from("<H", data, at + 20)
    assert "marked as in use" in told(patched(path, at + value + 10, b"\1"))[0]


def test_an_exfat_in_use_is_told() -> None:
    assert unclean(Held(bytes(106) + b"\2\0" + bytes(404)), "exfat") is not None
    assert unclean(Held(bytes(512)), "exfat") is None


@pytest.mark.parametrize(
    ("attributes", "order", "end", "words"),
    [
        (0x2100, "<", 512, None),
        (0x2100, ">", 512, None),
        (0x2100, "<", 1024, "journal holds changes"),
        (0x2000, ">", 1024, "journal holds changes"),
        (0x2000, "<", 512, "marked as in use"),
        (0, "<", 1024, "marked as in use"),
        (0x100, "<", 1024, None),
    ],
)
def test_an_hfs_plus_is_judged_by_its_journal_and_its_attributes(
    attributes: int, order: str, end: int, words: str | None
) -> None:
    volume = bytearray(20480)
    struct.pack_into(">I", volume, 1024 + 4, attributes)
    struct.pack_into(">I", volume, 1024 + 12, 2)
    struct.pack_into(">I", volume, 1024 + 40, 4096)
    struct.pack_into(">QQ", volume, 8192 + 36, 12288, 4096)
    struct.pack_into(f"{order}IIQQ", volume, 12288, 0x4A4E4C78, 0x12345678, 512, end)
    sentence = unclean(Held(volume), "hfs+")
    assert (sentence is None) == (words is None)
    assert words is None or words in str(sentence)
