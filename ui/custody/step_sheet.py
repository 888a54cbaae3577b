"""A step of custody in two steps: fill in, then sign. The second shows the very text, and that it stays for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QTimer, QTimerEvent, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.custody import CustodyRequest, PaperKind
from forensics_app.model.person import Person
from forensics_app.model.scene import Rule
from ui import text
from ui.custody.asked_here import asked_here
from ui.custody.party import PartyCard
from ui.custody.step import Step
from ui.custody.step_form import StepForm
from ui.custody.words import key_words, state_words, step_title, step_words
from ui.place_field import PlacesKnown
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, plain, vbox
from ui.widgets.notes import note
from ui.widgets.sheet import ConfirmSheet, Sheet, sheet_body
from ui.widgets.sight import bring_into_sight


class Phase(StrEnum):
    """Where the dialog stands."""

    FILL = "fill"
    SIGN = "sign"
    GIVER = "giver"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseGiven:
    """A party typed a passphrase for this text."""

    person: Person
    passphrase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAsked:
    """The words are wanted that giver and receiver will sign; ``receiver`` is empty where one person acts alone."""

    request: CustodyRequest
    giver: str
    receiver: str


class StepSheet(Sheet):
    """Asks for a step; does nothing itself but tell what was asked.

    ``statement_asked`` wants the words to sign; ``signing`` says that the one signer signs now; ``giver_given`` and
    ``receiver_given`` carry a passphrase; ``discarded`` says that the giver's signature is not wanted any more.
    """

    statement_asked = Signal(object)
    signing = Signal(object)
    giver_given = Signal(object)
    receiver_given = Signal(object)
    discarded = Signal()

    def __init__(
        self, parent: QWidget, step: Step, actor: Person, *, now: datetime, zone: ZoneInfo, places: PlacesKnown,
        scratch: Path, rules: Sequence[Rule] = (),
    ) -> None:  # fmt: skip
        """Ask for ``step``; ``actor`` is signed in, ``rules`` are what the guidance asks at this step."""
        verb, exhibit = step_words(step.event), step.exhibit
        serial = f" · S/N {exhibit.serial}" if exhibit.serial else ""
        super().__init__(
            parent, title=step_title(step.event, exhibit.number), subtitle=f"{exhibit.description}{serial}",
            name="stepSheet", width_px=860,
        )  # fmt: skip
        self._step, self._actor, self._verb, self._zone = step, actor, verb, zone
        self._phase, self._busy = Phase.FILL, False
        self.form = StepForm(step, now=now, zone=zone, places=places, scratch=scratch)
        self._alone = self._alone_choice()
        self._rules = asked_here(rules)
        self._lay_out_parts()
        self._lay_out_buttons()
        self._show_phase(Phase.FILL)

    @property
    def phase(self) -> Phase:
        """Where the dialog stands."""
        return self._phase

    @property
    def two_sign(self) -> bool:
        """Whether a giver and a receiver sign."""
        alone = self._alone.index == 1
        return self._step.between_hands and not ((self._step.may_stay or self._step.may_leave) and alone)

    def show_statement(self, statement: str) -> None:
        """Show the words that are signed."""
        self._set_busy(False)
        self._statement.setText(statement)
        self._statement.setAccessibleName(statement)
        if self._phase is Phase.FILL:
            self._show_phase(Phase.GIVER if self.two_sign else Phase.SIGN)
        else:
            self._show_words(self._phase)

    def show_giver_signed(self, at: datetime) -> None:
        """Lock the particulars: the giver signed them; the receiver is next."""
        self._set_busy(False)
        self.giver.show_signed(at)
        self._show_phase(Phase.RECEIVER)

    def refuse_passphrase(self, sentence: str, retry_after_s: int) -> None:
        """Say that name and passphrase do not fit; nothing was signed."""
        self._set_busy(False)
        party = self.giver if self._phase is Phase.GIVER else self.receiver
        party.refuse(sentence)
        if retry_after_s:
            self._main.setEnabled(False)
            self.startTimer(retry_after_s * 1000)

    def refuse(self, sentence: str, kept: str) -> None:
        """Say that the step was refused, and what was kept of the attempt."""
        self._set_busy(False)
        self._refusal.say(Tone.BAD, f"{sentence}\n{kept}".strip())
        self._refusal.show()
        self._show_phase(Phase.FILL)

    def finish(self) -> None:
        """Close: the entry was written."""
        self._set_busy(False)
        self.accept()

    def submit(self) -> None:
        """Go on from where the dialog stands."""
        if self._busy:
            return
        match self._phase:
            case Phase.FILL:
                self._refusal.hide()
                if self.form.show_problems():
                    self._ask_statement()
            case Phase.SIGN:
                self._set_busy(True)
                self.signing.emit(self.form.request())
            case Phase.GIVER:
                self._take_passphrase(self.giver)
            case Phase.RECEIVER:
                self._take_passphrase(self.receiver)

    def reject(self) -> None:
        """Close and change nothing; not while signatures are being written."""
        if not self._busy:
            super().reject()

    def timerEvent(self, event: QTimerEvent) -> None:
        """Let the next attempt be made."""
        self.killTimer(event.timerId())
        self._main.setEnabled(True)

    def _take_passphrase(self, party: PartyCard) -> None:
        person = party.person
        if person is None or self.receiver.person is None:
            self.say(self.tr("Choose who receives it.") if person else self.tr("Choose who hands it out."))
            return
        if self.giver.person == self.receiver.person:
            self.say(self.tr("One person cannot give and receive; choose two."))
            return
        if not party.passphrase():
            party.refuse(self.tr("Type the passphrase of {name}.").format(name=person.name))
            return
        self.say("")
        self._set_busy(True)
        party.show_busy()
        asked = PassphraseGiven(person=person, passphrase=party.passphrase())
        (self.giver_given if party is self.giver else self.receiver_given).emit(asked)

    def _ask_statement(self) -> None:
        """Ask for the words; nobody signs before they are in sight."""
        self._set_busy(True)
        giver, receiver = self._giver, self.receiver.person
        request = self.form.request()
        if self._step.from_outside:
            taker = request.fields.get("carrier") or request.fields.get("court") or self._actor.name
            asked = StatementAsked(request=request, giver=request.outside_party, receiver=taker)
        elif request.outside_party:
            asked = StatementAsked(request=request, giver=self._actor.name, receiver=request.outside_party)
        elif self.two_sign:
            name = receiver.name if receiver else self.tr("(choose who receives it)")
            asked = StatementAsked(request=request, giver=giver, receiver=name)
        else:
            asked = StatementAsked(request=request, giver=self._actor.name, receiver="")
        self.statement_asked.emit(asked)

    def _alone_choice(self) -> forms.Field:
        first = self.tr("It passes to another person; both sign")
        stays = self.tr("It stays with {name}").format(name=self._actor.name)
        leaves = self.tr("It passes to somebody outside, who signs here or on a form")
        entry = forms.choice([first, leaves if self._step.may_leave else stays])
        field = forms.Field(self.tr("Who holds it afterwards"), entry, name="holderAfterwards")
        if not (self._step.may_stay or self._step.may_leave):
            field.hide()
        field.changed.connect(lambda: self.form.show_outside(field.index == 1))
        return field

    def _lay_out_parts(self) -> None:
        step = self._step
        before = self.tr("{old} → {new}").format(
            old=state_words(step.exhibit.state), new=state_words(step.transition.to_state)
        )
        self._refusal = note(Tone.BAD, "", name="stepRefused")
        self._refusal.hide()
        self._change = Button(self.tr("Change the particulars"), name="changeParticulars", kind="quiet")
        self._change.clicked.connect(self._ask_to_change)
        self._lock_mark = IconLabel("edit", "text2")
        self._lock_words = label(role="small", wrap=True, name="particularsState")
        head = hbox(self._lock_mark, (self._lock_words, 1), label(before, "overline"), self._change)
        givers = step.givers or (self._actor,)
        title = self.tr("ORDERS IT") if step.is_order else self.tr("GIVES")
        self.giver = PartyCard(title, givers, name="giver", fixed=len(givers) == 1)
        self.giver.choose(step.giver)
        self.giver.chosen.connect(self._on_party)
        self.receiver = PartyCard(self.tr("RECEIVES"), step.receivers, name="receiver", fixed=False)
        self.receiver.chosen.connect(self._on_party)
        self.receiver.choose(self._actor if self._actor in step.receivers else None)
        arrow = IconLabel("chevron-right", "text2", Size.ICON_NAV)
        self._parties = plain(hbox((self.giver, 1), arrow, (self.receiver, 1)))
        self._says = self._statement_box()
        self._for_ever = note(
            Tone.WARN,
            self.tr("This adds an entry that cannot be removed. A mistake is put right by a further entry."),
            name="cannotBeRemoved",
        )
        parts = (
            self._refusal, self._absent_note(), plain(head), self._says, self._parties, self._for_ever, self.form,
            self._alone, self._rules,
        )  # fmt: skip
        self.set_body(sheet_body(*(part for part in parts if part)))

    @property
    def _giver(self) -> str:
        """The name of who gives it; empty where nobody is chosen."""
        person = self.giver.person if self._step.givers else None
        return person.name if person else ""

    def _absent_note(self) -> QWidget | None:
        """Who has it by the record and does not sign; None where they do."""
        absent = self._step.absent
        if absent is None:
            return None
        name, ended = absent.name, absent.revoked_at
        if not self._step.is_order:
            words = self.tr(
                "It lies there under the name of {name}, who need not sign; any exhibits officer hands it out."
            )
            return note(Tone.INFO, words.format(name=name), name="storedBy")
        words = self.tr(
            "It is in the hands of {name}, whose key ended on {day} and who cannot sign. You order in their stead that "
            "somebody takes it over, and both of you sign. Why is a deviation that another supervisor decides about."
        )
        day = text.time_text(ended, self._zone, to_minute=True) if ended else ""
        return note(Tone.WARN, words.format(name=name, day=day), name="keyEnded")

    def _statement_box(self) -> QWidget:
        self._statement = label(role="", wrap=True, select=True, name="statement")
        self._who_signs = label(role="strong", wrap=True)
        self._key_line = label(role="caption", wrap=True)
        head = hbox(IconLabel("sign", "accent"), (self._who_signs, 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        return frame(vbox(head, self._statement, self._key_line, gap=Space.XS, margins=margins), note="info")

    def _lay_out_buttons(self) -> None:
        self._main = Button(self.tr("Go on to sign"), name="stepPrimary", kind="primary", icon="sign")
        self._cancel = self.cancel_button()
        self._where = label(role="small", name="stepWhere")
        self.set_buttons(self._main, self._cancel, left=(self._where,))

    def _show_phase(self, phase: Phase) -> None:
        self._phase = phase
        filling = phase is Phase.FILL
        self.form.lock(not filling)
        self._alone.setVisible(filling and (self._step.may_stay or self._step.may_leave))
        if self._rules:
            self._rules.setVisible(filling)
        self._change.setVisible(not filling)
        self._says.setVisible(not filling)
        self._for_ever.setVisible(not filling)
        self._parties.setVisible(phase in (Phase.GIVER, Phase.RECEIVER))
        self._show_words(phase)
        if phase is Phase.GIVER:
            self.giver.await_passphrase(locked=len(self._step.givers) < 2)
            self.receiver.await_choice()
        elif phase is Phase.RECEIVER:
            self.receiver.await_passphrase(locked=True)
        elif phase is Phase.SIGN:
            self._cancel.setFocus()
        if self.isVisible():
            self.adjust()
            QTimer.singleShot(0, self, self._show_next)

    def _show_next(self) -> None:
        """Scroll to what the person deals with next: a field, or the text to be signed."""
        if part := self.focusWidget():
            bring_into_sight(part)
        if self._phase is not Phase.FILL:
            bring_into_sight(self._says)

    def _show_words(self, phase: Phase) -> None:
        verb = self._verb[:1].lower() + self._verb[1:]
        giver, is_order = self._giver, self._step.is_order
        choose = self.tr("Choose the receiver; then the giver signs. Nothing is recorded yet.")
        ordered = self.tr("Choose who takes it over; then the supervisor signs. Nothing is recorded yet.")
        locked = self.tr("The particulars are locked: the giver has signed them.")
        signed = self.tr("The particulars are locked: the supervisor has signed them.")
        of_giver, of_supervisor = (
            self.tr("Step 2 of 2 · the giver signs"),
            self.tr("Step 2 of 2 · the supervisor signs"),
        )
        where, main, state, icon = {
            Phase.FILL: (self.tr("Step 1 of 2 · fill in"), self.tr("Go on to sign"), "", "edit"),
            Phase.SIGN: (
                self.tr("Step 2 of 2 · you sign"), self.tr("Sign and {verb}").format(verb=verb),
                self.tr("Read what you sign. Nothing is recorded yet."), "lock",
            ),
            Phase.GIVER: (
                of_supervisor if is_order else of_giver, self.tr("Sign as {name}").format(name=giver),
                ordered if is_order else choose, "lock",
            ),
            Phase.RECEIVER: (
                self.tr("Step 2 of 2 · the receiver signs"), self.tr("Sign and {verb}").format(verb=verb),
                signed if is_order else locked, "lock",
            ),
        }[phase]  # fmt: skip
        self._where.setText(where)
        self._main.set_text(main)
        self._lock_mark.set_icon(icon, "text2")
        self._lock_words.setText(state or self.tr("Nothing is recorded before it is signed."))
        discard = self.tr("Change and discard the signature…")
        self._change.set_text(discard if phase is Phase.RECEIVER else self.tr("Change the particulars"))
        both = self.tr("Both sign this text, and nothing else")
        self._who_signs.setText(both if self.two_sign else self.tr("You sign this text, and nothing else"))
        key = self.tr("Signed with the open key {key} of {name}").format(
            key=key_words(self._actor.key_id), name=self._actor.name
        )
        if not {PaperKind.SIGNATURE, PaperKind.FORM}.isdisjoint(self.form.request().papers):
            key = self.tr("{line}; who is outside signed on paper or on the screen, and the entry says so").format(
                line=key
            )
        self._key_line.setText("" if self.two_sign else key)
        self._key_line.setVisible(not self.two_sign)
        self.say("")

    def _ask_to_change(self) -> None:
        if self._phase is not Phase.RECEIVER:
            self._show_phase(Phase.FILL)
            return
        giver = self._giver
        sheet = ConfirmSheet(
            self,
            title=self.tr("Discard the signature of {name}?").format(name=giver),
            sentences=(self.tr("The particulars can then be changed, and {name} signs again.").format(name=giver),),
            act=self.tr("Change and discard"),
            keep=self.tr("Keep the signature"),
            name="discardSignature",
        )
        sheet.accepted.connect(self._discard)
        sheet.open()

    def _discard(self) -> None:
        self.discarded.emit()
        self._show_phase(Phase.FILL)

    def _on_party(self) -> None:
        if self._phase is Phase.GIVER:
            self._ask_statement()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._main.setEnabled(not busy)
        self._cancel.setEnabled(not busy)
        self._change.setEnabled(not busy)
