"""The Cases page: the list with its authorities at the left, the chosen case at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.case import Case, CaseStatus
from ui import text
from ui.announce import announce
from ui.cases.acts import CaseActs, why_not_import, why_not_open
from ui.cases.columns import case_columns
from ui.cases.reading import CaseRow, CasesView, read_cases, read_chosen
from ui.cases.summary import CaseSummary
from ui.cases.words import is_expired
from ui.latest import Latest
from ui.models.record_table import RecordTableModel
from ui.page import Page, PageContext, Shortcut, utc_now
from ui.saving import AskWhere, ask_where, file_name
from ui.theme import Row, Space
from ui.widgets.buttons import Button, Chip, allow
from ui.widgets.layout import line, pane, vbox
from ui.widgets.notes import EmptyState, FilterRow
from ui.widgets.sides import Sides
from ui.widgets.table import Table

if TYPE_CHECKING:
    from forensics_app.model.case import CaseId
    from forensics_app.model.scene import PrincipleView

SIDE_PX = 372
_FIND = "find:"
_NEW = "new"


class CasesPage(Page):
    """Lists the cases; choosing one by Enter, double click or button makes all pages show it."""

    def __init__(
        self, context: PageContext, *, ask: AskWhere = ask_where, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Build the page; ``ask`` tells where a file goes, ``now`` by which day authorities are judged."""
        super().__init__(context, title=QCoreApplication.translate("Pages", "Cases"), name="casesPage")
        self._ask, self._now = ask, now
        info = context.session.lab.info
        self._zone = ZoneInfo(info.zone)
        self._view: CasesView | None = None
        self._wanted: CaseId | None = None
        self._open_when_read, self._focused, self._is_filling = False, False, False
        self._reading, self._chain = Latest(self, context.jobs), Latest(self, context.jobs)
        self._judging, self._noting = Latest(self, context.jobs), Latest(self, context.jobs)
        self._principles: tuple[PrincipleView, ...] = ()
        self._acts = CaseActs(self, context, opened=self._on_opened)
        self._model: RecordTableModel[CaseRow] = RecordTableModel(
            case_columns(self._zone, info.zone), self, key=lambda row: row.case.id
        )
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Read the cases again."""
        lab, case, now = self.session.lab, self.session.case, self._now()
        at_top = case.id if case else None
        self._reading.ask(
            lambda _: read_cases(lab, now, at_top),
            self._take,
            lambda error: self.context.show_error(self.tr("Read the cases"), error),
        )

    def open_target(self, target: object) -> None:
        """``"new"`` asks for a new case, ``"find:words"`` filters, anything else is the id of a case."""
        if target == _NEW:
            self._open_when_read = True
            self.refresh()
        elif isinstance(target, str) and target.startswith(_FIND):
            self._all.click()
            self.filter.box.setText(target.removeprefix(_FIND))
        else:
            self._wanted = target  # type: ignore[assignment]
            self.refresh()

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (
            Shortcut(keys="Return", act=self.tr("work in the chosen case")),
            Shortcut(keys="Ctrl+N", act=self.tr("open a case")),
        )

    def panes(self) -> Sequence[QWidget]:
        """Bar, list and summary."""
        return self.bar, self.filter, self.table, self.summary

    def primary(self) -> Button | None:
        """Opening a case; the first one has a button of its own."""
        return self._open if self._view and self._view.rows else self._first

    def new_button(self) -> Button | None:
        """Opening a case; the first one has a button of its own."""
        return self._open if self._view and self._view.rows else self._first

    def filter_box(self) -> QWidget | None:
        """The filter of the list."""
        return self.filter.box

    def _lay_out(self) -> None:
        self._open = Button(self.tr("Open a case…"), name="openCaseButton", kind="primary", icon="plus")
        self._import = Button(self.tr("Import a case…"), name="importCaseButton", icon="import")
        self.bar.add_action(self._import)
        self.bar.add_action(self._open)
        self._chips = {
            name: Chip(words.format(n="").strip(), name=f"chip-{name}", exclusive=True, on=name == "all")
            for name, words in self._kinds().items()
        }
        self._all = self._chips["all"]
        self.filter = FilterRow(self.tr("Type to filter: number, title, offence, person"), list(self._chips.values()))
        self.table = Table(self._model, name="cases", title=self.tr("Cases"), row_px=Row.TWO_LINE)
        self.table.setMinimumWidth(9 * Space.XXL)
        self._no_fit = EmptyState("filter", self.tr("No case fits the filter; empty it or choose “All”."), name="noFit")
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self._no_fit)
        left = pane(vbox(self.filter, line(), (self._list, 1), gap=0))
        self.summary = CaseSummary(self._zone)
        self.summary.setMinimumWidth(9 * Space.XXL)
        self._first = Button(self.tr("Open the first case…"), name="openFirstCase", kind="primary", icon="plus")
        sentence = self.tr("No cases yet. A case holds its authority, its exhibits and their custody.")
        self._stack = QStackedWidget()
        self._stack.addWidget(Sides(left, self.summary, sizes=(832, SIDE_PX), name="casesSplit"))
        self._stack.addWidget(EmptyState("case", sentence, self._first, name="noCases"))
        self.set_body(self._stack)

    def _connect(self) -> None:
        for button in (self._open, self._first):
            button.clicked.connect(lambda: self._reading.afterwards(self._ask_for_case))
        self._import.clicked.connect(lambda: self._reading.afterwards(self._ask_import))
        for name, chip in self._chips.items():
            chip.toggled.connect(partial(self._show_kind, name))
        self.filter.filter_changed.connect(self._filter)
        self.filter.columns_asked.connect(lambda: self.table.choose_columns(self.filter.columns_button))
        self.filter.export_asked.connect(self._export)
        self.table.chosen.connect(self._show_chosen)
        self.table.opened.connect(self._work_in)
        self.summary.work_asked.connect(lambda: self._work_in(self.table.current_record()))
        self.summary.record_asked.connect(lambda: self._work_in(self.table.current_record(), "custody"))
        for signal, act in (
            (self.summary.authority_asked, self._acts.record_authority),
            (self.summary.change_asked, self._acts.change),
            (self.summary.close_asked, self._acts.close),
            (self.summary.override_asked, self._acts.override),
        ):
            signal.connect(partial(self._do, act))
        self.summary.assign_asked.connect(lambda: self._chain.afterwards(self._assign))
        self.summary.principles_wanted.connect(self._read_principles)
        self.summary.notes_wanted.connect(self._read_notes)
        self.summary.notes.add_asked.connect(lambda first: self._do(lambda row: self._acts.note(row, first)))
        self.summary.principles.explain_asked.connect(
            lambda view, gap: self._do(lambda row: self._acts.explain(row, view, gap))
        )
        self.summary.principles.deviate_asked.connect(
            lambda: self._do(lambda row: self._acts.deviate(row, self._principles))
        )

    def _assign(self) -> None:
        team = self.summary.team
        if team:
            self._do(lambda row: self._acts.assign(row, team))

    def _read_principles(self) -> None:
        row = self.table.current_record()
        if row is None:
            return
        lab, case_id = self.session.lab, row.case.id
        self._judging.ask(
            lambda _: lab.principles.of_case(case_id),
            self._take_principles,
            lambda error: self.context.show_error(self.tr("Compare the case with the principles"), error),
        )

    def _take_principles(self, views: tuple[PrincipleView, ...]) -> None:
        self._principles = views
        self.summary.show_principles(views)

    def _read_notes(self) -> None:
        row = self.table.current_record()
        if row is None:
            return
        lab, case_id = self.session.lab, row.case.id
        self._noting.ask(
            lambda _: lab.notes.list(case_id),
            self.summary.show_notes,
            lambda error: self.context.show_error(self.tr("Read the notes"), error),
        )

    def _do(self, act: Callable[[CaseRow], None]) -> None:
        def act_upon_chosen() -> None:
            row = self.table.current_record()
            if row:
                act(row)

        self._reading.afterwards(act_upon_chosen)

    def _take(self, view: CasesView) -> None:
        self._view = view
        self._stack.setCurrentIndex(0 if view.rows else 1)
        self._open.setVisible(bool(view.rows))
        why_not = why_not_open(self.session.actor.person) if self.session.is_open else ""
        for button in (self._open, self._first):
            allow(button, why_not)
        allow(self._import, why_not_import(self.session.actor.person) if self.session.is_open else "")
        self._show_counts(view.rows)
        chosen = self.table.current_record()
        case = self.session.case
        wanted = self._wanted or (chosen.case.id if chosen else case.id if case else None)
        self._wanted = None
        self._is_filling = True  # the case is shown once, when it is known which
        self._model.set_records(view.rows)
        self._tell_whether_any_fits()
        if wanted is None or not self.table.select_key(wanted):
            self.table.selectRow(0)
        self._is_filling = False
        self._show_chosen(self.table.current_record())
        if self._open.hasFocus() and not self._focused:
            self.table.setFocus()
        self._focused = True
        if self._open_when_read:
            self._open_when_read = False
            self._ask_for_case()

    def _kinds(self) -> dict[str, str]:
        """What the chips say, with room for how many."""
        return {
            "all": self.tr("All {n}"),
            "open": self.tr("Open {n}"),
            "draft": self.tr("Draft {n}"),
            "closed": self.tr("Closed {n}"),
            "expired": self.tr("Authority expired {n}"),
        }

    def _show_counts(self, rows: Sequence[CaseRow]) -> None:
        words = self._kinds()
        counts = {name: sum(_is_of(name, row) for row in rows) for name in words}
        for name, chip in self._chips.items():
            chip.set_text(words[name].format(n=text.count_text(counts[name])))
        said = [text.plural(counts["all"], self.tr("1 case"), self.tr("{n} cases"))]
        if counts["expired"]:
            said.append(self.tr("{n} with expired authority").format(n=counts["expired"]))
        self.bar.set_subtitle(" · ".join(said) if rows else "")

    def _show_kind(self, name: str, on: bool) -> None:
        if on:
            self._model.set_condition(None if name == "all" else partial(_is_of, name))
            self._tell_whether_any_fits()

    def _filter(self, words: str) -> None:
        self._model.set_filter(words)
        self._tell_whether_any_fits()

    def _tell_whether_any_fits(self) -> None:
        shown = self._model.rowCount()
        self._list.setCurrentWidget(self.table if shown else self._no_fit)
        if shown and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show_chosen(self.table.current_record())

    def _show_chosen(self, row: CaseRow | None) -> None:
        if self._is_filling:
            return
        if row is None or not self.session.is_open:
            self._chain.drop()
            self._judging.drop()
            self._noting.drop()
            self.summary.show_nothing()
            return
        self.summary.show_case(row, self.session.actor.person)
        lab, case_id = self.session.lab, row.case.id
        self._chain.ask(
            lambda _: read_chosen(lab, case_id),
            lambda told: self.summary.show_chosen(*told),
            lambda error: self.context.show_error(self.tr("Read the case"), error),
        )

    def _work_in(self, row: CaseRow | None, page: str = "exhibits") -> None:
        if row:
            self.session.show_case(row.case)
            announce(self, self.tr("Case {number} is shown").format(number=row.case.number))
            self.context.go_to(page, None)

    def _ask_for_case(self) -> None:
        if self._view and self.session.is_open and not why_not_open(self.session.actor.person):
            self._acts.open_case(self._view, self._today())

    def _ask_import(self) -> None:
        if self._view and self.session.is_open:
            self._acts.import_case(self._view, self._today())

    def _on_opened(self, case: Case) -> None:
        self._wanted = case.id
        self._all.click()
        self.filter.box.clear()
        announce(self, self.tr("Case {number} was opened").format(number=case.number))
        self.session.show_case(case)

    def _export(self) -> None:
        title = self.tr("Export the cases")
        path = self._ask(self, title, file_name(self.tr("cases"), suffix=".csv"), "CSV (*.csv)")
        if path is None:
            return
        lab, words = self.session.lab, self.table.as_csv().encode("utf-8-sig")
        said = self.tr("Written to {path}").format(path=path)
        self.context.jobs.start(
            self,
            lambda _: lab.reporting.save_copy(words, path),
            done=lambda _: self._say(said),
            failed=lambda error: self.context.show_error(title, error),
        )

    def _say(self, sentence: str) -> None:
        self.filter.set_count(sentence)
        announce(self, sentence)

    def _today(self) -> date:
        return self._now().astimezone(self._zone).date()


def _is_of(name: str, row: CaseRow) -> bool:
    match name:
        case "open":
            return row.case.status is CaseStatus.OPEN
        case "draft":
            return row.case.status is CaseStatus.DRAFT
        case "closed":
            return row.case.status is CaseStatus.CLOSED
        case "expired":
            return is_expired(row.case, row.today)
    return True
