"""What kind of report it is, which sections are printed, and in which order."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QFrame

from forensics_app.model.report import DEFAULT_SECTIONS, TITLES, ReportKind, Section
from forensics_app.model.report_parts import ALWAYS
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.reports.draft import Draft, kind_words, section_words
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.table import Table

_ROWS_SHOWN = 9
_MARGINS = (Space.L, Space.M, Space.L, Space.M)


class SectionsEditor(QFrame):
    """The kind, and a list of all sections: those that are printed first, in their order."""

    changed = Signal()

    def __init__(self) -> None:
        """Start with what an examination report begins with."""
        super().__init__()
        self.setProperty("card", True)
        self._draft = Draft()
        form = forms.Form()
        kinds = forms.choice([kind_words(one) for one in ReportKind])
        hint = self.tr("Another kind begins with its own sections; blocks and texts stay.")
        self._kind = form.add(forms.Field(self.tr("Kind of report"), kinds, name="reportKind", hint=hint))
        self._kind.changed.connect(self._take_kind)
        self._model: RecordTableModel[Section] = RecordTableModel(self._columns(), self, key=lambda one: one)
        self.table = Table(self._model, name="sectionsTable", title=self.tr("Sections"), is_remembered=False)
        self.table.setMinimumHeight(Row.HEAD + _ROWS_SHOWN * Row.NORMAL)
        self.table.chosen.connect(lambda _: self._enable())
        self.table.opened.connect(lambda _: self._turn())
        self._print = Button(self.tr("Leave out"), name="printSection")
        self._print.clicked.connect(self._turn)
        self._up = Button(self.tr("Move up"), name="sectionEarlier", icon="chevron-up")
        self._up.clicked.connect(lambda: self._move(-1))
        self._down = Button(self.tr("Move down"), name="sectionLater", icon="chevron-down")
        self._down.clicked.connect(lambda: self._move(1))
        acts = hbox(self._print, None, self._up, self._down)
        self.setLayout(
            vbox(label(self.tr("Kind and sections"), "section"), form, (self.table, 1), acts, margins=_MARGINS)
        )
        self.show_draft(self._draft)

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``."""
        self._draft = draft
        if not draft.sections:
            draft.sections = DEFAULT_SECTIONS[draft.kind]
        entry = self._kind.entry
        if isinstance(entry, QComboBox):
            entry.blockSignals(True)
            entry.setCurrentIndex(list(ReportKind).index(draft.kind))
            entry.blockSignals(False)
        self._show(self._chosen())

    def _show(self, at: Section | None) -> None:
        printed = self._draft.sections
        self._model.set_records([*printed, *(one for one in Section if one not in printed)])
        if at is not None:
            self.table.select_key(at)
        self._enable()

    def _chosen(self) -> Section | None:
        """The section that is chosen; Qt hands it back as a plain text."""
        one = self.table.current_record()
        return None if one is None else Section(one)

    def _enable(self) -> None:
        one, printed = self._chosen(), self._draft.sections
        is_printed = one in printed
        self._print.set_text(self.tr("Leave out") if is_printed or one is None else self.tr("Print"))
        self._print.setEnabled(one is not None and one not in ALWAYS)
        self._up.setEnabled(is_printed and one != printed[0])
        self._down.setEnabled(is_printed and one != printed[-1])

    def _take_kind(self) -> None:
        kind = list(ReportKind)[max(0, self._kind.index)]
        if kind is not self._draft.kind:
            if self._draft.title in TITLES.values():  # nobody gave it another one
                self._draft.title = TITLES[kind]
            self._draft.kind = kind
            self._tell(DEFAULT_SECTIONS[kind], self._chosen())

    def _turn(self) -> None:
        one = self._chosen()
        if one is None or one in ALWAYS:
            return
        printed = self._draft.sections
        self._tell(tuple(other for other in printed if other is not one) if one in printed else (*printed, one), one)

    def _move(self, by: int) -> None:
        one, order = self._chosen(), list(self._draft.sections)
        if one is None or one not in order or not 0 <= order.index(one) + by < len(order):
            return
        at = order.index(one)
        order[at], order[at + by] = order[at + by], order[at]
        self._tell(tuple(order), one)

    def _tell(self, sections: tuple[Section, ...], at: Section | None) -> None:
        self._draft.sections = sections
        self._show(at)
        self.changed.emit()

    def _columns(self) -> tuple[Column[Section], ...]:
        def name(one: Section) -> Cell:
            return Cell(section_words(one), Kind.STRONG if one in self._draft.sections else Kind.MUTED)

        def state(one: Section) -> Cell:
            if one in ALWAYS:
                return Cell(_tr("Always printed"), Kind.MARK, tone=Tone.OK)
            is_printed = one in self._draft.sections
            words = _tr("Printed") if is_printed else _tr("Left out")
            return Cell(words, Kind.MARK, tone=Tone.OK if is_printed else Tone.NONE)

        return (
            Column(key="name", title=_tr("Section"), cell=name, width_px=220, stretch=True, sortable=False),
            Column(key="state", title=_tr("State"), cell=state, width_px=140, sortable=False),
        )


def _tr(words: str) -> str:
    return QCoreApplication.translate("SectionsEditor", words)
