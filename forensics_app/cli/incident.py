"""``incident``: ``list``, ``raise``, ``close``."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    local_time,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.incident import Incident


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    incident = parsers.add_parser("incident", help="what went wrong with exhibits").add_subparsers(required=True)
    case_argument(command(incident, "list", "list the incidents of a case", run_list))
    raised = command(incident, "raise", "raise an incident by hand", run_raise, signs=True)
    case_argument(raised)
    raised.add_argument("--exhibit", required=True, metavar="NUMBER", help="number of the exhibit")
    raised.add_argument("--what", required=True, help="what happened")
    closed = command(incident, "close", "close an incident with a decision", run_close, signs=True)
    case_argument(closed)
    closed.add_argument("--incident", required=True, type=int, metavar="N", help="its number, as incident list has it")
    closed.add_argument("--decision", required=True, help="what was found out, and what follows from it")


def run_list(args: argparse.Namespace) -> int:
    """List the incidents of a case."""
    with opened(args) as lab:
        incidents = lab.incidents.list(the_case(lab, args).id)
    lines = [_line(number, one, lab) for number, one in enumerate(incidents, 1)]
    answer(args, [document(one) for one in incidents], lines or ["No incidents."])
    return DONE


def run_raise(args: argparse.Namespace) -> int:
    """Raise an incident."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        exhibit = lab.exhibits.numbered(case.id, args.exhibit)
        incident = lab.incidents.report(actor, exhibit.id, args.what)
        number = len(lab.incidents.list(case.id))
    answer(args, document(incident), [_line(number, incident, lab)])
    return DONE


def run_close(args: argparse.Namespace) -> int:
    """Close an incident."""
    with signed_in(args) as (lab, actor):
        incident = lab.incidents.close(actor, _the_incident(lab, args).id, args.decision)
    answer(args, document(incident), [_line(args.incident, incident, lab)])
    return DONE


def _the_incident(lab: Lab, args: argparse.Namespace) -> Incident:
    incidents = lab.incidents.list(the_case(lab, args).id)
    number: int = args.incident
    if not 0 < number <= len(incidents):
        raise UsageError(f"There is no incident number {number}; the case has {len(incidents)}.")
    return incidents[number - 1]


def _line(number: int, incident: Incident, lab: Lab) -> str:
    at = local_time(incident.raised_at, lab)
    closed = "OPEN" if incident.is_open else f"closed by {incident.decided_by}: {incident.decision}"
    parts = (str(number), at, incident.number, incident.kind, incident.what, f"raised by {incident.raised_by}", closed)
    return "  ".join(parts)
