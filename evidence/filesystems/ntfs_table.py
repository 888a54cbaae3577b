"""The table of files of NTFS ($MFT), read in pieces.

Source: Microsoft's and the Linux driver's documents on NTFS ("FILE record").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evidence.filesystems.tsk import TskFileSystem

PIECE_BYTES = 1 << 16
_CACHED_PIECES = 512
_FLAGS_AT, _IN_USE, _DIRECTORY = 22, 1, 2


class Table:
    """The records of a file system, by their numbers.

    Attributes:
        record_bytes: The size of each.
        size_bytes: Of all together.
    """

    def __init__(self, opened: TskFileSystem) -> None:
        """Read through the table's own record; raises OSError where it cannot be opened."""
        self._opened, self.record_bytes = opened, opened.record_bytes
        self._file: Any = opened.handle.open_meta(0)
        self.size_bytes: int = self._file.info.meta.size
        self._kept: dict[int, bytes] = {}

    def place(self, address: int) -> tuple[bytes, int] | None:
        """A piece of the table and where a record begins in it; None where it cannot be read."""
        number, within = divmod(address * self.record_bytes, PIECE_BYTES)
        piece = self._kept.get(number)
        if piece is None:
            piece = self._piece(number)
        return None if within + self.record_bytes > len(piece) else (piece, within)

    def unused(self) -> Iterator[tuple[int, bool]]:
        """The number of each base record written but not in use, in order, and whether it is of a directory.

        Raises:
            OSError: A part of the table cannot be read.
        """
        size = self.record_bytes
        for number in range(-(-self.size_bytes // PIECE_BYTES)):
            piece = self._read(number)
            if not piece:
                raise OSError(f"the table of files cannot be read at byte {number * PIECE_BYTES}")
            for index, flags in enumerate(piece[_FLAGS_AT::size]):
                at = index * size
                if not flags & _IN_USE and any(piece[at + 6 : at + 8]) and not any(piece[at + 32 : at + 38]):
                    yield number * PIECE_BYTES // size + index, flags & _DIRECTORY != 0

    def _piece(self, number: int) -> bytes:
        """A piece; nothing where it cannot be read whole."""
        if len(self._kept) >= _CACHED_PIECES:
            self._kept.pop(next(iter(self._kept)))
        self._kept[number] = piece = self._read(number)
        return piece

    def _read(self, number: int) -> bytes:
        at = number * PIECE_BYTES
        size = min(PIECE_BYTES, self.size_bytes - at)
        if size <= 0:
            return b""
        try:
            return bytes(self._file.read_random(at, size))
        except OSError:
            self._opened.take_unreadable()  # whoever needs a part of it is told by who reads that part
            return b""
