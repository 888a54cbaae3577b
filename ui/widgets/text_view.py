"""Text that is only read: the content of a file, or the very bytes that were signed."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit

from ui.text import count_text

SHOWN_LIMIT = 1_000_000


class TextView(QPlainTextEdit):
    """Read-only text in the fixed-width font; more than a million characters are cut, and the cut is said."""

    def __init__(self, *, title: str, name: str = "textView") -> None:
        """Start empty."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setReadOnly(True)
        self.setProperty("viewer", True)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)

    def show_text(self, text: str) -> None:
        """Show a text from its beginning."""
        if len(text) <= SHOWN_LIMIT:
            self.setPlainText(text)
        else:
            end = self.tr("[Only the first {shown} of {all} characters are shown here.]")
            words = end.format(shown=count_text(SHOWN_LIMIT), all=count_text(len(text)))
            self.setPlainText(f"{text[:SHOWN_LIMIT]}\n\n{words}")

    def find_next(self, words: str, *, backward: bool = False) -> bool:
        """Select the next place that holds ``words``, going on from the other end; tell whether there is one."""
        flags = QTextDocument.FindFlag.FindBackward if backward else QTextDocument.FindFlag(0)
        if self.find(words, flags):
            return True
        kept = self.textCursor()
        self.moveCursor(QTextCursor.MoveOperation.End if backward else QTextCursor.MoveOperation.Start)
        if self.find(words, flags):
            return True
        self.setTextCursor(kept)
        return False
