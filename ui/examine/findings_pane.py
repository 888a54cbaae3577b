"""The list of findings, bookmarks, tagged bytes, and tags whose place is not found again; each leads to its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QStackedWidget

from forensics_app.model.cited import CitedKind
from ui.examine.words import tr, visible
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.theme import Row, Space
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.cited import Cited
    from forensics_app.model.tag import Tag, Tagging
    from forensics_app.model.target import Target
    from ui.examine.case_reading import CaseShown


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line: a finding or bookmark, or a tag on bytes or on what is not found again."""

    target: Target
    image: str
    cited: Cited | None = None
    tag: Tag | None = None
    tagging: Tagging | None = None
    is_lost: bool = False

    @property
    def key(self) -> object:
        """What tells it from others."""
        return self.cited.id if self.cited else self.tagging.id if self.tagging else self.target.key


class FindingsPane(QFrame):
    """``asked`` carries a place, ``withdraw_asked`` a finding or bookmark, ``remove_asked`` a tag that was put."""

    asked = Signal(object)
    withdraw_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("findingsPane")
        self.model: RecordTableModel[Noted] = RecordTableModel(
            (Column(key="what", title=self.tr("Finding"), cell=_cell, width_px=180, stretch=True, sortable=False),),
            self,
            key=lambda one: one.key,
        )
        self.table = Table(self.model, name="findings", title=self.tr("Findings and bookmarks"), row_px=Row.TWO_LINE)
        self.table.horizontalHeader().hide()
        self.go = Button(self.tr("Go to it"), name="goToFinding", shortcut="Return")
        self.back = Button(self.tr("Take back…"), name="withdrawFinding")
        words = self.tr(
            "No findings yet. Choose a file, or bytes, and press Ctrl+D to say what they show, Ctrl+B to bookmark them."
        )
        self._empty = EmptyState("tag", words, name="noFindings")
        foot = plain(hbox(self.go, self.back, None, margins=(Space.S, Space.S, Space.S, Space.S)))
        self._stack = QStackedWidget()
        self._list = plain(vbox((self.table, 1), line(), foot, gap=0))
        for part in (self._empty, self._list):
            self._stack.addWidget(part)
        self.setLayout(vbox((self._stack, 1), gap=0))
        self.table.opened.connect(self._open)
        self.table.chosen.connect(self._show_acts)
        self.go.clicked.connect(lambda: self._open(self.table.current_record()))
        self.back.clicked.connect(self._take_back)
        self._show_acts(None)

    def show_case(self, case: CaseShown) -> None:
        """List what there is in a case."""
        noted = noted_of(case)
        self.model.set_records(noted)
        self._stack.setCurrentWidget(self._list if noted else self._empty)
        self._show_acts(self.table.current_record())

    def _open(self, one: Noted | None) -> None:
        if one is not None:
            self.asked.emit(one.target)

    def _take_back(self) -> None:
        one: Noted | None = self.table.current_record()
        if one and one.cited:
            self.withdraw_asked.emit(one.cited)
        elif one and one.tagging:
            self.remove_asked.emit(one.tagging)

    def _show_acts(self, one: Noted | None) -> None:
        self.go.setEnabled(one is not None and not one.is_lost)
        self.back.setEnabled(one is not None)


def noted_of(case: CaseShown) -> Sequence[Noted]:
    """Findings and bookmarks by number, then tags on bytes, then tags whose place is not found again."""
    numbers = {shown.image.id: shown.image.number for shown in case.images}
    tags = case.tags
    noted = [Noted(target=one.target, image=one.image, cited=one) for one in tags.cited]
    for image_id, tagged in tags.tagged.items():
        places = [(one, False) for some in tagged.parts.values() for one in some]
        places += [(one, False) for one in tagged.areas] + [(one, True) for one in tagged.lost]
        noted += [
            Noted(target=one.target, image=numbers[image_id], tag=tags.names[one.tag_id], tagging=one, is_lost=lost)
            for one, lost in places
        ]
    return noted


def _cell(one: Noted) -> Cell:
    where = f"{one.image} · {visible(one.target.words)}"
    if one.cited is not None:
        is_finding = one.cited.kind is CitedKind.FINDING
        name = visible(one.target.path).rpartition("/")[2] or one.target.words
        said = visible(" ".join(one.cited.text.split())) or tr("Bookmark of {name}").format(name=name)
        return Cell(f"{one.cited.number}  {said}", Kind.TWO, second=where, icon="text" if is_finding else "tag")
    name = one.tag.name if one.tag else ""
    if one.is_lost:
        lost = tr("{tag}: not found in the catalogue as it is now").format(tag=name)
        return Cell(lost, Kind.TWO, second=where, icon="verify-warning")
    term = tr("{tag}: hit of {term}").format(tag=name, term=visible(one.target.term)) if one.target.term else name
    return Cell(term, Kind.TWO, second=where, icon="hash")
