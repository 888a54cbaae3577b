from __future__ import annotations

import struct
import uuid
import zlib
from pathlib import Path

import pytest

from evidence.volumes import gpt
from evidence.volumes.base import Division
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, mmls, need, run
from tests.evidence.volumes.media import Media

LINUX = uuid.UUID("0fc63daf-8483-4772-8e79-3d69d8477de4").bytes_le


def table(media: Media, sector: int, lines: list[tuple[int, int, str]], *, backup: bool = True) -> None:
    """Write a whole GPT as the specification says."""
    last = media.media_bytes // sector - 1
    media.boot_record(0, (0xEE, 1, last))
    entries = b"".join(
        LINUX + bytes([n]) * 16 + struct.pack("<QQQ", a, b, 0) + name.encode("utf-16-le").ljust(72, b"\0")
        for n, (a, b, name) in enumerate(lines, 1)
    ).ljust(128 * 128, b"\0")
    sectors = len(entries) // sector
    for here, other, at in ((1, last, 2), (last, 1, last - sectors))[: 1 + backup]:
        body = struct.pack(
            "<QQQQ16sQIII", here, other, 2 + sectors, last - sectors - 1, b"D" * 16, at, 128, 128, zlib.crc32(entries)
        )
        head = b"EFI PART" + struct.pack("<II", 0x10000, 92)
        crc = zlib.crc32(head + bytes(8) + body)
        media.write(here * sector, head + struct.pack("<II", crc, 0) + body)
        media.write(at * sector, entries)


def partitions(division: Division | None) -> list[tuple[str, int, int]]:
    assert division is not None
    return [(s.slot, s.start_bytes, s.length_bytes) for s in division.stretches if s.kind == "partition"]


def words(division: Division | None) -> str:
    assert division is not None
    return " ".join(problem.what for problem in division.problems)


def test_partitions_are_those_that_mmls_lists(tmp_path: Path) -> None:
    need("sgdisk")
    path = blank(tmp_path / "disk.raw", 32 << 20)
    run("sgdisk", "-n1:2048:+4M", "-c1:EFI część", "-t1:ef00", "-n5:20480:+8M", "-n2:0:0", path)
    division = gpt.read(PlainImage(path), 512)
    assert division is not None
    assert sorted((start, length) for _, start, length in partitions(division)) == mmls(path)
    assert {slot for slot, _, _ in partitions(division)} == {"p1", "p2", "p5"}
    assert "EFI system: EFI część" in {s.description for s in division.stretches}
    assert division.problems == ()


@pytest.mark.parametrize("sector", [512, 4096])
def test_the_sector_size_is_that_at_which_the_header_lies(sector: int) -> None:
    media = Media(1024 * sector)
    table(media, sector, [(100, 199, "one"), (300, 399, "two")])
    division = gpt.read(media, 512)
    assert partitions(division) == [("p1", 100 * sector, 100 * sector), ("p2", 300 * sector, 100 * sector)]
    assert division is not None
    assert division.table.sector_bytes == sector
    assert division.problems == ()


def test_a_broken_header_is_said_and_the_backup_used() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")])
    media.write(512 + 40, b"\xff")
    division = gpt.read(media, 512)
    assert ("p1", 51200, 51200) in partitions(division)
    assert "checksum of the first header is wrong" in words(division)
    assert "backup of the table is used" in words(division)


def test_a_wiped_header_is_said_and_the_backup_used() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")])
    media.write(512, bytes(512))
    assert ("p1", 51200, 51200) in partitions(gpt.read(media, 512))
    division = gpt.read(media, 512)
    assert "first copy of the table is missing" in words(division)
    assert division is not None
    assert [problem.offset_bytes for problem in division.problems if "missing" in problem.what] == [512]


def test_broken_entries_are_said_and_the_backup_used() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")])
    media.write(1024 + 32, struct.pack("<Q", 150))
    assert ("p1", 51200, 51200) in partitions(gpt.read(media, 512))
    assert "checksum of the first copy's entries is wrong" in words(gpt.read(media, 512))


def test_copies_that_differ_are_a_problem() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")])
    other = Media(1 << 20)
    table(other, 512, [(100, 299, "one")])
    media.write((1 << 20) - 33 * 512, bytes(other.data[-33 * 512 :]))
    division = gpt.read(media, 512)
    assert partitions(division) == [("p1", 51200, 51200)]
    assert "differ in entries" in words(division)


def test_a_table_without_its_backup_is_listed_with_what_the_boot_record_says() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")], backup=False)
    division = gpt.read(media, 512)
    assert partitions(division) == [("p1", 51200, 51200), ("mbr1", 512, 2047 * 512)]
    assert "backup copy of the table is missing" in words(division)
    assert division is not None
    assert [problem.offset_bytes for problem in division.problems if "missing" in problem.what] == [(1 << 20) - 512]


def test_entries_of_no_bytes_are_none_and_the_damage_is_said() -> None:
    media = Media(4 << 20)
    table(media, 512, [(2048, 4095, "one")], backup=False)
    media.write(512 + 84, bytes(4))
    division = gpt.read(media, 512)
    assert partitions(division) == [("mbr1", 512, (4 << 20) - 512)]
    assert "No undamaged copy of the table is left" in words(division)


def test_an_absurd_number_of_entries_is_refused() -> None:
    media = Media(1 << 20)
    table(media, 512, [(100, 199, "one")], backup=False)
    media.write(512 + 80, struct.pack("<I", 0xFFFFFFFF))
    division = gpt.read(media, 512)
    assert "No undamaged copy" in words(division)
