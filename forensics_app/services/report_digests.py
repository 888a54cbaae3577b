"""Of what the entries inside a report record each digest, so that one cited for something else is found (REQ-67)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from chain_of_custody.ledger import Content
from forensics_app.db.tables import CHOSEN_FILE, EXHIBIT, FINDING, IMAGE, PHOTO
from forensics_app.model.names import storable
from forensics_app.reports.case_values import text
from forensics_app.reports.enclosures import (
    COMPUTED,
    CONTENT,
    LISTED,
    PHOTOGRAPH,
    STORED,
    WHOLE,
    CitedDigest,
    of_finding,
)
from forensics_app.reports.enclosures import FINDING as IN_FINDING

_COLUMNS = ("md5", "sha1", "sha256")


class Found(Enum):
    """What the entries tell of a cited digest."""

    RECORDED = "recorded of what it is cited for"
    IN_CATALOGUE = "not recorded; the SHA-256 of the catalogue that it was read out of is"
    OTHER = "another one is recorded of what it is cited for"
    NOT_RECORDED = "not recorded of what it is cited for"


@dataclass(slots=True)
class RecordedDigests:
    """Every digest that entries ever recorded of images, chosen files, findings and photographs, by what it is of.

    An exhibit is known by each number that it had.
    """

    _numbers: dict[str, set[str]] = field(default_factory=dict)
    _rows: dict[tuple[str, str], dict[str, set[str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, contents: Iterable[Content]) -> RecordedDigests:
        """Gather what entries say, which have to be verified already."""
        found = cls()
        for content in contents:
            for change in content.changes:
                values = {name: str(after) for name, (_, after) in change.set.items() if after is not None}
                if change.table == EXHIBIT.name and "number" in values:
                    found._numbers.setdefault(change.id, set()).add(values["number"])
                elif change.table in {IMAGE.name, CHOSEN_FILE.name, PHOTO.name, FINDING.name}:
                    row = found._rows.setdefault((change.table, change.id), {})
                    for name, value in values.items():
                        row.setdefault(name, set()).add(value)
        return found

    def judge(self, cited: CitedDigest) -> Found:
        """Whether a digest is recorded of what a report cites it for."""
        if cited.of.startswith(LISTED):
            return Found.IN_CATALOGUE if self._is_of_catalogue(cited) else Found.NOT_RECORDED
        of_it = [one for row in self._about(cited) if (one := _digests(row, cited))]
        if any(cited.digest in one for one in of_it):
            return Found.RECORDED
        is_of_one = cited.of.endswith((COMPUTED, STORED)) or cited.of.startswith(IN_FINDING)
        return Found.OTHER if of_it and is_of_one else Found.NOT_RECORDED

    def _is_of_catalogue(self, cited: CitedDigest) -> bool:
        """Whether a catalogue of that image with that SHA-256 is recorded."""
        catalogue = cited.of.removeprefix(LISTED)
        return any(
            catalogue in row.get("catalogue_sha256", ()) and cited.exhibit in self._numbers.get(row_id, ())
            for (table, row_id), row in self._rows.items()
            if table == IMAGE.name
        )

    def _about(self, cited: CitedDigest) -> Iterator[Mapping[str, set[str]]]:
        """The rows of what a digest is cited for: one of an image, any of files of a name or photographs."""
        for (table, row_id), row in self._rows.items():
            match table:
                case IMAGE.name if cited.of.endswith((COMPUTED, STORED)):
                    numbers = self._numbers.get(row_id, set())
                case CHOSEN_FILE.name if cited.of.startswith(CONTENT):
                    names = {_bare(text(storable(path))) for path in row.get("path", ())}
                    numbers = self._named(row, "image_id") if _bare(cited.name) in names else set()
                case FINDING.name if cited.of.startswith(IN_FINDING):
                    is_it = cited.of in _findings(row) and _bare(cited.name) in _places(row)
                    numbers = self._named(row, "image_id") if is_it else set()
                case PHOTO.name if cited.of == PHOTOGRAPH:
                    numbers = self._named(row, "exhibit_id")
                case _:
                    continue
            if cited.exhibit in numbers:
                yield row

    def _named(self, row: Mapping[str, set[str]], column: str) -> set[str]:
        return {number for one in row.get(column, ()) for number in self._numbers.get(one, ())}


def _digests(row: Mapping[str, set[str]], cited: CitedDigest) -> set[str]:
    """What a row holds as digests by the algorithm that is cited, of the media or as its container stores them."""
    algorithm = cited.algorithm.lower().replace("-", "")
    if cited.of.startswith(IN_FINDING):
        column = "sha256" if cited.of.endswith(WHOLE) else "bytes_sha256"
        return row.get(column, set()) if algorithm == "sha256" else set()
    if not cited.of.endswith(STORED):
        return row.get(algorithm, set()) if algorithm in _COLUMNS else set()
    found = set()
    for told in row.get("stored_digests", ()):
        try:
            stored = json.loads(told)
        except ValueError:
            continue
        if isinstance(stored, dict) and algorithm in stored:
            found.add(str(stored[algorithm]))
    return found


def _findings(row: Mapping[str, set[str]]) -> set[str]:
    """All that a digest of a finding can be of."""
    spans = {
        (int(start), int(length)) for start in row.get("offset_bytes", ()) for length in row.get("length_bytes", ())
    }
    return {of_finding(int(number), span) for number in row.get("number", ()) for span in (None, *spans)}


def _places(row: Mapping[str, set[str]]) -> set[str]:
    """The path of the file that a finding is in, or what of the image."""
    paths = {_bare(text(storable(path))) for path in row.get("path", ()) if path}
    return paths or row.get("area", set())


def _bare(name: str) -> str:
    """A name without the apostrophe that keeps a spreadsheet from running it."""
    return name.removeprefix("'")
