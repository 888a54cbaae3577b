"""VHDX: held against qemu-img, against logs and parents written by the specification, and against damage."""

import random
import shutil
import subprocess
from pathlib import Path
from uuid import UUID

import pytest

from evidence.errors import DamagedContainerError, MissingSegmentError, UnreadableRegionError
from evidence.images import Image, open_image
from evidence.images.crc32c import crc32c
from tests.evidence.images.conftest import Open
from tests.evidence.images.damage import hurt, outcome
from tests.evidence.images.vhdx_builder import BAT_AT, DATA_AT, LOG_AT, MIB, Vhdx, entry

LOG = UUID(int=42)
SIZE = 4 * MIB
FULL, PARTIAL = 6, 7
has_qemu = pytest.mark.skipif(not shutil.which("qemu-img"), reason="qemu-img (Debian: qemu-utils) is not installed")


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def whole(image: Image) -> bytes:
    return image.read_at(0, image.media_bytes)


def words(image: Image) -> str:
    return " ".join(problem.what for problem in image.problems)


def test_the_checksum_is_that_of_the_rfc() -> None:
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


@has_qemu
@pytest.mark.parametrize("form", ["dynamic", "fixed"])
@pytest.mark.parametrize("block", ["1M", "16M"])
def test_what_qemu_writes_reads_as_qemu_reads_it(form: str, block: str, tmp_path: Path, opened: Open) -> None:
    raw, disk = tmp_path / "raw", tmp_path / "disk.vhdx"
    raw.write_bytes(noise(MIB) + bytes(15 * MIB) + noise(MIB, 2) + bytes(3 * MIB))
    options = ["-o", f"subformat={form},block_size={block}"]
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "vhdx", *options, raw, disk], check=True)
    image = opened([disk])
    assert (image.container, image.metadata["disk_type"], image.problems) == ("vhdx", form, ())
    assert whole(image) == raw.read_bytes()


def logged(path: Path, entries: list[bytes]) -> Path:
    """A disk of four blocks, two of them written, with a log that moves one and changes the other."""
    blocks = {0: (FULL, noise(MIB)), 1: (FULL, noise(MIB, 2))}
    return Vhdx(SIZE, blocks=blocks, log=b"".join(entries), log_id=LOG).write(path)


def changes(tail: int = 0) -> list[bytes]:
    """Two entries: block 2 begins to be where block 1 is, a page of block 0 is new, another is zeros, then not."""
    table = bytearray(4096)
    for index, place in enumerate((DATA_AT, 0, DATA_AT + MIB)):
        table[8 * index : 8 * index + 8] = (place | FULL if place else 0).to_bytes(8, "little")
    first = entry(7, LOG, [(BAT_AT, bytes(table)), (DATA_AT + 8192, 16384), (DATA_AT, noise(4096, 3))], tail=tail)
    second = entry(8, LOG, [(DATA_AT + 12288, noise(4096, 4))], tail=tail, flushed=DATA_AT, last=DATA_AT + 2 * MIB)
    return [first, second]


def replayed() -> bytes:
    media = bytearray(noise(MIB) + bytes(MIB) + noise(MIB, 2) + bytes(MIB))
    media[:4096] = noise(4096, 3)
    media[8192:24576] = bytes(16384)
    media[12288:16384] = noise(4096, 4)
    return bytes(media)


def test_the_log_is_carried_out_in_memory_and_the_file_left_alone(tmp_path: Path, opened: Open) -> None:
    path = logged(tmp_path / "a.vhdx", changes())
    before = path.read_bytes()
    image = opened([path])
    assert whole(image) == replayed()
    assert image.read_at(8000, 8000) == replayed()[8000:16000]
    assert path.read_bytes() == before
    assert image.metadata["log_entries_replayed"] == "2"
    assert "log" in words(image)
    assert not any(problem.is_damage for problem in image.problems)


@has_qemu
def test_qemu_carries_the_same_log_out_to_the_same_bytes(tmp_path: Path, opened: Open) -> None:
    path = logged(tmp_path / "a.vhdx", changes())
    ours = whole(opened([path]))
    copy, back = tmp_path / "copy.vhdx", tmp_path / "back"
    shutil.copyfile(path, copy)
    subprocess.run(["qemu-img", "check", "-q", "-r", "all", copy], check=False, capture_output=True)
    subprocess.run(["qemu-img", "convert", "-f", "vhdx", "-O", "raw", copy, back], check=True)
    assert ours == back.read_bytes()


