"""The chosen files, each in full, and long lists of files as tables."""

from __future__ import annotations

from forensics_app.model.dossier import ChosenFile, Dossier, FileList, ListedFile
from forensics_app.model.names import blanks_marked
from forensics_app.reports.book import Book
from forensics_app.reports.file_times import draw_times
from forensics_app.reports.fonts import Face, has_code_points, is_ambiguous, name_in_hex
from forensics_app.reports.layout import CODE, NAME, Value
from forensics_app.reports.limits import BY_CODE_POINTS
from forensics_app.reports.lines import Piece, Style
from forensics_app.reports.pictures import draw_beside
from forensics_app.reports.table import CELL, CELL_MONO, CELL_NAME, CELL_QUIET, Column, Table
from forensics_app.reports.values import algorithm, grouped, joined, number, resolution, size
from forensics_app.reports.words import as_told, say, spoken

_DIGEST = Style(Face.MONO, 6.4, 9.6)
_UTC_PT = 116.0
_NANOSECONDS_PT = 12.0  # what two digits more need, so that no time is broken
_BASIS_WORDS = {"utc": "UTC", "local": "local wall clock, no zone stored", "date": "date only"}


def file_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every chosen file."""
    return tuple(_title(file) for file in dossier.files)


def _title(file: ChosenFile) -> str:
    name = blanks_marked(file.path.rsplit("/", 1)[-1] or file.path)
    return say("{label}: {value}", label=file.reference, value=name)


def draw_files(book: Book) -> None:
    """Every chosen file in turn."""
    book.intro("files")
    if any(not file.allocated for file in book.dossier.files):
        book.intro("files", "deleted")
    if not book.dossier.files:
        book.absent("no files were chosen")
    for file in book.dossier.files:
        book.section(_title(file), room_pt=150.0, is_told_below=True)
        _particulars(book, file)
        draw_times(book, file.times, file.reference)


def state_words(file: ChosenFile) -> str:
    """Allocated or deleted, and what is known of the entry."""
    parts = [say("allocated" if file.allocated else "deleted")]
    if file.realloc:
        parts.append(say("its space has been used again: the content may be another file's"))
    if file.orphan:
        parts.append(say("orphan: its folder is no longer known"))
    return "; ".join(parts)


def _particulars(book: Book, file: ChosenFile) -> None:
    rows: list[tuple[str, Value]] = [("Path", Piece(file.path, NAME))]
    if file.name_bytes is not None or is_ambiguous(file.path):
        label = "Bytes as stored, hexadecimal" if file.name_bytes is not None else "Path in UTF-8, hexadecimal"
        rows.append((label, Piece(name_in_hex(file.path, file.name_bytes), CODE)))
    rows += [
        ("Where", _where(file)),
        ("Entry", f"{say(file.kind)}, {state_words(file)}"),
        ("Size", size(file.size_bytes) if file.size_bytes is not None else None),
        ("Type by content", _type(file)),
    ]
    rows += [(algorithm(name), Piece(grouped(digest), CODE)) for name, digest in file.digests]
    if not file.digests:
        rows.append(("Digests", say("none calculated")))
    if file.still:
        rows.append(("Still of the video", as_told(file.still)))
    if file.hidden:
        rows.append(("Content", as_told(file.hidden)))
    if file.note:
        rows.append(("Note", as_told(file.note)))
    if file.remark:
        rows.append(("Remark", file.remark))
    if file.thumbnail_part:
        rows.append(("Picture", as_told(file.thumbnail_part)))
    draw_beside(book.sheet, rows, file.thumbnail_jpeg, file.thumbnail_absent, file.path)


def _type(file: ChosenFile) -> str:
    words = joined((file.mime, file.type_text)) or say("not determined")
    return f"{words}; {say('content and extension disagree')}" if file.mismatch else words


def _where(file: ChosenFile) -> str:
    words = "image {image}, volume {volume}, address {address}"
    return say(words, image=file.image, volume=as_told(file.volume), address=file.address)


def list_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every list."""
    return tuple(listed.title for listed in dossier.file_lists)


