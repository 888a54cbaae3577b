"""The custody form: every field of the superset, blank lines where the record has none, room for ink (REQ-21)."""

from __future__ import annotations

from typing import BinaryIO

from forensics_app.model.custody_form import CustodyForm, FormItem
from forensics_app.model.dossier import ReportHead
from forensics_app.model.dossier_paper import Stationery
from forensics_app.model.exhibit import NO_OUTSIDE, Exhibit, State
from forensics_app.reports.form_events import EVENT_COLUMNS, draw_blank, draw_event
from forensics_app.reports.form_signatures import draw_signatures
from forensics_app.reports.layout import (
    BODY,
    CODE,
    LABEL,
    LEFT_PT,
    TITLE_1,
    TITLE_3,
    VALUE,
    WIDTH_PT,
    Marks,
    Sheet,
    Value,
)
from forensics_app.reports.lines import Piece, clip, wrap
from forensics_app.reports.pen import Pen
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_QUIET, CONTINUED, Cell, Column, Table
from forensics_app.reports.values import Clock, described, digest_lines, number
from forensics_app.reports.wording import DRAFT_WORDS, catalogue, words_of
from forensics_app.reports.words import as_told, say, speaking

TITLE = "Chain of custody form"
ROWS_BY_HAND = 3
_ZONE = "Times in {zone} (tzdata {version}), the offset beside each."
SIGN_PT = 46.0
_REPEATED_PT = 150.0
"""Width of a description or serial number that is repeated at the head of a further page."""
_LABEL_PT = 122.0
_ITEM_COLUMNS = (
    Column("Exhibit", 62.0, CELL_BOLD),
    Column("Quantity", 42.0, CELL),
    Column("Description, type, make, model", 178.0, CELL),
    Column("Serial number", 92.0, CELL),
    Column("Condition, marks", 108.0, CELL),
)
_INK = (("Prepared by", "made_by"), ("Checked by", ""), ("Received by", ""))
_DISPOSAL = (
    "Action (returned, destroyed, forfeited, kept)",
    "Authority, its date",
    "Check for legal holds",
    "Approved by (name, rank, signature)",
    "Method and place",
    "Carried out by (name, rank, signature)",
    "Witness (name, rank, signature)",
    "Released to the lawful owner (name, address, identity document, signature)",
)


def render_form(form: CustodyForm, target: BinaryIO) -> None:
    """Write the form as a PDF in the language of its stationery; equal forms give equal bytes.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: The zone of the form is not known here.
        OSError: The target cannot be written.
    """
    with speaking(words_of(form.stationery)):
        _render_spoken(form, target)


def _render_spoken(form: CustodyForm, target: BinaryIO) -> None:
    clock = Clock(
        ReportHead(
            title=TITLE,
            number=form.case.number,
            version=1,
            made_at=form.made_at,
            zone=form.zone,
            tzdata_version=form.tzdata_version,
        )
    )
    named = (
        form.items[0].exhibit.number
        if len(form.items) == 1
        else say("exhibits: {count}", count=number(len(form.items)))
    )
    pen = Pen(
        target,
        title=say("{title}, case {case}, {named}", title=say(TITLE), case=form.case.number, named=named),
        author=form.laboratory,
        subject=form.case.title,
        made_at=form.made_at,
        language=form.stationery.language,
    )
    sheet = Sheet(pen, _marks(form, clock, named))
    _draw_front(sheet, form, clock)
    for position, item in enumerate(form.items):
        if position:
            sheet.new_page()
        if len(form.items) > 1:
            sheet.marks = _marks(form, clock, item.exhibit.number)
        _draw_item(sheet, form, item, clock)
    if len(form.items) > 1:
        sheet.new_page()
        sheet.marks = _marks(form, clock, named)
    _draw_heads(sheet, form, clock)
    _draw_ink(sheet, form)
    sheet.finish()
    pen.finish()


def _marks(form: CustodyForm, clock: Clock, named: str) -> Marks:
    return Marks(
        laboratory=form.laboratory,
        identity=say("Case {case} · {title} · {named}", case=form.case.number, title=say(TITLE), named=named),
        zone=say(_ZONE, zone=form.zone, version=form.tzdata_version),
        status=say("Printed {time}", time=clock.moment(form.made_at)),
    )


