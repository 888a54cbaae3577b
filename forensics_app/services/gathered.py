"""What was read for a report, still as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from forensics_app.model.case import Case
from forensics_app.model.catalogue import Volume
from forensics_app.model.cited import Cited, CitedId
from forensics_app.model.custody import CustodyEvent, LabReport
from forensics_app.model.dossier import FileList, LedgerSignature, TimelineFigure
from forensics_app.model.exhibit import Exhibit, ExhibitId, Photo
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, ImageCheck
from forensics_app.model.lab import LabInfo
from forensics_app.model.note import Note
from forensics_app.model.person import Person
from forensics_app.model.report import IssuedReport
from forensics_app.model.scene import PrincipleView
from forensics_app.model.tool import Tool
from forensics_app.services.dossier_catalogues import Catalogued
from forensics_app.services.hidden_words import HiddenWords


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPhoto:
    """A photograph as it lies in the lab folder now.

    Attributes:
        jpeg: What is printed of it: only a file that has the recorded SHA-256 is.
        absent: A sentence why nothing is printed; empty when ``jpeg`` is there.
        is_as_recorded: Whether the file was read and has the recorded SHA-256.
    """

    photo: Photo
    jpeg: bytes | None = None
    absent: str = ""
    is_as_recorded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAgain:
    """A chosen file as it reads when the report is made.

    Attributes:
        hidden: What it is marked as, so that none of its content is printed; empty where nothing hides it.
        picture: JPEG of a picture, or a still of a video, that nothing hides.
        picture_absent: Why there is none of a picture or video; empty where it is neither.
        still: Of a video, which frame of it is shown; else empty.
        part: Which of several pages or frames of a picture is shown, and how else it differs from the file; else empty.
        is_equal: Whether it has the recorded SHA-256; None when that was not found out.
        not_read: Why its content could not be read; empty when it was read, or when no SHA-256 was recorded.
    """

    chosen: ChosenFile
    hidden: str = ""
    picture: bytes | None = None
    picture_absent: str = ""
    still: str = ""
    part: str = ""
    is_equal: bool | None = None
    not_read: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedPicture:
    """What is shown of a picture or video that a finding cites, as it reads when the report is made.

    Attributes:
        jpeg: Of a picture, or of one frame of a video, that nothing hides and whose content is what was cited.
        absent: Why there is none.
        still: Of a video, which frame of it is shown; else empty.
        part: Which of several pages or frames of a picture is shown, and how else it differs from the file; else empty.
        check: Whether it has the cited SHA-256; None when that was not found out.
    """

    jpeg: bytes | None = None
    absent: str = ""
    still: str = ""
    part: str = ""
    check: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What was read for a dossier, still as records.

    Attributes:
        register: The register of tools.
        configuration_sha256: Of the configuration in force.
        photos: Per exhibit, each with the JPEG that the child process made of it, or the reason why there is none.
        clocks: What is recorded of the clock of an exhibit.
        particulars: Label and value of what else is recorded of an exhibit by the guidance.
        catalogued: Per image what its catalogue tells, or why it tells nothing.
        principles: How the case stands to the guidance.
        cited: Findings of the record, by number.
        cited_pictures: What is shown of those that cite a picture or video.
        notes: Of the case, by number.
        later: How many entries of the case came behind ``events``; None while a report is not submitted.
        replaced: The issued report that this one is to replace.
        signatures: Under the submission and the approval of the draft.
        timeline: How the times of files spread; None where the report prints none, or none was made.
        file_lists: Lists of files for the annex.
        approved_by: Id of who approved the draft as it stands.
        hidden_words: What names hidden content that the report does not print; None where it cannot be told.
        files: Chosen files in their order, with thumbnail and what the second hashing said.
    """

    lab: LabInfo
    register: Sequence[Tool] = ()
    case: Case
    people: Mapping[UUID, Person]
    author: Person
    exhibits: Sequence[Exhibit]
    photos: Mapping[ExhibitId, Sequence[KeptPhoto]]
    clocks: Mapping[ExhibitId, str]
    particulars: Mapping[ExhibitId, tuple[tuple[str, str], ...]]
    images: Sequence[EvidenceImage]
    checks: Mapping[UUID, Sequence[ImageCheck]]
    catalogued: Mapping[UUID, Catalogued]
    events: Sequence[CustodyEvent]
    later: int | None = None
    principles: Sequence[PrincipleView]
    files: Sequence[ReadAgain]
    cited: Sequence[Cited] = ()
    cited_pictures: Mapping[CitedId, CitedPicture] = field(default_factory=dict)
    notes: Sequence[Note] = ()
    replaced: IssuedReport | None = None
    signatures: tuple[LedgerSignature, ...] = ()
    approved_by: UUID | None = None
    file_lists: tuple[FileList, ...] = ()
    hidden_words: HiddenWords | None
    timeline: TimelineFigure | None = None
    verified: LabReport
    libraries: Mapping[str, str]
    configuration_sha256: bytes

    def volumes_of(self, image_id: UUID) -> Sequence[Volume]:
        """The volumes of an image, as far as its catalogue was read."""
        return self.catalogued[image_id].volumes or ()
