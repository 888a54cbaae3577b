"""What the ledger shows of the principle of an audit trail: links, signatures, trust, acts that were not allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from chain_of_custody.anchors import Anchor, anchors_in, held_against
from chain_of_custody.ledger import Answer, Entry, Finding, KeyRing, breaches, verify, verify_links
from chain_of_custody.rule_sets import Begun, begun_in
from forensics_app.db.ledger import chain_head, entries_of
from forensics_app.model.scene import Gap
from forensics_app.services.ledger_files import ledger_worker

_NAMED = 3
"""How many findings of one kind are told word for word; the others are counted."""
_QUESTIONS = {
    "intact": "The chain of this case does not hold",
    "signed": "Signatures in the chain of this case are missing or do not fit",
    "trusted": "Keys in the chain of this case were not those of who is named",
}
_KEPT = 1000


@dataclass(frozen=True, slots=True)
class _OfLab:
    """What the lab chain says of case chains: who had which key, their anchors, and the rules that it has begun."""

    ring: KeyRing
    anchors: Sequence[Anchor]
    begun: Begun


@dataclass(frozen=True, slots=True)
class Trails:
    """Judges case chains, and remembers what it found of those that have not grown since.

    The links are followed every time. Where they hold up to the same head, every byte of every entry is as it was, and
    so is what was found of its signatures and acts.
    """

    _of_lab: dict[tuple[int, bytes | None], _OfLab] = field(default_factory=dict)
    _judged: dict[tuple[object, ...], tuple[Gap, ...]] = field(default_factory=dict)

    def gaps(self, connection: Connection, lab_id: str, chain: str, entries: Sequence[Entry]) -> tuple[Gap, ...]:
        """What in a case chain departs from an audit trail that a stranger can follow; nothing where all holds.

        Args:
            connection: Of the open transaction.
            lab_id: UUID of the lab chain.
            chain: UUID of the case chain.
            entries: All of it.
        """
        lab_head = chain_head(connection, lab_id)
        if lab_head not in self._of_lab:
            self._of_lab.clear()  # the older heads of a chain that only grows
            self._judged.clear()
            lab = list(entries_of(connection, lab_id))
            ring = KeyRing.from_lab(lab)
            self._of_lab[lab_head] = _OfLab(ring, anchors_in(lab), begun_in(lab, ring))
        of_lab = self._of_lab[lab_head]
        links = verify_links(entries, chain=chain)
        key = (chain, links.entry_count, links.head)
        if links.intact is not Answer.YES:
            return tuple(_judge(chain, entries, of_lab))
        if key not in self._judged:
            if len(self._judged) >= _KEPT:
                self._judged.clear()
            self._judged[key] = tuple(_judge(chain, entries, of_lab))
        return self._judged[key]


def _judge(chain: str, entries: Sequence[Entry], of_lab: _OfLab) -> Iterator[Gap]:
    verdict = verify(entries, of_lab.ring, chain=chain, worker=ledger_worker())
    _, cut = held_against(entries, [one for one in of_lab.anchors if one.chain == chain])
    for question, words in _QUESTIONS.items():
        found = [one for one in (*verdict.findings, *cut) if one.answer == question]
        if found or getattr(verdict, question) is Answer.NO:
            yield Gap(key="chain" if question == "intact" else question, what=_told(words, found))
    for breach in breaches(entries, of_lab.ring, of_lab.begun):
        yield Gap(key=f"breach:{breach.sequence}", what=f"Not allowed: {breach.what}")
    for notice in verdict.notices:
        yield Gap(key=f"notice:{notice.sequence}", what=notice.what)


def _told(words: str, found: Sequence[Finding]) -> str:
    named = " ".join(one.what for one in found[:_NAMED])
    more = f" And {len(found) - _NAMED} more." if len(found) > _NAMED else ""
    return f"{words}. {named}{more} Verify the record."
