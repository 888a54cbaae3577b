"""The lists of files in the annex of a report: what filters leave of images, read as they are drawn."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload
from uuid import UUID
from zoneinfo import ZoneInfo

from forensics_app.errors import RefusedError
from forensics_app.model import dossier as paper
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery, SortColumn
from forensics_app.model.filter_language.completion import remarks
from forensics_app.model.filter_language.parser import parse
from forensics_app.model.filter_language.vocabulary import vocabulary_of
from forensics_app.model.image import EvidenceImage, OnProgress
from forensics_app.model.names import storable
from forensics_app.model.report import ListChoice, ReportRequest, Section
from forensics_app.model.report_parts import MOST_LISTED_FILES
from forensics_app.model.retold import retold_notes
from forensics_app.model.told import Told
from forensics_app.services.chosen import state_words
from forensics_app.services.dossier_evidence import TIME_LABELS
from forensics_app.services.examine import Examine
from forensics_app.services.hidden_names import NOT_PRINTED, HiddenNames
from forensics_app.services.volume_words import place_words

_FIELDS = ("modified", "accessed", "changed", "created")
_AT_ONCE = 500


@dataclass(slots=True)
class _Count:
    """How many rows were read of those that all lists of a report have."""

    on_progress: OnProgress
    done: int = 0
    total: int = 0

    def add(self, rows: int) -> None:
        self.done += rows
        self.on_progress(min(self.done, self.total), self.total)


def file_lists(
    examine: Examine,
    images: Mapping[UUID, EvidenceImage],
    request: ReportRequest,
    on_progress: OnProgress = lambda done, total: None,
    *,
    most: int = MOST_LISTED_FILES,
    readings: int = 1,
) -> tuple[paper.FileList, ...]:
    """The lists of a report, one for each volume in which a choice finds something.

    ``on_progress`` is told how many of their rows were read, also later, when they are drawn, which is done so many
    times as ``readings`` says; what it raises stops it.

    Raises:
        RefusedError: A list is of no image of the case, or all of them together are too long.
        CatalogueError: There is no catalogue of an image, or it cannot be used.
        MatchesError: It cannot be told what of an image is concealed.
    """
    if Section.LISTS not in request.printed:
        return ()
    found: list[paper.FileList] = []
    count = _Count(on_progress)
    for choice in request.lists:
        image = images.get(choice.image_id)
        if image is None:
            raise RefusedError(f"The list “{choice.title}” is of an image that this case does not have.")
        found += _lists(examine, image, choice, request.zone, count)
        rows = sum(len(one.rows) for one in found)
        count.total = rows * readings
        if rows > most:
            raise RefusedError(
                f"The lists of the report hold more than {most:,} files with “{choice.title}”.",
                then="Narrow its filter, or take a list out.",
            )
    return tuple(found)


def listed_entries(listed: paper.FileList) -> Iterator[tuple[CatalogueEntry, tuple[str, ...], bool]]:
    """The entries of a list of :func:`file_lists`, with the fields of its times, and whether each is hidden."""
    rows = listed.rows
    assert isinstance(rows, _Rows)
    return ((entry, rows.fields, is_hidden) for entry, is_hidden, _ in rows.entries(rows.ids))


def _lists(
    examine: Examine, image: EvidenceImage, choice: ListChoice, zone: str, count: _Count
) -> Iterator[paper.FileList]:
    """One list for each volume that something is found in; an empty one where nothing is."""
    expression = parse(choice.filter, ZoneInfo(zone))
    by_volume: dict[str, array[int]] = {}
    with examine.catalogues.open(image) as catalogue:
        volumes, rules = catalogue.volumes(), catalogue.time_rules()
        known = vocabulary_of(catalogue.header, volumes, catalogue.type_counts(), rules)
        said = remarks(expression, examine.catalogues.with_outside(image, catalogue, known)) if expression else ()
        ids = catalogue.ids(CatalogueQuery(filter=expression, sort=SortColumn.PATH))
        for start in range(0, len(ids), _AT_ONCE):
            count.add(0)
            for entry in catalogue.rows(ids[start : start + _AT_ONCE]):
                by_volume.setdefault(entry.volume_id, array("q")).append(entry.id)
    words = "Entries that this filter leaves, times in {zone}: {filter}" if choice.filter.strip() else "All entries"
    selection = Told(words, zone=zone, filter=choice.filter.strip())
    for volume_id in [one.id for one in volumes if one.id in by_volume] or [""]:
        place = place_words(volumes, volume_id) if volume_id else Told("none: nothing was found")
        columns = {
            rule.field: paper.TimeColumn(
                label=TIME_LABELS[rule.field], source=rule.source, basis=rule.basis, resolution_ns=rule.resolution_ns
            )
            for rule in rules
            if rule.volume_id == volume_id and rule.field in _FIELDS
        }
        yield paper.FileList(
            title=f"{choice.title}: {place}" if len(by_volume) > 1 else choice.title,
            image=image.number,
            volume=place,
            selection=selection,
            remarks=said,
            catalogue_sha256=image.catalogue_sha256,
            time_columns=tuple(columns.values()),
            rows=_Rows(examine, image, by_volume.get(volume_id, array("q")), tuple(columns), count),
        )


@dataclass(frozen=True, eq=False)
class _Rows(Sequence[paper.ListedFile]):
    """Rows read when they are asked for, some hundred at once."""

    examine: Examine
    image: EvidenceImage
    ids: array[int]
    fields: tuple[str, ...]
    read: _Count = field(repr=False)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> paper.ListedFile: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[paper.ListedFile]: ...
    def __getitem__(self, at: int | slice) -> paper.ListedFile | Sequence[paper.ListedFile]:
        if isinstance(at, slice):
            return tuple(self._read(self.ids[at]))
        return next(self._read(array("q", [self.ids[at]])))

    def __iter__(self) -> Iterator[paper.ListedFile]:
        return self._read(self.ids)

    def _read(self, ids: array[int]) -> Iterator[paper.ListedFile]:
        for entry, is_hidden, note in self.entries(ids):
            yield self._row(entry, note, is_hidden=is_hidden)

    def entries(self, ids: array[int]) -> Iterator[tuple[CatalogueEntry, bool, str | None]]:
        """Each entry, whether it is hidden, and what can be told of its note."""
        if not ids:
            return
        with self.examine.catalogues.open(self.image) as catalogue:
            hidden = HiddenNames(self.examine, self.image, catalogue)
            for start in range(0, len(ids), _AT_ONCE):
                entries = catalogue.rows(ids[start : start + _AT_ONCE])
                self.read.add(len(entries))
                concealed = self.examine.concealing.why(self.image, entries, also_seen=True)
                for entry in entries:
                    is_hidden = (entry.volume_id, entry.address) in concealed or hidden.hold(
                        entry.volume_id, entry.address, storable(entry.path), entry.sha256
                    )
                    is_told = bool(entry.note) and (is_hidden or hidden.are_told_in(entry.note or ""))
                    yield entry, is_hidden, None if is_told else entry.note

    def _row(self, entry: CatalogueEntry, note: str | None, *, is_hidden: bool) -> paper.ListedFile:
        times = (entry.times.get(field) for field in self.fields)
        return paper.ListedFile(
            path=NOT_PRINTED if is_hidden else storable(entry.path),
            address=entry.address,
            state=state_words(entry),
            size_bytes=entry.size_bytes,
            times_ns=tuple(None if time is None else time.ns for time in times),
            sha256=entry.sha256,
            mime=entry.mime,
            name_bytes=None if is_hidden else entry.name_bytes,
            note=retold_notes(note) if note else note,
        )
