"""Reports: a preview at any time, and the issue, which is recorded and does not change any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Json, SignerRole, Subject
from evidence.isolation import Child
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_of
from forensics_app.db.mapping import Values, json_text, person_of, time_text
from forensics_app.db.mapping_report import report_of
from forensics_app.db.rows import readable, record_with
from forensics_app.db.tables import PERSON, REPORT, REPORT_DRAFT
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.cited import Cited, CitedKind
from forensics_app.model.custody import LabReport
from forensics_app.model.dossier import ApprovedContent, Dossier
from forensics_app.model.finding import ChosenFile
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Person, PersonId, Role, SignedIn
from forensics_app.model.report import DraftId, IssuedReport, ReportId, ReportRequest, Section
from forensics_app.model.report_draft import DraftState, DraftStep, ReportDraft
from forensics_app.services.cases import case_subject, case_with
from forensics_app.services.catalogue_checks import Digested
from forensics_app.services.catalogues import Catalogues
from forensics_app.services.chosen import chosen_files
from forensics_app.services.configuration import configuration_of, configuration_sha256
from forensics_app.services.dossier_catalogues import catalogued
from forensics_app.services.dossier_timeline import timeline_figure
from forensics_app.services.dossiers import dossier_of
from forensics_app.services.draft_record import as_issued
from forensics_app.services.draft_rules import check_issue, check_replaced, upper
from forensics_app.services.drafts import attempted
from forensics_app.services.drawn_around import Drawing
from forensics_app.services.drawn_catalogues import compared
from forensics_app.services.examine import Examine
from forensics_app.services.findings import cited_in
from forensics_app.services.folder import LabFolder, kept_only_if_recorded, write_whole
from forensics_app.services.gathered import Gathered
from forensics_app.services.intake import images_of
from forensics_app.services.journal import Journal
from forensics_app.services.kept_photos import kept_photo
from forensics_app.services.listed_files import file_lists
from forensics_app.services.permissions import require
from forensics_app.services.principles import Principles
from forensics_app.services.program import act_facts
from forensics_app.services.record import Writer, case_chain, lab_chain
from forensics_app.services.report_content import check_content
from forensics_app.services.report_pictures import ReportPictures
from forensics_app.services.report_proof import NO_PINS, ReportProof
from forensics_app.services.report_snapshot import ReportSnapshot, read_snapshot
from forensics_app.services.stages import WHOLE, stage
from forensics_app.services.stationery import dressed
from forensics_app.services.timelines import Timelines
from forensics_app.services.verification import Verification
from forensics_app.services.withholding import Withholds, hidden_words, naming_and_leaving, naming_hidden

MAX_PHOTO_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporting:
    """Use cases about reports. A photograph of more than ``max_photo_bytes`` is told of, and not printed."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    catalogues: Catalogues
    examine: Examine
    verification: Verification
    principles: Principles
    journal: Journal
    proof: ReportProof
    timelines: Timelines
    now: Callable[[], datetime]
    max_photo_bytes: int = MAX_PHOTO_BYTES

    @property
    def drawing(self) -> Drawing:
        """What reads the records that a draft draws."""
        return Drawing(principles=self.principles, folder=self.folder)

    def list(self, case_id: CaseId) -> tuple[IssuedReport, ...]:
        """The issued reports of a case, newest first."""
        query = select(REPORT).where(REPORT.c.case_id == str(case_id)).order_by(REPORT.c.issued_at.desc())
        with self.db.reading() as connection:
            return readable(connection, query, report_of)

    def path(self, report: IssuedReport) -> Path:
        """Where an issued report lies in the lab folder."""
        return self.folder.report(report.case_id, report.id)

    def preview(
        self,
        author: Person,
        request: ReportRequest,
        draft: ReportDraft | None = None,
        *,
        on_progress: OnProgress = lambda done, total: None,
    ) -> bytes:
        """The report as a PDF that says on every page that it is a draft; nothing is recorded.

        Args:
            author: Who is named as its author.
            request: What is written in it.
            draft: The draft that this was written for, whose signatures are printed.
            on_progress: How much of a thousand is done. What it raises stops it.

        Raises:
            RefusedError: A zone is none, a section is missing or named twice, or the draft was issued.
        """
        if draft is not None and draft.report_id is not None:
            raise RefusedError(
                f"{upper(draft.label)} was issued: no draft of it is drawn any more.",
                kept="Nothing was written; what was issued is kept as it is.",
                then="A copy of the signed report is written with: forensics-app report copy.",
            )

        def verify(connection: Connection) -> LabReport:
            return self.verification.verify_beside(connection, on_progress=stage(on_progress, 0, 400))

        dossier = self._dossier(author, request, verify, draft=draft, on_progress=on_progress)
        pdf = self.proof.draft(dossier)
        on_progress(WHOLE, WHOLE)
        return pdf

    def preview_draft(self, draft: ReportDraft, *, on_progress: OnProgress = lambda done, total: None) -> bytes:
        """A draft as it is recorded, as :meth:`preview` shows it: what a reviewer reads."""
        return self.preview(self.author_of(draft), draft.content, draft, on_progress=on_progress)

    def author_of(self, draft: ReportDraft) -> Person:
        """Who is the author of a draft."""
        query = select(PERSON).where(PERSON.c.id == str(draft.author_id))
        with self.db.reading() as connection:
            return record_with(connection, query, person_of, "author of the draft")

    def issue(
        self,
        actor: SignedIn,
        authoriser: SignedIn,
        draft_id: DraftId,
        pins: Mapping[PersonId, str] = NO_PINS,
        *,
        on_progress: OnProgress = lambda done, total: None,
    ) -> IssuedReport:
        """Render an approved draft, keep it in the lab folder, and record its SHA-256 in the case chain.

        Author and authoriser both sign the entry, and with it the SHA-256 (REQ-64). The heads of the case chain and the
        lab chain as they stand before are printed in it; afterwards the case head is anchored in the lab chain.

        Args:
            actor: The author, who submitted it.
            authoriser: Who approved it.
            draft_id: The draft.
            pins: Of the tokens of those of the two whose keys are on one, by the id of the person.
            on_progress: How much of a thousand is done. What it raises stops the issue while nothing is recorded; the
                last word comes before the file is written and both sign the entry.

        Raises:
            PermissionRefusedError: The actor is no examiner, or the authoriser no supervisor.
            RefusedError: It is not approved, one of the two is somebody else, or another report was issued meanwhile.
            LabUnusableError: It cannot be written.
        """
        require(actor, "issue a report", Role.EXAMINER)
        require(authoriser, "authorise the issue of a report", Role.SUPERVISOR)

        def check(_: object, draft: ReportDraft) -> ReportDraft:
            check_issue(draft, actor.person, authoriser.person)
            return draft

        draft = attempted(self.db, self.drawing, self.now, actor, draft_id, DraftStep.ISSUE, check)
        content = draft.content
        with self.journal.running("report", content.title, content.case_id, {"zone": content.zone}) as say:
            now, digested = self.now(), Digested()
            made, looked = stage(on_progress, 0, 900), stage(on_progress, 500, 675)
            dossier = self.dossier(
                actor.person, content, draft=draft, issued_at=now, digested=digested, on_progress=made
            )
            files = compared(self.db, self.folder, content, digested=digested, on_progress=looked)  # behind its readers
            attempted(self.db, self.drawing, self.now, actor, draft_id, DraftStep.ISSUE, files.refuse)
            pdf = self.proof.finished(dossier, actor, authoriser, pins, self._withholds(content))
            on_progress(WHOLE - 1, WHOLE)
            report_id = ReportId(uuid4())
            path = self.folder.report(content.case_id, report_id)
            sha256 = write_whole(path, [pdf])
            with kept_only_if_recorded(path):
                report = self._record(actor, authoriser, draft, dossier, report_id, pdf, sha256, now)
            say(f"{report.number}: {report.pages} pages, SHA-256 {sha256.hex()}.")
        return report

    def names_that_leave(self, draft: ReportDraft) -> str:
        """Which entries name hidden content and would leave with the report, in a sentence; empty where none does."""
        content = draft.content
        with self.db.reading() as connection:
            entries = entries_of(connection, str(content.case_id))
            return naming_and_leaving(self.examine, *self._images_and_names(connection, content), entries)

    def _withholds(self, content: ReportRequest) -> Withholds:
        with self.db.reading() as connection:
            images, named = self._images_and_names(connection, content)
        return naming_hidden(self.examine, images, named)

    def _images_and_names(
        self, connection: Connection, content: ReportRequest
    ) -> tuple[Sequence[EvidenceImage], frozenset[str]]:
        images, chosen = images_of(connection, content.case_id), chosen_files(connection, content.case_id)
        cited = cited_in(connection, content.case_id, CitedKind.FINDING)
        return images, _named_in(content, chosen, cited)

    def page_count(self, pdf: bytes) -> int:
        """How many pages a report has."""
        from forensics_app.reports import preview  # loaded when a report is made

        return preview.page_count(pdf)

    def page_png(self, pdf: bytes, index: int, width_px: int) -> bytes:
        """Page ``index`` (from 0) of a report as a PNG of that width."""
        from forensics_app.reports import preview  # loaded when a report is made

        return preview.page_png(pdf, index, width_px)

    def save_copy(self, pdf: bytes, target: Path) -> None:
        """Write a report where the person wants it.

        Raises:
            RefusedError: The file exists.
            LabUnusableError: It cannot be written.
        """
        write_whole(target, [pdf])

    def _record(
        self,
        actor: SignedIn,
        authoriser: SignedIn,
        draft: ReportDraft,
        dossier: Dossier,
        report_id: ReportId,
        pdf: bytes,
        sha256: bytes,
        now: datetime,
    ) -> IssuedReport:
        content = draft.content
        head = next(head for head in dossier.ledger_heads if head.chain_id == str(content.case_id))
        values: Values = {
            "id": str(report_id),
            "case_id": str(content.case_id),
            "number": dossier.head.number,
            "version": dossier.head.version,
            "title": content.title,
            "zone": content.zone,
            "author_id": str(actor.person.id),
            "sha256": sha256.hex(),
            "size_bytes": len(pdf),
            "pages": self.page_count(pdf),
            "ledger_head": head.digest.hex(),
            "issued_at": time_text(now),
            "kind": content.kind.value,
            "draft_id": str(draft.id),
            "authoriser_id": str(authoriser.person.id),
            "replaces_id": None if content.replaces is None else str(content.replaces),
            "changes": json_text(content.changes),
        }
        facts: dict[str, Json] = {
            "sha256": sha256.hex(),
            "content_sha256": draft.content_sha256.hex(),
            "ledger_head": head.digest.hex(),
            "ledger_entries": head.sequence,
            "chosen_files": len(dossier.files),
            "configuration": configuration_of(self.lab, self.folder),
            **act_facts(
                {"zone": content.zone, "title": content.title, "kind": content.kind.value},
                configuration=configuration_sha256(self.lab, self.folder),
                inputs={},
                outputs={"report": sha256.hex()},
            ),
        }

        def act(connection: Connection, as_now: ReportDraft) -> IssuedReport:
            if as_now.content_sha256 != draft.content_sha256:
                what = "The draft, or what it draws from the record, was changed while the report was made."
                raise RefusedError(what, then="Look at it again.")
            check_issue(as_now, actor.person, authoriser.person)
            if content.replaces is not None:
                check_replaced(connection, content.case_id, content.replaces)
            case = case_with(connection, content.case_id)
            same = select(REPORT.c.id).where(REPORT.c.case_id == str(case.id), REPORT.c.number == dossier.head.number)
            if connection.scalar(same) is not None:
                raise RefusedError(
                    f"Another report was issued as {dossier.head.number} while this one was made.",
                    then="Issue it again; it then gets the next number.",
                )
            writer = Writer(connection, self.now())
            writer.insert(REPORT, values)
            issued = {"state": DraftState.ISSUED.value, "report_id": str(report_id)}
            writer.update(REPORT_DRAFT, draft.id, issued)
            subject = Subject(kind="report", id=str(report_id), label=dossier.head.number)
            signers: list[tuple[SignerRole, SignedIn]] = [("actor", actor), ("witness", authoriser)]
            entry = writer.append(case_chain(case), "report.issue", subject, facts, signers)
            anchor: dict[str, Json] = {
                "chain": str(case.id),
                "sequence": entry.content.sequence,
                "head": entry.digest.hex(),
            }
            writer.append(lab_chain(self.lab), "case.anchor", case_subject(case), anchor, [("actor", actor)])
            return report_of(values)

        return attempted(self.db, self.drawing, self.now, actor, draft.id, DraftStep.ISSUE, act)

    def dossier(
        self,
        author: Person,
        request: ReportRequest,
        *,
        draft: ReportDraft | None = None,
        issued_at: datetime | None = None,
        digested: Digested | None = None,
        on_progress: OnProgress = lambda done, total: None,
    ) -> Dossier:
        """All that the report says, for any format; raises as :meth:`preview` does.

        Of a draft that was issued it is what was issued, with the heads and the verification of now, or it is refused
        where the record that it prints has changed.

        Its long lists are read when they are drawn; ``on_progress`` is told of that, too.
        """

        def verify(connection: Connection) -> LabReport:
            verifying = stage(on_progress, 0, 400)
            return self.verification.verify_in(connection, digested=digested, on_progress=verifying)

        return self._dossier(author, request, verify, draft=draft, issued_at=issued_at, on_progress=on_progress)

    def _dossier(
        self,
        author: Person,
        request: ReportRequest,
        verify: Callable[[Connection], LabReport],
        *,
        draft: ReportDraft | None = None,
        issued_at: datetime | None = None,
        on_progress: OnProgress,
    ) -> Dossier:
        check_content(request)
        with self.db.reading() as connection:
            issued = None if draft is None else as_issued(connection, draft, self.drawing)
            seen = read_snapshot(connection, request, draft, self.principles, verify)
        dossier = dossier_of(
            self._gather(author, request, seen, on_progress, readings=1 if issued_at is None else 2),
            request,
            number=f"R-{seen.case.number}-{seen.ordinal}" if issued_at else seen.draft_number,
            version=1,
            tzdata_version=version("tzdata"),
            made_at=issued_at or self.now(),
            issued_at=issued_at or (issued.issued_at if issued else None),
        )
        return replace(dressed(dossier, self.folder), approved=_approved(draft))

    def _gather(
        self, author: Person, request: ReportRequest, seen: ReportSnapshot, on_progress: OnProgress, *, readings: int
    ) -> Gathered:
        """What lies in files, read again, beside what the record says of it.

        The lists of what is issued are read twice: for the pages, and for the digests that are enclosed.
        """
        case_id = seen.case.id
        with Child() as child:
            libraries = child.call("versions", {})
            photos = {
                exhibit: [kept_photo(child, self.folder, case_id, photo, self.max_photo_bytes) for photo in of_it]
                for exhibit, of_it in seen.photos.items()
            }
        pictures = ReportPictures(self.examine, seen.images, seen.cited, stage(on_progress, 400, 550))
        return Gathered(
            lab=self.lab,
            case=seen.case,
            people=seen.people,
            author=author,
            exhibits=seen.exhibits,
            photos=photos,
            clocks=seen.clocks,
            particulars=seen.particulars,
            images=tuple(seen.images.values()),
            checks=seen.checks,
            catalogued={image.id: catalogued(self.catalogues, image) for image in seen.images.values()},
            events=seen.events,
            later=seen.later,
            principles=seen.principles,
            files=pictures.of_chosen(seen.chosen),
            cited=seen.cited,
            cited_pictures=pictures.of_findings() if Section.FINDINGS in request.printed else {},
            notes=seen.notes,
            hidden_words=hidden_words(
                self.examine, tuple(seen.images.values()), _named_in(request, seen.chosen, seen.cited)
            ),
            file_lists=file_lists(
                self.examine, seen.images, request, stage(on_progress, 750, WHOLE), readings=readings
            ),
            replaced=seen.replaced,
            signatures=seen.signatures,
            approved_by=seen.approved_by,
            timeline=timeline_figure(self.timelines, case_id, request.zone)
            if Section.TIMELINE in request.printed
            else None,
            verified=seen.verified,
            libraries=libraries,
            register=seen.register,
            configuration_sha256=configuration_sha256(self.lab, self.folder),
        )


def _approved(draft: ReportDraft | None) -> ApprovedContent | None:
    if draft is None or draft.approval is None:
        return None
    return ApprovedContent(
        draft_id=str(draft.id), content_sha256=draft.content_sha256, written_sha256=draft.written_sha256
    )


def _named_in(content: ReportRequest, chosen: Sequence[ChosenFile], cited: Sequence[Cited]) -> frozenset[str]:
    """The paths that the sections of a report print, marked or not."""
    files = [one.path for one in chosen] if Section.FILES in content.printed else []
    findings = [one.target.path for one in cited] if Section.FINDINGS in content.printed else []
    return frozenset((*files, *findings))
