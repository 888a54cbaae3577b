"""``case create|assign|override|list|show``; the commands that change a case are in :mod:`case_changes`."""

from __future__ import annotations

import argparse

from forensics_app.cli.case_changes import add_changes, basis_of, basis_options
from forensics_app.cli.case_import import add_imports
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
    told_day,
)
from forensics_app.cli.documents import document
from forensics_app.model.case import NewCase


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    case = parsers.add_parser("case", help="open cases and list them").add_subparsers(required=True)
    create = command(case, "create", "open a case", run_create, signs=True)
    create.add_argument("--number", required=True, metavar="NUMBER", help="number that the case gets; never used twice")
    create.add_argument("--title", required=True, metavar="TEXT", help="what the case is called")
    create.add_argument("--offence", required=True, metavar="TEXT", help="offence that is investigated")
    create.add_argument("--authority", required=True, help="the authority that requests the examination")
    create.add_argument("--questions", default="", help="what is to be examined, in the authority's words")
    create.add_argument("--lead", required=True, metavar="PERSON", help="lead examiner")
    create.add_argument(
        "--supervisor", required=True, metavar="PERSON", help="who reviews the work and closes the case"
    )
    create.add_argument(
        "--untrained-reason", default="", metavar="REASON", help="why the lead examiner is assigned though untrained"
    )
    basis = create.add_argument_group("legal basis; without it the case stays a draft")
    basis_options(basis)
    assign = command(case, "assign", "put an examiner to work on a case", run_assign, signs=True)
    case_argument(assign)
    assign.add_argument("--name", required=True, metavar="PERSON", help="the examiner who is to work on it")
    assign.add_argument("--untrained-reason", default="", metavar="REASON", help="why, though they are untrained")
    override = command(case, "override", "go on although the authority has expired", run_override, signs=True)
    case_argument(override)
    override.add_argument(
        "--until", required=True, type=told_day, metavar="YYYY-MM-DD", help="last day; 7 days at most"
    )
    override.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    add_changes(case)
    add_imports(case)
    command(case, "list", "list the cases", run_list)
    case_argument(command(case, "show", "show a case", run_show))


def run_create(args: argparse.Namespace) -> int:
    """Open a case."""
    with signed_in(args) as (lab, actor):
        new = NewCase(
            number=args.number,
            title=args.title,
            offence=args.offence,
            requesting_authority=args.authority,
            questions=args.questions,
            lead_examiner_id=lab.people.named(args.lead).id,
            supervisor_id=lab.people.named(args.supervisor).id,
            legal_basis=basis_of(args),
            untrained_reason=args.untrained_reason,
        )
        case = lab.cases.create(actor, new)
    answer(args, document(case), [f"Opened case {case.number}, {case.title}; it is {case.status}."])
    return DONE


def run_assign(args: argparse.Namespace) -> int:
    """Assign an examiner."""
    with signed_in(args) as (lab, actor):
        case, person = the_case(lab, args), lab.people.named(args.name)
        made = lab.competence.assign(actor, case.id, person.id, args.untrained_reason)
    said = "; no training in force, which is an override" if made.override_reason else ""
    answer(args, document(made), [f"Assigned {made.person} to {case.number}{said}."])
    return DONE


def run_override(args: argparse.Namespace) -> int:
    """Override an expired authority."""
    with signed_in(args) as (lab, actor):
        case = lab.cases.override_authority(actor, the_case(lab, args).id, args.until, args.reason)
    answer(
        args, document(case), [f"Recorded; the decision holds until {args.until}, and is a deviation from legality."]
    )
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the cases."""
    with opened(args) as lab:
        cases = lab.cases.list()
    rows = [[case.number, case.title, case.status.value, f"{case.opened_at:%Y-%m-%d %H:%M:%SZ}"] for case in cases]
    answer(args, [document(case) for case in cases], table(rows))
    return DONE


def run_show(args: argparse.Namespace) -> int:
    """Show a case."""
    with opened(args) as lab:
        case = the_case(lab, args)
        exhibits = lab.exhibits.list(case.id)
    lines = [f"{name.replace('_', ' '):22} {value}" for name, value in document(case).items()]
    lines += [f"{exhibit.number:12} {exhibit.state.value:18} {exhibit.description}" for exhibit in exhibits]
    answer(args, {**document(case), "exhibits": [document(exhibit) for exhibit in exhibits]}, lines)
    return DONE
