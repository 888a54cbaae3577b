"""From the first start to an issued report in the real window, by mouse and keyboard alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resources import path as resource
from tests.journeys.album import Album
from tests.journeys.first_day import CASE, LAB, REPORT, FirstDay, Paths
from tests.journeys.hands import Hands
from tests.journeys.program import verify
from ui.application import Application
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT


@pytest.fixture
def application(
    qapp: QApplication, preferences: Preferences, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[Application]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    made = Application(qapp, preferences)
    made.start()
    made.window.resize(1280, 800)
    qtbot.waitExposed(made.window)
    yield made
    made.window.close()
    made.window.deleteLater()
    made.setParent(None)
    style.apply(qapp, LIGHT, tmp_path)


@pytest.mark.qt_log_level_fail("CRITICAL")  # a platform without a window manager warns of what it cannot do
def test_a_first_day_leads_from_an_empty_computer_to_an_issued_report(
    application: Application, qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    hands = Hands(application.window, qtbot)
    album = Album(application.window, qtbot, tmp_path)
    day = FirstDay(hands, album, Paths(tmp_path, str(tmp_path), str(resource(""))))
    stray = hands.stray
    qapp.installEventFilter(stray)
    try:
        day.live_through()
    finally:
        qapp.removeEventFilter(stray)
        album.shot("end")
    assert stray.seen == []
    assert CASE in text_of(tmp_path / REPORT)
    for what in ([tmp_path / LAB], [tmp_path / REPORT, "--lab", tmp_path / LAB]):
        verified = verify(*what)
        assert verified.returncode == 0, verified.stdout + verified.stderr


def text_of(pdf: Path) -> str:
    """The words of a PDF as pdftotext reads them."""
    assert pdf.read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed, so the words of the report cannot be read from outside")
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout
