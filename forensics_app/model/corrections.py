"""Which entry corrects which: one answer for screens and reports."""

from __future__ import annotations

from collections.abc import Iterable

from forensics_app.model.custody import CustodyEvent


def corrected_by(events: Iterable[CustodyEvent]) -> dict[int, int]:
    """For each entry that wrote a corrected column last, the number of the entry that corrects it.

    Args:
        events: The entries about one thing, oldest first.
    """
    written: dict[tuple[str, str, str], int] = {}
    found: dict[int, int] = {}
    for event in events:
        for change in event.changes:
            place = (change.table, change.row_id, change.column)
            if event.action == "exhibit.correct" and place in written:
                found[written[place]] = event.sequence
            written[place] = event.sequence
    return found
