"""The intake in six steps; what runs belongs to the page, so that the window can be closed and opened again."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QDateTimeEdit, QWidget

from forensics_app.errors import UnclearNameError
from forensics_app.model.case import Case
from forensics_app.model.exhibit import AT_HAND, Exhibit, ExhibitType, NewPhoto, State
from forensics_app.model.image import EvidenceImage
from ui import text
from ui.exhibits.check_step import CheckStep
from ui.exhibits.exhibit_step import ExhibitStep
from ui.exhibits.intake_run import IntakeOrder, IntakeRun
from ui.exhibits.memory import Memory
from ui.exhibits.recorded_steps import SealStep, SeizureStep
from ui.exhibits.register_sheet import new_exhibit
from ui.exhibits.registering import Registration
from ui.exhibits.source_step import Describe, SourceStep
from ui.exhibits.watched_run import Phase
from ui.exhibits.work_step import WorkStep
from ui.place_field import NO_PLACES, PlacesKnown
from ui.widgets.buttons import Button
from ui.widgets.forms import Field
from ui.widgets.sheet import ConfirmSheet
from ui.widgets.wizard import Wizard

SEIZURE, SOURCE, WORK, CHECK = 1, 3, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeDraft:
    """What was typed before the window was closed; nothing of it is recorded."""

    exhibit: Exhibit | None = None
    texts: dict[str, str] = field(default_factory=dict)
    photos: tuple[NewPhoto, ...] = ()
    paths: tuple[Path, ...] = ()
    step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeRoom:
    """What the wizard works with: the case and its exhibits, the lab's zone, what is remembered, and who acts."""

    case: Case
    exhibits: Sequence[Exhibit]
    opened_at: datetime
    zone: ZoneInfo
    memory: Memory
    describe: Describe
    may_examine: bool
    places: PlacesKnown = NO_PLACES


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSteps:
    """The six steps, in order."""

    exhibit: ExhibitStep
    seizure: SeizureStep
    seal: SealStep
    source: SourceStep
    work: WorkStep
    check: CheckStep


def steps_in_turn(room: IntakeRoom, draft: IntakeDraft) -> Generator[None, None, IntakeSteps]:
    """Make the steps, and pause after each."""
    exhibit = ExhibitStep(room.exhibits, draft.exhibit)
    yield
    seizure = SeizureStep(room.case, now=room.opened_at, zone=room.zone, memory=room.memory, places=room.places)
    yield
    seal = SealStep()
    yield
    source = SourceStep(room.describe, room.memory)
    yield
    work, check = WorkStep(room.zone), CheckStep(room.zone)
    yield
    return IntakeSteps(exhibit=exhibit, seizure=seizure, seal=seal, source=source, work=work, check=check)


