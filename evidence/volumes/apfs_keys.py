"""The keys of encrypted APFS volumes: from a password over the keybags to the key of the volume.

Source: Apple File System Reference, "Encryption" (the way to the volume key, keybags and their entries), and the
documentation of libfsapfs, "Key bag packed object" (what is in the packed blobs).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from evidence.keys import Keys
from evidence.volumes.apfs_container import SOFTWARE_CRYPTO, Container
from evidence.volumes.apfs_objects import ApfsDamageError, is_sound
from evidence.volumes.apfs_volume import ONE_KEY, SECTOR_BYTES, VolumeSuperblock
from evidence.volumes.ciphers import SectorCipher, XtsSectors

_VOLUME_KEY, _UNLOCK_RECORDS, _HINT = 2, 3, 4
_CONTAINER_BAG, _VOLUME_BAG = int.from_bytes(b"syek", "little"), int.from_bytes(b"scer", "little")
_BAG, _ENTRY = struct.Struct("<HHI8x"), struct.Struct("<16sHH4x")
_MAX_BAG_BLOCKS, _MAX_ENTRIES, _MAX_ITERATIONS = 256, 1024, 20_000_000
_MAX_RECORDS = 64
_CORE_STORAGE = 2
_CHECK_MAGIC = bytes.fromhex("011620171505")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a keybag."""

    uuid: bytes
    tag: int
    data: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Blob:
    """A wrapped key: of the volume, or one that unwraps the volume's with a password (with iterations and salt)."""

    uuid: bytes
    method: int
    wrapped: bytes
    iterations: int
    salt: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Unlocked:
    """What came of unlocking a volume: its cipher, or None and the reason in words; and the password's hint."""

    cipher: SectorCipher | None = None
    why: str = ""
    hint: str = ""


def unlock(
    container: Container, volume: VolumeSuperblock, keys: Keys, on_step: Callable[[], None] = lambda: None
) -> Unlocked:
    """Try every password and recovery key on a volume; ``on_step`` is called before every derivation.

    Raises:
        UnreadableRegionError: A keybag cannot be read.
    """
    try:
        return _unlock(container, volume, keys, on_step)
    except ApfsDamageError as error:
        return Unlocked(why=f"its keys cannot be read: {error}")


def _unlock(container: Container, volume: VolumeSuperblock, keys: Keys, on_step: Callable[[], None]) -> Unlocked:
    superblock = container.superblock
    if not volume.flags & ONE_KEY:
        return Unlocked(why="each of its files has a key of its own, which only the hardware of its device has")
    if superblock.keybag == (0, 0):
        return Unlocked(why="the container has no keybag; its keys are in the hardware of its device")
    entries = read_keybag(container, superblock.keybag, superblock.uuid, _CONTAINER_BAG)
    own = [entry for entry in entries if entry.uuid == volume.uuid]
    volume_keys = [blob_of(entry.data) for entry in own if entry.tag == _VOLUME_KEY]
    bags = [struct.unpack("<QQ", entry.data[:16]) for entry in own if entry.tag == _UNLOCK_RECORDS and entry.data[15:]]
    if not volume_keys or not bags:
        return Unlocked(why="the keybag of the container has no key for it")
    records = read_keybag(container, bags[0], volume.uuid, _VOLUME_BAG)
    hints = [entry.data.split(b"\0")[0].decode("utf-8", errors="replace") for entry in records if entry.tag == _HINT]
    hint = next(filter(None, hints), "")
    damaged = ""
    for record in [entry for entry in records if entry.tag == _UNLOCK_RECORDS][:_MAX_RECORDS]:
        try:
            key = _first_that_fits(blob_of(record.data), volume_keys[0], keys, on_step)
        except ApfsDamageError as error:
            damaged = f"; one of its unlock records is damaged: {error}"
            continue
        if key:
            return Unlocked(cipher=XtsSectors(key, sector_bytes=SECTOR_BYTES), hint=hint)
    why = "none of the passwords and recovery keys given fits" if keys else "no password or recovery key was given"
    if not superblock.flags & SOFTWARE_CRYPTO:
        why += "; its keys may be bound to the hardware of its device, and then a password alone does not unlock it"
    return Unlocked(why=why + damaged, hint=hint)


