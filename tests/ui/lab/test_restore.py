"""A lab is restored from a backup on the first page, and opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from forensics_app.model.backup import NewBackup
from tests.builders import PASSPHRASE, make_bench
from ui.application import Application
from ui.lab.restore_sheet import RestoreSheet
from ui.lab.sign_in import SignIn
from ui.preferences import Preferences
from ui.widgets.buttons import Button

SECRET = "paper tiger lantern"


@pytest.fixture
def application(qapp: QApplication, qtbot: QtBot, preferences: Preferences) -> Iterator[Application]:
    made = Application(qapp, preferences)
    made.start()
    yield made
    made.window.close()


@pytest.mark.req("REQ-70")
def test_a_backup_becomes_a_lab_that_is_opened_and_a_wrong_passphrase_is_told_in_the_dialog(
    application: Application, qtbot: QtBot, tmp_path: Path
) -> None:
    bench = make_bench(tmp_path / "lab")
    line = bench.lab.backups.make(bench.admin, NewBackup(target=tmp_path / "kept.age", passphrase=SECRET))
    root = bench.lab.verification.root_fingerprint()
    bench.lab.close()
    window = application.window
    window.findChild(Button, "restoreLab").click()
    sheet = window.findChild(RestoreSheet)
    sheet.submit()
    assert sheet.findChild(QLabel, "restoreFileError").text() == "Choose the backup."
    told = {"restoreFile": line.place, "restoreSecret": "wrong passphrase", "restoreName": "Ada Admin"}
    told |= {"restoreFolder": str(tmp_path / "back"), "restorePassphrase": PASSPHRASE, "restoreRoot": "12"}
    for name, value in told.items():
        sheet.findChild(QLineEdit, name).setText(value)
    sheet.submit()
    assert "64 digits" in sheet.findChild(QLabel, "restoreRootError").text()
    sheet.findChild(QLineEdit, "restoreRoot").setText(root.upper())
    sheet.submit()
    qtbot.waitUntil(
        lambda: any("does not open with this passphrase" in one.text() for one in sheet.findChildren(QLabel)),
        timeout=20_000,
    )
    assert not (tmp_path / "back").exists()
    sheet.findChild(QLineEdit, "restoreSecret").setText(SECRET)
    sheet.submit()
    qtbot.waitUntil(lambda: window.findChild(SignIn) is not None, timeout=30_000)
    assert application.session.lab.folder.root == tmp_path / "back"
    assert len(application.session.lab.backups.standing().lines) == 1
