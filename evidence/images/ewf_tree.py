"""The list of the files in logical evidence (L01): checked whole, and read for the size of the media.

The description of the media that other EWF sets rely on does not say the size for these.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation; "Ltree section".
"""

from __future__ import annotations

import hashlib
import struct
import zlib

from evidence.images.ewf_sections import Section
from evidence.images.source import SourceSet

HEADER_BYTES = 48
TEXT_MAX_BYTES = 128 << 20

_HEADER = struct.Struct("<16sQI20s")
_PIECE_BYTES = 1 << 20
_HEAD_BYTES = 64 * 1024
_TOTAL_BYTES = "tb"


def read_total_bytes(files: SourceSet, section: Section) -> int | None:
    """Read from a section "ltree" how many bytes the contents of all files have together.

    Returns:
        That number; None if the section is damaged, or does not say it.
    """
    if section.length_bytes < HEADER_BYTES:
        return None
    header = files.read(section.segment, section.data_bytes, HEADER_BYTES)
    digest, size, checksum, rest = _HEADER.unpack(header)
    if zlib.adler32(header[:24] + bytes(4) + rest) != checksum or size > section.length_bytes - HEADER_BYTES:
        return None
    start = section.data_bytes + HEADER_BYTES
    whole = hashlib.md5(usedforsecurity=False)
    for offset in range(0, size, _PIECE_BYTES):
        whole.update(files.read(section.segment, start + offset, min(_PIECE_BYTES, size - offset)))
    if whole.digest() != digest:
        return None
    head = files.read(section.segment, start, min(size, _HEAD_BYTES))
    return _total_bytes(head.decode("utf-16-le", errors="replace"))


def read_text(files: SourceSet, section: Section) -> str:
    """The text of a list that :func:`read_total_bytes` found to be whole.

    Raises:
        OSError: It is too long to be read.
    """
    size = _HEADER.unpack(files.read(section.segment, section.data_bytes, HEADER_BYTES))[1]
    if size > TEXT_MAX_BYTES:
        raise OSError(f"the list of the files has {size} bytes, which is not read")
    return files.read(section.segment, section.data_bytes + HEADER_BYTES, size).decode("utf-16-le", errors="replace")


def _total_bytes(text: str) -> int | None:
    lines = text.split("\n")
    try:
        records = lines.index("rec")
        said = dict(zip(lines[records + 1].split("\t"), lines[records + 2].split("\t"), strict=False))
    except (ValueError, IndexError):
        return None
    total = said.get(_TOTAL_BYTES, "")
    return int(total) if total.isascii() and total.isdigit() and len(total) < 20 else None
