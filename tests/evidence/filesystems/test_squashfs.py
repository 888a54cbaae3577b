"""SquashFS of every compression, as mksquashfs makes and unsquashfs reads it, and damaged ones."""

from __future__ import annotations

import hashlib
import os
import random
import struct
import subprocess
from pathlib import Path

import pytest

from evidence.filesystems.opened import FileSystemError
from evidence.filesystems.signatures import squashfs as look
from evidence.filesystems.squashfs import SquashTree, open_squashfs
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.trees import Held, by_path, contents, listed, survive
from tests.evidence.made_images import ENVIRONMENT, need, run, source_tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tree = source_tree(tmp_path / "tree")
    random_ = random.Random(11)
    (tree / "noise.bin").write_bytes(random_.randbytes(700_001))
    (tree / "words.txt").write_bytes(b"".join(b"line %d of many words\n" % n for n in range(40_000)))
    with (tree / "sparse").open("wb") as file:
        file.seek(3 << 20)
        file.write(b"end")
    for number in range(300):
        (tree / "many").mkdir(exist_ok=True)
        (tree / "many" / f"{number:04}-{'x' * (number % 90)}.txt").write_bytes(b"%d" % number * (number % 50))
    (tree / "link").symlink_to("docs/" + "large" * 30)
    os.link(tree / "hello.txt", tree / "second name")
    os.mkfifo(tree / "pipe")
    os.utime(tree / "hello.txt", (1_000_000_000, 1_000_000_000))
    return tree


def made(folder: Path, *options: str) -> bytes:
    need("mksquashfs")
    path = folder.parent / "made.sqfs"
    run("mksquashfs", folder, path, "-noappend", "-no-progress", "-quiet", "-no-xattrs", *options)
    return path.read_bytes()


def opened(held: Held) -> SquashTree:
    found = look(held)
    if found is None:
        raise FileSystemError("", "no signature")
    return open_squashfs(held, found)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        f"/{path.relative_to(folder)}": hashlib.md5(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


@pytest.mark.parametrize("packing", ["gzip", "lzma", "lzo", "xz", "lz4", "zstd"])
def test_every_compression_has_the_files_that_went_in(folder: Path, packing: str) -> None:
    need("mksquashfs")
    done = subprocess.run(["mksquashfs", "-help"], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    if f"\n\t{packing}" not in done.stdout + done.stderr:
        pytest.skip(f"this mksquashfs has no {packing}")
    rows = by_path(opened(Held(made(folder, "-comp", packing))))
    assert contents(rows.values()) == files_of(folder)


@pytest.mark.parametrize("options", [["-no-fragments"], ["-noI", "-noD", "-noF"], ["-b", "4096"], ["-b", "1M"]])
def test_blocks_of_every_size_and_files_without_fragments_are_read(folder: Path, options: list[str]) -> None:
    assert contents(by_path(opened(Held(made(folder, *options)))).values()) == files_of(folder)


def test_names_kinds_sizes_and_times_are_those_that_unsquashfs_shows(folder: Path) -> None:
    need("unsquashfs")
    data = made(folder, "-p", "disk b 600 0 0 8 300", "-p", "tty c 600 0 0 4 64")
    rows = by_path(opened(Held(data)))
    shown = {}
    for line in run("unsquashfs", "-lln", "-UTC", folder.parent / "made.sqfs").splitlines():
        if "squashfs-root/" in line:
            path = line.split("squashfs-root", 1)[1].split(" -> ")[0]
            day, clock = line.split(" squashfs-root")[0].split()[-2:]
            shown[path] = line[0], f"{day} {clock}"
    kinds = {"directory": "d", "file": "-", "link": "l", "fifo": "p", "block": "b", "character": "c"}
    assert {path: kinds[row["kind"]] for path, row in rows.items()} == {path: kind for path, (kind, _) in shown.items()}
    assert shown["/hello.txt"][1] == "2001-09-09 01:46"
    assert rows["/hello.txt"]["modified_ns"] == 1_000_000_000 * 10**9
    assert rows["/link"]["link_target"] == str((folder / "link").readlink())
    assert (rows["/disk"]["note"], rows["/tty"]["note"]) == ("device 8:300", "device 4:64")
    assert rows["/second name"]["address"] == rows["/hello.txt"]["address"]


def test_a_file_of_more_than_two_gib_reads_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    with (tmp_path / "tree" / "huge").open("wb") as file:
        file.seek((5 << 30) - 3)
        file.write(b"end")
    tree = opened(Held(made(tmp_path / "tree")))
    (row,), problems = listed(tree, digested=False)
    content = tree.content(row["address"])
    assert (row["size_bytes"], content.read((5 << 30) - 5, 100), problems) == (5 << 30, b"\0\0end", [])


def test_an_examination_lists_it(folder: Path) -> None:
    made(folder)
    found = document(PlainImage(folder.parent / "made.sqfs"))
    assert {f["path"]: bytes.fromhex(f["md5"]) for f in found["files"] if f["md5"]} == files_of(folder)
    assert found["volumes"][0]["file_system"]["type"] == "squashfs"
    assert not [problem for problem in found["warnings"] if problem.is_damage]


def test_damage_is_told_and_other_files_are_still_read(folder: Path) -> None:
    data = bytearray(made(folder))
    data[2000:2100] = bytes(100)
    rows, _ = listed(opened(Held(data)))
    damaged = [row for row in rows if "not readable" in (row["note"] or "")]
    assert 0 < len(damaged) < 20
    assert len(contents(rows)) > 250


def test_absurd_superblocks_are_refused_in_words(folder: Path) -> None:
    data = made(folder)
    for at, value, why in (
        (12, struct.pack("<I", 1 << 30), "blocks have"),
        (20, b"\x09\x00", "not known"),
        (28, b"\x03\x00", "version 3"),
        (32, struct.pack("<Q", 1 << 40), "no metadata block"),
        (64, struct.pack("<Q", 1 << 62), "no metadata block"),
    ):
        with pytest.raises(FileSystemError, match=why):
            opened(Held(data[:at] + value + data[at + len(value) :]))


def test_damaged_file_systems_end_in_words(folder: Path) -> None:
    whole = made(folder, "-noI", "-b", "4096")
    random_ = random.Random(12)

    def damaged() -> bytes:
        data = bytearray(whole)
        for _ in range(random_.randrange(1, 8)):
            near = random_.choice((96, len(data), 60_000))
            at = random_.randrange(near)
            data[at if near == 96 else len(data) - 1 - at] = random_.randrange(256)
        return bytes(data[: random_.choice((len(data), len(data), len(data), random_.randrange(1, len(data))))])

    assert survive(opened, (damaged() for _ in range(30))) > 5
