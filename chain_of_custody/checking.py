"""Checking what somebody was given: a custody folder, or a ledger file alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chain_of_custody.canonical import Json
from chain_of_custody.errors import LedgerFileError
from chain_of_custody.file import MAX_LINE_BYTES, read_lines
from chain_of_custody.folder import LEDGER, file_findings
from chain_of_custody.report import FileReport, as_json, in_words, judge
from chain_of_custody.verification import OnProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The judgement of a custody folder or a ledger file.

    Attributes:
        report: of the chains.
        files: what is not as it was written of the folder's files, a sentence each; None for a ledger file alone.
    """

    report: FileReport
    files: tuple[str, ...] | None

    @property
    def all_yes(self) -> bool:
        """Whether every chain is intact, signed and trusted, and every file as it was written."""
        return self.report.all_yes and not self.files

    @property
    def is_good_as_far_as_it_stands(self) -> bool:
        """Whether nothing is found of what stands there, though entries may be withheld."""
        return self.report.is_good_as_far_as_it_stands and not self.files

    def as_json(self) -> Mapping[str, Json]:
        """Return one JSON document; of a folder, every entry stands in it with its answers."""
        if self.files is None:
            return as_json(self.report)
        return {**as_json(self.report, by_entry=True), "files": list(self.files)}

    def in_words(self) -> Iterator[str]:
        """Return the lines of the report; of a folder, every entry has one."""
        if self.files is not None:
            yield from (f"NOT in order: {one}" for one in self.files)
            if not self.files:
                yield "The files of the folder are as they were written."
            yield ""
        yield from in_words(self.report, by_entry=self.files is not None, others_fail=bool(self.files))


def check(path: Path, *, root: str | None, on_progress: OnProgress, worker: Sequence[str] = ()) -> Checked:
    """Check a custody folder, or a ledger file.

    Args:
        path: the folder or the file.
        root: the fingerprint that the root key must have; None accepts the one found.
        on_progress: counts the entries of all chains together.
        worker: see `verification.verify`.

    Raises:
        OSError: it cannot be read.
        LedgerFileError: it holds no ledger file.
    """
    is_folder = path.is_dir()
    with (path / LEDGER if is_folder else path).open("rb") as stream:
        parts = read_lines(_lines(stream))
    files = tuple(file_findings(path, parts)) if is_folder else None
    return Checked(report=judge(parts, root=root, on_progress=on_progress, worker=worker), files=files)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES:
            raise LedgerFileError(f"it has a line of more than {MAX_LINE_BYTES} bytes")
        yield line
