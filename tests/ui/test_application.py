"""The way from the first start to the pages and back, through the real window, services and keys."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.application import Application
from ui.errors import CrashSheet, ErrorSheet
from ui.frame.verdict_sheet import VerdictSheet
from ui.lab.first_start import FirstStart
from ui.lab.sign_in import SignIn
from ui.models.cells import RecordRole
from ui.pages import page_specs
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT
from ui.widgets.buttons import Button
from ui.widgets.notes import Note
from ui.widgets.table import Table

PASSPHRASE = "correct horse battery"
WAIT_MS = 30_000


@pytest.fixture
def application(
    qapp: QApplication, preferences: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[Application]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    made = Application(qapp, preferences)
    made.start()
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()
    made.window.deleteLater()
    made.setParent(None)
    style.apply(qapp, LIGHT, tmp_path)


def fill(window: QWidget, **values: str) -> None:
    for name, value in values.items():
        window.findChild(QLineEdit, name).setText(value)


def press(window: QWidget, name: str) -> None:
    window.findChild(Button, name).click()


def create_lab(application: Application, folder: Path, qtbot: QtBot) -> None:
    window = application.window
    fill(window, labName="North", labFolder=str(folder), personName="Ana Kovač", function="Examiner")
    fill(window, organisation="Police", idNumber="2217", passphrase=PASSPHRASE, passphraseAgain=PASSPHRASE)
    press(window, "createLab")
    qtbot.waitUntil(lambda: window.at_work, timeout=WAIT_MS)


def sign_in(application: Application, passphrase: str) -> None:
    fill(application.window, signInPassphrase=passphrase)
    press(application.window, "signInButton")


def page_is(application: Application, kind: type[QWidget]) -> bool:
    return application.window.findChild(kind) is not None


def test_a_lab_is_created_used_locked_and_opened_again(
    application: Application, tmp_path: Path, preferences: Preferences, qtbot: QtBot
) -> None:
    window = application.window
    assert page_is(application, FirstStart)
    create_lab(application, tmp_path / "lab", qtbot)
    assert application.session.actor.person.name == "Ana Kovač"
    qtbot.waitUntil(lambda: "verified" in window.top_bar.integrity.accessibleName(), timeout=WAIT_MS)
    assert window.top_bar.integrity.accessibleName().startswith("Integrity: Intact, Signed, Trusted.")

    window.go_to("lab")
    table = window.findChild(Table, "people")
    qtbot.waitUntil(lambda: table.model().rowCount() == 1)
    assert table.model().index(0, 0).data(RecordRole).name == "Ana Kovač"

    key = application.session.actor.key
    for asks_much in ("cases", "exhibits", "custody", "review", "reports", "scenes", "lab"):
        window.go_to(asks_much)
    window.top_bar.lock_button.click()
    assert not window.at_work
    qtbot.waitUntil(lambda: page_is(application, SignIn), timeout=WAIT_MS)
    assert not application.session.is_open
    assert key is not None

    sign_in(application, "wrong horse battery")
    refused = window.findChild(QWidget, "signInRefused")
    qtbot.waitUntil(refused.isVisible, timeout=WAIT_MS)
    sign_in(application, PASSPHRASE)
    qtbot.waitUntil(lambda: window.at_work, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: table.model().rowCount() == 1)
    assert window.findChild(CrashSheet) is None
    assert preferences.recent_labs == (tmp_path / "lab",)
    assert preferences.last_person == "Ana Kovač"


def test_the_frame_is_read_in_a_later_turn_than_the_one_in_which_the_first_page_is_made(
    application: Application, tmp_path: Path, qtbot: QtBot
) -> None:
    jobs, between = application.jobs, list[list[str]]()

    def look() -> None:
        between.append([job.card.title for job in jobs.jobs])

    application.window.page_shown.connect(lambda _: jobs.next_turn(application, look))
    create_lab(application, tmp_path / "lab", qtbot)
    qtbot.waitUntil(lambda: bool(jobs.jobs), timeout=WAIT_MS)
    assert between[0] == []
    assert [job.card.title for job in jobs.jobs] == ["Verify the record"]


def test_a_dialog_that_is_recording_is_put_by_when_the_key_locks_and_is_there_again_for_who_opened_it(
    application: Application, tmp_path: Path, qtbot: QtBot
) -> None:
    window = application.window
    create_lab(application, tmp_path / "lab", qtbot)
    sheet = RecordingSheet(window)
    sheet.open()
    application.session.lock()
    qtbot.waitUntil(lambda: page_is(application, SignIn), timeout=WAIT_MS)
    assert not sheet.isVisible()
    assert QApplication.activeModalWidget() is None
    sign_in(application, PASSPHRASE)
    qtbot.waitUntil(lambda: window.at_work and sheet.isVisible(), timeout=WAIT_MS)
    sheet.accept()


class RecordingSheet(QDialog):
    """A dialog whose act is being recorded: it cannot be left."""

    def reject(self) -> None:
        pass


def test_the_check_can_be_recorded_from_the_badge(application: Application, tmp_path: Path, qtbot: QtBot) -> None:
    window = application.window
    create_lab(application, tmp_path / "lab", qtbot)
    qtbot.waitUntil(lambda: "verified" in window.top_bar.integrity.accessibleName(), timeout=WAIT_MS)
    window.top_bar.integrity.click()
    sheet = window.findChild(VerdictSheet)
    press(sheet, "recordCheck")
    qtbot.waitUntil(lambda: "before the newest entry" in window.top_bar.integrity.accessibleName(), timeout=WAIT_MS)
    last = application.session.lab.verification.last()
    assert last is not None
    assert (last.by, last.ok) == ("Ana Kovač", True)


def test_a_folder_that_is_no_lab_is_refused_in_words(application: Application, tmp_path: Path, qtbot: QtBot) -> None:
    window = application.window
    window.findChild(FirstStart).open_asked.emit(tmp_path)
    qtbot.waitUntil(lambda: window.findChild(ErrorSheet) is not None, timeout=WAIT_MS)
    said = window.findChild(QWidget, "errorWhat").accessibleName()
    assert "is not a lab: there is no lab.db in it." in said
    qtbot.keyClick(window.findChild(ErrorSheet), Qt.Key.Key_Escape)
    assert window.findChild(Button, "createLab").isEnabled()


def test_the_last_lab_is_opened_at_the_next_start(
    application: Application, qapp: QApplication, preferences: Preferences, tmp_path: Path, qtbot: QtBot
) -> None:
    create_lab(application, tmp_path / "lab", qtbot)
    application.window.close()
    again = Application(qapp, preferences)
    again.start()
    qtbot.waitUntil(lambda: page_is(again, SignIn), timeout=WAIT_MS)
    assert again.session.lab.info.name == "North"
    sign_in(again, PASSPHRASE)  # sooner than the page is painted
    qtbot.waitUntil(
        lambda: len(again.window.made_pages()) == len(page_specs(preferences, again.appearance)), timeout=WAIT_MS
    )
    again.window.close()
    again.setParent(None)


@pytest.mark.req("REQ-70")
def test_an_encrypted_lab_is_created_and_asks_for_a_passphrase_before_it_is_opened_again(
    application: Application, tmp_path: Path, preferences: Preferences, qtbot: QtBot
) -> None:
    window, folder = application.window, tmp_path / "lab"
    window.findChild(QCheckBox, "labEncrypted").setChecked(True)
    create_lab(application, folder, qtbot)
    assert not (folder / "lab.db").read_bytes().startswith(b"SQLite")
    application.session.lock()
    qtbot.waitUntil(lambda: page_is(application, SignIn), timeout=WAIT_MS)
    application.session.close()
    window.forget_pages()

    application.open_lab(folder)

    def is_asked() -> bool:
        said = [note.text for note in window.findChildren(Note, "signInNotice")]
        return len(said) == 1 and said[0].startswith("This lab is encrypted.")

    qtbot.waitUntil(is_asked, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: page_is(application, SignIn), timeout=WAIT_MS)
    page = window.findChild(SignIn)
    assert page.findChild(Note, "signInNotice").text.startswith("This lab is encrypted.")
    sign_in(application, "correct horse batterz")
    qtbot.waitUntil(lambda: page.findChild(QWidget, "signInRefused").isVisibleTo(page), timeout=WAIT_MS)
    assert not application.session.has_lab
    sign_in(application, PASSPHRASE)
    qtbot.waitUntil(lambda: window.at_work, timeout=WAIT_MS)
    assert application.session.actor.person.name == "Ana Kovač"
