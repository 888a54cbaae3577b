"""What is special about a content as a whole: empty, encrypted, cut off, or without any order.

Every mark stands on bytes that the format's specification names; nothing is concluded from a file's name.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from evidence.compound import SIGNATURE as COMPOUND
from evidence.compound import is_encrypted_compound
from evidence.entropy import Spread
from evidence.filetype import by_signature
from evidence.sealed import is_encrypted_7z, is_encrypted_rar, is_pgp_message
from evidence.zipped import zip_marks

EMPTY, ENCRYPTED, RANDOM, TRUNCATED = "empty", "encrypted", "random", "truncated"
MARKS: dict[str, str] = {
    EMPTY: "There is not one byte.",
    ENCRYPTED: "The format's own fields say that all or a part of the content is encrypted.",
    RANDOM: "No known signature, a size of whole sectors, and 64 KiB as even as noise from the first sector on: a "
    "container of TrueCrypt or VeraCrypt looks so, and so do wiped space and random data.",
    TRUNCATED: "The format's own fields say that more bytes belong to it than there are.",
}
"""The closed vocabulary, with what each word means."""

SECTOR_BYTES = 512
DISTINCT_IN_NOISE = 195
"""A sector of noise has 221 different values, give or take 5; one with a header of some format has far fewer."""

TAIL_BYTES = 1 << 16

Read = Callable[[int, int], bytes]
"""Bytes of the content by offset and size; raises as ``ContentSource.read`` does."""

_SEALED_STARTS = (
    b"LUKS\xba\xbe",
    b"SKUL\xba\xbe",
    b"\xeb\x58\x90-FVE-FS-",
    b"\xeb\x52\x90-FVE-FS-",
    b"Salted__",
    b"age-encryption.org/v1\n",
    b"-----BEGIN AGE ENCRYPTED FILE-----",
    b"-----BEGIN PGP MESSAGE-----",
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
    b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5",
    b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5",
    b"VimCrypt~0",
    b"AES\x02\x00",
    b"AES\x01\x00",
    b"encrcdsa",
    b"$ANSIBLE_VAULT;",
)
"""LUKS (first and second header), BitLocker, ``openssl enc``, age, PGP, PKCS #8, KeePass, Vim, AES Crypt, an encrypted
disk image of macOS, Ansible."""

_PACKED_STARTS = (b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"\x5d\0\0", b"\x1f\x9d", b"\x1f\xa0", b"LZIP", b"BZh")
"""Zstandard, LZ4, LZMA, compress, pack, lzip, bzip2: what is packed may be as even as noise."""

_PEM_ENCRYPTED = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\nProc-Type: 4,ENCRYPTED")
_PDF_ENCRYPT = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")
_PDF_START = re.compile(rb"startxref\s+(\d{1,12})\s")
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"\0\0\0\0IEND\xaeB`\x82"


def marks_of(head: bytes, size_bytes: int, read: Read, spread: Spread | None) -> str:
    """The marks of a content, separated by spaces.

    Args:
        head: Its first bytes, 64 KiB if it has as many.
        size_bytes: Of the whole.
        read: For the few formats that say it somewhere else.
        spread: Of the head.
    """
    if size_bytes == 0:
        return EMPTY
    found = _by_format(head, size_bytes, read)
    if not found and spread is not None and spread.is_even and size_bytes % SECTOR_BYTES == 0 and _is_noise(head):
        return RANDOM
    return " ".join(word for word in (ENCRYPTED, TRUNCATED) if word in found)


def _is_noise(head: bytes) -> bool:
    known = by_signature(head) is not None or head.startswith(_PACKED_STARTS)
    return not known and len(set(head[:SECTOR_BYTES])) >= DISTINCT_IN_NOISE


def _by_format(head: bytes, size_bytes: int, read: Read) -> set[str]:
    if head.startswith(_SEALED_STARTS) or _PEM_ENCRYPTED.match(head):
        return {ENCRYPTED}
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return zip_marks(size_bytes, read)
    if head.startswith(b"%PDF-"):
        return _pdf(head, size_bytes, read)
    if head.startswith(COMPOUND):
        return {ENCRYPTED} if is_encrypted_compound(size_bytes, read) else set()
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return _seven_zip(head, size_bytes, read)
    if head.startswith(b"Rar!\x1a\x07"):
        return {ENCRYPTED} if is_encrypted_rar(head) else set()
    if head.startswith(_PNG):
        return set() if _PNG_END in _tail(head, size_bytes, read) else {TRUNCATED}
    if head.startswith(b"RIFF") and len(head) >= 8:
        return {TRUNCATED} if struct.unpack_from("<I", head, 4)[0] + 8 > size_bytes else set()
    return {ENCRYPTED} if is_pgp_message(head) else set()


def _tail(head: bytes, size_bytes: int, read: Read) -> bytes:
    return head if size_bytes <= len(head) else read(max(0, size_bytes - TAIL_BYTES), TAIL_BYTES)


def _pdf(head: bytes, size_bytes: int, read: Read) -> set[str]:
    """PDF 32000-1, 7.5.5 and 7.5.8: ``Encrypt`` stands in the trailer, or in the dictionary of the last xref stream."""
    tail = _tail(head, size_bytes, read)
    starts = _PDF_START.findall(tail)
    if not starts and b"%%EOF" not in tail:
        return {TRUNCATED}
    places = [head[:4096], tail]  # a linearised document has its first trailer at the beginning
    if starts and int(starts[-1]) < size_bytes:
        places.append(read(int(starts[-1]), 4096))
    return {ENCRYPTED} if any(_PDF_ENCRYPT.search(place) for place in places) else set()


def _seven_zip(head: bytes, size_bytes: int, read: Read) -> set[str]:
    """7zFormat.txt: the header lies behind the content; where and how long it is stands in the first 32 bytes."""
    if len(head) < 32:
        return {TRUNCATED}
    offset, length = struct.unpack_from("<QQ", head, 12)
    if 32 + offset + length > size_bytes:
        return {TRUNCATED}
    header = read(32 + offset, min(length, 1 << 20)) if length else b""
    return {ENCRYPTED} if is_encrypted_7z(header, lambda at, size: read(32 + at, size), size_bytes - 32) else set()
