"""Core Storage volumes, encrypted and not, made by an encoder of our own."""

from __future__ import annotations

import random

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.base import Readable
from evidence.volumes.corestorage import open_core_storage
from evidence.volumes.layers import ALONE, Layer
from tests.evidence.volumes.corestorage_builder import (
    LABEL,
    PASSPHRASE,
    RECOVERY,
    SEALED,
    VOLUME_BYTES,
    Volume,
    wipe_key,
)
from tests.evidence.volumes.media import Media

KEYS = Keys(passwords=("wrong", PASSPHRASE))


def opened(media: Media, keys: Keys = KEYS) -> Layer:
    layer = open_core_storage(media, keys, ALONE)
    assert layer is not None
    return layer


def bytes_of(layer: Layer) -> Readable:
    assert not layer.locked
    assert [inner.slot for inner in layer.volumes] in (["d"], ["lv"])
    source = layer.volumes[0].source
    assert source is not None
    return source


def said(layer: Layer) -> str:
    inner = [problem for volume in layer.volumes for problem in volume.problems]
    return " ".join(problem.what for problem in (*layer.problems, *inner))


def check(volume: Volume, source: Readable) -> None:
    whole = volume.content()
    assert source.media_bytes == VOLUME_BYTES
    assert source.read_at(0, VOLUME_BYTES + 1) == whole
    for start, length in [(0, 1), (511, 2), (16 * 4096 - 3, 700), (VOLUME_BYTES - 1, 5)]:
        assert source.read_at(start, length) == whole[start : start + length]
    assert source.read_at(VOLUME_BYTES, 1) == b""


@pytest.mark.parametrize("is_compressed", [False, True])
@pytest.mark.parametrize("base", [0, 100])
def test_a_passphrase_opens_the_volume(base: int, is_compressed: bool) -> None:
    volume = Volume(base=base, is_compressed=is_compressed)
    layer = opened(volume.media())
    check(volume, bytes_of(layer))
    assert (layer.encryption, layer.volumes[0].kind) == ("filevault", "decrypted")
    assert not any(problem.is_damage for problem in layer.problems)
    assert "(hint: 'the street')" in said(layer)


@pytest.mark.parametrize("key", [RECOVERY, RECOVERY.lower().replace("-", "")])
def test_a_recovery_key_opens_the_volume_with_or_without_dashes(key: str) -> None:
    volume = Volume()
    check(volume, bytes_of(opened(volume.media(), Keys(recovery_keys=(key,)))))


@pytest.mark.parametrize("keys", [NO_KEYS, Keys(passwords=("wrong",))])
def test_without_the_right_key_the_volume_is_locked_and_says_whose_passphrases_open_it(keys: Keys) -> None:
    layer = opened(Volume().media(), keys)
    assert layer.locked
    assert all(inner.source is None and inner.locked for inner in layer.volumes)
    assert "{00000000-0000-0000-0000-000000000000} (hint: 'the street')" in said(layer)


def test_a_volume_of_a_system_asks_for_the_file_with_its_keys_and_opens_with_it() -> None:
    volume = Volume(kind="system")
    layer = opened(volume.media())
    assert layer.locked
    assert "EncryptedRoot.plist.wipekey" in said(layer)
    keys = Keys(passwords=(PASSPHRASE,), startup_keys=(b"another file", wipe_key()))
    check(volume, bytes_of(opened(volume.media(), keys)))


def test_a_volume_without_encryption_is_a_logical_one() -> None:
    volume = Volume(kind="plain")
    layer = opened(volume.media(), NO_KEYS)
    check(volume, bytes_of(layer))
    assert layer.encryption is None
    assert layer.facts is not None
    assert [(inner.slot, inner.kind) for inner in layer.volumes] == [("lv", "logical")]


def test_a_volume_in_conversion_is_refused_by_name() -> None:
    layer = opened(Volume(status="Converting").media())
    assert layer.locked
    assert "is in conversion" in said(layer)


def test_the_copy_of_the_header_is_used_where_the_first_is_damaged() -> None:
    volume = Volume()
    media = volume.media()
    media.data[180] ^= 1
    layer = opened(media)
    check(volume, bytes_of(layer))
    assert any(problem.is_damage and problem.offset_bytes == 0 for problem in layer.problems)


