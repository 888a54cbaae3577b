"""What the exhibits page reads of the record in one go, off the UI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.errors import LabUnusableError
from forensics_app.model.acquisition_record import AcquisitionRecord, acquisitions_of
from forensics_app.model.custody import Event
from forensics_app.model.exhibit import ExhibitType
from ui.custody.reading import rules_at
from ui.place_field import PlacesKnown, read_places

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.acquisition import Unfinished
    from forensics_app.model.case import Case, CaseId
    from forensics_app.model.custody import CustodyEvent, Transition
    from forensics_app.model.device import Device, DeviceForm
    from forensics_app.model.disposal import Hold
    from forensics_app.model.exhibit import Exhibit, ExhibitId, Photo
    from forensics_app.model.image import EvidenceImage, ImageCheck, PartStatus
    from forensics_app.model.incident import Incident
    from forensics_app.model.lab import Job
    from forensics_app.model.note import Note
    from forensics_app.model.person import Person
    from forensics_app.model.scene import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRead:
    """An image with every reading of its media, the intake's first, and how far a check in parts has come."""

    image: EvidenceImage
    checks: tuple[ImageCheck, ...]
    parts: PartStatus | None = None

    @property
    def read_back(self) -> bool:
        """Whether a reading after the intake agreed with it."""
        return any(check.agrees for check in self.checks[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitLine:
    """An exhibit of the list. ``images`` are those taken of it; for an image, the image itself."""

    exhibit: Exhibit
    images: tuple[ImageRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitsView:
    """All exhibits of a case, and what the last run of the program left unfinished in the lab.

    Attributes:
        devices: What the guidance asks of each type; empty where the lab's own guidance cannot be read.
        rules: What it asks to be thought of at a seizure.
        places: The register of places.
    """

    case: Case
    lines: tuple[ExhibitLine, ...]
    interrupted: tuple[Job, ...]
    devices: Mapping[ExhibitType, Device]
    rules: tuple[Rule, ...]
    places: PlacesKnown

    @property
    def exhibits(self) -> tuple[Exhibit, ...]:
        """The exhibits alone."""
        return tuple(line.exhibit for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExhibitDetail:
    """One exhibit with everything recorded of it.

    Attributes:
        acquisitions: How its images were made, where this program made them; of an image, how it was.
        incidents: All of it, also those that were closed.
        holds: The legal holds in force on it.
        unfinished: Acquisitions that were stopped or failed and can be taken up again.
        form: What the guidance asks of the device, and the answers; None where it cannot be read, and for images.
    """

    line: ExhibitLine
    parent: Exhibit | None
    photos: tuple[Photo, ...]
    notes: tuple[Note, ...]
    steps: tuple[Transition, ...]
    events: tuple[CustodyEvent, ...]
    people: tuple[Person, ...]
    acquisitions: tuple[AcquisitionRecord, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    incidents: tuple[Incident, ...] = ()
    holds: tuple[Hold, ...] = ()
    form: DeviceForm | None = None

    @property
    def exhibit(self) -> Exhibit:
        """The exhibit."""
        return self.line.exhibit

    def person(self, person_id: object) -> str:
        """The name of somebody of the lab."""
        return next((person.name for person in self.people if person.id == person_id), "")


def read_exhibits(lab: Lab, case_id: CaseId) -> ExhibitsView:
    """Read the list of a case."""
    reads = [
        ImageRead(image=image, checks=lab.intake.checks(image.id), parts=lab.part_checks.status(image.id))
        for image in lab.intake.list(case_id)
    ]
    lines = tuple(
        ExhibitLine(
            exhibit=exhibit,
            images=tuple(read for read in reads if exhibit.id in (read.image.exhibit_id, read.image.id)),
        )
        for exhibit in lab.exhibits.list(case_id)
    )
    return ExhibitsView(
        case=lab.cases.get(case_id), lines=lines, interrupted=lab.journal.interrupted(), devices=_devices(lab),
        rules=rules_at(lab, Event.SEIZE),
        places=read_places(lab),
    )  # fmt: skip


def read_detail(lab: Lab, line: ExhibitLine) -> ExhibitDetail:
    """Read what is recorded of one exhibit of the list."""
    exhibit_id: ExhibitId = line.exhibit.id
    parent_id = line.exhibit.parent_id
    events = lab.custody.history(exhibit_id)
    is_image = line.exhibit.type is ExhibitType.IMAGE and parent_id is not None
    return ExhibitDetail(
        line=line,
        parent=None if parent_id is None else lab.exhibits.get(parent_id),
        photos=lab.exhibits.photos(exhibit_id),
        notes=lab.notes.list(line.exhibit.case_id, exhibit_id),
        steps=lab.custody.possible(exhibit_id),
        events=events,
        people=lab.people.list(),
        acquisitions=acquisitions_of(lab.custody.history(parent_id) if is_image and parent_id else events),
        incidents=lab.incidents.of_exhibit(exhibit_id),
        holds=lab.holds.in_force_on(line.exhibit),
        unfinished=() if is_image else lab.acquisitions.unfinished(exhibit_id),
        form=None if is_image else _form(lab, exhibit_id),
    )


def _devices(lab: Lab) -> dict[ExhibitType, Device]:
    try:
        found = {kind: lab.exhibits.device(kind) for kind in ExhibitType}
    except LabUnusableError:  # said where the guidance itself is shown; exhibits can be registered without it
        return {}
    return {kind: device for kind, device in found.items() if device is not None}


def _form(lab: Lab, exhibit_id: ExhibitId) -> DeviceForm | None:
    try:
        return lab.exhibits.particulars(exhibit_id)
    except LabUnusableError:  # as above
        return None
