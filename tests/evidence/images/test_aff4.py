"""AFF4 images, made by a writer of the tests from the standard."""

import random
import shutil
import zipfile
from pathlib import Path

import pytest

from evidence.digest import hash_media
from evidence.errors import (
    DamagedContainerError,
    MissingSegmentError,
    UnreadableRegionError,
    UnsupportedContainerError,
)
from tests.evidence.images.aff4_builder import (
    CHUNK,
    IMAGE,
    MAP,
    PACKERS,
    STREAM,
    UNKNOWN,
    UNREADABLE,
    ZERO,
    Volume4,
    line,
    zipped,
)
from tests.evidence.images.conftest import Open
from tests.evidence.images.damage import hurt, outcome

OTHER = "aff4://50000000-0000-4000-8000-000000000000"


def mixed(chunks: int = 10, more: int = 0) -> bytes:
    """Chunks of noise, which no method packs, and of text, which all do."""
    made = (
        random.Random(number).randbytes(CHUNK) if number % 3 == 2 else b"%04d" % number * 1024
        for number in range(chunks)
    )
    return b"".join(made) + b"the last bytes"[:more]


def simple(path: Path, media: bytes, packing: str = "snappy", **how: object) -> Path:
    """One image stream, and a map of it in the order of the media."""
    volume = Volume4()
    over = volume.add_stream(media, packing=packing, **how)  # type: ignore[arg-type]
    volume.add_map(len(media), [line(0, len(media), 0, 0)], [STREAM], over=over)
    volume.add_image(media)
    return volume.write(path)


def changed(path: Path, name_end: str, at: int, *, mends_checksum: bool = True) -> Path:
    """Change a byte of one member, with or without the checksum of the ZIP."""
    with zipfile.ZipFile(path) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
        info = next(info for info in archive.infolist() if info.filename.endswith(name_end))
        comment = archive.comment
    if mends_checksum:
        members[info.filename][at] ^= 0x10
        return zipped(path, members, comment)
    data = bytearray(path.read_bytes())
    start = info.header_offset + 30 + int.from_bytes(data[info.header_offset + 26 :][:2], "little")
    start += int.from_bytes(data[info.header_offset + 28 :][:2], "little")
    data[start + at] ^= 0x10
    path.write_bytes(data)
    return path


def without(path: Path, name_end: str) -> Path:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if not name.endswith(name_end)}
        return zipped(path, members, archive.comment)


@pytest.mark.parametrize("packing", PACKERS)
def test_every_way_of_packing_is_read(packing: str, tmp_path: Path, opened: Open) -> None:
    media = mixed(10, more=9)
    image = opened([simple(tmp_path / "disk.aff4", media, packing)])
    assert image.container == "aff4"
    assert image.read_at(0, 1 << 20) == media
    assert image.read_at(CHUNK - 3, 7) == media[CHUNK - 3 : CHUNK + 4]
    assert not image.problems
    assert image.metadata["block_map_hash"] == "match"
    assert image.metadata["case_number"] == 'case "7"'
    assert image.metadata["software"] == "a test"
    assert image.sector_bytes == 512
    assert image.stored_digests == {name: hash_media(image).digests[name] for name in ("md5", "sha1")}


@pytest.mark.parametrize("packing", ["stored", "snappy"])
def test_a_last_chunk_that_is_not_filled_up_is_read(packing: str, tmp_path: Path, opened: Open) -> None:
    media = mixed(3) + random.Random(7).randbytes(700)
    assert opened([simple(tmp_path / "a.aff4", media, packing, filled_up=False)]).read_at(0, 1 << 20) == media


def test_an_image_without_a_map_is_its_stream(tmp_path: Path, opened: Open) -> None:
    volume, media = Volume4(), mixed()
    volume.add_stream(media, hashes=())
    volume.add_image(media, STREAM)
    image = opened([volume.write(tmp_path / "renamed.E01")])
    assert image.read_at(0, 1 << 20) == media
    assert image.metadata["block_hashes"] == "none"


