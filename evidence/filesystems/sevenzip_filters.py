"""Two filters for programs that 7-Zip has and liblzma's binding lacks: BCJ2 for x86, and ARM64.

Source: the LZMA SDK (public domain), ``Bcj2.h`` and ``Methods.txt``; for ARM64 the description in liblzma.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

from evidence.filesystems.unpacking import Decoder

_Next = Callable[[int], bytes]

_PIECE_BYTES, _FOUR_BYTES = 1 << 15, struct.Struct(">I")
_JUMPS = re.compile(rb"[\xe8\xe9]|(?<=\x0f)[\x80-\x8f]")
_CALL, _JUMP, _TOP, _ALL = 0xE8, 0xE9, 1 << 24, 0xFFFFFFFF
_ESCAPE = 0x0F
_ONE, _HALF, _RATE = 11, 1 << 10, 5
_BL, _ADRP = 0x94000000, 0x90000000


class _Taken:
    """A stream of which small parts are taken."""

    def __init__(self, read: _Next, what: str) -> None:
        self._read, self._what = read, what
        self._held, self._at = b"", 0

    def take(self, size_bytes: int) -> bytes:
        while len(self._held) - self._at < size_bytes:
            more = self._read(_PIECE_BYTES)
            if not more:
                raise OSError(f"BCJ2: its stream of {self._what} ends too early")
            self._held, self._at = self._held[self._at :] + more, 0
        self._at += size_bytes
        return self._held[self._at - size_bytes : self._at]

    @property
    def is_used_up(self) -> bool:
        return self._at == len(self._held) and not self._read(1)


class Bcj2(Decoder):
    """Puts the targets of calls and jumps, which are kept in streams of their own, back into a program.

    Behind every instruction that could be one a bit says whether its target was taken out; those bits are packed by
    the range coder of LZMA, with one probability for each byte before a call, one for jumps and one for conditional
    jumps. A target is kept as an absolute address, its highest byte first.
    """

    def __init__(self, main: _Next, calls: _Next, jumps: _Next, bits: _Next) -> None:
        """Start at the first byte of four streams; each gives its next bytes, and nothing only at its end."""
        self._main = main
        self._calls, self._jumps = _Taken(calls, "calls"), _Taken(jumps, "jumps")
        self._bits = _Taken(bits, "bits")
        self._odds = [_HALF] * 258
        self._range = self._code = 0
        self._previous, self._made_bytes = 0, 0
        self._held, self._at = b"", 0

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        if not self._range:
            self._begin()
        while self._at == len(self._held):
            piece = self._main(_PIECE_BYTES)
            if not piece:
                if not (self._calls.is_used_up and self._jumps.is_used_up):
                    raise OSError("BCJ2: it keeps more targets of calls and jumps than there are")
                return b""
            self._held, self._at = self._joined(piece), 0
            self._made_bytes += len(self._held)
        given = self._held[self._at : self._at + size_bytes]
        self._at += len(given)
        return given

    def _begin(self) -> None:
        head = self._bits.take(5)
        self._range, self._code = _ALL, int.from_bytes(head, "big")
        if self._code >= _ALL:
            raise OSError("BCJ2: its stream of bits does not begin as one does")

    def _joined(self, piece: bytes) -> bytes:
        """A piece of the main stream with its targets."""
        piece, at, made = bytes([self._previous]) + piece, 1, bytearray()
        while at < len(piece):
            if self._previous == _ESCAPE and piece[at] & 0xF0 == 0x80:  # the escape may be a target's last byte
                here = at
            elif found := _JUMPS.search(piece, at):
                here = found.start()
            else:
                made += piece[at:]
                self._previous = piece[-1]
                break
            made += piece[at : here + 1]
            before, kind = piece[here - 1] if here > at else self._previous, piece[here]
            at, self._previous = here + 1, kind
            if self._bit(before if kind == _CALL else 256 if kind == _JUMP else 257):
                (target,) = _FOUR_BYTES.unpack((self._calls if kind == _CALL else self._jumps).take(4))
                distance = target - (self._made_bytes + len(made) + 4) & _ALL
                made += distance.to_bytes(4, "little")
                self._previous = distance >> 24
        return bytes(made)

    def _bit(self, which: int) -> int:
        if self._range < _TOP:
            self._range = self._range << 8
            self._code = (self._code << 8 | self._bits.take(1)[0]) & _ALL
        odds = self._odds[which]
        bound = (self._range >> _ONE) * odds
        if self._code < bound:
            self._range = bound
            self._odds[which] = odds + ((1 << _ONE) - odds >> _RATE)
            return 0
        self._range -= bound
        self._code -= bound
        self._odds[which] = odds - (odds >> _RATE)
        return 1


class Arm64(Decoder):
    """Makes absolute targets of BL and ADRP in a program for ARM64 relative again."""

    def __init__(self, read: _Next, start: int) -> None:
        """Start at the first byte of a stream, which is at address ``start`` of the program."""
        self._read, self._place = read, start
        self._rest, self._held, self._at = b"", b"", 0

    def read(self, size_bytes: int) -> bytes:
        """See :class:`Decoder`."""
        while self._at == len(self._held):
            more = self._read(_PIECE_BYTES)
            raw = self._rest + more
            whole = len(raw) & ~3
            if not more and not raw:
                return b""
            self._rest = raw[whole:] if more else b""
            self._held, self._at = self._relative(raw[:whole]) + (b"" if more else raw[whole:]), 0
        given = self._held[self._at : self._at + size_bytes]
        self._at += len(given)
        return given

    def _relative(self, raw: bytes) -> bytes:
        words = list(struct.unpack(f"<{len(raw) // 4}I", raw))
        for index, word in enumerate(words):
            place = self._place + 4 * index
            if word & 0xFC000000 == _BL:
                words[index] = _BL | word - (place >> 2) & 0x03FFFFFF
            elif word & 0x9F000000 == _ADRP:
                page = word >> 29 & 3 | word >> 3 & 0x1FFFFC
                if page + 0x20000 & 0x1C0000:  # too far away: left as it is
                    continue
                page -= place >> 12
                sign = 0xE00000 if page & 0x20000 else 0
                words[index] = word & 0x9000001F | (page & 3) << 29 | (page & 0x3FFFC) << 3 | sign
        self._place = self._place + len(raw) & _ALL
        return struct.pack(f"<{len(words)}I", *words)
