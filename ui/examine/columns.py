"""The columns of the list of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from forensics_app.model.catalogue import SortColumn
from forensics_app.model.logical import volume_around
from ui import text
from ui.examine.stamps import field_names, stamp_cell
from ui.examine.words import content_cell, is_folder, name_cell, state_cell, tr, visible
from ui.models.cells import EMPTY, Cell, Column, Kind

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.tag import Tag

NAME, PATH = "name", "path"
TIME_COLUMNS = ("modified", "created", "accessed", "changed")
MORE_TIME_COLUMNS = ("deleted", "fn_modified", "fn_created", "fn_accessed", "fn_changed")
SORT_OF = {
    NAME: SortColumn.NAME,
    PATH: SortColumn.PATH,
    "size": SortColumn.SIZE,
    "content": SortColumn.MIME,
    "extension": SortColumn.EXTENSION,
    "address": SortColumn.ADDRESS,
    "md5": SortColumn.MD5,
    "sha256": SortColumn.SHA256,
    **{field: SortColumn(f"{field}_ns") for field in (*TIME_COLUMNS, *MORE_TIME_COLUMNS)},
}
_TIME_PX = 190
_HEADS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


@dataclass(frozen=True, slots=True)
class Shown:
    """How the page shows things at present: the zone of times, what is chosen for the report, and tags by entry."""

    zone: tzinfo
    zone_name: str
    chosen_ids: frozenset[int] = frozenset()
    tags: Mapping[int, tuple[Tag, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeColumn(Column["CatalogueEntry"]):
    """A column of times: its head names the zone that the page shows at present."""

    zone_name: Callable[[], str]

    def head(self, role: int) -> str | int | None:
        """The column's name and the zone."""
        if role in _HEADS:
            return f"{self.title}, {self.zone_name()}"
        return Column.head(self, role)


def file_columns(shown: Callable[[], Shown]) -> tuple[Column[CatalogueEntry], ...]:
    """The columns in their first order; ``shown`` tells how the page shows things when a cell is asked for."""
    return (
        Column(key=NAME, title=tr("Name"), cell=name_cell, width_px=150, stretch=True),
        Column(key=PATH, title=tr("Folder"), cell=_path_cell, width_px=260, narrow_px=170, wide_px=420, hidden=True),
        Column(key="state", title=tr("State"), cell=state_cell, width_px=102, sortable=False),
        Column(key="tags", title=tr("Tags"), cell=lambda e: _tags_cell(e, shown()), width_px=96, sortable=False),
        Column(key="size", title=tr("Size, bytes"), cell=_size_cell, width_px=92, wide_px=124, right=True),
        *(_time_column(field, shown, hidden=field in ("accessed", "changed")) for field in TIME_COLUMNS),
        Column(key="content", title=tr("Content"), cell=content_cell, width_px=176, narrow_px=108),
        Column(
            key="report",
            title=tr("Report"),
            cell=lambda entry: _report_cell(entry, shown()),
            width_px=78,
            sortable=False,
        ),
        Column(key="extension", title=tr("Extension"), cell=_extension_cell, width_px=84, hidden=True),
        Column(key="address", title=tr("Address"), cell=lambda e: Cell(e.address, Kind.MONO), width_px=96, hidden=True),
        Column(key="md5", title=tr("MD5 (legacy)"), cell=lambda e: _digest_cell(e.md5), width_px=270, hidden=True),
        Column(key="sha256", title="SHA-256", cell=lambda e: _digest_cell(e.sha256), width_px=500, hidden=True),
        *(_time_column(field, shown, hidden=True) for field in MORE_TIME_COLUMNS),
    )


def _time_column(field: str, shown: Callable[[], Shown], *, hidden: bool) -> TimeColumn:
    title = field_names()[field]
    return TimeColumn(
        key=field,
        title=f"{title} ($FN)" if field.startswith("fn_") else title,
        cell=lambda entry: stamp_cell(entry, field, shown().zone),
        zone_name=lambda: shown().zone_name,
        width_px=_TIME_PX,
        hidden=hidden,
    )


def _size_cell(entry: CatalogueEntry) -> Cell:
    return EMPTY if is_folder(entry) else Cell(text.count_text(entry.size_bytes), Kind.NUMBER)


def _path_cell(entry: CatalogueEntry) -> Cell:
    folder = entry.path[: -len(entry.name)].rstrip("/") if entry.path.endswith(entry.name) else entry.path
    return Cell(f"{volume_around(entry.volume_id)}{visible(folder)}/", Kind.PATH)


def _report_cell(entry: CatalogueEntry, shown: Shown) -> Cell:
    return Cell("", Kind.TAGS, tags=(tr("Chosen"),)) if entry.id in shown.chosen_ids else EMPTY


def _tags_cell(entry: CatalogueEntry, shown: Shown) -> Cell:
    tags = shown.tags.get(entry.id)
    if not tags:
        return EMPTY
    colours = tuple(f"tag_{tag.colour.value}" for tag in tags)
    return Cell("", Kind.TAGS, tags=tuple(tag.name for tag in tags), tag_colours=colours)


def _extension_cell(entry: CatalogueEntry) -> Cell:
    return Cell(visible(entry.extension), Kind.MUTED)


def _digest_cell(digest: bytes | None) -> Cell:
    return Cell(text.hex_text(digest), Kind.MONO) if digest else EMPTY
