"""Makes small BitLocker volumes, with an encoder of its own for the metadata, the wrapped keys and the sectors."""

from __future__ import annotations

import hashlib
import random
import struct
import uuid
import zlib
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC, ECB, XTS

from tests.evidence.volumes.media import Media

FIXED = uuid.UUID("4967d63b-2e29-4ad8-8399-f6a339e3d001")
ON_WRITE = uuid.UUID("92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8")
VOLUME_ID = uuid.UUID("0f0e0d0c-0b0a-0908-0706-050403020100")
MASTER_KEY = bytes(range(100, 132))
CLEAR_KEY, STARTUP_KEY = bytes(range(32)), bytes(range(32, 64))
SALT = bytes(range(16))
PASSWORD = "Übung-1"
RECOVERY = "-".join(f"{11 * group:06d}" for group in (1, 65535, 300, 40000, 5, 77, 12345, 54321))
KEY_BYTES = {0x8000: 64, 0x8001: 64, 0x8002: 16, 0x8003: 32, 0x8004: 32, 0x8005: 64}
SECTORS = 1024
WRITTEN = (*range(48), *range(SECTORS - 8, SECTORS))
HEADER_SECTORS = 16


def wrap(key: bytes, method: int, content: bytes, nonce: int) -> bytes:
    """A key in its container, sealed by AES-CCM as BitLocker stores it: nonce, tag, cipher text."""
    container = struct.pack("<IHHI", 12 + len(content), 1, 0, method) + content
    sealed = AESCCM(key, tag_length=16).encrypt(struct.pack("<QI", 0, nonce), container, None)
    return struct.pack("<QI", 0, nonce) + sealed[-16:] + sealed[:-16]


def entry(kind: int, value: int, data: bytes, version: int = 1) -> bytes:
    return struct.pack("<4H", 8 + len(data), kind, value, version) + data


@lru_cache
def stretch(hashed: bytes) -> bytes:
    """The rounds as the format's description writes them: over a structure that is updated in place."""
    state = bytearray(32 + 32 + 16 + 8)
    state[32:64], state[64:80] = hashed, SALT
    for count in range(0x100000):
        struct.pack_into("<Q", state, 80, count)
        state[:32] = hashlib.sha256(state).digest()
    return bytes(state[:32])


