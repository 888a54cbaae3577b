"""Programs, libraries and instruments with their versions (REQ-33 to REQ-35), and the literature."""

from __future__ import annotations

from forensics_app.model.dossier_record import Tool
from forensics_app.reports.book import Book
from forensics_app.reports.fixed_words import corrected
from forensics_app.reports.layout import CODE, Value
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_MONO, CELL_QUIET, Cell, Column, Table, begun_pt
from forensics_app.reports.values import digest_lines, grouped, number
from forensics_app.reports.words import as_told, say, say_act


def draw_tools(book: Book) -> None:
    """The program itself, its libraries, the tools used, the literature."""
    sheet, program, head = book.sheet, book.dossier.program, book.dossier.head
    configuration: Value = say("not recorded")
    if program.configuration_sha256 is not None:
        configuration = Piece(grouped(program.configuration_sha256), CODE)
    sheet.properties(
        [
            ("Program", f"{program.name} {program.version}"),
            ("Build", program.build),
            ("Schema of the record", program.schema),
            ("Configuration, SHA-256", configuration),
            ("Validation test pack", as_told(program.test_pack) if program.test_pack else say("not recorded")),
            ("File type database", program.file_type_database),
            ("Platform", program.platform),
            ("Zone rules (tzdata)", head.tzdata_version),
            ("Standing texts", _standing_texts(book)),
            *((name, Piece(f"SHA-256 {grouped(sha256)}", CODE)) for name, sha256 in book.dossier.stationery.files),
        ]
    )
    _libraries(book)
    _instruments(book)
    if book.dossier.literature:
        sheet.subtitle("Literature and standards relied on")
        sheet.items(book.dossier.literature)


def _standing_texts(book: Book) -> str:
    wording = book.wording
    words = say("version {version}, review by {day}", version=wording.version, day=wording.review_by)
    if changed := corrected(book.dossier.stationery):
        words = f"{words}; {say('words corrected by the laboratory: {count}', count=number(changed))}"
    if wording.language == "en":
        return words
    if wording.is_draft:
        return f"{words}; {say('unreviewed draft, language {language}', language=wording.language)}"
    return f"{words}; {say('compared with the English by {person}', person=wording.reviewed_by)}"


def _libraries(book: Book) -> None:
    libraries = book.dossier.program.libraries
    book.sheet.subtitle("Libraries of the program")
    if not libraries:
        book.absent()
        return
    columns = tuple(
        Column(title, width, style)
        for _ in range(2)
        for title, width, style in (("Library", 141.0, CELL_BOLD), ("Version", 100.0, CELL))
    )
    table = Table(book.sheet, columns, name=say("Libraries"))
    half = (len(libraries) + 1) // 2
    for position in range(half):
        beside = libraries[position + half] if position + half < len(libraries) else ("", "")
        table.row((*libraries[position], *beside))
    table.finish()


def _instruments(book: Book) -> None:
    columns = (
        Column("Tool", 104.0, CELL_BOLD),
        Column("Version", 68.0, CELL),
        Column("Used for", 98.0, CELL),
        Column("Validation in this laboratory", 102.0, CELL),
        Column("SHA-256 of the tool", 110.0, CELL_MONO),
    )
    rows = [_instrument(tool) for tool in book.dossier.tools]
    book.sheet.subtitle("Tools and instruments used", room_pt=begun_pt(columns, rows[0]) if rows else 40.0)
    if not rows:
        book.absent()
        return
    table = Table(book.sheet, columns, name=say("Tools and instruments"))
    for row in rows:
        table.row(row)
    table.finish()


def _instrument(tool: Tool) -> tuple[Cell, ...]:
    digest = [Piece(line, CELL_MONO) for line in digest_lines(tool.sha256, 2)] if tool.sha256 else None
    return (
        tool.name,
        say(tool.version),
        ", ".join(map(say_act, tool.used_for.split(", "))) if tool.used_for else say("not recorded"),
        _validation(tool),
        digest or Piece(say("not recorded"), CELL_QUIET),
    )


def _validation(tool: Tool) -> Piece:
    if tool.flag:
        return Piece(say("NOT VALIDATED: {why}", why=as_told(tool.flag)), CELL_BOLD)
    return Piece(as_told(tool.validation), CELL) if tool.validation else Piece(say("none on record"), CELL_QUIET)
