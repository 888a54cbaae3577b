"""LVM2 volume groups: written by tests byte by byte, read, and damaged."""

from __future__ import annotations

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS
from evidence.volumes.layers import ALONE, Beside, Inner, Layer
from evidence.volumes.lvm import open_lvm
from evidence.volumes.lvm_text import LvmError, parse
from tests.evidence.volumes.lvm_images import (
    AREA_AT,
    AREA_BYTES,
    DATA_AT,
    EXTENT_BYTES,
    Physical,
    dashed,
    group,
    linear,
    noise,
    segment,
    snapshot_store,
    uuid_of,
    volume,
)
from tests.evidence.volumes.media import Media


def opened(media: Media, beside: Beside = ALONE) -> Layer:
    layer = open_lvm(media, NO_KEYS, beside)
    assert layer is not None
    return layer


def content(inner: Inner) -> bytes:
    assert inner.source is not None
    return inner.source.read_at(0, inner.length_bytes)


def said(layer: Layer) -> str:
    inner = [problem.what for volume in layer.volumes for problem in volume.problems]
    return " ".join([*(problem.what for problem in layer.problems), *inner])


def test_a_linear_volume_in_two_parts_is_read_in_their_order() -> None:
    media = Physical(0, group(volume("root", linear(2, 3, "pv0", 0), linear(0, 2, "pv0", 10))))
    media.extent(10, noise(2, "a"))
    media.extent(0, noise(3, "b"))

    layer = opened(media)

    assert layer.facts is not None
    assert (layer.facts.type, layer.facts.label, layer.facts.block_bytes) == ("lvm2", "vg", EXTENT_BYTES)
    assert layer.facts.serial == dashed(uuid_of(0))
    assert [(inner.slot, inner.kind) for inner in layer.volumes] == [("lvroot", "logical")]
    assert content(layer.volumes[0]) == noise(2, "a") + noise(3, "b")
    assert not layer.problems


def test_metadata_that_run_over_the_end_of_their_ring_are_read() -> None:
    text = group(volume("root", linear(0, 1, "pv0", 5)))
    media = Physical(0, text, text_at=AREA_BYTES - 512)
    media.extent(5, noise(1, "r"))

    assert content(opened(media).volumes[0]) == noise(1, "r")


def test_chunks_of_a_striped_volume_alternate_between_the_physical_volumes() -> None:
    stripes = 'stripe_count = 2\nstripe_size = 32\nstripes = [\n"pv0", 1,\n"pv1", 7\n]'
    text = group(volume("fast", segment("striped", 0, 4, stripes)), physical=2)
    first, second = Physical(0, text), Physical(1, text)
    data, chunk = noise(4, "s"), 32 * 512
    chunks = [data[at : at + chunk] for at in range(0, len(data), chunk)]
    first.extent(1, b"".join(chunks[::2]))
    second.extent(7, b"".join(chunks[1::2]))

    layer = opened(first, Beside(later=[second]))

    assert content(layer.volumes[0]) == data
    source = layer.volumes[0].source
    assert source is not None
    assert source.read_at(chunk - 5, 2 * chunk) == data[chunk - 5 : 3 * chunk - 5]


def test_the_first_physical_volume_shows_the_group_and_the_others_say_so() -> None:
    text = group(volume("root", linear(0, 1, "pv1", 0)), physical=2)
    first, second = Physical(0, text), Physical(1, text)
    second.extent(0, noise(1, "x"))

    assert content(opened(first, Beside(later=[Media(4096), second])).volumes[0]) == noise(1, "x")
    later = opened(second, Beside(earlier=[first]))
    assert not later.volumes
    assert "shown with an earlier partition" in said(later)


