"""Where files go that leave an image: what the system's own dialogs answer, and names that are safe everywhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from ui.preferences import Preferences

_UNSAFE = re.compile(r'[<>:"/\\|?*]')
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))}
_LONGEST_BYTES = 200
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


def safe_name(name: str) -> str:
    """A name of evidence as a file name that every system takes and that leads nowhere else.

    Separators, reserved and invisible characters become ``_``; names of devices get one in front; a long name keeps
    its extension.
    """
    shown = "".join(char if char.isprintable() and char != "\ufffd" else "_" for char in name)
    clean = _UNSAFE.sub("_", shown).strip().rstrip(". ") or "_"
    if set(clean) <= {"."} or clean.split(".")[0].lower() in _RESERVED:
        clean = f"_{clean}"
    stem, dot, extension = clean.rpartition(".")
    if not stem or len(extension) > 16:
        stem, dot, extension = clean, "", ""
    tail = f"{dot}{extension}"
    while len(f"{stem}{tail}".encode()) > _LONGEST_BYTES:
        stem = stem[:-1]
    return f"{stem}{tail}"


def targets_in(folder: Path, names: Iterable[str]) -> list[Path]:
    """A path in ``folder`` for each name; those that are taken, or the same but for case, get a number."""
    taken = {there.name.lower() for there in folder.iterdir()}
    paths = []
    for name in names:
        clean = safe_name(name)
        stem, dot, extension = clean.rpartition(".") if "." in clean[1:] else (clean, "", "")
        candidate, number = clean, 1
        while candidate.lower() in taken:
            number += 1
            candidate = f"{stem} ({number}){dot}{extension}"
        taken.add(candidate.lower())
        paths.append(folder / candidate)
    return paths
