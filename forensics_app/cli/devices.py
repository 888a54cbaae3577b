"""``exhibit fields`` and ``exhibit tell``: what the guidance asks of a device, and the answers."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    opened,
    signed_in,
    table,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.device import DeviceForm
from forensics_app.model.exhibit import REGISTRABLE, ExhibitType


def add_device_commands(exhibit: Parsers) -> None:
    """Add the commands to those of ``exhibit``."""
    fields = command(exhibit, "fields", "list what is asked of a kind of device", run_fields)
    fields.add_argument(
        "--type",
        required=True,
        choices=[kind.value for kind in REGISTRABLE],
        help="kind of exhibit whose fields are listed",
    )
    tell = command(exhibit, "tell", "record particulars of a device, or correct them", run_tell, signs=True)
    case_argument(tell)
    tell.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    tell.add_argument(
        "--detail",
        action="append",
        required=True,
        metavar="FIELD=VALUE",
        help="a field as exhibit fields lists it, and its value; given several times for several fields",
    )
    tell.add_argument("--reason", default="", help="why, where something recorded is corrected")


def run_fields(args: argparse.Namespace) -> int:
    """List the fields of a kind of device."""
    with opened(args) as lab:
        device = lab.exhibits.device(ExhibitType(args.type))
    fields = () if device is None else device.fields
    rows = [
        [field.id, field.kind.value, "needed" if field.mandatory else "", "; ".join(field.choices) or field.label]
        for field in fields
    ]
    answer(args, [document(field) for field in fields], table(rows))
    return DONE


def run_tell(args: argparse.Namespace) -> int:
    """Record particulars."""
    with signed_in(args) as (lab, actor):
        exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
        form = lab.exhibits.tell(actor, exhibit.id, told_details(args.detail), args.reason)
    lines = [f"Recorded of {exhibit.number}.", *form_lines(form), *missing_lines(form)]
    told = {name: document(one) for name, one in form.told.items()}
    answer(args, {"particulars": told, "missing": [field.id for field in form.missing]}, lines)
    return DONE


def told_details(given: Sequence[str]) -> dict[str, str]:
    """Values by field out of FIELD=VALUE.

    Raises:
        UsageError: One is not of that form, or a field stands twice.
    """
    if wrong := [one for one in given if "=" not in one]:
        raise UsageError(f"--detail is FIELD=VALUE, not {wrong[0]!r}.")
    pairs = [one.split("=", 1) for one in given]
    told = {name.strip(): value for name, value in pairs}
    if len(told) != len(pairs):
        raise UsageError("A field is given twice with --detail.")
    return told


def form_lines(form: DeviceForm) -> list[str]:
    """What is recorded, one line each."""
    return [f"{label + ':':34} {value}" for label, value in form.facts]


def missing_lines(form: DeviceForm) -> list[str]:
    """What the guidance asks for and nobody told yet."""
    if not form.missing:
        return []
    names = ", ".join(f"{field.label} ({field.id})" for field in form.missing)
    return [f"Not told yet: {names}. Use exhibit tell; “not available: ” and the reason is an answer."]
