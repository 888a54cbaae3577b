"""Reads every chosen file from its image again and compares its SHA-256 with the recorded one, as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui import text
from ui.jobs import JobCard, OnProgress

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import CaseId
    from ui.page import PageContext


class Comparing(QObject):
    """``compared`` carries for the id of each file whether it is equal; ``progressed`` how far it is, in words."""

    progressed = Signal(str)
    compared = Signal(object)

    def __init__(self, owner: QWidget, context: PageContext) -> None:
        """One comparison at a time."""
        super().__init__(owner)
        self._context, self._running = context, False

    def start(self, case_id: CaseId | None) -> None:
        """Compare the files chosen in a case."""
        if case_id is None or self._running:
            return
        self._running = True
        lab = self._context.session.lab
        card = JobCard(
            title=self.tr("Compare the chosen files"), icon="hash", unit=self.tr("files"),
            if_stopped=self.tr("The files are shown as not compared."),
        )  # fmt: skip
        self.progressed.emit(self.tr("Comparing…"))
        self._context.jobs.start(
            self, lambda on_progress: compare_chosen(lab, case_id, on_progress), done=self._done, failed=self._failed,
            progress=self._progress, cancelled=self._end, card=card, warning=self._warning,
        )  # fmt: skip

    def _progress(self, done: int, total: int) -> None:
        if self._running:
            self.progressed.emit(self.tr("{done} of {total} files").format(done=done, total=total))

    def _done(self, equal: dict[UUID, bool]) -> None:
        self._end()
        self.compared.emit(equal)

    def _failed(self, error: Exception) -> None:
        self._end()
        self._context.show_error(self.tr("Compare the chosen files"), error)

    def _warning(self, equal: dict[UUID, bool]) -> str:
        wrong = sum(not one for one in equal.values())
        return text.plural(wrong, self.tr("1 file differs"), self.tr("{n} files differ")) if wrong else ""

    def _end(self) -> None:
        self._running = False
        self.progressed.emit("")


def compare_chosen(lab: Lab, case_id: CaseId, on_progress: OnProgress) -> dict[UUID, bool]:
    """Whether each file that has a recorded SHA-256 still has it; ``on_progress`` counts files.

    Raises:
        EvidenceError: An image cannot be read.
    """
    images = {image.id: image for image in lab.intake.list(case_id)}
    files = [one for one in lab.examine.chosen(case_id) if one.sha256 is not None]
    equal: dict[UUID, bool] = {}
    for at, one in enumerate(files):
        on_progress(at, len(files))
        equal[one.id] = lab.examine.sha256_now(images[one.image_id], one) == one.sha256
    on_progress(len(files), len(files))
    return equal
