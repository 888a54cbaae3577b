"""The chosen person in full, with the whole key id and the ways to replace and to end the key."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from forensics_app.model.person import GivenKey, Person
from ui import text
from ui.lab.words import key_mark, roles_words, why_not_administer, why_not_renew
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, allow
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import facts
from ui.widgets.refill import refill


class PersonCard(QFrame):
    """``end_asked`` says that the key is to be ended, ``renew_asked`` that another one is to be made."""

    end_asked = Signal()
    renew_asked = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Show nobody yet; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("personCard")
        self.setAccessibleName(self.tr("The chosen person"))
        self.setProperty("card", True)
        self._zone = zone
        self._told: tuple[Person | None, Person | None, GivenKey | None] = None, None, None
        self._name = label(role="section", name="cardName", wrap=True)
        self._state = Badge(Tone.NONE, "", name="keyForce")
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 0, 0, 0)
        self.end = Button(self.tr("End the key…"), name="endKey", kind="danger")
        self.end.clicked.connect(self.end_asked)
        self.renew = Button(self.tr("New key…"), name="newKey", icon="key")
        self.renew.clicked.connect(self.renew_asked)
        self._why_not = label(role="caption", wrap=True, name="whyNotEnd")
        top = hbox((self._name, 1), self._state)
        top.setAlignment(self._state, Qt.AlignmentFlag.AlignTop)
        self.setLayout(
            vbox(
                top, self._body, hbox(self.renew, self.end, None), self._why_not,
                margins=(Space.L, Space.M, Space.L, Space.M),
            )
        )  # fmt: skip
        self.hide()

    def show_person(self, person: Person | None, actor: Person, given: GivenKey | None = None) -> None:
        """Show ``person`` to ``actor``, with how they came by their present key if it is not the first; None hides."""
        self.setVisible(person is not None)
        told, self._told = self._told, (person, actor, given)
        if person is None or told == self._told:
            return
        self._name.setText(person.name)
        self._state.show_state(*key_mark(person))
        refill(self._body, [self._facts(person, given), DigestView(self.tr("Key, SHA-256"), person.key_id)])
        why_not = why_not_administer(actor)
        self.end.setVisible(person.revoked_at is None)
        self.end.setEnabled(not why_not)
        self.end.setToolTip(why_not or self.tr("What the key signed stays valid; it signs nothing more"))
        allow(self.renew, why_not_renew(actor, person))
        self._why_not.setText(why_not)
        self._why_not.setVisible(bool(why_not) and person.revoked_at is None)

    def _facts(self, person: Person, given: GivenKey | None) -> QWidget:
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Function"), person.function),
            (self.tr("Organisation"), person.organisation),
            (self.tr("Number"), person.id_number or self.tr("none")),
            (self.tr("Roles"), roles_words(person)),
            (self.tr("Enrolled"), text.time_text(person.enrolled_at, self._zone)),
        ]
        if given:
            words = self.tr("{time}, by {name}: {reason}")
            at = text.time_text(given.at, self._zone)
            rows.append((self.tr("New key"), words.format(time=at, name=given.by, reason=given.reason)))
        if person.revoked_at:
            rows.append((self.tr("Key ended"), text.time_text(person.revoked_at, self._zone)))
        return plain(facts(rows))
