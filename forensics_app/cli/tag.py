"""``tag make``, ``tag change``, ``tag retire``, ``tag put``, ``tag remove``, ``tag list``, ``tag names``."""

from __future__ import annotations

import argparse
from uuid import UUID

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    answer,
    case_argument,
    command,
    counted,
    local_time,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import target_arguments, the_image, the_target
from forensics_app.errors import AppError, NotFoundError
from forensics_app.model.case import CaseId
from forensics_app.model.tag import FIRST_TAGS, KEYS, NewTag, Tag, TagColour, Tagging, TaggingId


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    tag = parsers.add_parser("tag", help="tags of the lab's own on files and bytes").add_subparsers(required=True)
    make = command(tag, "make", "make a tag; without a name the four that a lab begins with", run_make, signs=True)
    make.add_argument("name", nargs="?", help="a short name, such as Invoice")
    _looks(make, TagColour.BLUE.value)
    change = command(tag, "change", "give a tag another name, colour or key", run_change, signs=True)
    change.add_argument("tag", metavar="NAME", help="the tag")
    change.add_argument("--name", metavar="NAME", help="its new name")
    _looks(change, None)
    retire = command(tag, "retire", "take a tag out of use; what bears it still does", run_retire, signs=True)
    retire.add_argument("--reason", default="", help="why it is taken out of use")
    retire.add_argument("tag", metavar="NAME", help="the tag")
    put = command(tag, "put", "put a tag on a file, or on bytes of it, a volume or the media", run_put, signs=True)
    case_argument(put)
    target_arguments(put)
    put.add_argument("tag", metavar="NAME", help="the tag")
    remove = command(tag, "remove", "take a tag off; that it was there stays in the record", run_remove, signs=True)
    case_argument(remove)
    remove.add_argument("tagging", metavar="ID", nargs="+", help="as 'tag list' shows it")
    listed = command(tag, "list", "list what bears tags in a case, and what is not found again", run_list)
    case_argument(listed)
    listed.add_argument("--tag", metavar="NAME", help="only this tag")
    command(tag, "names", "list the tags of the lab", run_names)


def _looks(parser: argparse.ArgumentParser, colour: str | None) -> None:
    parser.add_argument(
        "--colour", choices=[one.value for one in TagColour], default=colour, help="the colour of its edge"
    )
    parser.add_argument("--key", type=int, choices=KEYS, help="the digit that puts it in the window")
    parser.add_argument(
        "--conceals", action=argparse.BooleanOptionalAction, help="whether pictures that bear it are covered"
    )


def run_make(args: argparse.Namespace) -> int:
    """Make tags."""
    new = (
        (NewTag(name=args.name, colour=TagColour(args.colour), key=args.key, conceals=bool(args.conceals)),)
        if args.name
        else FIRST_TAGS
    )
    with signed_in(args) as (lab, actor):
        made = lab.tags.make(actor, *new)
    answer(args, document(made), [f"Made the tag {_words(one)}." for one in made])
    return DONE


def run_change(args: argparse.Namespace) -> int:
    """Change a tag."""
    with signed_in(args) as (lab, actor):
        before = lab.tags.named(args.tag)
        new = NewTag(
            name=args.name or before.name,
            colour=TagColour(args.colour) if args.colour else before.colour,
            key=args.key if args.key is not None else before.key,
            conceals=before.conceals if args.conceals is None else args.conceals,
        )
        made = lab.tags.change(actor, before.id, new)
    answer(args, document(made), [f"The tag {before.name} is now {_words(made)}."])
    return DONE


def run_retire(args: argparse.Namespace) -> int:
    """Take a tag out of use."""
    with signed_in(args) as (lab, actor):
        tag = lab.tags.named(args.tag)
        lab.tags.retire(actor, tag.id, args.reason)
    answer(args, document(tag), [f"The tag {tag.name} is out of use; what bears it still does."])
    return DONE


def run_put(args: argparse.Namespace) -> int:
    """Put a tag on a place."""
    with signed_in(args) as (lab, actor):
        tag = lab.tags.named(args.tag)
        target = the_target(lab, the_image(lab, the_case(lab, args).id, args), args)
        made = lab.tags.put(actor, tag.id, (target,))
    said = f"Put {tag.name} on {target.words}: {made[0].id}." if made else f"{target.words} bears {tag.name} already."
    answer(args, document(made), [said])
    return DONE


def run_remove(args: argparse.Namespace) -> int:
    """Take tags off."""
    with signed_in(args) as (lab, actor):
        case_id = the_case(lab, args).id
        there = {one.id for one in lab.tags.of_case(case_id)}
        wanted = [_id(text, there) for text in args.tagging]
        removed = lab.tags.remove(actor, wanted)
    answer(args, document(removed), [f"Took off {counted(len(removed), 'tag')}; that they were there stays."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List what bears tags."""
    with opened(args) as lab:
        case_id = the_case(lab, args).id
        names = {one.id: one for one in lab.tags.all()}
        wanted = lab.tags.named(args.tag).id if args.tag else None
        taggings = [one for one in lab.tags.of_case(case_id) if wanted in (None, one.tag_id)]
        lost, unread = _lost(lab, case_id)
        lines = [_line(one, names[one.tag_id], lab, is_lost=one.id in lost) for one in taggings]
    rows = [{**document(one), "tag": names[one.tag_id].name, "lost": one.id in lost} for one in taggings]
    answer(args, rows, [*unread, *(lines or ["Nothing bears a tag."])])
    return FINDING if any(one.id in lost for one in taggings) else DONE


def run_names(args: argparse.Namespace) -> int:
    """List the tags of the lab."""
    with opened(args) as lab:
        tags = lab.tags.list()
    answer(args, document(tags), [_words(one) for one in tags] or ["No tags yet; 'tag make' makes them."])
    return DONE


def _id(text: str, there: set[TaggingId]) -> TaggingId:
    try:
        found = TaggingId(UUID(text))
    except ValueError as error:
        raise NotFoundError(f"{text!r} is the id of no tag that was put.") from error
    if found not in there:
        raise NotFoundError(f"Nothing in this case bears a tag with the id {text}.")
    return found


def _lost(lab: Lab, case_id: CaseId) -> tuple[set[TaggingId], list[str]]:
    """What is not found again in the catalogues, and a sentence for each that cannot be read."""
    lost: set[TaggingId] = set()
    unread = []
    for image in lab.intake.list(case_id):
        try:
            with lab.catalogues.open(image) as catalogue:
                lost |= {one.id for one in lab.tags.of_image(image, catalogue).lost}
        except AppError as error:
            unread.append(f"{image.number}: whether its places are found again is not known. {error}")
    return lost, unread


def _line(one: Tagging, tag: Tag, lab: Lab, *, is_lost: bool) -> str:
    term = f', hit of "{one.target.term}"' if one.target.term else ""
    lost = "  NOT FOUND in the catalogue as it is now" if is_lost else ""
    when = local_time(one.tagged_at, lab)
    return f"{one.id}  {tag.name}  {one.target.words}{term}  ({one.author}, {when}){lost}"


def _words(tag: Tag) -> str:
    key = f", key {tag.key}" if tag.key else ""
    return f"{tag.name} ({tag.colour.value}{key}{', covers pictures' if tag.conceals else ''})"
