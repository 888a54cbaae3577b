"""Further images that mutants are made of: rarer containers, volumes and file systems, some with several layers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.evidence.filesystems import btrfs_images, btrfs_spread
from tests.evidence.images import aff4_builder, ewf_builder, vhd_builder, vmdk_builder
from tests.evidence.images.aff4_builder import UNKNOWN, UNREADABLE, ZERO
from tests.evidence.made_images import blank, need, run, source_tree
from tests.evidence.volumes import lvm_images
from tests.evidence.volumes.lvm_images import EXTENT_BYTES, linear, noise, segment, volume

Maker = Callable[[Path], tuple[Path, ...] | Path]
Small = Callable[[Path], Path]
"""Makes a small file system whose bytes are the same every time, as the media in containers."""


def makers(small: Small) -> dict[str, Maker]:
    """What makes each of the images, by name."""
    return {
        "e01-simple": _with(small, lambda media, folder: ewf_builder.simple(media, folder / "image.E01")),
        "aff4-snappy": _with(small, lambda media, folder: _aff4(media, folder, "snappy")),
        "aff4-zlib": _with(small, lambda media, folder: _aff4(media, folder, "zlib")),
        "aff4-map": _with(small, _aff4_map),
        "vhd-dynamic": _with(small, _vhd),
        "vmdk-cowd": _with(small, _cowd),
        "vmdk-sesparse": _with(small, _sesparse),
        "lvm-raid5": _lvm_raid,
        "lvm-snapshot": _lvm_snapshot,
        "lvm-thin": _lvm_thin,
        "ext3-maps": _ext_maps,
        "ufs1-le": _ufs(1, "le"),
        "ufs2-be": _ufs(2, "be"),
        "btrfs-raid1": _btrfs_spread("raid1", 3),
        "btrfs-raid0": _btrfs_spread("raid0", 2),
        "iso-boot": _iso_boot,
    }


def _with(small: Small, write: Callable[[bytes, Path], tuple[Path, ...] | Path]) -> Maker:
    def make(folder: Path) -> tuple[Path, ...] | Path:
        raw = small(folder)
        media = raw.read_bytes()
        raw.unlink()
        return write(media, folder)

    return make


def _aff4(media: bytes, folder: Path, packing: str) -> Path:
    made = aff4_builder.Volume4()
    over = made.add_stream(media, packing=packing, bevy_chunks=32)
    made.add_map(len(media), [aff4_builder.line(0, len(media), 0, 0)], [aff4_builder.STREAM], over=over)
    made.add_image(media)
    return made.write(folder / "image.aff4")


def _aff4_map(media: bytes, folder: Path) -> Path:
    """The second half of the media comes first in the stream; behind it is what is zero, unknown and unreadable."""
    made, half = aff4_builder.Volume4(), len(media) // 2
    over = made.add_stream(media[half:] + media[:half], packing="lz4", bevy_chunks=32)
    end, piece = 2 * half, 65536
    lines = [aff4_builder.line(0, half, half, 0), aff4_builder.line(half, half, 0, 0)]
    lines += [aff4_builder.line(end + piece * (number - 1), piece, 0, number) for number in (1, 2, 3)]
    streams = [aff4_builder.STREAM, ZERO, UNKNOWN, UNREADABLE]
    made.add_map(end + 3 * piece, lines, streams, over=over)
    made.add_image(media[:end] + bytes(3 * piece))
    return made.write(folder / "image.aff4")


def _vhd(media: bytes, folder: Path) -> Path:
    sectors = {at // 512: media[at : at + 512] for at in range(0, len(media), 512) if media[at : at + 512].strip(b"\0")}
    return vhd_builder.dynamic(folder / "image.vhd", len(media), sectors)


def _cowd(media: bytes, folder: Path) -> tuple[Path, ...]:
    grains = {at // 512: media[at : at + 512] for at in range(0, len(media), 512) if media[at : at + 512].strip(b"\0")}
    vmdk_builder.cowd(folder / "extent.vmdk", len(media) // 512, grains)
    words = vmdk_builder.descriptor(folder / "disk.vmdk", len(media) // 512, "VMFSSPARSE", "extent.vmdk")
    return (words, folder / "extent.vmdk")


def _sesparse(media: bytes, folder: Path) -> tuple[Path, ...]:
    size = 4096
    grains: dict[int, bytes | int] = {
        at // size: media[at : at + size] for at in range(0, len(media), size) if media[at : at + size].strip(b"\0")
    }
    vmdk_builder.sesparse(folder / "extent.vmdk", len(media) // 512, grains)
    words = vmdk_builder.descriptor(folder / "disk.vmdk", len(media) // 512, "SESPARSE", "extent.vmdk")
    return (words, folder / "extent.vmdk")


def _lvm_raid(folder: Path) -> Path:
    pairs = ", ".join(f'"a_rmeta_{leg}", "a_rimage_{leg}"' for leg in range(3))
    volumes = volume("a", segment("raid5_ls", 0, 4, f"device_count = 3\nstripe_size = 128\nraids = [{pairs}]\n"))
    for leg in range(3):
        volumes += volume(f"a_rimage_{leg}", linear(0, 2, "pv0", 2 * leg), visible=False)
        volumes += volume(f"a_rmeta_{leg}", linear(0, 1, "pv0", 40 + leg), visible=False)
    media = lvm_images.Physical(0, lvm_images.group(volumes))
    for leg in range(3):
        media.extent(2 * leg, noise(2, leg))
        media.extent(40 + leg, lvm_images.raid_superblock(leg, 3))
    return _written(folder, media)


def _lvm_snapshot(folder: Path) -> Path:
    fields = 'chunk_size = 8\norigin = "root"\ncow_store = "before"\n'
    volumes = volume("root", linear(0, 8, "pv0", 0)) + volume("before", linear(0, 4, "pv0", 20), visible=False)
    volumes += volume("snapshot0", segment("snapshot", 0, 8, fields), visible=False)
    media = lvm_images.Physical(0, lvm_images.group(volumes))
    media.extent(0, noise(8, 1))
    changed = dict.fromkeys(range(3, 40, 3), b"what was there before" * 100)
    store = lvm_images.snapshot_store(4096, changed, size_bytes=4 * EXTENT_BYTES)
    media.extent(20, store)
    return _written(folder, media)


def _lvm_thin(folder: Path) -> Path:
    need("thin_restore")
    lines = ['<superblock uuid="" time="2" transaction="5" data_block_size="128" nr_data_blocks="9000">']
    lines += ['<device dev_id="1" mapped_blocks="1" transaction="1" creation_time="0" snap_time="1">']
    lines += ['<range_mapping origin_begin="0" data_begin="3" length="8" time="1"/>', "</device>", "</superblock>", ""]
    (folder / "thin.xml").write_text("\n".join(lines), "utf-8")
    metadata = blank(folder / "tmeta", 32 * EXTENT_BYTES)
    run("thin_restore", "-i", folder / "thin.xml", "-o", metadata)
    fields = 'metadata = "pool_tmeta"\npool = "pool_tdata"\ntransaction_id = 5\nchunk_size = 128'
    volumes = volume("pool", segment("thin-pool", 0, 32, fields))
    volumes += volume("pool_tdata", linear(0, 32, "pv0", 0), visible=False)
    volumes += volume("pool_tmeta", linear(0, 32, "pv0", 32), visible=False)
    volumes += volume("thin", segment("thin", 0, 8, 'thin_pool = "pool"\ntransaction_id = 1\ndevice_id = 1\n'))
    media = lvm_images.Physical(0, lvm_images.group(volumes))
    media.extent(0, noise(32, 5))
    media.extent(32, metadata.read_bytes())
    return _written(folder, media)


def _written(folder: Path, media: lvm_images.Physical) -> Path:
    (folder / "image").write_bytes(media.data)
    return folder / "image"


def _ext_maps(folder: Path) -> Path:
    """Files behind pointers of each level, with holes between."""
    need("mkfs.ext3")
    tree = folder / "tree"
    tree.mkdir()
    with (tree / "deep.bin").open("wb") as file:
        for place in (0, 11 << 10, 200 << 10, 9 << 20, 66 << 20):
            file.seek(place)
            file.write(random.Random(place).randbytes(3_000))
    path = blank(folder / "image", 16 << 20)
    run("mkfs.ext3", "-q", "-b", "1024", "-I", "256", "-N", "64", "-d", tree, path)
    shutil.rmtree(tree)
    return path


def _ufs(version: int, order: str) -> Maker:
    def make(folder: Path) -> Path:
        need("makefs")
        tree = source_tree(folder / "tree")
        options = f"version={version},bsize=8192,fsize=1024"
        run("makefs", "-t", "ffs", "-B", order, "-M", "4m", "-o", options, folder / "image", tree)
        return folder / "image"

    return make


def _btrfs_spread(profile: str, count: int) -> Maker:
    def make(folder: Path) -> Path:
        need("sfdisk")
        options = ("-m", "single", "-d", "single", "-n", "4096")
        single = btrfs_images.made(folder / "single", source_tree(folder / "tree"), *options)
        disk = btrfs_spread.Spread(single, profile, count).disk(folder / "disk.img", list(range(1, count + 1)))
        single.unlink()
        return disk

    return make


def _iso_boot(folder: Path) -> Path:
    need("xorriso")
    tree = source_tree(folder / "tree")
    (tree / "loader.bin").write_bytes(random.Random(3).randbytes(9_000))
    boot = ("-b", "loader.bin", "-c", "boot.cat", "-no-emul-boot", "-boot-load-size", "4")
    run("xorriso", "-as", "mkisofs", "-quiet", "-J", "-R", "-o", folder / "image.iso", *boot, tree)
    return folder / "image.iso"
