"""Making images: what is asked for, and what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from evidence.acquisition import Acquisition as Acquisition
from evidence.acquisition import BadRegion as BadRegion
from evidence.acquisition import Compression as Compression
from evidence.acquisition import Device as Device
from evidence.acquisition import FolderAcquisition as FolderAcquisition
from evidence.acquisition import Format as Format
from evidence.acquisition import Plan as Plan
from evidence.acquisition import SourceIdentity as SourceIdentity
from evidence.acquisition import System as System
from evidence.acquisition.settings import RETRIES_MAX as RETRIES_MAX
from evidence.acquisition.settings import SEGMENT_DEFAULT_BYTES as SEGMENT_DEFAULT_BYTES
from evidence.acquisition.settings import SEGMENT_MIN_BYTES as SEGMENT_MIN_BYTES
from forensics_app.model.exhibit import ExhibitId, SealSeen
from forensics_app.model.image import EvidenceImage, WriteBlocker


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquisitionRequest:
    """A device or a file to be imaged for an exhibit.

    Attributes:
        target: Where the image goes; the texts in an E01 come from the record.
        segment_bytes: The largest file of the image; None for one file, which only raw may be.
        retries: How often a sector that cannot be read is tried again.
        notes: Free words for an E01.
        description: What an E01 calls the source; None for what the record calls the exhibit.
        resume: Whether one that was begun is taken up again; then format and texts are those it was begun with.
        seal: How the seal of the exhibit was found when it was opened; None where none is on it.
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
    description: str | None = None
    resume: bool = False
    seal: SealSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRequest:
    """Folders to be copied into a hashed container for an exhibit; ``seal`` as of :class:`AcquisitionRequest`."""

    exhibit_id: ExhibitId
    folders: tuple[Path, ...]
    target: Path
    write_blocker: WriteBlocker
    notes: str = ""
    seal: SealSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldersTakenIn:
    """Folders that were copied into a container, and the container taken in."""

    acquisition: FolderAcquisition
    image: EvidenceImage


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquired:
    """An image that was made and taken in."""

    acquisition: Acquisition
    image: EvidenceImage


class Stage(StrEnum):
    """What an acquisition is doing."""

    COPYING = "copying"
    READING_BACK = "reading back"
    TAKING_IN = "taking in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an acquisition stands, besides how far it is.

    Attributes:
        lost_bytes: So much of the source could not be read so far.
    """

    stage: Stage = Stage.COPYING
    lost_bytes: int = 0


OnStanding: TypeAlias = Callable[[Standing], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished:
    """An acquisition that was stopped or failed, and can be taken up again.

    Attributes:
        request: To be given to the service once more.
        ended_at: When it stopped; ``why`` in a sentence.
        safe_bytes: So much of ``size_bytes`` was written and is safe; all of it where only the intake is missing.
    """

    request: AcquisitionRequest
    ended_at: datetime
    why: str
    size_bytes: int
    safe_bytes: int
    lost_bytes: int
