"""Damaged EWF images: what is wrong is said, and no byte of the media is ever given wrongly."""

import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence.digest import hash_media
from evidence.errors import DamagedContainerError, MissingSegmentError, SourceError, UnreadableRegionError
from evidence.images import Image, open_image
from tests.evidence.images.conftest import Open
from tests.evidence.images.ewf_builder import (
    CHUNK,
    Segment,
    acquire,
    chunks_of,
    long_volume,
    media_of,
    sections,
    simple,
)

SIZE = 700 * 512
MEDIA = media_of(SIZE, seed=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("damage")


@pytest.fixture(scope="module")
def whole(folder: Path) -> dict[str, bytes]:
    """One undamaged segment of each family: with two tables, and with one (SMART)."""
    raw = folder / "disk.raw"
    raw.write_bytes(MEDIA)
    images = {"ours": simple(MEDIA, folder / "ours.E01", per_table=3).read_bytes()}
    if shutil.which("ewfacquire"):
        for form in ("encase6", "smart", "ftk"):
            (segment,) = acquire(raw, folder / form, "-f", form, "-c", "fast", "-d", "sha1")
            images[form] = segment.read_bytes()
    return images


def chunks(image: Image, size: int = SIZE) -> Iterator[bytes | None]:
    """The media chunk by chunk; None for what cannot be read."""
    for start in range(0, size, CHUNK):
        try:
            yield image.read_at(start, CHUNK)
        except UnreadableRegionError as error:
            yield None if error.offset_bytes <= start < error.offset_bytes + error.length_bytes else b"elsewhere"


def never_wrong(path: Path) -> tuple[bool, bool]:
    """Whether the image opened, and whether all of the media was read; every byte given must be right."""
    try:
        image = open_image([path])
    except SourceError:
        return False, False
    with closing(image):
        if image.container != "ewf":
            return False, False
        assert image.media_bytes == SIZE
        complete = True
        for number, chunk in enumerate(chunks(image)):
            complete = complete and chunk is not None
            assert chunk in (None, MEDIA[number * CHUNK : (number + 1) * CHUNK]), f"chunk {number} is wrong in silence"
        said = bool(image.problems)
        whole_chunks = hash_media(image, algorithms=("md5",))
        assert complete == (not whole_chunks.unreadable)
        assert complete or said or whole_chunks.unreadable
        return True, complete


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, (1 << 64) - 1))
def test_a_changed_byte_anywhere_never_gives_a_wrong_byte_of_media(
    seed: int, folder: Path, whole: dict[str, bytes]
) -> None:
    lot = random.Random(seed)
    form = lot.choice(sorted(whole))
    original = whole[form]
    borders = [place for _, start, end in sections(original) for place in (start, min(start + 120, end - 1), end - 1)]
    near, last = lot.choice(borders), len(original) - 1
    position = lot.choice((lot.randint(max(0, near - 80), min(last, near + 80)), lot.randint(0, last)))
    changed = bytearray(original)
    changed[position] ^= lot.randint(1, 255)
    path = folder / ("changed.s01" if form == "smart" else "changed.E01")
    path.write_bytes(changed)
    never_wrong(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_overwritten_stretches_never_give_a_wrong_byte_of_media(
    data: st.DataObject, folder: Path, whole: dict[str, bytes]
) -> None:
    form = data.draw(st.sampled_from(sorted(whole)))
    changed = bytearray(whole[form])
    start = data.draw(st.integers(0, len(changed) - 1))
    length = data.draw(st.sampled_from([2, 16, 512, 5000]))
    filler = data.draw(st.sampled_from([b"\0", b"\xff", b"\x55"]))
    changed[start : start + length] = (filler * length)[: len(changed) - start]
    path = folder / ("stretch.s01" if form == "smart" else "stretch.E01")
    path.write_bytes(changed)
    never_wrong(path)


@pytest.mark.parametrize("form", ["ours", "encase6", "smart", "ftk"])
def test_cut_off_at_every_border_of_a_section_is_said(form: str, tmp_path: Path, whole: dict[str, bytes]) -> None:
    if form not in whole:
        pytest.skip("ewfacquire (Debian: ewf-tools) is not installed")
    original = whole[form]
    path = tmp_path / ("cut.s01" if form == "smart" else "cut.E01")
    for _, start, end in sections(original):
        for size in {start, start + 30, start + 76, start + 90, end - 1}:
            if not 13 < size < len(original):
                continue
            path.write_bytes(original[:size])
            opened, complete = never_wrong(path)
            if opened:
                with closing(open_image([path])) as image:
                    assert any("cut off" in problem.what for problem in image.problems), size
            assert opened or not complete


def test_a_flip_in_every_byte_of_every_structure_is_never_silent(tmp_path: Path) -> None:
    original = simple(MEDIA[: 3 * CHUNK], tmp_path / "whole.E01", per_table=2).read_bytes()
    path = tmp_path / "flip.E01"
    for kind, start, end in sections(original):
        stop = start + 76 if kind == "sectors" else end
        for position in range(start, min(stop, start + 76 + 60)):
            changed = bytearray(original)
            changed[position] ^= 0x11
            path.write_bytes(changed)
            try:
                image = open_image([path])
            except SourceError:
                continue
            with closing(image):
                assert image.problems, f"{kind} at {position - start}"
                for number, chunk in enumerate(chunks(image, 3 * CHUNK)):
                    assert chunk in (None, MEDIA[number * CHUNK : (number + 1) * CHUNK])


def test_a_damaged_table_is_made_good_by_its_second_copy(tmp_path: Path, opened: Open) -> None:
    data = bytearray(simple(MEDIA, tmp_path / "disk.E01").read_bytes())
    start = next(start for kind, start, _ in sections(data) if kind == "table")
    data[start + 76 + 24 + 5] ^= 4
    (tmp_path / "disk.E01").write_bytes(data)
    image = opened([tmp_path / "disk.E01"])
    assert image.read_at(0, SIZE) == MEDIA
    (problem,) = image.problems
    assert "second copy" in problem.what
    assert (problem.where, problem.offset_bytes) == ("disk.E01", start)


def test_two_damaged_tables_still_give_what_they_agree_on(tmp_path: Path, opened: Open) -> None:
    data = bytearray(simple(MEDIA, tmp_path / "disk.E01").read_bytes())
    for kind, entry in (("table", 2), ("table2", 4)):
        start = next(start for name, start, _ in sections(data) if name == kind)
        data[start + 76 + 24 + 4 * entry + 1] ^= 4
    (tmp_path / "disk.E01").write_bytes(data)
    image = opened([tmp_path / "disk.E01"])
    read = list(chunks(image))
    assert [number for number, chunk in enumerate(read) if chunk is None] == [2, 4]
    assert any("damaged" in problem.what for problem in image.problems)


def test_a_chunk_with_a_wrong_checksum_is_listed_and_hashed_as_zeros(tmp_path: Path, opened: Open) -> None:
    data = bytearray(simple(MEDIA, tmp_path / "disk.E01").read_bytes())
    start = next(start for kind, start, _ in sections(data) if kind == "sectors")
    data[start + 76 + 1000] ^= 1
    (tmp_path / "disk.E01").write_bytes(data)
    image = opened([tmp_path / "disk.E01"])
    assert list(image.problems) == []
    with pytest.raises(UnreadableRegionError) as caught:
        image.read_at(100, 20)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (0, CHUNK)
    assert image.read_at(CHUNK, 10) == MEDIA[CHUNK : CHUNK + 10]
    result = hash_media(image)
    assert [(region.offset_bytes, region.length_bytes) for region in result.unreadable] == [(0, CHUNK)]
    assert result.digests["md5"] != image.stored_digests["md5"]


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    place = tmp_path_factory.mktemp("split")
    raw = place / "noise"
    raw.write_bytes(media_of(5 << 20, seed=5))
    return acquire(raw, place / "disk", "-f", "encase6", "-c", "none", "-S", "1048576")


def copied(segments: list[Path], target: Path, names: dict[str, str]) -> None:
    for segment in segments:
        if segment.suffix in names:
            shutil.copy(segment, target / f"disk{names[segment.suffix]}")


ALL = {f".E0{number}": f".E0{number}" for number in range(1, 7)}


@pytest.mark.parametrize("gone", [".E01", ".E02", ".E04"])
def test_a_missing_segment_is_named(gone: str, split: list[Path], tmp_path: Path) -> None:
    copied(split, tmp_path, {key: value for key, value in ALL.items() if key != gone})
    with pytest.raises(MissingSegmentError) as caught:
        open_image([tmp_path / ("disk.E02" if gone == ".E01" else "disk.E01")])
    assert caught.value.missing == (f"disk{gone}",)
    assert [path.name for path in caught.value.found] == [
        f"disk{key}" for key in ALL if key != gone and key <= split[-1].suffix
    ]


def test_a_missing_last_segment_is_named(split: list[Path], tmp_path: Path) -> None:
    last = split[-1].suffix
    copied(split, tmp_path, {key: value for key, value in ALL.items() if key != last})
    with pytest.raises(MissingSegmentError) as caught:
        open_image([tmp_path / "disk.E01"])
    assert caught.value.missing == (f"disk{last}",)


def test_segments_whose_names_were_swapped_are_read_in_their_true_order(
    split: list[Path], tmp_path: Path, opened: Open
) -> None:
    copied(split, tmp_path, ALL | {".E02": ".E03", ".E03": ".E02"})
    image = opened([tmp_path / "disk.E01"])
    assert image.read_at(0, image.media_bytes) == media_of(5 << 20, seed=5)
    assert [path.name for path in image.paths][:3] == ["disk.E01", "disk.E03", "disk.E02"]
    assert sum("says that it is segment" in problem.what for problem in image.problems) == 2


def test_a_segment_in_place_of_another_is_refused(split: list[Path], tmp_path: Path) -> None:
    copied(split, tmp_path, ALL)
    shutil.copy(tmp_path / "disk.E03", tmp_path / "disk.E02")
    with pytest.raises(DamagedContainerError, match="segment 3"):
        open_image([tmp_path / "disk.E01"])


def test_a_segment_of_another_acquisition_is_said(tmp_path: Path, opened: Open) -> None:
    parts = chunks_of(MEDIA)
    first, second = Segment(1), Segment(2)
    first.add("volume", long_volume(len(parts), 700))
    first.add_chunks(parts[:4])
    first.add("next")
    second.add("data", long_volume(len(parts), 700, identifier=UUID(int=7)))
    second.add_chunks(parts[4:])
    second.add("done")
    first.write(tmp_path / "disk.E01")
    second.write(tmp_path / "disk.E02")
    image = opened([tmp_path / "disk.E01"])
    (problem,) = image.problems
    assert "another acquisition" in problem.what
    assert problem.where == "disk.E02"


def test_an_empty_second_segment_is_said_to_be_none(split: list[Path], tmp_path: Path) -> None:
    copied(split, tmp_path, ALL)
    (tmp_path / "disk.E02").write_bytes(b"")
    with pytest.raises(DamagedContainerError) as caught:
        open_image([tmp_path / "disk.E01"])
    assert caught.value.path.name == "disk.E02"


def test_a_segment_cut_off_in_the_middle_of_a_set_never_shifts_the_rest(
    split: list[Path], tmp_path: Path, opened: Open
) -> None:
    copied(split, tmp_path, ALL)
    second = tmp_path / "disk.E02"
    second.write_bytes(second.read_bytes()[:600_000])
    image = opened([tmp_path / "disk.E01"])
    media = media_of(5 << 20, seed=5)
    result = hash_media(image, algorithms=("md5",))
    assert any("cut off" in problem.what for problem in image.problems)
    assert len(result.unreadable) == 1
    gap = result.unreadable[0]
    assert image.read_at(0, gap.offset_bytes) == media[: gap.offset_bytes]
    assert gap.offset_bytes > 500_000


def test_a_stale_further_segment_is_left_aside_and_said(tmp_path: Path, split: list[Path], opened: Open) -> None:
    simple(MEDIA, tmp_path / "disk.E01")
    shutil.copy(split[1], tmp_path / "disk.E02")
    image = opened([tmp_path / "disk.E01"])
    assert [path.name for path in image.paths] == ["disk.E01"]
    assert image.container_bytes == (tmp_path / "disk.E01").stat().st_size
    assert image.read_at(0, SIZE) == MEDIA
    (problem,) = image.problems
    assert problem.where == "disk.E02"


def test_a_missing_segment_of_a_set_with_no_usual_names_is_numbered(split: list[Path], tmp_path: Path) -> None:
    shutil.copy(split[0], tmp_path / "evidence.img")
    with pytest.raises(MissingSegmentError) as caught:
        open_image([tmp_path / "evidence.img"])
    assert caught.value.missing == ("segment 2",)
