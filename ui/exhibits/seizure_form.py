"""Where something was found; and when and by whom it was seized."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import same_name
from forensics_app.model.exhibit import Seizure
from ui.exhibits.memory import Memory
from ui.exhibits.moment import Clock, Moment, MomentField
from ui.exhibits.name_meaning import meaning_chosen, meaning_field
from ui.place_field import PlaceField, PlacesKnown
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.layout import vbox
from ui.widgets.notes import note


class SeizureForm(QWidget):
    """Asks for the place and a seizure; without officer and witness the exhibit is recorded as identified only."""

    changed = Signal()

    def __init__(self, *, now: datetime, zone: ZoneInfo, memory: Memory, places: PlacesKnown) -> None:
        """Offer the officers and witnesses of the last intakes, and ``now`` as the time in ``zone``."""
        super().__init__()
        self.setObjectName("seizureForm")
        self._clock = Clock(now, zone)
        form = forms.Form(columns=2)
        self.moment = Moment(now, zone)
        when = MomentField(self.tr("When ({zone})").format(zone=zone.key), self.moment, name="seizedAt")
        form.add(when, rule=lambda _: self._when_rule())
        self._place = form.add(PlaceField(self.tr("Where"), name="seizedPlace", places=places), rule=self._place_rule)
        self._officer = form.add(
            forms.Field(self.tr("Seizing officer"), _names(memory, "officer"), name="seizedBy"), rule=self._needed
        )
        self._witness = form.add(
            forms.Field(self.tr("Witness"), _names(memory, "witness"), name="seizureWitness"), rule=self._witness_rule
        )
        missing = self.tr("Choose who is meant.")
        self._means = meaning_field(self.tr("Whom “Seizing officer” means"))
        self._is_asked = False
        form.add(self._means, span=2, rule=lambda _: missing if self._is_asked and self._means.index < 1 else "")
        self._means.hide()
        self._unclear = note(Tone.WARN, "", name="nameUnclear")
        self._unclear.hide()
        self._officer.changed.connect(self._ask_no_more)
        self._form = form
        form.changed.connect(self.changed)
        self.setLayout(vbox(self._unclear, form, gap=Space.S))

    @property
    def filled(self) -> bool:
        """Whether anything of a seizure was typed."""
        return any(field.text() for field in (self._officer, self._witness))

    @property
    def place(self) -> str:
        """Where it was found or seized."""
        return self._place.text()

    @property
    def officer(self) -> str:
        """Who seized it."""
        return self._officer.text()

    @property
    def witness(self) -> str:
        """Who saw it."""
        return self._witness.text()

    def seizure(self) -> Seizure | None:
        """What was told; None where officer and witness were left empty."""
        if not self.filled:
            return None
        means = meaning_chosen(self._means) if self._is_asked else ""
        return Seizure(
            seized_at=self.moment.told(), place=self.place, officer=self.officer, witness=self.witness,
            officer_means=means,
        )  # fmt: skip

    def ask_meaning(self, why: str = "") -> None:
        """Ask whom the name of the officer means, which could be somebody of the laboratory; ``why`` says it."""
        self._is_asked = True
        self._means.show()
        self._unclear.say(Tone.WARN, why)
        self._unclear.setVisible(bool(why))
        self.changed.emit()

    def clear(self) -> None:
        """Leave the seizure open, such as for something only identified."""
        for field in (self._officer, self._witness):
            field.set_text("")

    def first_problem(self) -> str:
        """What is still missing, or an empty text."""
        return self._form.first_problem()

    def show_problems(self) -> bool:
        """Write under each field what is missing; tell whether nothing is."""
        return self._form.show_problems()

    def _ask_no_more(self) -> None:
        """Another name was typed: whether it is clear is found out anew."""
        self._is_asked = False
        self._means.hide()
        self._unclear.hide()

    def _needed(self, typed: str) -> str:
        if typed or not self.filled:
            return ""
        return self.tr("Fill in officer and witness, or leave both empty where nothing was seized.")

    def _place_rule(self, typed: str) -> str:
        return "" if typed else self.tr("Fill in where it was found.")

    def _witness_rule(self, typed: str) -> str:
        if typed and same_name(typed, self.officer):
            return self.tr("Name another person: the officer cannot witness their own act.")
        return self._needed(typed)

    def _when_rule(self) -> str:
        late = self.filled and not self._clock.has_come(self.moment.told())
        return self.tr("This is in the future; tell when it was seized.") if late else ""


def _names(memory: Memory, kind: str) -> forms.Input:
    known = memory.known(kind)
    made = forms.choice(known, editable=True)
    made.setCurrentText(known[0] if known else "")
    return made
