"""What the program remembers of a person's taste on this computer, and the filters and tabs that they keep.

Nothing of the record, and nothing that was found.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

ORGANISATION, PROGRAM = "forensics-app", "forensics-app"
SCALES_PERCENT = (100, 125, 150, 175, 200)
RECENT_KEPT = 6


class Look(StrEnum):
    """Which theme the window takes."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Preferences:
    """Reads and writes the settings of the person at this computer."""

    def __init__(self, settings: QSettings | None = None) -> None:
        """Use ``settings``, by default those of the program."""
        self.store = settings or QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, ORGANISATION, PROGRAM)

    @property
    def look(self) -> Look:
        """The chosen theme."""
        value = str(self.store.value("window/look", Look.SYSTEM.value))
        return Look(value) if value in set(Look) else Look.SYSTEM

    @look.setter
    def look(self, look: Look) -> None:
        self.store.setValue("window/look", look.value)

    @property
    def scale_percent(self) -> int:
        """How much larger than the system's own scale everything is drawn; taken at the next start."""
        text = str(self.store.value("window/scale", SCALES_PERCENT[0]))
        value = int(text) if text.isdecimal() else SCALES_PERCENT[0]
        return value if value in SCALES_PERCENT else SCALES_PERCENT[0]

    @scale_percent.setter
    def scale_percent(self, percent: int) -> None:
        self.store.setValue("window/scale", percent)

    @property
    def recent_labs(self) -> tuple[Path, ...]:
        """The lab folders that were opened last, the newest first."""
        found = self.store.value("labs/recent", [])
        return tuple(Path(str(folder)) for folder in (found if isinstance(found, list) else [found]) if folder)

    def remember_lab(self, folder: Path) -> None:
        """Put ``folder`` first among the recent labs."""
        others = [str(known) for known in self.recent_labs if known != folder]
        self.store.setValue("labs/recent", [str(folder), *others][:RECENT_KEPT])

    @property
    def last_person(self) -> str:
        """Who signed in last on this computer, to be offered first."""
        return str(self.store.value("labs/lastPerson", ""))

    @last_person.setter
    def last_person(self, name: str) -> None:
        self.store.setValue("labs/lastPerson", name)

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size of the window when it was last closed."""
        value = self.store.value("window/geometry")
        return value if isinstance(value, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self.store.setValue("window/geometry", geometry)
