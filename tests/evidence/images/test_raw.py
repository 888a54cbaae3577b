import ast
import hashlib
import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import MissingSegmentError, ShortReadError, SourceChangedError
from evidence.images import open_image
from evidence.images.raw import RawImage
from evidence.images.source import OPEN_FILES_MAX, SourceFile
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import CHUNK, media_of, simple

MEDIA = bytes(510) + b"\x55\xaa" + media_of(9_999 * 512, seed=4)


def split(folder: Path, names: list[str], media: bytes = MEDIA, size: int | None = None) -> list[Path]:
    size = size or -(-len(media) // len(names) // 512) * 512
    paths = []
    for number, name in enumerate(names):
        paths.append(folder / name)
        paths[-1].write_bytes(media[number * size : (number + 1) * size])
    return paths


def test_a_raw_image_is_its_file(tmp_path: Path, opened: Open) -> None:
    (path,) = split(tmp_path, ["disk.dd"])
    image = opened([path])
    assert (image.container, image.paths, image.sector_bytes) == ("raw", (path,), 512)
    assert image.media_bytes == image.container_bytes == len(MEDIA)
    assert image.read_at(0, len(MEDIA)) == MEDIA
    assert image.read_at(len(MEDIA) - 3, 100) == MEDIA[-3:]
    assert image.read_at(len(MEDIA) + 3, 100) == b""
    with pytest.raises(ValueError, match="before the media"):
        image.read_at(-1, 10)
    assert not image.problems
    assert not image.metadata
    assert not image.stored_digests


@pytest.mark.parametrize(
    "names",
    [
        ["disk.001", "disk.002", "disk.003"],
        ["disk.000", "disk.001", "disk.002"],
        ["disk.dd.001", "disk.dd.002"],
        ["disk.aa", "disk.ab", "disk.ac"],
        ["disk.raw.aaa", "disk.raw.aab"],
        [f"disk.{number:02d}" for number in range(1, 13)],
        ["disk.0001", "disk.0002"],
    ],
)
def test_the_segments_beside_one_are_found(names: list[str], tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, names)
    (tmp_path / "other.001").write_bytes(b"\x90" * 512)
    (tmp_path / "disk.txt").write_bytes(b"notes\n")
    for given in (paths[0], paths[-1]):
        image = opened([given])
        assert list(image.paths) == paths
        assert image.read_at(0, len(MEDIA)) == MEDIA
        assert not image.problems


def test_numbers_go_on_past_the_width_of_the_first(tmp_path: Path, opened: Open) -> None:
    names = [f"disk.{number:03d}" for number in range(1, 1003)]
    paths = split(tmp_path, names, MEDIA[: 1002 * 512], size=512)
    image = opened(paths[:1])
    assert list(image.paths) == paths
    assert image.read_at(0, 1002 * 512) == MEDIA[: 1002 * 512]


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (["disk.002"], ("disk.002",)),
        (["disk.001"], ("disk.001",)),
        (["disk.002", "disk.004"], ("disk.002", "disk.004")),
    ],
)
def test_gaps_between_the_numbers_are_named(gone: list[str], missing: tuple[str, ...], tmp_path: Path) -> None:
    paths = split(tmp_path, [f"disk.{number:03d}" for number in range(1, 6)])
    for name in gone:
        (tmp_path / name).unlink()
    left = [path for path in paths if path.name not in gone]
    for given in ([left[-1]], left):
        with pytest.raises(MissingSegmentError) as caught:
            open_image(given)
        assert caught.value.missing == missing
        assert list(caught.value.found) == left


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        (["disk.ac"], ("disk.ac",)),
        (["disk.aa"], ("disk.aa",)),
        (["disk.aa", "disk.ad"], ("disk.aa", "disk.ad")),
        (["disk.ab", "disk.ac", "disk.ad"], ("disk.ab", "disk.ac", "disk.ad")),
    ],
)
def test_gaps_between_the_letters_are_named(gone: list[str], missing: tuple[str, ...], tmp_path: Path) -> None:
    paths = split(tmp_path, [f"disk.a{letter}" for letter in "abcde"])
    for name in gone:
        (tmp_path / name).unlink()
    left = [path for path in paths if path.name not in gone]
    for given in ([left[0]], [left[-1]], left):
        with pytest.raises(MissingSegmentError) as caught:
            open_image(given)
        assert caught.value.missing == missing
        assert list(caught.value.found) == left


