"""The reports that were issued: they do not change any more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame

from ui import text
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Row, Space
from ui.widgets.buttons import Button, allow
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.refill import refill
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.report import IssuedReport
    from forensics_app.services.upgraded_reports import UpgradedFile


class IssuedPart(QFrame):
    """``open_asked``, ``save_asked``, ``verify_asked`` and ``replace_asked`` carry a report."""

    open_asked = Signal(object)
    save_asked = Signal(object)
    verify_asked = Signal(object)
    replace_asked = Signal(object)

    def __init__(self) -> None:
        """Start without reports."""
        super().__init__()
        self.setProperty("card", True)
        self._zone: tzinfo | None = None
        self._people: Mapping[UUID, str] = {}
        self._upgraded: Mapping[str, UpgradedFile] = {}
        self._model: RecordTableModel[IssuedReport] = RecordTableModel(self._columns(), self, key=lambda one: one.id)
        self.table = Table(self._model, name="issuedReports", title=self.tr("Issued reports"))
        self.table.setMinimumHeight(Row.HEAD + 3 * Row.NORMAL)
        self.table.opened.connect(self.open_asked)
        self.table.chosen.connect(self._show)
        self._open = Button(self.tr("Open copy"), name="openIssued", icon="eye", tip=self.tr("Show it at the right"))
        self._open.clicked.connect(lambda: self.open_asked.emit(self.table.current_record()))
        self._save = Button(self.tr("Save as…"), name="saveIssued", icon="export")
        self._save.clicked.connect(lambda: self.save_asked.emit(self.table.current_record()))
        tip = self.tr("Check its signatures, attached files, ledger and digests; upgrade them")
        self._verify = Button(self.tr("Verify…"), name="verifyIssued", icon="shield", tip=tip)
        self._verify.clicked.connect(lambda: self.verify_asked.emit(self.table.current_record()))
        self._replace = Button(
            self.tr("Replace…"), name="replaceIssued", tip=self.tr("Begin a report that replaces this one")
        )
        self._replace.clicked.connect(lambda: self.replace_asked.emit(self.table.current_record()))
        self._replaced_by: dict[UUID, str] = {}
        self._digest = vbox(gap=0)
        self._empty = EmptyState("sign", self.tr("No report of this case was issued yet."), name="noIssued")
        margins = (Space.L, Space.M, Space.L, Space.M)
        acts = hbox(self._open, self._save, self._verify, None, self._replace)
        title = label(self.tr("Issued reports"), "section")
        self.setLayout(vbox(title, (self.table, 1), self._digest, acts, self._empty, margins=margins))
        self.show_reports((), {}, None, {})

    def show_reports(
        self,
        reports: Sequence[IssuedReport],
        people: Mapping[UUID, str],
        zone: tzinfo | None,
        upgraded: Mapping[str, UpgradedFile],
    ) -> None:
        """Show the reports of a case, newest first, with times in ``zone``; ``upgraded`` by the id of a report."""
        self._people, self._zone, self._upgraded = people, zone, upgraded
        self._replaced_by = {one.replaces_id: one.number for one in reports if one.replaces_id is not None}
        self._model.set_records(reports)
        self._empty.setVisible(not reports)
        for part in (self.table, self._open, self._save, self._verify, self._replace):
            part.setVisible(bool(reports))
        if reports and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show(self.table.current_record())

    def _show(self, report: IssuedReport | None) -> None:
        self._open.setEnabled(report is not None)
        self._save.setEnabled(report is not None)
        self._verify.setEnabled(report is not None)
        newer = self._replaced_by.get(report.id, "") if report else ""
        allow(self._replace, self.tr("It was replaced by {number}.").format(number=newer) if newer else "")
        shown = [DigestView(self.tr("SHA-256, as issued"), report.sha256)] if report else []
        newest = self._upgraded.get(str(report.id)) if report else None
        if newest is not None:
            words = self.tr("SHA-256, upgraded to {level}").format(level=newest.level)
            shown.append(DigestView(words, newest.sha256))
        refill(self._digest, shown)

    def _columns(self) -> tuple[Column[IssuedReport], ...]:
        def issued(report: IssuedReport) -> Cell:
            return Cell(text.time_text(report.issued_at, self._zone), Kind.TIME)

        return (
            Column(key="number", title=_tr("Number"), cell=lambda one: Cell(one.number, Kind.STRONG), width_px=122),
            Column(
                key="pages", title=_tr("Pages"), right=True, width_px=56, sort_key=lambda one: one.pages,
                cell=lambda one: Cell(text.count_text(one.pages), Kind.NUMBER),
            ),
            Column(key="issued", title=_tr("Issued"), cell=issued, width_px=206),
            Column(
                key="by", title=_tr("By"), cell=lambda one: Cell(self._people.get(one.author_id, "")), width_px=90,
                stretch=True,
            ),
            Column(
                key="digest", title=_tr("SHA-256"), width_px=150, hidden=True,
                cell=lambda one: Cell(text.short_digest_text(one.sha256), Kind.MONO),
            ),
        )  # fmt: skip


def issued_words(report: IssuedReport, when: str, upgraded_to: str) -> str:
    """Which file of an issued report is shown: as it was issued, or as it was upgraded since."""
    words = _tr("{number}, issued {when}, upgraded to {level}") if upgraded_to else _tr("{number}, as issued {when}")
    return words.format(number=report.number, when=when, level=upgraded_to)


def _tr(words: str) -> str:
    return QCoreApplication.translate("IssuedPart", words)
