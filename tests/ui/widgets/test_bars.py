import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.buttons import Button, Chip
from ui.widgets.layout import vbox
from ui.widgets.notes import FilterRow, PageBar


def narrowed(bar: QWidget, qtbot: QtBot, width_px: int) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.setLayout(vbox(bar, (QWidget(), 1), gap=0))
    parent.resize(1400, 700)
    parent.show()
    qtbot.waitExposed(parent)
    parent.resize(width_px, 700)
    return parent


def hidden_parts(bar: QWidget, kind: type[QWidget]) -> list[str]:
    return [part.objectName() for part in bar.findChildren(kind) if part.visibleRegion().boundingRect() != part.rect()]


@pytest.mark.parametrize("width_px", [1000, 640, 420])
def test_a_page_bar_that_gets_narrow_shows_all_its_acts(qtbot: QtBot, width_px: int) -> None:
    acts = [Button("Catalogue of the image…", name=f"act{at}") for at in range(2)]
    bar = PageBar("Digital Forensics Laboratory, North", "4 people with keys in force", acts)
    parent = narrowed(bar, qtbot, width_px)
    qtbot.waitUntil(lambda: hidden_parts(bar, Button) == [])
    assert parent.height() == 700


@pytest.mark.parametrize("width_px", [640, 420])
def test_a_filter_row_that_gets_narrow_shows_all_its_chips(qtbot: QtBot, width_px: int) -> None:
    chips = [Chip(words, name=words) for words in ("Subfolders", "Deleted", "Type differs", "Pictures")]
    row = FilterRow("Filter this folder by name", chips)
    parent = narrowed(row, qtbot, width_px)
    qtbot.waitUntil(lambda: hidden_parts(row, Chip) == [])
    assert row.height() < parent.height() // 2
