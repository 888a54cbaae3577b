"""Whether a disposal was allowed: proposed by one, approved by another, carried out by a third or the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json
from chain_of_custody.hand_rules import ENDS_OUTSIDE, FIFTH
from chain_of_custody.rule_sets import RULES
from chain_of_custody.vocabulary import Event

DISPOSAL: Final = "disposal"
_PROPOSED: Final = ("case_id", "exhibit_id", "way", "method", "authority", "recipient", "proposed_by", "proposed_at")
"""Columns that stay as they were proposed: what was approved is what is carried out."""
_ENDS: Final = tuple(f"custody.{event}" for event in (*ENDS_OUTSIDE, Event.DESTROY))
_ABOUT_ONE: Final = (*_ENDS, "custody.propose_disposal", "custody.reject_disposal", "disposal.approve")


def count_breaches(content: Content) -> Iterator[str]:
    """Say whether an entry that is about a disposal is not about one (fifth rules)."""
    count = sum(change.table == DISPOSAL for change in content.changes)
    if content.action in _ABOUT_ONE and count != 1:
        yield f"{content.action} holds {count} disposals, not one."


def disposal_breaches(
    content: Content, change: Change, before: Mapping[str, Json], *, rules: int = RULES
) -> Iterator[str]:
    """Say what was not allowed about an entry that changes a disposal.

    Args:
        content: the entry.
        change: what it does to the row of the disposal.
        before: the columns of the row; empty for a new one.
        rules: the number of the rules that hold.
    """
    row = {**before, **change.after}
    actor, proposer = content.actor.id, row.get("proposed_by")
    if row.get("exhibit_id") != content.object.id or (
        before and any(row.get(one) != before.get(one) for one in _PROPOSED)
    ):
        yield f"{content.action} changes a disposal of another exhibit, or what was proposed and by whom."
    match (before.get("state"), row.get("state")):
        case (None, "proposed"):
            is_right = content.action == "custody.propose_disposal" and proposer == actor
        case ("proposed", "approved"):
            is_right = content.action == "disposal.approve" and row.get("decided_by") == actor
        case ("proposed" | "approved", "rejected"):
            is_right = content.action == "custody.reject_disposal" and row.get("decided_by") == actor
        case ("approved", "carried out"):
            is_right = content.action == f"custody.{row.get('way')}" and row.get("decided_by") == before.get(
                "decided_by"
            )
            if row.get("decided_by") == actor:
                yield f"{content.actor.name} carries out a disposal that they approved."
        case _:
            is_right = False
    if not is_right:
        yield f"{content.action} takes a disposal from {before.get('state')} to {row.get('state')}."
    if content.action in ("disposal.approve", "custody.reject_disposal") and proposer == actor:
        yield f"{content.actor.name} decides about a disposal that they proposed."
    if rules >= FIFTH:
        yield from _of_recipient(content, row)


def _of_recipient(content: Content, row: Mapping[str, Json]) -> Iterator[str]:
    """Who gets an exhibit is who was proposed and approved, in words."""
    told, approved = content.facts.get("recipient"), row.get("recipient")
    if content.action in (*_ENDS, "custody.propose_disposal") and (told or "") != (approved or ""):
        yield f"{content.action} tells {told} as who gets it; the disposal says {approved}."
    if content.action.removeprefix("custody.") in ENDS_OUTSIDE and not (type(approved) is str and approved.strip()):
        yield f"{content.action} does not say who gets it."
