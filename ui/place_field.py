"""A field for a place: from the register of places, or in words of one's own, which is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from forensics_app.model.register import is_part_of, why_no_place
from ui.lab.registers import tree_columns
from ui.models.record_table import RecordTableModel
from ui.widgets import forms
from ui.widgets.buttons import Button, IconButton
from ui.widgets.layout import line, plain, vbox
from ui.widgets.notes import FilterRow
from ui.widgets.sheet import Sheet
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.register import PlaceLine

_TABLE_PX = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesKnown:
    """The register of places as a tree, and other places that were ``named`` before."""

    lines: tuple[PlaceLine, ...] = ()
    named: tuple[str, ...] = ()

    @property
    def in_use(self) -> tuple[PlaceLine, ...]:
        """The places of the register where something may be put."""
        return tuple(one for one in self.lines if one.place.closed_at is None)

    @property
    def offered(self) -> tuple[str, ...]:
        """What is offered while typing: codes of the register, then what was named before."""
        return tuple(dict.fromkeys((*(one.place.code for one in self.in_use), *self.named)))

    def why_not(self, code: str) -> str:
        """Why nothing can be put at a place; empty where it can."""
        return why_no_place(code, [one.place for one in self.lines])

    def why_no_audit(self, code: str) -> str:
        """The same of a place that is audited, which counts where the record says that something lies there."""
        return "" if any(is_part_of(one, code) for one in self.named) else self.why_not(code)

    def line_of(self, code: str) -> PlaceLine | None:
        """The place of the register with this code."""
        return next((one for one in self.lines if one.place.code == code), None)


NO_PLACES = PlacesKnown()
"""Where no register was read."""


def read_places(lab: Lab, named: tuple[str, ...] = ()) -> PlacesKnown:
    """The register, and what else was named."""
    return PlacesKnown(lines=lab.places.tree(), named=named)


class PlaceField(forms.Field):
    """Under it stands where in the register the place lies, or that it is not in there."""

    def __init__(
        self,
        title: str,
        *,
        name: str,
        places: PlacesKnown,
        optional: bool = False,
        hint: str = "",
        why_not: Callable[[str], str] | None = None,
    ) -> None:
        """Ask for a place.

        Args:
            title: What it is.
            name: Of the entry.
            places: What is known.
            optional: Whether it may stay empty.
            hint: Stands there while nothing is to be told of the place.
            why_not: Says why a place is refused; left out where the register need not have it.
        """
        self._why_not = why_not
        self._places, self._rest = places, hint
        words = _tr("Choose from the register of places: {title}").format(title=title)
        self.choose = IconButton("shelf", words, name=f"{name}Choose")
        entry = forms.choice(["", *places.offered], editable=True)
        super().__init__(title, entry, name=name, optional=optional, hint=hint, beside=self.choose)
        if not places.in_use:
            self.choose.hide()
        self.choose.clicked.connect(self._open)
        self.changed.connect(self._say)

    def _say(self) -> None:
        typed = self.text()
        found = self._places.line_of(typed)
        if not typed or not self._places.lines:
            said = ""
        elif found is None and self._why_not is not None:
            said = self._why_not(typed) or self._rest
        elif found is None:
            said = _tr("Not in the register of places; recorded as written.")
        elif found.place.closed_at is not None:
            said = _tr("{path} is closed: nothing is put there any more.").format(path=found.path)
        else:
            said = " · ".join(part for part in (found.path, found.place.name) if part)
        self.set_hint(said or self._rest)

    def _open(self) -> None:
        sheet = ChoosePlaceSheet(self, self._places.in_use, chosen=self.text())
        sheet.submitted.connect(self.set_text)
        sheet.finished.connect(lambda _: self.entry.setFocus())
        sheet.open()


class ChoosePlaceSheet(Sheet):
    """The register as a tree with a search; ``submitted`` carries the code of a place."""

    def __init__(self, parent: QWidget, lines: tuple[PlaceLine, ...], *, chosen: str) -> None:
        """Offer ``lines``; the place with the code ``chosen`` is chosen first."""
        super().__init__(
            parent, title=_tr("Choose a place"), subtitle=_tr("From the register of the lab, on its Lab page"),
            name="choosePlaceSheet", width_px=680,
        )  # fmt: skip
        self._model: RecordTableModel[PlaceLine] = RecordTableModel(
            tree_columns(code_px=190, path_px=190), self, key=lambda one: one.place.code
        )
        self.filter = FilterRow(_tr("Type to search: code, kind, name, where it lies"), columns=False, export=False)
        self.table = Table(self._model, name="choosePlaceTable", title=_tr("Places"))
        self.table.setMinimumHeight(_TABLE_PX)
        self.set_body(plain(vbox(self.filter, line(), (self.table, 1), gap=0)), scroll=False)
        self.set_buttons(Button(_tr("Take this place"), name="takePlace", kind="primary"), self.cancel_button())
        self._model.set_records(lines)
        if not self.table.select_key(chosen):
            self.table.selectRow(0)
        self.filter.filter_changed.connect(self._search)
        self.filter.box.returnPressed.connect(self.submit)
        self.table.opened.connect(lambda _: self.submit())

    def problem(self) -> str:
        """Where the search leaves nothing."""
        return "" if self.table.current_record() else _tr("No place fits; empty the search.")

    def request(self) -> str:
        """The code of the chosen place."""
        return str(self.table.current_record().place.code)

    def _search(self, words: str) -> None:
        self._model.set_filter(words)
        if self.table.current_record() is None:
            self.table.selectRow(0)


def _tr(words: str) -> str:
    return QCoreApplication.translate("PlaceField", words)
