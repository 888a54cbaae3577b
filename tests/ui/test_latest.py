from pytestqt.qtbot import QtBot

from ui.jobs import JobRunner
from ui.latest import Latest


def test_acts_wait_for_the_answer_and_are_done_in_a_turn_of_their_own(qtbot: QtBot, jobs: JobRunner) -> None:
    told: list[str] = []
    latest = Latest(jobs, jobs)

    def answered(answer: str) -> None:
        told.append(answer)
        jobs.next_turn(jobs, lambda: told.append("another turn"))

    latest.ask(lambda _: "answer", answered, lambda error: None)
    latest.afterwards(lambda: told.append("act"))
    latest.afterwards(lambda: told.append("second act"))
    assert told == []
    qtbot.waitUntil(lambda: len(told) == 4)
    assert told == ["answer", "another turn", "act", "second act"]
    latest.afterwards(lambda: told.append("at once"))
    assert told[-1] == "at once"


def test_an_act_waits_for_a_question_that_is_asked_before_its_turn(qtbot: QtBot, jobs: JobRunner) -> None:
    told: list[str] = []
    latest = Latest(jobs, jobs)

    def first(answer: str) -> None:
        told.append(answer)
        jobs.next_turn(jobs, lambda: latest.ask(lambda _: "second", told.append, lambda error: None))

    latest.ask(lambda _: "first", first, lambda error: None)
    latest.afterwards(lambda: told.append("act"))
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told == ["first", "second", "act"]


def test_an_act_between_answer_and_its_turn_is_not_done_before_an_older_one(qtbot: QtBot, jobs: JobRunner) -> None:
    told: list[str] = []
    latest = Latest(jobs, jobs)

    def answered(answer: str) -> None:
        told.append(answer)
        jobs.next_turn(jobs, lambda: latest.afterwards(lambda: told.append("younger")))

    latest.ask(lambda _: "answer", answered, lambda error: None)
    latest.afterwards(lambda: told.append("older"))
    qtbot.waitUntil(lambda: len(told) == 3)
    assert told == ["answer", "older", "younger"]
