"""From the sections of a whole EWF set to what is needed to read it: volume, chunk map, metadata, digests, problems."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from evidence.errors import DamagedContainerError
from evidence.images.base import NOT_READ, STORED_DIGESTS, Region
from evidence.images.ewf_header import parse_header, parse_xheader
from evidence.images.ewf_records import (
    READ_ERRORS_MAX,
    EwfVolume,
    parse_digest,
    parse_hash,
    parse_read_errors,
    parse_sessions,
    parse_volume,
    parse_xhash,
    read_errors_words,
)
from evidence.images.ewf_sections import CUT, Problems, Section, walk
from evidence.images.ewf_set import SegmentSet
from evidence.images.ewf_table import Table, combine, read_table, settle
from evidence.images.ewf_tree import read_total_bytes
from evidence.images.source import SourceSet

SECTION_DATA_MAX_BYTES = 8 * 1024 * 1024
"""No section that is read whole is longer; the format's own limits are far below."""

_HEADERS = {"header2": parse_header, "header": parse_header, "xheader": parse_xheader}
_DIGESTS = {"hash": parse_hash, "digest": parse_digest, "xhash": parse_xhash}


@dataclass(slots=True, kw_only=True)
class Layout:
    """What the sections say.

    ``lost_at`` is the first chunk whose number is uncertain, or None; ``logical_bytes`` the size of the contents of
    all files in logical evidence, once it is known, and
    ``tree`` the section with the list of these files.
    """

    files: SourceSet
    problems: Problems
    logical: bool = False
    logical_bytes: int | None = None
    tree: Section | None = None
    volume: EwfVolume | None = None
    texts: dict[str, dict[str, str]] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    read_errors: list[Region] = field(default_factory=list)
    tracks: list[tuple[int, bool]] = field(default_factory=list)
    segments_used: int = 0
    listed: int = 0
    lost_at: int | None = None
    _open_table: Table | None = None
    _in_doubt: Section | None = None
    _error_sections: list[Section] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, str]:
        """The texts of all headers; where they differ, header2 holds, being Unicode."""
        said: dict[str, str] = {}
        for kind in ("xheader", "header", "header2"):
            said |= self.texts.get(kind, {})
        return said

    def read(self, segments: SegmentSet) -> EwfVolume:
        """Go through all segments to the end of the set.

        Raises:
            MissingSegmentError: The chain leads to a segment that is not there.
            DamagedContainerError: Nothing says how large the media is.
        """
        for index in range(len(self.files.paths)):
            end = self._read_segment(index)
            self.segments_used = index + 1
            if end.kind == "done":
                break
            if end.kind == "next" and self.segments_used == len(self.files.paths):
                raise segments.missing(self.segments_used + 1)
            if end.kind == CUT:
                what = (
                    "The segment ends without saying that the next one follows, or that it is the last: it is cut off."
                )
                self.problems.add(what, self._name(end), end.offset_bytes)
                self._lose()
        for path in self.files.paths[self.segments_used :]:
            self.problems.add("Named like a segment of the set, which is complete without it.", path.name, None)
        return self._finish()

    def _read_segment(self, index: int) -> Section:
        for section in walk(self.files, index, self.problems):
            if section.kind != "table2":
                self._close_table()
            self._take(section)
            last = section
        return last

    def _take(self, section: Section) -> None:
        kind = section.kind
        if not section.trusted and self._in_doubt is None:
            self._in_doubt = section
        if kind in ("volume", "disk", "data"):
            self._take_volume(section)
        elif kind == "table":
            self._open_table = read_table(self.files, section)
        elif kind == "table2":
            self._take_second_table(section)
        elif kind in _HEADERS:
            self._take_header(section)
        elif kind in _DIGESTS:
            self._take_digest(section)
        elif kind == "ltree" and self.logical:
            self._take_tree(section)
        elif kind in ("error2", "session"):
            self._error_sections.append(section)
        elif kind == "incomplete":
            self.problems.add("The acquisition says of itself that it is incomplete.", *self._place(section))
        elif kind != CUT and not section.known:
            self.problems.add("A section of an unknown type is passed over.", *self._place(section))
            self._lose()

    def _take_volume(self, section: Section) -> None:
        parsed = parse_volume(self._data(section))
        if parsed is None:
            self.problems.add("The description of the media is too short.", *self._place(section))
            return
        volume, sum_ok = parsed
        if self.logical:
            volume = replace(volume, logical_bytes=0)
        if not sum_ok:
            self.problems.add("The checksum of the description of the media is wrong.", *self._place(section))
        elif self.volume is None:
            fault = volume.fault()
            if fault is not None:
                raise DamagedContainerError(self._path(section), fault, section.data_bytes)
            self.volume = volume
        elif volume.set_identifier != self.volume.set_identifier:
            what = "This segment carries the identifier of another set: it may belong to another acquisition."
            self.problems.add(what, *self._place(section), about=STORED_DIGESTS)
        elif volume != self.volume:
            self.problems.add("The descriptions of the media differ; the first one is used.", *self._place(section))

    def _take_tree(self, section: Section) -> None:
        total = read_total_bytes(self.files, section)
        if total is None:
            self.problems.add("The list of the files is damaged.", *self._place(section))
        elif self.logical_bytes not in (None, total):
            self.problems.add("Two lists of files differ; the first one is used.", *self._place(section))
        elif self.tree is None:
            self.logical_bytes, self.tree = total, section

    def _take_header(self, section: Section) -> None:
        said = _HEADERS[section.kind](self._data(section))
        if said is None:
            self.problems.add(f'The text of the section "{section.kind}" is damaged.', *self._place(section))
        else:
            self.texts.setdefault(section.kind, said)

    def _take_digest(self, section: Section) -> None:
        said = _DIGESTS[section.kind](self._data(section))
        if said is None:
            what = f'The stored digests in the section "{section.kind}" are damaged and not used.'
            self.problems.add(what, *self._place(section), about=STORED_DIGESTS)
            return
        for name, value in said.items():
            if self.digests.setdefault(name, value) != value:
                what = f"Two different {name.upper()} digests are stored."
                self.problems.add(what, *self._place(section), about=STORED_DIGESTS)

    def _take_second_table(self, section: Section) -> None:
        twin = read_table(self.files, section)
        table, self._open_table = self._open_table, None
        if table is None:
            self.problems.add("A table is missing; its second copy is used.", *self._place(section))
            self._add_table(twin, "second copy of the table")
            return
        chosen = combine(table, twin)
        if not table.sound:
            where = self.files.paths[table.segment].name
            self.problems.add("A table is damaged; its second copy helps.", where, table.offset_bytes)
        elif not twin.sound or (twin.checksum, twin.count) != (table.checksum, table.count):
            self.problems.add("The second copy of a table is damaged, or differs.", *self._place(section))
        self._add_table(chosen, "table and its second copy")

    def _close_table(self) -> None:
        table, self._open_table = self._open_table, None
        if table is not None:
            self._add_table(table, "table")

    def _add_table(self, table: Table, what: str) -> None:
        table = settle(table)
        name = self.files.paths[table.segment].name
        if not table.sound:
            self.problems.add(
                f"The {what} is damaged: the chunks it lists cannot all be read.", name, table.offset_bytes
            )
        if table.count is None:
            self._lose()
            return
        self.listed += table.count
        self.tables.append(table)

    def _lose(self) -> None:
        if self.lost_at is None:
            self.lost_at = self.listed

    def _finish(self) -> EwfVolume:
        self._close_table()
        volume = self.volume
        if volume is None:
            raise DamagedContainerError(self.files.paths[0], "no undamaged section says how large the media is", None)
        if self.logical:
            volume = self._sized(volume)
        name = self.files.paths[0].name
        if volume.chunk_count != volume.chunks_needed and (volume.chunk_count or not self.logical):
            what = f"The media needs {volume.chunks_needed} chunks, but {volume.chunk_count} are announced."
            self.problems.add(what, name, None)
        if self.listed != volume.chunks_needed:
            what = f"The tables list {self.listed} chunks; the media has {volume.chunks_needed}."
            self.problems.add(what, name, None)
        else:
            self.lost_at = None
        if self.lost_at is not None and self.lost_at < self.listed:
            self.problems.add(f"Where the chunks from number {self.lost_at} on belong is not certain.", name, None)
        for section in self._error_sections:
            self._take_errors(section, volume)
        self._tell_errors()
        if self._in_doubt is not None and not self.digests:
            what = "No stored digest was found; it may have stood in what is damaged or cut off from here on."
            self.problems.add(what, *self._place(self._in_doubt), about=STORED_DIGESTS)
        return volume

    def _sized(self, volume: EwfVolume) -> EwfVolume:
        """The description of logical evidence with the size that the list of its files gives."""
        if self.logical_bytes is None:
            what = "the list of its files is damaged or missing, and nothing else says how large the media is"
            raise DamagedContainerError(self.files.paths[self.segments_used - 1], what, None)
        volume = replace(volume, logical_bytes=self.logical_bytes)
        fault = volume.fault()
        if fault is not None:
            raise DamagedContainerError(self.files.paths[0], fault, None)
        return volume

    def _take_errors(self, section: Section, volume: EwfVolume) -> None:
        data = self._data(section)
        if section.kind == "session":
            tracks = parse_sessions(data)
            if tracks is None:
                self.problems.add("The list of the sessions of the disc is damaged.", *self._place(section))
            else:
                self.tracks = tracks
            return
        parsed = parse_read_errors(data, volume.sector_bytes)
        if parsed is None:
            what = "The list of read errors of the acquisition is damaged."
            self.problems.add(what, *self._place(section), about=NOT_READ)
            return
        known = set(self.read_errors)
        self.read_errors += [region for region in parsed if region not in known]
        if len(self.read_errors) > READ_ERRORS_MAX:
            what = f"More than {READ_ERRORS_MAX} regions were not read at the acquisition; the others are not listed."
            self.problems.add(what, *self._place(section), about=NOT_READ)
            del self.read_errors[READ_ERRORS_MAX:]

    def _tell_errors(self) -> None:
        """One problem that carries every region, though its sentence names but a few."""
        if not self.read_errors:
            return
        what = read_errors_words(self.read_errors)
        place = self._place(next(section for section in self._error_sections if section.kind == "error2"))
        self.problems.add(what, *place, about=NOT_READ, regions=tuple(self.read_errors))

    def _data(self, section: Section) -> bytes:
        size = min(section.length_bytes, SECTION_DATA_MAX_BYTES)
        return self.files.read(section.segment, section.data_bytes, size)

    def _path(self, section: Section) -> Path:
        return self.files.paths[section.segment]

    def _name(self, section: Section) -> str:
        return self._path(section).name

    def _place(self, section: Section) -> tuple[str, int]:
        return self._name(section), section.offset_bytes
