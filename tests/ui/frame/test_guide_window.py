"""The user guide opens from the list of keys and by a key of its own, and shows nothing but what is shipped."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from ui.frame.guide_window import GuideWindow


def test_its_first_page_leads_to_every_other_and_back(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    window = GuideWindow(parent)
    window.show()
    text = window.browser.toPlainText()
    assert text.startswith("User guide")
    for name in ("1-start.html", "3-examining.html", "administrator.html", "court-guide.html"):
        window.browser.setSource(QUrl(name))
        assert len(window.browser.toPlainText()) > 500
    back = window.findChild(QPushButton, "guideBack")
    assert back is not None
    for _ in range(4):
        back.click()
    assert window.browser.toPlainText() == text
    window.close()


def test_pictures_come_from_the_program_and_nothing_from_elsewhere(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    browser = GuideWindow(parent).browser
    image, page = QTextDocument.ResourceType.ImageResource.value, QTextDocument.ResourceType.HtmlResource.value
    assert browser.loadResource(image, QUrl("pictures/examine.png")).width() > 200
    for name in ("/etc/passwd", "../../pyproject.toml", "https://example.org/1-start.htm"):
        assert browser.loadResource(page, QUrl(name)) == ""
