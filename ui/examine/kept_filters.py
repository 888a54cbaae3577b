"""Filters that a person keeps on this computer: a convenience of theirs, nothing of the record."""

from __future__ import annotations

from PySide6.QtCore import QSettings

_FILTERS = "examine/keptFilters"
MOST_KEPT = 40


class KeptFilters:
    """Their texts, the newest first."""

    def __init__(self, store: QSettings) -> None:
        """Keep them in ``store``."""
        self._store = store

    @property
    def filters(self) -> tuple[str, ...]:
        """All of them."""
        stored = self._store.value(_FILTERS)
        texts = stored if isinstance(stored, list) else [stored] if isinstance(stored, str) else []
        return tuple(str(text) for text in texts if text)

    def keep(self, text: str) -> None:
        """Put one first; the oldest give way."""
        others = [kept for kept in self.filters if kept != text]
        self._store.setValue(_FILTERS, [text, *others][:MOST_KEPT])

    def forget(self, text: str) -> None:
        """Keep one no longer."""
        self._store.setValue(_FILTERS, [kept for kept in self.filters if kept != text])
