"""Hands for the tests: filling fields and pressing buttons by their names."""

from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from ui.widgets.buttons import Button


def fill(root: QWidget, **values: str) -> None:
    for name, value in values.items():
        entry = root.findChild(QWidget, name)
        if isinstance(entry, QComboBox):
            entry.setCurrentText(value)
        else:
            assert isinstance(entry, QLineEdit), name
            entry.setText(value)


def press(root: QWidget, name: str) -> None:
    button = root.findChild(Button, name)
    assert button is not None, name
    assert button.isEnabled(), name
    button.click()


def said(root: QWidget, name: str) -> str:
    part = root.findChild(QWidget, name)
    assert part is not None, name
    text = getattr(part, "text", part.accessibleName)
    return str(text() if callable(text) else text)
