"""The words of cases: their states, and how their authority stands."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.case import Case, CaseStatus, LegalBasis
from ui import text
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.model.scene import Origin

WARN_DAYS = 14


class Standing(StrEnum):
    """How the authority of a case stands on a day."""

    NONE = "none"
    IN_FORCE = "in force"
    ENDS_SOON = "ends soon"
    EXPIRED = "expired"


def standing_of(basis: LegalBasis | None, today: date) -> Standing:
    """How an authority stands on ``today``; its last day is still a day in force."""
    if basis is None:
        return Standing.NONE
    if basis.expires_on is None:
        return Standing.IN_FORCE
    left_days = (basis.expires_on - today).days
    if left_days < 0:
        return Standing.EXPIRED
    return Standing.ENDS_SOON if left_days <= WARN_DAYS else Standing.IN_FORCE


def is_expired(case: Case, today: date) -> bool:
    """Whether a case that is not closed has lost its authority."""
    return case.status is not CaseStatus.CLOSED and standing_of(case.legal_basis, today) is Standing.EXPIRED


def lacks_authority(case: Case, today: date) -> bool:
    """Whether nothing may be done in a case for want of an authority: expired, and nobody decided to go on without."""
    held = case.override is not None and case.override.until >= today
    return is_expired(case, today) and not held


def authority_mark(case: Case, today: date) -> tuple[Tone, str]:
    """The mark of a case's authority and its words; that of a closed case is not warned of."""
    basis = case.legal_basis
    if basis is None:
        return Tone.NONE, _tr("Not recorded")
    if basis.expires_on is None:
        return Tone.DONE, _tr("No end named")
    if case.status is CaseStatus.CLOSED:
        return Tone.DONE, _tr("Until {day}").format(day=basis.expires_on)
    match standing_of(basis, today):
        case Standing.EXPIRED:
            return Tone.LATE, _tr("Expired {day}").format(day=basis.expires_on)
        case Standing.ENDS_SOON:
            return Tone.WARN, _tr("Until {day}").format(day=basis.expires_on)
    return Tone.DONE, _tr("Until {day}").format(day=basis.expires_on)


def authority_warning(case: Case, today: date) -> str:
    """What somebody must know of the authority before they act; empty when there is nothing to say."""
    basis = case.legal_basis
    if case.status is CaseStatus.CLOSED:
        return ""
    if basis is None:
        return _tr("A draft: nothing is seized, taken in or examined before the authority is recorded.")
    if basis.expires_on is None:
        return ""
    left_days = (basis.expires_on - today).days
    match standing_of(basis, today):
        case Standing.EXPIRED:
            days = text.plural(-left_days, _tr("1 day ago"), _tr("{n} days ago"))
            if (override := case.override) is not None and not lacks_authority(case, today):
                words = _tr("The authority expired {days}. {name} decided to go on without one until {day}: {reason}")
                return words.format(days=days, name=override.by, day=override.until, reason=override.reason)
            words = _tr("The authority expired {days}. Record the one in force, or go on without one and say why.")
            return words.format(days=days)
        case Standing.ENDS_SOON if left_days == 0:
            return _tr("The authority ends today.")
        case Standing.ENDS_SOON:
            return text.plural(left_days, _tr("The authority ends tomorrow."), _tr("The authority ends in {n} days."))
    return ""


def state_mark(status: CaseStatus) -> tuple[Tone, str]:
    """The badge of a case's state."""
    return {
        CaseStatus.DRAFT: (Tone.NONE, _tr("Draft")),
        CaseStatus.OPEN: (Tone.RUN, _tr("Open")),
        CaseStatus.CLOSED: (Tone.LOCK, _tr("Closed")),
    }[status]


def origin_words(origin: Origin) -> str:
    """Where a rule of the guidance comes from, and by when somebody looks at it again (REQ-03)."""
    words = _tr("{follows}; review by {day}").format(follows=origin.words(), day=origin.review_by.isoformat())
    return words[0].upper() + words[1:]


def _tr(words: str) -> str:
    return QCoreApplication.translate("Cases", words)
