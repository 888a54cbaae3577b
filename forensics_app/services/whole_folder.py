"""Writing a folder of files whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias
from uuid import uuid4

from evidence.durable import sync_folder
from forensics_app.db.filelock import held, is_held
from forensics_app.errors import LabUnusableError, OutcomeUnknownError, RefusedError
from forensics_app.model.report_format import WrittenFile

Write: TypeAlias = Callable[[BinaryIO], None]
PART, LOCK = ".export.part", ".lock"
_LEFT = re.compile(r"\.[0-9a-f]{32}\.export\.part(\.lock)?")


def write_folder(target: Path, files: Mapping[str, Write]) -> tuple[WrittenFile, ...]:
    """Write a new folder by way of a temporary name beside it, every file synced and read back before it gets its name.

    Args:
        target: A name that nothing bears.
        files: What writes each file, by its name in the folder.

    Raises:
        RefusedError: The name is taken, or a file does not read as it was written; nothing is left.
        LabUnusableError: It cannot be written; nothing is left.
    """
    with folder_in_the_making(target) as part:
        return tuple(_write(part / name, target / name, write) for name, write in files.items())


@contextmanager
def folder_in_the_making(target: Path) -> Iterator[Path]:
    """A folder under a hidden name, for the block to fill; it gets its name after the block, or nothing of it is left.

    It is locked so long. What a killed program left beside it is removed first.

    Raises:
        RefusedError: The name is taken.
        LabUnusableError: It cannot be written.
    """
    if target.exists() or target.is_symlink():
        raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
    part = target.with_name(f".{uuid4().hex}{PART}")
    try:
        remove_left(target.parent)
        with held(part.with_name(f"{part.name}{LOCK}")):
            try:
                part.mkdir()
                yield part
                sync_folder(part)
                part.rename(target)
                sync_folder(target.parent)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise LabUnusableError(
            f"{target} cannot be written: {error.strerror}.", kept="No part of it was left behind."
        ) from error


def remove_left(parent: Path) -> tuple[Path, ...]:
    """Remove what killed programs left in a folder of folders that they were making; what is being made now stays.

    Returns:
        The folders that were removed.

    Raises:
        OSError: The folder cannot be read.
    """
    removed = []
    for left in sorted(parent.glob(f".*{PART}*")):
        lock = left if left.suffix == LOCK else left.with_name(f"{left.name}{LOCK}")
        if not _LEFT.fullmatch(left.name) or is_held(lock):
            continue
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
            removed += [] if left.exists() else [left]
        elif left == lock:
            left.unlink(missing_ok=True)
    return tuple(removed)


def _write(path: Path, named: Path, write: Write) -> WrittenFile:
    with path.open("xb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
        size_bytes = out.tell()
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").digest()
    if path.stat().st_size != size_bytes:
        raise RefusedError(f"{named.name} does not read as it was written.", then="Check the disk; write it again.")
    return WrittenFile(path=named, size_bytes=size_bytes, sha256=sha256)


def remove_unrecorded(target: Path | None, error: BaseException) -> None:
    """Take a folder back that was written, and whose entry was not; where nobody knows whether it was, it is kept."""
    if target is None:
        return
    if isinstance(error, OutcomeUnknownError):
        error.kept = f"{error.kept} The folder {target} was kept."
        error.then = f"{error.then} If it does not, the folder is not of the record; delete it then."
        return
    shutil.rmtree(target, ignore_errors=True)
