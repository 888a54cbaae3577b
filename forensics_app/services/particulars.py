"""Particulars of devices: checked by the guidance, kept with their doubts, corrected with a reason (REQ-07, REQ-08)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.guidance.identifiers import serial_doubt
from chain_of_custody.guidance.library import Guidance
from chain_of_custody.ledger import Json
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_register import particular_of
from forensics_app.db.rows import records
from forensics_app.db.tables import EXHIBIT, EXHIBIT_DETAIL
from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.device import Device, DeviceForm, Field, doubt, fault, missing
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType
from forensics_app.services.record import Writer

Told = dict[str, str]
"""Values by id of their field, without blanks at both ends."""


def device_for(guidance: Callable[[], Guidance], kind: ExhibitType) -> Device | None:
    """What is asked of a kind of exhibit; None where nothing is."""
    return None if kind is ExhibitType.IMAGE else guidance().devices.get(kind.value)


def form_of(connection: Connection, guidance: Callable[[], Guidance], exhibit: Exhibit) -> DeviceForm:
    """What is recorded of an exhibit beside what is asked of its kind."""
    query = select(EXHIBIT_DETAIL).where(EXHIBIT_DETAIL.c.exhibit_id == str(exhibit.id))
    found = {one.field: one for one in records(connection, query, particular_of)}
    device = device_for(guidance, exhibit.type)
    order = [field.id for field in device.fields] if device else []
    told = {name: found[name] for name in (*order, *sorted(found.keys() - set(order))) if name in found}
    lacking = () if device is None else missing(device, {name: one.value for name, one in told.items()})
    return DeviceForm(device=device, told=told, missing=lacking)


def untold_of(
    connection: Connection, guidance: Callable[[], Guidance], case_id: CaseId, exhibits: Iterable[Exhibit]
) -> list[tuple[Exhibit, tuple[Field, ...]]]:
    """The exhibits of a case of which something mandatory is not told yet, with what that is."""
    query = select(EXHIBIT_DETAIL.c.exhibit_id, EXHIBIT_DETAIL.c.field, EXHIBIT_DETAIL.c.value)
    query = query.join(EXHIBIT, EXHIBIT.c.id == EXHIBIT_DETAIL.c.exhibit_id).where(EXHIBIT.c.case_id == str(case_id))
    told: dict[str, Told] = {}
    for row in connection.execute(query):
        told.setdefault(row.exhibit_id, {})[row.field] = row.value
    found = []
    for exhibit in exhibits:
        device = device_for(guidance, exhibit.type)
        if device is not None and (lacking := missing(device, told.get(str(exhibit.id), {}))):
            found.append((exhibit, lacking))
    return found


def checked(device: Device | None, values: Mapping[str, str], *, is_whole: bool) -> Told:
    """The values that can be recorded, blank ones too.

    Args:
        device: What is asked.
        values: What was told, by id of the field.
        is_whole: Whether every mandatory field must be among them.

    Raises:
        RefusedError: Nothing is asked of this kind, a field is unknown, a value cannot be recorded, or a mandatory
            one is missing.
    """
    told = {name: value.strip() for name, value in values.items()}
    if device is None:
        if told:
            raise RefusedError("The guidance asks for no particulars of this kind of exhibit.")
        return {}
    fields = {field.id: field for field in device.fields}
    if unknown := sorted(told.keys() - fields.keys()):
        raise RefusedError(f"A {device.id} has no field {', '.join(unknown)}.", then=f"It has: {', '.join(fields)}.")
    if faults := [sentence for name, value in told.items() if (sentence := fault(fields[name], value))]:
        raise RefusedError(" ".join(faults))
    if is_whole and (lacking := missing(device, told)):
        raise RefusedError(
            f"The guidance asks for more of a {device.id}: {names_of(lacking)}.",
            then="Fill it in, or write “not available: ” and the reason.",
        )
    return told


def insert_particulars(writer: Writer, exhibit_id: ExhibitId, device: Device | None, told: Told) -> None:
    """Add a row for every value that is not blank; the entry that is appended next explains them."""
    for field in () if device is None else device.fields:
        if told.get(field.id):
            insert_detail(writer, exhibit_id, field.id, told[field.id], doubt(field, told[field.id]))


def change_particulars(writer: Writer, exhibit_id: ExhibitId, form: DeviceForm, told: Told) -> list[str]:
    """Write new values over old ones, and say of each what it was.

    Raises:
        RefusedError: Nothing differs from what is recorded.
    """
    said = []
    for field in () if form.device is None else form.device.fields:
        before = form.told.get(field.id)
        if field.id not in told or told[field.id] == (before.value if before else ""):
            continue
        value = told[field.id]
        if before is None:
            insert_detail(writer, exhibit_id, field.id, value, doubt(field, value))
            said.append(f"{field.label}: {value}")
        else:
            writer.update(EXHIBIT_DETAIL, before.id, {"value": value, "doubt": doubt(field, value) or ""})
            said.append(f"{field.label}: {value or 'nothing'}, was “{before.value}”")
    if not said:
        raise RefusedError("Nothing differs from what is recorded.")
    return said


def doubts_of(device: Device | None, told: Told, serial: str = "") -> dict[str, Json]:
    """What the checks found, as a fact of the entry; nothing where they found nothing (REQ-08)."""
    found = [f"Serial number: {why}"] if (why := serial_doubt(serial)) else []
    found += [
        f"{field.label}: {why}"
        for field in (() if device is None else device.fields)
        if (why := doubt(field, told.get(field.id, "")))
    ]
    return {"doubts": " ".join(found)} if found else {}


def names_of(fields: Iterable[Field]) -> str:
    """What fields are called, on one line."""
    return ", ".join(field.label for field in fields)


def insert_detail(writer: Writer, exhibit_id: ExhibitId, field: str, value: str, doubtful: str | None = None) -> None:
    """Add the row of one particular; the entry that is appended next explains it."""
    row: Values = {
        "id": str(uuid4()),
        "exhibit_id": str(exhibit_id),
        "field": field,
        "value": value,
        "doubt": doubtful or "",
        "recorded_at": time_text(writer.now),
    }
    writer.insert(EXHIBIT_DETAIL, row)
