"""Which directories of a file system are listed: all, but for those that ended an earlier attempt."""

from __future__ import annotations

from collections.abc import Callable


class Folders:
    """Asked by a walk before each directory, and on the way through a large one."""

    def __init__(self, why_not: Callable[[bool], str | None] = lambda is_next: None) -> None:
        """Ask ``why_not`` with whether it is about the next directory; what it gives is why that one is not listed."""
        self._why_not = why_not

    def begin(self, path: str) -> str | None:
        """That the next directory, at ``path``, is not listed, as a sentence; None when it is."""
        why = self._why_not(True)
        return why and f"The directory {path or '/'} is not listed, entries are missing: {why}."

    def go_on(self, path: str) -> str | None:
        """That the rest of it is not listed, as a sentence; None when it is."""
        why = self._why_not(False)
        return why and f"The directory {path or '/'} is not listed to its end, entries are missing: {why}."


ALL = Folders()
