from __future__ import annotations

import contextlib
import hashlib
import io
import random
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS
from evidence.volumes.layers import ALONE, Inner, Layer
from evidence.volumes.shadow import open_shadow_copies
from tests.evidence.documents import PlainImage, document
from tests.evidence.volumes.shadow_writer import BLOCK, MemoryImage, StoreToWrite, volume_with

CATALOG_POINTER = 0x1E00 + 48


def opened(data: bytes) -> Layer:
    layer = open_shadow_copies(MemoryImage(data), NO_KEYS, ALONE)
    assert layer is not None
    return layer


def whole(inner: Inner) -> bytes:
    assert inner.source is not None
    return inner.source.read_at(0, inner.length_bytes)


def random_stores(seed: int) -> list[StoreToWrite]:
    rng = random.Random(seed)
    stores = []
    for _ in range(rng.randint(1, 4)):
        descriptors = []
        for _ in range(rng.randint(0, 25)):
            flags, original, kept = rng.choice((0, 0, 1, 2, 4)), rng.randint(1, 40), rng.randint(60, 160)
            if flags == 1:
                descriptors.append((original, rng.randint(1, 40), 0, flags, 0))
            else:
                bitmap = rng.getrandbits(32) if flags == 2 else 0
                descriptors.append((original, 0 if bitmap else rng.randint(1, 60), kept, flags, bitmap))
        empty = [block for block in range(256) if rng.random() < 0.5]
        before = None if rng.random() < 0.5 else [block for block in range(256) if rng.random() < 0.5]
        stores.append(StoreToWrite(descriptors=descriptors, empty=empty, previously_empty=before))
    return stores


@pytest.mark.parametrize("seed", range(24))
def test_stores_that_build_on_each_other_are_put_together_as_libvshadow_does(seed: int) -> None:
    pyvshadow: Any = pytest.importorskip("pyvshadow", reason="libvshadow-python, the second reader, is not installed")
    data = bytes(volume_with(random_stores(seed)))
    theirs = pyvshadow.volume()
    theirs.open_file_object(io.BytesIO(data))
    volumes = opened(data).volumes
    assert len(volumes) == theirs.number_of_stores
    for number, inner in enumerate(volumes):
        assert whole(inner) == theirs.get_store(number).read(len(data))


def test_a_block_that_was_kept_comes_from_the_store_and_all_others_from_the_volume() -> None:
    data = bytes(volume_with([StoreToWrite(descriptors=[(7, 0, 100, 0, 0)])]))
    found = whole(opened(data).volumes[0])
    assert found[7 * BLOCK : 8 * BLOCK] == data[100 * BLOCK : 101 * BLOCK]
    assert found[: 7 * BLOCK] + found[8 * BLOCK :] == data[: 7 * BLOCK] + data[8 * BLOCK :]


def test_reading_across_blocks_gives_what_reading_them_one_by_one_gives() -> None:
    data = bytes(volume_with(random_stores(5)))
    inner = opened(data).volumes[0]
    expected = whole(inner)
    assert inner.source is not None
    rng = random.Random(1)
    for _ in range(200):
        at, size = rng.randrange(len(data)), rng.randint(1, 5 * BLOCK)
        assert inner.source.read_at(at, size) == expected[at : at + size]
    assert inner.source.read_at(len(data), 1) == b""


def test_copies_are_dated_and_in_the_order_of_their_age() -> None:
    volumes = opened(bytes(volume_with([StoreToWrite(), StoreToWrite()]))).volumes
    assert [inner.slot for inner in volumes] == ["s1", "s2"]
    assert [inner.snapshot_time_ns for inner in volumes] == [1_577_836_800_000_000_000, 1_577_836_801_000_000_000]


def test_a_volume_without_copies_or_without_the_identifier_has_no_layer() -> None:
    data = volume_with([StoreToWrite()])
    empty = bytes(data[:CATALOG_POINTER]) + bytes(8) + bytes(data[CATALOG_POINTER + 8 :])
    assert open_shadow_copies(MemoryImage(empty), NO_KEYS, ALONE) is None
    assert open_shadow_copies(MemoryImage(bytes(1 << 20)), NO_KEYS, ALONE) is None


def test_a_copy_whose_store_is_on_another_volume_is_listed_and_said_to_be() -> None:
    first, second = opened(bytes(volume_with([StoreToWrite(), StoreToWrite(is_elsewhere=True)]))).volumes
    assert second.source is None
    assert "another volume" in second.problems[0].what
    assert first.source is None
    assert "a later one that it builds on" in first.problems[0].what


def test_a_copy_of_a_larger_volume_ends_where_the_volume_ends_and_says_so() -> None:
    data = bytes(volume_with([StoreToWrite(volume_bytes=1 << 50)]))
    (inner,) = opened(data).volumes
    assert inner.length_bytes == len(data)
    assert str(1 << 50) in inner.problems[0].what


