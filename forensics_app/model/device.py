"""What the guidance asks of a kind of device, and what was recorded of one (REQ-07, REQ-08)."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chain_of_custody.guidance.devices import NOT_AVAILABLE as NOT_AVAILABLE
from chain_of_custody.guidance.devices import Device as Device
from chain_of_custody.guidance.devices import Field as Field
from chain_of_custody.guidance.devices import FieldKind as FieldKind
from chain_of_custody.guidance.devices import doubt as doubt
from chain_of_custody.guidance.devices import fault as fault
from chain_of_custody.guidance.devices import missing as missing
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Particular:
    """One field of an exhibit as it stands; its past is in the case chain.

    Attributes:
        field: Id of the field in the guidance.
        value: As it was told; "not available: " and the reason where it could not be.
        doubt: What the check of the value found; empty where it found nothing.
    """

    id: UUID
    exhibit_id: ExhibitId
    field: str
    value: str
    doubt: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceForm:
    """The particulars of an exhibit beside what is asked of its kind.

    Attributes:
        device: What the guidance asks; None where it knows no such kind.
        told: What is recorded, by id of the field, in the order of the guidance.
        missing: Mandatory fields with neither a value nor a reason.
    """

    device: Device | None
    told: dict[str, Particular]
    missing: tuple[Field, ...]

    def label(self, field_id: str) -> str:
        """What a field is called; its id where the guidance does not know it any more."""
        fields = () if self.device is None else self.device.fields
        return next((field.label for field in fields if field.id == field_id), field_id)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value of everything recorded, a doubt behind its value."""
        return self.facts_without(frozenset())

    def facts_without(self, fields: Set[str]) -> tuple[tuple[str, str], ...]:
        """The same without those ``fields``."""
        return tuple(
            (self.label(one.field), self._words(one))
            for one in self.told.values()
            if one.value and one.field not in fields
        )

    def _words(self, one: Particular) -> str:
        """A value with its doubt; an answer of the guidance so that a paper can say it in another language."""
        words = one.value
        if words.startswith(NOT_AVAILABLE):
            words = Told(f"{NOT_AVAILABLE}{{why}}", why=words.removeprefix(NOT_AVAILABLE))
        elif words in self._answers(one.field):
            words = Told(words)
        return Told("{value} ({doubt})", value=words, doubt=one.doubt) if one.doubt else words

    def _answers(self, field_id: str) -> tuple[str, ...]:
        fields = () if self.device is None else self.device.fields
        field = next((field for field in fields if field.id == field_id), None)
        return () if field is None else ("yes", "no") if field.kind is FieldKind.YES_NO else field.choices
