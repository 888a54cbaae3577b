"""``view``: what a file of a known format holds: tables, trees and texts."""

from __future__ import annotations

import argparse

from forensics_app.cli.common import DONE, Parsers, Progress, answer, case_argument, command, opened, table, the_case
from forensics_app.cli.documents import document
from forensics_app.cli.lookup import entry_arguments, the_entry, the_image
from forensics_app.errors import NotFoundError, UsageError
from forensics_app.model.catalogue import CatalogueEntry
from forensics_app.model.image import EvidenceImage
from forensics_app.model.viewing import MOST_ROWS, PAGES, TABLE, TEXT, Part, Row
from forensics_app.services.viewing import Viewing

_LONGEST_CELL = 80


def add_parser(parsers: Parsers) -> None:
    """Add the command."""
    parser = command(
        parsers, "view", "what a database, hive, event log, e-mail, document ... holds, by its content", run
    )
    case_argument(parser)
    entry_arguments(parser)
    parser.add_argument("--part", type=int, metavar="N", help="which part, from 1; without it the parts are listed")
    parser.add_argument("--node", default="", metavar="KEY", help="of a tree: what lies in this node, and its rows")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first row to be shown, from 1")
    parser.add_argument("--rows", type=int, default=200, metavar="N", help=f"how many, at most {MOST_ROWS:,}")


def run(args: argparse.Namespace) -> int:
    """Show the parts, or one of them."""
    if args.first < 1 or args.rows < 1:
        raise UsageError("--first and --rows count from 1.")
    with opened(args) as lab:
        image = the_image(lab, the_case(lab, args).id, args)
        entry = the_entry(lab, image, args)
        viewing = lab.examine.viewing
        sheet = viewing.open(image, entry, Progress("Reading"))
        if args.part is None:
            with_states = any(part.state for part in sheet.parts)
            heads = ("Part", "Title", "Kind", "Rows", *(("State",) if with_states else ()))
            listed = [
                (str(n), part.title, part.kind, f"{part.count:,}", *((part.state,) if with_states else ()))
                for n, part in enumerate(sheet.parts, 1)
            ]
            lines = [sheet.format, *sheet.remarks, *table([heads, *listed])]
            answer(args, document(sheet), lines)
            return DONE
        if not 1 <= args.part <= len(sheet.parts):
            raise NotFoundError(f"There is no part {args.part}: it has {len(sheet.parts)}.")
        _tell(args, viewing, image, entry, sheet.parts[args.part - 1])
    return DONE


def _tell(args: argparse.Namespace, viewing: Viewing, image: EvidenceImage, entry: CatalogueEntry, part: Part) -> None:
    if part.kind == PAGES:
        raise UsageError("Pages are pictures, which are shown in the window.")
    if part.kind == TEXT:
        text = viewing.text(image, entry, part.key)
        answer(args, text, text.split("\n"))
        return
    nodes = () if part.kind == TABLE else viewing.nodes(image, entry, part.key, args.node)
    asks_rows = part.kind == TABLE or args.node
    found = viewing.rows(image, entry, part.key, args.first - 1, args.rows, args.node) if asks_rows else None
    rows = found.rows if found else ()
    told = [{"key": node.key, "name": node.words, "value": node.second} for node in nodes]
    lines = [f"{node.key}  {node.words}  {node.second}" for node in nodes]
    lines += table([part.columns, *map(_short, rows)]) if rows else []
    answer(args, {"nodes": told, "columns": part.columns, "rows": rows, "total": found.total if found else 0}, lines)


def _short(row: Row) -> Row:
    """For a line of the terminal; ``--json`` has all of it."""
    return tuple(cell if len(cell) <= _LONGEST_CELL else f"{cell[:_LONGEST_CELL]}\u2026" for cell in row)
