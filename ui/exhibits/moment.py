"""A date and time to fill in, in the zone of the lab, and the clock that it is held against."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QByteArray, QDateTime, QTimeZone
from PySide6.QtWidgets import QDateTimeEdit

from ui.widgets import forms


class Moment:
    """An input for an aware time; seconds are not asked for."""

    def __init__(self, first: datetime, zone: ZoneInfo) -> None:
        """Start at ``first``, shown in ``zone``."""
        self._zone = zone
        self._qt_zone = QTimeZone(QByteArray(zone.key.encode()))
        self.entry: QDateTimeEdit = forms.moment_edit(QDateTime.currentDateTime())
        self.entry.setTimeZone(self._qt_zone)
        self.fill(first)

    def fill(self, moment: datetime) -> None:
        """Show another time."""
        seconds = int(moment.replace(second=0, microsecond=0).timestamp())
        self.entry.setDateTime(QDateTime.fromSecsSinceEpoch(seconds, self._qt_zone))

    def told(self) -> datetime:
        """The time that stands in the field, with the offset of the zone at that time."""
        return datetime.fromtimestamp(self.entry.dateTime().toSecsSinceEpoch(), self._zone)


class Clock:
    """The clock of the lab, by which the services judge; it goes on from the moment at which it was read."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        """Begin at ``now``; times are told in ``zone``."""
        self._zone, self._ahead = zone, now - datetime.now(zone)

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(self._zone) + self._ahead

    def has_come(self, told: datetime) -> bool:
        """Whether a time that somebody told, to the minute, does not lie in the future."""
        return told <= self.now() + timedelta(minutes=1)
