"""What ewfacquire does not write: old and odd forms of EWF, and hostile ones, built from the published format."""

import hashlib
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest

from evidence.errors import DamagedContainerError, UnreadableRegionError
from evidence.images import Region, open_image
from evidence.images.base import not_read
from evidence.images.ewf import EwfImage
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import (
    CHUNK,
    SET_IDENTIFIER,
    Segment,
    chunks_of,
    long_volume,
    media_of,
    packed,
    sections,
    short_volume,
    simple,
    summed,
    table,
)

SECTORS = 500
MEDIA = media_of(SECTORS * 512, seed=21)
PARTS = chunks_of(MEDIA)


def test_several_tables_in_one_segment(tmp_path: Path, opened: Open) -> None:
    image = opened([simple(MEDIA, tmp_path / "disk.E01", per_table=3)])
    assert image.read_at(0, len(MEDIA)) == MEDIA
    assert not image.problems
    assert image.stored_digests == {"md5": hashlib.md5(MEDIA).digest()}
    assert image.metadata["set_identifier"] == str(SET_IDENTIFIER)
    assert image.metadata["media_flags"] == "physical"


@pytest.mark.parametrize("footer", [True, False])
def test_chunks_inside_the_table_section_as_in_encase_1_and_smart(footer: bool, tmp_path: Path, opened: Open) -> None:
    segment = Segment()
    segment.add("volume", short_volume(len(PARTS), SECTORS))
    start = segment.offset + 76 + 24 + 4 * len(PARTS) + (4 if footer else 0)
    body, offsets = b"", []
    for part in PARTS:
        stored, flag = packed(part, compress=True)
        offsets.append(start + len(body) | flag)
        body += stored
    segment.add("table", table(offsets, footer=footer) + body)
    segment.add("done", size=76)
    image = opened([segment.write(tmp_path / "disk.E01")])
    assert image.read_at(0, len(MEDIA)) == MEDIA
    assert not image.problems
    assert "media_type" not in image.metadata


def test_a_last_chunk_that_was_stored_whole(tmp_path: Path, opened: Open) -> None:
    for compress in (True, False):
        segment = Segment()
        segment.add("volume", long_volume(len(PARTS), SECTORS))
        padded = [*PARTS[:-1], PARTS[-1].ljust(CHUNK, b"\0")]
        segment.add_chunks(padded, compress=lambda number, how=compress: how)
        segment.add("done")
        image = opened([segment.write(tmp_path / f"disk{compress}.E01")])
        assert image.read_at(0, len(MEDIA) + 100) == MEDIA


def test_sections_without_a_size_as_expert_witness_wrote_them(tmp_path: Path, opened: Open) -> None:
    data = bytearray(simple(MEDIA, tmp_path / "disk.E01").read_bytes())
    for _, start, _ in sections(data):
        data[start + 24 : start + 32] = bytes(8)
        data[start + 72 : start + 76] = struct.pack("<I", zlib.adler32(data[start : start + 72]))
    (tmp_path / "disk.E01").write_bytes(data)
    image = opened([tmp_path / "disk.E01"])
    assert image.read_at(0, len(MEDIA)) == MEDIA
    assert not image.problems


def test_tables_past_2_gib_whose_offsets_take_the_place_of_the_flag(tmp_path: Path, opened: Open) -> None:
    """EnCase 6.7.1: the segment is sparse here, its first chunks before and its last ones after 2 GiB."""
    segment = Segment()
    segment.add("volume", long_volume(4, 4 * 64))
    path = tmp_path / "disk.E01"
    base, gap = segment.offset, 0x8000_0000
    near = [packed(PARTS[0], compress=True), packed(PARTS[1], compress=False)]
    far = [packed(part, compress=False)[0] for part in PARTS[2:4]]
    offsets = [76 | near[0][1], 76 + len(near[0][0]), gap + 100, gap + 100 + len(far[0])]
    end = base + gap + 100 + len(far[0]) + len(far[1])
    head = struct.pack("<16sQQ40x", b"sectors", end, end - base)
    body = table(offsets, base)
    with path.open("wb") as file:
        file.write(segment.data + summed(head) + near[0][0] + near[1][0])
        file.seek(base + gap + 100)
        file.write(far[0] + far[1])
        last = end + 76 + len(body)
        file.write(summed(struct.pack("<16sQQ40x", b"table", last, last - end)) + body)
        file.write(summed(struct.pack("<16sQQ40x", b"done", last, 0)))
    image = opened([path])
    assert image.read_at(0, 4 * CHUNK) == MEDIA[: 4 * CHUNK]
    assert not image.problems


def test_read_errors_of_the_acquisition_are_told(tmp_path: Path, opened: Open) -> None:
    entries = struct.pack("<IIIIII", 8, 8, 64, 1, 100, 2)
    body = summed(struct.pack("<I512x", 3)) + summed(entries)
    image = opened([simple(MEDIA, tmp_path / "disk.E01", more=[("error2", body)])])
    assert isinstance(image, EwfImage)
    assert list(image.acquisition_errors) == [
        Region(offset_bytes=4096, length_bytes=4096),
        Region(offset_bytes=32768, length_bytes=512),
        Region(offset_bytes=51200, length_bytes=1024),
    ]
    (problem,) = image.problems
    assert "3 regions" in problem.what
    assert "4096 bytes at 4096" in problem.what
    assert not_read(image.problems) == tuple(image.acquisition_errors)


