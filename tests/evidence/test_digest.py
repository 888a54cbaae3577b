import hashlib
import io
import os
import random
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from evidence.digest import BLOCK_BYTES, PART_BYTES, MediaDigests, hash_media, hash_part, hash_stream
from evidence.errors import ShortReadError, UnreadableRegionError
from evidence.images import Problem, Region, open_image
from evidence.regions import MAX_REGIONS, Regions
from evidence.wire import MAX_FRAME_BYTES, decode, encode, pack, unpack
from tests.evidence.images.ewf_builder import CHUNK, media_of, simple

SIZES = [1, 511, 512, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 21 * BLOCK_BYTES + 77]


class Memory:
    """An image in memory, some of which cannot be read; it only knows ``read_at``."""

    container, paths, sector_bytes, container_bytes = "raw", (Path("memory"),), 512, 0
    metadata: Mapping[str, str] = {}
    stored_digests: Mapping[str, bytes] = {}
    problems: Sequence[Problem] = ()

    def __init__(self, media: bytes, bad: Sequence[tuple[int, int]] = (), *, gives: int | None = None) -> None:
        self.media, self.bad = media, bad
        self.gives = len(media) if gives is None else gives
        self.media_bytes = len(media)

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        end = offset_bytes + size_bytes
        for start, length in self.bad:
            if start < end and offset_bytes < start + length:
                raise UnreadableRegionError(start, length, "worn out")
        return self.media[offset_bytes : min(end, self.gives)]

    def close(self) -> None:
        """Nothing to close."""


class Misleading(Memory):
    """Names another place than the one it could not read."""

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        raise UnreadableRegionError(offset_bytes + size_bytes, 10, "elsewhere")


@pytest.mark.parametrize("size", [0, *SIZES])
def test_a_stream_is_hashed_as_hashlib_does(size: int) -> None:
    data = media_of(size) if size else b""
    told: list[tuple[int, int]] = []
    digests = hash_stream(io.BytesIO(data), size, on_progress=lambda done, total: told.append((done, total)))
    assert digests == {"md5": hashlib.md5(data).digest(), "sha256": hashlib.sha256(data).digest()}
    assert all(total == size for _, total in told)
    assert [done for done, _ in told] == [min(size, BLOCK_BYTES * number) for number in range(1, len(told) + 1)]


def test_a_short_stream_gives_no_digest() -> None:
    with pytest.raises(ShortReadError) as caught:
        hash_stream(io.BytesIO(b"abc"), 4)
    assert (caught.value.read_bytes, caught.value.declared_bytes) == (3, 4)


