"""Anchors: heads of case chains that stand in the lab chain, so that entries cut off from a case's end are missed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from chain_of_custody.body import Content, utc_text
from chain_of_custody.canonical import Json
from chain_of_custody.entry import Entry
from chain_of_custody.errors import BodyError
from chain_of_custody.rule_sets import ANCHOR as ANCHOR
from chain_of_custody.rule_sets import Anchor as Anchor
from chain_of_custody.rule_sets import heads_in
from chain_of_custody.verdict import Answer, Finding, finding

_START: Final = f'{{"action":"{ANCHOR}",'.encode()


def anchor_facts(entry: Content, digest: bytes) -> dict[str, Json]:
    """Return the facts of an entry that anchors a chain which ends in `entry`."""
    return {"chain": entry.chain, "sequence": entry.sequence, "head": digest.hex()}


def anchors_in(lab: Sequence[Entry], doubted: Collection[int] = ()) -> tuple[Anchor, ...]:
    """Return the anchors of a lab chain, in order; an entry that begins rules anchors every chain whose head it states.

    Args:
        lab: its entries.
        doubted: places of entries, from 0, about which something was found; they anchor nothing.
    """
    found = (_anchor(index, entry) for index, entry in enumerate(lab) if index not in doubted)
    return tuple(sorted((*filter(None, found), *heads_in(lab, doubted)), key=lambda anchor: anchor.lab_index))


def held_against(entries: Sequence[Entry], anchors: Sequence[Anchor]) -> tuple[Anchor | None, tuple[Finding, ...]]:
    """Compare a case chain with the anchors of it.

    Returns:
        The anchor that reaches furthest of those that the chain bears out, and a finding for each of the others.
    """
    furthest: Anchor | None = None
    findings: list[Finding] = []
    for anchor in anchors:
        if anchor.sequence > len(entries):
            what = (
                f"Entry {anchor.sequence} was anchored by entry {anchor.lab_sequence} of the lab chain and is missing: "
                "the end of the chain was cut off."
            )
            findings.append(finding(len(entries), None, "intact", Answer.NO, what))
        elif entries[anchor.sequence - 1].digest.hex() != anchor.head:
            what = f"Entry {anchor.sequence} is not the one that entry {anchor.lab_sequence} of the lab chain anchored."
            findings.append(finding(anchor.sequence - 1, anchor.sequence, "intact", Answer.NO, what))
        elif furthest is None or anchor.sequence > furthest.sequence:
            furthest = anchor
    return furthest, tuple(findings)


def as_json(anchor: Anchor) -> Mapping[str, Json]:
    """Return an anchor as it stands in documents."""
    return {
        "chain": anchor.chain,
        "sequence": anchor.sequence,
        "head": anchor.head,
        "lab_sequence": anchor.lab_sequence,
        "recorded_at": anchor.recorded_at,
    }


def _anchor(index: int, entry: Entry) -> Anchor | None:
    if not entry.body.startswith(_START):
        return None
    try:
        content = entry.content
    except BodyError:
        return None
    chain, sequence, head = (content.facts.get(name) for name in ("chain", "sequence", "head"))
    if type(chain) is not str or type(sequence) is not int or sequence < 1 or type(head) is not str:
        return None
    return Anchor(
        lab_index=index,
        lab_sequence=content.sequence,
        recorded_at=utc_text(content.recorded_at),
        chain=chain,
        sequence=sequence,
        head=head,
    )
