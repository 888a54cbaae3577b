"""The dialog that registers an exhibit, and the forms that it shares with the intake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.device import Device
from forensics_app.model.exhibit import Exhibit, ExhibitType, NewExhibit
from forensics_app.model.scene import Rule
from ui.custody.asked_here import asked_here
from ui.exhibits.device_fields import DeviceFields
from ui.exhibits.identity_form import IdentityForm
from ui.exhibits.memory import Memory
from ui.exhibits.registering import Registration
from ui.exhibits.seal_form import SealForm
from ui.exhibits.seizure_form import SeizureForm
from ui.place_field import PlacesKnown
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import line
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body


class RegisterSheet(Sheet):
    """Asks for a new exhibit; ``submitted`` carries a :class:`Registration`, and the sheet stays until it is told."""

    def __init__(
        self,
        parent: QWidget,
        *,
        case: Case,
        exhibits: Sequence[Exhibit],
        now: datetime,
        zone: ZoneInfo,
        memory: Memory,
        devices: Mapping[ExhibitType, Device],
        places: PlacesKnown,
        rules: Sequence[Rule] = (),
    ) -> None:
        """Ask for an exhibit of ``case``.

        ``devices`` says what the guidance asks of each type, ``rules`` what it asks at a seizure.
        """
        super().__init__(
            parent, title=self.tr("Register an exhibit"),
            subtitle=self.tr("Case {number} · {title}").format(number=case.number, title=case.title),
            name="registerSheet", width_px=760,
        )  # fmt: skip
        self._case, self._memory, self._devices = case, memory, devices
        self.identity = IdentityForm(exhibits)
        self.seizure = SeizureForm(now=now, zone=zone, memory=memory, places=places)
        self.seal = SealForm()
        self.particulars = DeviceFields(is_whole=True)
        self.later = forms.check(
            self.tr("Fill this in later; what is missing is shown until then"), name="particularsLater"
        )
        self.refused = note(Tone.BAD, "", name="registerRefused")
        self.refused.hide()
        at_a_seizure = asked_here(rules)
        self.set_body(
            sheet_body(
                self.refused,
                label(self.tr("What it is"), "section"),
                self.identity,
                line(),
                label(self.tr("Seizure"), "section"),
                self.seizure,
                line(),
                label(self.tr("Seal and photographs"), "section"),
                self.seal,
                *([at_a_seizure] if at_a_seizure else []),
                line(),
                label(self.tr("What the guidance asks of it"), "section"),
                self.later,
                self.particulars,
            )
        )
        self._register = Button(self.tr("Register"), name="registerPrimary", kind="primary", icon="plus")
        self.set_buttons(self._register, self.cancel_button())
        self.identity.changed.connect(self._follow)
        self.later.toggled.connect(self._follow)
        self._follow()

    def problem(self) -> str:
        """Mark the fields that are wrong."""
        asked = () if self._is_later else (self.particulars,)
        right = [form.show_problems() for form in (*asked, self.seal, self.seizure, self.identity)]
        return "" if all(right) else self.tr("Fill in what is marked.")

    def request(self) -> Registration:
        """The exhibit that was described."""
        new = new_exhibit(self._case, self.identity, self.seizure, self.seal)
        if not self._is_later:
            new = replace(new, particulars=self.particulars.values())
        return Registration(new=new, photos=self.seal.photos())

    def submit(self) -> None:
        """Hand over what was filled in; the sheet closes when it was recorded."""
        problem = self.problem()
        self.say(problem)
        if not problem:
            self._memory.remember("officer", self.seizure.officer)
            self._memory.remember("witness", self.seizure.witness)
            self._register.setEnabled(False)
            self.submitted.emit(self.request())

    def refuse(self, sentence: str) -> None:
        """Say why nothing was registered; what was typed stays."""
        self._register.setEnabled(True)
        self.refused.say(Tone.BAD, sentence)
        self.refused.show()

    def _follow(self) -> None:
        self.seal.needs_photo = self.identity.type is not ExhibitType.ACCOUNT
        self.particulars.show_device(self._devices.get(self.identity.type))
        self.later.setVisible(self.particulars.device is not None)
        self.particulars.setVisible(not self._is_later)

    @property
    def _is_later(self) -> bool:
        return self.later.isChecked() or self.particulars.device is None


def new_exhibit(case: Case, identity: IdentityForm, seizure: SeizureForm, seal: SealForm) -> NewExhibit:
    """What three forms say of an exhibit."""
    parent = identity.parent_exhibit
    return NewExhibit(
        case_id=case.id,
        type=identity.type,
        seal_number=seal.seal_number,
        place=seizure.place,
        seizure=seizure.seizure(),
        parent_id=None if parent is None else parent.id,
        no_photo_reason=seal.no_photo_reason,
        particulars=None,
        **identity.texts(),
    )