def test_what_lies_on_an_absent_physical_volume_is_unreadable_and_the_rest_is_read() -> None:
    text = group(volume("root", linear(0, 2, "pv0", 0), linear(2, 1, "pv1", 0)), physical=2)
    media = Physical(0, text)
    media.extent(0, noise(2, "here"))

    layer = opened(media)

    source = layer.volumes[0].source
    assert source is not None
    assert source.read_at(0, 2 * EXTENT_BYTES) == noise(2, "here")
    with pytest.raises(UnreadableRegionError, match="not on this media"):
        source.read_at(2 * EXTENT_BYTES - 1, 2)
    assert dashed(uuid_of(1)) in said(layer)


def test_a_physical_volume_without_metadata_is_described_by_another_one() -> None:
    bare = Physical(0)
    bare.extent(0, noise(1, "n"))
    other = Physical(1, group(volume("root", linear(0, 1, "pv0", 0)), physical=2))

    assert content(opened(bare, Beside(later=[other])).volumes[0]) == noise(1, "n")
    assert "No volume group" in said(opened(bare))


def test_the_newest_metadata_of_the_group_rule() -> None:
    old = Physical(0, group(volume("old", linear(0, 1, "pv0", 0)), physical=2, sequence=3))
    new = Physical(1, group(volume("new", linear(0, 1, "pv0", 0)), physical=2, sequence=4))

    layer = opened(old, Beside(later=[new]))

    assert [inner.slot for inner in layer.volumes] == ["lvnew"]
    assert "the newest is used" in said(layer)


def test_only_visible_volumes_are_shown_under_ids_without_dots() -> None:
    volumes = volume("a.b", linear(0, 1, "pv0", 0)) + volume("a_b", linear(0, 1, "pv0", 1))
    volumes += volume("hidden", linear(0, 1, "pv0", 2), visible=False)

    assert [inner.slot for inner in opened(Physical(0, group(volumes))).volumes] == ["lva_b", "lva_b_"]


def mirror(*legs: str) -> str:
    listed = ", ".join(f'"{leg}", 0' for leg in legs)
    return segment("mirror", 0, 1, f"mirror_count = {len(legs)}\nregion_size = 1024\nmirrors = [{listed}]")


def test_a_mirror_is_read_from_the_leg_that_is_here_unless_it_was_not_yet_equal() -> None:
    for status, is_readable in (("", True), ("NOTSYNCED", False)):
        media = Physical(0, group(volume("m", mirror("pv1", "pv0"), status=status), physical=2))
        media.extent(0, noise(1, "leg"))
        inner = opened(media).volumes[0]
        if is_readable:
            assert content(inner) == noise(1, "leg")
        else:
            with pytest.raises(UnreadableRegionError):
                content(inner)


@pytest.mark.parametrize("kind", ["cache", "writecache", "vdo", "integrity", "quantum"])
def test_a_volume_of_an_unsupported_type_is_refused_by_name_and_the_others_are_read(kind: str) -> None:
    volumes = volume("odd", segment(kind, 0, 1, 'origin = "x"')) + volume("even", linear(0, 1, "pv0", 0))

    layer = opened(Physical(0, group(volumes)))

    assert [inner.source is None for inner in layer.volumes] == [True, False]
    assert f"type {kind}, which is not supported" in said(layer)


def test_parts_of_zeros_and_of_errors_are_what_they_say() -> None:
    media = Physical(0, group(volume("z", segment("zero", 0, 1, ""), segment("error", 1, 1, ""))))

    source = opened(media).volumes[0].source

    assert source is not None
    assert source.read_at(0, EXTENT_BYTES) == bytes(EXTENT_BYTES)
    with pytest.raises(UnreadableRegionError):
        source.read_at(EXTENT_BYTES, 1)


CHUNK = 4096


