"""Asks how labels are to be printed: of which exhibits, on which paper, from which label on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.label import SHEETS, LabelSheet, single_label
from forensics_app.model.report import LANGUAGES
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body

_SHEETS = tuple(SHEETS.values())
_TENTHS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelOrder:
    """What is to be printed; no exhibit means all of the case."""

    exhibit_ids: tuple[ExhibitId, ...]
    sheet: LabelSheet
    start: int
    language: str = "en"


class LabelOrderSheet(Sheet):
    """Asks for labels; ``submitted`` carries a :class:`LabelOrder`."""

    def __init__(self, parent: QWidget, exhibits: Sequence[Exhibit], chosen: Exhibit | None) -> None:
        """Offer the ``chosen`` exhibit alone, or all ``exhibits`` of the case."""
        super().__init__(
            parent, title=self.tr("Print labels"), name="labelSheet", width_px=520,
            subtitle=self.tr("With a QR code that a scanner finds the exhibit by"),
        )  # fmt: skip
        self._chosen = chosen
        every = self.tr("All {n} of the case").format(n=len(exhibits))
        whose = [every] if chosen is None else [chosen.number, every]
        papers = [self._paper_words(sheet) for sheet in _SHEETS]
        self._form = forms.Form(columns=2)
        self._whose = self._form.add(forms.Field(self.tr("Labels of"), forms.choice(whose), name="labelsOf"), span=2)
        paper = forms.choice([*papers, self.tr("Printer of single labels")])
        self._paper = self._form.add(forms.Field(self.tr("Paper"), paper, name="labelPaper"), span=2)
        self._start = self._form.add(
            forms.Field(
                self.tr("First free label"), forms.line_edit("1"), name="labelStart",
                hint=self.tr("Counted along the rows of the first sheet"),
            ),
            span=2, rule=self._start_rule,
        )  # fmt: skip
        self._width = self._form.add(
            forms.Field(self.tr("Width in mm"), forms.line_edit("62"), name="labelWidth"), rule=self._size_rule
        )
        self._height = self._form.add(
            forms.Field(self.tr("Height in mm"), forms.line_edit("29"), name="labelHeight"), rule=self._size_rule
        )
        spoken = forms.choice([f"{name} ({code})" for code, name in LANGUAGES.items()])
        self._language = self._form.add(
            forms.Field(self.tr("Language of the words"), spoken, name="labelLanguage"), span=2
        )
        paper.currentIndexChanged.connect(lambda _: self._follow())
        true_size = self.tr("Print the PDF at its true size, not “fit to page”: only then labels meet the paper.")
        self.set_body(sheet_body(self._form, note(Tone.INFO, true_size, name="trueSize")))
        write = Button(self.tr("Write PDF…"), name="labelsPrimary", kind="primary", icon="print")
        self.set_buttons(write, self.cancel_button())
        self._follow()

    def problem(self) -> str:
        """Mark the fields that are wrong."""
        return "" if self._form.show_problems() else self.tr("See the marked fields.")

    def request(self) -> LabelOrder:
        """What was asked."""
        is_chosen = self._chosen is not None and self._whose.text() == self._chosen.number
        ids = (self._chosen.id,) if self._chosen is not None and is_chosen else ()
        sheet, language = self._sheet(), tuple(LANGUAGES)[self._language.index]
        if sheet is None:
            return LabelOrder(exhibit_ids=ids, sheet=single_label(*self._size()), start=1, language=language)
        return LabelOrder(exhibit_ids=ids, sheet=sheet, start=int(self._start.text()), language=language)

    def _sheet(self) -> LabelSheet | None:
        at = self._paper.index
        return _SHEETS[at] if at < len(_SHEETS) else None

    def _follow(self) -> None:
        is_sheet = self._sheet() is not None
        self._start.setVisible(is_sheet)
        self._width.setVisible(not is_sheet)
        self._height.setVisible(not is_sheet)

    def _start_rule(self, text: str) -> str:
        sheet = self._sheet()
        if sheet is None or (text.isascii() and text.isdigit() and 1 <= int(text) <= sheet.count):
            return ""
        return self.tr("Write a number from 1 to {n}.").format(n=sheet.count)

    def _size_rule(self, _: str) -> str:
        if self._sheet() is not None:
            return ""
        try:
            single_label(*self._size())
        except ValueError as error:
            return str(error)
        return ""

    def _size(self) -> tuple[int, int]:
        """Width and height in tenths of a millimetre.

        Raises:
            ValueError: One of them is no number.
        """
        try:
            width, height = (
                round(float(field.text().replace(",", ".")) * _TENTHS) for field in (self._width, self._height)
            )
        except (ValueError, OverflowError) as error:
            raise ValueError(self.tr("Write a number, such as 62 or 29.5.")) from error
        return width, height

    def _paper_words(self, sheet: LabelSheet) -> str:
        return self.tr("A4, {columns} x {rows} labels of {width} x {height} mm").format(
            columns=sheet.columns, rows=sheet.rows, width=f"{sheet.width / _TENTHS:g}",
            height=f"{sheet.height / _TENTHS:g}",
        )  # fmt: skip
