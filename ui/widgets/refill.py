"""Gives a column other parts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QWidget


def refill(box: QBoxLayout, parts: Sequence[QWidget]) -> None:
    """Take everything out of ``box`` and put ``parts`` in."""
    owner = box.parentWidget()
    whole = owner.layout() if owner else None
    if whole:
        whole.setEnabled(False)  # else all is laid out anew with each part
    while (item := box.takeAt(0)) is not None:
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
    for part in parts:
        box.addWidget(part)
        if not part.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            part.show()  # at once: otherwise one picture is drawn without it
    if whole:
        whole.setEnabled(True)
        whole.activate()
