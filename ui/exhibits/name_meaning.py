"""Asks who is meant by a name that somebody of the laboratory bears too, or that holds theirs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from forensics_app.model.meant import NameMeans
from ui.widgets import forms


def meaning_field(title: str) -> forms.Field:
    """A field to choose who is meant."""
    entry = forms.choice([_tr("Choose …"), *name_meanings()])
    hint = _tr("Somebody of the laboratory has this name, or one that it holds.")
    return forms.Field(title, entry, name="nameMeans", hint=hint)


def name_meanings() -> tuple[str, ...]:
    """Who can be meant by a name."""
    words = {
        NameMeans.OURS: _tr("the person of the laboratory"),
        NameMeans.OTHER: _tr("somebody else, or a firm"),
    }
    return tuple(words[one] for one in NameMeans)


def meaning_chosen(field: forms.Field) -> str:
    """Who is chosen; empty while nobody is."""
    return tuple(NameMeans)[field.index - 1].value if field.index > 0 else ""


def _tr(words: str) -> str:
    return QCoreApplication.translate("NameMeaning", words)
