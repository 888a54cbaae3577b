"""Asks which entries are wanted: of which case, exhibit, person, kind and days; and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.custody_log import LogQuery
from ui.days import day_of, day_rule
from ui.widgets import forms
from ui.widgets.layout import vbox

if TYPE_CHECKING:
    from forensics_app.bootstrap import Lab
    from forensics_app.model.case import Case, CaseId
    from forensics_app.model.custody import CustodyEvent
    from forensics_app.model.exhibit import Exhibit, ExhibitId
    from forensics_app.model.person import Person, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLog:
    """Which entries are wanted; what is None or empty is not asked. Days are those of the lab's zone."""

    case_id: CaseId | None = None
    exhibit_id: ExhibitId | None = None
    person_id: PersonId | None = None
    kind: str = ""
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogView:
    """What was found, newest first, and what can be chosen from; ``exhibits`` are those of the chosen case."""

    cases: tuple[Case, ...]
    people: tuple[Person, ...]
    exhibits: tuple[Exhibit, ...]
    events: tuple[CustodyEvent, ...]
    is_cut: bool


def read_log(lab: Lab, asked: AskedLog) -> LogView:
    """The newest entries that were asked for; ``is_cut`` says that there may be older ones."""
    zone = ZoneInfo(lab.info.zone)

    def midnight(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=zone)

    query = LogQuery(
        case_id=asked.case_id,
        exhibit_id=asked.exhibit_id,
        person_id=asked.person_id,
        since=midnight(asked.first_day) if asked.first_day else None,
        until=midnight(asked.last_day + timedelta(days=1)) if asked.last_day else None,
        kind=asked.kind,
    )
    events = lab.custody_log.list(query)
    return LogView(
        cases=lab.cases.list(),
        people=lab.people.list(),
        exhibits=lab.exhibits.list(asked.case_id) if asked.case_id else (),
        events=tuple(reversed(events)),
        is_cut=len(events) == query.limit,
    )


class LogForm(QWidget):
    """``asked`` carries an :class:`AskedLog` whenever another choice was made."""

    asked = Signal(object)

    def __init__(self) -> None:
        """Ask for everything."""
        super().__init__()
        self.setObjectName("logForm")
        self._ids: dict[str, list[Any]] = {}
        self._form = forms.Form(columns=3)
        self._fields = {
            "logCase": self._choice("logCase", self.tr("Case")),
            "logExhibit": self._choice("logExhibit", self.tr("Exhibit of the case")),
            "logPerson": self._choice("logPerson", self.tr("Signed by")),
            "logKind": self._choice("logKind", self.tr("Kind")),
            "logFirstDay": self._day("logFirstDay", self.tr("From the day")),
            "logLastDay": self._day("logLastDay", self.tr("To the day, included")),
        }
        self._offer("logKind", [(kind, words) for kind, words in _kinds().items()])
        self.setLayout(vbox(self._form, gap=0))

    def show_choices(self, view: LogView) -> None:
        """Offer what there is; what is chosen stays chosen."""
        self._offer("logCase", [(one.id, one.number) for one in view.cases])
        self._offer("logPerson", [(one.id, one.name) for one in view.people])
        self._offer("logExhibit", [(one.id, f"{one.number}   {one.description}") for one in view.exhibits])
        self._fields["logExhibit"].entry.setEnabled(bool(view.exhibits))

    def request(self) -> AskedLog | None:
        """What is asked for; None while a day cannot be understood, which is said at its field."""
        if not self._form.show_problems():
            return None
        return AskedLog(
            case_id=self._chosen("logCase"),
            exhibit_id=self._chosen("logExhibit"),
            person_id=self._chosen("logPerson"),
            kind=self._chosen("logKind") or "",
            first_day=day_of(self._fields["logFirstDay"].text()),
            last_day=day_of(self._fields["logLastDay"].text()),
        )

    def entry(self) -> QWidget:
        """The first choice."""
        return self._fields["logCase"].entry

    def _choice(self, name: str, title: str) -> forms.Field:
        entry = forms.choice([self.tr("All")])
        self._ids[name] = [None]
        entry.activated.connect(lambda _: self._on_choice(name))
        return self._form.add(forms.Field(title, entry, name=name))

    def _day(self, name: str, title: str) -> forms.Field:
        entry = forms.line_edit(placeholder="YYYY-MM-DD")
        entry.editingFinished.connect(self._ask)
        return self._form.add(forms.Field(title, entry, name=name), rule=day_rule())

    def _on_choice(self, name: str) -> None:
        if name == "logCase":
            self._offer("logExhibit", [])  # numbers of exhibits are those of their case
        self._ask()

    def _ask(self) -> None:
        request = self.request()
        if request is not None:
            self.asked.emit(request)

    def _offer(self, name: str, options: Sequence[tuple[object, str]]) -> None:
        entry = self._fields[name].entry
        ids = [None, *(key for key, _ in options)]
        if not isinstance(entry, QComboBox) or ids == self._ids[name]:
            return
        chosen = self._chosen(name)
        with QSignalBlocker(entry):
            entry.clear()
            entry.addItems([self.tr("All"), *(words for _, words in options)])
            entry.setCurrentIndex(ids.index(chosen) if chosen in ids else 0)
        self._ids[name] = ids

    def _chosen(self, name: str) -> Any:
        at = self._fields[name].index
        return self._ids[name][at] if 0 <= at < len(self._ids[name]) else None


def _kinds() -> dict[str, str]:
    """Kinds of entries by what their names begin with, or by the whole name."""
    return {
        "custody": _tr("Steps of custody"),
        "custody.refused": _tr("Steps that were refused"),
        "transfer": _tr("Offered transfers"),
        "exhibit": _tr("Exhibits"),
        "incident": _tr("Incidents"),
        "hold": _tr("Legal holds"),
        "disposal": _tr("Disposals"),
        "room": _tr("Audits of rooms"),
        "image": _tr("Images"),
        "volume": _tr("Volumes"),
        "key": _tr("Keys of volumes"),
        "file": _tr("Files"),
        "note": _tr("Notes"),
        "scene": _tr("Scenes"),
        "case.deviation": _tr("Deviations"),
        "case": _tr("Cases"),
        "report": _tr("Reports"),
        "desk": _tr("Decisions of supervisors"),
        "person": _tr("People"),
        "tool": _tr("Tools"),
        "job": _tr("Interrupted work"),
        "lab": _tr("The lab"),
    }


def _tr(words: str) -> str:
    return QCoreApplication.translate("LogForm", words)
