"""What is written in a report, as options of the command line: given ones change a draft, the others leave it."""

from __future__ import annotations

import argparse
from dataclasses import replace
from uuid import uuid4

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import the_case
from forensics_app.errors import UsageError
from forensics_app.model.report import (
    LANGUAGES,
    TITLES,
    Block,
    FindingKind,
    ListChoice,
    ReportKind,
    ReportRequest,
    Section,
    Statement,
)
from forensics_app.model.report_draft import ReportDraft


def content_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options for what is written."""
    add = parser.add_argument
    add("--title", metavar="TEXT", help="title on the cover")
    add("--zone", help="IANA zone in which times are printed; the lab's when left out")
    add("--zone-of-local-times", metavar="ZONE", help="zone of file-system stamps that have none; UTC when left out")
    add("--language", choices=LANGUAGES, help="language in which the program's words are printed")
    add(
        "--section", action="append", default=[], choices=[one.value for one in Section],
        help="a part that is printed; given again for each, in their order; what the kind begins with when left out",
    )  # fmt: skip
    add("--summary", action="append", default=[], metavar="TEXT", help="a conclusion; may be given again")
    add("--limitation", action="append", default=[], metavar="TEXT", help="may be given again")
    add(
        "--state", nargs=2, action="append", default=[], metavar=("ITEM", "TEXT"),
        help="what the author states to an item of the standards, by the id that `report check` names; may be given "
        "again",
    )  # fmt: skip
    add(
        "--fact", nargs=2, action="append", default=[], metavar=("HEADING", "TEXT"),
        help="a further block with a statement of fact; may be given again",
    )  # fmt: skip
    add(
        "--opinion", nargs=3, action="append", default=[], metavar=("HEADING", "TEXT", "BASIS"),
        help="a further block with an opinion and on what it rests; may be given again",
    )  # fmt: skip
    add(
        "--under", choices=[one.value for one in Section], default=Section.FINDINGS.value,
        help="the part at whose end these blocks stand; the findings when left out",
    )  # fmt: skip
    add(
        "--drop-block", action="append", default=[], type=int, metavar="N",
        help="take out a block, by its number in report show; may be given again",
    )  # fmt: skip
    add(
        "--list", nargs=3, action="append", default=[], metavar=("IMAGE", "FILTER", "TITLE"), dest="file_lists",
        help="a further list of files for the annex: what a filter (see files --help; an empty one leaves all) leaves "
        "of an image, by its number; may be given again",
    )  # fmt: skip
    add(
        "--drop-list", action="append", default=[], type=int, metavar="N",
        help="take out a list of files, by its number in report show; may be given again",
    )  # fmt: skip
    add("--change", action="append", default=[], metavar="TEXT", help="what differs from the report that it replaces")


def kind_argument(parser: argparse.ArgumentParser) -> None:
    """Add ``--kind``."""
    kinds = [one.value for one in ReportKind]
    words = "what the report is for; an examination report when left out"
    parser.add_argument("--kind", choices=kinds, help=words)


def draft_argument(parser: argparse.ArgumentParser, *, is_required: bool = True) -> None:
    """Add ``--draft``."""
    words = "number of the draft in its case, as report show lists it"
    parser.add_argument("--draft", type=int, required=is_required, metavar="N", help=words)


def the_draft(lab: Lab, args: argparse.Namespace) -> ReportDraft:
    """The draft that ``--case`` and ``--draft`` name."""
    return lab.drafts.numbered(the_case(lab, args).id, args.draft)


def first_content(lab: Lab, args: argparse.Namespace) -> ReportRequest:
    """What a draft begins with where nothing is said of it."""
    kind = ReportKind(args.kind) if args.kind else ReportKind.EXAMINATION
    return ReportRequest(case_id=the_case(lab, args).id, kind=kind, title=TITLES[kind], zone=lab.info.zone)


def with_given(lab: Lab, content: ReportRequest, args: argparse.Namespace) -> ReportRequest:
    """The content with the options that were given.

    Raises:
        UsageError: There is no block or list with a number that is to be taken out, or no image with one.
    """
    if wrong := [number for number in args.drop_list if not 1 <= number <= len(content.lists)]:
        raise UsageError(f"There is no list {wrong[0]}; report show numbers them.")
    lists = [one for number, one in enumerate(content.lists, 1) if number not in args.drop_list]
    lists += [_list(lab, content, *given) for given in args.file_lists]
    if wrong := [number for number in args.drop_block if not 1 <= number <= len(content.blocks)]:
        raise UsageError(f"There is no block {wrong[0]}; report show numbers them.")
    kept = [block for number, block in enumerate(content.blocks, 1) if number not in args.drop_block]
    under = Section(args.under)
    facts = [_block(under, FindingKind.FACT, *given) for given in args.fact]
    opinions = [_block(under, FindingKind.OPINION, *given) for given in args.opinion]
    stated = {one.item: one.text for one in content.statements} | dict(args.state)
    return replace(
        content,
        title=content.title if args.title is None else args.title,
        zone=args.zone or content.zone,
        zone_of_local_times=args.zone_of_local_times or content.zone_of_local_times,
        language=args.language or content.language,
        sections=tuple(Section(one) for one in args.section) or content.sections,
        summary=tuple(args.summary) or content.summary,
        limitations=tuple(args.limitation) or content.limitations,
        statements=tuple(Statement(item=item, text=text) for item, text in stated.items() if text.strip()),
        blocks=(*kept, *facts, *opinions),
        lists=tuple(lists),
        changes=tuple(args.change) or content.changes,
    )


def _list(lab: Lab, content: ReportRequest, number: str, words: str, title: str) -> ListChoice:
    image = next((one for one in lab.intake.list(content.case_id) if one.number == number), None)
    if image is None:
        raise UsageError(f"There is no image {number} in this case.")
    return ListChoice(id=uuid4(), title=title, image_id=image.id, filter=words)


def _block(section: Section, kind: FindingKind, heading: str, text: str, basis: str = "") -> Block:
    return Block(id=uuid4(), section=section, kind=kind, heading=heading, text=text, basis=basis)