def protector(kind: int, number: int) -> bytes:
    """A protected master key of a kind."""
    parts = b""
    key = bytes(32)
    if kind == 0x0000:
        key = CLEAR_KEY
        parts = entry(0, 1, struct.pack("<I", 0x2000) + key)
    elif kind == 0x0200:
        key = STARTUP_KEY
        parts = entry(0, 2, "ExternalKey\0".encode("utf-16-le")) + entry(0, 4, struct.pack("<I", 0x2002) + bytes(80))
    elif kind == 0x0800:
        raw = struct.pack("<8H", *(int(group) // 11 for group in RECOVERY.split("-")))
        key = stretch(hashlib.sha256(raw).digest())
        parts = entry(0, 3, struct.pack("<I", 0x1000) + SALT + entry(0, 5, bytes(56)))
    elif kind == 0x2000:
        twice = hashlib.sha256(hashlib.sha256(PASSWORD.encode("utf-16-le")).digest()).digest()
        key = stretch(twice)
        parts = entry(0, 3, struct.pack("<I", 0x1001) + SALT + entry(0, 5, bytes(72)))
    elif kind & 0x0100:
        parts = entry(0, 6, bytes(100))
    head = protector_id(number).bytes_le + bytes(8) + struct.pack("<HH", 0, kind)
    return entry(2, 8, head + parts + entry(0, 5, wrap(key, 0x2003, MASTER_KEY, 100 + number)))


def protector_id(number: int) -> uuid.UUID:
    return uuid.UUID(int=0xABCDEF00000000000000000000000000 + number)


def startup_file(number: int) -> bytes:
    """The content of a .BEK file."""
    key = entry(0, 1, struct.pack("<I", 0x2002) + STARTUP_KEY)
    body = entry(6, 9, protector_id(number).bytes_le + bytes(8) + entry(0, 2, b"E\0\0\0") + key)
    size = 48 + len(body)
    return struct.pack("<4I", size, 1, 48, size) + protector_id(number).bytes_le + struct.pack("<IIQ", 1, 0, 0) + body


@dataclass(kw_only=True)
class Volume:
    """What is to be made; ``media`` makes it.

    Attributes:
        form: ``seven``, ``vista`` or ``to go``.
        encrypted_sectors: How many are encrypted; the others lie as they are.
    """

    method: int = 0x8004
    kinds: tuple[int, ...] = (0x0000,)
    form: str = "seven"
    sector: int = 512
    encrypted_sectors: int = SECTORS
    state: tuple[int, int] = (4, 4)
    identifier: uuid.UUID = FIXED
    has_place: bool = True
    boot_sector_bytes: int | None = None
    damage: dict[int, bytes] = field(default_factory=dict)

    @property
    def key(self) -> bytes:
        return random.Random(self.method).randbytes(KEY_BYTES.get(self.method, 32))

    @property
    def blocks(self) -> tuple[int, int, int]:
        return (128 * self.sector, 320 * self.sector, 512 * self.sector)

    @property
    def block_bytes(self) -> int:
        return 16 << 10 if self.form == "vista" else 64 << 10

    @property
    def moved_to(self) -> int:
        return 800 * self.sector

    def plain(self, number: int) -> bytes:
        """What sector ``number`` holds."""
        return random.Random(number).randbytes(self.sector)

    def expected(self, number: int) -> bytes:
        """What sector ``number`` reads as."""
        content = self.plain(number)
        if self.form == "vista" and number == 0:
            boot = bytearray(self._boot())
            boot[3:11], boot[56:64] = b"NTFS    ", struct.pack("<Q", 0x1234)
            return bytes(boot)
        return content

    def media(self) -> Media:
        media = Media(SECTORS * self.sector)
        for number in WRITTEN:
            is_moved = self.form != "vista" and number < HEADER_SECTORS
            place = number + self.moved_to // self.sector if is_moved else number
            is_clear = self.form == "vista" and number < HEADER_SECTORS
            content = self.plain(number)
            if not is_clear and place < self.encrypted_sectors:
                content = self._encrypted(place, content)
            media.write(place * self.sector, content)
        media.write(0, self._boot())
        for block in self.blocks:
            media.write(block, self.metadata())
        return media

    def metadata(self) -> bytes:
        """One block of it."""
        body = entry(7, 2, "PC C: 1/2/2020\0".encode("utf-16-le"))
        body += b"".join(protector(kind, number) for number, kind in enumerate(self.kinds))
        body += entry(3, 5, wrap(MASTER_KEY, self.method, self.key, 7))
        if self.form != "vista" and self.has_place:
            body += entry(0xF, 0xF, struct.pack("<QQ", self.moved_to, HEADER_SECTORS * self.sector) + bytes(12))
        head = struct.pack("<4I", 48 + len(body), 1, 48, 48 + len(body)) + VOLUME_ID.bytes_le
        head += struct.pack("<IIQ", 9, self.method | self.method << 16, 0)
        size = -(-(64 + len(head) + len(body)) // 16) * 16
        version, unit = (1, 1) if self.form == "vista" else (2, 16)
        encrypted = 0 if self.form == "vista" else self.encrypted_sectors * self.sector
        last = 0x1234 if self.form == "vista" else self.moved_to
        block = struct.pack("<8s4H", b"-FVE-FS-", size // unit, version, *self.state)
        block += struct.pack("<QII4Q", encrypted, 0, HEADER_SECTORS, *self.blocks, last)
        covered = bytearray((block + head + body).ljust(size, b"\0"))
        for offset, data in self.damage.items():
            covered[offset : offset + len(data)] = data
        checksum = zlib.crc32(covered)
        return bytes(covered) + struct.pack("<HHI", self.block_bytes - size, version, checksum) + bytes(80)

    def _boot(self) -> bytes:
        boot = bytearray(self.sector)
        size = self.sector if self.boot_sector_bytes is None else self.boot_sector_bytes
        struct.pack_into("<HB", boot, 11, size, 8)
        if self.form == "vista":
            boot[:11] = b"\xeb\x52\x90-FVE-FS-"
            struct.pack_into("<QQQ", boot, 40, SECTORS - 1, 4, self.blocks[0] // (8 * self.sector))
        elif self.form == "to go":
            boot[:11] = b"\xeb\x58\x90MSWIN4.1"
            boot[424:440] = self.identifier.bytes_le
            struct.pack_into("<3Q", boot, 440, *self.blocks)
        else:
            boot[:11] = b"\xeb\x58\x90-FVE-FS-"
            boot[160:176] = self.identifier.bytes_le
            struct.pack_into("<3Q", boot, 176, *self.blocks)
        boot[510:512] = b"\x55\xaa"
        return bytes(boot)

    def _encrypted(self, place: int, content: bytes) -> bytes:
        key, offset = self.key, place * self.sector
        if self.method in (0x8004, 0x8005):
            return Cipher(AES(key), XTS(place.to_bytes(16, "little"))).encryptor().update(content)
        size = 16 if self.method in (0x8000, 0x8002) else 32
        if self.method in (0x8000, 0x8001):
            tweak = Cipher(AES(key[32 : 32 + size]), ECB()).encryptor()
            low = offset.to_bytes(16, "little")
            sector_key = tweak.update(low) + tweak.update(low[:15] + b"\x80")
            content = bytes(a ^ b for a, b in zip(content, sector_key * (self.sector // 32), strict=True))
            content = diffused(content)
        iv = Cipher(AES(key[:size]), ECB()).encryptor().update(offset.to_bytes(16, "little"))
        return Cipher(AES(key[:size]), CBC(iv)).encryptor().update(content)


def diffused(content: bytes) -> bytes:
    """The encrypting direction of Ferguson's diffusers, A and then B, as his paper writes them."""
    words = list(struct.unpack(f"<{len(content) // 4}I", content))
    count = len(words)

    def rotated(value: int, bits: int) -> int:
        return (value << bits | value >> (32 - bits)) & 0xFFFFFFFF

    for _ in range(5):
        for i in reversed(range(count)):
            mixed = words[(i - 2) % count] ^ rotated(words[(i - 5) % count], (9, 0, 13, 0)[i % 4])
            words[i] = (words[i] - mixed) & 0xFFFFFFFF
    for _ in range(3):
        for i in reversed(range(count)):
            mixed = words[(i + 2) % count] ^ rotated(words[(i + 5) % count], (0, 10, 0, 25)[i % 4])
            words[i] = (words[i] - mixed) & 0xFFFFFFFF
    return struct.pack(f"<{count}I", *words)
