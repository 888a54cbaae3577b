r"""The manifest of exported files: what each is in the evidence, and under which name and digest it was written.

``manifest.json`` is plain ASCII, so that no character in a name can hide or turn anything around; ``manifest.csv`` has
the same rows for spreadsheets, with what controls written as ``\x0a`` or ``\u202e``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from evidence.timestamps import iso_text
from forensics_app.model.catalogue import TIME_FIELDS, CatalogueEntry, Stamp
from forensics_app.services.chosen import state_words
from forensics_app.services.timeline_forms import line_text

JSON_NAME, CSV_NAME = "manifest.json", "manifest.csv"
_FORMULA_STARTS = ("=", "+", "-", "@")
_TIME_PARTS = ("", "_basis", "_source", "_resolution_ns")
COLUMNS = (
    *("exhibit", "image", "volume", "entry", "path", "path_bytes_hex", "kind", "state", "address", "size_bytes"),
    *(f"{field}{part}" for field in TIME_FIELDS for part in _TIME_PARTS),
    *("md5_catalogue", "sha256_catalogue", "sha256_written", "exported_name", "not_exported", "link_target", "note"),
)
"""Times are as found: with ``Z`` only where their basis is UTC; of a date the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What the manifest says of one entry.

    Attributes:
        path_bytes: The path as the file system stores it, names parted by ``/``.
        exported_name: From the folder of the export, parted by ``/``; empty where nothing was written.
        sha256: Of the copy as it was read back; None of a folder.
        why_not: Why nothing was written; empty where something was.
        is_hidden: Whether it is hidden or holds what is: then the manifest has volume and address, but nothing that
            names it.
    """

    entry: CatalogueEntry
    path_bytes: bytes
    exported_name: str = ""
    sha256: bytes | None = None
    why_not: str = ""
    is_hidden: bool = False


class Manifest:
    """Writes both files as the export goes on; a context manager that closes them."""

    def __init__(self, folder: Path, head: Mapping[str, object], exhibit: str, image: str) -> None:
        """Begin the files in ``folder``; ``head`` is what is told of the export before its entries."""
        self._folder, self._exhibit, self._image = folder, exhibit, image
        self._stack, self._is_first = ExitStack(), True
        self._json = self._begin(JSON_NAME)
        self._csv = self._begin(CSV_NAME)
        self._json.write(json.dumps(head, indent=1)[:-2].encode() + b',\n "entries": [')
        self._csv.write(b"\xef\xbb\xbf" + _csv_line(COLUMNS))

    def __enter__(self) -> Self:
        """The manifest itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the files."""
        self._stack.close()

    def add(self, line: Line) -> None:
        """Add one entry."""
        self._json.write((b"\n" if self._is_first else b",\n") + json.dumps(self._document(line)).encode())
        self._csv.write(_csv_line(self._row(line)))
        self._is_first = False

    def end(self, totals: Mapping[str, int]) -> tuple[bytes, bytes]:
        """Finish both files and bring them to the disk; return the SHA-256 of each as read back, JSON first."""
        self._json.write(b'\n ],\n "totals": ' + json.dumps(totals).encode() + b"\n}\n")
        for file in (self._json, self._csv):
            file.flush()
            os.fsync(file.fileno())
        self._stack.close()
        return self._digest(JSON_NAME), self._digest(CSV_NAME)

    def _begin(self, name: str) -> IO[bytes]:
        return self._stack.enter_context((self._folder / name).open("xb"))

    def _digest(self, name: str) -> bytes:
        with (self._folder / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()

    def _document(self, line: Line) -> dict[str, object]:
        entry = line.entry
        return {
            "exhibit": self._exhibit,
            "image": self._image,
            "volume": entry.volume_id,
            "entry": entry.id,
            "path": None if line.is_hidden else entry.path,
            "path_bytes_hex": None if line.is_hidden else line.path_bytes.hex(),
            "kind": entry.kind,
            "state": state_words(entry),
            "address": entry.address,
            "size_bytes": entry.size_bytes,
            "times": {name: _time(stamp) for name, stamp in entry.times.items()},
            "md5_catalogue": _hex(entry.md5),
            "sha256_catalogue": _hex(entry.sha256),
            "sha256_written": _hex(line.sha256),
            "exported_name": line.exported_name or None,
            "not_exported": line.why_not or None,
            "link_target": None if line.is_hidden else entry.link_target,
            "note": None if line.is_hidden else entry.note,
        }

    def _row(self, line: Line) -> list[str]:
        document = self._document(line)
        for name in TIME_FIELDS:
            stamp = line.entry.times.get(name)
            parts = (stamp_text(stamp), stamp.basis, stamp.source, str(stamp.resolution_ns)) if stamp else ("",) * 4
            document |= {f"{name}{part}": text for part, text in zip(_TIME_PARTS, parts, strict=True)}
        return [_cell(document[column]) for column in COLUMNS]


def stamp_text(stamp: Stamp) -> str:
    """A time as found, in ISO 8601: with ``Z`` where its basis is UTC, without a zone where it is wall time."""
    text = iso_text(stamp.ns)
    if stamp.basis == "date":
        return text.partition("T")[0]
    return text if stamp.basis == "utc" else text.removesuffix("Z")


def _time(stamp: Stamp) -> dict[str, object]:
    found = {"ns": stamp.ns, "text": stamp_text(stamp), "basis": stamp.basis, "source": stamp.source}
    return {**found, "resolution_ns": stamp.resolution_ns}


def _hex(digest: bytes | None) -> str | None:
    return digest.hex() if digest else None


def _cell(value: object) -> str:
    text = "" if value is None else line_text(str(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv_line(cells: Sequence[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()
