"""Exhibits: things seized, and things derived from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, NewType
from uuid import UUID

from chain_of_custody.guidance.identifiers import luhn_holds as luhn_holds
from chain_of_custody.states import AT_HAND as AT_HAND
from chain_of_custody.states import EXPORT, LABORATORY_MEDIUM
from chain_of_custody.states import State as State
from forensics_app.model.case import CaseId
from forensics_app.model.person import PersonId

ExhibitId = NewType("ExhibitId", UUID)


RECEIPT_WITHIN: Final = timedelta(days=14)
"""After this the receipt for a transfer is due, where nobody told until when."""
NOT_RECEIVED: Final = "not received here"
"""Ends the words for who holds an imported exhibit; its custody here begins with its first step."""


class ExhibitType(StrEnum):
    """Device classes of guidance section 1.5, and what is derived from them."""

    COMPUTER = "computer"
    STORAGE = "storage medium"
    MOBILE = "mobile device"
    SIM = "SIM or memory card"
    NETWORK = "network device"
    IOT = "CCTV, vehicle or IoT"
    ACCOUNT = "online account"
    PAPER = "paper or wallet"
    IMAGE = "image"
    EXPORT = EXPORT
    MEDIUM = LABORATORY_MEDIUM
    OTHER = "other"


REGISTRABLE: Final = tuple(
    kind for kind in ExhibitType if kind not in (ExhibitType.IMAGE, ExhibitType.EXPORT, ExhibitType.MEDIUM)
)
"""Types that an exhibit is registered with, and that a part has which is taken out of another one.

Images are taken in, exports derived from images, and media of the laboratory have a register.
"""


NO_OUTSIDE: Final = "An image has no outside."
"""Why an image has no photograph; recorded so, and said by reports in their own language."""


class PhotoView(StrEnum):
    """What a photograph shows (REQ-11)."""

    CONTEXT = "context"
    WHOLE = "whole"
    LABEL = "label"
    PORTS = "ports"
    SCREEN = "screen"
    SEAL = "seal"
    DAMAGE = "damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seizure:
    """Where, when and by whom something was seized.

    Attributes:
        seized_at: Aware; kept with the offset it was told in (REQ-13).
        officer_means: Who is meant by a name that could be that of somebody of the laboratory, as in ``name_means``.
    """

    seized_at: datetime
    place: str
    officer: str
    witness: str
    officer_means: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewExhibit:
    """What is asked when an exhibit is registered.

    With a seizure and a seal number it is recorded as seized; otherwise as identified.

    Attributes:
        place: Where it was found, if it was not seized; of a part, where its parent lies when left empty.
        no_photo_reason: Why there is no photograph; a seizure needs one or the other.
        particulars: What the guidance asks of this kind of device, by id of the field; then no mandatory one may be
            missing. None: they are told later, and what is missing is shown until then.
    """

    case_id: CaseId
    number: str
    type: ExhibitType
    description: str
    make: str = ""
    model: str = ""
    serial: str = ""
    condition: str = ""
    seal_number: str = ""
    place: str = ""
    seizure: Seizure | None = None
    parent_id: ExhibitId | None = None
    no_photo_reason: str = ""
    particulars: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SealSeen:
    """What was seen of a seal.

    Attributes:
        condition: One of :class:`forensics_app.model.incident.SealCondition`, by its whole name or a short one.
        number: As read; empty where none can be read, or it is the one that is recorded.
        remarks: Anything else; why, where it was not checked.
    """

    condition: str
    number: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDerived:
    """What is asked when an exhibit is made of another one in the laboratory (guidance section 2.2).

    A part is taken out of a thing, such as a drive out of a laptop; an export is made of an image, and handed out.

    Attributes:
        parent_id: The thing, or the image.
        type: Of a part one of :data:`REGISTRABLE`; of what is made of an image always ``export``.
        tool: With what it was made: a screwdriver, a SIM tray tool, a program and its version.
        how: What was done, in words.
        manifest: Of an export, the `manifest.json` that this program wrote; its SHA-256 stands in the entry.
        seal: How the seal of a checked-out thing was found when it was opened; None where none is on it.
    """

    parent_id: ExhibitId
    number: str
    type: ExhibitType
    description: str
    tool: str
    how: str = ""
    make: str = ""
    model: str = ""
    serial: str = ""
    condition: str = ""
    no_photo_reason: str = ""
    manifest: Path | None = None
    seal: SealSeen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """An exhibit as it stands now; its past is in the case chain.

    Attributes:
        root_id: The seized thing it comes from; its own id when nothing is above it.
        holder_id: The person of the lab who holds it; None when it is outside or in store.
        holder: Who holds it, in words; where they end with :data:`NOT_RECEIVED`, it is in nobody's hands here, and
            ``holder_id`` only who registered it.
        place: Site, room or shelf, in words.
        state_since: When the present state was entered.
        expected_back: When it, or the receipt for it, is due, as somebody told; None where nobody did.
        integrity_failed: The integrity of an image of it failed, and no supervisor has released that image.
        unread: What of its row cannot be read, in words: such a type stands as another one, such a time as none, and
            ``state_since`` and ``recorded_at`` each as the other.
    """

    id: ExhibitId
    case_id: CaseId
    number: str
    parent_id: ExhibitId | None
    root_id: ExhibitId
    type: ExhibitType
    description: str
    make: str
    model: str
    serial: str
    condition: str
    seal_number: str
    seized_at: datetime | None
    seized_place: str
    seized_by: str
    seizure_witness: str
    no_photo_reason: str
    state: State
    state_since: datetime
    holder_id: PersonId | None
    holder: str
    place: str
    expected_back: datetime | None
    integrity_failed: bool
    recorded_at: datetime
    unread: tuple[str, ...] = ()

    @property
    def store_place(self) -> str:
        """Site, room or shelf; empty of an image, whose files are on a computer and lie on no shelf.

        Earlier versions recorded the folder of the files as the place of an image.
        """
        return "" if self.type is ExhibitType.IMAGE else self.place

    @property
    def due_at(self) -> datetime | None:
        """When it, or the receipt for it, is due; of a transfer also where nobody told. None where nothing is due."""
        if self.expected_back is None and self.state is State.TRANSFERRED:
            return self.state_since + RECEIPT_WITHIN
        return self.expected_back


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPhoto:
    """A photograph to be copied into the lab folder."""

    path: Path
    view: PhotoView
    caption: str = ""
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A photograph of an exhibit, kept in the lab folder under its SHA-256 (REQ-11).

    Attributes:
        taken_at: When it was taken; None where the person did not say.
        size_bytes: Of the file.
    """

    id: UUID
    exhibit_id: ExhibitId
    view: PhotoView
    caption: str
    taken_at: datetime | None
    author_id: PersonId
    sha256: bytes
    size_bytes: int
    media_type: str
    recorded_at: datetime
