import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.digest import MediaDigests
from evidence.errors import (
    MissingSegmentError,
    NotAnImageError,
    NotOpenError,
    UnreadableContentError,
)
from evidence.examination import Seen, examine_isolated
from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS, FileRow
from evidence.images import open_image
from evidence.isolation import Child, run_isolated
from evidence.views import ImageDescription
from evidence.volumes.base import Volume
from tests.evidence import made_images

PATH, ADDRESS, SHA256, SIZE = (FILE_COLUMNS.index(name) for name in ("path", "address", "sha256", "size_bytes"))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_images.source_tree(tmp_path_factory.mktemp("source") / "tree")


@pytest.fixture(scope="module", params=["ext4", "fat16", "ntfs"])
def image(request: pytest.FixtureRequest, source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("image") / f"{request.param}.raw"
    match request.param:
        case "ext4":
            return made_images.ext(path, source)
        case "fat16":
            return made_images.fat(path, source, 16)
        case _:
            return made_images.ntfs(path, source)


@pytest.fixture
def child() -> Iterator[Child]:
    with Child() as child:
        yield child


def seen(path: Path, *, hash_files: bool = True) -> tuple[dict[str, Volume], list[FileRow], list[Seen]]:
    found = list(examine_isolated([path], hash_files=hash_files))
    volumes = {item.id: item for item in found if isinstance(item, Volume)}
    return volumes, [row for item in found if isinstance(item, tuple) for row in item], found


def row_named(rows: list[FileRow], name: str) -> FileRow:
    return next(row for row in rows if row[PATH].endswith(f"/{name}"))


def test_the_libraries_are_named_with_their_versions(child: Child) -> None:
    versions = child.call("versions", {})
    assert {"python", "sleuthkit", "libewf", "libmagic", "zlib", "openssl"} <= versions.keys()
    assert all(isinstance(text, str) and text for text in versions.values())


def test_a_raw_image_is_described_and_digested(image: Path) -> None:
    described: ImageDescription = run_isolated("describe", {"paths": (image,)})
    assert (described.container, described.paths) == ("raw", (image,))
    assert described.media_bytes == described.container_bytes == image.stat().st_size
    told: list[tuple[int, int]] = []
    arguments = {"paths": (image,), "algorithms": ("md5", "sha256")}
    media: MediaDigests = run_isolated("hash", arguments, on_progress=lambda done, total: told.append((done, total)))
    content = image.read_bytes()
    assert media.digests == {"md5": hashlib.md5(content).digest(), "sha256": hashlib.sha256(content).digest()}
    assert media.unreadable == ()


def test_an_examination_in_a_child_gives_the_files_of_the_source(image: Path, source: Path) -> None:
    volumes, rows, _ = seen(image)
    system = volumes["v0"].file_system
    assert system is not None
    assert system.counts is not None
    assert system.counts.rows == len(rows)
    for name in ("hello.txt", "large.bin", "empty.bin"):
        content = next(source.rglob(name)).read_bytes()
        row = row_named(rows, name)
        assert (row[SIZE], row[SHA256]) == (len(content), hashlib.sha256(content).digest())


def test_two_examinations_give_the_same(image: Path) -> None:
    assert seen(image)[2] == seen(image)[2]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_an_examination_is_the_same_however_many_processes_share_it(processes: int, tmp_path: Path) -> None:
    made_images.need("mke2fs")
    for number in range(5000):
        folder = tmp_path / "tree" / str(number // 500)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.txt").write_bytes(b"%d\n" % number * (number % 40))
    image = tmp_path / "image"
    made_images.run("mke2fs", "-q", "-t", "ext4", "-N", "6000", "-d", tmp_path / "tree", image, "64M")
    with contextlib.closing(open_image([image])) as opened:
        alone = list(examine(opened, hash_files=True))
    assert sum(len(item) for item in alone if isinstance(item, tuple)) > 5000
    assert list(examine_isolated([image], hash_files=True, processes=processes)) == alone


def test_the_place_of_a_byte_of_a_file_is_told_in_its_volume(image: Path, child: Child) -> None:
    volumes, rows, _ = seen(image, hash_files=False)
    child.call("open", {"image": "one", "paths": (image,)})
    file = {"image": "one", "volumes": (volumes["v0"],), "address": row_named(rows, "large.bin")[ADDRESS]}
    raw = image.read_bytes()
    for offset in (0, 511, 100_000, 511_999):
        at = child.call("place", {**file, "offset_bytes": offset})
        assert raw[at : at + 1] == child.call("read_file", {**file, "offset_bytes": offset, "size_bytes": 1})
        assert raw[at - offset % 512 :][:4] == bytes(range(offset // 512 * 512 % 256, offset // 512 * 512 % 256 + 4))
    assert child.call("place", {**file, "offset_bytes": 512_000}) is None
    empty = row_named(rows, "empty.bin")[ADDRESS]
    assert child.call("place", {**file, "address": empty, "offset_bytes": 0}) is None


def test_content_is_read_by_volume_and_address(image: Path, source: Path, child: Child) -> None:
    volumes, rows, _ = seen(image, hash_files=False)
    content = next(source.rglob("large.bin")).read_bytes()
    child.call("open", {"image": "one", "paths": (image,)})
    file = {"image": "one", "volumes": (volumes["v0"],), "address": row_named(rows, "large.bin")[ADDRESS]}
    assert child.call("read_file", {**file, "offset_bytes": 0, "size_bytes": 100}) == content[:100]
    assert child.call("read_file", {**file, "offset_bytes": 511_000, "size_bytes": 5000}) == content[511_000:]
    assert child.call("read_file", {**file, "offset_bytes": 512_000, "size_bytes": 1}) == b""
    pieces: list[bytes] = []
    assert child.call("export_file", file, on_item=pieces.append) == len(content)
    assert b"".join(pieces) == content


def test_what_no_file_uses_is_told_and_exported(source: Path, tmp_path: Path, child: Child) -> None:
    image = made_images.fat(tmp_path / "image", source, 16)
    volumes, rows, _ = seen(image, hash_files=False)
    child.call("open", {"image": "one", "paths": (image,)})
    asked = {"image": "one", "volumes": (volumes["v0"],)}
    batches: list[tuple[tuple[int, int], ...]] = []
    total = child.call("unallocated", asked, on_item=batches.append)
    ranges = [item for batch in batches for item in batch]
    assert sum(length for _, length in ranges) == total > 0
    pieces: list[bytes] = []
    assert child.call("export_file", {**asked, "address": "unallocated"}, on_item=pieces.append) == total
    data = image.read_bytes()
    assert b"".join(pieces) == b"".join(data[start : start + length] for start, length in ranges)
    address = row_named(rows, "hello.txt")[ADDRESS]
    slack = {**asked, "address": f"{address}/slack", "offset_bytes": 0, "size_bytes": 1 << 20}
    assert child.call("read_file", slack) == bytes(2048 - 6)


def test_bytes_of_the_media_are_read(image: Path, child: Child) -> None:
    described = child.call("open", {"image": "one", "paths": (image,)})
    content = image.read_bytes()
    place = described.media_bytes - 100
    assert child.call("read", {"image": "one", "offset_bytes": place, "size_bytes": 512}) == content[place:]
    assert child.call("read", {"image": "one", "offset_bytes": 3, "size_bytes": 5}) == content[3:8]


@pytest.mark.parametrize("address", ["", "x", "1-2", "-1", "99999999", "2-1-1-1", "²", "1" * 30])
def test_an_address_of_nothing_is_refused_in_words(source: Path, tmp_path: Path, child: Child, address: str) -> None:
    image = made_images.ext(tmp_path / "image", source)
    volumes, _, _ = seen(image, hash_files=False)
    child.call("open", {"image": "one", "paths": (image,)})
    with pytest.raises(UnreadableContentError):
        child.call(
            "read_file",
            {"image": "one", "volumes": (volumes["v0"],), "address": address, "offset_bytes": 0, "size_bytes": 1},
        )
    assert child.is_open


def test_an_image_that_is_not_open_or_closed_again_is_refused(source: Path, tmp_path: Path, child: Child) -> None:
    image = made_images.fat(tmp_path / "image", source, 12)
    child.call("open", {"image": "one", "paths": (image,)})
    child.call("close", {"image": "one"})
    for name in ("one", "two"):
        with pytest.raises(NotOpenError, match=name):
            child.call("read", {"image": name, "offset_bytes": 0, "size_bytes": 1})


def test_what_is_no_image_is_refused_with_its_own_error(tmp_path: Path, child: Child) -> None:
    (tmp_path / "text").write_text("Dear Sir,\n" * 500)
    with pytest.raises(NotAnImageError) as refused:
        child.call("describe", {"paths": (tmp_path / "text",)})
    assert refused.value.path == tmp_path / "text"
    with pytest.raises(NotAnImageError):
        child.call("describe", {"paths": (tmp_path,)})


def test_a_missing_segment_is_named_across_the_process(tmp_path: Path, child: Child) -> None:
    for number in (1, 2, 4):
        made_images.blank(tmp_path / f"disk.{number:03}", 1 << 20)
    with pytest.raises(MissingSegmentError) as missing:
        child.call("describe", {"paths": (tmp_path / "disk.001",)})
    assert any("003" in name for name in missing.value.missing)


def test_a_cancelled_examination_stops_at_once(image: Path) -> None:
    class StopItError(Exception):
        pass

    def stop(done: int, total: int) -> None:
        raise StopItError

    with pytest.raises(StopItError):
        list(examine_isolated([image], hash_files=True, on_progress=stop, timeout_s=30))


def test_the_source_is_not_changed_by_reading(image: Path) -> None:
    before = (image.read_bytes(), image.stat().st_mtime_ns, image.stat().st_mode)
    seen(image)
    assert (image.read_bytes(), image.stat().st_mtime_ns, image.stat().st_mode) == before
