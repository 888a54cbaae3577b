"""Keeps the intakes of the page: their windows come and go, the runs stay; and the jobs about images."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.image import EvidenceImage, ImageCheck, ImageDescription, ImageId, PartOutcome, WriteBlocker
from forensics_app.model.incident import seal_again
from forensics_app.model.person import Role
from ui.exhibits.image_part import part_words
from ui.exhibits.intake_run import IntakeOrder, IntakeRun
from ui.exhibits.intake_wizard import IntakeDraft, IntakeRoom, IntakeSteps, IntakeWizard, steps_in_turn
from ui.exhibits.memory import Memory
from ui.jobs import Act, JobCard
from ui.place_field import NO_PLACES, PlacesKnown

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.lab import Job
    from ui.page import PageContext

T = TypeVar("T")


class Intakes(QObject):
    """Opens intake windows and follows what runs; ``changed`` when a list has to be drawn anew."""

    changed = Signal()

    def __init__(self, page: QWidget, context: PageContext, memory: Memory) -> None:
        """Open windows over the window of ``page``."""
        super().__init__(page)
        self._page, self._context, self._memory = page, context, memory
        self._runs: list[IntakeRun] = []
        self._draft: IntakeDraft | None = None
        self._wizard: IntakeWizard | None = None
        self._making: Generator[None, None, IntakeSteps] | None = None

    @property
    def draft(self) -> IntakeDraft | None:
        """What was typed into a window that was closed before the intake began."""
        return self._draft

    def discard_draft(self) -> None:
        """Forget what was typed."""
        self._draft = None
        self.changed.emit()

    def share_of(self, exhibit_id: ExhibitId) -> float | None:
        """How far the running intake of an exhibit is, 0 to 1; None where none runs."""
        run = next((one for one in self._runs if one.active and one.exhibit and one.exhibit.id == exhibit_id), None)
        return None if run is None else run.pace.share or 0.0

    def open(
        self, case: Case, exhibits: Sequence[Exhibit], *, exhibit: Exhibit | None = None, paths: Sequence[Path] = (),
        places: PlacesKnown = NO_PLACES,
    ) -> None:  # fmt: skip
        """Open a window for an intake of ``case``; ``paths`` name the source already."""
        if self._wizard is not None:
            if paths:
                self._wizard.source.take(paths)
            return
        draft = IntakeDraft(exhibit=exhibit, paths=tuple(paths))
        if self._draft and not paths and (exhibit is None or exhibit == self._draft.exhibit):
            draft = self._draft
        self._show(self._room(case, exhibits, places), draft)

    def show_run(self, run: IntakeRun) -> None:
        """Open the window of an intake that runs or has ended."""
        if self._wizard is not None:
            return
        case, lab = run.order.case, self._context.session.lab

        def read(exhibits: Sequence[Exhibit]) -> None:
            order = run.order
            draft = IntakeDraft(exhibit=order.exhibit, paths=order.paths)
            self._show(self._room(case, exhibits), draft, show)

        def show(wizard: IntakeWizard) -> None:
            wizard.source.take_blocker(run.order.write_blocker)
            wizard.source.take_logical(run.order)
            wizard.show_run(run)

        self._start_read(lambda: lab.exhibits.list(case.id), read, self.tr("Show the intake"))

    def restart(self, job: Job) -> None:
        """Run again what a crash interrupted, with the parameters that the journal kept."""
        given = job.parameters
        lab = self._context.session.lab
        if job.kind == "intake":
            self._start_read(lambda: _order_of(lab, given), self._begin_again, self.tr("Start the intake again"))
        elif job.kind == "recheck" and "parts" in given:
            part_checks, image_id = lab.part_checks, ImageId(UUID(given["image_id"]))
            asked = tuple(int(number) for number in given["parts"].split(",") if number)
            self._start_read(
                lambda: (lab.intake.get(image_id), frozenset(part_checks.status(image_id).missing)),
                lambda found: self.recheck_parts(found[0], tuple(n for n in asked if n in found[1]) or None),
                self.tr("Start again"),
            )
        elif job.kind in ("catalogue", "recheck"):
            image_id = ImageId(UUID(given["image_id"]))
            with_content, archives = given.get("with_content", "1") != "0", given.get("archives") == "1"

            def again(image: EvidenceImage) -> None:
                if job.kind == "catalogue":
                    self.build_catalogue(image, with_content=with_content, archives=archives)
                else:
                    self.recheck(image)

            self._start_read(lambda: lab.intake.get(image_id), again, self.tr("Start again"))

    def build_catalogue(self, image: EvidenceImage, *, with_content: bool = True, archives: bool = False) -> None:
        """List every file of an image, as a job."""
        lab, actor = self._context.session.lab, self._context.session.actor
        card = JobCard(
            title=self.tr("Catalogue {image}").format(image=image.number), icon="folder", unit=self.tr("entries"),
            if_stopped=self.tr(
                "What was listed until a few seconds before is kept, and building goes on from there when it is asked "
                "for again. A complete catalogue from before stays."
            ), needs_key=True,
            acts=(Act(text=self.tr("Examine"), call=lambda: self._context.go_to("examine", image.id)),),
        )  # fmt: skip
        self._context.jobs.start(
            self, lambda on_progress: lab.catalogues.build(
                actor, image.id, with_content=with_content, archives=archives, on_progress=on_progress
            ),
            done=lambda _: self._recorded(),
            failed=lambda error: self._context.show_error(card.title, error), card=card,
        )  # fmt: skip

    def recheck(self, image: EvidenceImage) -> None:
        """Read an image again and compare it with the intake, as a job."""
        lab, actor = self._context.session.lab, self._context.session.actor
        card = JobCard(
            title=self.tr("Read back {image}").format(image=image.number), icon="hash",
            if_stopped=self.tr("Nothing is recorded of this reading."), needs_key=True,
        )  # fmt: skip

        def warning(check: ImageCheck) -> str:
            return "" if check.agrees else check.what

        self._context.jobs.start(
            self, lambda on_progress: lab.intake.recheck(actor, image.id, on_progress=on_progress),
            done=lambda _: self._recorded(), failed=lambda error: self._context.show_error(card.title, error),
            card=card, warning=warning,
        )  # fmt: skip

    def recheck_parts(self, image: EvidenceImage, numbers: Sequence[int] | None = None) -> None:
        """Read parts of an image again, as a job; without numbers, those that are still missing."""
        lab, actor = self._context.session.lab, self._context.session.actor
        card = JobCard(
            title=self.tr("Read back {image} in parts").format(image=image.number), icon="hash",
            if_stopped=self.tr("Parts that were read are kept. The rest can be read at any time."), needs_key=True,
        )  # fmt: skip

        def warning(outcome: PartOutcome) -> str:
            if outcome.check:
                return "" if outcome.check.agrees else outcome.check.what
            return part_words(outcome.status) if outcome.status.differing else ""

        self._context.jobs.start(
            self, lambda on_progress: lab.part_checks.read(actor, image.id, numbers=numbers, on_progress=on_progress),
            done=lambda _: self._recorded(), failed=lambda error: self._context.show_error(card.title, error),
            cancelled=self._recorded, card=card, warning=warning,
        )  # fmt: skip

    def _begin(self, order: IntakeOrder) -> IntakeRun:
        run = IntakeRun(self, self._context, order)
        self._runs.append(run)
        run.show_asked.connect(lambda: self.show_run(run))
        run.changed.connect(self.changed)
        run.ended.connect(lambda: self._tell_failure(run))
        run.start()
        return run

    def _begin_again(self, order: IntakeOrder) -> None:
        self._begin(order)

    def _tell_failure(self, run: IntakeRun) -> None:
        shown = self._wizard is not None and self._wizard.run is run
        if run.error and not shown:
            self._context.show_error(self.tr("Take in an image of {n}").format(n=run.order.number), run.error)

    def _show(
        self, room: IntakeRoom, draft: IntakeDraft, then: Callable[[IntakeWizard], None] = lambda wizard: None
    ) -> None:
        """Make the window in several turns of the event loop, open it, and call ``then``; nothing where one is open."""
        if self._wizard is not None or self._making is not None:
            return
        jobs, making = self._context.jobs, steps_in_turn(room, draft)
        self._making = making

        def make() -> None:
            try:
                next(making)
            except StopIteration as made:
                self._making = None
                wizard = self._make(room, draft, made.value)
                jobs.next_turn(wizard, lambda: open_it(wizard))
            else:
                jobs.next_turn(self, make)

        def open_it(wizard: IntakeWizard) -> None:
            wizard.open()
            then(wizard)

        make()

    def _make(self, room: IntakeRoom, draft: IntakeDraft, steps: IntakeSteps) -> IntakeWizard:
        wizard = self._wizard = IntakeWizard(self._page.window(), room, draft, steps)
        wizard.start_asked.connect(lambda order: self._start(wizard, order))
        wizard.stop_asked.connect(lambda: wizard.run.stop() if wizard.run else None)
        wizard.catalogue_asked.connect(self.build_catalogue)
        wizard.review_asked.connect(lambda image: self._context.go_to("review", image.id))
        wizard.parked.connect(lambda: self._park(wizard))
        wizard.finished.connect(lambda _: self._forget_window())
        return wizard

    def _start(self, wizard: IntakeWizard, order: IntakeOrder) -> None:
        self._draft = None
        wizard.show_run(self._begin(order))

    def _park(self, wizard: IntakeWizard) -> None:
        draft = wizard.draft
        begun = draft.step > 0 or draft.paths or draft.texts.get("exhibitDescription")
        self._draft = draft if wizard.run is None and begun else None
        self.changed.emit()

    def _forget_window(self) -> None:
        self._wizard = None

    def _room(self, case: Case, exhibits: Sequence[Exhibit], places: PlacesKnown = NO_PLACES) -> IntakeRoom:
        session = self._context.session
        return IntakeRoom(
            case=case, exhibits=exhibits, opened_at=session.lab.exhibits.now(),
            zone=ZoneInfo(session.lab.info.zone), memory=self._memory,
            describe=self._describe, may_examine=Role.EXAMINER in session.actor.person.roles,
            places=places,
        )  # fmt: skip

    def _describe(
        self,
        paths: tuple[Path, ...],
        logical: bool,
        done: Callable[[ImageDescription], None],
        failed: Callable[[Exception], None],
    ) -> None:
        lab, owner = self._context.session.lab, self._wizard or self
        self._context.jobs.start(
            owner, lambda _: lab.intake.describe(paths, logical=logical), done=done, failed=failed
        )  # fmt: skip

    def _start_read(self, read: Callable[[], T], done: Callable[[T], None], title: str) -> None:
        self._context.jobs.start(
            self, lambda _: read(), done=done,
            failed=lambda error: self._context.show_error(title, error),
        )  # fmt: skip

    def _recorded(self) -> None:
        self._context.session.tell_record_changed()


def _order_of(lab: Lab, given: dict[str, str]) -> IntakeOrder:
    exhibit = lab.exhibits.get(ExhibitId(UUID(given["exhibit_id"])))
    blocker = WriteBlocker(device=given["write_blocker"], reason_for_none=given["reason_for_none"])
    paths = tuple(Path(path) for path in json.loads(given["paths"]))
    return IntakeOrder(
        case=lab.cases.get(exhibit.case_id), exhibit=exhibit, registration=None, paths=paths, write_blocker=blocker,
        logical=given.get("logical") == "1",
        on_scene=given.get("on_scene") == "1",
        seal=seal_again(given),
        made=given.get("made", ""),
    )  # fmt: skip
