"""The key of an encrypted store: sealed for people, and files that the program age opens with it."""

import io
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from chain_of_custody.age import CHUNK_BYTES
from chain_of_custody.errors import DamagedFileError, SealedKeyError, WrongPassphraseError
from chain_of_custody.passphrase import Argon2Parameters
from chain_of_custody.store_key import StoreKey, StoreSlot, content_bytes

PASSPHRASE = "correct horse battery"
QUICK = Argon2Parameters(passes=1, memory_kib=32, lanes=4)
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed (Debian's package age)")
_LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def sealed(key: StoreKey, content: bytes) -> bytes:
    pieces = (content[start : start + 50_000] for start in range(0, len(content), 50_000))
    return b"".join(key.encrypted(pieces))


def opened(key: StoreKey, data: bytes) -> bytes:
    return b"".join(key.decrypted(io.BytesIO(data).read))


def bech32(prefix: str, data: bytes) -> str:
    """BIP 173, as age writes identities and recipients."""
    bits, count, values = 0, 0, []
    for byte in data:
        bits, count = bits << 8 | byte, count + 8
        while count >= 5:
            count -= 5
            values.append(bits >> count & 31)
    if count:
        values.append(bits << 5 - count & 31)
    check = 1
    for value in [*(ord(one) >> 5 for one in prefix), 0, *(ord(one) & 31 for one in prefix), *values, 0, 0, 0, 0, 0, 0]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for at, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> at & 1 else 0
    values += [(check ^ 1) >> 5 * (5 - at) & 31 for at in range(6)]
    return f"{prefix}1{''.join(_LETTERS[value] for value in values)}"


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])
def test_a_file_reads_back_at_every_edge_and_its_length_is_known(size_bytes: int) -> None:
    key, content = StoreKey.create(), os.urandom(size_bytes)
    data = sealed(key, content)
    assert opened(key, data) == content
    assert content_bytes(len(data)) == size_bytes
    with pytest.raises(DamagedFileError, match="another store"):
        opened(StoreKey.create(), data)


@needs_age
def test_the_program_age_opens_files_of_a_store_and_ours_opens_its(tmp_path: Path) -> None:
    key, content = StoreKey.create(), os.urandom(2 * CHUNK_BYTES + 7)
    (tmp_path / "identity").write_text(bech32("age-secret-key-", key.of_files).upper() + "\n")
    (tmp_path / "ours").write_bytes(sealed(key, content))
    (tmp_path / "plain").write_bytes(content)
    read = ["age", "--decrypt", "--identity", str(tmp_path / "identity"), str(tmp_path / "ours")]
    assert subprocess.run(read, capture_output=True, check=True).stdout == content
    write = ["age", "--encrypt", "--recipient", bech32("age", key.store), "-o", "theirs", "plain"]
    subprocess.run(write, cwd=tmp_path, check=True)
    assert opened(key, (tmp_path / "theirs").read_bytes()) == content


@pytest.mark.req("REQ-70")
def test_a_change_of_any_byte_and_any_cut_is_found() -> None:
    key = StoreKey.create()
    data = sealed(key, b"what a court relies on")
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        for damaged in (bytes(changed), data[:at]):
            with pytest.raises(DamagedFileError):
                opened(key, damaged)


def test_a_slot_opens_with_its_passphrase_alone_and_shows_nothing_of_the_key() -> None:
    key = StoreKey.create()
    slot = key.seal_for("person-1", "Ana Kovač", PASSPHRASE, parameters=QUICK)
    again = StoreSlot.from_json(slot.to_json())
    assert again == slot
    assert again.open(PASSPHRASE).of_databases == key.of_databases
    for secret in (key.of_databases, key.of_files):
        assert secret.hex().encode() not in slot.to_json()
    with pytest.raises(WrongPassphraseError):
        slot.open("another passphrase")


def test_a_slot_that_was_changed_does_not_open() -> None:
    slot = StoreKey.create().seal_for("person-1", "Ana Kovač", PASSPHRASE, parameters=QUICK)
    for changed in (
        replace(slot, person="person-2"),
        replace(slot, name="Bo"),
        replace(slot, store=bytes(32)),
        replace(slot, salt=bytes(16)),
        replace(slot, sealed_key=bytes(48)),
    ):
        with pytest.raises(WrongPassphraseError):
            changed.open(PASSPHRASE)


@pytest.mark.parametrize(
    ("found", "put"),
    [
        (b"forensics-store-slot/1", b"forensics-store-slot/2"),
        (b'"passes":1', b'"passes":99'),
        (b'"person":"person-1"', b'"person":7'),
        (b'"lanes":4', b'"lanes":true'),
        (b'"salt":"', b'"salt":"0'),
        (b"{", b"["),
    ],
)
def test_what_is_no_slot_is_refused(found: bytes, put: bytes) -> None:
    text = StoreKey.create().seal_for("person-1", "Ana Kovač", PASSPHRASE, parameters=QUICK).to_json()
    assert found in text
    with pytest.raises(SealedKeyError):
        StoreSlot.from_json(text.replace(found, put, 1))
