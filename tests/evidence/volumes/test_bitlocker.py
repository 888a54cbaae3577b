"""BitLocker volumes of every form, method and protector, made by an encoder of our own."""

from __future__ import annotations

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.base import Readable
from evidence.volumes.bitlocker import open_bitlocker
from evidence.volumes.layers import ALONE, Layer
from tests.evidence.volumes.bitlocker_builder import (
    HEADER_SECTORS,
    ON_WRITE,
    PASSWORD,
    RECOVERY,
    SECTORS,
    WRITTEN,
    Volume,
    protector_id,
    startup_file,
)
from tests.evidence.volumes.media import Media

METHODS = [0x8000, 0x8001, 0x8002, 0x8003, 0x8004, 0x8005]


def opened(media: Media, keys: Keys = NO_KEYS) -> Layer:
    layer = open_bitlocker(media, keys, ALONE)
    assert layer is not None
    return layer


def bytes_of(layer: Layer) -> Readable:
    assert not layer.locked
    assert [(inner.slot, inner.kind) for inner in layer.volumes] == [("d", "decrypted")]
    source = layer.volumes[0].source
    assert source is not None
    return source


def said(layer: Layer) -> str:
    inner = [problem for volume in layer.volumes for problem in volume.problems]
    return " ".join(problem.what for problem in (*layer.problems, *inner))


def check(volume: Volume, source: Readable) -> None:
    """Every sector that was written, the metadata as zeros, and one read over all borders."""
    size = volume.sector
    assert source.media_bytes == SECTORS * size
    whole = source.read_at(0, source.media_bytes)
    assert len(whole) == source.media_bytes
    for number in WRITTEN:
        assert whole[number * size : (number + 1) * size] == volume.expected(number), number
    for block in volume.blocks:
        assert not any(whole[block : block + volume.block_bytes])
    if volume.form != "vista":
        assert not any(whole[volume.moved_to : volume.moved_to + HEADER_SECTORS * size])
    for start, length in [(1, 1), (size - 1, 2), (HEADER_SECTORS * size - 3, 700), (volume.blocks[0] - 5, 10)]:
        assert source.read_at(start, length) == whole[start : start + length]
    assert source.read_at(source.media_bytes - 3, 100) == whole[-3:]
    assert source.read_at(source.media_bytes, 1) == b""


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("form", ["seven", "vista", "to go"])
def test_a_volume_is_decrypted_by_its_method_and_form(form: str, method: int) -> None:
    volume = Volume(form=form, method=method)
    check(volume, bytes_of(opened(volume.media())))


@pytest.mark.parametrize("method", [0x8000, 0x8003, 0x8004])
def test_sectors_of_4096_bytes_are_one_unit_of_the_cipher(method: int) -> None:
    volume = Volume(method=method, sector=4096)
    check(volume, bytes_of(opened(volume.media())))


def test_the_size_of_a_sector_follows_from_the_moved_sectors_where_the_boot_sector_has_none() -> None:
    volume = Volume(sector=4096, boot_sector_bytes=0)
    check(volume, bytes_of(opened(volume.media())))


def test_the_place_of_the_moved_sectors_is_found_without_an_entry_for_it() -> None:
    volume = Volume(has_place=False)
    check(volume, bytes_of(opened(volume.media())))


def test_a_clear_key_opens_the_volume_and_is_told() -> None:
    layer = opened(Volume().media())
    assert "the protection was suspended" in said(layer)
    assert not any(problem.is_damage for problem in layer.problems)


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (0x2000, Keys(passwords=(PASSWORD,))),
        (0x0800, Keys(recovery_keys=(RECOVERY,))),
        (0x0800, Keys(recovery_keys=(RECOVERY.replace("-", ""),))),
        (0x0800, Keys(passwords=(f" {RECOVERY} ",))),
        (0x0200, Keys(startup_keys=(b"a key file of LUKS", startup_file(1)))),
    ],
)
def test_a_key_opens_its_protector_among_others(kind: int, keys: Keys) -> None:
    volume = Volume(kinds=(0x0100, kind, 0x0500))
    layer = opened(volume.media(), keys)
    check(volume, bytes_of(layer))
    assert str(protector_id(1)).upper() in said(layer)


