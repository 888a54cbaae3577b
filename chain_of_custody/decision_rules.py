"""Whether what supervisors decide was decided as it may be: legal holds, incidents, images that fail their check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.vocabulary import Event

HOLD: Final = "legal_hold"
INCIDENT: Final = "incident"
IMAGE: Final = "image"
DECIDED: Final = (HOLD, INCIDENT, IMAGE)
"""Tables whose rows tell what a supervisor decides."""
_ENDING: Final = (Event.PROPOSE_DISPOSAL, Event.RETURN_TO_OWNER, Event.DESTROY, Event.FORFEIT, Event.ARCHIVE)
_KEPT_FROM: Final = frozenset(("disposal.approve", *(f"custody.{event}" for event in _ENDING)))
"""What may not be done while a hold is in force."""
_FAILED: Final = "integrity failed"
DECISION: Final = ("decision", "decided_by", "decided_at")
"""Columns of an incident that say how it was decided; while it is open they are null or empty."""


@dataclass(slots=True)
class Decisions:
    """The rows of holds, incidents and images, as the entries so far add up to them.

    Attributes:
        rows: by table and id.
        signers: who signed the entry that a row is from, UUIDs of people.
    """

    rows: dict[tuple[str, str], dict[str, Json]] = field(default_factory=dict)
    signers: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def take(self, content: Content, giver: str | None) -> Iterator[str]:
        """Say what was not allowed about the decisions of an entry, and count them.

        Args:
            content: the entry.
            giver: who signed the offer that the entry accepts, if it does.
        """
        for change in content.changes:
            if change.table not in DECIDED:
                continue
            place = (change.table, change.id)
            yield from self._of_hold(content, change) if change.table == HOLD else self._of_decision(content, change)
            if place not in self.rows:
                self.signers[place] = frozenset((*(slot.person for slot in content.signers), giver or ""))
            self.rows.setdefault(place, {}).update(change.after)

    def _of_hold(self, content: Content, change: Change) -> Iterator[str]:
        before = self.rows.get((HOLD, change.id))
        if before is None:
            is_right = content.action == "hold.place" and change.after.get("lifted_at") is None
        else:
            is_right = content.action == "hold.lift" and not {"case_id", "exhibit_id"} & set(change.set)
        if not is_right:
            yield f"{content.action} changes a legal hold in a way in which none is placed or lifted."

    def _of_decision(self, content: Content, change: Change) -> Iterator[str]:
        place = (change.table, change.id)
        if change.table == INCIDENT:
            action, what, is_decided = "incident.close", "an incident", is_decision(change)
        else:
            failed_or_none = (None, _FAILED)
            is_decided = place in self.rows and change.after.get("integrity") not in failed_or_none
            action, what = "image.decision", "the integrity of an image"
        if is_decided and content.action != action:
            yield f"{content.action} decides about {what}, which only {action} does."
        elif is_decided and content.actor.id in self.signers.get(place, ()):
            yield f"{content.actor.name} decides about {what} that comes from their own act."

    def kept(self, content: Content, exhibits: Mapping[str, Mapping[str, Json]]) -> Iterator[str]:
        """Say whether an entry disposes of what a legal hold keeps: on the exhibit, what it comes from, or its case.

        Args:
            content: the entry.
            exhibits: the rows of the exhibits of the chain, by id.
        """
        if content.action not in _KEPT_FROM:
            return
        above: Json = content.object.id
        line: set[Json] = {None}
        while type(above) is str and above not in line:
            line.add(above)
            above = exhibits.get(above, {}).get("parent_id")
        for (table, _), row in self.rows.items():
            if table == HOLD and row.get("lifted_at") is None and row.get("exhibit_id") in line:
                yield f"{content.action} of {content.object.label} was done under a legal hold."
                return


def is_decision(change: Change) -> bool:
    """Whether a change of an incident says anything of how it was decided."""
    return any(change.after.get(column) not in (None, "") for column in DECISION)
