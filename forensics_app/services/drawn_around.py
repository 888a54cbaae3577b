"""What a report prints beside chosen records: custody up to a head, departures, tools, people, stationery (REQ-64)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Entry
from chain_of_custody.report_rules import SUBMIT
from forensics_app.db.ledger import entries_of, newest_about
from forensics_app.db.tables import CASE, EXHIBIT, IMAGE_CHECK, LAB, PERSON, TOOL, TOOL_VALIDATION
from forensics_app.model.case import CaseId
from forensics_app.model.image import EvidenceImage
from forensics_app.model.report import DraftId, ReportRequest
from forensics_app.model.report_draft import EDITABLE, DraftState, Drawn
from forensics_app.services.dossier_deviations import deviations_of
from forensics_app.services.drawn_catalogues import catalogue_rows, timeline_rows
from forensics_app.services.folder import LabFolder
from forensics_app.services.history import event_of
from forensics_app.services.intake import images_of
from forensics_app.services.principles import Principles
from forensics_app.services.program import NAME
from forensics_app.services.stationery import digests
from forensics_app.services.tools import used_in

Rows = Iterable[Mapping[Any, Any]]
IDENTITY = ("name", "function", "organisation", "id_number", "key_id")
"""Columns of a person that a report prints."""


def submission_of(connection: Connection, draft_id: DraftId, state: DraftState) -> Entry | None:
    """The entry that submitted a draft as it stands; None of one that is being written."""
    return None if state in EDITABLE else newest_about(connection, str(draft_id), SUBMIT)


def custody_until(submission: Entry | None) -> int | None:
    """How many entries of its case chain a report prints: those before its submission; None for all there are."""
    return None if submission is None else submission.content.sequence - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Where it is read from."""

    principles: Principles
    folder: LabFolder


@dataclass(slots=True, kw_only=True)
class Around:
    """The same of one case in one transaction; what several drafts print is read once."""

    drawing: Drawing
    connection: Connection
    case_id: CaseId
    _entries: list[Entry] = field(default_factory=list)
    _deviations: list[Mapping[str, Any]] | None = None
    _images: tuple[EvidenceImage, ...] | None = None

    def rows(self, kind: Drawn, content: ReportRequest, until: int | None) -> Iterator[Rows]:
        """The rows of a kind; only those of the first iterable are counted."""
        match kind:
            case Drawn.DEVIATIONS:
                yield self._departures()
            case Drawn.TOOLS:
                yield from self._tools(until)
            case Drawn.PEOPLE:
                yield self._people(until)
            case Drawn.STATIONERY:
                files = digests(self.drawing.folder, content.language)
                yield ({"file": name, "sha256": sha256.hex()} for name, sha256 in files)
                yield self._read(select(LAB.c.name, LAB.c.address, LAB.c.zone))
            case Drawn.CATALOGUES:
                yield from catalogue_rows(self.drawing.folder, self._imaged())
            case Drawn.TIMELINE:
                yield from timeline_rows(self.drawing.folder, self._imaged(), content.zone)
            case _:
                raise ValueError(kind)

    def head(self, until: int | None) -> tuple[int, bytes]:
        """How many entries of custody are printed, and the digest of the last one."""
        entries = self._entries_until(until)
        return len(entries), entries[-1].digest if entries else bytes(32)

    def _entries_until(self, until: int | None) -> list[Entry]:
        if not self._entries:
            self._entries = list(entries_of(self.connection, str(self.case_id)))
        return self._entries[:until]

    def _imaged(self) -> tuple[EvidenceImage, ...]:
        if self._images is None:
            self._images = images_of(self.connection, self.case_id)
        return self._images

    def _departures(self) -> Rows:
        if self._deviations is None:
            found = deviations_of(self.drawing.principles.of_case_in(self.connection, self.case_id))
            self._deviations = [
                {"what": str(one.what), "reason": str(one.reason), "by": one.by, "at": one.at and one.at.isoformat()}
                for one in found
            ]
        return self._deviations

    def _tools(self, until: int | None) -> Iterator[Rows]:
        events = map(event_of, self._entries_until(until))
        names = {NAME, *(used.name for used in used_in(events, self.drawing.principles.lab.zone))}
        mine = TOOL.c.name.in_(sorted(names))
        yield self._read(select(TOOL).where(mine).order_by(TOOL.c.id))
        ids = select(TOOL.c.id).where(mine)
        yield self._read(
            select(TOOL_VALIDATION).where(TOOL_VALIDATION.c.tool_id.in_(ids)).order_by(TOOL_VALIDATION.c.id)
        )

    def _people(self, until: int | None) -> Rows:
        signed = {slot.person for one in self._entries_until(until) for slot in one.content.signers}
        supervises = select(CASE.c.supervisor_id).where(CASE.c.id == str(self.case_id))
        columns = [PERSON.c[name] for name in ("id", *IDENTITY)]
        named = PERSON.c.id.in_(sorted(signed)) | PERSON.c.id.in_(supervises)
        return self._read(select(*columns).where(named).order_by(PERSON.c.id))

    def _read(self, query: Any) -> Rows:
        return self.connection.execute(query).mappings()


@dataclass(frozen=True, slots=True)
class Undone:
    """What entries behind a head changed, so that a report can print the rows as they stood there.

    Attributes:
        values: Of exhibits, by id: the values that were there before.
        new_checks: Readings of images that came later.
    """

    values: Mapping[str, Mapping[str, Any]]
    new_checks: frozenset[UUID]

    def row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A row of an exhibit as it stood; of one that came later, as it is."""
        before = self.values.get(row["id"], {})
        return row if "case_id" in before else {**row, **before}


def undone_since(entries: Iterable[Entry], until: int | None) -> Undone:
    """What the entries behind ``until`` did to exhibits and checks of images; nothing where there is no such head."""
    values: dict[str, dict[str, Any]] = {}
    checks = set()
    for entry in entries if until is not None else ():
        if until is None or entry.content.sequence <= until:
            continue
        for change in entry.content.changes:
            if change.table == IMAGE_CHECK.name:
                checks.add(UUID(change.id))
            if change.table == EXHIBIT.name:
                for column, (before, _) in change.set.items():
                    values.setdefault(change.id, {}).setdefault(column, before)
    return Undone(values, frozenset(checks))
