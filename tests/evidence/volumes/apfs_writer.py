"""Writes small APFS containers: objects under checksums, object maps, volumes, snapshots, files.

Source: Apple File System Reference. Only what a reader needs is written: no space manager, no reaper.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from evidence.volumes.apfs_objects import fletcher64

BLOCK = 4096
CONTAINER_UUID, VOLUME_UUID = uuid.UUID(int=0xC0FFEE).bytes, uuid.UUID(int=0xBEEF).bytes
PASSWORD = "pässword"
TIMES_NS = (1_600_000_000_000_000_001, 1_600_000_001_000_000_002, 1_600_000_002_000_000_003, 1_600_000_003_000_000_004)
"""Created, modified, changed, accessed."""
SNAPSHOT_NS = 1_650_000_000_123_456_789
FIXED = {0x0B: (16, 16), 0x1F: (16, 16)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileToWrite:
    """One inode with one name.

    Attributes:
        parent: Inode of its directory.
        content: Of a file; in pieces, None for a hole of a block.
        size_bytes: Declared, where it differs.
        attributes: Extended attributes; those of more than 3,804 bytes become streams.
    """

    inode: int
    name: bytes
    parent: int = 2
    mode: int = 0o100644
    content: Sequence[bytes | None] = ()
    size_bytes: int | None = None
    attributes: Mapping[bytes, bytes] = field(default_factory=dict)
    bsd_flags: int = 0


class Writer:
    """A container of a fixed number of blocks that is filled from the front."""

    def __init__(self, blocks: int = 512) -> None:
        self.data = bytearray(blocks * BLOCK)
        self.count, self._free, self._next_oid = blocks, 16, 1024
        self.xid = 1

    def allocate(self) -> int:
        self._free += 1
        return self._free - 1

    def new_oid(self) -> int:
        self._next_oid += 1
        return self._next_oid - 1

    def put(self, address: int, kind: int, body: bytes, *, oid: int | None = None, subtype: int = 0) -> None:
        """An object, its body without the header."""
        number = address if oid is None else oid
        block = (bytes(8) + struct.pack("<QQII", number, self.xid, kind, subtype) + body).ljust(BLOCK, b"\0")
        self.seal(address, block)

    def seal(self, address: int, block: bytes) -> None:
        """A block with its checksum made right."""
        self.data[address * BLOCK : (address + 1) * BLOCK] = struct.pack("<Q", fletcher64(block[8:])) + block[8:]

    def tree(
        self,
        records: Sequence[tuple[bytes, bytes]],
        subtype: int,
        *,
        map_: dict[int, int] | None = None,
        per_node: int = 20,
    ) -> int:
        """A tree of records in order; gives the number of its root, virtual where ``map_`` is given."""
        level, flags = 0, 0x4 if subtype in FIXED else 0
        rows = list(records)
        while True:
            groups = [rows[at : at + per_node] for at in range(0, len(rows), per_node)] or [[]]
            is_root = len(groups) == 1
            parents = []
            for group in groups:
                address = self.allocate()
                number = address if map_ is None else self.new_oid()
                if map_ is not None:
                    map_[number] = address
                marks = flags | (0x1 if is_root else 0) | (0 if level else 0x2)
                body = self._node(group, marks, level, subtype, len(records))
                kind = (0x2 if is_root else 0x3) | (0x40000000 if map_ is None else 0)
                self.put(address, kind, body, oid=number, subtype=subtype)
                parents.append((group[0][0] if group else b"", struct.pack("<Q", number)))
            if is_root:
                return number
            rows, level = parents, level + 1

    def _node(self, rows: Sequence[tuple[bytes, bytes]], flags: int, level: int, subtype: int, total: int) -> bytes:
        keys = values = table = b""
        for key, value in rows:
            table += struct.pack("<H", len(keys)) + (b"" if flags & 4 else struct.pack("<H", len(key)))
            keys, values = keys + key, value + values
            table += struct.pack("<H", len(values)) + (b"" if flags & 4 else struct.pack("<H", len(value)))
        head = struct.pack("<HHIHHHHHHHH", flags, level, len(rows), 0, len(table), 0, 0, 0xFFFF, 0, 0xFFFF, 0)
        info = b""
        if flags & 1:
            sizes = FIXED.get(subtype, (0, 0))
            info = struct.pack("<IIIIIIQQ", 0, BLOCK, *sizes, 64, 64, total, 1)
        room = BLOCK - 32 - len(head) - len(info)
        used = table + keys
        return head + used + bytes(room - len(used) - len(values)) + values + info

    def object_map(self, entries: Sequence[tuple[int, int, int, int]]) -> int:
        """A map of (identifier, transaction, address, flags); gives its address."""
        rows = [
            (struct.pack("<QQ", oid, xid), struct.pack("<IIQ", flags, BLOCK, address))
            for oid, xid, address, flags in sorted(entries)
        ]
        root, address = self.tree(rows, 0x0B), self.allocate()
        self.put(address, 0x4000000B, struct.pack("<IIIIQQ", 0, 0, 0x40000002, 0x40000002, root, 0))
        return address

    def content(self, pieces: Sequence[bytes | None], stream: int) -> list[tuple[bytes, bytes]]:
        """Extent records of a stream whose pieces are put into blocks of their own."""
        rows, start = [], 0
        for piece in pieces:
            blocks = max(1, -(-len(piece) // BLOCK)) if piece is not None else 1
            address = 0
            if piece is not None:
                address = self.allocate()
                self._free += blocks - 1
                self.data[address * BLOCK : address * BLOCK + len(piece)] = piece
            key = struct.pack("<QQ", stream | 8 << 60, start)
            rows.append((key, struct.pack("<QQQ", blocks * BLOCK, address, 0)))
            start += blocks * BLOCK
        return rows

    def files(self, files: Sequence[FileToWrite], *, is_hashed: bool = True) -> list[tuple[bytes, bytes]]:
        """The records of a volume, in order."""
        rows = [_inode(FileToWrite(inode=2, name=b"root", parent=1, mode=0o040755), None)]
        rows += [_entry(FileToWrite(inode=2, name=b"root", parent=1, mode=0o040755), is_hashed)]
        for file in files:
            size = None
            if file.content or file.size_bytes is not None:
                size = sum(BLOCK if piece is None else len(piece) for piece in file.content)
                size = size if file.size_bytes is None else file.size_bytes
                rows += self.content(file.content, file.inode)
            rows += [_inode(file, size), _entry(file, is_hashed)]
            for name, value in file.attributes.items():
                key = struct.pack("<QH", file.inode | 4 << 60, len(name) + 1) + name + b"\0"
                if len(value) <= 3804 // 2:
                    rows.append((key, struct.pack("<HH", 2, len(value)) + value))
                else:
                    stream = self.new_oid()
                    rows += self.content([value], stream)
                    rows.append((key, struct.pack("<HHQQQQQQ", 1, 48, stream, len(value), 0, 0, 0, 0)))
        unique = dict(rows)
        return sorted(unique.items(), key=lambda row: (_order(row[0]), row[0][8:]))

    def volume(
        self,
        map_address: int,
        root: int,
        *,
        name: bytes = b"made",
        snapshots: Sequence[tuple[int, int, bytes]] = (),
        incompatible: int = 0x8,
        flags: int = 0x1,
        oid: int | None = None,
        role: int = 0,
        extents: int = 0,
    ) -> int:
        """A volume superblock; snapshots are (transaction, address of the superblock, name)."""
        rows = [
            (
                struct.pack("<Q", xid | 1 << 60),
                struct.pack("<QQQQQIIH", 0, address, SNAPSHOT_NS, SNAPSHOT_NS, 0, 0, 0, len(title) + 1) + title + b"\0",
            )
            for xid, address, title in snapshots
        ]
        listed = self.tree(rows, 0x10)
        body = bytearray(BLOCK - 32)
        body[:4] = b"APSB"
        struct.pack_into("<Q", body, 56 - 32, incompatible)
        struct.pack_into("<III", body, 116 - 32, 2, 0x40000002, 0x40000002)
        struct.pack_into("<QQQQ", body, 128 - 32, map_address, root, 0, listed)
        struct.pack_into("<Q", body, 216 - 32, len(snapshots))
        body[240 - 32 : 256 - 32] = VOLUME_UUID
        struct.pack_into("<Q", body, 264 - 32, flags)
        body[704 - 32 : 704 - 32 + len(name)] = name
        struct.pack_into("<H", body, 964 - 32, role)
        struct.pack_into("<QI", body, 1032 - 32, extents, 0x4000001F)
        address = self.allocate()
        self.put(address, 0x0D, bytes(body), oid=oid)
        return address

    def checkpoint(
        self, volumes: Sequence[tuple[int, int]], *, flags: int = 0, keybag: tuple[int, int] = (0, 0)
    ) -> None:
        """A superblock, as the newest; volumes are (identifier, address)."""
        map_address = self.object_map([(oid, self.xid, address, 0) for oid, address in volumes])
        body = bytearray(BLOCK - 32)
        body[:4] = b"NXSB"
        struct.pack_into("<IQ", body, 36 - 32, BLOCK, self.count)
        struct.pack_into("<Q", body, 64 - 32, 2)
        body[72 - 32 : 88 - 32] = CONTAINER_UUID
        struct.pack_into("<QQIIQQ", body, 88 - 32, self._next_oid, self.xid + 1, 8, 4, 1, 9)
        struct.pack_into("<IIIIII", body, 128 - 32, 0, 0, 2 * self.xid - 2, 2, 0, 0)
        struct.pack_into("<QQQII", body, 152 - 32, 0, map_address, 0, 0, 100)
        struct.pack_into(f"<{len(volumes)}Q", body, 184 - 32, *(oid for oid, _ in volumes))
        struct.pack_into("<Q", body, 1264 - 32, flags)
        struct.pack_into("<QQ", body, 1296 - 32, *keybag)
        self.put(2 * self.xid - 1, 0x4000000C, struct.pack("<II", 1, 0))
        for address in (2 * self.xid, 0):
            self.put(address, 0x80000001, bytes(body), oid=1)


def _order(key: bytes) -> int:
    raw = int.from_bytes(key[:8], "little")
    return (raw & (1 << 60) - 1) << 4 | raw >> 60


def _inode(file: FileToWrite, size: int | None) -> tuple[bytes, bytes]:
    created, modified, changed, accessed = TIMES_NS
    sparse = 0x200 if None in file.content else 0
    body = struct.pack("<QQQQQQQ", file.parent, file.inode, created, modified, changed, accessed, sparse)
    body += struct.pack("<iIIIIIHHQ", 1, 0, 0, file.bsd_flags, 501, 20, file.mode, 0, 0)
    if size is not None:
        body += struct.pack("<HHBBH", 1, 40, 8, 0x20, 40) + struct.pack("<QQQQQ", size, size, 0, 0, 0)
    return struct.pack("<Q", file.inode | 3 << 60), body


def _entry(file: FileToWrite, is_hashed: bool) -> tuple[bytes, bytes]:
    name = file.name + b"\0"
    length = struct.pack("<I", name_hash(file.name) << 10 | len(name)) if is_hashed else struct.pack("<H", len(name))
    key = struct.pack("<Q", file.parent | 9 << 60) + length + name
    return key, struct.pack("<QQH", file.inode, TIMES_NS[0], file.mode >> 12)


def name_hash(name: bytes) -> int:
    """The hash of an ASCII name: CRC-32C of its UTF-32, without the final inversion."""
    remainder = 0xFFFFFFFF
    for byte in name.decode("utf-8", errors="replace").encode("utf-32-le"):
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0x82F63B78 if remainder & 1 else 0)
    return remainder & 0x3FFFFF


def simple(files: Sequence[FileToWrite], *, blocks: int = 512, is_hashed: bool = True, per_node: int = 20) -> Writer:
    """A container with one volume that holds these files."""
    writer, map_ = Writer(blocks), dict[int, int]()
    oid = writer.new_oid()
    root = writer.tree(writer.files(files, is_hashed=is_hashed), 0x0E, map_=map_, per_node=per_node)
    map_address = writer.object_map([(number, 1, address, 0) for number, address in map_.items()])
    volume = writer.volume(map_address, root, oid=oid, incompatible=0x8 if is_hashed else 0)
    writer.checkpoint([(oid, volume)])
    return writer


def xts_encrypted(data: bytes, key: bytes, first_sector: int) -> bytes:
    """AES-XTS over sectors of 512 bytes, one block after the other as IEEE 1619 writes it down."""
    half = len(key) // 2
    cipher, tweaks = Cipher(AES(key[:half]), ECB()).encryptor(), Cipher(AES(key[half:]), ECB()).encryptor()
    out = bytearray()
    for number, at in enumerate(range(0, len(data), 512)):
        tweak = int.from_bytes(tweaks.update((first_sector + number).to_bytes(16, "little")), "little")
        for start in range(at, at + 512, 16):
            mixed = int.from_bytes(data[start : start + 16], "little") ^ tweak
            out += (int.from_bytes(cipher.update(mixed.to_bytes(16, "little")), "little") ^ tweak).to_bytes(
                16, "little"
            )
            tweak = (tweak << 1) ^ (0x87 if tweak >> 127 else 0)
            tweak &= (1 << 128) - 1
    return bytes(out)


def packed(tag: int, value: bytes) -> bytes:
    """One value in DER."""
    return bytes([tag]) + (bytes([len(value)]) if len(value) < 0x80 else bytes([0x81, len(value)])) + value


def key_blob(inner: bytes) -> bytes:
    """A wrapped key with its checksum around it."""
    salt, whole = b"saltsalt", packed(0xA3, inner)
    key = hashlib.sha256(bytes.fromhex("011620171505") + salt).digest()
    values = packed(0x80, b"\0") + packed(0x81, hmac.digest(key, whole, "sha256")) + packed(0x82, salt) + whole
    return packed(0x30, values)


def locked(writer: Writer, password: str, volume_key: bytes, *, hint: bytes = b"", method: int = 0) -> tuple[int, int]:
    """Keybags that give ``volume_key`` for a password; gives the place of the container's."""
    size = len(volume_key)
    middle, salt = b"k" * size, b"0123456789abcdef"
    derived = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1000, 32)[:size]
    about = packed(0x80, b"\0") + packed(0x81, VOLUME_UUID) + packed(0x82, bytes([method]) + bytes(7))
    wrapped = key_blob(about + packed(0x83, aes_key_wrap(middle, volume_key)))
    more = packed(0x84, (1000).to_bytes(2, "big")) + packed(0x85, salt)
    record = key_blob(about + packed(0x83, aes_key_wrap(derived, middle)) + more)
    own, outer = writer.allocate(), writer.allocate()
    _put_keybag(writer, own, b"scer", VOLUME_UUID, [(3, record), (4, hint)])
    _put_keybag(writer, outer, b"syek", CONTAINER_UUID, [(2, wrapped), (3, struct.pack("<QQ", own, 1))])
    return outer, 1


