"""``tool add``, ``tool validate``, ``tool list``, ``tool used``."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from forensics_app.cli.common import (
    DONE,
    FINDING,
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
from forensics_app.model.tool import NewTool, NewValidation, standing_of


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    tool = parsers.add_parser("tool", help="the register of tools and their validations").add_subparsers(required=True)
    add = command(tool, "add", "register a version of a tool", run_add, signs=True)
    which = add.add_mutually_exclusive_group(required=True)
    which.add_argument("--this-program", action="store_true", help="the running version of this program")
    which.add_argument("--name", metavar="TEXT", help="what it is called")
    add.add_argument("--version", default="", metavar="TEXT", help="its version")
    add.add_argument("--vendor", default="", metavar="TEXT", help="who makes it")
    add.add_argument("--program", type=Path, metavar="FILE", help="the program, of which the SHA-256 is taken")
    add.add_argument("--sha256", type=bytes.fromhex, metavar="HEX", help="SHA-256 of its file, 64 hexadecimal digits")
    validate = command(tool, "validate", "record a validation of a tool", run_validate, signs=True)
    validate.add_argument("--number", required=True, type=int, metavar="N", help="as tool list has it")
    validate.add_argument("--on", required=True, type=_day, metavar="YYYY-MM-DD", help="day on which it was validated")
    validate.add_argument("--scope", required=True, metavar="TEXT", help="what it was validated for")
    validate.add_argument("--result", required=True, help="in words")
    validate.add_argument("--failed", action="store_true", help="it did not pass")
    validate.add_argument("--by", required=True, metavar="WHO", help="who validated it")
    validate.add_argument(
        "--next-due", type=_day, metavar="YYYY-MM-DD", help="day on which it is to be validated again"
    )
    validate.add_argument("--document", type=Path, metavar="FILE", help="its report; the SHA-256 is recorded")
    command(tool, "list", "list the register", run_list)
    case_argument(command(tool, "used", "list the tools that a case was worked on with", run_used))


def run_add(args: argparse.Namespace) -> int:
    """Register a tool."""
    with signed_in(args) as (lab, actor):
        if args.this_program:
            made = lab.tools.add_this_program(actor)
        else:
            new = NewTool(
                name=args.name, version=args.version, vendor=args.vendor, sha256=args.sha256, program=args.program
            )
            made = lab.tools.add(actor, new)
    digest = "not known" if made.sha256 is None else made.sha256.hex()
    answer(args, document(made), [f"Registered {made.label}, SHA-256 {digest}."])
    return DONE


def run_validate(args: argparse.Namespace) -> int:
    """Record a validation."""
    with signed_in(args) as (lab, actor):
        tools, number = lab.tools.list(), args.number
        if not 0 < number <= len(tools):
            raise UsageError(f"There is no tool with the number {number}.")
        new = NewValidation(
            validated_on=args.on,
            scope=args.scope,
            passed=not args.failed,
            result=args.result,
            validated_by=args.by,
            next_due=args.next_due,
            document=args.document,
        )
        made = lab.tools.validate(actor, tools[number - 1].id, new)
    answer(args, document(made), [f"Recorded for {made.label}: {made.validations[-1].words}."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the register."""
    with opened(args) as lab:
        tools = lab.tools.list()
        today = datetime.now(ZoneInfo(lab.info.zone)).date()
    rows = []
    for number, tool in enumerate(tools, 1):
        standing = standing_of([tool], tool.name, tool.version, tool.sha256, today)
        words = standing.words if standing.is_validated else f"NOT VALIDATED: {standing.words}"
        rows.append([str(number), tool.label, tool.vendor, tool.sha256.hex()[:16] if tool.sha256 else "-", words])
    answer(args, document(tools), table(rows) or ["No tool is registered."])
    return DONE


def run_used(args: argparse.Namespace) -> int:
    """List what a case was worked on with; exit status 1 when something of it is not validated."""
    with opened(args) as lab:
        used, register = lab.tools.used(the_case(lab, args).id), lab.tools.list()
    standings = [standing_of(register, one.name, one.version, one.sha256, one.last_on) for one in used]
    rows = [
        [
            one.label,
            f"{one.first_on} to {one.last_on}",
            "" if standing.is_validated else "NOT VALIDATED",
            standing.words,
        ]
        for one, standing in zip(used, standings, strict=True)
    ]
    told = [{**document(one), "standing": document(standing)} for one, standing in zip(used, standings, strict=True)]
    answer(args, told, table(rows) or ["No act of this case states a tool yet."])
    return DONE if all(standing.is_validated for standing in standings) else FINDING


def _day(text: str) -> date:
    return date.fromisoformat(text)
