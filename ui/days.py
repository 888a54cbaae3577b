"""Days: how they are written in forms, what is wrong with one, and whether a last day is near."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from PySide6.QtCore import QCoreApplication

from ui.widgets import forms

_SOON = timedelta(days=60)


def day_field(title: str, *, name: str, optional: bool = False, hint: str = "") -> forms.Field:
    """A field for a day."""
    return forms.Field(title, forms.line_edit(placeholder="YYYY-MM-DD"), name=name, optional=optional, hint=hint)


def day_of(words: str) -> date | None:
    """The day that was written; None for none.

    Raises:
        ValueError: It is no day.
    """
    return date.fromisoformat(words) if words else None


def is_soon(last_day: date, today: date) -> bool:
    """Whether something ends within 60 days, so that it is to be renewed now."""
    return last_day - today <= _SOON


def day_rule(*, required: str = "") -> Callable[[str], str]:
    """A rule: it is a day; ``required`` is said where there is none."""

    def problem(words: str) -> str:
        try:
            found = day_of(words)
        except ValueError:
            return QCoreApplication.translate("Days", "Write the day like 2026-01-31.")
        return required if found is None else ""

    return problem
