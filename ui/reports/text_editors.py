"""The editors of a report's texts: title and zones, summary, limitations."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFrame

from ui.reports.draft import Draft
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.labels import label
from ui.widgets.layout import hbox, vbox
from ui.widgets.notes import note
from ui.zones import zone_names

_MARGINS = (Space.L, Space.M, Space.L, Space.M)


class ParticularsEditor(QFrame):
    """Title, the zone of printed times, and the zone in which times without one are read."""

    changed = Signal()

    def __init__(self) -> None:
        """Offer every zone there is."""
        super().__init__()
        self.setProperty("card", True)
        self._draft = Draft()
        zones = zone_names()
        form = forms.Form(columns=2)
        self._title = form.add(forms.Field(self.tr("Title"), forms.line_edit(), name="reportTitle"), span=2)
        self._zone = form.add(
            forms.Field(
                self.tr("Times are printed in"), _zone_choice(zones), name="reportZone",
                hint=self.tr("The offset stands beside each time."),
            )
        )  # fmt: skip
        self._local = form.add(
            forms.Field(
                self.tr("Times without a zone are read in"), _zone_choice(zones), name="reportLocalZone",
                hint=self.tr("FAT and some documents keep local time; say which place it was."),
            )
        )  # fmt: skip
        for field in (self._title, self._zone, self._local):
            field.changed.connect(self._take)
        self._changes = form.add(
            forms.Field(
                self.tr("Changes against the replaced report"), forms.text_edit(lines=4), name="reportChanges",
                hint=self.tr("One on each line. They are printed on the first page."),
            ),
            span=2,
        )  # fmt: skip
        self._changes.changed.connect(self._take)
        self.setLayout(vbox(label(self.tr("Title and zones"), "section"), form, None, margins=_MARGINS))

    def showEvent(self, event: QShowEvent) -> None:
        """Show what another part changed: the title follows the kind while nobody gave it another one."""
        super().showEvent(event)
        self.show_draft(self._draft)

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``."""
        self._draft = Draft()
        self._title.set_text(draft.title)
        self._zone.set_text(draft.zone)
        self._local.set_text(draft.zone_of_local_times)
        self._changes.set_text(draft.changes)
        self._changes.setVisible(draft.replaces is not None)
        self._draft = draft

    def _take(self) -> None:
        draft = self._draft
        draft.title = self._title.text()
        draft.changes = self._changes.text()
        for field, name in ((self._zone, "zone"), (self._local, "zone_of_local_times")):
            entry = field.entry
            known = isinstance(entry, QComboBox) and entry.findText(field.text()) >= 0
            field.set_error("" if known else self.tr("Choose a zone such as Europe/Berlin or UTC."))
            if known:
                setattr(draft, name, field.text())
        self.changed.emit()


class TextEditor(QFrame):
    """One long text: ``name`` is its attribute of the draft."""

    changed = Signal()

    def __init__(self, *, title: str, name: str, hint: str) -> None:
        """Edit the attribute ``name`` of a draft."""
        super().__init__()
        self.setProperty("card", True)
        self._name = name
        self._draft = Draft()
        self._field = forms.Field(title, forms.text_edit(lines=8), name=f"report-{name}", hint=hint)
        self._field.entry.setMinimumHeight(4 * Space.XXL)
        self._field.entry.setMaximumHeight(self.maximumHeight())
        self._field.changed.connect(self._take)
        self.setLayout(vbox((self._field, 1), margins=_MARGINS))

    def show_draft(self, draft: Draft) -> None:
        """Work at ``draft``."""
        self._draft = Draft()
        self._field.set_text(str(getattr(draft, self._name)))
        self._draft = draft

    def _take(self) -> None:
        setattr(self._draft, self._name, self._field.text())
        self.changed.emit()


class RecordPart(QFrame):
    """Says what is printed from the record and cannot be edited here."""

    def __init__(self) -> None:
        """Name the parts."""
        super().__init__()
        self.setProperty("card", True)
        sentences = (
            self.tr("Request, authority and persons, as the case records them"),
            self.tr("Exhibits with photographs and seals"),
            self.tr("Acquisition and verification: digests, stored ones and those computed"),
            self.tr("Volumes and file systems, with what was not examined"),
            self.tr("Custody, entry by entry, with the heads of both chains"),
            self.tr("Tools and versions, how to verify the report, reconciliation, declaration and signature blocks"),
        )
        rows = [hbox(label("·", "muted"), (label(sentence, wrap=True), 1)) for sentence in sentences]
        how = note(
            Tone.INFO,
            self.tr("What is wrong here is put right where it was recorded, by a further entry; then it is printed."),
        )
        self.setLayout(vbox(label(self.tr("From the record"), "section"), *rows, how, None, margins=_MARGINS))


def _zone_choice(zones: Sequence[str]) -> QComboBox:
    made = forms.choice(zones, editable=True)
    forms.offer_what_contains(made)
    return made
