"""A large lab verified by a process of its own, so that whoever waits for the answer can work on meanwhile.

To verify is seconds of Python. In a thread of the program with the window they would be taken from the window.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from chain_of_custody.workers import worker_command
from evidence.priority import give_way
from forensics_app.db.store_keys import key_for
from forensics_app.model.custody import ChainReport, LabReport
from forensics_app.model.image import OnProgress
from forensics_app.services.folder import LabFolder

VERIFIER_OPTION = "--lab-verifier"
FEW_ENTRIES = 1000
"""A lab of fewer is verified before a process has paid for its start."""
_log = logging.getLogger(__name__)


def verifier_command() -> tuple[str, ...]:
    """The command that starts this program, from source or frozen, as a process that verifies one lab."""
    if getattr(sys, "frozen", False):
        return sys.executable, VERIFIER_OPTION
    return *worker_command("forensics_app"), VERIFIER_OPTION


def verified_apart(
    folder: LabFolder, on_progress: OnProgress, *, command: tuple[str, ...] | None = None
) -> LabReport | None:
    """What a process of its own says of a lab, which it opens to read alone.

    Args:
        folder: Of the lab.
        on_progress: Entries done, entries in all; what it raises ends the process and passes through.
        command: Starts the process; the program itself when None.

    Returns:
        None if it gave no answer: whoever asked verifies then. An encrypted lab is not asked about, as its key leaves
        this process for no other.
    """
    if key_for(folder.root) is not None:
        return None
    try:
        with _started(command or verifier_command()) as (questions, answers):
            questions.write(request_to(folder.root))
            questions.close()
            for answer in answers:
                match json.loads(answer):
                    case [int(done), int(total)]:
                        on_progress(done, total)
                    case dict() as told:
                        return report_from(told)
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("the process that verifies the lab is of no use, so it is verified here: %s", error)
        return None
    _log.warning("the process that verifies the lab ended without an answer, so it is verified here")
    return None


def request_to(root: Path) -> bytes:
    """The line that asks for the lab in a folder."""
    return json.dumps(str(root)).encode() + b"\n"


def root_from(line: bytes) -> Path:
    """The folder that is asked about."""
    return Path(json.loads(line))


def progress_to(done: int, total: int) -> bytes:
    """The line that says how many entries are done."""
    return json.dumps([done, total]).encode() + b"\n"


def report_to(report: LabReport) -> bytes:
    """The line that is the answer; bytes as hex, times in UTC."""
    return json.dumps(asdict(report), default=_plain).encode() + b"\n"


def report_from(told: dict[str, Any]) -> LabReport:
    """The answer as it was before :func:`report_to`.

    Raises:
        ValueError: A value is none of its kind.
        KeyError: One is missing.
        TypeError: One is missing, or one too many is there.
    """
    lists = {name: tuple(told[name]) for name in ("row_findings", "file_findings", "locked_out")}
    chains = tuple(_chain_from(chain) for chain in told["chains"])
    return LabReport(**{**told, **lists, "chains": chains, "checked_at": datetime.fromisoformat(told["checked_at"])})


def _chain_from(told: dict[str, Any]) -> ChainReport:
    head, at = told["head"], told["head_recorded_at"]
    lists = {name: tuple(told[name]) for name in ("not_allowed", "findings", "notices")}
    return ChainReport(**{
        **told, **lists, "chain": UUID(told["chain"]), "head": None if head is None else bytes.fromhex(head),
        "head_recorded_at": None if at is None else datetime.fromisoformat(at),
    })  # fmt: skip


def _plain(value: object) -> str:
    match value:
        case bytes():
            return value.hex()
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    raise TypeError(f"a {type(value).__name__} is no part of an answer")


@contextmanager
def _started(command: tuple[str, ...]) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """A process with pipes to it, which is gone afterwards."""
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths},
    ) as process:  # fmt: skip
        give_way(process.pid)
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield process.stdin, process.stdout
        finally:
            process.kill()
