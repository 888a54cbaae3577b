"""The custody record of every exhibit, entry by entry (REQ-20, REQ-21)."""

from __future__ import annotations

from datetime import datetime

from forensics_app.model.dossier import CustodyEntry, CustodyLog, Dossier, Section
from forensics_app.reports.book import Book
from forensics_app.reports.layout import BODY, WIDTH_PT
from forensics_app.reports.lines import Piece, clip, wrap
from forensics_app.reports.table import (
    CELL,
    CELL_BOLD,
    CELL_MONO,
    CELL_MONO_QUIET,
    CELL_QUIET,
    Cell,
    Column,
    Table,
    begun_pt,
)
from forensics_app.reports.values import Clock, described, number, short_digest, short_key
from forensics_app.reports.words import as_told, say, say_name

_COLUMNS = (
    Column("Entry", 46.0, CELL_BOLD, is_figure=True),
    Column("Occurred, recorded", 112.0, CELL),
    Column("Act, persons, purpose, place", 150.0, CELL),
    Column("State and seal", 78.0, CELL),
    Column("Signatures; SHA-256 of the entry", 96.0, CELL),
)
_TURN_PT = 90.0
"""So much of two lines may be lost to the word at which the first one turns."""
_ALONE_PT = 80.0
_MOST_LINES = 12
"""A longer description need not stay with the first entry."""


def custody_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every exhibit with a record."""
    return tuple(_title(log) for log in dossier.custody)


def _title(log: CustodyLog) -> str:
    return say("Custody of {exhibit}", exhibit=log.exhibit)


def custody_room_pt(book: Book) -> float:
    """What the heading of this part keeps below it: the first entry of the first record."""
    logs = book.dossier.custody
    return book.opening_pt("custody", _room_pt(book, logs[0])) if logs else _ALONE_PT


def _room_pt(book: Book, log: CustodyLog) -> float:
    """The words above a record and its first entry."""
    lines = min(len(wrap(_exhibit(book, log), BODY, WIDTH_PT)), _MOST_LINES)
    entry = next(iter(log.entries), None)
    return lines * BODY.leading_pt + 4.0 + (begun_pt(_COLUMNS, _row(book, entry)) if entry else _ALONE_PT)


def _exhibit(book: Book, log: CustodyLog) -> str:
    words = say("Exhibit {number}: {description}", number=log.exhibit, description=described(log.description))
    if Section.EXHIBITS in book.dossier.printed:
        return clip(words, BODY, 2 * WIDTH_PT - _TURN_PT)  # it stands there in full
    return words


def draw_custody(book: Book) -> None:
    """Every log in turn."""
    book.intro("custody")
    if not book.dossier.custody:
        book.absent("no custody record was supplied")
    for log in book.dossier.custody:
        book.section(_title(log), room_pt=_room_pt(book, log))
        book.sheet.paragraph(_exhibit(book, log), after_pt=4.0)
        table = Table(book.sheet, _COLUMNS, name=_title(log), room_pt=60.0)
        count = 0
        for entry in log.entries:
            table.row(_row(book, entry))
            count += 1
        one = "Last item. 1 entry for {exhibit}; nothing follows."
        many = "Last item. {count} entries for {exhibit}; nothing follows."
        table.finish(say(one if count == 1 else many, count=number(count), exhibit=log.exhibit))


def _row(book: Book, entry: CustodyEntry) -> tuple[Cell, ...]:
    struck = entry.corrected_by is not None
    return (
        Piece(number(entry.sequence), CELL_BOLD, struck),
        _times(book, entry, struck),
        _act(entry, struck),
        _state(entry, struck),
        _signatures(entry),
    )


def _times(book: Book, entry: CustodyEntry, struck: bool) -> list[Piece]:
    clock = book.clock
    lines = []
    if entry.occurred_at is None:
        lines.append(Piece(say("occurred: not supplied"), CELL_QUIET, struck))
    else:
        lines += _moment(clock, entry.occurred_at, entry.occurred_zone, struck)
    if entry.clock:
        lines.append(Piece(say("by {clock}", clock=as_told(entry.clock)), CELL_QUIET, struck))
    lines.append(Piece(say("recorded"), CELL_QUIET))
    lines += _moment(clock, entry.recorded_at, None, False)
    return lines


def _moment(clock: Clock, at: datetime, zone: str | None, struck: bool) -> list[Piece]:
    told = [Piece(clock.moment(at, zone), CELL, struck)]
    if not clock.is_utc(at, zone):
        told.append(Piece(f"= {clock.utc(at)}", CELL_QUIET, struck))
    return told


def _act(entry: CustodyEntry, struck: bool) -> list[Piece]:
    lines = []
    if entry.corrected_by is not None:
        lines.append(Piece(say("Corrected by entry {entry}", entry=number(entry.corrected_by)), CELL_BOLD))
    if entry.corrects is not None:
        lines.append(Piece(say("Corrects entry {entry}", entry=number(entry.corrects)), CELL_BOLD))
    lines.append(Piece(say(entry.act), CELL_BOLD, struck))
    particulars = (
        ("From", entry.giver and say_name(entry.giver)),
        ("To", entry.receiver and say_name(entry.receiver)),
        ("Entered by", entry.entered_by),
        ("Purpose", entry.purpose),
        ("Place", entry.place),
        ("Authority", entry.authority),
    )
    lines += [
        Piece(say("{label}: {value}", label=say(label), value=as_told(value)), CELL, struck)
        for label, value in particulars
        if value
    ]
    lines += [Piece(as_told(remark), CELL_QUIET, struck) for remark in entry.remarks]
    return lines


def _state(entry: CustodyEntry, struck: bool) -> list[Piece]:
    lines = []
    if entry.from_state and entry.to_state and entry.from_state != entry.to_state:
        lines += [
            Piece(say("{state} to", state=say(entry.from_state)), CELL, struck),
            Piece(say(entry.to_state), CELL_BOLD, struck),
        ]
    elif state := entry.to_state or entry.from_state:
        lines.append(Piece(say("{state}, unchanged", state=say(state)), CELL, struck))
    else:
        lines.append(Piece(say("no state"), CELL_QUIET))
    lines.append(
        Piece(say("Seal: {seal}", seal=as_told(entry.seal) if entry.seal else say("not recorded")), CELL_QUIET, struck)
    )
    return lines


def _signatures(entry: CustodyEntry) -> list[Piece]:
    lines = []
    for signer in entry.signers:
        lines.append(Piece(f"{signer.name}, {say(signer.role)}", CELL))
        signed = say("key {key}", key=short_key(signer.key_id)) if signer.key_id else as_told(signer.without_key)
        lines.append(Piece(signed, CELL_MONO if signer.key_id else CELL_QUIET))
    if not lines:
        lines.append(Piece(say("not signed"), CELL_BOLD))
    lines.append(Piece(short_digest(entry.digest), CELL_MONO))
    if entry.previous is not None:
        lines.append(Piece(say("after {digest}", digest=short_digest(entry.previous)), CELL_MONO_QUIET))
    return lines
