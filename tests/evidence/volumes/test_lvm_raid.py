"""RAID volumes of LVM2, against tables of the layouts as the SNIA's specification draws them."""

from __future__ import annotations

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS
from evidence.volumes.layers import ALONE, Inner
from evidence.volumes.lvm import open_lvm
from tests.evidence.volumes.lvm_images import (
    EXTENT_BYTES,
    Physical,
    group,
    linear,
    noise,
    raid_superblock,
    segment,
    volume,
)

CHUNK = EXTENT_BYTES // 8
LAYOUTS = {
    "raid4": "P 0 1 2 / P 3 4 5",
    "raid5_n": "0 1 2 P / 3 4 5 P",
    "raid5": "0 1 2 P / 4 5 P 3 / 8 P 6 7 / P 9 10 11 / 12 13 14 P",
    "raid5_ls": "0 1 2 P / 4 5 P 3 / 8 P 6 7 / P 9 10 11 / 12 13 14 P",
    "raid5_la": "0 1 2 P / 3 4 P 5 / 6 P 7 8 / P 9 10 11 / 12 13 14 P",
    "raid5_rs": "P 0 1 2 / 5 P 3 4 / 7 8 P 6 / 9 10 11 P / P 12 13 14",
    "raid5_ra": "P 0 1 2 / 3 P 4 5 / 6 7 P 8 / 9 10 11 P / P 12 13 14",
    "raid6": "P Q 0 1 2 / 3 P Q 4 5 / 6 7 P Q 8 / 9 10 11 P Q / Q 12 13 14 P",
    "raid6_zr": "P Q 0 1 2 / 3 P Q 4 5 / 6 7 P Q 8 / 9 10 11 P Q / Q 12 13 14 P",
    "raid6_nr": "0 1 2 P Q / 3 4 P Q 5 / 6 P Q 7 8 / P Q 9 10 11 / Q 12 13 14 P",
    "raid6_nc": "0 1 2 Q P / 4 5 Q P 3 / 8 Q P 6 7 / Q P 9 10 11 / P 12 13 14 Q",
    "raid6_n_6": "0 1 2 P Q / 3 4 5 P Q",
    "raid6_ls_6": "0 1 2 P Q / 4 5 P 3 Q / 8 P 6 7 Q / P 9 10 11 Q",
    "raid6_la_6": "0 1 2 P Q / 3 4 P 5 Q / 6 P 7 8 Q / P 9 10 11 Q",
    "raid6_rs_6": "P 0 1 2 Q / 5 P 3 4 Q / 7 8 P 6 Q / 9 10 11 P Q",
    "raid6_ra_6": "P 0 1 2 Q / 3 P 4 5 Q / 6 7 P 8 Q / 9 10 11 P Q",
    "raid10": "0 0 1 / 1 2 2 / 3 3 4",
}


def array(kind: str, legs: int, extents: int, *, superblocks: list[bytes] | None = None, body: str = "") -> Physical:
    """An array whose legs lie behind each other on one physical volume, two extents each, metadata last."""
    pairs = ", ".join(f'"a_rmeta_{leg}", "a_rimage_{leg}"' for leg in range(legs))
    fields = f"device_count = {legs}\nstripe_size = {CHUNK // 512}\nraids = [{pairs}]\n{body}"
    volumes = volume("a", segment(kind, 0, extents, fields))
    for leg in range(legs):
        volumes += volume(f"a_rimage_{leg}", linear(0, 2, "pv0", 2 * leg), visible=False)
        volumes += volume(f"a_rmeta_{leg}", linear(0, 1, "pv0", 40 + leg), visible=False)
    media = Physical(0, group(volumes))
    for leg, block in enumerate(superblocks or []):
        media.extent(40 + leg, block)
    return media


def shown(media: Physical) -> Inner:
    layer = open_lvm(media, NO_KEYS, ALONE)
    assert layer is not None
    assert [inner.slot for inner in layer.volumes] == ["lva"]
    return layer.volumes[0]