@pytest.mark.parametrize("names", [["disk.001", "disk.002"], ["disk.aa", "disk.ab"]])
@pytest.mark.parametrize("begins", [b"\xff\xd8\xff", b"a text\n" * 1000, b"%PDF-1.7"])
def test_a_later_segment_may_begin_like_any_file(begins: bytes, names: list[str], tmp_path: Path, opened: Open) -> None:
    media = MEDIA[: 20 * 512] + begins + bytes(20 * 512 - len(begins))
    paths = split(tmp_path, names, media)
    image = opened([paths[1]])
    assert image.paths == tuple(paths)
    assert image.read_at(0, len(media)) == media


def test_a_container_that_was_cut_in_pieces_is_not_read_as_raw_by_a_later_one(tmp_path: Path, opened: Open) -> None:
    container = simple(MEDIA, tmp_path / "whole.E01").read_bytes()
    paths = split(tmp_path, ["disk.001", "disk.002"], container)
    for path in paths:
        image = opened([path])
        assert image.container == "ewf"
        assert any("cut off" in problem.what for problem in image.problems)


def test_other_letters_beside_segments_are_none_of_them(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["disk.aa", "disk.ab", "disk.dd", "disk.db", "disk.img"])
    assert opened([paths[1]]).paths == tuple(paths[:2])
    for alone in paths[2:]:
        assert opened([alone]).paths == (alone,)
    (single,) = split(tmp_path, ["backup.ab"])
    assert opened([single]).paths == (single,)


@pytest.mark.parametrize("name", ["disk.dd", "disk.img", "disk.raw", "disk.bin", "disk.2024", "disk.aa1"])
def test_a_usual_suffix_is_not_taken_for_a_segment(name: str, tmp_path: Path, opened: Open) -> None:
    (path,) = split(tmp_path, [name])
    assert opened([path]).paths == (path,)


def test_several_paths_are_read_in_the_order_given(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["second.dd", "first.dd", "third.dd"])
    image = opened(paths)
    assert list(image.paths) == paths
    assert image.read_at(0, len(MEDIA)) == MEDIA


def test_numbered_paths_given_in_disorder_are_put_in_order(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["disk.001", "disk.002", "disk.003"])
    assert list(opened(paths[::-1]).paths) == paths


def test_a_segment_of_another_length_is_said(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["disk.001", "disk.002", "disk.003", "disk.004"])
    os.truncate(paths[1], 512)
    image = opened(paths)
    assert [problem.where for problem in image.problems] == ["disk.002"]
    with paths[3].open("ab") as file:
        file.write(bytes(paths[0].stat().st_size))
    assert [problem.where for problem in opened(paths).problems] == ["disk.002", "disk.004"]


def test_media_that_end_inside_a_sector_are_opened_and_that_is_said(tmp_path: Path, opened: Open) -> None:
    (path,) = split(tmp_path, ["disk.dd"], MEDIA[:5000])
    image = opened([path])
    (problem,) = image.problems
    assert "no multiple of 512" in problem.what
    assert problem.offset_bytes == 4608
    assert image.read_at(0, 10_000) == MEDIA[:5000]


@pytest.mark.parametrize(("place", "sector_bytes"), [(512, 512), (4096, 4096), (None, 512)])
def test_the_sector_size_follows_from_the_place_of_the_gpt(
    place: int | None, sector_bytes: int, tmp_path: Path, opened: Open
) -> None:
    data = bytearray(65536)
    if place:
        data[place : place + 8] = b"EFI PART"
    path = tmp_path / "disk.img"
    path.write_bytes(data)
    assert opened([path]).sector_bytes == sector_bytes


