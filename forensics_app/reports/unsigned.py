"""What stands on every page of a copy that anybody can change."""

from __future__ import annotations

from forensics_app.model.dossier import Dossier
from forensics_app.reports.values import Clock
from forensics_app.reports.words import as_told, say

UNSIGNED = "UNSIGNED COPY. It can be changed by anyone; only the signed PDF is the report."


AGAIN = "Drawn again on {time}; heads of the ledger and what was verified are of then."


def unsigned_words() -> str:
    """That this is not the report, in the language that is spoken."""
    return say(UNSIGNED)


def is_drawn_again(dossier: Dossier) -> bool:
    """Whether it was drawn out of the record after it was issued, as copies in other formats are."""
    head = dossier.head
    return head.issued_at is not None and head.made_at > head.issued_at


def identity_words(dossier: Dossier) -> str:
    """Which report it is a copy of."""
    head = dossier.head
    words = "Case {case} · Report {number}, version {version}"
    said = say(words, case=dossier.case.number, number=as_told(head.number), version=head.version)
    if not is_drawn_again(dossier):
        return said
    time = Clock(head).moment(head.made_at)
    return f"{said} · {say(AGAIN, time=time)}"
