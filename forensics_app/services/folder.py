"""The lab folder: where things lie, and how a file gets there whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid4

from chain_of_custody.age import MAGIC
from chain_of_custody.errors import DamagedFileError
from chain_of_custody.store_key import content_bytes
from evidence.durable import sync_folder
from forensics_app.db.store_keys import key_for, store_of
from forensics_app.errors import LabUnusableError, OutcomeUnknownError, RefusedError
from forensics_app.model.store import StoreKey
from forensics_app.this_computer import program_folder

COPY_CHUNK_BYTES = 1024 * 1024
PLAIN_FOLDERS = ("hash-sets", "stationery", "guidance", "scratch")
"""Folders of an encrypted lab in which files lie as they are; in ``scratch`` those of child processes."""


@dataclass(frozen=True, slots=True)
class LabFolder:
    """Paths inside the lab folder; names are ids and digests, so nothing outside can choose them.

    Attributes:
        root: The lab folder; of a lab on a server, the folder that all workstations share.
        local: A folder of this computer for what cannot lie on a network share: catalogues, which are databases, and
            what only this computer's processes use. None where all of it can lie in ``root``.
        is_read_only: Whether nothing is to be made in it.
    """

    root: Path
    local: Path | None = None
    is_read_only: bool = False

    @property
    def database(self) -> Path:
        """The record."""
        return self.root / "lab.db"

    @property
    def server(self) -> Path:
        """Says which server holds the record; only there when one does."""
        return self.root / "lab-server.json"

    @property
    def store_keys(self) -> Path:
        """The key of an encrypted lab folder, sealed for each person; only there when it is one."""
        return self.root / "store-keys"

    @property
    def scratch(self) -> Path:
        """Where child processes may write; emptied at the start."""
        return self._made(self._here / "scratch")

    @property
    def jobs(self) -> Path:
        """Lock files of running jobs."""
        return self._made(self._here / "jobs")

    def catalogue(self, case_id: UUID, image_id: UUID) -> Path:
        """The catalogue of an image."""
        return self._made(self._here / "cases" / str(case_id) / "catalogues") / f"{image_id}.db"

    def matches(self, case_id: UUID, image_id: UUID) -> Path:
        """Which files of an image are in the hash sets."""
        return self.catalogue(case_id, image_id).with_suffix(".hash-sets")

    def thumbnails(self, case_id: UUID, image_id: UUID) -> Path:
        """Small pictures of an image that nothing conceals."""
        return self.catalogue(case_id, image_id).with_suffix(".thumbnails")

    def timeline(self, case_id: UUID) -> Path:
        """The timeline of a case."""
        return self._made(self._here / "cases" / str(case_id) / "catalogues") / "timeline.events"

    def second_reading(self, case_id: UUID, image_id: UUID, volume_id: str) -> Path:
        """What a second reader said differently of a volume."""
        return self.catalogue(case_id, image_id).with_suffix(f".{volume_id}.second-reading")

    def searches(self, case_id: UUID, image_id: UUID) -> Path:
        """The folder of the searches of an image, a file for each."""
        return self._made(self.catalogue(case_id, image_id).with_suffix(".searches"))

    @property
    def hash_sets(self) -> Path:
        """The stored hash sets, a folder for each."""
        return self._made(self.root / "hash-sets")

    def photo(self, case_id: UUID, sha256: bytes, suffix: str) -> Path:
        """A photograph, by its SHA-256."""
        return self._made(self.root / "cases" / str(case_id) / "photos") / f"{sha256.hex()}{suffix}"

    def paper(self, case_id: UUID, sha256: bytes, suffix: str) -> Path:
        """A signed paper, by its SHA-256."""
        return self._made(self.root / "cases" / str(case_id) / "papers") / f"{sha256.hex()}{suffix}"

    @property
    def stationery(self) -> Path:
        """The laboratory's letterhead, logo and texts; nothing need be there."""
        return self.root / "stationery"

    def made_stationery(self) -> Path:
        """The same, made where it is not there."""
        return self._made(self.stationery)

    def report(self, case_id: UUID, report_id: UUID) -> Path:
        """An issued report."""
        return self._made(self.root / "cases" / str(case_id) / "reports") / f"{report_id}.pdf"

    def upgraded_report(self, case_id: UUID, sha256: bytes) -> Path:
        """An issued report with time stamps and validation data behind it, by its digest."""
        return self._made(self.root / "cases" / str(case_id) / "reports") / f"{sha256.hex()}.pdf"

    def signing_key(self, certificate_sha256: str, key_id: str = "") -> Path:
        """The private key for a certificate from outside, sealed for its owner; older ones are named without a key."""
        name = f"{certificate_sha256}-{key_id}" if key_id else certificate_sha256
        return self._made(self.root / "signing-keys") / f"{name}.json"

    def validation(self, ended_at: datetime, build_sha256: bytes) -> Path:
        """The signed record of a validation of this program."""
        name = f"{ended_at:%Y%m%dT%H%M%S%f}Z-{build_sha256.hex()[:16]}.json"
        return self._made(self.root / "validations") / name

    @property
    def _here(self) -> Path:
        return self.local or self.root

    def _made(self, folder: Path) -> Path:
        if self.is_read_only:
            return folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabUnusableError(f"The folder {folder} cannot be made: {error.strerror}.") from error
        return folder


def place_on_this_computer(lab_id: UUID) -> Path:
    """Where this computer keeps what belongs to a lab whose folder lies on a network share."""
    return program_folder() / "labs" / str(lab_id)


