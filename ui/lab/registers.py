"""The lists of places and of people who are not users."""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QCoreApplication

from forensics_app.model.register import Outsider, PlaceLine
from ui import text
from ui.lab.words import outsider_words, place_words
from ui.models.cells import Cell, Column, Kind

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
        *tree_columns(code_px=180, path_px=160),
        Column(
            key="state", title=_tr("State"), width_px=140,
            cell=lambda line: Cell(
                _tr("in use") if line.place.closed_at is None
                else _tr("closed {time}").format(time=text.time_text(line.place.closed_at, zone, to_minute=True))
            ),
        ),
    )  # fmt: skip


def outsider_columns(zone: tzinfo) -> tuple[Column[Outsider], ...]:
    """People who are not users."""
    return (
        Column(
            key="name", title=_tr("Name"), width_px=170, stretch=True,
            cell=lambda one: Cell(one.name, Kind.TWO, one.function, "person"),
        ),
        Column(key="kind", title=_tr("Who"), cell=lambda one: Cell(outsider_words(one.kind)), width_px=100),
        Column(
            key="organisation", title=_tr("Organisation"), width_px=150,
            cell=lambda one: Cell(one.organisation, Kind.TWO, one.identity),
        ),
        Column(key="contact", title=_tr("Contact"), cell=lambda one: Cell(one.contact), width_px=150),
        Column(
            key="state", title=_tr("State"), width_px=140,
            cell=lambda one: Cell(
                _tr("on the list") if one.ended_at is None
                else _tr("ended {time}").format(time=text.time_text(one.ended_at, zone, to_minute=True))
            ),
        ),
    )  # fmt: skip


def _within(line: PlaceLine) -> str:
    return line.path.removesuffix(line.place.code).removesuffix(" / ")


def _tr(words: str) -> str:
    return QCoreApplication.translate("Lab", words)
