"""The dialog that asks for the key of an encrypted volume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from forensics_app.model.image import Keys
from ui.examine.words import encryption_name
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label

if TYPE_CHECKING:
    from forensics_app.model.catalogue import Volume
    from forensics_app.model.image import EvidenceImage

MAX_KEY_BYTES = 8 * 1024 * 1024
"""The largest key file of cryptsetup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlock:
    """What to unlock with.

    Attributes:
        keys: What was typed.
        key_file: A startup key or key file, still to be read.
        keep: Whether the key that opens the volume is kept sealed for the person.
        use_kept: Whether the keys that the person keeps are used, and nothing else.
    """

    keys: Keys = field(default_factory=Keys, repr=False)
    key_file: Path | None = None
    keep: bool = False
    use_kept: bool = False

    def all_keys(self) -> Keys:
        """What was typed, and the content of the key file.

        Raises:
            OSError: The file cannot be read.
        """
        if self.key_file is None:
            return self.keys
        with self.key_file.open("rb") as file:
            return self.keys | Keys(startup_keys=(file.read(MAX_KEY_BYTES),))


class UnlockSheet(FormSheet):
    """Asks for a password, a recovery key or a key file. What was typed is hidden, and forgotten when it closes."""

    def __init__(self, parent: QWidget, image: EvidenceImage, volume: Volume, *, kept: bool, signed_as: str) -> None:
        """Name the volume; ``kept`` says that the person keeps a key of this image."""
        super().__init__(
            parent,
            title=self.tr("Unlock {volume}").format(volume=volume.id),
            subtitle=f"{image.number}, {encryption_name(volume)}",
            name="unlockSheet",
            act=self.tr("Unlock"),
            width_px=520,
        )
        self._use_kept = False
        self._form = forms.Form()
        self._password = self._add(self.tr("Password"), "unlockPassword")
        self._recovery = self._add(self.tr("Recovery key"), "unlockRecoveryKey")
        browse = Button(self.tr("Choose…"), name="chooseKeyFile")
        browse.clicked.connect(self._choose_file)
        self._file = self._form.add(
            forms.Field(
                self.tr("Key file or startup key (.BEK)"), forms.line_edit(), name="unlockKeyFile", optional=True,
                beside=browse,
            ),
            rule=self._file_problem,
        )  # fmt: skip
        self._keep = forms.check(self.tr("Keep the key sealed in the record, for me alone"), name="unlockKeep")
        says = self.tr(
            "Without it the key is forgotten when you sign out. The record says which volume was unlocked and by what "
            "kind of key, never the key."
        )
        parts: list[QWidget] = [self._form, self._keep, label(says, "caption", wrap=True)]
        if kept:
            again = Button(self.tr("Use the key that I keep"), name="useKeptKey", icon="key")
            again.clicked.connect(self._submit_kept)
            parts.insert(0, again)
        self.fill(*parts, signed_as=signed_as)
        self.finished.connect(lambda _: self._forget())

    def entry_forms(self) -> Sequence[forms.Form]:
        """The fields, unless the kept key is used."""
        return () if self._use_kept else (self._form,)

    def request(self) -> Unlock:
        """What was typed and ticked."""
        if self._use_kept:
            return Unlock(use_kept=True)
        password, recovery = _typed(self._password), self._recovery.text()
        path = self._file.text()
        return Unlock(
            keys=Keys(passwords=(password,) if password else (), recovery_keys=(recovery,) if recovery else ()),
            key_file=Path(path) if path else None,
            keep=self._keep.isChecked(),
        )

    def refuse(self, sentence: str, then: str = "") -> None:
        """Say why not; the keyboard goes back to the password."""
        self._use_kept = False
        super().refuse(sentence, then)
        self._password.entry.setFocus()

    def _add(self, title: str, name: str) -> forms.Field:
        return self._form.add(
            forms.Field(title, forms.PassphraseEdit(), name=name, optional=True), rule=lambda _: self._nothing()
        )

    def _nothing(self) -> str:
        given = _typed(self._password) or self._recovery.text() or self._file.text()
        return "" if given else self.tr("Type a password or a recovery key, or choose a key file.")

    def _file_problem(self, path: str) -> str:
        return "" if not path or Path(path).is_file() else self.tr("There is no such file.")

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Key file"))
        if chosen:
            self._file.set_text(chosen)

    def _submit_kept(self) -> None:
        self._use_kept = True
        self.submit()

    def _forget(self) -> None:
        for part in (self._password, self._recovery):
            part.set_text("")


def _typed(part: forms.Field) -> str:
    """What was typed, blanks included: they may belong to a password."""
    return part.entry.text() if isinstance(part.entry, QLineEdit) else ""