@pytest.mark.parametrize("damaged", [False, True])
def test_a_map_may_lead_to_a_member_of_the_zip_as_it_is(damaged: bool, tmp_path: Path, opened: Open) -> None:
    volume, data = Volume4(), mixed(3)
    volume.add(f"{OTHER}/data", data)
    volume.add_map(CHUNK, [line(0, CHUNK, 100, 0)], [f"{OTHER}/data"])
    volume.add_image(data[100 : 100 + CHUNK])
    path = volume.write(tmp_path / "a.aff4")
    image = opened([changed(path, "/data", 9, mends_checksum=False) if damaged else path])
    if not damaged:
        assert image.read_at(0, 1 << 20) == data[100 : 100 + CHUNK]
        return
    assert any("checksum of" in problem.what for problem in image.problems)
    with pytest.raises(UnreadableRegionError, match="checksum of"):
        image.read_at(0, 1)


def test_a_map_leads_to_chunks_bytes_and_gaps_in_any_order(tmp_path: Path, opened: Open) -> None:
    volume, data = Volume4(), mixed()
    over = volume.add_stream(data)
    lines = [
        line(9 * CHUNK, 100, 5, 0),
        line(0, 3 * CHUNK, 2 * CHUNK + 11, 0),
        line(3 * CHUNK, CHUNK, 0, 1),
        line(5 * CHUNK, 512, 77, 2),
    ]
    names = [STREAM, "http://aff4.org/Schema#SymbolicStreamA7", ZERO]
    volume.add_map(12 * CHUNK, lines, names, over=over, gaps="aff4:SymbolicStreamFF")
    expected = data[2 * CHUNK + 11 :][: 3 * CHUNK] + b"\xa7" * CHUNK + b"\xff" * CHUNK + bytes(512)
    expected = expected.ljust(9 * CHUNK, b"\xff") + data[5:105]
    volume.add_image(expected.ljust(12 * CHUNK, b"\xff"))
    image = opened([volume.write(tmp_path / "a.aff4")])
    assert image.read_at(0, 1 << 20) == expected.ljust(12 * CHUNK, b"\xff")
    assert not image.problems
    assert image.stored_digests["md5"] == hash_media(image).digests["md5"]


def test_what_was_not_acquired_is_unreadable_and_never_zeros(tmp_path: Path, opened: Open) -> None:
    volume, data = Volume4(), mixed()
    over = volume.add_stream(data)
    lines = [
        line(0, 2 * CHUNK, 0, 0),
        line(2 * CHUNK, 512, 0, 1),
        line(2 * CHUNK + 512, 1024, 0, 2),
        line(4 * CHUNK, CHUNK, 4 * CHUNK, 0),
    ]
    volume.add_map(5 * CHUNK, lines, [STREAM, UNREADABLE, UNKNOWN], over=over)
    volume.add_image(bytes(5 * CHUNK))
    image = opened([volume.write(tmp_path / "a.aff4")])
    for start, length, why in ((0, 512, "could not read"), (512, 1024, "left them out")):
        with pytest.raises(UnreadableRegionError, match=why) as caught:
            image.read_at(2 * CHUNK + start + 5, 4)
        assert (caught.value.offset_bytes, caught.value.length_bytes) == (2 * CHUNK + start + 5, length - 5)
    assert [(region.offset_bytes, region.length_bytes) for region in hash_media(image).unreadable] == [
        (2 * CHUNK, 1536)
    ]
    assert image.read_at(2 * CHUNK + 1536, 512) == bytes(512)
    assert image.read_at(4 * CHUNK, CHUNK) == data[4 * CHUNK : 5 * CHUNK]
    assert not image.stored_digests
    assert image.metadata["stored_sha1"]
    assert any("cannot be compared" in problem.what for problem in image.problems)


def test_a_map_of_a_map_is_followed_and_a_circle_refused(tmp_path: Path, opened: Open) -> None:
    volume, data = Volume4(), mixed()
    volume.add_stream(data)
    volume.add_map(len(data), [line(0, len(data), 0, 0)], [STREAM], urn=OTHER)
    volume.add_map(CHUNK, [line(0, CHUNK, 3 * CHUNK + 1, 0)], [OTHER])
    volume.add_image(data[3 * CHUNK + 1 :][:CHUNK])
    assert opened([volume.write(tmp_path / "a.aff4")]).read_at(0, CHUNK) == data[3 * CHUNK + 1 :][:CHUNK]
    circle = Volume4()
    circle.add_map(CHUNK, [line(0, CHUNK, 0, 0)], [MAP], urn=OTHER)
    circle.add_map(CHUNK, [line(0, CHUNK, 0, 0)], [OTHER])
    circle.add_image(bytes(CHUNK))
    with pytest.raises(DamagedContainerError, match="lead back to themselves"):
        opened([circle.write(tmp_path / "b.aff4")])


