"""Whether an archive of 7-Zip or RAR, or a message of OpenPGP, is encrypted: by its own headers."""

from __future__ import annotations

import lzma
from collections.abc import Callable

_AES = b"\x06\xf1\x07\x01"
_MAX_HEADER_BYTES = 16 << 20
_LZMA1, _LZMA2 = b"\x03\x01\x01", b"\x21"
_PACKETS_OF_DATA = frozenset({9, 18, 20})
_KEYS_PUBLIC, _KEY_SECRET = 1, 3
_RAR4_BLOCKS, _RAR5_BLOCKS = 64, 64


def is_encrypted_7z(header: bytes, read: Callable[[int, int], bytes], packed_bytes: int) -> bool:
    """Whether the header or the content of a 7z archive is encrypted (7zFormat.txt: the coder 06F10701).

    A header that is compressed, as most are, is unpacked; one that is encrypted names the coder in plain.

    Args:
        header: The end header.
        read: Bytes of the packed streams, by offset behind the signature header.
        packed_bytes: How many there are.
    """
    if header[:1] == b"\x01":
        return _AES in header
    if header[:1] != b"\x17":
        return False
    if _AES in header:
        return True
    unpacked = _unpacked_header(header, read, packed_bytes)
    return unpacked is not None and _AES in unpacked


def _unpacked_header(header: bytes, read: Callable[[int, int], bytes], packed_bytes: int) -> bytes | None:
    """The header behind one coder LZMA, which is how 7-Zip writes it; None for anything else."""
    try:
        place, offset = _number(header, 2)  # after kEncodedHeader and kPackInfo
        streams, offset = _number(header, place_of := offset)
        packed, offset = _number(header, place_of + 2 if streams == 1 else len(header))
    except IndexError:
        return None
    coder = header.find(_LZMA1, offset)
    if coder < 1 or place + packed > packed_bytes or packed > _MAX_HEADER_BYTES:
        return None
    properties = header[coder + 4 : coder + 9]
    if header[coder - 1] != 0x23 or len(properties) < 5:
        return None
    lclppb, dictionary = properties[0], int.from_bytes(properties[1:5], "little")
    chain = {
        "id": lzma.FILTER_LZMA1,
        "lc": lclppb % 9,
        "lp": lclppb // 9 % 5,
        "pb": lclppb // 45,
        "dict_size": min(max(dictionary, 4096), _MAX_HEADER_BYTES),
    }
    try:
        unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain])
        return unpacker.decompress(read(place, packed), _MAX_HEADER_BYTES)
    except (lzma.LZMAError, ValueError):
        return None


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of 7z's own coding and where the next thing begins; raises IndexError at the end."""
    first, value = data[at], 0
    mask = 0x80
    for index in range(8):
        if not first & mask:
            return value + ((first & (mask - 1)) << (8 * index)), at + 1 + index
        value += data[at + 1 + index] << (8 * index)
        mask >>= 1
    return value, at + 9


def is_encrypted_rar(head: bytes) -> bool:
    """Whether the headers of a RAR archive, or the content of a file whose header is in ``head``, are encrypted.

    RAR 4 (technote.txt): flag 0x80 of the archive header, 0x04 of a file header. RAR 5: a header of type 4, or a record
    of type 1 in the extra area of a file header.
    """
    return _rar5(head) if head.startswith(b"Rar!\x1a\x07\x01\x00") else _rar4(head)


def _rar4(head: bytes) -> bool:
    at = 7
    for _ in range(_RAR4_BLOCKS):
        if at + 7 > len(head):
            return False
        kind, flags = head[at + 2], int.from_bytes(head[at + 3 : at + 5], "little")
        size = int.from_bytes(head[at + 5 : at + 7], "little")
        if (kind == 0x73 and flags & 0x80) or (kind == 0x74 and flags & 0x04):
            return True
        added = int.from_bytes(head[at + 7 : at + 11], "little") if flags & 0x8000 or kind == 0x74 else 0
        at += max(size, 7) + added
    return False


def _rar5(head: bytes) -> bool:
    at = 8
    for _ in range(_RAR5_BLOCKS):
        try:
            size, start = _vint(head, at + 4)
            kind, offset = _vint(head, start)
            flags, offset = _vint(head, offset)
            extra, offset = _vint(head, offset) if flags & 1 else (0, offset)
            data, offset = _vint(head, offset) if flags & 2 else (0, offset)
            if kind == 4:
                return True
            if kind == 2 and extra and _vint(head, _vint(head, start + size - extra)[1])[0] == 1:
                return True
        except IndexError:
            return False
        at = start + size + data
    return False


def _vint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(10):
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if not byte & 0x80:
            return value, at + index + 1
    raise IndexError


def is_pgp_message(head: bytes) -> bool:
    """Whether a content begins with an OpenPGP encrypted session key and the next packet fits it (RFC 9580)."""
    at, seen = 0, False
    for _ in range(16):
        packet = _packet(head, at)
        if packet is None:
            return False
        tag, start, length = packet
        if tag in _PACKETS_OF_DATA:
            return seen
        version = head[start] if start < len(head) else 0
        if length is None or not (
            (tag == _KEYS_PUBLIC and version in (3, 6)) or (tag == _KEY_SECRET and 4 <= version <= 6)
        ):
            return False
        seen, at = True, start + length
    return False


def _packet(head: bytes, at: int) -> tuple[int, int, int | None] | None:
    """Tag, where the body begins, and its length, None where that is not fixed."""
    if at + 6 > len(head) or not head[at] & 0x80:
        return None
    first, second = head[at], head[at + 1]
    if first & 0x40:
        if second < 192:
            return first & 0x3F, at + 2, second
        if second < 224:
            return first & 0x3F, at + 3, ((second - 192) << 8) + head[at + 2] + 192
        return first & 0x3F, at + 2, None
    octets = (1, 2, 4, 0)[first & 3]
    length = int.from_bytes(head[at + 1 : at + 1 + octets], "big") if octets else None
    return first >> 2 & 0xF, at + 1 + octets, length
