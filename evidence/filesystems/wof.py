"""Files that Windows compressed (WOF, ``compact /exe``): packed in chunks in the stream ``WofCompressedData``.

The stream begins with the places of all chunks but the first, behind that table; a chunk that could not be made smaller
is stored. Sources: Microsoft's ``wofapi.h`` and its paper on the WIM format, whose resources are alike.
"""

from __future__ import annotations

from typing import Any

from evidence.filesystems import ntfs
from evidence.filesystems.chunked import ChunkedContent
from evidence.filesystems.content import ContentSource
from evidence.filesystems.lzx import unpack_lzx
from evidence.filesystems.ntfs_entry import NtfsEntry
from evidence.filesystems.tsk import TskFileSystem
from evidence.filesystems.tsk_content import TskContent
from evidence.filesystems.xpress import unpack_xpress

STREAM = "WofCompressedData"
_CHUNK_BYTES = {0: 1 << 12, 1: 1 << 15, 2: 1 << 13, 3: 1 << 14}
_LZX, _WIDE_FROM_BYTES = 1, 1 << 32


def wof_content(opened: TskFileSystem, handle: Any, found: NtfsEntry) -> WofContent:
    """The unpacked content of a ``pytsk3.File`` whose attributes say that Windows compressed it.

    Raises:
        OSError: Its content is not in the file, or what says how it is packed makes no sense.
    """
    stream = next((s for s in found.streams if s.name == STREAM and s.attribute[0] == ntfs.DATA), None)
    if found.packed_by is None or found.main is None or stream is None:
        raise OSError("its content is in a WIM archive, or there is no stream that holds it")
    packed = TskContent(opened=opened, handle=handle, attribute=stream.attribute, size_bytes=stream.size_bytes)
    return WofContent(packed, found.packed_by, found.main[2])


class WofContent(ChunkedContent):
    """The unpacked content.

    Attributes:
        size_bytes: As the file system declares it.
    """

    def __init__(self, packed: ContentSource, method: int, size_bytes: int) -> None:
        """Unpack from the stream ``packed``.

        Raises:
            OSError: The method is not known, or the stream has no room for its table.
        """
        if method not in _CHUNK_BYTES:
            raise OSError(f"it is compressed by method {method} of WOF, which is not known")
        super().__init__(size_bytes, _CHUNK_BYTES[method])
        self._packed, self._method = packed, method
        self._entry_bytes = 8 if size_bytes >= _WIDE_FROM_BYTES else 4
        self._chunks = -(-size_bytes // self._chunk_bytes)
        self._table_bytes = max(0, self._chunks - 1) * self._entry_bytes
        if self._table_bytes > packed.size_bytes:
            raise OSError(f"its stream {STREAM} of {packed.size_bytes} bytes has no room for {self._chunks} chunks")

    def _unpacked(self, index: int) -> bytes:
        start, end = self._place(index), self._place(index + 1)
        size = self._size_of(index)
        if not 0 < end - start <= size:
            raise OSError(f"chunk {index} of its stream {STREAM} claims to have {end - start} bytes")
        data = self._exactly(self._table_bytes + start, end - start)
        if len(data) == size:
            return data
        return unpack_lzx(data, size) if self._method == _LZX else unpack_xpress(data, size)

    def _place(self, index: int) -> int:
        """Where a chunk begins behind the table."""
        if index == 0:
            return 0
        if index == self._chunks:
            return self._packed.size_bytes - self._table_bytes
        return int.from_bytes(self._exactly((index - 1) * self._entry_bytes, self._entry_bytes), "little")

    def _exactly(self, offset_bytes: int, size_bytes: int) -> bytes:
        data = self._packed.read(offset_bytes, size_bytes)
        if len(data) != size_bytes:
            raise OSError(f"its stream {STREAM} ends before byte {offset_bytes + size_bytes}")
        return data
