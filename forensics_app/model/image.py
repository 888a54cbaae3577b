"""Images of evidence, their digests and the checks made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType
from uuid import UUID

from evidence.digest import PART_BYTES as PART_BYTES
from evidence.digest import OnProgress as OnProgress
from evidence.images.base import NOT_READ as NOT_READ
from evidence.images.base import STORED_DIGESTS as STORED_DIGESTS
from evidence.images.base import Problem as Problem
from evidence.images.base import Region as Region
from evidence.images.base import not_read as not_read
from evidence.keys import NO_KEYS as NO_KEYS
from evidence.keys import Keys as Keys
from evidence.views import ImageDescription as ImageDescription
from evidence.views import Ink as Ink
from evidence.views import Picture as Picture
from evidence.views import VideoStill as VideoStill
from evidence.views import VideoStills as VideoStills
from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId, SealSeen

ImageId = NewType("ImageId", UUID)


class Integrity(StrEnum):
    """What is known of an image's wholeness (REQ-28)."""

    MATCH = "equal to stored digests"
    NONE_STORED = "no stored digest"
    FAILED = "integrity failed"
    RELEASED = "integrity failed, released by supervisor"
    QUARANTINED = "integrity failed, quarantined by supervisor"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBlocker:
    """How the source was protected (REQ-32): a device, or none and the reason."""

    device: str = ""
    reason_for_none: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRequest:
    """An image to be taken in for an exhibit.

    Attributes:
        logical: Whether it is a ZIP or a tar whose files are the evidence.
        on_scene: Whether it was made where the exhibit was found, which stayed there: an identified one is recorded as
            imaged on scene.
        seal: How the seal of a checked-out exhibit was found when it was opened to be imaged; None where none is on it,
            or it is not in the laboratory's hands.
        made: Where and by whom the image was made, of an exhibit that nobody of the laboratory has checked out.
    """

    exhibit_id: ExhibitId
    paths: tuple[Path, ...]
    write_blocker: WriteBlocker
    logical: bool = False
    on_scene: bool = False
    seal: SealSeen | None = None
    made: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageCheck:
    """One reading of the whole media, with what came out of it.

    Attributes:
        digests: Of the whole media; empty where it was read part by part.
        what: How it compares, a sentence without a full stop.
        part_bytes: Size of the parts; None where no digests of parts were kept.
        parts: SHA-256 of each part, from the start of the media.
        differing: Stretches of the media, whole parts, whose digests are not those of the intake.
    """

    id: UUID
    image_id: ImageId
    started_at: datetime
    ended_at: datetime
    digests: Mapping[str, bytes]
    unreadable: tuple[Region, ...]
    agrees: bool
    what: str
    part_bytes: int | None = None
    parts: tuple[bytes, ...] = ()
    differing: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """How far a check that is read in parts has come.

    Attributes:
        part_bytes: Size of the parts; the last may be shorter.
        total: How many parts the media has.
        done: Numbers of the parts that were read, from 0.
        differing: Those of them, as stretches of the media, whose digests are not those of the intake.
        comparable: Whether there are digests of parts to compare with.
    """

    part_bytes: int
    total: int
    done: frozenset[int]
    differing: tuple[Region, ...]
    comparable: bool

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the parts that are still to be read."""
        return tuple(number for number in range(self.total) if number not in self.done)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOutcome:
    """What reading some parts gave.

    Attributes:
        status: As it is now; after the last part nothing is left of it but the check.
        check: The whole check, once every part was read; None before.
    """

    status: PartStatus
    check: ImageCheck | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """That somebody keeps the key of a volume, sealed; the key itself is not here.

    Attributes:
        kind: "password", "recovery key" or "key file".
    """

    id: UUID
    image_id: ImageId
    volume_id: str
    kind: str
    kept_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceImage:
    """An image taken in; it is also a derived exhibit with the same id.

    Attributes:
        digests: MD5, SHA-1 and SHA-256 of the media.
        unreadable: Parts of the media that could not be read; hashed as zeros.
        decision: The supervisor's words when the integrity failed; empty otherwise.
        catalogue_sha256: Of the catalogue's content; None until one was built.
    """

    id: ImageId
    case_id: CaseId
    exhibit_id: ExhibitId
    number: str
    source: ImageDescription
    digests: Mapping[str, bytes]
    unreadable: tuple[Region, ...]
    integrity: Integrity
    write_blocker: WriteBlocker
    started_at: datetime
    ended_at: datetime
    tool: str
    decision: str
    catalogue_sha256: bytes | None
    catalogue_entries: int | None

    @property
    def may_be_examined(self) -> bool:
        """Whether analysis is open: not while a failed integrity waits for a decision (REQ-28)."""
        return self.integrity in (Integrity.MATCH, Integrity.NONE_STORED, Integrity.RELEASED)


def hash_pairs(images: Iterable[EvidenceImage]) -> str:
    """The digests that say what was imaged, as told when an exhibit goes back; empty where there is no image."""
    return "; ".join(f"{image.number} SHA-256 {image.digests['sha256'].hex()}" for image in images)
