"""``report export``: a report in other formats than the signed PDF; ``report kit``: its facts, for the other side."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import DONE, Parsers, answer, case_argument, command, counted, signed_in, the_case
from forensics_app.cli.documents import document
from forensics_app.cli.report_signatures import issued_report
from forensics_app.errors import RefusedError
from forensics_app.model.report import LANGUAGES, ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.report_format import ReportFormat


def add_out_parsers(report: Parsers) -> None:
    """Add the commands."""
    words = "write what a report would say now in other formats, unsigned; all of them or none"
    export = command(report, "export", words, run_export, signs=True)
    request_arguments(export)
    export.add_argument(
        "--format",
        dest="formats",
        action="append",
        required=True,
        choices=[one.value for one in ReportFormat],
        help="docx (editable), html (one file), csv (a file for each table), bodyfile (of the files it cites), "
        "case (CASE 1.4 / UCO 1.4 as JSON-LD); may be given again",
    )
    export.add_argument("target", type=Path, metavar="FOLDER", help="the folder to be made; must not exist")

    words = (
        "write the facts that a report cites of images (digests, volumes, findings, chosen files, files of its lists) "
        "into a folder that can be handed over: no content, no concealed names"
    )
    kit = command(report, "kit", words, run_kit, signs=True)
    case_argument(kit)
    which = kit.add_mutually_exclusive_group()
    which.add_argument("--draft", type=int, metavar="N", help="of this draft, as the record says it now")
    which.add_argument(
        "--number",
        metavar="REPORT",
        help="of this issued report: findings and chosen files as they stood at the issue. Without --draft and "
        "--number the kit is of all findings and chosen files of the case as they stand now; lists belong to drafts",
    )
    kit.add_argument("target", type=Path, metavar="FOLDER", help="the folder to be made; must not exist")


def request_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what says of which case and draft, in which zone and language."""
    case_argument(parser)
    parser.add_argument("--draft", type=int, metavar="N", help="number of the draft that says what is written and how")
    parser.add_argument("--zone", help="IANA zone in which times are printed; the lab's when left out")
    parser.add_argument("--zone-of-local-times", default="UTC", help="zone of file-system stamps that have none")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="language of the program's words")


def run_export(args: argparse.Namespace) -> int:
    """Write a report in other formats."""
    with signed_in(args) as (lab, actor):
        request, draft = asked_of(lab, args)
        formats = [ReportFormat(one) for one in args.formats]
        written = lab.report_exports.export(actor, request, formats, args.target, draft)
    lines = [f"{one.path}: {one.size_bytes:,} bytes, SHA-256 {one.sha256.hex()}." for one in written]
    answer(args, {"files": [document(one) for one in written]}, lines)
    return DONE


def asked_of(lab: Lab, args: argparse.Namespace) -> tuple[ReportRequest, ReportDraft | None]:
    """What a report is to say: what a draft says, or what the record says in the zone that is named."""
    case = the_case(lab, args)
    if args.draft is not None:
        draft = lab.drafts.numbered(case.id, args.draft)
        return draft.content, draft
    request = ReportRequest(
        case_id=case.id,
        zone=args.zone or lab.info.zone,
        zone_of_local_times=args.zone_of_local_times,
        language=args.language,
    )
    return request, None


def run_kit(args: argparse.Namespace) -> int:
    """Write a defence kit."""
    with signed_in(args) as (lab, actor):
        draft = _draft_of(lab, args)
        content = draft.content if draft else ReportRequest(case_id=the_case(lab, args).id, zone=lab.info.zone)
        made = lab.kits.make(actor, content, args.target, draft)
    cited = (counted(made.findings, "finding"), counted(made.files, "chosen file"))
    lines = [
        f"Wrote {made.path}, the facts of {made.of}: {counted(made.facts, 'fact')}; {', '.join(cited)}, "
        f"{counted(made.listed, 'file')} in lists; {counted(made.left_out, 'name')} left out.",
        *made.remarks,
        f"SHA-256 of its manifest, to be given on paper: {made.manifest_sha256.hex()}.",
        f"The other side checks it with: forensics-app recheck {made.path.name} IMAGE",
    ]
    answer(args, document(made), lines)
    return DONE


def _draft_of(lab: Lab, args: argparse.Namespace) -> ReportDraft | None:
    """The draft that a kit is of.

    Raises:
        NotFoundError: There is none of that number, or no such report.
        RefusedError: The report was issued before drafts were kept.
    """
    case = the_case(lab, args)
    if args.draft is not None:
        return lab.drafts.numbered(case.id, args.draft)
    if args.number is None:
        return None
    report = issued_report(lab, args)
    found = next((one for one in lab.drafts.list(case.id) if one.id == report.draft_id), None)
    if found is None:
        raise RefusedError(
            f"{report.number} was issued before drafts were kept: what it cites cannot be told again.",
            then="Make the kit of the case, without --number.",
        )
    return found
