"""A part of a statement on a catalogue, with its parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A part of a statement with its parameters; empty text is no condition."""

    text: str
    values: tuple[object, ...]

    @property
    def where(self) -> str:
        """As a WHERE clause."""
        return f" WHERE {self.text}" if self.text else ""

    def and_(self, text: str, *values: object) -> Condition:
        """Both conditions."""
        both = f"{self.text} AND {text}" if self.text else text
        return Condition(text=both, values=(*self.values, *values))


def escaped(part: str) -> str:
    r"""Text in which LIKE finds nothing special; to be used with ``ESCAPE '\'``."""
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
