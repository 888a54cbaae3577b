"""Anchoring: the head of a case chain written down in the lab chain (REQ-16)."""

from __future__ import annotations

from chain_of_custody.anchors import ANCHOR, anchor_facts, anchors_in
from chain_of_custody.ledger import Entry
from forensics_app.db.ledger import entries_about, last_entry
from forensics_app.model.case import Case
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import SignedIn
from forensics_app.services.cases import case_subject
from forensics_app.services.record import Writer, case_chain, lab_chain


def anchor_case(writer: Writer, lab: LabInfo, case: Case, actor: SignedIn) -> tuple[Entry, bool]:
    """Write the head of a case chain into the lab chain, unless it stands there already.

    Returns:
        The last entry of the case, and whether the lab chain got an entry.
    """
    head = last_entry(writer.connection, str(case_chain(case).id))
    assert head is not None, "a case begins with an entry"
    anchored = anchors_in(entries_about(writer.connection, [str(case.id)]))
    if any(one.chain == str(case.id) and one.head == head.digest.hex() for one in anchored):
        return head, False
    facts = anchor_facts(head.content, head.digest)
    writer.append(lab_chain(lab), ANCHOR, case_subject(case), facts, [("actor", actor)])
    return head, True
