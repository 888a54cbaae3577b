"""UDF: volumes written here from the standard, and discs that outside tools make and read."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.content import UNREADABLE
from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.udf import UdfFileSystem, look, open_udf
from evidence.images.base import Problem
from evidence.shares import Share
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.udf_builder import (
    NOON_NS,
    START,
    Volume,
    dstring,
    long_ad,
    short_ad,
    stamp,
    tagged,
)
from tests.evidence.made_images import blank, need, run, source_tree

KINDS = ("plain", "virtual", "sparable", "metadata")


def opened(path: Path) -> UdfFileSystem:
    image = PlainImage(path)
    found = look(image)
    assert found is not None
    return open_udf(image, found)


def listed(path: Path) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Rows by path, and problems."""
    rows: dict[str, dict[str, Any]] = {}
    problems = []
    ids = iter(range(1, 1_000_000))
    for item in opened(path).lister("v0", ids.__next__, None, lambda count: None, Share()).run():
        if isinstance(item, Problem):
            problems.append(item)
        else:
            rows |= {row[5]: dict(zip(FILE_COLUMNS, row, strict=True)) for row in item}
    return rows, problems


def simple(path: Path, volume: Volume, content: bytes = b"hello\n" * 900) -> Path:
    inner = volume.directory(volume.name("deep ☃.bin", volume.file(content, extended=True)))
    root = volume.directory(volume.name("docs", inner, 2), volume.name("a.txt", volume.entry(5, 3, b"abc")), at=1)
    return volume.write(path, root)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block", [512, 1024, 2048, 4096])
def test_every_sort_of_partition_is_read_with_every_size_of_blocks(tmp_path: Path, kind: str, block: int) -> None:
    path = simple(tmp_path / "x.raw", Volume(block=block, kind=kind))
    found = document(PlainImage(path))
    (volume,) = found["volumes"]
    system = volume["file_system"]
    assert (system["type"], system["label"], system["serial"], system["block_bytes"]) == (
        "udf",
        "Löwe",
        "0123456789abcdef",
        block,
    )
    rows = {row["path"]: row for row in found["rows"]}
    assert sorted(rows) == ["/a.txt", "/docs", "/docs/deep ☃.bin"]
    assert rows["/docs/deep ☃.bin"]["sha256"] == hashlib.sha256(b"hello\n" * 900).digest()
    assert rows["/a.txt"]["sha256"] == hashlib.sha256(b"abc").digest()
    assert rows["/a.txt"]["modified_ns"] == NOON_NS
    assert [problem for problem in found["warnings"] if problem.is_damage] == []


def test_another_reader_finds_the_same_files(tmp_path: Path) -> None:
    need("7z")  # which knows plain partitions only
    path = simple(tmp_path / "x.raw", Volume())
    run("7z", "x", "-tudf", f"-o{tmp_path / 'out'}", path)
    assert (tmp_path / "out" / "docs" / "deep ☃.bin").read_bytes() == b"hello\n" * 900
    assert (tmp_path / "out" / "a.txt").read_bytes() == b"abc"


def test_the_old_form_of_the_virtual_allocation_table_is_read(tmp_path: Path) -> None:
    rows, problems = listed(simple(tmp_path / "x.raw", Volume(kind="virtual", revision=0x0150)))
    assert sorted(rows) == ["/a.txt", "/docs", "/docs/deep ☃.bin"]
    assert problems == []


