"""What was typed at the last intake on this computer, to be offered at the next: never anything about evidence."""

from __future__ import annotations

from PySide6.QtCore import QSettings

_KEPT = 8


class Memory:
    """Remembers names of write blockers, officers and witnesses, the last one first."""

    def __init__(self, store: QSettings) -> None:
        """Keep them in ``store``."""
        self._store = store

    def known(self, kind: str) -> list[str]:
        """The names of a kind (``writeBlocker``, ``officer``, ``witness``), the last one first."""
        found = self._store.value(f"intake/{kind}", [])
        return [str(name) for name in (found if isinstance(found, list) else [found]) if name]

    def last(self, kind: str) -> str:
        """The name used last, or an empty text."""
        return next(iter(self.known(kind)), "")

    def remember(self, kind: str, name: str) -> None:
        """Put a name first; an empty one is not kept."""
        if name.strip():
            others = [known for known in self.known(kind) if known != name.strip()]
            self._store.setValue(f"intake/{kind}", [name.strip(), *others][:_KEPT])
