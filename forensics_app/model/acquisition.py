"""Making images: what is asked for, and what came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evidence.acquisition import Acquisition as Acquisition
from evidence.acquisition import BadRegion as BadRegion
from evidence.acquisition import Compression as Compression
from evidence.acquisition import FolderAcquisition as FolderAcquisition
from evidence.acquisition import Format as Format
from evidence.acquisition import SourceIdentity as SourceIdentity
from evidence.acquisition.settings import SEGMENT_DEFAULT_BYTES as SEGMENT_DEFAULT_BYTES
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import EvidenceImage, WriteBlocker


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionRequest:
    """A device or a file to be imaged for an exhibit.

    Attributes:
        target: Where the image goes; the texts in an E01 come from the record.
        segment_bytes: The largest file of the image; None for one file, which only raw may be.
        retries: How often a sector that cannot be read is tried again.
        notes: Free words for an E01.
        resume: Whether one that was begun is taken up again; then format and texts are those it was begun with.
    """

    exhibit_id: ExhibitId
    source: Path
    target: Path
    write_blocker: WriteBlocker
    format: Format = Format.E01
    compression: Compression = Compression.FAST
    segment_bytes: int | None = SEGMENT_DEFAULT_BYTES
    retries: int = 2
    notes: str = ""
    resume: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRequest:
    """Folders to be copied into a hashed container for an exhibit."""

    exhibit_id: ExhibitId
    folders: tuple[Path, ...]
    target: Path
    write_blocker: WriteBlocker
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """An image that was made and taken in."""

    acquisition: Acquisition
    image: EvidenceImage
