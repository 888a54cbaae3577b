"""The left side of the page: the filter with its chips, and the list of exhibits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from forensics_app.model.exhibit import ExhibitId
from ui.exhibits.columns import exhibit_columns
from ui.exhibits.reading import ExhibitLine
from ui.exhibits.words import IN_STORE, OUT, needs_attention
from ui.models.record_table import RecordTableModel
from ui.text import count_text
from ui.theme import Row
from ui.widgets.buttons import Chip
from ui.widgets.layout import line, restyle, vbox
from ui.widgets.notes import EmptyState, FilterRow
from ui.widgets.table import Table

_HOLDER, _HOLDER_PX, _HOLDER_WIDE_PX, _WIDE_PX = 3, 124, 230, 1000


class ListPane(QWidget):
    """Shows :class:`ExhibitLine` records; ``chosen`` carries the current one, ``opened`` one to be dealt with."""

    chosen = Signal(object)
    opened = Signal(object)
    export_failed = Signal(object)

    def __init__(
        self, zone: Callable[[], tzinfo], share_taken_in: Callable[[ExhibitId], float | None], store: QSettings
    ) -> None:
        """Show times in ``zone``; columns are remembered in ``store``."""
        super().__init__()
        restyle(self, "pane", True)
        self._wide = False
        self._chips = {
            "all": Chip("", name="chipAll", on=True, exclusive=True),
            "attention": Chip("", name="chipAttention", icon="verify-warning", exclusive=True),
            "store": Chip("", name="chipInStore", exclusive=True),
            "out": Chip("", name="chipOut", exclusive=True),
        }
        self._chips["out"].setToolTip(
            self.tr("Not in the lab's hands: in transit, in court, returned, not received yet")
        )
        for name, chip in self._chips.items():
            chip.toggled.connect(lambda on, name=name: self._choose(name) if on else None)
        self.filter = FilterRow(self.tr("Type to filter: number, serial, place, holder"), list(self._chips.values()))
        self._model: RecordTableModel[ExhibitLine] = RecordTableModel(
            exhibit_columns(zone, lambda one: share_taken_in(one.exhibit.id)), self, key=lambda one: one.exhibit.id
        )
        self.table = Table(self._model, name="exhibits", title=self.tr("Exhibits"), row_px=Row.TWO_LINE)
        self.table.remember(store)
        self.table.chosen.connect(self.chosen)
        self.table.opened.connect(self.opened)
        self.table.previewed.connect(self.opened)
        self.filter.filter_changed.connect(self._filter)
        self.filter.columns_asked.connect(lambda: self.table.choose_columns(self.filter.columns_button))
        self.filter.export_asked.connect(self._export)
        self._none_left = EmptyState("filter", self.tr("No exhibit fits the filter."), name="nothingFits")
        self._shown = QStackedWidget()
        self._shown.addWidget(self.table)
        self._shown.addWidget(self._none_left)
        self.setLayout(vbox(self.filter, line(), (self._shown, 1), gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give holder and place more room where there is plenty."""
        wide = event.size().width() >= _WIDE_PX
        if wide != self._wide:
            self._wide = wide
            self.table.setColumnWidth(_HOLDER, _HOLDER_WIDE_PX if wide else _HOLDER_PX)
        super().resizeEvent(event)

    def show_lines(self, lines: tuple[ExhibitLine, ...]) -> None:
        """Show the exhibits of a case; the current one stays current, at first the first one."""
        now = datetime.now(UTC)
        counts = {name: sum(1 for one in lines if _fits(name, one, now)) for name in self._chips}
        words = {
            "all": self.tr("All {n}"),
            "attention": self.tr("Needs attention {n}"),
            "store": self.tr("In store {n}"),
            "out": self.tr("Out {n}"),
        }
        for name, chip in self._chips.items():
            chip.set_text(words[name].format(n=count_text(counts[name])))
        self._model.set_records(lines)
        self._show_whether_empty()
        if self.table.current_record() is None and self._model.rowCount():
            self.table.selectRow(0)

    def draw_again(self) -> None:
        """Draw the rows again: a running intake went on."""
        self.table.viewport().update()

    def select(self, exhibit_id: object) -> bool:
        """Make an exhibit current; tell whether it is in the list."""
        if self._model.row_of(exhibit_id) < 0:
            self._chips["all"].setChecked(True)
            self.filter.box.clear()
        return self.table.select_key(exhibit_id)

    def write_csv(self, target: Path) -> None:
        """Write the rows as shown."""
        target.write_text(self.table.as_csv(), encoding="utf-8", newline="")

    def _choose(self, name: str) -> None:
        now = datetime.now(UTC)
        self._model.set_condition(None if name == "all" else lambda one: _fits(name, one, now))
        self._show_whether_empty()

    def _filter(self, words: str) -> None:
        self._model.set_filter(words)
        self._show_whether_empty()

    def _show_whether_empty(self) -> None:
        empty = not self._model.rowCount() and bool(self._model.records)
        self._shown.setCurrentWidget(self._none_left if empty else self.table)

    def _export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Export the list"), "exhibits.csv", "CSV (*.csv)")
        if chosen:
            try:
                self.write_csv(Path(chosen))
            except OSError as error:
                self.export_failed.emit(error)


def _fits(name: str, one: ExhibitLine, now: datetime) -> bool:
    match name:
        case "attention":
            return needs_attention(one.exhibit, now)
        case "store":
            return one.exhibit.state in IN_STORE
        case "out":
            return one.exhibit.state in OUT
    return True
