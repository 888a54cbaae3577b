"""The reports page: parts with their state at the left, the printed pages at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.person import Role
from ui.announce import announce
from ui.examine.latest import Latest
from ui.jobs import JobCard
from ui.page import Page, PageContext, Shortcut
from ui.reports.comparing import Comparing
from ui.reports.draft import Draft, PartKey, parts_of
from ui.reports.export_menu import ExportMenu
from ui.reports.files_part import FileShown, FilesPart, WithdrawSheet
from ui.reports.findings_editor import FindingsEditor
from ui.reports.issue_sheet import IssuedSheet, IssueSheet
from ui.reports.issued_part import IssuedPart
from ui.reports.part_list import PartList
from ui.reports.preview_pane import Pages, PreviewPane, pages_of
from ui.reports.signatures import Signatures
from ui.reports.text_editors import ParticularsEditor, RecordPart, TextEditor
from ui.saving import AskWhere, ask_where, file_name
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.sides import Sides

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from forensics_app.model.finding import ChosenFile
    from forensics_app.model.report import IssuedReport, ReportRequest

PREVIEW_AFTER_MS, LEFT_PX, RIGHT_PX, TURN_PX = 700, 560, 640, 960


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsView:
    """What the page reads of a case."""

    files: tuple[ChosenFile, ...]
    images: dict[UUID, str]
    issued: tuple[IssuedReport, ...]
    people: dict[UUID, str]


def read_reports(lab: Lab, case_id: CaseId) -> ReportsView:
    """Read the chosen files and the issued reports of a case."""
    return ReportsView(
        files=lab.examine.chosen(case_id),
        images={image.id: image.number for image in lab.intake.list(case_id)},
        issued=lab.reporting.list(case_id),
        people={person.id: person.name for person in lab.people.list()},
    )


class ReportsPage(Page):
    """Writes the next report of a case and shows those that were issued."""

    def __init__(self, context: PageContext, *, ask: AskWhere = ask_where) -> None:
        """Show nothing yet; ``ask`` tells where a file is to be written."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Reports"), name="reportsPage")
        self._ask = ask
        self._case_id: CaseId | None = None
        self._drafts: dict[CaseId, Draft] = {}
        self._view = ReportsView(files=(), images={}, issued=(), people={})
        self._equal: dict[UUID, bool] = {}
        self._wanted_report: UUID | None = None
        self._reading, self._previewing = Latest(self, context.jobs), Latest(self, context.jobs)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PREVIEW_AFTER_MS)
        self._wait.timeout.connect(self.refresh_preview)
        self._comparing = Comparing(self, context)
        self._signatures = Signatures(self, context)
        self._lay_out()
        self._connect()

    @property
    def draft(self) -> Draft:
        """What is said for the next report of the case in sight."""
        if self._case_id is None:
            return Draft()
        if self._case_id not in self._drafts:
            zone = self.session.lab.info.zone
            self._drafts[self._case_id] = Draft(zone=zone, zone_of_local_times=zone)
        return self._drafts[self._case_id]

    def show_case(self, case_id: CaseId | None) -> None:
        """Work at the next report of another case."""
        if case_id != self._case_id:
            self._case_id, self._equal = case_id, {}
            self.preview.show_nothing(self.tr("The preview of this case was not made yet."))
            if case_id is not None:
                self._show_draft()

    def refresh(self) -> None:
        """Read files and reports again, and make the preview anew."""
        case_id = self._case_id
        self._stack.setCurrentWidget(self._split if case_id else self._empty)
        self.issue_button.setVisible(case_id is not None)
        self.export.button.setVisible(case_id is not None)
        if case_id is None:
            self.bar.set_subtitle("")
            return
        lab = self.session.lab
        self._reading.ask(lambda _: read_reports(lab, case_id), self._take, self._failed(self.tr("Read the reports")))
        self._wait.start()

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (
            Shortcut(keys="PgUp, PgDown", act=self.tr("previous, next page of the preview")),
            Shortcut(keys="+, -, 0", act=self.tr("larger, smaller, fit the width")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, parts with their editor, preview."""
        return self.bar, self.parts, self._editors, self.preview

    def primary(self) -> Button | None:
        """Issuing the report."""
        return self.issue_button

    def new_button(self) -> Button | None:
        """Another finding."""
        return self.findChild(Button, "addFinding")

    def refresh_preview(self) -> None:
        """Make the preview of the draft in the background; an older one is given up."""
        if self._case_id is None or not self.session.is_open:
            return
        lab, author = self.session.lab, self.session.actor.person
        request = self.draft.request(self._case_id, author.name)
        self.preview.say_making()
        self._previewing.ask(
            lambda _: pages_of(lab.reporting, lab.reporting.preview(author, request)),
            lambda pages: self.preview.show_pages(pages, self.tr("Draft, not signed")),
            self._preview_failed,
        )

    def _lay_out(self) -> None:
        self.issue_button = Button(
            self.tr("Issue…"), name="issueReport", kind="primary", icon="sign",
            tip=self.tr("Print, keep and record the report"), shortcut="",
        )  # fmt: skip
        self.export = ExportMenu(
            self, self.context, ask=self._ask, request=self._request_of_draft, number=self._next_number,
            written=self._exported,
        )  # fmt: skip
        self.bar.add_action(self.export.button)
        self.bar.add_action(self.issue_button)
        self.parts = PartList()
        go = Button(self.tr("Go to Examine"), name="goToExamine", icon="examine")
        go.clicked.connect(lambda: self.context.go_to("examine", None))
        self.particulars, self.findings = ParticularsEditor(), FindingsEditor()
        self.files, self.issued = FilesPart(go), IssuedPart()
        self.summary = TextEditor(
            title=self.tr("Summary"), name="summary", hint=self.tr("An empty line begins a new paragraph.")
        )
        self.limitations = TextEditor(
            title=self.tr("Limitations"), name="limitations",
            hint=self.tr("One on each line. Those that the record shows are added when the report is printed."),
        )  # fmt: skip
        self._editor_of: dict[PartKey, QWidget] = {
            PartKey.PARTICULARS: self.particulars, PartKey.SUMMARY: self.summary, PartKey.RECORD: RecordPart(),
            PartKey.FILES: self.files, PartKey.FINDINGS: self.findings, PartKey.LIMITATIONS: self.limitations,
            PartKey.ISSUED: self.issued,
        }  # fmt: skip
        self._editors = QStackedWidget()
        self._editors.setObjectName("reportEditors")
        for editor in self._editor_of.values():
            self._editors.addWidget(editor)
        margins = (Space.M, Space.M, Space.M, Space.M)
        left = scrolled(plain(vbox(self.parts, (self._editors, 1), gap=Space.M, margins=margins)), name="reportSide")
        left.setMinimumWidth(10 * Space.XXL)
        self.preview = PreviewPane(self.context)
        sizes, heights = (LEFT_PX, RIGHT_PX), (420, 420)
        self._split = Sides(left, self.preview, sizes=sizes, stacked_px=heights, turn_px=TURN_PX, name="reportSplit")
        for at, share in enumerate((1, 2)):
            self._split.splitter.setStretchFactor(at, share)
        cases = Button(self.tr("Go to Cases"), name="reportsEmptyGo", kind="primary")
        cases.clicked.connect(lambda: self.context.go_to("cases", None))
        sentence = self.tr("No case is open. Choose one at the top, or open the first.")
        self._empty = EmptyState("report", sentence, cases, name="reportsEmpty")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._split)
        self._stack.addWidget(self._empty)
        self.set_body(self._stack)

    def _connect(self) -> None:
        self.parts.chosen.connect(lambda key: self._editors.setCurrentWidget(self._editor_of[key]))
        for editor in (self.particulars, self.summary, self.limitations, self.findings):
            editor.changed.connect(self._on_edit)
        self.issue_button.clicked.connect(lambda: self._reading.afterwards(self._open_issue))
        self.preview.refresh_asked.connect(self.refresh_preview)
        self.preview.save_asked.connect(self._save_shown)
        self.files.compare_asked.connect(lambda: self._comparing.start(self._case_id))
        self.files.withdraw_asked.connect(self._open_withdraw)
        self.files.open_asked.connect(self._go_to_bytes)
        self._comparing.progressed.connect(self.files.show_busy)
        self._comparing.compared.connect(self._take_compared)
        self.issued.open_asked.connect(self._open_issued)
        self.issued.save_asked.connect(self._save_issued)
        self.issued.verify_asked.connect(self._signatures.verify)
        self._signatures.upgraded.connect(self.refresh)

    def _request_of_draft(self) -> ReportRequest | None:
        return self.draft.request(self._case_id, self.session.actor.person.name) if self._case_id else None

    def _exported(self, sentence: str) -> None:
        self.refresh()
        self._say(sentence)

    def _show_draft(self) -> None:
        draft = self.draft
        for editor in (self.particulars, self.summary, self.limitations, self.findings):
            editor.show_draft(draft)
        self._show_parts()
        self.parts.choose(PartKey.PARTICULARS)

    def _take(self, view: ReportsView) -> None:
        self._view = view
        self.files.show_files(view.files, view.images, self._equal)
        self.issued.show_reports(view.issued, view.people, ZoneInfo(self.session.lab.info.zone))
        self._show_parts()
        if self._wanted_report and self.issued.table.select_key(self._wanted_report):
            self._wanted_report = None

    def _take_compared(self, equal: dict[UUID, bool]) -> None:
        self._equal = equal
        self._take(self._view)

    def _show_parts(self) -> None:
        view, draft = self._view, self.draft
        differing = sum(not self._equal.get(one.id, True) for one in view.files)
        compared = all(one.id in self._equal for one in view.files if one.sha256)
        shown = parts_of(draft, chosen=len(view.files), differing=differing, compared=compared, issued=len(view.issued))
        self.parts.show_parts(shown)
        gaps = draft.gaps()
        words = self.tr("{number} · draft, kept while the program runs").format(number=self._next_number())
        self.bar.set_subtitle(f"{words} · {gaps[0]}" if gaps else words)
        self.issue_button.setEnabled(not gaps)
        self.issue_button.setToolTip(gaps[0] if gaps else self.tr("Print, keep and record the report (Ctrl+Return)"))

    def _next_number(self) -> str:
        case = self.session.case
        return f"R-{case.number}-{len(self._view.issued) + 1}" if case else ""

    def _on_edit(self) -> None:
        self._show_parts()
        self._wait.start()

    def _preview_failed(self, error: Exception) -> None:
        self.preview.show_nothing(self.tr("The preview could not be made."))
        self.context.show_error(self.tr("Make the preview"), error)

    def _open_issue(self) -> None:
        if self._case_id is None:
            return
        author = self.session.actor.person
        request = self.draft.request(self._case_id, author.name)
        notes = []
        if Role.EXAMINER not in author.roles:
            notes.append(self.tr("{name} is no examiner; only examiners issue reports.").format(name=author.name))
        if not request.summary and not request.blocks:
            notes.append(self.tr("It has neither a summary nor findings; the record alone is printed."))
        sheet = IssueSheet(self, request, author, number=self._next_number(), files=len(self._view.files), notes=notes)
        sheet.submitted.connect(self._issue)
        sheet.open()

    def _issue(self, request: ReportRequest) -> None:
        lab, actor = self.session.lab, self.session.actor
        card = JobCard(
            title=self.tr("Issue {number}").format(number=self._next_number()), icon="report", unit=self.tr("reports"),
            if_stopped=self.tr("Nothing is recorded."), needs_key=True,
        )  # fmt: skip
        self.issue_button.setEnabled(False)
        self.context.jobs.start(
            self, lambda _: lab.reporting.issue(actor, request), done=self._issued,
            failed=self._issue_failed, cancelled=self._show_parts, card=card,
        )  # fmt: skip

    def _issued(self, report: IssuedReport) -> None:
        self.session.tell_record_changed()
        self.refresh()
        self._wanted_report = report.id
        announce(self, self.tr("{number} was issued").format(number=report.number))
        self.parts.choose(PartKey.ISSUED)
        sheet = IssuedSheet(self, report)
        sheet.save_asked.connect(lambda: self._save_issued(report))
        sheet.open()

    def _issue_failed(self, error: Exception) -> None:
        self._show_parts()
        self.context.show_error(self.tr("Issue the report"), error)

    def _open_withdraw(self, shown: FileShown | None) -> None:
        if shown is None:
            return
        lab, actor = self.session.lab, self.session.actor
        sheet = WithdrawSheet(self, shown)

        def withdraw(reason: str) -> None:
            self.context.jobs.start(
                self, lambda _: lab.examine.withdraw(actor, shown.file.id, reason),
                done=lambda _: self._record_changed(), failed=self._failed(sheet.windowTitle()),
            )  # fmt: skip

        sheet.submitted.connect(withdraw)
        sheet.open()

    def _record_changed(self) -> None:
        self.session.tell_record_changed()
        self.refresh()

    def _go_to_bytes(self, shown: FileShown | None) -> None:
        if shown:
            self.context.go_to("examine", shown.file)

    def _open_issued(self, report: IssuedReport | None) -> None:
        if report is None:
            return
        lab = self.session.lab

        def show(pages: Pages) -> None:
            self._wait.stop()
            self.preview.show_pages(pages, self.tr("{number}, as issued").format(number=report.number))

        self._previewing.ask(
            lambda _: pages_of(lab.reporting, lab.reporting.path(report).read_bytes()),
            show,
            self._failed(self.tr("Open {number}").format(number=report.number)),
        )

    def _save_issued(self, report: IssuedReport | None) -> None:
        if report:
            path = self.session.lab.reporting.path(report)
            self._save(file_name(report.number, suffix=".pdf"), path.read_bytes)

    def _save_shown(self) -> None:
        pdf = self.preview.pdf
        if pdf is not None:
            self._save(file_name(self._next_number(), self.tr("draft"), suffix=".pdf"), lambda: pdf)

    def _save(self, name: str, content: Callable[[], bytes]) -> None:
        title = self.tr("Save a copy of the report")
        path: Path | None = self._ask(self, title, name, "PDF (*.pdf)")
        if path is None:
            return
        lab, target = self.session.lab, path
        said = self.tr("Written to {path}").format(path=target)
        self.context.jobs.start(
            self, lambda _: lab.reporting.save_copy(content(), target), done=lambda _: self._say(said),
            failed=self._failed(title),
        )  # fmt: skip

    def _say(self, sentence: str) -> None:
        self.bar.set_subtitle(sentence)
        announce(self, sentence)

    def _failed(self, title: str) -> Callable[[Exception], None]:
        return lambda error: self.context.show_error(title, error)
