"""Offering an exhibit to another person, and accepting what was offered: each is signed by one person alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import WITHOUT_NUMBER, SealCondition
from forensics_app.model.offer import NewOffer, Offer
from forensics_app.model.person import Person
from forensics_app.model.scene import Rule
from ui.custody.asked_here import asked_here
from ui.custody.offer_words import offer_facts
from ui.custody.step import Step
from ui.custody.step_form import StepForm, seal_checks, seal_chosen
from ui.custody.words import step_words
from ui.exhibits.moment import Clock, Moment, MomentField
from ui.place_field import PlacesKnown
from ui.recording import signed_as
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import frame, plain, vbox
from ui.widgets.notes import facts
from ui.widgets.refill import refill

ANSWER_WITHIN = timedelta(days=1)


class OfferForm(StepForm):
    """The particulars of an offered step; instead of when it happened it asks until when it is to be answered."""

    def when_field(self, now: datetime) -> MomentField:
        """Until when it is to be answered."""
        title = self.tr("To be answered by ({zone})").format(zone=self._zone.key)
        return MomentField(title, Moment(now + ANSWER_WITHIN, self._zone), name="offerDue")

    def when_problem(self) -> str:
        """It has to lie ahead."""
        past = self._at.moment.told() <= self._clock.now()
        return self.tr("This is past; choose a time that lies ahead.") if past else ""

    def offer(self, receiver: Person) -> NewOffer:
        """What was filled in, offered to ``receiver``."""
        asked = self.request()
        return NewOffer(
            exhibit_id=self._step.exhibit.id,
            receiver_id=receiver.id,
            event=asked.event,
            due=asked.occurred_at,
            fields=asked.fields,
            remarks=asked.remarks,
        )


class OfferSheet(FormSheet):
    """``submitted`` carries a :class:`NewOffer`."""

    def __init__(
        self, parent: QWidget, steps: Sequence[Step], actor: Person, *, now: datetime, zone: ZoneInfo,
        places: PlacesKnown, scratch: Path, rules: Mapping[str, Sequence[Rule]] | None = None,
    ) -> None:  # fmt: skip
        """Offer one of ``steps``, all of one exhibit that ``actor`` holds.

        ``rules`` are what the guidance asks at each step, by its event.
        """
        exhibit = steps[0].exhibit
        super().__init__(
            parent, title=self.tr("Offer {number}").format(number=exhibit.number), subtitle=exhibit.description,
            name="offerSheet", act=self.tr("Sign and offer"), width_px=860,
        )  # fmt: skip
        self._steps, self._receivers = tuple(steps), steps[0].receivers
        self._now, self._zone, self._places, self._scratch = now, zone, places, scratch
        self._rules = rules or {}
        self._form = forms.Form(columns=2)
        events = forms.choice([step_words(step.event) for step in steps])
        self._event = self._form.add(forms.Field(self.tr("Step"), events, name="offerStep"))
        names = forms.choice([self.tr("Choose …"), *(one.name for one in self._receivers)])
        self._to = self._form.add(
            forms.Field(self.tr("Offered to"), names, name="offerTo"), rule=lambda _: self._no_receiver()
        )
        self._event.changed.connect(self._show_particulars)
        self._slot = vbox(gap=Space.M)
        self._show_particulars()
        stays = self.tr("The exhibit stays with you until the receiver accepts it, with a signature of their own.")
        self.fill(self._form, plain(self._slot), label(stays, "small", wrap=True), signed_as=signed_as(actor))

    @property
    def particulars(self) -> OfferForm:
        """The fields of the chosen step."""
        return self._particulars

    def problem(self) -> str:
        """Wrong fields."""
        right = self._particulars.show_problems()
        return "" if self._form.show_problems() and right else self.tr("See the marked fields.")

    def request(self) -> NewOffer:
        """What is offered."""
        receiver = self._receiver()
        assert receiver is not None, "a problem is said before"
        return self._particulars.offer(receiver)

    def _show_particulars(self) -> None:
        step = self._steps[max(0, self._event.index)]
        self._particulars = OfferForm(step, now=self._now, zone=self._zone, places=self._places, scratch=self._scratch)
        card = asked_here(self._rules.get(step.event, ()))
        refill(self._slot, [self._particulars, *([card] if card else [])])

    def _receiver(self) -> Person | None:
        at = self._to.index
        return self._receivers[at - 1] if at > 0 else None

    def _no_receiver(self) -> str:
        return "" if self._receiver() else self.tr("Choose who is to receive it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """When it was handed over, and what the receiver found."""

    occurred_at: datetime
    told: Mapping[str, str]


class AcceptSheet(FormSheet):
    """``submitted`` carries an :class:`Acceptance`."""

    def __init__(
        self, parent: QWidget, offer: Offer, exhibit: Exhibit, actor: Person, *, now: datetime, zone: ZoneInfo,
        rules: Sequence[Rule] = (),
    ) -> None:  # fmt: skip
        """Ask what ``actor`` found when they received what ``offer`` names; ``rules`` are what the guidance asks."""
        super().__init__(
            parent, title=self.tr("Accept {number}").format(number=offer.number), subtitle=exhibit.description,
            name="acceptSheet", act=self.tr("Sign and accept"), width_px=680,
        )  # fmt: skip
        self._clock = Clock(now, zone)
        self._form = forms.Form(columns=2)
        self._moment = Moment(now, zone)
        title = self.tr("When it was handed over ({zone})").format(zone=zone.key)
        self._form.add(MomentField(title, self._moment, name="acceptedAt"), rule=lambda _: self._in_the_future())
        self._fields = {"condition": self._form.add(self._condition(offer))}
        if exhibit.seal_number:
            self._add_seal(exhibit)
        told = facts(offer_facts(offer, zone))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        says = frame(vbox(label(self.tr("What was offered"), "strong"), told, margins=margins), note="info")
        words = self.tr("From your signature on it is yours. What you tell stands beside what the giver told.")
        card = asked_here(rules)
        parts = [says, self._form, *([card] if card else []), label(words, "small", wrap=True)]
        self.fill(*parts, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """What was found."""
        return (self._form,)

    def request(self) -> Acceptance:
        """What was found."""
        told = {name: field.text() for name, field in self._fields.items() if field.text()}
        if (check := self._fields.get("seal_check")) is not None:
            told["seal_check"] = seal_chosen(check) or ""
        return Acceptance(occurred_at=self._moment.told(), told=told)

    def _condition(self, offer: Offer) -> forms.Field:
        hint = self.tr("Told by the giver: {words}").format(words=offer.fields.get("condition") or self.tr("nothing"))
        return forms.Field(
            self.tr("Condition"), forms.line_edit(), name="acceptedCondition", optional=True, hint=hint
        )  # fmt: skip

    def _add_seal(self, exhibit: Exhibit) -> None:
        hint = self.tr("Recorded before: {number}").format(number=exhibit.seal_number)
        number = forms.Field(self.tr("Seal number"), forms.line_edit(), name="acceptedSeal", hint=hint)
        check = forms.Field(
            self.tr("Seal check"), forms.choice([self.tr("Choose …"), *seal_checks()]), name="acceptedSealCheck"
        )  # fmt: skip
        more = forms.Field(self.tr("Remarks on the seal"), forms.line_edit(), name="acceptedSealRemarks", optional=True)
        read = self.tr("Read the number on the seal.")
        say, why = self.tr("State the condition of the seal."), self.tr("Say why the seal was not checked.")

        def lacks_number(told: str) -> str:
            return "" if told or seal_chosen(check) in WITHOUT_NUMBER else read

        def lacks_reason(told: str) -> str:
            return why if seal_chosen(check) is SealCondition.NOT_CHECKED and not told else ""

        self._fields["seal_number"] = self._form.add(number, rule=lacks_number)
        self._fields["seal_check"] = self._form.add(check, rule=lambda _: "" if seal_chosen(check) else say)
        self._fields["seal_remarks"] = self._form.add(more, rule=lacks_reason)

    def _in_the_future(self) -> str:
        come = self._clock.has_come(self._moment.told())
        return "" if come else self.tr("This is in the future; tell when it happened.")
