"""Keeps the acquisitions of the page: their windows come and go, the runs stay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.acquisition import AcquisitionRequest, Device, Plan
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.person import Role
from forensics_app.services.acquisition import described_as
from forensics_app.services.unfinished import request_again
from ui.acquire.orders import Order
from ui.acquire.run import AcquisitionRun
from ui.acquire.wizard import AcquireWizard, Draft, Room
from ui.acquire.words import tr
from ui.exhibits.memory import Memory

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from forensics_app.model.exhibit import Exhibit
    from forensics_app.model.lab import Job
    from ui.page import PageContext

T = TypeVar("T")


class Acquisitions(QObject):
    """Opens windows for acquisitions and follows what runs.

    ``changed`` when a list has to be drawn anew; ``catalogue_asked`` carries an image.
    """

    changed = Signal()
    catalogue_asked = Signal(object)

    def __init__(self, page: QWidget, context: PageContext, memory: Memory) -> None:
        """Open windows over the window of ``page``."""
        super().__init__(page)
        self._page, self._context, self._memory = page, context, memory
        self._runs: list[AcquisitionRun] = []
        self._drafts: dict[UUID, Draft] = {}
        self._wizard: AcquireWizard | None = None

    def share_of(self, exhibit_id: ExhibitId) -> float | None:
        """How far the running acquisition of an exhibit is, 0 to 1; None where none runs."""
        run = self._running(exhibit_id)
        return None if run is None else run.pace.share or 0.0

    def open(self, case: Case, exhibit: Exhibit) -> None:
        """Open the window for an acquisition of ``exhibit``, or for the one of it that runs."""
        run = self._running(exhibit.id)
        if run is not None:
            self.show_run(run)
        elif self._wizard is None:
            self._show(case, exhibit, self._drafts.pop(exhibit.id, Draft()))

    def show_run(self, run: AcquisitionRun) -> None:
        """Open the window of an acquisition that runs or has ended."""
        if self._wizard is None:
            self._show(run.order.case, run.order.exhibit, Draft()).show_run(run)

    def go_on(self, request: AcquisitionRequest) -> None:
        """Take up again what was begun, as a job."""
        lab = self._context.session.lab
        self._read(lambda: _order_of(lab, request), self._begin_in_sight, tr("Take up the acquisition again"))

    def restart(self, job: Job) -> None:
        """Take up again what a crash interrupted, with the parameters that the journal kept."""
        lab, request = self._context.session.lab, request_again(job)
        self._read(lambda: _order_of(lab, request), self._begin_unseen, tr("Take up the acquisition again"))

    def _running(self, exhibit_id: ExhibitId) -> AcquisitionRun | None:
        return next((one for one in self._runs if one.active and one.order.exhibit.id == exhibit_id), None)

    def _begin_in_sight(self, order: Order) -> None:
        self.show_run(self._begin(order))

    def _begin_unseen(self, order: Order) -> None:
        self._begin(order)

    def _begin(self, order: Order) -> AcquisitionRun:
        run = AcquisitionRun(self, self._context, order)
        self._runs.append(run)
        run.show_asked.connect(lambda: self.show_run(run))
        run.changed.connect(self.changed)
        run.ended.connect(lambda: self._tell_failure(run))
        run.start()
        return run

    def _tell_failure(self, run: AcquisitionRun) -> None:
        shown = self._wizard is not None and self._wizard.run is run
        if run.error and not shown:
            self._context.show_error(tr("Acquire {number}").format(number=run.order.exhibit.number), run.error)

    def _show(self, case: Case, exhibit: Exhibit, draft: Draft) -> AcquireWizard:
        wizard = self._wizard = AcquireWizard(self._page.window(), self._room(case, exhibit), draft)
        wizard.start_asked.connect(lambda order: wizard.show_run(self._begin(order)))
        wizard.stop_asked.connect(lambda: wizard.run.stop() if wizard.run else None)
        wizard.catalogue_asked.connect(self.catalogue_asked)
        wizard.review_asked.connect(lambda image: self._context.go_to("review", image.id))
        wizard.parked.connect(lambda: self._park(wizard, exhibit))
        wizard.finished.connect(lambda _: self._forget_window())
        self._context.jobs.next_turn(self, wizard.open)
        return wizard

    def _park(self, wizard: AcquireWizard, exhibit: Exhibit) -> None:
        if wizard.run is None:
            self._drafts[exhibit.id] = wizard.draft

    def _forget_window(self) -> None:
        self._wizard = None

    def _room(self, case: Case, exhibit: Exhibit) -> Room:
        session = self._context.session
        return Room(
            case=case, exhibit=exhibit, examiner=session.actor.person.name, described=described_as(exhibit),
            zone=ZoneInfo(session.lab.info.zone), memory=self._memory,
            can_list=session.lab.acquisitions.can_list_devices(), look=self._look, plan_for=self._plan,
            may_examine=Role.EXAMINER in session.actor.person.roles,
        )  # fmt: skip

    def _look(self, done: Callable[[Sequence[Device]], None], failed: Callable[[Exception], None]) -> None:
        lab = self._context.session.lab
        self._context.jobs.start(self._wizard or self, lambda _: lab.acquisitions.devices(), done=done, failed=failed)

    def _plan(
        self, request: AcquisitionRequest, done: Callable[[Plan], None], failed: Callable[[Exception], None]
    ) -> None:
        if not self._context.session.has_lab:
            return  # it was closed since the last thing that was typed
        lab = self._context.session.lab
        self._context.jobs.start(
            self._wizard or self, lambda _: lab.acquisitions.plan(request), done=done, failed=failed
        )

    def _read(self, read: Callable[[], T], done: Callable[[T], None], title: str) -> None:
        self._context.jobs.start(
            self, lambda _: read(), done=done, failed=lambda error: self._context.show_error(title, error)
        )


def _order_of(lab: Lab, request: AcquisitionRequest) -> Order:
    exhibit = lab.exhibits.get(request.exhibit_id)
    return Order(case=lab.cases.get(exhibit.case_id), exhibit=exhibit, request=request)
