"""The step of an intake in which the image is read: how far, how fast, how long still."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt

from forensics_app.model.logical import is_logical
from ui import text
from ui.exhibits.intake_run import IntakeRun
from ui.exhibits.pace_card import PaceCard
from ui.exhibits.parts import section
from ui.exhibits.source_card import refusal_words
from ui.exhibits.watched_run import Phase
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.labels import CutLabel
from ui.widgets.layout import vbox
from ui.widgets.notes import Fact, note
from ui.widgets.refill import refill
from ui.widgets.wizard import WizardStep

_STEPS = 3


class WorkStep(WizardStep):
    """Follows an :class:`IntakeRun`."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Wait for a run."""
        super().__init__()
        self.title = self.tr("Acquire and hash")
        self._run: IntakeRun | None = None
        self._from = vbox(gap=0)
        self._said = note(Tone.RUN, "", name="workSaid")
        self._said.hide()
        self._card = PaceCard(self._phase_words(), zone)
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        self.setLayout(vbox(self._from, self._said, self._card, None, gap=Space.M, margins=margins))

    def follow(self, run: IntakeRun) -> None:
        """Show a run and whatever becomes of it."""
        self._run = run
        source, blocker = run.order.source, run.order.write_blocker
        size = f"{text.bytes_text(source.media_bytes)}, " if source else ""
        protected = blocker.device or self.tr("no write blocker: {reason}").format(reason=blocker.reason_for_none)
        path = CutLabel(
            str(run.order.folder or run.order.paths[0]), mode=Qt.TextElideMode.ElideMiddle, name="workSource"
        )
        rows: list[tuple[str, Fact]] = [
            (self.tr("From"), path),
            (self.tr("Media"), f"{size}{self.tr('opened read-only')}"),
            (self.tr("For"), run.order.number),
            (self.tr("Write block"), protected),
        ]
        refill(self._from, [section(self.title, rows)])
        run.changed.connect(self._show)
        self._show()

    def summary(self) -> str:
        """How far it is."""
        run = self._run
        if run is None:
            return self.tr("Starts with the next step")
        share = run.pace.share
        match run.phase:
            case Phase.REGISTERING:
                return self.tr("Registering the exhibit")
            case Phase.WAITING:
                return self.tr("Waiting")
            case Phase.RUNNING:
                return self.tr("Reading, {n} %").format(n=f"{(share or 0) * 100:.0f}")
            case Phase.STOPPING:
                return self.tr("Stopping")
            case Phase.DONE:
                return self.tr("Read to the end")
            case Phase.FAILED:
                return self.tr("Not taken in")
        return self.tr("Stopped")

    def tone(self) -> Tone:
        """Done, wrong, or at work."""
        return self._run.tone if self._run else Tone.NONE

    def problem(self) -> str:
        """Why the result cannot be shown yet."""
        run = self._run
        if run is None or run.active:
            return self.tr("Next opens when the image is read to its end.")
        if run.phase is not Phase.DONE:
            return self.tr("Nothing was taken in. Go back, mend what is said, and take it in again.")
        return ""

    def _show(self) -> None:
        run = self._run
        if run is None:
            return
        self._show_phases(run)
        self._show_numbers(run)
        self._say(run)
        self.changed.emit()

    def _say(self, run: IntakeRun) -> None:
        match run.phase:
            case Phase.WAITING:
                self._said.say(Tone.NONE, self.tr("Waiting for a free place; other jobs run before it."))
            case Phase.FAILED if run.error:
                self._said.say(Tone.BAD, refusal_words(run.error))
            case Phase.STOPPED:
                self._said.say(
                    Tone.WARN, self.tr("Stopped. No image is recorded; the record says that the intake was stopped.")
                )
            case _:
                self._said.hide()
                return
        self._said.show()

    def _show_phases(self, run: IntakeRun) -> None:
        reached = {Phase.REGISTERING: 0, Phase.DONE: _STEPS}.get(run.phase, 1)
        if run.phase is Phase.RUNNING and run.pace.share == 1.0:
            reached = 2
        self._card.show_steps(reached, active=run.active)

    def _show_numbers(self, run: IntakeRun) -> None:
        source = run.order.source
        total = run.pace.total_units or (source.media_bytes if source else 0)
        amount = self.tr("{done} of {total} of the media read")
        if run.order.folder or (source and is_logical(source)):
            amount = self.tr("{done} of {total} read") if total else self.tr("{done} copied so far")
        self._card.show_pace(run.pace, run.began_at, total_bytes=total, amount=amount, active=run.active)

    def _phase_words(self) -> tuple[str, ...]:
        return self.tr("Exhibit registered"), self.tr("Read and hash"), self.tr("Compare, write the entry")
