"""Says what the last run of the program left unfinished, and lets the person decide."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.lab import Job
from ui import text
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.buttons import Button
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import note
from ui.widgets.refill import refill

_AGAIN = ("acquisition", "intake", "catalogue", "recheck")


class InterruptedNotes(QWidget):
    """One note for each; ``again_asked`` and ``given_up`` carry the :class:`Job`."""

    again_asked = Signal(object)
    given_up = Signal(object)

    def __init__(self) -> None:
        """Start with nothing to say."""
        super().__init__()
        self.setObjectName("interruptedNotes")
        self._column = vbox(gap=Space.XS, margins=(Space.M, Space.S, Space.M, Space.S))
        self._shown: tuple[Job, ...] = ()
        self.setLayout(self._column)
        self.hide()

    def show_jobs(self, jobs: Sequence[Job], zone: ZoneInfo) -> None:
        """Say what was interrupted, when, and of what."""
        if tuple(jobs) == self._shown:
            return
        self._shown = tuple(jobs)
        refill(self._column, [self._note(job, number, zone) for number, job in enumerate(jobs)])
        self.setVisible(bool(jobs))

    def _note(self, job: Job, number: int, zone: ZoneInfo) -> QWidget:
        kinds = {
            "acquisition": self.tr("The acquisition of {subject}"),
            "folder copy": self.tr("Copying folders of {subject}"),
            "intake": self.tr("The intake of {subject}"),
            "catalogue": self.tr("The catalogue of {subject}"),
            "recheck": self.tr("Reading back {subject}"),
            "export": self.tr("The export of {subject}"),
        }
        what = kinds.get(job.kind, self.tr("The work on {subject}")).format(subject=job.subject)
        began = text.time_text(job.started_at, zone)
        sentence = self.tr("{what} was interrupted: it began {time}. {message}")
        again = Button(self.tr("Start again"), name=f"startAgain{number}", icon="play")
        again.clicked.connect(lambda: self.again_asked.emit(job))
        if job.kind not in _AGAIN:
            again.hide()
        give_up = Button(self.tr("Give up"), name=f"giveUp{number}")
        give_up.setToolTip(self.tr("Nothing of it is kept; the record says that it was given up"))
        give_up.clicked.connect(lambda: self.given_up.emit(job))
        for button in (again, give_up):
            button.setAccessibleDescription(what)
        acts = plain(hbox(again, give_up, gap=Space.S))
        return note(
            Tone.WARN, sentence.format(what=what, time=began, message=job.message), acts, name=f"interrupted{number}"
        )
