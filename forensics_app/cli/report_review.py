"""``report submit``, ``recall``, ``discard``, ``return``, ``approve``, ``issue``: how a draft becomes a report."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    local_time,
    passphrase,
    passphrase_options,
    pin,
    pin_options,
    signed_in,
)
from forensics_app.cli.documents import document
from forensics_app.cli.report_content import draft_argument, the_draft
from forensics_app.errors import AppError, LabUnusableError
from forensics_app.model.report import IssuedReport
from forensics_app.model.report_draft import ReportDraft
from forensics_app.services.folder import check_target


def add_steps(report: Parsers) -> None:
    """Add the commands to those of reports."""
    _step(report, "submit", "submit a draft for review; who does so signs as its author", run_submit)
    recall = _step(report, "recall", "take a draft back from review, or one that was approved", run_recall)
    discard = _step(report, "discard", "give a draft up; it stays in the record", run_discard)
    for parser in (recall, discard):
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, in words; it stays in the record")
    back = _step(report, "return", "return a draft to its author with what is to be mended", run_return)
    back.add_argument("--comment", required=True, metavar="TEXT", help="what is to be mended")
    approve = _step(report, "approve", "approve a draft as it was submitted", run_approve)
    approve.add_argument("--comment", default="", metavar="TEXT", help="what the decision rests on")
    for parser in (back, approve):
        parser.add_argument(
            "--seen", type=_digest, required=True, metavar="HEX",
            help="the SHA-256 of what was read, as `report show --draft N` prints it; refused where it is not what "
            "stands there now",
        )  # fmt: skip
    words = "issue an approved draft, signed by its author and by who approved it; its SHA-256 becomes an entry"
    issue = _step(report, "issue", words, run_issue)
    issue.add_argument("--authoriser", required=True, metavar="PERSON", help="who approved it, and signs, too")
    passphrase_options(issue, "authoriser-")
    pin_options(issue)
    pin_options(issue, "authoriser-")
    issue.add_argument("target", type=Path, metavar="REPORT.pdf", help="a copy of the report; must not exist")


def _step(report: Parsers, name: str, words: str, run: object) -> argparse.ArgumentParser:
    parser = command(report, name, words, run, signs=True)  # type: ignore[arg-type]
    case_argument(parser)
    draft_argument(parser)
    return parser


def _digest(text: str) -> bytes:
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        digest = b""
    if len(digest) != hashlib.sha256().digest_size:
        raise argparse.ArgumentTypeError("a SHA-256 has 64 hexadecimal digits")
    return digest


def run_submit(args: argparse.Namespace) -> int:
    """Submit a draft."""
    with signed_in(args) as (lab, actor):
        return _told(args, lab.drafts.submit(actor, the_draft(lab, args).id, on_progress=_comparing()))


def run_recall(args: argparse.Namespace) -> int:
    """Take a draft back."""
    with signed_in(args) as (lab, actor):
        return _told(args, lab.drafts.recall(actor, the_draft(lab, args).id, args.reason))


def run_discard(args: argparse.Namespace) -> int:
    """Give a draft up."""
    with signed_in(args) as (lab, actor):
        return _told(args, lab.drafts.discard(actor, the_draft(lab, args).id, args.reason))


def run_return(args: argparse.Namespace) -> int:
    """Return a draft."""
    with signed_in(args) as (lab, actor):
        return _told(args, lab.drafts.return_(actor, the_draft(lab, args).id, args.comment, seen=args.seen))


def run_approve(args: argparse.Namespace) -> int:
    """Approve a draft."""
    with signed_in(args) as (lab, actor):
        draft_id, progress = the_draft(lab, args).id, _comparing()
        draft = lab.drafts.approve(actor, draft_id, args.comment, seen=args.seen, on_progress=progress)
        return _told(args, draft, lab.reporting.names_that_leave(draft))


def run_issue(args: argparse.Namespace) -> int:
    """Issue an approved draft."""
    with signed_in(args) as (lab, actor):
        draft = the_draft(lab, args)
        check_target(args.target)
        words = passphrase(args, f"Passphrase of {args.authoriser}", "authoriser-")
        authoriser = lab.people.sign_in(args.authoriser, words)
        try:
            pins = {
                one.person.id: pin(args, f"PIN of the token of {one.person.name}", prefix)
                for one, prefix in ((actor, ""), (authoriser, "authoriser-"))
                if lab.certificates.token_of(one.person) is not None
            }
            leaving = lab.reporting.names_that_leave(draft)
            report = lab.reporting.issue(actor, authoriser, draft.id, pins, on_progress=Progress("Issuing", ""))
        finally:
            authoriser.key.close()
        _copy(lab, report, args.target)
        at = local_time(report.issued_at, lab)
    said = f"Issued {report.number} at {at}, {report.pages} pages, SHA-256 {report.sha256.hex()}; wrote {args.target}."
    answer(args, {**document(report), "names_that_leave": leaving}, [said, *([leaving] if leaving else [])])
    return DONE


def _copy(lab: Lab, report: IssuedReport, target: Path) -> None:
    """Write the copy; where that fails, tell that the report was issued all the same."""
    kept = f"{report.number} was issued and recorded; only the copy failed."
    then = "Write a copy with: forensics-app report copy. Do not issue the report again."
    try:
        lab.reporting.save_copy(lab.report_upgrades.file(report).pdf, target)
    except (AppError, OSError) as error:
        raise LabUnusableError(str(error), kept=kept, then=then) from error


def _comparing() -> Progress:
    return Progress("Comparing the catalogues with the record", "")


def _told(args: argparse.Namespace, draft: ReportDraft, leaving: str = "") -> int:
    answer(args, document(draft), [draft_line(draft), *([leaving] if leaving else [])])
    return DONE


def draft_line(draft: ReportDraft) -> str:
    """A draft on one line."""
    parts = [f"draft {draft.number}", draft.state.upper(), draft.content.kind.value, draft.content.title]
    parts.append(f"by {draft.author}")
    if draft.reviews:
        newest = draft.reviews[-1]
        verb = "approved" if newest.approved else "returned"
        parts.append(f"{verb} by {newest.reviewer}: {newest.comment or 'no comment'}")
    return "  ".join(parts)