def test_the_tracks_of_a_disc_are_told(tmp_path: Path, opened: Open) -> None:
    body = summed(struct.pack("<I28x", 2)) + summed(struct.pack("<II24xII24x", 0, 16, 1, 400))
    image = opened([simple(MEDIA, tmp_path / "disk.E01", more=[("session", body)])])
    assert isinstance(image, EwfImage)
    assert image.tracks == ((16, False), (400, True))
    assert not image.problems


@pytest.mark.parametrize(
    ("kind", "body", "word"),
    [
        ("error2", bytes(600), "read errors"),
        ("error2", summed(struct.pack("<I512x", 0xFFFF_FFFF)) + bytes(100), "read errors"),
        ("session", bytes(20), "sessions"),
        ("session", summed(struct.pack("<I28x", 0xFFFF_FFFF)), "sessions"),
        ("digest", bytes(79) + b"\1", "stored digests"),
        ("xhash", b"no zlib", "stored digests"),
        ("header2", b"no zlib", "header2"),
        ("header", zlib.compress(b"1\nno category\n"), "header"),
        ("xheader", zlib.compress(b"x" * 100)[:-1], "xheader"),
        ("header", zlib.compress(bytes(64 << 20)), "header"),
        ("incomplete", b"", "incomplete"),
        ("mystery", b"?", "unknown type"),
        ("digest", summed(b"\5" * 16 + bytes(60)), "Two different MD5"),
        ("data", b"short", "too short"),
        ("data", long_volume(3, 150), "descriptions of the media differ"),
        ("data", long_volume(3, 150)[:-1] + b"x", "checksum of the description"),
    ],
)
def test_what_is_wrong_with_a_small_section_is_said_and_the_media_are_read(
    kind: str, body: bytes, word: str, tmp_path: Path, opened: Open
) -> None:
    image = opened([simple(MEDIA, tmp_path / "disk.E01", more=[(kind, body)])])
    assert any(word in problem.what for problem in image.problems)
    assert image.read_at(0, len(MEDIA)) == MEDIA


def test_texts_in_every_encoding(tmp_path: Path, opened: Open) -> None:
    text = "3\nmain\na\tc\te\tm\tp\tzz\nდისკი\t№ 7\tJürgen\t1142163845\tsecret\tx\n\nsrce\n0\t1\n\n"
    windows = b"1\r\nmain\r\na\te\tm\tr\r\nvor Ort\tJ\xfcrgen\t2002 3 4 10 19 59\tb\r\n\r\n"
    headers = {
        "header2": (text.encode("utf-16"), "დისკი", "2006-03-12T11:44:05Z"),
        "header": (windows, "vor Ort", "2002-03-04T10:19:59"),
        "xheader": (b"<xheader><description>a &amp; b</description></xheader>", "a & b", None),
    }
    for kind, (content, description, acquired) in headers.items():
        image = opened([simple(MEDIA, tmp_path / f"{kind}.E01", more=[(kind, zlib.compress(content))])])
        assert image.metadata["description"] == description
        assert image.metadata.get("acquired_at") == acquired
        assert "secret" not in image.metadata.values()
        assert not image.problems
        if kind != "xheader":
            assert image.metadata["examiner"] == "Jürgen"
        if kind == "header":
            assert image.metadata["compression"] == "best"


@pytest.mark.parametrize("time", ["", "2002 13 45 10 19 59", "99999999999999999999", "1 2 3", "soon"])
def test_times_that_are_none_are_left_as_they_are(time: str, tmp_path: Path, opened: Open) -> None:
    header = zlib.compress(f"1\nmain\na\tm\nx\t{time}\n\n".encode())
    image = opened([simple(MEDIA, tmp_path / "disk.E01", more=[("header", header)])])
    assert image.metadata.get("acquired_at", "") == time


def test_an_image_without_a_description_of_its_media_is_refused(tmp_path: Path) -> None:
    segment = Segment()
    segment.add_chunks(PARTS)
    segment.add("done")
    with pytest.raises(DamagedContainerError, match="how large"):
        open_image([segment.write(tmp_path / "disk.E01")])


