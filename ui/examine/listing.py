"""What is read from a catalogue to list a place; called in worker threads."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from forensics_app.model.catalogue import FILE_KINDS
from forensics_app.model.filter_language.tree import Words
from ui.examine.places import FOLDER_KINDS, Narrowing, Order, Place, folders_first, query_of
from ui.examine.shelf import Reader
from ui.jobs import OnProgress
from ui.models import export
from ui.models.lazy_table import PAGE_ROWS

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
    from ui.models.cells import Column

T = TypeVar("T")
_FILE_KINDS = tuple(kind for kind in FILE_KINDS if kind not in FOLDER_KINDS)
CSV_ROWS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The ids of a list in their order, and the records of its first page; not ``complete`` when there are more."""

    ids: array[int]
    first: tuple[CatalogueEntry | None, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many entries a place holds, and how many of them each chip would leave."""

    entries: int
    deleted: int
    mismatch: int
    pictures: int


def stopping(reader: Callable[[], Reader], work: Callable[..., T], *args: object) -> Callable[[OnProgress], T]:
    """``work`` with a reader and ``args``, as a job: one that nobody waits for any more ends while it asks."""

    def asked(on_progress: OnProgress) -> T:
        opened = reader()
        with opened.stoppable(lambda: on_progress(0, 1)):
            return work(opened, *args)

    return asked


def first_page(reader: Reader, place: Place, narrowing: Narrowing, order: Order) -> Listed:
    """The first page in order, without looking at the rest; folders stand first where one folder is listed by name."""
    query = query_of(place, narrowing, order)
    entries: list[CatalogueEntry] = []
    complete = True
    for part in _parts(query, place, narrowing, order):
        if len(entries) == PAGE_ROWS:
            complete = complete and not reader.page(part, None, 1).entries
        else:
            page = reader.page(part, None, PAGE_ROWS - len(entries))
            entries += page.entries
            complete = complete and page.next is None
    return Listed(ids=array("q", [entry.id for entry in entries]), first=tuple(entries), complete=complete)


def beginning(reader: Reader, place: Place, narrowing: Narrowing, order: Order) -> Listed:
    """The first page where that can be had without looking at every row, else all ids with the first page's records.

    Most filters need the rows themselves, which an index in the order of the list does not hold.
    """
    asked = narrowing.filter
    if asked is None or (isinstance(asked, Words) and asked.column == "name"):
        return first_page(reader, place, narrowing, order)
    ids = ids_of(reader, place, narrowing, order)
    return Listed(ids=ids, first=aligned(reader, ids[:PAGE_ROWS]), complete=True)


def ids_of(reader: Reader, place: Place, narrowing: Narrowing, order: Order) -> array[int]:
    """All ids of a list in their order."""
    ids = array("q")
    for part in _parts(query_of(place, narrowing, order), place, narrowing, order):
        ids += reader.ids(part)
    return ids


def _parts(query: CatalogueQuery, place: Place, narrowing: Narrowing, order: Order) -> list[CatalogueQuery]:
    """The queries whose answers follow each other in a list."""
    if not folders_first(place, narrowing, order):
        return [query]
    parts = [replace(query, kinds=kinds) for kinds in (FOLDER_KINDS, _FILE_KINDS)]
    return parts[::-1] if order.descending else parts


def aligned(reader: Reader, ids: Sequence[int]) -> tuple[CatalogueEntry | None, ...]:
    """The records of ``ids``, one for each, None for one that is gone."""
    found = {entry.id: entry for entry in reader.rows(ids)}
    return tuple(found.get(entry_id) for entry_id in ids)


def count_place(reader: Reader, place: Place, narrowing: Narrowing) -> Counted:
    """The numbers on the chips: of the place with its words, each chip by itself."""
    base = Narrowing(filter=narrowing.filter, recursive=narrowing.recursive)

    def count(query: CatalogueQuery) -> int:
        return reader.count(query)

    return Counted(
        entries=count(query_of(place, Narrowing(recursive=narrowing.recursive), Order())),
        deleted=count(query_of(place, replace(base, deleted=True), Order())),
        mismatch=count(query_of(place, replace(base, mismatch=True), Order())),
        pictures=count(query_of(place, replace(base, pictures=True), Order())),
    )


def bytes_of(reader: Reader, ids: Sequence[int]) -> int:
    """The sizes of the files among ``ids``, added up."""
    return sum(entry.size_bytes for entry in reader.rows(ids) if entry.kind not in FOLDER_KINDS)


def write_csv(
    reader: Reader,
    ids: Sequence[int],
    heads: Sequence[str],
    columns: Sequence[Column[CatalogueEntry]],
    target: Path,
    on_progress: Callable[[int, int], None],
) -> int:
    """Write a list as CSV in UTF-8 with the mark that spreadsheets look for; return how many rows were written.

    The file gets its name only when it is complete.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("w", encoding="utf-8-sig", newline="") as file:
            file.write(export.as_csv([heads]))
            for lines in _lines(reader, ids, columns, on_progress):
                file.write(export.as_csv(lines))
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return len(ids)


def _lines(
    reader: Reader,
    ids: Sequence[int],
    columns: Sequence[Column[CatalogueEntry]],
    on_progress: Callable[[int, int], None],
) -> Iterator[list[list[str]]]:
    for start in range(0, len(ids), CSV_ROWS):
        some = reader.rows(ids[start : start + CSV_ROWS])
        yield [[column.cell(entry).whole for column in columns] for entry in some]
        on_progress(min(start + CSV_ROWS, len(ids)), len(ids))
