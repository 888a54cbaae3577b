"""Ledger files: verified here by the same code that a stranger runs."""

from __future__ import annotations

from pathlib import Path

from chain_of_custody.errors import LedgerFileError
from chain_of_custody.file import MAX_LINE_BYTES, read_lines
from chain_of_custody.report import as_json, in_words, judge
from forensics_app.errors import LabUnusableError
from forensics_app.model.custody import Json


def judge_ledger_file(path: Path, root: str | None) -> tuple[bool, Json, list[str]]:
    """Judge every chain of a ledger file.

    Args:
        path: The file.
        root: Fingerprint that the root key must have; None accepts the one found.

    Returns:
        Whether every answer is yes, the report as a JSON document, and as lines for a reader.

    Raises:
        LabUnusableError: It cannot be read, or is no ledger file.
    """
    try:
        with path.open("rb") as file:
            parts = read_lines(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""))
    except (OSError, LedgerFileError) as error:
        raise LabUnusableError(
            f"{path} cannot be verified: {error}", kept="", then="Ask for the file again."
        ) from error
    report = judge(parts, root=root, on_progress=lambda done, total: None)
    return report.all_yes, as_json(report), list(in_words(report))
