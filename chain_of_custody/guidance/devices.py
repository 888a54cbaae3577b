"""The catalogue of devices: what is asked of each kind, and whether the answers stand (REQ-07, REQ-08)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from chain_of_custody.guidance.identifiers import DOUBTS
from chain_of_custody.guidance.rules import GuidanceError, Origin, Source, origin_of

NOT_AVAILABLE: Final = "not available: "
"""How a mandatory field is answered that cannot be: these words and the reason."""


class FieldKind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes-no"
    CHOICE = "choice"
    MOMENT = "moment"
    IMEI = "imei"
    ICCID = "iccid"
    MAC = "mac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that is recorded of a device."""

    id: str
    label: str
    kind: FieldKind
    mandatory: bool
    choices: tuple[str, ...]
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A kind of device; ``fields`` begin with those that every device has."""

    id: str
    title: str
    fields: tuple[Field, ...]
    origin: Origin


def missing(device: Device, values: Mapping[str, str]) -> tuple[Field, ...]:
    """The mandatory fields that have neither a value nor a reason why there is none."""
    return tuple(field for field in device.fields if field.mandatory and not _is_answered(values.get(field.id, "")))


def fault(field: Field, value: str) -> str | None:
    """Why a value cannot be recorded in a field, as a sentence; None when it can. Blank values always can."""
    text = value.strip()
    if not text or text.startswith(NOT_AVAILABLE):
        return None
    match field.kind:
        case FieldKind.NUMBER if not (text.isascii() and text.isdigit()):
            return f"{field.label}: {text!r} is no whole number."
        case FieldKind.YES_NO if text not in ("yes", "no"):
            return f"{field.label}: the answer is yes or no."
        case FieldKind.CHOICE if text not in field.choices:
            return f"{field.label}: {text!r} is none of the answers offered."
        case FieldKind.MOMENT if not _is_moment(text):
            return f"{field.label}: {text!r} is no time with its offset, such as 2026-03-01T14:05:00+02:00."
    return None


def doubt(field: Field, value: str) -> str | None:
    """What is doubtful about a value that can be recorded (REQ-08); None when nothing is."""
    text = value.strip()
    check = DOUBTS.get(field.kind.value)
    return None if check is None or not text or text.startswith(NOT_AVAILABLE) else check(text)


def _is_answered(value: str) -> bool:
    text = value.strip()
    return bool(text.removeprefix(NOT_AVAILABLE.strip()).strip())


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def device_of(entry: Mapping[str, Any], common: tuple[Field, ...], sources: Mapping[str, Source], where: str) -> Device:
    """A kind of device out of an entry of a file.

    Raises:
        GuidanceError: Something is missing, or a field stands twice.
    """
    try:
        fields = (*common, *fields_of(entry.get("field", ()), where))
        device = Device(id=entry["id"], title=entry["title"], fields=fields, origin=origin_of(entry, sources, where))
    except KeyError as error:
        raise GuidanceError(f"{where}: {error} is missing.") from error
    if len({field.id for field in fields}) != len(fields):
        raise GuidanceError(f"{where}: a field stands twice.")
    return device


def fields_of(entries: Any, where: str) -> tuple[Field, ...]:
    """Fields out of the entries of a file.

    Raises:
        GuidanceError: Something is missing or unknown.
    """
    fields: list[Field] = []
    for number, entry in enumerate(entries, 1):
        try:
            field = Field(
                id=entry["id"],
                label=entry["label"],
                kind=FieldKind(entry["kind"]),
                mandatory=entry.get("mandatory", False),
                choices=tuple(entry.get("choices", ())),
                hint=entry.get("hint", ""),
            )
        except (KeyError, ValueError) as error:
            raise GuidanceError(f"{where}, field {number}: {error} is missing or unknown.") from error
        if bool(field.choices) != (field.kind is FieldKind.CHOICE):
            raise GuidanceError(f"{where}: {field.id} must offer answers exactly where it is a choice.")
        fields.append(field)
    return tuple(fields)
