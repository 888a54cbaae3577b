"""Transfers that are offered by one person and accepted by another, each at their own workstation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

from forensics_app.model.case import CaseId
from forensics_app.model.exhibit import ExhibitId, State
from forensics_app.model.person import PersonId

OfferId = NewType("OfferId", UUID)


class OfferState(StrEnum):
    """Where an offer stands."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOffer:
    """What the giver tells and signs.

    Attributes:
        event: A step between two people's hands: ``hand_over``, ``check_out`` or ``return_to_store``.
        due: Aware; until when it is to be answered.
        fields: By the names of the machine's gates, as in a direct hand-over.
    """

    exhibit_id: ExhibitId
    receiver_id: PersonId
    event: str
    due: datetime
    fields: Mapping[str, str] = field(default_factory=dict)
    remarks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A transfer that was offered (REQ-18, REQ-22).

    Attributes:
        number: Of the exhibit.
        from_state: In which the exhibit was; an offer falls when it is in another one.
        due: As told, with its offset.
        reason: Why it was refused or withdrawn; empty otherwise.
    """

    id: OfferId
    case_id: CaseId
    exhibit_id: ExhibitId
    number: str
    event: str
    from_state: State
    giver_id: PersonId
    giver: str
    receiver_id: PersonId
    receiver: str
    fields: Mapping[str, str]
    remarks: str
    due: datetime
    state: OfferState
    offered_at: datetime
    answered_at: datetime | None
    reason: str

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been answered."""
        return self.state is OfferState.OFFERED and self.due < now
