"""Summary, request and authority, persons."""

from __future__ import annotations

from forensics_app.model.dossier import Authority, Person
from forensics_app.reports.book import Book, person_line
from forensics_app.reports.layout import CODE, TITLE_3, VALUE, Value
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_MONO, CELL_QUIET, Column, Table
from forensics_app.reports.values import grouped, joined, short_key
from forensics_app.reports.words import say, say_act


def draw_summary(book: Book) -> None:
    """Conclusions in short."""
    if not book.dossier.summary:
        book.absent()
    for paragraph in book.dossier.summary:
        book.sheet.paragraph(paragraph, after_pt=5.0)


def draw_request(book: Book) -> None:
    """Who asked what, and on what legal basis."""
    request, sheet, clock, case = book.dossier.request, book.sheet, book.clock, book.dossier.case
    book.intro("request", "own_knowledge")
    sheet.properties(
        [
            ("Requester", person_line(request.requester)),
            ("Requesting authority", case.requesting_authority),
            ("Reference", request.reference),
            ("Requested", clock.day(request.requested_at) if request.requested_at else None),
            ("Received", clock.day(request.received_at) if request.received_at else None),
            ("Case opened", clock.both(case.opened_at) if case.opened_at else None),
            ("Offence", case.offence),
            ("Scope of the request", request.scope),
            ("Place of the work", book.dossier.laboratory.place_of_work),
        ]
    )
    sheet.subtitle("Questions asked")
    if request.questions:
        sheet.items(request.questions, numbered=True)
    else:
        book.absent()
    sheet.subtitle("Legal basis")
    if not book.dossier.authorities:
        book.absent()
    for authority in book.dossier.authorities:
        _authority(book, authority)


def _authority(book: Book, authority: Authority) -> None:
    sheet = book.sheet
    sheet.need(70.0)
    sheet.paragraph(authority.instrument, TITLE_3)
    rows: list[tuple[str, Value]] = [
        ("Number", authority.number),
        ("Issuer", authority.issuer),
        ("Issued", authority.issued_on.isoformat() if authority.issued_on else None),
        ("Expires", authority.expires_on.isoformat() if authority.expires_on else None),
        ("Scope", authority.scope),
        ("Supervision", authority.supervision),
        ("Limits", [Piece(limit, VALUE) for limit in authority.limits] or say("none recorded")),
    ]
    sheet.properties(rows)
    sheet.skip(8.0)


def draw_people(book: Book) -> None:
    """Everyone involved, with function and qualification."""
    book.intro("people")
    people = _everyone(book)
    columns = (
        Column("Name and id number", 112.0, CELL_BOLD),
        Column("Function and organisation", 108.0, CELL),
        Column("Part in the case", 136.0, CELL),
        Column("Qualification", 76.0, CELL),
        Column("Key", 50.0, CELL_MONO),
    )
    table = Table(book.sheet, columns, name=say("Persons"))
    for person in people:
        identity = [Piece(person.name, CELL_BOLD)]
        if person.id_number:
            identity.append(Piece(person.id_number, CELL_QUIET))
        table.row(
            (
                identity,
                joined((person.function, person.organisation), "\n") or say("not supplied"),
                ", ".join(map(say_act, person.part.split(", "))) if person.part else say("not supplied"),
                person.qualification or say("not supplied"),
                short_key(person.key_id) if person.key_id else Piece(say("on paper"), CELL_QUIET),
            )
        )
    table.finish()
    _keys(book, people)


def _everyone(book: Book) -> list[Person]:
    """Everybody once; who signed with a key that was replaced since, once for each key."""
    dossier = book.dossier
    people = [dossier.author, *([dossier.reviewer] if dossier.reviewer else []), *dossier.people]
    first_of: dict[tuple[str, str | None, bytes | None], Person] = {}
    for person in people:
        first_of.setdefault((person.name, person.id_number, person.key_id), person)
    return list(first_of.values())


def _keys(book: Book, people: list[Person]) -> None:
    keyed = [(person.name, person.key_id) for person in people if person.key_id is not None]
    if keyed:
        book.sheet.subtitle("Key ids in full")
        rows = [(name, Piece(grouped(key_id), CODE)) for name, key_id in keyed]
        book.sheet.properties(rows, labels_are_found=True)