def test_extents_of_every_form_make_up_one_content(tmp_path: Path) -> None:
    volume = Volume()
    content = os.urandom(5 * 2048 + 77)
    first, second = volume.data(content[: 2 * 2048]), volume.data(content[2 * 2048 :])
    whole = content[: 2 * 2048] + bytes(4096) + content[2 * 2048 :]
    rest = len(content) - 2 * 2048
    short = short_ad(4096, first) + short_ad(2048, 0, 1) + short_ad(2048, 0, 2)
    chained = short + short_ad(2048, 120, 3)
    volume.blocks[0, 120] = tagged(258, 120, struct.pack("<II", 0, 8) + short_ad(rest, second), 2048)
    long = long_ad(4096, first, 0) + long_ad(4096 | 1 << 30, 0, 0) + long_ad(rest, second, 0)
    wide = b"".join(
        struct.pack("<IIIIHH", length | kind << 30, length, length, block, 0, 0)
        for length, block, kind in ((4096, first, 0), (4096, 0, 1), (rest, second, 0))
    )
    size = len(whole)
    names = [
        volume.name("short", volume.entry(5, size, chained, 0)),
        volume.name("long", volume.entry(5, size, long, 1)),
        volume.name("extended", volume.entry(5, size, wide, 2)),
        volume.name("tail", volume.entry(5, size, long + long_ad(2048, first, 0), 1)),
    ]
    path = volume.write(tmp_path / "x.raw", volume.directory(*names, at=1))
    for row in document(PlainImage(path))["rows"]:
        assert row["sha256"] == hashlib.sha256(whole).digest(), row["name"]
    reader = opened(path)
    address = listed(path)[0]["/short"]["address"]
    for at, length in ((0, 1), (4095, 4098), (8191, 3), (size - 1, 10), (size, 1)):
        assert reader.content(address).read(at, length) == whole[at : at + length]


def test_deleted_names_are_listed_as_such_with_what_is_left_of_them(tmp_path: Path) -> None:
    volume = Volume()
    gone = volume.entry(5, 4, b"gone", unique_id=17)
    reused = volume.entry(5, 3, b"new", unique_id=19)
    inside = volume.directory(volume.name("inside", volume.entry(5, 2, b"in")))
    names = [
        volume.name("kept entry", gone, 4, 17),
        volume.name("reused entry", reused, 4, 18),
        volume.name("no address", 0, 4),
        volume.name("no entry", 99, 4),
        volume.name("folder", inside, 6),
    ]
    rows, problems = listed(volume.write(tmp_path / "x.raw", volume.directory(*names, at=1)))
    assert {path for path, row in rows.items() if row["allocated"]} == set()
    assert rows["/kept entry"]["size_bytes"] == 4
    assert (rows["/reused entry"]["realloc"], rows["/reused entry"]["size_bytes"]) == (True, 0)
    assert "nothing is kept" in rows["/no address"]["note"]
    assert "cannot be read" in rows["/no entry"]["note"]
    assert "/folder/inside" in rows
    assert problems == []


def test_named_streams_are_rows_beside_their_file(tmp_path: Path) -> None:
    volume = Volume()
    streams = volume.directory(volume.name("notes", volume.entry(5, 6, b"stream")), file_type=13)
    file = volume.entry(5, 3, b"abc", extended=True, streams=long_ad(2048, streams, 0))
    path = volume.write(tmp_path / "x.raw", volume.directory(volume.name("f", file), at=1))
    rows = {row["path"]: row for row in document(PlainImage(path))["rows"]}
    assert rows["/f:notes"]["kind"] == "stream"
    assert rows["/f:notes"]["sha256"] == hashlib.sha256(b"stream").digest()


def test_links_devices_and_hard_links(tmp_path: Path) -> None:
    volume = Volume()
    parts = b"\2\0\0\0" + b"\5\x04\0\0\x08usr" + b"\3\0\0\0" + b"\4\0\0\0" + b"\5\x05\0\0\x10\x01\x79\x26\x03"
    device = tagged(262, 0, bytes(8)) + struct.pack("<IB3xIIII", 12, 1, 24, 0, 8, 17)
    twice = volume.entry(5, 3, b"abc")
    names = [
        volume.name("link", volume.entry(12, len(parts), parts)),
        volume.name("disk", volume.entry(6, 0, b"", attributes=device)),
        volume.name("tty", volume.entry(7, 0, b"", attributes=device)),
        volume.name("pipe", volume.entry(9, 0, b"")),
        volume.name("sock", volume.entry(10, 0, b"")),
        volume.name("one", twice),
        volume.name("two", twice),
    ]
    rows, _ = listed(volume.write(tmp_path / "x.raw", volume.directory(*names, at=1)))
    assert rows["/link"]["link_target"] == "/usr/.././Ź☃"
    assert (rows["/disk"]["kind"], rows["/disk"]["note"]) == ("block", "device 8:17")
    assert [rows[f"/{name}"]["kind"] for name in ("tty", "pipe", "sock")] == ["character", "fifo", "socket"]
    assert rows["/one"]["address"] == rows["/two"]["address"]


