"""The lists of files in the annex of a report: each is what a filter leaves of an image."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QFrame

from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.reports.draft import Draft, ListDraft
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.table import Table

_ROWS_SHOWN = 3


class ListsEditor(QFrame):
    """The lists, and the one that is being chosen."""

    changed = Signal()

    def __init__(self) -> None:
        """Start without lists and images."""
        super().__init__()
        self.setProperty("card", True)
        self._draft = Draft()
        self._shown: ListDraft | None = None
        self._images: dict[UUID, str] = {}
        self._model: RecordTableModel[ListDraft] = RecordTableModel(self._columns(), self, key=id)
        self.table = Table(self._model, name="fileLists", title=self.tr("Lists of files"))
        self.table.setFixedHeight(Row.HEAD + _ROWS_SHOWN * Row.NORMAL)
        self.table.chosen.connect(self._show)
        self._add = Button(self.tr("Add a list"), name="addList", icon="plus")
        self._add.clicked.connect(self.add)
        self._drop = Button(
            self.tr("Take out"), name="dropList",
            tip=self.tr("Take the list out of the draft; what was saved of it stays in the record"),
        )  # fmt: skip
        self._drop.clicked.connect(self._take_out)
        sentence = self.tr("No lists yet. Add one to print what a filter leaves of an image as a table in the annex.")
        self._empty = EmptyState("columns", sentence, name="noLists")
        self._editor = plain(vbox(self._fields()))
        acts = hbox(self._add, None, self._drop)
        self.setLayout(
            vbox(
                label(self.tr("Lists of files"), "section"), self.table, acts, line(), self._editor, self._empty, None,
                margins=(Space.L, Space.M, Space.L, Space.M),
            )
        )  # fmt: skip
        self.show_draft(self._draft)

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``."""
        self._draft = draft
        self._model.set_records(draft.lists)
        self._show(self.table.current_record())
        if draft.lists and self._shown is None:
            self.table.selectRow(0)

    def show_images(self, images: Mapping[UUID, str]) -> None:
        """Let lists be of these images, by number."""
        self._add.setEnabled(bool(images))
        self._add.setToolTip("" if images else self.tr("The case has no image yet; take one in on the page Exhibits."))
        if dict(images) == self._images:
            return
        self._images = dict(images)
        entry, shown = self._image.entry, self._shown
        self._shown = None
        if isinstance(entry, QComboBox):
            entry.clear()
            entry.addItems(list(self._images.values()))
        self._show(shown)

    def add(self) -> None:
        """Begin another list."""
        one = ListDraft(image_id=next(iter(self._images), None))
        self._draft.lists.append(one)
        self._model.set_records(self._draft.lists)
        self.table.select_key(id(one))
        self._show(one)
        self._title.entry.setFocus()
        self.changed.emit()

    def _fields(self) -> forms.Form:
        form = forms.Form(columns=2)
        self._title = form.add(forms.Field(self.tr("Title"), forms.line_edit(), name="listTitle"))
        self._image = form.add(forms.Field(self.tr("Image"), forms.choice([]), name="listImage"))
        self._filter = form.add(
            forms.Field(
                self.tr("Filter"), forms.line_edit(), name="listFilter",
                hint=self.tr(
                    "As above the list of files, such as type:image deleted; nothing leaves all. Names of marked and "
                    "concealed files are not printed."
                ),
            ),
            span=2,
        )  # fmt: skip
        for field in (self._title, self._image, self._filter):
            field.changed.connect(self._take)
        return form

    def _show(self, one: ListDraft | None) -> None:
        self._shown = None
        self._editor.setVisible(one is not None)
        self._empty.setVisible(one is None)
        self._drop.setEnabled(one is not None)
        if one is None:
            return
        self._title.set_text(one.title)
        self._filter.set_text(one.filter)
        entry = self._image.entry
        if isinstance(entry, QComboBox) and one.image_id in self._images:
            entry.setCurrentIndex(list(self._images).index(one.image_id))
        self._shown = one
        self._filter.set_error(one.fault)

    def _take(self) -> None:
        one = self._shown
        if one is None:
            return
        one.title, one.filter = self._title.text(), self._filter.text()
        if self._images:
            one.image_id = list(self._images)[max(0, self._image.index)]
        self._filter.set_error(one.fault)
        row = self._model.row_of(id(one))
        if row >= 0:
            self._model.dataChanged.emit(
                self._model.index(row, 0), self._model.index(row, len(self._model.columns) - 1)
            )
        self.changed.emit()

    def _take_out(self) -> None:
        if self._shown is not None:
            self._draft.lists.remove(self._shown)
            self._shown = None
            self.show_draft(self._draft)
            self.changed.emit()

    def _columns(self) -> tuple[Column[ListDraft], ...]:
        def state(one: ListDraft) -> Cell:
            return Cell(one.gap or _tr("Complete"), Kind.MARK, tone=Tone.WARN if one.gap else Tone.OK)

        def image(one: ListDraft) -> Cell:
            return Cell("" if one.image_id is None else self._images.get(one.image_id, ""))

        return (
            Column(
                key="title", title=_tr("Title"), width_px=180, stretch=True, sortable=False,
                cell=lambda one: Cell(one.title or _tr("Without title"), Kind.STRONG),
            ),
            Column(key="image", title=_tr("Image"), cell=image, width_px=90),
            Column(key="state", title=_tr("State"), cell=state, width_px=150),
        )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("ListsEditor", words)
