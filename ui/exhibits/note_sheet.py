"""Asks for the words of a note, and when what it tells of was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from forensics_app.model.case import Case
from forensics_app.model.exhibit import Exhibit
from forensics_app.model.note import NewNote, Note
from ui.exhibits.moment import Moment, MomentField
from ui.widgets import forms
from ui.widgets.form_sheet import FormSheet
from ui.widgets.labels import label


class NoteSheet(FormSheet):
    """``submitted`` carries a :class:`NewNote`."""

    def __init__(
        self, parent: QWidget, about: Exhibit | Case, first: Note | None, *, now: datetime, zone: ZoneInfo,
        signed_as: str,
    ) -> None:  # fmt: skip
        """Ask for a note about ``about``, or for an addendum to its note ``first``; ``now`` stands in the time."""
        title = self.tr("Note about {number}").format(number=about.number)
        if first is not None:
            title = self.tr("Addendum to note {number}").format(number=first.number)
        subtitle = about.title if isinstance(about, Case) else about.description
        super().__init__(parent, title=title, subtitle=subtitle, name="noteSheet", act=self.tr("Sign and record"))
        self._about, self._first = about, first
        self._form = forms.Form()
        self._words = self._form.add(
            forms.Field(self.tr("What was done or seen"), forms.text_edit(lines=6), name="noteText"),
            rule=forms.required(self.tr("Write the note.")),
        )
        self._moment = Moment(now, zone)
        self._form.add(MomentField(self.tr("When ({zone})").format(zone=zone.key), self._moment, name="noteToldAt"))
        stays = label(self.tr("A note is never changed. What is to be corrected is added to it."), "small", wrap=True)
        quoted = [label(first.text, "muted", wrap=True)] if first is not None else []
        self.fill(*quoted, self._form, stays, signed_as=signed_as)
        self._words.entry.setFocus()

    def entry_forms(self) -> Sequence[forms.Form]:
        """The note."""
        return (self._form,)

    def request(self) -> NewNote:
        """The note."""
        about = self._about
        return NewNote(
            case_id=about.id if isinstance(about, Case) else about.case_id,
            text=self._words.text(),
            told_at=self._moment.told(),
            exhibit_id=None if isinstance(about, Case) else about.id,
            addendum_to=None if self._first is None else self._first.id,
        )
