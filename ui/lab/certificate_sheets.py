"""The dialogs that take a certificate from outside: with its key from a file, or with the token that keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from forensics_app.model.proof import TokenPlace
from ui.lab.chosen_passphrase import taken, typed
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


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAsked:
    """Where a token is, and its PIN."""

    place: TokenPlace
    pin: str


class TokenSheet(FormSheet):
    """``submitted`` carries a :class:`TokenAsked`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask for module, slot, label and PIN."""
        super().__init__(
            parent, title=self.tr("Take a certificate from a token"),
            subtitle=self.tr("You sign reports with it from now on"),
            name="tokenSheet", act=self.tr("Sign and take it"), width_px=600,
        )  # fmt: skip
        self._form = forms.Form()
        self._module = FileField(
            self.tr("Module of the token"), name="tokenModule", optional=False,
            hint=self.tr("The library of its maker for PKCS #11, such as opensc-pkcs11.so; programs tell where it is."),
        )  # fmt: skip
        self._form.add(self._module, span=2, rule=forms.required(self.tr("Choose the module.")))
        label_hint = self.tr("Where there are several tokens.")
        self._label = self._form.add(
            forms.Field(
                self.tr("Label of the token"), forms.line_edit(), name="tokenLabel", optional=True, hint=label_hint
            )
        )
        self._slot = self._form.add(
            forms.Field(self.tr("Slot"), forms.line_edit(), name="tokenSlot", optional=True),
            rule=lambda typed_: "" if not typed_ or typed_.isdecimal() else self.tr("A slot is a number."),
        )
        self._key = self._form.add(
            forms.Field(
                self.tr("Label of the key"), forms.line_edit(), name="tokenKey", optional=True,
                hint=self.tr("Where the token has several."),
            )
        )  # fmt: skip
        self._pin = self._form.add(
            forms.Field(self.tr("PIN"), forms.PassphraseEdit(), name="tokenPin"),
            rule=forms.required(self.tr("Type the PIN of the token.")),
        )
        words = self.tr(
            "The key stays on the token. Its PIN is asked for whenever a report is issued, and kept nowhere. A token "
            "locks itself after a few wrong PINs."
        )
        self.fill(self._form, label(words, "small", wrap=True), signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """Module, labels, slot and PIN."""
        return (self._form,)

    def request(self) -> TokenAsked:
        """What was typed; the PIN is forgotten here."""
        slot = self._slot.text().strip()
        place = TokenPlace(
            module=Path(self._module.text()).absolute(),
            slot=int(slot) if slot else None,
            token=self._label.text().strip(),
            key=self._key.text().strip(),
        )
        return TokenAsked(place=place, pin=taken(self._pin))
