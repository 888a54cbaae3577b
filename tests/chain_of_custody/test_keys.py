import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_of_custody.canonical import canonical
from chain_of_custody.errors import (
    ClosedKeyError,
    PassphraseTooShortError,
    SealedKeyError,
    WrongPassphraseError,
)
from chain_of_custody.keys import (
    OpenKey,
    PublicKey,
    SealedKey,
    change_passphrase,
    create_key,
    key_id_of,
    open_key,
    waste_time,
)
from chain_of_custody.passphrase import MINIMUM_CHARACTERS, Argon2Parameters, stretch
from tests.chain_of_custody.chains import ADA, BEN

QUICK = Argon2Parameters(passes=1, memory_kib=8, lanes=1)
PASSPHRASE = "correct horse battery"
SEALED, OPENED = create_key(PASSPHRASE, person=ADA.person, parameters=QUICK)


def test_the_published_vector_of_rfc_8032_section_7_1() -> None:
    key = OpenKey(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public_key.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_a_signature_fits_its_message_and_its_key_only() -> None:
    signature = ADA.key.sign(b"message")
    assert ADA.key.public_key.fits(b"message", signature)
    assert not ADA.key.public_key.fits(b"Message", signature)
    assert not BEN.key.public_key.fits(b"message", signature)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=70))
def test_whatever_stands_for_key_and_signature_only_says_no(raw: bytes, signature: bytes) -> None:
    try:
        key = PublicKey(raw)
    except ValueError:
        assert order_divides_eight(raw)
    else:
        assert not key.fits(b"message", signature)


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def order_divides_eight(raw: bytes) -> bool:
    """Whether eight times the point is the neutral element, by the addition law of RFC 8032 section 5.1."""
    y = int.from_bytes(raw, "little") % 2**255 % P
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        return False
    for _ in range(3):
        product = D * x * x * y * y
        x, y = 2 * x * y * pow(1 + product, -1, P) % P, (y * y + x * x) * pow(1 - product, -1, P) % P
    return (x, y) == (0, 1)


@pytest.mark.parametrize("sign", [0, 0x80])
@pytest.mark.parametrize(
    "digits",
    [
        "00" * 32,
        "01" + "00" * 31,
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ec" + "ff" * 30 + "7f",
        "ed" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
    ],
)
def test_a_key_under_which_anybody_can_sign_is_refused(digits: str, sign: int) -> None:
    raw = bytearray.fromhex(digits)
    raw[31] |= sign
    assert order_divides_eight(bytes(raw))
    with pytest.raises(ValueError, match="small order"):
        PublicKey(bytes(raw))


def test_an_honest_key_is_not_of_small_order() -> None:
    assert not order_divides_eight(ADA.key.public_key.raw)


def test_a_public_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        PublicKey(bytes(31))


def test_a_closed_key_signs_no_more() -> None:
    key = OpenKey(bytes(32))
    with key as same:
        assert same.sign(b"")
    key.close()
    with pytest.raises(ClosedKeyError):
        key.sign(b"")
    assert key.key_id == key_id_of(key.public_key.raw)


def test_a_sealed_key_opens_with_its_passphrase() -> None:
    stored = SealedKey.from_json(SEALED.to_json())
    assert stored == SEALED
    assert stored.key_id == OPENED.key_id
    assert open_key(stored, PASSPHRASE).sign(b"m") == OPENED.sign(b"m")


def test_every_key_is_another_one() -> None:
    assert create_key(PASSPHRASE, person=ADA.person, parameters=QUICK)[0].public_key != SEALED.public_key


def test_a_wrong_passphrase_is_refused() -> None:
    with pytest.raises(WrongPassphraseError):
        open_key(SEALED, PASSPHRASE + " ")


def test_a_passphrase_is_the_same_however_its_letters_are_composed() -> None:
    sealed, opened = create_key("Slovo pro zámek", person=ADA.person, parameters=QUICK)
    assert open_key(sealed, "Slovo pro za\u0301mek").key_id == opened.key_id


def test_a_passphrase_of_any_characters_works() -> None:
    odd = "\ud800 half a pair \U0001f512"
    sealed, opened = create_key(odd, person=ADA.person, parameters=QUICK)
    assert open_key(sealed, odd).key_id == opened.key_id


def test_a_short_passphrase_is_refused_for_a_new_key_and_for_a_change() -> None:
    short = "e\u0301" * (MINIMUM_CHARACTERS - 1)
    with pytest.raises(PassphraseTooShortError) as caught:
        create_key(short, person=ADA.person, parameters=QUICK)
    assert (caught.value.length, caught.value.minimum) == (MINIMUM_CHARACTERS - 1, MINIMUM_CHARACTERS)
    with pytest.raises(PassphraseTooShortError):
        change_passphrase(SEALED, PASSPHRASE, short)


