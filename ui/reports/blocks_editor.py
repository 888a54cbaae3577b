"""The author's blocks of a report: facts, and opinions with their basis, never mixed (REQ-63)."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QFrame

from forensics_app.model.report import Section
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.reports.draft import BlockDraft, Draft, section_words
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.table import Table

_ROWS_SHOWN = 3


class BlocksEditor(QFrame):
    """A list of blocks and the one that is being written."""

    changed = Signal()

    def __init__(self) -> None:
        """Start without blocks."""
        super().__init__()
        self.setProperty("card", True)
        self._draft = Draft()
        self._shown: BlockDraft | None = None
        self._model: RecordTableModel[BlockDraft] = RecordTableModel(_columns(), self, key=id)
        self.table = Table(self._model, name="findingsTable", title=self.tr("Facts and opinions"), is_remembered=False)
        self.table.setFixedHeight(Row.HEAD + _ROWS_SHOWN * Row.NORMAL)
        self.table.chosen.connect(self._show)
        add = Button(self.tr("Add a block"), name="addFinding", icon="plus")
        add.clicked.connect(self.add)
        self._drop = Button(
            self.tr("Take out"),
            name="dropFinding",
            tip=self.tr("Take the block out of the draft; what was saved of it stays in the record"),
        )
        self._drop.clicked.connect(self._take_out)
        self._earlier = Button(self.tr("Move up"), name="findingEarlier", icon="chevron-up")
        self._earlier.clicked.connect(self._move_up)
        self._empty = EmptyState(
            "examine",
            self.tr(
                "No blocks yet. Add a fact, or an opinion with its basis. Findings of the record are printed anyway."
            ),
            name="noFindings",
        )
        self._editor = plain(vbox(self._fields()))
        acts = hbox(add, None, self._earlier, self._drop)
        margins = (Space.L, Space.M, Space.L, Space.M)
        self.setLayout(
            vbox(
                label(self.tr("Facts and opinions"), "section"), self.table, acts, line(), self._editor, self._empty,
                None, margins=margins,
            )
        )  # fmt: skip
        self.show_draft(self._draft)

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``."""
        self._draft = draft
        self._model.set_records(draft.blocks)
        self._show(self.table.current_record())
        if draft.blocks and self._shown is None:
            self.table.selectRow(0)

    def add(self) -> None:
        """Begin another block."""
        one = BlockDraft()
        self._draft.blocks.append(one)
        self._model.set_records(self._draft.blocks)
        self.table.select_key(id(one))
        self._show(one)
        self._heading.entry.setFocus()
        self.changed.emit()

    def _fields(self) -> forms.Form:
        form = forms.Form(columns=2)
        self._heading = form.add(forms.Field(self.tr("Heading"), forms.line_edit(), name="findingHeading"))
        kinds = forms.choice([self.tr("A statement of fact"), self.tr("An opinion")])
        self._kind = form.add(forms.Field(self.tr("What it is"), kinds, name="findingKind"))
        sections = forms.choice([section_words(one) for one in Section])
        self._section = form.add(
            forms.Field(
                self.tr("Stands at the end of"), sections, name="findingSection",
                hint=self.tr("The section of the report under which it is printed."),
            ),
            span=2,
        )  # fmt: skip
        self._text = form.add(
            forms.Field(self.tr("What was found"), forms.text_edit(lines=5), name="findingText"), span=2
        )
        self._basis = form.add(
            forms.Field(
                self.tr("Basis"), forms.text_edit(lines=3), name="findingBasis",
                hint=self.tr("Required for an opinion; for a fact, how it was established."),
            ),
            span=2,
        )  # fmt: skip
        for field in (self._heading, self._kind, self._section, self._text, self._basis):
            field.changed.connect(self._take)
        return form

    def _show(self, one: BlockDraft | None) -> None:
        self._shown = None
        self._editor.setVisible(one is not None)
        self._empty.setVisible(one is None)
        self._drop.setEnabled(one is not None)
        self._earlier.setEnabled(one is not None and self._draft.blocks.index(one) > 0)
        if one is None:
            return
        self._heading.set_text(one.heading)
        entry = self._kind.entry
        if isinstance(entry, QComboBox):
            entry.setCurrentIndex(int(one.opinion))
        where = self._section.entry
        if isinstance(where, QComboBox):
            where.setCurrentIndex(list(Section).index(one.section))
        self._text.set_text(one.text)
        self._basis.set_text(one.basis)
        self._shown = one
        self._say_gap(one)

    def _take(self) -> None:
        one = self._shown
        if one is None:
            return
        one.heading, one.text, one.basis = self._heading.text(), self._text.text(), self._basis.text()
        one.opinion = self._kind.index == 1
        one.section = list(Section)[max(0, self._section.index)]
        self._say_gap(one)
        self._tell_row(one)
        self.changed.emit()

    def _say_gap(self, one: BlockDraft) -> None:
        missing = one.block.lacks_basis
        self._basis.set_error(
            self.tr("State on what the opinion rests; without it nothing is issued.") if missing else ""
        )

    def _tell_row(self, one: BlockDraft) -> None:
        row = self._model.row_of(id(one))
        if row >= 0:
            self._model.dataChanged.emit(
                self._model.index(row, 0), self._model.index(row, len(self._model.columns) - 1)
            )

    def _take_out(self) -> None:
        if self._shown is not None:
            self._draft.blocks.remove(self._shown)
            self._shown = None
            self.show_draft(self._draft)
            self.changed.emit()

    def _move_up(self) -> None:
        one = self._shown
        if one is None:
            return
        at = self._draft.blocks.index(one)
        self._draft.blocks.insert(at - 1, self._draft.blocks.pop(at))
        self._model.set_records(self._draft.blocks)
        self._show(one)
        self.changed.emit()


def _columns() -> tuple[Column[BlockDraft], ...]:
    def state(one: BlockDraft) -> Cell:
        return Cell(one.gap or _tr("Complete"), Kind.MARK, tone=Tone.WARN if one.gap else Tone.OK)

    def kind(one: BlockDraft) -> Cell:
        return Cell(_tr("Opinion") if one.opinion else _tr("Fact"))

    return (
        Column(
            key="heading", title=_tr("Heading"), width_px=200, stretch=True, sortable=False,
            cell=lambda one: Cell(one.heading or _tr("Without heading"), Kind.STRONG),
        ),
        Column(key="kind", title=_tr("What it is"), cell=kind, width_px=90),
        Column(key="state", title=_tr("State"), cell=state, width_px=140),
    )  # fmt: skip


def _tr(words: str) -> str:
    return QCoreApplication.translate("BlocksEditor", words)
