"""Findings and remarks: blocks of fact and blocks of opinion, never mixed (REQ-63)."""

from __future__ import annotations

from collections.abc import Iterable

from forensics_app.model.dossier import Dossier, Finding, FindingKind, Section
from forensics_app.reports.book import Book
from forensics_app.reports.file_times import draw_times
from forensics_app.reports.fonts import is_ambiguous, name_in_hex
from forensics_app.reports.layout import BODY, CODE, LEFT_PT, OVERLINE, WIDTH_PT, Value
from forensics_app.reports.lines import Piece, wrap
from forensics_app.reports.pictures import BESIDE_ROOM_PT, draw_beside
from forensics_app.reports.table import CELL_BOLD, CELL_MONO, CELL_NAME, CELL_QUIET, Column, Table
from forensics_app.reports.values import digest_lines
from forensics_app.reports.words import as_told, say

_KIND_WORDS = {FindingKind.FACT: "Statement of fact", FindingKind.OPINION: "Opinion"}
_WHERE_PT = 150.0
_ROOM_PT, _ABOVE_TEXT_PT = 70.0, 32.0
_MOST_TEXT_LINES = 12
_MOST_WHERE_LINES = 8
"""A place of more lines stands over the whole width, above the rest of its row."""


def finding_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every finding."""
    return tuple(as_told(finding.heading) for finding in dossier.findings_of(Section.FINDINGS))


def findings_room_pt(book: Book) -> float:
    """What the heading of this part keeps below it: the beginning of the first finding."""
    findings = book.dossier.findings_of(Section.FINDINGS)
    return book.opening_pt("findings", _room_pt(findings[0])) if findings else _ROOM_PT


def draw_findings(book: Book) -> None:
    """Every finding in turn."""
    book.intro("findings")
    findings = book.dossier.findings_of(Section.FINDINGS)
    if not findings:
        book.absent("no findings")
    draw_blocks(book, findings)


def draw_blocks(book: Book, findings: Iterable[Finding]) -> None:
    """Facts and opinions, each under its own heading and named as what it is."""
    for finding in findings:
        book.section(as_told(finding.heading), room_pt=_room_pt(finding))
        _finding(book, finding)


def _room_pt(finding: Finding) -> float:
    """What its beginning takes below its heading: a short text stays on the page of its picture."""
    if finding.thumbnail is None and finding.thumbnail_absent is None:
        return _ROOM_PT
    lines = len(wrap(finding.text, BODY, WIDTH_PT))
    return _ROOM_PT if lines > _MOST_TEXT_LINES else _ABOVE_TEXT_PT + lines * BODY.leading_pt + BESIDE_ROOM_PT


def _finding(book: Book, finding: Finding) -> None:
    sheet = book.sheet
    sheet.need(30.0)
    sheet.pen.overline(LEFT_PT, sheet.y_pt - 8.0, _KIND_WORDS[finding.kind], OVERLINE)
    sheet.y_pt -= 13.0
    sheet.paragraph(finding.text, BODY, after_pt=5.0)
    rows: list[tuple[str, Value]] = []
    if finding.kind is FindingKind.OPINION:
        basis = finding.basis if (finding.basis or "").strip() else None
        rows.append(("Basis of the opinion", basis))
    elif finding.basis:
        rows.append(("How established", as_told(finding.basis)))
    if finding.file and is_ambiguous(finding.file.path):
        rows.append(("Path in UTF-8, hexadecimal", Piece(name_in_hex(finding.file.path), CODE)))
    if finding.still:
        rows.append(("Still of the video", as_told(finding.still)))
    rows.append(("Stated by", finding.author or book.dossier.author.name))
    if finding.thumbnail_part:
        rows.append(("Picture", as_told(finding.thumbnail_part)))
    words = finding.file.path if finding.file else finding.text
    draw_beside(sheet, rows, finding.thumbnail, finding.thumbnail_absent, words)
    if finding.citations:
        sheet.skip(6.0)
        _citations(book, finding)
    if finding.file is not None:
        draw_times(book, finding.file.times, as_told(finding.heading))


def _citations(book: Book, finding: Finding) -> None:
    columns = (
        Column("Cites", 112.0, CELL_BOLD),
        Column("Where", _WHERE_PT, CELL_NAME),
        Column("Digest", 152.0, CELL_MONO),
        Column("Compared", 68.0, CELL_BOLD),
    )
    table = Table(book.sheet, columns, name=say("Citations of {heading}", heading=as_told(finding.heading)))
    for citation in finding.citations:
        where = as_told(citation.where)
        is_long = len(wrap(where, CELL_NAME, _WHERE_PT)) > _MOST_WHERE_LINES
        digest = [Piece(line, CELL_MONO) for line in digest_lines(citation.digest, 4)] if citation.digest else None
        table.row(
            (
                as_told(citation.what),
                say("above") if is_long else where,
                digest or Piece(say("none"), CELL_QUIET),
                as_told(citation.check) if citation.check else Piece(say("not compared"), CELL_QUIET),
            ),
            above=(Piece(where, CELL_NAME),) if is_long else (),
        )
    table.finish()
