from __future__ import annotations

from pathlib import Path

import pytest

from evidence.volumes import dos
from evidence.volumes.base import Division
from evidence.volumes.tables import divisions_of_media
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, mmls, need, run
from tests.evidence.volumes.media import Media


def places(division: Division | None) -> list[tuple[str, int, int]]:
    assert division is not None
    return [(s.slot, s.start_bytes, s.length_bytes) for s in division.stretches if s.kind == "partition"]


def test_primary_and_logical_partitions_are_those_that_mmls_lists(tmp_path: Path) -> None:
    need("sfdisk")
    path = blank(tmp_path / "disk.raw", 64 << 20)
    table = "2048,8192,83\n12288,4096,7\n20480,65536,5\n90000,1000,83\n22528,4096,6\n30720,4096,b\n40960,,83\n"
    run("sfdisk", "-q", path, text=f"label: dos\n{table}")
    found = places(dos.read(PlainImage(path), 512))
    assert [slot for slot, _, _ in found] == ["p1", "p2", "p5", "p6", "p7", "p4"]
    assert sorted((start, length) for _, start, length in found) == mmls(path)


def test_gaps_and_tables_are_stretches_of_their_own() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 64, 100), (0x07, 500, 200))
    division = dos.read(media, 512)
    assert division is not None
    assert [(s.kind, s.start_bytes // 512, s.length_bytes // 512) for s in division.stretches] == [
        ("metadata", 0, 1),
        ("unallocated", 0, 64),
        ("partition", 64, 100),
        ("unallocated", 164, 336),
        ("partition", 500, 200),
        ("unallocated", 700, 1348),
    ]


def test_a_table_of_4096_byte_sectors_is_told_by_what_lies_behind_its_entries() -> None:
    media = Media(256 * 4096)
    media.boot_record(0, (0x83, 1, 125), (0x05, 126, 130))
    media.boot_record(126 * 4096, (0x83, 2, 50))
    assert places(dos.read(media, 512)) == [("p1", 4096, 125 * 4096), ("p5", 128 * 4096, 50 * 4096)]


@pytest.mark.parametrize("share", [2, 4, 8])
def test_a_table_that_ends_at_a_part_of_the_media_counts_in_its_sectors(share: int) -> None:
    media = Media(4 << 20)
    sectors = len(media.data) // 512 // share
    media.boot_record(0, (0x83, 64, sectors - 64))
    media.write(64 * 512, b"XFSB")
    assert places(dos.read(media, 512)) == [("p1", 64 * 512, (sectors - 64) * 512)]


@pytest.mark.parametrize("share", [2, 4])
def test_an_unknown_content_does_not_make_sectors_larger(share: int) -> None:
    media = Media(4 << 20)
    sectors = len(media.data) // 512 // share
    media.boot_record(0, (0x83, 64, sectors - 64))
    assert places(dos.read(media, 512)) == [("p1", 64 * 512, (sectors - 64) * 512)]


@pytest.mark.parametrize("size", [512, 4096])
def test_a_table_beside_a_gpt_counts_in_the_sectors_of_the_gpt(size: int) -> None:
    media = Media(64 * 4096 * 8)
    sectors = len(media.data) // 4096
    media.boot_record(0, (0xEE, 1, 33), (0x83, 40, sectors - 40))  # ends as if its sectors had 4096 bytes
    media.write(size, b"EFI PART")
    found = places(dos.read(media, 512))
    assert found == [("p1", size, 33 * size), ("p2", 40 * size, (sectors - 40) * size)]


def test_a_chain_that_leads_back_into_itself_ends_with_a_problem() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x05, 100, 1000))
    media.boot_record(100 * 512, (0x83, 1, 10), (0x05, 50, 100))
    media.boot_record(150 * 512, (0x83, 1, 10), (0x05, 0, 100))
    division = dos.read(media, 512)
    assert division is not None
    assert places(division) == [("p5", 101 * 512, 5120), ("p6", 151 * 512, 5120)]
    assert [(problem.what[:40], problem.offset_bytes) for problem in division.problems] == [
        ("The chain of extended partitions leads b", 51200)
    ]


def test_a_missing_extended_record_is_a_problem_and_not_silence() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 10, 10), (0x0F, 100, 1000))
    division = dos.read(media, 512)
    assert division is not None
    assert "missing" in division.problems[0].what


def test_the_boot_sector_of_a_fat_volume_is_no_partition_table(tmp_path: Path) -> None:
    need("mkfs.vfat")
    path = blank(tmp_path / "fat.raw", 4 << 20)
    run("mkfs.vfat", path)
    assert dos.read(PlainImage(path), 512) is None
    media = Media(4 << 20)
    media.write(0, path.read_bytes()[:512])
    media.boot_record(0, (0x6F, 1 << 24, 1 << 20), (0x72, 1 << 25, 1 << 20))
    assert dos.read(media, 512) is None


def test_text_where_the_flags_would_be_is_no_partition_table() -> None:
    media = Media(1 << 20)
    media.write(440, b"Disk error, press any key to restart the machine and try again, or another disk")
    media.write(510, b"\x55\xaa")
    assert dos.read(media, 512) is None


def test_a_partition_past_the_end_of_a_cut_off_media_is_listed_and_said() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 63, 1000), (0x07, 1063, 90000))
    division = dos.read(media, 512)
    assert places(division)[1] == ("p2", 1063 * 512, 90000 * 512)
    assert division is not None
    assert division.problems[0].offset_bytes == 1063 * 512


def test_an_unreadable_first_sector_is_no_table_and_no_crash() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 63, 1000))
    media.unreadable = range(512)
    assert dos.read(media, 512) is None


@pytest.mark.parametrize("flag", [0x01, 0x81, 0xFF])
def test_an_odd_boot_flag_is_said_and_hides_no_partition(flag: int) -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 64, 100), (0x07, 500, 200))
    media.write(446, bytes([flag]))
    division = dos.read(media, 512)
    assert places(division) == [("p1", 64 * 512, 100 * 512), ("p2", 500 * 512, 200 * 512)]
    assert division is not None
    assert [f"boot flag 0x{flag:02x}" in problem.what for problem in division.problems] == [True]


def test_an_entry_that_begins_at_sector_0_is_said_and_hides_no_partition() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x17, 0, 2048), (0xEF, 500, 200))
    division = dos.read(media, 512)
    assert places(division) == [("p2", 500 * 512, 200 * 512)]
    assert division is not None
    assert [problem.what[:39] for problem in division.problems] == ["Entry 1 of the table begins at sector 0"]


def test_a_record_with_no_entry_that_fits_is_not_passed_over_in_silence() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0x83, 0, 2048))
    divisions, problems = divisions_of_media(media, 512)
    assert not divisions
    assert ["none of them can be a partition" in problem.what for problem in problems] == [True]


def test_the_boot_sector_of_a_fat_volume_with_an_odd_flag_is_no_partition_table(tmp_path: Path) -> None:
    need("mkfs.vfat")
    path = blank(tmp_path / "fat.raw", 4 << 20)
    run("mkfs.vfat", path)
    media = Media(4 << 20)
    media.write(0, path.read_bytes()[:512])
    media.boot_record(0, (0x83, 64, 100))
    media.write(446 + 16, b"\x01")
    assert divisions_of_media(media, 512) == ([], [])
