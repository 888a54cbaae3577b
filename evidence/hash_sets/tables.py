"""Tables with a header: CSV with commas, semicolons or tabs, NSRLFile.txt of the older NSRL among them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress
from pathlib import Path

from evidence.digest import OnProgress
from evidence.hash_sets.base import (
    ALGORITHM_OF,
    DIGEST_BYTES,
    NAMES,
    NO_END,
    NOTED,
    REFUSED,
    STUMP,
    Batch,
    Remarks,
    is_digest,
)
from evidence.hash_sets.lines import blocks

_ANY = "any"
_NAMES = {
    "md5": "md5", "md5hash": "md5", "hashmd5": "md5", "md5sum": "md5",
    "sha1": "sha1", "sha1hash": "sha1", "hashsha1": "sha1", "sha1sum": "sha1",
    "sha256": "sha256", "sha256hash": "sha256", "hashsha256": "sha256", "sha256sum": "sha256", "sha2256": "sha256",
    "hash": _ANY, "hashvalue": _ANY, "digest": _ANY, "checksum": _ANY,
}  # fmt: skip


def columns_of(header: str) -> tuple[str, Mapping[int, str]] | None:
    """The separator, and which columns hold digests of what; None where the line is no header of a table.

    A column called ``hash`` holds what the length of each of its digests says.
    """
    for separator in ",;\t":
        try:
            fields = next(csv.reader([header], delimiter=separator), [])
        except csv.Error:
            continue
        names = ["".join(filter(str.isalnum, field.lower())) for field in fields]
        found = {at: _NAMES[name] for at, name in enumerate(names) if name in _NAMES}
        if found and (len(fields) > 1 or separator == "\t"):
            return separator, found
    return None


class TableSource:
    """A table whose first line that is not blank names its columns."""

    unit = "line"
    format = "CSV"

    def __init__(self, path: Path, separator: str, columns: Mapping[int, str], *, header_line: int = 1) -> None:
        """Args: the file, what :func:`columns_of` found in its header, and in which line that stands."""
        self.path, self.told = path, dict[str, str]()
        self._separator, self._columns, self._header_line = separator, columns, header_line

    def batches(self, remarks: Remarks, on_progress: OnProgress) -> Iterator[Batch]:
        """See :class:`evidence.hash_sets.base.Source`."""
        longest = 0
        for number, text in blocks(self.path, on_progress):
            lines = text.removesuffix("\n").split("\n")
            if number <= self._header_line:
                lines = lines[self._header_line + 1 - number :]
                number = self._header_line + 1
            rows = self._rows(lines, number, remarks)
            last, has_no_end = number + len(lines) - 1, not text.endswith("\n")
            longest = max([longest, *self._lengths(rows[:-1] if has_no_end else rows)])
            if has_no_end and rows and any(length < longest for length in self._lengths(rows[-1:], is_last=True)):
                remarks.add(REFUSED, last, STUMP)
                rows[-1], has_no_end = [], False
            for batch in self._digests(rows, range(number, number + len(lines)), remarks):
                if has_no_end and batch.numbers[-1] == last:
                    remarks.add(NOTED, last, NO_END)
                    has_no_end = False
                yield batch

    def _lengths(self, rows: list[list[str]], *, is_last: bool = False) -> set[int]:
        """How long the digests are in columns whose header does not say of what they are; or only in the last field."""
        columns = [at for at, algorithm in self._columns.items() if algorithm == _ANY]
        found = {
            len(row[at].strip()) for at in columns for row in rows if at < len(row) and at + 1 >= is_last * len(row)
        }
        return found & set(ALGORITHM_OF)

    def _rows(self, lines: Sequence[str], number: int, remarks: Remarks) -> list[list[str]]:
        """One row for each line: a quotation mark that is not closed must not swallow the lines behind it."""
        try:
            rows = list(csv.reader(lines, delimiter=self._separator))
            if len(rows) == len(lines):
                return rows
        except csv.Error:
            pass
        return [self._row(line, at, remarks) for at, line in enumerate(lines, number)]

    def _row(self, line: str, number: int, remarks: Remarks) -> list[str]:
        try:
            return next(csv.reader([line], delimiter=self._separator, strict=True), [])
        except csv.Error as error:
            remarks.add(REFUSED, number, f"it is no line of a table: {error}")
            return []

    def _digests(self, rows: list[list[str]], numbers: range, remarks: Remarks) -> Iterator[Batch]:
        widest = max(self._columns)
        short = [bool(row) and len(row) <= widest for row in rows]
        for number in compress(numbers, short):
            remarks.add(REFUSED, number, "it has fewer columns than the header")
        full = [(number, row) for number, row in zip(numbers, rows, strict=True) if len(row) > widest]
        empty = {number for number, row in full if not any(row[at].strip() for at in self._columns)}
        for number in sorted(empty):
            remarks.add(REFUSED, number, "it holds no digest")
        for at, algorithm in self._columns.items():
            found = [(number, row[at].strip()) for number, row in full]
            if algorithm == _ANY:
                for one in DIGEST_BYTES:
                    mine = [pair for pair in found if ALGORITHM_OF.get(len(pair[1])) == one]
                    yield from _checked(one, mine, remarks)
                for number, digest in found:
                    if digest and len(digest) not in ALGORITHM_OF:
                        remarks.add(REFUSED, number, f"{digest[:80]!r} is no MD5, SHA-1 or SHA-256 digest")
                continue
            yield from _checked(algorithm, [pair for pair in found if pair[1]], remarks)


def _checked(algorithm: str, found: list[tuple[int, str]], remarks: Remarks) -> Iterator[Batch]:
    good = [is_digest(digest, algorithm) for _, digest in found]
    if not all(good):
        for (number, digest), is_good in zip(found, good, strict=True):
            if not is_good:
                remarks.add(REFUSED, number, f"{digest[:80]!r} is no {NAMES[algorithm]} digest")
        found = list(compress(found, good))
    if found:
        numbers, digests = zip(*found, strict=True)
        yield Batch(algorithm=algorithm, digests=digests, numbers=numbers)
