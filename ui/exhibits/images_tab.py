"""The tab with the images of an exhibit, and what can be done with each."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import ExhibitType
from forensics_app.model.image import Integrity
from ui.exhibits.image_part import image_whole
from ui.exhibits.parts import refill, tab_column
from ui.exhibits.reading import ExhibitDetail, ImageRead
from ui.widgets.buttons import Button
from ui.widgets.layout import line, plain
from ui.widgets.notes import EmptyState
from ui.widgets.wrap_layout import WrapLayout


class ImagesTab(QWidget):
    """Shows every image; the signals carry the ``EvidenceImage`` that is meant."""

    intake_asked = Signal()
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
        take_in = Button(self.tr("Take in image…"), name="takeInAnother", icon="import")
        take_in.clicked.connect(self.intake_asked)
        if not detail.line.images:
            sentence = self.tr("No image of {number} yet. Take in the first one.").format(number=detail.exhibit.number)
            refill(self._column, [EmptyState("image", sentence, take_in if may_act else None, name="noImages")])
            return
        parts: list[QWidget] = []
        for number, read in enumerate(detail.line.images):
            parts += [line()] if number else []
            parts += image_whole(read, zone)
            parts.append(self._acts(read, number, may_examine=may_examine))
        if may_act and detail.exhibit.type is not ExhibitType.IMAGE:
            parts += [line(), take_in]
        refill(self._column, parts)

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
