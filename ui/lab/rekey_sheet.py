"""The dialog that encrypts the lab by a new key, into a new folder (REQ-70)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from ui.lab.chosen_passphrase import taken
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class RekeyAsked:
    """What was filled in."""

    target: Path
    passphrase: str


class RekeySheet(FormSheet):
    """``submitted`` carries a :class:`RekeyAsked`."""

    def __init__(self, parent: QWidget, *, actor: Person, folder: Path, renew: bool) -> None:
        """Ask for the new folder, and for the passphrase that opens it first.

        Args:
            parent: The tab.
            actor: The administrator, who signs.
            folder: Where the lab lies now.
            renew: Whether it is encrypted already.
        """
        title = self.tr("Encrypt the laboratory by a new key") if renew else self.tr("Encrypt the laboratory")
        super().__init__(
            parent, title=title, subtitle=self.tr("Copied into a new folder, compared and verified there"),
            name="rekeySheet", act=self.tr("Sign and encrypt"), width_px=680,
        )  # fmt: skip
        self._form = forms.Form(columns=1)
        self._folder = self._form.add(
            forms.Field(
                self.tr("New lab folder"),
                forms.line_edit(placeholder=f"{folder}-encrypted"), name="rekeyFolder",
                hint=self.tr("One that does not exist yet, on a disk of this computer with room for all of the lab."),
            ),
            rule=forms.required(self.tr("Write the folder that the laboratory will live in.")),
        )  # fmt: skip
        self._passphrase = self._form.add(
            forms.Field(
                self.tr("Your passphrase"), forms.PassphraseEdit(), name="rekeyPassphrase",
                hint=self.tr("It unlocks the new folder. The others can once they have signed in there."),
            ),
            rule=forms.required(self.tr("Type the passphrase that you sign in with.")),
        )  # fmt: skip
        left = self.tr(
            "The old folder stays as it was, takes no entry any more, and can be read as before. Destroy it, and its "
            "backups, once you have opened the new one."
        )
        lost = self.tr(
            "If everybody forgets their passphrase, nobody can open the laboratory again: there should be two "
            "administrators who can."
        )
        self.fill(
            self._form, note(Tone.WARN, left, name="rekeyLeftNote"), note(Tone.INFO, lost, name="rekeyLostNote"),
            signed_as=signed_as(actor),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The only one."""
        return (self._form,)

    def request(self) -> RekeyAsked:
        """The wish as filled in."""
        return RekeyAsked(target=Path(self._folder.text()), passphrase=taken(self._passphrase))
