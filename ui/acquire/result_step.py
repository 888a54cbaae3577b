"""The last step: the image that was made and taken in, and how it was acquired."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from forensics_app.model.image import EvidenceImage, Integrity
from ui.acquire.record_part import acquisition_part
from ui.acquire.run import Outcome
from ui.acquire.words import tr
from ui.exhibits.check_step import digest_card
from ui.exhibits.image_part import integrity_note
from ui.exhibits.words import integrity_mark
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.notes import note
from ui.widgets.wizard import WizardStep


class ResultStep(WizardStep):
    """Shows an :class:`Outcome`."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Wait for one."""
        super().__init__()
        self.title = tr("Result")
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
        return "" if self.image else tr("The image is not there yet.")

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what came out."""
        if self.image:
            return
        image = self.image = outcome.image
        title = tr("{image} is recorded").format(image=image.number)
        self._column.addWidget(label(title, "section", name="acquiredTitle"))
        self._column.addWidget(integrity_note(image))
        if image.integrity is Integrity.FAILED:
            words = tr("The exhibit is marked. A supervisor decides on the Review page whether it may be examined.")
            self._column.addWidget(note(Tone.WARN, words, name="supervisorDecides"))
        self._column.addWidget(digest_card(image))
        for part in acquisition_part(outcome.record, image, self._zone):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.changed.emit()
