"""The lists of places and of people who are not users."""

from __future__ import annotations

from datetime import datetime, tzinfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.register import Outsider, PlaceLine
from ui import text
from ui.lab.words import outsider_words, place_words
from ui.models.cells import Cell, Column, Kind
from ui.tones import Tone

_INDENT = "    "


def tree_columns(*, code_px: int, path_px: int) -> tuple[Column[PlaceLine], ...]:
    """Places as a tree: each under the one it lies in."""
    return (
        Column(
            key="code", title=_tr("Code"), width_px=code_px,
            cell=lambda line: Cell(f"{_INDENT * line.depth}{line.place.code}", Kind.STRONG),
            sort_key=lambda line: line.path,
        ),
        Column(key="kind", title=_tr("Kind"), cell=lambda line: Cell(place_words(line.place.kind)), width_px=92),
        Column(key="name", title=_tr("Name"), cell=lambda line: Cell(line.place.name), width_px=160, stretch=True),
        Column(key="path", title=_tr("Lies in"), cell=lambda line: Cell(_within(line), Kind.MUTED), width_px=path_px),
    )  # fmt: skip


def place_columns(zone: tzinfo) -> tuple[Column[PlaceLine], ...]:
    """Places as a tree, with whether each is in use."""
    return (
        *tree_columns(code_px=140, path_px=132),
        Column(key="state", title=_tr("State"), width_px=92, cell=_place_state),
        Column(
            key="closed", title=_tr("Closed"), width_px=184,
            cell=lambda line: Cell(_moment(line.place.closed_at, zone), Kind.TIME),
        ),
    )  # fmt: skip


def outsider_columns(zone: tzinfo) -> tuple[Column[Outsider], ...]:
    """People who are not users."""
    return (
        Column(
            key="name", title=_tr("Name"), width_px=170, stretch=True,
            cell=lambda one: Cell(one.name, Kind.TWO, one.function, "person"),
        ),
        Column(key="kind", title=_tr("Who"), cell=lambda one: Cell(outsider_words(one.kind)), width_px=92),
        Column(
            key="organisation", title=_tr("Organisation"), width_px=168,
            cell=lambda one: Cell(one.organisation, Kind.TWO, one.identity),
        ),
        Column(key="contact", title=_tr("Contact"), cell=lambda one: Cell(one.contact), width_px=136, wide_px=220),
        Column(key="state", title=_tr("State"), width_px=112, cell=_outsider_state),
        Column(
            key="ended", title=_tr("Taken off"), width_px=112,
            cell=lambda one: Cell(_moment(one.ended_at, zone), Kind.TIME),
        ),
    )  # fmt: skip


def _place_state(line: PlaceLine) -> Cell:
    return _mark(_tr("In use")) if line.place.closed_at is None else _mark(_tr("Closed"), ended=True)


def _outsider_state(one: Outsider) -> Cell:
    return _mark(_tr("On the list")) if one.ended_at is None else _mark(_tr("Taken off"), ended=True)


def _mark(words: str, *, ended: bool = False) -> Cell:
    return Cell(words, Kind.MARK, tone=Tone.LOCK if ended else Tone.DONE)


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return text.time_text(at, zone, to_minute=True) if at else ""


def _within(line: PlaceLine) -> str:
    return line.path.removesuffix(line.place.code).removesuffix(" / ")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Lab", words)
