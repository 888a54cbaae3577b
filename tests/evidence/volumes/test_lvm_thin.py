"""Thin pools: metadata written by thin_restore, and by the tests themselves."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from evidence.errors import UnreadableRegionError
from evidence.filesystems.checksums import crc32c
from evidence.keys import NO_KEYS
from evidence.volumes.layers import ALONE, Inner, Layer
from evidence.volumes.lvm import open_lvm
from tests.evidence.volumes.lvm_images import EXTENT_BYTES, Physical, group, linear, noise, segment, volume

BLOCK = EXTENT_BYTES
TREE_BLOCK = 4096
DATA_EXTENTS, META_EXTENTS = 32, 32

needs_thin_restore = pytest.mark.skipif(
    shutil.which("thin_restore") is None, reason="thin_restore (thin-provisioning-tools) is not installed"
)


def pool(metadata: bytes, *thin: str, extra: str = "") -> Physical:
    """A pool whose data block n holds noise(1, n), with thin volumes."""
    fields = f'metadata = "pool_tmeta"\npool = "pool_tdata"\ntransaction_id = 5\nchunk_size = {BLOCK // 512}'
    volumes = volume("pool", segment("thin-pool", 0, DATA_EXTENTS, fields))
    volumes += volume("pool_tdata", linear(0, DATA_EXTENTS, "pv0", 0), visible=False)
    volumes += volume("pool_tmeta", linear(0, META_EXTENTS, "pv0", DATA_EXTENTS), visible=False)
    media = Physical(0, group(volumes + "".join(thin) + extra))
    for block in range(DATA_EXTENTS):
        media.extent(block, noise(1, block))
    media.extent(DATA_EXTENTS, metadata)
    return media


def thin(name: str, device: int, extents: int, more: str = "") -> str:
    fields = f'thin_pool = "pool"\ntransaction_id = 1\ndevice_id = {device}\n{more}'
    return volume(name, segment("thin", 0, extents, fields))


def opened(media: Physical) -> Layer:
    layer = open_lvm(media, NO_KEYS, ALONE)
    assert layer is not None
    return layer


def content(inner: Inner) -> bytes:
    assert inner.source is not None
    return inner.source.read_at(0, inner.length_bytes)


def holding(mappings: dict[int, int], extents: int) -> bytes:
    return b"".join(noise(1, mappings[n]) if n in mappings else bytes(BLOCK) for n in range(extents))


def restored(folder: Path, devices: dict[int, dict[int, int]], *, block_sectors: int = BLOCK // 512) -> bytes:
    """The metadata that thin_restore writes for these mappings."""
    text = f'<superblock uuid="" time="2" transaction="5" data_block_size="{block_sectors}" nr_data_blocks="9000">\n'
    for device, mappings in devices.items():
        text += f'<device dev_id="{device}" mapped_blocks="{len(mappings)}" transaction="1" creation_time="0" '
        text += 'snap_time="1">\n'
        for origin, data in mappings.items():
            text += f'<single_mapping origin_block="{origin}" data_block="{data}" time="1"/>\n'
        text += "</device>\n"
    (folder / "thin.xml").write_text(text + "</superblock>\n")
    target = folder / "tmeta"
    target.write_bytes(bytes(META_EXTENTS * EXTENT_BYTES))
    words = ["thin_restore", "-i", str(folder / "thin.xml"), "-o", str(target)]
    subprocess.run(words, check=True, capture_output=True)
    return target.read_bytes()


@needs_thin_restore
def test_thin_volumes_and_their_snapshots_are_read_by_the_mappings(tmp_path: Path) -> None:
    first, second = {0: 3, 1: 9, 4: 1}, {0: 3, 1: 10, 7: 31}
    metadata = restored(tmp_path, {1: first, 7: second})
    snapshot = thin("snap", 7, 8, 'origin = "base"')

    layer = opened(pool(metadata, thin("base", 1, 8), snapshot, thin("new", 9, 2)))

    base, snap, new = layer.volumes
    assert content(base) == holding(first, 8)
    assert content(snap) == holding(second, 8)
    assert "snapshot of base" in snap.description
    assert content(new) == bytes(2 * BLOCK)
    assert "holds nothing of this volume" in new.problems[0].what
    assert "pool is a thin pool" in layer.problems[0].what


@needs_thin_restore
def test_a_tree_of_several_levels_is_searched(tmp_path: Path) -> None:
    mappings = {3 * number: number for number in range(3000)}
    others = {device: {0: device % DATA_EXTENTS} for device in range(10, 300)}
    metadata = restored(tmp_path, {1: mappings, **others})

    layer = opened(pool(metadata, thin("base", 1, 9000), thin("other", 211, 1)))

    source = layer.volumes[0].source
    assert source is not None
    for number in (0, 1, 3, 60, 93, 8999):
        expected = noise(1, number // 3) if number % 3 == 0 else bytes(BLOCK)
        assert source.read_at(number * BLOCK, BLOCK) == expected
    with pytest.raises(UnreadableRegionError):
        source.read_at(96 * BLOCK, 1)  # its block is the 32nd of a pool of 32
    assert content(layer.volumes[1]) == noise(1, 211 % DATA_EXTENTS)


def signed(block: bytes, salt: int) -> bytes:
    block = block.ljust(TREE_BLOCK, b"\0")
    return struct.pack("<I", crc32c(block[4:]) ^ 0xFFFFFFFF ^ salt) + block[4:]


def node(number: int, entries: dict[int, int], *, is_leaf: bool = True, most: int = 252) -> bytes:
    head = struct.pack("<IIQIII4x", 0, 2 if is_leaf else 1, number, len(entries), most, 8)
    keys = struct.pack(f"<{len(entries)}Q", *entries).ljust(8 * most, b"\0")
    return signed(head + keys + struct.pack(f"<{len(entries)}Q", *entries.values()), 121107)


def superblock(*, flags: int = 0, version: int = 2, block_sectors: int = BLOCK // 512, incompatible: int = 0) -> bytes:
    head = struct.pack("<IIQ16sQIIQQ", 0, flags, 0, bytes(16), 27022010, version, 1, 5, 0) + bytes(256)
    return signed(head + struct.pack("<QQIIQIII", 1, 9, block_sectors, 8, 256, 0, 0, incompatible), 160774)


def made(first: bytes | None = None, *, root: bytes | None = None, leaf: bytes | None = None) -> bytes:
    """A superblock, the tree of devices in block 1, and the mappings of device 1 in block 2."""
    mappings = {0: 3 << 24 | 1, 2: 7 << 24}
    return (first or superblock()) + (root or node(1, {1: 2})) + (leaf or node(2, mappings))


def test_metadata_of_our_own_are_read_too() -> None:
    layer = opened(pool(made(), thin("base", 1, 4)))

    assert content(layer.volumes[0]) == holding({0: 3, 2: 7}, 4)
    assert not layer.volumes[0].problems


def test_what_was_never_written_comes_from_the_origin_outside_the_pool() -> None:
    outer = volume("outer", linear(0, 2, "pv0", 20))
    layer = opened(pool(made(), thin("base", 1, 4, 'external_origin = "outer"'), extra=outer))

    assert content(layer.volumes[0]) == holding({0: 3, 1: 21, 2: 7}, 4)


def test_a_pool_that_needs_a_check_says_so() -> None:
    layer = opened(pool(made(superblock(flags=1)), thin("base", 1, 4)))

    assert content(layer.volumes[0]) == holding({0: 3, 2: 7}, 4)
    assert "needs to be checked" in layer.volumes[0].problems[0].what


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        (bytes(4096), "superblock of the thin pool is damaged"),
        (made(superblock()[:100] + b"\x01" + superblock()[101:]), "superblock of the thin pool is damaged"),
        (made(superblock(version=7)), "version 7"),
        (made(superblock(incompatible=1)), "features 0x1"),
        (made(superblock(block_sectors=256)), "unlike its group"),
        (made(superblock(block_sectors=1)), "blocks of 1 sectors"),
        (made(root=node(1, {1: 2})[:50] + b"\xff" + node(1, {1: 2})[51:]), "checksum"),
        (made(root=node(1, {0: 1}, is_leaf=False)), "circle"),
        (made(root=node(1, {0: 1 << 40}, is_leaf=False)), "no such block"),
        (made(root=node(1, {1: 2}, most=60_000 // 8)[:TREE_BLOCK]), "checksum"),
        (made(root=signed(struct.pack("<IIQIII4x", 0, 2, 1, 9999, 9999, 8), 121107)), "9999 entries"),
        (made(root=signed(struct.pack("<IIQIII4x", 0, 2, 1, 1, 252, 0), 121107)), "of 0 bytes"),
    ],
)
def test_damaged_metadata_of_a_pool_give_no_volume_but_words(metadata: bytes, words: str) -> None:
    inner = opened(pool(metadata, thin("base", 1, 4))).volumes[0]

    assert inner.source is None
    assert words in inner.problems[0].what


def test_damaged_mappings_make_only_reading_fail() -> None:
    for leaf in (bytes(TREE_BLOCK), node(3, {0: 1}), node(2, {0: 2}, is_leaf=False)):
        source = opened(pool(made(leaf=leaf), thin("base", 1, 4))).volumes[0].source
        assert source is not None
        with pytest.raises(UnreadableRegionError, match="metadata of the thin pool is damaged"):
            source.read_at(0, 1)
