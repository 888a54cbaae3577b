"""What a content of a known format holds: its parts one at a time, as a table, a tree, a text or pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from forensics_app.model.viewing import PAGES, TABLE, Part, Rows, Sheet
from ui import text
from ui.examine.decoding import fold, harmless
from ui.examine.sources import in_words
from ui.examine.structure_parts import MOST_ROWS_SHOWN, PagesView, RowsView, TreePart
from ui.examine.words import tr
from ui.jobs import JobCard
from ui.latest import Latest
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.folding_note import FoldingNote
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.text_view import TextView

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage
    from ui.jobs import JobRunner

_SHORT_PX = 420
LISTED_BYTES = 32 * 1024 * 1024
"""Reading a larger content is listed among the jobs, where it can be stopped."""


class StructurePane(QFrame):
    """Shows the sheet of one content; ``opened`` once there is one, ``refused`` carries why there is none."""

    opened = Signal()
    refused = Signal(object)

    def __init__(self, jobs: JobRunner) -> None:
        """Start without a content."""
        super().__init__()
        self.setObjectName("structurePane")
        self._jobs = jobs
        self._edition = 0
        self._stop: Callable[[], None] = lambda: None
        self._sheet: Sheet | None = None
        self._listed: tuple[Part, ...] = ()
        self._place: tuple[Lab, EvidenceImage, CatalogueEntry] | None = None
        self._reading = Latest(self, jobs)
        self._format = label(role="label", name="structureFormat")
        self.parts = forms.choice([])
        self.parts.setObjectName("structureParts")
        self.parts.setAccessibleName(self.tr("Part of the content"))
        self.parts.currentIndexChanged.connect(self._show_part)
        self.states = forms.choice([])
        self.states.setObjectName("structureStates")
        self.states.setAccessibleName(self.tr("State of the content that is shown"))
        self.states.currentIndexChanged.connect(self._show_state)
        self._states_row = plain(hbox((self.states, 1), margins=(Space.M, 0, Space.S, Space.XS)))
        self._states_row.hide()
        self.remarks = FoldingNote(Tone.INFO, "", name="structureRemarks")
        self._text = TextView(title=self.tr("Text"), name="structureText")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._text)
        head = hbox(self._format, (self.parts, 1), margins=(Space.M, Space.XS, Space.S, Space.XS))
        self.setLayout(vbox(plain(head), self._states_row, line(), self.remarks, (self._stack, 1), gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the rows where it is short."""
        super().resizeEvent(event)
        self.remarks.fit(is_short=self.height() < _SHORT_PX)

    @property
    def shown(self) -> QWidget | None:
        """The view of the part in sight."""
        return self._stack.currentWidget()

    def clear(self) -> None:
        """Show nothing, and stop what is being read."""
        self._edition += 1
        self._stop()
        self._stop = lambda: None
        self._reading.drop()
        self._sheet = self._place = None
        self._listed = ()
        with QSignalBlocker(self.parts), QSignalBlocker(self.states):
            self.parts.clear()
            self.states.clear()
        self._show(self._text)
        self._text.clear()

    def open(self, lab: Lab, image: EvidenceImage, entry: CatalogueEntry, remark: str = "") -> None:
        """Take a content apart in the background; ``remark`` is told with those on the content."""
        self.clear()
        edition = self._edition
        self._place = lab, image, entry
        card = None
        if entry.size_bytes > LISTED_BYTES:
            card = JobCard(title=self.tr("Read {name} to show it").format(name=harmless(entry.name)), icon="search")

        def take(sheet: Sheet) -> None:
            if edition == self._edition:
                self._take(sheet, remark)

        def fail(error: Exception) -> None:
            if edition == self._edition:
                self.refused.emit(error)

        self._stop = self._jobs.start(
            self,
            lambda on_progress: lab.examine.viewing.open(image, entry, on_progress),
            done=take,
            failed=fail,
            card=card,
        )

    def _take(self, sheet: Sheet, remark: str) -> None:
        self._sheet = sheet
        words = sheet.format.partition(" ")[2]  # without its article
        self._format.setText(f"{words[:1].upper()}{words[1:]}")
        remarks = [*map(harmless, sheet.remarks), *filter(None, (remark,))]  # damage before what could be done
        self.remarks.say(Tone.INFO, "\n".join(remarks))
        self.remarks.setVisible(bool(remarks))
        states = list(dict.fromkeys(part.state for part in sheet.parts))
        with QSignalBlocker(self.states):
            self.states.addItems([f"{state[:1].upper()}{state[1:]}" for state in states])
        self._states_row.setVisible(len(states) > 1)
        self._list_parts(states[0] if states else "")
        self.opened.emit()
        self._show_part(0)

    def _list_parts(self, state: str) -> None:
        self._listed = tuple(part for part in self._sheet.parts if part.state == state) if self._sheet else ()
        with QSignalBlocker(self.parts):
            self.parts.clear()
            self.parts.addItems([_title(part) for part in self._listed])

    def _show_state(self, at: int) -> None:
        """List the parts of another state; the same part stays in sight where it is there, too."""
        if self._sheet is None or at < 0:
            return
        before = self._listed[self.parts.currentIndex()].title if self._listed else ""
        self._list_parts(list(dict.fromkeys(part.state for part in self._sheet.parts))[at])
        now = next((n for n, part in enumerate(self._listed) if part.title == before), 0)
        with QSignalBlocker(self.parts):
            self.parts.setCurrentIndex(now)
        self._show_part(now)

    def _show_part(self, at: int) -> None:
        place = self._place
        if place is None or not 0 <= at < len(self._listed):
            return
        self._reading.drop()
        self._show(self._view(self._listed[at], *place))

    def _view(self, part: Part, lab: Lab, image: EvidenceImage, entry: CatalogueEntry) -> QWidget:
        viewing, title = lab.examine.viewing, harmless(part.title)

        def load(node: str, first: int, count: int) -> Rows:
            return viewing.rows(image, entry, part.key, first, count, node)

        match part.kind:
            case "table":
                rows = RowsView(self._jobs, part.columns, load)
                rows.table.setAccessibleName(title)
                rows.show_rows("", part.count)
                return rows
            case "tree":
                nodes = partial(viewing.nodes, image, entry, part.key)
                return TreePart(self._jobs, title, part.columns, nodes, load)
            case "pages":
                return PagesView(self._jobs, part.count, partial(viewing.page, image, entry, part.key))
        self._text.setAccessibleName(title)
        self._text.clear()
        self._reading.ask(
            lambda _: fold(harmless(viewing.text(image, entry, part.key))),
            self._text.show_text,
            lambda error: self._text.show_text(in_words(error)),
        )
        return self._text

    def _show(self, view: QWidget) -> None:
        """Put a view into sight; the one before is taken apart, except for the text."""
        before = self._stack.currentWidget()
        if before is view:
            return
        if self._stack.indexOf(view) < 0:
            self._stack.addWidget(view)
        self._stack.setCurrentWidget(view)
        if before is not None and before is not self._text:
            self._stack.removeWidget(before)
            before.deleteLater()


def _title(part: Part) -> str:
    title = harmless(part.title).replace("\n", " ")
    if part.kind not in (TABLE, PAGES):
        return title
    if part.count > MOST_ROWS_SHOWN:
        shown = tr("{title}  ({n}; the first {shown} are shown)")
        return shown.format(title=title, n=text.count_text(part.count), shown=text.count_text(MOST_ROWS_SHOWN))
    return f"{title}  ({text.count_text(part.count)})"
