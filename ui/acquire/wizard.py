"""The acquisition in five steps; what runs belongs to the page, so that the window can be closed and opened again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from forensics_app.model.acquisition import AcquisitionRequest
from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.image import EvidenceImage
from ui import text
from ui.acquire.check_step import CheckStep
from ui.acquire.image_step import ImageStep, PlanFor
from ui.acquire.orders import Order
from ui.acquire.result_step import ResultStep
from ui.acquire.run import AcquisitionRun
from ui.acquire.source_step import DEVICE, LookForDevices, SourceStep
from ui.acquire.words import tr
from ui.acquire.work_step import WorkStep
from ui.exhibits.memory import Memory
from ui.exhibits.watched_run import Phase
from ui.widgets.buttons import Button
from ui.widgets.forms import Field
from ui.widgets.sheet import ConfirmSheet
from ui.widgets.wizard import Wizard

SOURCE, IMAGE, CHECK, WORK, RESULT = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What was typed before the window was closed; nothing of it is recorded."""

    kind: str = ""
    sources: tuple[Path, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the wizard works with: the exhibit and its case, who acts, and what is asked off the UI thread."""

    case: Case
    exhibit: Exhibit
    examiner: str
    described: str
    zone: ZoneInfo
    memory: Memory
    can_list: bool
    look: LookForDevices
    plan_for: PlanFor
    may_examine: bool


class AcquireWizard(Wizard):
    """Asks for an acquisition.

    ``start_asked`` carries an :class:`Order`; ``stop_asked`` is about the run shown; ``catalogue_asked`` and
    ``review_asked`` carry the image.
    """

    start_asked = Signal(object)
    stop_asked = Signal()
    catalogue_asked = Signal(object)
    review_asked = Signal(object)

    def __init__(self, parent: QWidget, room: Room, draft: Draft) -> None:
        """Begin where ``draft`` left off."""
        self._room = room
        self._run: AcquisitionRun | None = None
        self.source = SourceStep(room.look, room.memory, can_list=room.can_list)
        self.source.seal.ask_of(room.exhibit)
        self.image = ImageStep(room.case, room.exhibit, room.examiner, room.described, room.plan_for)
        self.check, self.work, self.outcome = CheckStep(), WorkStep(room.zone), ResultStep(room.zone)
        self._act = Button("", name="acquireFinish", kind="primary")
        super().__init__(
            parent, (self.source, self.image, self.check, self.work, self.outcome),
            title=tr("Acquire {number}").format(number=room.exhibit.number), subtitle=self._case_words(),
            finish=self._act, name="acquireWizard",
            hint=tr("You can close this window. The job goes on, and you come back to this step from the job tray."),
        )  # fmt: skip
        self._stop = Button(tr("Stop the acquisition…"), name="stopAcquisition", kind="danger")
        self._stop.clicked.connect(self._ask_to_stop)
        self.put_left(self._stop)
        self.source.changed.connect(self._follow_source)
        self.image.planned.connect(self._on_plan)
        self._restore(draft)
        self._follow_run()

    @property
    def draft(self) -> Draft:
        """What was typed so far."""
        return Draft(
            kind=self.source.kind, sources=self.source.sources, step=min(self.current, CHECK),
            texts={one.entry.objectName(): one.text() for one in self.findChildren(Field) if _is_typed(one)},
        )  # fmt: skip

    @property
    def run(self) -> AcquisitionRun | None:
        """The acquisition that is shown."""
        return self._run

    def order(self) -> Order:
        """What is asked for."""
        return Order(
            case=self._room.case, exhibit=self._room.exhibit, request=self.image.request(), plan=self.image.plan
        )

    def show_run(self, run: AcquisitionRun) -> None:
        """Show an acquisition that runs or has ended."""
        self._run = run
        run.changed.connect(self._follow_run)
        self.check.show_order(run.order, None, going_on=True)
        self.work.follow(run)
        reached = RESULT if run.phase is Phase.DONE else WORK
        self._furthest = max(self._furthest, reached)
        self._follow_run()
        self.go_to(reached)
        (self._act if reached == RESULT else self._stop).setFocus()

    def request(self) -> EvidenceImage | None:
        """The image that was taken in."""
        return self.outcome.image

    def submit(self) -> None:
        """Close, and do what follows from the result."""
        image = self.outcome.image
        self.accept()
        if image and image.may_be_examined and self._room.may_examine:
            self.catalogue_asked.emit(image)
        elif image and not image.may_be_examined:
            self.review_asked.emit(image)

    def go_to(self, step: int) -> None:
        """Show a step; the check is written anew each time."""
        if step == CHECK and self._furthest >= CHECK and self._may_start():
            self._write_check()
        super().go_to(step)

    def _on_next(self) -> None:
        before, problem = self.current, self.steps[self.current].problem()
        if before == CHECK and not problem and self._may_start():
            self.source.blocker.remember()
            self.start_asked.emit(self.order())
            return
        super()._on_next()

    def _on_plan(self) -> None:
        if self.current == CHECK and self._may_start():
            self._write_check()
        self._refresh()

    def _write_check(self) -> None:
        device = self.source.devices.device if self.source.kind == DEVICE else None
        self.check.show_order(self.order(), device, problem=self.source.problem() or self.image.problem())

    def _may_start(self) -> bool:
        """A folder copy that was stopped begins anew; of anything else there is a beginning to be taken up."""
        run = self._run
        return run is None or (not run.active and run.phase is not Phase.DONE and run.of_folders)

    def _follow_source(self) -> None:
        self.image.show_source(self.source.kind, self.source.sources, self.source.write_blocker, self.source.seal.seen)

    def _follow_run(self) -> None:
        run = self._run
        going_on = run is not None and run.active
        self._stop.setVisible(going_on)
        self._stop.setEnabled(going_on and run is not None and run.phase is not Phase.STOPPING)
        begun = run is not None and not self._may_start()
        for step in (self.source, self.image):
            step.settled = begun
            step.setEnabled(not begun)
        if run and run.outcome:
            self.outcome.show_outcome(run.outcome)
        self._act.set_text(self._finish_words())
        self._refresh()

    def _finish_words(self) -> str:
        image = self.outcome.image
        if image and not image.may_be_examined:
            return tr("Show in Review")
        return tr("Build the catalogue") if self._room.may_examine else tr("Close")

    def _case_words(self) -> str:
        case = self._room.case
        words = [tr("Case {number}").format(number=case.number), self._room.exhibit.description]
        if self._run:
            words.append(tr("started {time}").format(time=text.time_text(self._run.began_at, self._room.zone)))
        return " · ".join(words)

    def _restore(self, draft: Draft) -> None:
        for one in self.findChildren(Field):
            kept = draft.texts.get(one.entry.objectName())
            if kept is not None and _is_typed(one):
                one.set_text(kept)
        if draft.kind:
            self.source.take(draft.kind, draft.sources)
        self._follow_source()
        self._furthest = draft.step
        self.go_to(draft.step)

    def _ask_to_stop(self) -> None:
        run = self._run
        again = run is not None and isinstance(run.order.request, AcquisitionRequest)
        kept = (
            tr("What was written is kept, and the acquisition can be taken up again where it stopped.")
            if again
            else tr("Nothing is kept of the container.")
        )
        sheet = ConfirmSheet(
            self, title=tr("Stop this acquisition?"),
            sentences=(kept, tr("The record says that it was stopped, and by whom. The source is unchanged.")),
            act=tr("Stop the acquisition"), keep=tr("Let it run"), name="stopAcquisitionSheet",
        )  # fmt: skip
        sheet.accepted.connect(self.stop_asked)
        sheet.open()


def _is_typed(one: Field) -> bool:
    entry = one.entry
    return not (isinstance(entry, (QLineEdit, QPlainTextEdit)) and entry.isReadOnly())
