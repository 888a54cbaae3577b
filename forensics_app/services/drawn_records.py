"""What a report draws from the record beside what its author wrote, frozen by digests when it is submitted (REQ-64).

Custody goes on after a submission; a report prints it up to there. Everything else that it prints of the record has to
be at its issue what was approved. What the record verifies as is told as it is found at the issue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, select

from chain_of_custody.ledger import Content, Entry, Json
from chain_of_custody.report_rules import RECORDS
from forensics_app.db.ledger import entries_after, entry_of
from forensics_app.db.mapping import json_text
from forensics_app.db.tables import (
    ASSIGNMENT,
    CAPTURE,
    CASE,
    CHOSEN_FILE,
    DEVIATION,
    ENTRY,
    EXHIBIT,
    EXHIBIT_DETAIL,
    FINDING,
    HASH_SET,
    IMAGE,
    INCIDENT,
    LAB,
    NOTE,
    PERSON,
    PHOTO,
    SCENE_ANSWER,
    TAG,
    TAGGING,
    TOOL,
    TOOL_VALIDATION,
    TRAINING,
)
from forensics_app.model.case import CaseId
from forensics_app.model.cited import CitedKind
from forensics_app.model.custody import utc_text
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.report import ReportRequest, Section
from forensics_app.model.report_draft import Drawn, Records
from forensics_app.services.concealing import LOOKED_UP
from forensics_app.services.drawn_around import IDENTITY, Around
from forensics_app.services.marks import MARKED, UNMARKED

_MOST_NAMED = 5
_CASE = (
    "number", "title", "offence", "requesting_authority", "questions", "basis_instrument", "basis_number",
    "basis_issuer", "basis_issued_on", "basis_scope", "basis_expires_on", "lead_examiner_id", "status",
)  # fmt: skip
_EXHIBIT = (
    "id", "number", "parent_id", "type", "description", "make", "model", "serial", "condition", "seized_at",
    "seized_place", "seized_by", "seizure_witness", "no_photo_reason",
)  # fmt: skip
_ONLY_IN: Mapping[Drawn, frozenset[Section]] = {
    Drawn.NOTES: frozenset({Section.NOTES}),
    Drawn.TAGS: frozenset({Section.LISTS}),
    Drawn.TIMELINE: frozenset({Section.TIMELINE}),
    Drawn.HIDDEN: frozenset({Section.FINDINGS, Section.FILES, Section.LISTS}),
}
"""The sections that print records of a kind, or lists of files whose filters ask for them. Of the kinds that are not
here every report prints at least how many there are."""
_AROUND = frozenset(
    {
        Drawn.CUSTODY, Drawn.DEVIATIONS, Drawn.TOOLS, Drawn.PEOPLE, Drawn.STATIONERY, Drawn.CATALOGUES, Drawn.TIMELINE,
    }
)  # fmt: skip
_TABLES: Mapping[Drawn, tuple[Table, ...]] = {
    Drawn.CASE: (CASE,),
    Drawn.EXHIBITS: (EXHIBIT, EXHIBIT_DETAIL),
    Drawn.PHOTOGRAPHS: (PHOTO,),
    Drawn.IMAGES: (IMAGE,),
    Drawn.FILES: (CHOSEN_FILE,),
    Drawn.FINDINGS: (FINDING,),
    Drawn.NOTES: (NOTE,),
    Drawn.TAGS: (TAGGING, TAG, HASH_SET),
    Drawn.HIDDEN: (TAGGING, TAG, HASH_SET),
    Drawn.DEVIATIONS: (DEVIATION, INCIDENT, SCENE_ANSWER, CAPTURE, TRAINING, ASSIGNMENT, IMAGE),
    Drawn.TOOLS: (TOOL, TOOL_VALIDATION),
    Drawn.PEOPLE: (PERSON,),
    Drawn.STATIONERY: (LAB,),
    Drawn.CATALOGUES: (),
    Drawn.TIMELINE: (),
    Drawn.CUSTODY: (),
}
_HIDING = (MARKED, UNMARKED, LOOKED_UP)
"""Actions of entries that hide and uncover without a change of a table."""


def records_of(
    content: ReportRequest, around: Around, until: int | None, known: dict[Drawn, Records]
) -> tuple[Records, ...]:
    """The records that a report with this content prints now, each kind with the SHA-256 over its rows.

    A row is a line: its columns by name as canonical JSON, in the order of their ids, ended by a line feed. Of custody
    it is the number of entries, and the digest of the last one.

    Args:
        content: What its author chose.
        around: Reads the case, in the transaction that is open.
        until: How many entries of custody are frozen; None while none are.
        known: What was read of the same case in this transaction for other drafts; what is read is added.
    """
    found = []
    for kind in Drawn:
        if kind in _ONLY_IN and not _ONLY_IN[kind] & set(content.printed):
            continue
        if kind is Drawn.TAGS and not content.lists:
            continue
        if kind is Drawn.CUSTODY:
            found += [] if until is None else [Records(kind, *around.head(until))]
        elif kind in _AROUND:
            found.append(_digested(kind, around.rows(kind, content, until)))
        else:
            if kind not in known:
                known[kind] = _digested(kind, _drawn(kind, around.connection, content.case_id))
            found.append(known[kind])
    return tuple(found)


def content_sha256(written: bytes, records: Iterable[Records]) -> bytes:
    """SHA-256 of what is submitted, reviewed and issued: of what was written, and of the records that it draws."""
    drawn = {one.kind.value: [one.count, one.sha256.hex()] for one in records}
    return hashlib.sha256(json_text({"records": drawn, "written": written.hex()}).encode()).digest()


def facts_of(written: bytes, records: Iterable[Records]) -> dict[str, Json]:
    """The facts of a submission: what was written, and the records that it freezes."""
    frozen: dict[str, Json] = {one.kind.value: {"count": one.count, "sha256": one.sha256.hex()} for one in records}
    return {"written_sha256": written.hex(), RECORDS: frozen}


def differences(connection: Connection, submission: Entry | None, now: Sequence[Records]) -> tuple[str, ...]:
    """What of the record is not as it was when a draft was submitted, a sentence each."""
    frozen = None if submission is None else submission.content.facts.get(RECORDS)
    if submission is None or not isinstance(frozen, Mapping):
        return ("It was submitted before chosen files, notes and photographs were covered by a review.",)
    changed = [one for one in now if frozen.get(one.kind.value) != {"count": one.count, "sha256": one.sha256.hex()}]
    since = _since(connection, submission) if changed else []
    return tuple(_words(one, frozen, [it for it in since if _changes(it, one.kind)]) for one in changed)


def signer_changed(connection: Connection, signed: Entry) -> tuple[str, ...]:
    """That whoever signed a submission or an approval is called otherwise now, in a sentence; else nothing."""
    actor = signed.content.actor
    for one in _since(connection, signed):
        if any(it.table == PERSON.name and it.id == actor.id and set(it.set) & {*IDENTITY} for it in one.changes):
            what = f"What is recorded of {actor.name} changed since they signed entry {signed.content.sequence}"
            return (f"{what}: entry {one.sequence}, {one.action} by {one.actor.name}.",)
    return ()


def _since(connection: Connection, entry: Entry) -> list[Content]:
    """The entries behind ``entry`` in its chain, and those of the lab chain that were recorded later."""
    content = entry.content
    rows = connection.execute(
        select(ENTRY.c.body, ENTRY.c.signatures)
        .where(
            ((ENTRY.c.chain == content.chain) & (ENTRY.c.sequence > content.sequence))
            | ((ENTRY.c.chain_kind == "lab") & (ENTRY.c.recorded_at >= utc_text(content.recorded_at)))
        )
        .order_by(ENTRY.c.recorded_at, ENTRY.c.sequence)
    )
    return [entry_of(row.body, row.signatures).content for row in rows]


def _changes(content: Content, kind: Drawn) -> bool:
    if kind is Drawn.HIDDEN and content.action in _HIDING:
        return True
    tables = {table.name for table in _TABLES[kind]}
    return any(change.table in tables for change in content.changes)


def _words(now: Records, frozen: Mapping[str, Json], since: Sequence[Content]) -> str:
    was = frozen.get(now.kind.value)
    if was is None:
        return f"It was submitted before the {now.kind} were covered by a review."
    count = was.get("count") if isinstance(was, Mapping) else None
    counts = f" (then {count}, now {now.count})" if count != now.count else ""
    named = ", ".join(f"entry {one.sequence}, {one.action} by {one.actor.name}" for one in since[:_MOST_NAMED])
    more = f" and {len(since) - _MOST_NAMED} more" if len(since) > _MOST_NAMED else ""
    return f"The {now.kind} changed since it was submitted{counts}{f': {named}{more}' if named else ''}."


def _drawn(kind: Drawn, connection: Connection, case_id: CaseId) -> Iterator[Iterable[Mapping[Any, Any]]]:
    """The rows of a kind by table; only those of the first are counted."""
    if kind is Drawn.HIDDEN:
        entries = entries_after(connection, str(case_id), 0, _HIDING)[1]
        yield (*_marks(entries), *connection.execute(_concealed(case_id)).mappings())
        yield _looked_up(entries)
    for query in _rows(kind, case_id):
        yield connection.execute(query).mappings()


def _marks(entries: Sequence[Entry]) -> Iterator[Mapping[str, Json]]:
    """The marks in force, each by its entry."""
    ended = {one.content.facts["mark"] for one in entries if one.content.action == UNMARKED}
    for one in entries:
        if one.content.action == MARKED and one.content.facts["mark"] not in ended:
            yield {"mark": one.content.facts["mark"], "entry": one.digest.hex()}


def _looked_up(entries: Sequence[Entry]) -> Iterator[Mapping[str, Json]]:
    """What each image was found to hold of the hash sets when it was last looked up."""
    newest = {str(one.content.facts["image"]): one.content for one in entries if one.content.action == LOOKED_UP}
    for image, content in sorted(newest.items()):
        yield {"image": image, "matches": content.facts.get("outputs")}


def _concealed(case_id: CaseId) -> Select[Any]:
    """What bears a tag that conceals."""
    conceal = select(TAG.c.id).where(TAG.c.conceals != 0)
    bears = TAGGING.c.removed_at.is_(None) & TAGGING.c.tag_id.in_(conceal)
    return _named(TAGGING).where(TAGGING.c.case_id == str(case_id), bears)


def _rows(kind: Drawn, case_id: CaseId) -> list[Select[Any]]:
    mine = str(case_id)
    in_case = select(EXHIBIT.c.id).where(EXHIBIT.c.case_id == mine)
    match kind:
        case Drawn.CASE:
            return [_named(CASE, _CASE).where(CASE.c.id == mine)]
        case Drawn.EXHIBITS:
            details = _named(EXHIBIT_DETAIL).where(EXHIBIT_DETAIL.c.exhibit_id.in_(in_case))
            return [_named(EXHIBIT, _EXHIBIT).where(EXHIBIT.c.case_id == mine), details]
        case Drawn.PHOTOGRAPHS:
            return [_named(PHOTO).where(PHOTO.c.exhibit_id.in_(in_case))]
        case Drawn.FILES:
            return [_named(CHOSEN_FILE).where(CHOSEN_FILE.c.case_id == mine, CHOSEN_FILE.c.withdrawn_at.is_(None))]
        case Drawn.FINDINGS:
            stands = (FINDING.c.kind == CitedKind.FINDING.value) & FINDING.c.withdrawn_at.is_(None)
            return [_named(FINDING).where(FINDING.c.case_id == mine, stands)]
        case Drawn.TAGS:
            tagged = _named(TAGGING).where(TAGGING.c.case_id == mine, TAGGING.c.removed_at.is_(None))
            return [tagged, _named(TAG), _named(HASH_SET).where(HASH_SET.c.removed_at.is_(None))]
        case Drawn.HIDDEN:
            alerts = (HASH_SET.c.kind == HashSetKind.ALERT.value) & HASH_SET.c.removed_at.is_(None)
            catalogues = _named(IMAGE, ("id", "catalogue_sha256")).where(IMAGE.c.case_id == mine)
            return [_named(TAG).where(TAG.c.conceals != 0), _named(HASH_SET).where(alerts), catalogues]
        case _:
            table = IMAGE if kind is Drawn.IMAGES else NOTE
            return [_named(table).where(table.c.case_id == mine)]


def _named(table: Table, names: Sequence[str] = ()) -> Select[Any]:
    columns = [table.c[name] for name in (names or sorted(table.c.keys()))]
    return table.select().with_only_columns(*columns).order_by(table.c.id)


def _digested(kind: Drawn, drawn: Iterable[Iterable[Mapping[Any, Any]]]) -> Records:
    digest, count = hashlib.sha256(), 0
    for number, rows in enumerate(drawn):
        for row in rows:
            digest.update(f"{json_text(dict(row))}\n".encode())
            count += number == 0
    return Records(kind=kind, count=count, sha256=digest.digest())
