"""The right side of the Cases page: one case in full, its last entries, and what may be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QTabBar, QWidget

from forensics_app.model.case import CaseStatus
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.note import Note
from forensics_app.model.person import Person, Role
from forensics_app.model.scene import PrincipleView
from forensics_app.model.wording import act_words
from ui import text
from ui.cases.acts import may_override, why_not_assign, why_not_change, why_not_close, why_not_deviate
from ui.cases.principles_tab import PrinciplesTab
from ui.cases.reading import CaseRow
from ui.cases.team import Team, TeamPart
from ui.cases.words import authority_mark, authority_warning, state_mark
from ui.exhibits.notes_tab import NotesTab
from ui.theme import Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, allow
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import hbox, line, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, facts, note
from ui.widgets.wrap_layout import WrapLayout

LAST_ENTRIES = 6
_NOTES = 2
_WRITERS = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR})
_SIDES = (Space.L, Space.M, Space.L, Space.M)


class CaseSummary(QFrame):
    """Shows a case; the signals tell which act was asked for."""

    work_asked = Signal()
    authority_asked = Signal()
    change_asked = Signal()
    close_asked = Signal()
    record_asked = Signal()
    override_asked = Signal()
    assign_asked = Signal()
    principles_wanted = Signal()
    notes_wanted = Signal()

    def __init__(self, zone: tzinfo) -> None:
        """Show no case yet; times are shown in ``zone``."""
        super().__init__()
        self.setObjectName("caseSummary")
        self.setAccessibleName(self.tr("The chosen case"))
        self.setProperty("pane", True)
        self._zone = zone
        self._row: CaseRow | None = None
        self._told: tuple[object, ...] = ()
        self._entries: tuple[CustodyEvent, ...] | None = None
        self._team: Team | None = None
        self._person: Person | None = None
        self._number = label(role="title", name="summaryNumber", wrap=True, select=True)
        self._state = Badge(Tone.NONE, "", name="summaryState")
        self._title = label(role="muted", name="summaryTitle", wrap=True)
        top = hbox((self._number, 1), self._state)
        top.setAlignment(self._state, Qt.AlignmentFlag.AlignTop)
        head = vbox(top, self._title, gap=Space.XXS, margins=_SIDES)
        self._area: QScrollArea = scrolled(QWidget(), name="summaryScroll")
        self.principles, self.notes = PrinciplesTab(zone), NotesTab(of_case=True)
        self._tabs, self._parts = QTabBar(), QStackedWidget()
        self._lay_out_tabs()
        tabs = plain(hbox((self._tabs, 1), margins=(Space.XS, 0, Space.XS, 0)))
        shown = plain(vbox(head, tabs, line(), (self._parts, 1), line(), self._foot(), gap=0))
        self._stack = QStackedWidget()
        self._stack.addWidget(EmptyState("case", self.tr("Choose a case to see it here."), name="noCaseChosen"))
        self._stack.addWidget(shown)
        self.setLayout(vbox(self._stack, gap=0))

    def show_nothing(self) -> None:
        """No case is chosen."""
        self._row, self._entries, self._team = None, None, None
        self._stack.setCurrentIndex(0)

    def show_case(self, row: CaseRow, person: Person) -> None:
        """Show a case to ``person``; what is read of it follows by :meth:`show_chosen`."""
        if self._row is None or self._row.case.id != row.case.id:
            self._entries, self._team = None, None
            self.principles.show_waiting()
            self._tabs.setTabText(_NOTES, self._notes_words(0))
        self._row, self._person = row, person
        self._number.setText(row.case.number)
        self._state.show_state(*state_mark(row.case.status))
        self._title.setText(row.case.title)
        self._show_acts(row, person)
        self._show_body(row)
        self._stack.setCurrentIndex(1)
        self._want(self._tabs.currentIndex())

    def show_principles(self, views: Sequence[PrincipleView]) -> None:
        """Show how the case stands to the principles, and in the tab how much has no reason yet."""
        if self._row is None or self._person is None:
            return
        self.principles.show_principles(views, self._row.today, why_not_deviate(self._person))
        left = sum(len(view.unexplained) for view in views)
        self._tabs.setTabText(1, self.tr("Principles, {n} to explain").format(n=left) if left else self._principles())

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show the notes of the case and of its exhibits, and in the tab how many there are."""
        if self._row is None or self._person is None:
            return
        may_write = bool(self._person.roles & _WRITERS)
        self.notes.show_notes(notes, self._zone, may_write=may_write)
        self._tabs.setTabText(_NOTES, self._notes_words(len(notes)))

    @property
    def team(self) -> Team | None:
        """Who works on the case in sight; None until it was read."""
        return self._team

    def show_chosen(self, entries: Sequence[CustodyEvent], team: Team) -> None:
        """Show the newest of the case's entries, given oldest first, and who works on it."""
        self._entries, self._team = tuple(entries), team
        if self._row:
            self._show_body(self._row)

    def _lay_out_tabs(self) -> None:
        self._tabs.setObjectName("caseTabs")
        self._tabs.setAccessibleName(self.tr("Parts of the case"))
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.setElideMode(Qt.TextElideMode.ElideNone)
        for words in (self.tr("Case"), self._principles(), self._notes_words(0)):
            self._tabs.addTab(words)
        self._parts.addWidget(self._area)
        self._parts.addWidget(scrolled(self.principles, name="principlesScroll"))
        self._tabs.currentChanged.connect(self._parts.setCurrentIndex)
        self._parts.addWidget(scrolled(self.notes, name="notesScroll"))
        self._tabs.currentChanged.connect(self._want)

    def _want(self, tab: int) -> None:
        if tab == 1 and self._row is not None:
            self.principles_wanted.emit()
        elif tab == _NOTES and self._row is not None:
            self.notes_wanted.emit()
        elif tab == 0:
            self._tabs.setTabText(1, self._principles())

    def _notes_words(self, count: int) -> str:
        return self.tr("Notes {n}").format(n=text.count_text(count)) if count else self.tr("Notes")

    def _principles(self) -> str:
        return self.tr("Principles")

    def _foot(self) -> QWidget:
        self.work = Button(self.tr("Work in this case"), name="workInCase", icon="arrow-right")
        self.work.clicked.connect(self.work_asked)
        self.authority = Button("", name="recordAuthority", icon="edit")
        self.authority.clicked.connect(self.authority_asked)
        self.change = Button(self.tr("Change…"), name="changeCaseButton")
        self.change.clicked.connect(self.change_asked)
        self.close_case = Button(self.tr("Close case…"), name="closeCaseButton", kind="danger")
        self.close_case.clicked.connect(self.close_asked)
        buttons = QWidget()
        buttons.setLayout(WrapLayout(self.work, self.authority, self.change, self.close_case, gap=Space.S))
        self._why_not = label(role="caption", wrap=True, name="whyNotCase")
        return plain(vbox(buttons, self._why_not, gap=Space.XS, margins=_SIDES))

    def _show_acts(self, row: CaseRow, person: Person) -> None:
        self.work.setToolTip(self.tr("Show its exhibits; the other pages follow (Enter in the list)"))
        recorded = row.case.legal_basis is not None
        self.authority.set_text(self.tr("Replace authority…") if recorded else self.tr("Record authority…"))
        change, close = why_not_change(person, row.case), why_not_close(person, row.case)
        for button, why_not in ((self.authority, change), (self.change, change), (self.close_case, close)):
            allow(button, why_not)
        sentences = list(dict.fromkeys(words for words in (change, close) if words))
        self._why_not.setText(" ".join(sentences))
        self._why_not.setVisible(bool(sentences))

    def _show_body(self, row: CaseRow) -> None:
        told = row, self._person, self._entries, self._team
        if told == self._told:
            return
        self._told = told
        parts: list[QWidget] = []
        if warning := authority_warning(row.case, row.today):
            tone, _ = authority_mark(row.case, row.today)
            tone = Tone.WARN if tone is Tone.NONE else tone
            parts.append(note(tone, warning, self._override(row), name="authorityWarning"))
        parts += [self._section(self.tr("Request"), self._request(row))]
        parts += [self._section(self.tr("Authority"), self._authority(row))]
        parts += [self._section(self.tr("People"), self._people(row)), self._workers(row), self._last_entries()]
        body = plain(vbox(*parts, None, gap=Space.L, margins=_SIDES))
        body.setProperty("clear", True)
        place = self._area.verticalScrollBar().value()
        self._area.setWidget(body)
        self._area.verticalScrollBar().setValue(place)

    def _override(self, row: CaseRow) -> Button | None:
        if self._person is None or not may_override(self._person, row):
            return None
        button = Button(self.tr("Go on without…"), name="overrideAuthority")
        button.clicked.connect(self.override_asked)
        return button

    def _section(self, title: str, rows: Sequence[tuple[str, str | QWidget]]) -> QWidget:
        return plain(vbox(label(title, "section"), facts(rows), gap=6))

    def _request(self, row: CaseRow) -> list[tuple[str, str | QWidget]]:
        case = row.case
        return [
            (self.tr("Offence"), case.offence),
            (self.tr("Requested by"), case.requesting_authority),
            (self.tr("Questions"), case.questions or self.tr("None were put")),
            (self.tr("Exhibits"), text.count_text(row.exhibits) if row.exhibits else self.tr("None yet")),
        ]

    def _authority(self, row: CaseRow) -> list[tuple[str, str | QWidget]]:
        basis = row.case.legal_basis
        if basis is None:
            return [(self.tr("Instrument"), Badge(Tone.NONE, self.tr("Not recorded"), bare=True))]
        tone, words = authority_mark(row.case, row.today)
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Instrument"), basis.instrument),
            (self.tr("Number"), basis.number),
            (self.tr("Issued by"), basis.issuer),
            (self.tr("Issued on"), basis.issued_on.isoformat()),
            (self.tr("Validity"), Badge(tone, words, bare=True, name="authorityBadge")),
            (self.tr("Scope"), basis.scope),
        ]
        if override := row.case.override:
            decided = self.tr("until {day}, decided by {name}: {reason}")
            said = decided.format(day=override.until, name=override.by, reason=override.reason)
            rows.append((self.tr("Gone on without"), said))
        return rows

    def _people(self, row: CaseRow) -> list[tuple[str, str | QWidget]]:
        unknown = self.tr("nobody of this lab")
        rows: list[tuple[str, str | QWidget]] = [
            (self.tr("Lead examiner"), _who(row.lead) or unknown),
            (self.tr("Supervisor"), _who(row.supervisor) or unknown),
            (self.tr("Opened"), text.time_text(row.case.opened_at, self._zone)),
        ]
        first = self._entries[0] if self._entries else None
        if first:
            rows.append((self.tr("Opened by"), f"{first.actor}, {first.actor_function}"))
        closed = next((one for one in reversed(self._entries or ()) if one.action == "case.close"), None)
        if row.case.status is CaseStatus.CLOSED and closed:
            rows.append((self.tr("Closed"), text.time_text(closed.recorded_at, self._zone)))
            rows.append((self.tr("Reason"), closed.reason))
            told = closed.facts.get("left_open")
            rows += [(self.tr("Left open"), str(one)) for one in (told if isinstance(told, list | tuple) else ())]
        return rows

    def _workers(self, row: CaseRow) -> QWidget:
        part = TeamPart(self._zone)
        part.assign_asked.connect(self.assign_asked)
        if self._team and self._person:
            part.show_team(self._team, row.today, why_not_assign(self._person, row.case))
        return part

    def _last_entries(self) -> QWidget:
        entries = self._entries
        if entries is None:
            words = self.tr("Reading the entries …")
        else:
            words = text.plural(len(entries), self.tr("1 entry in the chain"), self.tr("{n} entries in the chain"))
        show = Button(self.tr("Show all"), name="showRecord", kind="quiet", tip=self.tr("Show the custody record"))
        show.clicked.connect(self.record_asked)
        head = hbox(label(self.tr("Last entries"), "section"), CutLabel(words, "caption"), None, show)
        column = vbox(head, gap=Space.S)
        for entry in reversed((entries or ())[-LAST_ENTRIES:]):
            column.addWidget(self._entry(entry))
        made = plain(column)
        made.setObjectName("lastEntries")
        return made

    def _entry(self, entry: CustodyEvent) -> QWidget:
        number = label(f"#{entry.sequence}", "mono-muted")
        number.setMinimumWidth(Space.XXL)
        number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        about = "" if entry.object_kind == "case" else f": {entry.object_label}"
        when = text.time_text(entry.recorded_at, self._zone)
        under = label(f"{when} · {entry.actor}", "caption", wrap=True)
        words = vbox(label(f"{act_words(entry)}{about}", wrap=True), under, gap=0)
        row = plain(hbox(number, (words, 1), gap=Space.S))
        row.setAccessibleName(f"{entry.sequence}: {act_words(entry)}{about}, {when}, {entry.actor}")
        return row


def _who(person: Person | None) -> str:
    return f"{person.name}, {person.function}" if person else ""