@pytest.mark.parametrize("size", [0, *SIZES])
def test_media_are_hashed_as_hashlib_does(size: int) -> None:
    media = media_of(size) if size else b""
    told: list[tuple[int, int]] = []
    result = hash_media(Memory(media), on_progress=lambda done, total: told.append((done, total)))
    assert list(result.digests) == ["md5", "sha1", "sha256"]
    assert all(digest == hashlib.new(name, media).digest() for name, digest in result.digests.items())
    assert (result.media_bytes, result.unreadable) == (size, ())
    assert told[-1] == (size, size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("algorithms", [(), ("sha512",), ("sha256", "md5", "sha1", "sha512", "blake2b")])
def test_any_choice_of_algorithms_in_its_order(algorithms: tuple[str, ...]) -> None:
    media = media_of(5 * BLOCK_BYTES)
    result = hash_media(Memory(media), algorithms=algorithms)
    assert list(result.digests) == list(algorithms)
    assert all(result.digests[name] == hashlib.new(name, media).digest() for name in algorithms)


@pytest.mark.parametrize(
    "bad",
    [
        [(0, 512)],
        [(BLOCK_BYTES - 100, 200)],
        [(100, 10), (110, 10), (5000, 1)],
        [(0, 3 * BLOCK_BYTES)],
        [(3 * BLOCK_BYTES - 1, 50)],
        [(2 * BLOCK_BYTES, 10), (BLOCK_BYTES - 10, 10), (BLOCK_BYTES, BLOCK_BYTES)],
    ],
)
def test_unreadable_regions_are_listed_merged_and_hashed_as_zeros(bad: list[tuple[int, int]]) -> None:
    media = media_of(3 * BLOCK_BYTES)
    seen = bytearray(media)
    for start, length in bad:
        end = min(start + length, len(media))
        seen[start:end] = bytes(end - start)
    result = hash_media(Memory(media, bad))
    assert result.digests["sha256"] == hashlib.sha256(seen).digest()
    marks = bytearray(len(media) + 1)
    for start, length in bad:
        marks[start : min(start + length, len(media))] = b"\1" * (min(start + length, len(media)) - start)
    borders = [place for place in range(len(marks)) if marks[place] != (marks[place - 1] if place else 0)]
    expected = [Region(offset_bytes=a, length_bytes=b - a) for a, b in zip(borders[::2], borders[1::2], strict=True)]
    assert list(result.unreadable) == expected


class Counted(int):
    """A number that counts how often it is compared."""

    compared = 0

    def __lt__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        Counted.compared += 1
        return int(self) <= int(other)

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return int(self) == other

    def __hash__(self) -> int:
        return hash(int(self))


def test_a_region_is_compared_with_few_of_very_many() -> None:
    Counted.compared = 0
    regions = Regions()
    for start in range(0, 4096 * 1024, 1024):
        regions.add(Counted(start), 512)
    assert len(regions.regions()) == 4096
    assert Counted.compared < 4096 * 40


def test_regions_in_any_order_are_merged_as_if_marked_one_by_one() -> None:
    chance = random.Random(5)
    for _ in range(200):
        regions, marks = Regions(), bytearray(101)
        for _ in range(chance.randrange(1, 12)):
            start, length = chance.randrange(90), chance.randrange(1, 11)
            regions.add(start, length)
            marks[start : start + length] = b"\1" * length
        borders = [place for place in range(101) if marks[place] != (marks[place - 1] if place else 0)]
        assert [(r.offset_bytes, r.length_bytes) for r in regions.regions()] == [
            (a, b - a) for a, b in zip(borders[::2], borders[1::2], strict=True)
        ]


def test_more_regions_than_a_list_may_have_become_fewer_and_larger_and_it_is_said() -> None:
    regions = Regions()
    for number in range(MAX_REGIONS + 1):
        regions.add(number * 8192, 512)
    regions.add(1 << 40, 512)
    found = regions.regions()
    assert [(region.offset_bytes, region.length_bytes) for region in found] == [
        (0, MAX_REGIONS * 8192 + 512),
        (1 << 40, 512),
    ]
    (problem,) = regions.problems()
    assert problem.what.startswith(
        f"More than {MAX_REGIONS} places of the media cannot be read. Those with at most 8192 bytes"
    )


def test_a_list_of_as_many_regions_as_there_may_be_fits_into_a_message() -> None:
    regions = Regions()
    for number in range(MAX_REGIONS):
        regions.add(1 << 62 | number << 13, 512)
    assert regions.problems() == []
    media = MediaDigests(media_bytes=1 << 63, digests={}, unreadable=tuple(regions.regions()))
    body = encode(("value", pack(media)))
    assert len(body) < MAX_FRAME_BYTES // 4
    assert unpack(decode(body)[1]) == media  # type: ignore[index]


def test_an_error_about_another_place_leaves_nothing_of_the_block_believed() -> None:
    result = hash_media(Misleading(b"x" * 1000), algorithms=("md5",))
    assert result.unreadable == (Region(offset_bytes=0, length_bytes=1000),)
    assert result.digests["md5"] == hashlib.md5(bytes(1000)).digest()


def test_media_that_end_early_give_no_digest() -> None:
    with pytest.raises(ShortReadError) as caught:
        hash_media(Memory(media_of(3 * BLOCK_BYTES), gives=BLOCK_BYTES + 5))
    assert (caught.value.read_bytes, caught.value.declared_bytes) == (BLOCK_BYTES + 5, 2 * BLOCK_BYTES)


def test_a_file_that_shrinks_while_it_is_hashed_gives_no_digest(tmp_path: Path) -> None:
    path = tmp_path / "disk.raw"
    path.write_bytes(media_of(4 * BLOCK_BYTES))
    with closing(open_image([path])) as image:
        os.truncate(path, BLOCK_BYTES)
        with pytest.raises(ShortReadError):
            hash_media(image)


class Cancelled(Exception):  # noqa: N818 - not an error
    """What a job raises to stop."""


def test_what_progress_raises_stops_every_thread_and_passes_through() -> None:
    before = threading.active_count()
    calls: list[int] = []

    def stop(done: int, total: int) -> None:
        calls.append(threading.get_ident())
        raise Cancelled

    with pytest.raises(Cancelled):
        hash_media(Memory(media_of(30 * BLOCK_BYTES)), on_progress=stop)
    assert calls == [threading.get_ident()]
    assert threading.active_count() == before


def test_progress_comes_again_and_again_while_it_works(tmp_path: Path) -> None:
    path = tmp_path / "zeros.raw"
    with path.open("wb") as file:
        file.truncate(300 * BLOCK_BYTES)
    told: list[int] = []
    with closing(open_image([path])) as image:
        hash_media(image, on_progress=lambda done, total: told.append(done))
    assert told[-1] == 300 * BLOCK_BYTES
    assert told == sorted(told)
    assert len(told) > 2


@pytest.mark.parametrize("per_table", [2, 1000])
def test_an_e01_is_hashed_as_its_media(per_table: int, tmp_path: Path) -> None:
    media = media_of(100 * CHUNK + 512)
    with closing(open_image([simple(media, tmp_path / "disk.E01", per_table=per_table)])) as image:
        result = hash_media(image)
        assert result.digests["md5"] == hashlib.md5(media).digest() == image.stored_digests["md5"]
        assert result.digests["sha256"] == hashlib.sha256(media).digest()


@pytest.mark.skipif(not shutil.which("hashdeep"), reason="hashdeep (Debian: hashdeep) is not installed")
def test_the_digests_agree_with_hashdeep(tmp_path: Path) -> None:
    path = tmp_path / "disk.raw"
    path.write_bytes(media_of(3 * BLOCK_BYTES + 4096))
    told = subprocess.run(
        ["hashdeep", "-c", "md5,sha1,sha256", path], check=True, capture_output=True, text=True
    ).stdout
    with closing(open_image([path])) as image:
        digests = hash_media(image).digests
    last = told.splitlines()[-1].split(",")
    assert [digests[name].hex() for name in ("md5", "sha1", "sha256")] == last[1:4]


def test_an_unknown_algorithm_is_refused_before_anything_is_read() -> None:
    with pytest.raises(ValueError, match="md6"):
        hash_media(Memory(b"x"), algorithms=("md6",))


@pytest.mark.parametrize("size", [0, *SIZES])
@pytest.mark.parametrize("part_bytes", [700, BLOCK_BYTES, 3 * BLOCK_BYTES + 5])
def test_every_part_is_hashed_in_the_same_pass(size: int, part_bytes: int) -> None:
    if size > 10_000 * part_bytes:
        part_bytes = size // 1000
    data = media_of(size) if size else b""
    result = hash_media(Memory(data), algorithms=("sha1",), with_parts=True, part_bytes=part_bytes)
    pieces = [data[start : start + part_bytes] for start in range(0, size, part_bytes)]
    assert result.digests == {"sha1": hashlib.sha1(data).digest()}
    assert (result.part_bytes, result.parts) == (part_bytes, tuple(hashlib.sha256(piece).digest() for piece in pieces))


def test_without_being_asked_for_there_are_no_parts() -> None:
    result = hash_media(Memory(media_of(1000)))
    assert (result.part_bytes, result.parts) == (PART_BYTES, ())


@pytest.mark.parametrize("bad", [[], [(700, 100)], [(0, 1), (1999, 1)]])
def test_a_part_alone_has_the_digest_that_it_has_among_all(bad: list[tuple[int, int]]) -> None:
    image = Memory(media_of(2500), bad)
    parts = hash_media(image, with_parts=True, part_bytes=1000).parts
    told: list[tuple[int, int]] = []
    found = [hash_part(image, start, 1000, on_progress=lambda *done: told.append(done)) for start in (0, 1000, 2000)]
    assert tuple(part.sha256 for part in found) == parts
    assert [(part.offset_bytes, part.length_bytes) for part in found] == [(0, 1000), (1000, 1000), (2000, 500)]
    assert told == [(1000, 1000), (1000, 1000), (500, 500)]
    gaps = [(gap.offset_bytes, gap.length_bytes) for part in found for gap in part.unreadable]
    assert gaps == [(gap.offset_bytes, gap.length_bytes) for gap in hash_media(image).unreadable]


def test_a_part_past_the_end_is_empty() -> None:
    part = hash_part(Memory(media_of(100)), 200, 50)
    assert (part.length_bytes, part.sha256) == (0, hashlib.sha256().digest())