def test_a_file_that_shrinks_is_noticed_by_the_read(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["disk.001", "disk.002"])
    image = opened(paths)
    os.truncate(paths[1], 1000)
    assert image.read_at(0, 512) == MEDIA[:512]
    with pytest.raises(ShortReadError) as caught:
        image.read_at(0, len(MEDIA))
    assert caught.value.read_bytes < caught.value.declared_bytes


def test_reading_past_the_end_into_a_buffer_is_an_error(tmp_path: Path) -> None:
    with closing(RawImage(split(tmp_path, ["disk.dd"]))) as image, pytest.raises(ShortReadError):
        image.read_into(len(MEDIA) - 10, memoryview(bytearray(20)))


WORN_MEDIUM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>
struct iovec { void *iov_base; size_t iov_len; };
typedef ssize_t (*reader)(int, const struct iovec *, int, off_t, int);
static ssize_t worn(const char *name, int fd, const struct iovec *part, int count, off_t offset, int flags) {
    if (offset < BAD_END && offset + (off_t)part[0].iov_len > BAD_START) { errno = EIO; return -1; }
    return ((reader)dlsym(RTLD_NEXT, name))(fd, part, count, offset, flags);
}
#define WORN(name) ssize_t name(int fd, const struct iovec *part, int count, off_t offset, int flags) \\
    { return worn(#name, fd, part, count, offset, flags); }
#define WITHOUT_FLAGS(name) ssize_t name(int fd, const struct iovec *part, int count, off_t offset) \\
    { return worn(#name, fd, part, count, offset, 0); }
typedef ssize_t (*plain)(int, void *, size_t, off_t);
#define SIMPLE(name) ssize_t name(int fd, void *to, size_t size, off_t offset) { \\
    if (offset < BAD_END && offset + (off_t)size > BAD_START) { errno = EIO; return -1; } \\
    return ((plain)dlsym(RTLD_NEXT, #name))(fd, to, size, offset); }
SIMPLE(pread) SIMPLE(pread64)
WORN(preadv2) WORN(preadv64v2) WITHOUT_FLAGS(preadv) WITHOUT_FLAGS(preadv64)
"""
HASHES = """
import sys
from pathlib import Path
from evidence.digest import hash_media
from evidence.images import open_image
image = open_image([Path(sys.argv[1])])
result = hash_media(image, algorithms=("md5",))
print(result.digests["md5"].hex(), [(gap.offset_bytes, gap.length_bytes) for gap in result.unreadable])
image.close()
"""


@pytest.mark.parametrize(("kind", "bad"), [("raw", (2_000_384, 2_001_000)), ("ewf", (200_000, 200_001))])
def test_an_error_of_the_medium_becomes_an_unreadable_region(kind: str, bad: tuple[int, int], tmp_path: Path) -> None:
    if not shutil.which("gcc") or not sys.platform.startswith("linux"):
        pytest.skip("needs gcc on Linux, to make a library that gives read errors")
    (tmp_path / "worn.c").write_text(WORN_MEDIUM)
    macros = [f"-DBAD_START={bad[0]}", f"-DBAD_END={bad[1]}"]
    library = tmp_path / "worn.so"
    subprocess.run(["gcc", "-shared", "-fPIC", *macros, "-o", library, tmp_path / "worn.c", "-ldl"], check=True)
    path = split(tmp_path, ["disk.dd"])[0] if kind == "raw" else simple(MEDIA, tmp_path / "disk.E01")
    environment = {**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-c", HASHES, path]
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    digest, regions = told.strip().split(" ", 1)
    ((start, length),) = ast.literal_eval(regions)
    if kind == "raw":
        assert (start, length) == (2_000_384, 1024)
    else:
        assert length % CHUNK == 0
    zeroed = MEDIA[:start] + bytes(length) + MEDIA[start + length :]
    assert digest == hashlib.md5(zeroed).hexdigest()


def test_many_segments_are_not_all_kept_open(tmp_path: Path, opened: Open) -> None:
    count = 3 * OPEN_FILES_MAX
    paths = split(tmp_path, [f"disk.{number:03d}" for number in range(1, count + 1)], MEDIA[: count * 512], size=512)
    folder = Path("/proc/self/fd")
    before = len(list(folder.iterdir())) if folder.is_dir() else 0
    image = opened(paths[:1])
    assert image.read_at(0, count * 512) == MEDIA[: count * 512]
    if folder.is_dir():
        assert len(list(folder.iterdir())) - before <= OPEN_FILES_MAX + 1


def test_a_segment_that_was_replaced_meanwhile_is_refused(tmp_path: Path, opened: Open) -> None:
    count = 3 * OPEN_FILES_MAX
    paths = split(tmp_path, [f"disk.{number:03d}" for number in range(1, count + 1)], MEDIA[: count * 512], size=512)
    image = opened(paths[:1])
    paths[40].unlink()
    paths[40].write_bytes(bytes(512))
    with pytest.raises(SourceChangedError) as caught:
        image.read_at(40 * 512, 512)
    assert caught.value.path == paths[40]


@pytest.mark.parametrize("positional", [True, False])
def test_reading_by_position_and_by_seeking_give_the_same_from_many_threads(positional: bool, tmp_path: Path) -> None:
    (path,) = split(tmp_path, ["disk.dd"])
    wrong: list[int] = []
    with closing(SourceFile(path, positional=positional)) as file:

        def read(start: int) -> None:
            places = range(start, len(MEDIA) - 5000, 70_001)
            wrong.extend(place for place in places if file.read(place, 5000) != MEDIA[place : place + 5000])

        threads = [threading.Thread(target=read, args=(number * 997,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with pytest.raises(ShortReadError):
            file.read(len(MEDIA) - 10, 20)
    assert wrong == []


@pytest.mark.req("REQ-26")
@pytest.mark.parametrize("kind", ["raw", "ewf"])
def test_neither_bytes_nor_times_of_the_source_change(kind: str, tmp_path: Path) -> None:
    paths = split(tmp_path, ["disk.001", "disk.002"]) if kind == "raw" else [simple(MEDIA, tmp_path / "disk.E01")]
    for path in paths:
        os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    before = [(path.stat(), hashlib.sha256(_read_quietly(path)).digest()) for path in paths]
    with closing(open_image(paths[:1])) as image:
        hash_media(image)
        image.read_at(100, 5000)
    for path, (status, digest) in zip(paths, before, strict=True):
        after = path.stat()
        assert (after.st_size, after.st_mtime_ns, after.st_ctime_ns) == (
            status.st_size,
            status.st_mtime_ns,
            status.st_ctime_ns,
        )
        if hasattr(os, "O_NOATIME"):
            assert after.st_atime_ns == status.st_atime_ns == 1_000_000_000
        assert hashlib.sha256(_read_quietly(path)).digest() == digest


def _read_quietly(path: Path) -> bytes:
    with closing(SourceFile(path)) as file:
        return file.read(0, file.size_bytes)


@pytest.mark.req("REQ-26")
def test_a_source_that_may_only_be_read_is_opened(tmp_path: Path, opened: Open) -> None:
    (path,) = split(tmp_path, ["disk.dd"])
    path.chmod(0o444)
    assert opened([path]).read_at(0, 10) == MEDIA[:10]


def test_md5sum_agrees(tmp_path: Path, opened: Open) -> None:
    paths = split(tmp_path, ["disk.001", "disk.002", "disk.003"])
    joined = subprocess.run(["cat", *paths], check=True, capture_output=True).stdout
    told = subprocess.run(["md5sum"], input=joined, check=True, capture_output=True).stdout.split()[0]
    assert hash_media(opened(paths[:1]), algorithms=("md5",)).digests["md5"].hex() == told.decode()
