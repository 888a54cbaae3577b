"""Times of files as they are shown: in the page's zone where their basis is UTC, never shifted where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from ui import text
from ui.examine.words import tr
from ui.models.cells import EMPTY, Cell, Kind

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry, Stamp

_SECOND_NS = 1_000_000_000
_STEPS = ((_SECOND_NS, "s"), (1_000_000, "ms"), (1_000, "µs"), (1, "ns"))
DAY_NS = 86_400 * _SECOND_NS


def stamp_text(stamp: Stamp, zone: tzinfo) -> str:
    """To the second, with the offset, ``local`` or ``date only`` behind it."""
    return _with_basis(stamp, zone, "")


def exact_text(stamp: Stamp, zone: tzinfo) -> str:
    """With as many digits after the second as the file system keeps."""
    return _with_basis(stamp, zone, _fraction(stamp))


def _with_basis(stamp: Stamp, zone: tzinfo, fraction: str) -> str:
    shown = text.time_of_ns(stamp.ns, zone if stamp.basis == "utc" else UTC)
    main, _, offset = shown.rpartition(" ")
    if "since" in main:
        return shown if stamp.basis == "utc" else main
    if stamp.basis == "utc":
        return f"{main}{fraction} {offset}"
    if stamp.basis == "date":
        return f"{main.split(' ')[0]} {tr('date only').replace(' ', text.NO_BREAK_SPACE)}"
    return f"{main}{fraction} {tr('local')}"


def _fraction(stamp: Stamp) -> str:
    if stamp.resolution_ns >= _SECOND_NS:
        return ""
    digits = 9 - (len(str(stamp.resolution_ns)) - 1)
    return "." + f"{stamp.ns % _SECOND_NS:09d}"[:digits]


def stamp_cell(entry: CatalogueEntry, field: str, zone: tzinfo) -> Cell:
    """A time in a table; empty where the file system keeps none."""
    stamp = entry.time(field)
    return Cell(stamp_text(stamp, zone), Kind.TIME) if stamp else EMPTY


def basis_words(stamp: Stamp) -> str:
    """What the number on the disk means."""
    return {
        "utc": tr("UTC on the disk"),
        "local": tr("wall time on the disk, of a zone that is not stored"),
        "date": tr("date alone on the disk, of a zone that is not stored"),
    }.get(stamp.basis, stamp.basis)


def resolution_text(resolution_ns: int) -> str:
    """The smallest step: ``100 ns``, ``2 s``, ``1 day``."""
    if resolution_ns >= DAY_NS:
        return text.plural(resolution_ns // DAY_NS, tr("1 day"), tr("{n} days"))
    for size_ns, unit in _STEPS:
        if resolution_ns >= size_ns and resolution_ns % size_ns == 0:
            return f"{resolution_ns // size_ns} {unit}"
    return f"{resolution_ns} ns"


def field_names() -> dict[str, str]:
    """The words for :data:`TIME_FIELDS`, in their order."""
    return {
        "modified": tr("Modified"),
        "accessed": tr("Accessed"),
        "changed": tr("Changed"),
        "created": tr("Created"),
        "deleted": tr("Deleted"),
        "fn_modified": tr("Modified"),
        "fn_accessed": tr("Accessed"),
        "fn_changed": tr("Changed"),
        "fn_created": tr("Created"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class StampLines:
    """Everything about one time: its name and source, how it reads in UTC and in the page's zone, what it means.

    ``utc`` is empty where the basis does not allow to tell it.
    """

    name: str
    shown: str
    utc: str
    meaning: str


def stamp_lines(entry: CatalogueEntry, zone: tzinfo) -> tuple[StampLines, ...]:
    """Every time that an entry has, in the order of the file system's fields."""
    made = []
    for field, name in field_names().items():
        stamp = entry.time(field)
        if stamp is None:
            continue
        step = tr("steps of {step}").format(step=resolution_text(stamp.resolution_ns))
        made.append(
            StampLines(
                name=f"{name}, {stamp.source}",
                shown=exact_text(stamp, zone),
                utc=exact_text(stamp, UTC) if stamp.basis == "utc" else "",
                meaning=f"{basis_words(stamp)}, {step}",
            )
        )
    return tuple(made)
