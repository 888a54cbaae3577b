"""Tells a screen reader what changed without a change of focus."""

from __future__ import annotations

from PySide6 import QtGui
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget


def announce(source: QWidget, sentence: str, *, urgent: bool = False) -> None:
    """Say ``sentence``; an urgent one interrupts. Does nothing where Qt (before 6.8) cannot."""
    made = getattr(QtGui, "QAccessibleAnnouncementEvent", None)
    if made is None or not QAccessible.isActive():
        return
    event = made(source, sentence)
    politeness = QAccessible.AnnouncementPoliteness
    event.setPoliteness(politeness.Assertive if urgent else politeness.Polite)
    QAccessible.updateAccessibility(event)