def test_a_log_that_wraps_around_is_followed(tmp_path: Path, opened: Open) -> None:
    first, second = changes(tail=MIB - 8192)
    start = MIB - 8192
    log = bytearray(MIB)
    for number, byte in enumerate(first + second):
        log[(start + number) % MIB] = byte
    assert whole(opened([logged(tmp_path / "a.vhdx", [bytes(log)])])) == replayed()


def test_of_two_sequences_the_one_with_the_higher_number_counts(tmp_path: Path, opened: Open) -> None:
    stale = entry(3, LOG, [(DATA_AT, b"s" * 4096)])
    active = entry(9, LOG, [(DATA_AT, b"a" * 4096)], tail=len(stale))
    assert opened([logged(tmp_path / "a.vhdx", [stale, active])]).read_at(0, 4096) == b"a" * 4096


def test_an_entry_that_was_not_written_whole_ends_the_sequence(tmp_path: Path, opened: Open) -> None:
    first = entry(7, LOG, [(DATA_AT, b"a" * 4096)])
    torn = bytearray(entry(8, LOG, [(DATA_AT, b"b" * 4096)]))
    torn[5000] ^= 1
    assert opened([logged(tmp_path / "a.vhdx", [first, bytes(torn)])]).read_at(0, 4096) == b"a" * 4096


@pytest.mark.parametrize(
    "log",
    [
        b"",
        entry(7, UUID(int=43), [(DATA_AT, b"a" * 4096)]),
        entry(7, LOG, [(DATA_AT, b"a" * 4096)])[:-1] + b"\1",
        entry(7, LOG, [(DATA_AT, b"a" * 4096)], tail=8192),
        entry(7, LOG, [(DATA_AT + 1, b"a" * 4096)]),
    ],
    ids=["empty", "of another time", "damaged", "without its tail", "at no page"],
)
def test_a_log_that_cannot_be_used_is_a_problem(log: bytes, tmp_path: Path, opened: Open) -> None:
    image = opened([logged(tmp_path / "a.vhdx", [log])])
    assert "as without them" in words(image)
    assert image.problems[0].is_damage
    assert image.read_at(0, MIB) == noise(MIB)


def test_bytes_that_the_log_says_were_there_and_are_missing_are_told(tmp_path: Path, opened: Open) -> None:
    last = entry(7, LOG, [(DATA_AT, b"a" * 4096)], flushed=DATA_AT + 3 * MIB, last=DATA_AT + 9 * MIB)
    path = logged(tmp_path / "a.vhdx", [last])
    path.write_bytes(path.read_bytes()[: DATA_AT + MIB + 5000])
    image = opened([path])
    assert f"had {DATA_AT + 3 * MIB} bytes" in words(image)
    with pytest.raises(UnreadableRegionError) as caught:
        image.read_at(MIB, MIB)
    assert (caught.value.offset_bytes, caught.value.length_bytes) == (MIB + 5000, MIB - 5000)


def test_sectors_of_4096_bytes_are_said(tmp_path: Path, opened: Open) -> None:
    image = opened([Vhdx(SIZE, sector=4096, blocks={3: (FULL, noise(MIB))}).write(tmp_path / "a.vhdx")])
    assert image.sector_bytes == 4096
    assert whole(image) == bytes(3 * MIB) + noise(MIB)


@pytest.mark.parametrize("state", [1, 2, 3])
def test_blocks_without_content_are_zeros_and_undefined_ones_are_told(state: int, tmp_path: Path, opened: Open) -> None:
    image = opened([Vhdx(SIZE, blocks={1: (state, b"")}).write(tmp_path / "a.vhdx")])
    assert whole(image) == bytes(SIZE)
    assert ("undefined" in words(image)) == (state == 1)


@pytest.mark.parametrize("state", [4, 7])
def test_a_block_in_an_impossible_state_is_never_zeros(state: int, tmp_path: Path, opened: Open) -> None:
    image = opened([Vhdx(SIZE, blocks={1: (state, noise(MIB))}).write(tmp_path / "a.vhdx")])
    with pytest.raises(UnreadableRegionError, match=f"state {state}"):
        image.read_at(MIB, 1)


BASE = UUID(int=1234)


def child(path: Path, sector: int, linkage: UUID, names: dict[str, str]) -> Path:
    """Block 0 whole, block 1 with sectors 3 and 9, block 2 zeros, block 3 the parent's."""
    return Vhdx(
        SIZE,
        sector=sector,
        blocks={0: (FULL, noise(MIB, 5)), 1: (PARTIAL, noise(MIB, 6)), 2: (2, b"")},
        bits={1: {3, 9}},
        parent={"parent_linkage": f"{{{str(linkage).upper()}}}", **names},
    ).write(path)


