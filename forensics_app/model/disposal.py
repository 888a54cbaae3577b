"""Legal holds, and the end of custody: proposed, approved by a supervisor, carried out before a witness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NewType
from uuid import UUID

from chain_of_custody.states import Event
from forensics_app.model.case import CaseId
from forensics_app.model.custody import PaperKind
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.person import PersonId

HoldId = NewType("HoldId", UUID)
DisposalId = NewType("DisposalId", UUID)


class Way(StrEnum):
    """How custody ends; each is an event of the state machine."""

    RETURN_TO_OWNER = Event.RETURN_TO_OWNER.value
    DESTROY = Event.DESTROY.value
    FORFEIT = Event.FORFEIT.value
    ARCHIVE = Event.ARCHIVE.value


class DisposalState(StrEnum):
    """Where a disposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CARRIED_OUT = "carried out"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHold:
    """What is asked when a legal hold is placed.

    Attributes:
        exhibit_id: The exhibit that is held, with all that is derived from it; None holds the whole case.
        authority: Who ordered it and under which number, such as "District court, 4 Gs 812/26".
    """

    case_id: CaseId
    exhibit_id: ExhibitId | None
    authority: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A legal hold: while it is in force nothing under it is disposed of (REQ-23).

    Attributes:
        number: Of the exhibit; empty where the whole case is held.
        lifted_at: None while it is in force.
    """

    id: HoldId
    case_id: CaseId
    exhibit_id: ExhibitId | None
    number: str
    authority: str
    reason: str
    placed_at: datetime
    placed_by: str
    lifted_at: datetime | None
    lifted_by: str
    lift_authority: str
    lift_reason: str

    @property
    def is_in_force(self) -> bool:
        """Whether nobody lifted it."""
        return self.lifted_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDisposal:
    """What is asked when a disposal is proposed.

    Attributes:
        method: How: "handed over at the counter", "shredded, 2 mm", "to the state archive".
        authority: The order or rule under which it is done.
        recipient: Who gets it; required unless it is destroyed.
        occurred_at: When it was proposed, as told.
    """

    exhibit_id: ExhibitId
    way: Way
    method: str
    authority: str
    recipient: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """A disposal and how far it has come.

    Attributes:
        number: Of the exhibit.
        proposed_by_id: Who may not decide about it.
        decision: What the supervisor wrote; empty while nobody decided.
        carried_out_by: Empty, like ``witness``, until it is done.
        open_incidents: While it waits: what is told of incidents of the exhibit about which nobody decided yet.
    """

    id: DisposalId
    case_id: CaseId
    exhibit_id: ExhibitId
    number: str
    way: Way
    method: str
    authority: str
    recipient: str
    state: DisposalState
    proposed_by_id: PersonId
    proposed_by: str
    proposed_at: datetime
    decision: str
    decided_by_id: PersonId | None
    decided_by: str
    decided_at: datetime | None
    carried_out_by: str
    witness: str
    carried_out_at: datetime | None
    open_incidents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryingOut:
    """What is told when a disposal is carried out; ``place`` may be empty.

    Attributes:
        papers: What whoever takes it signed, on the screen or on paper.
    """

    disposal_id: DisposalId
    occurred_at: datetime
    place: str = ""
    remarks: str = ""
    papers: Mapping[PaperKind, Path] = field(default_factory=dict)
