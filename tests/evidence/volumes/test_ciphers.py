"""The sector ciphers against the cipher library, one sector at a time, and against IEEE 1619."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB, XTS
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.volumes.ciphers import CbcSectors, EcbSectors, XtsSectors

PLAIN = bytes(range(256)) * 64


def encrypt(key: bytes, mode: CBC | ECB | XTS, data: bytes) -> bytes:
    return Cipher(AES(key), mode).encryptor().update(data)


def sectors(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def test_xts_decrypts_vector_10_of_ieee_1619() -> None:
    key = bytes.fromhex(
        "2718281828459045235360287471352662497757247093699959574966967627"
        "3141592653589793238462643383279502884197169399375105820974944592"
    )
    plain = bytes(range(256)) * 2
    cipher = encrypt(key, XTS((0xFF).to_bytes(16, "little")), plain)
    assert cipher[:16].hex() == "1c3b3a102f770386e4836c99e370cf9b"
    assert XtsSectors(key).decrypt(cipher, 0xFF) == plain


@settings(max_examples=40, deadline=None)
@given(
    key=st.binary(min_size=64, max_size=64),
    bits=st.sampled_from([128, 256]),
    size=st.sampled_from([16, 512, 1024, 4096]),
    first=st.integers(0, (1 << 64) - (1 << 20)),
    step=st.sampled_from([1, 8]),
)
def test_xts_of_a_run_is_xts_of_each_sector(key: bytes, bits: int, size: int, first: int, step: int) -> None:
    key = key[: bits // 4]
    if key[: bits // 8] == key[bits // 8 :]:
        key = bytes([key[0] ^ 1]) + key[1:]
    cipher = b"".join(
        encrypt(key, XTS((first + index * step).to_bytes(16, "little")), sector)
        for index, sector in enumerate(sectors(PLAIN, size))
    )
    assert XtsSectors(key, sector_bytes=size, step=step).decrypt(cipher, first) == PLAIN


def test_xts_of_a_run_longer_than_a_piece_counts_on() -> None:
    key, plain = bytes(range(64)), PLAIN * 40
    cipher = b"".join(
        encrypt(key, XTS((7 + index).to_bytes(16, "little")), sector)
        for index, sector in enumerate(sectors(plain, 512))
    )
    assert XtsSectors(key).decrypt(cipher, 7) == plain


def iv_of(kind: str, key: bytes, number: int, size: int) -> bytes:
    """The IV by the words of dm-crypt's documentation."""
    little = number.to_bytes(16, "little")
    match kind:
        case "zero":
            return bytes(16)
        case "plain":
            return little[:4] + bytes(12)
        case "plain64":
            return little
        case "plain64be":
            return number.to_bytes(16, "big")
        case "essiv:sha256":
            return encrypt(hashlib.sha256(key).digest(), ECB(), little)
    return encrypt(key, ECB(), (number * size).to_bytes(16, "little"))


@pytest.mark.parametrize("kind", ["zero", "plain", "plain64", "plain64be", "essiv:sha256", "eboiv"])
@pytest.mark.parametrize("key_bytes", [16, 24, 32])
@pytest.mark.parametrize(("size", "step"), [(512, 1), (4096, 8), (4096, 1)])
def test_cbc_of_a_run_is_cbc_of_each_sector(kind: str, key_bytes: int, size: int, step: int) -> None:
    key, first = bytes(range(key_bytes)), (1 << 32) - 3
    cipher = b"".join(
        encrypt(key, CBC(iv_of(kind, key, first + index * step, size)), sector)
        for index, sector in enumerate(sectors(PLAIN, size))
    )
    assert CbcSectors(key, kind, sector_bytes=size, step=step).decrypt(cipher, first) == PLAIN


def test_ecb_of_a_run_does_not_look_at_its_place() -> None:
    key = bytes(range(32))
    cipher = encrypt(key, ECB(), PLAIN)
    assert EcbSectors(key).decrypt(cipher, 12) == PLAIN


def test_what_is_no_whole_sector_is_refused() -> None:
    for cipher in (XtsSectors(bytes(32)), CbcSectors(bytes(16), "plain"), EcbSectors(bytes(16))):
        with pytest.raises(ValueError, match="no whole number of sectors"):
            cipher.decrypt(bytes(513), 0)


def test_keys_sectors_and_ivs_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="no key of 48 bytes"):
        XtsSectors(bytes(48))
    with pytest.raises(ValueError, match="no sector of 100 bytes"):
        XtsSectors(bytes(32), sector_bytes=100)
    with pytest.raises(ValueError, match="no kind of IV"):
        CbcSectors(bytes(16), "benbi")
