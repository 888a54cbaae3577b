"""Makes what the preview shows, in the background: the draft that is worked at, or a report that was issued."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject

from ui import text
from ui.latest import Latest
from ui.reports.issued_part import issued_words
from ui.reports.preview_pane import Pages, PreviewPane, pages_of, preview_of
from ui.saving import file_name

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.report import IssuedReport
    from ui.page import PageContext
    from ui.reports.draft import Draft


class Previewing(QObject):
    """An older question is given up when a newer one is asked."""

    def __init__(self, pane: PreviewPane, context: PageContext) -> None:
        """Show what is made in ``pane``."""
        super().__init__(pane)
        self._pane, self._context = pane, context
        self._latest = Latest(self, context.jobs)
        self._shown: IssuedReport | None = None

    def make(self, case_id: CaseId, draft: Draft) -> None:
        """Make the preview of a draft."""
        lab, author = self._context.session.lab, self._context.session.actor.person
        request, recorded = draft.request(case_id), draft.saved(case_id)
        self._pane.say_making()

        def show(pages: Pages) -> None:
            self._shown = None
            self._pane.show_pages(pages, self.tr("Draft, not signed"))

        self._latest.ask(
            lambda on_progress: preview_of(lab.reporting, author, request, recorded, on_progress), show, self._failed
        )

    def open(self, report: IssuedReport) -> None:
        """Show the newest file of an issued report."""
        lab, zone = self._context.session.lab, ZoneInfo(self._context.session.lab.info.zone)
        title = self.tr("Open {number}").format(number=report.number)

        def read(_: object) -> tuple[Pages, str]:
            file = lab.report_upgrades.file(report)
            return pages_of(lab.reporting, file.pdf), file.upgraded_to

        def show(shown: tuple[Pages, str]) -> None:
            self._shown = report
            when = text.time_text(report.issued_at, zone, to_minute=True)
            self._pane.show_pages(shown[0], issued_words(report, when, shown[1]))

        self._latest.ask(read, show, lambda error: self._context.show_error(title, error))

    def name_of_copy(self, draft_number: str) -> str:
        """What a copy of what is shown is called; ``draft_number`` is that of a draft."""
        if self._shown is not None:
            return file_name(self._shown.number, suffix=".pdf")
        return file_name(draft_number, self.tr("unsigned"), suffix=".pdf")

    def _failed(self, error: Exception) -> None:
        self._pane.show_nothing(self.tr("The preview could not be made."))
        self._context.show_error(self.tr("Make the preview"), error)
