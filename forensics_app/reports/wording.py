"""The standing texts and the words of a report: data under `resources/report`, which a laboratory can correct.

A catalogue of another language has the same parts as the English one, and beside them `[words]`: the English text of
everything else that the program prints, each with its text in that language. What a catalogue lacks is printed in
English, text by text.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import resources
from forensics_app.model.dossier import Dossier, Stationery, Text
from forensics_app.reports.words import Words

WORDS = "words"
DRAFT_WORDS = "The words of this report are an unreviewed translation; where they differ, the English words prevail."
PLACEHOLDERS = ("laboratory", "case", "report", "author", "reviewer", "zone")
"""What a standing text may name in braces."""


class Step(NamedTuple):
    """One step that a reader can repeat."""

    do: str
    command: str


class Catalogue(NamedTuple):
    """One catalogue as it lies in its file.

    Attributes:
        reviewed_by: Who compared all of it with the English, and when; empty for a draft.
        tables: Texts by part and name.
    """

    language: str
    version: str
    review_by: str
    reviewed_by: str
    decimal: str
    groups_digits: bool
    tables: Mapping[str, Mapping[str, object]]


class Wording:
    """Texts by part and name; a text that is missing from the English file is a KeyError, found by the tests."""

    def __init__(
        self, tables: Mapping[str, Mapping[str, object]], catalogue: Catalogue, values: Mapping[str, str]
    ) -> None:
        """Keep the tables, the catalogue that gives version and review (REQ-03), and the values of placeholders."""
        self._tables = tables
        self._values = values
        self.version = catalogue.version
        self.review_by = catalogue.review_by
        self.reviewed_by = catalogue.reviewed_by
        self.language = catalogue.language

    def text(self, part: str, name: str) -> str:
        """One paragraph."""
        return self._filled(self._tables[part][name])

    def texts(self, part: str, name: str) -> tuple[str, ...]:
        """Several paragraphs."""
        found = self._tables[part][name]
        return tuple(map(self._filled, found)) if isinstance(found, list | tuple) else (self._filled(found),)

    def steps(self, part: str) -> tuple[Step, ...]:
        """Steps with their commands."""
        found = self._tables[part]["steps"]
        return tuple(Step(**step) for step in found) if isinstance(found, list) else ()

    @property
    def is_draft(self) -> bool:
        """Whether nobody has compared this language with the English."""
        return self.language != "en" and not self.reviewed_by

    def _filled(self, text: object) -> str:
        return str(text).format_map(self._values) if "{" in str(text) else str(text)


def catalogue_path(language: str) -> Path:
    """Where the program's catalogue of a language lies."""
    return resources.path(f"report/texts-{language}.toml")


@cache
def catalogue(language: str) -> Catalogue:
    """The program's catalogue of a language.

    Raises:
        KeyError: The program has none of it.
    """
    path = catalogue_path(language)
    if not path.is_file():
        raise KeyError(language)
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    return Catalogue(
        language=language,
        version=str(content["version"]),
        review_by=str(content["review_by"]),
        reviewed_by=str(content.get("reviewed_by", "")),
        decimal=str(content.get("decimal", ".")),
        groups_digits=bool(content.get("groups_digits", language == "en")),
        tables={name: table for name, table in content.items() if isinstance(table, dict)},
    )


def wording_of(dossier: Dossier) -> Wording:
    """The standing texts of a report: the laboratory's, else the program's in that language, else the English."""
    stationery, head = dossier.stationery, dossier.head
    english, own = catalogue("en"), catalogue(stationery.language)
    tables = {part: {**table, **own.tables.get(part, {})} for part, table in english.tables.items()}
    for text in stationery.texts:
        if text.part in tables:
            tables[text.part][text.name] = text.paragraphs if len(text.paragraphs) != 1 else text.paragraphs[0]
    if stationery.reviewed_by:
        own = own._replace(reviewed_by=stationery.reviewed_by)
    values = {
        "laboratory": dossier.laboratory.name,
        "case": dossier.case.number,
        "report": head.number,
        "author": dossier.author.name,
        "reviewer": dossier.reviewer.name if dossier.reviewer else "",
        "zone": head.zone,
    }
    return Wording(tables, own, values)


def words_of(stationery: Stationery) -> Words:
    """The words of a report's language, with the laboratory's own in place of the program's."""
    own = catalogue(stationery.language)
    table = {name: str(text) for name, text in own.tables.get(WORDS, {}).items()}
    table |= {text.name: text.paragraphs[0] for text in stationery.texts if text.part == WORDS}
    return Words(language=stationery.language, table=table, groups_digits=own.groups_digits, decimal=own.decimal)


def placeholders(text: str) -> set[str] | None:
    """The names in braces of a text; None where a brace is left open, or holds more than a name."""
    try:
        found = list(Formatter().parse(text))
    except ValueError:
        return None
    names = {name for _, name, _, _ in found if name is not None}
    plain = all(name.isidentifier() for name in names) and not any(spec or turn for _, _, spec, turn in found)
    return names if plain else None


def faults(text: Text) -> Iterator[str]:
    """What is wrong with a laboratory's text, in sentences: a part that is none, a placeholder that is none."""
    tables = catalogue("en").tables
    is_word = text.part == WORDS
    if not is_word and text.name not in tables.get(text.part, {}):
        yield f"The program prints no text “{text.name}” of the part “{text.part}”."
        return
    allowed = placeholders(text.name) if is_word else set(PLACEHOLDERS)
    for paragraph in text.paragraphs:
        names = placeholders(paragraph)
        where = f"“{text.name}” of the part “{text.part}”"
        if names is None:
            yield f"In the text {where} a brace is open, or holds something else than a name."
        elif not names <= (allowed or set()):
            strange = ", ".join(sorted(names - (allowed or set())))
            yield f"The text {where} names {{{strange}}}, which the program does not fill there."
