"""``validate``: runs the shipped validation set on this computer, and records it in a lab where one is named."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from forensics_app.bootstrap import utc_now
from forensics_app.cli.common import DONE, FINDING, Parsers, Progress, answer, passphrase_options, signed_in, table
from forensics_app.errors import UsageError
from forensics_app.model.validation import CFTT, NOT_COVERED, ValidationRun
from forensics_app.services.folder import content_of, write_whole
from forensics_app.services.validating import record_of, signed_record
from forensics_app.services.validation_set import run_validation_set
from resources import path as resource


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "compare this program on this computer with the known answers of the shipped validation set"
    parser = parsers.add_parser("validate", help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument(
        "--lab",
        metavar="DIR",
        type=Path,
        help="lab whose register of tools gets the validation; none: nothing is recorded",
    )
    parser.add_argument("--as", dest="person", metavar="PERSON", help="who acts and signs; needed with --lab")
    passphrase_options(parser)
    parser.add_argument(
        "--next-due", type=date.fromisoformat, metavar="YYYY-MM-DD", help="last day on which the validation counts"
    )
    parser.add_argument("--out", metavar="FILE", type=Path, help="also write the record there; unsigned without --lab")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")


def run(args: argparse.Namespace) -> int:
    """Validate; exit status 1 when an answer differs.

    Raises:
        UsageError: Half of what a lab needs was given.
        RefusedError: The set is not whole, or the file to be written is there.
    """
    if (args.lab is None) is not (args.person is None):
        raise UsageError("To record the validation, name both --lab and --as; to record nothing, neither.")
    progress = Progress("Validating", "")
    if args.lab is None:
        done = run_validation_set(resource("validation"), now=utc_now, configuration_sha256=None, on_progress=progress)
        content, told = signed_record(done, None), ["Nothing was recorded: no lab was named."]
    else:
        with signed_in(args) as (lab, actor):
            made = lab.validating.run(actor, next_due=args.next_due, on_progress=progress)
        done, content = made.run, content_of(made.record)
        told = [f"Recorded for {made.tool.label}: {made.record}"]
    if args.out is not None:
        write_whole(args.out, [content])
        told.append(f"Written: {args.out}")
    answer(args, dict(record_of(done)), [*_lines(done), *told])
    return DONE if done.passed else FINDING


def _lines(done: ValidationRun) -> list[str]:
    rows = [
        [result.key, f"{result.compared:,} compared", f"{result.differing:,} differ", CFTT[result.key]]
        for result in done.results
    ]
    differing = [f"  {result.key}: {words}" for result in done.results for words in result.differences]
    return [
        f"Build, SHA-256 {done.build_sha256.hex()}",
        *table(rows),
        *differing,
        f"{'Passed' if done.passed else 'NOT PASSED'}: {done.words}",
        f"Not covered: {'; '.join(NOT_COVERED)}.",
    ]
