"""``principles show``, ``principles deviate``, ``principles guidance``."""

from __future__ import annotations

import argparse
from datetime import datetime
from zoneinfo import ZoneInfo

from forensics_app.cli.common import DONE, FINDING, Parsers, answer, case_argument, command, opened, signed_in, the_case
from forensics_app.cli.documents import document
from forensics_app.model.custody import Event


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    parser = parsers.add_parser("principles", help="how a case stands to the principles of electronic evidence")
    principles = parser.add_subparsers(required=True)
    case_argument(command(principles, "show", "show what meets each principle and what departs from it", run_show))
    deviate = command(principles, "deviate", "record a deviation and its reason", run_deviate, signs=True)
    case_argument(deviate)
    deviate.add_argument("--principle", required=True, help="principle-1 to principle-5")
    deviate.add_argument("--what", required=True, help="what departs from it")
    deviate.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    deviate.add_argument("--gap", default="", help="key of what the records show, as principles show has it")
    guidance = command(principles, "guidance", "list the rules that should be looked at again", run_guidance)
    guidance.add_argument(
        "--step", metavar="EVENT", choices=[event.value for event in Event],
        help="list instead what is to be thought of at this step of custody, such as dispatch",
    )  # fmt: skip


def run_show(args: argparse.Namespace) -> int:
    """Show the five principles; exit status 1 when something departs that nobody has explained."""
    with opened(args) as lab:
        views = lab.principles.of_case(the_case(lab, args).id)
    lines = []
    for view in views:
        lines.append(f"{view.rule.title}: {view.standing}")
        lines += [f"    {words}" for words in view.records]
        lines += [f"    [{gap.key}] {gap.what} {gap.explained or ''}".rstrip() for gap in view.gaps]
        lines += [f"    {one.what} Reason: {one.reason} ({one.author})" for one in view.deviations]
    answer(args, document(views), lines)
    return FINDING if any(view.unexplained for view in views) else DONE


def run_deviate(args: argparse.Namespace) -> int:
    """Record a deviation."""
    with signed_in(args) as (lab, actor):
        case = the_case(lab, args)
        kept = lab.principles.deviate(actor, case.id, args.principle, args.what, args.reason, gap=args.gap)
    answer(args, document(kept), [f"Recorded a deviation from {args.principle}."])
    return DONE


def run_guidance(args: argparse.Namespace) -> int:
    """List the rules past the day of their review (REQ-03), exit status 1 when there are any; or those of a step."""
    with opened(args) as lab:
        guidance = lab.guidance()
        today = datetime.now(ZoneInfo(lab.info.zone)).date()
    if args.step:
        rules = guidance.at_step(args.step)
        lines = [f"{rule.text}\n    {rule.id}; {rule.origin.words()}" for rule in rules]
        answer(args, document(rules), lines or ["The guidance says nothing of this step."])
        return DONE
    overdue = set(guidance.overdue(today))
    late = [(name, origin) for name, origin in guidance.origins() if name in overdue]
    lines = [f"{name}: to be looked at by {origin.review_by}; {origin.words()}" for name, origin in late]
    answer(args, [{"id": name, **document(origin)} for name, origin in late], lines or ["No rule is past its review."])
    return FINDING if late else DONE
