"""Limitations, standing and derived from the dossier, and deviations from the method."""

from __future__ import annotations

from collections.abc import Iterator

from forensics_app.model.dossier import Dossier, ImageFacts, LedgerHead
from forensics_app.reports.acquisition import differing
from forensics_app.reports.book import Book
from forensics_app.reports.checks import not_supplied
from forensics_app.reports.table import CELL, Column, Table
from forensics_app.reports.values import number, size


def draw_limitations(book: Book) -> None:
    """What the report cannot say, what was not done, what was not supplied."""
    sheet, dossier = book.sheet, book.dossier
    own = (*dossier.limitations, *derived_limitations(dossier))
    sheet.subtitle("Of this case")
    if own:
        sheet.items(own)
    else:
        book.absent("none beyond the standing ones below")
    sheet.subtitle("Standing")
    sheet.items(book.wording.texts("limitations", "standing"))
    sheet.subtitle("Not supplied")
    missing = not_supplied(dossier)
    if missing:
        sheet.items(missing)
    else:
        book.absent("nothing that the report standards ask for is missing")


def derived_limitations(dossier: Dossier) -> tuple[str, ...]:
    """What follows from the facts of the dossier: one sentence each, in the order of the report."""
    sentences = [*_exhibit_limits(dossier)]
    for image in dossier.images:
        sentences.extend(_image_limits(image))
    sentences.extend(_file_limits(dossier))
    sentences.extend(sentence for head in dossier.ledger_heads for sentence in _ledger_limits(head))
    sentences.extend(_tool_limits(dossier))
    return tuple(sentences)


def _exhibit_limits(dossier: Dossier) -> Iterator[str]:
    imaged = {image.exhibit for image in dossier.images}
    covered = imaged | {
        related
        for exhibit in dossier.exhibits
        if exhibit.number in imaged
        for related in (exhibit.parent, exhibit.root)
        if related
    }
    for exhibit in dossier.exhibits:
        if exhibit.number not in covered:
            yield f"Exhibit {exhibit.number} was not imaged; nothing is said about its content."


def _image_limits(image: ImageFacts) -> Iterator[str]:
    mismatched = differing(image)
    if mismatched:
        yield (
            f"Image {image.exhibit}: the digests stored in the container and those calculated here differ "
            f"({', '.join(mismatched)}). Either the data are not those that were first imaged, "
            "or the stored digest is wrong."
        )
    if image.contents_equal < image.contents_compared:
        differing_files = number(image.contents_compared - image.contents_equal)
        yield (
            f"Image {image.exhibit}: {differing_files} of the files in it are not what the digests stored with them "
            "say, or cannot be read."
        )
    if all(check.stored is None for check in image.digests) and not image.contents_compared:
        yield (
            f"Image {image.exhibit} carries no digest of its own: nothing shows that it is unchanged "
            "since before it was taken in."
        )
    if not any(check.computed is not None for check in image.digests):
        yield f"Image {image.exhibit}: no digest of the media was calculated."
    if image.unreadable:
        total = sum(region.length_bytes for region in image.unreadable)
        yield (
            f"Image {image.exhibit}: {size(total)} in {number(len(image.unreadable))} regions could not be read; "
            "what lay there is unknown."
        )
    if image.not_read:
        total = sum(region.length_bytes for region in image.not_read)
        yield (
            f"Image {image.exhibit}: {size(total)} in {number(len(image.not_read))} regions were not read at the "
            "acquisition; what lay there is unknown."
        )
    if image.not_read_unknown:
        yield f"Image {image.exhibit}: the list of what was not read at the acquisition is damaged or too long."
    if image.problems:
        yield f"Image {image.exhibit}: what was found on opening and comparing is listed in the part on acquisition."
    if image.write_block.device is None:
        yield f"Image {image.exhibit}: no write blocker was used."
    for volume in image.volumes:
        if volume.not_examined is not None:
            yield f"Image {image.exhibit}: volume {volume.id} was not examined: {volume.not_examined}."


def _file_limits(dossier: Dossier) -> Iterator[str]:
    for file in dossier.files:
        if file.note:
            yield f"File {file.reference}: {file.note.rstrip('.')}."
        if file.realloc:
            yield f"File {file.reference}: its space has been used again; the content may belong to another file."
    zoneless = {time.basis for file in dossier.files for time in file.times}
    zoneless |= {column.basis for listed in dossier.file_lists for column in listed.time_columns}
    if "local" in zoneless:
        yield (
            "Some times are stored without a zone. Their reading in UTC assumes that the clock ran in the zone "
            f"{dossier.head.zone_of_local_times}; that was not established."
        )
    if "date" in zoneless:
        yield "Some stamps are stored as a date without a time of day."


def _ledger_limits(head: LedgerHead) -> Iterator[str]:
    answers = (("intact", head.intact), ("signed", head.signed), ("trusted", head.trusted))
    failed = [word for word, answer in answers if answer is False]
    unchecked = [word for word, answer in answers if answer is None]
    if failed:
        yield f"The ledger {head.chain} is not {' and not '.join(failed)}."
    if unchecked:
        yield f"Whether the ledger {head.chain} is {' and '.join(unchecked)} was not checked."


def _tool_limits(dossier: Dossier) -> Iterator[str]:
    for tool in dossier.tools:
        if tool.validation is None:
            yield f"{tool.name} {tool.version} has no validation on record in this laboratory."


def draw_deviations(book: Book) -> None:
    """Departures from the method, each with its reason."""
    if not book.dossier.deviations:
        book.absent("none recorded")
        return
    columns = (
        Column("No.", 28.0, CELL, is_figure=True),
        Column("Deviation", 176.0, CELL),
        Column("Reason", 154.0, CELL),
        Column("By, when", 124.0, CELL),
    )
    table = Table(book.sheet, columns, name="Deviations")
    for position, deviation in enumerate(book.dossier.deviations, start=1):
        when = f"\n{book.clock.moment(deviation.at)}" if deviation.at else ""
        table.row((number(position), deviation.what, deviation.reason, f"{deviation.by or 'not supplied'}{when}"))
    table.finish(f"Last item: {number(len(book.dossier.deviations))}.")
