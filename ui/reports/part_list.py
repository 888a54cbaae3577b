"""The parts of the report, each with how far it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame

from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.reports.draft import Part, PartKey
from ui.theme import Row
from ui.widgets.layout import vbox
from ui.widgets.table import Table


class PartList(QFrame):
    """``chosen`` carries the key of a part."""

    chosen = Signal(object)

    def __init__(self) -> None:
        """Start without parts."""
        super().__init__()
        self.setObjectName("partList")
        self.setProperty("card", True)
        self._model: RecordTableModel[Part] = RecordTableModel(_columns(), self, key=lambda part: part.key)
        self.table = Table(self._model, name="reportParts", title=self.tr("Parts of the report"), is_remembered=False)
        self.table.setFixedHeight(Row.HEAD + len(PartKey) * Row.NORMAL + 2)
        self.table.chosen.connect(lambda part: self.chosen.emit(part.key) if part else None)
        self.setLayout(vbox(self.table, gap=0, margins=(1, 1, 1, 1)))

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show the parts; the chosen one stays."""
        if tuple(parts) != self._model.records:
            self._model.set_records(parts)

    def choose(self, key: PartKey) -> None:
        """Work at a part."""
        self.table.select_key(key)


def _columns() -> tuple[Column[Part], ...]:
    return (
        Column(
            key="title", title=_tr("Part"), cell=lambda part: Cell(part.title, Kind.NAME, icon=part.icon), width_px=260,
            stretch=True, sortable=False,
        ),
        Column(
            key="state", title=_tr("State"), width_px=170,
            cell=lambda part: Cell(part.state, Kind.MARK, tone=part.tone),
        ),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("PartList", words)
