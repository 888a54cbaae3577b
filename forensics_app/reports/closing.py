"""The last parts: how to verify the report, the closing count, the declaration with its signatures, the end."""

from __future__ import annotations

from forensics_app.model.dossier import Person, Reconciled
from forensics_app.model.proof import Signer
from forensics_app.reports.book import Book
from forensics_app.reports.layout import (
    BODY,
    BODY_BOLD,
    BOTTOM_PT,
    CODE,
    LABEL,
    LEFT_PT,
    OVERLINE,
    TITLE_3,
    VALUE,
    WIDTH_PT,
)
from forensics_app.reports.lines import Piece, wrap
from forensics_app.reports.table import CELL, CELL_BOLD, Column, Table
from forensics_app.reports.values import grouped, joined, number, short_key
from forensics_app.reports.words import as_told, say

_GAP_PT = 22.0
_BLOCK_WIDTH_PT = (WIDTH_PT - _GAP_PT) / 2
_BLOCK_HEIGHT_PT = 150.0
SIGNED_WIDTH_PT, SIGNED_HEIGHT_PT = _BLOCK_WIDTH_PT, 34.0


def draw_verify(book: Book) -> None:
    """Steps that anyone can repeat, each with its command."""
    book.intro("verify")
    sheet = book.sheet
    for position, step in enumerate(book.wording.steps("verify"), start=1):
        lines = wrap(step.do, BODY, WIDTH_PT - 18.0)
        commands = wrap(step.command, CODE, WIDTH_PT - 30.0)
        height = len(commands) * CODE.leading_pt + 4.0
        sheet.need(len(lines) * BODY.leading_pt + height + 8.0)
        sheet.pen.text(LEFT_PT, sheet.y_pt - BODY.size_pt, f"{position}.", BODY)
        sheet.paragraph(step.do, indent_pt=18.0)
        sheet.pen.ground(LEFT_PT + 18.0, sheet.y_pt - height, WIDTH_PT - 18.0, height, grey=0.95)
        sheet.y_pt -= 2.0
        sheet.pen.column([Piece(line, CODE) for line in commands], LEFT_PT + 24.0, None, sheet.y_pt, CODE.leading_pt)
        sheet.y_pt -= height + 6.0


def draw_reconciliation(book: Book) -> None:
    """Selected, written and hashed again, with a word on whether they agree."""
    rows = book.dossier.reconciliation
    if not rows:
        book.absent()
        return
    columns = (
        Column("Item", 160.0, CELL_BOLD),
        Column("Selected", 62.0, CELL, is_figure=True),
        Column("Written", 62.0, CELL, is_figure=True),
        Column("Hashed again", 74.0, CELL, is_figure=True),
        Column("Result", 124.0, CELL),
    )
    table = Table(book.sheet, columns, name=say("Reconciliation"))
    for row in rows:
        rehashed = number(row.rehashed) if row.rehashed is not None else say("not applicable")
        result = joined((say(agreement(row)), row.note and as_told(row.note)), "; ") or ""
        table.row((say(row.what), number(row.selected), number(row.written), rehashed, result))
    table.finish(say("Last item: {what}.", what=number(len(rows))))


def agreement(row: Reconciled) -> str:
    """Whether the counts of one kind of item agree."""
    counts = {row.selected, row.written} | ({row.rehashed} if row.rehashed is not None else set())
    return "agree" if len(counts) == 1 else "DO NOT AGREE"


def draw_declaration(book: Book) -> None:
    """What author and reviewer declare, and where they sign."""
    sheet, dossier = book.sheet, book.dossier
    sheet.paragraph(say("The author declares:"), BODY_BOLD, after_pt=3.0)
    sheet.items(book.wording.texts("declaration", "examiner"), numbered=True)
    sheet.skip(4.0)
    sheet.paragraph(say("The reviewer declares:"), BODY_BOLD, after_pt=3.0)
    sheet.items(book.wording.texts("declaration", "reviewer"), numbered=True)
    sheet.skip(12.0)
    sheet.need(_BLOCK_HEIGHT_PT + 8.0)
    top = sheet.y_pt
    _signature_block(book, "Author", dossier.author, LEFT_PT, top, Signer.AUTHOR)
    right = LEFT_PT + _BLOCK_WIDTH_PT + _GAP_PT
    _signature_block(book, "Reviewer, authorises the issue", dossier.reviewer, right, top, Signer.AUTHORISER)
    sheet.y_pt = top - _BLOCK_HEIGHT_PT
    _ledger_signatures(book)


