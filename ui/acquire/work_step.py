"""The step in which the source is read: how far, how fast, how long still, and what could not be read."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt

from ui import text
from ui.acquire.run import AcquisitionRun, stages_behind, stages_of
from ui.acquire.words import blocker_words, stage_words, tr
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


class WorkStep(WizardStep):
    """Follows an :class:`AcquisitionRun`."""

    def __init__(self, zone: ZoneInfo) -> None:
        """Wait for a run."""
        super().__init__()
        self.title = tr("Acquire")
        self.next_text = tr("Result")
        self._run: AcquisitionRun | None = None
        self._said = note(Tone.RUN, "", name="acquireSaid")
        self._said.hide()
        self._lost = tr("Unreadable")
        self._zone = zone
        self._card: PaceCard | None = None
        self._work = vbox(gap=Space.M)
        margins = (Space.XL - 4, Space.M + 2, Space.XL - 4, Space.M)
        self.setLayout(vbox(self._said, self._work, None, gap=Space.M, margins=margins))

    def follow(self, run: AcquisitionRun) -> None:
        """Show a run and whatever becomes of it."""
        self._run = run
        self._card = PaceCard([stage_words(stage) for stage in stages_of(run)], self._zone, more=[self._lost])
        order = run.order
        rows: list[tuple[str, Fact]] = [
            (tr("From"), CutLabel(order.source_words, mode=Qt.TextElideMode.ElideMiddle)),
            (tr("To"), CutLabel(str(order.request.target), mode=Qt.TextElideMode.ElideMiddle)),
            (tr("For"), f"{order.exhibit.number}, {order.exhibit.description}"),
            (tr("Write block"), blocker_words(order.write_blocker)),
        ]
        refill(self._work, [section(tr("Acquisition"), rows), self._card])
        run.changed.connect(self._show)
        self._show()

    def summary(self) -> str:
        """How far it is."""
        run = self._run
        if run is None:
            return tr("Starts with the next step")
        match run.phase:
            case Phase.WAITING:
                return tr("Waiting")
            case Phase.RUNNING:
                if run.pace.share is None:
                    return stage_words(run.standing.stage)
                return tr("{n} %").format(n=f"{run.pace.share * 100:.0f}")
            case Phase.STOPPING:
                return tr("Stopping")
            case Phase.DONE:
                return tr("Done")
            case Phase.FAILED:
                return tr("Did not come to its end")
        return tr("Stopped")

    def tone(self) -> Tone:
        """Done, wrong, or at work."""
        return self._run.tone if self._run else Tone.NONE

    def problem(self) -> str:
        """Why the result cannot be shown yet."""
        run = self._run
        if run is None or run.active:
            return tr("The result opens when the image is read back to its end.")
        return "" if run.phase is Phase.DONE else tr("There is no image yet.")

    def _show(self) -> None:
        run, card = self._run, self._card
        if run is None or card is None:
            return
        card.show_steps(stages_behind(run), active=run.active)
        if run.pace.total_units:
            amount = tr("{done} of {total} copied and read back")
        else:
            amount = tr("{done} copied; how much there is, is not known before")
        card.show_pace(run.pace, run.began_at, total_bytes=run.pace.total_units, amount=amount, active=run.active)
        lost = run.standing.lost_bytes
        told = (text.bytes_text(lost), tr("zeros in the image")) if lost else (tr("Nothing so far"), "")
        card.say_more(self._lost, *told)
        self._say(run)
        self.changed.emit()

    def _say(self, run: AcquisitionRun) -> None:
        match run.phase:
            case Phase.WAITING:
                self._said.say(Tone.NONE, tr("Waiting for a free place; other jobs run before it."))
            case Phase.FAILED if run.error:
                words = refusal_words(run.error)
                if not run.of_folders:
                    words += " " + tr("If something was written, it is kept; the Images tab offers to go on.")
                self._said.say(Tone.BAD, words)
            case Phase.STOPPED if run.of_folders:
                self._said.say(Tone.WARN, tr("Stopped. Nothing is kept; the record says that it was stopped."))
            case Phase.STOPPED:
                words = tr("Stopped. What was written is kept; the Images tab of the exhibit offers to go on.")
                self._said.say(Tone.WARN, words)
            case _:
                self._said.hide()
                return
        self._said.show()
