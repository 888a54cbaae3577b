"""``mark add``, ``mark withdraw``, ``mark list``: files whose content is not shown without a reason."""

from __future__ import annotations

import argparse
from uuid import UUID

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    answer,
    case_argument,
    command,
    local_time,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image
from forensics_app.errors import NotFoundError
from forensics_app.model.case import CaseId
from forensics_app.model.image import ImageId
from forensics_app.model.mark import Mark, MarkKind


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    mark = parsers.add_parser("mark", help="hide the content of privileged or sensitive files").add_subparsers(
        required=True
    )
    add = command(mark, "add", "mark a file; its content is not shown any more without a reason", run_add, signs=True)
    case_argument(add)
    entry_arguments(add)
    add.add_argument(
        "--kind", required=True, choices=[kind.value for kind in MarkKind], help="why its content is not for everybody"
    )
    add.add_argument("--reason", required=True, help="why it is marked")
    withdraw = command(mark, "withdraw", "take a mark back, as a supervisor", run_withdraw, signs=True)
    case_argument(withdraw)
    withdraw.add_argument("--reason", required=True, help="why it is taken back")
    withdraw.add_argument("mark", metavar="ID", help="as 'mark list' shows it")
    case_argument(command(mark, "list", "list the marks of a case", run_list))


def run_add(args: argparse.Namespace) -> int:
    """Mark a file."""
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        entry = the_entry(lab, image, args)
        mark = lab.examine.marks.add(actor, image.id, entry, MarkKind(args.kind), args.reason)
    answer(args, document(mark), [f"Marked {mark.path} as {mark.kind.value}: mark {mark.id}."])
    return DONE


def run_withdraw(args: argparse.Namespace) -> int:
    """Take a mark back."""
    with signed_in(args) as (lab, actor):
        mark = marked(lab, the_case(lab, args).id, args.mark)
        image_id = image_of(lab, mark)
        lab.examine.marks.withdraw(actor, image_id, mark, args.reason)
    answer(args, document(mark), [f"Took the mark of {mark.path} back; that it was marked stays in the record."])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List the marks."""
    with opened(args) as lab:
        marks = lab.examine.marks.list(the_case(lab, args).id)
    answer(args, document(marks), [line for mark in marks for line in _lines(mark, lab)] or ["No marks."])
    return DONE


def marked(lab: Lab, case_id: CaseId, text: str) -> Mark:
    """The mark with the id that somebody typed.

    Raises:
        NotFoundError: There is none.
    """
    try:
        return lab.examine.marks.numbered(case_id, UUID(text))
    except ValueError as error:
        raise NotFoundError(f"{text!r} is the id of no mark.") from error


def image_of(lab: Lab, mark: Mark) -> ImageId:
    """The image that was in sight when the mark was made."""
    return next(image.id for image in lab.intake.list(mark.case_id) if image.number == mark.image)


def _lines(mark: Mark, lab: Lab) -> list[str]:
    when = local_time(mark.marked_at, lab)
    return [
        f"{mark.id}  {mark.kind.value}  {mark.image}, {mark.volume_id}: {mark.path}",
        f"    {mark.author}, {when}: {mark.reason}",
    ]
