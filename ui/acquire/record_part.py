"""An acquisition in words: source, settings, digests, what could not be read and where, whether it was read back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from forensics_app.model.acquisition import BadRegion, Compression, Format
from forensics_app.model.acquisition_record import AcquisitionRecord
from forensics_app.model.image import EvidenceImage
from ui import text, theme
from ui.acquire.words import compression_words, format_words, said_words, segment_words, tr
from ui.exhibits.parts import section
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.digest_view import DigestView
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import Fact, note

REGIONS_SHOWN = 20
_MAP_PX, _LEAST_PX = 14, 3


def acquisition_part(record: AcquisitionRecord, image: EvidenceImage | None, zone: ZoneInfo) -> list[QWidget]:
    """Everything that the record says of how an image was made, under the heading Acquisition."""
    parts: list[QWidget] = [section(tr("Acquisition"), _rows(record, image, zone))]
    parts.append(read_errors(record))
    if record.is_of_folders:
        parts += [DigestView(name, value) for name, value in record.digests.items()]
    if record.differing:
        parts.append(note(Tone.BAD, tr("Read back otherwise: {what}").format(what=", ".join(record.differing[:10]))))
    return parts


def read_errors(record: AcquisitionRecord) -> QWidget:
    """What could not be read, on a map of the media and in words."""
    if record.is_of_folders:
        return _unreadable_files(record)
    if not record.bad_count:
        words = tr("Every sector of the source could be read.")
        return plain(vbox(label(tr("Read errors"), "section"), label(words, name="noReadErrors"), gap=Space.XS))
    one = tr("{lost} bytes in 1 region of the source could not be read; they are zeros in the image.")
    many = tr("{lost} bytes in {n} regions of the source could not be read; they are zeros in the image.")
    words = text.plural(record.bad_count, one, many).format(lost=text.count_text(record.bad_bytes))
    rows = [_region(region) for region in record.bad[:REGIONS_SHOWN]]
    left = record.bad_count - len(rows)
    if left:
        more = tr("and {n} more; the journal {name} lists all").format(n=text.count_text(left), name=record.journal)
        rows.append(label(more, "caption", wrap=True))
    ends = hbox(label("0", "caption"), None, label(text.size_text(record.media_bytes), "caption"))
    return plain(
        vbox(
            label(tr("Read errors"), "section"), note(Tone.WARN, words, name="readErrors"),
            ReadErrorMap(record.media_bytes, record.bad), ends, *rows, gap=Space.XS,
        )
    )  # fmt: skip


def read_back_words(record: AcquisitionRecord, image: EvidenceImage | None) -> tuple[Tone, str]:
    """Whether what was written was compared with what was copied; ``image`` is what the intake made of it."""
    match record.read_back:
        case "equal":
            return Tone.OK, tr("Yes, equal")
        case "differs":
            return Tone.BAD, tr("No, it differs")
        case "by the intake" if image is not None:
            if all(image.digests.get(name) == value for name, value in record.digests.items()):
                return Tone.OK, tr("Yes, equal")
            return Tone.BAD, tr("No, it differs")
    return Tone.NONE, tr("Not read back")


class ReadErrorMap(QWidget):
    """The media from its first byte at the left to its last; what could not be read is crossed."""

    def __init__(self, media_bytes: int, bad: Sequence[BadRegion], *, name: str = "readErrorMap") -> None:
        """Show ``bad`` on a media of ``media_bytes``; a region takes 3 px at least."""
        super().__init__()
        self.setObjectName(name)
        self._media_bytes, self._bad = max(1, media_bytes), tuple(bad)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        count = text.count_text(len(self._bad))
        self.setAccessibleName(tr("Map of the media, {n} regions that could not be read").format(n=count))

    def sizeHint(self) -> QSize:
        """One strip."""
        return QSize(12 * _MAP_PX, _MAP_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip and the regions."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(look.neutral_soft))
        for region in self._bad:
            left = region.offset_bytes * self.width() / self._media_bytes
            width = max(_LEAST_PX, region.length_bytes * self.width() / self._media_bytes)
            box = QRectF(min(left, self.width() - width), 0, width, self.height())
            painter.fillRect(box, QColor(look.bad))
            if width > _MAP_PX:
                painter.setPen(QPen(QColor(look.surface), 1.5))
                painter.drawLine(box.topLeft(), box.bottomRight())
                painter.drawLine(box.topRight(), box.bottomLeft())


def _rows(record: AcquisitionRecord, image: EvidenceImage | None, zone: ZoneInfo) -> list[tuple[str, Fact]]:
    tone, words = read_back_words(record, image)
    began = _moment(record.started_at, zone)
    times = text.plural(record.resumed, tr("taken up again once"), tr("taken up again {n} times"))
    return [
        (tr("Source"), CutLabel(record.source, mode=Qt.TextElideMode.ElideMiddle)),
        (tr("Is"), said_words(record.source_said) or tr("Folders")),
        (tr("Mounted"), ", ".join(_texts(record.source_said.get("mounted_at")))),
        (tr("Written as"), _how(record)),
        (tr("Began"), f"{began}, {times}" if record.resumed else began),
        (tr("Recorded"), f"{text.time_text(record.recorded_at, zone)}, {record.actor}"),
        (tr("Verified"), Badge(tone, words, name="acquisitionVerified")),
        (tr("Journal"), record.journal),
        (tr("With"), record.tool),
    ]


def _how(record: AcquisitionRecord) -> str:
    given = record.settings
    if record.is_of_folders:
        size = text.bytes_text(record.media_bytes)
        kept = tr("ZIP container with a manifest, {size} of content").format(size=size)
        if isinstance(record.attributes, int):
            one, many = tr("1 extended attribute"), tr("{n} extended attributes")
            return f"{kept}, {text.plural(record.attributes, one, many)}"
        lost = tr("extended attributes and alternate streams were not copied")
        return f"{kept}; {lost}"
    format_ = Format(str(given.get("format", Format.RAW)))
    parts = [format_words(format_)]
    if format_ is Format.E01:
        packed = compression_words(Compression(str(given.get("compression", Compression.FAST))))
        parts.append(tr("compression {how}").format(how=packed.lower()))
    segment = given.get("segment_bytes")
    if isinstance(segment, int):
        parts.append(tr("files of {size} at most").format(size=segment_words(segment)))
    parts.append(tr("a bad sector tried {n} times more").format(n=given.get("retries", 0)))
    return ", ".join(parts)


def _unreadable_files(record: AcquisitionRecord) -> QWidget:
    if not record.bad_count:
        words = tr("Every file and folder could be read whole.")
        return plain(vbox(label(tr("Read errors"), "section"), label(words, name="noReadErrors"), gap=Space.XS))
    count = text.count_text(record.bad_count)
    words = tr("{n} files or folders could not be read whole.").format(n=count)
    rows = [label(one, "small", wrap=True, select=True) for one in record.unreadable_files[:REGIONS_SHOWN]]
    head = label(tr("Read errors"), "section")
    return plain(vbox(head, note(Tone.WARN, words, name="readErrors"), *rows, gap=Space.XS))


def _region(region: BadRegion) -> QWidget:
    words = tr("{length} bytes at {offset}").format(
        length=text.count_text(region.length_bytes), offset=text.count_text(region.offset_bytes)
    )
    return plain(vbox(label(words, "mono", select=True), label(region.why, "caption", wrap=True), gap=0))


def _moment(said: str, zone: ZoneInfo) -> str:
    return text.time_text(datetime.fromisoformat(said), zone) if said else ""


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []
