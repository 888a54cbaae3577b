"""``report build`` (a draft), ``report issue``, ``report choose``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.cli.common import DONE, Parsers, answer, case_argument, command, signed_in, the_case
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image
from forensics_app.model.case import CaseId
from forensics_app.model.file_kinds import kind_words
from forensics_app.model.report import ReportRequest
from forensics_app.services.volume_words import place_words


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    report = parsers.add_parser("report", help="build and issue reports").add_subparsers(required=True)
    build = command(report, "build", "write a draft; nothing is recorded", run_build, signs=True)
    issue = command(
        report, "issue", "issue a report; its SHA-256 becomes an entry of the case chain", run_issue, signs=True
    )
    for parser in (build, issue):
        case_argument(parser)
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
        parser.add_argument("target", type=Path, metavar="REPORT.pdf", help="the file to be written; must not exist")
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
    )
