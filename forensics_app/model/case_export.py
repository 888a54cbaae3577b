"""What a file of CASE that this program wrote tells of a case: the half of a dossier that another lab goes on with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forensics_app.model.dossier import Authority, CaseFacts, CustodyLog, Exhibit, ImageFacts, Laboratory, LedgerHead


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseExport:
    """A case as it was exported.

    Attributes:
        report: Number of the report that the file was written with.
        made_at: When what it tells was gathered.
        laboratory: Who wrote it.
        images: With their digests; their files are not in the export.
        ledger_heads: Where the chains stood; the entries in ``custody`` bear their digests.
    """

    report: str
    made_at: datetime
    laboratory: Laboratory
    case: CaseFacts
    authorities: tuple[Authority, ...]
    exhibits: tuple[Exhibit, ...]
    images: tuple[ImageFacts, ...]
    custody: tuple[CustodyLog, ...]
    ledger_heads: tuple[LedgerHead, ...]
