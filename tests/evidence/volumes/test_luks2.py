"""LUKS2 volumes: headers by cryptsetup, content by an encoder of our own, and damage to both."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.layers import ALONE, Layer
from evidence.volumes.luks import open_luks
from tests.evidence.volumes.luks_images import (
    CONTENT,
    HEADER_BYTES,
    PASSWORD,
    PAYLOAD_AT,
    edit,
    encrypted,
    fill,
    key_file,
    luks2,
    media_of,
    needs_cryptsetup,
    run,
    set_sequence,
    volume_key,
)
from tests.evidence.volumes.media import Media

RIGHT = Keys(passwords=("wrong", PASSWORD))
ARGON = ("--pbkdf-memory", "64", "--pbkdf-force-iterations", "4", "--pbkdf-parallel", "2")

pytestmark = needs_cryptsetup


def opened(media: Media, keys: Keys = RIGHT) -> Layer:
    layer = open_luks(media, keys, ALONE)
    assert layer is not None
    return layer


def content(layer: Layer) -> bytes:
    source = layer.volumes[0].source
    assert source is not None
    return source.read_at(0, source.media_bytes)


def said(layer: Layer) -> str:
    return " ".join(problem.what for problem in layer.problems)


@pytest.fixture
def volume(tmp_path: Path) -> Media:
    path = luks2(tmp_path, "-c", "aes-xts-plain64", "-s", "512", "--sector-size", "512")
    return fill(tmp_path, path, "aes-xts-plain64")


@pytest.mark.parametrize(
    ("name", "bits", "sector_bytes", "options"),
    [
        ("aes-xts-plain64", "512", 512, ("--pbkdf", "argon2id", *ARGON)),
        ("aes-xts-plain64", "256", 4096, ("--pbkdf", "argon2i", *ARGON)),
        ("aes-cbc-essiv:sha256", "256", 1024, ("--hash", "sha512")),
        ("aes-cbc-plain64", "128", 2048, ("--hash", "sha1")),
    ],
)
def test_the_content_is_read_whatever_the_cipher_the_sector_and_the_key_derivation(
    tmp_path: Path, name: str, bits: str, sector_bytes: int, options: tuple[str, ...]
) -> None:
    path = luks2(tmp_path, "-c", name, "-s", bits, "--sector-size", str(sector_bytes), *options)

    layer = opened(fill(tmp_path, path, name, sector_bytes))

    assert not layer.locked
    assert content(layer) == CONTENT
    assert layer.volumes[0].description == f"LUKS2, {name}"
    assert not layer.problems


def test_a_second_slot_and_a_key_file_open_it_too(tmp_path: Path) -> None:
    path = luks2(tmp_path, "-c", "aes-xts-plain64", "-s", "512", "--sector-size", "512")
    second = key_file(tmp_path, "other\nfile")
    add = ("cryptsetup", "luksAddKey", "--batch-mode", "--pbkdf", "argon2id", *ARGON)
    run(*add, "--key-file", key_file(tmp_path), path, second)
    media = fill(tmp_path, path, "aes-xts-plain64")

    assert content(opened(media, Keys(startup_keys=(b"other\nfile",)))) == CONTENT


def test_without_the_key_the_slots_and_their_derivations_are_named(tmp_path: Path) -> None:
    media = media_of(luks2(tmp_path, "-c", "aes-xts-plain64", "--pbkdf", "argon2id", *ARGON))

    layer = opened(media, NO_KEYS)

    assert layer.locked
    assert "0 (argon2id, aes-xts-plain64)" in said(layer)


@pytest.mark.parametrize("at", [3, 7, 12, 100, 450, 5000])
def test_the_second_header_serves_where_the_first_one_is_damaged(volume: Media, at: int) -> None:
    volume.data[at] ^= 0xFF

    layer = opened(volume)

    assert content(layer) == CONTENT
    assert any(problem.is_damage and "primary LUKS2 header" in problem.what for problem in layer.problems)


def test_a_damaged_second_header_is_named(volume: Media) -> None:
    volume.data[HEADER_BYTES + 5000] ^= 0xFF

    layer = opened(volume)

    assert content(layer) == CONTENT
    assert [problem.offset_bytes for problem in layer.problems] == [HEADER_BYTES + 448]


def test_with_both_headers_damaged_nothing_is_guessed(volume: Media) -> None:
    volume.data[5000] ^= 0xFF
    volume.data[HEADER_BYTES + 5000] ^= 0xFF

    layer = opened(volume)

    assert layer.locked
    assert said(layer).count("checksum") == 2
    assert layer.problems[0].is_damage


def test_the_newer_of_two_headers_rules(volume: Media) -> None:
    edit(volume, lambda document: document["segments"]["0"].update(offset=str(PAYLOAD_AT + 512)), copies=(0,))
    set_sequence(volume, HEADER_BYTES, 99)

    layer = opened(volume)

    assert content(layer) == CONTENT
    assert "the secondary 99" in said(layer)


def test_a_second_header_under_a_new_file_system_hides_nothing(volume: Media) -> None:
    fat = b"\xeb\x3c\x90mkfs.fat\x00\x02\x04\x01\x00\x02\x00\x02\x00\x10\xf8\x04\x00\x20\x00\x02\x00".ljust(54, b"\0")
    volume.write(0, (fat + b"FAT16   ").ljust(510, b"\0") + b"\x55\xaa")

    layer = opened(volume)

    assert content(layer) == CONTENT
    assert layer.is_beside


def change_kdf(**values: object) -> Any:
    def change(document: dict[str, Any]) -> None:
        document["keyslots"]["0"]["kdf"].update(values)

    return change


def argon(**values: object) -> Any:
    salt = base64.b64encode(bytes(32)).decode()
    kdf = {"type": "argon2id", "salt": salt, "time": 4, "memory": 64, "cpus": 1} | values
    return lambda document: document["keyslots"]["0"].update(kdf=kdf)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (argon(memory=4 * 1024 * 1024), "4194304 KiB"),
        (argon(time=4_000_000_000), "take too long"),
        (argon(type="scrypt"), "scrypt is not known"),
        (argon(cpus=200), "200 lanes"),
        (change_kdf(iterations=4_000_000_000), "4000000000 iterations"),
        (change_kdf(hash="stribog512"), "stribog512"),
        (lambda d: d["keyslots"]["0"]["af"].update(stripes=1 << 40), "stripes"),
        (lambda d: d["keyslots"]["0"]["area"].update(offset="0"), "area.offset"),
        (lambda d: d["keyslots"]["0"]["area"].update(encryption="twofish-xts-plain64"), "twofish-xts-plain64"),
        (lambda d: d["keyslots"]["0"].update(type="future"), "the type future"),
        (lambda d: d["segments"]["0"].update(encryption="serpent-xts-plain64"), "serpent-xts-plain64"),
        (lambda d: d["segments"]["0"].update(sector_size=520), "520"),
        (lambda d: d["segments"]["0"].pop("offset"), "offset"),
        (lambda d: d.update(segments=[]), "segments"),
        (lambda d: d["segments"].update({"5": d["segments"]["0"]}), "numbered"),
        (lambda d: d["digests"]["0"].update(digest="!!"), "base64"),
        (lambda d: d["config"].update(requirements={"mandatory": ["quantum"]}), "requires quantum"),
    ],
)
def test_what_a_header_must_not_ask_for_is_refused_in_words(volume: Media, change: Any, words: str) -> None:
    edit(volume, change)

    layer = opened(volume)

    assert layer.locked
    assert words in said(layer)


def test_a_segment_under_integrity_protection_is_refused_by_name(volume: Media) -> None:
    edit(volume, lambda d: d["segments"]["0"].update(integrity={"type": "hmac(sha256)", "journal_encryption": "none"}))

    layer = opened(volume)

    assert "hmac(sha256)" in layer.volumes[0].problems[0].what
    with pytest.raises(UnreadableRegionError):
        content(layer)


def test_segments_are_read_one_behind_the_other_and_the_one_in_work_is_not(volume: Media) -> None:
    half = len(CONTENT) // 2
    volume.write(PAYLOAD_AT + half, CONTENT[half : half + 8192])

    def change(document: dict[str, Any]) -> None:
        first = document["segments"]["0"] | {"size": str(half)}
        clear = {"type": "linear", "offset": str(PAYLOAD_AT + half), "size": "8192"}
        work = first | {"offset": str(PAYLOAD_AT + half + 8192), "size": "4096", "flags": ["in-reencryption"]}
        document["segments"] = {"0": first, "1": clear, "2": work, "3": first | {"flags": ["backup-previous"]}}
        document["digests"]["0"]["segments"] = ["0", "2", "3"]
        document["config"]["requirements"] = {"mandatory": ["online-reencrypt-v2"]}

    edit(volume, change)

    layer = opened(volume)
    source = layer.volumes[0].source
    assert source is not None
    assert source.media_bytes == half + 8192 + 4096
    assert source.read_at(0, half + 8192) == CONTENT[: half + 8192]
    assert "online-reencrypt-v2" in said(layer)
    with pytest.raises(UnreadableRegionError, match="reencrypted"):
        source.read_at(half + 8192, 1)


def test_the_sectors_are_numbered_from_the_tweak_on(tmp_path: Path) -> None:
    path = luks2(tmp_path, "-c", "aes-xts-plain64", "-s", "512", "--sector-size", "512")
    media = media_of(path)
    key = volume_key(tmp_path, path)
    media.write(PAYLOAD_AT, encrypted(bytes(2048) + CONTENT[2048:], "aes-xts-plain64", key)[2048:])
    edit(media, lambda document: document["segments"]["0"].update(iv_tweak="4"))

    assert content(opened(media))[: len(CONTENT) - 2048] == CONTENT[2048:]


def test_a_volume_whose_encryption_was_only_begun_gives_what_it_held_before(tmp_path: Path) -> None:
    path = tmp_path / "begun"
    before = CONTENT * 128
    path.write_bytes(before + bytes(4 * 1024 * 1024))
    words = ("cryptsetup", "reencrypt", "--encrypt", "--init-only", "--batch-mode", "--type", "luks2")
    kdf = ("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000", "--reduce-device-size", "4M")
    run(*words, *kdf, "--key-file", key_file(tmp_path), path, accept_refusal=True)

    layer = opened(media_of(path), NO_KEYS)

    assert content(layer) == before
    assert "being reencrypted" in said(layer)


def test_no_flipped_byte_and_no_cut_lets_wrong_content_out(volume: Media) -> None:
    whole = bytes(volume.data)
    for at in (0, 6, 8, 15, 16, 24, 72, 104, 168, 255, 448, 4096, 4500, 5000, 32768, 40000, 200_000):
        volume.data = bytearray(whole)
        volume.data[at] ^= 0x40
        volume.data[HEADER_BYTES + at % HEADER_BYTES] ^= 0x40
        layer = open_luks(volume, RIGHT, ALONE)
        assert layer is None or layer.problems
        if layer is not None and layer.volumes:
            assert content(layer) == CONTENT
    for size in (6, 4096, 10_000, HEADER_BYTES, 20_000, 2 * HEADER_BYTES, 50_000, PAYLOAD_AT):
        volume.data = bytearray(whole[:size])
        try:
            layer = opened(volume)
        except UnreadableRegionError:
            continue
        assert layer.locked or not content(layer)
