import hashlib
import shutil
import subprocess
from pathlib import Path

import pyewf
import pytest

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, UnreadableRegionError, UnsupportedContainerError
from evidence.examine import examine
from evidence.images import open_image
from evidence.images.base import Problem
from evidence.volumes.base import Volume
from tests.evidence.images import l01_builder
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import CHUNK, Segment, media_of, sections, summed
from tests.evidence.images.l01_builder import tree, tree_text, write_set

FILES = {"letter.txt": media_of(200_001, seed=51), "სურათი.bin": media_of(123_457, seed=52)}
MEDIA = b"".join(FILES.values())
CHUNKS = -(-len(MEDIA) // CHUNK)


def by_pyewf(paths: list[Path]) -> bytes:
    handle = pyewf.handle()
    handle.open([str(path) for path in paths])
    try:
        data: bytes = handle.read_buffer_at_offset(handle.get_media_size(), 0)
        return data
    finally:
        handle.close()


def test_the_media_of_an_l01_is_the_contents_of_its_files_as_libewf_reads_them(tmp_path: Path, opened: Open) -> None:
    paths, _ = write_set(FILES, tmp_path)
    image = opened(paths)
    assert (image.container, image.media_bytes, image.sector_bytes) == ("ewf", len(MEDIA), 512)
    assert image.read_at(0, len(MEDIA)) == MEDIA == by_pyewf(paths)
    assert image.read_at(199_990, 40) == MEDIA[199_990:200_030]
    assert image.read_at(len(MEDIA) - 5, 100) == MEDIA[-5:]
    assert image.read_at(len(MEDIA) + 7, 1) == b""
    assert image.metadata["media_type"] == "logical evidence"
    assert (image.metadata["case_number"], image.metadata["examiner"]) == ("case 7", "N. Jashi")
    assert image.stored_digests == {}
    assert hash_media(image, algorithms=("md5",)).digests["md5"] == hashlib.md5(MEDIA).digest()


def test_ewfverify_reads_the_same_digest(tmp_path: Path) -> None:
    if not shutil.which("ewfverify"):
        pytest.skip("ewfverify (Debian: ewf-tools) is not installed")
    paths, _ = write_set(FILES, tmp_path, segments=2)
    done = subprocess.run(["ewfverify", "-q", str(paths[0])], check=True, capture_output=True, text=True, timeout=60)
    assert hashlib.md5(MEDIA).hexdigest() in done.stdout


def test_an_l01_says_that_it_is_logical_evidence_and_that_is_no_damage(tmp_path: Path, opened: Open) -> None:
    paths, _ = write_set(FILES, tmp_path)
    (problem,) = opened(paths).problems
    assert "logical evidence" in problem.what
    assert not problem.is_damage


def test_examining_an_l01_says_what_it_is_and_takes_no_file_for_its_file_system(tmp_path: Path, opened: Open) -> None:
    boot = bytearray(64 * 512)
    boot[446:462] = bytes.fromhex("80010100060f0f0f0100000010000000")
    boot[510:512] = b"\x55\xaa"
    paths, _ = write_set({"disk.img": bytes(boot)}, tmp_path)
    found = list(examine(opened(paths), hash_files=False))
    volume, problem = found[0], found[-1]
    assert isinstance(volume, Volume)
    assert volume.file_system is not None
    assert volume.file_system.type == "l01"
    assert (volume.id, volume.kind, volume.length_bytes) == ("v0", "whole", 64 * 512)
    assert volume.partition_table is None
    assert "Logical evidence" in volume.description
    assert isinstance(problem, Problem)
    assert "no partitions" in problem.what
    assert not problem.is_damage


def test_the_segments_of_an_l01_are_found_in_any_order(tmp_path: Path, opened: Open) -> None:
    paths, _ = write_set(FILES, tmp_path, segments=3)
    for given in ([paths[1]], paths[::-1]):
        image = opened(given)
        assert list(image.paths) == paths
        assert image.read_at(0, len(MEDIA)) == MEDIA == by_pyewf(paths)
        assert image.container_bytes == sum(path.stat().st_size for path in paths)


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_a_missing_segment_of_an_l01_is_named(gone: int, tmp_path: Path) -> None:
    paths, _ = write_set(FILES, tmp_path, segments=3)
    paths[gone - 1].unlink()
    with pytest.raises(MissingSegmentError) as caught:
        open_image([paths[gone % 3]])
    assert caught.value.missing == (f"files.L{gone:02d}",)


@pytest.mark.parametrize("signature", [b"EVF\x09\x0d\x0a\xff\x00", b"\x90" * 8])
def test_a_segment_of_another_kind_in_the_set_of_an_l01_is_refused(signature: bytes, tmp_path: Path) -> None:
    paths, made = write_set(FILES, tmp_path, segments=2)
    paths[1].write_bytes(signature + made[1].data[8:])
    with pytest.raises(DamagedContainerError, match="not a segment"):
        open_image(paths[:1])


def test_the_digests_that_an_l01_stores_are_given(tmp_path: Path, opened: Open) -> None:
    _, (segment,) = write_set(FILES, tmp_path)
    del segment.data[-76:]
    segment.add("hash", summed(hashlib.md5(MEDIA).digest().ljust(32, b"\0")))
    segment.add("done")
    image = opened([segment.write(tmp_path / "files.L01")])
    assert image.stored_digests == {"md5": hashlib.md5(MEDIA).digest()}


@pytest.mark.parametrize("chunk", [0, 1, 2, CHUNKS - 1])
def test_a_flipped_byte_in_a_chunk_of_an_l01_is_said(chunk: int, tmp_path: Path, opened: Open) -> None:
    (path,), (segment,) = write_set(FILES, tmp_path)
    data = bytearray(segment.data)
    places = {kind: start for kind, start, _ in sections(bytes(data))}
    entry = places["table"] + 76 + 24 + 4 * chunk
    data[(int.from_bytes(data[entry : entry + 4], "little") & 0x7FFF_FFFF) + 9] ^= 0x10
    path.write_bytes(data)
    image = opened([path])
    (gap,) = hash_media(image, algorithms=("md5",)).unreadable
    size = min(CHUNK, len(MEDIA) - chunk * CHUNK)
    assert (gap.offset_bytes, gap.length_bytes) == (chunk * CHUNK, size)
    with pytest.raises(UnreadableRegionError):
        image.read_at(chunk * CHUNK + 7, 5)


def test_a_flip_anywhere_in_the_structures_of_an_l01_is_never_silent(tmp_path: Path) -> None:
    (path,), (segment,) = write_set({"a": MEDIA[:70_001]}, tmp_path)
    data = bytes(segment.data)
    chunks = next((start + 76, end) for kind, start, end in sections(data) if kind == "sectors")
    silent = []
    for position in [*range(0, chunks[0], 11), *range(chunks[1], len(data), 5)]:
        changed = bytearray(data)
        changed[position] ^= 0x21
        path.write_bytes(changed)
        try:
            image = open_image([path])
        except (DamagedContainerError, MissingSegmentError):
            continue
        try:
            read = hash_media(image, algorithms=("md5",))
            right = read.digests["md5"] == hashlib.md5(MEDIA[:70_001]).digest()
            if not any(problem.is_damage for problem in image.problems) and not (right or read.unreadable):
                silent.append(position)
        finally:
            image.close()
    assert not silent


@pytest.mark.parametrize("place", [0, 16, 24, 30, 48, 300])
def test_a_damaged_list_of_files_is_refused_where_libewf_may_give_an_empty_media(place: int, tmp_path: Path) -> None:
    (path,), (segment,) = write_set(FILES, tmp_path)
    data = bytearray(segment.data)
    start = next(start for kind, start, _ in sections(bytes(data)) if kind == "ltree")
    data[start + 76 + place] ^= 0x01
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match="list of its files is damaged"):
        open_image([path])


