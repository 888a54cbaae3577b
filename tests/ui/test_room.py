"""Every picture of the gallery: nothing cut, everything named, everything reached by key, at every size and scale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui import gallery, room
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox

ROOT = Path(__file__).parents[2]
SETTLED_MS, LAID_OUT_MS = 60, 3000
SIZES = (QSize(1280, 800), QSize(960, 540), QSize(640, 360))


def shown(name: str, size: QSize, qtbot: QtBot) -> QWidget:
    widget = gallery.PICTURES[name]()
    qtbot.addWidget(widget)
    widget.resize(size)
    widget.show()
    qtbot.waitExposed(widget)
    qtbot.wait(SETTLED_MS)
    dialogs = [dialog for dialog in widget.findChildren(QDialog) if dialog.isVisible()]
    return dialogs[0] if dialogs else widget


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width()}x{size.height()}")
@pytest.mark.parametrize("name", gallery.PICTURES)
def test_nothing_is_cut_unnamed_or_out_of_reach(name: str, size: QSize, qtbot: QtBot) -> None:
    widget = shown(name, size, qtbot)

    def uncut() -> None:
        assert room.cut_texts(widget) == []

    qtbot.waitUntil(uncut, timeout=LAID_OUT_MS)
    assert room.unnamed(widget) == []
    assert room.unreachable(widget) == []


def test_a_label_without_room_is_found(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    narrow = label("Digital Forensics Laboratory")
    narrow.setParent(parent)
    narrow.setGeometry(0, 0, 30, 20)
    parent.show()
    assert room.cut_texts(parent) == ["QLabel 'Digital Forensics Laboratory'"]
    assert isinstance(narrow, QLabel)


@pytest.mark.parametrize("percent", [125, 150, 200])
def test_the_pictures_are_drawn_sharply_and_uncut_at_a_larger_scale(percent: int, tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": str(percent / 100)}
    command = [sys.executable, "-m", "tests.ui.gallery", str(tmp_path), "dark", "check", "table", "controls", "sign-in"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list(tmp_path.glob("*.png"))) == 6


def test_an_order_of_tab_against_the_layout_is_told(qtbot: QtBot) -> None:
    window = QWidget()
    buttons = [Button(text, name=text) for text in ("one", "two", "three")]
    window.setLayout(vbox(hbox(buttons[0], buttons[1]), buttons[2]))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    assert room.against_the_order(window) == []
    QWidget.setTabOrder(buttons[1], buttons[0])
    assert room.against_the_order(window) == ["'two' before 'one'"]
