"""Files encrypted under a passphrase: read by the program age and read back, and never read where they were changed."""

import base64
import io
import os
import pty
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from chain_of_custody.age import CHUNK_BYTES, MAGIC, decrypted, encrypted
from chain_of_custody.errors import DamagedFileError, PassphraseTooShortError, WrongPassphraseError

PASSPHRASE = "correct horse battery"
TAG_BYTES = 16
needs_age = pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed (Debian's package age)")


def sealed(content: bytes, piece_bytes: int = 50_000) -> bytes:
    pieces = (content[start : start + piece_bytes] for start in range(0, len(content), piece_bytes))
    return b"".join(encrypted(pieces, PASSPHRASE, work_factor=4))


def opened(data: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return b"".join(decrypted(io.BytesIO(data).read, passphrase))


def age(*words: str, passphrase: str, times: int) -> int:
    """Run age with a terminal of its own, at which it asks for the passphrase."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("age", ["age", *words])
    for _ in range(times):
        said = b""
        while not said.rstrip().endswith(b":"):
            said += os.read(terminal, 1024)
        os.write(terminal, passphrase.encode() + b"\n")
    while _more(terminal):
        pass
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _more(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1024)
    except OSError:  # what Linux says when the other side has closed
        return b""


@pytest.mark.parametrize("size_bytes", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_encrypted_reads_back_at_every_edge(size_bytes: int) -> None:
    content = bytes(range(256)) * (size_bytes // 256) + bytes(size_bytes % 256)
    data = sealed(content)
    assert opened(data) == content
    assert size_bytes < 64 or content[:64] not in data
    with pytest.raises(WrongPassphraseError):
        opened(data, "another passphrase")


@needs_age
@pytest.mark.parametrize("size_bytes", [0, CHUNK_BYTES, 2 * CHUNK_BYTES + 7])
def test_the_program_age_reads_what_was_encrypted(tmp_path: Path, size_bytes: int) -> None:
    content = os.urandom(size_bytes)
    (tmp_path / "sealed").write_bytes(sealed(content))
    words = ["--decrypt", "--output", str(tmp_path / "plain"), str(tmp_path / "sealed")]
    assert age(*words, passphrase=PASSPHRASE, times=1) == 0
    assert (b"" if size_bytes == 0 else (tmp_path / "plain").read_bytes()) == content  # age makes no empty file


@needs_age
def test_what_the_program_age_encrypted_is_read(tmp_path: Path) -> None:
    content = os.urandom(CHUNK_BYTES + 100)
    (tmp_path / "plain").write_bytes(content)
    words = ["--passphrase", "--output", str(tmp_path / "sealed"), str(tmp_path / "plain")]
    assert age(*words, passphrase=PASSPHRASE, times=2) == 0
    assert opened((tmp_path / "sealed").read_bytes()) == content


def test_a_change_of_any_byte_is_found() -> None:
    data = sealed(b"what a court relies on")
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1
        with pytest.raises((DamagedFileError, WrongPassphraseError)):
            opened(bytes(changed))


def damaged(data: bytes) -> Iterator[bytes]:
    first = len(data) - 3 * TAG_BYTES - 2 * CHUNK_BYTES - 5
    piece = CHUNK_BYTES + TAG_BYTES
    one, two, last = data[first : first + piece], data[first + piece : first + 2 * piece], data[first + 2 * piece :]
    head = data[:first]
    yield head + two + one + last
    yield head + one + last
    yield head + one + two
    yield head + one + two + last[:-1]
    yield data + b"\0"
    yield data[:100]
    yield b""
    yield head


def test_what_was_cut_off_left_out_or_put_in_another_order_is_found() -> None:
    data = sealed(os.urandom(2 * CHUNK_BYTES + 5))
    for number, one in enumerate(damaged(data)):
        with pytest.raises(DamagedFileError):
            pytest.fail(f"{number}: {len(opened(one))} bytes were read")


def test_a_header_that_asks_for_endless_work_or_is_another_one_is_refused() -> None:
    data = sealed(b"")
    for other in (data.replace(b" 4\n", b" 30\n", 1), MAGIC + b"-> X25519 abc\n" + bytes(9000)):
        with pytest.raises(DamagedFileError):
            opened(other)


def test_an_empty_piece_behind_others_is_refused() -> None:
    """Made of the parts of the format by hand: no program writes it, and the specification forbids it."""
    data = sealed(b"")
    salt, wrapped = (
        base64.b64decode(found + b"==") for found in re.findall(rb"(?:scrypt |\d\n)([A-Za-z0-9+/]+)", data)[:2]
    )
    key = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=16, r=8, p=1).derive(PASSPHRASE.encode())
    file_key = ChaCha20Poly1305(key).decrypt(bytes(12), wrapped, None)
    nonce = data[-TAG_BYTES - 16 : -TAG_BYTES]
    payload = ChaCha20Poly1305(HKDF(algorithm=SHA256(), length=32, salt=nonce, info=b"payload").derive(file_key))
    pieces = [payload.encrypt(bytes(12), bytes(CHUNK_BYTES), None), payload.encrypt(bytes(10) + b"\1\1", b"", None)]
    with pytest.raises(DamagedFileError, match="empty piece"):
        opened(data[:-TAG_BYTES] + b"".join(pieces))


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(PassphraseTooShortError):
        next(encrypted([], "short"))
