"""``desk list``, ``desk approve``, ``desk return``, ``desk decisions``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, FINDING, Parsers, answer, command, local_time, opened, signed_in, table
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.desk import ENDED_BY


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    desk = parsers.add_parser("desk", help="what waits for a supervisor").add_subparsers(required=True)
    command(desk, "list", "list what waits in any case", run_list)
    command(desk, "decisions", "list what was decided", run_decisions)
    for name, words in (("approve", "approve something"), ("return", "return something to who did it")):
        decide = command(desk, name, words, run_decide, signs=True)
        decide.set_defaults(approve=name == "approve")
        decide.add_argument("--matter", required=True, metavar="CODE", help="as desk list has it")
        decide.add_argument(
            "--comment", required=True, metavar="TEXT", help="what the decision rests on; it stays in the record"
        )


def run_list(args: argparse.Namespace) -> int:
    """List what waits; exit status 1 when something does."""
    with opened(args) as lab:
        waiting = lab.desk.waiting()
    rows = [
        [
            matter.code,
            matter.kind.value,
            matter.case,
            f"{matter.since:%Y-%m-%d %H:%M%z}",
            f"{matter.what} {ENDED_BY.get(matter.kind, '')}".strip(),
        ]
        for matter in waiting
    ]
    told = [{"code": matter.code, **document(matter)} for matter in waiting]
    answer(args, told, table(rows) or ["Nothing waits."])
    return FINDING if waiting else DONE


def run_decide(args: argparse.Namespace) -> int:
    """Decide about one of them."""
    with signed_in(args) as (lab, actor):
        keys = [matter.key for matter in lab.desk.waiting() if matter.code == args.matter.strip().lower()]
        if len(keys) != 1:
            raise UsageError(f"Nothing with the code {args.matter} waits; desk list shows what does.")
        made = lab.desk.decide(actor, keys[0], approve=args.approve, comment=args.comment)
    answer(args, document(made), [f"{'Approved' if made.approved else 'Returned'}: {made.what}"])
    return DONE


def run_decisions(args: argparse.Namespace) -> int:
    """List the decisions."""
    with opened(args) as lab:
        decisions = lab.desk.decisions()
    rows = [
        [
            local_time(one.decided_at, lab),
            "approved" if one.approved else "returned",
            one.decided_by,
            f"{one.what} Comment: {one.comment}",
        ]
        for one in decisions
    ]
    answer(args, document(decisions), table(rows) or ["Nothing was decided yet."])
    return DONE
