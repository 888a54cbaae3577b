"""What a search found or left out, as rows of its file."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.filesystems.ranges import SLACK
from evidence.search.searching import Piece, Searched
from evidence.search.task import ACROSS, BOTH, VOLUME
from forensics_app.db.search_file import HitRow, MissedRow
from forensics_app.services.search_plan import Spaces
from forensics_app.services.search_spaces import BETWEEN, GAPS

HIDDEN = "It is marked, and was left out"


def left_out(piece: Piece) -> MissedRow:
    """That a content is marked and was not looked through, for the first of its pieces."""
    begin = piece[4]
    whence = f" from byte {begin:,} on" if begin else ""
    return piece[7] or None, *piece[1:4], begin, 0, f"{HIDDEN}{whence}: its content is not shown."


def spaces_left_out(spaces: Spaces) -> Iterator[MissedRow]:
    """What of volumes cannot be looked through beside contents."""
    for key, why in spaces.items():
        if isinstance(why, str):
            volume_id, kind = key.rsplit(" ", 1)
            space = "volume" if kind in ("locked", GAPS, ACROSS, BETWEEN) else "unallocated"
            yield None, volume_id, "", space, 0, 0, why


def rows_of(found: Searched) -> tuple[list[HitRow], list[MissedRow]]:
    """The hits of a unit, and what of it was missed."""
    hits, missed = list[HitRow](), list[MissedRow]()
    pieces = {piece[0]: piece for piece in found.unit.pieces}  # their numbers have gaps where some are left out
    for kind, number, place, *rest in found.items:
        piece = pieces[number]
        where = (piece[7] or None, piece[1], "" if piece[3] == VOLUME else piece[2], piece[3])
        if ACROSS in (place, piece[3]):  # bytes of the volume, which are hidden with the content that they belong to
            where = (None, piece[1], piece[2].partition(BOTH)[0].removesuffix(SLACK), VOLUME)
        if kind == "hits":
            hits += ((*where, int(place == "text"), *hit) for hit in rest[0])
        else:
            missed.append((*where, *rest))
    return hits, missed
