"""The shown rows of a table as text, for the clipboard and for CSV files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QAbstractItemModel, Qt

_BREAK = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def heads(model: QAbstractItemModel, columns: Sequence[int]) -> list[str]:
    """The titles of the columns."""
    return [str(model.headerData(column, Qt.Orientation.Horizontal)) for column in columns]


def rows(model: QAbstractItemModel, columns: Sequence[int], numbers: Iterable[int]) -> Iterator[list[str]]:
    """Everything that the given columns say in the given rows; two-line cells as one text."""
    for number in numbers:
        yield [str(model.index(number, column).data(Qt.ItemDataRole.AccessibleTextRole) or "") for column in columns]


def as_tabbed(lines: Iterable[Sequence[str]]) -> str:
    """Lines for the clipboard: cells parted by tabs, each tab or break inside a blank; other blanks stay as many."""
    return "\n".join("\t".join(_BREAK.sub(" ", cell) for cell in line) for line in lines)


def as_csv(lines: Iterable[Sequence[str]]) -> str:
    """Lines as CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe in front."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line in lines:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in line])
    return out.getvalue()