def test_a_locked_volume_says_which_keys_to_look_for() -> None:
    layer = opened(Volume(kinds=(0x2000, 0x0800, 0x0200, 0x0100, 0x0500, 0x0700, 0x1000)).media())
    assert layer.locked
    assert layer.encryption == "bitlocker"
    assert layer.volumes == ()
    ids = [f"{{{str(protector_id(number)).upper()}}}" for number in range(7)]
    words = said(layer)
    assert f"password {ids[0]}; recovery password, key id {ids[1]}; startup key {ids[2]} (file" in words
    assert f"{ids[2][1:-1]}.BEK" in words
    assert f"TPM {ids[3]}; TPM and PIN {ids[4]}; TPM and PIN and startup key {ids[5]}" in words
    assert f"protector of type 0x1000 {ids[6]}" in words
    assert "'PC C: 1/2/2020', AES-XTS 128-bit" in words
    assert "no key was given" in words


def test_wrong_keys_leave_the_volume_locked_and_a_mistyped_recovery_key_is_told_but_not_shown() -> None:
    mistyped = RECOVERY[:-1] + str((int(RECOVERY[-1]) + 1) % 10)
    layer = opened(Volume(kinds=(0x0200, 0x0800)).media(), Keys(recovery_keys=(mistyped,), startup_keys=(b"\0" * 200,)))
    assert layer.locked
    assert "none of the keys given opens it" in said(layer)
    assert "1 cannot be of BitLocker" in said(layer)
    assert mistyped not in said(layer)


def test_what_lies_behind_the_encrypted_part_is_read_as_it_is() -> None:
    volume = Volume(encrypted_sectors=40, state=(5, 1))
    layer = opened(volume.media())
    check(volume, bytes_of(layer))
    assert "paused, to become decrypted" in said(layer)
    assert f"first {40 * 512} bytes" in said(layer)


def test_an_unfinished_conversion_of_used_space_is_refused_by_name() -> None:
    layer = opened(Volume(identifier=ON_WRITE, state=(3, 4)).media())
    assert layer.locked
    assert "encrypt-on-write maps" in said(layer)


def test_a_finished_conversion_of_used_space_is_read() -> None:
    volume = Volume(identifier=ON_WRITE)
    check(volume, bytes_of(opened(volume.media())))


def test_a_volume_in_conversion_that_does_not_say_how_far_is_refused() -> None:
    layer = opened(Volume(form="vista", state=(2, 4)).media())
    assert layer.locked
    assert "does not say how much of it is encrypted" in said(layer)


def test_an_unknown_method_is_refused_by_its_number() -> None:
    volume = Volume(method=0x8009)
    media = Volume().media()
    for block in volume.blocks:
        media.write(block, volume.metadata())
    layer = opened(media)
    assert layer.locked
    assert "encryption method 0x8009 with a key of 32 bytes" in said(layer)


def test_a_damaged_copy_of_the_metadata_is_told_and_another_one_used() -> None:
    volume = Volume()
    media = volume.media()
    media.data[volume.blocks[0] + 200] ^= 1
    media.write(volume.blocks[1], bytes(512))
    layer = opened(media)
    check(volume, bytes_of(layer))
    damage = {problem.offset_bytes for problem in layer.problems if problem.is_damage}
    covered = len(volume.metadata()) - 88
    assert damage == {volume.blocks[0] + covered + 4, volume.blocks[1]}


def test_a_copy_that_cannot_be_read_is_told_and_another_one_used() -> None:
    volume = Volume()
    media = volume.media()
    media.unreadable = range(volume.blocks[0], volume.blocks[0] + 512)
    layer = opened(media)
    source = bytes_of(layer)
    assert source.read_at(0, 512) == volume.expected(0)
    assert any(problem.is_damage and problem.offset_bytes == volume.blocks[0] for problem in layer.problems)


def test_without_any_copy_of_the_metadata_the_volume_stays_locked_with_words() -> None:
    volume = Volume()
    media = volume.media()
    for block in volume.blocks:
        media.write(block, bytes(8))
    layer = opened(media)
    assert layer.locked
    assert "none of the copies of the metadata can be read" in said(layer)


