"""The tab with audits of rooms: those that were signed, and the button that begins one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QStackedWidget, QWidget

from forensics_app.model.person import Role
from ui import text
from ui.announce import announce
from ui.custody.audit_lines import finding_mark
from ui.custody.audit_sheet import AuditSheet, LookAsked
from ui.custody.tab import CustodyTab
from ui.latest import Latest
from ui.models.cells import Cell, Column, Kind
from ui.models.record_table import RecordTableModel
from ui.place_field import PlacesKnown, read_places
from ui.recording import record
from ui.theme import Row, Space
from ui.tones import Tone
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, allow
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, pane, plain, scrolled, vbox
from ui.widgets.notes import EmptyState, FilterRow, facts
from ui.widgets.refill import refill
from ui.widgets.sides import Sides
from ui.widgets.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from forensics_app.bootstrap import Lab
    from forensics_app.model.audit import AuditFinding, AuditLook, NewAudit, RoomAudit
    from forensics_app.model.exhibit import ExhibitId
    from forensics_app.model.person import SignedIn
    from ui.page import PageContext

_MAY_AUDIT = frozenset({Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR, Role.AUDITOR})


class AuditsTab(CustodyTab):
    """The newest audit first; at the right what it found."""

    def __init__(self, context: PageContext) -> None:
        """Show nothing yet."""
        super().__init__(
            context, name="auditsTab", title=QCoreApplication.translate("AuditsTab", "Audits of rooms")
        )  # fmt: skip
        self._zone = ZoneInfo(context.session.lab.info.zone)
        self._reading, self._looking = Latest(self, context.jobs), Latest(self, context.jobs)
        self._model: RecordTableModel[RoomAudit] = RecordTableModel(self._columns(), self, key=lambda audit: audit.id)
        self._lay_out()

    def refresh(self) -> None:
        """Read the audits."""
        lab = self.context.session.lab
        self._reading.ask(
            lambda _: lab.audits.list(),
            self._take,
            lambda error: self.context.show_error(self.tr("Read the audits"), error),
        )

    def primary(self) -> Button | None:
        """Beginning an audit."""
        return self._begin

    def filter_box(self) -> QWidget | None:
        """The filter."""
        return self._filter.box

    def _lay_out(self) -> None:
        self._begin = Button(self.tr("Audit a room…"), name="auditRoom", kind="primary", icon="shelf")
        self._first = Button(self.tr("Audit the first room…"), name="auditFirstRoom", kind="primary", icon="shelf")
        for button in (self._begin, self._first):
            button.clicked.connect(self._open)
        self._filter = FilterRow(self.tr("Type to filter: place, person"), columns=False, export=False)
        self._filter.filter_changed.connect(self._model.set_filter)
        head = plain(hbox((self._filter, 1), self._begin, margins=(0, 0, Space.M, 0)))
        self.table = Table(self._model, name="auditsTable", title=self.accessibleName(), row_px=Row.TWO_LINE)
        self.table.chosen.connect(self._show)
        left = pane(vbox(head, line(), (self.table, 1), gap=0))
        left.setMinimumWidth(9 * Space.XXL)
        self._detail = vbox(gap=Space.M, margins=(Space.L, Space.M, Space.L, Space.M))
        side = scrolled(plain(vbox(self._detail, None, gap=0)), name="auditSide")
        side.setMinimumWidth(8 * Space.XXL)
        self._stack = QStackedWidget()
        self._stack.addWidget(Sides(left, side, sizes=(700, 480), name="auditsSplit"))
        words = self.tr("No room was audited yet. Choose a place and scan what lies there; what differs is signed.")
        self._stack.addWidget(EmptyState("shelf", words, self._first, name="noAudits"))
        self.setLayout(vbox(self._stack, gap=0))

    def _take(self, audits: Sequence[RoomAudit]) -> None:
        if not self.context.session.is_open:
            return
        person = self.context.session.actor.person
        may = bool(person.roles & _MAY_AUDIT)
        why_not = "" if may else self.tr("Examiners, exhibits officers, supervisors and auditors audit rooms.")
        for button in (self._begin, self._first):
            allow(button, why_not)
        self._model.set_records(tuple(reversed(audits)))
        self._stack.setCurrentIndex(0 if audits else 1)
        if audits and self.table.current_record() is None:
            self.table.selectRow(0)
        self._show(self.table.current_record())

    def _show(self, audit: RoomAudit | None) -> None:
        if audit is None:
            refill(self._detail, [label(self.tr("Choose an audit to see what it found."), "muted", wrap=True)])
            return
        rows = [
            (self.tr("By"), audit.by),
            (self.tr("Began"), text.time_text(audit.began_at, self._zone, to_minute=True)),
            (self.tr("Signed"), text.time_text(audit.recorded_at, self._zone)),
            (self.tr("Found"), self._found(audit)),
            (self.tr("Remarks"), audit.remarks),
        ]
        told = plain(facts([(name, value) for name, value in rows if value]))
        title = label(audit.place, "title", wrap=True)
        findings = [self._finding(one) for one in audit.findings]
        nothing = [Badge(Tone.OK, self.tr("Everything is where the record says"), name="auditClean")]
        refill(self._detail, [title, told, line(), *(findings or [plain(hbox(*nothing, None))])])

    def _finding(self, finding: AuditFinding) -> QWidget:
        tone, words = finding_mark(finding.kind)
        head = hbox((label(finding.label, "strong", wrap=True), 1), Badge(tone, words))
        return plain(vbox(plain(head), label(finding.what, wrap=True, select=True), gap=Space.XXS))

    def _open(self) -> None:
        lab = self.context.session.lab
        self._reading.ask(
            lambda _: read_places(lab, tuple(lab.audits.places())),
            self._open_sheet,
            lambda error: self.context.show_error(self.tr("Read the places"), error),
        )

    def _open_sheet(self, places: PlacesKnown) -> None:
        began_at = self.context.session.lab.audits.now().astimezone(self._zone).replace(microsecond=0)
        sheet = AuditSheet(self, places, self.context.session.actor.person, began_at=began_at)
        sheet.look_asked.connect(lambda asked: self._look(sheet, asked))
        sheet.finished.connect(lambda _: self._looking.drop())

        def work(lab: Lab, actor: SignedIn, new: NewAudit) -> RoomAudit:
            return lab.audits.record(actor, new)

        record(self.context, sheet, work, self._on_recorded)

    def _look(self, sheet: AuditSheet, asked: LookAsked) -> None:
        lab = self.context.session.lab

        def look() -> tuple[AuditLook, frozenset[ExhibitId]]:
            found = lab.audits.look(asked.place, asked.scanned, asked.seals)
            return found, lab.incidents.seals_not_whole([one.id for one in found.scanned.values() if one])

        self._looking.ask(
            lambda _: look(),
            lambda looked: sheet.show_look(*looked),
            lambda error: self.context.show_error(self.tr("Hold the scans against the record"), error),
        )

    def _on_recorded(self, audit: RoomAudit) -> None:
        announce(self, self.tr("The audit of {place} was recorded").format(place=audit.place))
        self.table.clearSelection()
        self.refresh()

    def _found(self, audit: RoomAudit) -> str:
        return self.tr("{found} of {all} exhibits").format(found=audit.found, all=audit.expected)

    def _columns(self) -> tuple[Column[RoomAudit], ...]:
        def result(audit: RoomAudit) -> Cell:
            if not audit.findings:
                return Cell(self.tr("Nothing differs"), Kind.BADGE, tone=Tone.OK)
            one, many = self.tr("1 finding"), self.tr("{n} findings")
            return Cell(text.plural(len(audit.findings), one, many), Kind.BADGE, tone=Tone.BAD)

        def found(audit: RoomAudit) -> Cell:
            return Cell(self.tr("{found} of {all}").format(found=audit.found, all=audit.expected))

        def when(audit: RoomAudit) -> Cell:
            return Cell(text.time_text(audit.began_at, self._zone, to_minute=True), Kind.TIME)

        return (
            Column(
                key="place", title=self.tr("Place"), cell=lambda one: Cell(one.place, Kind.TWO, one.by, "shelf"),
                width_px=180, stretch=True,
            ),
            Column(key="result", title=self.tr("Result"), cell=result, width_px=148),
            Column(key="found", title=self.tr("Found"), cell=found, width_px=96),
            Column(
                key="when", title=self.tr("Began ({zone})").format(zone=self._zone.key), cell=when, width_px=190,
                narrow_px=112, sort_key=lambda audit: audit.began_at,
            ),
        )  # fmt: skip