def _draw_front(sheet: Sheet, form: CustodyForm, clock: Clock) -> None:
    case, basis = form.case, form.case.legal_basis
    sheet.paragraph(say(TITLE), TITLE_1, after_pt=4.0)
    _draw_draft_words(sheet, form.stationery)
    authority = f"{basis.instrument} {basis.number}, {basis.issuer}, {basis.issued_on.isoformat()}" if basis else ""
    if basis and basis.expires_on:
        authority = say("{authority}, until {day}", authority=authority, day=basis.expires_on.isoformat())
    _properties(
        sheet,
        (
            ("Case", f"{case.number}, {case.title}"),
            ("Offence", case.offence),
            ("Requesting authority", case.requesting_authority),
            ("Receiving activity, location", ", ".join((form.laboratory, *form.address.splitlines()))),
            ("Legal authority", authority),
            ("Scope of the authority", basis.scope if basis else ""),
            ("Case opened", clock.moment(case.opened_at)),
            ("Victim", ""),
            ("Suspect", ""),
        ),
    )
    sheet.skip(8.0)
    name = say("Items of case {case}", case=case.number)
    table = Table(sheet, _ITEM_COLUMNS, name=name, room_pt=40.0)
    for item in form.items:
        table.row(_item_row(item))
    count = len(form.items)
    one = "LAST ITEM. 1 item on this form; nothing follows."
    many = "LAST ITEM. {count} items on this form; nothing follows."
    table.finish(say(one if count == 1 else many, count=number(count)))


def _item_row(item: FormItem) -> tuple[Cell, ...]:
    one = item.exhibit
    what = [
        Piece(described(one.description), CELL),
        Piece(_joined(say(one.type.value), one.make, one.model), CELL_QUIET),
    ]
    return (one.number, "1", what, one.serial or say("none recorded"), one.condition or say("none recorded"))


def _draw_item(sheet: Sheet, form: CustodyForm, item: FormItem, clock: Clock) -> None:
    one = item.exhibit
    sheet.skip(10.0)
    sheet.need(150.0)
    words = described(one.description)
    titled = say("Exhibit {number}: {description}", number=one.number, description=words)
    sheet.paragraph(titled, TITLE_3, after_pt=2.0)
    _properties(sheet, _particulars(item, clock))
    sheet.skip(8.0)
    short, serial = (clip(text, CONTINUED, _REPEATED_PT) for text in (words, one.serial))
    marks = _joined(
        say("serial {number}", number=serial) if serial else "",
        say("seal {number}", number=one.seal_number) if one.seal_number else "",
    )
    of_case = say("case {case}", case=form.case.number)
    name = _joined(say("Custody of exhibit {exhibit}", exhibit=one.number), short, marks, of_case)
    table = Table(sheet, EVENT_COLUMNS, name=name, room_pt=90.0)
    for event in item.events:
        draw_event(table, event, clock)
    count = len(item.events)
    alone = "LAST ITEM. 1 entry for {exhibit} in the signed record; nothing follows."
    many = "LAST ITEM. {count} entries for {exhibit} in the signed record; nothing follows."
    table.finish(say(alone if count == 1 else many, count=number(count), exhibit=one.number))
    draw_signatures(sheet, item.signatures)
    sheet.subtitle("After printing, by hand; enter each line into the record, with who wrote it", room_pt=130.0)
    by_hand = Table(sheet, EVENT_COLUMNS, name=say("{name}, by hand after printing", name=name), room_pt=110.0)
    for _ in range(ROWS_BY_HAND):
        draw_blank(by_hand)
    by_hand.finish()
    sheet.need(len(_DISPOSAL) * 16.0)
    sheet.subtitle(say("Final disposal of {exhibit}", exhibit=one.number), room_pt=60.0)
    _properties(sheet, tuple(zip(_DISPOSAL, _ending(item) or ("",) * len(_DISPOSAL), strict=True)))


