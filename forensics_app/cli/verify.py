"""``verify``: a lab, a report, a custody folder, or a ledger file alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from forensics_app.bootstrap import Lab, open_lab_untouched
from forensics_app.cli.common import DONE, FINDING, NOT_FOUND_OUT, Parsers, answer, printable, unlock_options, unlocking
from forensics_app.cli.documents import document, report_lines
from forensics_app.cli.report_signatures import told_lines
from forensics_app.errors import LabLockedError, UsageError
from forensics_app.model.custody import LabReport
from forensics_app.model.proof import Answer, FileChecked, Level
from forensics_app.services.ledger_files import is_custody_folder, judge_ledger, root_digits
from forensics_app.services.opening import rights_note


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    words = "verify a lab, an issued report against its lab, or a custody folder"
    parser = parsers.add_parser("verify", help=words, description=words)
    parser.description = (
        f"{words.capitalize()}. Nothing is written: a lab of an older version of the program is not brought up to date "
        "but refused. Exit status 0: everything verifies. 1: something does not. 2: wrong use. 3: could not find out, "
        "or only of a part, as where entries of a report are withheld."
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "what", type=Path, metavar="LAB|REPORT.pdf|FOLDER", help="a lab folder, a report as PDF, or a custody folder"
    )
    parser.add_argument(
        "--lab", type=Path, metavar="DIR", help="the lab that issued the report: its record is compared, too"
    )
    parser.add_argument(
        "--authority", type=Path, action="append", default=[], metavar="FILE.pem",
        help="certificates of an authority that is trusted too, for a report; may be given again",
    )  # fmt: skip
    parser.add_argument(
        "--root", type=root_digits, metavar="FINGERPRINT", help="the root key's fingerprint, from paper"
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output and nothing else")
    unlock_options(parser)


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
    if ok is None:
        return NOT_FOUND_OUT
    return DONE if ok else FINDING


@contextmanager
def _untouched(args: argparse.Namespace, folder: Path) -> Iterator[Lab]:
    """The lab, read only; refuses at the end when somebody wrote to it meanwhile."""
    with unlocking(args, folder):
        lab = open_lab_untouched(folder)
    try:
        yield lab
        if not lab.database.is_as_opened():
            raise LabLockedError(
                "Another program wrote to the lab while it was being verified, so nothing can be said of it.",
                then="Verify it again.",
            )
    finally:
        lab.close()


def _lab(args: argparse.Namespace) -> int:
    with _untouched(args, args.what) as lab:
        report = lab.verification.verify()
        interrupted = lab.journal.cut_off()
        unrecorded = () if report.row_findings else lab.journal.unrecorded_files()
        rights = rights_note(lab.folder.root)
    lines = report_lines(report)
    lines += [f"Not of the record, and left where it is: {path}" for path in unrecorded]
    lines += [f"Interrupted: {job.kind} of {job.subject}, started {job.started_at}" for job in interrupted]
    lines += [f"Note: {rights}"] if rights else []
    root_lines, is_root = _judge_root(args, report)
    lines += root_lines
    ok = report.ok and is_root
    left = {"rights_note": rights, "interrupted": document(interrupted), "unrecorded_files": document(unrecorded)}
    answer(args, {**document(report), "ok": ok, **left}, lines)
    return DONE if ok else FINDING


def _report(args: argparse.Namespace) -> int:
    """A report: what it proves by itself, and against the record of the lab where that is given."""
    from forensics_app.services.report_verifying import check_report  # half a second that only a report should cost

    pdf = args.what.read_bytes()
    trusted = [der for path in args.authority for der in _authority(path)]
    if args.lab is None:
        found = check_report(pdf, at=datetime.now(UTC), root=args.root, authorities=trusted)
        answer(args, {**document(found), "ok": found.ok}, [*told_lines(found), _in_a_word(found)])
        return DONE if found.ok else (FINDING if found.bad else NOT_FOUND_OUT)
    with _untouched(args, args.lab) as lab:
        issued = [report for case in lab.cases.list() for report in lab.reporting.list(case.id)]
        digests = {digest: report for report in issued for digest in lab.report_upgrades.digests(report)}
        verified, stamps = lab.verification.verify(), lab.report_upgrades.time_authorities()
    found = check_report(pdf, at=datetime.now(UTC), root=args.root, authorities=trusted, time_authorities=stamps)
    report = digests.get(found.sha256)
    words = (
        f"Issued as {report.number} version {report.version} at {report.issued_at}; the SHA-256 is in the record."
        if report
        else "No report of this lab has this SHA-256: the file was changed, or issued elsewhere, and this lab does "
        "not vouch for it."
    )
    record = "The record of the lab verifies." if verified.ok else "The record of the lab does NOT verify."
    root_lines, is_root = _judge_root(args, verified)
    is_bad = not found.is_signed_well and not (found.level is Level.NONE and not found.bad)
    ok = report is not None and verified.ok and is_root and not is_bad
    facts = {**document(found), "report": document(report), "record_ok": verified.ok}
    lines = [*told_lines(found), record, *root_lines, words]
    answer(args, {**facts, "root_fingerprint": verified.root_fingerprint, "ok": ok}, lines)
    if not verified.ok:
        sys.stderr.writelines(f"{printable(line)}\n" for line in report_lines(verified))
    if not ok and not found.bad and report is not None and verified.ok and is_root:
        return NOT_FOUND_OUT
    return DONE if ok else FINDING


def _in_a_word(found: FileChecked) -> str:
    if found.ok:
        return "The report proves itself."
    if found.bad:
        return "The report does NOT prove itself: see what is bad above."
    if found.is_signed_well:
        open_ = [one.what for one in found.checks if one.answer is Answer.UNKNOWN]
        open_ += [f"time stamp of {one.signer}" for one in found.signatures if one.answer is Answer.UNKNOWN]
        return (
            "The report proves a part of itself. Proved: the file is as both people signed it, nothing that a reader "
            "shows was added since, and what stands in the custody ledger inside is intact, signed and trusted. NOT "
            f"proved, see above where it cannot be told: {', '.join(open_)}. The lab that issued it can prove the rest "
            "(--lab); whoever made a time stamp is named with --authority."
        )
    if found.level is Level.NONE:
        return (
            "Nobody signed this file: its pages may say anything. A report of a laboratory that signs digitally has "
            "two signatures. Name the lab that issued it with --lab, or ask for the file that was signed."
        )
    return (
        "The report does not prove itself: whose signatures these are cannot be told. Name the lab that issued it with "
        "--lab, or who certified them with --authority."
    )


def _authority(path: Path) -> tuple[bytes, ...]:
    from forensics_app.services.report_verifying import certificates_from  # as above

    try:
        return certificates_from(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _judge_root(args: argparse.Namespace, report: LabReport) -> tuple[list[str], bool]:
    """What is to be said of the root key, and whether it is the one from paper; any is, where none was given."""
    if args.root is None:
        return [], True
    if args.root == report.root_fingerprint:
        return ["The root key is the one expected."], True
    return [f"The root key is {report.root_fingerprint or 'missing'}, NOT the one expected."], False