def encrypted(volume_key: bytes, cipher_key: bytes, method: int) -> Writer:
    """A container with one encrypted volume that holds one file."""
    writer, map_ = Writer(), dict[int, int]()
    oid = writer.new_oid()
    rows = writer.files([FileToWrite(inode=16, name=b"secret", content=[b"only with the key"])])
    extents = [index for index, (key, _) in enumerate(rows) if key[7] >> 4 == 8]
    for index in extents:
        key, value = rows[index]
        address = int.from_bytes(value[8:16], "little")
        rows[index] = key, value[:16] + (address + 5).to_bytes(8, "little")
        _encrypt(writer, address, cipher_key, address + 5)
    root = writer.tree(rows, 0x0E, map_=map_, per_node=3)
    for address in map_.values():
        _encrypt(writer, address, cipher_key, address)
    map_address = writer.object_map([(number, 1, address, 4) for number, address in map_.items()])
    volume = writer.volume(map_address, root, oid=oid, flags=0x8)
    writer.checkpoint(
        [(oid, volume)], flags=4, keybag=locked(writer, PASSWORD, volume_key, hint=b"try it", method=method)
    )
    return writer


def _encrypt(writer: Writer, address: int, key: bytes, tweak: int) -> None:
    place = slice(address * BLOCK, (address + 1) * BLOCK)
    writer.data[place] = xts_encrypted(bytes(writer.data[place]), key, tweak * 8)


def _put_keybag(writer: Writer, address: int, kind: bytes, key: bytes, entries: Sequence[tuple[int, bytes]]) -> None:
    body = b""
    for tag, data in entries:
        entry = VOLUME_UUID + struct.pack("<HHI", tag, len(data), 0) + data
        body += entry + bytes(-len(entry) % 16)
    writer.put(address, int.from_bytes(kind, "little"), struct.pack("<HHIQ", 2, len(entries), len(body), 0) + body)
    place = slice(address * BLOCK, (address + 1) * BLOCK)
    writer.data[place] = xts_encrypted(bytes(writer.data[place]), key * 2, address * 8)
