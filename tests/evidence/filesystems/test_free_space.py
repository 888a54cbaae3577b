"""What no file uses, and what lies behind the end of files, as ``blkls`` and ``dumpe2fs`` tell."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import UnreadableContentError
from evidence.examine import examine
from evidence.filesystems.ext_groups import Groups
from evidence.filesystems.ntfs_valid import initialised_bytes
from evidence.filesystems.ranges import JoinedRanges, clear_bits, merged
from evidence.filesystems.reading import FileReader
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.test_exfat import file_set, volume
from tests.evidence.made_images import blank, ext, fat, need, ntfs, run, source_tree
from tests.evidence.volumes.media import Media

EXT = {
    "two groups without a descriptor flag": ("ext2", ("-b", "1024", "-I", "128", "-E", "nodiscard")),
    "groups that were never written": ("ext4", ("-b", "1024")),
    "no flexible groups": ("ext4", ("-b", "1024", "-O", "^flex_bg")),
    "descriptors beside their groups": ("ext4", ("-b", "1024", "-O", "meta_bg,^resize_inode")),
    "32 bits": ("ext4", ("-b", "1024", "-O", "^64bit,^metadata_csum,uninit_bg")),
    "backups in two groups": ("ext4", ("-b", "1024", "-O", "sparse_super2,^resize_inode")),
}


def opened(path: Path) -> tuple[FileReader, list[Volume]]:
    image = PlainImage(path)
    volumes = [seen for seen in examine(image, hash_files=False) if isinstance(seen, Volume)]
    return FileReader(image), volumes[-1:]


def blkls(path: Path, *options: str) -> bytes:
    need("blkls")
    return subprocess.run(["blkls", *options, path], capture_output=True, check=True).stdout


def scribbled(path: Path) -> Path:
    """Something in every sector that held nothing, so that equal contents mean equal places."""
    data = bytearray(path.read_bytes())
    for at in range(0, len(data), 512):
        if not any(data[at : at + 512]) and at > len(data) // 2:
            data[at : at + 8] = at.to_bytes(8, "little")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", ["ext2", "ext3", "fat12", "fat16", "fat32", "ntfs", "exfat"])
def test_unallocated_space_is_that_of_blkls(kind: str, tmp_path: Path) -> None:
    path, tree = tmp_path / "made.raw", source_tree(tmp_path / "tree")
    if kind.startswith("fat"):
        fat(path, tree, int(kind[3:]))
    elif kind == "exfat":
        volume(path, file_set("a.bin", 5, 4096, 4096, 0))
    elif kind == "ntfs":
        ntfs(path, tree)
    else:
        ext(path, tree, kind)
    reader, volumes = opened(scribbled(path) if kind.startswith(("ext", "ntfs")) else path)
    content = reader.unallocated(volumes)
    assert content.read(0, content.size_bytes) == blkls(path)
    assert sum(length for _, length in content.ranges) == content.size_bytes > 0


@pytest.mark.parametrize("kind", EXT)
def test_free_blocks_of_ext_are_those_of_dumpe2fs(kind: str, tmp_path: Path) -> None:
    type_, options = EXT[kind]
    need(f"mkfs.{type_}", "dumpe2fs")
    path = blank(tmp_path / "made.raw", 72 << 20)
    run(f"mkfs.{type_}", "-q", *options, "-d", source_tree(tmp_path / "tree"), path)
    told = run("dumpe2fs", path)
    (size,) = (int(number) for number in re.findall(r"^Block size: +(\d+)$", told, re.M))
    assert list(merged(Groups(PlainImage(path)).free())) == list(merged(free_blocks(told, size)))


def free_blocks(told: str, size: int) -> Iterator[tuple[int, int]]:
    for line in re.findall(r"^  Free blocks: (.*)$", told, re.M):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", line):
            yield int(first) * size, (int(last or first) - int(first) + 1) * size


@pytest.mark.parametrize("kind", ["ext2", "ext4", "fat16", "fat32"])
def test_slack_is_that_of_blkls(kind: str, tmp_path: Path) -> None:
    path, tree = tmp_path / "made.raw", source_tree(tmp_path / "tree")
    image = fat(path, tree, int(kind[3:])) if kind.startswith("fat") else ext(path, tree, kind)
    reader, volumes = opened(image)
    found = {}
    block = 512 if kind.startswith("fat") else volumes[-1].file_system.block_bytes  # type: ignore[union-attr]
    for row in document(PlainImage(image), hash_files=False)["rows"]:
        if row["kind"] == "file" and (row["allocated"] or kind == "ext2"):  # where a deleted inode keeps its blocks
            slack = reader.slack(volumes, row["address"])
            assert sum(length for _, length in slack.ranges) == slack.size_bytes
            if slack.size_bytes:
                found[int(row["address"])] = bytes(row["size_bytes"] % block) + slack.read(0, slack.size_bytes)
    assert len(found) >= 2
    assert b"".join(found[address] for address in sorted(found)) == blkls(image, "-s")


def test_slack_holds_what_was_there_before_the_file(tmp_path: Path) -> None:
    path = fat(tmp_path / "made.raw", source_tree(tmp_path / "tree"), 16)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"hello\n" + bytes(20), b"hello\nwas here before" + bytes(5)))
    reader, volumes = opened(path)
    (row,) = (row for row in document(PlainImage(path))["rows"] if row["path"] == "/hello.txt")
    assert reader.slack(volumes, row["address"]).read(0, 15) == b"was here before"


def test_what_lies_between_the_written_and_the_declared_size_of_an_exfat_file_is_behind_its_slack(
    tmp_path: Path,
) -> None:
    path = tmp_path / "made.raw"
    volume(path, file_set("a.bin", 5, 100, 4000, 0))
    reader, volumes = opened(path)
    (row,) = (row for row in document(PlainImage(path), hash_files=False)["rows"] if row["path"] == "/a.bin")
    content, slack = reader.content(volumes, row["address"]), reader.slack(volumes, row["address"])
    (start,) = [offset for at, offset, _ in content.stretches(0, 1) if at == 0]
    data = bytearray(path.read_bytes())
    block = volumes[-1].file_system.block_bytes  # type: ignore[union-attr]
    stored = bytes(at % 251 for at in range(-(-4000 // block) * block))
    data[start : start + len(stored)] = stored
    path.write_bytes(data)
    reader, volumes = opened(path)
    assert reader.content(volumes, row["address"]).read(0, 4000) == stored[:100] + bytes(3900)
    slack = reader.slack(volumes, row["address"])
    assert slack.read(0, slack.size_bytes) == stored[4000:] + stored[100:4000]


def test_what_lies_behind_the_initialised_size_of_an_ntfs_file_is_behind_its_slack(tmp_path: Path) -> None:
    """The initialised size is lowered in the record; ``istat`` reads it there, too."""
    need("istat")
    stored = bytes(at % 251 for at in range(10_000))
    path = ntfs(tmp_path / "made.raw", source_tree(tmp_path / "tree"))
    (tmp_path / "long.bin").write_bytes(stored)
    run("ntfscp", "-q", path, tmp_path / "long.bin", "long.bin")
    (row,) = (row for row in document(PlainImage(path), hash_files=False)["rows"] if row["path"] == "/long.bin")
    reader, volumes = opened(path)
    before = reader.slack(volumes, row["address"])
    behind = before.read(0, before.size_bytes)
    record, kind, number = row["address"].split("-")
    data = bytearray(path.read_bytes())
    sizes = struct.pack("<QQ", 10_000, 10_000)
    places = [at for at in range(0, len(data), 8) if data[at : at + 16] == sizes]
    assert places
    for at in places:
        data[at + 8 : at + 16] = struct.pack("<Q", 5_000)
    path.write_bytes(data)
    assert f"Type: $DATA ({kind}-{number})   Name: N/A   Non-Resident   size: 10000  init_size: 5000" in run(
        "istat", path, record
    )
    reader, volumes = opened(path)
    assert reader.content(volumes, row["address"]).read(0, 10_000) == stored[:5_000] + bytes(5_000)
    slack = reader.slack(volumes, row["address"])
    assert slack.read(0, slack.size_bytes) == behind + stored[5_000:]
    at = reader.content(volumes, row["address"])
    assert {offset for _, offset, _ in slack.stretches(len(behind), 1)} == {
        offset for _, offset, _ in at.stretches(5_000, 1)
    }


@pytest.mark.parametrize("changed", [0, 4, 6, 20, 30, 48, 56, 60, 72])
def test_a_damaged_record_of_ntfs_tells_no_written_size_and_raises_nothing(changed: int) -> None:
    record = bytearray(1024)
    record[:4], record[4:8], record[20:22] = b"FILE", struct.pack("<HH", 48, 3), struct.pack("<H", 56)
    record[56:120] = struct.pack("<IIBBHHHQQHHIQQQ", 0x80, 72, 1, 0, 64, 0, 5, 0, 3, 64, 0, 0, 16384, 10_000, 7_000)
    record[128:132] = b"\xff" * 4

    class Records:
        record_bytes = 1024

        def place(self, address: int) -> tuple[bytes, int]:
            return bytes(record), 0

    assert initialised_bytes(Records(), 0, (0x80, 5)) == 7_000  # type: ignore[arg-type]
    assert initialised_bytes(Records(), 0, (0x80, 6)) is None  # type: ignore[arg-type]
    for value in (0, 1, 0x7F, 0xFF):
        record[changed] = value
        told = initialised_bytes(Records(), 0, (0x80, 5))  # type: ignore[arg-type]
        assert told is None or told >= 0


def test_a_file_system_without_a_record_of_free_blocks_is_refused_in_words(tmp_path: Path) -> None:
    need("genisoimage")
    path = tmp_path / "disc.iso"
    run("genisoimage", "-quiet", "-o", path, source_tree(tmp_path / "tree"))
    reader, volumes = opened(path)
    with pytest.raises(UnreadableContentError, match="iso9660 keeps no record of free blocks"):
        reader.unallocated(volumes[:1])
    packed = squashed(tmp_path / "packed.sqsh", tmp_path / "tree")
    reader, volumes = opened(packed)
    with pytest.raises(UnreadableContentError, match="squashfs keeps no record of free blocks"):
        reader.unallocated(volumes)
    with pytest.raises(UnreadableContentError, match="slack of files is not read for squashfs"):
        reader.slack(volumes, document(PlainImage(packed), hash_files=False)["rows"][0]["address"])


def squashed(path: Path, tree: Path) -> Path:
    need("mksquashfs")
    run("mksquashfs", tree, path, "-quiet", "-no-progress")
    return path


def test_what_lies_behind_the_end_of_a_file_system_is_told(tmp_path: Path) -> None:
    path = squashed(tmp_path / "packed.sqsh", source_tree(tmp_path / "tree"))
    assert document(PlainImage(path))["warnings"] == []
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.truncate(size + (1 << 20))
    (told,) = document(PlainImage(path))["warnings"]
    (used,) = struct.unpack("<Q", path.read_bytes()[40:48])
    assert not told.is_damage
    assert told.offset_bytes == used
    assert f"ends at byte {used} of its volume; the {size + (1 << 20) - used} bytes behind it" in told.what


def test_slack_of_iso_9660_is_that_of_blkls_in_every_tree(tmp_path: Path) -> None:
    need("genisoimage")
    path = tmp_path / "disc.iso"
    run("genisoimage", "-quiet", "-R", "-o", path, source_tree(tmp_path / "tree"))
    reader, rows = FileReader(PlainImage(path)), document(PlainImage(path), hash_files=False)["rows"]
    volumes = {seen.id: seen for seen in examine(PlainImage(path), hash_files=False) if isinstance(seen, Volume)}
    found: dict[str, dict[int, bytes]] = {}
    data = bytearray(path.read_bytes())
    for row in rows:
        volume = volumes[row["volume_id"]]
        slack = reader.slack([volumes["v0"], volume][-1 - (volume.id != "v0") :], row["address"])
        for place, length in slack.ranges:
            data[place : place + length] = place.to_bytes(8, "big") * (length // 8) + bytes(length % 8)
            found.setdefault(volume.id, {})[place] = bytes(2048 - length) + data[place : place + length]
    path.write_bytes(data)
    assert found["v0"] == found["v0.rock_ridge"]
    assert len(found["v0"]) == 3
    assert sorted(found["v0"].values()) == sorted(blocks_of(blkls(path, "-s")))


def blocks_of(data: bytes) -> list[bytes]:
    return [data[at : at + 2048] for at in range(0, len(data), 2048)]


def test_a_volume_that_ends_before_its_bitmap_is_an_error_in_words(tmp_path: Path) -> None:
    path = ext(tmp_path / "made.raw", source_tree(tmp_path / "tree"))
    cut = PlainImage(path)
    data = path.read_bytes()[:20_000]
    path.write_bytes(data)
    cut.media_bytes = len(data)
    with pytest.raises(OSError, match="the volume ends before byte"):
        list(Groups(cut).free())


@pytest.mark.parametrize("highest_first", [False, True])
def test_clear_bits_are_found_across_pieces(highest_first: bool) -> None:
    pieces = [b"\xff\x00", b"\x00\x0f", b"\xff\xfe\x00"]
    bits = [byte >> (7 - bit if highest_first else bit) & 1 for byte in b"".join(pieces) for bit in range(8)][:50]
    wanted = list(merged((index, 1) for index, bit in enumerate(bits) if not bit))
    assert list(clear_bits(pieces, 50, highest_first=highest_first)) == wanted


def test_joined_ranges_are_read_across_their_borders() -> None:
    media = Media(100)
    media.write(0, bytes(range(100)))
    joined = JoinedRanges(media, [(10, 5), (15, 5), (40, 3), (90, 20)])
    assert list(joined) == [(10, 10), (40, 3), (90, 20)]
    assert joined.read(8, 6) == bytes([18, 19, 40, 41, 42, 90])
    with pytest.raises(OSError, match="the volume ends"):
        joined.read(13, 20)
