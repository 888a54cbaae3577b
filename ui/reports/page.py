"""The reports page: parts with their state at the left, the printed pages at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.report import DEFAULT_SECTIONS, ReportKind
from forensics_app.model.report_draft import ENDED, DraftStep
from ui.announce import announce
from ui.latest import Latest
from ui.page import Page, PageContext, Shortcut
from ui.reports.comparing import Comparing
from ui.reports.draft import Draft, PartKey, draft_state_words, parts_of
from ui.reports.draft_bar import DraftBar
from ui.reports.editors import Editors
from ui.reports.export_menu import ExportMenu
from ui.reports.files_part import FileShown, WithdrawSheet
from ui.reports.issue_sheet import IssuedSheet
from ui.reports.part_list import PartList
from ui.reports.preview_pane import PreviewPane
from ui.reports.previewing import Previewing
from ui.reports.reading import ReportsView, read_reports
from ui.reports.signatures import Signatures
from ui.reports.steps import DraftSteps
from ui.saving import AskWhere, ask_where, file_name
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.sides import Sides

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.report import DraftId, IssuedReport, ReportRequest
    from forensics_app.model.report_draft import ReportDraft

PREVIEW_AFTER_MS, LEFT_PX, RIGHT_PX, TURN_PX = 700, 560, 640, 960


class ReportsPage(Page):
    """Writes the next report of a case and shows those that were issued."""

    def __init__(self, context: PageContext, *, ask: AskWhere = ask_where, editors: Editors | None = None) -> None:
        """Show nothing yet; ``ask`` tells where a file is to be written, ``editors`` may be made already."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Reports"), name="reportsPage")
        self._ask, self.editors = ask, editors or Editors()
        self._case_id: CaseId | None = None
        self._drafts: dict[CaseId, Draft] = {}
        self._left: dict[tuple[CaseId | None, DraftId | None], Draft] = {}
        self._view = ReportsView(files=(), images={}, issued=(), drafts=(), people={}, upgraded={})
        self._equal: dict[UUID, bool] = {}
        self._said = ""
        self._wanted_report: UUID | None = None
        self._wanted_draft: object = None
        self._reading = Latest(self, context.jobs)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(PREVIEW_AFTER_MS)
        self._wait.timeout.connect(self.refresh_preview)
        self._comparing = Comparing(self, context)
        self._signatures = Signatures(self, context)
        self._steps = DraftSteps(self, context)
        self._lay_out()
        self._previewing = Previewing(self.preview, context)
        self._connect()

    @property
    def draft(self) -> Draft:
        """What is written for the report that is worked at in the case in sight."""
        if self._case_id is None:
            return Draft()
        if self._case_id not in self._drafts:
            self._drafts[self._case_id] = self._new_draft()
        return self._drafts[self._case_id]

    def open_target(self, target: object) -> None:
        """Work at the draft with this id."""
        self._wanted_draft = target if isinstance(target, UUID) else None

    def show_case(self, case_id: CaseId | None) -> None:
        """Work at the next report of another case."""
        if case_id != self._case_id:
            self._case_id, self._equal, self._said = case_id, {}, ""
            self.preview.show_nothing(self.tr("The preview of this case was not made yet."))
            if case_id is not None:
                self._show_draft()

    def refresh(self) -> None:
        """Read files and reports again, and make the preview anew."""
        case_id = self._case_id
        self._stack.setCurrentWidget(self._split if case_id else self._empty)
        self.acts.setVisible(case_id is not None)
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
            Shortcut(keys="Ctrl+S", act=self.tr("save the draft")),
            Shortcut(keys="PgUp, PgDown", act=self.tr("previous, next page of the preview")),
            Shortcut(keys="+, -, 0", act=self.tr("larger, smaller, fit the width")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, parts with their editor, preview."""
        return self.bar, self.parts, self.editors.stack, self.preview

    def primary(self) -> Button | None:
        """The likeliest step of the draft."""
        return self.acts.primary

    def new_button(self) -> Button | None:
        """Another block."""
        return self.findChild(Button, "addFinding")

    def refresh_preview(self) -> None:
        """Show the draft in the background, or the report that was issued from it; an older preview is given up."""
        if self._case_id is None or not self.session.is_open:
            return
        report = self.draft.issued_in(self._view.issued)
        if report is not None:
            self._previewing.open(report)
        else:
            self._previewing.make(self._case_id, self.draft)

    def _lay_out(self) -> None:
        self.export = ExportMenu(
            self, self.context, ask=self._ask, request=lambda: self.draft.asked(self._case_id),
            draft=lambda: self.draft.saved(self._case_id),
            number=self._shown_number, written=self._exported,
        )  # fmt: skip
        self.bar.add_action(self.export.button)
        self.acts = DraftBar()
        self.bar.add_action(self.acts)
        self.parts = PartList()
        made = self.editors
        made.go.clicked.connect(lambda: self.context.go_to("examine", None))
        self.blocks, self.lists, self.review, self.standards = made.blocks, made.lists, made.review, made.standards
        self.files, self.issued = made.files, made.issued
        margins = (Space.M, Space.M, Space.M, Space.M)
        left = scrolled(plain(vbox(self.parts, (made.stack, 1), gap=Space.M, margins=margins)), name="reportSide")
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
        self.parts.chosen.connect(self.editors.show_part)
        for editor in self.editors.written:
            editor.changed.connect(self._on_edit)
        self.acts.chosen.connect(self._choose_draft)
        self.acts.asked.connect(lambda what: self._reading.afterwards(lambda: self._take_step(what)))
        self._steps.recorded.connect(self._take_draft)
        self._steps.issued.connect(self._issued)
        self._steps.refused.connect(self._record_changed)
        self._steps.busy.connect(self.acts.setDisabled)
        self.standards.check_asked.connect(lambda: self.standards.check(self.context, self._case_id))
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
        self.issued.replace_asked.connect(self._replace)

    def _new_draft(self) -> Draft:
        zone = self.session.lab.info.zone
        return Draft(zone=zone, zone_of_local_times=zone, sections=DEFAULT_SECTIONS[ReportKind.EXAMINATION])

    def _exported(self, sentence: str) -> None:
        self.refresh()
        self._say(sentence)

    def _show_draft(self) -> None:
        draft = self.draft
        for editor in self.editors.written:
            with QSignalBlocker(editor):  # nobody edited it
                editor.show_draft(draft)
            editor.setEnabled(draft.is_open)
        self._show_parts()
        if self.parts.table.current_record() is None:
            self.parts.choose(PartKey.PARTICULARS)

    def _choose_draft(self, draft_id: DraftId | None) -> None:
        """Work at a draft of the record, or at a new one; what was not saved of the other one is kept."""
        self._said = ""
        recorded = next((one for one in self._view.drafts if one.id == draft_id), None)
        left = self.draft
        self._left[self._case_id, None if left.recorded is None else left.recorded.id] = left
        kept = self._left.pop((self._case_id, draft_id), None)
        if kept is not None and kept.recorded == recorded:
            self._work_at(kept)
        else:
            self._work_at(self._new_draft() if recorded is None else Draft.of(recorded.content, recorded))

    def _work_at(self, draft: Draft) -> None:
        if self._case_id is not None:
            self._drafts[self._case_id] = draft
            self._show_draft()
            self._wait.start()

    def _take_step(self, what: str) -> None:
        if self._case_id is None:
            return
        self._said = ""
        draft, recorded = self.draft, self.draft.recorded
        content = draft.request(self._case_id)
        if what == "save":
            self._steps.save(recorded, content)
        elif what == "submit":
            self._steps.submit(recorded, content)
        elif recorded is not None and what == "approve":
            self._steps.approve(recorded)
        elif recorded is not None and what == "issue":
            self._steps.issue(recorded, self._view.people, self._next_number())
        elif recorded is not None:
            self._steps.ask_reason(DraftStep(what), recorded)

    def _take_draft(self, recorded: ReportDraft) -> None:
        """A step was recorded; what was typed meanwhile stays."""
        said = self.tr("{draft} is {state}").format(draft=recorded.label, state=draft_state_words(recorded.state))
        announce(self, said)
        mine = self.draft
        is_mine = mine.recorded is None or mine.recorded.id == recorded.id
        if is_mine and self._case_id == recorded.content.case_id:
            mine.recorded = recorded
            if not mine.is_open:
                self._drafts[recorded.content.case_id] = Draft.of(recorded.content, recorded)
            self._show_draft() if not self.draft.is_open or recorded.reviews else self._show_parts()
        self._record_changed()

    def _take(self, view: ReportsView) -> None:
        self._view = view
        self.files.show_files(view.files, view.images, self._equal)
        self.lists.show_images(view.images)
        names = {UUID(str(key)): person.name for key, person in view.people.items()}
        self.issued.show_reports(view.issued, names, ZoneInfo(self.session.lab.info.zone), view.upgraded)
        self._take_recorded()
        self._show_parts()
        if self._wanted_report and self.issued.table.select_key(self._wanted_report):
            self._wanted_report = None

    def _take_recorded(self) -> None:
        """Bring what is worked at up to what the record says, where nothing else was typed."""
        by_id = {one.id: one for one in self._view.drafts}
        wanted = by_id.get(self._wanted_draft)  # type: ignore[call-overload]
        mine = self.draft.recorded
        if wanted is not None:
            self._wanted_draft = None
            self._work_at(Draft.of(wanted.content, wanted))
            self.parts.choose(PartKey.REVIEW)
        elif mine is not None and self._case_id is not None:
            newer = by_id.get(mine.id)
            if newer is not None and newer != mine and self.draft.is_saved(self._case_id):
                self._work_at(Draft.of(newer.content, newer))
        elif mine is None and self._draft_is_untouched():
            open_ones = [one for one in self._view.drafts if one.state not in ENDED]
            if open_ones:
                self._work_at(Draft.of(open_ones[-1].content, open_ones[-1]))

    def _draft_is_untouched(self) -> bool:
        return self._case_id is not None and self.draft.request(self._case_id) == self._new_draft().request(
            self._case_id
        )

    def _take_compared(self, equal: dict[UUID, bool]) -> None:
        self._equal = equal
        self._take(self._view)

    def _show_parts(self) -> None:
        view, draft = self._view, self.draft
        differing = sum(not self._equal.get(one.id, True) for one in view.files)
        compared = all(one.id in self._equal for one in view.files if one.sha256)
        shown = parts_of(draft, chosen=len(view.files), differing=differing, compared=compared, issued=len(view.issued))
        self.parts.show_parts(shown)
        if self._case_id is None:
            return
        gaps = draft.gaps(self._case_id) if draft.is_open else []
        words = draft.state_words()
        if draft.is_open and not draft.is_saved(self._case_id):
            words = self.tr("{state} · not saved").format(state=words) if draft.recorded else words
        report = draft.issued_in(view.issued)
        if report is not None:
            words = self.tr("{number} was issued. Next: save a copy, verify it, or replace it.")
            words = words.format(number=report.number)
        self.bar.set_subtitle(self._said or (f"{words} · {gaps[0]}" if gaps else words))
        self.review.show_draft(draft, self.session.lab.info.zone)
        person = self.session.actor.person if self.session.is_open else None
        self.acts.show_state(
            draft, self._view.drafts, person, is_saved=draft.is_saved(self._case_id), why_not=gaps[0] if gaps else ""
        )

    def _next_number(self) -> str:
        case = self.session.case
        return f"R-{case.number}-{len(self._view.issued) + 1}" if case else ""

    def _shown_number(self) -> str:
        return self.draft.number_in(self.session.case.number, self._view.issued) if self.session.case else ""

    def _on_edit(self) -> None:
        self._said = ""
        self._show_parts()
        self._wait.start()

    def _issued(self, report: IssuedReport) -> None:
        self.session.tell_record_changed()
        self.refresh()
        self._wanted_report = report.id
        announce(self, self.tr("{number} was issued").format(number=report.number))
        self.parts.choose(PartKey.ISSUED)
        sheet = IssuedSheet(self, report)
        sheet.save_asked.connect(lambda: self._save_issued(report))
        sheet.open()

    def _replace(self, report: IssuedReport | None) -> None:
        """Begin a report that replaces an issued one; nothing is recorded before it is saved."""
        if report is None:
            return
        lab = self.session.lab

        def begin(content: ReportRequest) -> None:
            self._work_at(Draft.of(content))
            self.parts.choose(PartKey.PARTICULARS)

        self.context.jobs.start(
            self, lambda _: lab.drafts.content_replacing(report.id), done=begin,
            failed=self._failed(self.tr("Replace {number}").format(number=report.number)),
        )  # fmt: skip

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
        self._wait.stop()
        self._previewing.open(report)

    def _save_issued(self, report: IssuedReport | None) -> None:
        if report:
            lab = self.session.lab
            self._save(file_name(report.number, suffix=".pdf"), lambda: lab.report_upgrades.file(report).pdf)

    def _save_shown(self) -> None:
        pdf = self.preview.pdf
        if pdf is not None:
            self._save(self._previewing.name_of_copy(self._shown_number()), lambda: pdf)

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
        self._said = sentence
        self.bar.set_subtitle(sentence)
        announce(self, sentence)

    def _failed(self, title: str) -> Callable[[Exception], None]:
        return lambda error: self.context.show_error(title, error)
