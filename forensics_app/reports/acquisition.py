"""How each image came in, what its digests say, what could not be read, and which volumes it holds."""

from __future__ import annotations

from collections.abc import Sequence

from forensics_app.model.dossier import DigestCheck, Dossier, ImageFacts, MediaRegion, VolumeFacts
from forensics_app.reports.book import Book
from forensics_app.reports.layout import NAME, VALUE, Value
from forensics_app.reports.lines import Piece
from forensics_app.reports.table import CELL, CELL_BOLD, CELL_MONO, CELL_NAME, CELL_QUIET, Cell, Column, Table
from forensics_app.reports.values import algorithm, digest_lines, joined, number, size
from forensics_app.reports.words import as_told, say

_DIGESTS = {
    of: f"Digests of {of}"
    for of in ("the media", "the file as it is", "the contents of the files in it, one behind the other")
}
"""The heading of an image's digests, by what they are of."""


def image_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for every image."""
    return tuple(say("Image {image}", image=image.exhibit) for image in dossier.images)


def result_word(check: DigestCheck) -> str:
    """What the comparison of one digest says; the three answers, or that nothing was calculated."""
    if check.computed is None:
        return "not calculated"
    if check.stored is None:
        return "none stored"
    return "equal" if check.stored == check.computed else "DIFFERS"


def differing(image: ImageFacts) -> tuple[str, ...]:
    """The algorithms whose stored and calculated digests differ."""
    return tuple(
        check.algorithm
        for check in image.digests
        if check.stored is not None and check.computed is not None and check.stored != check.computed
    )


def draw_acquisition(book: Book) -> None:
    """Every image in turn."""
    book.intro("acquisition")
    if not book.dossier.images:
        book.absent("no image was taken in")
    for image in book.dossier.images:
        book.section(say("Image {image}", image=image.exhibit), room_pt=120.0)
        book.sheet.properties(_particulars(book, image))
        _digests(book, image)
        _unreadable(book, image)
        if image.metadata:
            book.sheet.subtitle("What the container says of itself")
            book.sheet.paragraph(book.wording.text("acquisition", "metadata"), after_pt=3.0)
            rows = [(label, Piece(value, NAME)) for label, value in image.metadata]
            book.sheet.properties(rows, labels_are_found=True)


def _particulars(book: Book, image: ImageFacts) -> list[tuple[str, Value]]:
    clock = book.clock
    block = image.write_block
    blocked = joined((block.device, block.identifier and say("id {identifier}", identifier=block.identifier)))
    if blocked is None and block.reason:
        blocked = say("none; reason: {why}", why=block.reason)
    rows: list[tuple[str, Value]] = [
        ("Source", image.source),
        ("Container", _container(image)),
        ("Segments as opened", [Piece(path, NAME) for path in image.paths]),
        (
            "Media",
            f"{size(image.media_bytes)}, {_sectors(image)}" if image.sector_bytes > 1 else size(image.media_bytes),
        ),
        ("Container files", size(image.container_bytes)),
        ("Write protection", blocked),
        ("Started", clock.both(image.started_at) if image.started_at else None),
        ("Ended", clock.both(image.ended_at) if image.ended_at else None),
        ("Done by", image.operator),
        ("Tool", image.tool),
        (
            "Found on opening and comparing",
            [Piece(as_told(problem), VALUE) for problem in image.problems] or say("none"),
        ),
    ]
    rows += [("Verified again", f"{clock.both(at)}: {as_told(result)}") for at, result in image.verifications]
    if image.decision:
        rows.append(("Decision on a mismatch", image.decision))
    return rows


def _sectors(image: ImageFacts) -> str:
    whole, rest = divmod(image.media_bytes, image.sector_bytes)
    words = "{count} sectors of {sector} bytes and {rest} bytes" if rest else "{count} sectors of {sector} bytes"
    return say(words, count=number(whole), sector=number(image.sector_bytes), rest=number(rest))


def _container(image: ImageFacts) -> str:
    words = "{container}, 1 segment" if image.segments == 1 else "{container}, {count} segments"
    return say(words, container=say(image.container), count=number(image.segments))


def _digests(book: Book, image: ImageFacts) -> None:
    book.sheet.subtitle(say(_DIGESTS[image.digests_of]), room_pt=90.0)
    columns = (
        Column("Algorithm", 82.0, CELL_BOLD),
        Column("Stored in the container", 164.0, CELL_MONO),
        Column("Calculated here", 164.0, CELL_MONO),
        Column("Comparison", 72.0, CELL_BOLD),
    )
    table = Table(book.sheet, columns, name=say("Digests of {what}", what=image.exhibit))
    for check in image.digests:
        table.row((algorithm(check.algorithm), _shown(check.stored), _shown(check.computed), say(result_word(check))))
    table.finish()
    if image.contents_compared:
        words = "{equal} of {count} files with digests in the container were read at the intake and are equal to them."
        counts = {"equal": number(image.contents_equal), "count": number(image.contents_compared)}
        book.sheet.paragraph(say(words, **counts), after_pt=3.0)
    names = {check.algorithm for check in image.digests if check.computed is not None}
    if names & {"MD5", "SHA-1"}:
        book.sheet.paragraph(book.wording.text("acquisition", "legacy"), CELL_QUIET, after_pt=3.0)


def _shown(digest: bytes | None) -> Cell:
    if digest is None:
        return Piece(say("none"), CELL_QUIET)
    return [Piece(line, CELL_MONO) for line in digest_lines(digest, 4)]


def _unreadable(book: Book, image: ImageFacts) -> None:
    book.sheet.subtitle("Unreadable regions of the media")
    if image.unreadable:
        words = say("{regions}. They count as zeros in the digests above.", regions=together(image.unreadable))
        _regions(book, image.unreadable, words, say("Unreadable regions of {image}", image=image.exhibit))
    elif image.not_read or image.not_read_unknown:
        words = say("None of what the container holds. The acquisition did not read all of it.")
        book.sheet.paragraph(words, after_pt=4.0)
    else:
        book.sheet.paragraph(say("None: every byte of the media was read."), after_pt=4.0)
    if image.not_read or image.not_read_unknown:
        book.sheet.subtitle("Not read at the acquisition")
    if image.not_read:
        words = (
            "{regions}, by what the container says of itself. They are zeros in it and in the "
            "digests above; what lay there is unknown."
        )
        name = say("Regions of {image} not read at the acquisition", image=image.exhibit)
        _regions(book, image.not_read, say(words, regions=together(image.not_read)), name)
    if image.not_read_unknown:
        words = "The container's list of what the acquisition could not read is damaged or too long: there may be more."
        book.sheet.paragraph(say(words), after_pt=4.0)


def together(regions: Sequence[MediaRegion]) -> str:
    """How many regions, and how much they are together."""
    together = size(sum(region.length_bytes for region in regions))
    return say("{regions}, together {size}", regions=_counted(regions), size=together)


def _counted(regions: Sequence[MediaRegion]) -> str:
    return say("1 region" if len(regions) == 1 else "{count} regions", count=number(len(regions)))


def _regions(book: Book, regions: Sequence[MediaRegion], words: str, name: str) -> None:
    book.sheet.paragraph(words, after_pt=4.0)
    columns = (
        Column("No.", 34.0, CELL, is_figure=True),
        Column("Offset, bytes", 92.0, CELL, is_figure=True),
        Column("Offset, hexadecimal", 92.0, CELL_MONO),
        Column("Length, bytes", 82.0, CELL, is_figure=True),
        Column("What failed", 182.0, CELL),
    )
    table = Table(book.sheet, columns, name=name)
    for position, region in enumerate(regions, start=1):
        offset = region.offset_bytes
        why = say(region.why or "not recorded")
        table.row((number(position), number(offset), f"{offset:#x}", number(region.length_bytes), why))
    table.finish(say("Last item: {what}.", what=_counted(regions)))


def draw_volumes(book: Book) -> None:
    """Volumes and file systems of every image, and what was not examined."""
    book.intro("volumes")
    if not book.dossier.images:
        book.absent("no image was taken in")
    for image in book.dossier.images:
        book.section(say("Volumes of {image}", image=image.exhibit), room_pt=90.0)
        if image.not_catalogued is not None:
            book.sheet.paragraph(as_told(image.not_catalogued), after_pt=4.0)
            continue
        scheme = image.partition_scheme
        book.sheet.paragraph(say("Partition table: {scheme}.", scheme=scheme or say("none found")), after_pt=4.0)
        if image.volumes:
            _volume_table(book, image)
        else:
            book.absent("no volume was found")


def _volume_table(book: Book, image: ImageFacts) -> None:
    columns = (
        Column("Volume, kind", 88.0, CELL),
        Column("Start, bytes", 74.0, CELL, is_figure=True),
        Column("Length, bytes", 80.0, CELL, is_figure=True),
        Column("File system", 98.0, CELL),
        Column("Entries", 78.0, CELL),
        Column("Examined", 64.0, CELL),
    )
    table = Table(book.sheet, columns, name=say("Volumes of {image}", image=image.exhibit))
    for volume in image.volumes:
        table.row(_volume_row(volume))
    table.finish(say("Last item. Volumes and areas: {count}.", count=number(len(image.volumes))))


def _volume_row(volume: VolumeFacts) -> tuple[Cell, ...]:
    kind = joined((say(volume.kind), volume.parent and say("in {volume}", volume=volume.parent))) or volume.kind
    identity = [Piece(volume.id, CELL_BOLD), Piece(kind, CELL_QUIET)]
    if volume.description:
        identity.append(Piece(as_told(volume.description), CELL_NAME))
    system = [Piece(volume.file_system or say("none recognised"), CELL)]
    if volume.label:
        system.append(Piece(say("label {label}", label=volume.label), CELL_NAME))
    if volume.serial:
        system.append(Piece(say("serial {serial}", serial=volume.serial), CELL_QUIET))
    if volume.block_bytes:
        system.append(Piece(say("unit {count} bytes", count=number(volume.block_bytes)), CELL_QUIET))
    if volume.encryption:
        system.append(Piece(f"{volume.encryption}, {say('locked' if volume.locked else 'unlocked')}", CELL_BOLD))
    counts = [Piece(say("{what}: {count}", count=number(count), what=say(what)), CELL) for what, count in volume.counts]
    counts = counts or [Piece(say("none"), CELL_QUIET)]
    examined = Piece(say("yes"), CELL)
    if volume.not_examined is not None:
        examined = Piece(say("NO: {why}", why=as_told(volume.not_examined)), CELL_BOLD)
    return identity, number(volume.start_bytes), number(volume.length_bytes), system, counts, examined


def volume_titles(dossier: Dossier) -> tuple[str, ...]:
    """A section for the volumes of every image."""
    return tuple(say("Volumes of {image}", image=image.exhibit) for image in dossier.images)
