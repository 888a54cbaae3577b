"""The dialog about who stamps the lab chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from forensics_app.model.time_stamp import TimeAuthority
from ui.lab.file_field import FileField
from ui.recording import signed_as
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityAsked:
    """The authority that is to stamp from now on; ``certificates`` is a file in PEM."""

    name: str
    url: str
    certificates: Path


class AuthoritySheet(FormSheet):
    """``submitted`` carries an :class:`AuthorityAsked`."""

    def __init__(self, parent: QWidget, named: TimeAuthority | None, *, actor: Person) -> None:
        """Ask who stamps from now on, instead of ``named``."""
        super().__init__(
            parent, title=self.tr("Name the time-stamp authority"),
            subtitle=self.tr("It becomes an entry of the lab chain"),
            name="authoritySheet", act=self.tr("Sign and name it"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=2)
        self._name = self._form.add(
            forms.Field(self.tr("Name"), forms.line_edit(named.name if named else ""), name="authorityName"),
            rule=forms.required(self.tr("Write what you call it.")),
        )
        entry = forms.line_edit(named.url if named else "", placeholder="https://host/tsa")
        self._url = self._form.add(
            forms.Field(self.tr("Address"), entry, name="authorityUrl",
                        hint=self.tr("Only a digest of 32 bytes is sent there.")),
            rule=forms.required(self.tr("Write where requests are sent.")),
        )  # fmt: skip
        self._file = FileField(
            self.tr("Its certificates, or of who issued them"), name="authorityCertificates", optional=False,
            hint=self.tr("A file in PEM, as the authority publishes it. Compare the fingerprints afterwards."),
        )  # fmt: skip
        self._form.add(self._file, span=2, rule=forms.required(self.tr("Choose the file.")))
        parts: list[QWidget] = [self._form]
        if named:
            words = self.tr("Stamps that {name} gave stay what they are.").format(name=named.name)
            parts.append(label(words, "small", wrap=True))
        self.fill(*parts, signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The authority."""
        return (self._form,)

    def request(self) -> AuthorityAsked:
        """The authority as filled in."""
        return AuthorityAsked(name=self._name.text(), url=self._url.text(), certificates=Path(self._file.text()))
