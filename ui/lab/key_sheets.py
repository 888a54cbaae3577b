"""The dialogs about keys that are there: another passphrase for one's own, and a new key in place of an old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtWidgets import QWidget

from forensics_app.model.person import Person
from ui.lab.chosen_passphrase import ChosenPassphrase, typed
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.layout import line
from ui.widgets.notes import note


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseChange:
    """The present passphrase and the one that replaces it."""

    old: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """Why a key is replaced, and the passphrase that its owner chose."""

    reason: str
    passphrase: str = field(repr=False)


class PassphraseSheet(FormSheet):
    """``submitted`` carries a :class:`PassphraseChange`."""

    def __init__(self, parent: QWidget, *, actor: Person) -> None:
        """Ask the person who is signed in."""
        super().__init__(
            parent,
            title=self.tr("Change your passphrase"),
            subtitle=actor.described,
            name="passphraseSheet",
            act=self.tr("Change the passphrase"),
        )
        self._present = forms.Form()
        self._old = forms.Field(self.tr("Present passphrase"), forms.PassphraseEdit(), name="oldPassphrase")
        self._present.add(self._old, rule=lambda _: "" if typed(self._old) else self.tr("Type your passphrase."))
        self._new = ChosenPassphrase(self.tr("New passphrase"))
        same = self.tr("Your key stays the same, and with it everything that you signed.")
        copies = self.tr(
            "A copy of the lab that was made before still opens with the old passphrase. If somebody may have both, "
            "make a new key instead."
        )
        self.fill(label(same, wrap=True), self._present, self._new, note(Tone.INFO, copies), signed_as=signed_as(actor))

    def entry_forms(self) -> Sequence[forms.Form]:
        """The old one, and the new one twice."""
        return self._present, self._new

    def request(self) -> PassphraseChange:
        """Both passphrases."""
        return PassphraseChange(old=typed(self._old), new=self._new.chosen())


class NewKeySheet(FormSheet):
    """``submitted`` carries a :class:`NewKey`."""

    def __init__(self, parent: QWidget, *, actor: Person, person: Person) -> None:
        """Ask ``actor`` why, and ``person`` for a passphrase; they may be the same."""
        super().__init__(
            parent,
            title=self.tr("New key for {name}").format(name=person.name),
            subtitle=person.described,
            name="newKeySheet",
            act=self.tr("Make the new key"),
            kind="danger",
        )
        self._why = forms.Form()
        hint = self.tr("Such as: the passphrase is forgotten, or known to others. It becomes part of the record.")
        reason = forms.Field(self.tr("Reason"), forms.text_edit(lines=2), name="reason", hint=hint)
        self._reason = self._why.add(reason, rule=forms.required(self.tr("Write the reason.")))
        self._new = ChosenPassphrase(self.tr("Passphrase of the new key"))
        head = label(self._who_types(actor, person), wrap=True)
        self.fill(
            *(label(sentence, wrap=True) for sentence in self._sentences(actor, person)), self._why, line(), head,
            self._new, signed_as=signed_as(actor),
        )  # fmt: skip

    def entry_forms(self) -> Sequence[forms.Form]:
        """The reason and the passphrase."""
        return self._why, self._new

    def request(self) -> NewKey:
        """The reason and the passphrase."""
        return NewKey(reason=self._reason.text(), passphrase=self._new.chosen())

    def _sentences(self, actor: Person, person: Person) -> list[str]:
        stays = self.tr("What {name} signed until now stays valid. The old key signs nothing from now on.")
        if person.revoked_at is not None:
            stays = self.tr(
                "What {name} signed stays valid. The new key lets them work here again, in their old roles."
            )
        lost = self.tr("Keys of volumes that {name} kept sealed do not open any more; they are given again.")
        said = [stays.format(name=person.name), lost.format(name=person.name)]
        if person.id == actor.id:
            said.append(self.tr("You are signed out, and sign in again with the new passphrase."))
        return said

    def _who_types(self, actor: Person, person: Person) -> str:
        if person.id == actor.id:
            return self.tr("Only this passphrase opens the new key; nobody can read or reset it.")
        words = self.tr(
            "{name} is present and types it. That you gave the key, when and why is in the record; every verification "
            "tells it."
        )
        return words.format(name=person.name)
