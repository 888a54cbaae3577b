"""Every file of NTFS, FAT, exFAT and ext as libfsntfs, libfsfat and libfsext read it, or a difference explained.

What is excepted here is explained in docs/known-differences.md.
"""

from __future__ import annotations

import gzip
import json
import shutil
import struct
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS, TIME_FIELDS
from evidence.filesystems.reading import FileReader
from evidence.images.base import Image
from evidence.images.opening import open_image
from evidence.keys import NO_KEYS, Keys
from evidence.second_reader import ext
from evidence.second_reader.base import GAP
from evidence.second_reader.comparing import differences, is_listed_by_both
from evidence.second_reader.listing import library_for, second_entries
from evidence.volumes.base import Readable, Volume
from tests.evidence.documents import PlainImage
from tests.evidence.filesystems.test_exfat import file_set, volume
from tests.evidence.made_images import blank, fat, need, ntfs, run, source_tree

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

NOT_WHOLE = {
    **{
        f"cs-bitlk-{name}": "the encrypted sectors were zeroed by the publisher, so what is decrypted is noise"
        for name in (
            "aes-cbc-256",
            "aes-cbc-elephant-256",
            "aes-xts-128",
            "aes-xts-128-clearkey-only",
            "aes-xts-128-startup-key",
            "togo-aes-xts-128",
        )
    },
    "dsf-bde-aes-xts_256": "cut off by the publisher: the MFT is not there",
    "dsf-bde-vista": "cut off by the publisher: the MFT is not there",
}
LABEL_OF_15_CHARACTERS = {"ntfs-exfat_lin_part": 15}
NOT_LISTED_BY_LIBFSFAT = {
    "ntfs-fat32_small": {"/test", "/test/1.TXT", "/test/2.TXT"},  # it takes FAT32 with few clusters for FAT16
    "ntfs-fat32_loop": {"/test_dir/n40/4/T1", "/test_dir/n40/4/T1/4"},
}


class Row(SimpleNamespace):
    """A row of the examination with its columns as attributes."""

    name: str
    path: str
    kind: str
    size_bytes: int
    address: str
    md5: bytes | None
    link_target: str | None
    note: str | None

    def __init__(self, columns: dict[str, Any]) -> None:
        super().__init__(**columns)


class Patched:
    """A volume with one byte changed, for a reader that stops at it."""

    def __init__(self, source: Readable, at: int, byte: int) -> None:
        self._source, self._at, self._byte, self.media_bytes = source, at, byte, source.media_bytes

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        data = bytearray(self._source.read_at(offset_bytes, size_bytes))
        if 0 <= self._at - offset_bytes < len(data):
            data[self._at - offset_bytes] = self._byte
        return bytes(data)


def published() -> list[Any]:
    found = []
    for path in sorted((CORPUS / "dev" / "expected").glob("*.json")) if CORPUS.is_dir() else ():
        expected = json.loads(path.read_text(encoding="utf-8"))
        if "container" in expected:
            found.append(pytest.param(expected, id=expected["id"]))
    return found