def draw_lists(book: Book) -> None:
    """Every list in turn."""
    for listed in book.dossier.file_lists:
        book.section(listed.title, room_pt=120.0)
        _list_head(book, listed)
        _list_rows(book, listed)


def _list_head(book: Book, listed: FileList) -> None:
    rows: list[tuple[str, Value]] = [
        ("Image and volume", f"{listed.image}, {as_told(listed.volume)}"),
        ("Selection", as_told(listed.selection)),
    ]
    rows += [("Remark", as_told(remark)) for remark in listed.remarks]
    if listed.catalogue_sha256 is not None:
        rows.append(("Catalogue, SHA-256 of its content", Piece(grouped(listed.catalogue_sha256), CODE)))
    for column in listed.time_columns:
        words = say(
            "source {source}, {basis}, resolution {resolution}",
            source=column.source,
            basis=say(_BASIS_WORDS.get(column.basis, column.basis)),
            resolution=resolution(column.resolution_ns),
        )
        rows.append((column.label, words))
    book.sheet.properties(rows)
    book.sheet.skip(8.0)


def _list_rows(book: Book, listed: FileList) -> None:
    labels = ", ".join(spoken().small(say(column.label)) for column in listed.time_columns)
    clock = book.clock
    more_pt = _NANOSECONDS_PT if any(column.resolution_ns == 1 for column in listed.time_columns) else 0.0
    columns = [
        Column("No.", 38.0, CELL, is_figure=True),
        Column("Path; below it state and address, digest and type", 127.0 - 2 * more_pt, CELL_QUIET),
        Column("Size, bytes", 66.0, CELL, is_figure=True),
        Column(say("Times in {zone}: {labels}", zone=clock.zone_name, labels=labels), 135.0 + more_pt, CELL),
    ]
    if clock.has_another_zone:
        columns.append(Column(say("In UTC: {labels}", labels=labels), _UTC_PT + more_pt, CELL))
    else:
        columns[1] = columns[1]._replace(width_pt=columns[1].width_pt + _UTC_PT + more_pt)
    table = Table(book.sheet, columns, name=listed.title, room_pt=60.0)
    count, by_code_points = 0, False
    for count, row in enumerate(listed.rows, start=1):
        by_code_points = by_code_points or has_code_points(row.path)
        _list_row(book, table, listed, count, row)
    table.finish(say("Last item. {count} files; nothing follows.", count=number(count)))
    if by_code_points:
        book.sheet.paragraph(as_told(BY_CODE_POINTS))


def _list_row(book: Book, table: Table, listed: FileList, position: int, row: ListedFile) -> None:
    clock = book.clock
    stamps = zip(row.times_ns, listed.time_columns, strict=True)
    if clock.has_another_zone:
        both = [clock.list_both(ns, column.basis, column.resolution_ns) for ns, column in stamps]
        times: list[list[Piece]] = [[Piece(one[place], CELL) for one in both] for place in (0, 1)]
    else:
        times = [[Piece(clock.list_time(ns, column.basis, column.resolution_ns), CELL) for ns, column in stamps]]
    size_cell = number(row.size_bytes) if row.size_bytes is not None else say("unknown")
    digest = f"SHA-256 {grouped(row.sha256)}" if row.sha256 is not None else say("no digest")
    below = [Piece(f"{digest}  {row.mime}" if row.mime else digest, _DIGEST)]
    if row.name_bytes is not None or is_ambiguous(row.path):
        below.append(Piece(f"{say('bytes')}   {name_in_hex(row.path, row.name_bytes)}", CELL_MONO))
    if row.note:
        below.append(Piece(as_told(row.note), CELL_QUIET))
    state = ", ".join([part for part in (say(row.state), row.address) if part])
    table.row((number(position), state, size_cell, *times), above=(Piece(as_told(row.path), CELL_NAME),), below=below)
