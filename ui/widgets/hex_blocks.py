"""The bytes that a viewer looks at: blocks read through a callback, the last ones kept, gaps never filled."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

Deliver = Callable[[bytes], None]
Refuse = Callable[[str], None]
ReadBytes = Callable[[int, int, Deliver, Refuse], None]
BLOCK_BYTES = 64 * 1024
BLOCKS_KEPT = 32


class Blocks(QObject):
    """A window onto ``length_bytes`` bytes.

    ``read(offset_bytes, size_bytes, deliver, refuse)`` fetches bytes and calls one of the two on the UI thread, at
    once or later. A refused block stays unknown, with the reason; it is never shown as zeros.
    """

    arrived = Signal()

    def __init__(self, length_bytes: int, read: ReadBytes, parent: QObject | None = None) -> None:
        """Look at nothing yet."""
        super().__init__(parent)
        self.length_bytes = length_bytes
        self._read = read
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._refused: dict[int, str] = {}
        self._asked: set[int] = set()

    def at(self, offset_bytes: int, size_bytes: int) -> list[int | None]:
        """The bytes from an offset on; None for each that is not here (yet). Missing blocks are asked for."""
        end = min(offset_bytes + size_bytes, self.length_bytes)
        values: list[int | None] = []
        while offset_bytes < end:
            number, start = divmod(offset_bytes, BLOCK_BYTES)
            count = min(BLOCK_BYTES - start, end - offset_bytes)
            block = self._block(number)
            got: bytes = block[start : start + count] if block is not None else b""
            values.extend(got)
            values.extend([None] * (count - len(got)))
            offset_bytes += count
        return values

    def refusal(self, offset_bytes: int) -> str:
        """Why the byte at an offset cannot be read, or an empty text."""
        return self._refused.get(offset_bytes // BLOCK_BYTES, "")

    def fetch(self, offset_bytes: int, size_bytes: int, deliver: Deliver, refuse: Refuse) -> None:
        """Read a range for copying, past the kept blocks."""
        self._read(offset_bytes, min(size_bytes, self.length_bytes - offset_bytes), deliver, refuse)

    def _block(self, number: int) -> bytes | None:
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        if number not in self._asked and number not in self._refused:
            self._asked.add(number)
            offset = number * BLOCK_BYTES
            size = min(BLOCK_BYTES, self.length_bytes - offset)
            self._read(offset, size, lambda data: self._take(number, data), lambda reason: self._refuse(number, reason))
            return self._blocks.get(number)
        return None

    def _take(self, number: int, data: bytes) -> None:
        self._asked.discard(number)
        self._blocks[number] = data
        while len(self._blocks) > BLOCKS_KEPT:
            self._blocks.popitem(last=False)
        self.arrived.emit()

    def _refuse(self, number: int, reason: str) -> None:
        self._asked.discard(number)
        self._refused[number] = reason
        self.arrived.emit()


def parse_offset(text: str, current: int, base: int = 0) -> int | None:
    """An offset as typed: ``0x1A4F``, ``1A4Fh``, ``6735``, or ``+512`` and ``-0x10`` from ``current``.

    Absolute offsets count from ``base``, which is taken off. Returns None for text that is no number.
    """
    compact = text.strip().lower().replace(",", "").replace(" ", "").replace("_", "")
    sign, digits = (compact[0], compact[1:]) if compact[:1] in ("+", "-") else ("", compact)
    try:
        if digits.startswith("0x"):
            number = int(digits[2:], 16)
        elif digits.endswith("h"):
            number = int(digits[:-1], 16)
        else:
            number = int(digits)
    except ValueError:
        return None
    if sign:
        return current + number if sign == "+" else current - number
    return number - base
