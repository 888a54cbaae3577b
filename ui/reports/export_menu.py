"""Writing a report in other formats than the signed PDF, and the defence kit, from one button with a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu, QWidget

from forensics_app.model.report_format import ReportFormat
from ui.jobs import JobCard
from ui.page import PageContext
from ui.saving import AskWhere, file_name
from ui.widgets.buttons import Button

if TYPE_CHECKING:
    from forensics_app.model.report import ReportRequest
    from forensics_app.model.report_draft import ReportDraft


class ExportMenu(QObject):
    """A button that offers each format; what is chosen is written into a new folder by a job.

    Attributes:
        button: For the bar of the page.
    """

    def __init__(
        self,
        page: QWidget,
        context: PageContext,
        *,
        ask: AskWhere,
        request: Callable[[], ReportRequest | None],
        draft: Callable[[], ReportDraft | None],
        number: Callable[[], str],
        written: Callable[[str], None],
    ) -> None:
        """Make the button.

        Args:
            page: Where jobs and questions belong.
            context: Of the page.
            ask: Tells where the folder is to be made.
            request: What the report is to say; None where no case is open.
            draft: The draft of the record that this is of, if there is one.
            number: Of the draft or its report, for the name of the folder.
            written: Takes a sentence about what was written.
        """
        super().__init__(page)
        self._page, self._context, self._ask = page, context, ask
        self._request, self._draft, self._number, self._written = request, draft, number, written
        self.button = Button(
            self.tr("Export as"), name="exportReport", icon="export",
            tip=self.tr("Write what the report says now in another format, unsigned"),
        )  # fmt: skip
        self.menu = QMenu(self.button)
        self.menu.setObjectName("exportMenu")
        words = {
            ReportFormat.DOCX: self.tr("Editable document (DOCX)…"),
            ReportFormat.HTML: self.tr("One HTML file…"),
            ReportFormat.CSV: self.tr("Tables (CSV)…"),
            ReportFormat.BODYFILE: self.tr("Body file of the cited files…"),
            ReportFormat.CASE: self.tr("CASE 1.4 / UCO 1.4 (JSON-LD)…"),
        }
        for form, said in words.items():
            self._add(f"export-{form}", said, partial(self._export, (form,)))
        self._add("export-all", self.tr("All of these…"), lambda: self._export(tuple(ReportFormat)))
        self.menu.addSeparator()
        self._add("export-kit", self.tr("Defence kit, without content…"), self._make_kit)
        self.button.setMenu(self.menu)

    def _add(self, name: str, words: str, act: Callable[[], None]) -> None:
        action = self.menu.addAction(words)
        action.setObjectName(name)
        action.triggered.connect(lambda _=False: act())

    def _export(self, formats: tuple[ReportFormat, ...]) -> None:
        title = self.tr("Export the report")
        request, target = self._where(title, formats[0].value if len(formats) == 1 else self.tr("formats"))
        if request is None or target is None:
            return
        lab, actor, draft = self._context.session.lab, self._context.session.actor, self._draft()
        self._start(title, target, lambda: lab.report_exports.export(actor, request, formats, target, draft))

    def _make_kit(self) -> None:
        title = self.tr("Make a defence kit")
        request, target = self._where(title, self.tr("kit"))
        if request is None or target is None:
            return
        lab, actor, draft = self._context.session.lab, self._context.session.actor, self._draft()
        said = self.tr(
            "{facts:,} facts of {of}. Findings: {findings:,}; chosen files: {files:,}; files in lists: {listed:,}."
        )

        def make() -> str:
            made = lab.kits.make(actor, request, target, draft)
            counts = {"findings": made.findings, "files": made.files, "listed": made.listed}
            return " ".join((said.format(facts=made.facts, of=made.of, **counts), *made.remarks))

        self._start(title, target, make)

    def _where(self, title: str, kind: str) -> tuple[ReportRequest | None, Path | None]:
        request = self._request()
        if request is None:
            return None, None
        return request, self._ask(
            self._page, title, file_name(self._number(), kind, suffix=""), self.tr("New folder (*)")
        )

    def _start(self, title: str, target: Path, work: Callable[[], object]) -> None:
        card = JobCard(
            title=title, icon="export", unit=self.tr("files"), if_stopped=self.tr("Nothing is written."), needs_key=True
        )
        said = self.tr("Written into the folder {path}").format(path=target)
        self.button.setEnabled(False)
        self._context.jobs.start(
            self._page, lambda _: work(), done=lambda told: self._done(said, told),
            failed=lambda error: self._failed(title, error), cancelled=lambda: self.button.setEnabled(True), card=card,
        )  # fmt: skip

    def _done(self, said: str, told: object) -> None:
        self.button.setEnabled(True)
        self._context.session.tell_record_changed()
        self._written(f"{said}. {told}" if isinstance(told, str) else said)

    def _failed(self, title: str, error: Exception) -> None:
        self.button.setEnabled(True)
        self._context.show_error(title, error)
