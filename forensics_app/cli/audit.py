"""``audit``: ``list``, ``record``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    command,
    counted,
    opened,
    scans,
    signed_in,
    told_time,
)
from forensics_app.cli.custody import seal_options, seals_seen
from forensics_app.cli.documents import document
from forensics_app.model.audit import NewAudit, RoomAudit


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    audit = parsers.add_parser("audit", help="audits of rooms").add_subparsers(required=True)
    command(audit, "list", "list the audits of the lab", run_list)
    record = command(audit, "record", "record what was scanned at a place", run_record, signs=True)
    record.add_argument("--place", required=True, help="as it stands with the exhibits; what lies below it counts, too")
    record.add_argument(
        "--at",
        metavar="TIME",
        help="when it began; now if not given; like 2026-11-19T07:35+01:00, in the lab's zone without an offset",
    )
    record.add_argument("--scan", action="append", default=[], metavar="TEXT", help="a label or an exhibit number")
    record.add_argument("--scan-file", type=Path, metavar="F", help="file with one scan on each line")
    record.add_argument("--broken", action="append", default=[], metavar="TEXT", help="a scan whose seal is broken")
    seal_options(record)
    record.add_argument(
        "--seals-agree",
        action="store_true",
        help="every other seal was looked at and is whole, with its recorded number; one that is not told of was not "
        "looked at else, which is a finding",
    )
    record.add_argument(
        "--remarks", default="", metavar="TEXT", help="anything else that is to be in the record of the audit"
    )


def run_list(args: argparse.Namespace) -> int:
    """List the audits."""
    with opened(args) as lab:
        audits = lab.audits.list()
    lines = [line for audit in audits for line in _lines(audit)]
    answer(args, [document(audit) for audit in audits], lines or ["No audits."])
    return DONE


def run_record(args: argparse.Namespace) -> int:
    """Record an audit; the exit status says whether something was found."""
    with signed_in(args) as (lab, actor):
        new = NewAudit(
            place=args.place,
            began_at=told_time(args.at, lab),
            scanned=scans(args),
            broken=tuple(args.broken),
            seals=seals_seen(args),
            seals_agree=args.seals_agree,
            remarks=args.remarks,
        )
        audit = lab.audits.record(actor, new)
    answer(args, document(audit), _lines(audit))
    return FINDING if audit.findings else DONE


def _lines(audit: RoomAudit) -> list[str]:
    at = audit.began_at.isoformat(" ", "minutes")
    found = f"{audit.found} of {counted(audit.expected, 'exhibit')} found"
    head = f"{audit.place}  {at}  by {audit.by}  {found}, {counted(len(audit.findings), 'finding')}"
    return [head, *(f"  {finding.kind}: {finding.what}" for finding in audit.findings)]
