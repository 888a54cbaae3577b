"""``retention``: ``set``, ``list``, ``erasures``, ``propose``, ``decide``, ``erase``."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    counted,
    local_time,
    opened,
    signed_in,
    table,
    the_case,
    told_day,
)
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.retention import Erasable, Erasure, NewErasure, RetentionLine


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    retention = parsers.add_parser("retention", help="until when cases are kept, and what is erased afterwards")
    commands = retention.add_subparsers(required=True)
    period = command(commands, "set", "say until when a case is kept", run_set, signs=True)
    case_argument(period)
    period.add_argument(
        "--until",
        dest="keep_on",
        type=told_day,
        required=True,
        metavar="YYYY-MM-DD",
        help="the last day, kept included",
    )
    period.add_argument("--basis", required=True, metavar="TEXT", help="the rule or order that says so")
    command(commands, "list", "list the cases with their periods; exit status 1 where one is over", run_list)
    case_argument(command(commands, "erasures", "list the erasures of a case, and what was erased", run_erasures))
    propose = command(commands, "propose", "propose to erase what is kept of a case", run_propose, signs=True)
    case_argument(propose)
    propose.add_argument(
        "--what", action="append", required=True, choices=[kind.value for kind in Erasable], help="once for each kind"
    )
    propose.add_argument(
        "--authority", required=True, metavar="TEXT", help="who ordered or allows it, and which number"
    )
    propose.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    decide = command(
        commands, "decide", "approve or reject an erasure that somebody else proposed", run_decide, signs=True
    )
    erase = command(
        commands, "erase", "carry an approved erasure out, or finish one that was cut off", run_erase, signs=True
    )
    for parser in (decide, erase):
        case_argument(parser)
        parser.add_argument("--erasure", required=True, type=int, metavar="N", help="its number, as erasures has it")
    how = decide.add_mutually_exclusive_group(required=True)
    how.add_argument("--approve", action="store_true", help="let it be carried out")
    how.add_argument("--reject", action="store_true", help="let nothing be erased")
    decide.add_argument("--comment", required=True, metavar="TEXT", help="why, in words; it stays in the record")


def run_set(args: argparse.Namespace) -> int:
    """Set a period."""
    with signed_in(args) as (lab, actor):
        found = lab.retentions.set(actor, the_case(lab, args).id, args.keep_on, args.basis)
    answer(args, document(found), [f"{args.case} is kept until {found.keep_until}: {found.basis}"])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the periods."""
    with opened(args) as lab:
        lines, without = lab.retentions.all(), lab.retentions.without()
        waiting = lab.erasing.waiting()
    rows = [(line.case, f"until {line.retention.keep_until}", line.retention.basis, _standing(line)) for line in lines]
    words = table(rows)
    if without:
        words.append(
            f"No period is set for {counted(len(without), 'case')}: {', '.join(one.number for one in without)}"
        )
    words += [f"Erasure {one.number}, proposed by {one.proposed_by}: {one.state}" for one in waiting]
    told = {"periods": document(lines), "without": [one.number for one in without], "waiting": document(waiting)}
    answer(args, told, words or ["No cases."])
    return FINDING if any(line.is_due for line in lines) else DONE


def run_erasures(args: argparse.Namespace) -> int:
    """List the erasures of a case."""
    with opened(args) as lab:
        found = lab.erasing.list(the_case(lab, args).id)
        lines = [line for one in found for line in _lines(one, lab)]
    answer(args, document(found), lines or ["No erasures."])
    return DONE


def run_propose(args: argparse.Namespace) -> int:
    """Propose an erasure."""
    with signed_in(args) as (lab, actor):
        what = frozenset(Erasable(kind) for kind in args.what)
        new = NewErasure(case_id=the_case(lab, args).id, what=what, authority=args.authority, reason=args.reason)
        erasure = lab.erasing.propose(actor, new)
        lines = _lines(erasure, lab)
    answer(args, document(erasure), lines)
    return DONE


def run_decide(args: argparse.Namespace) -> int:
    """Decide about an erasure."""
    with signed_in(args) as (lab, actor):
        found = _numbered(lab, args)
        erasure = lab.erasing.decide(actor, found.case_id, found.id, approve=args.approve, words=args.comment)
        lines = _lines(erasure, lab)
    answer(args, document(erasure), lines)
    return DONE


def run_erase(args: argparse.Namespace) -> int:
    """Carry an erasure out."""
    with signed_in(args) as (lab, actor):
        found = _numbered(lab, args)
        erasure = lab.erasing.carry_out(actor, found.case_id, found.id, Progress("Digesting"))
        lines = _lines(erasure, lab)
    lines.append("Backups that were made before hold what was erased; what a disk keeps of deleted files is not wiped.")
    answer(args, document(erasure), lines)
    return DONE


def _numbered(lab: Lab, args: argparse.Namespace) -> Erasure:
    found = lab.erasing.list(the_case(lab, args).id)
    number: int = args.erasure
    if not 0 < number <= len(found):
        raise UsageError(f"There is no erasure number {number}; the case has {len(found)}.")
    return found[number - 1]


def _standing(line: RetentionLine) -> str:
    erased = f"erased: {', '.join(kind.value for kind in Erasable if kind in line.erased)}" if line.erased else ""
    over = "OVER" if line.is_due else "over" if line.is_over else ""
    held = counted(line.holds, "legal hold") if line.holds else ""
    return ", ".join(part for part in (over, held, erased) if part) or "runs"


def _lines(erasure: Erasure, lab: Lab) -> list[str]:
    what = ", ".join(kind.value for kind in Erasable if kind in erasure.what)
    lines = [
        f"{erasure.number}  {what}: {erasure.state}. {erasure.authority}, {erasure.reason}; proposed by "
        f"{erasure.proposed_by} {local_time(erasure.proposed_at, lab)}"
    ]
    if erasure.decided_by:
        lines.append(f"   decided by {erasure.decided_by}: {erasure.decision}")
    if erasure.carried_out_at is not None:
        at = local_time(erasure.carried_out_at, lab)
        lines.append(f"   {counted(len(erasure.files), 'file')} erased by {erasure.carried_out_by} {at}")
    if erasure.is_waiting and Erasable.CATALOGUES in erasure.what:
        lines.append(
            "   Defence kits of reports with lists of files are made out of the catalogues: make those that may be "
            "needed before (report kit --number)."
        )
    return lines + [f"   {one.sha256}  {one.size_bytes:,} bytes  {one.name}" for one in erasure.files]