def test_what_holds_bytes_is_a_file_whatever_its_type_says(tmp_path: Path) -> None:
    volume, text = Volume(), b"what came out of a pipe"
    long = b"\5\xfe\0\0\x08" + b"x" * 253
    kinds = {6: "a block device", 7: "a character device", 9: "a named pipe", 10: "a socket"}
    names = [volume.name(f"t{kind}", volume.entry(kind, len(text), text)) for kind in kinds]
    first = volume.data(long * 20)
    names.append(volume.name("long", volume.entry(12, 20 * len(long), long_ad(20 * len(long), first, 0), 1)))
    path = volume.write(tmp_path / "x.raw", volume.directory(*names, at=1))
    rows, _ = listed(path)
    for kind, words in kinds.items():
        row = rows[f"/t{kind}"]
        note = f"its file type is that of {words}; it holds {len(text)} bytes and is listed as a file"
        assert (row["kind"], row["note"]) == ("file", note)
        assert opened(path).content(str(row["address"])).read(0, 100) == text
    assert rows["/long"]["kind"] == "file"
    assert "a symbolic link; it holds 5160 bytes" in str(rows["/long"]["note"])
    assert opened(path).content(str(rows["/long"]["address"])).read(0, 9999) == long * 20


def test_a_distance_from_utc_is_applied_and_a_missing_one_is_said(tmp_path: Path) -> None:
    east, none = 0x1000 | 120, 0x1000 | (-2047 & 0xFFF)
    for recorded, zone, basis, shift_s, noted in (
        (0x1000, east, "utc", -7200, False),
        (0x1000, 0x0000 | 60, "utc", 0, False),
        (0x1000, 0x1000 | (-300 & 0xFFF), "utc", 18000, False),
        (none, none, "local", 0, False),
        (0x1000, none, "utc", 0, True),
    ):
        clock = (2022, 6, 1, 12, 0, 3, 25, 50, 75)
        volume = Volume(recorded=(recorded, *clock))
        file = volume.entry(5, 0, b"", times=stamp(zone, *clock))
        path = volume.write(tmp_path / "x.raw", volume.directory(volume.name("f", file), at=1))
        row = listed(path)[0]["/f"]
        assert {rule.basis for rule in opened(path).time_rules("v0")} == {basis}
        assert row["modified_ns"] == NOON_NS + shift_s * 1_000_000_000
        assert ("basis" in (row["note"] or "")) == noted


def test_the_time_of_creation_in_an_extended_attribute_is_read(tmp_path: Path) -> None:
    volume = Volume(revision=0x0102)
    times = struct.pack("<IB3xIII", 5, 1, 32, 12, 1) + stamp(0x1000, 2001, 1, 1, 0, 0, 0, 0, 0, 0)
    file = volume.entry(5, 0, b"", attributes=tagged(262, 0, bytes(8)) + times)
    path = volume.write(tmp_path / "x.raw", volume.directory(volume.name("f", file), at=1))
    assert listed(path)[0]["/f"]["created_ns"] == 978_307_200 * 1_000_000_000


def test_an_impossible_time_is_left_out_and_said(tmp_path: Path) -> None:
    volume = Volume()
    file = volume.entry(5, 0, b"", times=stamp(0x1000, 2022, 13, 1, 0, 0, 0, 0, 0, 0))
    row = listed(volume.write(tmp_path / "x.raw", volume.directory(volume.name("f", file), at=1)))[0]["/f"]
    assert row["modified_ns"] is None
    assert "impossible time" in row["note"]


