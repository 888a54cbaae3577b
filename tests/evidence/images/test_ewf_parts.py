"""The small parts of the EWF reader by themselves: one chunk, and the choice between two damaged tables."""

import zlib
from contextlib import closing
from pathlib import Path

import pytest

from evidence.images.ewf_chunk import BadChunkError, stored_limit_bytes, unpack
from evidence.images.ewf_sections import Problems, walk
from evidence.images.ewf_table import ChunkMap, Entries, Table, combine, read_table, settle
from evidence.images.source import SourceSet
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import CHUNK, Segment, chunks_of, long_volume, media_of, summed

MEDIA = media_of(6 * CHUNK, seed=50)
PARTS = chunks_of(MEDIA)


@pytest.mark.parametrize("size", [CHUNK, 512])
@pytest.mark.parametrize("compressed", [True, False])
def test_a_sound_chunk_is_given_whatever_follows_it(size: int, compressed: bool) -> None:
    data = PARTS[1][:size]
    stored = zlib.compress(data) if compressed else summed(data)
    given = unpack(memoryview(stored + b"next"), compressed=compressed, wanted_bytes=size, chunk_bytes=CHUNK)
    assert bytes(given) == data


@pytest.mark.parametrize(
    ("stored", "compressed", "why"),
    [
        (summed(PARTS[1])[:-1], False, "cut off"),
        (summed(PARTS[1])[:-4] + b"\0\1\2\3", False, "checksum"),
        (zlib.compress(PARTS[1])[:-1], True, "cut off"),
        (zlib.compress(PARTS[1])[:-4] + b"\0\1\2\3", True, "damaged"),
        (zlib.compress(PARTS[1] + b"more"), True, "larger"),
        (zlib.compress(PARTS[1][:-1]), True, "32767 bytes instead of 32768"),
        (b"", True, "cut off"),
    ],
)
def test_an_unsound_chunk_is_refused(stored: bytes, compressed: bool, why: str) -> None:
    with pytest.raises(BadChunkError, match=why):
        unpack(memoryview(stored), compressed=compressed, wanted_bytes=CHUNK, chunk_bytes=CHUNK)


@pytest.mark.parametrize("level", range(10))
def test_no_compressor_makes_more_of_a_chunk_than_the_limit(level: int) -> None:
    noise = media_of(CHUNK, seed=3)
    assert len(zlib.compress(noise, level)) < stored_limit_bytes(CHUNK)


def tables_of(path: Path) -> tuple[SourceSet, list[Table]]:
    files = SourceSet([path])
    found = [section for section in walk(files, 0, Problems()) if section.kind in ("table", "table2")]
    return files, [read_table(files, section) for section in found]


def damaged(tmp_path: Path, *, header_of: str, entries_of: str) -> Path:
    segment = Segment()
    segment.add("volume", long_volume(len(PARTS), len(MEDIA) // 512))
    segment.add_chunks(PARTS)
    data = segment.data
    starts = {"table2": segment.last, "table": segment.last - (segment.offset - segment.last)}
    data[starts[header_of] + 76 + 10] ^= 1
    data[starts[entries_of] + 76 + 24 + 6] ^= 1
    segment.add("done")
    return segment.write(tmp_path / "disk.E01")


@pytest.mark.parametrize(("header_of", "entries_of"), [("table", "table2"), ("table2", "table")])
def test_a_sound_header_and_sound_entries_make_one_table_of_two(
    header_of: str, entries_of: str, tmp_path: Path, opened: Open
) -> None:
    path = damaged(tmp_path, header_of=header_of, entries_of=entries_of)
    files, (table, twin) = tables_of(path)
    with closing(files):
        assert not table.sound
        assert not twin.sound
        assert combine(table, twin).sound
    assert opened([path]).read_at(0, len(MEDIA)) == MEDIA


def test_nothing_is_believed_of_a_table_without_its_header(tmp_path: Path) -> None:
    path = damaged(tmp_path, header_of="table", entries_of="table2")
    files, (table, _) = tables_of(path)
    with closing(files):
        assert table.entries is Entries.SOUND
        settled = settle(table)
        assert settled.entries is Entries.DAMAGED
        chunks = ChunkMap(files, [settled], len(PARTS))
        assert list(chunks.places(0, len(PARTS))) == [None] * len(PARTS)
        assert chunks.unknown_run(2, 100) == len(PARTS) - 2


def test_a_table_that_is_damaged_twice_has_no_known_length(tmp_path: Path) -> None:
    path = damaged(tmp_path, header_of="table", entries_of="table")
    files, (table, twin) = tables_of(path)
    with closing(files):
        assert table.count is None
        assert combine(table, twin) is twin
        assert combine(table, settle(table)).count is None


def test_pages_of_a_long_table_join_without_a_seam(tmp_path: Path, opened: Open) -> None:
    """More entries than a page holds, of chunks of one sector."""
    media = media_of(10_000 * 512, seed=51)
    sectors = [media[start : start + 512] for start in range(0, len(media), 512)]
    segment = Segment()
    segment.add("volume", long_volume(len(sectors), len(sectors), per_chunk=1))
    segment.add_chunks(sectors, compress=lambda number: number % 2 == 0)
    segment.add("done")
    image = opened([segment.write(tmp_path / "disk.E01")])
    assert not image.problems
    assert image.read_at(0, len(media)) == media
    assert image.read_at(4095 * 512, 1024) == media[4095 * 512 : 4097 * 512]