@pytest.mark.parametrize("form", ["seven", "vista"])
def test_an_image_cut_off_is_read_as_far_as_it_goes(form: str) -> None:
    volume = Volume(form=form)
    media = volume.media()
    end = 200 * volume.sector + 100
    del media.data[end:]
    layer = opened(media)
    source = bytes_of(layer)
    assert source.media_bytes == 200 * volume.sector
    assert layer.volumes[0].length_bytes > source.media_bytes
    words = said(layer)
    assert "what lies behind them cannot be read" in words
    assert "The last 100 bytes are no whole sector" in words
    assert source.read_at(40 * 512, 512) == volume.expected(40)
    if form == "seven":
        with pytest.raises(UnreadableRegionError, match="the volume ends before it"):
            source.read_at(0, 512)
    else:
        assert source.read_at(0, 512) == volume.expected(0)


def test_what_the_image_does_not_give_is_raised_and_never_zeros() -> None:
    volume = Volume()
    media = volume.media()
    source = bytes_of(opened(media))
    media.unreadable = range(40 * 512, 41 * 512)
    assert source.read_at(39 * 512, 512) == volume.expected(39)
    with pytest.raises(UnreadableRegionError):
        source.read_at(39 * 512, 1024)


def test_what_is_no_bitlocker_volume_is_none() -> None:
    media = Media(4096)
    media.write(0, b"\xeb\x52\x90NTFS    ")
    assert open_bitlocker(media, NO_KEYS, ALONE) is None
    media.write(0, b"\xeb\x58\x90MSWIN4.1")
    assert open_bitlocker(media, NO_KEYS, ALONE) is None
    assert open_bitlocker(Media(100), NO_KEYS, ALONE) is None


def read_all(layer: Layer) -> None:
    """What a hostile volume may do to a reader: raise UnreadableRegionError, and nothing else."""
    for inner in layer.volumes:
        assert inner.source is not None
        for start in range(0, inner.source.media_bytes, 128 << 10):
            try:
                inner.source.read_at(start, 128 << 10)
            except UnreadableRegionError:
                continue


@pytest.mark.parametrize("mask", [0x01, 0xFF])
@pytest.mark.parametrize("form", ["seven", "vista"])
def test_a_flip_in_any_byte_of_the_metadata_is_damage_and_never_a_crash(form: str, mask: int) -> None:
    volume = Volume(form=form)
    media = volume.media()
    covered = len(volume.metadata()) - 88
    for at in (*range(covered + 2), *range(covered + 4, covered + 8)):
        for block in volume.blocks:
            media.data[block + at] ^= mask
        layer = opened(media)
        assert any(problem.is_damage for problem in layer.problems), at
        for block in volume.blocks:
            media.data[block + at] ^= mask


@pytest.mark.parametrize("form", ["seven", "vista"])
@pytest.mark.parametrize("value", [b"\xff", b"\x00", b"\x80"])
def test_metadata_forged_with_a_right_checksum_never_crashes(form: str, value: bytes) -> None:
    covered = len(Volume(form=form).metadata()) - 88
    media = Volume(form=form).media()
    for at in (*range(128), *range(128, covered, 5)):
        for width in (1, 8):
            volume = Volume(form=form, damage={at: value * min(width, covered - at)})
            for block in volume.blocks:
                media.write(block, volume.metadata())
            layer = opened(media)
            if at < 128:
                read_all(layer)


def test_metadata_that_ends_anywhere_never_crashes() -> None:
    volume = Volume()
    whole = volume.media()
    first = volume.blocks[0]
    for end in range(first, first + len(volume.metadata()) + 16):
        media = Media(0)
        media.data = whole.data[:end]
        assert opened(media).problems


def test_copies_of_the_metadata_that_name_ever_new_places_are_not_followed_for_ever() -> None:
    volume = Volume()
    media = volume.media()
    forged = Volume(damage={32: (1 << 62).to_bytes(8, "little") * 3})
    for block in volume.blocks:
        media.write(block, forged.metadata())
    layer = opened(media)
    assert sum("ends before this copy" in problem.what for problem in layer.problems) == 1


def test_a_key_file_that_is_cut_or_forged_fits_nothing() -> None:
    media = Volume(kinds=(0x0200,)).media()
    whole = startup_file(0)
    assert not opened(media, Keys(startup_keys=(whole,))).locked
    for end in range(len(whole)):
        assert opened(media, Keys(startup_keys=(whole[:end],))).locked
