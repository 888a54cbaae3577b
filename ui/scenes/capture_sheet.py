"""The dialog for one step of a live capture."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from forensics_app.model.scene import Capture, NewCapture, Rule
from ui.exhibits.moment import Moment, MomentField
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import note

_SHA256 = re.compile(r"[0-9a-f]{64}")


class CaptureSheet(FormSheet):
    """``submitted`` carries a :class:`NewCapture`."""

    def __init__(
        self, parent: QWidget, *, subject: str, order: Sequence[Rule], before: Sequence[Capture], actor: Person,
        now: datetime, zone: ZoneInfo,
    ) -> None:  # fmt: skip
        """Ask for the next step; ``before`` are those that are recorded."""
        super().__init__(
            parent, title=self.tr("Record a step of the capture"), subtitle=subject, name="captureSheet",
            act=self.tr("Record the step"), width_px=720,
        )  # fmt: skip
        self._order, self._before = tuple(order), tuple(before)
        self._began, self._ended = Moment(now, zone), Moment(now, zone)
        self._form = forms.Form(columns=2)
        self._fields: dict[str, forms.Field] = {}
        self._late = note(Tone.WARN, "", name="captureLate")
        self._add_fields(zone)
        self.fill(self._form, self._late, signed_as=signed_as(actor))
        self._follow_order()

    def entry_forms(self) -> Sequence[forms.Form]:
        """The fields."""
        return (self._form,)

    def request(self) -> NewCapture:
        """The step as filled in."""
        words = {name: field.text() for name, field in self._fields.items()}
        return NewCapture(
            rule=self._rule.id,
            what=words["captureWhat"],
            tool=words["captureTool"],
            tool_version=words["captureVersion"],
            command=words["captureCommand"],
            started_at=self._began.told(),
            ended_at=self._ended.told(),
            tool_sha256=digest_of(words["captureToolDigest"]),
            footprint=words["captureFootprint"],
            medium=words["captureMedium"],
            output=words["captureOutput"],
            output_sha256=digest_of(words["captureOutputDigest"]),
            witness=words["captureWitness"],
            reason=words["captureReason"],
        )

    @property
    def _rule(self) -> Rule:
        return self._order[self._fields["captureOrder"].index]

    def _add_fields(self, zone: ZoneInfo) -> None:
        order = forms.choice([f"{rule.tier}  {rule.text}" for rule in self._order])
        order.currentIndexChanged.connect(self._follow_order)
        needed = forms.required
        line, put = forms.line_edit, self._put
        put("captureOrder", self.tr("Place in the order of volatility"), order, span=2)
        put("captureWhat", self.tr("What was captured"), line(), needed(self.tr("Write what was captured.")), span=2)
        put("captureTool", self.tr("Tool"), line(), needed(self.tr("Name the tool.")))
        put("captureVersion", self.tr("Its version"), line(), needed(self.tr("Write the version.")))
        put("captureToolDigest", self.tr("SHA-256 of the tool"), line(), self._digest_rule, optional=True, span=2)
        typed = needed(self.tr("Write what was typed or pressed."))
        put("captureCommand", self.tr("What was typed or pressed"), line(), typed, span=2)
        began, ended = self.tr("Began ({zone})").format(zone=zone.key), self.tr("Ended ({zone})").format(zone=zone.key)
        self._form.add(MomentField(began, self._began, name="captureBegan"))
        self._form.add(MomentField(ended, self._ended, name="captureEnded"), rule=self._ends)
        put("captureFootprint", self.tr("What it was expected to change"), line(), optional=True, span=2)
        put("captureMedium", self.tr("Written to medium"), line(), optional=True)
        put("captureOutput", self.tr("Name of the output"), line(), optional=True)
        put("captureOutputDigest", self.tr("SHA-256 of the output"), line(), self._digest_rule, optional=True, span=2)
        put("captureWitness", self.tr("Witness"), line(), optional=True)
        put("captureReason", self.tr("Why now, and not before"), line(), optional=True)

    def _put(
        self, name: str, title: str, entry: forms.Input, rule: Callable[[str], str] | None = None, *,
        optional: bool = False, span: int = 1,
    ) -> None:  # fmt: skip
        field = forms.Field(title, entry, name=name, optional=optional)
        self._fields[name] = self._form.add(field, span=span, rule=rule)

    def _digest_rule(self, words: str) -> str:
        if not words or digest_of(words) is not None:
            return ""
        return self.tr("Write its 64 hexadecimal digits, or leave it empty.")

    def _ends(self, _: str) -> str:
        return self.tr("It would end before it began.") if self._ended.told() < self._began.told() else ""

    def _follow_order(self) -> None:
        later = [one for one in self._before if one.tier > (self._rule.tier or 0)]
        self._late.setVisible(bool(later))
        if later:
            words = self.tr(
                "Out of order: {what} is less volatile and was captured before. It is flagged; say why now."
            )
            self._late.say(Tone.WARN, words.format(what=later[0].told.what))


def digest_of(words: str) -> bytes | None:
    """The SHA-256 written in hexadecimal digits, in groups or not; None for anything else."""
    digits = "".join(words.split()).lower()
    return bytes.fromhex(digits) if _SHA256.fullmatch(digits) else None
