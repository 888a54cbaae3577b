"""The rows of a custody form: one entry each, or one to be filled in by hand."""

from __future__ import annotations

from forensics_app.model.custody_form import FormEvent, FormParty
from forensics_app.reports.lines import Piece, Style
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_MONO_QUIET, CELL_QUIET, Column, Table
from forensics_app.reports.values import Clock, grouped, number
from forensics_app.reports.words import as_told, say, say_name

_GAP_PT = 10.0
_WHEN_PT, _SIDE_PT, _WHAT_PT = 112.0, 108.0, 126.0
EVENT_COLUMNS = (
    Column("No.", 28.0, CELL_BOLD),
    Column("Act, time, place, state", _WHEN_PT, CELL),
    Column("Released by", _SIDE_PT, CELL),
    Column("Received by", _SIDE_PT, CELL),
    Column("Purpose of the change, particulars", _WHAT_PT, CELL),
)
_NO_HANDS = "Nothing changed hands."
_WHEN = ("Act", "Date, time", "Offset, clock", "Place", "State before", "State after")
_SEALS = ("Seal before", "Seal after", "Its condition")


def draw_event(table: Table, event: FormEvent, clock: Clock) -> None:
    """One entry; a step of custody has a line for every field, blank where the record holds nothing."""
    struck = event.corrected_by is not None
    row = (
        Piece(number(event.sequence), CELL_BOLD, struck),
        _when(event, clock, struck),
        _side(event.giver, struck),
        _side(event.receiver, struck),
        _what(event, struck),
    )
    table.row(row, below=_seal_of(event, clock))


def draw_blank(table: Table) -> None:
    """A step to be written by hand."""
    when = [_line(words, "", _WHEN_PT) for words in _WHEN]
    when += [_line(words, "", _WHEN_PT) for words in _SEALS]
    what = [
        _line(words, "", _WHAT_PT)
        for words in ("Purpose", "Authority", "Packaging", "Transport", "Hash verified", "Tool", "Photographs",
                      "Witness", "Remarks")
    ]  # fmt: skip
    table.row((Piece("", CELL), when, _side(FormParty(), struck=False), _side(FormParty(), struck=False), what))


def _when(event: FormEvent, clock: Clock, struck: bool) -> list[Piece]:
    lines = []
    if event.corrected_by is not None:
        lines.append(Piece(say("Corrected by entry {entry}", entry=number(event.corrected_by)), CELL_BOLD))
    if event.corrects is not None:
        lines.append(Piece(say("Corrects entry {entry}", entry=number(event.corrects)), CELL_BOLD))
    lines.append(Piece(say(event.act), CELL_BOLD, struck))
    at = event.occurred_at or event.recorded_at
    lines += [Piece(clock.moment(at), CELL, struck), Piece(f"= {clock.utc(at)}", CELL_QUIET, struck)]
    if event.is_step:
        lines.append(_line("Clock", event.clock or say("as told"), _WHEN_PT, struck))
    if event.is_step or event.place:
        lines.append(_line("Place", event.place, _WHEN_PT, struck))
    if event.from_state and event.to_state:
        words = say("{before} to {after}", before=say(event.from_state), after=say(event.to_state))
        lines.append(Piece(words, CELL, struck))
    seals = (event.seal_before, event.seal, event.seal_check)
    lines += [
        _line(words, value, _WHEN_PT, struck)
        for words, value in zip(_SEALS, seals, strict=True)
        if value or event.is_step
    ]
    return lines


def _side(party: FormParty | None, struck: bool) -> list[Piece]:
    if party is None:
        return [Piece(say(_NO_HANDS), CELL_QUIET)]
    lines = [Piece(say_name(party.name), CELL_BOLD, struck) if party.name else _line("Name", "", _SIDE_PT)]
    lines.append(_line("Rank", party.function, _SIDE_PT, struck))
    lines.append(_line("Org.", party.organisation, _SIDE_PT, struck))
    lines.append(_line("Id", party.id_number, _SIDE_PT, struck))
    if party.key_id:
        lines.append(Piece(say("Signed with key {key}", key=party.key_id[:8]), CELL_QUIET))
    elif party.signed:
        lines.append(Piece(say(party.signed), CELL_QUIET))
    else:
        lines += [Piece(" ", CELL), _line("Signature", "", _SIDE_PT)]
    return lines


def _what(event: FormEvent, struck: bool) -> list[Piece]:
    told = (
        ("Purpose", event.purpose),
        ("Authority", event.authority),
        ("Packaging", event.packaging),
        ("Transport", event.transport),
        ("Hash verified", event.verified),
        ("Tool", event.tool),
        ("Photographs", event.photos),
        ("Witness", event.witness),
        ("Deviation", event.deviation),
    )
    lines = [_line(words, value, _WHAT_PT, struck) for words, value in told if value or event.is_step]
    lines += [Piece(as_told(remark), CELL, struck) for remark in event.remarks]
    if event.is_step and not event.remarks:
        lines.append(_line("Remarks", "", _WHAT_PT))
    return lines


def _seal_of(event: FormEvent, clock: Clock) -> list[Piece]:
    """What ties the row to the signed record: who entered it and when, who signed, the digests."""
    entered = say("Entered by {person}, {time}.", person=event.recorder, time=clock.moment(event.recorded_at))
    signers = "; ".join(map(as_told, event.signatures))
    signed = say("Signed by {people}.", people=signers) if signers else say("Not signed.")
    this, before = say("This entry"), say("Entry before it")
    wide = max(len(this), len(before))
    return [
        Piece(f"{entered} {signed}", CELL_QUIET),
        Piece(f"{this:{wide}} {grouped(event.digest)}", CELL_MONO_QUIET),
        Piece(f"{before:{wide}} {grouped(event.previous)}", CELL_MONO_QUIET),
    ]


def _line(words: str, value: str, width_pt: float, struck: bool = False, style: Style = CELL) -> Piece:
    """A label with its value, or with a line to write on."""
    told = say("{label}: {value}", label=say(words), value=as_told(value))
    if value:
        return Piece(told, style, struck)
    room = width_pt - _GAP_PT - style.width_pt(told)
    return Piece(told + "_" * max(3, int(room / style.width_pt("_"))), CELL_QUIET)
