"""The laboratory: what it is, who works in it with which key, and how the window looks here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import text
from ui.appearance import Appearance
from ui.lab.columns import people_columns
from ui.models.record_table import RecordTableModel
from ui.page import Page, PageContext, Shortcut
from ui.preferences import SCALES_PERCENT, Look, Preferences
from ui.theme import Row, Space
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import card, line, pane, plain, scrolled, splitter, vbox
from ui.widgets.notes import FilterRow, facts, mono
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.lab import LabInfo
    from forensics_app.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class LabShown:
    """What the page reads in one go."""

    info: LabInfo
    folder: str
    root_fingerprint: str
    people: tuple[Person, ...]


class LabPage(Page):
    """People and keys at the left; the lab and this computer's settings at the right."""

    def __init__(self, context: PageContext, preferences: Preferences, appearance: Appearance) -> None:
        """Build the page; it reads when it comes into sight."""
        super().__init__(context, title=self.tr("Lab"), name="labPage")
        self._preferences, self._appearance = preferences, appearance
        self._zone = ZoneInfo("UTC")
        self._model: RecordTableModel[Person] = RecordTableModel(
            people_columns(lambda: self._zone), self, key=lambda person: person.id
        )
        self._table = Table(self._model, name="people", title=self.tr("People and keys"), row_px=Row.TWO_LINE)
        self._table.restore_layout(preferences.store)
        self._table.horizontalHeader().sectionResized.connect(lambda *_: self._table.save_layout(preferences.store))
        self._filter = FilterRow(self.tr("Type to filter: name, function, key"), export=False)
        self._filter.filter_changed.connect(self._model.set_filter)
        self._filter.columns_asked.connect(lambda: self._table.choose_columns(self._filter.columns_button))
        left = pane(vbox(self._filter, line(), (self._table, 1), gap=0))
        self._about = QVBoxLayout()
        self._about.setContentsMargins(0, 0, 0, 0)
        side = vbox(
            card(vbox(label(self.tr("This lab"), "section"), self._about, margins=(16, 12, 16, 12))),
            card(vbox(label(self.tr("This computer"), "section"), self._settings(), margins=(16, 12, 16, 12))),
            None,
            gap=Space.M,
            margins=(Space.M, Space.M, Space.M, Space.M),
        )
        right = scrolled(plain(side), name="labSide")
        right.setMinimumWidth(300)
        self.set_body(splitter(Qt.Orientation.Horizontal, left, right, sizes=(880, 400), name="labSplit"))

    def refresh(self) -> None:
        """Read the lab and its people."""
        lab = self.session.lab

        def read() -> LabShown:
            return LabShown(
                info=lab.info,
                folder=str(lab.folder.root),
                root_fingerprint=lab.verification.root_fingerprint(),
                people=lab.people.list(),
            )

        self.context.jobs.start(
            self,
            lambda _: read(),
            done=self._show,
            failed=lambda error: self.context.show_error(self.tr("Read the lab"), error),
        )

    def panes(self) -> Sequence[QWidget]:
        """List and settings."""
        return (self._filter, self._table, self._look)

    def filter_box(self) -> QWidget | None:
        """The filter of the people."""
        return self._filter.box

    def shortcuts(self) -> Sequence[Shortcut]:
        """Only those that every list has."""
        return (Shortcut(keys="Ctrl+F, /", act=self.tr("filter the people")),)

    def _show(self, shown: LabShown) -> None:
        self._zone = ZoneInfo(shown.info.zone)
        self._model.set_records(shown.people)
        self.bar.set_title(shown.info.name)
        active = sum(1 for person in shown.people if person.revoked_at is None)
        people = text.plural(active, self.tr("1 person with a key in force"), self.tr("{n} people with keys in force"))
        self.bar.set_subtitle(people)
        while item := self._about.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        created = text.time_text(shown.info.created_at, self._zone)
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Folder"), shown.folder),
            (self.tr("Created"), created),
            (self.tr("Time zone"), shown.info.zone),
            (self.tr("Trust starts at"), mono(text.digest_text(shown.root_fingerprint, groups_a_line=2))),
        ]
        if shown.info.address:
            rows.insert(1, (self.tr("Address"), shown.info.address))
        self._about.addWidget(plain(facts(rows)))

    def _settings(self) -> QWidget:
        looks = {Look.SYSTEM: self.tr("As the system"), Look.LIGHT: self.tr("Light"), Look.DARK: self.tr("Dark")}
        self._look = forms.choice(list(looks.values()))
        self._look.setCurrentText(looks[self._preferences.look])
        self._look.currentIndexChanged.connect(lambda at: self._appearance.choose(list(looks)[at]))
        scale = forms.choice([f"{percent} %" for percent in SCALES_PERCENT])
        scale.setCurrentText(f"{self._preferences.scale_percent} %")
        scale.currentIndexChanged.connect(self._choose_scale)
        form = forms.Form()
        form.add(forms.Field(self.tr("Theme"), self._look, name="themeChoice"))
        hint = self.tr("On top of the system's own scale; taken when the program is started again.")
        form.add(forms.Field(self.tr("Size of everything"), scale, name="scaleChoice", hint=hint))
        return form

    def _choose_scale(self, at: int) -> None:
        self._preferences.scale_percent = SCALES_PERCENT[at]
