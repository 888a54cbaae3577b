"""Ids of a catalogue's entries in the order of a query, for a million entries at once.

To fetch a million rows of one id each takes the driver twice as long as to fetch one text of all ids and to read that
as JSON. SQLite keeps the order of a sorted subquery for ``group_concat``, and lets other threads run while it sorts,
which Python does not.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from operator import itemgetter

from forensics_app.db.catalogue_condition import Condition
from forensics_app.db.catalogue_filter import INDEXED
from forensics_app.db.catalogue_query import condition_of, order_of
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words

MAX_AT_ONCE = 3_000_000
"""With more entries the text would take too much memory, and the ids come row by row."""

_PIECE_LETTERS = 64 * 1024
_FIRST = itemgetter(0)


def sorted_ids(
    db: sqlite3.Connection, query: CatalogueQuery, entries: int, local_fields: frozenset[str] = frozenset()
) -> array[int]:
    """All ids that a query finds, in its order.

    Args:
        db: The catalogue.
        query: What is asked for.
        entries: How many entries the whole catalogue has.
        local_fields: The times of which some volume has another basis than UTC.
    """
    condition, order = _condition_and_order(query, local_fields)
    statement = f"SELECT id FROM files{condition.where}{order}"
    if entries > MAX_AT_ONCE:
        return array("q", map(_FIRST, db.execute(statement, condition.values)))
    statement = f"SELECT group_concat(id) FROM ({statement})"
    return numbers(db.execute(statement, condition.values).fetchone()[0] or "")


def _condition_and_order(query: CatalogueQuery, local_fields: frozenset[str]) -> tuple[Condition, str]:
    """A text in a name or path, and nothing else, is found in the index alone, if SQLite may not go by the table."""
    text = query.filter
    alone = CatalogueQuery(filter=text, descending=query.descending)
    if query == alone and isinstance(text, Words) and text.column in INDEXED:
        return condition_of(query), f" ORDER BY +id {'DESC' if query.descending else 'ASC'}"
    return condition_of(query, is_whole=True, local_fields=local_fields), order_of(query, is_whole=True)


def numbers(text: str) -> array[int]:
    """The numbers in a list, read piece by piece: no other thread runs while one piece is read."""
    found, start = array("q"), 0
    while start < len(text):
        end = text.find(",", start + _PIECE_LETTERS)
        end = len(text) if end < 0 else end
        found.extend(json.loads(f"[{text[start:end]}]"))
        start = end + 1
    return found