class IntakeWizard(Wizard):
    """Asks for an intake.

    ``start_asked`` carries an :class:`IntakeOrder`; ``stop_asked`` is about the run shown; ``catalogue_asked`` and
    ``review_asked`` carry the image.
    """

    start_asked = Signal(object)
    stop_asked = Signal()
    catalogue_asked = Signal(object)
    review_asked = Signal(object)

    def __init__(self, parent: QWidget, room: IntakeRoom, draft: IntakeDraft, steps: IntakeSteps) -> None:
        """Begin where ``draft`` left off."""
        self.exhibit, self.seizure, self.seal = steps.exhibit, steps.seizure, steps.seal
        self.source, self.work, self.check = steps.source, steps.work, steps.check
        self._act = Button("", name="wizardFinish", kind="primary")
        super().__init__(
            parent, (self.exhibit, self.seizure, self.seal, self.source, self.work, self.check),
            title=_tr("Take in an image"), subtitle=room.case.title, finish=self._act, name="intakeWizard",
            hint=_tr("You can close this window. The job goes on, and you come back to this step from the job tray."),
        )  # fmt: skip
        self._room = room
        self._run: IntakeRun | None = None
        self._asked_of: IntakeRun | None = None
        self._stop = Button(self.tr("Stop the intake…"), name="stopIntake", kind="danger")
        self._stop.clicked.connect(self._ask_to_stop)
        self.put_left(self._stop)
        self.exhibit.exhibit_chosen.connect(self._follow_exhibit)
        self.exhibit.identity.changed.connect(self._follow_type)
        self.seizure.seizure.changed.connect(self._follow_seizure)
        self._follow_exhibit(self.exhibit.exhibit)
        self._restore(draft)
        self._follow_run()

    @property
    def draft(self) -> IntakeDraft:
        """What was typed so far."""
        texts = {}
        for one in self.findChildren(Field):
            if isinstance(one.entry, QDateTimeEdit):
                continue
            texts[one.entry.objectName()] = one.text()
        texts.pop("intakeExhibit", None)
        return IntakeDraft(
            exhibit=self.exhibit.exhibit, texts=texts, photos=self.seal.seal.photos(), paths=self.source.named,
            step=self.current,
        )  # fmt: skip

    @property
    def run(self) -> IntakeRun | None:
        """The intake that is shown."""
        return self._run

    def show_run(self, run: IntakeRun) -> None:
        """Show an intake that runs or has ended."""
        self._run = run
        if run.order.exhibit:
            self.exhibit.choose(run.order.exhibit)
        run.changed.connect(self._follow_run)
        self.work.follow(run)
        reached = CHECK if run.phase is Phase.DONE else WORK
        self._furthest = max(self._furthest, reached)
        self._follow_run()
        self.go_to(reached)
        (self._act if reached == CHECK else self._stop).setFocus()

    def request(self) -> EvidenceImage | None:
        """The image taken in."""
        return self.check.image

    def submit(self) -> None:
        """Close, and do what follows from the result."""
        image = self.check.image
        self.accept()
        if image and image.may_be_examined and self._room.may_examine:
            self.catalogue_asked.emit(image)
        elif image and not image.may_be_examined:
            self.review_asked.emit(image)

    def _on_next(self) -> None:
        before = self.current
        super()._on_next()
        if before == SOURCE and self.current == WORK and (self._run is None or not self._is_settled()):
            self._start()

    def _is_settled(self) -> bool:
        return self._run is not None and (self._run.active or self._run.phase is Phase.DONE)

    def _start(self) -> None:
        memory = self._room.memory
        self.source.remember()
        exhibit, registration = self.exhibit.exhibit, None
        if exhibit is None and self._run and self._run.exhibit:
            exhibit = self._run.exhibit
        if exhibit is None:
            forms = (self.exhibit.identity, self.seizure.seizure, self.seal.seal)
            memory.remember("officer", self.seizure.seizure.officer)
            memory.remember("witness", self.seizure.seizure.witness)
            registration = Registration(new=new_exhibit(self._room.case, *forms), photos=self.seal.seal.photos())
        order = IntakeOrder(
            case=self._room.case, exhibit=exhibit, registration=registration, paths=self.source.paths,
            write_blocker=self.source.write_blocker, source=self.source.source, logical=self.source.logical,
            on_scene=self.source.on_scene, made=self.source.made, folder=self.source.folder, seal=self.seal.found.seen,
        )  # fmt: skip
        self.start_asked.emit(order)

    def _follow_exhibit(self, exhibit: Exhibit | None) -> None:
        self.seizure.show_exhibit(exhibit)
        self.seal.show_exhibit(exhibit)
        self._follow_type()
        self._follow_seizure()

    def _follow_seizure(self) -> None:
        exhibit = self.exhibit.exhibit
        is_identified = exhibit.state is State.IDENTIFIED if exhibit else not self.seizure.seizure.filled
        self.source.offer_scene(is_identified=is_identified)
        self.source.ask_made(is_elsewhere=exhibit is None or exhibit.state not in AT_HAND)

    def _follow_type(self) -> None:
        self.seal.seal.needs_photo = self.exhibit.identity.type is not ExhibitType.ACCOUNT
        self._retitle()

    def _follow_run(self) -> None:
        run = self._run
        going_on = run is not None and run.active
        self._stop.setVisible(going_on)
        self._stop.setEnabled(going_on and run is not None and run.phase is not Phase.STOPPING)
        locked = self.source.settled = self._is_settled()
        registered = locked or (run is not None and run.exhibit is not None)
        for step, fixed in ((self.exhibit, registered), (self.seizure, registered), (self.seal, registered),
                            (self.source, locked)):  # fmt: skip
            step.setEnabled(not fixed)
        if run and run.image:
            self.check.show_image(run.image)
        self.source.next_text = self.tr("Go on") if locked else self.tr("Take in")
        self.work.next_text = self.tr("Check")
        self._act.set_text(self._finish_words())
        self._retitle()
        self._refresh()
        self._ask_whom_it_means()

    def _ask_whom_it_means(self) -> None:
        """Ask once, where the exhibit was not registered because the name of the officer could be somebody's here."""
        run = self._run
        if run is None or run is self._asked_of or not isinstance(run.error, UnclearNameError):
            return
        self._asked_of = run
        self.seizure.seizure.ask_meaning(f"{run.error} {run.error.then}")
        self.go_to(SEIZURE)

    def _finish_words(self) -> str:
        image = self.check.image
        if image and not image.may_be_examined:
            return self.tr("Show in Review")
        return self.tr("Build the catalogue") if self._room.may_examine else self.tr("Close")

    def _retitle(self) -> None:
        chosen = self.exhibit.exhibit
        number = self._run.order.number if self._run else chosen.number if chosen else self.exhibit.identity.number
        case = self.tr("Case {number}").format(number=self._room.case.number)
        parts = [case, self._room.case.title]
        if self._run:
            at = text.time_text(self._run.began_at, self._room.zone)
            parts = [case, self.tr("started {time}").format(time=at)]
        title = self.tr("Take in an image of {number}").format(number=number) if number else _tr("Take in an image")
        self.set_title(title, " · ".join(parts))

    def _restore(self, draft: IntakeDraft) -> None:
        for one in self.findChildren(Field):
            kept = draft.texts.get(one.entry.objectName())
            if kept and one.entry.objectName() != "sourcePath":
                one.set_text(kept)
        self.seal.seal.picker.restore(draft.photos)
        self.source.take(draft.paths)
        self._furthest = draft.step
        self.go_to(draft.step)

    def _ask_to_stop(self) -> None:
        sheet = ConfirmSheet(
            self, title=self.tr("Stop taking in this image?"),
            sentences=(
                self.tr("No image is recorded. The record says that the intake was stopped, and by whom."),
                self.tr("The exhibit stays registered. The source is unchanged."),
            ),
            act=self.tr("Stop the intake"), keep=self.tr("Let it run"), name="stopIntakeSheet",
        )  # fmt: skip
        sheet.accepted.connect(self.stop_asked)
        sheet.open()


def _tr(words: str) -> str:
    return QCoreApplication.translate("IntakeWizard", words)
