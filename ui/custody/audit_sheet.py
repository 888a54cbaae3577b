"""The audit of a room: choose the place, scan what lies there, and sign what was found and what was not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.audit import AuditLook, NewAudit
from forensics_app.model.exhibit import ExhibitId
from forensics_app.model.incident import SealSeen
from forensics_app.model.person import Person
from ui import text
from ui.announce import announce
from ui.custody.audit_lines import AuditLine, line_columns, lines_of
from ui.custody.scan_field import ScanField
from ui.custody.seal_told import SealTold, seen_by_scanning
from ui.models.record_table import RecordTableModel
from ui.place_field import PlaceField, PlacesKnown
from ui.recording import signed_as
from ui.theme import Row
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import plain
from ui.widgets.sheet import ConfirmSheet
from ui.widgets.table import Table
from ui.widgets.wrap_layout import WrapLayout

_TABLE_PX = 232


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAsked:
    """What was scanned until now, and what was told of seals by what was scanned, to be held against the record."""

    place: str
    scanned: tuple[str, ...]
    seals: Mapping[str, SealSeen] = field(default_factory=dict)


class AuditSheet(FormSheet):
    """``look_asked`` carries a :class:`LookAsked` after each scan, ``submitted`` a :class:`NewAudit`."""

    look_asked = Signal(object)

    def __init__(self, parent: QWidget, places: PlacesKnown, actor: Person, *, began_at: datetime) -> None:
        """Offer the ``places`` that the record names; others can be written."""
        super().__init__(
            parent, title=self.tr("Audit a room"), subtitle=self.tr("Scan everything that lies there"),
            name="auditSheet", act=self.tr("Sign what was found"), width_px=860,
        )  # fmt: skip
        self._began_at = began_at
        self._scanned: list[str] = []
        self._seals: dict[str, SealSeen] = {}
        self._go_to = ""
        self._lay_out_parts(places, actor)
        self._say_count(AuditLook(expected=(), scanned={}, findings=()))
        self._show_line()

    def _lay_out_parts(self, places: PlacesKnown, actor: Person) -> None:
        self._form = forms.Form(columns=3)
        hint = self.tr("What lies below it counts too: “A-07” holds “A-07-3”.")
        self._place = self._form.add(
            PlaceField(self.tr("Place"), name="auditPlace", places=places, hint=hint, why_not=places.why_no_audit),
            rule=lambda told: places.why_no_audit(told) if told else self.tr("Choose the place that is audited."),
        )
        ways = forms.choice([self.tr("It is whole, as recorded"), self.tr("I tell each one")])
        self._by_scan = self._form.add(
            forms.Field(
                self.tr("What a scan says of the seal"), ways, name="sealByScan",
                hint=self.tr("Look at each seal while you scan. One that is not as recorded is told below."),
            )
        )  # fmt: skip
        self._remarks = self._form.add(
            forms.Field(self.tr("Remarks"), forms.line_edit(), name="auditRemarks", optional=True)
        )
        self.scan = ScanField(
            name="auditScan", hint=self.tr("A number means the exhibit of that number at this place.")
        )
        self.seal = SealTold()
        self._model: RecordTableModel[AuditLine] = RecordTableModel(line_columns(), self, key=lambda line: line.key)
        self.table = Table(self._model, name="auditLines", title=self.tr("What lies there"), row_px=Row.TWO_LINE)
        self.table.setMinimumHeight(_TABLE_PX)
        self._count = label(role="strong", wrap=True, name="auditCount")
        self.back_button = Button(
            self.tr("Take the scan back"), name="takeScanBack", icon="return",
            tip=self.tr("About the chosen line: at first the newest scan"), shortcut="Alt+Z",
        )  # fmt: skip
        acts = plain(WrapLayout(self.back_button))
        self.fill(self._form, self.scan, self.seal, self._count, self.table, acts, signed_as=signed_as(actor))
        self.scan.scanned.connect(self._on_scan)
        self._place.changed.connect(self._ask)
        self.table.chosen.connect(lambda _: self._show_line())
        self.seal.told.connect(self._on_told)
        self.seal.settled.connect(self._ask)
        self.back_button.clicked.connect(self._take_back)

    def entry_forms(self) -> Sequence[forms.Form]:
        """Place and remarks."""
        return (self._form,)

    def request(self) -> NewAudit:
        """What was done."""
        return NewAudit(
            place=self._place.text(),
            began_at=self._began_at,
            scanned=tuple(self._scanned),
            seals=self._seals_by_scan(),
            remarks=self._remarks.text(),
        )

    def problem(self) -> str:
        """Wrong fields, a seal that is not told of, or a scan that is not held against the record yet."""
        held = {words for line in self._model.records for words in line.texts}
        if not held.issuperset(self._scanned):
            return self.tr("The last scan is just held against the record; press again.")
        told = (replace(line, seen=self._seals.get(line.key)) for line in self._model.records)
        lacking = next((line for line in told if line.lacks), None)
        if lacking:
            self.table.select_key(lacking.key)
        return super().problem() or (lacking.lacks if lacking else "")

    def show_look(self, look: AuditLook, not_whole: Collection[ExhibitId] = ()) -> None:
        """Show how what was scanned stands to the record; a new scan is chosen, and says what it says of its seal.

        Of seals that are ``not_whole`` by the record itself a scan says nothing.
        """
        if self._by_scan.index <= 0:
            new = (one for one in look.scanned.values() if one and one.id not in not_whole)
            self._seals = {**{str(one.id): seen_by_scanning(one) for one in new}, **self._seals}
        self._model.set_records(lines_of(look, self._seals))
        line = next((one for one in self._model.records if self._go_to in one.texts), None)
        if line:
            self._go_to = ""
            self.table.select_key(line.key)
            announce(self, f"{line.number}: {line.state}")
        self._say_count(look)
        self._show_line()

    def reject(self) -> None:
        """Close; where something was scanned, ask first, as it would be lost."""
        if self._busy or not self._scanned:
            super().reject()
            return
        sheet = ConfirmSheet(
            self,
            title=self.tr("Leave this audit?"),
            sentences=(
                text.plural(len(self._scanned), self.tr("1 scan is lost."), self.tr("{n} scans are lost.")),
                self.tr("Nothing of this audit is recorded."),
            ),
            act=self.tr("Leave it"),
            keep=self.tr("Go on scanning"),
            name="leaveAudit",
        )
        sheet.accepted.connect(super().reject)
        sheet.open()

    def _on_scan(self, words: str) -> None:
        others = [one for one in self._scanned if one != words]
        self._scanned = [*others, words]  # what is scanned twice is the newest, and chosen
        self._go_to = words
        self._ask()

    def _ask(self) -> None:
        asked = LookAsked(place=self._place.text(), scanned=tuple(self._scanned), seals=self._seals_by_scan())
        self.look_asked.emit(asked)

    def _seals_by_scan(self) -> dict[str, SealSeen]:
        """What was told of each seal, by the first scan that means its exhibit, in the order of scanning."""
        lines = {line.texts[0]: line.key for line in self._model.records if line.texts}
        told = [(words, self._seals.get(lines[words])) for words in self._scanned if words in lines]
        return {words: seen for words, seen in told if seen}

    def _chosen(self) -> AuditLine | None:
        line = self.table.current_record()
        return line if isinstance(line, AuditLine) and line.texts else None

    def _show_line(self) -> None:
        line = self._chosen()
        self.back_button.setEnabled(line is not None)
        if line is None or line.exhibit is None:
            self.seal.ask("", "", None)
        else:
            self.seal.ask(line.number, line.seal, self._seals.get(line.key))

    def _on_told(self, seen: SealSeen | None) -> None:
        line = self._chosen()
        if line is None:
            return
        self._seals.pop(line.key, None)
        if seen is not None:
            self._seals[line.key] = seen

    def _take_back(self) -> None:
        line = self._chosen()
        if line is None:
            return
        self._scanned = [one for one in self._scanned if one not in line.texts]
        self._seals.pop(line.key, None)
        self._ask()
        self.scan.entry.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_count(self, look: AuditLook) -> None:
        if not self._place.text():
            self._count.setText(self.tr("Choose the place first; then scan what lies there."))
            return
        present = {one.id for one in look.scanned.values() if one}
        found = sum(one.id in present for one in look.expected)
        words = [self.tr("{found} of {all} found").format(found=found, all=len(look.expected))]
        others = len(look.findings) - (len(look.expected) - found)
        if others:
            words.append(text.plural(others, self.tr("1 thing differs"), self.tr("{n} things differ")))
        self._count.setText(" · ".join(words))
