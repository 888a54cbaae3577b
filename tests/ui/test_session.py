import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from chain_of_custody.errors import ClosedKeyError
from tests.ui.people import signed_in
from ui.jobs import JobCard, JobRunner
from ui.session import NobodySignedInError, Session


def is_closed(person_key: object) -> bool:
    try:
        person_key.sign(b"x")  # type: ignore[attr-defined]
    except ClosedKeyError:
        return True
    return False


def test_locking_closes_the_key_at_once(session: Session) -> None:
    ana = signed_in()
    session.sign_in(ana)
    assert session.actor is ana
    session.lock()
    assert is_closed(ana.key)
    assert not session.is_open
    with pytest.raises(NobodySignedInError):
        _ = session.actor


def test_a_second_person_closes_the_key_of_the_first(session: Session) -> None:
    ana, tom = signed_in(), signed_in("Tomasz Lis", seed=2)
    session.sign_in(ana)
    session.sign_in(tom)
    assert is_closed(ana.key)
    assert session.actor is tom


def test_a_key_that_a_job_still_has_to_sign_with_closes_when_the_job_ends(
    session: Session, jobs: JobRunner, qtbot: QtBot
) -> None:
    ana, gate, owner, signatures = signed_in(), threading.Event(), QWidget(), []
    qtbot.addWidget(owner)
    session.sign_in(ana)

    def work(_: object) -> bytes:
        gate.wait(10)
        return ana.key.sign(b"intake")

    card = JobCard(title="Intake of LH/01", needs_key=True)
    jobs.start(owner, work, done=signatures.append, failed=lambda _: None, card=card)
    session.lock()
    assert session.key_waits_for_jobs
    assert not session.is_open
    gate.set()
    qtbot.waitUntil(lambda: bool(signatures))
    assert is_closed(ana.key)
    assert not session.key_waits_for_jobs


def test_the_key_locks_by_itself_when_nobody_does_anything(jobs: JobRunner, qtbot: QtBot) -> None:
    session = Session(jobs, jobs, idle_limit_s=60)
    ana = signed_in()
    session.sign_in(ana)
    for _ in range(11):
        session._tick()
    assert session.is_open
    session._tick()
    assert is_closed(ana.key)


def test_a_key_press_starts_the_time_anew(jobs: JobRunner, qtbot: QtBot) -> None:
    session = Session(jobs, jobs, idle_limit_s=60)
    session.sign_in(signed_in())
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.installEventFilter(session)
    for _ in range(11):
        session._tick()
    qtbot.keyClick(widget, Qt.Key.Key_A)
    session._tick()
    assert session.is_open
    assert session.minutes_left == 1
    session.close()


def test_without_a_lab_a_page_is_told_so(session: Session) -> None:
    assert not session.has_lab
    with pytest.raises(NobodySignedInError):
        _ = session.lab