def test_with_both_headers_damaged_the_volume_is_locked_with_words() -> None:
    media = Volume().media()
    for offset in (180, media.media_bytes - 512 + 180):
        media.data[offset] ^= 1
    layer = opened(media)
    assert layer.locked
    assert "both damaged" in said(layer)


def test_an_older_description_is_used_where_the_latest_is_damaged() -> None:
    volume = Volume()
    media = volume.media()
    latest = SEALED + 5 * 8192
    media.data[latest + 500] ^= 1
    layer = opened(media)
    assert bytes_of(layer).media_bytes == 4096
    assert any(problem.is_damage and problem.offset_bytes == latest for problem in layer.problems)


def test_wiped_metadata_leave_the_volume_locked_with_words() -> None:
    media = Volume().media()
    media.write(SEALED, bytes(32 * 8192))
    layer = opened(media)
    assert layer.locked
    assert "no encrypted metadata can be found" in said(layer)


def test_what_lies_on_another_physical_volume_or_nowhere_is_raised_and_never_zeros() -> None:
    elsewhere = opened(Volume(piece_index=1).media())
    assert "on another physical volume" in said(elsewhere)
    with pytest.raises(UnreadableRegionError, match="another physical volume"):
        bytes_of(elsewhere).read_at(0, 512)
    short = opened(Volume(pieces=((0, 16, 150),)).media())
    assert "Nothing tells where the end of the volume lies" in said(short)
    source = bytes_of(short)
    assert source.read_at(0, 65536) == Volume().content()[:65536]
    with pytest.raises(UnreadableRegionError, match="nothing tells"):
        source.read_at(65530, 10)


def test_a_volume_cut_off_is_read_as_far_as_it_goes() -> None:
    volume = Volume()
    media = volume.media()
    del media.data[160 * 4096 :]
    layer = opened(media)
    assert "past the end of the media" in said(layer)
    source = bytes_of(layer)
    assert source.read_at(0, 10 * 4096) == volume.content()[: 10 * 4096]
    with pytest.raises(UnreadableRegionError):
        source.read_at(10 * 4096, 512)


def test_what_is_no_core_storage_is_none() -> None:
    assert open_core_storage(Media(4096), NO_KEYS, ALONE) is None
    assert open_core_storage(Media(10), NO_KEYS, ALONE) is None


@pytest.mark.parametrize(
    "forged",
    [
        b"<dict>" * 2000 + b"</dict>" * 2000,
        b"<dict><key>a</key></dict>",
        b"<dict><key>a</key><integer>zz</integer></dict>",
        b"<dict><key>a</key><data>!</data></dict>",
        b"<dict ID='1'><key>a</key><reference IDREF='1'/></dict>",
        b"<!ENTITY x 'y'><dict></dict>",
        b"\0\xff" * 300,
        b"",
    ],
)
def test_property_lists_that_are_none_never_crash(forged: bytes) -> None:
    plain = Volume()
    for lists in ((forged, plain.logical_list(VOLUME_BYTES)), (plain.family_list(), forged)):
        layer = opened(Volume(lists=(lists[0][:6000], lists[1][:6000])).media())
        assert layer.problems


def test_flipped_bytes_in_header_label_and_metadata_never_crash_and_never_change_the_content() -> None:
    volume = Volume(base=100)
    media = volume.media()
    content, chance = volume.content(), random.Random(5)
    places = [*range(0, 340, 7), *range(LABEL, LABEL + 260, 7), *range(LABEL + 8192, LABEL + 8192 + 48, 2)]
    places += [SEALED + block * 8192 + chance.randrange(300) for block in range(7) for _ in range(4)]
    for place in places:
        media.data[place] ^= 0xFF
        layer = open_core_storage(media, KEYS, ALONE)
        for inner in layer.volumes if layer else ():
            if inner.source is not None and inner.source.media_bytes == VOLUME_BYTES:
                assert read_or_refused(inner.source) in (content, None)
        media.data[place] ^= 0xFF


def read_or_refused(source: Readable) -> bytes | None:
    try:
        return source.read_at(0, source.media_bytes)
    except UnreadableRegionError:
        return None
