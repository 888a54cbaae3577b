"""Asks once for the particulars of a step for many exhibits, and for the passphrase of who signs beside the actor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyRequest
from forensics_app.model.person import Person
from ui.custody.bulk_lines import BulkLine
from ui.custody.party import PartyCard
from ui.custody.step import Step
from ui.custody.step_form import StepForm
from ui.custody.words import state_words, step_words
from ui.place_field import PlacesKnown
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAsked:
    """What is signed for each; ``other`` signs, too, as giver or as receiver."""

    request: CustodyRequest
    seals_agree: bool
    other: Person | None = None
    other_gives: bool = False
    passphrase: str = field(default="", repr=False)


class BulkSheet(FormSheet):
    """``submitted`` carries a :class:`BulkAsked`."""

    def __init__(
        self, parent: QWidget, step: Step, lines: Sequence[BulkLine], actor: Person, *, now: datetime, zone: ZoneInfo,
        places: PlacesKnown,
    ) -> None:  # fmt: skip
        """Ask for ``step`` once, for every exhibit of ``lines``."""
        verb = step_words(step.event)
        numbers = ", ".join(one.exhibit.number for one in lines if one.exhibit)
        super().__init__(
            parent, title=self.tr("{verb}: {n} exhibits").format(verb=verb, n=len(lines)), subtitle=numbers,
            name="bulkSheet", act=self.tr("Sign {n} entries").format(n=len(lines)), width_px=860,
        )  # fmt: skip
        self._step = step
        self.form = StepForm(step, now=now, zone=zone, places=places)
        sealed = sum(bool(one.exhibit and one.exhibit.seal_number) for one in lines)
        self._sealed = sealed > 0
        words = self.tr("I looked at each of the {n} seals: it is whole and bears the number that is recorded.")
        self._seals = forms.check(words.format(n=sealed), name="sealsAgree")
        if not self._sealed:
            self._seals.hide()
        self._no_seals = note(
            Tone.BAD, self.tr("Look at each seal. One that is not as recorded: take it off the list, and take its "
                              "step alone."), name="sealsError",
        )  # fmt: skip
        self._no_seals.hide()
        self._seals.toggled.connect(lambda _: self._no_seals.hide())
        self._other_gives = step.giver is not None and step.giver.id != actor.id
        self._party = self._party_card(step)
        change = f"{state_words(step.exhibit.state)} → {state_words(step.transition.to_state)}"
        each = self.tr("{change}. Each exhibit gets an entry of its own; one that is refused stops no other.")
        parts: list[QWidget] = [label(each.format(change=change), "small", wrap=True), self.form]
        parts += [self._seals, self._no_seals]
        if self._party:
            parts.append(self._party)
        self.fill(*parts, signed_as=signed_as(actor))

    def problem(self) -> str:
        """Wrong fields, seals that were not looked at, or a missing passphrase."""
        right = self.form.show_problems()
        unseen = self._sealed and not self._seals.isChecked()
        self._no_seals.setVisible(unseen)
        if not right or unseen:
            return self.tr("See the marked fields.")
        if self._party is None:
            return ""
        if self._party.person is None:
            return self.tr("Choose who receives them.")
        if not self._party.passphrase():
            return self.tr("{name} types their passphrase.").format(name=self._party.person.name)
        return ""

    def request(self) -> BulkAsked:
        """What is signed."""
        return BulkAsked(
            request=self.form.request(),
            seals_agree=self._sealed and self._seals.isChecked(),
            other=self._party.person if self._party else None,
            other_gives=self._other_gives,
            passphrase=self._party.passphrase() if self._party else "",
        )

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say why nothing was recorded; no passphrase stays."""
        if self._party:
            self._party.forget()
        super().refuse(sentence, then)

    def _party_card(self, step: Step) -> PartyCard | None:
        if not step.between_hands:
            return None
        if self._other_gives and step.giver:
            made = PartyCard(self.tr("GIVES"), (step.giver,), name="bulkParty", fixed=True)
        else:
            made = PartyCard(self.tr("RECEIVES"), step.receivers, name="bulkParty", fixed=False)
        made.await_passphrase(locked=False)
        return made
