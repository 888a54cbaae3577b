"""What the standards of reports ask for, and whether a report has it (REQ-62)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item that a standard asks for.

    Attributes:
        id: What a statement of the author names.
        standard: Name and edition of the standard.
        clause: Its clause or letter.
        asks: What is asked for, in our words.
        records: What of the record supplies it, by the names that the program knows.
        is_stated: Whether the author can state it where no record has it.
    """

    id: str
    standard: str
    clause: str
    asks: str
    records: tuple[str, ...] = ()
    is_stated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedItem:
    """One item, and what was found of it.

    Attributes:
        supplied_by: What supplies it, in words; empty where nothing does.
        stated: The author's own words to it; empty for none.
        lacking: Of what it is missing though it is supplied of others: numbers of exhibits or images.
    """

    item: Item
    supplied_by: str = ""
    stated: str = ""
    lacking: tuple[str, ...] = ()

    @property
    def is_supplied(self) -> bool:
        """Whether it is there, of everything it is asked of; the author's statement stands for all of it."""
        return bool(self.stated) or bool(self.supplied_by and not self.lacking)