TEXT = tree_text(FILES)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5\nrec",
        TEXT.replace("tb\tcl", "xx\tcl", 1),
        TEXT.replace(str(len(MEDIA)), "-1", 1),
        TEXT.replace(str(len(MEDIA)), "", 1),
        TEXT.replace(str(len(MEDIA)), "9" * 19, 1),
    ],
)
def test_a_list_of_files_without_a_possible_size_is_refused(text: str, tmp_path: Path) -> None:
    (path,), _ = write_set(FILES, tmp_path, text=text)
    with pytest.raises(DamagedContainerError):
        open_image([path])


@pytest.mark.parametrize("section", [tree(TEXT)[:40], tree(TEXT)[:-2], None])
def test_an_l01_without_a_whole_list_of_files_is_refused(section: bytes | None, tmp_path: Path) -> None:
    segment = Segment(1, l01_builder.SIGNATURE)
    segment.add("volume", l01_builder.logical_volume())
    segment.add_chunks([MEDIA[:CHUNK]])
    if section is not None:
        segment.add("ltree", section)
    segment.add("done")
    with pytest.raises(DamagedContainerError, match="list of its files"):
        open_image([segment.write(tmp_path / "files.L01")])


def test_a_size_beyond_the_chunks_is_said_and_what_is_not_there_is_unreadable(tmp_path: Path, opened: Open) -> None:
    (path,), _ = write_set(FILES, tmp_path, text=TEXT.replace(str(len(MEDIA)), "500000", 1))
    image = opened([path])
    assert any(f"list {CHUNKS} chunks" in problem.what and problem.is_damage for problem in image.problems)
    assert image.read_at(0, (CHUNKS - 1) * CHUNK) == MEDIA[: (CHUNKS - 1) * CHUNK]
    with pytest.raises(UnreadableRegionError):
        image.read_at(CHUNKS * CHUNK, 10)


def test_two_lists_of_files_that_differ_are_said(tmp_path: Path, opened: Open) -> None:
    _, (segment,) = write_set(FILES, tmp_path)
    del segment.data[-76:]
    segment.add("ltree", tree(tree_text({"a": b"b"})))
    segment.add("done")
    image = opened([segment.write(tmp_path / "files.L01")])
    assert image.media_bytes == len(MEDIA)
    assert any("Two lists of files differ" in problem.what for problem in image.problems)


@pytest.mark.parametrize(("sector_bytes", "per_chunk"), [(4096, 8), (4096, 64), (512, 128)])
def test_chunks_of_other_sizes_are_read(sector_bytes: int, per_chunk: int, tmp_path: Path, opened: Open) -> None:
    chunk = sector_bytes * per_chunk
    segment = Segment(1, l01_builder.SIGNATURE)
    segment.add("volume", l01_builder.logical_volume(sector_bytes, per_chunk))
    segment.add_chunks([MEDIA[start : start + chunk] for start in range(0, len(MEDIA), chunk)])
    segment.add("ltree", tree(TEXT))
    segment.add("done")
    path = segment.write(tmp_path / "files.L01")
    image = opened([path])
    assert image.sector_bytes == sector_bytes
    assert image.read_at(0, len(MEDIA)) == MEDIA == by_pyewf([path])


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("unit", [512, CHUNK])
def test_a_last_chunk_filled_up_to_a_sector_is_read(compress: bool, unit: int, tmp_path: Path, opened: Open) -> None:
    segment = Segment(1, l01_builder.SIGNATURE)
    segment.add("volume", l01_builder.logical_volume())
    filled = MEDIA + b"\xee" * (-len(MEDIA) % unit)
    chunks = [filled[start : start + CHUNK] for start in range(0, len(filled), CHUNK)]
    segment.add_chunks(chunks, compress=lambda number: compress)
    segment.add("ltree", tree(TEXT))
    segment.add("done")
    image = opened([segment.write(tmp_path / "files.L01")])
    assert image.read_at(0, len(MEDIA) + 9) == MEDIA


def test_files_without_contents_make_an_empty_media(tmp_path: Path, opened: Open) -> None:
    segment = Segment(1, l01_builder.SIGNATURE)
    segment.add("volume", l01_builder.logical_volume())
    segment.add("ltree", tree(tree_text({"empty": b""})))
    segment.add("done")
    image = opened([segment.write(tmp_path / "files.L01")])
    assert (image.media_bytes, image.read_at(0, 10)) == (0, b"")
    assert not any(problem.is_damage for problem in image.problems)


def test_an_lx01_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "files.Lx01"
    path.write_bytes(b"LEF2\r\n\x81\x00" + bytes(4096))
    with pytest.raises(UnsupportedContainerError, match="Lx01"):
        open_image([path])
