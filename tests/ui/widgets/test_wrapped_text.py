from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui import room
from ui.widgets.labels import label
from ui.widgets.layout import vbox
from ui.widgets.wrapped_text import WrappedText

LONG_NAME = "x" * 251 + ".bin"
MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def shown(text: str, qtbot: QtBot, width_px: int = 200) -> tuple[QWidget, WrappedText]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made = label(text, wrap=True, select=True, name="value")
    assert isinstance(made, WrappedText)
    layout = vbox(made)
    layout.addStretch(1)
    parent.setLayout(layout)
    parent.resize(width_px, 600)
    parent.show()
    qtbot.waitExposed(parent)
    parent.activateWindow()
    made.setFocus()
    qtbot.waitUntil(made.hasFocus)
    return parent, made


def copied(part: WrappedText, qtbot: QtBot) -> str:
    qtbot.keySequence(part, "Ctrl+A")
    qtbot.keySequence(part, "Ctrl+C")
    return QGuiApplication.clipboard().text()


def test_a_word_wider_than_the_room_is_shown_on_several_lines(qtbot: QtBot) -> None:
    for text in (LONG_NAME, MIME):
        parent, part = shown(text, qtbot)
        assert room.cut_texts(parent) == []
        needed_px = part.fontMetrics().horizontalAdvance(text)
        assert part.height() // part.fontMetrics().height() >= needed_px // part.width() + 1
        assert parent.width() == 200


def test_a_wrapped_text_is_drawn_to_its_last_character(qtbot: QtBot) -> None:
    parent, part = shown(LONG_NAME, qtbot)
    height_px = part.fontMetrics().height()
    last = part.grab().toImage().copy(0, part.height() - height_px, part.width(), height_px)
    colours = {last.pixel(x, y) for x in range(last.width()) for y in range(last.height())}
    assert len(colours) > 1
    assert parent.isVisible()


def test_what_is_copied_is_what_was_set(qtbot: QtBot) -> None:
    for text in (LONG_NAME, "no\u00a0break", "two\nlines", "zip \U0001f5dc\ufe0f of a name", "tab\tand  spaces "):
        _, part = shown(text, qtbot)
        assert copied(part, qtbot) == text


def test_a_part_is_selected_with_the_mouse_across_lines(qtbot: QtBot) -> None:
    _, part = shown(LONG_NAME, qtbot)
    qtbot.mousePress(part, Qt.MouseButton.LeftButton, pos=QPoint(0, 1))
    qtbot.mouseMove(part, QPoint(part.width(), part.height() - 1))
    qtbot.mouseRelease(part, Qt.MouseButton.LeftButton, pos=QPoint(part.width(), part.height() - 1))
    assert part.selectedText() == LONG_NAME


def test_a_double_click_selects_a_word_and_leaving_selects_nothing(qtbot: QtBot) -> None:
    parent, part = shown("first second third", qtbot, 400)
    inside = part.fontMetrics().horizontalAdvance("first se")
    qtbot.mouseDClick(part, Qt.MouseButton.LeftButton, pos=QPoint(inside, 4))
    assert part.selectedText() == "second"
    qtbot.keySequence(part, "Shift+Right")
    assert part.selectedText() == "second "
    part.clearFocus()
    assert not part.hasSelectedText()
    assert parent.isVisible()