def striped(folder: Path, media: bytes) -> list[Path]:
    """Even chunks in one volume, odd ones in another; each has the map."""
    halves = [
        b"".join(media[at : at + CHUNK] for at in range(start * CHUNK, len(media), 2 * CHUNK)) for start in (0, 1)
    ]
    lines = [line(at, CHUNK, at // CHUNK // 2 * CHUNK, at // CHUNK % 2) for at in range(0, len(media), CHUNK)]
    paths = []
    for number, (half, urn) in enumerate(zip(halves, (STREAM, OTHER), strict=True)):
        volume = Volume4(f"aff4://{number}a000000-0000-4000-8000-000000000000")
        over = volume.add_stream(half, urn)
        other = (OTHER, STREAM)[number]
        volume.say(other, "aff4:ImageStream", stored=f"<aff4://{1 - number}a000000-0000-4000-8000-000000000000>")
        volume.add_map(len(media), lines, [STREAM, OTHER], over=over, urn=f"{MAP[:-1]}{number}")
        volume.add_image(media, f"{MAP[:-1]}{number}")
        paths.append(volume.write(folder / f"disk_{number + 1}.aff4"))
    return paths


def test_volumes_of_a_striped_image_are_found_beside_or_taken_in_any_order(tmp_path: Path, opened: Open) -> None:
    media = mixed()
    paths = striped(tmp_path, media)
    another = Volume4("aff4://60000000-0000-4000-8000-000000000000")
    another.add_stream(mixed(3), "aff4://70000000-0000-4000-8000-000000000000")
    another.write(tmp_path / "another.aff4")
    shutil.copy(paths[0], tmp_path / "a copy.aff4")
    for given in ([paths[0]], paths, paths[::-1]):
        image = opened(given)
        assert image.read_at(0, 1 << 20) == media
        assert sorted(image.paths) == paths
        assert image.container_bytes == sum(path.stat().st_size for path in paths)
        assert not image.problems
        assert image.metadata["block_map_hash"] == "match"


def test_a_missing_volume_is_named(tmp_path: Path, opened: Open) -> None:
    paths = striped(tmp_path, mixed())
    paths[1].unlink()
    with pytest.raises(MissingSegmentError) as caught:
        opened([paths[0]])
    assert OTHER in caught.value.missing[0]
    assert "aff4://1a000000" in caught.value.missing[0]
    assert caught.value.found == (paths[0],)


def test_a_file_that_is_no_part_of_it_is_told(tmp_path: Path, opened: Open) -> None:
    media = mixed(3)
    path = simple(tmp_path / "a.aff4", media)
    stranger = Volume4(OTHER)
    stranger.say("aff4://7", "aff4:DiskImage", dataStream="<aff4://8>")
    image = opened([path, stranger.write(tmp_path / "b.aff4")])
    assert image.read_at(0, 1 << 20) == media
    assert any("b.aff4 is no part" in problem.what for problem in image.problems)


@pytest.mark.parametrize("packing", ["snappy", "stored", "lz4"])
def test_a_changed_chunk_is_unreadable_by_its_block_hash(packing: str, tmp_path: Path, opened: Open) -> None:
    media = mixed()
    image = opened([changed(simple(tmp_path / "a.aff4", media, packing), "/00000001", 5)])
    with pytest.raises(UnreadableRegionError) as caught:
        image.read_at(4 * CHUNK, 1)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (4 * CHUNK, CHUNK)
    assert image.read_at(0, 4 * CHUNK) + image.read_at(5 * CHUNK, 1 << 20) == media[: 4 * CHUNK] + media[5 * CHUNK :]


def test_a_changed_chunk_without_block_hashes_is_unreadable_by_the_checksum_of_its_bevy(
    tmp_path: Path, opened: Open
) -> None:
    media = mixed()
    path = changed(simple(tmp_path / "a.aff4", media, hashes=()), "/00000001", 2000, mends_checksum=False)
    image = opened([path])
    with pytest.raises(UnreadableRegionError, match="checksum of its bevy"):
        image.read_at(6 * CHUNK, 1)
    assert image.read_at(0, 4 * CHUNK) == media[: 4 * CHUNK]
    assert image.read_at(8 * CHUNK, CHUNK) == media[8 * CHUNK : 9 * CHUNK]


@pytest.mark.parametrize("name_end", ["/map", ".index", ".blockHash.sha1"])
def test_changed_tables_are_told(name_end: str, tmp_path: Path, opened: Open) -> None:
    image = opened([changed(simple(tmp_path / "a.aff4", mixed()), name_end, 16)])
    assert any("The stored hash of" in problem.what for problem in image.problems)
    assert image.metadata["block_map_hash"] == "mismatch" or name_end == ".index"


def test_a_changed_name_of_a_stream_is_a_stream_that_is_missing(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(MissingSegmentError, match="missing"):
        opened([changed(simple(tmp_path / "a.aff4", mixed()), "/idx", 16)])


@pytest.mark.parametrize("name_end", ["/00000001", "/00000001.index"])
def test_a_missing_bevy_is_told_and_unreadable(name_end: str, tmp_path: Path, opened: Open) -> None:
    media = mixed()
    image = opened([without(simple(tmp_path / "a.aff4", media), name_end)])
    assert any("1 of 3 bevies" in problem.what and "00000001" in problem.what for problem in image.problems)
    with pytest.raises(UnreadableRegionError, match="missing"):
        image.read_at(5 * CHUNK, 1)
    assert image.read_at(8 * CHUNK, 1 << 20) == media[8 * CHUNK :]


def test_lines_of_a_map_that_contradict_each_other_are_not_believed(tmp_path: Path, opened: Open) -> None:
    volume, data = Volume4(), mixed()
    volume.add_stream(data)
    lines = [line(0, 4096, 0, 0), line(1024, 512, 1024, 0), line(2048, 512, 9, 0)]
    volume.add_map(8192, lines, [STREAM])
    volume.add_image(bytes(8192))
    image = opened([volume.write(tmp_path / "a.aff4")])
    assert image.read_at(0, 2048) + image.read_at(2560, 2048) == data[:2048] + data[2560:4096] + bytes(512)
    with pytest.raises(UnreadableRegionError, match="contradict") as caught:
        image.read_at(2047, 600)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (2048, 512)
    assert any("contradict" in problem.what for problem in image.problems)


def test_sizes_that_cannot_be_are_refused_or_told(tmp_path: Path, opened: Open) -> None:
    media = mixed(2)
    for number, (old, new) in enumerate(
        (
            (f'chunkSize "{CHUNK}"', f'chunkSize "{1 << 40}"'),
            ('chunksInSegment "4"', 'chunksInSegment "0"'),
            (f'size "{len(media)}"', f'size "{10**19}"'),
            (f'size "{len(media)}"', 'size "-1"'),
            (f'size "{len(media)}"', 'size "many"'),
        )
    ):
        volume = Volume4()
        volume.add_stream(media)
        volume.add_map(len(media), [line(0, len(media), 0, 0)], [STREAM])
        volume.add_image(media)
        volume.text = volume.text.replace(old, new)
        with pytest.raises(DamagedContainerError):
            opened([volume.write(tmp_path / f"{number}.aff4")])


def test_an_image_of_eight_exbibytes_is_read_at_both_ends(tmp_path: Path, opened: Open) -> None:
    volume, data, size = Volume4(), mixed(3), (1 << 63) - 512
    over = volume.add_stream(data)
    lines = [line(0, CHUNK, 0, 0), line(CHUNK, size - 2 * CHUNK, 0, 1), line(size - CHUNK, CHUNK, 2 * CHUNK, 0)]
    volume.add_map(size, lines, [STREAM, UNKNOWN], over=over)
    volume.say(IMAGE, "aff4:DiskImage", dataStream=f"<{MAP}>", size=f'"{size}"^^xsd:long')
    image = opened([volume.write(tmp_path / "a.aff4")])
    assert image.media_bytes == size
    assert image.read_at(size - CHUNK, 1 << 20) == data[2 * CHUNK :]
    with pytest.raises(UnreadableRegionError, match="left them out"):
        image.read_at(1 << 62, 512)


def test_what_is_not_read_is_refused_by_name(tmp_path: Path, opened: Open) -> None:
    logical, sealed, packed, old = Volume4(), Volume4(), Volume4(), Volume4()
    logical.say("aff4://7/a.txt", "aff4:FileImage, aff4:Image", originalFileName='"a.txt"', size="3")
    sealed.say("aff4://7", "aff4:DiskImage", dataStream="<aff4://8>")
    sealed.say("aff4://8", "aff4:EncryptedStream")
    packed.add_stream(mixed(2))
    packed.text = packed.text.replace("http://code.google.com/p/snappy/", "http://example.org/new")
    packed.add_image(mixed(2), STREAM)
    strange = Volume4()
    strange.say("aff4://7", "aff4:DiskImage", dataStream="<aff4://8>")
    strange.say("aff4://8", "aff4:RandomAccessImageStream")
    with pytest.raises(UnsupportedContainerError, match="come from a RandomAccessImageStream"):
        opened([strange.write(tmp_path / "a.aff4")])
    for volume, words in (
        (logical, "AFF4-L"),
        (sealed, "encrypted AFF4"),
        (packed, "packed by http://example.org/new"),
    ):
        with pytest.raises(UnsupportedContainerError, match=words):
            opened([volume.write(tmp_path / "a.aff4")])
    with pytest.raises(UnsupportedContainerError, match="version 2"):
        opened([old.write(tmp_path / "a.aff4", version="major=2\nminor=0\n")])


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, opened: Open) -> None:
    path = simple(tmp_path / "a.aff4", mixed())
    path.write_bytes(path.read_bytes()[:-600])
    with pytest.raises(DamagedContainerError, match="cut off") as caught:
        opened([path])
    assert caught.value.container == "aff4"


@pytest.mark.parametrize(
    "text",
    ["<a> aff4:x", "<a> nowhere:x 1 .", "@prefix x <y> .", '<a> a "b', "[" * 5000, "<a> a " + "[ a " * 5000, "\0"],
)
def test_a_description_that_is_no_turtle_is_refused(text: str, tmp_path: Path, opened: Open) -> None:
    volume = Volume4(text=text)
    with pytest.raises(DamagedContainerError, match="description"):
        opened([volume.write(tmp_path / "a.aff4")])


def test_every_form_of_the_description_is_understood(tmp_path: Path, opened: Open) -> None:
    volume, media = Volume4(), mixed(2)
    volume.add_stream(media)
    volume.text += f"""
PREFIX other: <aff4://>
@base <{IMAGE}> .
# a remark . ; ,
<> a aff4:DiskImage ; ; aff4:dataStream <{STREAM}> ;
   aff4:notes '''a "long"
note''', "\\u0041\\tB"@en, 'single' ; aff4:sectorCount 16 ; aff4:isOk true ; aff4:ratio -1.5e3 ;
   aff4:parts ( 1 2 [ aff4:size 3 ] ) ; aff4:nested [ a aff4:CaseDetails ; aff4:caseName "n" ] .
"""
    image = opened([volume.write(tmp_path / "a.aff4")])
    assert image.read_at(0, 1 << 20) == media
    assert image.metadata["notes"] == 'a "long"\nnote; A\tB; single'


@pytest.mark.parametrize("part", range(4))
def test_damage_by_chance_gives_bytes_or_words(part: int, tmp_path: Path) -> None:
    whole = simple(tmp_path / "whole.aff4", mixed(), hashes=("md5",)).read_bytes()
    words = set()
    for seed in range(part * 50, part * 50 + 50):
        path = tmp_path / "hurt.aff4"
        path.write_bytes(whole)
        hurt(path, seed, lambda chance, size: chance.randrange(4, size))
        words.add(outcome(path, (0, CHUNK, 7 * CHUNK)))
    assert len(words) > 2


def test_bytes_that_are_read_from_a_hurt_image_are_right(tmp_path: Path, opened: Open) -> None:
    media = mixed()
    whole = simple(tmp_path / "whole.aff4", media).read_bytes()
    chance = random.Random(1)
    for number in range(60):
        data = bytearray(whole)
        place = chance.randrange(100, len(whole) * 3 // 4)
        data[place] ^= 1 << chance.randrange(8)
        path = tmp_path / f"{number}.aff4"
        path.write_bytes(data)
        try:
            image = opened([path])
        except (DamagedContainerError, UnsupportedContainerError, MissingSegmentError):
            continue
        for start in range(0, len(media), CHUNK):
            try:
                found = image.read_at(start, CHUNK)
            except UnreadableRegionError:
                continue
            assert found == media[start : start + CHUNK] or image.problems
