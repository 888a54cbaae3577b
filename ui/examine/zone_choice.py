"""In which zone the page shows times: the lab's, UTC, or any of the IANA database."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox

from ui.jobs import JobRunner
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.layout import restyle
from ui.zones import zone_names

UTC = "UTC"


def zone_or_none(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


class ZoneChoice(QComboBox):
    """A box to choose from and to type into; a name that is no zone is marked and not taken."""

    zone_chosen = Signal(str)

    def __init__(self, jobs: JobRunner) -> None:
        """Start with UTC alone; the other zones are read when the box is first used."""
        super().__init__()
        self.setObjectName("zoneChoice")
        self.setAccessibleName(self.tr("Time zone of this page"))
        self.setToolTip(self.tr("Time zone of this page: type a city or choose"))
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumWidth(11 * Space.L)
        self._jobs = jobs
        self._asked = False
        self._zone = UTC
        self.activated.connect(lambda _: self._take())
        edit = self.lineEdit()
        if edit:
            edit.setAccessibleName(self.accessibleName())
            edit.editingFinished.connect(self._take)
            edit.textEdited.connect(lambda _: restyle(self, "state", ""))
        forms.offer_what_contains(self)

    @property
    def zone(self) -> str:
        """The zone in use."""
        return self._zone

    def offer(self, lab_zone: str, current: str) -> None:
        """Offer the lab's zone and UTC first, and show ``current`` without sending it."""
        self._zone = current if zone_or_none(current) else lab_zone
        with QSignalBlocker(self):
            first = list(dict.fromkeys((lab_zone, UTC, self._zone)))
            rest = [self.itemText(at) for at in range(self.count()) if self.itemText(at) not in first]
            self.clear()
            self.addItems([*first, *rest])
            self.setCurrentText(self._zone)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Read the names of the zones when somebody comes here for the first time."""
        super().focusInEvent(event)
        self._read_names()

    def showPopup(self) -> None:
        """As well when the list is opened by mouse."""
        self._read_names()
        super().showPopup()

    def _read_names(self) -> None:
        if not self._asked:
            self._asked = True
            self._jobs.start(self, lambda _: zone_names(), done=self._add_names, failed=lambda error: None)

    def _add_names(self, names: Sequence[str]) -> None:
        with QSignalBlocker(self):
            typed = self.currentText()
            known = {self.itemText(at) for at in range(self.count())}
            self.addItems([name for name in names if name not in known])
            self.setCurrentText(typed)

    def _take(self) -> None:
        typed = self.currentText().strip()
        if typed == self._zone:
            return
        if zone_or_none(typed) is None:
            restyle(self, "state", "bad")
            self.setToolTip(self.tr("There is no zone {name}: type one like Europe/Berlin or UTC").format(name=typed))
            return
        restyle(self, "state", "")
        self.setToolTip(self.tr("Time zone of this page: type a city or choose"))
        self._zone = typed
        self.zone_chosen.emit(typed)
