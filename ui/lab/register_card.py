"""The chosen place or outside person in full, with the ways to correct it and to take it out of use."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from forensics_app.model.person import Person
from forensics_app.model.register import Outsider, PlaceLine
from ui import text
from ui.lab.words import outsider_words, place_words, why_not_outsiders, why_not_places
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, allow
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import facts
from ui.widgets.refill import refill


class RegisterCard(QFrame):
    """``correct_asked`` and ``end_asked`` are about what is shown."""

    correct_asked = Signal()
    end_asked = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Show nothing yet; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("registerCard")
        self.setProperty("card", True)
        self._zone = zone
        self._title = label(role="section", name="registerTitle", wrap=True)
        self._state = Badge(Tone.NONE, "", name="registerState")
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self._correct = Button(self.tr("Correct…"), name="correctRegister", icon="edit")
        self._correct.clicked.connect(self.correct_asked)
        self._end = Button("", name="endRegister", kind="danger")
        self._end.clicked.connect(self.end_asked)
        top = hbox((self._title, 1), self._state)
        top.setAlignment(self._state, Qt.AlignmentFlag.AlignTop)
        margins = (Space.L, Space.M, Space.L, Space.M)
        self.setLayout(vbox(top, self._body, hbox(self._correct, self._end, None), margins=margins))
        self.hide()

    def show_chosen(self, chosen: PlaceLine | Outsider | None, actor: Person) -> None:
        """Show a place or somebody outside to ``actor``; None hides the card."""
        self.setVisible(chosen is not None)
        if isinstance(chosen, PlaceLine):
            self._show_place(chosen)
            self._let(why_not_places(actor), is_ended=chosen.place.closed_at is not None)
        elif chosen is not None:
            self._show_outsider(chosen)
            self._let(why_not_outsiders(actor), is_ended=chosen.ended_at is not None)

    def _show_place(self, line: PlaceLine) -> None:
        place = line.place
        self.setAccessibleName(self.tr("The chosen place"))
        rows = [
            (self.tr("Name"), place.name or self.tr("none")),
            (self.tr("Kind"), place_words(place.kind)),
            (self.tr("Path"), line.path),
            (self.tr("Added"), text.time_text(place.recorded_at, self._zone)),
        ]
        if place.closed_at:
            rows.append((self.tr("Closed"), text.time_text(place.closed_at, self._zone)))
        words = self.tr("Closed") if place.closed_at else self.tr("In use")
        self._fill(place.code, words, rows, ended=place.closed_at is not None)
        self._end.set_text(self.tr("Close…"))

    def _show_outsider(self, one: Outsider) -> None:
        self.setAccessibleName(self.tr("The chosen person"))
        told = (
            (self.tr("Who"), outsider_words(one.kind)),
            (self.tr("Function"), one.function),
            (self.tr("Organisation"), one.organisation),
            (self.tr("Document"), one.identity),
            (self.tr("Contact"), one.contact),
        )
        rows = [(title, words or self.tr("not recorded")) for title, words in told]
        rows.append((self.tr("Added"), text.time_text(one.recorded_at, self._zone)))
        if one.ended_at:
            rows.append((self.tr("Taken off"), text.time_text(one.ended_at, self._zone)))
        words = self.tr("Taken off") if one.ended_at else self.tr("On the list")
        self._fill(one.name, words, rows, ended=one.ended_at is not None)
        self._end.set_text(self.tr("Take off the list…"))

    def _fill(self, title: str, state: str, rows: list[tuple[str, str]], *, ended: bool) -> None:
        self._title.setText(title)
        self._state.show_state(Tone.LOCK if ended else Tone.DONE, state)
        refill(self._body, [plain(facts(rows))])

    def _let(self, why_not: str, *, is_ended: bool) -> None:
        allow(self._correct, why_not)
        allow(self._end, why_not)
        self._end.setVisible(not is_ended)
