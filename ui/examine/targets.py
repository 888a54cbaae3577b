"""Where files go that leave an image: what the system's own dialogs answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from ui.preferences import Preferences

_LAST_FOLDER = "examine/lastFolder"


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Asks the person for a place; None when they changed their mind.

    Attributes:
        file: ``file(parent, title, suggested)``, where ``suggested`` is a whole path.
        folder: ``folder(parent, title, suggested)``.
    """

    file: Callable[[QWidget, str, Path], Path | None]
    folder: Callable[[QWidget, str, Path], Path | None]


def ask_file(parent: QWidget, title: str, suggested: Path) -> Path | None:
    """Ask with the system's dialog. It does not ask about overwriting, as nothing is ever overwritten."""
    options = QFileDialog.Option.DontConfirmOverwrite
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(suggested), options=options)
    return Path(chosen) if chosen else None


def ask_folder(parent: QWidget, title: str, suggested: Path) -> Path | None:
    """Ask with the system's dialog."""
    chosen = QFileDialog.getExistingDirectory(parent, title, str(suggested))
    return Path(chosen) if chosen else None


SYSTEM_DIALOGS = Targets(file=ask_file, folder=ask_folder)


def last_folder(preferences: Preferences) -> Path:
    """The folder that files went to last, if it is still there; else the person's own."""
    stored = preferences.store.value(_LAST_FOLDER)
    folder = Path(str(stored)) if stored else Path.home()
    return folder if folder.is_dir() else Path.home()


def remember_folder(preferences: Preferences, folder: Path) -> None:
    """Begin there the next time."""
    preferences.store.setValue(_LAST_FOLDER, str(folder))