def read_keybag(container: Container, place: tuple[int, int], uuid: bytes, kind: int) -> list[Entry]:
    """The entries of a keybag, which is encrypted with the UUID of what it belongs to.

    Raises:
        ApfsDamageError: It is damaged.
        UnreadableRegionError: It cannot be read.
    """
    address, count = place
    blocks = container.blocks
    if not 0 < count <= _MAX_BAG_BLOCKS:
        raise ApfsDamageError(f"a keybag claims to fill {count} blocks", blocks.offset(address))
    cipher = XtsSectors(uuid * 2, sector_bytes=SECTOR_BYTES)
    plain = cipher.decrypt(blocks.read(address, count), address * (blocks.block_bytes // SECTOR_BYTES))
    bag = next((plain[:size] for size in (len(plain), blocks.block_bytes) if is_sound(plain[:size])), b"")
    if not bag or int.from_bytes(bag[24:28], "little") != kind:
        raise ApfsDamageError("a keybag is not what it should be after decryption", blocks.offset(address))
    _, number, size = _BAG.unpack_from(bag, 32)
    if number > _MAX_ENTRIES or 48 + size > len(plain):
        raise ApfsDamageError(f"a keybag claims {number} entries in {size} bytes", blocks.offset(address))
    return list(_entries(plain, number))


def _entries(bag: bytes, number: int) -> Iterator[Entry]:
    at = 48
    for _ in range(number):
        if at + _ENTRY.size > len(bag):
            return
        uuid, tag, length = _ENTRY.unpack_from(bag, at)
        end = at + _ENTRY.size + length
        yield Entry(uuid, tag, bag[at + _ENTRY.size : end])
        at = end + -end % 16


def blob_of(data: bytes) -> Blob:
    """A wrapped key in its packing, its checksum verified.

    Raises:
        ApfsDamageError: It is damaged, or of a kind that is not known.
    """
    outer = dict(_packed(data))
    fields = {tag: value for tag, value, _ in _values(outer.get(0x30, b""))}
    whole = {tag: raw for tag, _, raw in _values(outer.get(0x30, b""))}
    key = hashlib.sha256(_CHECK_MAGIC + fields.get(0x82, b"")).digest()
    if not hmac.compare_digest(hmac.digest(key, whole.get(0xA3, b""), "sha256"), fields.get(0x81, b"")):
        raise ApfsDamageError("the checksum of a wrapped key is wrong")
    inner = dict(_packed(fields.get(0xA3, b"")))
    method, wrapped = inner.get(0x82, b"")[:1], inner.get(0x83, b"")
    if len(method) != 1 or len(wrapped) not in (24, 40):
        raise ApfsDamageError(f"a wrapped key has {len(wrapped)} bytes")
    return Blob(
        inner.get(0x81, b""), method[0], wrapped, int.from_bytes(inner.get(0x84, b""), "big"), inner.get(0x85, b"")
    )


def _packed(data: bytes) -> Iterator[tuple[int, bytes]]:
    for tag, value, _ in _values(data):
        yield tag, value


def _values(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """The values of a DER sequence: tag, content, and both with their length."""
    at = 0
    while at + 2 <= len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length & 0x80:
            more = length & 0x7F
            if more > 4:
                return
            length = int.from_bytes(data[at : at + more], "big")
            at += more
        if (not tag and not length) or at + length > len(data):
            return
        yield tag, data[at : at + length], data[start : at + length]
        at += length


def _first_that_fits(record: Blob, volume_key: Blob, keys: Keys, on_step: Callable[[], None]) -> bytes:
    """The key of the volume by any of the passwords; empty where none fits."""
    if not record.salt or not record.iterations:
        return b""  # unlocked by something other than a password
    if record.iterations > _MAX_ITERATIONS:
        raise ApfsDamageError(f"an unlock record asks for {record.iterations} iterations")
    for password in _spellings((*keys.passwords, *keys.recovery_keys)):
        size = len(record.wrapped) - 8
        on_step()
        derived = hashlib.pbkdf2_hmac("sha256", password, record.salt, record.iterations, 32)
        try:
            key = aes_key_unwrap(derived[:size], record.wrapped)
            return _volume_key(volume_key, aes_key_unwrap(key, volume_key.wrapped))
        except InvalidUnwrap:
            continue
    return b""


def _volume_key(blob: Blob, key: bytes) -> bytes:
    """Both halves of the XTS key; a volume that was converted from Core Storage has the second derived."""
    if len(key) == 32:
        return key
    if blob.method != _CORE_STORAGE:
        raise ApfsDamageError(f"the volume key has {len(key)} bytes under method {blob.method}")
    return key + hashlib.sha256(key + blob.uuid).digest()[:16]


def _spellings(passwords: Iterable[str]) -> list[bytes]:
    """The passwords as UTF-8 as given, and composed and decomposed where that differs."""
    found: dict[bytes, None] = {}
    for password in passwords:
        for text in (password, unicodedata.normalize("NFC", password), unicodedata.normalize("NFD", password)):
            found[text.encode("utf-8", errors="surrogateescape")] = None
    return list(found)
