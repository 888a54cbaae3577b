"""A dialog that asks for a few particulars of one act, shows what is signed, and takes a witness where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from ui.custody.party import PartyCard
from ui.custody.words import key_words
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import frame, hbox, vbox
from ui.widgets.notes import note
from ui.widgets.sheet import Sheet, sheet_body

if TYPE_CHECKING:
    from forensics_app.model.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field. ``sentence`` asks for it when it is required; ``options`` are chosen from; ``lines`` more than one."""

    name: str
    title: str
    sentence: str = ""
    options: tuple[str, ...] = ()
    lines: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was filled in; ``chosen`` gives the place of what was chosen from options, from 0."""

    fields: Mapping[str, str]
    chosen: Mapping[str, int]
    witness: Person | None = None
    passphrase: str = ""


class AskSheet(Sheet):
    """``submitted`` carries :class:`Answers`; the sheet stays open until the act was recorded or refused."""

    def __init__(
        self,
        parent: QWidget,
        *,
        title: str,
        statement: str,
        fields: Sequence[Asked],
        actor: Person,
        witnesses: Sequence[Person] = (),
    ) -> None:
        """Ask for ``fields``; where there are ``witnesses``, one of them signs, too."""
        super().__init__(parent, title=title, name="askSheet", width_px=680)
        self._form = forms.Form()
        self._fields: dict[str, forms.Field] = {}
        for asked in fields:
            self._add(asked)
        self._witness = PartyCard(self.tr("WITNESS"), witnesses, name="witness", fixed=False) if witnesses else None
        if self._witness:
            self._witness.await_passphrase(locked=False)
        self.refused = note(Tone.BAD, "", name="askRefused")
        self.refused.hide()
        key = self.tr("Signed with the open key {key} of {name}").format(key=key_words(actor.key_id), name=actor.name)
        head = hbox(IconLabel("sign", "accent"), (label(self.tr("You sign this with the particulars"), "strong"), 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        says = vbox(head, label(statement, wrap=True, name="askStatement"), label(key, "caption"), margins=margins)
        stays = note(Tone.WARN, self.tr("This adds an entry that cannot be removed."))
        parts = [part for part in (self.refused, self._form, self._witness, frame(says, note="info"), stays) if part]
        self.set_body(sheet_body(*parts))
        self._sign = Button(self.tr("Sign"), name="askPrimary", kind="primary", icon="sign")
        self.set_buttons(self._sign, self.cancel_button())

    def problem(self) -> str:
        """What keeps it from being signed."""
        if not self._form.show_problems():
            return self.tr("Fill in what is marked.")
        if self._witness is None:
            return ""
        if self._witness.person is None:
            return self.tr("Choose the witness.")
        return "" if self._witness.passphrase() else self.tr("The witness types their passphrase.")

    def request(self) -> Answers:
        """What was filled in."""
        chosen = {
            name: field.entry.currentIndex()
            for name, field in self._fields.items()
            if isinstance(field.entry, QComboBox)
        }
        return Answers(
            fields={name: field.text() for name, field in self._fields.items()},
            chosen=chosen,
            witness=self._witness.person if self._witness else None,
            passphrase=self._witness.passphrase() if self._witness else "",
        )

    def submit(self) -> None:
        """Hand over what was filled in; the sheet closes when it was recorded."""
        problem = self.problem()
        self.say(problem)
        if not problem:
            self._sign.setEnabled(False)
            self.submitted.emit(self.request())

    def refuse(self, sentence: str) -> None:
        """Say why nothing was recorded; what was typed stays, but no passphrase."""
        self._sign.setEnabled(True)
        if self._witness:
            self._witness.forget()
        self.refused.say(Tone.BAD, sentence)
        self.refused.show()

    def _add(self, asked: Asked) -> None:
        if asked.options:
            entry: forms.Input = forms.choice(list(asked.options))
        elif asked.lines > 1:
            entry = forms.text_edit(lines=asked.lines)
        else:
            entry = forms.line_edit()
        optional = not asked.sentence and not asked.options
        field = forms.Field(asked.title, entry, name=f"ask-{asked.name}", optional=optional)
        rule = forms.required(asked.sentence) if asked.sentence else None
        self._fields[asked.name] = self._form.add(field, rule=rule)