def test_icb_strategy_4096_is_refused_by_name(tmp_path: Path) -> None:
    volume = Volume()
    file = volume.entry(5, 3, b"abc", strategy=4096)
    row = listed(volume.write(tmp_path / "x.raw", volume.directory(volume.name("f", file), at=1)))[0]["/f"]
    assert "strategy 4096" in row["note"]
    volume = Volume()
    path = volume.write(tmp_path / "y.raw", volume.entry(4, 0, b"", at=1, strategy=4096))
    with pytest.raises(FileSystemError, match="strategy 4096"):
        opened(path)


def test_the_mirror_of_the_metadata_serves_where_the_first_copy_is_damaged(tmp_path: Path) -> None:
    path = simple(tmp_path / "x.raw", Volume(kind="metadata"))
    raw = bytearray(path.read_bytes())
    for block in (*range(10, 14), *range(20, 44)):
        raw[(START + block) * 2048 + 100] ^= 0xFF
    path.write_bytes(raw)
    assert sorted(listed(path)[0]) == ["/a.txt", "/docs", "/docs/deep ☃.bin"]
    raw[START * 2048 + 60] ^= 1
    path.write_bytes(raw)
    rows, problems = listed(path)
    assert sorted(rows) == ["/a.txt", "/docs", "/docs/deep ☃.bin"]
    assert any("metadata file cannot be read" in problem.what for problem in problems)


def test_other_anchors_and_the_reserve_sequence_serve_and_it_is_said(tmp_path: Path) -> None:
    path = simple(tmp_path / "x.raw", Volume())
    raw = bytearray(path.read_bytes())
    raw[256 * 2048 : 260 * 2048] = bytes(4 * 2048)
    path.write_bytes(raw)
    rows, problems = listed(path)
    assert "/a.txt" in rows
    assert any("reserve" in problem.what for problem in problems)


def test_a_damaged_name_hides_only_itself(tmp_path: Path) -> None:
    volume = Volume()
    names = [volume.name(text, volume.entry(5, 1, b"x")) for text in ("one", "two", "three")]
    path = volume.write(tmp_path / "x.raw", volume.directory(*names, at=1))
    raw = path.read_bytes().replace(b"\x08two", b"\x08twx")
    path.write_bytes(raw)
    with pytest.raises(FileSystemError, match="CRC"):
        opened(path)  # the directory lies in its file entry, whose CRC tells
    volume = Volume()
    names = [volume.name(text, volume.entry(5, 1, b"x")) for text in ("one", "two", "three")]
    body = b"".join(names)
    root = volume.entry(4, len(body), short_ad(len(body), volume.data(body)), 0, at=1)
    path = volume.write(tmp_path / "x.raw", root)
    path.write_bytes(path.read_bytes().replace(b"\x08two", b"\x08twx"))
    rows, problems = listed(path)
    assert sorted(rows) == ["/one", "/three"]
    assert len(problems) == 1
    assert "damaged" in problems[0].what


def test_a_directory_that_leads_back_and_extents_that_lead_back_end_in_words(tmp_path: Path) -> None:
    volume = Volume()
    volume.blocks[0, 120] = tagged(258, 120, struct.pack("<II", 0, 8) + short_ad(2048, 120, 3), 2048)
    names = [
        volume.name("loop", 1, 2),
        volume.name("chain", volume.entry(5, 99, short_ad(2048, 120, 3), 0)),
        volume.name("outside", volume.entry(5, 2048, short_ad(2048, 5000), 0)),
        volume.name("short", volume.entry(5, 1 << 60, short_ad(2048, 130), 0)),
    ]
    path = volume.write(tmp_path / "x.raw", volume.directory(*names, at=1))
    found = document(PlainImage(path))
    rows = {row["path"]: row for row in found["rows"]}
    assert "lead back" in rows["/chain"]["note"]
    assert "outside of its partition" in rows["/outside"]["note"]
    assert "not digested" in rows["/short"]["note"]
    assert any("leads back" in problem.what for problem in found["warnings"])


