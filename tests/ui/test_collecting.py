"""Circles of objects are looked for on the UI thread, and not where somebody would wait for it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from tests.builders import make_bench
from ui.collecting import LOOK_MS, MANY_YOUNG, Collector
from ui.jobs import JobCard, JobRunner
from ui.session import Session


class Circle:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collector(jobs: JobRunner, session: Session) -> Iterator[Collector]:
    parent = QObject()
    made = Collector(parent, jobs, session)
    assert not gc.isenabled()
    gc.collect()
    yield made
    gc.unfreeze()
    gc.enable()


def dropped() -> weakref.ref[Circle]:
    return weakref.ref(Circle())


def test_a_circle_is_found_at_the_next_look_and_by_nobody_else(collector: Collector) -> None:
    circle, many = dropped(), [[number] for number in range(MANY_YOUNG // 2)]
    assert circle() is not None
    collector.look()
    assert circle() is None
    assert len(many) == MANY_YOUNG // 2


def test_too_many_new_objects_are_left_alone_until_nobody_is_signed_in(
    collector: Collector, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "lab")
    session.open_lab(bench.lab)
    session.sign_in(bench.examiner)
    circle, many = dropped(), [[number] for number in range(2 * MANY_YOUNG)]
    collector.look()
    collector.look()
    assert circle() is not None
    session.lock()
    qtbot.waitUntil(lambda: circle() is None, timeout=10 * LOOK_MS)
    assert len(many) == 2 * MANY_YOUNG


def test_what_is_left_alone_once_a_job_runs_is_found_when_it_has_ended(
    collector: Collector, jobs: JobRunner, qtbot: QtBot
) -> None:
    old = Circle()
    there = weakref.ref(old)
    gc.collect(1)
    del old
    circle = dropped()
    ended: list[bool] = []
    released = Event()
    jobs.start(
        collector, lambda _: released.wait(), done=ended.append, failed=lambda error: None, card=JobCard(title="Read")
    )
    qtbot.waitUntil(lambda: bool(jobs.active))
    collector.look()
    assert circle() is None
    assert there() is not None
    released.set()
    qtbot.waitUntil(lambda: bool(ended) and not jobs.active)
    collector.look()
    assert there() is None
