"""What a search found, as rows of a table."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forensics_app.model.target import TargetArea
from ui.examine.words import tr, visible
from ui.models.cells import Cell, Column, Kind
from ui.models.lazy_table import LazyTableModel

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import EvidenceImage
    from forensics_app.model.search import SearchHit, SearchId, SearchInfo
    from forensics_app.model.tag import Tagged


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHit:
    """A hit with the path of what it is in, and the term that was looked for.

    Attributes:
        catalogue_sha256: Content of the catalogue whose entry the hit names, hex; in others that number is another's.
        tags: Names of the tags on it: on its bytes, or on the whole file that it is in.
    """

    hit: SearchHit
    path: str
    term: str
    catalogue_sha256: str
    tags: tuple[str, ...] = ()

    def is_in_catalogue_of(self, image: EvidenceImage) -> bool:
        """Whether the entry that it names is one of the catalogue that the image has."""
        return image.catalogue_sha256 is not None and image.catalogue_sha256.hex() == self.catalogue_sha256

    @property
    def where(self) -> str:
        """What it is in, in words."""
        volume = self.hit.volume_id
        match self.hit.space:
            case "unallocated":
                return tr("Unallocated space of {volume}").format(volume=volume)
            case "volume":
                return tr("Bytes of {volume}").format(volume=volume)
            case "slack":
                return tr("{volume}: slack of {path}").format(volume=volume, path=visible(self.path))
        return tr("{volume}: {path}").format(volume=volume, path=visible(self.path))

    @property
    def found(self) -> str:
        """The term, or what was detected."""
        return self.hit.kind or visible(self.term)

    @property
    def text(self) -> str:
        """What stands there."""
        return tr("marked: its content is not shown") if self.hit.is_hidden else visible(self.hit.text)

    @property
    def context(self) -> str:
        """What stands there, within what surrounds it."""
        if self.hit.is_hidden:
            return self.text
        before, after = self.hit.context()
        return f"{before[-24:]}\u2039{self.text}\u203a{after}"

    @property
    def offset(self) -> str:
        """Where in the content."""
        if self.hit.is_in_text:
            return tr("character {n}").format(n=f"{self.hit.offset_bytes:,}")
        return f"0x{self.hit.offset_bytes:X}"


class HitsModel(LazyTableModel[ShownHit]):
    """Hits that become more while the search runs; those that are shown stay where they are."""

    search_id: SearchId | None = None
    """The search that the rows are of."""

    def forget(self, search_id: SearchId) -> None:
        """Show nothing of another search than this one."""
        self.search_id = search_id
        self._reset(array("q"))

    def grow(self, ids: array[int]) -> None:
        """Show these; where they begin with those shown before, the others are put behind."""
        shown = len(self.ids)
        if shown and ids[:shown] == self.ids:
            self._append(ids)
        elif ids != self.ids:
            self._reset(ids)


def columns() -> tuple[Column[ShownHit], ...]:
    """The columns of the table."""
    return (
        Column(key="where", title=tr("Where"), cell=_where, width_px=300, narrow_px=220, wide_px=420),
        Column(key="term", title=tr("Found"), cell=lambda one: Cell(one.found), width_px=150),
        Column(key="context", title=tr("In its context"), cell=lambda one: Cell(one.context, Kind.MONO),
               width_px=380, stretch=True),
        Column(key="tags", title=tr("Tags"), cell=_tags, width_px=110, sortable=False),
        Column(key="offset", title=tr("Offset"), cell=lambda one: Cell(one.offset, Kind.MONO), width_px=120),
        Column(key="media", title=tr("On the media"), cell=_media, width_px=120),
        Column(key="encoding", title=tr("Written in"), cell=_encoding, width_px=110),
    )  # fmt: skip


def _where(one: ShownHit) -> Cell:
    icon = {"deleted": "file-deleted", "unallocated": "gap", "volume": "volume"}.get(one.hit.space, "file")
    return Cell(one.where, Kind.NAME, icon=icon, faded=one.hit.space == "deleted")


def _tags(one: ShownHit) -> Cell:
    return Cell("", Kind.TAGS, tags=one.tags)


def _media(one: ShownHit) -> Cell:
    at = one.hit.media_offset_bytes
    return Cell("" if at is None else f"0x{at:X}", Kind.MONO)


def _encoding(one: ShownHit) -> Cell:
    from forensics_app.model.search import ENCODINGS

    if one.hit.validity:
        return Cell(one.hit.validity)
    words = ENCODINGS.get(one.hit.encoding, one.hit.encoding).split(" (")[0]
    return Cell(tr("{encoding}, in its text").format(encoding=words) if one.hit.is_in_text else words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far a search is, and which of its hits are listed."""

    info: SearchInfo
    ids: array[int]
    counts: dict[int, int]


def read_search(
    lab: Lab, image: EvidenceImage, search_id: SearchId, term: int | None, order: tuple[str, bool]
) -> Reading:
    """Read which hits there are; in a worker thread."""
    with lab.searching.open(image, search_id) as found:
        ids = found.ids(term, order[0] or "id", descending=order[1])
        return Reading(info=found.info, ids=ids, counts=dict(found.term_counts()))


def read_rows(lab: Lab, image: EvidenceImage, search_id: SearchId, ids: Sequence[int]) -> list[ShownHit | None]:
    """Read a page of hits with the paths of what they are in; in a worker thread."""
    with lab.catalogues.open(image) as catalogue, lab.searching.open(image, search_id) as found:
        hits = {hit.id: hit for hit in found.rows(ids)}
        request, is_current, catalogue_sha256 = found.info.request, found.info.is_current, found.catalogue_sha256
        paths = found.paths(catalogue, hits.values())
        tags = _Tags(lab, lab.tags.of_image(image, catalogue)) if is_current else None

    def shown(hit: SearchHit) -> ShownHit:
        path = paths.get(hit.entry_id or 0) or tr("address {address}").format(address=hit.address)
        return ShownHit(
            hit=hit, path=path, term=request.term(hit.term), catalogue_sha256=catalogue_sha256,
            tags=tags.on(hit) if tags else (),
        )  # fmt: skip

    return [shown(hits[one]) if one in hits else None for one in ids]


class _Tags:
    """Finds the names of the tags on hits."""

    def __init__(self, lab: Lab, tagged: Tagged) -> None:
        self._names = {tag.id: tag.name for tag in lab.tags.all()}
        self._entries, self._parts, self._areas = tagged.entries, tagged.parts, tagged.areas

    def on(self, hit: SearchHit) -> tuple[str, ...]:
        """Of the whole file that it is in, and of its bytes."""
        span = (hit.offset_bytes, hit.length_bytes)
        is_slack = hit.space == "slack"
        if hit.entry_id is None:
            kind = TargetArea.UNALLOCATED if hit.space == "unallocated" else TargetArea.VOLUME
            found = [one for one in self._areas if (one.target.area, one.target.volume_id) == (kind, hit.volume_id)]
        else:
            found = list(self._parts.get(hit.entry_id, ()))
            found = [one for one in found if (one.target.area is TargetArea.SLACK) == is_slack]
        there = [one for one in found if (one.target.offset_bytes, one.target.length_bytes) == span]
        if hit.entry_id is not None and not is_slack:
            there = [*self._entries.get(hit.entry_id, ()), *([] if hit.is_in_text else there)]
        return tuple(dict.fromkeys(self._names[one.tag_id] for one in there))
