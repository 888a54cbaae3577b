import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.jobs import JobRunner, OnProgress
from ui.latest import Latest


@pytest.fixture
def latest(jobs: JobRunner) -> Latest:
    return Latest(jobs, jobs)


def held_back(answer: str) -> tuple[threading.Event, Callable[[OnProgress], str]]:
    """A question that is answered once somebody sets the event."""
    let_go = threading.Event()

    def work(_: OnProgress) -> str:
        assert let_go.wait(10)
        return answer

    return let_go, work


def fail(error: Exception) -> None:
    raise AssertionError(error)


def test_an_act_waits_for_the_reading_that_is_on_its_way(latest: Latest, qtbot: QtBot) -> None:
    seen: list[str] = []
    let_go, work = held_back("read")
    latest.ask(work, seen.append, fail)
    latest.afterwards(lambda: seen.append("acted"))
    assert seen == []
    let_go.set()
    qtbot.waitUntil(lambda: seen == ["read", "acted"])


def test_an_act_is_done_at_once_when_nothing_is_read(latest: Latest) -> None:
    seen: list[str] = []
    latest.afterwards(lambda: seen.append("acted"))
    assert seen == ["acted"]


def test_an_act_waits_for_the_newest_reading_when_an_older_one_was_given_up(latest: Latest, qtbot: QtBot) -> None:
    seen: list[str] = []
    first_go, first = held_back("old")
    second_go, second = held_back("new")
    latest.ask(first, seen.append, fail)
    latest.afterwards(lambda: seen.append("acted"))
    latest.ask(second, seen.append, fail)
    first_go.set()
    second_go.set()
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == ["new", "acted"]


def test_an_act_waits_for_a_question_that_the_answer_raised(latest: Latest, qtbot: QtBot) -> None:
    seen: list[str] = []

    def ask_on(answer: str) -> None:
        seen.append(answer)
        latest.ask(lambda _: "rest", seen.append, fail)

    let_go, work = held_back("beginning")
    latest.ask(work, ask_on, fail)
    latest.afterwards(lambda: seen.append("acted"))
    let_go.set()
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert seen == ["beginning", "rest", "acted"]


def test_nothing_is_done_when_the_reading_fails_or_is_not_wanted_any_more(latest: Latest, qtbot: QtBot) -> None:
    acted: list[str] = []
    failures: list[Exception] = []

    def refuse(_: OnProgress) -> str:
        raise ValueError("unreadable")

    latest.ask(refuse, acted.append, failures.append)
    latest.afterwards(lambda: acted.append("acted"))
    qtbot.waitUntil(lambda: len(failures) == 1)
    let_go, work = held_back("read")
    latest.ask(work, acted.append, fail)
    latest.afterwards(lambda: acted.append("acted"))
    latest.drop()
    let_go.set()
    done: list[str] = []
    latest.ask(lambda _: "later", done.append, fail)
    qtbot.waitUntil(lambda: done == ["later"])
    assert acted == []


def test_no_answer_comes_after_its_owner_is_gone(jobs: JobRunner, qtbot: QtBot) -> None:
    owner, seen = QObject(), []
    latest = Latest(owner, jobs)
    let_go, work = held_back("read")
    latest.ask(work, seen.append, fail)
    owner.deleteLater()
    qtbot.wait(20)
    let_go.set()
    other: list[str] = []
    Latest(jobs, jobs).ask(lambda _: "other", other.append, fail)
    qtbot.waitUntil(lambda: other == ["other"])
    qtbot.wait(20)
    assert seen == []
