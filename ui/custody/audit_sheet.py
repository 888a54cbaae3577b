"""The audit of a room: choose the place, scan what lies there, and sign what was found and what was not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.audit import AuditLook, NewAudit
from forensics_app.model.person import Person
from ui import text
from ui.announce import announce
from ui.custody.audit_lines import AuditLine, line_columns, lines_of
from ui.custody.scan_field import ScanField
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
    """What was scanned until now, to be held against the record."""

    place: str
    scanned: tuple[str, ...]
    broken: tuple[str, ...]


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
        self._broken: list[str] = []
        self._form = forms.Form(columns=2)
        hint = self.tr("What lies below it counts too: “A-07” holds “A-07-3”.")
        self._place = self._form.add(
            PlaceField(self.tr("Place"), name="auditPlace", places=places, hint=hint),
            rule=forms.required(self.tr("Choose the place that is audited.")),
        )
        self._remarks = self._form.add(
            forms.Field(self.tr("Remarks"), forms.line_edit(), name="auditRemarks", optional=True)
        )
        self.scan = ScanField(
            name="auditScan", hint=self.tr("A number means the exhibit of that number at this place.")
        )
        self._model: RecordTableModel[AuditLine] = RecordTableModel(line_columns(), self, key=lambda line: line.key)
        self.table = Table(self._model, name="auditLines", title=self.tr("What lies there"), row_px=Row.TWO_LINE)
        self.table.setMinimumHeight(_TABLE_PX)
        self._count = label(role="strong", wrap=True, name="auditCount")
        tip = self.tr("About the chosen line: at first the newest scan")
        self.broken_button = Button(
            self.tr("Its seal is broken"), name="sealBroken", icon="seal", tip=tip, shortcut="Alt+B"
        )
        self.back_button = Button(
            self.tr("Take the scan back"), name="takeScanBack", icon="return", tip=tip, shortcut="Alt+Z"
        )
        acts = plain(WrapLayout(self.broken_button, self.back_button))
        self.fill(self._form, self.scan, self._count, self.table, acts, signed_as=signed_as(actor))
        self.scan.scanned.connect(self._on_scan)
        self._place.changed.connect(self._ask)
        self.table.chosen.connect(lambda _: self._show_acts())
        self.broken_button.clicked.connect(self._mark_broken)
        self.back_button.clicked.connect(self._take_back)
        self._say_count(AuditLook(expected=(), scanned={}, findings=()))
        self._show_acts()

    def entry_forms(self) -> Sequence[forms.Form]:
        """Place and remarks."""
        return (self._form,)

    def request(self) -> NewAudit:
        """What was done."""
        return NewAudit(
            place=self._place.text(),
            began_at=self._began_at,
            scanned=tuple(self._scanned),
            broken=tuple(self._broken),
            remarks=self._remarks.text(),
        )

    def show_look(self, look: AuditLook) -> None:
        """Show how what was scanned stands to the record; the newest scan is chosen."""
        self._model.set_records(lines_of(look))
        newest = self._scanned[-1] if self._scanned else ""
        line = next((one for one in self._model.records if newest in one.texts), None)
        if line:
            self.table.select_key(line.key)
            announce(self, f"{line.number}: {line.state}")
        self._say_count(look)
        self._show_acts()

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
        self._ask()

    def _ask(self) -> None:
        asked = LookAsked(place=self._place.text(), scanned=tuple(self._scanned), broken=tuple(self._broken))
        self.look_asked.emit(asked)

    def _chosen(self) -> AuditLine | None:
        line = self.table.current_record()
        return line if isinstance(line, AuditLine) and line.texts else None

    def _show_acts(self) -> None:
        line = self._chosen()
        self.back_button.setEnabled(line is not None)
        self.broken_button.setEnabled(line is not None and bool(line.seal))
        is_broken = line is not None and line.is_broken
        self.broken_button.set_text(self.tr("Its seal is whole") if is_broken else self.tr("Its seal is broken"))

    def _mark_broken(self) -> None:
        line = self._chosen()
        if line is None:
            return
        if line.is_broken:
            self._broken = [one for one in self._broken if one not in line.texts]
        else:
            self._broken.append(line.texts[0])
        self._ask()
        self.scan.entry.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_back(self) -> None:
        line = self._chosen()
        if line is None:
            return
        self._scanned = [one for one in self._scanned if one not in line.texts]
        self._broken = [one for one in self._broken if one not in line.texts]
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
