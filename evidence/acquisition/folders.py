"""Folders copied into one container: a ZIP (ZIP64) with the files and a manifest that lists and digests them.

``manifest.jsonl`` is the last member: one JSON object a line, each canonical (RFC 8785: sorted names, no spaces, UTF-8;
nanoseconds as text, since they are too large for a JSON number; values of extended attributes in hex). The first line
tells what was acquired, then comes one line for everything found, then one with the totals. Digests are of the bytes in
the container.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, TypeAlias
from uuid import uuid4

from evidence.acquisition.attributes import CAN_READ, COPIED, NOT_COPIED
from evidence.acquisition.folder_walk import Found, walk
from evidence.digest import OnProgress
from evidence.durable import sync_folder
from evidence.errors import AcquisitionRefusedError, SourceAccessError, TargetError
from evidence.filesystems.manifest import MANIFEST as MANIFEST
from evidence.filesystems.manifest import VERSION

if sys.platform != "win32":
    import fcntl

BLOCK_BYTES = 1 << 20

_UNTOLD_MAX = 1000
_MEMBER_MAX_BYTES = 60_000
_TIMES = {"basis": "utc", "unit": "ns since 1970-01-01T00:00:00Z", "source": "the system's stat"}
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError)
_Line: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAcquisition:
    """What copying folders gave.

    Attributes:
        path: The container.
        folders: What was copied, in the order of the manifest's roots.
        sha256: Of the container; ``manifest_sha256`` of the manifest in it.
        entries: Lines of the manifest between its first and its last; ``files`` those with content.
        content_bytes: Of all files together.
        attributes: Extended attributes in the manifest; None where the system does not tell of them.
        unreadable: Paths of what could not be read whole, and why; at most 1,000 of ``unreadable_count``.
        verified: Whether all of it was read back and was equal; None where that was not asked for.
        differing: Members that were not equal.
    """

    path: Path
    folders: tuple[Path, ...]
    started_at: str
    sha256: bytes
    manifest_sha256: bytes
    entries: int
    files: int
    content_bytes: int
    attributes: int | None
    unreadable: tuple[tuple[str, str], ...]
    unreadable_count: int
    verified: bool | None = None
    differing: tuple[str, ...] = ()


def acquire_folders(
    folders: Sequence[Path],
    target: Path,
    *,
    labels: Mapping[str, str] | None = None,
    verify: bool = True,
    started_at: datetime | None = None,
    on_progress: OnProgress = lambda done, total: None,
) -> FolderAcquisition:
    """Copy folders with all that is in them into a container that did not exist before.

    Args:
        folders: What to copy. Symbolic links in them are told of and not followed, other file systems not entered.
        target: The container.
        labels: Texts for the first line of the manifest, such as the number of the case.
        verify: Whether the container is read back and compared with its manifest.
        started_at: The present moment; by the system's clock if None.
        on_progress: Called with bytes done and 0, since how much there is is not known before; while reading back
            with bytes done and in all. What it raises ends the work, and nothing is left of it.

    Raises:
        AcquisitionRefusedError: The target exists, lies in a folder that is copied, or there is nothing to copy.
        SourceAccessError: A folder cannot be opened.
        TargetError: The container cannot be written; nothing is left of it.
    """
    target = target.absolute()
    roots = tuple(folder.absolute() for folder in folders)
    _refuse(roots, target)
    at = (started_at or datetime.now(UTC)).isoformat()
    part = target.with_name(f"{_beginning_of(target)}{uuid4().hex}.part")
    try:
        with _held(part) as file:
            with _Container(file, part.parent, on_progress) as container:
                container.say({
                    "version": VERSION, "started_at": at, "times": _TIMES, "labels": dict(labels or {}),
                    "extended_attributes": COPIED if CAN_READ else NOT_COPIED,
                    "roots": [{"number": one, **_text("path", os.fsencode(root))} for one, root in enumerate(roots, 1)],
                })  # fmt: skip
                for number, root in enumerate(roots, 1):
                    container.add_root(number, root)
                manifest_sha256 = container.finish()
            file.flush()
            sha256 = _settle(part, target)
    except OSError as error:
        raise TargetError(target, error.strerror or str(error), 0) from error
    made = FolderAcquisition(
        path=target,
        folders=roots,
        started_at=at,
        sha256=sha256,
        manifest_sha256=manifest_sha256,
        entries=container.entries,
        files=container.files,
        content_bytes=container.content_bytes,
        attributes=container.attributes if CAN_READ else None,
        unreadable=tuple(container.unreadable),
        unreadable_count=container.unreadable_count,
    )
    if not verify:
        return made
    differing = tuple(compare(target, manifest_sha256, made.content_bytes, on_progress))
    return replace(made, verified=not differing, differing=differing)


def left_over(target: Path) -> tuple[Path, ...]:
    """Containers to ``target`` that a kill cut off: each a ZIP without its end, of no use.

    What somebody writes right now is none of them, nor what cannot be opened to find that out.
    """
    try:
        parts = sorted(target.absolute().parent.glob(f"{_beginning_of(target)}*.part"))
    except OSError:
        return ()
    return tuple(part for part in parts if _is_free(part))


@contextmanager
def _held(part: Path) -> Iterator[IO[bytes]]:
    """A new file that is locked while it is open, as far as its file system can, and has lost its name at the end."""
    with part.open("x+b") as file:
        try:
            with suppress(OSError):  # then nobody can tell whether it is free, and it is not taken for left over
                _lock(file, wait=True)
            yield file
        finally:
            part.unlink(missing_ok=True)


def _is_free(part: Path) -> bool:
    """Whether nobody writes it."""
    try:
        with part.open("r+b") as file:
            _lock(file, wait=False)
    except OSError:
        return False
    return True


def _lock(file: IO[bytes], *, wait: bool) -> None:
    if sys.platform != "win32":  # where no folders are copied; see _refuse
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _beginning_of(target: Path) -> str:
    """How the names of unfinished containers to ``target`` begin: of a length that any file system takes."""
    return f".{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}-"


def compare(
    container: Path, manifest_sha256: bytes, content_bytes: int, on_progress: OnProgress = lambda done, total: None
) -> list[str]:
    """Read a container back; returns the members that are not what the manifest says, and what else is wrong.

    Raises:
        TargetError: It cannot be read.
    """
    differing, done = [], 0
    try:
        with zipfile.ZipFile(container) as archive:
            with archive.open(MANIFEST) as manifest:
                if hashlib.file_digest(manifest, "sha256").digest() != manifest_sha256:  # type: ignore[arg-type]
                    return [MANIFEST]
            with archive.open(MANIFEST) as manifest:
                for raw in manifest:
                    line = json.loads(raw)
                    if line.get("sha256") is None:
                        continue
                    if _digest_of(archive, line["member"]) != line["sha256"]:
                        differing.append(line["member"])
                    done += line["stored_bytes"]
                    on_progress(done, content_bytes)
    except _DAMAGE as error:
        return [*differing, str(error)]
    except OSError as error:
        raise TargetError(container, error.strerror or str(error), 0) from error
    return differing


def _digest_of(archive: zipfile.ZipFile, name: str) -> str | None:
    """SHA-256 of a member; None where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with archive.open(name) as member:
            while block := member.read(BLOCK_BYTES):
                digest.update(block)
    except (*_DAMAGE, KeyError):
        return None
    return digest.hexdigest()


