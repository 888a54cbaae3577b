"""The dialog about marks of a file: mark it, look at it for a reason, or take its marks back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from forensics_app.model.mark import MARKERS, WITHDRAWERS, Mark, MarkKind
from ui.examine.sheets import name_of
from ui.examine.words import tr, visible
from ui.recording import signed_as
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label
from ui.widgets.notes import note

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.person import Person, Role


class MarkAct(StrEnum):
    """What is done with a mark."""

    LOOK = "look"
    WITHDRAW = "withdraw"
    PRIVILEGED = "privileged"
    SENSITIVE = "sensitive"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRequest:
    """One act and its reason."""

    act: MarkAct
    reason: str


class MarkSheet(FormSheet):
    """Offers what can be done: files without a mark can be marked, a marked file looked at or its mark taken back."""

    def __init__(
        self,
        parent: QWidget,
        image_number: str,
        entries: tuple[CatalogueEntry, ...],
        marks: Sequence[Mark],
        person: Person,
    ) -> None:
        """Name the files; ``marks`` are those of a single file, and ``person`` is offered what they may do."""
        super().__init__(
            parent,
            title=self.tr("Marks of {name}").format(name=name_of(entries, self.tr("{n} files"))),
            subtitle=image_number,
            name="markSheet",
            act=self.tr("Sign and record"),
            width_px=520,
        )
        self._acts = _acts_of(marks, person.roles)
        self._form = forms.Form()
        words = forms.choice([_words(act) for act in self._acts])
        self._choice = words
        self._form.add(forms.Field(self.tr("What to do"), words, name="markAct"))
        field = forms.Field(self.tr("Reason"), forms.text_edit(lines=3), name="markReason")
        self._reason = self._form.add(field, rule=forms.required(self.tr("Write the reason.")))
        told = [
            tr("Marked as {kind} by {name}: {reason}").format(
                kind=mark.kind.value, name=mark.author, reason=visible(mark.reason)
            )
            for mark in marks
        ]
        what = self.tr(
            "The content of a marked file is not shown, exported or printed, nor are its bytes in the volume and on "
            "the media, as far as they have a place of their own there. An export of a whole volume or medium has them."
        )
        self.fill(
            *(label(line, wrap=True, select=True) for line in told),
            self._form if self._acts else note(Tone.INFO, _nothing_allowed(), name="mayNotMark"),
            label(what, "caption", wrap=True),
            signed_as=signed_as(person),
        )
        self.act_button.setEnabled(bool(self._acts))

    @property
    def choice(self) -> QComboBox:
        """Where the act is chosen."""
        return self._choice

    def entry_forms(self) -> Sequence[forms.Form]:
        """Act and reason."""
        return (self._form,)

    def request(self) -> MarkRequest:
        """What was chosen and why."""
        return MarkRequest(act=self._acts[self._choice.currentIndex()], reason=self._reason.text())


def kind_of(act: MarkAct) -> MarkKind:
    """The mark that an act sets."""
    return MarkKind(act.value)


def _acts_of(marks: Sequence[Mark], roles: frozenset[Role]) -> tuple[MarkAct, ...]:
    there = {mark.kind for mark in marks}
    found = []
    if marks and all(roles & set(kind.viewers) for kind in there):
        found.append(MarkAct.LOOK)
    if marks and roles & set(WITHDRAWERS):
        found.append(MarkAct.WITHDRAW)
    if roles & set(MARKERS):
        found += [act for act in (MarkAct.PRIVILEGED, MarkAct.SENSITIVE) if kind_of(act) not in there]
    return tuple(found)


def _nothing_allowed() -> str:
    return tr("Nothing of this is for your role. Files are marked by examiners and supervisors; what is privileged is "
              "looked at by a supervisor, and only a supervisor takes marks back.")  # fmt: skip


def _words(act: MarkAct) -> str:
    return {
        MarkAct.LOOK: tr("Look at it until another file is chosen"),
        MarkAct.WITHDRAW: tr("Take its marks back"),
        MarkAct.PRIVILEGED: tr("Mark as privileged (legal privilege)"),
        MarkAct.SENSITIVE: tr("Mark as sensitive (such as child sexual abuse material)"),
    }[act]
