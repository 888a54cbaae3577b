"""Whether an acquisition that is taken up again has the source, and the beginning of an image, that it was left with.

Names and numbers of a device can be the same for two of them, or be missing. So its last MiB is compared with what it
was at the beginning, and the first and the last MiB that were copied with what was written of them. What was written is
not believed: all of it is digested, and has to be what was read from the source by the digests in the journal.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evidence.acquisition.journal import Entry
from evidence.digest import PART_BYTES
from evidence.errors import ResumeError
from evidence.images.base import Image
from evidence.images.source import open_read_only

SAMPLE_BYTES = 1 << 20
_PIECE_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a source holds from an offset on, as far as it could be read at once."""

    offset_bytes: int
    data: bytes


def end_of(source: Path, size_bytes: int) -> bytes | None:
    """SHA-256 of the last MiB of a source; None where a part of it cannot be read.

    Raises:
        SourceError: The source cannot be opened.
    """
    start = max(0, size_bytes - SAMPLE_BYTES)
    (sample,) = _samples(source, [(start, size_bytes - start)])
    return hashlib.sha256(sample.data).digest() if start + len(sample.data) == size_bytes else None


def copied_of(source: Path, entry: Entry) -> Sequence[Sample]:
    """What the source holds now in the first and the last MiB that were copied; less where it cannot be read.

    Raises:
        SourceError: The source cannot be opened.
    """
    end = entry.checkpoint.media_bytes
    starts = sorted({0, max(0, end - SAMPLE_BYTES)}) if end else []
    return _samples(source, [(start, min(SAMPLE_BYTES, end - start)) for start in starts])


def refuse_other_end(journal: Path, entry: Entry, now: bytes | None) -> None:
    """Compare the last MiB of the source with what it was at the beginning.

    Raises:
        ResumeError: It is another one. Nothing is said where it could not be read then, or cannot now.
    """
    if entry.end_sha256 is not None and now is not None and entry.end_sha256 != now:
        raise ResumeError(journal, "the source is another one, or was changed (its last MiB)")


def refuse_without_digests(journal: Path, entry: Entry) -> None:
    """See whether the journal has the digests of all that was copied before its checkpoint.

    Raises:
        ResumeError: It has not: nothing would show whether what was written is what was read from the source.
    """
    if len(entry.parts) != -(-entry.checkpoint.media_bytes // PART_BYTES):
        why = "its journal, perhaps of an earlier version of the program, has no digests of all that was copied"
        raise ResumeError(journal, f"{why}, so that nothing shows whether what was written is still that")


def refuse_other_parts(journal: Path, entry: Entry, written: Sequence[bytes]) -> None:
    """Compare SHA-256 of the parts of what was written with those of what was read from the source.

    Raises:
        ResumeError: They differ; names the first stretch that does.
    """
    for number, (read, now) in enumerate(zip(entry.parts, written, strict=True)):
        if read != now:
            start = number * PART_BYTES
            end = min(start + PART_BYTES, entry.checkpoint.media_bytes)
            why = f"what was written is not what was copied from the source (media bytes {start:,} to {end - 1:,})"
            raise ResumeError(journal, f"{why}; it was changed, or the disk it is on lost it")


def refuse_other_content(journal: Path, entry: Entry, samples: Sequence[Sample], written: Image) -> None:
    """Compare what was written with the source, but for what could not be read of it when it was copied.

    Raises:
        ResumeError: What was written is not what the source holds there.
        SourceError: What was written cannot be read.
    """
    for sample in samples:
        now, before = bytearray(sample.data), bytearray(written.read_at(sample.offset_bytes, len(sample.data)))
        for region in entry.bad:
            first = max(0, region.offset_bytes - sample.offset_bytes)
            last = min(len(now), region.offset_bytes + region.length_bytes - sample.offset_bytes)
            if first < last:
                now[first:last] = before[first:last] = bytes(last - first)
        if now != before:
            why = f"from byte {sample.offset_bytes:,} on the two differ"
            raise ResumeError(journal, f"the source is another one, or it or what was written was changed ({why})")


def _samples(source: Path, places: Sequence[tuple[int, int]]) -> list[Sample]:
    """Read each place once, up to its first error: a failing disk is not to be worn out by a comparison."""
    handle = open_read_only(source)
    try:
        return [Sample(offset_bytes=start, data=_read(handle, start, size_bytes)) for start, size_bytes in places]
    finally:
        os.close(handle)


def _read(handle: int, start: int, size_bytes: int) -> bytes:
    pieces: list[bytes] = []
    at, end = start, start + size_bytes
    while at < end:
        try:
            os.lseek(handle, at, os.SEEK_SET)
            piece = os.read(handle, min(_PIECE_BYTES, end - at))
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
        at += len(piece)
    return b"".join(pieces)