@pytest.mark.parametrize(
    "volume",
    [
        long_volume(1, 1 << 62),
        long_volume(1, 0xFFFF_FFFF_FFFF_FFFF),
        long_volume(1, 64, sector_bytes=0),
        long_volume(1, 64, per_chunk=0),
        long_volume(1, 64, per_chunk=0xFFFF_FFFF),
        long_volume(1, 64, sector_bytes=0xFFFF_FFFF),
    ],
)
def test_impossible_sizes_are_refused_without_taking_memory(volume: bytes, tmp_path: Path) -> None:
    segment = Segment()
    segment.add("volume", volume)
    segment.add("done")
    path = segment.write(tmp_path / "disk.E01")
    tracemalloc.start()
    try:
        with pytest.raises(DamagedContainerError):
            open_image([path])
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_announcement_costs_no_memory_and_is_unreadable(tmp_path: Path, opened: Open) -> None:
    segment = Segment()
    segment.add("volume", long_volume(0xFFFF_FFFF, 0xFFFF_FFFF * 64))
    segment.add("sectors", b"")
    segment.add("table", summed(struct.pack("<I4xQ4x", 0xFFFF_FFFF, 0)) + bytes(40))
    segment.add("hash", bytes(0))
    segment.add("done", following=0)
    path = segment.write(tmp_path / "disk.E01")
    tracemalloc.start()
    try:
        image = opened([path])
        with pytest.raises(UnreadableRegionError) as caught:
            image.read_at(1 << 40, 4096)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert caught.value.offset_bytes + caught.value.length_bytes == image.media_bytes


def test_a_chunk_that_would_unpack_to_much_more_is_unreadable(tmp_path: Path, opened: Open) -> None:
    segment = Segment()
    segment.add("volume", long_volume(1, 64))
    bomb = zlib.compress(bytes(60 << 20), 9)[:60_000]
    start = segment.offset + 76
    segment.add("sectors", bomb)
    segment.add("table", table([start | 0x8000_0000]))
    segment.add("done")
    image = opened([segment.write(tmp_path / "disk.E01")])
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableRegionError, match="larger than a chunk"):
            image.read_at(0, 512)
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("following", [0, 13, 1 << 63, 0xFFFF_FFFF_FFFF_FFFF])
@pytest.mark.parametrize("size", [0, 1, 76, 1 << 63])
def test_loops_and_leaps_in_the_chain_of_sections_end_it(
    following: int, size: int, tmp_path: Path, opened: Open
) -> None:
    segment = Segment()
    segment.add("volume", long_volume(len(PARTS), SECTORS))
    segment.add_chunks(PARTS)
    segment.add("data", long_volume(len(PARTS), SECTORS), following=following, size=size)
    image = opened([segment.write(tmp_path / "disk.E01")])
    assert image.problems
    assert image.read_at(0, len(MEDIA)) == MEDIA


def test_a_crafted_image_with_two_chains_is_told(tmp_path: Path, opened: Open) -> None:
    segment = Segment()
    segment.add("volume", long_volume(len(PARTS), SECTORS))
    segment.add_chunks(PARTS)
    segment.add("data", long_volume(len(PARTS), SECTORS), size=76 + 1052 + 500)
    segment.add("done")
    image = opened([segment.write(tmp_path / "disk.E01")])
    assert any("disagree" in problem.what for problem in image.problems)


def test_many_problems_are_counted_not_kept(tmp_path: Path, opened: Open) -> None:
    image = opened([simple(MEDIA, tmp_path / "disk.E01", more=[("mystery", b"")] * 3000)])
    assert len(image.problems) == 1001
    assert "2000 further problems" in image.problems[-1].what


def test_tables_that_list_more_than_the_media_has_are_told(tmp_path: Path, opened: Open) -> None:
    segment = Segment()
    segment.add("volume", long_volume(len(PARTS) - 1, (len(PARTS) - 1) * 64))
    segment.add_chunks(PARTS)
    segment.add("done")
    image = opened([segment.write(tmp_path / "disk.E01")])
    assert any("tables list" in problem.what for problem in image.problems)
    assert image.read_at(0, len(MEDIA)) == MEDIA[: image.media_bytes]


def test_a_lost_table_between_others_makes_what_follows_uncertain_not_wrong(tmp_path: Path, opened: Open) -> None:
    data = bytearray(simple(MEDIA, tmp_path / "disk.E01", per_table=2).read_bytes())
    third = [start for kind, start, _ in sections(data) if kind == "table"][2]
    fourth = [start for kind, start, _ in sections(data) if kind == "table2"][2]
    for start in (third, fourth):
        data[start] ^= 0x20
    (tmp_path / "disk.E01").write_bytes(data)
    image = opened([tmp_path / "disk.E01"])
    assert image.read_at(0, 4 * CHUNK) == MEDIA[: 4 * CHUNK]
    with pytest.raises(UnreadableRegionError) as caught:
        image.read_at(4 * CHUNK, 1)
    assert caught.value.offset_bytes + caught.value.length_bytes == len(MEDIA)
    assert any("not certain" in problem.what for problem in image.problems)


def test_large_chunks_are_read_and_kept_one_at_a_time(tmp_path: Path, opened: Open) -> None:
    per_chunk = 16384
    media = media_of(3 * per_chunk * 512 - 4096, seed=30)
    parts = [media[start : start + per_chunk * 512] for start in range(0, len(media), per_chunk * 512)]
    segment = Segment()
    segment.add("volume", long_volume(3, len(media) // 512, per_chunk=per_chunk))
    segment.add_chunks(parts)
    segment.add("done")
    image = opened([segment.write(tmp_path / "disk.E01")])
    for start in (0, 5, 8_000_000, 20_000_000, len(media) - 1000):
        assert image.read_at(start, 3000) == media[start : start + 3000]
    assert image.read_at(0, len(media)) == media
