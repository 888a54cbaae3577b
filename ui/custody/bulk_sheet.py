"""Asks once for the particulars of a step for many exhibits, and for the passphrase of who signs beside the actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyRequest
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.incident import SealCondition, SealSeen, seal_condition
from forensics_app.model.person import Person
from forensics_app.model.scene import Rule
from ui import text
from ui.custody.asked_here import asked_here
from ui.custody.bulk_lines import BulkLine
from ui.custody.party import PartyCard
from ui.custody.seal_told import seal_words
from ui.custody.step import Step
from ui.custody.step_form import StepForm
from ui.custody.words import state_words, step_title
from ui.place_field import PlacesKnown
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkAsked:
    """What is signed for each; ``other`` signs, too, as giver or as receiver.

    ``seals`` is what was told of each seal, ``new_seals`` are the numbers of the seals that were put on now.
    """

    request: CustodyRequest
    seals: Mapping[ExhibitId, SealSeen] = field(default_factory=dict)
    new_seals: Mapping[ExhibitId, str] = field(default_factory=dict)
    other: Person | None = None
    other_gives: bool = False
    passphrase: str = field(default="", repr=False)


class BulkSheet(FormSheet):
    """``submitted`` carries a :class:`BulkAsked`."""

    def __init__(
        self, parent: QWidget, step: Step, lines: Sequence[BulkLine], actor: Person, *, now: datetime, zone: ZoneInfo,
        places: PlacesKnown, scratch: Path, rules: Sequence[Rule] = (),
    ) -> None:  # fmt: skip
        """Ask for ``step`` once, for every exhibit of ``lines``; ``rules`` are what the guidance asks at it."""
        numbers = ", ".join(one.exhibit.number for one in lines if one.exhibit)
        exhibits = text.plural(len(lines), self.tr("1 exhibit"), self.tr("{n} exhibits"))
        act = text.plural(len(lines), self.tr("Sign 1 entry"), self.tr("Sign {n} entries"))
        super().__init__(
            parent, title=step_title(step.event, exhibits), subtitle=numbers, name="bulkSheet", act=act, width_px=860
        )
        self._step = step
        taken = [one.exhibit for one in lines if one.exhibit]
        self.form = StepForm(step, now=now, zone=zone, places=places, scratch=scratch, exhibits=taken)
        self._resealed = forms.Form(columns=3)
        self._new_seals = {
            one.exhibit.id: self._new_seal(one.exhibit) for one in lines if one.exhibit and one.needs_seal
        }
        self._told = {one.exhibit.id: one.seen for one in lines if one.exhibit and one.asks_seal and one.seen}
        looked_at = self._looked_at(tuple(self._told.values()))
        self._seals = forms.check(looked_at, name="sealsAgree")
        self._asks_seals = bool(looked_at)
        if not self._asks_seals:
            self._seals.hide()
        self._no_seals = note(
            Tone.BAD, self.tr("Look at each seal. One that is not as recorded is told of in the list, at its line."),
            name="sealsError",
        )  # fmt: skip
        self._no_seals.hide()
        self._seals.toggled.connect(lambda _: self._no_seals.hide())
        self._other_gives = step.giver is not None and step.giver.id != actor.id
        self._party = self._party_card(step)
        self._holder = forms.Field(
            self.tr("Who holds them afterwards"),
            forms.choice([
                self.tr("They pass to another person; both sign"),
                self.tr("They stay with {name}").format(name=actor.name),
            ]),
            name="holderAfterwards",
        )  # fmt: skip
        self._holder.changed.connect(self._show_party)
        each = self.tr("They become {state}. Each gets an entry of its own; one that is refused stops no other.")
        to_state = state_words(step.transition.to_state)
        card = asked_here(rules)
        parts: list[QWidget] = [
            label(each.format(state=to_state), "small", wrap=True),
            *([card] if card else []),
            self.form,
        ]
        if self._new_seals:
            parts.append(self._resealed)
        if others := self._not_as_recorded(lines):
            parts.append(note(Tone.WARN, others, name="sealsNotAsRecorded"))
        parts += [self._seals, self._no_seals]
        if step.may_stay:
            parts.append(self._holder)
        if self._party:
            parts.append(self._party)
        self.fill(*parts, signed_as=signed_as(actor))

    def problem(self) -> str:
        """Wrong fields, seals that were not looked at, or a missing passphrase."""
        right = all([self.form.show_problems(), self._resealed.show_problems()])
        unseen = self._asks_seals and not self._seals.isChecked()
        self._no_seals.setVisible(unseen)
        if not right or unseen:
            return self.tr("See the marked fields.")
        party = self._signing_party
        if party is None:
            return ""
        if party.person is None:
            return self.tr("Choose who receives them.")
        if not party.passphrase():
            return self.tr("{name} types their passphrase.").format(name=party.person.name)
        return ""

    def request(self) -> BulkAsked:
        """What is signed."""
        party = self._signing_party
        return BulkAsked(
            request=self.form.request(),
            seals=self._told,
            new_seals={exhibit: entry.text() for exhibit, entry in self._new_seals.items()},
            other=party.person if party else None,
            other_gives=self._other_gives,
            passphrase=party.passphrase() if party else "",
        )

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say why nothing was recorded; no passphrase stays."""
        if self._party:
            self._party.forget()
        super().refuse(sentence, then)

    @property
    def _signing_party(self) -> PartyCard | None:
        """Who signs beside the actor; nobody where all of it stays with the actor."""
        return None if self._step.may_stay and self._holder.index == 1 else self._party

    def _show_party(self) -> None:
        if self._party:
            self._party.setVisible(self._signing_party is not None)

    def _new_seal(self, exhibit: Exhibit) -> forms.Field:
        """Ask for the seal that was put on after the laboratory opened the exhibit."""
        entry = forms.Field(
            self.tr("New seal of {number}").format(number=exhibit.number), forms.line_edit(),
            name=f"newSeal-{exhibit.number}",
            hint=self.tr("Recorded before: {number}").format(number=exhibit.seal_number) if exhibit.seal_number else "",
        )  # fmt: skip
        wrong = self.tr("It was opened here: seal it, and write the number of the new seal.")
        return self._resealed.add(entry, rule=lambda number: "" if number not in ("", exhibit.seal_number) else wrong)

    def _looked_at(self, told: Sequence[SealSeen]) -> str:
        """What the person says of the seals with a tick; empty where nothing is said to be whole, or not sealed."""
        conditions = [seal_condition(one.condition) for one in told]
        sealed, bare = conditions.count(SealCondition.INTACT), conditions.count(SealCondition.UNSEALED)
        words = []
        if sealed:
            one = self.tr("I looked at the one seal: it is whole and bears the number that is recorded.")
            more = self.tr("I looked at each of the {n} seals: it is whole and bears the number that is recorded.")
            words.append(text.plural(sealed, one, more))
        if bare:
            words.append(self.tr("Not sealed, as I saw: {n}.").format(n=bare))
        return " ".join(words)

    def _not_as_recorded(self, lines: Sequence[BulkLine]) -> str:
        """What was told of the other seals, a line each."""
        whole = (SealCondition.INTACT, SealCondition.UNSEALED)
        told = [
            self.tr("Seal of {number}: {words}.").format(number=one.exhibit.number, words=seal_words(one.seen))
            for one in lines
            if one.exhibit and one.asks_seal and one.seen and seal_condition(one.seen.condition) not in whole
        ]
        after = self.tr("What is wrong with a seal is opened as an incident with its entry.")
        return "\n".join([*told, after]) if told else ""

    def _party_card(self, step: Step) -> PartyCard | None:
        if not step.between_hands:
            return None
        if self._other_gives and step.giver:
            made = PartyCard(self.tr("GIVES"), (step.giver,), name="bulkParty", fixed=True)
        else:
            made = PartyCard(self.tr("RECEIVES"), step.receivers, name="bulkParty", fixed=False)
        made.await_passphrase(locked=False)
        return made
