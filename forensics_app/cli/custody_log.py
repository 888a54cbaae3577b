"""``custody log``."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, Parsers, answer, command, local_time, opened, table, the_case, told_time
from forensics_app.cli.documents import document
from forensics_app.errors import UsageError
from forensics_app.model.custody_log import LogQuery
from forensics_app.model.wording import act_words


def add_log(custody: Parsers) -> None:
    """Add the command."""
    log = command(custody, "log", "show the entries of all cases, or a part of them", run_log)
    log.add_argument("--case", metavar="NUMBER", help="only entries of this case")
    log.add_argument("--exhibit", metavar="NUMBER", help="an exhibit or image of that case")
    log.add_argument("--person", metavar="NAME", help="who signed, in whatever role")
    log.add_argument(
        "--since",
        metavar="TIME",
        help="recorded then or later; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    log.add_argument(
        "--until",
        metavar="TIME",
        help="recorded before; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    log.add_argument("--kind", default="", help="custody, exhibit, image, note ..., or one action such as image.intake")
    log.add_argument("--limit", type=int, default=1000, help="at most so many, the newest")


def run_log(args: argparse.Namespace) -> int:
    """Show the entries."""
    if args.exhibit and not args.case:
        raise UsageError("--exhibit needs --case: numbers of exhibits are those of their case.")
    if args.limit < 1:
        raise UsageError("--limit is 1 or more.")
    with opened(args) as lab:
        case = the_case(lab, args) if args.case else None
        asked = LogQuery(
            case_id=case.id if case else None,
            person_id=lab.people.named(args.person).id if args.person else None,
            exhibit_id=lab.exhibits.numbered(case.id, args.exhibit).id if case and args.exhibit else None,
            since=told_time(args.since, lab) if args.since else None,
            until=told_time(args.until, lab) if args.until else None,
            kind=args.kind,
            limit=args.limit,
        )
        events = lab.custody_log.list(asked)
        numbers: dict[object, str] = {one.id: one.number for one in lab.cases.list()}
    rows = [
        [
            local_time(event.recorded_at, lab),
            numbers.get(event.chain, "lab"),
            f"#{event.sequence}",
            act_words(event),
            event.object_label,
            ", ".join(f"{one.role} {one.name}" for one in event.signatures),
            event.digest.hex()[:16],
        ]
        for event in events
    ]
    answer(args, document(events), table(rows) or ["No entry is like that."])
    return DONE
