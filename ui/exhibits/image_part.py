"""An image in words: container, write block, digests with what was compared, unreadable regions, readings."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QWidget

from forensics_app.model.image import EvidenceImage, ImageDescription, PartStatus, Region
from forensics_app.model.logical import is_logical
from ui import text
from ui.examine.words import visible
from ui.exhibits.parts import section
from ui.exhibits.reading import ImageRead
from ui.exhibits.words import (
    container_words,
    digest_words,
    digests_of_words,
    integrity_mark,
    integrity_words,
    size_title,
    write_block_words,
)
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import plain, vbox
from ui.widgets.notes import Fact, note

ALGORITHMS = ("sha256", "sha1", "md5")
REGIONS_SHOWN = 20


def image_section(read: ImageRead, zone: ZoneInfo, *, number: int = 0) -> QWidget:
    """The short form beside an exhibit: write block, last reading, SHA-256."""
    image = read.image
    tone, words = integrity_mark(image, read_back=read.read_back)
    last = read.checks[-1] if read.checks else None
    rows: list[tuple[str, Fact]] = [
        (_tr("Integrity"), Badge(tone, words, name=f"integrity{number}")),
        (_tr("Write block"), write_block_words(image)),
        (_tr("Taken in"), text.time_text(image.ended_at, zone)),
    ]
    if last and len(read.checks) > 1:
        rows.append((_tr("Read back"), f"{text.time_text(last.ended_at, zone)}, {last.what}"))
    digest = DigestView("SHA-256", image.digests["sha256"], compared_badge(image, "sha256"))
    return section(_tr("Image {number}").format(number=image.number), rows, digest)


def image_whole(read: ImageRead, zone: ZoneInfo) -> list[QWidget]:
    """Everything that is recorded of an image."""
    image = read.image
    source = image.source
    files = ", ".join(path.name for path in source.paths[:3])
    if len(source.paths) > 3:
        files += _tr(" and {n} more").format(n=text.count_text(len(source.paths) - 3))
    duration = text.duration_text((image.ended_at - image.started_at).total_seconds())
    entries = image.catalogue_entries
    rows: list[tuple[str, Fact]] = [
        (_tr("Container"), container_words(source)),
        (_tr("Files"), files),
        (_tr("Folder"), CutLabel(str(source.paths[0].parent), mode=Qt.TextElideMode.ElideMiddle)),
        (size_title(source), text.bytes_text(source.media_bytes)),
        *([(_tr("Digests of"), digests_of_words(source))] if is_logical(source) else []),
        (_tr("Write block"), write_block_words(image)),
        (_tr("Taken in"), f"{text.time_text(image.ended_at, zone)}, {duration}"),
        (_tr("With"), image.tool),
        (
            _tr("Catalogue"),
            _tr("not built yet") if entries is None else text.plural(entries, _tr("{n} entry"), _tr("{n} entries")),
        ),
    ]
    parts: list[QWidget] = [section(image.number, rows, integrity_note(image))]
    parts += [
        DigestView(digest_words(name), image.digests[name], compared_badge(image, name))
        for name in ALGORITHMS
        if name in image.digests
    ]
    if image.unreadable:
        parts.append(unreadable_list(image.unreadable))
    if is_logical(source) and source.problems:
        parts.append(found_section(source))
    again: list[tuple[str, Fact]] = [(text.time_text(check.ended_at, zone), check.what) for check in read.checks[1:]]
    if read.parts and read.parts.done:
        again.append((_tr("Not finished"), part_words(read.parts)))
    if again:
        parts.append(section(_tr("Read again"), again))
    return parts


def found_section(source: ImageDescription) -> QWidget:
    """What was found when logical evidence was opened and its files were compared, damage first."""
    ordered = sorted(source.problems, key=lambda problem: not problem.is_damage)
    notes = [
        note(Tone.BAD if problem.is_damage else Tone.INFO, visible(problem.what), name=f"found{at}")
        for at, problem in enumerate(ordered[:REGIONS_SHOWN])
    ]
    rows: list[tuple[str, Fact]] = []
    if len(ordered) > REGIONS_SHOWN:
        more = _tr("{n} more; the report lists all").format(n=text.count_text(len(ordered) - REGIONS_SHOWN))
        rows.append((_tr("And"), more))
    return section(_tr("Found on opening and comparing"), rows, *notes)


def part_words(status: PartStatus) -> str:
    """How far a check in parts has come, and where the media differs."""
    words = _tr("{done} of {total} parts were read back")
    said = words.format(done=text.count_text(len(status.done)), total=text.count_text(status.total))
    if not status.differing:
        return said
    places = _tr("{length} bytes at {offset}")
    named = [
        places.format(length=text.count_text(region.length_bytes), offset=text.count_text(region.offset_bytes))
        for region in status.differing[:REGIONS_SHOWN]
    ]
    return _tr("{said}; damage lies in {places}").format(said=said, places=", ".join(named))


def integrity_note(image: EvidenceImage) -> QWidget:
    """The comparison at the intake, in a sentence with its mark."""
    tone, _ = integrity_mark(image, read_back=False)
    shown = {Tone.LOCK: Tone.BAD, Tone.DONE: Tone.INFO}.get(tone, tone)
    return note(shown, integrity_words(image), name="integrityWords")


def compared_badge(image: EvidenceImage, algorithm: str) -> Badge:
    """Whether the container's own digest is the one computed: Equal, Differs, None stored."""
    stored = image.source.stored_digests.get(algorithm)
    name = f"compared-{algorithm}"
    if stored is None:
        return Badge(Tone.NONE, _tr("None stored"), name=name)
    if stored != image.digests.get(algorithm):
        return Badge(Tone.BAD, _tr("Differs"), name=name)
    return Badge(Tone.OK, _tr("Equal"), name=name)


def unreadable_list(regions: Sequence[Region]) -> QWidget:
    """The parts of the media that could not be read (REQ-27)."""
    lost = sum(region.length_bytes for region in regions)
    one = _tr("{lost} bytes in 1 region could not be read; they were hashed as zeros.")
    many = _tr("{lost} bytes in {n} regions could not be read; they were hashed as zeros.")
    words = text.plural(len(regions), one, many).format(lost=text.count_text(lost))
    rows = [
        label(
            _tr("{length} bytes at {offset}").format(
                length=text.count_text(region.length_bytes), offset=text.count_text(region.offset_bytes)
            ),
            "mono",
            select=True,
        )
        for region in regions[:REGIONS_SHOWN]
    ]
    if len(regions) > REGIONS_SHOWN:
        more = _tr("and {n} more; the report lists all").format(n=text.count_text(len(regions) - REGIONS_SHOWN))
        rows.append(label(more, "caption"))
    return plain(
        vbox(
            label(_tr("Unreadable regions"), "section"),
            note(Tone.BAD, words, name="unreadableWords"),
            *rows,
            gap=Space.XS,
        )
    )


def _tr(words: str) -> str:
    return QCoreApplication.translate("Images", words)
