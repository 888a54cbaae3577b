"""What a content shows besides its bytes: a picture with its EXIF, stills of a video, or the parts of its format.

All of it comes out of a child process; nothing of evidence is decoded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QVBoxLayout

from forensics_app.model.showing import film_time, is_picture, is_video
from forensics_app.model.viewing import NoViewerError
from ui import text
from ui.examine.decoding import harmless
from ui.examine.picture_bar import PictureBar
from ui.examine.picture_view import PictureView
from ui.examine.sources import in_words, refusal
from ui.examine.stills_row import StillsRow
from ui.examine.structure_pane import StructurePane
from ui.examine.words import is_archive, type_name
from ui.jobs import JobRunner, OnProgress
from ui.latest import Latest
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import plain, scrolled, vbox
from ui.widgets.notes import EmptyState, Note, facts

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import EvidenceImage, Picture, VideoStills
    from ui.examine.places import Subject

LARGEST_BOX_PX = 1600
_SHARPEST_BOX_PX = 4000
"""Side of a picture that is zoomed: its pixels fit one message of a child process."""
_SMALLEST_BOX_PX = 240
_FOLDED_EXIF = 40
_STILL_BOX_PX = 640


class PreviewPane(QFrame):
    """Shows a picture, or what a content of a known format holds; says of others why there is nothing to see."""

    def __init__(self, jobs: JobRunner) -> None:
        """Start without a file."""
        super().__init__()
        self.setObjectName("previewPane")
        self.setProperty("pane", True)
        self._question = Latest(self, jobs)
        self._lab: Lab | None = None
        self._subject: Subject | None = None
        self._stale = False
        self._page = 0
        self.picture = PictureView()
        self.bar = PictureBar(self.picture)
        self.bar.turned.connect(self._turn)
        self.picture.zoomed.connect(self._sharpen)
        self._damage = Note(Tone.WARN, "", name="pictureDamage")
        self._words = label(role="caption", wrap=True, select=True, name="pictureWords")
        self._exif = QVBoxLayout()
        self.stills = StillsRow()
        self.stills.shown.connect(self._show_still)
        self.stills.hide()
        parts = (self._damage, self.picture, self.bar, self.stills, self._words, self._exif)
        body = plain(vbox(*parts, None, margins=(Space.M, Space.S, Space.M, Space.S)))
        self._scroll: QScrollArea = scrolled(body, name="previewScroll")
        self._empty = EmptyState("image", "", name="noPreview")
        self._stack = QStackedWidget()
        self.structure = StructurePane(jobs)
        self.structure.opened.connect(lambda: self._stack.setCurrentWidget(self.structure))
        self.structure.refused.connect(self._say_refused)
        self._stack.addWidget(self._scroll)
        self._stack.addWidget(self.structure)
        self._stack.addWidget(self._empty)
        self.setLayout(vbox((self._stack, 1), gap=0))
        self._say(self.tr("Choose a file."))

    def show_subject(self, lab: Lab, subject: Subject | None) -> None:
        """Look at another file, once the pane is in sight."""
        self._question.drop()
        self.structure.clear()
        self._lab, self._subject, self._page = lab, subject, 0
        why = self._why_not(subject)
        self._stale = not why
        self._say(why or self.tr("Reading …"))  # nothing of what was looked at before
        self.picture.fit()
        self._read_if_seen()

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was not read while nobody looked."""
        super().showEvent(event)
        self._read_if_seen()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the picture in the room that there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the picture is in this width, and so that something of the words stays in sight."""
        image = self.picture.image
        if not image.isNull():
            taken = 3 * Space.XXL + (self._damage.sizeHint().height() if self._damage.isVisible() else 0)
            room = QSize(self.width() - 3 * Space.M, max(6 * Space.L, self.height() - taken))
            is_whole = self.picture.zoom == 1.0
            self.picture.setFixedHeight(self.picture.height_in(room) if is_whole else room.height())

    def _why_not(self, subject: Subject | None) -> str:
        entry = subject.entry if subject else None
        if entry is None:
            return self.tr("Choose a file.")
        return "" if entry.size_bytes else self.tr("There is no content to show.")

    def _read_if_seen(self) -> None:
        lab, subject = self._lab, self._subject
        if not self._stale or lab is None or subject is None or subject.entry is None or not self.isVisible():
            return
        self._stale = False
        image, entry = subject.image, subject.entry
        if is_video(entry.mime, entry.extension):
            self._read_stills(lab, image, entry)
            return
        if not is_picture(entry.mime, entry.extension):
            self.structure.open(lab, image, entry, self._closed_archive())
            return
        self._read_page(self._box_px())

    def _box_px(self) -> int:
        side = round(max(self.width(), self.height()) * self.devicePixelRatioF())
        return min(LARGEST_BOX_PX, max(_SMALLEST_BOX_PX, side))

    def _turn(self, step: int) -> None:
        self._page += step
        self.picture.show_image(QImage())  # the page before is none under the number of this one
        self._read_page(self._box_px())

    def _sharpen(self) -> None:
        self._fit()
        box = self.picture.sharper_px(_SHARPEST_BOX_PX)
        if box and self.stills.isHidden():
            self._read_page(box, is_sharper=True)

    def _read_page(self, box: int, *, is_sharper: bool = False) -> None:
        lab, subject, page = self._lab, self._subject, self._page
        if lab is None or subject is None or subject.entry is None:
            return
        image, entry = subject.image, subject.entry

        def read() -> tuple[Picture, QImage]:
            picture = lab.examine.picture(image, entry, box, page=page, partly=True)
            return picture, QImage.fromData(picture.encoded)

        def take(found: tuple[Picture, QImage]) -> None:
            if is_sharper:
                self.picture.show_image(found[1], is_sharper=True)
            else:
                self._take(*found)

        def refuse(error: Exception) -> None:
            if page:
                self.bar.refuse_page(page, in_words(error))
            else:
                self._say_refused(error)

        self._question.ask(lambda _: read(), take, refuse)

    def _read_stills(self, lab: Lab, image: EvidenceImage, entry: CatalogueEntry) -> None:
        """A video; what only has the name of one is taken apart like everything else."""

        def read(on_progress: OnProgress) -> tuple[VideoStills, list[QImage]]:
            found = lab.examine.stills(image, entry, _STILL_BOX_PX, on_progress=on_progress)
            return found, [QImage.fromData(still.encoded) for still in found.stills]

        self._say(self.tr("Decoding stills …"), "play")
        self._question.ask(read, self._take_stills, lambda error: self._say(*refusal(error, "play")))

    def _take_stills(self, read: tuple[VideoStills, list[QImage]]) -> None:
        found, images = read
        length = film_time(found.length_ms * 1000) if found.length_ms else self.tr("length not told")
        rate = self.tr("{n} frames a second").format(n=f"{found.frames_per_1000_s / 1000:g}")
        facts_told = (
            found.container,
            found.codec,
            self.tr("{width} x {height} pixels").format(
                width=text.count_text(found.width_pixels), height=text.count_text(found.height_pixels)
            ),
            length,
            rate if found.frames_per_1000_s else "",
        )
        missing = self.tr("{n} stills could not be had: {why}.").format(n=found.missing, why=found.why_missing)
        basis = self.tr("As the file says of itself. The time of a still is counted from the beginning of the video.")
        words = [", ".join(filter(None, facts_told)), missing if found.missing else "", basis]
        self._words.setText("\n".join(filter(None, words)))
        self._clear_exif()
        self._damage.hide()
        self.bar.show_page(0, 1, "")
        times = [film_time(still.at_us, exact=True) for still in found.stills]
        spoken = [self.tr("Still at {time} of {length}").format(time=time, length=length) for time in times]
        seen = next((at for at, still in enumerate(found.stills) if not still.is_blank), 0)
        self.stills.show()
        self._stack.setCurrentWidget(self._scroll)
        self.stills.show_stills(list(zip(images, times, spoken, strict=True)), seen)

    def _show_still(self, image: QImage) -> None:
        self.picture.show_image(image)
        self._fit()
        chosen = self.stills.currentItem()
        self.picture.setAccessibleName(chosen.toolTip() if chosen else "")

    def _take(self, picture: Picture, image: QImage) -> None:
        self.stills.hide()
        image.setDevicePixelRatio(1.0)
        self.picture.show_image(image)
        size = self.tr("{width} x {height} pixels, {format}").format(
            width=text.count_text(picture.width_pixels),
            height=text.count_text(picture.height_pixels),
            format=picture.format,
        )
        remark = harmless(picture.remark)
        self._words.setText("\n".join(filter(None, (size, remark[:1].upper() + remark[1:]))))
        self.picture.setAccessibleName(self.tr("Picture, {size}").format(size=size))
        self.bar.show_page(self._page, max(1, picture.pages), self._which(picture))
        self._damage.setVisible(bool(picture.damage))
        if picture.damage:
            said = self.tr("Shown as far as it can be decoded: {why}. Hex, text and strings show its bytes.")
            self._damage.say(Tone.WARN, said.format(why=harmless(picture.damage)))
        self._fill_exif(picture.exif, picture.exif_damage)
        self._stack.setCurrentWidget(self._scroll)
        self._sharpen()

    def _which(self, picture: Picture) -> str:
        """Which of several pages or frames is in sight."""
        if picture.pages == 1:
            return ""
        if not picture.pages:
            return self.tr("The first page; how many there are cannot be told")
        words = self.tr("Page {n} of {all}") if picture.format == "TIFF" else self.tr("Picture {n} of {all}")
        return words.format(n=text.count_text(self._page + 1), all=text.count_text(picture.pages))

    def _clear_exif(self) -> None:
        while item := self._exif.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()

    def _fill_exif(self, fields: tuple[tuple[str, str], ...], damage: str) -> None:
        self._clear_exif()
        if damage:
            said = self.tr("There is EXIF in this file that cannot be read: {why}.").format(why=harmless(damage))
            self._exif.addWidget(label(said, "caption", wrap=True, select=True, name="exifDamage"))
        elif not fields:
            self._exif.addWidget(label(self.tr("No EXIF in this file."), "caption"))
        if not fields:
            return
        shown = [(harmless(name), harmless(value).replace("\n", " ")) for name, value in fields[:_FOLDED_EXIF]]
        self._exif.addWidget(label(self.tr("EXIF, as stored in the file"), "label"))
        self._exif.addWidget(plain(facts(shown, label_px=8 * Space.M, gap=Space.XXS)))
        if len(fields) > _FOLDED_EXIF:
            more = self.tr("{n} more fields").format(n=len(fields) - _FOLDED_EXIF)
            self._exif.addWidget(label(more, "caption"))

    def _say_refused(self, error: Exception) -> None:
        """Say why nothing is taken apart, and what shows the content all the same."""
        entry = self._subject.entry if self._subject else None
        if not isinstance(error, NoViewerError) or entry is None:
            why, icon = refusal(error, "image")
            self._say(
                why if icon == "lock" else self.tr("{why} Hex, text and strings show its bytes.").format(why=why), icon
            )
            return
        words = self.tr("There is no preview of this type ({type}). Hex, text and strings show what it holds.")
        plain_words = self.tr("There is no preview. Hex, text and strings show what it holds.")
        said = words.format(type=type_name(entry.mime)) if entry.mime else plain_words
        self._say(" ".join(filter(None, (said, self._closed_archive()))))

    def _closed_archive(self) -> str:
        """That members of an archive are not in the catalogue, and what to do about it."""
        subject = self._subject
        if subject is None or subject.entry is None or subject.archives_opened or not is_archive(subject.entry):
            return ""
        return self.tr("Its members are not in the catalogue: build it again with archives to list them.")

    def _say(self, sentence: str, icon: str = "image") -> None:
        self.picture.show_image(QImage())
        self.stills.show_stills((), 0)
        self._empty.set_sentence(sentence, icon)
        self._stack.setCurrentWidget(self._empty)