def _particulars(item: FormItem, clock: Clock) -> tuple[tuple[str, str], ...]:
    one = item.exhibit
    photos = say("{count} in the record", count=number(item.photos)) if item.photos else ""
    if not photos and one.no_photo_reason:
        photos = say("none: {why}", why=say(NO_OUTSIDE) if one.no_photo_reason == NO_OUTSIDE else one.no_photo_reason)
    seized = "" if one.seized_at is None else f"{clock.moment(one.seized_at)} = {clock.utc(one.seized_at)}"
    state = say(one.state.value.replace("_", " "))
    return (
        ("Evidence id", str(one.id)),
        ("Parent, root exhibit", _joined(item.parent, item.root) or say("none: seized or received as such")),
        ("Type", say(one.type.value)),
        ("Make, model", _joined(one.make, one.model)),
        ("Serial number", one.serial),
        ("Condition", one.condition),
        *((label, as_told(value)) for label, value in item.facts),
        ("Seal now", one.seal_number),
        ("Seized, obtained on", seized),
        ("Place of seizure", one.seized_place),
        ("Seized by (rank, name, id)", one.seized_by),
        ("Witness", one.seizure_witness),
        ("Obtained from (name, address)", ""),
        ("Owner, or other", ""),
        ("Reason obtained", ""),
        ("Photographs", photos),
        ("State now", say("{state}, since {time}", state=state, time=clock.moment(one.state_since))),
        ("Holder and place now", _joined(one.holder, _where(one))),
        ("Expected back", clock.moment(one.expected_back) if one.expected_back else say("nothing due")),
    )


def _ending(item: FormItem) -> tuple[str, ...]:
    """How custody ended, the act in the language that is spoken."""
    return tuple(say(words) if at == 0 else as_told(words) for at, words in enumerate(item.ending))


def _draw_draft_words(sheet: Sheet, stationery: Stationery) -> None:
    """That nobody has compared these words with the English, in English and in theirs."""
    language = stationery.language
    if language != "en" and not (stationery.reviewed_by or catalogue(language).reviewed_by):
        for words in dict.fromkeys((DRAFT_WORDS, say(DRAFT_WORDS))):
            sheet.paragraph(words, LABEL, after_pt=2.0)


def _where(one: Exhibit) -> str:
    """Its place; of what is on its way the one that it left."""
    place = one.store_place
    return say("on the way, from {place}", place=place) if one.state is State.IN_TRANSIT and place else place


def _draw_heads(sheet: Sheet, form: CustodyForm, clock: Clock) -> None:
    sheet.skip(10.0)
    sheet.need(70.0 + 34.0 * len(form.heads))
    sheet.subtitle("Where the signed record stood when this was printed", room_pt=60.0)
    rows: list[tuple[str, Value]] = []
    for head in form.heads:
        where = Piece(
            say("entry {entry}, recorded {time}", entry=number(head.sequence), time=clock.moment(head.recorded_at)),
            VALUE,
        )
        rows.append((as_told(head.chain), (where, *(Piece(digits, CODE) for digits in digest_lines(head.digest, 4)))))
    sheet.properties(rows)
    sheet.paragraph(
        say(
            "The form agrees with the record as long as the entry with this number has this SHA-256. "
            "Anybody can check that: export the ledger file and run “python -m chain_of_custody verify”."
        ),
        BODY,
        after_pt=6.0,
    )


def _draw_ink(sheet: Sheet, form: CustodyForm) -> None:
    sheet.need(len(_INK) * SIGN_PT + 30.0)
    sheet.subtitle("Signatures in ink", room_pt=len(_INK) * SIGN_PT)
    third = WIDTH_PT / 3
    for words, source in _INK:
        sheet.y_pt -= SIGN_PT
        line = sheet.y_pt + 14.0
        known = form.made_by if source else ""
        told = (
            say("{role}: name, rank, organisation, id", role=say(words)),
            say("Signature"),
            say("Date, time, offset"),
        )
        if known:
            sheet.pen.text(LEFT_PT, line + 3.0, known, VALUE)
        for column, below in enumerate(told):
            left = LEFT_PT + column * third
            sheet.pen.rule(left, line, third - 12.0, weight_pt=0.5)
            for row, part in enumerate(wrap(below, LABEL, third - 16.0)[:2]):
                sheet.pen.text(left, line - 9.0 - row * (LABEL.size_pt + 0.5), part, LABEL)


def _properties(sheet: Sheet, rows: tuple[tuple[str, str], ...]) -> None:
    """Label and value; an empty value is left blank above the hairline, to be written by hand."""
    sheet.properties([(words, value or Piece("", VALUE)) for words, value in rows], label_width_pt=_LABEL_PT)


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
