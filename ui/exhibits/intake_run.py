"""An intake that goes on whether or not its window is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from forensics_app.model.acquisition import FolderRequest
from forensics_app.model.image import EvidenceImage, ImageDescription, IntakeRequest, Integrity, WriteBlocker
from ui.exhibits.registering import Registration, register
from ui.exhibits.watched_run import Phase, WatchedRun
from ui.exhibits.words import integrity_words
from ui.jobs import Act, JobCard, OnProgress

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case
    from forensics_app.model.exhibit import Exhibit, SealSeen
    from ui.page import PageContext


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeOrder:
    """What is taken in, and for which exhibit: one that is there, or one to be registered first.

    ``source`` is what the container said of itself; None when an interrupted intake is started again. ``logical`` says
    that the files in an archive are the evidence, ``on_scene`` that the image was made where the exhibit stayed. With a
    ``folder``, that is copied first, and ``paths`` is where to. ``seal`` is how the seal was found that is opened.
    """

    case: Case
    exhibit: Exhibit | None
    registration: Registration | None
    paths: tuple[Path, ...]
    write_blocker: WriteBlocker
    source: ImageDescription | None = None
    logical: bool = False
    on_scene: bool = False
    made: str = ""
    folder: Path | None = None
    seal: SealSeen | None = None

    @property
    def number(self) -> str:
        """The number of the exhibit."""
        if self.exhibit:
            return self.exhibit.number
        return self.registration.new.number if self.registration else ""


class IntakeRun(WatchedRun):
    """Runs an :class:`IntakeOrder`."""

    def __init__(self, parent: QObject, context: PageContext, order: IntakeOrder) -> None:
        """Prepare; :meth:`start` begins."""
        super().__init__(parent, context, Phase.REGISTERING)
        self.order = order
        self.image: EvidenceImage | None = None
        self._actor = context.session.actor

    @property
    def exhibit(self) -> Exhibit | None:
        """The exhibit, once it is registered."""
        return self.order.exhibit

    def start(self) -> None:
        """Register the exhibit where it is new, then read the image."""
        if self.order.exhibit or not self.order.registration:
            self._read()
            return
        lab, asked = self._context.session.lab, self.order.registration
        self._context.jobs.start(
            self, lambda _: register(lab, self._actor, asked), done=self._registered, failed=self._fail
        )

    def _registered(self, made: Exhibit) -> None:
        self.order = replace(self.order, exhibit=made)
        self._context.session.tell_record_changed()
        if self.phase is Phase.STOPPING:
            self._stopped()
        else:
            self._read()

    def _read(self) -> None:
        exhibit = self.order.exhibit
        if exhibit is None:
            return
        name = (self.order.folder or self.order.paths[0]).name
        card = JobCard(
            title=self.tr("Take in {file} for {number}").format(file=name, number=exhibit.number),
            icon="import",
            if_stopped=self.tr("No image is recorded; the record says that the intake was stopped."),
            needs_key=True,
            acts=(Act(text=self.tr("Show"), call=self.show_asked.emit, always=True),),
        )
        self.phase = Phase.WAITING
        self._cancel = self._context.jobs.start(
            self, self._work(self._context.session.lab, exhibit),
            done=self._done, failed=self._fail, progress=self._progress, cancelled=self._stopped, card=card,
            warning=lambda image: integrity_words(image) if image.integrity is Integrity.FAILED else "",
        )  # fmt: skip
        self.changed.emit()

    def _work(self, lab: Lab, exhibit: Exhibit) -> Callable[[OnProgress], EvidenceImage]:
        """What the job does: take the source in, or copy a folder and take in the container."""
        order, actor = self.order, self._actor
        if order.folder is None:
            request = IntakeRequest(
                exhibit_id=exhibit.id,
                paths=order.paths,
                write_blocker=order.write_blocker,
                logical=order.logical,
                on_scene=order.on_scene,
                made=order.made,
                seal=order.seal,
            )
            return lambda on_progress: lab.intake.take_in(actor, request, on_progress=on_progress)
        copy = FolderRequest(
            exhibit_id=exhibit.id, folders=(order.folder,), target=order.paths[0], write_blocker=order.write_blocker,
            seal=order.seal,
        )  # fmt: skip
        return lambda on_progress: lab.acquisitions.take_in_folders(actor, copy, on_progress=on_progress).image

    def _done(self, image: EvidenceImage) -> None:
        self.image = image
        self._end(Phase.DONE)
