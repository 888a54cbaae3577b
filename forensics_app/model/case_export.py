"""What a file of CASE that this program wrote tells of a case: the half of a dossier that another lab goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forensics_app.model.case import Case
from forensics_app.model.dossier import Authority, CaseFacts, CustodyLog, Exhibit, ImageFacts, Laboratory, LedgerHead
from forensics_app.model.person import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """A case as it was exported.

    Attributes:
        report: Number of the report that the file was written with.
        made_at: When what it tells was gathered.
        laboratory: Who wrote it.
        questions: What was to be examined, a line each.
        images: With their digests; their files are not in the export.
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
