"""What a second reader said of a volume, beside what the catalogue has of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from evidence.second_reader.comparing import UNREADABLE as UNREADABLE
from evidence.timestamps import iso_text
from forensics_app.model.image import ImageId

ONLY_OURS, ONLY_THEIRS = "only in the catalogue", "only by the second reader"
KEPT_LINES = 10_000
READ_TWICE = ("ntfs", "fat", "exfat", "ext")
"""How the names of the file systems begin that have a second reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferingLine:
    """One thing that differs.

    Attributes:
        path: In the volume.
        address: What the file system calls it; empty where only the second reader has it.
        what: ``name``, ``kind``, ``size``, ``md5``, ``target``, a field of time; or :data:`ONLY_OURS`,
            :data:`ONLY_THEIRS`, :data:`UNREADABLE`.
        ours: What the catalogue has: a number, a digest in hex, or words.
        theirs: What the second reader says.
        known: Why they differ, where that is known of the reader; else empty.
    """

    path: str
    address: str
    what: str
    ours: str | int | None
    theirs: str | int | None
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """A comparison of a volume.

    Attributes:
        reader: Name and version of the second reader.
        at: When it was compared, UTC.
        catalogue_sha256: Of the catalogue that was compared, hex.
        with_content: Whether contents were compared by MD5.
        both: How many names both list.
        counts: How many things differ, by what, without those that are known of the reader.
        known: How many differ for a known reason, by that.
        lines: What differs, at most :data:`KEPT_LINES` of it, those without a known reason first.
    """

    image_id: ImageId
    volume_id: str
    file_system: str
    reader: str
    at: datetime
    catalogue_sha256: str
    with_content: bool
    both: int
    counts: Mapping[str, int]
    known: Mapping[str, int]
    lines: tuple[DifferingLine, ...]

    @property
    def agrees(self) -> bool:
        """Whether nothing differs but what is known of the reader."""
        return not self.counts

    def time_text(self, ns: int) -> str:
        """A time that differs, with all its digits and its zone as far as the file system knows one."""
        utc = iso_text(ns)
        if self.file_system.startswith("exfat"):
            return f"{utc[:-1]} UTC or local"
        return f"{utc[:-1]} local" if self.file_system.startswith("fat") else utc
