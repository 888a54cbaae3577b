"""What stands in the place of the files while an image cannot be looked into: why, and what to do."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from forensics_app.model.catalogue import (
    CatalogueDamagedError,
    CatalogueMissingError,
    CatalogueNewerError,
    CatalogueOlderError,
    CatalogueUnfinishedError,
)
from forensics_app.model.image import Integrity
from ui import text
from ui.examine.sheets import archives_check
from ui.examine.words import tr
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, plain, vbox

if TYPE_CHECKING:
    from ui.examine.case_reading import ImageShown

BUILD, REVIEW, LOOK_AGAIN, CANCEL, LOOK_SO_FAR = "build", "review", "again", "cancel", "so far"
CAN_LOOK_SO_FAR = sys.platform != "win32"
"""There, a file that is read cannot be given its name when it is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """Why an image cannot be looked into, and the act that helps (empty where there is none)."""

    icon: str
    colour: str
    sentence: str
    more: str = ""
    act: str = ""
    button: str = ""
    second_act: str = ""
    second_button: str = ""


def barrier_of(shown: ImageShown) -> Barrier | None:
    """What stands before the files of an image; None when nothing does."""
    image = shown.image
    if image.integrity is Integrity.FAILED:
        return Barrier(
            icon="verify-broken",
            colour="bad",
            sentence=tr("The integrity of {image} failed.").format(image=image.number),
            more=tr("It is not examined until a supervisor has decided about it."),
            act=REVIEW,
            button=tr("Open Review"),
        )
    if not image.may_be_examined:
        words = tr("{image} is quarantined: its integrity failed, and a supervisor kept it from being examined.")
        more = tr("The reason given: {reason}").format(reason=image.decision)
        return Barrier(icon="verify-broken", colour="bad", sentence=words.format(image=image.number), more=more)
    if shown.content is not None:
        return None
    if shown.missing:
        names = ", ".join(str(path) for path in shown.missing[:3])
        words = tr("A file of {image} is not where it was taken in: {names}")
        return Barrier(
            icon="verify-warning",
            colour="warn",
            sentence=words.format(image=image.number, names=names),
            more=tr("Without it no catalogue can be built. Connect the disk that holds it, then look again."),
            act=LOOK_AGAIN,
            button=tr("Look again"),
        )
    return _catalogue_barrier(shown)


def _catalogue_barrier(shown: ImageShown) -> Barrier:
    number = shown.image.number
    match shown.refusal:
        case CatalogueMissingError():
            lost = shown.image.catalogue_sha256 is not None
            words = tr("The catalogue of {image} is gone.") if lost else tr("{image} has no catalogue yet.")
            return Barrier(
                icon="examine",
                colour="text3",
                sentence=words.format(image=number),
                more=tr("Building it reads every file system once. The image is only read, never changed."),
                act=BUILD,
                button=tr("Build the catalogue"),
            )
        case CatalogueUnfinishedError():
            return Barrier(
                icon="active",
                colour="accent",
                sentence=tr("The catalogue of {image} is not complete.").format(image=number),
                more=tr("It is being built elsewhere, or its building was interrupted and goes on where it ended."),
                act=BUILD,
                button=tr("Build the catalogue"),
                second_act=LOOK_SO_FAR if CAN_LOOK_SO_FAR else LOOK_AGAIN,
                second_button=tr("Look at what is there so far") if CAN_LOOK_SO_FAR else tr("Look again"),
            )
        case CatalogueNewerError() | CatalogueOlderError() | CatalogueDamagedError():
            return Barrier(
                icon="verify-warning",
                colour="warn",
                sentence=str(shown.refusal),
                more=tr("The record and the evidence are not touched. A catalogue can be built again at any time."),
                act=BUILD,
                button=tr("Build it again"),
            )
    return Barrier(
        icon="verify-warning",
        colour="warn",
        sentence=str(shown.refusal or number),
        act=LOOK_AGAIN,
        button=tr("Look again"),
    )


class Gate(QFrame):
    """Shows a barrier, or how far the building of a catalogue is; ``asked`` carries the act that was pressed."""

    asked = Signal(str)

    def __init__(self) -> None:
        """Start without anything to say."""
        super().__init__()
        self.setObjectName("gate")
        self.setProperty("pane", True)
        self._icon = IconLabel("examine", "text3", Space.XXL)
        self._sentence = label(role="strong", wrap=True, name="gateSentence")
        self._more = label(role="muted", wrap=True, name="gateMore")
        for words in (self._sentence, self._more):
            words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.names_only = forms.check(
            self.tr("Names, sizes and times only: faster, without digests and types"), name="namesOnly"
        )
        self.archives = archives_check("openArchives", self.names_only)
        self.act = Button("", name="gateAct", kind="primary")
        self.second = Button("", name="gateSecond")
        self._act = self._second_act = ""
        self.act.clicked.connect(lambda: self.asked.emit(self._act))
        self.second.clicked.connect(lambda: self.asked.emit(self._second_act))
        centre = Qt.AlignmentFlag.AlignHCenter
        column = vbox(None, gap=Space.M, margins=(Space.M, Space.M, Space.M, Space.M))
        column.addWidget(self._icon, 0, centre)
        column.addWidget(self._sentence)
        column.addWidget(self._more)
        column.addWidget(plain(vbox(self.names_only, self.archives, gap=Space.XS)), 0, centre)
        column.addLayout(hbox(None, self.act, self.second, None))
        column.addStretch(2)
        self.setLayout(hbox(None, (column, 3), None))

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text()

    def show_barrier(self, barrier: Barrier) -> None:
        """Say why, and offer what helps."""
        self._icon.set_icon(barrier.icon, barrier.colour)
        self._say(barrier.sentence, barrier.more)
        self._act, self._second_act = barrier.act, barrier.second_act
        self.act.set_text(barrier.button)
        self.second.set_text(barrier.second_button)
        self.act.setVisible(bool(barrier.act))
        self.second.setVisible(bool(barrier.second_act))
        self.names_only.setVisible(barrier.act == BUILD)
        self.archives.setVisible(barrier.act == BUILD)

    def show_building(self, number: str, entries: int) -> None:
        """Say how far the building of the catalogue of the image ``number`` is."""
        self._icon.set_icon("active", "accent")
        found = text.plural(entries, tr("1 entry found so far"), tr("{n} entries found so far"))
        more = tr("The list appears when it is complete. Other images can be looked at meanwhile.")
        self._say(tr("The catalogue of {image} is being built: {found}.").format(image=number, found=found), more)
        self._act, self._second_act = LOOK_SO_FAR, CANCEL
        self.act.set_text(tr("Look at what is there so far"))
        self.second.set_text(tr("Stop building"))
        self.act.setVisible(CAN_LOOK_SO_FAR)
        self.second.show()
        self.names_only.hide()
        self.archives.hide()

    def _say(self, sentence: str, more: str) -> None:
        self._sentence.setText(sentence)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self.setAccessibleName(f"{sentence} {more}".strip())
