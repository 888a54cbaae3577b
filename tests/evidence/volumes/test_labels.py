"""Apple maps, BSD labels and Sun labels."""

from __future__ import annotations

import struct
from functools import reduce
from operator import xor
from pathlib import Path

from evidence.volumes import apm, bsd, sun
from evidence.volumes.base import Division
from evidence.volumes.tables import divisions_of_media
from tests.evidence.made_images import mmls, need, run
from tests.evidence.volumes.media import Media


def places(division: Division | None) -> list[tuple[str, int, int]]:
    assert division is not None
    return [(s.slot, s.start_bytes, s.length_bytes) for s in division.stretches if s.kind == "partition"]


def apple_map(media: Media, block: int, lines: list[tuple[int, int, bytes]]) -> None:
    media.write(0, b"ER" + struct.pack(">HI", block, media.media_bytes // block))
    for index, (start, length, kind) in enumerate(lines):
        names = b"name".ljust(32, b"\0") + kind.ljust(32, b"\0")
        entry = (
            b"PM" + struct.pack(">HIII", 0, len(lines), start, length) + names + struct.pack(">III", 0, length, 0x33)
        )
        media.write((index + 1) * block, entry)


def bsd_label(lines: list[tuple[int, int, int]]) -> bytes:
    label = bytearray(148 + 16 * len(lines))
    struct.pack_into("<I", label, 0, 0x82564557)
    struct.pack_into("<I", label, 40, 512)
    struct.pack_into("<I", label, 132, 0x82564557)
    struct.pack_into("<H", label, 138, len(lines))
    for index, (start, length, kind) in enumerate(lines):
        struct.pack_into("<IIIBBH", label, 148 + 16 * index, length, start, 0, kind, 0, 0)
    struct.pack_into("<H", label, 136, reduce(xor, struct.unpack(f"<{len(label) // 2}H", label)))
    return bytes(label)


def test_an_apple_map_is_read_as_mmls_reads_it(tmp_path: Path) -> None:
    media = Media(1 << 20)
    apple_map(media, 512, [(1, 63, b"Apple_partition_map"), (64, 500, b"Apple_HFS"), (700, 100, b"Apple_Free")])
    path = tmp_path / "apm.raw"
    path.write_bytes(media.data)
    assert [(start, length) for _, start, length in places(apm.read(media, 512))] == mmls(path, "-t", "mac")


def test_an_apple_map_of_2048_byte_blocks_counts_in_them() -> None:
    media = Media(1 << 20)
    apple_map(media, 2048, [(1, 4, b"Apple_partition_map"), (10, 20, b"Apple_HFS")])
    assert places(apm.read(media, 512)) == [("p1", 2048, 8192), ("p2", 20480, 40960)]


def test_an_apple_map_that_promises_more_than_it_holds_is_a_problem() -> None:
    media = Media(1 << 20)
    apple_map(media, 512, [(1, 63, b"Apple_partition_map"), (64, 500, b"Apple_HFS")])
    media.write(1024, bytes(512))
    division = apm.read(media, 512)
    assert division is not None
    assert "declares 2 entries, but only 1" in division.problems[0].what


def test_a_bsd_label_is_read_as_mmls_reads_it(tmp_path: Path) -> None:
    media = Media(1 << 20)
    media.write(512, bsd_label([(16, 500, 7), (600, 100, 1), (0, 2048, 0)]))
    path = tmp_path / "bsd.raw"
    path.write_bytes(media.data)
    assert sorted((start, length) for _, start, length in places(bsd.read(media, 512))) == sorted(
        mmls(path, "-t", "bsd")
    )


def test_a_bsd_label_in_a_partition_counts_from_where_its_raw_partition_says() -> None:
    media = Media(1 << 20)
    media.write(512, bsd_label([(2048 + 16, 500, 7), (0, 0, 0), (2048, 2048, 0)]))
    assert places(bsd.read(media, 512, start_bytes=2048 * 512)) == [("pc", 0, 1 << 20), ("pa", 16 * 512, 500 * 512)]
    media.write(512, bsd_label([(16, 500, 7), (0, 0, 0), (0, 2048, 0)]))
    assert places(bsd.read(media, 512, start_bytes=2048 * 512)) == [("pc", 0, 1 << 20), ("pa", 16 * 512, 500 * 512)]


def test_a_label_of_openbsd_counts_from_the_start_of_the_media() -> None:
    media = Media(1 << 20)
    media.write(512, bsd_label([(64, 500, 7), (564, 1548, 1), (0, 4096, 0)]))
    division = bsd.read(media, 512, start_bytes=64 * 512)
    assert places(division) == [("pa", 0, 500 * 512), ("pb", 500 * 512, 1548 * 512)]
    assert division is not None
    assert ["whole disk" in problem.what for problem in division.problems] == [True]


def test_what_only_the_size_of_the_raw_partition_tells_is_taken_from_it() -> None:
    media = Media(1 << 20)
    media.write(512, bsd_label([(64, 500, 7), (0, 0, 0), (0, 4096, 0)]))
    assert places(bsd.read(media, 512, start_bytes=64 * 512)) == [("pa", 0, 500 * 512)]
    media.write(512, bsd_label([(64, 500, 7), (0, 0, 0), (0, 2048, 0)]))
    assert ("pa", 64 * 512, 500 * 512) in places(bsd.read(media, 512, start_bytes=64 * 512))


def test_a_label_that_does_not_tell_its_base_says_which_was_taken() -> None:
    media = Media(1 << 20)
    media.write(512, bsd_label([(64, 500, 7)]))
    division = bsd.read(media, 512, start_bytes=64 * 512)
    assert places(division) == [("pa", 64 * 512, 500 * 512)]
    assert division is not None
    assert ["count from the start of the partition" in problem.what for problem in division.problems] == [True]


def test_a_bsd_label_with_a_wrong_checksum_is_read_with_a_problem() -> None:
    media = Media(1 << 20)
    label = bytearray(bsd_label([(16, 500, 7)]))
    label[60] ^= 1
    media.write(512, bytes(label))
    division = bsd.read(media, 512)
    assert division is not None
    assert "checksum" in division.problems[0].what


def test_a_sun_label_of_sfdisk_counts_in_cylinders(tmp_path: Path) -> None:
    need("sfdisk")
    path = tmp_path / "sun.raw"
    path.write_bytes(bytes(16 << 20))
    run("sfdisk", "-q", path, text="label: sun\nstart=0,size=8192,type=83\nstart=16065,size=8000,type=82\n")
    told = [line.split(":", 1)[1] for line in run("sfdisk", "-d", path).splitlines() if "start=" in line]
    wanted = [tuple(int(part.split("=")[1]) * 512 for part in line.split(",")[:2]) for line in told]
    media = Media(16 << 20)
    media.write(0, path.read_bytes())
    assert sorted((start, length) for _, start, length in places(sun.read(media, 512))) == sorted(wanted)


def test_a_solaris_vtoc_counts_from_its_partition() -> None:
    media = Media(1 << 20)
    label = bytearray(512)
    struct.pack_into("<I", label, 12, 0x600DDEEE)
    struct.pack_into("<H", label, 30, 16)
    struct.pack_into("<HHII", label, 72, 2, 0, 100, 200)
    media.write(512, bytes(label))
    assert places(sun.read(media, 512)) == [("s0", 51200, 102400)]


def test_a_media_with_two_tables_lists_both_and_says_so() -> None:
    media = Media(1 << 20)
    apple_map(media, 2048, [(1, 4, b"Apple_partition_map"), (10, 20, b"Apple_HFS")])
    media.boot_record(0, (0x83, 100, 100))
    divisions, problems = divisions_of_media(media, 512)
    assert [division.table.scheme for division in divisions] == ["dos", "mac"]
    assert "more than one partition table (dos, mac)" in problems[-1].what


def test_a_protective_record_without_a_gpt_is_said() -> None:
    media = Media(1 << 20)
    media.boot_record(0, (0xEE, 1, 2047))
    divisions, problems = divisions_of_media(media, 512)
    assert divisions == []
    assert "no header of one can be found" in problems[0].what
