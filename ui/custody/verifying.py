"""Verifies the record as a job and records who had it done, and with what answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.announce import announce
from ui.jobs import JobCard, OnProgress

if TYPE_CHECKING:
    from forensics_app.model.custody import LabReport
    from ui.page import PageContext


class Verifying(QObject):
    """One verification at a time; ``progressed`` carries how far it is in words, or an empty text when it ended."""

    progressed = Signal(str)

    def __init__(self, owner: QWidget, context: PageContext) -> None:
        """Tell the session of every answer."""
        super().__init__(owner)
        self._owner, self._context, self._running = owner, context, False

    def start(self) -> None:
        """Verify every chain, row and file; the answer is signed for by the person whose key is open."""
        if self._running:
            return
        self._running = True
        session = self._context.session
        lab, actor = session.lab, session.actor

        def work(on_progress: OnProgress) -> LabReport:
            report = lab.verification.verify(on_progress=on_progress)
            lab.verification.sign_off(actor, report)
            return report

        card = JobCard(
            title=self.tr("Verify the record"),
            icon="shield",
            unit=self.tr("entries"),
            if_stopped=self.tr("Nothing is recorded, and the answer before stays in sight."),
            needs_key=True,
        )
        self.progressed.emit(self.tr("Verifying…"))
        self._context.jobs.start(
            self, work, done=lambda report: self._done(report, actor.person.name), failed=self._failed,
            progress=self._progress, cancelled=self._end, card=card,
            warning=lambda report: "" if report.ok else self.tr("The record is not what was signed"),
        )  # fmt: skip

    def _progress(self, done: int, total: int) -> None:
        if self._running and total:
            self.progressed.emit(self.tr("{n} % of the entries").format(n=done * 100 // total))

    def _done(self, report: LabReport, by: str) -> None:
        self._end()
        self._context.session.tell_record_changed()
        self._context.session.tell_verified(report, by)
        words = self.tr("Everything verifies") if report.ok else self.tr("The record is not what was signed")
        announce(self._owner, words, urgent=not report.ok)

    def _failed(self, error: Exception) -> None:
        self._end()
        self._context.show_error(self.tr("Verify the record"), error)

    def _end(self) -> None:
        self._running = False
        self.progressed.emit("")
