"""Verifying a lab: every chain, every projected row, every kept file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from chain_of_custody.errors import CustodyError
from chain_of_custody.ledger import Answer, Entry, Finding, Json, KeyRing, Subject, Verdict, breaches, utc_text, verify
from chain_of_custody.replay import Replay, Rows, compare
from chain_of_custody.rule_sets import begun_in, heads_in
from forensics_app.db.access import excess_rights
from forensics_app.db.engine import Database
from forensics_app.db.ledger import SIGNATURE_BYTES, chain_head, chain_lengths, entry_of, first_entry
from forensics_app.db.schema import missing_triggers
from forensics_app.db.tables import (
    CASE,
    ENTRY,
    EXHIBIT,
    PAPER,
    PERSON_SECRET,
    PHOTO,
    PROJECTED,
    REPORT,
    SCENE,
    SCENE_PHOTO,
    TOOL_VALIDATION,
    VOLUME_SECRET,
)
from forensics_app.model.custody import ChainReport, LabReport
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import SignedIn
from forensics_app.model.validation import RECORD_NAME, SCOPE
from forensics_app.services.catalogue_checks import (
    Digested,
    FileChecks,
    catalogued_entries,
    check_catalogues,
    rebuilt_words,
)
from forensics_app.services.erased import erased_files
from forensics_app.services.folder import LabFolder, sha256_of
from forensics_app.services.ledger_files import ledger_worker
from forensics_app.services.papers import paper_path
from forensics_app.services.person_keys import replacements
from forensics_app.services.pictures import PICTURES
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.record_values import as_bytes, as_plain, as_text, as_uuid, hex_bytes
from forensics_app.services.store import slot_findings, slots_in, slots_of
from forensics_app.services.timeline_checks import check_timelines
from forensics_app.services.unreadable import unread_rows, unread_told
from forensics_app.services.upgraded_reports import upgraded_files
from forensics_app.services.verified_apart import FEW_ENTRIES


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCheck:
    """The newest verification that somebody signed for."""

    at: datetime
    by: str
    ok: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Replays the ledger and compares; a change is a finding, not an error.

    Attributes:
        slots: What lay in the slots of an encrypted folder when the record was copied, where it is a copy.
        elsewhere: Has the lab verified by another process, and gives its answer or None; None for a record that is
            not the one in the folder, or that this process opened for nothing else.
    """

    db: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    slots: Mapping[str, bytes] = field(default_factory=dict)
    elsewhere: Callable[[OnProgress], LabReport | None] | None = None

    def verify(self, *, on_progress: OnProgress = lambda done, total: None) -> LabReport:
        """Verify everything in one snapshot.

        Each chain is judged by its signatures and links, and its acts of custody by who might take them then; the rows
        are compared with the replay of all entries value by value, the columns that index the ledger with the bodies,
        the anchors in the lab chain with the case chains, and photographs, reports, catalogues and timelines with their
        SHA-256 (REQ-14 to REQ-17).

        Args:
            on_progress: Entries done, entries in all: first those of the ledger, then those of the catalogues. What it
                raises stops the verification.

        Raises:
            LabUnusableError: The database cannot be read at all.
        """
        with self.db.reading() as connection:
            return self.verify_beside(connection, on_progress=on_progress)

    def verify_beside(self, connection: Connection, *, on_progress: OnProgress = lambda done, total: None) -> LabReport:
        """The same in a transaction that reads and is open already; that of a large lab by another process.

        The other process reads the record at a moment of its own. Its answer counts if every chain ended there as it
        does in this transaction; else, and where there is none, everything is verified here.

        Raises:
            LabUnusableError: The database cannot be read at all.
        """
        if self.elsewhere is not None:
            with _damaged_text(connection):
                lengths = {str(row.chain): row.entries for row in chain_lengths(connection)}
                heads = {chain: chain_head(connection, chain) for chain in lengths}
            told = self.elsewhere(on_progress) if sum(lengths.values()) >= FEW_ENTRIES else None
            if told is not None and heads == {str(one.chain): (one.entries, one.head) for one in told.chains}:
                return replace(told, checked_at=self.now())
        return self.verify_in(connection, on_progress=on_progress)

    def verify_in(
        self,
        connection: Connection,
        *,
        digested: Digested | None = None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> LabReport:
        """The same in a transaction that reads and is open already; ``digested`` takes what is read of catalogues.

        Raises:
            LabUnusableError: The database cannot be read at all.
        """
        slots = slots_in(self.folder)  # and once more at the end: a passphrase may be changed meanwhile
        with _damaged_text(connection):
            ledger = sum(row.entries for row in chain_lengths(connection))
            total = ledger + catalogued_entries(connection)
            chains = _chains(connection)
            lab_entries = chains.pop(str(self.lab.id), [])
            ring = KeyRing.from_lab(lab_entries)
            begun = begun_in(lab_entries, ring)
            labels = {row.id: row.number for row in connection.execute(select(CASE.c.id, CASE.c.number))}
            reports, replay, done = [], Replay(), 0
            for chain, entries in [(str(self.lab.id), lab_entries), *sorted(chains.items())]:
                kind = "lab" if chain == str(self.lab.id) else "case"
                counted = _from(done, total, on_progress)
                verdict = verify(entries, ring, counted, chain=chain, worker=ledger_worker())
                done += len(entries)
                findings = _index_findings(connection, chain)
                findings += [mismatch.what for mismatch in replay.take(entries)]
                findings += unread_told(entries)
                label = self.lab.name if kind == "lab" else str(labels.get(chain, "no case of this lab"))
                acts = [breach.what for breach in breaches(entries, ring, begun)]
                told = _report(chain, kind, label, verdict, findings, acts, entries)
                reports.append(replace(told, notices=(*told.notices, *rebuilt_words(entries), *replacements(entries))))
            row_findings, row_count = self._rows(connection, replay.state)
            row_findings += [one.what for one in unread_rows(connection)]
            row_findings += _anchor_findings(lab_entries, chains)
            file_findings, files = self._files(connection, erased_files([lab_entries, *chains.values()]))
            locked_out = slot_findings(
                slots_of(connection, self.folder, {**slots, **slots_in(self.folder), **self.slots})
            )
            counted = _from(ledger, total, on_progress)
            catalogues = check_catalogues(connection, self.folder, digested=digested, on_progress=counted)
            timelines = check_timelines(connection, self.folder, chains, lambda *_: on_progress(total, total))
        return LabReport(
            chains=tuple(_with_notices(report, catalogues, timelines) for report in reports),
            row_findings=tuple(row_findings),
            file_findings=(*file_findings, *locked_out, *catalogues.findings, *timelines.findings),
            root_fingerprint=ring.root or "",
            checked_at=self.now(),
            rows_compared=row_count,
            files_compared=files + catalogues.compared + timelines.compared,
            locked_out=tuple(locked_out),
        )

    def sign_off(self, actor: SignedIn, report: LabReport) -> None:
        """Record that ``actor`` had the lab verified, and with what answer."""
        findings = [*report.row_findings, *report.file_findings]
        findings += [finding for chain in report.chains for finding in chain.findings]
        facts: dict[str, Json] = {
            "ok": report.ok,
            "chains": len(report.chains),
            "entries": sum(chain.entries for chain in report.chains),
            "rows": report.rows_compared,
            "files": report.files_compared,
            "findings": [*findings[:20]],
            "finding_count": len(findings),
        }
        with self.db.writing() as connection:
            subject = Subject(kind="lab", id=str(self.lab.id), label=self.lab.name)
            writer = Writer(connection, self.now())
            writer.append(lab_chain(self.lab), "lab.verify", subject, facts, [("actor", actor)])

    def root_fingerprint(self) -> str:
        """SHA-256 of the key that the lab's trust starts from, hex; empty when the lab chain has no valid beginning."""
        with self.db.reading() as connection:
            first = first_entry(connection, str(self.lab.id))
        return KeyRing.from_lab([first]).root or "" if first is not None else ""

    def last(self) -> LastCheck | None:
        """The newest verification that somebody signed for; None when there was none."""
        newest = (
            select(ENTRY.c.body, ENTRY.c.signatures)
            .where(ENTRY.c.chain == str(self.lab.id), ENTRY.c.action == "lab.verify")
            .order_by(ENTRY.c.sequence.desc())
            .limit(1)
        )
        with self.db.reading() as connection:
            row = connection.execute(newest).one_or_none()
        if row is None:
            return None
        content = entry_of(row.body, row.signatures).content
        return LastCheck(at=content.recorded_at, by=content.actor.name, ok=content.facts.get("ok") is True)

    def _rows(self, connection: Connection, expected: Rows) -> tuple[list[str], int]:
        stored: dict[str, dict[str, dict[str, Json]]] = {}
        for name, table in PROJECTED.items():
            columns = [column.name for column in table.columns if column.name != "id"]
            rows = connection.execute(select(table)).mappings()
            stored[name] = {as_text(row["id"]): {column: as_plain(row[column]) for column in columns} for row in rows}
        findings = [difference.what for difference in compare(expected, stored)]
        findings += [f"The database's guard {name} is missing." for name in sorted(missing_triggers(connection))]
        findings += [
            f"This computer's login may do what no workstation may: {right}. The rights of the database were changed."
            for right in excess_rights(connection)
        ]
        findings += _secret_findings(connection, stored.get("person", {}))
        findings += _kept_key_findings(connection, stored.get("sealed_key", {}))
        return findings, sum(len(rows) for rows in stored.values())

    def _files(self, connection: Connection, erased: Mapping[str, str]) -> tuple[list[str], int]:
        findings, count, told = [], 0, set()
        for what, path, sha256 in self._kept_files(connection):
            told.add(name := path.relative_to(self.folder.root).as_posix())
            if erased.get(name) == sha256:
                if path.exists():
                    findings.append(f"{what} was erased by the record and is still there: {path}.")
                continue
            count += 1
            try:
                if sha256_of(path).hex() != sha256:
                    findings.append(f"{what} was changed: {path} does not have the recorded SHA-256.")
            except OSError as error:
                findings.append(f"{what} cannot be read: {path}: {error.strerror}.")
        for name in sorted(erased.keys() - told):
            findings += [
                f"A file was erased by the record and is still there: {base / name}."
                for base in sorted({self.folder.root, self.folder.local or self.folder.root})
                if (base / name).is_file()
            ]
        return findings, count

    def _kept_files(self, connection: Connection) -> Iterator[tuple[str, Path, str]]:
        suffixes = dict(PICTURES.values())
        photos = select(PHOTO, EXHIBIT.c.case_id, EXHIBIT.c.number).join(EXHIBIT, EXHIBIT.c.id == PHOTO.c.exhibit_id)
        for row in connection.execute(photos):
            digest, suffix = hex_bytes(row.sha256), suffixes.get(row.media_type, ".jpg")
            yield f"A photograph of {row.number}", self.folder.photo(as_uuid(row.case_id), digest, suffix), row.sha256
        scenes = select(SCENE_PHOTO, SCENE.c.case_id, SCENE.c.subject).join(SCENE, SCENE.c.id == SCENE_PHOTO.c.scene_id)
        for row in connection.execute(scenes):
            digest, suffix = hex_bytes(row.sha256), suffixes.get(row.media_type, ".jpg")
            path = self.folder.photo(as_uuid(row.case_id), digest, suffix)
            yield f"A photograph of the scene {row.subject}", path, row.sha256
        papers = select(PAPER, EXHIBIT.c.number).join(EXHIBIT, EXHIBIT.c.id == PAPER.c.exhibit_id)
        for row in connection.execute(papers):
            path = paper_path(self.folder, as_uuid(row.case_id), hex_bytes(row.sha256), row.media_type)
            yield f"The {row.kind} of {row.number}", path, row.sha256
        for row in connection.execute(select(REPORT)):
            what = f"Report {row.number} version {row.version}"
            yield what, self.folder.report(as_uuid(row.case_id), as_uuid(row.id)), row.sha256
        for file in upgraded_files(connection):
            what = f"Report {file.number}, upgraded to {file.level}"
            yield what, self.folder.upgraded_report(file.case_id, file.sha256), file.sha256.hex()
        for row in connection.execute(select(TOOL_VALIDATION).where(TOOL_VALIDATION.c.scope.startswith(SCOPE))):
            if RECORD_NAME.fullmatch(row.document):
                path = self.folder.root / "validations" / row.document
                yield f"The record of the validation of {row.validated_on}", path, row.sha256


def _from(base: int, total: int, on_progress: OnProgress) -> OnProgress:
    return lambda done, _: on_progress(base + done, total)


@contextmanager
def _damaged_text(connection: Connection) -> Iterator[None]:
    """Let SQLite hand over text that is no UTF-8, so that it compares unequal instead of failing."""
    if connection.dialect.name != "sqlite":
        yield
        return
    raw: Any = connection.connection.dbapi_connection
    raw.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def _chains(connection: Connection) -> dict[str, list[Entry]]:
    chains: dict[str, list[Entry]] = {}
    query = select(ENTRY.c.chain, ENTRY.c.body, ENTRY.c.signatures).order_by(ENTRY.c.chain, ENTRY.c.sequence)
    for row in connection.execute(query):
        chains.setdefault(str(row.chain), []).append(entry_of(as_bytes(row.body), as_bytes(row.signatures)))
    return chains


def _index_findings(connection: Connection, chain: str) -> list[str]:
    """Columns beside the signed bytes that do not say what the bytes say."""
    findings = []
    for row in connection.execute(select(ENTRY).where(ENTRY.c.chain == chain).order_by(ENTRY.c.sequence)).mappings():
        place = f"Entry {row['sequence']}"
        if not isinstance(row["body"], bytes) or not isinstance(row["signatures"], bytes):
            findings.append(f"{place}: what is stored as signed bytes are no bytes.")
            continue
        if len(row["signatures"]) % SIGNATURE_BYTES:
            findings.append(f"{place}: its signatures are cut off.")
        entry = entry_of(row["body"], row["signatures"])
        try:
            content = entry.content
        except CustodyError:
            continue
        expected = {
            "chain": content.chain,
            "sequence": content.sequence,
            "chain_kind": content.chain_kind,
            "recorded_at": utc_text(content.recorded_at),
            "actor_id": content.actor.id,
            "action": content.action,
            "object_id": content.object.id,
            "digest": entry.digest,
        }
        findings += [
            f"{place}: the column {name} of its row in ledger_entry is not what was signed."
            for name, value in expected.items()
            if row[name] != value
        ]
    return findings


def _report(
    chain: str, kind: str, label: str, verdict: Verdict, more: list[str], acts: list[str], entries: list[Entry]
) -> ChainReport:
    intact = verdict.intact is Answer.YES and not more
    return ChainReport(
        chain=as_uuid(chain),
        kind=kind,
        label=label,
        intact=intact,
        signed=verdict.signed is Answer.YES,
        trusted=verdict.trusted is Answer.YES,
        not_allowed=tuple(acts),
        entries=verdict.entry_count,
        signatures=verdict.signature_count,
        head=verdict.head,
        head_recorded_at=_recorded_at(entries),
        findings=tuple(_words(finding) for finding in verdict.findings)
        + tuple(more)
        + tuple(f"Not allowed: {act}" for act in acts),
        notices=tuple(notice.what for notice in verdict.notices),
    )


def _with_notices(report: ChainReport, *checks: FileChecks) -> ChainReport:
    """A case chain with what is to be told of the catalogues of its images, and of its timeline."""
    told = (words for one in checks for words in one.notices.get(str(report.chain), ()))
    return replace(report, notices=(*report.notices, *told))


def _recorded_at(entries: list[Entry]) -> datetime | None:
    try:
        return entries[-1].content.recorded_at if entries else None
    except CustodyError:
        return None


def _words(finding: Finding) -> str:
    return f"Not {finding.answer}: {finding.what}"


def _anchor_findings(lab_entries: list[Entry], cases: dict[str, list[Entry]]) -> list[str]:
    """Anchors in the lab chain that the case chains do not bear out: a chain was cut off or replaced (REQ-16)."""
    findings = []
    for entry in lab_entries:
        try:
            content = entry.content
        except CustodyError:
            continue
        if content.action != "case.anchor":
            continue
        chain, sequence, head = (content.facts.get(name) for name in ("chain", "sequence", "head"))
        entries = cases.get(str(chain), [])
        if not isinstance(sequence, int) or not 0 < sequence <= len(entries):
            findings.append(
                f"Case {content.object.label}: entry {sequence} was anchored in the lab chain and is missing: "
                "the end of the case chain was cut off."
            )
        elif entries[sequence - 1].digest.hex() != head:
            findings.append(f"Case {content.object.label}: entry {sequence} is not the one anchored in the lab chain.")
    for begun in heads_in(lab_entries):
        entries = cases.get(begun.chain, [])
        if len(entries) < begun.sequence or entries[begun.sequence - 1].digest.hex() != begun.head:
            findings.append(
                f"Entry {begun.sequence} of the case chain {begun.chain} is missing, or another one than entry "
                f"{begun.lab_sequence} of the lab chain states, with which rules began."
            )
    return findings


def _secret_findings(connection: Connection, people: Mapping[str, Mapping[str, Json]]) -> list[str]:
    secrets = {row.person_id: row.sealed_key for row in connection.execute(select(PERSON_SECRET))}
    findings = []
    for person, row in people.items():
        sealed = secrets.get(person)
        digest = None if sealed is None else hashlib.sha256(as_bytes(sealed)).hexdigest()
        if digest != row["sealed_key_sha256"]:
            findings.append(f"The sealed key of {row['name']} is missing or was changed.")
    return findings


def _kept_key_findings(connection: Connection, kept: Mapping[str, Mapping[str, Json]]) -> list[str]:
    sealed = {as_text(row.sealed_key_id): as_bytes(row.sealed) for row in connection.execute(select(VOLUME_SECRET))}
    findings = []
    for key, row in kept.items():
        there = sealed.get(key)
        digest = None if there is None else hashlib.sha256(there).hexdigest()
        if row["removed_at"] is not None and there is not None:
            findings.append(f"A key of {row['volume_id']} that was removed is there again.")
        elif row["removed_at"] is None and digest != row["sealed_sha256"]:
            findings.append(f"The kept key of {row['volume_id']} is missing or was changed.")
    return findings
