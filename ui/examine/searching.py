"""Looking for bytes or text in bytes of any length, piece by piece; no widget, called in worker threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forensics_app.model.search import ENCODINGS
from ui.examine.sources import ReadAt

PIECE_BYTES = 1024 * 1024
LONGEST_NEEDLE_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """Where something was found."""

    offset_bytes: int
    length_bytes: int


def needles_of_text(words: str) -> tuple[bytes, ...]:
    """The words as they may stand on a disk: in every encoding that is searched for elsewhere too."""
    found: dict[bytes, None] = {}
    for encoding in ENCODINGS:
        try:
            found[words.encode(encoding)] = None
        except UnicodeEncodeError:
            continue
    return tuple(needle for needle in found if needle)


def needle_of_hex(digits: str) -> bytes | None:
    """``50 4b 03 04`` or ``504b0304`` as bytes; None when it is no whole number of bytes."""
    compact = digits.lower().replace("0x", "").replace(",", " ")
    try:
        return bytes.fromhex(compact) or None
    except ValueError:
        return None


def find_next(
    read: ReadAt,
    length_bytes: int,
    needles: Sequence[bytes],
    from_bytes: int,
    on_progress: Callable[[int, int], None],
) -> Hit | None:
    """The first hit at or behind ``from_bytes``, going on from the beginning after the end.

    Args:
        read: Reads the bytes; what it raises passes through.
        length_bytes: How many there are.
        needles: Any of these; each at most :data:`LONGEST_NEEDLE_BYTES` long.
        from_bytes: Where to begin.
        on_progress: Bytes looked through and bytes in all; what it raises stops the search.
    """
    done = 0
    overlap = max(len(needle) for needle in needles) - 1
    for start, end in ((from_bytes, length_bytes), (0, min(from_bytes + overlap, length_bytes))):
        at = start
        while at < end:
            piece = read(at, min(PIECE_BYTES + overlap, end - at))
            if not piece:
                break
            hit = _first(piece, needles)
            if hit:
                return Hit(offset_bytes=at + hit.offset_bytes, length_bytes=hit.length_bytes)
            at += PIECE_BYTES
            done += PIECE_BYTES
            on_progress(min(done, length_bytes), length_bytes)
    return None


def _first(piece: bytes, needles: Sequence[bytes]) -> Hit | None:
    found = [Hit(offset_bytes=at, length_bytes=len(needle)) for needle in needles if (at := piece.find(needle)) >= 0]
    return min(found, key=lambda hit: hit.offset_bytes, default=None)
