"""Erasing what is kept of a case: proposed, approved by another person, then carried out and listed (REQ-70)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chain_of_custody.erasure_rules import (
    APPROVE,
    CARRY_OUT,
    COUNT,
    DIGEST,
    FINISH,
    PROPOSE,
    REJECT,
    is_erasable,
    listed_of,
)
from chain_of_custody.ledger import Json, Subject
from evidence.durable import sync_folder
from forensics_app.db.engine import Database
from forensics_app.db.ledger import entries_about, entries_of
from forensics_app.errors import LabUnusableError, NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.retention import Erasable, ErasedFile, Erasure, ErasureId, ErasureState, NewErasure
from forensics_app.services.cases import case_with
from forensics_app.services.erased import ERASURES_ID, erased_files, erasures_of
from forensics_app.services.folder import LabFolder, content_size, sha256_of
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.retention import lines_of

HOLDERS = (Role.ADMINISTRATOR, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
MOST_FILES = 20_000
"""What one entry lists at most; a case with more is erased kind by kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """Use cases about erasure. The ledger, the rows of the record and the images are never touched by it."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]

    def list(self, case_id: CaseId) -> tuple[Erasure, ...]:
        """The erasures of a case, oldest first, also those that were rejected."""
        with self.db.reading() as connection:
            return _of_case(connection, case_id)

    def waiting(self) -> tuple[Erasure, ...]:
        """Every erasure of the lab that waits for a decision or for being carried out."""
        with self.db.reading() as connection:
            found = erasures_of(entries_about(connection, [ERASURES_ID]))
        return tuple(one for one in found if one.is_waiting)

    def propose(self, actor: SignedIn, new: NewErasure) -> Erasure:
        """Propose to erase what is kept now of a case whose retention period is over.

        Photographs, papers and reports that come later are no part of it; catalogues are taken as they are when it is
        carried out.

        Raises:
            PermissionRefusedError: The actor is no administrator, exhibits officer or supervisor.
            RefusedError: A hold is in force, the period is not over or not set, another erasure waits, there are more
                files than one entry lists, or something is missing.
            LabUnusableError: A file cannot be read.
        """
        require(actor, "propose an erasure", *HOLDERS)
        if not (new.what and new.authority.strip() and new.reason.strip()):
            raise RefusedError("An erasure needs what is erased, the authority for it, and the reason.")
        erasure_id = ErasureId(uuid4())
        with self.db.reading() as connection:
            case = case_with(connection, new.case_id)
            self._check(connection, case)
        count, sha256 = _proposed(case, self._digested(case, new.what - {Erasable.CATALOGUES}))
        with self.db.writing() as connection:
            self._check(connection, case)
            if any(one.is_waiting for one in _of_case(connection, case.id)):
                raise RefusedError(f"An erasure of {case.number} waits already.", then="Decide about it first.")
            facts: dict[str, Json] = {
                "what": [kind.value for kind in Erasable if kind in new.what],
                "authority": new.authority.strip(),
                COUNT: count,
                DIGEST: sha256,
            }
            self._append(connection, case, PROPOSE, erasure_id, facts, actor, new.reason)
            return _with(connection, case.id, erasure_id)

    def decide(self, actor: SignedIn, case_id: CaseId, erasure_id: ErasureId, *, approve: bool, words: str) -> Erasure:
        """Approve or reject an erasure; for an approval holds and period are checked again.

        Raises:
            PermissionRefusedError: The actor is no supervisor, or proposed it.
            RefusedError: It does not wait for that, does not say of which files it is, a hold is in force, or no words
                are given.
        """
        require(actor, "decide about an erasure", Role.SUPERVISOR)
        if not words.strip():
            raise RefusedError("A decision needs a comment.")
        with self.db.writing() as connection:
            case, erasure = case_with(connection, case_id), _with(connection, case_id, erasure_id)
            waits = (ErasureState.PROPOSED,) if approve else (ErasureState.PROPOSED, ErasureState.APPROVED)
            if erasure.state not in waits:
                raise RefusedError(f"This erasure is {erasure.state}; it does not wait for that decision.")
            if actor.person.id == erasure.proposer_id:
                raise PermissionRefusedError(
                    f"{actor.person.name} proposed this erasure; nobody decides about their own proposal.",
                    then="Let another supervisor decide.",
                )
            if approve and erasure.listed is None:
                raise RefusedError(
                    "This erasure was proposed with an earlier version: it does not say of which files.",
                    then="Reject it, and let it be proposed again.",
                )
            if approve:
                self._check(connection, case)
            self._append(connection, case, APPROVE if approve else REJECT, erasure_id, {}, actor, words)
            return _with(connection, case_id, erasure_id)

    def carry_out(
        self, actor: SignedIn, case_id: CaseId, erasure_id: ErasureId, on_progress: OnProgress = lambda *_: None
    ) -> Erasure:
        """Digest what is erased, list it in an entry, then remove it. Cut off in between, another call finishes it.

        Removed means that the names are gone: what a disk keeps of deleted files, and backups, are not reached. What
        finishes one is checked like it, removes what is left and was not kept again since, and has its own entry.

        Args:
            actor: Not the supervisor who approved it.
            case_id: The case.
            erasure_id: An approved erasure, or one that was cut off while files were removed.
            on_progress: Bytes digested, bytes in all. What it raises stops the act before anything is removed.

        Raises:
            PermissionRefusedError: The actor may not, or approved it.
            RefusedError: It is not approved, other files are there than when it was proposed, it names files that are
                not of the case, a hold is in force, or another operation of the case runs.
            LabUnusableError: A file cannot be read or removed, or was changed since it was listed and is still there.
        """
        require(actor, "carry out an erasure", *HOLDERS)
        with self.db.reading() as connection:
            case, erasure = case_with(connection, case_id), _with(connection, case_id, erasure_id)
            self._refuse_at_work(connection, case)
        with self.journal.running("erasure", case.number, case.id, {"erasure": str(erasure_id)}) as say:
            if erasure.state is ErasureState.CARRIED_OUT:
                files = self._finish(actor, case, erasure)
            else:
                erasure = self._record(actor, case, erasure_id, self._digested(case, erasure.what, on_progress))
                files = erasure.files
            self._remove(erasure, files)
            say(f"{len(files):,} files erased.")
        return erasure

    def _record(self, actor: SignedIn, case: Case, erasure_id: ErasureId, files: tuple[ErasedFile, ...]) -> Erasure:
        with self.db.writing() as connection:
            erasure = _with(connection, case.id, erasure_id)
            if erasure.state is not ErasureState.APPROVED:
                raise RefusedError(
                    f"This erasure is {erasure.state}, not approved.",
                    then="A supervisor who did not propose it has to approve it first.",
                )
            self._check_act(connection, actor, case, erasure)
            if erasure.listed not in (None, _proposed(case, files)):
                raise RefusedError(
                    f"What is kept of {case.number} is not what was there when this erasure was proposed.",
                    kept="Nothing was erased.",
                    then="Let a supervisor reject it, and propose another: it is about what is there now.",
                )
            facts: dict[str, Json] = {
                "what": [kind.value for kind in Erasable if kind in erasure.what],
                **_listed(files),
            }
            self._append(connection, case, CARRY_OUT, erasure_id, facts, actor, None)
            return _with(connection, case.id, erasure_id)

    def _finish(self, actor: SignedIn, case: Case, erasure: Erasure) -> tuple[ErasedFile, ...]:
        """Record that what is left of an erasure is removed now; files that were kept again since are not left.

        Returns:
            What is left, also what was changed since it was listed.
        """
        try:
            as_listed = {one for one in erasure.files if any(_is(path, one) for path in self._places(erasure, one))}
        except OSError as error:
            raise LabUnusableError(f"{error.filename} cannot be read: {error.strerror}.") from error
        with self.db.writing() as connection:
            self._check_act(connection, actor, case, erasure)
            erased = erased_files([entries_of(connection, str(case.id))])
            still = (one for one in erasure.files if erased.get(one.name) == one.sha256)
            left = tuple(one for one in still if self._places(erasure, one))
            if now := tuple(one for one in left if one in as_listed):
                self._append(connection, case, FINISH, erasure.id, _listed(now), actor, None)
        return left

    def _check_act(self, connection: Connection, actor: SignedIn, case: Case, erasure: Erasure) -> None:
        if actor.person.id == erasure.decider_id:
            raise PermissionRefusedError(
                f"{actor.person.name} approved this erasure and cannot carry it out, too.",
                then="Let somebody else carry it out.",
            )
        self._check(connection, case)
        self._refuse_at_work(connection, case)

    def _refuse_at_work(self, connection: Connection, case: Case) -> None:
        """Refuse while an operation of the case may write what is erased.

        Raises:
            RefusedError: One does.
        """
        job = next((job for job in self.journal.at_work(connection, case.id) if job.kind != "erasure"), None)
        if job is not None:
            raise RefusedError(
                f"{case.number} is being worked on: {job.kind} of {job.subject} on {job.host}.",
                kept="Nothing was erased.",
                then="Wait until it is done, or cancel it. If its computer went down, start the program there once.",
            )

    def _check(self, connection: Connection, case: Case) -> None:
        """Refuse while the case has to be kept.

        Raises:
            RefusedError: It has.
        """
        today = self.now().astimezone(ZoneInfo(self.lab.zone)).date()
        line = next((one for one in lines_of(connection, today) if one.retention.case_id == case.id), None)
        if line is None:
            raise RefusedError(
                f"Nobody has said how long {case.number} is kept.", then="Let a supervisor set its retention period."
            )
        if line.holds:
            raise RefusedError(
                f"{case.number} is under a legal hold ({line.holds} in force); nothing of it is erased.",
                then="It is kept until a supervisor lifts the hold.",
            )
        if not line.is_over:
            raise RefusedError(
                f"{case.number} is kept until {line.retention.keep_until} ({line.retention.basis}).",
                then="Wait, or let a supervisor set another period with its basis.",
            )

    def _digested(
        self, case: Case, what: frozenset[Erasable], on_progress: OnProgress = lambda *_: None
    ) -> tuple[ErasedFile, ...]:
        paths = sorted(self._paths(case, what), key=lambda one: one[1])
        if len(paths) > MOST_FILES:
            raise RefusedError(
                f"{len(paths):,} files are more than one entry lists ({MOST_FILES:,}).",
                then="Propose the erasure of one kind after the other.",
            )
        try:
            sizes = {path: content_size(path) for path, _ in paths}
            total, done, files = sum(sizes.values()), 0, []
            for path, name in paths:
                files.append(ErasedFile(name=name, size_bytes=sizes[path], sha256=sha256_of(path).hex()))
                done += sizes[path]
                on_progress(done, total)
        except OSError as error:
            raise LabUnusableError(f"{error.filename} cannot be read: {error.strerror}.") from error
        return tuple(files)

    def _paths(self, case: Case, what: frozenset[Erasable]) -> Iterator[tuple[Path, str]]:
        for kind in what:
            base = (self.folder.local or self.folder.root) if kind is Erasable.CATALOGUES else self.folder.root
            for path in (base / "cases" / str(case.id) / kind.value).rglob("*"):
                if path.is_file():
                    name = storable(path.relative_to(base).as_posix())
                    if not is_erasable(name, str(case.id), [kind.value]):
                        raise RefusedError(
                            f"{path} has no name of a file that the program keeps.",
                            kept="Nothing was erased.",
                            then="Move it out of the lab folder.",
                        )
                    yield path, name

    def _places(self, erasure: Erasure, one: ErasedFile) -> tuple[Path, ...]:
        """Where a listed file still is.

        Raises:
            RefusedError: It is none of what may be erased of the case.
        """
        if not is_erasable(one.name, str(erasure.case_id), [kind.value for kind in erasure.what]):
            raise RefusedError(
                f"The entry of this erasure names a file that is none of what was approved: {one.name}",
                kept="Nothing was erased now.",
                then="Verify the lab, which names the entry, and find out who wrote it.",
            )
        bases = sorted({self.folder.root, self.folder.local or self.folder.root})
        return tuple(path for path in (base / one.name for base in bases) if path.is_file())

    def _remove(self, erasure: Erasure, files: tuple[ErasedFile, ...]) -> None:
        kept = "The erasure is recorded; files that are listed there are still in the lab folder."
        for one in files:
            for path in self._places(erasure, one):
                try:
                    if _is(path, one):
                        path.unlink(missing_ok=True)
                        sync_folder(path.parent)
                except OSError as error:
                    raise LabUnusableError(
                        f"{path} cannot be removed: {error.strerror}.",
                        kept=kept,
                        then="See why, then carry the erasure out again: it removes the rest.",
                    ) from error
        if left := [str(path) for one in files for path in self._places(erasure, one)]:
            raise LabUnusableError(
                f"Changed since it was listed, and not removed: {', '.join(left)}.",
                kept=kept,
                then="Propose another erasure: it lists what is there now. Until then verification names it.",
            )

    def _append(
        self, connection: Connection, case: Case, action: str, erasure_id: ErasureId, facts: dict[str, Json],
        actor: SignedIn, reason: str | None,
    ) -> None:  # fmt: skip
        subject = Subject(kind="erasure", id=ERASURES_ID, label=case.number)
        told: dict[str, Json] = {"erasure": str(erasure_id), **facts}
        writer = Writer(connection, self.now())
        writer.append(case_chain(case), action, subject, told, [("actor", actor)], reason.strip() if reason else None)


def _is(path: Path, one: ErasedFile) -> bool:
    return sha256_of(path).hex() == one.sha256


def _proposed(case: Case, files: tuple[ErasedFile, ...]) -> tuple[Json, Json]:
    return listed_of(_listed(files)["files"], str(case.id))


def _listed(files: tuple[ErasedFile, ...]) -> dict[str, Json]:
    return {
        "files": [{"name": one.name, "size_bytes": one.size_bytes, "sha256": one.sha256} for one in files],
        "file_count": len(files),
        "bytes": sum(one.size_bytes for one in files),
    }


def _of_case(connection: Connection, case_id: CaseId) -> tuple[Erasure, ...]:
    entries = [one for one in entries_about(connection, [ERASURES_ID]) if one.content.chain == str(case_id)]
    return erasures_of(entries)


def _with(connection: Connection, case_id: CaseId, erasure_id: ErasureId) -> Erasure:
    found = next((one for one in _of_case(connection, case_id) if one.id == erasure_id), None)
    if found is None:
        raise NotFoundError("There is no such erasure in the case.")
    return found
