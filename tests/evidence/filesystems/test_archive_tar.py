"""Tar archives of every format and packing, as GNU tar and bsdtar write them, and damaged ones."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import random
import shutil
import tarfile
from pathlib import Path

import pytest

from evidence.filesystems.archive_tar import open_tar
from evidence.filesystems.opened import FileSystemError
from tests.evidence.filesystems.trees import Held, by_path, contents, listed, survive
from tests.evidence.made_images import need, run, source_tree

LONG = "long" * 60


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Names, links and special files; a sparse file; times with parts of a second."""
    tree = source_tree(tmp_path / "tree")
    deep = tree.joinpath(*["level" * 5] * 9)
    deep.mkdir(parents=True)
    (deep / "below.txt").write_bytes(b"deep down")
    (tree / LONG).write_bytes(b"long")
    (tree / "link").symlink_to("docs/" + "large" * 30)
    os.link(tree / "hello.txt", tree / "second name")
    os.mkfifo(tree / "pipe")
    with (tree / "sparse").open("wb") as file:
        for place in range(0, 200 << 16, 1 << 17):
            file.seek(place)
            file.write(b"part" * 1024)
        file.truncate(200 << 16)
    os.utime(tree / "hello.txt", ns=(1_100_000_000_123_456_789, 1_000_000_000_987_654_321))
    return tree


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        f"/{path.relative_to(folder)}": hashlib.md5(path.read_bytes()).digest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def shorten(folder: Path) -> None:
    """Leave only names that fit into the fields of a header."""
    (folder / LONG).unlink()
    (folder / "link").unlink()
    shutil.rmtree(folder / ("level" * 5))


def made(folder: Path, *options: str) -> bytes:
    path = folder.parent / "made.tar"
    run("tar", "-C", folder, *options, "-cf", path, ".")
    return path.read_bytes()


@pytest.mark.parametrize("name", ["gnu", "oldgnu", "pax", "ustar"])
def test_every_format_of_gnu_tar_has_the_files_that_went_in(folder: Path, name: str) -> None:
    need("tar")
    if name == "ustar":
        shorten(folder)
        (folder / "link").symlink_to("docs/large.bin")
    rows = by_path(open_tar(Held(made(folder, f"--format={name}"))))
    assert contents(rows.values()) == files_of(folder)
    assert rows["/link"]["link_target"] == str((folder / "link").readlink())
    assert rows["/pipe"]["kind"] == "fifo"
    assert any("hard link to" in (row["note"] or "") for row in rows.values())
    expected = 1_000_000_000_987_654_321 if name == "pax" else 1_000_000_000 * 10**9
    assert rows["/hello.txt"]["modified_ns"] == expected


@pytest.mark.parametrize("version", ["gnu", "0.0", "0.1", "1.0"])
def test_sparse_files_of_every_version_have_their_holes(folder: Path, version: str) -> None:
    need("tar")
    options = ["--format=gnu"] if version == "gnu" else ["--format=pax", f"--sparse-version={version}"]
    data = made(folder, "--sparse", *options)
    assert len(data) < 100 << 16
    rows = by_path(open_tar(Held(data)))
    assert contents(rows.values()) == files_of(folder)
    assert rows["/sparse"]["size_bytes"] == 200 << 16


@pytest.mark.parametrize("packing", ["--gzip", "--bzip2", "--xz", "--zstd"])
def test_packed_archives_read_like_plain_ones(folder: Path, packing: str) -> None:
    need("tar", packing[2:])
    data = made(folder, packing)
    tree = open_tar(Held(data))
    assert contents(by_path(tree).values()) == files_of(folder)


def test_several_streams_of_gzip_are_one_archive(folder: Path) -> None:
    data = made(folder)
    packed = gzip.compress(data[:10_000]) + gzip.compress(data[10_000:]) + bytes(512)
    assert contents(by_path(open_tar(Held(packed))).values()) == files_of(folder)


@pytest.mark.parametrize("name", ["pax", "ustar", "gnutar"])
def test_archives_of_bsdtar_are_read(folder: Path, name: str) -> None:
    need("bsdtar")
    shorten(folder)
    run("bsdtar", "-C", folder, f"--format={name}", "-cf", folder.parent / "made.tar", ".")
    rows = by_path(open_tar(Held((folder.parent / "made.tar").read_bytes())))
    assert contents(rows.values()) == files_of(folder)


