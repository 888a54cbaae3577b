"""``report upgrade``, ``report signatures`` and ``report copy``, and how a check of a file is told."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    NOT_FOUND_OUT,
    Parsers,
    answer,
    case_argument,
    command,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.errors import NotFoundError
from forensics_app.model.proof import Answer, FileChecked, Level, SignatureChecked
from forensics_app.model.report import IssuedReport


def add_signatures(report: Parsers) -> None:
    """Add the commands."""
    told = "add a time stamp and validation data behind the signatures of an issued report, as far as it gets now"
    upgrade = command(report, "upgrade", told, run_upgrade, signs=True)
    signatures = command(report, "signatures", "check the newest file of an issued report", run_signatures)
    words = "write a copy of the newest file of an issued report, also out of an encrypted lab"
    copy = command(report, "copy", words, run_copy)
    copy.add_argument("target", type=Path, metavar="FILE.pdf", help="the new file")
    for parser in (upgrade, signatures, copy):
        case_argument(parser)
        parser.add_argument("--number", required=True, metavar="REPORT", help="number of the report")


def run_upgrade(args: argparse.Namespace) -> int:
    """Upgrade a report."""
    with signed_in(args) as (lab, actor):
        report = issued_report(lab, args)
        done = lab.report_upgrades.upgrade(actor, report)
        path = lab.report_upgrades.path(report)
    lines = [f"{report.number} was {done.before.value} and is {done.after.value}: SHA-256 {done.sha256.hex()}."]
    lines += [f"It went no further: {done.why}"] if done.why else []
    answer(args, {**document(done), "path": str(path)}, [*lines, f"The file is {path}."])
    return DONE if done.after is Level.LTA else FINDING


def run_signatures(args: argparse.Namespace) -> int:
    """Check a report."""
    with opened(args) as lab:
        found = lab.report_upgrades.check(issued_report(lab, args))
    answer(args, document(found), [*told_lines(found)])
    return DONE if found.ok else (FINDING if found.bad else NOT_FOUND_OUT)


def run_copy(args: argparse.Namespace) -> int:
    """Write a copy of a report."""
    with opened(args) as lab:
        report = issued_report(lab, args)
        file = lab.report_upgrades.file(report)
        lab.reporting.save_copy(file.pdf, args.target)
    told = {"number": report.number, "path": str(args.target), "sha256": file.sha256.hex()}
    answer(args, told, [f"Wrote {report.number} to {args.target}: SHA-256 {file.sha256.hex()}."])
    return DONE


def told_lines(found: FileChecked) -> Iterator[str]:
    """A check of a file for a reader."""
    yield f"SHA-256 {found.sha256.hex()}"
    yield f"Digital signatures: {found.level.value}."
    for one in found.signatures:
        yield f"[{one.answer.value}] {_who(one)}: {one.words}"
    for check in found.checks:
        yield f"[{check.answer.value}] {check.what}: {check.words}"


def _who(one: SignatureChecked) -> str:
    if one.is_time_stamp:
        return f"Time stamp of {one.signer}"
    said = f", {one.claimed_at:%Y-%m-%d %H:%M:%S %Z} by their own clock" if one.claimed_at else ""
    proved = f", existed at {one.stamped_at:%Y-%m-%d %H:%M:%S} UTC" if one.stamped_at else ""
    whose = f"of {one.signer}" if one.person_id else f"in the name of {one.signer}"
    issued = "certified by" if one.answer is Answer.GOOD else "with a certificate that names as its issuer"
    return f"Signature {whose} as {one.field}, {issued} {one.issuer}{said}{proved}"


def issued_report(lab: Lab, args: argparse.Namespace) -> IssuedReport:
    """The issued report that ``--number`` names.

    Raises:
        NotFoundError: The case has none of that number.
    """
    for report in lab.reporting.list(the_case(lab, args).id):
        if report.number == args.number:
            return report
    raise NotFoundError(f"The case {args.case} has no issued report {args.number}.")
