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
from forensics_app.db.catalogue_query import collated, condition_of, order_of
from forensics_app.db.catalogue_schema import ORDERED_BY
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.filter_language.tree import Words

MAX_AT_ONCE = 3_000_000
"""With more entries the text would take too much memory, and the ids come row by row."""

_LARGE_FOLDER, _MOST_TIMES = 10_000, 10
"""With fewer entries a folder is sorted at once; so is one of a catalogue with more than so many times its entries."""
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
    within = _in_row(db, query, entries)
    if within is not None:
        index, condition, order = within
        table = f"files INDEXED BY {index}"
    else:
        condition, order = _condition_and_order(query, local_fields)
        table = "files"
    statement = f"SELECT id FROM {table}{condition.where}{order}"
    if entries > MAX_AT_ONCE:
        return array("q", map(_FIRST, db.execute(statement, condition.values)))
    statement = f"SELECT group_concat(id) FROM ({statement})"
    return numbers(db.execute(statement, condition.values).fetchone()[0] or "")


def _in_row(db: sqlite3.Connection, query: CatalogueQuery, entries: int) -> tuple[str, Condition, str] | None:
    """The index, condition and order that find all of a large folder without reading a row or sorting; None elsewhere.

    A folder's entries are listed one behind the other, so their ids mostly have no gaps: a range of ids in the index
    that has the order. To sort them takes five times as long; a volume's condition is that of the folder itself.
    """
    whole = CatalogueQuery(
        folder_id=query.folder_id, volume_id=query.volume_id, sort=query.sort, descending=query.descending
    )
    index = ORDERED_BY.get(collated(query.sort))
    if query != whole or query.folder_id is None or index is None:
        return None
    first, last, count = db.execute(
        "SELECT min(id), max(id), count(*) FROM files WHERE parent_id = ?", (query.folder_id,)
    ).fetchone()
    if count < _LARGE_FOLDER or count * _MOST_TIMES < entries or last - first + 1 != count:
        return None
    of_folder = condition_of(CatalogueQuery(volume_id=query.volume_id)).and_("id = ?", query.folder_id)
    is_of_volume = db.execute(f"SELECT 1 FROM files{of_folder.where}", of_folder.values).fetchone()
    has_index = db.execute("SELECT 1 FROM sqlite_master WHERE type = 'index' AND name = ?", (index,)).fetchone()
    if not (is_of_volume and has_index):
        return None
    return index, Condition(text="+id BETWEEN ? AND ?", values=(first, last)), order_of(query)


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
