"""The exhibits, each with its particulars and photographs."""

from __future__ import annotations

from forensics_app.model.dossier import Dossier, Exhibit
from forensics_app.reports.book import Book
from forensics_app.reports.layout import ABSENT, VALUE, Value
from forensics_app.reports.lines import Piece
from forensics_app.reports.pictures import draw_photos
from forensics_app.reports.values import described
from forensics_app.reports.words import as_told, say


def exhibit_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every exhibit."""
    return tuple(_title(exhibit) for exhibit in dossier.exhibits)


def _title(exhibit: Exhibit) -> str:
    return say("Exhibit {number}: {description}", number=exhibit.number, description=described(exhibit.description))


def draw_exhibits(book: Book) -> None:
    """Every exhibit in turn."""
    book.intro("exhibits")
    if not book.dossier.exhibits:
        book.absent("no exhibits")
    for exhibit in book.dossier.exhibits:
        book.section(_title(exhibit), room_pt=120.0, is_told_below=True)
        book.sheet.properties(_particulars(book, exhibit))
        if exhibit.photos:
            book.sheet.subtitle("Photographs", room_pt=210.0)
            draw_photos(book, exhibit.photos)


def _particulars(book: Book, exhibit: Exhibit) -> list[tuple[str, Value]]:
    clock, seizure = book.clock, exhibit.seizure
    is_derived = exhibit.parent is not None
    rows: list[tuple[str, Value]] = [
        ("Type", say(exhibit.type)),
        ("Made from", _lineage(exhibit) if is_derived else say("seized or received as such")),
        ("Description", described(exhibit.description)),
    ]
    physical: list[tuple[str, Value]] = [
        ("Make", exhibit.make),
        ("Model", exhibit.model),
        ("Serial number", exhibit.serial),
    ]
    rows += [row for row in physical if row[1] or not is_derived]
    rows += [(label, as_told(value)) for label, value in exhibit.identifiers]
    rows += [("Condition", exhibit.condition), ("Seal", exhibit.seal or (None if not is_derived else say("none")))]
    if seizure is not None:
        rows += [
            ("Seized at", seizure.place),
            ("Seized on", clock.both(seizure.at, seizure.zone) if seizure.at else None),
            ("Seized by", seizure.by),
            ("Witness", seizure.witness),
        ]
    elif not is_derived:
        rows.append(("Seizure", None))
    received = clock.both(exhibit.received_at) if exhibit.received_at else None
    optional: list[tuple[str, Value]] = [
        ("Received", _received(received, exhibit.received_from)),
        ("State now", exhibit.state and say(exhibit.state)),
        ("Holder now", exhibit.holder),
        ("Place now", exhibit.place),
        ("Disposition", exhibit.disposition),
        ("Clock of the device", exhibit.clock_offset),
    ]
    rows += [row for row in optional if row[1]]
    if not exhibit.photos:
        rows.append(
            ("Photographs", Piece(say("none"), VALUE) if exhibit.no_photo_reason is None else _no_photo(exhibit))
        )
    return rows


def _lineage(exhibit: Exhibit) -> str:
    if exhibit.root and exhibit.root != exhibit.parent:
        return say("exhibit {number}; root exhibit {root}", number=exhibit.parent, root=exhibit.root)
    return say("exhibit {number}", number=exhibit.parent)


def _received(moment: str | None, by: str | None) -> str | None:
    return say("{time} from {person}", time=moment, person=by) if moment and by else moment


def _no_photo(exhibit: Exhibit) -> Piece:
    return Piece(say("none: {why}", why=as_told(exhibit.no_photo_reason or "")), ABSENT)