def _ledger_signatures(book: Book) -> None:
    """What both signed in the ledger before this file was made, where anybody can find and check it (REQ-64)."""
    sheet = book.sheet
    sheet.subtitle("Signatures in the custody ledger", room_pt=90.0)
    if not book.dossier.signatures:
        book.absent("not signed in the ledger")
        return
    sheet.paragraph(book.wording.text("declaration", "ledger"), BODY, after_pt=4.0)
    for one in book.dossier.signatures:
        sheet.need(7 * VALUE.leading_pt)
        act = say("{name} {act}, {time}", name=one.name, act=say(one.act), time=book.clock.both(one.signed_at))
        rows = [
            Piece(act, VALUE),
            Piece(say("Entry {entry} of the case chain, SHA-256:", entry=number(one.entry)), VALUE),
            Piece(grouped(one.entry_sha256), CODE),
            Piece(say("Ed25519 signature under the key {key}:", key=short_key(one.key_id)), VALUE),
            Piece(grouped(one.signature[:32]), CODE),
            Piece(grouped(one.signature[32:]), CODE),
            Piece(say("SHA-256 of what was submitted:"), VALUE),
            Piece(grouped(one.content_sha256), CODE),
        ]
        sheet.properties([("Signed by", rows)])


def _signature_block(
    book: Book, part: str, person: Person | None, left_pt: float, top_pt: float, signer: Signer
) -> None:
    pen = book.sheet.pen
    pen.overline(left_pt, top_pt - 8.0, part, OVERLINE)
    lines = [Piece(line, TITLE_3) for line in wrap(person.name, TITLE_3, _BLOCK_WIDTH_PT)] if person else []
    if person is None:
        lines.append(Piece(say("Name: not supplied"), VALUE))
    else:
        words = joined((person.function, person.organisation))
        lines += [Piece(line, VALUE) for line in wrap(words or say("function not supplied"), VALUE, _BLOCK_WIDTH_PT)]
        signs = say("Signs on paper")
        if person.key_id:
            signs = say("Ledger key {key}", key=short_key(person.key_id))
        lines.append(Piece(signs, LABEL))
    pen.column(lines[:5], left_pt, None, top_pt - 14.0, VALUE.leading_pt)
    for label, height in (("Place and date", 87.0), ("Signature", 140.0)):
        pen.rule(left_pt, top_pt - height, _BLOCK_WIDTH_PT, weight_pt=0.5)
        pen.text(left_pt, top_pt - height - 9.0, say(label), LABEL)
    if person is not None and not book.dossier.is_draft:
        pen.signature_field(signer.value, left_pt, top_pt - 139.5, SIGNED_WIDTH_PT, SIGNED_HEIGHT_PT)


def draw_end(book: Book) -> None:
    """The line after which nothing follows."""
    sheet = book.sheet
    is_tight = sheet.y_pt - 50.0 < BOTTOM_PT  # better close behind what it ends than alone on a page
    sheet.skip(5.0 if is_tight else 20.0)
    sheet.need(BODY_BOLD.leading_pt + 6.0)
    sheet.pen.rule(LEFT_PT, sheet.y_pt, WIDTH_PT, weight_pt=0.8)
    sheet.y_pt -= 6.0
    head = book.dossier.head
    end = book.wording.text("end", "text")
    words = say(
        "{end} {number}, version {version}. Nothing follows.",
        end=end,
        number=as_told(head.number),
        version=head.version,
    )
    sheet.paragraph(words, BODY_BOLD)
