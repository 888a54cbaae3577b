"""What the standards ask of a report: what of the record supplies each item, and what its author states to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame

from forensics_app.model.report import LANGUAGES, Statement
from forensics_app.services.report_checks import check_against_standards
from ui import text
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.reports.draft import Draft
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.completeness import CheckedItem
    from ui.page import PageContext

_FAMILIES = {"swgde": "SWGDE", "iso17025": "ISO 17025", "crimpr": "CrimPR", "crimpd": "CrimPR"}
_MARGINS = (Space.L, Space.M, Space.L, Space.M)
ENGLISH = "en"


class StandardsEditor(QFrame):
    """``check_asked`` wants :meth:`show_items`; ``changed`` says that a statement or the language was changed."""

    check_asked = Signal()
    changed = Signal()

    def __init__(self) -> None:
        """Start unchecked."""
        super().__init__()
        self.setProperty("card", True)
        self._draft = Draft()
        self._item: CheckedItem | None = None
        self._language = forms.Field(
            self.tr("Language of the report"), forms.choice([f"{name} ({code})" for code, name in LANGUAGES.items()]),
            name="reportLanguage",
        )  # fmt: skip
        self._language.changed.connect(self._take_language)
        self._model: RecordTableModel[CheckedItem] = RecordTableModel(_columns(), self, key=lambda one: one.item.id)
        self.table = Table(self._model, name="standardItems", title=self.tr("What the standards ask for"))
        self.table.setMinimumHeight(Row.HEAD + 6 * Row.NORMAL)
        self.table.chosen.connect(self._choose)
        self._check = Button(
            self.tr("Check"), name="checkStandards", icon="check",
            tip=self.tr("Hold the draft as it is now against SWGDE, ISO/IEC 17025 and CrimPR"),
        )  # fmt: skip
        self._check.clicked.connect(self.check_asked)
        self._said = label(self.tr("Not checked yet. What is missing is printed as not supplied."), "muted", wrap=True)
        self._statement = forms.Field(
            self.tr("What you state to the chosen item"), forms.text_edit(lines=3), name="reportStatement",
            hint=self.tr("Printed as your own words beside the item."),
        )  # fmt: skip
        self._statement.changed.connect(self._take_statement)
        title = label(self.tr("Standards and language"), "section")
        acts = hbox(self._check, (self._said, 1))
        parts = (title, self._language, acts, (self.table, 1), self._statement)
        self.setLayout(vbox(*parts, margins=_MARGINS))
        self._choose(None)

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``; what was found of another one is forgotten."""
        self._draft = Draft()
        self._language.set_text(f"{LANGUAGES[draft.language]} ({draft.language})")
        self._say_reviewed(draft.language)
        self._model.set_records(())
        self._said.setText(self.tr("Not checked yet. What is missing is printed as not supplied."))
        self._choose(None)
        self._draft = draft

    def check(self, context: PageContext, case_id: CaseId | None) -> None:
        """Hold the draft against the standards in the background, and show what is found of it."""
        if case_id is None:
            return
        lab, author, request = context.session.lab, context.session.actor.person, self._draft.request(case_id)
        recorded = self._draft.saved(case_id)
        said = self.tr("Check the draft against the standards")
        context.jobs.start(
            self, lambda _: check_against_standards(lab.reporting, author, request, recorded), done=self.show_items,
            failed=lambda error: context.show_error(said, error),
        )  # fmt: skip

    def show_items(self, items: Sequence[CheckedItem]) -> None:
        """Show what a check found: what is missing first."""
        self._model.set_records(sorted(items, key=lambda one: one.is_supplied))
        missing = sum(not one.is_supplied for one in items)
        words = text.plural(missing, self.tr("1 item is not supplied."), self.tr("{n} items are not supplied."))
        self._said.setText(words if missing else self.tr("Every item is supplied."))

    def _choose(self, item: CheckedItem | None) -> None:
        self._item = None
        can_state = item is not None and item.item.is_stated
        self._statement.setEnabled(can_state)
        self._statement.set_title(self._asked(item))
        stated = {one.item: one.text for one in self._draft.statements}
        self._statement.set_text(stated.get(item.item.id, "") if item is not None else "")
        self._item = item if can_state else None

    def _asked(self, item: CheckedItem | None) -> str:
        if item is None:
            return self.tr("What you state to the chosen item")
        if not item.item.is_stated:
            return self.tr("Only the record supplies: {item}").format(item=item.item.asks)
        return self.tr("What you state to: {item}").format(item=item.item.asks)

    def _take_statement(self) -> None:
        if self._item is None:
            return
        item_id, words = self._item.item.id, self._statement.text().strip()
        others = tuple(one for one in self._draft.statements if one.item != item_id)
        self._draft.statements = (*others, Statement(item=item_id, text=words)) if words else others
        self.changed.emit()

    def _say_reviewed(self, language: str) -> None:
        unreviewed = self.tr(
            "No native speaker has reviewed the program's words in this language; the report says so on its first page "
            "until the laboratory has compared them. What is missing is printed in English."
        )
        self._language.set_hint("" if language == ENGLISH else unreviewed)

    def _take_language(self) -> None:
        code = self._language.text().rpartition("(")[2].rstrip(")")
        if code in LANGUAGES and code != self._draft.language:
            self._draft.language = code
            self._say_reviewed(code)
            self.changed.emit()


def _columns() -> tuple[Column[CheckedItem], ...]:
    return (
        Column(key="standard", title=_tr("Standard"), cell=lambda one: Cell(_short(one), Kind.MUTED), width_px=130),
        Column(
            key="asks", title=_tr("Item"), cell=lambda one: Cell(one.item.asks, Kind.TEXT), width_px=200, stretch=True,
        ),
        Column(key="state", title=_tr("Supplied"), cell=_state, width_px=160),
    )  # fmt: skip


def _short(one: CheckedItem) -> str:
    family = one.item.id.partition("-")[0]
    return f"{_FAMILIES.get(family, family)} {one.item.clause}"


def _state(one: CheckedItem) -> Cell:
    if one.is_supplied:
        return Cell(_tr("stated by the author") if one.stated else str(one.supplied_by), Kind.MARK, tone=Tone.OK)
    if one.lacking:
        return Cell(_tr("missing of {what}").format(what=", ".join(one.lacking)), Kind.MARK, tone=Tone.WARN)
    return Cell(_tr("not supplied"), Kind.MARK, tone=Tone.WARN)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Reports", words)
