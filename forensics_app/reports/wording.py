"""The standing texts of a report: data under `resources/report`, so that a laboratory can edit them."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import NamedTuple

import resources


class Step(NamedTuple):
    """One step that a reader can repeat."""

    do: str
    command: str


class Wording:
    """Texts by part and name; a text that is missing from the file is a KeyError, found by the tests."""

    def __init__(self, tables: dict[str, dict[str, object]], *, version: str, review_by: str) -> None:
        """Keep the tables of the file, its version, and the day by which somebody must read it again (REQ-03)."""
        self._tables = tables
        self.version = version
        self.review_by = review_by

    def text(self, part: str, name: str) -> str:
        """One paragraph."""
        return str(self._tables[part][name])

    def texts(self, part: str, name: str) -> tuple[str, ...]:
        """Several paragraphs."""
        found = self._tables[part][name]
        return tuple(map(str, found)) if isinstance(found, list) else (str(found),)

    def steps(self, part: str) -> tuple[Step, ...]:
        """Steps with their commands."""
        found = self._tables[part]["steps"]
        return tuple(Step(**step) for step in found) if isinstance(found, list) else ()


@cache
def english() -> Wording:
    """The English texts."""
    content = tomllib.loads(resources.path("report/texts-en.toml").read_text(encoding="utf-8"))
    tables = {name: table for name, table in content.items() if isinstance(table, dict)}
    return Wording(tables, version=str(content["version"]), review_by=str(content["review_by"]))
