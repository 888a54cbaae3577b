"""The content of a member of a ZIP: how it is packed, and what it unpacks to."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

from evidence.filesystems.content import ContentSource
from evidence.filesystems.unpacking import (
    Decoder,
    Deflate,
    Feed,
    Packed,
    PackedContent,
    Unpacker,
    Zstandard,
    bzip2,
    lzma_raw,
    xz,
)
from evidence.filesystems.zip_records import AES, ENCRYPTED, STRONG, Entry
from evidence.volumes.base import Readable, Window

_NAMES = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 9: "Deflate64", 10: "PKWARE DCL",
    16: "IBM CMPSC", 18: "IBM TERSE", 19: "IBM LZ77", 94: "MP3", 96: "JPEG", 97: "WavPack", 98: "PPMd",
}  # fmt: skip


def content_of(source: Readable, unpacker: Unpacker, entry: Entry, start: int) -> ContentSource:
    """The content of a member.

    Args:
        source: The archive.
        unpacker: Of the archive.
        entry: What the directory says of the member.
        start: Where its packed bytes begin.

    Raises:
        OSError: It is encrypted, or packed in a way that is not read; the message says how.
    """
    if entry.flags & ENCRYPTED or entry.method == AES:
        raise OSError(f"the content is encrypted ({_encryption(entry)})")
    window = Window(source, start, entry.packed_bytes)
    if window.media_bytes < entry.packed_bytes:
        raise OSError(f"the archive ends before byte {start + entry.packed_bytes}, where the packed content ends")
    if entry.method == 0:
        if entry.packed_bytes != entry.size_bytes:
            raise OSError(f"the content is stored in {entry.packed_bytes} bytes, but declared to be {entry.size_bytes}")
        return StoredContent(window, entry.size_bytes, entry.crc32)
    if entry.method not in (8, 12, 14, 20, 93, 95):
        name = _NAMES.get(entry.method, "a method that is not known")
        raise OSError(f"the content is packed by {name} (method {entry.method}), which is not read")
    packed = Packed(
        key=entry.at,
        open=lambda: _decoder(entry.method, window.read_at, entry.size_bytes),
        size_bytes=entry.size_bytes,
        crc32=entry.crc32,
    )
    return PackedContent(unpacker=unpacker, packed=packed, size_bytes=entry.size_bytes)


def _encryption(entry: Entry) -> str:
    if entry.method == AES:
        raw = entry.extras.get(0x9901, b"")
        return f"AES-{64 + 64 * raw[4]}" if len(raw) >= 7 and raw[4] in (1, 2, 3) else "AES"
    return "PKWARE strong encryption" if entry.flags & STRONG else "ZipCrypto"


def _decoder(method: int, feed: Feed, size_bytes: int) -> Decoder:
    if method == 8:
        return Deflate(feed)
    if method == 12:
        return bzip2(feed)
    if method == 95:
        return xz(feed)
    if method != 14:
        return Zstandard(feed)
    head = feed(0, 9)
    if len(head) < 9 or struct.unpack_from("<H", head, 2)[0] != 5:
        raise OSError("LZMA: the properties before the stream are damaged")
    return lzma_raw(feed, head[4:], 9, size_bytes)


@dataclass(slots=True)
class StoredContent:
    """Content that is stored as it is; its checksum is compared whenever it is read from start to end."""

    window: Window
    size_bytes: int
    crc32: int
    _next: int = field(default=0, init=False)
    _sum: int = field(default=0, init=False)

    def read(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        """Bytes of the content; see :class:`evidence.filesystems.content.ContentSource`."""
        data = self.window.read_at(max(0, offset_bytes), size_bytes)
        if offset_bytes == 0:
            self._next = self._sum = 0
        if offset_bytes == self._next:
            self._sum, self._next = zlib.crc32(data, self._sum), self._next + len(data)
            if self._next == self.size_bytes and self._sum != self.crc32:
                raise OSError(f"the CRC-32 of the content is {self._sum:08x}, {self.crc32:08x} is stored")
        return data
