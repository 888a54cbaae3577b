"""Renders a dossier as a PDF file: the report that is signed, handed out and checked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from forensics_app.model.attachment import Attachment
from forensics_app.model.dossier import Dossier
from forensics_app.reports.book import Book
from forensics_app.reports.checks import IncompleteReportError, blockers
from forensics_app.reports.closing import draw_end
from forensics_app.reports.cover import define_contents, draw_contents, draw_cover, status, subject
from forensics_app.reports.layout import Marks, Sheet
from forensics_app.reports.parts import parts_of
from forensics_app.reports.pen import Pen
from forensics_app.reports.teller import Teller
from forensics_app.reports.telling import ToldSheet
from forensics_app.reports.values import Clock
from forensics_app.reports.wording import wording_of, words_of
from forensics_app.reports.words import as_told, say, speaking


def render(dossier: Dossier, target: BinaryIO | Path, attachments: Sequence[Attachment] = ()) -> None:
    """Write the report.

    Equal dossiers and attachments give equal bytes, so that what was previewed is what is issued. The file is PDF/A-3,
    level B (ISO 19005-3); it is not tagged and does not claim to be PDF/UA. An issued one has a field for each person
    who signs.

    Args:
        dossier: All that the report says; long rows may be lazy and are read once.
        target: An open binary file, or the path of a file to write; writing it safely is up to the caller.
        attachments: Files that travel inside it.

    Raises:
        IncompleteReportError: The dossier is to be issued and lacks what an issued report must have.
        OSError: The target cannot be written.
        zoneinfo.ZoneInfoNotFoundError: A zone that the dossier names is not known here.
    """
    lacks = () if dossier.is_draft else blockers(dossier)
    if lacks:
        raise IncompleteReportError(lacks)
    if isinstance(target, Path):
        with target.open("wb") as file:
            _render(dossier, file, attachments)
    else:
        _render(dossier, target, attachments)


def tell(dossier: Dossier, teller: Teller) -> None:
    """Tell all that the report says, in the order of its pages, to what writes it in another format.

    Raises:
        zoneinfo.ZoneInfoNotFoundError: A zone that the dossier names is not known here.
    """
    with speaking(words_of(dossier.stationery)):
        clock = Clock(dossier.head)
        sheet = ToldSheet(teller, _marks(dossier, clock))
        book = Book(dossier=dossier, sheet=sheet, clock=clock, wording=wording_of(dossier))
        draw_cover(book)
        for part in parts_of(dossier):
            book.part(part)
        draw_end(book)


def _render(dossier: Dossier, target: BinaryIO, attachments: Sequence[Attachment]) -> None:
    with speaking(words_of(dossier.stationery)):
        _render_spoken(dossier, target, attachments)


def _render_spoken(dossier: Dossier, target: BinaryIO, attachments: Sequence[Attachment]) -> None:
    head, clock = dossier.head, Clock(dossier.head)
    pen = Pen(
        target,
        title=f"{as_told(head.title)}, {as_told(head.number)}",
        author=f"{dossier.author.name}, {dossier.laboratory.name}",
        subject=subject(dossier),
        made_at=head.issued_at or head.made_at,
        language=dossier.stationery.language,
    )
    book = Book(dossier=dossier, sheet=Sheet(pen, _marks(dossier, clock)), clock=clock, wording=wording_of(dossier))
    parts = parts_of(dossier)
    draw_cover(book)
    draw_contents(book, parts)
    for part in parts:
        book.part(part)
    draw_end(book)
    book.sheet.finish()
    define_contents(book, parts)
    pen.finish(attachments)


def _marks(dossier: Dossier, clock: Clock) -> Marks:
    head = dossier.head
    rule = "Times in {zone} (tzdata {version}) unless another zone is named; the offset stands beside each."
    return Marks(
        laboratory=dossier.laboratory.name,
        identity=say(
            "Case {case} · Report {number}, version {version}",
            case=dossier.case.number,
            number=as_told(head.number),
            version=head.version,
        ),
        zone=say(rule, zone=head.zone, version=head.tzdata_version),
        status=status(dossier, clock),
    )
