"""What an Ex01 says of its acquisition: when it was made, and what could not be read then.

libewf puts the times to the zone of the computer that it runs on, without naming it, and its Python binding does not
give the read errors.

Source: "Expert Witness Compression Format 2 specification", J. Metz, libewf documentation; "Case data", "Error table".
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evidence.images.base import NOT_READ, Problem, Region
from evidence.images.ewf2_sections import Section2
from evidence.images.ewf_header import parse_case_times
from evidence.images.ewf_records import READ_ERRORS_MAX, read_errors_words, sum_is_right
from evidence.images.source import SourceSet

CASE_DATA, ERROR_TABLE = 2, 5
_DATA_MAX_BYTES = 8 * 1024 * 1024
_COUNT_BYTES, _HEADER_BYTES, _ENTRY_BYTES = 20, 32, 16
_DAMAGED = "The list of read errors of the acquisition is damaged."
_MANY = f"More than {READ_ERRORS_MAX} regions were not read at the acquisition; the others are not listed."


@dataclass(slots=True)
class Acquisition2:
    """Collected from the sections of a set.

    Attributes:
        times: ``acquired_at`` and ``system_date`` in ISO 8601, in UTC, as far as they are said.
    """

    times: dict[str, str] = field(default_factory=dict)
    _errors: list[Section2] = field(default_factory=list)

    def take(self, files: SourceSet, section: Section2) -> None:
        """Keep what a section says of the acquisition, if it does."""
        if section.kind == CASE_DATA:
            said: Mapping[str, str] = parse_case_times(_data(files, section)) or {}
            self.times = {**said, **self.times}
        elif section.kind == ERROR_TABLE:
            self._errors.append(section)

    def problems(self, files: SourceSet, sector_bytes: int) -> Iterator[Problem]:
        """What the acquisition could not read: one problem that carries every region."""
        regions: dict[Region, None] = {}
        for section in self._errors:
            sectors = parse_error_table(_data(files, section))
            name, at = files.paths[section.segment].name, section.data_bytes
            if sectors is None:
                yield Problem(what=_DAMAGED, where=name, offset_bytes=at, about=NOT_READ)
                continue
            for start, count in sectors:
                regions[Region(offset_bytes=start * sector_bytes, length_bytes=count * sector_bytes)] = None
            if len(regions) > READ_ERRORS_MAX:
                break
        if not regions:
            return
        listed = tuple(regions)[:READ_ERRORS_MAX]
        if len(listed) < len(regions):
            yield Problem(what=_MANY, where=name, offset_bytes=at, about=NOT_READ)
        yield Problem(what=read_errors_words(listed), where=name, offset_bytes=at, about=NOT_READ, regions=listed)


def parse_error_table(data: bytes) -> Sequence[tuple[int, int]] | None:
    """First sector and number of sectors of each region that an error table lists; None if it is damaged."""
    if len(data) < _HEADER_BYTES or not sum_is_right(data[:_COUNT_BYTES]):
        return None
    end = _HEADER_BYTES + _ENTRY_BYTES * int.from_bytes(data[:4], "little")
    if len(data) < end + 4 or not sum_is_right(data[_HEADER_BYTES : end + 4]):
        return None
    return list(struct.iter_unpack("<QI4x", data[_HEADER_BYTES:end]))


def _data(files: SourceSet, section: Section2) -> bytes:
    return files.read(section.segment, section.data_bytes, min(section.length_bytes, _DATA_MAX_BYTES))