def test_a_changed_passphrase_opens_the_same_key_and_the_old_one_does_not() -> None:
    changed = change_passphrase(SEALED, PASSPHRASE, "another passphrase")
    assert open_key(changed, "another passphrase").key_id == OPENED.key_id
    assert changed.parameters == QUICK
    assert (changed.salt, changed.nonce) != (SEALED.salt, SEALED.nonce)
    with pytest.raises(WrongPassphraseError):
        open_key(changed, PASSPHRASE)
    with pytest.raises(WrongPassphraseError):
        change_passphrase(changed, PASSPHRASE, "a third passphrase")


def test_a_change_of_passphrase_may_raise_its_cost() -> None:
    dearer = Argon2Parameters(passes=2, memory_kib=16, lanes=1)
    changed = change_passphrase(SEALED, PASSPHRASE, "another passphrase", parameters=dearer)
    assert changed.parameters == dearer
    assert open_key(changed, "another passphrase").key_id == OPENED.key_id


@settings(max_examples=150)
@given(st.data())
def test_a_changed_character_of_a_sealed_key_never_opens(data: st.DataObject) -> None:
    text = SEALED.to_json()
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.sampled_from("0123456789abcdefX")) + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises((SealedKeyError, WrongPassphraseError)):
        open_key(SealedKey.from_json(changed), PASSPHRASE)


def test_a_sealed_key_in_the_record_of_another_person_does_not_open() -> None:
    stolen = SealedKey.from_json(SEALED.to_json().replace(ADA.person, BEN.person))
    with pytest.raises(WrongPassphraseError):
        open_key(stolen, PASSPHRASE)


def test_a_seed_of_another_public_key_is_refused() -> None:
    other = BEN.key.public_key.raw
    binding = canonical({"format": "forensics-sealed-key/1", "person": ADA.person, "public_key": other.hex()})
    cipher = AESGCM(stretch(PASSPHRASE, bytes(16), QUICK))
    forged = SealedKey(
        person=ADA.person,
        public_key=other,
        parameters=QUICK,
        salt=bytes(16),
        nonce=bytes(12),
        sealed_seed=cipher.encrypt(bytes(12), bytes(32), binding),
    )
    with pytest.raises(SealedKeyError, match="does not belong"):
        open_key(forged, PASSPHRASE)


@pytest.mark.parametrize(
    "members",
    [
        {"format": "forensics-sealed-key/2"},
        {"more": 1},
        {"person": 1},
        {"salt": "00"},
        {"salt": "G" * 32},
        {"salt": 1},
        {"argon2id": 1},
        {"argon2id": {"passes": 1, "memory_kib": 8}},
        {"argon2id": {"passes": "1", "memory_kib": 8, "lanes": 1}},
        {"argon2id": {"passes": True, "memory_kib": 8, "lanes": 1}},
        {"argon2id": {"passes": 1, "memory_kib": 100 * 1024 * 1024, "lanes": 1}},
        {"argon2id": {"passes": 1, "memory_kib": 8, "lanes": 2}},
        {"argon2id": {"passes": 17, "memory_kib": 8, "lanes": 1}},
        {"argon2id": {"passes": 0, "memory_kib": 8, "lanes": 1}},
        {"argon2id": {"passes": 1, "memory_kib": 8, "lanes": 0}},
        {"argon2id": {"passes": 1, "memory_kib": 1024, "lanes": 17}},
    ],
    ids=str,
)
def test_a_forged_record_is_refused_before_anything_is_computed(members: dict[str, Any]) -> None:
    forged = canonical(json.loads(SEALED.to_json()) | members).decode()
    with pytest.raises(SealedKeyError):
        SealedKey.from_json(forged)


@pytest.mark.parametrize("text", ["", "{}", "[]", "\ud800", "{ }"])
def test_what_is_no_sealed_key_is_refused(text: str) -> None:
    with pytest.raises(SealedKeyError):
        SealedKey.from_json(text)


def test_the_default_cost_is_the_second_recommended_choice_of_rfc_9106() -> None:
    assert Argon2Parameters().to_json() == {"passes": 3, "memory_kib": 65536, "lanes": 4}
    sealed, opened = create_key(PASSPHRASE, person=ADA.person)
    assert sealed.parameters == Argon2Parameters()
    assert open_key(sealed, PASSPHRASE).key_id == opened.key_id


def test_the_time_for_an_unknown_person_is_spent_in_the_same_computation() -> None:
    waste_time(QUICK, PASSPHRASE)
    with pytest.raises(SealedKeyError):
        waste_time(Argon2Parameters(passes=99), PASSPHRASE)
