"""The dialog that takes a certificate from outside with its key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from ui.lab.chosen_passphrase import typed
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateAsked:
    """A file of PKCS #12 and what opens it."""

    path: Path
    passphrase: str


class ImportCertificateSheet(FormSheet):
    """``submitted`` carries a :class:`CertificateAsked`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask for the file."""
        super().__init__(
            parent, title=self.tr("Take a certificate from outside"),
            subtitle=self.tr("You sign reports with it from now on"),
            name="importCertificateSheet", act=self.tr("Sign and take it"), width_px=600,
        )  # fmt: skip
        self._form = forms.Form()
        self._file = FileField(
            self.tr("Certificate with its key"), name="certificateFile", optional=False,
            hint=self.tr("A file of PKCS #12 (.p12 or .pfx). It has to name you as the record does."),
        )  # fmt: skip
        self._form.add(self._file, rule=forms.required(self.tr("Choose the file.")))
        self._secret = self._form.add(
            forms.Field(
                self.tr("Passphrase of the file"), forms.PassphraseEdit(), name="certificateSecret", optional=True,
                hint=self.tr("It opens the file once and is kept nowhere."),
            )
        )  # fmt: skip
        words = self.tr("Its key is sealed for you in the lab folder: only your own key opens it. The file stays.")
        self.fill(self._form, label(words, "small", wrap=True), signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The file."""
        return (self._form,)

    def request(self) -> CertificateAsked:
        """The file as chosen."""
        return CertificateAsked(path=Path(self._file.text()), passphrase=typed(self._secret))
