"""Writes the files that a report cites as a body file of the Sleuth Kit, for other tools of timelines.

Version 3, https://wiki.sleuthkit.org/index.php?title=Body_file. It knows whole seconds of UTC only: a wall time is put
to UTC by the zone that the report names for it, and a date stands at its midnight there, on a line that says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from forensics_app.model.dossier import ChosenFile, CitedFile, Dossier, FileList, ListedFile, Section
from forensics_app.model.names import line_text
from forensics_app.model.timeline import to_utc

NONE_CITED = "# The report cites no file: none was chosen, cited by a finding, or listed."
"""A line that readers of body files pass over."""
_SECOND_NS = 1_000_000_000
_ORDER = ("Accessed", "Modified", "Entry changed", "Created")
_FILE_NAME = ", file name"
_SUFFIXES = {"": "", "date": " (date only)", _FILE_NAME: " ($FILE_NAME)"}


class _Time(NamedTuple):
    label: str
    ns: int | None
    basis: str


def write_bodyfile(dossier: Dossier, target: BinaryIO) -> None:
    """Write a line for each file and kind of its times.

    Args:
        dossier: What the report says; long lists are read once, in order.
        target: An open binary file.

    Raises:
        OSError: It cannot be written.
    """
    zone = dossier.head.zone_of_local_times
    if not cites_files(dossier):
        target.write(f"{NONE_CITED}\n".encode())
    for file in dossier.files:
        target.write("".join(_chosen(file, zone)).encode())
    for cited in cited_files(dossier):
        target.write("".join(_cited(cited, zone)).encode())
    for listed in dossier.file_lists:
        for row in listed.rows:
            target.write("".join(_listed(listed, row, zone)).encode())


def cited_files(dossier: Dossier) -> Iterator[CitedFile]:
    """The files of the findings that the report prints, by the number of the finding."""
    if Section.FINDINGS in dossier.printed:
        yield from (one.file for one in dossier.findings_of(Section.FINDINGS) if one.file is not None)


def cites_files(dossier: Dossier) -> bool:
    """Whether the report cites any file: chosen, by a finding, or in a list."""
    return bool(dossier.files or any(cited_files(dossier)) or any(len(one.rows) for one in dossier.file_lists))


def _cited(file: CitedFile, zone: str) -> Iterator[str]:
    times = [_Time(one.label, one.ns, one.basis) for one in file.times]
    state = "" if file.state == "allocated" else f" ({file.state})"
    place = f"[{file.image} {file.volume}] {file.path}"
    yield from _lines("0", place, state, file.address, file.size_bytes, times, zone)


def _chosen(file: ChosenFile, zone: str) -> Iterator[str]:
    times = [_Time(one.label, one.ns, one.basis) for one in file.times]
    md5 = next((value.hex() for name, value in file.digests if name == "MD5"), "0")
    state = "" if file.allocated else " (deleted-realloc)" if file.realloc else " (deleted)"
    place = f"[{file.image} {file.volume}] {file.path}"
    yield from _lines(md5, place, state, file.address, file.size_bytes, times, zone)


def _listed(listed: FileList, row: ListedFile, zone: str) -> Iterator[str]:
    columns = zip(listed.time_columns, row.times_ns, strict=True)
    times = [_Time(column.label, ns, column.basis) for column, ns in columns]
    state = "" if row.state == "allocated" else f" ({row.state})"
    place = f"[{listed.image} {listed.volume}] {row.path}"
    yield from _lines("0", place, state, row.address, row.size_bytes, times, zone)


def _lines(
    md5: str, place: str, state: str, address: str, size_bytes: int | None, times: list[_Time], zone: str
) -> Iterator[str]:
    kinds: dict[str, dict[str, int]] = {}
    for time in times:
        if time.ns is not None:
            kind = _FILE_NAME if time.label.endswith(_FILE_NAME) else "date" if time.basis == "date" else ""
            seconds = to_utc(time.ns, time.basis, zone).utc_ns // _SECOND_NS
            kinds.setdefault(kind, {})[time.label.removesuffix(_FILE_NAME)] = seconds
    for kind in _SUFFIXES:
        if (found := kinds.get(kind)) or (not kind and not kinds):
            name = line_text(place) + _SUFFIXES[kind] + state
            stamps = [str((found or {}).get(label, 0)) for label in _ORDER]
            owner = address.partition("-")[0] if kind == _FILE_NAME else address
            fields = (md5, name, line_text(owner) or "0", "r/r", "0", "0", str(size_bytes or 0), *stamps)
            yield "|".join(fields) + "\n"
