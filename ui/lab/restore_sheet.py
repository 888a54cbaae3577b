"""The dialog that makes a lab of a backup, before any lab is open (REQ-70)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QWidget

from ui.lab.chosen_passphrase import typed
from ui.lab.file_field import FileField
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note

ROOT_DIGITS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAsked:
    """What was filled in; the passphrase of the backup and the fingerprint are empty where there is none."""

    source: Path
    target: Path
    backup_passphrase: str
    name: str
    passphrase: str
    root: str


class RestoreSheet(FormSheet):
    """``submitted`` carries a :class:`RestoreAsked`."""

    def __init__(self, parent: QWidget) -> None:
        """Ask for the backup, its place, and who signs."""
        super().__init__(
            parent, title=self.tr("Restore a lab from a backup"),
            subtitle=self.tr("Compared and verified before it appears; no lab is ever overwritten"),
            name="restoreSheet", act=self.tr("Restore and sign"), width_px=680,
        )  # fmt: skip
        self._backup = forms.Form(columns=2)
        self._file = FileField(self.tr("Backup"), name="restoreFile", optional=False)
        self._backup.add(self._file, span=2, rule=forms.required(self.tr("Choose the backup.")))
        self._secret = self._backup.add(
            forms.Field(
                self.tr("Passphrase of the backup"), forms.PassphraseEdit(), name="restoreSecret", optional=True,
                hint=self.tr("Where it is encrypted; it is nobody's own."),
            )
        )  # fmt: skip
        self._root = self._backup.add(
            forms.Field(
                self.tr("Fingerprint of the root key, from paper"), forms.line_edit(), name="restoreRoot",
                optional=True, hint=self.tr("Without it nobody knows whether this is the true lab."),
            ),
            rule=self._no_fingerprint,
        )  # fmt: skip
        empty = forms.line_edit(placeholder=self.tr("A folder that does not exist yet, on a disk of this computer"))
        self._folder = self._backup.add(
            forms.Field(self.tr("New lab folder"), empty, name="restoreFolder"),
            span=2, rule=forms.required(self.tr("Write the folder that the lab will live in.")),
        )  # fmt: skip
        self._person = forms.Form(columns=2)
        self._name = self._person.add(
            forms.Field(self.tr("Administrator"), forms.line_edit(), name="restoreName"),
            rule=forms.required(self.tr("Write the name as it was enrolled.")),
        )
        self._passphrase = self._person.add(
            forms.Field(self.tr("Their passphrase at that time"), forms.PassphraseEdit(), name="restorePassphrase"),
            rule=forms.required(self.tr("Type the passphrase.")),
        )
        words = self.tr("What was recorded after the backup is not in it. Do not go on in both labs.")
        self.fill(
            self._backup, label(self.tr("Who signs for it"), "section"), self._person,
            note(Tone.INFO, words, name="restoreNote"),
            signed_as=self.tr("It becomes the first entry that only the restored lab has."),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The backup, and who signs."""
        return self._backup, self._person

    def request(self) -> RestoreAsked:
        """The wish as filled in."""
        return RestoreAsked(
            source=Path(self._file.text()),
            target=Path(self._folder.text()),
            backup_passphrase=typed(self._secret),
            name=self._name.text(),
            passphrase=typed(self._passphrase),
            root=_digits(self._root.text()),
        )

    def _no_fingerprint(self, words: str) -> str:
        digits = _digits(words)
        is_one = len(digits) == ROOT_DIGITS and set(digits) <= set("0123456789abcdef")
        return "" if not digits or is_one else self.tr("A fingerprint has 64 digits and letters from a to f.")


def _digits(words: str) -> str:
    return "".join(words.split()).lower()
