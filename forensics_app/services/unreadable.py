"""Rows that the program's own readers cannot read: only somebody else's program can have written them.

They are left out where they are listed, and named: on the desk, with the principles of their case, by verification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select

from chain_of_custody.column_values import is_sha256_or_none
from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Content, Entry
from forensics_app.db import tables
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Row, case_of, lab_of, person_of
from forensics_app.db.mapping_competence import assignment_of, training_of
from forensics_app.db.mapping_custody import (
    audit_finding_of,
    audit_of,
    disposal_of,
    hold_of,
    incident_of,
    offer_of,
)
from forensics_app.db.mapping_desk import decision_of
from forensics_app.db.mapping_draft import block_of, draft_of, review_of
from forensics_app.db.mapping_exhibit import exhibit_of, photo_of
from forensics_app.db.mapping_hash_set import hash_set_of
from forensics_app.db.mapping_image import check_of, image_of
from forensics_app.db.mapping_note import note_of
from forensics_app.db.mapping_register import outsider_of, particular_of, place_of
from forensics_app.db.mapping_report import chosen_file_of, export_of, report_of
from forensics_app.db.mapping_scene import answer_of, capture_of, deviation_of, scene_of, scene_photo_of
from forensics_app.db.mapping_target import cited_of, tag_of, tagging_of
from forensics_app.db.mapping_tool import tool_of, validation_of
from forensics_app.errors import RecordDamagedError
from forensics_app.model.case import Case
from forensics_app.model.corrections import OF_STEP
from forensics_app.model.custody import time_told
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.person import PersonId
from forensics_app.services.erased import unread_proposal
from forensics_app.services.record_values import as_uuid
from forensics_app.services.retention import unread_period

READERS: Mapping[str, Callable[[Row], object]] = {
    "lab": lab_of, "person": person_of, "case_file": case_of, "exhibit": exhibit_of, "photo": photo_of,
    "image": image_of, "image_check": check_of, "chosen_file": chosen_file_of, "file_export": export_of,
    "report": report_of, "scene": scene_of, "scene_answer": answer_of, "scene_photo": scene_photo_of,
    "capture": capture_of, "deviation": deviation_of, "incident": incident_of, "note": note_of,
    "legal_hold": hold_of, "disposal": disposal_of, "transfer_offer": offer_of, "room_audit": audit_of,
    "audit_finding": audit_finding_of, "training": training_of, "assignment": assignment_of, "tool": tool_of,
    "tool_validation": validation_of, "decision": decision_of, "exhibit_detail": particular_of, "place": place_of,
    "outsider": outsider_of, "hash_set": hash_set_of, "tag": tag_of, "tagging": tagging_of, "finding": cited_of,
    "report_draft": lambda row: draft_of(row, (), (), frozenset()), "report_block": block_of,
    "report_review": review_of,
}  # fmt: skip
"""What reads the rows of each table of the record; of papers and sealed keys only their digests are compared."""


class _Alone(dict[str, Any]):
    """A row without what other rows would say beside it, such as the name of who is meant."""

    def __missing__(self, key: str) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A row that cannot be read.

    Attributes:
        chain: Case whose chain tells of it; empty where that is the lab's or not known.
        what: Which row it is and what it holds, a sentence.
    """

    table: str
    row_id: str
    chain: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The newest entry that wrote a row: its number, when it was recorded, and who signed it, in words and by id."""

    sequence: int
    at: datetime
    signed: str
    people: frozenset[PersonId]


def unread_rows(connection: Connection, case_id: str | None = None) -> tuple[Unread, ...]:
    """Every row of the record that the program cannot read; of one case, or of the whole lab."""
    return tuple(
        one for table in tables.PROJECTED.values() if table.name in READERS for one in _of(connection, table, case_id)
    )


def unread_told(entries: Iterable[Entry]) -> Iterator[str]:
    """What entries tell and cannot be read: times of acts, digests of tools, periods, proposals of erasures."""
    for entry in entries:
        try:
            content = entry.content
        except CustodyError:
            continue  # named by verification
        times = [one for one in _times_told(content) if one not in (None, "") and time_told(one) is None]
        found = [f"the time it tells, {one!s}, cannot be read as a time with its offset" for one in times]
        digest = content.facts.get("tool_sha256")
        if digest is not None and not is_sha256_or_none(digest):
            found.append(f"the SHA-256 of a tool that it tells, {digest!s}, is none")
        found += [one for one in (unread_period(content), unread_proposal(content)) if one]
        yield from (f"Entry {content.sequence} ({content.action}): {one}." for one in found)


def _times_told(content: Content) -> list[object]:
    corrected = content.facts.get("corrected") if content.action == OF_STEP else None
    pair = corrected.get("occurred_at") if isinstance(corrected, Mapping) else None
    return [content.facts.get("occurred_at"), *(pair[1:] if isinstance(pair, list | tuple) else ())]


def written_by(connection: Connection, one: Unread) -> Writing | None:
    """The newest entry that wrote a row; None where none did."""
    found: Content | None = None
    for entry in entries_of(connection, one.chain) if one.chain else ():
        try:
            content = entry.content
        except CustodyError:
            continue
        if any(change.table == one.table and change.id == one.row_id for change in content.changes):
            found = content
    if found is None:
        return None
    return Writing(
        sequence=found.sequence,
        at=found.recorded_at,
        signed=f"{found.action}, signed by {', '.join(slot.name for slot in found.signers)}",
        people=frozenset(PersonId(as_uuid(slot.person)) for slot in found.signers),
    )


def _of(connection: Connection, table: Table, case_id: str | None) -> Iterator[Unread]:
    query, column = select(table), "id" if table is tables.CASE else "case_id"
    if case_id is not None:
        if column not in table.c:
            return
        query = query.where(table.c[column] == case_id)
    read = READERS[table.name]
    for row in connection.execute(query).mappings():
        try:
            got = read(_Alone(row))
        except RecordDamagedError as error:
            what = str(error)
        else:
            if not (isinstance(got, Case | Exhibit) and got.unread):
                continue
            what = f"The row {row['id']!s} of {table.name} ({got.number}) holds what cannot be read: "
            what += f"{'; '.join(got.unread)}."
        yield Unread(table=table.name, row_id=str(row["id"]), chain=str(row.get(column) or ""), what=what)
