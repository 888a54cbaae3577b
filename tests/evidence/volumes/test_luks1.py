"""LUKS1 volumes made by qemu-img and cryptsetup, read and compared with what was put in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evidence.errors import UnreadableRegionError
from evidence.keys import NO_KEYS, Keys
from evidence.volumes.layers import ALONE, Layer
from evidence.volumes.luks import open_luks
from tests.evidence.volumes.luks_images import (
    CONTENT,
    PASSWORD,
    encrypted,
    formatted,
    key_file,
    media_of,
    needs_cryptsetup,
    needs_qemu,
    run,
    volume_key,
)
from tests.evidence.volumes.media import Media

RIGHT = Keys(passwords=("wrong", PASSWORD))
QUICK = ("--type", "luks1", "--pbkdf-force-iterations", "1000")


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


@needs_qemu
@pytest.mark.parametrize(
    ("cipher", "mode", "iv", "digest"),
    [
        ("aes-256", "xts", "plain64", "sha256"),
        ("aes-128", "xts", "plain", "sha1"),
        ("aes-128", "cbc", "essiv:sha256", "sha512"),
        ("aes-256", "cbc", "plain64", "ripemd160"),
    ],
)
def test_what_qemu_wrote_into_a_luks1_volume_is_read(
    tmp_path: Path, cipher: str, mode: str, iv: str, digest: str
) -> None:
    if digest not in hashlib.algorithms_available:
        pytest.skip(f"hashlib of this system has no {digest}")
    (tmp_path / "raw").write_bytes(CONTENT)
    iv, _, iv_hash = iv.partition(":")
    algorithms = f"cipher-alg={cipher},cipher-mode={mode},ivgen-alg={iv},hash-alg={digest},iter-time=10"
    algorithms += f",ivgen-hash-alg={iv_hash}" if iv_hash else ""
    secret = f"secret,id=s,file={key_file(tmp_path)}"
    words = ("qemu-img", "convert", "-f", "raw", "-O", "luks", "--object", secret)
    run(*words, "-o", f"key-secret=s,{algorithms}", tmp_path / "raw", tmp_path / "luks", accept_refusal=True)

    layer = opened(media_of(tmp_path / "luks"))

    assert not layer.locked
    assert layer.volumes[0].slot == "d"
    assert layer.volumes[0].kind == "decrypted"
    assert content(layer) == CONTENT


@needs_cryptsetup
@pytest.mark.parametrize(
    ("name", "bits"),
    [("aes-xts-plain64", "256"), ("aes-cbc-essiv:sha256", "256"), ("aes-cbc-plain", "192"), ("aes-ecb", "128")],
)
def test_a_volume_of_cryptsetup_is_opened_by_the_key_of_any_slot(tmp_path: Path, name: str, bits: str) -> None:
    path = formatted(tmp_path, *QUICK, "-c", name, "-s", bits)
    second = key_file(tmp_path, "second")
    add = ("cryptsetup", "luksAddKey", "--batch-mode", "--pbkdf-force-iterations", "1000", "--key-slot", "7")
    run(*add, "--key-file", key_file(tmp_path), path, second)
    media = media_of(path)
    media.write(2 * 1024 * 1024, encrypted(CONTENT, name, volume_key(tmp_path, path)))

    for keys in (RIGHT, Keys(passwords=("second",)), Keys(startup_keys=(b"second",))):
        assert content(opened(media, keys)) == CONTENT


@needs_cryptsetup
def test_a_part_across_sectors_is_the_same_part_of_the_whole(tmp_path: Path) -> None:
    path = formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64", "-s", "512")
    media = media_of(path)
    media.write(2 * 1024 * 1024, encrypted(CONTENT, "aes-xts-plain64", volume_key(tmp_path, path)))
    source = opened(media).volumes[0].source
    assert source is not None

    for offset, size in ((0, 1), (511, 2), (1000, 5000), (len(CONTENT) - 3, 100), (len(CONTENT), 10)):
        assert source.read_at(offset, size) == CONTENT[offset : offset + size]


@needs_cryptsetup
def test_a_locked_volume_says_what_it_would_take(tmp_path: Path) -> None:
    media = media_of(formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64"))

    for keys, words in ((NO_KEYS, "no passphrase or key file is given"), (Keys(passwords=("a", "b")), "none of the 2")):
        layer = opened(media, keys)
        assert layer.locked
        assert layer.encryption == "luks"
        assert not layer.volumes
        assert words in said(layer)
        assert "key slots in use: 0 (pbkdf2, aes-xts-plain64)" in said(layer)


@needs_cryptsetup
def test_a_cipher_that_is_not_supported_is_refused_by_its_name(tmp_path: Path) -> None:
    media = media_of(formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64"))
    media.write(8, b"serpent\0")

    layer = opened(media)

    assert layer.locked
    assert "serpent-xts-plain64 is not supported" in said(layer)


@needs_cryptsetup
def test_a_hash_that_is_not_known_is_refused_by_its_name(tmp_path: Path) -> None:
    media = media_of(formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64"))
    media.write(72, b"stribog512\0")

    layer = opened(media)

    assert layer.locked
    assert "stribog512" in said(layer)


@needs_cryptsetup
def test_a_detached_header_is_told_apart_from_a_volume(tmp_path: Path) -> None:
    media = media_of(formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64"))
    media.write(104, bytes(4))

    layer = opened(media)

    assert not layer.locked
    assert not layer.volumes
    assert "detached" in said(layer)


@needs_cryptsetup
def test_a_damaged_slot_is_named_and_the_others_still_open_the_volume(tmp_path: Path) -> None:
    path = formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64", "-s", "512")
    media = media_of(path)
    media.write(2 * 1024 * 1024, encrypted(CONTENT, "aes-xts-plain64", volume_key(tmp_path, path)))
    media.write(208 + 3 * 48, b"\x12\x34\x56\x78")

    layer = opened(media)

    assert content(layer) == CONTENT
    assert [problem.offset_bytes for problem in layer.problems if problem.is_damage] == [208 + 3 * 48]
    assert "Key slot 3 is damaged" in said(layer)


@needs_cryptsetup
def test_no_flipped_byte_of_the_header_and_no_cut_lets_wrong_content_out(tmp_path: Path) -> None:
    path = formatted(tmp_path, *QUICK, "-c", "aes-xts-plain64", "-s", "512")
    whole = media_of(path)
    whole.write(2 * 1024 * 1024, encrypted(CONTENT, "aes-xts-plain64", volume_key(tmp_path, path)))
    for at in (*range(0, 8), 10, 40, 45, 72, 75, *range(104, 112), 112, 140, 164, 208, 212, 216, 248, 252, 4096):
        media = Media(0)
        media.data = bytearray(whole.data)
        media.data[at] ^= 0x81
        layer = open_luks(media, RIGHT, ALONE)
        if layer is None or layer.locked or not layer.volumes:
            assert layer is None or layer.problems
        elif at not in range(104, 108):  # the offset of the content is protected by nothing
            assert content(layer) == CONTENT
    for size in (6, 100, 592, 4096, 100_000, 2 * 1024 * 1024):
        media = Media(0)
        media.data = whole.data[:size]
        try:
            layer = opened(media)
        except UnreadableRegionError:
            continue
        assert layer.problems
