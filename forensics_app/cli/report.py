"""``report``: ``draft``, ``edit``, ``show``, ``build``, ``check``, ``choose``; the steps of a review are beside it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    case_argument,
    command,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image
from forensics_app.cli.report_content import (
    content_arguments,
    draft_argument,
    first_content,
    kind_argument,
    the_draft,
    with_given,
)
from forensics_app.cli.report_out import add_out_parsers
from forensics_app.cli.report_review import add_steps, draft_line
from forensics_app.cli.report_signatures import add_signatures
from forensics_app.cli.stationery import add_stationery_parser
from forensics_app.errors import UsageError
from forensics_app.model.completeness import CheckedItem
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.report import IssuedReport, ReportRequest
from forensics_app.model.report_draft import STANDING, ReportDraft, blockers_of
from forensics_app.services.report_checks import check_against_standards
from forensics_app.services.volume_words import place_words


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    report = parsers.add_parser("report", help="write, review and issue reports").add_subparsers(required=True)
    draft = command(report, "draft", "begin a draft of a report", run_draft, signs=True)
    draft.add_argument("--replaces", metavar="NUMBER", help="the issued report that it is to replace, as R-2026-0147-1")
    edit = command(report, "edit", "change what is written in a draft", run_edit, signs=True)
    show = command(report, "show", "list drafts and reports of a case, or show one draft", run_show)
    build = command(report, "build", "write a PDF marked as a draft; nothing is recorded", run_build, signs=True)
    check = command(
        report, "check", "what the standards ask of a report, and what of the record supplies it", run_check, signs=True
    )
    check.epilog = "Exit status 0: everything is supplied. 1: something is not supplied."
    for parser in (draft, edit, show, build, check):
        case_argument(parser)
    for parser in (draft, build, check):
        kind_argument(parser)
    draft_argument(edit)
    for parser in (show, build, check):
        draft_argument(parser, is_required=False)
    for parser in (draft, edit, build, check):
        content_arguments(parser)
    build.add_argument("target", type=Path, metavar="REPORT.pdf", help="the file to be written; must not exist")
    add_steps(report)
    add_out_parsers(report)
    add_signatures(report)
    add_stationery_parser(report)
    choose = command(report, "choose", "choose a file to be cited", run_choose, signs=True)
    case_argument(choose)
    entry_arguments(choose)
    choose.add_argument("--note", default="", metavar="TEXT", help="why the file matters; printed beside it")


def run_draft(args: argparse.Namespace) -> int:
    """Begin a draft."""
    with signed_in(args) as (lab, actor):
        content = first_content(lab, args)
        if args.replaces is not None:
            issued = {report.number: report for report in lab.reporting.list(content.case_id)}
            if args.replaces not in issued:
                raise UsageError(f"No report {args.replaces} was issued in this case; report show lists them.")
            content = lab.drafts.content_replacing(issued[args.replaces].id)
        draft = lab.drafts.begin(actor, with_given(lab, content, args))
    return _written(args, draft)


def run_edit(args: argparse.Namespace) -> int:
    """Change a draft."""
    with signed_in(args) as (lab, actor):
        draft = the_draft(lab, args)
        draft = lab.drafts.edit(actor, draft.id, with_given(lab, draft.content, args))
    return _written(args, draft)


def _written(args: argparse.Namespace, draft: ReportDraft) -> int:
    """Answer with a draft as it was written, and with what in it would stop its issue."""
    blocking = _blocking(draft.content)
    answer(args, {**document(draft), "blocks_the_issue": blocking}, [draft_line(draft), *_blocking_lines(blocking)])
    return DONE


def _blocking(content: ReportRequest) -> list[str]:
    return [one.what for one in blockers_of(content)]


def _blocking_lines(blocking: list[str]) -> list[str]:
    return [f"Blocks the issue: {one}" for one in blocking]


def run_show(args: argparse.Namespace) -> int:
    """List drafts and reports, or show a draft."""
    with opened(args) as lab:
        if args.draft is not None:
            draft = the_draft(lab, args)
            leaving = lab.reporting.names_that_leave(draft) if draft.state in STANDING else ""
            told = {**document(draft), "names_that_leave": leaving}
            answer(args, told, [*_draft_lines(draft), *([leaving] if leaving else [])])
            return DONE
        case = the_case(lab, args)
        drafts, issued = lab.drafts.list(case.id), lab.reporting.list(case.id)
        lines = [*(draft_line(one) for one in drafts), *(_issued_line(one, issued) for one in reversed(issued))]
    told = {"drafts": [document(one) for one in drafts], "reports": [document(one) for one in issued]}
    answer(args, told, lines or ["No drafts and no reports."])
    return DONE


def run_build(args: argparse.Namespace) -> int:
    """Write a draft as a PDF."""
    with signed_in(args) as (lab, actor):
        draft = the_draft(lab, args) if args.draft is not None else None
        content = with_given(lab, first_content(lab, args) if draft is None else draft.content, args)
        is_as_recorded = draft is not None and content == draft.content
        pdf = (
            lab.reporting.preview_draft(draft)
            if draft is not None and is_as_recorded
            else lab.reporting.preview(actor.person, content)
        )
        lab.reporting.save_copy(pdf, args.target)
    answer(args, {"target": str(args.target), "draft": True}, [f"Wrote the draft {args.target}."])
    return DONE


def run_check(args: argparse.Namespace) -> int:
    """Check a report against the standards."""
    with signed_in(args) as (lab, actor):
        draft = the_draft(lab, args) if args.draft is not None else None
        content = with_given(lab, first_content(lab, args) if draft is None else draft.content, args)
        recorded = draft if draft is not None and content == draft.content else None
        author = actor.person if recorded is None else lab.reporting.author_of(recorded)
        found = check_against_standards(lab.reporting, author, content, recorded)
    missing = [one for one in found if not one.is_supplied]
    lines = []
    for standard in dict.fromkeys(one.item.standard for one in found):
        lines.append(standard)
        lines += [f"  {_checked_words(one)}" for one in found if one.item.standard == standard]
    lines.append(f"{len(missing)} of {len(found)} items not supplied; they are printed so.")
    blocking = _blocking(content)
    items = [document(one) for one in found]
    told = {"items": items, "not_supplied": len(missing), "blocks_the_issue": blocking}
    answer(args, told, [*lines, *_blocking_lines(blocking)])
    return FINDING if missing or blocking else DONE


def _checked_words(one: CheckedItem) -> str:
    if one.is_supplied:
        return f"supplied      {one.item.clause}: {one.item.asks}: {one.stated or one.supplied_by}"
    where = f" of {', '.join(one.lacking)}" if one.lacking else ""
    how = f" (can be stated: --state {one.item.id} TEXT)" if one.item.is_stated else ""
    return f"NOT SUPPLIED  {one.item.clause}: {one.item.asks}{where}{how}"


def run_choose(args: argparse.Namespace) -> int:
    """Choose a file."""
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        entry = the_entry(lab, image, args)
        chosen = lab.examine.choose(actor, image.id, entry, args.note)
        with lab.catalogues.open(image) as catalogue:
            place = place_words(catalogue.volumes(), chosen.volume_id)
    answer(args, document(chosen), [f"Chose {kind_words(entry.kind)} {chosen.path} of {image.number}, volume {place}."])
    return DONE


def _draft_lines(draft: ReportDraft) -> list[str]:
    content = draft.content
    lines = [draft_line(draft), f"Sections: {', '.join(content.printed)}", f"Times in {content.zone}"]
    lines.append(f"SHA-256 of what is written and of the records below: {draft.content_sha256.hex()}")
    lines += [f"Draws {one.count} from the record ({one.kind}), SHA-256 {one.sha256.hex()}" for one in draft.records]
    lines += [f"Not as submitted: {one}" for one in draft.differs]
    lines += [f"Summary: {text}" for text in content.summary]
    for number, block in enumerate(content.blocks, 1):
        basis = f" Basis: {block.basis}" if block.basis else ""
        lines.append(f"{number}. {block.kind.value} under {block.section}, {block.heading}: {block.text}{basis}")
    lines += [
        f"List {number}: {one.title}, {one.filter or 'all entries'}" for number, one in enumerate(content.lists, 1)
    ]
    lines += [f"Limitation: {text}" for text in content.limitations]
    lines += [f"Stated to {one.item}: {one.text}" for one in content.statements]
    lines += [f"Changed against the replaced report: {text}" for text in content.changes]
    for review in draft.reviews:
        verb = "Approved" if review.approved else "Returned"
        lines.append(f"{verb} by {review.reviewer}: {review.comment or 'no comment'}")
    return [*lines, *_blocking_lines(_blocking(content))]


def _issued_line(report: IssuedReport, issued: Sequence[IssuedReport]) -> str:
    newer = next((one.number for one in issued if one.replaces_id == report.id), "")
    parts = [report.number, report.kind.value, report.title, f"{report.pages} pages, SHA-256 {report.sha256.hex()}"]
    return "  ".join([*parts, f"replaced by {newer}"] if newer else parts)
