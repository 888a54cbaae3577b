"""What an acquisition is asked to do, and what came out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from evidence.acquisition.identity import SourceIdentity
from evidence.digest import PART_BYTES
from evidence.errors import AcquisitionRefusedError

SEGMENT_MIN_BYTES = 1 << 20
SEGMENT_DEFAULT_BYTES = 3 << 29
RETRIES_MAX = 100
CHUNKS_PER_TABLE_MAX = 16_375
"""What a table of an E01 may list; older tools read no more."""


class Format(StrEnum):
    """What the media is written to."""

    E01 = "e01"
    RAW = "raw"


class Compression(StrEnum):
    """How hard an E01 is packed."""

    NONE = "none"
    FAST = "fast"
    BEST = "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What an E01 says of itself, in words. Tabs and line ends become spaces: the format has no place for them."""

    case_number: str = ""
    evidence_number: str = ""
    description: str = ""
    examiner: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to acquire.

    Attributes:
        format: E01 (of the kind that EnCase 6 writes) or raw.
        compression: Of an E01.
        segment_bytes: The largest file of the target; None for one file, which only raw may be.
        retries: How often a sector that cannot be read is tried again before it is filled with zeros.
        sector_bytes: Of the media; None for what the source says itself.
        labels: The texts in an E01.
        software: Name and version of the program, for the texts in an E01.
        checkpoint_bytes: After so much media what was written is safe on the disk; in an E01 one table is that long.
        verify: Whether the target is read back at the end and compared.
    """

    format: Format = Format.E01
    compression: Compression = Compression.FAST
    segment_bytes: int | None = SEGMENT_DEFAULT_BYTES
    retries: int = 2
    sector_bytes: int | None = None
    labels: Labels = field(default_factory=Labels)
    software: str = "forensics-app"
    checkpoint_bytes: int = 128 << 20
    verify: bool = True

    def check(self) -> None:
        """Refuse what cannot be done.

        Raises:
            AcquisitionRefusedError: A number is out of bounds.
        """
        if self.segment_bytes is None and self.format is Format.E01:
            raise AcquisitionRefusedError("An E01 needs a largest size of its files.")
        if self.segment_bytes is not None and self.segment_bytes < SEGMENT_MIN_BYTES:
            raise AcquisitionRefusedError(f"A file of the target needs {SEGMENT_MIN_BYTES:,} bytes at least.")
        if not 0 <= self.retries <= RETRIES_MAX:
            raise AcquisitionRefusedError(f"The number of retries lies between 0 and {RETRIES_MAX}.")
        if self.sector_bytes is not None and self.sector_bytes not in (512, 1024, 2048, 4096):
            raise AcquisitionRefusedError(f"Sectors of {self.sector_bytes} bytes are not possible.")
        if self.checkpoint_bytes <= 0:
            raise AcquisitionRefusedError("The distance between two checkpoints has to be positive.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRegion:
    """Media that could not be read and was filled with zeros; ``why`` is what the system said."""

    offset_bytes: int
    length_bytes: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquisition:
    """What an acquisition gave.

    Attributes:
        paths: The files written, in order.
        journal: The file beside them that holds all of this.
        digests: MD5, SHA-1 and SHA-256 of the media, with zeros where it could not be read.
        parts: SHA-256 of every ``part_bytes`` of it.
        bad: What could not be read.
        unlisted_bad: How many regions of ``bad`` the container itself has no room to list (past sector 2^32 of E01).
        resumed: How often it was taken up again.
        verified: Whether what was read back is equal; None where that was not asked for.
        differing: What was not equal: names of digests, and regions that could not be read back.
    """

    source: SourceIdentity
    settings: Settings
    started_at: str
    paths: tuple[Path, ...]
    journal: Path
    media_bytes: int
    digests: Mapping[str, bytes]
    parts: tuple[bytes, ...]
    bad: tuple[BadRegion, ...]
    unlisted_bad: int = 0
    resumed: int = 0
    verified: bool | None = None
    differing: tuple[str, ...] = ()
    part_bytes: int = PART_BYTES


def merged(regions: list[BadRegion]) -> tuple[BadRegion, ...]:
    """Regions in order, joined where they touch and have the same cause."""
    joined: list[BadRegion] = []
    for region in regions:
        last = joined[-1] if joined else None
        if last and last.offset_bytes + last.length_bytes == region.offset_bytes and last.why == region.why:
            length = last.length_bytes + region.length_bytes
            joined[-1] = BadRegion(offset_bytes=last.offset_bytes, length_bytes=length, why=last.why)
        else:
            joined.append(region)
    return tuple(joined)
