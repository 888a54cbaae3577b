"""A dialog that asks for a few particulars of one act, shows what is signed, and takes a witness where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.custody import PaperKind
from ui.custody.asked_here import asked_here
from ui.custody.party import PartyCard
from ui.custody.receipt_fields import PaperField, SignatureField
from ui.custody.words import key_words
from ui.reason_field import in_words, with_words_asked
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
    from forensics_app.model.scene import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One field.

    Attributes:
        sentence: Asks for it when it is required.
        options: What is chosen from.
        lines: How many it has.
        in_words: Whether it has to say something in words, which its hint tells.
    """

    name: str
    title: str
    sentence: str = ""
    options: tuple[str, ...] = ()
    lines: int = 1
    hint: str = ""
    in_words: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was filled in; ``chosen`` gives the place of what was chosen from options, from 0."""

    fields: Mapping[str, str]
    chosen: Mapping[str, int]
    witness: Person | None = None
    passphrase: str = ""
    papers: Mapping[PaperKind, Path] = field(default_factory=dict)


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
        taker: str = "",
        scratch: Path,
        rules: Sequence[Rule] = (),
    ) -> None:
        """Ask for ``fields``; where there are ``witnesses``, one of them signs, too; ``taker`` signs without a key.

        ``scratch`` is where such a signature is kept until the act is recorded; ``rules`` are what the guidance asks
        at this act.
        """
        super().__init__(parent, title=title, name="askSheet", width_px=680)
        self._form, self._scratch = forms.Form(), scratch
        self._fields: dict[str, forms.Field] = {}
        self._statement, self._titles = statement, {asked.name: asked.title for asked in fields}
        self._says = label(statement, wrap=True, name="askStatement")
        for asked in fields:
            self._add(asked)
        self._witness = PartyCard(self.tr("WITNESS"), witnesses, name="witness", fixed=False) if witnesses else None
        if self._witness:
            self._witness.await_passphrase(locked=False)
        self._papers = self._add_papers(taker, statement) if taker else None
        self.refused = note(Tone.BAD, "", name="askRefused")
        self.refused.hide()
        key = self.tr("Signed with the open key {key} of {name}").format(key=key_words(actor.key_id), name=actor.name)
        head = hbox(IconLabel("sign", "accent"), (label(self.tr("You sign this"), "strong"), 1))
        margins = (Space.M, Space.S + 2, Space.M, Space.S + 2)
        says = vbox(head, self._says, label(key, "caption"), margins=margins)
        stays = note(Tone.WARN, self.tr("This adds an entry that cannot be removed."))
        signed = frame(says, note="info")  # in sight where the last thing is done before it is signed
        asked_for = (self.refused, self._form, asked_here(rules), stays, signed, self._witness)
        self.set_body(sheet_body(*(part for part in asked_for if part)))
        self._sign = Button(self.tr("Sign"), name="askPrimary", kind="primary", icon="sign")
        self.set_buttons(self._sign, self.cancel_button())

    def problem(self) -> str:
        """What keeps it from being signed."""
        if not self._form.show_problems():
            return self.tr("Fill in what is marked.")
        if self._papers is not None and not self._signed():
            return self.tr("Who takes it signs on the screen, or choose the form that they signed.")
        if self._witness is None:
            return ""
        if self._witness.person is None:
            return self.tr("Choose the witness.")
        return "" if self._witness.passphrase() else self.tr("The witness types their passphrase.")

    def request(self) -> Answers:
        """What was filled in."""
        chosen = {
            name: shown.entry.currentIndex()
            for name, shown in self._fields.items()
            if isinstance(shown.entry, QComboBox)
        }
        return Answers(
            fields={name: shown.text() for name, shown in self._fields.items()},
            chosen=chosen,
            witness=self._witness.person if self._witness else None,
            passphrase=self._witness.passphrase() if self._witness else "",
            papers=self._signed(),
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

    def _add_papers(self, taker: str, what: str) -> tuple[SignatureField, PaperField]:
        signature = SignatureField(signer=lambda: taker, what=what, optional=False, scratch=self._scratch)
        signature.set_title(self.tr("Signature of {name}, on the screen").format(name=taker), optional=False)
        paper = PaperField(PaperKind.FORM, optional=False)
        paper.set_title(self.tr("Or the form that they signed"), optional=False)
        self._form.add(signature)
        self._form.add(paper)
        return signature, paper

    def _signed(self) -> dict[PaperKind, Path]:
        if self._papers is None:
            return {}
        signature, paper = self._papers
        chosen = Path(paper.text()) if paper.text() else None
        found = {PaperKind.SIGNATURE: signature.drawn, PaperKind.FORM: chosen}
        return {kind: path for kind, path in found.items() if path is not None}

    def _add(self, asked: Asked) -> None:
        if asked.options:
            entry: forms.Input = forms.choice(list(asked.options))
        elif asked.lines > 1:
            entry = forms.text_edit(lines=asked.lines)
        else:
            entry = forms.line_edit()
        optional = not asked.sentence and not asked.options
        hint = with_words_asked(asked.hint) if asked.in_words else asked.hint
        made = forms.Field(asked.title, entry, name=f"ask-{asked.name}", optional=optional, hint=hint)
        asks = in_words if asked.in_words else forms.required
        rule = asks(asked.sentence) if asked.sentence else None
        self._fields[asked.name] = self._form.add(made, rule=rule)
        made.changed.connect(self._restate)

    def _restate(self, *_: object) -> None:
        """Say what is signed, with everything that is told so far."""
        told = "; ".join(
            self.tr("{what}: {value}").format(what=self._titles[name], value=shown.text().strip())
            for name, shown in self._fields.items()
            if shown.text().strip()
        )
        self._says.setText(f"{self._statement} {told}." if told else self._statement)
