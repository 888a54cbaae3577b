"""Writing a folder of files whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO, TypeAlias
from uuid import uuid4

from evidence.durable import sync_folder
from forensics_app.errors import LabUnusableError, OutcomeUnknownError, RefusedError
from forensics_app.model.report_format import WrittenFile

Write: TypeAlias = Callable[[BinaryIO], None]


def write_folder(target: Path, files: Mapping[str, Write]) -> tuple[WrittenFile, ...]:
    """Write a new folder by way of a temporary name beside it, every file synced and read back before it gets its name.

    Args:
        target: A name that nothing bears.
        files: What writes each file, by its name in the folder.

    Raises:
        RefusedError: The name is taken, or a file does not read as it was written; nothing is left.
        LabUnusableError: It cannot be written; nothing is left.
    """
    if target.exists() or target.is_symlink():
        raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.mkdir()
        written = tuple(_write(part / name, target / name, write) for name, write in files.items())
        sync_folder(part)
        part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise LabUnusableError(
            f"{target} cannot be written: {error.strerror}.", kept="No part of it was left behind."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return written


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
