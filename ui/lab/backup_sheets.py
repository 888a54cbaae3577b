"""The dialog about making a backup."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from forensics_app.model.backup import NewBackup
from forensics_app.model.person import Person
from ui.lab.chosen_passphrase import ChosenPassphrase
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import note


class FolderField(FileField):
    """The path of a folder, with a button that chooses one."""

    def _choose(self) -> None:
        path = QFileDialog.getExistingDirectory(self, self._title_words)
        if path:
            self.set_text(path)


class BackupSheet(FormSheet):
    """``submitted`` carries a :class:`NewBackup`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask where the backup goes and under which passphrase."""
        super().__init__(
            parent, title=self.tr("Back the laboratory up"),
            subtitle=self.tr("Record, photographs, papers, reports and hash sets; never images of evidence"),
            name="backupSheet", act=self.tr("Sign and back up"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        self._folder = FolderField(
            self.tr("Folder"), name="backupFolder", optional=False,
            hint=self.tr("On another disk or computer. The file gets the lab's name and the time."),
        )  # fmt: skip
        self._form.add(self._folder, span=2, rule=forms.required(self.tr("Choose the folder.")))
        self._encrypted = forms.check(self.tr("Encrypt it under a passphrase"), name="backupEncrypted", on=True)
        self._catalogues = forms.check(
            self.tr("With catalogues and searches, which can be made again"), name="backupCatalogues"
        )
        self._form.add_wide(self._encrypted)
        self._passphrase = ChosenPassphrase(self.tr("Passphrase of this backup"))
        words = self.tr(
            "Keep the passphrase apart from the backup. Nobody can open the file without it, not even an administrator."
        )
        self._kept_apart = note(Tone.INFO, words, name="backupPassphraseNote")
        words = self.tr(
            "Whoever gets hold of the file reads all of it but people's keys. Searches of secret terms are left out."
        )
        self._open_to_all = note(Tone.WARN, words, name="backupOpenNote")
        self._open_to_all.hide()
        self._encrypted.toggled.connect(self._on_encrypted)
        self.fill(
            self._form, self._passphrase, self._kept_apart, self._open_to_all, self._catalogues,
            signed_as=signed_as(actor),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The place, and the passphrase where there is one."""
        return (self._form, self._passphrase) if self._encrypted.isChecked() else (self._form,)

    def request(self) -> NewBackup:
        """The backup as filled in."""
        return NewBackup(
            target=Path(self._folder.text()),
            passphrase=self._passphrase.chosen() if self._encrypted.isChecked() else None,
            with_catalogues=self._catalogues.isChecked(),
        )

    def _on_encrypted(self, on: bool) -> None:
        self._passphrase.setVisible(on)
        self._kept_apart.setVisible(on)
        self._open_to_all.setVisible(not on)