@pytest.mark.parametrize("sector", [512, 4096])
@pytest.mark.parametrize(
    "names",
    [{"relative_path": ".\\base.vhdx"}, {"absolute_win32_path": "C:\\vm\\base.vhdx"}],
    ids=["relative", "absolute"],
)
def test_a_differencing_disk_takes_the_rest_from_its_parent(
    sector: int, names: dict[str, str], tmp_path: Path, opened: Open
) -> None:
    below = noise(SIZE, 8)
    blocks = {number: (FULL, below[number * MIB : (number + 1) * MIB]) for number in range(4)}
    base = Vhdx(SIZE, sector=sector, blocks=blocks, data_write=BASE).write(tmp_path / "base.vhdx")
    path = child(tmp_path / "child.avhdx", sector, BASE, names)
    image = opened([path])
    expected = bytearray(noise(MIB, 5) + below[MIB : 2 * MIB] + bytes(MIB) + below[3 * MIB :])
    for number in (3, 9):
        place = slice(number * sector, (number + 1) * sector)
        expected[MIB + place.start : MIB + place.stop] = noise(MIB, 6)[place]
    assert whole(image) == bytes(expected)
    assert image.paths == (path, base)


def test_a_parent_that_is_missing_or_was_written_to_since_is_named(tmp_path: Path) -> None:
    path = child(tmp_path / "child.avhdx", 512, BASE, {"relative_path": "base.vhdx"})
    with pytest.raises(MissingSegmentError, match=r"base\.vhdx"):
        open_image([path])
    Vhdx(SIZE, data_write=UUID(int=1235)).write(tmp_path / "base.vhdx")
    with pytest.raises(MissingSegmentError, match="written to since"):
        open_image([path])


def test_a_disk_that_is_its_own_ancestor_is_refused(tmp_path: Path) -> None:
    for name, own, other in (("a", 1, 2), ("b", 2, 1)):
        parent = {"parent_linkage": f"{{{UUID(int=other)}}}", "relative_path": f"{'b' if name == 'a' else 'a'}.vhdx"}
        Vhdx(SIZE, parent=parent, data_write=UUID(int=own)).write(tmp_path / f"{name}.vhdx")
    with pytest.raises(DamagedContainerError, match="chain of parents"):
        open_image([tmp_path / "a.vhdx"])


@pytest.mark.parametrize("at", [(64 << 10) + 100, (192 << 10) + 100])
def test_one_damaged_copy_of_a_structure_is_told_and_two_are_the_end(at: int, tmp_path: Path, opened: Open) -> None:
    path = Vhdx(SIZE, blocks={1: (FULL, noise(MIB))}).write(tmp_path / "a.vhdx")
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    image = opened([path])
    assert whole(image) == bytes(MIB) + noise(MIB) + bytes(2 * MIB)
    assert "damaged: its checksum is wrong" in words(image)
    data[at + (64 << 10)] ^= 1
    path.write_bytes(data)
    with pytest.raises(DamagedContainerError, match="checksum"):
        open_image([path])


def test_a_block_outside_the_file_is_told_and_never_zeros(tmp_path: Path, opened: Open) -> None:
    path = Vhdx(SIZE, blocks={0: (FULL, noise(MIB)), 1: (FULL, noise(MIB))}).write(tmp_path / "a.vhdx")
    data = bytearray(path.read_bytes())
    data[BAT_AT : BAT_AT + 8] = (1 << 40 | FULL).to_bytes(8, "little")
    path.write_bytes(data)
    image = opened([path])
    assert "do not lie within the file" in words(image)
    with pytest.raises(UnreadableRegionError):
        image.read_at(0, 1)


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_gives_words_or_bytes(seed: int, tmp_path: Path) -> None:
    places = ((64 << 10, 80), (128 << 10, 80), (LOG_AT, 8192), (BAT_AT, 64), (3 * MIB, 200), (3 * MIB + 65536, 64))

    def place(chance: random.Random, size: int) -> int:
        start, length = chance.choice(places[2:] if seed % 4 else places)
        return min(start + chance.randrange(length), size - 1)

    path = logged(tmp_path / "a.vhdx", changes())
    hurt(path, seed, place)
    assert outcome(path, (0, MIB, 2 * MIB))