def test_an_archive_of_the_first_tar_has_its_directories(folder: Path) -> None:
    need("tar")
    shorten(folder)
    (folder / "pipe").unlink()
    rows = by_path(open_tar(Held(made(folder, "--format=v7"))))
    assert contents(rows.values()) == files_of(folder)
    assert rows["/docs/deep"]["kind"] == "directory"


def test_a_member_that_a_later_one_replaces_is_listed_and_told() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as file:
        for data in (b"first", b"second!"):
            info = tarfile.TarInfo("same")
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    rows, problems = listed(open_tar(Held(held.getvalue())))
    assert [row["md5"] for row in rows] == [hashlib.md5(data).digest() for data in (b"first", b"second!")]
    assert "replaces it" in rows[0]["note"]
    assert rows[1]["note"] is None
    assert not problems


def test_what_stands_behind_the_end_and_behind_damage_is_found(folder: Path) -> None:
    need("tar")
    data = made(folder)
    rows, problems = listed(open_tar(Held(data + data)))
    assert len(rows) > len(files_of(folder))
    assert any("behind the mark of the end" in problem.what for problem in problems)
    second = data.index(b"ustar", 1000) - 257
    damaged = data[:second] + b"\xff" * 512 + data[second + 512 :]
    rows, problems = listed(open_tar(Held(damaged)))
    assert any("no header" in problem.what for problem in problems)
    assert len(rows) > 10


def test_a_file_cut_off_is_listed_without_a_digest(folder: Path) -> None:
    data = made(folder)
    start = data.index(b"./docs/large.bin")
    rows, problems = listed(open_tar(Held(data[: start + 5000])))
    row = next(row for row in rows if row["name"] == "large.bin")
    assert row["md5"] is None
    assert "ends before byte" in row["note"]
    assert any("cut off" in problem.what for problem in problems)


def test_a_bomb_is_not_unpacked_to_its_end() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as file:
        info = tarfile.TarInfo("bomb")
        info.size = 40 << 20
        file.addfile(info, io.BytesIO(bytes(info.size)))
    rows, problems = listed(open_tar(Held(bz2.compress(held.getvalue())), 1 << 20))
    assert any("would be unpacked" in problem.what for problem in problems)
    assert rows[0]["md5"] is None


def test_a_sparse_file_of_an_absurd_size_is_not_digested() -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as file:
        info = tarfile.TarInfo("huge")
        info.pax_headers = {"GNU.sparse.map": "0,4", "GNU.sparse.size": str(1 << 60)}
        info.size = 4
        file.addfile(info, io.BytesIO(b"data"))
    tree = open_tar(Held(held.getvalue()))
    (row,), _ = listed(tree)
    assert "not digested" in row["note"]
    assert tree.content(row["address"]).read(2, 6) == b"ta\0\0\0\0"


def test_contradictory_sparse_maps_are_told() -> None:
    for text, why in (("0,4,2,4", "contradicts"), ("0,4,8", "no sense"), ("0,400", "more bytes"), ("x,y", "no sense")):
        held = io.BytesIO()
        with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as file:
            info = tarfile.TarInfo("odd")
            info.pax_headers = {"GNU.sparse.map": text, "GNU.sparse.size": "1000"}
            info.size = 8
            file.addfile(info, io.BytesIO(bytes(8)))
        (row,), _ = listed(open_tar(Held(held.getvalue())))
        assert why in row["note"]
        assert row["md5"] is None


def test_what_is_no_tar_is_refused() -> None:
    with pytest.raises(FileSystemError, match="no header"):
        open_tar(Held(b"no tar at all" * 100))


def test_damaged_archives_end_in_words(folder: Path) -> None:
    need("tar")
    random_ = random.Random(9)
    (folder / "sparse").unlink()
    plain = made(folder, "--format=pax", "--exclude=large.bin")
    packed = made(folder, "--gzip", "--format=gnu")

    def damaged(whole: bytes) -> bytes:
        data = bytearray(whole)
        for _ in range(random_.randrange(1, 30)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        return bytes(data[: random_.choice((len(data), random_.randrange(1, len(data))))])

    assert survive(open_tar, (damaged(plain) for _ in range(80))) > 20
    survive(open_tar, (damaged(packed) for _ in range(40)))
