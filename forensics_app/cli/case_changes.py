"""``case change``, ``case basis``, ``case close``: what a case says, its legal basis, and its end."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    given_values,
    signed_in,
    the_case,
    told_day,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.case import LegalBasis

_WORDS = {"title": "title", "offence": "offence", "authority": "requesting_authority", "questions": "questions"}


def add_changes(parsers: Parsers) -> None:
    """Add the commands."""
    change = command(parsers, "change", "change what a case says", run_change, signs=True)
    change.description = (
        "Change what a case says. Give at least one new value; the entry keeps the old words beside the new, and the "
        "reason. The number never changes. Asked of an examiner or supervisor."
    )
    case_argument(change)
    change.add_argument("--title", metavar="TEXT", help="what the case is called")
    change.add_argument("--offence", metavar="TEXT", help="offence that is investigated")
    change.add_argument("--authority", help="the authority that requests the examination")
    change.add_argument("--questions", help="what is to be examined, in the authority's words")
    change.add_argument("--reason", required=True, help="why it is changed; the entry keeps it")
    basis = command(parsers, "basis", "record the legal basis of a case, or the one that replaces it", run_basis,
                    signs=True)  # fmt: skip
    basis.description = (
        "Record the legal basis of a case: the first one makes a draft an open case; another one, such as a renewed "
        "warrant, replaces it and needs a reason. The one before stays in the record. Asked of an examiner or "
        "supervisor."
    )
    case_argument(basis)
    basis_options(basis, required=True)
    basis.add_argument("--reason", default="", help="why the recorded one is replaced; needed where there is one")
    close = command(parsers, "close", "close a case", run_close, signs=True)
    close.description = (
        "Close a case. Nothing more is seized or examined in it afterwards, and it is not opened again; its record "
        "stays and can be verified. While an exhibit is out, or an offer, an incident or a disposal is open, it says "
        "what and closes only with --leave-open. Asked of a supervisor."
    )
    case_argument(close)
    close.add_argument(
        "--leave-open", action="store_true", help="close although something is open; the entry keeps what it is"
    )
    close.add_argument("--reason", required=True, help="why it is closed; the entry keeps it")


def basis_options(parser: argparse.ArgumentParser | argparse._ArgumentGroup, *, required: bool = False) -> None:
    """Add what is asked of a legal basis."""
    parser.add_argument("--instrument", required=required, help='such as "search warrant"')
    parser.add_argument("--instrument-number", required=required, help="the number or reference that it bears")
    parser.add_argument("--issuer", required=required, help="the court or authority that issued it")
    parser.add_argument(
        "--issued-on",
        required=required,
        type=told_day,
        metavar="YYYY-MM-DD",
        help="day on which the authority was issued",
    )
    parser.add_argument("--scope", required=required, help="what it allows")
    parser.add_argument("--expires-on", type=told_day, metavar="YYYY-MM-DD", help="last day; left out: none is set")


def basis_of(args: argparse.Namespace) -> LegalBasis | None:
    """The legal basis that was given; None where nothing of it was.

    Raises:
        UsageError: Only a part of it was.
    """
    given = (args.instrument, args.instrument_number, args.issuer, args.issued_on, args.scope)
    if not any(given):
        return None
    if not all(given):
        raise UsageError(
            "A legal basis needs all of --instrument, --instrument-number, --issuer, --issued-on and --scope."
        )
    return LegalBasis(
        instrument=args.instrument,
        number=args.instrument_number,
        issuer=args.issuer,
        issued_on=args.issued_on,
        scope=args.scope,
        expires_on=args.expires_on,
    )


def run_change(args: argparse.Namespace) -> int:
    """Change a case."""
    given = given_values(args, _WORDS)
    if not given:
        raise UsageError("Give at least one new value: --title, --offence, --authority or --questions.")
    with signed_in(args) as (lab, actor):
        before = the_case(lab, args)
        case = lab.cases.change(actor, before.id, given, args.reason)
    changed = [f"{name}: was “{getattr(before, name)}”, is “{getattr(case, name)}”" for name in given]
    answer(args, document(case), [f"Changed case {case.number}.", *changed])
    return DONE


def run_basis(args: argparse.Namespace) -> int:
    """Record a legal basis."""
    basis = basis_of(args)
    if basis is None:
        raise UsageError("Give the legal basis.")
    with signed_in(args) as (lab, actor):
        before = the_case(lab, args)
        case = lab.cases.record_legal_basis(actor, before.id, basis, args.reason)
    old = before.legal_basis
    instead = f" in place of {old.instrument} {old.number}" if old else ""
    until = f", in force until {basis.expires_on}" if basis.expires_on else ", without a last day"
    said = f"Recorded {basis.instrument} {basis.number} for case {case.number}{instead}{until}; it is {case.status}."
    answer(args, document(case), [said])
    return DONE


def run_close(args: argparse.Namespace) -> int:
    """Close a case."""
    with signed_in(args) as (lab, actor):
        case_id = the_case(lab, args).id
        known = lab.cases.left_open(case_id) if args.leave_open else ()
        case = lab.cases.close(actor, case_id, args.reason, known_open=known)
    answer(args, document(case), [f"Closed case {case.number}.", *(f"Left open: {one}" for one in known)])
    return DONE
