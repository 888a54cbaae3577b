"""The laboratory: who works in it with which key, what ran in it, what it is, and how the window looks here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QTabWidget, QWidget

from forensics_app.model.lab import JobState
from forensics_app.model.person import GivenKey, Person, Role
from forensics_app.model.register import Outsider, PlaceLine
from ui import text
from ui.announce import announce
from ui.appearance import Appearance
from ui.lab.acts import LabActs
from ui.lab.anchoring import Anchoring
from ui.lab.backups_tab import BackupsTab
from ui.lab.certificates_tab import CertificatesTab
from ui.lab.columns import operation_columns, people_columns
from ui.lab.competence_tab import CompetenceTab
from ui.lab.computer_card import ComputerCard
from ui.lab.facts_card import FactsCard
from ui.lab.hash_sets_tab import HashSetsTab
from ui.lab.media_tab import MediaTab
from ui.lab.operation_card import OperationCard
from ui.lab.person_card import PersonCard
from ui.lab.reading import LabShown, OperationRow, read_lab
from ui.lab.register_acts import RegisterActs
from ui.lab.register_card import RegisterCard
from ui.lab.register_tab import RegisterTab
from ui.lab.registers import outsider_columns, place_columns
from ui.lab.retention_tab import RetentionTab
from ui.lab.tools_tab import ToolsTab
from ui.lab.words import alone_words, why_not_administer, why_not_outsiders, why_not_places
from ui.latest import Latest
from ui.models.record_table import RecordTableModel
from ui.page import Page, PageContext, Shortcut
from ui.preferences import Preferences
from ui.saving import AskWhere, ask_where, file_name
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets.buttons import Button, allow
from ui.widgets.later import Later
from ui.widgets.layout import line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow, Note
from ui.widgets.sides import Sides
from ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

SIDE_PX = 396
_PEOPLE, _OPERATIONS, _PLACES, _OUTSIDERS = range(4)
_PASSPHRASE, _COMPUTER, _BACKUPS = "passphrase", "computer", "backupsRoom"


class LabPage(Page):
    """Lists at the left; at the right the chosen person or operation, the lab, and this computer's settings."""

    def __init__(
        self, context: PageContext, preferences: Preferences, appearance: Appearance, *, ask: AskWhere = ask_where
    ) -> None:
        """Build the page; it reads when it comes into sight. ``ask`` tells where a file goes."""
        super().__init__(context, title=self.tr("Lab"), name="labPage")
        self._preferences, self._ask = preferences, ask
        self._people: tuple[Person, ...] = ()
        self._given: Mapping[str, GivenKey] = {}
        self._places: tuple[PlaceLine, ...] = ()
        self._wanted: object = None
        self._reading = Latest(self, context.jobs)
        self._acts = LabActs(self, context, enrolled=self._on_enrolled)
        info = context.session.lab.info
        zone = ZoneInfo(info.zone)
        self._person_model: RecordTableModel[Person] = RecordTableModel(
            people_columns(zone, info.zone), self, key=lambda person: person.id
        )
        self._operation_model: RecordTableModel[OperationRow] = RecordTableModel(
            operation_columns(zone, info.zone), self, key=lambda row: row.job.id
        )
        self._place_model: RecordTableModel[PlaceLine] = RecordTableModel(
            place_columns(zone), self, key=lambda row: row.place.id
        )
        self._outsider_model: RecordTableModel[Outsider] = RecordTableModel(
            outsider_columns(zone), self, key=lambda one: one.id
        )
        self.person_card, self.operation_card = PersonCard(zone), OperationCard(zone)
        self.register_card, self._registers = RegisterCard(zone), RegisterActs(self, context)
        self.facts = FactsCard()
        self._computer = ComputerCard(preferences, appearance)
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Read the lab, its people and its operations, and the register in sight."""
        lab = self.session.lab
        if tab := self._register():
            tab.refresh()
        self._reading.ask(
            lambda _: read_lab(lab),
            self._show,
            lambda error: self.context.show_error(self.tr("Read the lab"), error),
        )

    def open_target(self, target: object) -> None:
        """``"passphrase"`` asks for another passphrase, ``"computer"`` shows how the window looks here."""
        if target == _PASSPHRASE:
            self._acts.change_passphrase()
        elif target == _COMPUTER:
            self._computer.give_keyboard()

    def panes(self) -> Sequence[QWidget]:
        """Bar, lists, cards."""
        return self.bar, self._tabs, self._side

    def primary(self) -> Button | None:
        """Enrolling a person."""
        return self._enrol

    def new_button(self) -> Button | None:
        """What the list in sight is added to with."""
        if tab := self._register():
            return tab.add_button
        at = self._tabs.currentIndex()
        return self._add_place if at == _PLACES else self._add_outsider if at == _OUTSIDERS else self._enrol

    def filter_box(self) -> QWidget | None:
        """The filter of the list in sight."""
        if tab := self._register():
            return tab.filter.box
        rows = (self._filter, self._operation_filter, self._place_filter, self._outsider_filter)
        return rows[self._tabs.currentIndex()].box

    def _register(self) -> RegisterTab[Any] | None:
        tab = self._tabs.currentWidget()
        part = tab.part if isinstance(tab, Later) else None
        part = part.current if isinstance(part, Anchoring) else part
        return part if isinstance(part, RegisterTab) else None

    def shortcuts(self) -> Sequence[Shortcut]:
        """The keys of this page."""
        return (Shortcut(keys="Ctrl+N", act=self.tr("enrol a person, or add to the list in sight")),)

    def _lay_out(self) -> None:
        self._enrol = Button(self.tr("Enrol a person…"), name="enrolButton", kind="primary", icon="plus")
        self._enrol.setEnabled(False)
        self._add_place = Button(self.tr("Add a place…"), name="addPlace", icon="plus")
        self._add_outsider = Button(self.tr("Add an outside person…"), name="addOutsider", icon="plus")
        self._passphrase = Button(self.tr("Change passphrase…"), name="changePassphrase", icon="key")
        self._passphrase.setToolTip(self.tr("Change the passphrase of your own key"))
        for button in (self._add_place, self._add_outsider, self._passphrase, self._enrol):
            self.bar.add_action(button)
        people, operations = self.tr("People and keys"), self.tr("Operations")
        self._filter = FilterRow(self.tr("Type to filter: name, function, role, key"))
        self.table = Table(self._person_model, name="people", title=people, row_px=Row.TWO_LINE)
        self._operation_filter = FilterRow(self.tr("Type to filter: operation, case, state, message"))
        self.operations = Table(self._operation_model, name="operations", title=operations, row_px=Row.TWO_LINE)
        self._place_filter = FilterRow(self.tr("Type to filter: code, kind, name"))
        self.places = Table(self._place_model, name="places", title=self.tr("Places"))
        self._outsider_filter = FilterRow(self.tr("Type to filter: name, organisation, document"))
        self.outsiders = Table(
            self._outsider_model, name="outsiders", title=self.tr("Outside people"), row_px=Row.TWO_LINE
        )
        first = self.tr("No places yet. Add the laboratory first, then its rooms, cabinets and shelves.")
        self._no_places = EmptyState("shelf", first, name="noPlaces")
        nobody = self.tr("Nobody yet. Add couriers, owners, counsel and courts who sign on paper.")
        self._no_outsiders = EmptyState("person", nobody, name="noOutsiders")
        self._tabs = QTabWidget()
        self._tabs.setObjectName("labTabs")
        self._tabs.setAccessibleName(self.tr("Lists of the lab"))
        self._tabs.setMinimumWidth(9 * Space.XXL)
        self._tabs.addTab(self._listed(self._filter, self.table), people)
        self._tabs.addTab(self._listed(self._operation_filter, self.operations), operations)
        self._tabs.addTab(self._listed(self._place_filter, self.places, self._no_places), self.tr("Places"))
        self._tabs.addTab(
            self._listed(self._outsider_filter, self.outsiders, self._no_outsiders), self.tr("Outside people")
        )
        self._rooms = {name: Later(make, name=name) for name, (_, make) in self._further().items()}
        for name, (title, _) in self._further().items():
            self._tabs.addTab(self._rooms[name], title)
        self._alone = Note(Tone.INFO, "", name="onlyAdministrator")
        margins = (Space.M, Space.M, Space.M, Space.M)
        cards = vbox(
            self._alone, self.person_card, self.operation_card, self.register_card, self.facts, self._computer, None,
            gap=Space.M, margins=margins,
        )  # fmt: skip
        self._side = scrolled(plain(cards), name="labSide")
        self._side.setMinimumWidth(10 * Space.XXL)
        left = pane(vbox(self._tabs, gap=0))
        self.set_body(Sides(left, self._side, sizes=(808, SIDE_PX), name="labSplit"))

    def _further(self) -> dict[str, tuple[str, Callable[[], QWidget]]]:
        """The title of each further register, and what makes it."""
        context = self.context
        return {
            "competenceRoom": (self.tr("Competence"), lambda: CompetenceTab(context)),
            "toolsRoom": (self.tr("Tools"), lambda: ToolsTab(context)),
            "hashSetsRoom": (self.tr("Hash sets"), lambda: HashSetsTab(context)),
            "mediaRoom": (self.tr("Media"), lambda: MediaTab(context)),
            "anchoringRoom": (self.tr("Anchors"), self._make_anchoring),
            _BACKUPS: (self.tr("Backups"), lambda: BackupsTab(context)),
            "certificatesRoom": (self.tr("Certificates"), lambda: CertificatesTab(context, ask=self._ask)),
            "retentionRoom": (self.tr("Retention"), lambda: RetentionTab(context)),
        }

    def _make_anchoring(self) -> Anchoring:
        made = Anchoring(self.context)
        made.turned.connect(self._on_tab)
        return made

    def _listed(self, row: FilterRow, table: Table, nothing: EmptyState | None = None) -> QWidget:
        table.remember(self._preferences.store)
        row.columns_asked.connect(lambda: table.choose_columns(row.columns_button))
        row.export_asked.connect(lambda: self._export(row, table))
        if nothing is None:
            return plain(vbox(row, line(), (table, 1), gap=0))
        nothing.hide()
        return plain(vbox(row, line(), (table, 1), (nothing, 1), gap=0))

    def _connect(self) -> None:
        self._filter.filter_changed.connect(self._person_model.set_filter)
        self._operation_filter.filter_changed.connect(self._operation_model.set_filter)
        self._place_filter.filter_changed.connect(self._place_model.set_filter)
        self._outsider_filter.filter_changed.connect(self._outsider_model.set_filter)
        self._add_place.clicked.connect(
            lambda: self._reading.afterwards(lambda: self._registers.add_place(self._places))
        )
        self._add_outsider.clicked.connect(self._registers.add_outsider)
        self._tabs.currentChanged.connect(lambda _: self._on_tab())
        for table in (self.table, self.operations, self.places, self.outsiders):
            table.chosen.connect(lambda _: self._show_chosen())
        self._enrol.clicked.connect(lambda: self._reading.afterwards(lambda: self._acts.enrol(self._people)))
        self._passphrase.clicked.connect(self._acts.change_passphrase)
        self.person_card.renew_asked.connect(partial(self._do, self.table, self._acts.new_key))
        self.person_card.end_asked.connect(partial(self._do, self.table, self._acts.end_key))
        self.register_card.correct_asked.connect(lambda: self._with_register(self._registers.correct))
        self.register_card.end_asked.connect(lambda: self._with_register(self._registers.end))
        self.operation_card.give_up_asked.connect(
            partial(self._do, self.operations, lambda row: self._acts.give_up(row.job))
        )

    def _on_tab(self) -> None:
        self._show_chosen()
        tab = self._register()
        if tab and self.session.is_open:
            tab.refresh()

    def _do(self, table: Table, act: Callable[[Any], None]) -> None:
        def act_upon_chosen() -> None:
            chosen = table.current_record()
            if chosen is not None:
                act(chosen)

        self._reading.afterwards(act_upon_chosen)

    def _with_register(self, act: Callable[[Any], None]) -> None:
        self._do(self.places if self._tabs.currentIndex() == _PLACES else self.outsiders, act)

    def _show(self, shown: LabShown) -> None:
        if not self.session.is_open:
            return
        self._people, self._given = shown.people, shown.given
        allow(self._enrol, why_not_administer(self.session.actor.person))
        self._show_registers(shown)
        self._person_model.set_records(shown.people)
        self._operation_model.set_records(shown.operations)
        interrupted = sum(row.job.state is JobState.INTERRUPTED for row in shown.operations)
        self._say_counts(shown, interrupted)
        wanted, self._wanted = self._wanted, None
        if wanted is None or not self.table.select_key(wanted):
            _select_first(self.table)
        for table in (self.operations, self.places, self.outsiders):
            _select_first(table)
        self._warn_of_one(shown)
        self.facts.show_lab(shown)
        self._show_chosen()

    def _warn_of_one(self, shown: LabShown) -> None:
        one, *others = [who for who in shown.people if Role.ADMINISTRATOR in who.roles and who.revoked_at is None]
        self._alone.setVisible(not others)
        self._alone.say(Tone.INFO, alone_words(one, self.session.actor.person))

    def _show_registers(self, shown: LabShown) -> None:
        self._places = shown.places
        self._place_model.set_records(shown.places)
        self._outsider_model.set_records(shown.outsiders)
        for table, nothing, records in (
            (self.places, self._no_places, shown.places), (self.outsiders, self._no_outsiders, shown.outsiders),
        ):  # fmt: skip
            table.setVisible(bool(records))
            nothing.setVisible(not records)
        person = self.session.actor.person
        allow(self._add_place, why_not_places(person))
        allow(self._add_outsider, why_not_outsiders(person))
        self._tabs.setTabText(_PLACES, self.tr("Places {n}").format(n=text.count_text(len(shown.places))))
        self._tabs.setTabText(_OUTSIDERS, self.tr("Outside people {n}").format(n=text.count_text(len(shown.outsiders))))

    def _say_counts(self, shown: LabShown, interrupted: int) -> None:
        active = sum(1 for person in shown.people if person.revoked_at is None)
        self.bar.set_title(shown.info.name)
        said = [text.plural(active, self.tr("1 person with a key in force"), self.tr("{n} people with keys in force"))]
        operations = self.tr("Operations {n}").format(n=text.count_text(len(shown.operations)))
        if interrupted:
            words = text.plural(interrupted, self.tr("1 interrupted"), self.tr("{n} interrupted"))
            one, many = self.tr("1 interrupted operation to decide"), self.tr("{n} interrupted operations to decide")
            said.append(text.plural(interrupted, one, many))
            operations = f"{operations} · {words}"
        if shown.is_backup_due:
            said.append(self.tr("a backup is due"))
        backups = self.tr("Backups · due") if shown.is_backup_due else self.tr("Backups")
        self._tabs.setTabText(self._tabs.indexOf(self._rooms[_BACKUPS]), backups)
        self.bar.set_subtitle(" · ".join(said))
        self._tabs.setTabText(_PEOPLE, self.tr("People and keys {n}").format(n=text.count_text(len(shown.people))))
        self._tabs.setTabText(_OPERATIONS, operations)

    def _show_chosen(self) -> None:
        if not self.session.is_open:
            return
        at = self._tabs.currentIndex()
        self._add_place.setVisible(at == _PLACES)
        self._add_outsider.setVisible(at == _OUTSIDERS)
        person = self.table.current_record() if at == _PEOPLE else None
        self._passphrase.setVisible(at == _PEOPLE)
        given = self._given.get(str(person.id)) if person else None
        self.person_card.show_person(person, self.session.actor.person, given)
        register = self.places if at == _PLACES else self.outsiders if at == _OUTSIDERS else None
        self.register_card.show_chosen(register.current_record() if register else None, self.session.actor.person)
        self.operation_card.show_operation(self.operations.current_record() if at == _OPERATIONS else None)

    def _on_enrolled(self, person: Person) -> None:
        self._wanted = person.id
        self._tabs.setCurrentIndex(_PEOPLE)
        self._filter.box.clear()
        announce(self, self.tr("{name} was enrolled").format(name=person.name))

    def _export(self, row: FilterRow, table: Table) -> None:
        title = self.tr("Export the list")
        path = self._ask(self, title, file_name(table.objectName(), suffix=".csv"), "CSV (*.csv)")
        if path is None:
            return
        lab, words = self.session.lab, table.as_csv().encode("utf-8-sig")
        said = self.tr("Written to {path}").format(path=path)
        self.context.jobs.start(
            self,
            lambda _: lab.reporting.save_copy(words, path),
            done=lambda _: row.set_count(said),
            failed=lambda error: self.context.show_error(title, error),
        )


def _select_first(table: Table) -> None:
    if table.current_record() is None and table.model().rowCount():
        table.selectRow(0)
