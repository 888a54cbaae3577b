"""Turning to the registers of the Lab page, each of which is made when it is first seen."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QTabWidget, QWidget

from tests.ui.desk import Desk
from ui.widgets.later import Later

W = TypeVar("W", bound=QWidget)


def turn_to(desk: Desk, kind: type[W], name: str) -> W:
    """Bring the register with an object name into sight."""
    tabs = desk.part(QTabWidget, "labTabs")
    room = tabs.findChild(Later, f"{name}Room")
    assert room is not None
    tabs.setCurrentWidget(room)
    part = room.part
    assert isinstance(part, kind)
    assert part.isVisible()
    return part
