"""The part of a dossier that says how it is printed, what its author states, and what was done for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

LANGUAGES = {
    "en": "English",
    "fr": "français",
    "uk": "українська",
    "ka": "ქართული",
    "az": "azərbaycanca",
    "ro": "română",
}
"""Languages of reports by their ISO 639-1 code, each by its own name; all but the first have a catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text of the laboratory that stands in place of one of the program.

    Attributes:
        part: Its table in the catalogue, such as ``words`` or ``declaration``.
        name: Its name there; of ``words`` the English text.
        paragraphs: What is printed.
    """

    part: str
    name: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stationery:
    """The laboratory's own paper, and the language.

    Attributes:
        language: ISO 639-1 code, one of :data:`LANGUAGES`.
        letterhead: Lines below the name of the laboratory on the first page.
        logo_jpeg: A baseline JPEG that the child process made of the laboratory's logo.
        texts: The laboratory's own words in this language.
        reviewed_by: Who in the laboratory compared the catalogue with the English; empty for nobody.
        files: Name and SHA-256 of each file that this was read from.
    """

    language: str = "en"
    letterhead: tuple[str, ...] = ()
    logo_jpeg: bytes | None = None
    texts: tuple[Text, ...] = ()
    reviewed_by: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the author states to an item that no record can supply (REQ-62).

    Attributes:
        item: Id of the item in the table of the standards, such as ``crimpr-19.4-b``.
    """

    item: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One kind of work on one thing, as the ledger tells of it.

    Attributes:
        kind: Name in the table of operations, such as ``acquire`` or ``search``.
        subject: What it was done to, such as the number of an image.
        at: When the (last) entry was recorded, aware.
        by: Who did it.
        entry: Sequence of the entry in the case chain.
        times: How often it was done.
        limits: What the entry says was left out, one sentence each.
    """

    kind: str
    subject: str
    at: datetime | None = None
    by: str | None = None
    entry: int | None = None
    times: int = 1
    limits: tuple[str, ...] = ()
