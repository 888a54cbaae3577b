"""Writes labels as a PDF where the person says, and tells what a scan of one found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ui.announce import announce
from ui.exhibits.label_sheet import LabelOrder, LabelOrderSheet
from ui.saving import AskWhere, file_name
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.layout import vbox
from ui.widgets.notes import note

if TYPE_CHECKING:
    from forensics_app.model.case import Case
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.label import Scanned
    from ui.page import PageContext


class LabelPrinting(QObject):
    """Asks which labels, asks where, and writes them as a job."""

    def __init__(self, page: QWidget, context: PageContext, ask: AskWhere) -> None:
        """Work over the window of ``page``; ``ask`` tells where the file is to be written."""
        super().__init__(page)
        self._page, self._context, self._ask = page, context, ask

    def open(self, case: Case, exhibits: Sequence[Exhibit], chosen: Exhibit | None) -> None:
        """Ask for labels of the ``chosen`` exhibit or of all ``exhibits``."""
        sheet = LabelOrderSheet(self._page.window(), exhibits, chosen)
        sheet.submitted.connect(lambda order: self._write(case, chosen, order))
        sheet.open()

    def _write(self, case: Case, chosen: Exhibit | None, order: LabelOrder) -> None:
        title = self.tr("Print labels")
        of_one = chosen.number if chosen is not None and order.exhibit_ids else ""
        path = self._ask(
            self._page, title, file_name(case.number, of_one, self.tr("labels"), suffix=".pdf"), "PDF (*.pdf)"
        )
        if path is None:
            return
        lab = self._context.session.lab

        def work() -> None:
            lab.reporting.save_copy(
                lab.labels.pdf(case.id, order.exhibit_ids, order.sheet, order.start, order.language), path
            )

        self._context.jobs.start(
            self,
            lambda _: work(),
            done=lambda _: announce(self._page, self.tr("Written to {path}").format(path=path)),
            failed=lambda error: self._context.show_error(title, error),
        )


class ScanRow(QWidget):
    """What the last scan found, until it is put away or another case is shown."""

    def __init__(self) -> None:
        """Start out of sight."""
        super().__init__()
        self.setObjectName("scanRow")
        away = Button(self.tr("Close"), name="closeScan", kind="quiet")
        away.clicked.connect(self.hide)
        self._note = note(Tone.INFO, "", away, name="scanNote")
        self.setLayout(vbox(self._note, margins=(Space.M, Space.S, Space.M, Space.S)))
        self.hide()

    def show_scan(self, scanned: Scanned) -> None:
        """Say what was found, how old the label is, and whether it names another seal than the record."""
        self._note.say(Tone.WARN if scanned.seal_differs else Tone.OK, scanned.words)
        self.show()
        announce(self, scanned.words)
