"""An acquisition that goes on whether or not its window is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from forensics_app.model.acquisition import Acquired, AcquisitionRequest, FoldersTakenIn, Format, Stage, Standing
from forensics_app.model.acquisition_record import AcquisitionRecord, acquisitions_of
from forensics_app.model.image import EvidenceImage
from ui.acquire.orders import Order
from ui.acquire.words import lost_words, tr
from ui.exhibits.watched_run import Phase, WatchedRun
from ui.jobs import Act, JobCard

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.image import OnProgress
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came out: the image, and the acquisition as the record has it."""

    image: EvidenceImage
    record: AcquisitionRecord

    @property
    def lost(self) -> str:
        """What could not be read, in words, or an empty text."""
        if self.record.bad_bytes:
            words = tr("{n} bytes of the source could not be read; they are zeros, and each region is listed.")
            return words.format(n=f"{self.record.bad_bytes:,}")
        if self.record.is_of_folders and self.record.bad_count:
            words = tr("{n} files or folders could not be read whole; they are listed.")
            return words.format(n=f"{self.record.bad_count:,}")
        return ""


class AcquisitionRun(WatchedRun):
    """Runs an :class:`Order`."""

    def __init__(self, parent: QObject, context: PageContext, order: Order) -> None:
        """Prepare; :meth:`start` begins."""
        super().__init__(parent, context, Phase.WAITING)
        self.order = order
        self.standing = Standing()  # replaced as a whole, by the thread that acquires
        self.outcome: Outcome | None = None

    @property
    def of_folders(self) -> bool:
        """Whether folders are copied."""
        return not isinstance(self.order.request, AcquisitionRequest)

    def start(self) -> None:
        """Acquire as a job of the tray."""
        session = self._context.session
        lab, actor = session.lab, session.actor
        kept = tr("What was written is kept. The acquisition can be taken up again where it stopped.")
        gone = tr("Nothing is kept of a container that is not complete. The record says that the work was stopped.")
        card = JobCard(
            title=tr("Acquire {exhibit}").format(exhibit=self.order.exhibit.number),
            icon="folder" if self.of_folders else "disk",
            if_stopped=gone if self.of_folders else kept,
            needs_key=True,
            acts=(Act(text=tr("Show"), call=self.show_asked.emit, always=True),),
            remark=lambda: lost_words(self.standing.lost_bytes),
        )
        self._cancel = self._context.jobs.start(
            self, lambda on_progress: self._work(lab, actor, on_progress), done=self._done, failed=self._fail,
            progress=self._progress, cancelled=self._stopped, card=card, warning=lambda outcome: outcome.lost,
        )  # fmt: skip
        self.changed.emit()

    def _work(self, lab: Lab, actor: SignedIn, on_progress: OnProgress) -> Outcome:
        """In a worker thread."""
        made: Acquired | FoldersTakenIn
        request = self.order.request
        if isinstance(request, AcquisitionRequest):
            course = _Course(on_progress, reads_back=request.format is Format.RAW)

            def stand(standing: Standing) -> None:
                course.takes_in = standing.stage is Stage.TAKING_IN
                self.standing = standing

            made = lab.acquisitions.acquire(actor, request, on_progress=course.progress, on_standing=stand)
        else:
            made = lab.acquisitions.take_in_folders(actor, request, on_progress=on_progress)
        records = acquisitions_of(lab.custody.history(self.order.exhibit.id))
        return Outcome(image=made.image, record=records[-1])

    def _done(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._end(Phase.DONE)


class _Course:
    """Makes one count of bytes of two that follow each other: that of the copying, and that of the intake."""

    def __init__(self, on_progress: OnProgress, *, reads_back: bool) -> None:
        self._on_progress, self._reads_back = on_progress, reads_back
        self._copied_bytes = 0
        self.takes_in = False

    def progress(self, done_bytes: int, total_bytes: int) -> None:
        """Told by both of bytes done and in all; the media counts twice in the first where it is read back."""
        if self.takes_in:
            self._on_progress(self._copied_bytes + done_bytes, self._copied_bytes + total_bytes)
            return
        self._copied_bytes = total_bytes
        media_bytes = total_bytes // 2 if self._reads_back else total_bytes
        self._on_progress(done_bytes, total_bytes + media_bytes)


def stages_of(run: AcquisitionRun) -> tuple[Stage, ...]:
    """What is done one after the other: only raw is read back on its own, an E01 by the intake."""
    request = run.order.request
    raw = isinstance(request, AcquisitionRequest) and request.format is Format.RAW
    return tuple(Stage) if raw else (Stage.COPYING, Stage.TAKING_IN)


def stages_behind(run: AcquisitionRun) -> int:
    """How many of :func:`stages_of` are done."""
    stages = stages_of(run)
    return len(stages) if run.phase is Phase.DONE else stages.index(run.standing.stage)
