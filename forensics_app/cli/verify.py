"""``verify``: a lab, a report, a custody folder, or a ledger file alone."""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

from forensics_app.bootstrap import open_lab
from forensics_app.cli.common import DONE, FINDING, Parsers, answer
from forensics_app.cli.documents import document, report_lines
from forensics_app.errors import UsageError
from forensics_app.services.ledger_files import is_custody_folder, judge_ledger


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "verify a lab, an issued report against its lab, or a custody folder"
    parser = parsers.add_parser("verify", help=words, description=words)
    parser.set_defaults(run=run)
    parser.add_argument("what", type=Path, metavar="LAB|REPORT.pdf|FOLDER")
    parser.add_argument("--lab", type=Path, metavar="DIR", help="the lab that issued the report")
    parser.add_argument("--root", metavar="FINGERPRINT", help="the root key's fingerprint, from paper")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")


def run(args: argparse.Namespace) -> int:
    """Verify."""
    if is_custody_folder(args.what):
        return _ledger(args)
    if args.what.is_dir():
        return _lab(args)
    if not args.what.is_file():
        raise UsageError(f"There is no {args.what}.")
    with args.what.open("rb") as file:
        is_report = file.read(5) == b"%PDF-"
    return _report(args) if is_report else _ledger(args)


def _ledger(args: argparse.Namespace) -> int:
    ok, found, lines = judge_ledger(args.what, args.root)
    answer(args, found, lines)
    return DONE if ok else FINDING


def _lab(args: argparse.Namespace) -> int:
    lab = open_lab(args.what)
    try:
        report = lab.verification.verify()
        interrupted = lab.journal.interrupted()
    finally:
        lab.close()
    lines = report_lines(report)
    lines += [f"Interrupted: {job.kind} of {job.subject}, started {job.started_at}" for job in interrupted]
    ok = report.ok
    if args.root and args.root.lower() != report.root_fingerprint:
        lines.append(f"The root key is {report.root_fingerprint}, NOT the one expected.")
        ok = False
    answer(args, {**document(report), "ok": ok, "interrupted": [document(job) for job in interrupted]}, lines)
    return DONE if ok else FINDING


def _report(args: argparse.Namespace) -> int:
    if args.lab is None:
        raise UsageError("Name the lab that issued the report with --lab.")
    with args.what.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    lab = open_lab(args.lab)
    try:
        issued = [report for case in lab.cases.list() for report in lab.reporting.list(case.id)]
        verified = lab.verification.verify()
    finally:
        lab.close()
    found = next((report for report in issued if report.sha256 == sha256), None)
    words = (
        f"Issued as {found.number} version {found.version} at {found.issued_at}; the SHA-256 is in the record."
        if found
        else "No report of this lab has this SHA-256: it was changed, or issued elsewhere."
    )
    record = "The record of the lab verifies." if verified.ok else "The record of the lab does NOT verify."
    answer(args, {"sha256": sha256.hex(), "report": document(found), "record_ok": verified.ok}, [words, record])
    if not verified.ok:
        sys.stderr.write("\n".join(report_lines(verified)) + "\n")
    return DONE if found and verified.ok else FINDING
