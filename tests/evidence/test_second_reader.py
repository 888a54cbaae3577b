"""Every file of NTFS, FAT, exFAT and ext as libfsntfs, libfsfat and libfsext read it, or a difference explained.

What is excepted here is explained in docs/known-differences.md.
"""

from __future__ import annotations

import gzip
import json
import shutil
import struct
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence.examine import examine
from evidence.filesystems.reading import FileReader
from evidence.images.base import Image
from evidence.images.opening import open_image
from evidence.keys import NO_KEYS, Keys
from evidence.second_reader.comparing import UNREADABLE
from evidence.second_reader.listing import library_for, second_entries
from evidence.second_reader.task import _plain, entry_of
from evidence.volumes.base import Readable, Volume
from forensics_app.db.catalogue import Catalogue
from forensics_app.db.catalogue_insert import Batch
from forensics_app.db.catalogue_writer import write_catalogue
from forensics_app.model.second_reading import ONLY_OURS
from forensics_app.services.second_comparing import Comparing
from tests.evidence.documents import PlainImage
from tests.evidence.filesystems.test_exfat import file_set, volume
from tests.evidence.made_images import blank, fat, need, ntfs, run, source_tree
from tests.forensics_app.db.catalogue_rows import HEADER

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


def compared(
    image: Image,
    folder: Path,
    keys: Keys = NO_KEYS,
    name: str = "",
    *,
    second: Callable[[Readable], Readable] = lambda source: source,
    without: Collection[str] = (),
) -> list[Comparing]:
    """The comparison of each volume of an image that has a second reader, with a catalogue of it.

    ``second`` makes what the second reader is given; of what it lists, the names in ``without`` are kept back.
    """
    volumes: dict[str, Volume] = {}

    def seen() -> Iterator[Batch]:
        for one in examine(image, hash_files=True, keys=keys):
            if isinstance(one, Volume):
                volumes[one.id] = one
            yield one

    write_catalogue(folder / "catalogue.db", seen(), HEADER)
    reader, found = FileReader(image, keys), []
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
        with Catalogue(folder / "catalogue.db") as catalogue:
            comparing = Comparing(catalogue, item.id, type_, with_content=True)
            for entry in second_entries(library, second(source)):
                if entry.path not in without:
                    comparing.take(entry_of(_plain(entry)))
            comparing.finish()
        found.append(comparing)
    return found


def told(of: list[Comparing]) -> set[tuple[str, str]]:
    """What differs, and where, without what is known of the second reader."""
    return {(line.what, line.path) for one in of for line in one.lines if not line.known}


def known(of: list[Comparing]) -> set[tuple[str, str, str]]:
    """What differs, where, and why."""
    return {(line.what, line.path, line.known) for one in of for line in one.lines if line.known}


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
        found = compared(image, tmp_path, keys, expected["id"])
    finally:
        image.close()
    left_out = {(ONLY_OURS, path) for path in NOT_LISTED_BY_LIBFSFAT.get(expected["id"], ())}
    assert told(found) == left_out


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
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    assert found[0].both > 120


@pytest.mark.parametrize("bits", [12, 16, 32])
def test_a_made_fat_is_the_same_for_a_second_reader(bits: int, tmp_path: Path) -> None:
    found = compared(PlainImage(fat(tmp_path / "made.raw", odd_tree(tmp_path / "tree"), bits)), tmp_path)
    assert told(found) == set()
    assert found[0].both > 120


@pytest.mark.parametrize("options", [(), ("-C",)], ids=["plain", "compressed"])
def test_a_made_ntfs_is_the_same_for_a_second_reader(options: tuple[str, ...], tmp_path: Path) -> None:
    path = ntfs(tmp_path / "made.raw", odd_tree(tmp_path / "tree"), *options)
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    assert found[0].both > 120


def test_a_made_exfat_is_the_same_for_a_second_reader(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 4096, 4096, 0), file_set("zażółć.txt", 5, 4000, 4000, 0))
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    assert found[0].both == 2


def test_a_name_of_exfat_that_libfsfat_cannot_read_hides_no_other(tmp_path: Path) -> None:
    names = ("a.bin", "n" * 135, "m" * 136, "b.bin")
    path = volume(tmp_path / "x.raw", *(file_set(name, 5, 4096, 4096, 0) for name in names))
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    why = "libfsfat reads no names of exFAT of more than 135 characters"
    assert {one for one in known(found) if one[0] == UNREADABLE} == {(UNREADABLE, "/" + "m" * 136, why)}
    assert told(compared(PlainImage(path), tmp_path, without=("/b.bin",))) == {(ONLY_OURS, "/b.bin")}


def test_what_exfat_never_wrote_is_zeros_here_and_left_out_by_the_second_reader(tmp_path: Path) -> None:
    path = volume(tmp_path / "x.raw", file_set("a.bin", 5, 100, 4096, 0))
    found = compared(PlainImage(path), tmp_path)
    assert told(found) == set()
    shown = "libfsfat shows only what was ever written to the file"
    assert {one for one in known(found) if shown in one} == {("size", "/a.bin", shown), ("md5", "/a.bin", shown)}
