"""File systems of many kinds, each with a file of marks and some others, to be divided into areas."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.evidence.filesystems.udf_builder import Volume as UdfVolume
from tests.evidence.made_images import ENVIRONMENT, blank, need, run
from tests.evidence.volumes.apfs_writer import FileToWrite
from tests.evidence.volumes.apfs_writer import simple as apfs_container

MARK = "zqmark 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 end"
TIMES = 100
OTHER = random.Random(9).randbytes(70_001)
CONTENTS: Mapping[str, bytes] = {"ctrl.txt": f"{MARK}\n".encode() * TIMES, "other.bin": OTHER, "one": b"1"}
MIB = 1 << 20


def _folder(folder: Path) -> Path:
    inside = folder / "inside"
    (inside / "deep").mkdir(parents=True)
    for name, content in CONTENTS.items():
        (inside / ("deep" if name == "one" else "") / name).write_bytes(content)
    return inside


def _iso(path: Path, folder: Path) -> None:
    need("genisoimage")
    run("genisoimage", "-quiet", "-o", path, folder)


def _iso_trees(path: Path, folder: Path) -> None:
    need("genisoimage")
    run("genisoimage", "-quiet", "-R", "-J", "-o", path, folder)


def _bridge(path: Path, folder: Path) -> None:
    need("genisoimage")
    run("genisoimage", "-quiet", "-udf", "-R", "-o", path, folder)


def _udf(path: Path, folder: Path, kind: str = "plain") -> None:
    volume = UdfVolume(kind=kind)
    names = [volume.name(name, volume.file(content)) for name, content in CONTENTS.items()]
    volume.write(path, volume.directory(*names, volume.name("in entry", volume.entry(5, 3, b"abc")), at=1))


def _xfs(path: Path, folder: Path) -> None:
    need("mkfs.xfs")
    lines = ["boot", "0 0", "d--755 0 0", *(f"{name} ---644 0 0 {at}" for name, at in _files(folder)), "$", ""]
    (folder / "proto").write_text("\n".join(lines), encoding="utf-8")
    options = ("-q", "--unsupported", "-d", "agcount=2", "-l", "size=12m", "-p", str(folder / "proto"))
    run("mkfs.xfs", *options, blank(path, 64 * MIB))


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.name, path) for path in sorted(folder.rglob("*")) if path.is_file()]


def _btrfs(path: Path, folder: Path) -> None:
    need("mkfs.btrfs")
    run("mkfs.btrfs", "-q", "-M", "-m", "single", "-d", "single", "-r", folder, blank(path, 48 * MIB))


def _btrfs_twice(path: Path, folder: Path) -> None:
    need("mkfs.btrfs")
    run("mkfs.btrfs", "-q", "-m", "dup", "-d", "dup", "-r", folder, blank(path, 128 * MIB))


def _apfs(path: Path, folder: Path) -> None:
    files = [
        FileToWrite(inode=number, name=name.encode(), content=[content])
        for number, (name, content) in enumerate(CONTENTS.items(), 16)
    ]
    path.write_bytes(apfs_container(files).data)


def _hfs(path: Path, folder: Path) -> None:
    need("hformat", "hcopy", "humount")
    home, ENVIRONMENT["HOME"] = ENVIRONMENT.get("HOME"), str(path.parent)
    try:
        run("hformat", "-l", "Areas", blank(path, 2 * MIB))
        for name, at in _files(folder):
            run("hcopy", "-r", at, f":{name}")
        run("humount")
    finally:
        ENVIRONMENT.pop("HOME")
        if home is not None:
            ENVIRONMENT["HOME"] = home


def _squashfs(path: Path, folder: Path) -> None:
    need("mksquashfs")
    run("mksquashfs", folder, path, "-noappend", "-no-progress", "-quiet", "-no-xattrs")


MAKERS: Mapping[str, Callable[[Path, Path], None]] = {
    "iso": _iso, "iso trees": _iso_trees, "bridge": _bridge, "udf": _udf, "udf spared": partial(_udf, kind="sparable"),
    "udf metadata": partial(_udf, kind="metadata"), "xfs": _xfs, "btrfs": _btrfs, "btrfs twice": _btrfs_twice,
    "apfs": _apfs, "hfs": _hfs, "squashfs": _squashfs,
}  # fmt: skip


def made(folder: Path, kind: str) -> Path:
    """An image of that kind; skips where its tool is missing."""
    inner = folder / kind.replace(" ", "-")
    inner.mkdir(parents=True)
    path = inner / "image"
    MAKERS[kind](path, _folder(inner))
    return path
