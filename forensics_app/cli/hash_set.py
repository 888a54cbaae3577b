"""``hash-set import``, ``hash-set list``, ``hash-set remove``, ``hash-set lookup``, ``hash-set match``."""

from __future__ import annotations

import argparse
from pathlib import Path

from forensics_app.bootstrap import Lab
from forensics_app.cli.common import (
    DONE,
    FINDING,
    Parsers,
    Progress,
    answer,
    case_argument,
    command,
    opened,
    signed_in,
    table,
    the_case,
)
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import image_argument, the_image
from forensics_app.errors import NotFoundError, UsageError
from forensics_app.model.hash_set import HashSet, HashSetKind, NewHashSet


def add_parser(parsers: Parsers) -> None:
    """Add the commands."""
    sets = parsers.add_parser("hash-set", help="the lab's sets of digests of files").add_subparsers(required=True)
    add = command(sets, "import", "import a list of digests", run_import, signs=True)
    add.add_argument("--name", required=True, metavar="TEXT", help="what the set is called")
    add.add_argument("--version", required=True, metavar="TEXT", help="its version, as its publisher calls it")
    add.add_argument("--source", required=True, metavar="TEXT", help="who published it, and where it was got from")
    add.add_argument(
        "--kind",
        required=True,
        choices=[kind.value for kind in HashSetKind],
        help="known: the files are known, which says nothing of their being good; alert: somebody is to look at them",
    )
    add.add_argument(
        "file",
        type=Path,
        metavar="LIST",
        help="NSRL RDSv3, md5sum, sha1sum, sha256sum, hashdeep, CSV, one digest a line, Project VIC or CAID JSON",
    )
    listing = command(sets, "list", "list the sets", run_list)
    listing.add_argument("--removed", action="store_true", help="also those that were removed")
    remove = command(sets, "remove", "take a set out of use and delete its digests", run_remove, signs=True)
    remove.add_argument("--name", required=True, metavar="TEXT", help="as hash-set list has it")
    remove.add_argument("--version", required=True, metavar="TEXT", help="as hash-set list has it")
    remove.add_argument("--reason", required=True, metavar="TEXT", help="why it is removed")
    look = command(sets, "lookup", "say in which sets digests are; exit status 1 when one is in an alert", run_lookup)
    look.add_argument("digest", nargs="+", metavar="DIGEST", help="MD5, SHA-1 or SHA-256 in hexadecimal digits")
    words = "look all files of an image up in all sets; exit status 1 when one is in an alert"
    match = command(sets, "match", words, run_match, signs=True)
    case_argument(match)
    image_argument(match)


def run_import(args: argparse.Namespace) -> int:
    """Import a list; exit status 1 when something of it was not taken."""
    new = NewHashSet(
        name=args.name, version=args.version, source=args.source, kind=HashSetKind(args.kind), file=args.file
    )
    with signed_in(args) as (lab, actor):
        made = lab.hash_sets.add(actor, new, Progress(f"Importing {args.file.name}", unit=""))
    remarks = [document(one) for one in made.built.first]
    told = {**document(made.hash_set), "counts": dict(made.built.counts), "remarks": remarks, "warnings": made.warnings}
    answer(args, told, made.lines)
    return FINDING if made.built.counts.get("refused") else DONE


def run_list(args: argparse.Namespace) -> int:
    """List the sets."""
    with opened(args) as lab:
        sets = lab.hash_sets.list(removed=args.removed)
    rows = [
        [one.kind.value, one.label, one.counts, one.source, f"{one.recorded_at:%Y-%m-%d} by {one.recorded_by}"]
        + ([f"removed {one.removed_at:%Y-%m-%d}" if one.removed_at else ""] if args.removed else [])
        for one in sets
    ]
    answer(args, document(sets), table(rows) or ["No hash set is in this lab."])
    return DONE


def run_remove(args: argparse.Namespace) -> int:
    """Take a set out of use."""
    with signed_in(args) as (lab, actor):
        removed = lab.hash_sets.remove(actor, _named(lab, args).id, args.reason)
    words = "What was found in it is shown until an image is looked up again; the entries of the record stay."
    answer(args, document(removed), [f"Removed {removed.label}. {words}"])
    return DONE


def run_lookup(args: argparse.Namespace) -> int:
    """Look digests up."""
    try:
        digests = [bytes.fromhex(text) for text in args.digest]
    except ValueError as error:
        raise UsageError("A digest is written in hexadecimal digits.") from error
    with opened(args) as lab:
        found = {digest.hex(): lab.hash_sets.holding(digest) for digest in digests}
    lines = [f"{digest}  {'; '.join(one.words for one in sets) or 'in no set'}" for digest, sets in found.items()]
    answer(args, document(found), lines)
    return FINDING if any(one.kind is HashSetKind.ALERT for sets in found.values() for one in sets) else DONE


def run_match(args: argparse.Namespace) -> int:
    """Look an image up."""
    with signed_in(args) as (lab, actor):
        image = the_image(lab, the_case(lab, args).id, args)
        found = lab.hash_matching.look_up(actor, image.id, Progress("Looking up", unit=""))
    lines = [one.words for one in found]
    answer(args, document(found), lines or ["No hash set is in this lab, so nothing was looked up."])
    return FINDING if any(one.entries and one.hash_set.kind is HashSetKind.ALERT for one in found) else DONE


def _named(lab: Lab, args: argparse.Namespace) -> HashSet:
    for one in lab.hash_sets.list():
        if (one.name.casefold(), one.version) == (args.name.strip().casefold(), args.version.strip()):
            return one
    raise NotFoundError(f"There is no hash set {args.name} {args.version} in use.")
