"""Turns a query on the catalogue into SQL. Values are always parameters; column names come from enums."""

from __future__ import annotations

from forensics_app.db.catalogue_condition import Condition, escaped
from forensics_app.db.catalogue_filter import condition_of_filter
from forensics_app.model.catalogue import CatalogueQuery, PageMark, SortColumn

_BEHIND_MARK = '"'
"""Follows the mark of archives: between a volume's id and the id with this lie those of the archives in it."""

_NO_CASE = frozenset({SortColumn.NAME, SortColumn.PATH})
_NULLABLE = frozenset(
    {column for column in SortColumn if column.endswith("_ns")} | {SortColumn.MD5, SortColumn.SHA256, SortColumn.MIME}
)


def condition_of(
    query: CatalogueQuery, *, is_whole: bool = False, local_fields: frozenset[str] = frozenset()
) -> Condition:
    """What narrows the entries.

    Args:
        query: What is asked for.
        is_whole: Whether all that it finds is wanted, not a page; see :func:`condition_of_filter`.
        local_fields: The times of which some volume of the catalogue has another basis than UTC.
    """
    found = Condition(text="", values=())
    if query.volume_id is not None:
        found = found.and_("volume_id >= ? AND volume_id < ?", query.volume_id, query.volume_id + _BEHIND_MARK)
    if query.folder_id is not None and query.recursive:
        found = found.and_(
            "id IN (WITH RECURSIVE below (id) AS (SELECT id FROM files WHERE parent_id = ?"
            " UNION SELECT files.id FROM files JOIN below ON files.parent_id = below.id) SELECT id FROM below)",
            query.folder_id,
        )
    elif query.folder_id is not None:
        found = found.and_("parent_id = ?", query.folder_id)
    if query.holding:
        found = found.and_("EXISTS (SELECT 1 FROM files AS inner_files WHERE inner_files.parent_id = files.id)")
    if query.top:
        found = found.and_("parent_id IS NULL")
    for column, flag in (("NOT allocated", query.deleted), ("orphan", query.orphan), ("mismatch", query.mismatch)):
        if flag is not None:
            found = found.and_(column if flag else f"NOT ({column})")
    if query.kinds:
        found = found.and_(f"kind IN ({', '.join('?' * len(query.kinds))})", *query.kinds)
    if query.mime is not None:
        found = found.and_("mime = ?", query.mime) if query.mime else found.and_("mime IS NULL")
    if query.mime_prefix:
        found = found.and_("mime LIKE ? ESCAPE '\\'", f"{escaped(query.mime_prefix)}%")
    if query.extension is not None:
        found = found.and_("extension = ?", query.extension)
    if query.min_size_bytes is not None:
        found = found.and_("size_bytes >= ?", query.min_size_bytes)
    if query.max_size_bytes is not None:
        found = found.and_("size_bytes <= ?", query.max_size_bytes)
    if query.filter is not None:
        is_all = is_whole and query.folder_id is None and not query.top
        part = condition_of_filter(query.filter, is_whole=is_all, local_fields=local_fields)
        found = found.and_(part.text, *part.values)
    return found


def order_of(query: CatalogueQuery, *, is_whole: bool = False) -> str:
    """The ORDER BY clause; ids decide between equals, so that the order is always the same.

    Where the whole of a filter is wanted, what it finds is sorted: to go through an index in that order and to look at
    every row of the table in turn takes ten times as long.
    """
    direction = "DESC" if query.descending else "ASC"
    if query.sort is SortColumn.ID:
        return f" ORDER BY id {direction}"
    no_index = "+" if is_whole and query.filter is not None else ""
    return f" ORDER BY {no_index}{collated(query.sort)} {direction}, id {direction}"


def behind(query: CatalogueQuery, mark: PageMark) -> tuple[str, tuple[object, ...]]:
    """The condition for what comes after a page's last entry. NULL is the smallest value, as SQLite sorts it."""
    compare = "<" if query.descending else ">"
    if query.sort is SortColumn.ID:
        return f"id {compare} ?", (mark.id,)
    column = collated(query.sort)
    nullable = query.sort in _NULLABLE
    if mark.value is None:
        rest = "" if query.descending else f"{column} IS NOT NULL OR "
        return f"({rest}({column} IS NULL AND id {compare} ?))", (mark.id,)
    text = f"({column}, id) {compare} (?, ?)"
    if query.descending and nullable:
        text = f"({text} OR {column} IS NULL)"
    return text, (mark.value, mark.id)


def collated(column: SortColumn) -> str:
    """A column as an ORDER BY clause and an index name it."""
    return f"{column.value} COLLATE NOCASE" if column in _NO_CASE else column.value
