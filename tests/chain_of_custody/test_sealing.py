import json

import pytest

from chain_of_custody.errors import ClosedKeyError, SealedSecretError
from chain_of_custody.sealing import seal, unseal
from chain_of_custody.signing import OpenKey

SECRET = b"111111-222222"
PLACE = {"image": "i1", "volume": "v0.p1"}


def test_only_the_key_that_sealed_a_secret_opens_it() -> None:
    key, other = OpenKey(bytes(32)), OpenKey(bytes([1] * 32))
    sealed = seal(key, SECRET, PLACE)
    assert unseal(OpenKey(bytes(32)), sealed, PLACE) == SECRET
    with pytest.raises(SealedSecretError, match="another key"):
        unseal(other, sealed, PLACE)
    forged = json.dumps({**json.loads(sealed), "key": other.key_id}, sort_keys=True, separators=(",", ":"))
    with pytest.raises(SealedSecretError, match="belongs elsewhere"):
        unseal(other, forged, PLACE)


def test_a_secret_does_not_open_in_another_place() -> None:
    key = OpenKey(bytes(32))
    with pytest.raises(SealedSecretError, match="belongs elsewhere"):
        unseal(key, seal(key, SECRET, PLACE), {**PLACE, "volume": "v0.p2"})


def test_the_same_secret_never_looks_the_same_and_is_not_in_it() -> None:
    key = OpenKey(bytes(32))
    one, two = seal(key, SECRET, PLACE), seal(key, SECRET, PLACE)
    assert one != two
    assert SECRET.decode() not in one
    assert SECRET.hex() not in one


@pytest.mark.parametrize("member", ["salt", "nonce", "sealed"])
def test_a_changed_byte_is_noticed(member: str) -> None:
    key = OpenKey(bytes(32))
    raw = json.loads(seal(key, SECRET, PLACE))
    first = int(raw[member][:2], 16) ^ 1
    raw[member] = f"{first:02x}{raw[member][2:]}"
    with pytest.raises(SealedSecretError):
        unseal(key, json.dumps(raw, sort_keys=True, separators=(",", ":")), PLACE)


@pytest.mark.parametrize("stored", ["", "{}", "[1]", '{"format":"forensics-sealed-secret/1"}', "\udc80"])
def test_what_is_no_sealed_secret_is_refused_in_words(stored: str) -> None:
    with pytest.raises(SealedSecretError):
        unseal(OpenKey(bytes(32)), stored, PLACE)


def test_a_closed_key_seals_and_opens_nothing() -> None:
    key = OpenKey(bytes(32))
    sealed = seal(key, SECRET, PLACE)
    key.close()
    with pytest.raises(ClosedKeyError):
        seal(key, SECRET, PLACE)
    with pytest.raises(ClosedKeyError):
        unseal(key, sealed, PLACE)


def test_derived_bytes_differ_by_purpose_and_salt() -> None:
    key = OpenKey(bytes(32))
    assert len({key.derive(b"a", b"1"), key.derive(b"b", b"1"), key.derive(b"a", b"2")}) == 3
