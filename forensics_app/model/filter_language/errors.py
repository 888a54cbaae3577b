"""What is wrong with a filter, where, and what would be right."""

from __future__ import annotations

from forensics_app.errors import UsageError


class FilterError(UsageError):
    """A filter cannot be understood, so nothing was filtered by it.

    Attributes:
        start: Where the wrong part begins in the text, in characters.
        end: Behind its last character; more than ``start`` unless something is missing at the end of the text.
    """

    def __init__(self, what: str, start: int, end: int, *, right: str) -> None:
        """Keep the words.

        Args:
            what: What is wrong, in a sentence.
            start: Where the wrong part begins.
            end: Where it ends.
            right: What would be right, in a sentence.
        """
        super().__init__(what, kept="Nothing was filtered by it.", then=right)
        self.start, self.end = start, end
