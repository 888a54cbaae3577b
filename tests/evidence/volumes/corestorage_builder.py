"""Makes small Core Storage volumes, with an encoder of its own for the metadata, the wrapped keys and the sectors."""

from __future__ import annotations

import base64
import hashlib
import random
import struct
import uuid
import zlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import XTS
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from tests.evidence.volumes.media import Media

PASSPHRASE, RECOVERY = "Straße 7", "35AJ-AC98-TI1H-N4M3-HDUQ-UQFG"
PHYSICAL, GROUP, FAMILY, LOGICAL = (uuid.UUID(int=number << 64 | number) for number in (1, 2, 3, 4))
METADATA_KEY, ENCRYPTING_KEY, VOLUME_KEY = bytes(range(16)), bytes(range(16, 32)), bytes(range(32, 48))
BLOCK, LABEL, SEALED = 4096, 4096, 64 << 10
SEALED_BLOCKS = 32
VOLUME_BYTES = 96 << 10
PIECES = ((0, 16, 150), (16, 8, 120))
"""Logical block, number of blocks, physical block."""
MEDIA_BYTES = 1 << 20


def weak_crc(data: bytes) -> bytes:
    """CRC-32C, bit by bit, without the last inversion."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("<I", crc)


def xts(key: bytes, number: int, data: bytes) -> bytes:
    return Cipher(AES(key), XTS(number.to_bytes(16, "little"))).encryptor().update(data)


def block(kind: int, transaction: int, object_id: int, data: bytes) -> bytes:
    """A metadata block with its header."""
    head = struct.pack("<4sHHIQQQQII8x", b"\xff" * 4, 1, kind, 0, transaction, object_id, 0, 0, 8192, 0)
    body = (head + data).ljust(8188, b"\0")
    return weak_crc(body[4:]) + body


def wrapped_passphrase(passphrase: str) -> str:
    salt = hashlib.sha256(passphrase.encode()).digest()[:16]
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, 1000, dklen=16)
    raw = struct.pack("<II", 3, 16) + salt + struct.pack("<II", 16, 24) + aes_key_wrap(key, ENCRYPTING_KEY)
    raw = raw.ljust(168, b"\0") + struct.pack("<I", 1000)
    return base64.b64encode(raw.ljust(284, b"\0")).decode()


def context(status: str) -> str:
    """The encryption context; its second user is the recovery key, and values refer to each other."""
    sealed = struct.pack("<II", 2, 24) + aes_key_wrap(ENCRYPTING_KEY, VOLUME_KEY)
    users = "".join(
        f"<dict><key>PassphraseWrappedKEKStruct</key><data>{wrapped_passphrase(passphrase)}</data>"
        f'<key>UserIdent</key><string ID="{index + 50}">{uuid.UUID(int=index)}</string>'
        f"<key>PassphraseHint</key><string>{hint}</string></dict>"
        for index, (passphrase, hint) in enumerate([(PASSPHRASE, "the street"), (RECOVERY, "")])
    )
    return (
        f"<dict><key>CryptoUsers</key><array>{users}</array><key>WrappedVolumeKeys</key><array><dict>"
        '<key>BlockAlgorithm</key><string>None</string></dict><dict ID="19"><key>BlockAlgorithm</key>'
        f"<string>AES-XTS</string><key>Index</key><integer>0x1</integer><key>KEKWrappedVolumeKeyStruct</key>"
        f"<data>{base64.b64encode(sealed.ljust(256, bytes(1))).decode()}</data></dict></array>"
        '<key>ConversionInfo</key><dict><key>Same</key><reference IDREF="50"/><key>ConversionStatus</key>'
        f"<string>{status}</string></dict></dict>"
    )


def wipe_key() -> bytes:
    """The file on the recovery partition, as one unit of AES-XTS."""
    plain = f"<?xml version='1.0'?><!DOCTYPE plist><plist>{context('Complete')}</plist>".encode()
    return xts(PHYSICAL.bytes + bytes(16), 0, plain)


@dataclass(frozen=True, kw_only=True)
class Volume:
    """What is to be made; ``media`` makes it.

    Attributes:
        kind: ``encrypted``, ``plain`` (no encryption) or ``system`` (the context was wiped).
    """

    kind: str = "encrypted"
    status: str = "Complete"
    is_compressed: bool = False
    base: int = 0
    piece_index: int = 0
    pieces: tuple[tuple[int, int, int], ...] = PIECES
    lists: tuple[bytes, bytes] | None = None

    def content(self) -> bytes:
        return random.Random(9).randbytes(VOLUME_BYTES)

    def media(self) -> Media:
        media = Media(MEDIA_BYTES)
        for offset in (0, MEDIA_BYTES - 512):
            media.write(offset, self.header())
        media.write(LABEL, self.label())
        for number, plain in enumerate(self.blocks()):
            if plain:
                media.write(SEALED + number * 8192, xts(METADATA_KEY + PHYSICAL.bytes, number, plain))
        content = self.content()
        key = VOLUME_KEY + hashlib.sha256(VOLUME_KEY + FAMILY.bytes).digest()[:16]
        for logical, count, physical in PIECES:
            for sector in range(logical * BLOCK // 512, (logical + count) * BLOCK // 512):
                data = content[sector * 512 : (sector + 1) * 512]
                place = (physical - logical) * BLOCK + sector * 512
                media.write(place, data if self.kind == "plain" else xts(key, sector, data))
        return media

    def header(self) -> bytes:
        raw = bytearray(508)
        struct.pack_into("<4sHH", raw, 0, b"\xff" * 4, 1, 0x10)
        struct.pack_into("<I", raw, 44, 512)
        struct.pack_into("<Q", raw, 60, MEDIA_BYTES)
        struct.pack_into("<2sIHII4Q", raw, 84, b"CS", 1, 2, BLOCK, 16384, LABEL // BLOCK, 250, 0, 0)
        struct.pack_into("<II16s", raw, 164, 16, 2, METADATA_KEY)
        raw[300:332] = PHYSICAL.bytes + GROUP.bytes
        return weak_crc(bytes(raw[4:])) + bytes(raw)

    def label(self) -> bytes:
        data = bytearray(500)
        struct.pack_into("<I", data, 156, 8192)
        first = block(0x11, 1, 0, bytes(data))
        group = struct.pack("<8xQ16x", SEALED_BLOCKS * 8192 // BLOCK)
        return first + group + struct.pack("<QQ", SEALED // BLOCK, 0)

    def blocks(self) -> list[bytes]:
        """The metadata: an old description first, the others in no order."""
        segments = struct.pack("<II", len(self.pieces), 0)
        for logical, count, physical in self.pieces:
            place = physical - self.base | self.piece_index << 48
            segments += struct.pack("<QQI12xQ", 0, logical, count, place)
        extents = struct.pack("<IIQQ", 1, 0, 500, self.base)
        family, logical_list = self.lists or (self.family_list(), self.logical_list(VOLUME_BYTES))
        return [
            self.logical_block(5, self.logical_list(4096)),
            b"",
            *self.family_blocks(family),
            block(0x505, 6, 9, extents),
            block(0x305, 6, 8, segments),
            self.logical_block(6, logical_list),
            block(0x13, 7, 1, b"something else"),
        ]

    def logical_block(self, transaction: int, plist: bytes) -> bytes:
        head = struct.pack("<QQ32xQ8xII", 10, 8, 9 if self.base else 0, 184, len(plist))
        return block(0x1A, transaction, 11, head.ljust(120, b"\0") + plist)

    def logical_list(self, size: int) -> bytes:
        return (
            f'<dict ID="0"><key>com.apple.corestorage.lv.familyUUID</key><string>{FAMILY}</string>'
            "<key>com.apple.corestorage.lv.name</key><string>Untitled</string>"
            f"<key>com.apple.corestorage.lv.uuid</key><string>{LOGICAL}</string>"
            f'<key>com.apple.corestorage.lv.size</key><integer size="64">{size:#x}</integer></dict>'
        ).encode()

    def family_list(self) -> bytes:
        inner = "<key>com.apple.corestorage.lvf.sequence</key><integer>0x2</integer>"
        if self.kind == "encrypted":
            inner += f"<key>com.apple.corestorage.lvf.encryption.context</key>{context(self.status)}"
        return f"<dict>{inner}</dict>".encode()

    def family_blocks(self, plist: bytes) -> list[bytes]:
        if self.kind == "system":
            wiped = block(0x19, 6, 10, b"")
            return [b"LVFwiped" + wiped[8:]]
        stored = zlib.compress(plist) if self.is_compressed else plist
        half = len(stored) // 2 if self.is_compressed else len(stored)
        head = struct.pack("<32xQ4I", 77 if half < len(stored) else 0, len(stored), len(plist), 944, half)
        first = block(0x19, 6, 10, head.ljust(880, b"\0") + stored[:half])
        if half == len(stored):
            return [first]
        rest = stored[half:]
        return [block(0x24, 6, 77, struct.pack("<QII", 0, len(rest), 0) + rest), first]