@pytest.mark.parametrize("kind", KINDS)
def test_no_flipped_byte_is_more_than_words(tmp_path: Path, kind: str) -> None:
    path = simple(tmp_path / "x.raw", Volume(kind=kind, block=512))
    whole = path.read_bytes()
    used = [at for at in range(len(whole)) if whole[at]]
    dice = random.Random(7)
    for _ in range(150):
        raw = bytearray(whole)
        for at in dice.sample(used, 3):
            raw[at] = dice.randrange(256)
        path.write_bytes(raw[: dice.choice((len(raw), dice.randrange(len(raw))))])
        if look(PlainImage(path)) is None:
            continue
        try:
            rows, _ = listed(path)
            reader = opened(path)
        except FileSystemError:
            continue
        for row in rows.values():
            with contextlib.suppress(*UNREADABLE):
                assert len(reader.content(row["address"]).read(0, 1 << 16)) <= 1 << 16


@pytest.mark.parametrize(
    "options",
    [
        ("--media-type=hd", "--blocksize=512"),
        ("--media-type=hd", "--blocksize=4096", "--udfrev=2.01"),
        ("--media-type=dvdram", "--udfrev=2.01"),
        ("--media-type=cdrw", "--udfrev=1.50"),
        ("--media-type=cdr", "--udfrev=1.50"),
        ("--media-type=cdr", "--udfrev=2.01"),
        ("--media-type=bdr", "--udfrev=2.60"),
    ],
)
def test_an_empty_volume_is_described_as_its_own_tools_describe_it(tmp_path: Path, options: tuple[str, ...]) -> None:
    need("mkudffs", "udfinfo")
    path = blank(tmp_path / "x.raw", 32 << 20)
    told = run(
        "mkudffs", "--new-file", "--label=Tür", "--uuid=0123456789abcdef", *options, path, str((32 << 20) // 4096)
    )
    table = [f"--{line}" for line in told.splitlines() if line.startswith("vatblock=")]
    lines = run("udfinfo", *table, path).splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line and "," not in line)
    image = PlainImage(path)
    found = look(image)
    assert found is not None
    assert (found.label, found.serial, found.block_bytes) == (said["label"], said["uuid"], int(said["blocksize"]))
    assert listed(path)[1] == []


def test_a_bridge_disc_is_listed_as_iso_9660_and_as_udf(tmp_path: Path) -> None:
    need("genisoimage", "7z")
    tree = source_tree(tmp_path / "tree")
    path = tmp_path / "x.iso"
    run("genisoimage", "-quiet", "-udf", "-J", "-R", "-V", "BRIDGE", "-o", path, tree)
    found = document(PlainImage(path))
    types = {volume["id"]: volume["file_system"]["type"] for volume in found["volumes"]}
    assert (types["v0"], types["v0.udf"]) == ("iso9660", "udf")
    rows = {row["path"].lstrip("/"): row for row in found["rows"] if row["volume_id"] == "v0.udf"}
    lines = run("7z", "l", "-slt", "-tudf", path).splitlines()
    assert set(rows) == {line[7:] for line in lines if line.startswith("Path = ")} - {str(path)}
    for file in tree.rglob("*"):
        if file.is_file():
            row = rows[str(file.relative_to(tree))]
            assert row["sha256"] == hashlib.sha256(file.read_bytes()).digest()
            assert row["modified_ns"] // 10**9 == int(file.stat().st_mtime)


def test_strings_and_unknown_partition_maps_are_refused_in_words(tmp_path: Path) -> None:
    path = simple(tmp_path / "x.raw", Volume(kind="metadata"))
    assert dstring("a", 4) == b"\x08a\0\2"
    raw = path.read_bytes()
    for match in list(re.finditer(rb"\*UDF Metadata Partition", raw)):
        block = match.start() // 2048
        body = raw[block * 2048 + 16 : block * 2048 + 512].replace(b"Metadata Partition", b"Metaphor Partition")
        raw = raw[: block * 2048] + tagged(6, block, body) + raw[block * 2048 + 512 :]
    path.write_bytes(raw)
    with pytest.raises(FileSystemError, match="Metaphor"):
        opened(path)