def with_snapshot(store: bytes, *, key: str = "cow_store", origin: str = "root") -> Physical:
    pair = segment("snapshot", 0, 4, f'chunk_size = {CHUNK // 512}\norigin = "{origin}"\n{key} = "snap"')
    volumes = volume("root", linear(0, 4, "pv0", 0)) + volume(
        "snap", linear(0, 30, "pv0", 8), visible=key == "cow_store"
    )
    media = Physical(0, group(volumes + volume("snapshot0", pair, visible=False)))
    media.extent(0, noise(4, "origin"))
    media.extent(8, store)
    return media


def changed(count: int) -> dict[int, bytes]:
    return {(7 * index) % 64: noise(1, index)[:CHUNK] for index in range(count)}


def after(chunks: dict[int, bytes]) -> bytes:
    data = bytearray(noise(4, "origin"))
    for number, chunk in chunks.items():
        data[number * CHUNK : (number + 1) * CHUNK] = chunk
    return bytes(data)


def test_a_snapshot_shows_the_old_chunks_and_the_origin_the_new_ones() -> None:
    store = snapshot_store(CHUNK, changed(40), size_bytes=30 * EXTENT_BYTES)

    root, snap = opened(with_snapshot(store)).volumes

    assert content(root) == noise(4, "origin")
    assert content(snap) == after(changed(40))
    assert "snapshot of root" in snap.description


def test_a_store_of_several_areas_is_read_to_its_end() -> None:
    small = 512
    chunks = {number: noise(1, number)[:small] for number in range(0, 500, 3)}
    media = with_snapshot(snapshot_store(small, chunks, size_bytes=30 * EXTENT_BYTES))
    expected = bytearray(noise(4, "origin"))
    for number, chunk in chunks.items():
        expected[number * small : (number + 1) * small] = chunk

    assert content(opened(media).volumes[1]) == expected


def test_an_origin_into_which_a_snapshot_is_merged_shows_the_merged_content() -> None:
    store = snapshot_store(CHUNK, changed(9), size_bytes=30 * EXTENT_BYTES)

    layer = opened(with_snapshot(store, key="merging_store"))

    assert [inner.slot for inner in layer.volumes] == ["lvroot"]
    assert content(layer.volumes[0]) == after(changed(9))


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (snapshot_store(CHUNK, changed(3), valid=0, size_bytes=1 << 20), "ran full"),
        (bytes(1 << 20), "no header"),
        (snapshot_store(CHUNK, changed(3), size_bytes=1 << 20)[:12] + b"\x03\0\0\0" + bytes(1 << 20), "chunks of 1536"),
        (
            snapshot_store(CHUNK, changed(3), size_bytes=1 << 20)[: CHUNK + 8] + b"\xff" * 8 + bytes(1 << 20),
            "into chunk 18446744073709551615",
        ),
    ],
)
def test_a_store_that_is_no_valid_one_gives_no_snapshot(store: bytes, words: str) -> None:
    root, snap = opened(with_snapshot(store)).volumes

    assert content(root) == noise(4, "origin")
    assert snap.source is None
    assert words in snap.problems[0].what


def test_a_store_whose_origin_is_not_known_is_not_shown_as_content() -> None:
    layer = opened(with_snapshot(snapshot_store(CHUNK, changed(3), size_bytes=1 << 20), origin="gone"))

    assert layer.volumes[1].source is None


