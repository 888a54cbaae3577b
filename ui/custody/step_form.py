"""The particulars of a step: fields made from what the state machine asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QWidget

from forensics_app.model.custody import UNSIGNED, CustodyRequest, PaperKind, names
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.incident import WITHOUT_NUMBER, SealCondition
from forensics_app.model.meant import NAME_MEANS, NameMeans, holds_name
from ui.custody.receipt_fields import PaperField, SignatureField
from ui.custody.step import FieldAsked, Step
from ui.custody.words import field_words, step_words
from ui.exhibits.moment import Clock, Moment, MomentField
from ui.exhibits.name_meaning import meaning_chosen, meaning_field
from ui.place_field import PlaceField, PlacesKnown
from ui.reason_field import in_words, with_words_asked
from ui.widgets import forms
from ui.widgets.buttons import Button, IconButton
from ui.widgets.layout import restyle, vbox

BACK_AFTER = timedelta(days=3)
_TIMES = ("expected_return", "departed_at", "due")
_PAPERS = tuple(PaperKind)
_SIGNERS = ("outside_party", "carrier", "agency")
_LONG = ("reason", "hash_pair", UNSIGNED)
_PLACES = ("place", "shelf")
_NAMES = ("carrier", "seizing_officer")


class StepForm(QWidget):
    """Asks for the particulars of a step and makes a request of them. Times are those of the lab's zone."""

    changed = Signal()

    def __init__(
        self, step: Step, *, now: datetime, zone: ZoneInfo, places: PlacesKnown, scratch: Path,
        exhibits: Sequence[Exhibit] = (),
    ) -> None:  # fmt: skip
        """Fill in what is known; ``now`` is the first answer to when it happened.

        ``scratch`` is where a signature is kept until the step is recorded. ``exhibits`` are all that the step is
        taken for, where that is more than the one of ``step``.
        """
        super().__init__()
        self.setObjectName("stepForm")
        self._step, self._zone, self._places = step, zone, places
        self._scratch = scratch
        self._exhibits = exhibits or (step.exhibit,)
        self._clock = Clock(now, zone)
        self._form = forms.Form(columns=3)
        self._fields: dict[str, forms.Field] = {}
        self._beside: list[Button | IconButton] = []
        self._leaves = not step.may_leave
        self._named: forms.Field | None = None
        self._is_asked = False
        self._at = self.when_field(now)
        self._form.add(self._at, rule=lambda _: self.when_problem())
        for asked in step.fields:
            self._add(asked, now)
        for name in _NAMES:
            if name in self._fields:
                self._add_meaning(name)
        self._remarks = self._form.add(
            forms.Field(self.tr("Remarks"), forms.text_edit(lines=2), name="remarks", optional=True), span=3
        )
        self._form.changed.connect(self.changed)
        self.show_outside(self._leaves)
        self.setLayout(vbox(self._form, gap=0))

    def show_problems(self) -> bool:
        """Write under each field what is missing; tell whether nothing is."""
        return self._form.show_problems()

    def request(self) -> CustodyRequest:
        """What was filled in."""
        fields = {name: self._value(name, field) for name, field in self._fields.items() if name != "outside_party"}
        outside = self._fields.get("outside_party")
        return CustodyRequest(
            exhibit_id=self._step.exhibit.id,
            event=self._step.event,
            occurred_at=self._at.moment.told(),
            fields={name: value for name, value in fields.items() if value and self._is_told(name)},
            papers={PaperKind(name): Path(value) for name, value in fields.items() if value and self._is_kept(name)},
            outside_party=outside.text() if outside and self._leaves else "",
            remarks=self._remarks.text(),
        )

    def lock(self, locked: bool) -> None:
        """Let the particulars only be read, or be changed again."""
        for field in (self._at, *self._fields.values(), self._remarks):
            entry = field.entry
            if isinstance(field, MomentField):
                field.moment.which.setEnabled(not locked)
            if isinstance(entry, QComboBox | QDateTimeEdit):
                entry.setEnabled(not locked)
            else:
                entry.setReadOnly(locked or field is self._fields.get(PaperKind.SIGNATURE))
            restyle(entry, "locked", locked)
        for button in self._beside:
            button.setEnabled(not locked)

    def when_field(self, now: datetime) -> MomentField:
        """The field that asks for the time of the step."""
        title = self.tr("When it happened ({zone})").format(zone=self._zone.key)
        return MomentField(title, Moment(now, self._zone), name="occurredAt")

    def when_problem(self) -> str:
        """What is wrong with that time, or an empty text."""
        come = self._clock.has_come(self._at.moment.told())
        return "" if come else self.tr("This is in the future; tell when it happened.")

    def show_outside(self, leaves: bool) -> None:
        """Ask for who is outside and for their signature, or for neither where it stays within the laboratory."""
        if self._step.may_leave:
            self._leaves = leaves
            for name in ("outside_party", PaperKind.SIGNATURE, PaperKind.FORM, UNSIGNED):
                self._fields[name].setVisible(leaves)

    def ask_meaning(self) -> None:
        """Ask who is meant by a name that somebody of the laboratory bears, and somebody in the register, too."""
        self._is_asked = True
        self._show_meaning()

    def field(self, name: str) -> forms.Field:
        """The field of a gate, by its name."""
        return self._fields[name]

    def _add(self, asked: FieldAsked, now: datetime) -> None:
        name = asked.name
        entry: forms.Input
        if name == "seal_check":
            entry = forms.choice([_tr("Choose …"), *seal_checks()])
        elif name in _LONG:
            entry = forms.text_edit(lines=2)
        else:
            entry = forms.line_edit()
        title = field_words(name)
        if name == UNSIGNED and self._step.is_order:
            title = self.tr("Why who had it cannot sign")
        if name in _TIMES:
            title = f"{title} ({self._zone.key})"
        field: forms.Field
        if name in _TIMES:
            first = now if name == "departed_at" else now + BACK_AFTER
            field = MomentField(title, Moment(first, self._zone), name=_object_name(name))
        elif name in _PAPERS:
            field = self._paper_field(asked)
        elif name in _PLACES:
            field = self._place_field(title, name, optional=not asked.sentence)
        else:
            field = forms.Field(
                title, entry, name=_object_name(name), optional=not asked.sentence, hint=self._hint(name)
            )
        field.set_text(asked.value)
        rule = self._rule(asked)
        self._fields[name] = self._form.add(field, span=3 if name in (*_LONG, *_PAPERS) else 1, rule=rule)

    def _add_meaning(self, named_as: str) -> None:
        """Ask who is meant by a name; it is in sight, in a row of its own, where the name could be both."""
        field = meaning_field(self.tr("Whom “{field}” means").format(field=field_words(named_as)))
        missing = self.tr("Choose who is meant.")
        self._form.add(field, span=3, rule=lambda _: missing if self._is_unclear and field.index < 1 else "")
        named = self._fields[named_as]
        self._fields[NAME_MEANS], self._named = field, named
        named.changed.connect(self._show_meaning)
        self._show_meaning()

    def _show_meaning(self) -> None:
        if NAME_MEANS in self._fields:
            self._fields[NAME_MEANS].setVisible(self._is_unclear)

    @property
    def _is_unclear(self) -> bool:
        """Whether it is to be said who is meant by a name."""
        told = self._named.text().strip() if self._named else ""
        return self._is_asked or bool(told and holds_name(told, self._step.enrolled))

    def _rule(self, asked: FieldAsked) -> Callable[[str], str] | None:
        name, sentence = asked.name, asked.sentence
        if name in ("expected_return", "due"):
            return self._is_after(name)
        if name == PaperKind.SIGNATURE and sentence:
            return self._signed_somewhere(sentence)
        if name == "outside_party":
            return lambda told: sentence if self._leaves and not told.strip() else ""
        if name == "shelf":
            return lambda told: self._places.why_not(told.strip()) if told.strip() else sentence
        if name == "seal_check":
            return lambda _: sentence if sentence and self._seal is None else ""
        if name == "seal_number" and "seal_check" in [one.name for one in self._step.fields]:
            return lambda told: sentence if sentence and not told.strip() and self._seal not in WITHOUT_NUMBER else ""
        if name == "seal_remarks":
            why = self.tr("Say why the seal was not checked.")
            return lambda told: in_words(why)(told) if self._seal is SealCondition.NOT_CHECKED else ""
        return forms.required(sentence) if sentence else None

    @property
    def _seal(self) -> SealCondition | None:
        return seal_chosen(self._fields["seal_check"]) if "seal_check" in self._fields else None

    def _is_told(self, name: str) -> bool:
        if name == NAME_MEANS:
            return self._is_unclear
        return name not in _PAPERS and (self._leaves or name != UNSIGNED)

    def _is_kept(self, name: str) -> bool:
        return name in _PAPERS and (self._leaves or name == PaperKind.RECEIPT)

    def _place_field(self, title: str, name: str, *, optional: bool) -> PlaceField:
        made = PlaceField(
            title,
            name=_object_name(name),
            places=self._places,
            optional=optional,
            why_not=self._places.why_not if name == "shelf" else None,
        )
        self._beside.append(made.choose)
        return made

    def _hint(self, name: str) -> str:
        before = self._step.exhibit.seal_number
        if name == "seal_number" and self._step.wants_seal:
            words = self.tr("The seal {number} was found broken or missing. Put a new one on: write its number here.")
            return words.format(number=before)
        if name == "seal_check" and self._step.wants_seal:
            return self.tr("Choose “{choice}”.").format(choice=_tr("new seal applied"))
        if name == "seal_number" and before:
            return self.tr("Recorded before: {number}").format(number=before)
        if name == UNSIGNED and self._step.is_order:
            return with_words_asked(self.tr("It is told to another supervisor, as a deviation."))
        if name == UNSIGNED:
            words = self.tr("Only where somebody outside cannot be had to sign. It is told to the supervisor.")
            return with_words_asked(words)
        if name == "seal_remarks":
            return with_words_asked(self.tr("Needed where the seal was not checked: why."))
        return ""

    def _paper_field(self, asked: FieldAsked) -> SignatureField | PaperField:
        optional = not asked.sentence
        if asked.name != PaperKind.SIGNATURE:
            paper = PaperField(PaperKind(asked.name), optional=optional)
            self._beside.append(paper.choose)
            return paper
        named = "; ".join(f"{one.number}, {one.description}" for one in self._exhibits)
        what = f"{step_words(self._step.event)}: {named}"
        made = SignatureField(signer=self._signer, what=what, optional=optional, scratch=self._scratch)
        self._beside.append(made.sign)
        for name in _SIGNERS:
            if name in self._fields:
                self._fields[name].changed.connect(made.forget)
        return made

    def _signer(self) -> str:
        return next((self._fields[name].text() for name in _SIGNERS if name in self._fields), "")

    def _signed_somewhere(self, sentence: str) -> Callable[[str], str]:
        def rule(drawn: str) -> str:
            signed = drawn or self._fields[PaperKind.FORM].text() or self._fields[UNSIGNED].text()
            if signed or not self._leaves:
                return ""
            if self._step.from_outside:
                return sentence
            carrier = self._fields["carrier"].text() if "carrier" in self._fields else ""
            if self._is_unclear and self._value(NAME_MEANS, self._fields[NAME_MEANS]) == NameMeans.OTHER:
                return sentence
            return "" if any(names(carrier, one) for one in self._step.enrolled) else sentence

        return rule

    def _value(self, name: str, field: forms.Field) -> str:
        if isinstance(field, SignatureField):
            return "" if field.drawn is None else str(field.drawn)
        if isinstance(field, MomentField):
            return field.moment.told().isoformat(timespec="minutes")
        if name == "seal_check":
            return seal_chosen(field) or ""
        if name == NAME_MEANS:
            return meaning_chosen(field)
        if name == "seal_number" and self._seal in WITHOUT_NUMBER:
            return ""
        return field.text()

    def _is_after(self, name: str) -> Callable[[str], str]:
        wrong = self.tr("It must be after the step; choose a later time.")

        def rule(_: str) -> str:
            field = self._fields[name]
            late = isinstance(field, MomentField) and field.moment.told() > self._at.moment.told()
            return "" if late else wrong

        return rule


def _object_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def seal_checks() -> tuple[str, ...]:
    """How a seal can be found to be."""
    words = {
        SealCondition.INTACT: _tr("intact, number agrees"),
        SealCondition.BROKEN: _tr("broken or opened"),
        SealCondition.MISSING: _tr("missing"),
        SealCondition.DIFFERS: _tr("number differs"),
        SealCondition.NOT_CHECKED: _tr("not checked"),
        SealCondition.NEW: _tr("new seal applied"),
        SealCondition.UNSEALED: _tr("not sealed"),
    }
    return tuple(words[one] for one in SealCondition)


def seal_chosen(field: forms.Field) -> SealCondition | None:
    """The condition that is chosen of :func:`seal_checks`, behind a first line that chooses none."""
    return tuple(SealCondition)[field.index - 1] if field.index > 0 else None


def _tr(words: str) -> str:
    return QCoreApplication.translate("StepForm", words)
