"""The first step of an intake: which exhibit, one of the case or a new one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.exhibit import Exhibit, ExhibitType
from ui.exhibits.identity_form import IdentityForm
from ui.exhibits.parts import section
from ui.exhibits.words import GONE, serial_title, state_words, type_words, where_words
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.refill import refill
from ui.widgets.wizard import WizardStep


class ExhibitStep(WizardStep):
    """Chooses an exhibit; ``exhibit_chosen`` carries it, or None for a new one."""

    exhibit_chosen = Signal(object)

    def __init__(self, exhibits: Sequence[Exhibit], chosen: Exhibit | None) -> None:
        """Offer the exhibits of the case that are in the lab's hands, and a new one."""
        super().__init__()
        self.title = self.tr("Exhibit")
        self._exhibits = [one for one in exhibits if one.type is not ExhibitType.IMAGE and one.state not in GONE]
        words = [f"{one.number}  {one.description}" for one in self._exhibits]
        self._choice = forms.Field(
            self.tr("The image is of"), forms.choice([self.tr("A new exhibit"), *words]), name="intakeExhibit"
        )
        self.identity = IdentityForm(exhibits)
        self._known = vbox(gap=0)
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        head = label(self.tr("Which exhibit was the image made of?"), "section")
        self.setLayout(vbox(head, self._choice, self.identity, self._known, None, gap=Space.M, margins=margins))
        self.identity.changed.connect(self.changed)
        self._choice.changed.connect(self._on_choice)
        self.choose(chosen)
        self._on_choice()

    @property
    def exhibit(self) -> Exhibit | None:
        """The chosen exhibit; None for a new one."""
        at = self._choice.index
        return self._exhibits[at - 1] if at > 0 else None

    def choose(self, exhibit: Exhibit | None) -> None:
        """Choose an exhibit; None chooses a new one."""
        entry = self._choice.entry
        if isinstance(entry, QComboBox):
            found = [at for at, one in enumerate(self._exhibits, 1) if exhibit and one.id == exhibit.id]
            entry.setCurrentIndex(found[0] if found else 0)

    def summary(self) -> str:
        """Number and type."""
        exhibit = self.exhibit
        number = exhibit.number if exhibit else self.identity.number
        kind = exhibit.type if exhibit else self.identity.type
        return f"{number} · {type_words(kind)}" if number else ""

    def problem(self) -> str:
        """What a new exhibit still needs."""
        return "" if self.exhibit else self.identity.first_problem()

    def show_problems(self) -> None:
        """Mark the fields."""
        self.identity.show_problems()

    def _on_choice(self) -> None:
        exhibit = self.exhibit
        self.identity.setVisible(exhibit is None)
        known: list[QWidget] = []
        if exhibit:
            rows = [
                (self.tr("Description"), exhibit.description),
                (serial_title(exhibit.type), exhibit.serial),
                (self.tr("Condition"), exhibit.condition),
                (self.tr("State"), state_words(exhibit.state)),
                (self.tr("Held by"), exhibit.holder),
                (self.tr("Place"), where_words(exhibit)),
            ]
            known.append(section(exhibit.number, rows))
        refill(self._known, known)
        self.exhibit_chosen.emit(exhibit)
        self.changed.emit()
