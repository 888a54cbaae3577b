"""A lab folder copied into a new one that is encrypted by a new key: whole, verified and signed for, or not at all.

The old folder stays as it was, but for a guard in its record that lets nothing be recorded there any more: it is the
backup of what was done. Cut off at any moment, one of the two can be used and the other cannot (REQ-70).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.age import MAGIC
from chain_of_custody.ledger import Json, Subject
from chain_of_custody.passphrase import Argon2Parameters
from chain_of_custody.store_key import StoreKey
from evidence.durable import sync_folder
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.filelock import held as locked
from forensics_app.db.filelock import is_held
from forensics_app.db.ledger import chain_lengths
from forensics_app.db.mapping import time_text
from forensics_app.db.moving import differences, mark_moved, moved_when
from forensics_app.db.rewriting import is_sqlite_file, rewritten
from forensics_app.db.store_keys import key_for
from forensics_app.db.tables import JOB
from forensics_app.errors import LabMovedError, LabUnusableError, RefusedError
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import JobState, LabInfo, Rekeyed
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.backing_up import findings_of
from forensics_app.services.folder import (
    COPY_CHUNK_BYTES,
    PLAIN_FOLDERS,
    LabFolder,
    chunks_of,
    sha256_of,
    write_plain,
    write_whole,
)
from forensics_app.services.people import STORE, People, sealed_digest
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.shared import STORE_ID
from forensics_app.services.store import Store, held
from forensics_app.services.unlock_failures import carry_over, tell_failures
from forensics_app.services.verification import Verification

ENCRYPTED, RENEWED = "lab.encrypt", "lab.renew_key"
UNTOUCHED = "The lab was not changed and can be used; nothing of the new folder is left."
_OF_THIS_COMPUTER = ("jobs", "scratch", "store-keys")
_COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeying:
    """Copies the lab in a folder, whose record is open here, into a folder with a new key."""

    source: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]
    key_parameters: Argon2Parameters

    def into(self, target: Path, name: str, passphrase: str, on_progress: OnProgress) -> Rekeyed:
        """Copy it. The record is held from beginning to end.

        What verification finds in it before does not stop the act, but is counted in the entry about it.

        Args:
            target: A folder that does not exist yet or is empty.
            name: An administrator, who signs the first entry that only the new folder has, and can unlock it.
            passphrase: Theirs.
            on_progress: Bytes copied, bytes in all. What it raises stops the act.

        Raises:
            RefusedError: The folder is not empty, or an operation runs in the lab.
            SignInRefusedError: Name and passphrase do not belong together.
            PermissionRefusedError: They are no administrator.
            LabMovedError: The lab was moved before, to another place.
            LabUnusableError: Something cannot be read or written, or a copy is not the same.
        """
        with self.source.reading() as connection:
            gone = moved_when(connection)
        if gone is None:
            actor = People(db=self.source, lab=self.lab, now=self.now, key_parameters=self.key_parameters).sign_in(
                name, passphrase
            )
            try:
                tell_failures(self.source, self.lab, self.folder, actor, self.now())
                require(actor, "encrypt the lab by a new key", Role.ADMINISTRATOR)
                _refuse_taken(target, self.folder.root)
                at = self._copy(target, actor, passphrase, on_progress)
            finally:
                actor.key.close()
        elif gone[0] == str(target):
            at = gone[1]
        else:
            raise LabMovedError(f"The lab was moved to {gone[0]} before.")
        return self._finish(target, at)

    def _copy(self, target: Path, actor: SignedIn, passphrase: str, on_progress: OnProgress) -> str:
        at = time_text(self.now())
        whole = _whole(target, at)
        work = target.parent / f".{target.name}.rekeying-{uuid4().hex}"
        _clear_left(target)
        try:
            work.mkdir(mode=0o700)
            with (
                locked(work.with_name(f"{work.name}.lock")),
                self.source.writing() as old,
                held(LabFolder(work), StoreKey.create()),
            ):
                self._refuse_at_work(old)
                known = self._findings(self.source, self.folder)
                files = self._files_into(work, on_progress)
                self._record_into(work, old, actor, passphrase, files, known)
                work.rename(whole)
                sync_folder(target.parent)
                mark_moved(old, str(target), at)
        except OSError as error:
            raise LabUnusableError(f"{target} cannot be made: {error.strerror}.", kept=UNTOUCHED) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return at

    def _refuse_at_work(self, old: Connection) -> None:
        for job_id in old.scalars(select(JOB.c.id).where(JOB.c.state == JobState.RUNNING.value)):
            if is_held(self.folder.jobs / f"{job_id}.lock"):
                raise RefusedError(
                    "An operation is running in the lab.", kept=UNTOUCHED, then="Let it end, or stop it, first."
                )

    def _findings(self, database: Database, folder: LabFolder) -> frozenset[str]:
        """What verification finds, but for who has no key yet."""
        report = Verification(db=database, lab=self.lab, folder=folder, now=self.now, slots={}).verify()
        return frozenset(findings_of(report))

    def _files_into(self, work: Path, on_progress: OnProgress) -> int:
        """Copy every file but the record, and compare what is read back of it; the number of files."""
        files = list(self._files())
        total, done = sum(path.stat().st_size for path in files), 0
        for path in files:
            within = path.relative_to(self.folder.root)
            target = work / within
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if within.parts[0] in PLAIN_FOLDERS:
                write_plain(target, _read(path))
            elif self._is_database(path):
                rewritten(path, target, self.folder.scratch)
            else:
                written = write_whole(target, chunks_of(path))
                if sha256_of(target) != written:
                    raise LabUnusableError(f"{within} reads back as something else than was written.", kept=UNTOUCHED)
            done += path.stat().st_size
            on_progress(done, total)
        return len(files)

    def _files(self) -> Iterator[Path]:
        root = self.folder.root
        for path in sorted(root.rglob("*")):
            within = path.relative_to(root)
            if within.parts[0] in _OF_THIS_COMPUTER or path.is_symlink() or not path.is_file():
                continue
            is_part = path.name.endswith((".part", *_COMPANIONS))
            if path != self.folder.database and not is_part and not path.name.startswith(".probe-"):
                yield path

    def _is_database(self, path: Path) -> bool:
        """In an encrypted folder everything is one that is not in the format age."""
        if key_for(path) is None:
            return is_sqlite_file(path)
        with path.open("rb") as file:
            return file.read(len(MAGIC)) != MAGIC

    def _record_into(
        self, work: Path, old: Connection, actor: SignedIn, passphrase: str, files: int, known: frozenset[str]
    ) -> None:
        """Copy the record, compare it, let the administrator sign for it and unlock it, and verify it.

        Raises:
            LabUnusableError: It is not the same, or more is found in it than in the old one (``known``).
        """
        place = LabFolder(work)
        rewritten(self.folder.database, place.database, self.folder.scratch)
        database = Database(sqlite_url(place.database))
        try:
            with database.reading() as new:
                if found := next(differences(old, new), None):
                    raise LabUnusableError(f"The copy of the record is not the same: {found}", kept=UNTOUCHED)
            store = Store(folder=place, parameters=self.key_parameters)
            slot = store.sealed(str(actor.person.id), actor.person.name, passphrase)
            with database.writing() as new:
                store.keep(slot, sealed_digest(new, actor.person.id))
                self._append(new, place, actor, files, len(known))
            if more := sorted(self._findings(database, place) - known):
                raise LabUnusableError(f"The copy of the lab does not verify: {more[0]}", kept=UNTOUCHED)
        finally:
            database.close()
        for ending in _COMPANIONS:
            if place.database.with_name(f"{place.database.name}{ending}").exists():
                raise LabUnusableError("The new record was not closed.", kept=UNTOUCHED, then="Try again.")
        sync_folder(work)

    def _append(self, new: Connection, place: LabFolder, actor: SignedIn, files: int, finding_count: int) -> None:
        before, key = key_for(self.folder.root), key_for(place.root)
        facts: dict[str, Json] = {
            STORE: "" if key is None else key.store.hex(),
            "before": "" if before is None else before.store.hex(),
            "from": storable(str(self.folder.root)),
            "files": files,
            "finding_count": finding_count,
            "entries": sum(row.entries for row in chain_lengths(new)),
        }
        subject = Subject(kind="lab", id=STORE_ID, label=self.lab.name)
        action = ENCRYPTED if before is None else RENEWED
        Writer(new, self.now()).append(lab_chain(self.lab), action, subject, facts, [("actor", actor)])

    def _finish(self, target: Path, at: str) -> Rekeyed:
        """What follows when nothing is recorded in the old folder any more; may be done again."""
        whole = _whole(target, at)
        try:
            if whole.is_dir():
                if target.is_dir():
                    target.rmdir()
                whole.rename(target)
                sync_folder(target.parent)
        except OSError as error:
            raise LabUnusableError(
                f"The new folder is whole, but cannot be called {target}: {error.strerror}.",
                kept=f"It lies in {whole}; nothing is recorded in the old one any more.",
                then="Take away what lies there, and give the same command once more.",
            ) from error
        new = LabFolder(target, is_read_only=True)
        if not new.database.is_file():
            raise LabMovedError(f"The lab was moved to {target}, and does not lie there any more.")
        carry_over(self.folder, new)
        return Rekeyed(folder=target, old_folder=self.folder.root)


def _whole(target: Path, at: str) -> Path:
    """What the new folder is called from when it is whole until nothing is recorded in the old one any more."""
    return target.parent / f".{target.name}.rekeyed-{''.join(one for one in at if one.isalnum())}"


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(COPY_CHUNK_BYTES):
            yield chunk


def _refuse_taken(target: Path, root: Path) -> None:
    if target.resolve().is_relative_to(root.resolve()) or root.resolve().is_relative_to(target.resolve()):
        raise RefusedError("The new folder cannot lie in the old one, nor around it.", then="Choose one beside it.")
    if os.path.lexists(target) and not (target.is_dir() and next(target.iterdir(), None) is None):
        raise RefusedError(f"{target} is not empty.", kept=UNTOUCHED, then="Choose a folder that does not exist yet.")
    if not target.parent.is_dir():
        raise RefusedError(f"There is no folder {target.parent}.", kept=UNTOUCHED, then="Make it first.")


def _clear_left(target: Path) -> None:
    """Remove what an act with the same place left that was killed before its folder was whole."""
    for left in target.parent.glob(f".{target.name}.rekeying-*"):
        lock = left if left.suffix == ".lock" else left.with_name(f"{left.name}.lock")
        if not is_held(lock):
            shutil.rmtree(left, ignore_errors=True)
            lock.unlink(missing_ok=True)
