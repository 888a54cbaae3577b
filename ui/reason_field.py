"""Where people say why: what counts as words is told under the field, before anybody is refused (REQ-20, REQ-22)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from forensics_app.model.incident import is_in_words
from ui.widgets import forms


def reason_field(title: str, *, name: str, lines: int = 1, hint: str = "", optional: bool = False) -> forms.Field:
    """A field for words that explain something; its hint ends with what counts as words."""
    entry = forms.text_edit(lines=lines) if lines > 1 else forms.line_edit()
    return forms.Field(title, entry, name=name, hint=with_words_asked(hint), optional=optional)


def with_words_asked(hint: str = "") -> str:
    """A hint with what counts as words behind it."""
    return f"{hint} {_words_asked()}".strip()


def in_words(sentence: str) -> Callable[[str], str]:
    """A rule: the field says something in words; ``sentence`` says what to do."""
    return lambda text: "" if is_in_words(text) else with_words_asked(sentence)


def _words_asked() -> str:
    words = "In words: at least three letters or digits; a character that is a syllable or a word counts as two."
    return QCoreApplication.translate("ReasonField", words)