class _Container:
    """A container in the making, written to ``file``; its manifest waits in ``folder``. A context, which ends it."""

    def __init__(self, file: IO[bytes], folder: Path, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        with ExitStack() as stack:
            self._manifest = stack.enter_context(tempfile.TemporaryFile(dir=folder))
            self._archive = stack.enter_context(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1))
            self._files = stack.pop_all()
        self._digest = hashlib.sha256()
        self.entries = self.files = self.content_bytes = self.attributes = self.unreadable_count = 0
        self.unreadable: list[tuple[str, str]] = []

    def __enter__(self) -> _Container:
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def say(self, line: _Line) -> None:
        """Add a line to the manifest."""
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        raw = f"{text}\n".encode()
        self._manifest.write(raw)
        self._digest.update(raw)

    def add_root(self, number: int, root: Path) -> None:
        """Copy all of a folder."""
        found_ones = walk(root)
        with closing(found_ones):
            for found, opened in found_ones:
                self._add(number, found, opened)
                self._on_progress(self.content_bytes, 0)

    def finish(self) -> bytes:
        """Add the totals and the manifest itself; returns its digest."""
        self.say({"entries": self.entries, "files": self.files, "content_bytes": self.content_bytes})
        self._manifest.seek(0)
        with self._archive.open(zipfile.ZipInfo(MANIFEST), "w", force_zip64=True) as member:
            while block := self._manifest.read(BLOCK_BYTES):
                member.write(block)
        return self._digest.digest()

    def _add(self, number: int, found: Found, opened: int | None) -> None:
        self.entries += 1
        line: _Line = {"root": number, "kind": found.kind, **_text("path", found.path), **_status_line(found.status)}
        if found.link_target is not None:
            line |= _text("link_target", found.link_target)
        if values := found.attributes.values:
            line["extended_attributes"] = [{**_text("name", name), "hex": value.hex()} for name, value in values]
            self.attributes += len(values)
        note = found.note
        info = zipfile.ZipInfo(self._member(number, found), _zip_time(found.status))
        info.external_attr = (found.status.st_mode if found.status else 0) << 16
        if found.kind == "directory":
            info.filename += "/"
            self._archive.writestr(info, b"")
        elif opened is not None:
            line |= {"member": info.filename, **self._copy(info, opened)}
            note = line.pop("note")
        note = "; ".join(filter(None, (note, found.attributes.note)))
        if note:
            line["note"] = note
            self.unreadable_count += 1
            if len(self.unreadable) < _UNTOLD_MAX:
                self.unreadable.append((line["path"], note))
        self.say(line)

    def _member(self, number: int, found: Found) -> str:
        """A name that every reader of ZIP can take; what is none gets a number."""
        name = found.path.decode("utf-8", errors="surrogateescape")
        plain = name.isprintable() and "\\" not in name and len(found.path) <= _MEMBER_MAX_BYTES
        return f"{number}/{name}" if plain and name else f"{number}" if not name else f"unnamed/{self.entries}"

    def _copy(self, info: zipfile.ZipInfo, opened: int) -> _Line:
        md5, sha256, done, note = hashlib.md5(usedforsecurity=False), hashlib.sha256(), 0, ""
        before = os.fstat(opened)
        info.compress_type = zipfile.ZIP_DEFLATED
        with self._archive.open(info, "w", force_zip64=True) as member:
            while True:
                try:
                    block = os.read(opened, BLOCK_BYTES)
                except OSError as error:
                    note = f"the content cannot be read past byte {done}: {error.strerror or error}"
                    break
                if not block:
                    break
                md5.update(block)
                sha256.update(block)
                member.write(block)
                done += len(block)
                self._on_progress(self.content_bytes + done, 0)
        after = os.fstat(opened)
        if not note and (done, before.st_mtime_ns) != (before.st_size, after.st_mtime_ns):
            note = "it was changed while it was read"
        self.files += 1
        self.content_bytes += done
        return {"md5": md5.hexdigest(), "sha256": sha256.hexdigest(), "stored_bytes": done, "note": note}


