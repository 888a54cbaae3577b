"""Limitations, standing and derived from the dossier, and deviations from the method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from forensics_app.model.dossier import Dossier, FileList, ImageFacts, LedgerHead, Section
from forensics_app.model.told import Told
from forensics_app.reports.acquisition import differing, together
from forensics_app.reports.book import Book
from forensics_app.reports.completeness import draw_completeness
from forensics_app.reports.fonts import has_code_points
from forensics_app.reports.table import CELL, Column, Table
from forensics_app.reports.values import number
from forensics_app.reports.weaknesses import draw_work
from forensics_app.reports.words import as_told, say

BY_CODE_POINTS = Told(
    "Characters of scripts that this program has no type for, or cannot set as they are read (among them "
    "Chinese, Japanese, Korean, Arabic and Hebrew), controls and marks of direction are printed by their "
    "code points, such as [U+4E2D]; beside names of files stand their bytes."
)


def draw_limitations(book: Book) -> None:
    """What the report cannot say, what was not done, what was not supplied."""
    sheet, dossier = book.sheet, book.dossier
    own = (*dossier.limitations, *derived_limitations(dossier))
    sheet.subtitle("Of this case")
    if own:
        sheet.items(list(map(as_told, own)))
    else:
        book.absent("none beyond the standing ones below")
    sheet.subtitle("Not examined")
    if dossier.not_examined:
        sheet.items(list(map(as_told, dossier.not_examined)))
    else:
        book.absent("the record tells of nothing that was left out")
    sheet.subtitle("Work done and its known weaknesses", room_pt=120.0)
    draw_work(book)
    sheet.subtitle("Standing")
    sheet.items(book.wording.texts("limitations", "standing"))
    sheet.subtitle("Completeness against the standards", room_pt=120.0)
    draw_completeness(book)


def derived_limitations(dossier: Dossier) -> tuple[str, ...]:
    """What follows from the facts of the dossier: one sentence each, in the order of the report."""
    sentences = [*_exhibit_limits(dossier)]
    for image in dossier.images:
        sentences.extend(_image_limits(image))
    sentences.extend(_file_limits(dossier))
    sentences.extend(sentence for head in dossier.ledger_heads for sentence in _ledger_limits(head))
    sentences.extend(_tool_limits(dossier))
    if any(map(has_code_points, _texts(dossier))):
        sentences.append(BY_CODE_POINTS)
    return tuple(sentences)


def _texts(part: object) -> Iterator[str]:
    """Every text of a dossier but those of its lists of files, which tell of themselves."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _texts(one)
    elif is_dataclass(part) and not isinstance(part, FileList):
        for field in fields(part):
            yield from _texts(getattr(part, field.name))


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
            yield Told("Exhibit {exhibit} was not imaged; nothing is said about its content.", exhibit=exhibit.number)


def _image_limits(image: ImageFacts) -> Iterator[str]:
    name = image.exhibit
    mismatched = differing(image)
    if mismatched:
        yield Told(
            "Image {image}: the digests stored in the container and those calculated here differ "
            "({algorithms}). Either the data are not those that were first imaged, "
            "or the stored digest is wrong.",
            image=name,
            algorithms=", ".join(mismatched),
        )
    if image.contents_equal < image.contents_compared:
        yield Told(
            "Image {image}: {count} of the files in it are not what the digests stored with them "
            "say, or cannot be read.",
            image=name,
            count=number(image.contents_compared - image.contents_equal),
        )
    if all(check.stored is None for check in image.digests) and not image.contents_compared:
        yield Told(
            "Image {image} carries no digest of its own: nothing shows that it is unchanged "
            "since before it was taken in.",
            image=name,
        )
    if not any(check.computed is not None for check in image.digests):
        yield Told("Image {image}: no digest of the media was calculated.", image=name)
    if image.unreadable:
        yield Told(
            "Image {image}: {regions} could not be read; what lay there is unknown.",
            image=name,
            regions=together(image.unreadable),
        )
    if image.not_read:
        yield Told(
            "Image {image}: {regions} were not read at the acquisition; what lay there is unknown.",
            image=name,
            regions=together(image.not_read),
        )
    if image.not_read_unknown:
        yield Told(
            "Image {image}: the list of what was not read at the acquisition is damaged or too long.", image=name
        )
    if image.problems:
        yield Told(
            "Image {image}: what was found on opening and comparing is listed in the part on acquisition.", image=name
        )
    if image.write_block.device is None:
        yield Told("Image {image}: no write blocker was used.", image=name)
    for volume in image.volumes:
        if volume.not_examined is not None:
            words = "Image {image}: volume {volume} was not examined: {why}."
            yield Told(words, image=name, volume=volume.id, why=volume.not_examined)


def _file_limits(dossier: Dossier) -> Iterator[str]:
    """Of the files that the report prints."""
    files = dossier.files if Section.FILES in dossier.printed else ()
    lists = dossier.file_lists if Section.LISTS in dossier.printed else ()
    for file in files:
        for words in (as_told(one).rstrip(".") for one in (file.hidden, file.note) if one):
            yield Told("File {reference}: {note}.", reference=file.reference, note=words)
        if file.realloc:
            yield Told(
                "File {reference}: its space has been used again; the content may belong to another file.",
                reference=file.reference,
            )
    zoneless = {time.basis for file in files for time in file.times}
    cited = dossier.findings_of(Section.FINDINGS) if Section.FINDINGS in dossier.printed else ()
    zoneless |= {time.basis for one in cited if one.file for time in one.file.times}
    zoneless |= {column.basis for listed in lists for column in listed.time_columns}
    if "local" in zoneless:
        yield Told(
            "Some times are stored without a zone. Their reading in UTC assumes that the clock ran in the zone "
            "{zone}; that was not established.",
            zone=dossier.head.zone_of_local_times,
        )
    if "date" in zoneless:
        yield Told("Some stamps are stored as a date without a time of day.")


def _ledger_limits(head: LedgerHead) -> Iterator[str]:
    for word, answer in (("intact", head.intact), ("signed", head.signed), ("trusted", head.trusted)):
        if answer is False:
            yield Told("The ledger {chain} is not {word}.", chain=head.chain, word=Told(word))
        if answer is None:
            words = "Whether the ledger {chain} is {word} was not checked."
            yield Told(words, chain=head.chain, word=Told(word))


def _tool_limits(dossier: Dossier) -> Iterator[str]:
    for tool in dossier.tools:
        if tool.validation is None and not tool.flag:  # what is flagged is told among what the record says
            words = "{tool} has no validation on record in this laboratory."
            yield Told(words, tool=Told("{name} {version}", name=tool.name, version=tool.version))


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
    table = Table(book.sheet, columns, name=say("Deviations"))
    for position, deviation in enumerate(book.dossier.deviations, start=1):
        when = f"\n{book.clock.both(deviation.at)}" if deviation.at else ""
        table.row(
            (
                number(position),
                as_told(deviation.what),
                as_told(deviation.reason),
                f"{as_told(deviation.by) if deviation.by else say('not supplied')}{when}",
            )
        )
    table.finish(say("Last item: {what}.", what=number(len(book.dossier.deviations))))
