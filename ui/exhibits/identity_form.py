"""What an exhibit is: type, number, description, make, model, serial, condition, parent."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import REGISTRABLE, Exhibit, ExhibitType, luhn_holds
from ui.exhibits.words import make_title, serial_title, type_words
from ui.widgets import forms
from ui.widgets.layout import vbox

_TYPES = REGISTRABLE
_IMEI_DIGITS, _ICCID_DIGITS = (15,), (19, 20)


class IdentityForm(QWidget):
    """Asks what the exhibit is; its words follow the type of device."""

    changed = Signal()

    def __init__(self, exhibits: Sequence[Exhibit], *, parent: Exhibit | None = None) -> None:
        """Offer the next free number; ``exhibits`` are those of the case, ``parent`` the one it comes from."""
        super().__init__()
        self.setObjectName("identityForm")
        self._taken = {exhibit.number for exhibit in exhibits}
        self._parents = [exhibit for exhibit in exhibits if exhibit.type is not ExhibitType.IMAGE]
        form = forms.Form(columns=3)
        kind = forms.choice([type_words(kind) for kind in _TYPES])
        self._type = form.add(forms.Field(self.tr("Type"), kind, name="exhibitType"))
        number = forms.line_edit(next_number([exhibit.number for exhibit in self._parents]))
        self._number = form.add(forms.Field(self.tr("Number"), number, name="exhibitNumber"), rule=self._number_rule)
        above = forms.choice([self.tr("None: it stands alone"), *(exhibit.number for exhibit in self._parents)])
        self._parent = form.add(forms.Field(self.tr("Part of"), above, name="parentExhibit"))
        if parent is not None:
            above.setCurrentText(parent.number)
        self._description = form.add(
            forms.Field(
                self.tr("Description"),
                forms.line_edit(placeholder=self.tr("Laptop, Lenovo ThinkPad T14")),
                name="exhibitDescription",
            ),
            span=3,
            rule=forms.required(self.tr("Write what it is, as it stands in lists and reports.")),
        )
        self._make = form.add(forms.Field(self.tr("Make"), forms.line_edit(), name="exhibitMake", optional=True))
        self._model = form.add(forms.Field(self.tr("Model"), forms.line_edit(), name="exhibitModel", optional=True))
        self._serial = form.add(
            forms.Field(self.tr("Serial number"), forms.line_edit(), name="exhibitSerial", optional=True)
        )
        self._condition = form.add(
            forms.Field(
                self.tr("Condition"),
                forms.line_edit(placeholder=self.tr("Marks, damage, power and lock state")),
                name="exhibitCondition",
            ),
            span=3,
            rule=forms.required(self.tr("Write its condition; “no visible damage” is an answer.")),
        )
        self._form = form
        kind.currentIndexChanged.connect(lambda _: self._follow_type())
        self._serial.changed.connect(self._check_serial)
        form.changed.connect(self.changed)
        self.setLayout(vbox(form, gap=0))
        self._follow_type()

    @property
    def type(self) -> ExhibitType:
        """The chosen type."""
        return _TYPES[self._type.index]

    @property
    def number(self) -> str:
        """The number typed."""
        return self._number.text()

    @property
    def parent_exhibit(self) -> Exhibit | None:
        """The exhibit it is part of."""
        return next((exhibit for exhibit in self._parents if exhibit.number == self._parent.text()), None)

    def texts(self) -> dict[str, str]:
        """The fields of a new exhibit by their names in the record."""
        fields = {
            "number": self._number,
            "description": self._description,
            "make": self._make,
            "model": self._model,
            "serial": self._serial,
            "condition": self._condition,
        }
        return {name: field.text() for name, field in fields.items()}

    def first_problem(self) -> str:
        """What is still missing, or an empty text."""
        return self._form.first_problem()

    def show_problems(self) -> bool:
        """Write under each field what is missing; tell whether nothing is."""
        return self._form.show_problems()

    def _number_rule(self, number: str) -> str:
        if not number:
            return self.tr("Give it a number; the next free one is offered when the form opens.")
        if number in self._taken:
            return self.tr("{number} is in use in this case. Choose another; a number is never used twice.").format(
                number=number
            )
        return ""

    def _follow_type(self) -> None:
        self._serial.set_title(serial_title(self.type), optional=True)
        self._make.set_title(make_title(self.type), optional=True)
        self._check_serial()

    def _check_serial(self) -> None:
        self._serial.set_hint(number_doubt(self.type, self._serial.text()))


def next_number(numbers: Sequence[str]) -> str:
    """The number after the greatest of its series: LH/09 gives LH/10; empty where there is no series to follow."""
    last = numbers[-1] if numbers else ""
    head = last.rstrip("0123456789")
    digits = last[len(head) :]
    if not digits:
        return ""
    series = [number[len(head) :] for number in numbers if number.startswith(head)]
    greatest = max(int(tail) for tail in series if tail.isdecimal())
    return f"{head}{greatest + 1:0{len(digits)}d}"


def number_doubt(kind: ExhibitType, number: str) -> str:
    """A warning where an IMEI or ICCID has a wrong check digit (REQ-08); it may still be recorded as it reads."""
    digits = number.replace(" ", "").replace("-", "")
    lengths = {ExhibitType.MOBILE: _IMEI_DIGITS, ExhibitType.SIM: _ICCID_DIGITS}.get(kind, ())
    if len(digits) not in lengths or not digits.isdecimal() or luhn_holds(digits):
        return ""
    return QCoreApplication.translate(
        "IdentityForm", "The check digit does not fit; read it again. It is recorded as typed."
    )
