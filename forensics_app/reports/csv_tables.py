"""Writes what a report says in tables as CSV (RFC 4180), a file for each table.

A cell that a spreadsheet would run as a formula gets an apostrophe in front. Every time has a column as found or as
recorded with its offset, one in UTC and one in the report's zone, which the head of the column names.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import BinaryIO

from forensics_app.model.custody import in_zone
from forensics_app.model.dossier import ChosenFile, CitedFile, Dossier, FileTime, Section
from forensics_app.model.names import storable
from forensics_app.reports.bodyfile import cited_files
from forensics_app.reports.values import Clock, joined, resolution

_SIGNS = "=+-@"
_UNSEEN = ("Cc", "Cf")
_ROWS_AT_ONCE = 1_000

Row = Sequence[object]


def write_csv(table: str, dossier: Dossier, target: BinaryIO) -> None:
    """Write one of :data:`TABLES`.

    Raises:
        OSError: It cannot be written.
    """
    some: list[Row] = []
    for row in TABLES[table](dossier, Clock(dossier.head)):
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            _put(target, some)
            some.clear()
    _put(target, some)


def _put(target: BinaryIO, rows: Iterable[Row]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([cell_text(cell) for cell in row] for row in rows)
    target.write(out.getvalue().encode())


def cell_text(cell: object) -> str:
    """A cell as text that no spreadsheet runs, whatever controls, blanks or wide forms stand in front of its signs."""
    words = "" if cell is None else storable(str(cell))
    return f"'{words}" if not isinstance(cell, int) and _may_run(words) else words


def _may_run(words: str) -> bool:
    for char in words:
        if unicodedata.category(char) in _UNSEEN:
            return True
        if not char.isspace():
            return unicodedata.normalize("NFKC", char)[0] in _SIGNS
    return False


def _exhibits(dossier: Dossier, clock: Clock) -> Iterator[Row]:
    yield (
        *("number", "parent", "root", "type", "description", "make", "model", "serial", "condition", "seal"),
        *("seized_at", "seized_at_utc", f"seized_at ({clock.zone_name})", "seized_place", "seized_by", "witness"),
        *("state", "holder", "place"),
    )
    for one in dossier.exhibits:
        seizure = one.seizure
        yield (
            *(one.number, one.parent, one.root, one.type, one.description, one.make, one.model, one.serial),
            *(one.condition, one.seal, *_moment(seizure.at if seizure else None, clock)),
            *((seizure.place, seizure.by, seizure.witness) if seizure else (None, None, None)),
            *(one.state, one.holder, one.place),
        )


def _custody(dossier: Dossier, clock: Clock) -> Iterator[Row]:
    zone = clock.zone_name
    yield (
        *("exhibit", "entry", "act", "occurred_at", "occurred_at_utc", f"occurred_at ({zone})", "recorded_at"),
        *("recorded_at_utc", f"recorded_at ({zone})", "giver", "receiver", "entered_by", "purpose", "place"),
        *("from_state", "to_state", "seal", "signers", "remarks", "corrects", "corrected_by", "entry_sha256"),
        "previous_entry_sha256",
    )
    for log in dossier.custody:
        for one in log.entries:
            signers = "; ".join(f"{signer.role}: {signer.name}" for signer in one.signers)
            yield (
                *(log.exhibit, one.sequence, one.act, *_moment(one.occurred_at, clock)),
                *(*_moment(one.recorded_at, clock), one.giver, one.receiver, one.entered_by, one.purpose, one.place),
                *(one.from_state, one.to_state, one.seal, signers, "; ".join(one.remarks), one.corrects),
                *(one.corrected_by, one.digest.hex(), one.previous.hex() if one.previous else None),
            )


def _digests(dossier: Dossier, clock: Clock) -> Iterator[Row]:
    del clock
    yield ("of", "image", "volume", "path", "address", "size_bytes", "algorithm", "computed", "stored_in_container")
    for image in dossier.images:
        for check in image.digests:
            computed, stored = _hex(check.computed), _hex(check.stored)
            yield (image.digests_of, image.exhibit, "", "", "", image.media_bytes, check.algorithm, computed, stored)
    for file in dossier.files:
        place = (file.image, file.volume, file.path, file.address, file.size_bytes)
        yield from ((file.reference, *place, name, value.hex(), "") for name, value in file.digests)
    for finding in dossier.findings_of(Section.FINDINGS) if Section.FINDINGS in dossier.printed else ():
        for it in finding.citations:
            if it.digest is not None and it.number is not None:
                whole_bytes = finding.file.size_bytes if finding.file else None
                length_bytes = it.span_bytes[1] if it.span_bytes else whole_bytes
                place = (it.image, "", str(it.where), "", length_bytes)
                yield (f"Finding {it.number}", *place, "SHA-256", it.digest.hex(), "")
    for listed in dossier.file_lists:
        for row in listed.rows:
            if row.sha256 is not None:
                place = (listed.image, listed.volume, row.path, row.address, row.size_bytes)
                yield (listed.title, *place, "SHA-256", row.sha256.hex(), "")


_FILE_HEADS = (
    *("cited_as", "image", "volume", "path", "address", "kind", "state", "size_bytes", "mime", "time", "source"),
    *("basis", "resolution", "as_found", "utc"),
)


def _files(dossier: Dossier, clock: Clock) -> Iterator[Row]:
    """A line for each time of each file."""
    zone = f"in {clock.zone_name}"
    yield (*_FILE_HEADS, zone, "zone_of_wall_times", "sha256", "note", "name_bytes")
    for file in dossier.files:
        digests = dict(file.digests)
        state = "allocated" if file.allocated else "orphan" if file.orphan else "deleted"
        note = joined((file.hidden, file.note), " ")
        end = (clock.local_rule, _hex(digests.get("SHA-256")), note, _hex(file.name_bytes))
        place = (file.reference, file.image, file.volume, file.path, file.address, file.kind, state)
        for times in _times(file, clock):
            yield (*place, file.size_bytes, file.mime, *times, *end)
    for cited in cited_files(dossier):
        place = (cited.reference, cited.image, cited.volume, cited.path, cited.address, "", cited.state)
        end = (clock.local_rule, _hex(cited.sha256), "", "")
        for times in _times(cited, clock):
            yield (*place, cited.size_bytes, "", *times, *end)
    for listed in dossier.file_lists:
        for row in listed.rows:
            place = (listed.title, listed.image, listed.volume, row.path, row.address, "", row.state)
            end = (clock.local_rule, _hex(row.sha256), row.note, _hex(row.name_bytes))
            for column, ns in zip(listed.time_columns, row.times_ns, strict=True):
                time = FileTime(
                    label=column.label,
                    ns=ns,
                    source=column.source,
                    basis=column.basis,
                    resolution_ns=column.resolution_ns,
                )
                yield (*place, row.size_bytes, row.mime, *_time(time, clock), *end)


def _times(file: ChosenFile | CitedFile, clock: Clock) -> Iterator[Row]:
    if not file.times:
        yield ("none stored", "", "", "", "", "", "")
    yield from (_time(one, clock) for one in file.times)


def _time(time: FileTime, clock: Clock) -> Row:
    printed = clock.file_time(time)
    step = resolution(time.resolution_ns)
    return (time.label, time.source, time.basis, step, printed.stored, printed.utc, printed.zoned)


def _moment(at: datetime | None, clock: Clock) -> Row:
    """As recorded with its offset, in UTC, and in the report's zone."""
    if at is None:
        return ("", "", "")
    return (at.isoformat(), in_zone(at, UTC).isoformat().replace("+00:00", "Z"), clock.moment(at))


def _hex(value: bytes | None) -> str:
    return "" if value is None else value.hex()


TABLES: dict[str, Callable[[Dossier, Clock], Iterator[Row]]] = {
    "exhibits": _exhibits,
    "custody": _custody,
    "digests": _digests,
    "files": _files,
}
"""What is written of each table by its name, with its heads first."""
