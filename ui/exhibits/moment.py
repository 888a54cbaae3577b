"""A date and time to fill in, in the zone of the lab, and the clock that it is held against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QTime, QTimeZone
from PySide6.QtWidgets import QDateTimeEdit

from ui.widgets import forms


class Moment:
    """An input for an aware time; seconds are not asked for.

    The input holds what a clock on the wall showed. Where the clocks were put back, that can be two times, and
    ``which`` asks which of them; where they were put forward, it can be none.
    """

    def __init__(self, first: datetime, zone: ZoneInfo) -> None:
        """Start at ``first``, shown in ``zone``."""
        self._zone = zone
        self.which = forms.choice([])
        self.which.hide()
        self.entry: QDateTimeEdit = forms.moment_edit(QDateTime.currentDateTimeUtc())
        self.entry.setTimeZone(QTimeZone.utc())  # of its own it leaves out no hour and shows none twice
        self.fill(first)

    def fill(self, moment: datetime) -> None:
        """Show another time."""
        local = moment.astimezone(self._zone)
        day, time = QDate(local.year, local.month, local.day), QTime(local.hour, local.minute)
        self.entry.setDateTime(QDateTime(day, time, QTimeZone.utc()))
        self.look()
        if self._is_twice():
            self.which.setCurrentIndex(1 + local.fold)

    def told(self) -> datetime:
        """The time that stands in the field, with the offset of the zone at that time."""
        chosen = self._read(fold=1 if self._is_twice() and self.which.currentIndex() == 2 else 0)
        offset = chosen.utcoffset()
        assert offset is not None, "a time in a zone has an offset"
        return chosen.replace(tzinfo=timezone(offset), fold=0)

    def problem(self) -> str:
        """Why what stands there is not one time, and what to do; an empty text where it is."""
        if self._is_left_out():
            words = _tr("The clocks of {zone} were put forward and never showed this time; look at it again.")
            return words.format(zone=self._zone.key)
        if self._is_twice() and self.which.currentIndex() < 1:
            words = _tr("The clocks of {zone} were put back and showed this time twice; choose which one it was.")
            return words.format(zone=self._zone.key)
        return ""

    def look(self) -> None:
        """Ask which of two times it was, where that is the question, and else do not."""
        self.which.clear()
        if self._is_twice():
            told = [self._read(fold=fold).isoformat()[-6:] for fold in (0, 1)]
            first, second = (_tr("The first, {offset}"), _tr("The second, {offset}"))
            self.which.addItems([_tr("Which one?"), first.format(offset=told[0]), second.format(offset=told[1])])
        self.show_which()

    def show_which(self) -> None:
        """Bring the question into sight where it is one; not before it has a parent: it would be a window."""
        self.which.setVisible(self._is_twice() and self.which.parent() is not None)

    def _read(self, *, fold: int) -> datetime:
        shown = self.entry.dateTime()
        day, time = shown.date(), shown.time()
        return datetime(
            day.year(), day.month(), day.day(), time.hour(), time.minute(), tzinfo=self._zone, fold=fold
        )  # fmt: skip

    def _is_left_out(self) -> bool:
        told = self._read(fold=0)
        back = told.astimezone(UTC).astimezone(self._zone)
        return back.replace(tzinfo=None, fold=0) != told.replace(tzinfo=None, fold=0)

    def _is_twice(self) -> bool:
        differ = self._read(fold=0).utcoffset() != self._read(fold=1).utcoffset()
        return differ and not self._is_left_out()


class MomentField(forms.Field):
    """The field of a :class:`Moment`; a form that holds it lets nothing through that is not one time."""

    def __init__(self, title: str, moment: Moment, *, name: str) -> None:
        """Ask for ``moment`` under ``title``, which names the zone."""
        super().__init__(title, moment.entry, name=name, beside=moment.which)
        self.moment = moment
        moment.which.setObjectName(f"{name}Which")
        moment.which.setAccessibleName(_tr("Which of the two times it was"))
        moment.entry.dateTimeChanged.connect(self._look)
        moment.which.activated.connect(lambda _: self.set_error(""))
        moment.show_which()

    def problem(self) -> str:
        """Why what stands there is not one time."""
        return self.moment.problem()

    def _look(self) -> None:
        self.moment.look()


class Clock:
    """The clock of the lab, by which the services judge; it goes on from the moment at which it was read."""

    def __init__(self, now: datetime, zone: ZoneInfo) -> None:
        """Begin at ``now``; times are told in ``zone``."""
        self._zone, self._ahead = zone, now.astimezone(UTC) - datetime.now(UTC)

    def now(self) -> datetime:
        """The present moment."""
        return (datetime.now(UTC) + self._ahead).astimezone(self._zone)

    def has_come(self, told: datetime) -> bool:
        """Whether a time that somebody told, to the minute, does not lie in the future."""
        return told.astimezone(UTC) <= self.now().astimezone(UTC) + timedelta(minutes=1)


def _tr(words: str) -> str:
    return QCoreApplication.translate("Moment", words)