@pytest.mark.parametrize(
    ("volumes", "words"),
    [
        (volume("a", linear(0, 1, "a", 0)), "lies in itself"),
        (volume("a", linear(0, 1, "b", 0)) + volume("b", linear(0, 1, "a", 0), visible=False), "lies in itself"),
        (
            "".join(volume(f"v{n}", linear(0, 1, f"v{n + 1}", 0), visible=not n) for n in range(100)),
            "too deep in others",
        ),
        (volume("a", linear(0, 1, "nowhere", 0)), "no volume 'nowhere'"),
        (volume("a", linear(0, 1, "pv0", 64)), "past its end"),
        (volume("a", linear(0, 1 << 62, "pv0", 0)), "past its end"),
        (volume("a", linear(1, 1, "pv0", 0)), "do not follow each other"),
        (volume("a", linear(0, 0, "pv0", 0)), "do not follow each other"),
        (volume("a", segment("striped", 0, 3, 'stripes = ["pv0", 0, "pv0", 3]')), "3 extents on 2 stripes"),
        (volume("a", segment("striped", 0, 2, 'stripe_size = 0\nstripes = ["pv0", 0, "pv0", 3]')), "0 sectors"),
        (volume("a", segment("striped", 0, 2, 'stripes = ["pv0", "pv0"]')), "damaged"),
        (volume("a", segment("raid1", 0, 1, "raids = []")), "no legs"),
        (volume("a", segment("raid5", 0, 1, 'raid0_lvs = ["b"]')) + volume("b", linear(0, 1, "pv0", 0)), "1 legs"),
        (volume("a", segment("thin", 0, 1, 'thin_pool = "a"\ndevice_id = 1')), "thin pool 'a'"),
        ('a {\nstatus = ["VISIBLE"]\nsegment_count = 4000000000\n}\n', "4000000000 segments"),
        ('a {\nstatus = ["VISIBLE"]\nsegment_count = -1\n}\n', "no number"),
    ],
)
def test_volumes_that_cannot_be_are_refused_in_words_and_the_others_are_read(volumes: str, words: str) -> None:
    media = Physical(0, group(volumes + volume("whole", linear(0, 1, "pv0", 3))))
    media.extent(3, noise(1, "w"))

    layer = opened(media)

    assert content(layer.volumes[-1]) == noise(1, "w")
    assert layer.volumes[0].source is None
    assert words in said(layer)


@pytest.mark.parametrize(
    "text",
    [
        "vg {",
        "vg { a = ",
        'vg { a = [1, "x" }',
        "{}",
        'vg = "text',
        "a {" * 100,
        "vg { seqno = [ [ 1 ] ] }",
        "x" * 100_000 + "\0",
        "vg { a = " + "9" * 5000 + " }",
        "#" * 50_000 + "\n}",
    ],
)
def test_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(LvmError):
        parse(text)


def test_a_text_of_only_comments_is_an_empty_section() -> None:
    assert parse("# nothing\n\n" + "#" * 100_000) == {}


def test_no_flipped_byte_of_label_or_metadata_goes_unsaid_and_none_crashes() -> None:
    text = group(volume("root", linear(0, 2, "pv0", 0)))
    whole = Physical(0, text)
    whole.extent(0, noise(2, "r"))
    used = [
        *range(512, 512 + 180, 3),
        *range(AREA_AT, AREA_AT + 64),
        *range(AREA_AT + 512, AREA_AT + 512 + len(text), 7),
    ]
    for at in used:
        media = Media(0)
        media.data = bytearray(whole.data)
        media.data[at] ^= 0x10
        layer = open_lvm(media, NO_KEYS, ALONE)
        assert layer is None or layer.problems, at
        for inner in layer.volumes if layer else ():
            assert content(inner) == noise(2, "r")


def test_a_cut_volume_is_read_as_far_as_it_goes() -> None:
    whole = Physical(0, group(volume("root", linear(0, 2, "pv0", 0))))
    whole.extent(0, noise(2, "r"))
    media = Media(0)
    for size in (512, 600, 1024, AREA_AT, AREA_AT + 100, AREA_AT + 700):
        media.data = whole.data[:size]
        layer = open_lvm(media, NO_KEYS, ALONE)
        assert layer is None or (layer.problems and not layer.volumes)
    media.data = whole.data[: DATA_AT + EXTENT_BYTES + 100]

    source = opened(media).volumes[0].source

    assert source is not None
    assert source.read_at(0, EXTENT_BYTES + 100) == noise(2, "r")[: EXTENT_BYTES + 100]
    with pytest.raises(UnreadableRegionError):
        source.read_at(EXTENT_BYTES, EXTENT_BYTES)
