import hashlib
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pyewf
import pytest

from evidence.digest import hash_media
from evidence.errors import (
    DamagedContainerError,
    MissingSegmentError,
    UnreadableRegionError,
    UnsupportedContainerError,
)
from evidence.images import open_image
from evidence.images.base import NOT_READ, Region, not_read
from evidence.images.ewf2_acquisition import parse_error_table
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf2_builder import Segment2, write_set
from tests.evidence.images.ewf_builder import CHUNK, adler, media_of, summed

MEDIA = media_of(1000 * 512, seed=40)
TIMES = """
import json, sys
from pathlib import Path
import pyewf
from evidence.images import open_image
handle = pyewf.handle()
handle.open([sys.argv[1]])
told = handle.get_header_values()
ours = open_image([Path(sys.argv[1])]).metadata
print(json.dumps([ours["acquired_at"], ours["system_date"], told["acquiry_date"], told["system_date"]]))
"""


def test_an_ex01_is_read_and_what_libewf_says_of_it_is_said_to_be_its(tmp_path: Path, opened: Open) -> None:
    paths, _ = write_set(MEDIA, tmp_path)
    image = opened(paths)
    assert (image.container, image.media_bytes, image.sector_bytes) == ("ewf", len(MEDIA), 512)
    assert image.read_at(0, len(MEDIA)) == MEDIA
    assert image.read_at(100_000, 70_000) == MEDIA[100_000:170_000]
    assert image.read_at(len(MEDIA) - 5, 100) == MEDIA[-5:]
    assert image.read_at(len(MEDIA) + 7, 1) == b""
    with pytest.raises(ValueError, match="before the media"):
        image.read_at(-1, 10)
    assert image.stored_digests == {"md5": hashlib.md5(MEDIA).digest(), "sha1": hashlib.sha1(MEDIA).digest()}
    assert image.metadata["case_number"] == "case 7"
    assert image.metadata["examiner"] == "N. Jashi"
    (problem,) = image.problems
    assert "the checksum of every chunk" in problem.what
    assert not problem.is_damage
    assert hash_media(image, algorithms=("sha1",)).digests["sha1"] == image.stored_digests["sha1"]


