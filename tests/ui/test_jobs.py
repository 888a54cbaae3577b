import os
import sys
import threading
import time

import pytest
import shiboken6
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from evidence.digest import hash_media
from evidence.priority import NICENESS as CHILD_NICENESS
from forensics_app.errors import CancelledError
from ui.jobs import ENDED_KEPT, NICENESS, READS_AT_ONCE, Act, JobCard, JobRunner, OnProgress, State

CARD = JobCard(title="Verify LH/01", if_stopped="Nothing is kept.")


@pytest.fixture
def owner(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


class Endless:
    """An image of a petabyte of zeros."""

    container = "raw"
    media_bytes = 1 << 50

    def read_at(self, offset_bytes: int, size_bytes: int, /) -> bytes:
        return bytes(size_bytes)


def test_what_was_to_be_done_later_waits_for_turns_of_its_own_and_not_for_a_call_that_itself_waits(
    jobs: JobRunner, owner: QWidget, qtbot: QtBot
) -> None:
    order: list[str] = []
    waiting = QEventLoop()

    def first() -> None:
        order.append("first")
        waiting.exec()
        order.append("first again")

    jobs.next_turn(owner, first)
    jobs.next_turn(owner, lambda: order.append("second"))
    jobs.next_turn(owner, waiting.quit)
    assert order == []
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == ["first", "second", "first again"]


def test_cancelling_stops_a_hash_midway(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    seen: list[object] = []
    cancel = jobs.start(
        owner,
        lambda on_progress: hash_media(Endless(), on_progress=on_progress),
        done=lambda _: seen.append("done"),
        failed=seen.append,
        progress=lambda done, total: cancel(),
        cancelled=lambda: seen.append("cancelled"),
        card=CARD,
    )
    qtbot.waitUntil(lambda: seen == ["cancelled"])
    assert jobs.jobs[0].state is State.CANCELLED


def test_the_answer_comes_back_on_the_ui_thread(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    seen: list[tuple[int, int]] = []
    jobs.start(
        owner,
        lambda _: threading.get_ident(),
        done=lambda worker: seen.append((worker, threading.get_ident())),
        failed=lambda error: None,
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] != seen[0][1] == threading.get_ident()


def test_a_failure_is_handed_over_as_it_was_raised(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    seen: list[Exception] = []

    def work(_: OnProgress) -> None:
        raise OSError("disk full")

    jobs.start(owner, work, done=lambda _: None, failed=seen.append, card=CARD)
    qtbot.waitUntil(lambda: bool(seen))
    assert isinstance(seen[0], OSError)
    assert (jobs.jobs[0].state, jobs.jobs[0].message) == (State.FAILED, "disk full")


def test_nobody_is_called_once_the_owner_is_gone_but_the_list_is_kept_up(jobs: JobRunner, qtbot: QtBot) -> None:
    owner, gate, seen = QWidget(), threading.Event(), []
    jobs.start(owner, lambda _: gate.wait(5), done=seen.append, failed=seen.append, card=CARD)
    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: jobs.jobs[0].state is State.DONE)
    assert seen == []


def test_thousands_of_short_jobs_all_answer(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    seen: list[int] = []
    for number in range(2000):

        def work(on_progress: OnProgress, number: int = number) -> int:
            on_progress(1, 2)
            return number

        jobs.start(owner, work, done=seen.append, failed=lambda error: None)
    qtbot.waitUntil(lambda: len(seen) == 2000, timeout=20_000)
    assert sorted(seen) == list(range(2000))


def test_a_warning_is_told_apart_from_a_plain_end(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    jobs.start(
        owner,
        lambda _: 3,
        done=lambda _: None,
        failed=lambda _: None,
        card=CARD,
        warning=lambda count: f"{count} segments differ",
    )
    qtbot.waitUntil(lambda: not jobs.active)
    assert (jobs.jobs[0].state, jobs.jobs[0].message) == (State.WARNED, "3 segments differ")


def test_two_long_jobs_run_and_the_third_waits_while_reads_go_on(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    gate, seen = threading.Event(), []
    for _ in range(3):
        jobs.start(owner, lambda _: gate.wait(10), done=lambda _: None, failed=lambda _: None, card=CARD)
    qtbot.waitUntil(lambda: [job.state for job in jobs.active].count(State.RUNNING) == 2)
    assert [job.state for job in jobs.active] == [State.RUNNING, State.RUNNING, State.WAITING]
    jobs.start(owner, lambda _: "page", done=seen.append, failed=lambda _: None)
    qtbot.waitUntil(lambda: seen == ["page"])
    gate.set()
    qtbot.waitUntil(lambda: not jobs.active)


def test_a_waiting_job_that_is_cancelled_never_starts(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    gate, ran, told = threading.Event(), [], []
    for _ in range(2):
        jobs.start(owner, lambda _: gate.wait(10), done=lambda _: None, failed=lambda _: None, card=CARD)
    cancel = jobs.start(
        owner,
        lambda _: ran.append(1),
        done=lambda _: None,
        failed=lambda _: None,
        cancelled=lambda: told.append("cancelled"),
        card=CARD,
    )
    cancel()
    assert jobs.jobs[0].state is State.STOPPING
    gate.set()
    qtbot.waitUntil(lambda: told == ["cancelled"])
    assert ran == []


def test_progress_reaches_the_row_with_its_rate(qapp: object, owner: QWidget, qtbot: QtBot) -> None:
    clock = iter(range(10_000))
    parent = QWidget()
    qtbot.addWidget(parent)
    runner = JobRunner(parent, clock=lambda: float(next(clock)))

    def work(on_progress: OnProgress) -> None:
        for step in range(21):
            on_progress(step * 1000, 100_000)

    runner.start(owner, work, done=lambda _: None, failed=lambda _: None, card=CARD)
    qtbot.waitUntil(lambda: not runner.active)
    pace = runner.jobs[0].pace
    assert (pace.rate, pace.left_s, pace.share) == (pytest.approx(1000), pytest.approx(80), pytest.approx(0.2))
    runner.shut_down()


def test_shutting_down_stops_what_runs_and_waits_for_it(owner: QWidget, qtbot: QtBot) -> None:
    parent, ended = QWidget(), []
    qtbot.addWidget(parent)
    runner = JobRunner(parent)

    def work(on_progress: OnProgress) -> None:
        try:
            while True:
                on_progress(0, 1)
                time.sleep(0.005)
        except CancelledError:
            ended.append("stopped")
            raise

    runner.start(owner, work, done=lambda _: None, failed=lambda _: None, card=CARD)
    qtbot.waitUntil(lambda: runner.jobs[0].state is State.RUNNING)
    runner.shut_down()
    assert ended == ["stopped"]


def test_nobody_is_called_back_after_shutting_down(owner: QWidget, qtbot: QtBot) -> None:
    parent, seen, ran, go_on = QWidget(), [], threading.Event(), threading.Event()
    qtbot.addWidget(parent)
    runner = JobRunner(parent)

    def work(_: OnProgress) -> None:
        ran.set()
        go_on.wait(0.5)

    runner.start(owner, work, done=seen.append, failed=seen.append, cancelled=lambda: seen.append("cancelled"))
    qtbot.waitUntil(ran.is_set)
    runner.shut_down()
    qtbot.wait(100)
    assert seen == []


def test_what_a_timer_asks_for_after_shutting_down_is_not_begun(owner: QWidget, qtbot: QtBot) -> None:
    parent, ran = QWidget(), threading.Event()
    qtbot.addWidget(parent)
    runner = JobRunner(parent)
    runner.shut_down()
    stop = runner.start(owner, lambda _: ran.set(), done=lambda _: None, failed=lambda _: None)
    stop()
    assert not ran.wait(0.1)


def test_what_was_interrupted_stays_on_the_list_until_it_is_settled(jobs: JobRunner) -> None:
    job = jobs.note_interrupted("Intake of LH/02", "began yesterday", (Act(text="Give up", call=lambda: None),))
    jobs.forget_ended()
    assert jobs.jobs == (job,)
    jobs.forget(job)
    assert jobs.jobs == ()


def test_the_list_of_ended_jobs_does_not_grow_without_end(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    for _ in range(ENDED_KEPT + 20):
        jobs.start(owner, lambda _: None, done=lambda _: None, failed=lambda _: None, card=CARD)
    qtbot.waitUntil(lambda: not jobs.active)
    jobs.start(owner, lambda _: None, done=lambda _: None, failed=lambda _: None, card=CARD)
    assert len(jobs.jobs) == ENDED_KEPT + 1


def test_only_two_reads_compute_at_once_but_none_waits_for_those_that_last(
    jobs: JobRunner, owner: QWidget, qtbot: QtBot
) -> None:
    go_on, lock = threading.Event(), threading.Lock()
    at_once, most, ended = 0, 0, list[int]()

    def read(number: int, until: threading.Event | None = None) -> int:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        if until:
            until.wait(30)
        else:
            time.sleep(0.01)
        with lock:
            at_once -= 1
        return number

    def ask(number: int, until: threading.Event | None = None) -> None:
        jobs.start(
            owner, lambda _: read(number, until), done=ended.append, failed=lambda error: pytest.fail(str(error))
        )

    for number in range(8):
        ask(number)
    qtbot.waitUntil(lambda: len(ended) == 8)
    assert most == READS_AT_ONCE

    ended.clear()
    for number in range(READS_AT_ONCE):
        ask(number, go_on)
    ask(9)
    qtbot.waitUntil(lambda: ended == [9])
    go_on.set()
    qtbot.waitUntil(lambda: len(ended) == 1 + READS_AT_ONCE)


def test_a_read_begins_behind_the_turn_that_asks_for_it(jobs: JobRunner, owner: QWidget, qtbot: QtBot) -> None:
    began, ended = threading.Event(), list[None]()
    jobs.start(owner, lambda _: began.set(), done=ended.append, failed=lambda error: pytest.fail(str(error)))
    assert not began.wait(0.2)
    qtbot.waitUntil(lambda: bool(ended))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no priority of threads")
@pytest.mark.parametrize("card", [None, CARD])
def test_threads_go_behind_that_of_the_window_and_before_the_children(
    jobs: JobRunner, owner: QWidget, qtbot: QtBot, card: JobCard | None
) -> None:
    def priority(_: OnProgress) -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    found: list[int] = []
    jobs.start(owner, priority, done=found.append, failed=pytest.fail, card=card)
    qtbot.waitUntil(lambda: bool(found))
    assert found == [NICENESS]
    assert os.getpriority(os.PRIO_PROCESS, 0) == 0 < NICENESS < CHILD_NICENESS
