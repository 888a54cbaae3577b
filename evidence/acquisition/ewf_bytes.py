"""The structures of an E01 as EnCase 6 writes them, as bytes.

Source: "Expert Witness Compression Format specification", J. Metz, libewf documentation.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from evidence.acquisition.settings import Labels
from evidence.images.ewf_sections import DESCRIPTOR_BYTES
from evidence.images.signatures import EVF_SIGNATURE

CHUNK_BYTES = 32 * 1024
TABLE_FIXED_BYTES = DESCRIPTOR_BYTES + 24 + 4
COMPRESSED = 0x8000_0000
FIXED, REMOVABLE = 1, 0
SECTOR_NUMBER_MAX = 0xFFFF_FFFF

_LEVELS = {"none": 0, "fast": 1, "best": 2}
_VOLUME = struct.Struct("<B3xIIIQ12xB15xB3xI4x16s")
_VOLUME_BYTES = 1048
_IMAGE, _PHYSICAL = 1, 2
_MESSY = re.compile(r"[\t\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029\0]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class EwfDescription:
    """What an E01 says of its media and of how it was made.

    Attributes:
        compression: "none", "fast" or "best".
        removable: Whether the medium can be taken out; ``physical`` whether it is a whole one, not a partition.
        started_at: Of the acquisition, with its zone.
    """

    media_bytes: int
    sector_bytes: int
    compression: str
    removable: bool
    physical: bool
    identifier: UUID
    labels: Labels
    model: str
    serial: str
    software: str
    system: str
    started_at: datetime

    @property
    def chunk_count(self) -> int:
        """How many chunks the media has."""
        return -(-self.media_bytes // CHUNK_BYTES)


def summed(data: bytes) -> bytes:
    """``data`` and its Adler-32."""
    return data + struct.pack("<I", zlib.adler32(data))


def file_header(number: int) -> bytes:
    """What a segment begins with; ``number`` from 1."""
    return EVF_SIGNATURE + struct.pack("<BHH", 1, number, 0)


def descriptor(kind: str, offset_bytes: int, body_bytes: int) -> bytes:
    """The head of a section at ``offset_bytes`` of its file; those that end a segment lead to themselves."""
    if kind in ("next", "done"):
        return summed(struct.pack("<16sQQ40x", kind.encode(), offset_bytes, 0))
    size = DESCRIPTOR_BYTES + body_bytes
    return summed(struct.pack("<16sQQ40x", kind.encode(), offset_bytes + size, size))


def headers(described: EwfDescription) -> list[tuple[str, bytes]]:
    """The texts, in the three sections that hold them: twice in UTF-16, once in the code page of Windows."""
    said = _texts(described)
    at = described.started_at
    seconds = str(int(at.timestamp()))
    wall_clock = f"{at.year} {at.month} {at.day} {at.hour} {at.minute} {at.second}"
    wide = {**said, "m": seconds, "u": seconds, "p": "0", "dc": ""}
    narrow = {**said, "m": wall_clock, "u": wall_clock, "p": "0"}
    source = "srce\n0\t1\np\tn\tid\tev\ttb\tlo\tpo\tah\tgu\taq\n0\t0\n\t\t\t\t\t-1\t-1\t\t\t\n\n"
    subject = "sub\n0\t1\np\tn\tid\tnu\tco\tgu\n0\t0\n\t\t\t\t1\t\n\n"
    text = f"3\nmain\n{_lines(wide, 'a c n e t md sn av ov m u p dc', chr(10))}\n{source}{subject}"
    header2 = zlib.compress(b"\xff\xfe" + text.encode("utf-16-le", errors="replace"))
    short = f"1\r\nmain\r\n{_lines(narrow, 'c n a e t av ov m u p', chr(13) + chr(10))}\r\n"
    header = zlib.compress(short.encode("cp1252", errors="replace"))
    return [("header2", header2), ("header2", header2), ("header", header)]


def volume(described: EwfDescription) -> bytes:
    """The data of a section "volume" or "data"."""
    head = _VOLUME.pack(
        REMOVABLE if described.removable else FIXED,
        described.chunk_count,
        CHUNK_BYTES // described.sector_bytes,
        described.sector_bytes,
        described.media_bytes // described.sector_bytes,
        _IMAGE | (_PHYSICAL if described.physical else 0),
        _LEVELS[described.compression],
        1,
        described.identifier.bytes_le,
    )
    return summed(head.ljust(_VOLUME_BYTES, b"\0"))


def table(entries: Sequence[int], base_bytes: int) -> bytes:
    """The data of a section "table" or "table2": places of chunks, relative to ``base_bytes`` of the file."""
    listed = struct.pack(f"<{len(entries)}I", *entries)
    return summed(struct.pack("<I4xQ4x", len(entries), base_bytes)) + summed(listed)


def table_bytes(count: int) -> int:
    """Size of a whole section with a table of ``count`` chunks."""
    return TABLE_FIXED_BYTES + 4 * count


def closing(digests: Mapping[str, bytes], bad: Sequence[tuple[int, int]]) -> list[tuple[str, bytes]]:
    """The sections between the last table and the end of the set.

    Args:
        digests: "md5" and "sha1".
        bad: First sector and number of sectors of what was filled with zeros.
    """
    sections = []
    if bad:
        listed = b"".join(struct.pack("<II", *one) for one in bad)
        sections.append(("error2", summed(struct.pack("<I", len(bad)).ljust(516, b"\0")) + summed(listed)))
    sections.append(("digest", summed((digests["md5"] + digests["sha1"]).ljust(76, b"\0"))))
    sections.append(("hash", summed(digests["md5"].ljust(32, b"\0"))))
    return sections


def pack_chunk(chunk: memoryview, level: int) -> tuple[bytes, bool]:
    """A chunk as it is stored, and whether it is compressed; what grows by it is stored as it is."""
    if level:
        packed = zlib.compress(chunk, level)
        if len(packed) < len(chunk):
            return packed, True
    return summed(bytes(chunk)), False


def _texts(described: EwfDescription) -> dict[str, str]:
    labels = described.labels
    said = {
        "c": labels.case_number,
        "n": labels.evidence_number,
        "a": labels.description,
        "e": labels.examiner,
        "t": labels.notes,
        "md": described.model,
        "sn": described.serial,
        "av": described.software,
        "ov": described.system,
    }
    return {name: _MESSY.sub(" ", value).strip() for name, value in said.items()}


def _lines(values: Mapping[str, str], names: str, end: str) -> str:
    keys = names.split()
    return f"{chr(9).join(keys)}{end}{chr(9).join(values[key] for key in keys)}{end}"