@pytest.mark.parametrize("kind", list(LAYOUTS))
def test_the_chunks_are_read_from_where_the_layout_draws_them(kind: str) -> None:
    rows = [row.split() for row in LAYOUTS[kind].split(" / ")]
    legs = len(rows[0])
    media = array(kind, legs, 2)
    data, parity = noise(4, kind), noise(1, "parity")[:CHUNK]
    numbers = {int(cell) for row in rows for cell in row if cell.isdigit()}
    for row, cells in enumerate(rows):
        for leg, cell in enumerate(cells):
            chunk = data[int(cell) * CHUNK : (int(cell) + 1) * CHUNK] if cell.isdigit() else parity
            media.write(1024 * 1024 + 2 * leg * EXTENT_BYTES + row * CHUNK, chunk)

    source = shown(media).source

    assert source is not None
    whole = len(numbers) * CHUNK
    assert source.read_at(0, whole) == data[:whole]
    assert source.read_at(CHUNK - 3, CHUNK + 5) == data[CHUNK - 3 : 2 * CHUNK + 2]


def test_raid0_is_read_in_turns() -> None:
    images = "".join(volume(f"a_rimage_{leg}", linear(0, 1, "pv0", leg), visible=False) for leg in (0, 1))
    fields = f'stripe_count = 2\nstripe_size = {CHUNK // 512}\nraid0_lvs = ["a_rimage_0", "a_rimage_1"]'
    media = Physical(0, group(volume("a", segment("raid0", 0, 2, fields)) + images))
    data = noise(2, "zero")
    chunks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    media.extent(0, b"".join(chunks[::2]))
    media.extent(1, b"".join(chunks[1::2]))

    source = shown(media).source

    assert source is not None
    assert source.read_at(0, len(data)) == data


def read_mirror(superblocks: list[bytes]) -> tuple[bytes, Inner]:
    media = array("raid1", len(superblocks), 2, superblocks=superblocks)
    for leg in range(len(superblocks)):
        media.extent(2 * leg, noise(2, leg))
    inner = shown(media)
    assert inner.source is not None
    return inner.source.read_at(0, inner.length_bytes), inner


def test_a_leg_that_failed_or_fell_behind_is_not_believed() -> None:
    good = raid_superblock(0, 2)
    assert read_mirror([good, raid_superblock(1, 2)])[0] == noise(2, 0)
    for superblocks in (
        [raid_superblock(0, 2, events=3), raid_superblock(1, 2)],
        [raid_superblock(0, 2), raid_superblock(1, 2, events=9, failed=1)],
        [raid_superblock(0, 2, recovered=0), raid_superblock(1, 2)],
    ):
        data, inner = read_mirror(superblocks)
        assert data == noise(2, 1)
        assert "Leg 0 of the array" in inner.problems[0].what


def test_legs_that_were_never_made_equal_are_not_mixed() -> None:
    media = array("raid1", 2, 2, superblocks=[raid_superblock(leg, 2, synced=64) for leg in (0, 1)])
    media.unreadable = range(1024 * 1024 + 100, 1024 * 1024 + 200)

    inner = shown(media)

    assert inner.source is not None
    assert "not yet made equal" in inner.problems[0].what
    with pytest.raises(UnreadableRegionError):
        inner.source.read_at(0, 1024)


def test_the_other_leg_serves_where_one_cannot_be_read() -> None:
    for kind in ("raid1", "raid10"):
        media = array(kind, 2, 2, superblocks=[raid_superblock(leg, 2) for leg in (0, 1)])
        for leg in (0, 1):
            media.extent(2 * leg, noise(2, "same"))
        media.unreadable = range(1024 * 1024 + 100, 1024 * 1024 + 200)

        source = shown(media).source

        assert source is not None
        assert source.read_at(0, 2 * EXTENT_BYTES) == noise(2, "same")


def test_a_stale_leg_of_a_striped_array_is_unreadable_and_the_others_are_read() -> None:
    superblocks = [raid_superblock(leg, 4, failed=0b0010) for leg in range(4)]
    media = array("raid5_n", 4, 2, superblocks=superblocks)
    media.extent(0, noise(1, "first"))

    inner = shown(media)

    assert inner.source is not None
    assert inner.source.read_at(0, CHUNK) == noise(1, "first")[:CHUNK]
    with pytest.raises(UnreadableRegionError, match="out of date"):
        inner.source.read_at(CHUNK, 1)
    assert "Leg 1" in inner.problems[0].what


@pytest.mark.parametrize("body", ["data_offset = 2048", "reshape_count = 4"])
def test_an_array_that_was_being_reshaped_is_refused(body: str) -> None:
    inner = shown(array("raid5_ls", 4, 2, body=body))

    assert inner.source is None
    assert "reshaped" in inner.problems[0].what
