"""``custody receive|store|checkout|return|transfer|step|show|form|export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    opened,
    passphrase,
    passphrase_options,
    signed_in,
    the_case,
    told_time,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.custody import CustodyEvent, CustodyRequest, Event
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.wording import act_words

STEPS = {
    "receive": (Event.RECEIVE, "receive an exhibit from somebody outside, or with --with from a person of the lab"),
    "store": (Event.STORE, "put a received exhibit on a shelf"),
    "checkout": (Event.CHECK_OUT, "take an exhibit out of the store"),
    "return": (Event.RETURN_TO_STORE, "bring an exhibit back to the store"),
    "transfer": (Event.HAND_OVER, "hand an exhibit over from one person to another"),
}


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    custody = parsers.add_parser("custody", help="record what happens to exhibits").add_subparsers(required=True)
    for name, (event, words) in STEPS.items():
        _step_options(command(custody, name, words, run_step, signs=True)).set_defaults(event=event.value)
    other = _step_options(command(custody, "step", "any other step of the state machine", run_step, signs=True))
    other.add_argument("--event", required=True, choices=[event.value for event in Event])
    show = command(custody, "show", "show everything recorded of an exhibit", run_show)
    case_argument(show)
    show.add_argument("--exhibit", required=True, metavar="NUMBER")
    form = command(custody, "form", "print the custody form of an exhibit, or of all of a case, as a PDF", run_form)
    case_argument(form)
    form.add_argument("--exhibit", metavar="NUMBER", help="the exhibit; all of the case when left out")
    form.add_argument("target", type=Path, metavar="TARGET.pdf", help="the file to be written; must not exist")
    export = command(custody, "export", "write the lab chain and a case chain to a ledger file", run_export)
    case_argument(export)
    export.add_argument("target", type=Path, metavar="FILE.jsonl")


def _step_options(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    case_argument(parser)
    parser.add_argument("--exhibit", required=True, metavar="NUMBER")
    parser.add_argument("--at", metavar="TIME", help="when it happened; now when left out")
    parser.add_argument("--with", dest="receiver", metavar="PERSON", help="who receives; --as gives, and both sign")
    passphrase_options(parser, "with-")
    parser.add_argument("--outside-party", default="", metavar="NAME", help="who gives or receives outside the lab")
    parser.add_argument(
        "--field", action="append", default=[], metavar="NAME=VALUE", help="purpose, place, shelf, seal_check, ..."
    )
    parser.add_argument("--remarks", default="")
    return parser


def run_step(args: argparse.Namespace) -> int:
    """Take a step."""
    with signed_in(args) as (lab, actor):
        exhibit = _exhibit(lab, args)
        request = CustodyRequest(
            exhibit_id=exhibit.id,
            event=args.event,
            occurred_at=told_time(args.at, lab),
            fields=_fields(args.field),
            outside_party=args.outside_party,
            remarks=args.remarks,
        )
        if args.receiver:
            receiver = lab.people.sign_in(args.receiver, passphrase(args, f"Passphrase of {args.receiver}", "with-"))
            try:
                event = lab.custody.hand_over(actor, receiver, request)
            finally:
                receiver.key.close()
        else:
            event = lab.custody.perform(actor, request)
    answer(args, document(event), [_line(event)])
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Show an exhibit's history."""
    with opened(args) as lab:
        events = lab.custody.history(_exhibit(lab, args).id)
    answer(args, [document(event) for event in events], [_line(event) for event in events])
    return DONE


def run_export(args: argparse.Namespace) -> int:
    """Write a ledger file."""
    with opened(args) as lab:
        sha256 = lab.custody.export(the_case(lab, args).id, args.target)
    words = [
        f"Wrote {args.target}; SHA-256 {sha256.hex()}",
        f"Check it with: python -m chain_of_custody verify {args.target}",
    ]
    answer(args, {"target": str(args.target), "sha256": sha256.hex()}, words)
    return DONE


def run_form(args: argparse.Namespace) -> int:
    """Write the custody form."""
    with opened(args) as lab:
        case = the_case(lab, args)
        exhibit_id = lab.exhibits.numbered(case.id, args.exhibit).id if args.exhibit else None
        pdf = lab.custody_forms.pdf(case.id, exhibit_id)
        lab.reporting.save_copy(pdf, args.target)
        pages = lab.reporting.page_count(pdf)
    answer(args, {"target": str(args.target), "pages": pages}, [f"Wrote {args.target}, {counted(pages, 'page')}."])
    return DONE


def _exhibit(lab: Lab, args: argparse.Namespace) -> Exhibit:
    return lab.exhibits.numbered(the_case(lab, args).id, args.exhibit)


def _fields(given: list[str]) -> dict[str, str]:
    if wrong := [field for field in given if "=" not in field]:
        raise UsageError(f"--field is NAME=VALUE, not {wrong[0]!r}.")
    return dict(field.split("=", 1) for field in given)


def _line(event: CustodyEvent) -> str:
    states = f"  {event.from_state} -> {event.to_state}" if event.to_state else ""
    signers = ", ".join(f"{signature.role} {signature.name}" for signature in event.signatures)
    at = (event.occurred_at or event.recorded_at).isoformat(" ", "seconds")
    return f"#{event.sequence:<4} {at}  {act_words(event)}{states}  signed by {signers}  {event.digest.hex()[:16]}"
