import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.job_tray import JobPanel, JobTray, progress_text
from ui.jobs import Act, JobCard, JobRunner, OnProgress, State
from ui.widgets.buttons import Button
from ui.widgets.layout import vbox
from ui.widgets.sheet import ConfirmSheet


@pytest.fixture
def frame(jobs: JobRunner, qtbot: QtBot) -> Iterator[QWidget]:
    made = QWidget()
    panel = JobPanel(jobs)
    made.setLayout(vbox(panel, JobTray(jobs, panel), gap=0))
    qtbot.addWidget(made)
    made.resize(1200, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def until(gate: threading.Event, done: int = 0, total: int = 0) -> object:
    def work(on_progress: OnProgress) -> None:
        if total:
            on_progress(done, total)
        while not gate.wait(0.01):
            on_progress(done, total)

    return work


def start(jobs: JobRunner, frame: QWidget, work: object, title: str = "Verify LH/05-I1") -> None:
    card = JobCard(title=title, icon="hash", if_stopped="What was read is not kept.")
    jobs.start(frame, work, done=lambda _: None, failed=lambda _: None, card=card)  # type: ignore[arg-type]


def texts(frame: QWidget) -> set[str]:
    return {label.text() for label in frame.findChildren(QWidget) if hasattr(label, "text") and label.isVisible()}  # type: ignore[attr-defined]


def test_a_running_job_is_shown_with_what_it_is_a_part_of(
    frame: QWidget, jobs: JobRunner, gate: threading.Event, qtbot: QtBot
) -> None:
    start(jobs, frame, until(gate, 614, 1000))
    bar = lambda: frame.findChild(QWidget, "job1Bar")  # noqa: E731
    qtbot.waitUntil(lambda: bar() is not None and bar().accessibleName() == "61 % of Verify LH/05-I1")
    qtbot.waitUntil(lambda: "Verify LH/05-I1" in texts(frame))


def test_f8_opens_the_list_and_closes_it(frame: QWidget, jobs: JobRunner, qtbot: QtBot) -> None:
    panel = frame.findChild(JobPanel)
    toggle = frame.findChild(JobTray).toggle
    assert toggle.shortcut().toString() == "F8"
    toggle.click()
    assert panel.isVisible()
    assert toggle.accessibleName() == "Close the job tray"
    toggle.click()
    assert not panel.isVisible()


def test_stopping_asks_first_and_says_what_is_kept(
    frame: QWidget, jobs: JobRunner, gate: threading.Event, qtbot: QtBot
) -> None:
    start(jobs, frame, until(gate, 614, 1000))
    qtbot.waitUntil(lambda: jobs.jobs[0].pace.done_units == 614)
    frame.findChild(QWidget, "stopJob1").click()
    sheet = frame.findChild(ConfirmSheet)
    assert {"What was read is not kept."} <= texts(sheet)
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert jobs.jobs[0].state is State.RUNNING
    qtbot.waitUntil(lambda: frame.findChild(ConfirmSheet) is None)
    frame.findChild(QWidget, "stopJob1").click()
    frame.findChild(ConfirmSheet).findChild(Button, "confirmButton").click()
    qtbot.waitUntil(lambda: jobs.jobs[0].state is State.CANCELLED)


def test_waiting_and_ended_jobs_are_counted(
    frame: QWidget, jobs: JobRunner, gate: threading.Event, qtbot: QtBot
) -> None:
    def fail(_: OnProgress) -> None:
        raise OSError("disk full")

    start(jobs, frame, fail)
    qtbot.waitUntil(lambda: "1 failed" in texts(frame))
    for number in range(3):
        start(jobs, frame, until(gate), f"Job {number}")
    qtbot.waitUntil(lambda: "1 waiting" in texts(frame))
    frame.resize(700, 400)
    qtbot.waitUntil(lambda: "2 more" in texts(frame))


def test_what_was_interrupted_offers_to_go_on(frame: QWidget, jobs: JobRunner, qtbot: QtBot) -> None:
    pressed: list[str] = []
    jobs.note_interrupted(
        "Intake of LH/02", "began yesterday", (Act(text="Start again…", call=lambda: pressed.append("again")),)
    )
    frame.findChild(JobTray).toggle_panel()
    assert {"1 interrupted", "Interrupted: began yesterday"} <= texts(frame)
    frame.findChild(Button, "job1Act0").click()
    assert pressed == ["again"]


def test_an_act_that_is_always_there_can_be_done_while_the_job_runs(
    frame: QWidget, jobs: JobRunner, gate: threading.Event, qtbot: QtBot
) -> None:
    pressed: list[str] = []
    acts = (
        Act(text="Show", call=lambda: pressed.append("show"), always=True),
        Act(text="Open what it made", call=lambda: pressed.append("open")),
    )
    card = JobCard(title="Take in LH/01", acts=acts)
    jobs.start(frame, until(gate, 1, 2), done=lambda _: None, failed=lambda _: None, card=card)
    frame.findChild(JobTray).toggle_panel()
    qtbot.waitUntil(lambda: jobs.jobs[0].state is State.RUNNING)
    frame.findChild(Button, "job1Act0").click()
    assert frame.findChild(Button, "job1Act1") is None
    gate.set()
    qtbot.waitUntil(lambda: frame.findChild(Button, "job1Act1") is not None)
    frame.findChild(Button, "job1Act1").click()
    assert pressed == ["show", "open"]


def test_the_words_of_progress_leave_out_what_is_not_known(jobs: JobRunner) -> None:
    job = jobs.note_interrupted("x", "", ())
    assert progress_text(job) == ""
    job.pace.add(0, 0, 0)
    job.pace.add(2, 4_000_000, 0)
    assert progress_text(job) == "4.0 MB  ·  2.0 MB/s"
    for second in range(3, 13):
        job.pace.add(second, second * 2_000_000, 100_000_000)
    assert progress_text(job) == "24 %  ·  2.0 MB/s  ·  38 s left"
