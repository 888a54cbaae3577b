"""Reports in other formats than the signed PDF: the same dossier, written for other programs (issue 6, item 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.errors import RefusedError
from forensics_app.model.dossier import Dossier
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.report_format import ReportFormat, WrittenFile
from forensics_app.services.cases import case_with
from forensics_app.services.configuration import configuration_sha256
from forensics_app.services.folder import LabFolder
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.reporting import Reporting
from forensics_app.services.unfinished import EXPORT_KIND
from forensics_app.services.whole_folder import Write, remove_unrecorded, write_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportExports:
    """Use cases about copies of reports in other formats; an entry of the case chain names each file's SHA-256."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    reporting: Reporting
    journal: Journal
    now: Callable[[], datetime]

    def export(
        self,
        actor: SignedIn,
        request: ReportRequest,
        formats: Sequence[ReportFormat],
        target: Path,
        draft: ReportDraft | None = None,
    ) -> tuple[WrittenFile, ...]:
        """Write what a report would say now into a new folder, in every format that was asked for, or nothing at all.

        Args:
            actor: An examiner or supervisor.
            request: What is asked of the report.
            formats: One or more; each once.
            target: The folder, which must not exist.
            draft: The draft that ``request`` is of, whose author and number are named. Where there is none, or
                something else is asked for than stands in it, the actor is the author of what is not recorded. Of one
                that was issued, what was issued is written.

        Raises:
            PermissionRefusedError: The actor may not.
            RefusedError: No format is named, the folder exists, the request cannot be reported on, or the draft was
                issued and the record that it prints has changed since.
            LabUnusableError: It cannot be written.
        """
        require(actor, "export a report", Role.EXAMINER, Role.SUPERVISOR)
        if not formats:
            raise RefusedError("No format is named.", then="Name one or more of: " + ", ".join(ReportFormat))
        asked: dict[str, Json] = {"formats": [one.value for one in dict.fromkeys(formats)], "zone": request.zone}
        asked_for = {"zone": request.zone, "target": str(target.absolute())}
        with self.journal.running(EXPORT_KIND, request.title, request.case_id, asked_for) as say:
            if draft is not None and _whole(request) != _whole(draft.content):
                draft = None
            author = actor.person if draft is None else self.reporting.author_of(draft)
            dossier = self.reporting.dossier(author, request, draft=draft)
            _check_bodyfile(formats, dossier)
            files = {name: write for one in dict.fromkeys(formats) for name, write in files_of(dossier, one).items()}
            written = write_folder(target, files)
            try:
                self._record(actor, request, dossier, asked, written)
            except BaseException as error:
                remove_unrecorded(target, error)
                raise
            say(f"{dossier.head.number}: {len(written)} files.")
        return written

    def _record(
        self,
        actor: SignedIn,
        request: ReportRequest,
        dossier: Dossier,
        asked: dict[str, Json],
        written: Sequence[WrittenFile],
    ) -> None:
        outputs = {one.path.name: one.sha256.hex() for one in written}
        facts: dict[str, Json] = {
            **asked,
            "report": storable(dossier.head.number),
            "files": [{"name": storable(name), "sha256": sha256} for name, sha256 in outputs.items()],
            **act_facts(asked, configuration=configuration_sha256(self.lab, self.folder), inputs={}, outputs=outputs),
        }
        with self.db.writing() as connection:
            case = case_with(connection, request.case_id)
            subject = Subject(kind="case", id=str(case.id), label=case.number)
            Writer(connection, self.now()).append(case_chain(case), "report.export", subject, facts, [("actor", actor)])


def _check_bodyfile(formats: Sequence[ReportFormat], dossier: Dossier) -> None:
    """Refuse a body file alone that would have no line; beside other formats it says so itself.

    Raises:
        RefusedError: It would have none.
    """
    from forensics_app.reports.bodyfile import cites_files  # as above

    if set(formats) == {ReportFormat.BODYFILE} and not cites_files(dossier):
        raise RefusedError(
            "The report cites no file: none was chosen, cited by a finding, or listed. Its body file would be empty.",
            then="Choose files, cite one in a finding, or add a list to the draft.",
        )


def _whole(request: ReportRequest) -> ReportRequest:
    return replace(request, sections=request.printed)


def files_of(dossier: Dossier, form: ReportFormat) -> dict[str, Write]:
    """What writes each file of a format, by its name."""
    from forensics_app.reports.bodyfile import write_bodyfile  # half a second that only a report should cost
    from forensics_app.reports.case_uco import case_uco
    from forensics_app.reports.csv_tables import TABLES, write_csv
    from forensics_app.reports.docx import write_docx
    from forensics_app.reports.html import write_html

    stem = "".join(char if char.isascii() and (char.isalnum() or char in "-_") else "_" for char in dossier.head.number)
    if not dossier.is_draft:
        stem += "-unsigned-copy"

    def write_case(target: BinaryIO) -> None:
        target.write(case_uco(dossier))

    match form:
        case ReportFormat.DOCX:
            return {f"{stem}.docx": partial(write_docx, dossier)}
        case ReportFormat.HTML:
            return {f"{stem}.html": partial(write_html, dossier)}
        case ReportFormat.CSV:
            return {f"{stem}-{table}.csv": partial(write_csv, table, dossier) for table in TABLES}
        case ReportFormat.BODYFILE:
            return {f"{stem}.bodyfile": partial(write_bodyfile, dossier)}
        case ReportFormat.CASE:
            return {f"{stem}.jsonld": write_case}
