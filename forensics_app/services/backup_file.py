"""The file of a backup: a tar with a manifest at its end, as it is or encrypted in the format age.

Both are forms that other programs open: a lab can be got back without this one (docs/administrator.md).
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO
from uuid import UUID

from chain_of_custody.age import MAGIC, decrypted
from chain_of_custody.errors import DamagedFileError, WrongPassphraseError
from evidence.durable import sync_folder
from forensics_app.errors import BackupDamagedError, LabUnusableError, RefusedError
from forensics_app.model.backup import BackedUpFile, CheckedBackup, Manifest
from forensics_app.model.image import OnProgress
from forensics_app.services.folder import COPY_CHUNK_BYTES

FORMAT = "forensics-lab-backup/1"
RECORD, MANIFEST, READ_ME = "lab.db", "manifest.json", "READ-ME.txt"
LONGEST_MANIFEST_BYTES = 512 * 1024 * 1024
KEPT_OF_CASES = ("photos", "papers", "reports", "catalogues")
STORE_KEYS = "store-keys"
KEPT_FOLDERS = ("guidance", "hash-sets", "signing-keys", "stationery", STORE_KEYS, "validations")
AS_THE_LAB = "store"
"""What the record says of a backup that nothing encrypts but the encryption of the lab itself."""
_CASE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def packed(
    members: Iterable[tuple[str, Path | bytes]], manifest: Callable[[tuple[BackedUpFile, ...]], Manifest], at: datetime
) -> Iterator[bytes]:
    """The bytes of a tar of ``members``, and behind them what ``manifest`` says of them.

    Args:
        members: The name in the backup, and the file or the bytes.
        manifest: Told every file with its size and SHA-256 as it was read.
        at: The time that every member bears.

    Raises:
        LabUnusableError: A file cannot be read, or changed its size while it was.
    """
    listed: list[BackedUpFile] = []
    for name, content in members:
        digest, size_bytes = hashlib.sha256(), 0
        for chunk in _member(name, content, at):
            yield chunk.header
            digest.update(chunk.content)
            size_bytes += len(chunk.content)
            yield chunk.content
        yield _padding(size_bytes)
        listed.append(BackedUpFile(name=name, size_bytes=size_bytes, sha256=digest.digest()))
    said = manifest_bytes(manifest(tuple(listed)))
    yield _header(MANIFEST, len(said), at) + said + _padding(len(said)) + bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    header: bytes = b""
    content: bytes = b""


def _member(name: str, content: Path | bytes, at: datetime) -> Iterator[_Chunk]:
    if isinstance(content, bytes):
        yield _Chunk(header=_header(name, len(content), at), content=content)
        return
    try:
        with content.open("rb") as file:
            size_bytes = content.stat().st_size
            yield _Chunk(header=_header(name, size_bytes, at))
            read_bytes = 0
            while chunk := file.read(COPY_CHUNK_BYTES):
                read_bytes += len(chunk)
                yield _Chunk(content=chunk)
            if read_bytes != size_bytes:
                raise LabUnusableError(
                    f"{content} changed while it was copied into the backup.", then="Make the backup again."
                )
    except OSError as error:
        raise LabUnusableError(
            f"{content} cannot be copied into the backup: {error.strerror}.", then="See why, and make the backup again."
        ) from error


def _header(name: str, size_bytes: int, at: datetime) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode = size_bytes, int(at.timestamp()), 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _padding(size_bytes: int) -> bytes:
    return bytes(-size_bytes % tarfile.BLOCKSIZE)


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it stands in the backup: JSON in UTF-8, digests in hex."""
    return json.dumps(
        {
            "format": FORMAT,
            "lab": str(manifest.lab),
            "lab_name": manifest.lab_name,
            "made_at": manifest.made_at.isoformat(),
            "program": manifest.program,
            "revision": manifest.revision,
            "server": manifest.server,
            "root_fingerprint": manifest.root_fingerprint,
            "entries": manifest.entries,
            "chains": {chain: {"entries": count, "head": head} for chain, (count, head) in manifest.chains.items()},
            "finding_count": manifest.finding_count,
            "with_catalogues": manifest.with_catalogues,
            "files": [
                {"name": one.name, "size_bytes": one.size_bytes, "sha256": one.sha256.hex()} for one in manifest.files
            ],
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def encrypted_by(backup: CheckedBackup) -> str:
    """What encrypts a backup, as the record says it: the format age, the lab's own encryption, or nothing."""
    return "age" if backup.is_encrypted else AS_THE_LAB if backup.as_the_lab else ""


def read_backup(
    path: Path, passphrase: str | None, on_progress: OnProgress, *, into: Path | None = None, record: str = RECORD
) -> CheckedBackup:
    """Read a backup to its last byte, and compare everything in it with its manifest.

    Args:
        path: The backup.
        passphrase: For one that is encrypted.
        on_progress: Bytes of the file read, bytes of the file.
        into: An empty folder in which its files are written, synced; None to read only.
        record: How the record is called there.

    Raises:
        BackupDamagedError: It was changed, is cut off, or is no backup. What was written is not to be used.
        RefusedError: It is encrypted, and the passphrase is missing or another one.
        LabUnusableError: It cannot be read, or ``into`` cannot be written.
    """
    try:
        with path.open("rb") as file:
            source = _Source(file=file, size_bytes=path.stat().st_size, on_progress=on_progress)
            is_encrypted = file.peek(len(MAGIC))[: len(MAGIC)] == MAGIC
            try:
                listed, said = _unpacked(_plain(source, passphrase, is_encrypted=is_encrypted), into, record)
            except (tarfile.TarError, DamagedFileError, EOFError) as error:
                raise BackupDamagedError(f"{path.name} is no whole backup: {str(error).rstrip('.')}.") from error
            except WrongPassphraseError as error:
                raise RefusedError(
                    f"{path.name} does not open with this passphrase.",
                    then="Type the passphrase that the backup was encrypted under; it is nobody's own.",
                ) from error
            source.read_to_end()
    except OSError as error:
        raise LabUnusableError(f"{error.filename or path} cannot be read or written: {error.strerror}.") from error
    manifest = _manifest(path.name, said)
    _compare(path.name, listed, manifest)
    return CheckedBackup(
        manifest=manifest, sha256=source.digest.digest(), size_bytes=source.read_bytes, is_encrypted=is_encrypted
    )


@dataclass(slots=True, kw_only=True)
class _Source:
    """The file, digested while it is read."""

    file: BinaryIO
    size_bytes: int
    on_progress: OnProgress
    read_bytes: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def read(self, size_bytes: int) -> bytes:
        data = self.file.read(size_bytes)
        self.digest.update(data)
        self.read_bytes += len(data)
        if size_bytes > 1:
            self.on_progress(min(self.read_bytes, self.size_bytes), self.size_bytes)
        return data

    def read_to_end(self) -> None:
        while self.read(COPY_CHUNK_BYTES):
            pass


def _plain(source: _Source, passphrase: str | None, *, is_encrypted: bool) -> Iterator[bytes]:
    if is_encrypted and passphrase is None:
        raise RefusedError("This backup is encrypted.", then="Give the passphrase that it was encrypted under.")
    if is_encrypted and passphrase is not None:
        yield from decrypted(source.read, passphrase)
        return
    while chunk := source.read(COPY_CHUNK_BYTES):
        yield chunk


class _Joined(io.RawIOBase):
    """Pieces of any size, read in any other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._held = pieces, bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._held += piece
        end = len(self._held) if size < 0 else size
        taken = bytes(self._held[:end])
        del self._held[:end]
        return taken


def _unpacked(pieces: Iterator[bytes], into: Path | None, record: str) -> tuple[tuple[BackedUpFile, ...], bytes]:
    listed, said, names = [], None, set()
    joined = _Joined(pieces)
    with tarfile.open(fileobj=joined, mode="r|") as tar:
        for member in tar:
            if said is not None or member.name in names:
                raise tarfile.TarError(f"{member.name} lies behind the manifest or twice in it")
            names.add(member.name)
            content = tar.extractfile(member) if member.isreg() else None
            if content is None or not (is_plain_name(member.name) and is_of_a_lab(member.name)):
                raise tarfile.TarError(f"{member.name!a} is nothing that a backup holds")
            if member.name == MANIFEST:
                if member.size > LONGEST_MANIFEST_BYTES:
                    raise tarfile.TarError("its manifest is too long")
                said = content.read(member.size)
                continue
            name = record if member.name == RECORD else member.name
            target = None if into is None or member.name == READ_ME else into / name
            listed.append(_taken(member, content, target))
    while joined.read(COPY_CHUNK_BYTES):  # to the last piece, which says that it is the last
        pass
    if said is None:
        raise EOFError("it ends before its manifest")
    return tuple(listed), said


def is_of_a_lab(name: str) -> bool:
    """Whether a name in a backup is that of its own files, or of what a lab keeps; nothing else is restored.

    What says where a lab's record is, and what only one computer uses, is not among them.
    """
    match PurePosixPath(name).parts:
        case (alone,):
            return alone in (READ_ME, RECORD, MANIFEST)
        case ("cases", case_id, kind, _, *_):
            return kind in KEPT_OF_CASES and bool(_CASE_ID.fullmatch(case_id))
        case (folder, *_):
            return folder in KEPT_FOLDERS
    return False


def is_plain_name(name: str) -> bool:
    """Whether a name in a backup stays in the folder into which it is restored, on every system."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and name == "/".join(parts)
        and not any(
            part in ("..", "/") or set(part) & set('\\:*?"<>|\0') or part != part.rstrip(". ") for part in parts
        )
    )


def _taken(member: tarfile.TarInfo, content: IO[bytes], target: Path | None) -> BackedUpFile:
    digest, size_bytes = hashlib.sha256(), 0
    chunks = iter(partial(content.read, COPY_CHUNK_BYTES), b"")
    if target is None:
        for chunk in chunks:
            digest.update(chunk)
            size_bytes += len(chunk)
    else:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with target.open("xb") as out:
            for chunk in chunks:
                digest.update(chunk)
                size_bytes += len(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        sync_folder(target.parent)
    if size_bytes != member.size:
        raise EOFError(f"it ends within {member.name}")
    return BackedUpFile(name=member.name, size_bytes=size_bytes, sha256=digest.digest())


def _manifest(name: str, said: bytes) -> Manifest:
    try:
        told = json.loads(said)
        if told["format"] != FORMAT:
            raise RefusedError(
                f"{name} is of a form that this version does not know: {told['format']}.",
                then="Restore it with the version that made it, or a newer one.",
            )
        return Manifest(
            lab=UUID(told["lab"]),
            lab_name=str(told["lab_name"]),
            made_at=datetime.fromisoformat(told["made_at"]),
            program=str(told["program"]),
            revision=str(told["revision"]),
            server=str(told["server"]),
            root_fingerprint=str(told["root_fingerprint"]),
            entries=int(told["entries"]),
            chains={chain: (int(one["entries"]), str(one["head"])) for chain, one in told["chains"].items()},
            finding_count=int(told["finding_count"]),
            with_catalogues=bool(told["with_catalogues"]),
            files=tuple(
                BackedUpFile(
                    name=str(one["name"]), size_bytes=int(one["size_bytes"]), sha256=bytes.fromhex(one["sha256"])
                )
                for one in told["files"]
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupDamagedError(f"The manifest of {name} is damaged.") from error


def _compare(name: str, listed: tuple[BackedUpFile, ...], manifest: Manifest) -> None:
    found, told = {one.name: one for one in listed}, {one.name: one for one in manifest.files}
    for one in told.values():
        if one.name not in found:
            raise BackupDamagedError(f"{one.name} is missing in {name}, whose manifest names it.")
        if found[one.name] != one:
            raise BackupDamagedError(
                f"{one.name} in {name} was changed: its SHA-256 or size is not that of the manifest."
            )
    if more := found.keys() - told.keys():
        raise BackupDamagedError(f"{name} holds {min(more)}, which its manifest does not name.")
    if RECORD not in told:
        raise BackupDamagedError(f"{name} holds no record of a lab.")