def unpacked(expected: dict[str, Any], folder: Path) -> tuple[list[Path], Keys]:
    """The files of an image, and what unlocks it."""
    paths, startup = [], []
    for entry in expected["files"]:
        stored = CORPUS / "dev" / "images" / expected["group"] / entry.get("stored_as", entry["name"])
        target = folder / entry["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        unpack = gzip.open if stored.suffix == ".gz" and target.suffix != ".gz" else Path.open
        with unpack(stored, "rb") as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
        if target.suffix.upper() == ".BEK":
            startup.append(target.read_bytes())
        else:
            paths.append(target)
    told = expected.get("encryption") or {}
    return paths, Keys(
        passwords=(told["password"],) if told.get("password") else (),
        recovery_keys=(told["recovery_password"],) if told.get("recovery_password") else (),
        startup_keys=tuple(startup),
    )


def disagreements(image: Image, keys: Keys = NO_KEYS, name: str = "") -> tuple[list[str], int, set[str]]:
    """What two readers say differently of all volumes of an image, how many names both list, known differences."""
    volumes: dict[str, Volume] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for seen in examine(image, hash_files=True, keys=keys):
        if isinstance(seen, Volume):
            volumes[seen.id] = seen
        elif isinstance(seen, tuple):
            for row in seen:
                told = dict(zip(FILE_COLUMNS, row, strict=True))
                rows.setdefault(told["volume_id"], []).append(told)
    reader, wrong, compared, known = FileReader(image, keys), list[str](), 0, set[str]()
    for item in volumes.values():
        type_ = item.file_system.type if item.file_system else ""
        library = library_for(type_)
        if library is None:
            continue
        source = reader.media(list(chain(volumes, item)))
        if name in LABEL_OF_15_CHARACTERS:
            source = without_label(source)
        if name in NOT_WHOLE:
            with pytest.raises(OSError, match="unable to open volume"):
                list(second_entries(library, source))
            continue
        theirs = {entry.path: entry for entry in second_entries(library, source)}
        mine = {row["path"]: row for row in rows.get(item.id, []) if row["allocated"]}
        gaps = {path.rpartition("/")[0] for path in theirs if GAP in path}
        for path in sorted(mine.keys() - theirs.keys()):
            left_out = name in NOT_LISTED_BY_LIBFSFAT and path in NOT_LISTED_BY_LIBFSFAT[name]
            if not left_out and is_listed_by_both(Row(mine[path])) and path.rpartition("/")[0] not in gaps:
                wrong.append(f"{item.id} {path}: only ours")
        for path, entry in sorted(theirs.items()):
            if GAP in path:
                continue
            if path not in mine:
                wrong.append(f"{item.id} {path}: only theirs")
                continue
            compared += 1
            times = {field: mine[path][f"{field}_ns"] for field in TIME_FIELDS}
            found = differences(entry, Row(mine[path]), times, type_)
            known |= {f"{one.what}: {one.known}" for one in found if one.known}
            wrong += [f"{item.id} {path}: {one.what} {one.theirs!r}, {one.ours!r}" for one in found if not one.known]
    return wrong, compared, known


def chain(volumes: dict[str, Volume], last: Volume) -> list[Volume]:
    """The volumes that lie in each other, from the whole media on."""
    return [*(chain(volumes, volumes[last.parent]) if last.parent else ()), last]


def without_label(source: Readable) -> Readable:
    """exFAT: the length of the label put to 11, for libfsfat allows no more; the specification does not either."""
    boot = source.read_at(0, 512)
    heap, _, root = struct.unpack_from("<III", boot, 88)
    at = (heap << boot[108]) + ((root - 2) << boot[108] << boot[109])
    entries = source.read_at(at, 4096)
    (label,) = (place for place in range(0, 4096, 32) if entries[place] == 0x83)
    assert entries[label + 1] > 11
    return Patched(source, at + label + 1, 11)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published images is not beside the project")
@pytest.mark.parametrize("expected", published())
def test_a_published_image_is_the_same_for_a_second_reader(expected: dict[str, Any], tmp_path: Path) -> None:
    kinds = " ".join(str(system.get("type")).lower() for system in expected.get("filesystems", []))
    if not any(kind in kinds for kind in ("ntfs", "fat", "ext", "bitlocker", "crypto_luks", "none")):
        pytest.skip("there is no second reader for what is in it")
    paths, keys = unpacked(expected, tmp_path)
    if expected["container"]["type"] == "aff":
        pytest.skip("the container has no reader")
    image = open_image(paths[:1])
    try:
        wrong, _, _ = disagreements(image, keys, expected["id"])
    finally:
        image.close()
    assert wrong == []


def odd_tree(folder: Path) -> Path:
    """The usual files with a sparse one, one of many fragments' size, and names that need care."""
    source_tree(folder)
    with (folder / "sparse.bin").open("wb") as file:
        file.write(b"begin")
        file.seek(300_000)
        file.write(b"end")
    (folder / "docs" / "repeated.bin").write_bytes(b"abcdefgh" * 30_000 + bytes(200_000) + bytes(range(256)) * 300)
    (folder / "Long name with spaces and ~tilde.text.txt").write_bytes(b"long\n" * 900)
    for number in range(120):
        (folder / "docs" / "deep" / f"file number {number:03}.dat").write_bytes(b"%d" % number * (number + 1))
    return folder


EXT = {
    "ext2": ("ext2", ()),
    "ext2-1k": ("ext2", ("-b", "1024", "-I", "128")),
    "ext3": ("ext3", ()),
    "ext4": ("ext4", ()),
    "ext4-plain": ("ext4", ("-O", "^64bit,^metadata_csum,^extent,^flex_bg", "-b", "1024")),
    "ext4-meta-bg": ("ext4", ("-O", "meta_bg,^resize_inode", "-b", "1024")),
    "ext4-large-inodes": ("ext4", ("-I", "1024")),
    "ext4-bigalloc": ("ext4", ("-O", "bigalloc", "-C", "16384")),
}


@pytest.mark.parametrize("kind", EXT)
def test_a_made_ext_is_the_same_for_a_second_reader(kind: str, tmp_path: Path) -> None:
    type_, options = EXT[kind]
    need(f"mkfs.{type_}", "debugfs")
    path, folder = blank(tmp_path / "made.raw", 32 << 20), odd_tree(tmp_path / "tree")
    run(f"mkfs.{type_}", "-q", *options, "-d", folder, path)
    short, long = "a" * 40, "b" * 200
    for request in (
        f"symlink /short.lnk {short}",
        f"symlink /long.lnk {long}",
        "rm /docs/gone.txt",
        "ln /hello.txt /twice.txt",
    ):
        run("debugfs", "-w", "-R", request, path)
    wrong, compared, _ = disagreements(PlainImage(path))
    assert wrong == []
    assert compared > 120


def test_times_of_1970_are_times_for_a_second_reader_of_ext(tmp_path: Path) -> None:
    need("mkfs.ext4", "debugfs")
    path = blank(tmp_path / "made.raw", 16 << 20)
    run("mkfs.ext4", "-q", "-d", source_tree(tmp_path / "tree"), path)
    for field in ("mtime", "mtime_extra", "atime", "atime_extra", "crtime", "crtime_extra"):
        run("debugfs", "-w", "-R", f"set_inode_field /hello.txt {field} 0", path)
    theirs = {one.path: one for one in second_entries(ext, PlainImage(path))}
    assert [theirs["/hello.txt"].times[field] for field in ("modified", "accessed", "created")] == [0, 0, 0]
    assert disagreements(PlainImage(path))[0] == []


def test_times_that_no_column_holds_are_held_against_the_note(tmp_path: Path) -> None:
    path = ntfs(tmp_path / "made.raw", source_tree(tmp_path / "tree"))
    raw = path.read_bytes()
    name = raw.index(
        "hello.txt".encode("utf-16-le"), raw.index(b"FILE0", raw.index("hello.txt".encode("utf-16-le")) - 1024)
    )
    record = raw.rindex(b"FILE0", 0, name)
    standard = record + int.from_bytes(raw[record + 20 : record + 22], "little")
    assert raw[standard] == 0x10
    year_9999 = (253_370_764_800 + 11_644_473_600) * 10**7
    at = standard + int.from_bytes(raw[standard + 20 : standard + 22], "little")
    with path.open("r+b") as file:
        file.seek(at)
        file.write(year_9999.to_bytes(8, "little"))
    assert disagreements(PlainImage(path))[0] == []


@pytest.mark.parametrize("bits", [12, 16, 32])
def test_a_made_fat_is_the_same_for_a_second_reader(bits: int, tmp_path: Path) -> None:
    wrong, compared, _ = disagreements(PlainImage(fat(tmp_path / "made.raw", odd_tree(tmp_path / "tree"), bits)))
    assert wrong == []
    assert compared > 120


@pytest.mark.parametrize("options", [(), ("-C",)], ids=["plain", "compressed"])
def test_a_made_ntfs_is_the_same_for_a_second_reader(options: tuple[str, ...], tmp_path: Path) -> None:
    path = ntfs(tmp_path / "made.raw", odd_tree(tmp_path / "tree"), *options)
    wrong, compared, _ = disagreements(PlainImage(path))
    assert wrong == []
    assert compared > 120


def test_a_made_exfat_is_the_same_for_a_second_reader(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 4096, 4096, 0), file_set("zażółć.txt", 5, 4000, 4000, 0))
    wrong, compared, _ = disagreements(PlainImage(path))
    assert wrong == []
    assert compared == 2


def test_what_exfat_never_wrote_is_zeros_here_and_left_out_by_the_second_reader(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 100, 4096, 0))
    wrong, _, known = disagreements(PlainImage(path))
    assert wrong == []
    shown = "libfsfat shows only what was ever written to the file"
    assert {one for one in known if shown in one} == {f"size: {shown}", f"md5: {shown}"}
