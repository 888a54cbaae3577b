"""Encrypting the laboratory on the Lab page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from forensics_app.bootstrap import open_lab, unlocked
from forensics_app.errors import LabMovedError
from tests.builders import PASSPHRASE
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
    """The Lab page as an administrator sees it."""

    def make(context: object) -> LabPage:
        return LabPage(context, preferences, appearance)  # type: ignore[arg-type]

    with open_desk(tmp_path / "lab", qtbot, jobs, preferences, "lab", make, who=lambda bench: bench.admin) as made:
        yield made


@pytest.mark.req("REQ-70")
def test_an_administrator_encrypts_the_lab_and_is_led_to_the_new_folder(desk: Desk, tmp_path: Path) -> None:
    turn_to(desk, BackupsTab, "backups")
    desk.until(lambda: desk.part(QPushButton, "rekey").isEnabled())
    moved: list[Path] = []
    desk.session.lab_moved.connect(moved.append)
    sheet = desk.open_dialog("rekey", "rekeySheet")
    desk.fill(rekeyFolder=str(tmp_path / "lab"), rekeyPassphrase=PASSPHRASE)
    desk.press("submitButton")
    desk.until(lambda: any("cannot lie in the old one" in one.text() for one in sheet.findChildren(QLabel)))
    desk.fill(rekeyFolder=str(tmp_path / "new"), rekeyPassphrase=PASSPHRASE)
    desk.press("submitButton")
    desk.until(lambda: moved == [tmp_path / "new"])
    done = {job.card.title: job for job in desk.window.jobs.jobs}["Encrypt the laboratory"]
    assert done.card.unit == "bytes"
    assert "was not changed" in done.card.if_stopped
    assert desk.errors == []
    with unlocked(tmp_path / "new", desk.bench.admin.person.name, PASSPHRASE):
        open_lab(tmp_path / "new").close()
    with pytest.raises(LabMovedError):
        open_lab(tmp_path / "lab")
