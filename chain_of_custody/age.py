"""Files encrypted under a passphrase in the format age (age-encryption.org/v1), so that other programs open them, too.

A file key is wrapped by scrypt (RFC 7914) and ChaCha20-Poly1305; the content follows in chunks of 64 KiB, each
authenticated in its place, the last one marked as the last: what was changed, cut off or put in another order is found.
"""

from __future__ import annotations

import hmac
import os
import re
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from chain_of_custody.errors import DamagedFileError, WrongPassphraseError
from chain_of_custody.passphrase import check_new_passphrase

MAGIC: Final = b"age-encryption.org/v1\n"
WORK_FACTOR: Final = 17
"""Logarithm to base 2 of the cost of scrypt: 128 MiB and about half a second for one try at the passphrase."""
CHUNK_BYTES: Final = 64 * 1024

_MAX_WORK_FACTOR: Final = 20
_HEADER_BYTES: Final = 4096
KEY_BYTES: Final = 16
NONCE_BYTES: Final = 16
TAG_BYTES: Final = 16
_SALT_BYTES: Final = 16
_LABEL: Final = b"age-encryption.org/v1/scrypt"
_HEADER: Final = re.compile(
    rb"(age-encryption\.org/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n---) "
    rb"([A-Za-z0-9+/]{43})\n"
)


def encrypted(chunks: Iterable[bytes], passphrase: str, *, work_factor: int = WORK_FACTOR) -> Iterator[bytes]:
    """Encrypt a stream.

    Args:
        chunks: the content, in pieces of any size.
        passphrase: at least `passphrase.MINIMUM_CHARACTERS` characters.
        work_factor: logarithm to base 2 of the cost of one try at the passphrase.

    Raises:
        PassphraseTooShortError: it is too short.
    """
    check_new_passphrase(passphrase)
    file_key, salt, nonce = os.urandom(KEY_BYTES), os.urandom(_SALT_BYTES), os.urandom(NONCE_BYTES)
    wrapped = ChaCha20Poly1305(_wrapping_key(passphrase, salt, work_factor)).encrypt(bytes(12), file_key, None)
    head = MAGIC + b"-> scrypt %s %d\n%s\n---" % (base64_of(salt), work_factor, base64_of(wrapped))
    yield from sealed(chunks, file_key, head, nonce)


def decrypted(read: Callable[[int], bytes], passphrase: str) -> Iterator[bytes]:
    """Decrypt a stream; nothing that is not authentic is handed on.

    Args:
        read: reads at most so many bytes from the beginning of the file on, fewer only at its end.
        passphrase: the one it was encrypted under.

    Raises:
        WrongPassphraseError: the passphrase is another one, or the header was changed.
        DamagedFileError: the file was changed or cut off, or is of another form; raised where it is noticed.
    """
    head, salt, work_factor, wrapped, mac = _header(read)
    try:
        cipher = ChaCha20Poly1305(_wrapping_key(passphrase, salt, work_factor))
        file_key = cipher.decrypt(bytes(12), wrapped, None)
    except InvalidTag as error:
        raise WrongPassphraseError from error
    yield from opened(read, file_key, head, mac)


def sealed(chunks: Iterable[bytes], file_key: bytes, head: bytes, nonce: bytes) -> Iterator[bytes]:
    """What follows the wrapped file key, for whatever recipient: the code of the header, the nonce, the content.

    Args:
        chunks: the content, in pieces of any size.
        file_key: 16 random bytes that nothing else is encrypted under.
        head: the header up to the hyphens before its code.
        nonce: 16 random bytes.
    """
    yield head + b" " + base64_of(_header_mac(file_key, head)) + b"\n" + nonce
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    held, number = bytearray(), 0
    for chunk in chunks:
        held += chunk
        while len(held) > CHUNK_BYTES:
            yield cipher.encrypt(_chunk_nonce(number, is_last=False), bytes(held[:CHUNK_BYTES]), None)
            del held[:CHUNK_BYTES]
            number += 1
    yield cipher.encrypt(_chunk_nonce(number, is_last=True), bytes(held), None)


def opened(read: Callable[[int], bytes], file_key: bytes, head: bytes, mac: bytes) -> Iterator[bytes]:
    """The content behind a header whose file key was unwrapped; see :func:`sealed`.

    Raises:
        DamagedFileError: the file was changed or cut off; raised where it is noticed.
    """
    if not hmac.compare_digest(_header_mac(file_key, head), mac):
        raise DamagedFileError("its header was changed")
    nonce = read(NONCE_BYTES)
    cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
    number, piece = 0, read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = read(CHUNK_BYTES + TAG_BYTES) if len(piece) == CHUNK_BYTES + TAG_BYTES else b""
        try:
            plain = cipher.decrypt(_chunk_nonce(number, is_last=not following), piece, None)
        except InvalidTag as error:
            raise DamagedFileError(
                f"it was changed or cut off after {number * CHUNK_BYTES:,} bytes of content"
            ) from error
        if not plain and number:
            raise DamagedFileError("it ends in an empty piece")
        yield plain
        if not following:
            return
        number, piece = number + 1, following


def _header(read: Callable[[int], bytes]) -> tuple[bytes, bytes, int, bytes, bytes]:
    """The bytes under the code, salt, work factor, wrapped key and the code."""
    lines = b""
    while len(lines) < _HEADER_BYTES and not re.search(rb"\n--- [^\n]*\n", lines):
        byte = read(1)
        if not byte:
            break
        lines += byte
    found = _HEADER.fullmatch(lines)
    if found is None:
        raise DamagedFileError("it does not begin like a file that was encrypted under a passphrase")
    head, salt, work_factor, wrapped, mac = found.groups()
    if int(work_factor) > _MAX_WORK_FACTOR:
        raise DamagedFileError(f"it asks for 2 to the power of {int(work_factor)} steps of scrypt")
    return head, bytes_of(salt), int(work_factor), bytes_of(wrapped), bytes_of(mac)


def _wrapping_key(passphrase: str, salt: bytes, work_factor: int) -> bytes:
    secret = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogatepass")
    return Scrypt(salt=_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1).derive(secret)


def _header_mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), head, "sha256")


def _derived(file_key: bytes, salt: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=purpose).derive(file_key)


def _chunk_nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def base64_of(data: bytes) -> bytes:
    """Base64 without padding, as it stands in a header."""
    return b64encode(data).rstrip(b"=")


def bytes_of(text: bytes) -> bytes:
    """What such base64 says.

    Raises:
        DamagedFileError: the last character holds bits that say nothing: only one way of writing is taken.
    """
    data = b64decode(text + b"=" * (-len(text) % 4))
    if base64_of(data) != text:
        raise DamagedFileError("its header was changed")
    return data