def write_whole(
    target: Path, chunks: Iterable[bytes], *, expected: bytes | None = None, private_part: Path | None = None
) -> bytes:
    """Write ``chunks`` to ``target`` by way of a temporary name beside it, synced before it gets its name.

    In an encrypted lab folder the content is encrypted; the digest is always that of the content. What is written
    there in this way is read by :func:`content_of`, :func:`chunks_of` and :func:`sha256_of` alone.

    Args:
        target: A name that nothing bears; it is looked at again when the file is whole.
        chunks: The content.
        expected: SHA-256 that the content must have to get the name, if it is known.
        private_part: The temporary name for a file that its owner alone may read, from its first byte on.

    Returns:
        SHA-256 of what was written.

    Raises:
        RefusedError: The name is taken, or the content is not what was expected; no part of it is left.
        LabUnusableError: It cannot be written; no part of it is left.
    """
    digest = hashlib.sha256()

    def counted() -> Iterator[bytes]:
        for chunk in chunks:
            digest.update(chunk)
            yield chunk
        if expected not in (None, digest.digest()):
            raise RefusedError(f"{target.name} changed while it was copied.", then="Copy it again.")

    key = key_for(target)
    write_plain(target, counted() if key is None else key.encrypted(counted()), private_part=private_part)
    return digest.digest()


def write_plain(target: Path, chunks: Iterable[bytes], *, private_part: Path | None = None) -> None:
    """The same for bytes that are written as they are, wherever it is.

    Raises:
        RefusedError: The name is taken; no part of the file is left.
        LabUnusableError: It cannot be written; no part of it is left.
    """
    part = private_part or target.with_name(f".{uuid4().hex}.part")
    try:
        with open(part, "xb", opener=None if private_part is None else _private) as out:
            for chunk in chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        _take_name(part, target)
        sync_folder(target.parent)
    except FileExistsError as error:
        raise RefusedError(
            f"{target} already exists.", then="Choose another name; nothing is ever overwritten."
        ) from error
    except OSError as error:
        raise LabUnusableError(
            f"{target} cannot be written: {error.strerror}.", kept="No part of the file was left behind."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def check_target(target: Path) -> None:
    """Refuse a name that :func:`write_whole` could not give, before anything is done that cannot be taken back.

    Raises:
        RefusedError: The name is taken.
        LabUnusableError: Nothing can be written there.
    """
    if os.path.lexists(target):
        raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.touch(exist_ok=False)
        part.unlink()
    except OSError as error:
        raise LabUnusableError(f"{target} cannot be written: {error.strerror}.") from error


def _take_name(part: Path, target: Path) -> None:
    """Give the whole file ``part`` its name in one step, never over another file.

    A file system without hard links (FAT, exFAT, some shares) has the name reserved by an empty file for a moment.

    Raises:
        FileExistsError: The name is taken.
        OSError: It cannot be given.
    """
    if os.name == "nt":
        part.rename(target)
        return
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        target.touch(exist_ok=False)
        part.replace(target)


@contextmanager
def kept_only_if_recorded(path: Path) -> Iterator[None]:
    """Remove the new file at ``path`` again when the block that records it fails.

    Where nobody knows whether it was recorded it is kept: it may be of the record.
    """
    try:
        yield
    except OutcomeUnknownError as error:
        error.kept = f"{error.kept} The file {path} was kept."
        error.then = f"{error.then} If it does not, the file is not of the record; delete it then."
        raise
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def chunks_of(path: Path) -> Iterator[bytes]:
    """The content of a file, in pieces; decrypted where it lies encrypted in an encrypted lab folder.

    Raises:
        OSError: It cannot be read, was changed since it was encrypted, or is not encrypted where everything is.
    """
    with path.open("rb") as file:
        key = _sealed_by(path, file)
        if key is None:
            while chunk := file.read(COPY_CHUNK_BYTES):
                yield chunk
            return
        try:
            yield from key.decrypted(file.read)
        except DamagedFileError as error:
            raise OSError(errno.EIO, f"what is encrypted in it was damaged: {error}", str(path)) from error


def _sealed_by(path: Path, file: BinaryIO) -> StoreKey | None:
    """The key that a file is encrypted by; None for one in no store, and in its folders that are not encrypted.

    Raises:
        OSError: It is not encrypted, where everything is: somebody put it there who may not have the key.
    """
    found = store_of(path)
    if found is None:
        return None
    within, key = found
    is_sealed = file.read(len(MAGIC)) == MAGIC
    file.seek(0)
    if not is_sealed and within.parts[:1] not in [(name,) for name in PLAIN_FOLDERS]:
        raise OSError(errno.EIO, "it is not encrypted, as everything there is in this lab", str(path))
    return key if is_sealed else None


def content_of(path: Path) -> bytes:
    """The whole content of such a file.

    Raises:
        OSError: As for :func:`chunks_of`.
    """
    return b"".join(chunks_of(path))


def content_size(path: Path) -> int:
    """Bytes of the content of such a file.

    Raises:
        OSError: It cannot be read.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        return size_bytes if _sealed_by(path, file) is None else content_bytes(size_bytes)


def sha256_of(path: Path) -> bytes:
    """SHA-256 of the content of such a file.

    Raises:
        OSError: As for :func:`chunks_of`.
    """
    digest = hashlib.sha256()
    for chunk in chunks_of(path):
        digest.update(chunk)
    return digest.digest()
