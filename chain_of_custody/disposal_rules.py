"""Whether a disposal was allowed: proposed by one, approved by another, carried out by a third or the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from chain_of_custody.body import Change, Content
from chain_of_custody.canonical import Json

_PROPOSED: Final = ("exhibit_id", "way", "proposed_by")
"""Columns that stay as they were proposed: what was approved is what is carried out."""


def disposal_breaches(content: Content, change: Change, before: Mapping[str, Json]) -> Iterator[str]:
    """Say what was not allowed about an entry that changes a disposal.

    Args:
        content: the entry.
        change: what it does to the row of the disposal.
        before: the columns of the row; empty for a new one.
    """
    row = {**before, **change.after}
    actor, proposer = content.actor.id, row.get("proposed_by")
    if row.get("exhibit_id") != content.object.id or any(
        row.get(one) != before.get(one, row.get(one)) for one in _PROPOSED
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
