"""What was found wrong, held or ended in a case: incidents, legal holds and disposals, open and settled ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from forensics_app.model.disposal import DisposalState
from ui import text
from ui.custody.further import way_words
from ui.tones import Tone

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.disposal import Disposal, Hold
    from forensics_app.model.exhibit import ExhibitId
    from forensics_app.model.incident import Incident


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseMatter:
    """One of them as a line.

    Attributes:
        title: What it is; ``number`` is that of the exhibit, empty where the whole case is held.
        is_open: Whether something is still to be done about it, or it keeps something.
        what: In a sentence.
        began_at: When it was recorded; ``by`` is who recorded it.
        told: Everything else, by its title, in the order in which it came about.
    """

    key: str
    title: str
    number: str
    exhibit_id: ExhibitId | None
    tone: Tone
    state: str
    is_open: bool
    what: str
    began_at: datetime
    by: str
    told: tuple[tuple[str, str], ...]


def read_matters(lab: Lab, case_id: CaseId, zone: tzinfo) -> tuple[CaseMatter, ...]:
    """Read them: what is open first, each part newest first."""
    found = [
        *(_incident(one, zone) for one in lab.incidents.list(case_id)),
        *(_hold(one, zone) for one in lab.holds.list(case_id)),
        *(_disposal(one, zone) for one in lab.disposals.list(case_id)),
    ]
    newest = sorted(found, key=lambda one: one.began_at, reverse=True)
    return tuple(sorted(newest, key=lambda one: not one.is_open))


def _incident(one: Incident, zone: tzinfo) -> CaseMatter:
    tone, state = (Tone.BAD, _tr("Open")) if one.is_open else (Tone.DONE, _tr("Closed"))
    told = [(_tr("Raised by"), one.raised_by)]
    if one.decided_at:
        told += _ended(_tr("Closed"), one.decided_at, one.decided_by, zone)
    return CaseMatter(
        key=f"incident {one.id}", title=_tr("Incident"), number=one.number, exhibit_id=one.exhibit_id, tone=tone,
        state=state, is_open=one.is_open, what=one.what, began_at=one.raised_at, by=one.raised_by,
        told=(*told, (_tr("Decision"), one.decision)),
    )  # fmt: skip


def _hold(one: Hold, zone: tzinfo) -> CaseMatter:
    tone, state = (Tone.WARN, _tr("In force")) if one.is_in_force else (Tone.DONE, _tr("Lifted"))
    told = [(_tr("Placed by"), one.placed_by), (_tr("Authority"), one.authority), (_tr("Reason"), one.reason)]
    if one.lifted_at:
        told += _ended(_tr("Lifted"), one.lifted_at, one.lifted_by, zone)
        told += [(_tr("On the authority of"), one.lift_authority), (_tr("Reason of the lifting"), one.lift_reason)]
    held = one.number or _tr("The whole case")
    words = _tr("{what} is kept: {authority}.").format(what=held, authority=one.authority.rstrip("."))
    return CaseMatter(
        key=f"hold {one.id}", title=_tr("Legal hold"), number=one.number, exhibit_id=one.exhibit_id, tone=tone,
        state=state, is_open=one.is_in_force, what=words, began_at=one.placed_at, by=one.placed_by, told=tuple(told),
    )  # fmt: skip


def _disposal(one: Disposal, zone: tzinfo) -> CaseMatter:
    tone, state = {
        DisposalState.PROPOSED: (Tone.RUN, _tr("Proposed")),
        DisposalState.APPROVED: (Tone.RUN, _tr("Approved")),
        DisposalState.REJECTED: (Tone.NONE, _tr("Rejected")),
        DisposalState.CARRIED_OUT: (Tone.DONE, _tr("Carried out")),
    }[one.state]
    told = [
        (_tr("Proposed by"), one.proposed_by), (_tr("Method"), one.method), (_tr("Authority"), one.authority),
        (_tr("Received by"), one.recipient),
    ]  # fmt: skip
    if one.decided_at:
        told += [*_ended(_tr("Decided"), one.decided_at, one.decided_by, zone), (_tr("Decision"), one.decision)]
    if one.carried_out_at:
        told += _ended(_tr("Carried out"), one.carried_out_at, one.carried_out_by, zone)
        told.append((_tr("Witness"), one.witness))
    to = _tr(" to {who}").format(who=one.recipient) if one.recipient else ""
    return CaseMatter(
        key=f"disposal {one.id}", title=_tr("Disposal"), number=one.number, exhibit_id=one.exhibit_id, tone=tone,
        state=state, is_open=one.state in (DisposalState.PROPOSED, DisposalState.APPROVED),
        what=f"{way_words(one.way)}{to}, {one.method}.", began_at=one.proposed_at, by=one.proposed_by,
        told=tuple(told),
    )  # fmt: skip


def _ended(title: str, at: datetime, by: str, zone: tzinfo) -> list[tuple[str, str]]:
    words = _tr("{time} by {name}").format(time=text.time_text(at, zone), name=by)
    return [(title, words)]


def _tr(words: str) -> str:
    return QCoreApplication.translate("CaseMatters", words)
