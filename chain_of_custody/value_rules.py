"""Whether the columns of the rows that are judged hold plain values: texts, whole numbers, truths, and null.

No table has room for anything else, and rows are found by what their columns hold. So an array or an object is named
where it stands, and counts as null from there on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from chain_of_custody.body import Change, Content

_MORE: Final = (list, dict)


def plain(content: Content, tables: Collection[str]) -> tuple[Content, list[str]]:
    """Return an entry as it counts, and what was not allowed about the values of its columns.

    Args:
        content: the entry.
        tables: those whose rows are judged.
    """
    told = [change for change in content.changes if change.table in tables and _holds_more(change)]
    if not told:
        return content, []
    counted = tuple(_without(change) if change in told else change for change in content.changes)
    found = [f"{content.action} puts into a column of {one.table} what is no text and no number." for one in told]
    return replace(content, changes=counted), found


def _holds_more(change: Change) -> bool:
    return any(type(old) in _MORE or type(new) in _MORE for old, new in change.set.values())


def _without(change: Change) -> Change:
    pairs = {
        column: (None if type(old) in _MORE else old, None if type(new) in _MORE else new)
        for column, (old, new) in change.set.items()
    }
    return replace(change, set=pairs)
