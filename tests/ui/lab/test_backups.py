"""Backups on the Lab page."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLabel, QTabWidget
from pytestqt.qtbot import QtBot

from forensics_app.services.backup_file import read_backup
from tests.ui.desk import Desk, open_desk
from tests.ui.lab.tabs import turn_to
from ui.appearance import Appearance
from ui.jobs import JobRunner
from ui.lab.backups_tab import BackupsTab
from ui.lab.page import LabPage
from ui.preferences import Preferences


@pytest.fixture
def desk(
    appearance: Appearance, tmp_path: Path, qtbot: QtBot, jobs: JobRunner, preferences: Preferences
) -> Iterator[Desk]:
    """The Lab page as a supervisor sees it."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(tmp_path / "lab", qtbot, jobs, preferences, "lab", make, who=lambda bench: bench.supervisor) as made:
        yield made


@pytest.mark.req("REQ-70")
def test_a_backup_is_asked_for_when_it_is_due_made_and_listed(desk: Desk, tmp_path: Path) -> None:
    tab = turn_to(desk, BackupsTab, "backups")
    desk.until(lambda: desk.seen("backupsEmpty"))
    desk.open_dialog("backupInterval", "backupIntervalSheet")
    desk.fill(backupIntervalDays="7")
    desk.press("submitButton")
    desk.until(lambda: desk.bench.lab.backups.standing().interval_days == 7)
    desk.bench.clock.at += timedelta(days=8)
    desk.session.tell_record_changed()
    tabs = desk.part(QTabWidget, "labTabs")
    desk.until(lambda: tabs.tabText(tabs.indexOf(tab.parentWidget())) == "Backups · due")
    desk.until(lambda: any("is due since" in one.text() for one in tab.findChildren(QLabel)))

    (tmp_path / "kept").mkdir()
    desk.open_dialog("backUpNow", "backupSheet")
    desk.press("submitButton")
    assert desk.part(QLabel, "backupFolderError").text() == "Choose the folder."
    desk.fill(backupFolder=str(tmp_path / "kept"), passphrase="paper tiger lantern")
    desk.press("submitButton")
    assert "The two differ" in desk.part(QLabel, "passphraseAgainError").text()
    desk.fill(passphraseAgain="paper tiger lantern")
    desk.press("submitButton")
    desk.until(lambda: tab.table.model().rowCount() == 1)
    assert desk.errors == []
    (made,) = (tmp_path / "kept").iterdir()
    read = read_backup(made, "paper tiger lantern", lambda *_: None)
    (line,) = desk.bench.lab.backups.standing().lines
    assert (read.is_encrypted, read.sha256.hex(), line.by) == (True, line.sha256, "Ingrid Solberg")
    desk.until(lambda: tabs.tabText(tabs.indexOf(tab.parentWidget())) == "Backups")
    desk.until(lambda: any("next backup is due on" in one.text() for one in tab.findChildren(QLabel)))


def test_a_backup_without_a_passphrase_is_warned_of(desk: Desk, tmp_path: Path) -> None:
    tab = turn_to(desk, BackupsTab, "backups")
    desk.until(lambda: desk.seen("backupsEmpty"))
    desk.open_dialog("backUpNow", "backupSheet")
    desk.part(QCheckBox, "backupEncrypted").click()
    assert desk.seen("backupOpenNote")
    assert not desk.seen("passphrase")
    desk.fill(backupFolder=str(tmp_path))
    (desk.bench.lab.folder.root / "notes").mkdir()
    desk.press("submitButton")
    desk.until(lambda: tab.table.model().rowCount() == 1)
    assert desk.errors == []
    rows = tab.table.model()
    told = [str(rows.index(0, at).data(Qt.ItemDataRole.ToolTipRole)) for at in range(rows.columnCount())]
    assert any(one.startswith("Not whole, Not of the lab, and not in it: notes.") for one in told), told
    assert not desk.bench.lab.backups.standing().lines[0].is_encrypted
