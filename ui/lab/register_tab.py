"""What the further registers of the Lab page have in common: acts above a list that reads for itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.latest import Latest
from ui.models.cells import Column
from ui.models.record_table import RecordTableModel
from ui.theme import Row, Space
from ui.widgets.buttons import Button
from ui.widgets.layout import line, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow
from ui.widgets.table import LEAST_LIST_PX, Table
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from ui.page import PageContext

R = TypeVar("R")


class RegisterTab(QWidget, Generic[R]):
    """A list with its acts, the first of which adds to it; ``read`` runs off the UI thread."""

    def __init__(
        self, context: PageContext, *, name: str, title: str, columns: Sequence[Column[R]],
        key: Callable[[R], Hashable], read: Callable[[Lab], Sequence[R]], hint: str, acts: Sequence[Button], empty: str,
        note: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Show nothing yet; ``empty`` says what to do where nothing is recorded, ``note`` stands over the list."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.context, self._read = context, read
        self.reading = Latest(self, context.jobs)
        self.add_button = acts[0]
        self._model: RecordTableModel[R] = RecordTableModel(columns, self, key=key)
        self.filter = FilterRow(hint, columns=False, export=False)
        self.filter.filter_changed.connect(self._model.set_filter)
        self.table = Table(self._model, name=f"{name}Table", title=title, row_px=Row.TWO_LINE)
        self.table.chosen.connect(lambda _: self.show_acts())
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._begin = Button("", name=f"{name}Begin")
        self._begin.clicked.connect(self.add_button.click)
        self.add_button.installEventFilter(self)
        self._list.addWidget(EmptyState("lab", empty, self._begin, name=f"{name}Empty"))
        buttons = QWidget()
        margins = (Space.M, Space.S, Space.M, Space.S)
        buttons.setLayout(WrapLayout(*acts, gap=Space.S, margins=margins))
        above = vbox(plain(vbox(self.filter, gap=0)), buttons, gap=0)
        self.note_row = plain(vbox(*[note] if note else [], margins=(Space.M, 0, Space.M, Space.S)))
        if note is None:
            self.note_row.hide()
        above.addWidget(self.note_row)
        self._list.setMinimumHeight(LEAST_LIST_PX)
        self.setLayout(
            vbox(scrolled(plain(vbox(plain(above), line(), (self._list, 1), gap=0)), name=f"{name}Scroll"), gap=0)
        )

    def refresh(self) -> None:
        """Read the register."""
        lab = self.context.session.lab
        self.reading.ask(
            lambda _: self._read(lab),
            self._take,
            lambda error: self.context.show_error(self.accessibleName(), error),
        )

    def show_acts(self) -> None:
        """Let only what may be done now be pressed."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Offer the first act in the empty list, too, where it may be done."""
        if watched is self.add_button and event.type() == QEvent.Type.EnabledChange:
            self._offer()
        return False

    def _offer(self) -> None:
        self._begin.set_text(self.add_button.text())
        self._begin.setVisible(self.add_button.isEnabled())

    def chosen(self) -> R | None:
        """The record of the current row."""
        found: R | None = self.table.current_record()
        return found

    @property
    def records(self) -> tuple[R, ...]:
        """What was read."""
        return self._model.records

    def act_upon_chosen(self, act: Callable[[R], None]) -> None:
        """Do ``act`` with the chosen record once the newest reading is there."""

        def do() -> None:
            found = self.chosen()
            if found is not None:
                act(found)

        self.reading.afterwards(do)

    def _take(self, records: Sequence[R]) -> None:
        if not self.context.session.is_open:
            return
        self._model.set_records(records)
        self._list.setCurrentIndex(0 if records else 1)
        self._offer()
        if records and self.table.current_record() is None:
            self.table.selectRow(0)
        self.show_acts()
