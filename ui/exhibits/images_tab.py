"""The tab with the images of an exhibit, and what can be done with each."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.acquisition import Unfinished
from forensics_app.model.acquisition_record import acquisition_of
from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.image import Integrity
from ui import text
from ui.acquire.record_part import acquisition_part
from ui.exhibits.image_part import image_whole
from ui.exhibits.parts import refill, tab_column
from ui.exhibits.reading import ExhibitDetail, ImageRead
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState, note
from ui.widgets.wrap_layout import WrapLayout


class ImagesTab(QWidget):
    """Shows every image, how it was acquired, and what was begun and not finished.

    The signals carry the ``EvidenceImage`` that is meant; ``go_on_asked`` carries the request to be taken up again.
    """

    intake_asked = Signal()
    acquire_asked = Signal()
    go_on_asked = Signal(object)
    catalogue_asked = Signal(object)
    recheck_asked = Signal(object)
    parts_asked = Signal(object)
    examine_asked = Signal(object)
    review_asked = Signal(object)

    def __init__(self) -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName("imagesTab")
        self._column = tab_column()
        self.setLayout(self._column)

    def show_detail(self, detail: ExhibitDetail, zone: ZoneInfo, *, may_act: bool, may_examine: bool) -> None:
        """Show the images; ``may_examine`` says that the person may build catalogues."""
        may_act = may_act and detail.exhibit.type is not ExhibitType.IMAGE
        begun = [self._unfinished(one, number, zone, may_act=may_act) for number, one in enumerate(detail.unfinished)]
        more = [self._more()] if may_act else []
        if not detail.line.images and not begun:
            sentence = self.tr("No image of {number} yet. Acquire it here, or take in one that was made elsewhere.")
            empty = EmptyState("image", sentence.format(number=detail.exhibit.number), name="noImages")
            refill(self._column, [empty, *(plain(hbox(None, one, None)) for one in more)])
            return
        parts: list[QWidget] = [*begun]
        for number, read in enumerate(detail.line.images):
            parts += [line()] if parts else []
            parts += image_whole(read, zone)
            made = acquisition_of(read.image, detail.acquisitions)
            parts += acquisition_part(made, read.image, zone) if made else []
            parts.append(self._acts(read, number, may_examine=may_examine))
        refill(self._column, [*parts, line(), *more] if more else parts)

    def _more(self) -> QWidget:
        acquire = Button(self.tr("Acquire…"), name="acquireHere", icon="disk")
        acquire.clicked.connect(self.acquire_asked)
        take_in = Button(self.tr("Take in image…"), name="takeInAnother", icon="import")
        take_in.clicked.connect(self.intake_asked)
        row = WrapLayout()
        for button in (acquire, take_in):
            row.addWidget(button)
        return plain(row)

    def _unfinished(self, one: Unfinished, number: int, zone: ZoneInfo, *, may_act: bool) -> QWidget:
        words = self.tr("The acquisition of {source} was not finished ({time}): {safe} of {size} are safe in {name}.")
        said = words.format(
            source=one.request.source, time=text.time_text(one.ended_at, zone), safe=text.size_text(one.safe_bytes),
            size=text.size_text(one.size_bytes), name=one.request.target.name,
        )  # fmt: skip
        if one.lost_bytes:
            said += " " + self.tr("{n} could not be read.").format(n=text.bytes_text(one.lost_bytes))
        shown = note(Tone.WARN, said, name=f"unfinished{number}")
        if not may_act:
            return shown
        again = Button(self.tr("Go on"), name=f"goOn{number}", icon="play")
        again.setAccessibleDescription(said)
        again.clicked.connect(lambda: self.go_on_asked.emit(one.request))
        return plain(vbox(shown, hbox(again, None), gap=Space.XS))

    def _acts(self, read: ImageRead, number: int, *, may_examine: bool) -> QWidget:
        image = read.image
        built = image.catalogue_entries is not None
        asked = [(self.tr("Read back and compare"), "recheckImage", "hash", self.recheck_asked)]
        if read.parts and read.parts.comparable and read.parts.total > 1:
            words = self.tr("Go on reading back in parts") if read.parts.done else self.tr("Read back in parts")
            asked.append((words, "recheckParts", "hash", self.parts_asked))
        if image.integrity is Integrity.FAILED:
            asked.append((self.tr("Show in Review"), "reviewImage", "review", self.review_asked))
        if image.may_be_examined and built:
            asked.insert(0, (self.tr("Examine"), "examineImage", "examine", self.examine_asked))
        if image.may_be_examined and may_examine:
            words = self.tr("Build the catalogue again") if built else self.tr("Build the catalogue")
            asked.append((words, "buildCatalogue", "folder", self.catalogue_asked))
        row = WrapLayout()
        for words, name, icon, signal in asked:
            button = Button(words, name=f"{name}{number}", icon=icon)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit(image))
            row.addWidget(button)
        return plain(row)
