"""The tab with the notes about an exhibit or a case, oldest first, each with its addenda under it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from forensics_app.model.note import Note
from ui import text
from ui.exhibits.parts import refill, tab_column
from ui.theme import Space
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState


class NotesTab(QWidget):
    """Shows notes; ``add_asked`` carries the note to which an addendum is wanted, or None for a new note."""

    add_asked = Signal(object)

    def __init__(self, *, of_case: bool = False) -> None:
        """Start empty; in those ``of_case`` each note says which exhibit it is about."""
        super().__init__()
        self._of_case = of_case
        self.setObjectName("notesTab")
        self._column = tab_column()
        self.setLayout(self._column)

    def show_notes(self, notes: Sequence[Note], zone: tzinfo, *, may_write: bool) -> None:
        """Show the notes about something; ``may_write`` says that the person may add some."""
        add = Button(self.tr("Write a note…"), name="writeNote", icon="sign")
        add.clicked.connect(lambda: self.add_asked.emit(None))
        if not notes:
            sentence = self.tr("No notes yet. Write down what you do while you do it; a note is never changed.")
            refill(self._column, [EmptyState("edit", sentence, add if may_write else None, name="noNotes")])
            return
        parts: list[QWidget] = []
        for note in _in_threads(notes):
            parts += [self._note(note, zone, may_write=may_write), line()]
        refill(self._column, [*parts, add] if may_write else parts)

    def _note(self, note: Note, zone: tzinfo, *, may_write: bool) -> QWidget:
        told = self.tr("{author}, {time}").format(author=note.author, time=text.time_text(note.told_at, to_minute=True))
        recorded = self.tr("Recorded {time}").format(time=text.time_text(note.recorded_at, zone))
        title = self.tr("Note {number}").format(number=note.number)
        if note.addendum_to is not None:
            title = self.tr("Note {number}, addendum to {first}").format(number=note.number, first=note.addendum_to)
        if self._of_case and note.exhibit:
            title = self.tr("{title}, about {exhibit}").format(title=title, exhibit=note.exhibit)
        head = hbox((label(title, "strong", wrap=True), 1))
        if may_write:
            more = Button(self.tr("Add to it…"), name=f"addTo{note.number}", kind="quiet")
            more.setAccessibleName(self.tr("Write an addendum to note {number}").format(number=note.number))
            more.clicked.connect(lambda: self.add_asked.emit(note))
            head.addWidget(more)
        words = label(note.text, wrap=True, select=True, name=f"note{note.number}")
        made = plain(vbox(plain(head), words, label(f"{told}\n{recorded}", "caption", wrap=True), gap=Space.XXS))
        made.setAccessibleName(f"{title}: {note.text}. {told}")
        return made


def _in_threads(notes: Sequence[Note]) -> list[Note]:
    """Notes in the order of recording, each followed by what adds to it."""
    found: list[Note] = []

    def take(note: Note) -> None:
        found.append(note)
        for more in notes:
            if more.addendum_to == note.number:
                take(more)

    shown = {note.number for note in notes}
    for note in notes:
        if note.addendum_to not in shown:
            take(note)
    return found
