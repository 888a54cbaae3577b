"""``exhibit correct`` and ``custody correct``: new entries that say what is right (REQ-20)."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    OF_A_THING,
    Parsers,
    answer,
    case_argument,
    command,
    given_values,
    named_values,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.corrections import SEIZURE_WHERE_TOLD, STEP_ALWAYS, STEP_WHERE_TOLD, corrections_in
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import REGISTRABLE

_COLUMNS = {
    "type": "type", "description": "description", "make": "make", "model": "model", "serial": "serial",
    "condition": "condition", "seal": "seal_number", "seized_at": "seized_at", "seized_place": "seized_place",
    "seized_by": "seized_by", "witness": "seizure_witness",
}  # fmt: skip
_STAYS = (
    "A correction is a new signed entry with the old value, the new one and the reason. What it corrects stays in the "
    "record, and is struck through in the window and on paper."
)


def add_exhibit_correction(parsers: Parsers) -> None:
    """Add ``exhibit correct``."""
    correct = command(parsers, "correct", "correct what was written of an exhibit", run_exhibit, signs=True)
    correct.description = (
        f"Correct what was written of an exhibit. Give what is right, at least one value. {_STAYS} The number, the "
        "holder and the state cannot be corrected; who seized it, the witness, when and where are corrected with the "
        'entry of its seizure ("custody correct") where there is one. Asked of an examiner or exhibits officer.'
    )
    case_argument(correct)
    correct.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    correct.add_argument("--reason", required=True, help="why it is corrected; the entry keeps it")
    values = correct.add_argument_group("what is right; what is left out stays as it is")
    values.add_argument("--type", choices=[kind.value for kind in REGISTRABLE], help="what kind of thing it is")
    values.add_argument("--description", metavar="TEXT", help="what it is, in words by which it is known again")
    for name, words in OF_A_THING.items():
        values.add_argument(f"--{name}", metavar="TEXT", help=words)
    values.add_argument("--seal", metavar="NUMBER", help="number of the seal")
    values.add_argument(
        "--seized-at",
        metavar="TIME",
        help="when it was seized; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    values.add_argument("--seized-place", metavar="TEXT", help="where it was seized")
    values.add_argument("--seized-by", metavar="OFFICER", help="who seized it")
    values.add_argument("--witness", metavar="NAME", help="witness of the seizure")


def add_step_correction(parsers: Parsers) -> None:
    """Add ``custody correct``."""
    correct = command(parsers, "correct", "correct what was told of a step of custody", run_step, signs=True)
    correct.description = (
        f"Correct what was told of a step of custody. {_STAYS} Always: {', '.join(STEP_ALWAYS)}; where the step told "
        f"it: {', '.join(STEP_WHERE_TOLD)}; of a seizure also {', '.join(SEIZURE_WHERE_TOLD)}. The parties who sign "
        "and their signatures cannot be corrected. Asked of an examiner, exhibits officer or supervisor."
    )
    case_argument(correct)
    correct.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    correct.add_argument(
        "--entry", required=True, type=int, metavar="N", help='number of the entry, as "custody show" prints it'
    )
    correct.add_argument("--reason", required=True, help="why it is corrected; the entry keeps it")
    values = correct.add_argument_group("what is right; what is left out stays as it is")
    values.add_argument(
        "--at",
        metavar="TIME",
        help="when it happened; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    values.add_argument("--remarks", metavar="TEXT", help="the right remarks of the step")
    values.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="place, purpose, seal_number, ..."
    )


def run_exhibit(args: argparse.Namespace) -> int:
    """Correct an exhibit."""
    given = given_values(args, _COLUMNS)
    if not given:
        raise UsageError("Give at least one value that is right, such as --serial.")
    with signed_in(args) as (lab, actor):
        if given.get("seized_at"):
            given["seized_at"] = told_time(given["seized_at"], lab).isoformat()
        exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
        exhibit = lab.exhibits.correct(actor, exhibit.id, given, args.reason)
        entry = lab.custody.history(exhibit.id)[-1]
    answer(args, document(exhibit), _said(entry, exhibit.number))
    return DONE


def run_step(args: argparse.Namespace) -> int:
    """Correct a step."""
    given = named_values(args.field, "--field")
    if args.remarks is not None:
        given["remarks"] = args.remarks
    with signed_in(args) as (lab, actor):
        if args.at is not None:
            given["occurred_at"] = told_time(args.at, lab).isoformat()
        if not given:
            raise UsageError("Give at least one value that is right: --at, --remarks or --field.")
        exhibit = lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)
        entry = lab.custody.correct(actor, exhibit.id, args.entry, given, args.reason)
    answer(args, document(entry), _said(entry, f"entry {args.entry} of {exhibit.number}"))
    return DONE


def _said(entry: CustodyEvent, what: str) -> list[str]:
    lines = [f"Corrected {what} by entry {entry.sequence}."]
    lines += [f"{one.name}: was “{one.before}”, is “{one.after}”" for one in corrections_in(entry)]
    return [*lines, f"Incident raised: {entry.fact('incident')}"] if entry.fact("incident") else lines
