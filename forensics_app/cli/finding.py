"""``finding add``, ``finding withdraw``, ``finding list``: places that are cited, and bookmarks."""

from __future__ import annotations

import argparse

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    local_time,
    opened,
    signed_in,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import target_arguments, the_image, the_target
from forensics_app.model.cited import Cited, CitedKind


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    finding = parsers.add_parser("finding", help="findings and bookmarks of a case").add_subparsers(required=True)
    add = command(finding, "add", "cite a file or bytes with a sentence that says what was found", run_add, signs=True)
    case_argument(add)
    target_arguments(add)
    add.add_argument("--bookmark", action="store_true", help="only mark the place; it goes into no report")
    add.add_argument("text", nargs="?", default="", help="the sentence; a bookmark needs none")
    withdraw = command(finding, "withdraw", "take a finding or a bookmark back", run_withdraw, signs=True)
    case_argument(withdraw)
    withdraw.add_argument("--reason", default="", help="why; a finding needs one")
    withdraw.add_argument("number", type=int, help="its number, as 'finding list' shows it")
    listed = command(finding, "list", "list the findings and bookmarks of a case", run_list)
    case_argument(listed)
    listed.add_argument("--withdrawn", action="store_true", help="those taken back too")


def run_add(args: argparse.Namespace) -> int:
    """Record a finding or a bookmark."""
    kind = CitedKind.BOOKMARK if args.bookmark else CitedKind.FINDING
    with signed_in(args) as (lab, actor):
        target = the_target(lab, the_image(lab, the_case(lab, args).id, args), args)
        cited = lab.findings.add(actor, kind, target, args.text, on_progress=Progress("Reading the cited bytes"))
    answer(args, document(cited), [f"Recorded as {kind.value} {cited.number}: {target.words}."])
    return DONE


def run_withdraw(args: argparse.Namespace) -> int:
    """Take one back."""
    with signed_in(args) as (lab, actor):
        cited = lab.findings.numbered(the_case(lab, args).id, args.number)
        lab.findings.withdraw(actor, cited.id, args.reason)
    words = f"Took {cited.kind.value} {cited.number} back; that it was there stays in the record."
    answer(args, document(cited), [words])
    return DONE


def run_list(args: argparse.Namespace) -> int:
    """List them."""
    with opened(args) as lab:
        found = lab.findings.list(the_case(lab, args).id, withdrawn=args.withdrawn)
        lines = [line for one in found for line in _lines(one, lab)]
    answer(args, document(found), lines or ["No findings or bookmarks yet."])
    return DONE


def _lines(one: Cited, lab: Lab) -> list[str]:
    back = "" if one.withdrawn_at is None else f", TAKEN BACK {local_time(one.withdrawn_at, lab)}"
    head = f"{one.kind.value.capitalize()} {one.number}: {one.author}, {local_time(one.recorded_at, lab)}{back}"
    digest = one.bytes_sha256 or one.target.sha256
    of = "of these bytes" if one.bytes_sha256 else "of the content"
    address = f", address {one.target.address}" if one.target.address else ""
    lines = [head, f"    {one.image}, {one.target.words}{address}"]
    if digest:
        lines.append(f"    SHA-256 {of} {digest.hex()}")
    return [*lines, *(f"    {line}" for line in one.text.splitlines())]
