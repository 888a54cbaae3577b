"""Days: how they are written in forms, what is wrong with one, and whether a last day is near."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.widgets import forms

if TYPE_CHECKING:
    from forensics_app.model.device import Device
    from forensics_app.model.scene import Rule

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


def overdue_review(asked: Iterable[Rule | Device]) -> str:
    """What is said of what the guidance asks once a review of it is past (REQ-03); empty where none is."""
    today = datetime.now(UTC).date()
    past = [one.origin.review_by for one in asked if one.origin.is_overdue(today)]
    if not past:
        return ""
    words = QCoreApplication.translate(
        "Days", "What is asked here should have been reviewed by {day}. Ask whether it still holds."
    )
    return words.format(day=min(past).isoformat())


def day_rule(*, required: str = "") -> Callable[[str], str]:
    """A rule: it is a day; ``required`` is said where there is none."""

    def problem(words: str) -> str:
        try:
            found = day_of(words)
        except ValueError:
            return QCoreApplication.translate("Days", "Write the day like 2026-01-31.")
        return required if found is None else ""

    return problem
