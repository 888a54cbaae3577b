"""Custody folders and ledger files: verified here by the same code that a stranger runs."""

from __future__ import annotations

import sys
from pathlib import Path

from chain_of_custody.checking import check
from chain_of_custody.command import fingerprint
from chain_of_custody.errors import LedgerFileError
from chain_of_custody.folder import LEDGER
from chain_of_custody.workers import worker_command
from forensics_app.errors import LabUnusableError
from forensics_app.model.custody import Json


def ledger_worker() -> tuple[str, ...]:
    """The command that starts this program, from source or frozen, as a process that judges parts of a chain."""
    return (sys.executable, "--ledger-worker") if getattr(sys, "frozen", False) else worker_command()


def is_custody_folder(path: Path) -> bool:
    """Whether a folder is one that was exported for others, and no lab."""
    return (path / LEDGER).is_file()


def root_digits(text: str) -> str:
    """The digits of a fingerprint as it stands on paper, read as the stand-alone verifier reads it.

    Raises:
        argparse.ArgumentTypeError: It is none.
    """
    return fingerprint(text)


def judge_ledger(path: Path, root: str | None) -> tuple[bool | None, Json, list[str]]:
    """Judge every chain of a custody folder or a ledger file.

    Args:
        path: The folder or the file.
        root: Fingerprint that the root key must have; None accepts the one found.

    Returns:
        Whether every answer is yes (None where what stands in a ledger file is in order, but entries are withheld), the
        report as a JSON document, and as lines for a reader.

    Raises:
        LabUnusableError: It cannot be read, or holds no ledger file.
    """
    try:
        checked = check(path, root=root, on_progress=lambda done, total: None, worker=ledger_worker())
    except (OSError, LedgerFileError) as error:
        raise LabUnusableError(f"{path} cannot be verified: {error}", kept="", then="Ask for it again.") from error
    is_open = checked.is_good_as_far_as_it_stands and not checked.all_yes
    return None if is_open else checked.all_yes, checked.as_json(), list(checked.in_words())
