"""The dialogs of hash sets: an import, and what is to be known of the list afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from forensics_app.model.hash_set import HashSetKind, NewHashSet
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.hash_set import Imported
    from forensics_app.model.person import Person

_KINDS = (HashSetKind.KNOWN, HashSetKind.ALERT)


class HashSetSheet(FormSheet):
    """``submitted`` carries a :class:`NewHashSet`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask for a list of digests and what it is called."""
        super().__init__(
            parent, title=self.tr("Import a hash set"), subtitle=self.tr("A list of digests of files"),
            name="hashSetSheet", act=self.tr("Sign and import"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        hint = self.tr(
            "NSRL RDSv3, md5sum, sha1sum, sha256sum, hashdeep, CSV, one digest a line, Project VIC or CAID JSON"
        )
        self._file = FileField(self.tr("List"), name="hashSetFile", hint=hint, optional=False)
        self._form.add(self._file, span=2, rule=forms.required(self.tr("Choose the list.")))
        self._name = self._form.add(
            forms.Field(self.tr("Name"), forms.line_edit(), name="hashSetName"),
            rule=forms.required(self.tr("Write what the set is called.")),
        )
        self._version = self._form.add(
            forms.Field(self.tr("Version"), forms.line_edit(), name="hashSetVersion"),
            rule=forms.required(self.tr("Write the version, as its publisher calls it.")),
        )
        hint = self.tr("Who published it, and where it was got from")
        self._source = self._form.add(
            forms.Field(self.tr("Source"), forms.line_edit(), name="hashSetSource", hint=hint),
            span=2, rule=forms.required(self.tr("Write where it comes from.")),
        )  # fmt: skip
        kinds = forms.choice([
            self.tr("Known: the files are known, which does not say that they are good"),
            self.tr("Alert: somebody is to look at the files"),
        ])  # fmt: skip
        kinds.setCurrentIndex(-1)  # a list of either kind that is taken for the other is not found out later
        self._kind = self._form.add(
            forms.Field(self.tr("Kind"), kinds, name="hashSetKind"),
            span=2, rule=forms.required(self.tr("Choose whether the files are known, or somebody is to look at them.")),
        )  # fmt: skip
        self.fill(self._form, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The set."""
        return (self._form,)

    def request(self) -> NewHashSet:
        """The set as filled in."""
        return NewHashSet(
            name=self._name.text(),
            version=self._version.text(),
            source=self._source.text(),
            kind=_KINDS[self._kind.index],
            file=Path(self._file.text()),
        )


class ImportedSheet(Sheet):
    """Says what was taken of a list, and what was not and why."""

    def __init__(self, parent: QWidget, made: Imported) -> None:
        """Show every line that is to be known."""
        title = self.tr("Imported {set}").format(set=made.hash_set.label)
        super().__init__(parent, title=title, subtitle=made.hash_set.list_name, name="importedSheet", width_px=640)
        warned = [note(Tone.WARN, words, name="importWarning") for words in made.warnings]
        lines = made.lines[: len(made.lines) - len(made.warnings)]
        told = label("\n".join(lines), wrap=True, select=True, name="importTold")
        self.set_body(sheet_body(*warned, told))
        self.set_buttons(None, self.cancel_button(self.tr("Close")))