def test_a_copy_that_may_be_of_limited_scope_says_so() -> None:
    (inner,) = opened(bytes(volume_with([StoreToWrite(flags=0x440)]))).volumes
    assert "limited scope" in inner.problems[0].what
    assert not inner.problems[0].is_damage


def test_a_block_kept_behind_the_end_of_the_volume_cannot_be_read_and_is_never_zeros() -> None:
    (inner,) = opened(bytes(volume_with([StoreToWrite(descriptors=[(7, 0, 1 << 30, 0, 0)])]))).volumes
    assert inner.source is not None
    assert inner.source.read_at(0, BLOCK)
    with pytest.raises(UnreadableRegionError):
        inner.source.read_at(7 * BLOCK, 16)


def test_a_catalog_that_leads_back_into_itself_ends_in_words() -> None:
    data = volume_with([StoreToWrite()])
    (catalog,) = struct.unpack_from("<Q", data, CATALOG_POINTER)
    struct.pack_into("<Q", data, catalog + 40, catalog)
    layer = opened(bytes(data))
    assert len(layer.volumes) == 1
    assert "leads back into itself" in layer.problems[0].what
    assert layer.problems[0].offset_bytes == catalog


def test_older_copies_are_not_shown_over_a_damaged_newer_store() -> None:
    data = volume_with([StoreToWrite(), StoreToWrite(descriptors=[(7, 0, 100, 0, 0)])])
    layer = opened(bytes(data))
    at = bytes(data).rindex(struct.pack("<II", 1, 3), 0, len(data)) - 16
    data[at] ^= 0xFF
    damaged = opened(bytes(data))
    assert all(inner.source is not None for inner in layer.volumes)
    assert [inner.source for inner in damaged.volumes] == [None, None]
    assert damaged.volumes[1].problems[0].offset_bytes == at


@pytest.mark.parametrize("seed", range(40))
def test_any_damage_ends_in_words_or_in_bytes_but_never_in_another_error(seed: int) -> None:
    rng = random.Random(seed)
    data = volume_with(random_stores(seed), blocks=192)
    start = rng.choice((0x1E00, 128 * BLOCK))
    for _ in range(rng.randint(1, 60)):
        data[rng.randrange(start, start + 512 if start < BLOCK else len(data))] = rng.choice(
            (0, 0xFF, rng.randrange(256))
        )
    layer = open_shadow_copies(
        MemoryImage(bytes(data[: rng.choice((len(data), len(data) - 20 * BLOCK))])), NO_KEYS, ALONE
    )
    for inner in layer.volumes if layer else ():
        if inner.source is None:
            assert inner.problems
            continue
        for at in range(0, min(inner.length_bytes, len(data)), 4 * BLOCK):
            with contextlib.suppress(UnreadableRegionError):
                assert inner.source.read_at(at, 4 * BLOCK)


@pytest.mark.skipif(not shutil.which("ntfscp"), reason="ntfscp (Debian package ntfs-3g) makes the volume")
def test_a_file_that_was_changed_later_is_found_in_the_copy_as_it_was(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    old, new = b"as it was\n" * 9000, b"as it is\n" * 9000
    before.write_bytes(bytes(16 << 20))
    subprocess.run(["mkfs.ntfs", "-q", "-F", "-c", "4096", before], check=True, capture_output=True)
    write(before, old, tmp_path)
    shutil.copyfile(before, now)
    write(now, new, tmp_path)
    data, past = bytearray(now.read_bytes()), before.read_bytes()
    blocks = len(data) // BLOCK
    changed = [block for block in range(1, blocks) if data[block * BLOCK :][:BLOCK] != past[block * BLOCK :][:BLOCK]]
    kept_at = blocks // 3
    store = StoreToWrite(descriptors=[(block, 0, kept_at + index, 0, 0) for index, block in enumerate(changed)])
    written = volume_with([store], blocks=blocks)
    structures = (blocks - blocks // 3) * BLOCK
    data[structures : structures + 16 * BLOCK] = written[structures : structures + 16 * BLOCK]
    data[0x1E00:0x2000] = written[0x1E00:0x2000]
    for index, block in enumerate(changed):
        data[(kept_at + index) * BLOCK : (kept_at + index + 1) * BLOCK] = past[block * BLOCK : (block + 1) * BLOCK]
    now.write_bytes(data)
    found = document(PlainImage(now))
    digests = {row["volume_id"]: row["sha256"] for row in found["rows"] if row["path"] == "/file.txt"}
    assert digests == {"v0": hashlib.sha256(new).digest(), "v0.s1": hashlib.sha256(old).digest()}


def write(image: Path, content: bytes, scratch: Path) -> None:
    source = scratch / "content"
    source.write_bytes(content)
    subprocess.run(["ntfscp", "-q", "-f", image, source, "file.txt"], check=True, capture_output=True)
