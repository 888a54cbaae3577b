"""What stands on every page of a copy that anybody can change."""

from __future__ import annotations

from forensics_app.model.dossier import Dossier
from forensics_app.reports.words import as_told, say

UNSIGNED = "UNSIGNED COPY. It can be changed by anyone; only the signed PDF is the report."


def unsigned_words() -> str:
    """That this is not the report, in the language that is spoken."""
    return say(UNSIGNED)


def identity_words(dossier: Dossier) -> str:
    """Which report it is a copy of."""
    head = dossier.head
    words = "Case {case} · Report {number}, version {version}"
    return say(words, case=dossier.case.number, number=as_told(head.number), version=head.version)