@pytest.mark.parametrize("packing", ["deflate", "pattern", "plain"])
def test_every_form_of_a_chunk_is_what_libewf_reads(packing: str, tmp_path: Path, opened: Open) -> None:
    media = bytes(range(8)) * (3 * CHUNK // 8) if packing == "pattern" else MEDIA
    paths, _ = write_set(media, tmp_path, packing=packing)
    handle = pyewf.handle()
    handle.open([str(path) for path in paths])
    theirs = handle.read_buffer_at_offset(len(media), 0)
    handle.close()
    assert theirs == media
    assert opened(paths).read_at(0, len(media)) == media


def test_the_segments_of_an_ex01_are_found_in_any_order(tmp_path: Path, opened: Open) -> None:
    paths, _ = write_set(MEDIA, tmp_path, segments=4)
    for given in ([paths[2]], paths[::-1]):
        image = opened(given)
        assert list(image.paths) == paths
        assert image.read_at(0, len(MEDIA)) == MEDIA
        assert image.container_bytes == sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize("gone", [1, 2, 4])
def test_a_missing_segment_of_an_ex01_is_named_before_libewf_opens_it(gone: int, tmp_path: Path) -> None:
    paths, _ = write_set(MEDIA, tmp_path, segments=4)
    paths[gone - 1].unlink()
    with pytest.raises(MissingSegmentError) as caught:
        open_image([paths[gone % 4]])
    assert caught.value.missing == (f"disk.Ex{gone:02d}",)


@pytest.mark.parametrize("chunk", [1, 2, 5])
def test_a_damaged_chunk_which_libewf_gives_as_zeros_is_unreadable(chunk: int, tmp_path: Path, opened: Open) -> None:
    (path,), (segment,) = write_set(MEDIA, tmp_path)
    place, length = segment.chunk_places[chunk]
    data = bytearray(segment.data)
    data[place + length // 2] ^= 0x10
    path.write_bytes(data)
    image = opened([path])
    result = hash_media(image, algorithms=("md5",))
    (gap,) = result.unreadable
    assert (gap.offset_bytes, gap.length_bytes) == (chunk * CHUNK, CHUNK)
    with pytest.raises(UnreadableRegionError):
        image.read_at(chunk * CHUNK + 7, 5)
    assert image.read_at((chunk + 1) * CHUNK, CHUNK) == MEDIA[(chunk + 1) * CHUNK : (chunk + 2) * CHUNK]


def test_chunks_of_zeros_that_are_sound_are_believed(tmp_path: Path, opened: Open) -> None:
    media = bytes(5 * CHUNK + 512)
    paths, _ = write_set(media, tmp_path)
    assert opened(paths).read_at(0, len(media)) == media


def test_chunks_that_no_table_lists_are_unreadable(tmp_path: Path, opened: Open) -> None:
    segment = Segment2()
    segment.add_texts(4 * 64, 4)
    segment.add_chunks(0, [MEDIA[:CHUNK], MEDIA[CHUNK : 2 * CHUNK]])
    segment.add(15)
    image = opened([segment.write(tmp_path / "disk.Ex01")])
    assert any("list 2 chunks" in problem.what for problem in image.problems)
    assert image.read_at(0, 2 * CHUNK) == MEDIA[: 2 * CHUNK]
    with pytest.raises(UnreadableRegionError):
        image.read_at(3 * CHUNK, 10)


def test_a_flip_anywhere_behind_the_chunks_is_never_silent(tmp_path: Path) -> None:
    (path,), (segment,) = write_set(MEDIA, tmp_path)
    data = bytes(segment.data)
    first = segment.chunk_places[-1][0] + segment.chunk_places[-1][1]
    for position in range(first, len(data), 7):
        changed = bytearray(data)
        changed[position] ^= 0x21
        path.write_bytes(changed)
        try:
            image = open_image([path])
        except DamagedContainerError:
            continue
        try:
            result = hash_media(image, algorithms=("md5",))
            assert result.unreadable or result.digests["md5"] == hashlib.md5(MEDIA).digest(), position
        finally:
            image.close()
            image.close()


@pytest.mark.parametrize("size", [20, 40, 5000, -64, -1])
def test_a_cut_off_ex01_is_refused(size: int, tmp_path: Path) -> None:
    (path,), (segment,) = write_set(MEDIA, tmp_path)
    path.write_bytes(segment.data[:size])
    with pytest.raises(DamagedContainerError):
        open_image([path])


def test_an_encrypted_ex01_is_refused_by_name(tmp_path: Path) -> None:
    segment = Segment2(encrypted=True)
    segment.add_texts(64, 1)
    segment.add(15)
    with pytest.raises(UnsupportedContainerError, match="encrypted Ex01"):
        open_image([segment.write(tmp_path / "disk.Ex01")])


def test_an_ex01_packed_by_bzip2_is_refused_by_name(tmp_path: Path) -> None:
    segment = Segment2(method=2)
    segment.add(15)
    with pytest.raises(UnsupportedContainerError, match="Ex01 packed by bzip2"):
        open_image([segment.write(tmp_path / "disk.Ex01")])


def test_two_files_that_are_the_same_segment_are_refused(tmp_path: Path) -> None:
    paths, _ = write_set(MEDIA, tmp_path, segments=2)
    paths[1].write_bytes(paths[0].read_bytes())
    with pytest.raises(DamagedContainerError, match="segment 1"):
        open_image(paths)


def test_a_file_that_is_no_segment_among_those_of_an_ex01_is_refused(tmp_path: Path) -> None:
    paths, _ = write_set(MEDIA, tmp_path, segments=2)
    paths[1].write_bytes(b"\x90" * 100)
    with pytest.raises(DamagedContainerError, match="not a segment"):
        open_image(paths[:1])


@pytest.mark.skipif(sys.platform == "win32", reason="the zone of a process is not told by TZ")
def test_the_times_of_an_ex01_are_utc_in_whatever_zone_the_computer_is(tmp_path: Path) -> None:
    (path,), _ = write_set(MEDIA, tmp_path)
    for zone, acquired, system in (("UTC", "11:44:05", "12:20:00"), ("Asia/Tokyo", "20:44:05", "21:20:00")):
        run = subprocess.run(
            [sys.executable, "-c", TIMES, path],
            env={**os.environ, "TZ": zone},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
        )
        *ours, theirs_acquired, theirs_system = json.loads(run.stdout)
        assert ours == ["2006-03-12T11:44:05Z", "2006-03-12T12:20:00Z"]
        assert acquired in theirs_acquired
        assert system in theirs_system


def test_what_the_acquisition_of_an_ex01_could_not_read_is_told(tmp_path: Path, opened: Open) -> None:
    paths, made = [], [Segment2(1), Segment2(2)]
    for segment, first, errors in zip(made, (0, 4), (((8, 8), (100, 2)), ((100, 2), (256, 1))), strict=True):
        segment.add_texts(8 * 64, 8)
        segment.add_chunks(first, [MEDIA[at * CHUNK : (at + 1) * CHUNK] for at in range(first, first + 4)])
        segment.add_read_errors(errors)
        segment.add(13 if segment is made[0] else 15)
        paths.append(segment.write(tmp_path / f"disk.Ex{segment.number:02d}"))
    image = opened(paths)
    regions = ((4096, 4096), (51_200, 1024), (131_072, 512))
    assert not_read(image.problems) == tuple(Region(offset_bytes=at, length_bytes=size) for at, size in regions)
    (told,) = (problem for problem in image.problems if problem.about == NOT_READ)
    assert "could not read 3 regions" in told.what
    assert told.is_damage


def test_a_damaged_list_of_read_errors_of_an_ex01_is_not_believed() -> None:
    entries = struct.pack("<QI4x", 8, 8)
    sound = summed(struct.pack("<I12x", 1)) + bytes(12) + entries + adler(entries) + bytes(12)
    assert parse_error_table(sound) == [(8, 8)]
    for at in (0, 16, 32, 40, 48):
        assert parse_error_table(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]) is None
    assert parse_error_table(sound[:50]) is None
    assert parse_error_table(b"") is None
