"""How long the window is ever kept from answering while an image is taken in and its files are listed.

A timer of 5 ms beats on the UI thread while both jobs run as the pages start them, with the job tray in sight.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication

from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from tests.builders import Bench, make_bench
from ui.application import spare_collector
from ui.jobs import JobCard, JobRunner, OnProgress
from ui.main_window import MainWindow
from ui.page import Page, PageContext, PageSpec
from ui.session import Session

BEAT_MS, SETTLE_MS = 5, 500


class Heartbeat(QObject):
    """Beats on the UI thread and keeps the longest wait between two beats."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest_ms = 0.0
        self._last = time.perf_counter()
        timer = QTimer(self)
        timer.setInterval(BEAT_MS)
        timer.timeout.connect(self._beat)
        timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now - self._last) * 1000)
        self._last = now


def longest_wait_ms(app: QApplication, folder: Path, image_path: Path) -> float:
    """Take in an image and build its catalogue, with the digests of all files; the longest wait in milliseconds."""
    bench = make_bench(folder)
    exhibit = bench.exhibit(bench.case())
    jobs = JobRunner(app)
    session = Session(jobs, jobs)
    window = MainWindow([PageSpec(key="cases", title="Cases", icon="case", make=_plain_page)], session, jobs)
    window.resize(1280, 800)
    window.show_work()
    window.show()
    window.tray.toggle_panel()
    request = IntakeRequest(
        exhibit_id=exhibit.id, paths=(image_path,), write_blocker=WriteBlocker(device="Tableau T8u")
    )
    _settle()
    spare_collector()
    heart = Heartbeat(window)
    image = _job(
        window, jobs, "Take in", lambda report: bench.lab.intake.take_in(bench.examiner, request, on_progress=report)
    )
    _job(window, jobs, "Catalogue", lambda report: _catalogue(bench, image, report))
    longest_ms = heart.longest_ms
    window.close()
    jobs.shut_down()
    bench.lab.close()
    return longest_ms


def _settle() -> None:
    """Let the window be drawn first: how soon it is there is measured elsewhere."""
    drawn = QEventLoop()
    QTimer.singleShot(SETTLE_MS, drawn.quit)
    drawn.exec()


def _plain_page(context: PageContext) -> Page:
    return Page(context, title="Cases", name="plainPage")


def _catalogue(bench: Bench, image: EvidenceImage, report: OnProgress) -> EvidenceImage:
    return bench.lab.catalogues.build(bench.examiner, image.id, on_progress=report)


def _job(window: MainWindow, jobs: JobRunner, title: str, work: Callable[[OnProgress], EvidenceImage]) -> EvidenceImage:
    ended = QEventLoop()
    made: list[EvidenceImage] = []
    failures: list[Exception] = []

    def done(image: EvidenceImage) -> None:
        made.append(image)
        ended.quit()

    def failed(error: Exception) -> None:
        failures.append(error)
        ended.quit()

    jobs.start(window, work, done=done, failed=failed, card=JobCard(title=title))
    ended.exec()
    if failures:
        raise failures[0]
    return made[0]
