"""``report build`` (a draft), ``report check``, ``report issue``, ``report choose``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import DONE, FINDING, Parsers, answer, case_argument, command, signed_in, the_case
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image
from forensics_app.cli.report_out import add_out_parsers
from forensics_app.cli.report_signatures import add_signatures
from forensics_app.cli.stationery import add_stationery_parser
from forensics_app.model.case import CaseId
from forensics_app.model.completeness import CheckedItem
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.report import LANGUAGES, ReportRequest, Statement
from forensics_app.services.report_checks import check_against_standards
from forensics_app.services.volume_words import place_words


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    report = parsers.add_parser("report", help="build and issue reports").add_subparsers(required=True)
    build = command(report, "build", "write a draft; nothing is recorded", run_build, signs=True)
    issue = command(
        report, "issue", "issue a report; its SHA-256 becomes an entry of the case chain", run_issue, signs=True
    )
    check = command(
        report, "check", "what the standards ask of a report, and what of the record supplies it", run_check, signs=True
    )
    check.epilog = "Exit status 0: everything is supplied. 1: something is not supplied."
    for parser in (build, issue, check):
        case_argument(parser)
        parser.add_argument(
            "--language", choices=LANGUAGES, default="en", help="language in which the program's words are printed"
        )
        parser.add_argument(
            "--state",
            nargs=2,
            action="append",
            default=[],
            metavar=("ITEM", "TEXT"),
            help="what the author states to an item of the standards, by the id that `report check` names; "
            "may be given again",
        )
        parser.add_argument(
            "--title",
            default=ReportRequest.__dataclass_fields__["title"].default,
            metavar="TEXT",
            help="title on the cover",
        )
        parser.add_argument("--zone", help="IANA zone in which times are printed; the lab's when left out")
        parser.add_argument("--zone-of-local-times", default="UTC", help="zone of file-system stamps that have none")
        parser.add_argument("--summary", action="append", default=[], help="a conclusion; may be given again")
        parser.add_argument("--limitation", action="append", default=[], help="may be given again")
    for parser in (build, issue):
        parser.add_argument("target", type=Path, metavar="REPORT.pdf", help="the file to be written; must not exist")
    add_out_parsers(report)
    add_signatures(report)
    add_stationery_parser(report)
    choose = command(report, "choose", "choose a file to be cited", run_choose, signs=True)
    case_argument(choose)
    entry_arguments(choose)
    choose.add_argument("--note", default="", metavar="TEXT", help="why the file matters; printed beside it")


def run_build(args: argparse.Namespace) -> int:
    """Write a draft."""
    with signed_in(args) as (lab, actor):
        pdf = lab.reporting.preview(actor.person, _request(args, lab.info.zone, the_case(lab, args).id))
        lab.reporting.save_copy(pdf, args.target)
    answer(args, {"target": str(args.target), "draft": True}, [f"Wrote the draft {args.target}."])
    return DONE


def run_issue(args: argparse.Namespace) -> int:
    """Issue a report."""
    with signed_in(args) as (lab, actor):
        report = lab.reporting.issue(actor, _request(args, lab.info.zone, the_case(lab, args).id))
        lab.reporting.save_copy(lab.reporting.path(report).read_bytes(), args.target)
    words = f"Issued {report.number}, {report.pages} pages, SHA-256 {report.sha256.hex()}; wrote {args.target}."
    answer(args, document(report), [words])
    return DONE


def run_check(args: argparse.Namespace) -> int:
    """Check a report against the standards."""
    with signed_in(args) as (lab, actor):
        request = _request(args, lab.info.zone, the_case(lab, args).id)
        found = check_against_standards(lab.reporting, actor.person, request)
    missing = [one for one in found if not one.is_supplied]
    lines = []
    for standard in dict.fromkeys(one.item.standard for one in found):
        lines.append(standard)
        lines += [f"  {_checked_words(one)}" for one in found if one.item.standard == standard]
    lines.append(f"{len(missing)} of {len(found)} items not supplied; they are printed so.")
    answer(args, {"items": [document(one) for one in found], "not_supplied": len(missing)}, lines)
    return FINDING if missing else DONE


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


def _request(args: argparse.Namespace, zone: str, case_id: CaseId) -> ReportRequest:
    return ReportRequest(
        case_id=case_id,
        title=args.title,
        zone=args.zone or zone,
        zone_of_local_times=args.zone_of_local_times,
        summary=tuple(args.summary),
        limitations=tuple(args.limitation),
        language=args.language,
        statements=tuple(Statement(item=item, text=text) for item, text in args.state),
    )