def _refuse(roots: Sequence[Path], target: Path) -> None:
    if os.open not in os.supports_dir_fd:
        raise AcquisitionRefusedError("This system does not let folders be read without following links.")
    if not roots:
        raise AcquisitionRefusedError("Name a folder to copy.")
    if target.exists() or target.is_symlink():
        raise AcquisitionRefusedError(f"{target} already exists; nothing is ever overwritten.")
    if not target.parent.is_dir():
        raise AcquisitionRefusedError(f"There is no folder {target.parent}.")
    above = [folder.stat() for folder in (target.parent.resolve(), *target.parent.resolve().parents)]
    for root in roots:
        try:
            status = root.lstat()
            if stat.S_ISDIR(status.st_mode):
                os.scandir(root).close()
        except OSError as error:
            raise SourceAccessError(root, error.strerror or str(error)) from error
        if not stat.S_ISDIR(status.st_mode):
            raise AcquisitionRefusedError(f"{root} is no folder.")
        if any(os.path.samestat(status, one) for one in above):
            raise AcquisitionRefusedError(f"{target} lies in {root}, which is to be copied.")


def _settle(part: Path, target: Path) -> bytes:
    """Bring the whole container to the disk and give it its name; returns its SHA-256."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        digest = hashlib.file_digest(file, "sha256").digest()
    target.touch(exist_ok=False)
    part.replace(target)
    sync_folder(target.parent)
    return digest


def _text(name: str, value: bytes) -> _Line:
    """A path or another name as text, and in hex where it is not valid text."""
    try:
        return {name: value.decode("utf-8")}
    except UnicodeDecodeError:
        return {name: value.decode("utf-8", errors="replace"), f"{name}_hex": value.hex()}


def _status_line(status: os.stat_result | None) -> _Line:
    if status is None:
        return {}
    line: _Line = {
        "size": status.st_size,
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "owner": status.st_uid,
        "group": status.st_gid,
        "inode": str(status.st_ino),
        "links": status.st_nlink,
        "modified_ns": str(status.st_mtime_ns),
        "accessed_ns": str(status.st_atime_ns),
        "changed_ns": str(status.st_ctime_ns),
    }
    born = getattr(status, "st_birthtime_ns", None)
    return line if born is None else line | {"created_ns": str(born)}


def _zip_time(status: os.stat_result | None) -> tuple[int, int, int, int, int, int]:
    """Only for people who list the ZIP; to two seconds, in UTC. The manifest has the time as it is."""
    first, last = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)
    at = 0.0 if status is None else status.st_mtime
    moment = datetime.fromtimestamp(min(max(at, first.timestamp()), last.timestamp()), UTC)
    return moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second
