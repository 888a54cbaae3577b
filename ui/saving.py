"""Asks where a file is to be written; nothing is written here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PySide6.QtWidgets import QFileDialog, QWidget

AskWhere: TypeAlias = Callable[[QWidget, str, str, str], Path | None]
"""``(parent, title, suggested_name, filter) -> path``, or None when the person thought better of it."""


def ask_where(parent: QWidget, title: str, suggested_name: str, name_filter: str) -> Path | None:
    """Ask with the system's own dialog."""
    chosen, _ = QFileDialog.getSaveFileName(parent, title, suggested_name, name_filter)
    return Path(chosen) if chosen else None


def file_name(*parts: str, suffix: str) -> str:
    """A name that every file system takes, of case and exhibit numbers: ``LH/01`` becomes ``LH-01``."""
    words = "-".join(part for part in parts if part)
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in words) + suffix
