"""What a file of CASE that this program wrote tells of a case: the half of a dossier that another lab goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forensics_app.model.case import Case
from forensics_app.model.dossier import Authority, CaseFacts, CustodyLog, Exhibit, ImageFacts, Laboratory, LedgerHead
from forensics_app.model.person import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """A file that the other report is about, as far as another lab needs it to find the file again and to compare it.

    Attributes:
        reference: How the report cites it, "F-3".
        image: Exhibit number of the image.
        name_bytes: The path or name as stored, where it is not what `path` encodes to in UTF-8.
        size_bytes: Of the content; None with a note.
        digests: (algorithm, digest) pairs, of the content.
    """

    reference: str
    path: str
    image: str
    volume: str
    address: str
    kind: str
    allocated: bool
    size_bytes: int | None
    name_bytes: bytes | None
    digests: tuple[tuple[str, bytes], ...]
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """A case as it was exported.

    Attributes:
        report: Number of the report that the file was written with.
        made_at: When what it tells was gathered.
        laboratory: Who wrote it.
        questions: What was to be examined, a line each.
        images: With their digests; their files are not in the export.
        files: That the report is about, with their digests; none in what was imported before they were kept.
        ledger_heads: Where the chains stood; the entries in ``custody`` bear their digests.
    """

    report: str
    made_at: datetime
    laboratory: Laboratory
    case: CaseFacts
    questions: tuple[str, ...]
    authorities: tuple[Authority, ...]
    exhibits: tuple[Exhibit, ...]
    images: tuple[ImageFacts, ...]
    files: tuple[FileFacts, ...]
    custody: tuple[CustodyLog, ...]
    ledger_heads: tuple[LedgerHead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What is asked when a case of another record is taken in.

    Attributes:
        path: The file of CASE.
        number: What the case is called here; empty: as there.
        untrained_reason: As when a case is opened.
    """

    path: Path
    lead_examiner_id: PersonId
    supervisor_id: PersonId
    number: str = ""
    untrained_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCase:
    """A case that was taken in.

    Attributes:
        exhibits: Numbers of those that were registered.
        seized: Those of them that are recorded as seized and with the other laboratory; the others are identified.
        only_told: Numbers of images and media of the other laboratory: what is said of them is in the entry.
        custody_entries: How many entries of the other record's custody the entry keeps.
        sha256: Of the file.
    """

    case: Case
    exhibits: tuple[str, ...]
    seized: tuple[str, ...]
    only_told: tuple[str, ...]
    custody_entries: int
    sha256: bytes
