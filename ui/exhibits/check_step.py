"""The last step of an intake: what was computed beside what the container stores, and what follows from it."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from forensics_app.model.image import EvidenceImage, Integrity
from forensics_app.model.logical import is_logical
from ui import text
from ui.exhibits.image_part import ALGORITHMS, compared_badge, found_section, integrity_note, unreadable_list
from ui.exhibits.parts import section
from ui.exhibits.words import (
    container_words,
    digest_words,
    digests_of_words,
    integrity_mark,
    size_title,
    write_block_words,
)
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import card, vbox
from ui.widgets.notes import note
from ui.widgets.wizard import WizardStep


class CheckStep(WizardStep):
    """Shows the image taken in."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Wait for an image."""
        super().__init__()
        self.title = self.tr("Check")
        self._zone = zone
        self.image: EvidenceImage | None = None
        self._column = vbox(gap=Space.M, margins=(Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M))
        self.setLayout(self._column)

    def summary(self) -> str:
        """The answer in a word."""
        return integrity_mark(self.image, read_back=False)[1] if self.image else ""

    def tone(self) -> Tone:
        """The answer as a mark."""
        return integrity_mark(self.image, read_back=False)[0] if self.image else Tone.NONE

    def problem(self) -> str:
        """Nothing can be done before there is an image."""
        return "" if self.image else self.tr("The image is not read yet.")

    def show_image(self, image: EvidenceImage) -> None:
        """Show what came out."""
        if self.image:
            return
        self.image = image
        source = image.source
        rows = [
            (self.tr("Container"), container_words(source)),
            (size_title(source), text.bytes_text(source.media_bytes)),
            (self.tr("Digests of"), digests_of_words(source)),
            (self.tr("Write block"), write_block_words(image)),
            (self.tr("Began"), text.time_text(image.started_at, self._zone)),
            (self.tr("Ended"), text.time_text(image.ended_at, self._zone)),
            (self.tr("With"), image.tool),
        ]
        title = self.tr("{image} is recorded").format(image=image.number)
        self._column.addWidget(label(title, "section", name="checkTitle"))
        self._column.addWidget(integrity_note(image))
        if image.integrity is Integrity.FAILED:
            self._column.addWidget(self._supervisor())
        self._column.addWidget(digest_card(image))
        if image.unreadable:
            self._column.addWidget(unreadable_list(image.unreadable))
        else:
            self._column.addWidget(label(self.tr("Unreadable regions: none"), "small", name="noUnreadable"))
        if is_logical(source):
            self._column.addWidget(found_section(source))
        self._column.addWidget(section(self.tr("Particulars"), rows))
        self._column.addStretch(1)
        self.changed.emit()

    def _supervisor(self) -> QWidget:
        words = self.tr(
            "The exhibit is marked. A supervisor decides on the Review page whether the image may be examined; "
            "until then no catalogue is built."
        )
        return note(Tone.WARN, words, name="supervisorDecides")


def digest_card(image: EvidenceImage) -> QWidget:
    """Each digest: computed beside stored, and how they compare."""
    return card(_digests(image))


def _digests(image: EvidenceImage) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(Space.L, Space.S + 2, Space.L, Space.M)
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(Space.XS)
    grid.setColumnStretch(2, 1)
    row = 0
    for name in ALGORITHMS:
        computed, stored = image.digests.get(name), image.source.stored_digests.get(name)
        if computed is None:
            continue
        grid.addWidget(label(digest_words(name), "strong"), row, 0, Qt.AlignmentFlag.AlignTop)
        badge = compared_badge(image, name)
        grid.addWidget(badge, row, 3, Qt.AlignmentFlag.AlignTop)
        for word, digest in ((_tr("computed"), computed), (_tr("stored"), stored)):
            shown = (
                text.digest_text(digest, groups_a_line=len(digest) // 8 if len(digest) > 20 else 5)
                if digest
                else _tr("none stored")
            )
            value = label(shown, "mono" if digest else "muted", select=True)
            value.setAccessibleName(f"{digest_words(name)}, {word}: {digest.hex() if digest else shown}")
            grid.addWidget(label(word, "label"), row, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 2)
            row += 1
        grid.setRowMinimumHeight(row, Space.XS)
        row += 1
    return grid


def _tr(words: str) -> str:
    return QCoreApplication.translate("CheckStep", words)
