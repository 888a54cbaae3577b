"""What a report is told to, where it is not drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from forensics_app.reports.lines import Piece


class Teller(Protocol):
    """Writes what a report says, in order, in another format than on paper; texts come as they are, unescaped."""

    def heading(self, number: str, title: str, level: int) -> None:
        """A numbered heading of level 1 or 2."""

    def paragraph(self, lines: Sequence[Piece]) -> None:
        """Lines of text below one another."""

    def properties(self, rows: Sequence[tuple[Piece, Sequence[Piece]]]) -> None:
        """Labels with their values."""

    def picture(self, jpeg: bytes, pixels: tuple[int, int], size_pt: tuple[float, ...], words: str) -> None:
        """A picture, of that many pixels, as large as on paper, with the words for who does not see it."""

    def table(self, name: str, titles: Sequence[str], figures: Sequence[bool], widths_pt: Sequence[float]) -> None:
        """The head of a table: which columns hold numbers, and how wide they are on paper."""

    def row(self, cells: Sequence[Sequence[Piece]], above: Sequence[Piece], below: Sequence[Piece]) -> None:
        """A row of it, with what stands over or under all its cells but the first."""

    def end_table(self, last: str | None) -> None:
        """Its end, with the line that says that nothing follows."""
