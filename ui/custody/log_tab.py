"""The tab with the entries of all cases, filtered; it is read, and nothing is written (REQ-38)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.wording import act_words
from ui import text
from ui.custody.log_form import AskedLog, LogForm, LogView, read_log
from ui.custody.signed_text import SignedTextSheet
from ui.custody.tab import CustodyTab
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.saving import AskWhere, file_name
from ui.theme import Row, Space
from ui.widgets.buttons import IconButton
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.table import LEAST_LIST_PX, Table

if TYPE_CHECKING:
    from forensics_app.model.custody import CustodyEvent
    from ui.page import PageContext


class LogTab(CustodyTab):
    """The filter above, the entries below; Enter shows the signed text of one."""

    def __init__(self, context: PageContext, ask: AskWhere) -> None:
        """Show nothing yet; ``ask`` tells where a file is to be written."""
        super().__init__(context, name="logTab", title=QCoreApplication.translate("LogTab", "Log of all cases"))
        self._ask_where = ask
        self._reading = Latest(self, context.jobs)
        self._numbers: dict[object, str] = {}
        zone = ZoneInfo(context.session.lab.info.zone)
        self._model: RecordTableModel[CustodyEvent] = RecordTableModel(
            self._columns(zone), self, key=lambda event: event.digest
        )
        self.form = LogForm()
        self.table = Table(self._model, name="logTable", title=self.tr("Entries"), row_px=Row.TWO_LINE)
        self._count = label(role="small", wrap=True, name="logCount")
        export = IconButton("export", self.tr("Export these entries as CSV"), name="exportLog")
        self._none = EmptyState("filter", self.tr("No entry fits; choose “All” in some of the fields."), name="noLog")
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self._none)
        head = vbox(
            self.form, hbox((self._count, 1), export), gap=Space.S, margins=(Space.L, Space.S + 2, Space.S, Space.S)
        )
        self._list.setMinimumHeight(LEAST_LIST_PX)
        all_of_it = plain(vbox(plain(head), line(), (self._list, 1), gap=0))
        self.setLayout(vbox(pane(vbox(scrolled(all_of_it, name="logScroll"), gap=0)), gap=0))
        self.form.asked.connect(self._read)
        self.table.opened.connect(self._open)
        export.clicked.connect(self._export)

    def refresh(self) -> None:
        """Read again what is asked for."""
        request = self.form.request()
        if request is not None:
            self._read(request)

    def filter_box(self) -> QWidget | None:
        """The first choice."""
        return self.form.entry()

    def _read(self, asked: AskedLog) -> None:
        lab = self.context.session.lab
        self._reading.ask(
            lambda _: read_log(lab, asked),
            self._take,
            lambda error: self.context.show_error(self.tr("Read the log"), error),
        )

    def _take(self, view: LogView) -> None:
        self._numbers = {one.id: one.number for one in view.cases}
        self.form.show_choices(view)
        self._model.set_records(view.events)
        self._list.setCurrentWidget(self.table if view.events else self._none)
        if view.events and self.table.current_record() is None:
            self.table.selectRow(0)
        words = text.plural(len(view.events), self.tr("1 entry"), self.tr("{n} entries, the newest first"))
        if view.is_cut:
            words = self.tr("The newest {n} entries; older ones are found by fewer days or a case").format(
                n=text.count_text(len(view.events))
            )
        self._count.setText(words)

    def _open(self, event: CustodyEvent | None) -> None:
        if event:
            SignedTextSheet(self, event).open()

    def _export(self) -> None:
        title, lab = self.tr("Export the entries"), self.context.session.lab
        path = self._ask_where(self, title, file_name(self.tr("log"), suffix=".csv"), "CSV (*.csv)")
        if path is None:
            return
        words = self.table.as_csv().encode("utf-8-sig")
        said = self.tr("Written to {path}").format(path=path)
        self.context.jobs.start(
            self,
            lambda _: lab.reporting.save_copy(words, path),
            done=lambda _: self._count.setText(said),
            failed=lambda error: self.context.show_error(title, error),
        )

    def _columns(self, zone: ZoneInfo) -> tuple[Column[CustodyEvent], ...]:
        def when(event: CustodyEvent) -> Cell:
            return Cell(text.time_text(event.recorded_at, zone), Kind.TIME)

        def what(event: CustodyEvent) -> Cell:
            about = f"{event.object_label}: {event.reason}" if event.reason else event.object_label
            return Cell(act_words(event), Kind.TWO, about)

        def where(event: CustodyEvent) -> Cell:
            return Cell(self._numbers.get(event.chain, self.tr("Laboratory")), Kind.TWO, f"#{event.sequence}")

        def who(event: CustodyEvent) -> Cell:
            return Cell(", ".join(one.name for one in event.signatures))

        return (
            Column(key="what", title=self.tr("Act, about what"), cell=what, width_px=220, stretch=True),
            Column(
                key="where", title=self.tr("Case, entry"), cell=where, width_px=110,
                sort_key=lambda event: (str(self._numbers.get(event.chain, "")), event.sequence),
            ),
            Column(key="who", title=self.tr("Signed by"), cell=who, width_px=170),
            Column(
                key="when", title=self.tr("Recorded ({zone})").format(zone=zone.key), cell=when, width_px=206,
                narrow_px=120, sort_key=lambda event: event.recorded_at,
            ),
        )  # fmt: skip
