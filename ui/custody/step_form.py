"""The particulars of a step: fields made from what the state machine asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QByteArray, QCoreApplication, QDateTime, QTimeZone, Signal
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QWidget

from forensics_app.model.custody import CustodyRequest
from ui.custody.step import FieldAsked, Step
from ui.custody.words import field_words
from ui.widgets import forms
from ui.widgets.layout import restyle, vbox

BACK_AFTER = timedelta(days=3)
_TIMES = ("expected_return", "departed_at")
_LONG = ("reason", "hash_pair")
_PLACES = ("place", "shelf")


class StepForm(QWidget):
    """Asks for the particulars of a step and makes a request of them. Times are those of the lab's zone."""

    changed = Signal()

    def __init__(self, step: Step, *, now: datetime, zone: ZoneInfo, places: Sequence[str]) -> None:
        """Fill in what is known; ``now`` is the first answer to when it happened."""
        super().__init__()
        self.setObjectName("stepForm")
        self._step, self._zone, self._places = step, zone, list(places)
        self._form = forms.Form(columns=3)
        self._fields: dict[str, forms.Field] = {}
        self._at = self._form.add(
            forms.Field(
                self.tr("When it happened ({zone})").format(zone=zone.key), self._moment(now), name="occurredAt"
            ),
            rule=lambda _: self._not_in_the_future(),
        )
        for asked in step.fields:
            self._add(asked, now)
        self._remarks = self._form.add(
            forms.Field(self.tr("Remarks"), forms.text_edit(lines=2), name="remarks", optional=True), span=3
        )
        self._form.changed.connect(self.changed)
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
            occurred_at=self._told(self._at),
            fields={name: value for name, value in fields.items() if value},
            outside_party=outside.text() if outside else "",
            remarks=self._remarks.text(),
        )

    def lock(self, locked: bool) -> None:
        """Let the particulars only be read, or be changed again."""
        for field in (self._at, *self._fields.values(), self._remarks):
            entry = field.entry
            if isinstance(entry, QComboBox | QDateTimeEdit):
                entry.setEnabled(not locked)
            else:
                entry.setReadOnly(locked)
            restyle(entry, "locked", locked)

    def field(self, name: str) -> forms.Field:
        """The field of a gate, by its name."""
        return self._fields[name]

    def _add(self, asked: FieldAsked, now: datetime) -> None:
        name = asked.name
        if name in _TIMES:
            entry: forms.Input = self._moment(now + BACK_AFTER if name == "expected_return" else now)
        elif name == "seal_check":
            entry = forms.choice(["", *_seal_checks()], editable=True)
        elif name in _PLACES:
            entry = forms.choice(["", *self._places], editable=True)
        elif name in _LONG:
            entry = forms.text_edit(lines=2)
        else:
            entry = forms.line_edit()
        title = field_words(name)
        if name in _TIMES:
            title = f"{title} ({self._zone.key})"
        field = forms.Field(title, entry, name=_object_name(name), optional=not asked.sentence, hint=self._hint(name))
        field.set_text(asked.value)
        rule = forms.required(asked.sentence) if asked.sentence else None
        if name == "expected_return":
            rule = self._after_the_act
        self._fields[name] = self._form.add(field, span=3 if name in _LONG else 1, rule=rule)

    def _hint(self, name: str) -> str:
        before = self._step.exhibit.seal_number
        if name == "seal_number" and before:
            return self.tr("Recorded before: {number}").format(number=before)
        return ""

    def _value(self, name: str, field: forms.Field) -> str:
        return self._told(field).isoformat(timespec="minutes") if name in _TIMES else field.text()

    def _told(self, field: forms.Field) -> datetime:
        entry = field.entry
        assert isinstance(entry, QDateTimeEdit)
        seconds = entry.dateTime().toSecsSinceEpoch()
        return datetime.fromtimestamp(seconds, self._zone)

    def _moment(self, moment: datetime) -> QDateTimeEdit:
        zone = QTimeZone(QByteArray(self._zone.key.encode()))
        whole = moment.replace(second=0, microsecond=0)
        made = forms.moment_edit(QDateTime.fromSecsSinceEpoch(int(whole.timestamp()), zone))
        made.setTimeZone(zone)
        made.setDateTime(QDateTime.fromSecsSinceEpoch(int(whole.timestamp()), zone))
        return made

    def _not_in_the_future(self) -> str:
        late = self._told(self._at) > datetime.now(self._zone) + timedelta(minutes=1)
        return self.tr("This is in the future; tell when it happened.") if late else ""

    def _after_the_act(self, _: str) -> str:
        due = self._told(self._fields["expected_return"])
        return "" if due > self._told(self._at) else self.tr("It must be after the check-out; choose a later time.")


def _object_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _seal_checks() -> tuple[str, ...]:
    return (
        _tr("intact, number agrees"),
        _tr("intact, number differs"),
        _tr("broken"),
        _tr("no seal"),
        _tr("new seal applied"),
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("StepForm", words)
