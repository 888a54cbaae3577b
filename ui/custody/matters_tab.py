"""The tab with incidents, legal holds and disposals of the case: those that are open, and how the others ended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.custody.matters import CaseMatter, read_matters
from ui.custody.tab import CustodyTab
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.text import time_text
from ui.theme import Row, Space
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow, facts
from ui.widgets.refill import refill
from ui.widgets.sides import Sides
from ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.page import PageContext


class MattersTab(CustodyTab):
    """What is open first; at the right everything that was told of the chosen one, and the way to its exhibit."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        title = QCoreApplication.translate("MattersTab", "Incidents and holds")
        super().__init__(context, name="mattersTab", title=title)
        self._zone = ZoneInfo(context.session.lab.info.zone)
        self._reading = Latest(self, context.jobs)
        self._model: RecordTableModel[CaseMatter] = RecordTableModel(self._columns(), self, key=lambda one: one.key)
        self._lay_out()

    def refresh(self) -> None:
        """Read those of the case."""
        lab, case_id, zone = self.context.session.lab, self.case_id, self._zone
        if case_id is None:
            self._take(())
            return
        self._reading.ask(
            lambda _: read_matters(lab, case_id, zone),
            self._take,
            lambda error: self.context.show_error(self.accessibleName(), error),
        )

    def filter_box(self) -> QWidget | None:
        """The filter."""
        return self._filter.box

    def _lay_out(self) -> None:
        self._filter = FilterRow(self.tr("Type to filter: exhibit, person, state"), columns=False, export=False)
        self._filter.filter_changed.connect(self._model.set_filter)
        self.table = Table(self._model, name="mattersTable", title=self.accessibleName(), row_px=Row.TWO_LINE)
        self.table.chosen.connect(self._show)
        self.table.opened.connect(self._go)
        left = pane(vbox(self._filter, line(), (self.table, 1), gap=0))
        left.setMinimumWidth(9 * Space.XXL)
        self._detail = vbox(gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M))
        side = scrolled(plain(vbox(self._detail, None, gap=0)), name="matterSide")
        side.setMinimumWidth(8 * Space.XXL)
        words = self.tr(
            "No incident, no legal hold and no disposal in this case. Each is begun at its exhibit: “One exhibit”, "
            "More."
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(Sides(left, side, sizes=(760, 420), name="mattersSplit"))
        self._stack.addWidget(EmptyState("seal", words, name="noMatters"))
        self.setLayout(vbox(self._stack, gap=0))

    def _take(self, matters: Sequence[CaseMatter]) -> None:
        if not self.context.session.is_open:
            return
        self._model.set_records(matters)
        self._stack.setCurrentIndex(0 if matters else 1)
        if matters and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show(self.table.current_record())

    def _show(self, matter: CaseMatter | None) -> None:
        if matter is None:
            refill(self._detail, [label(self.tr("Choose a line to see what was told."), "muted", wrap=True)])
            return
        head = hbox(
            (label(_title(matter), "title", wrap=True), 1), Badge(matter.tone, matter.state, name="matterState")
        )
        rows = [(self.tr("Recorded"), time_text(matter.began_at, self._zone)), *matter.told]
        parts: list[QWidget] = [
            plain(head), label(matter.what, wrap=True, select=True, name="matterWhat"),
            plain(facts([(name, value) for name, value in rows if value])),
        ]  # fmt: skip
        if matter.exhibit_id is not None:
            go = Button(self.tr("Show {number}").format(number=matter.number), name="showMatter", icon="exhibit")
            go.clicked.connect(lambda: self._go(matter))
            parts.append(plain(hbox(go, None)))
        refill(self._detail, parts)

    def _go(self, matter: CaseMatter | None) -> None:
        if matter and matter.exhibit_id is not None:
            self.context.go_to("custody", matter.exhibit_id)

    def _columns(self) -> tuple[Column[CaseMatter], ...]:
        def when(matter: CaseMatter) -> Cell:
            return Cell(time_text(matter.began_at, self._zone), Kind.TIME)

        return (
            Column(
                key="state", title=self.tr("State"), cell=lambda one: Cell(one.state, Kind.BADGE, tone=one.tone),
                width_px=128,
            ),
            Column(
                key="what", title=self.tr("What"), cell=lambda one: Cell(_title(one), Kind.TWO, one.what),
                width_px=220, stretch=True,
            ),
            Column(key="by", title=self.tr("By"), cell=lambda one: Cell(one.by), width_px=140),
            Column(
                key="when", title=self.tr("Recorded ({zone})").format(zone=self._zone.key), cell=when, width_px=206,
                narrow_px=120, sort_key=lambda matter: matter.began_at,
            ),
        )  # fmt: skip


def _title(matter: CaseMatter) -> str:
    return f"{matter.title}: {matter.number or QCoreApplication.translate('MattersTab', 'the whole case')}"
