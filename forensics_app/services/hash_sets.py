"""The lab's hash sets: imported, listed, removed, and asked (REQ-41)."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import Connection, select

from chain_of_custody.ledger import Json, Subject
from evidence.digest import hash_stream
from forensics_app.db.engine import Database
from forensics_app.db.filelock import held
from forensics_app.db.mapping import Values, time_text
from forensics_app.db.mapping_hash_set import hash_set_of, parts_text
from forensics_app.db.rows import records
from forensics_app.db.tables import HASH_SET, PERSON
from forensics_app.errors import AppError, NotFoundError, RefusedError
from forensics_app.model.hash_set import (
    DIGEST_BYTES,
    HashSet,
    HashSetError,
    HashSetId,
    HashSetKind,
    Imported,
    NewHashSet,
    OnProgress,
    SetMatch,
    StoredPart,
)
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.folder import LabFolder
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain

if TYPE_CHECKING:
    from evidence.hash_sets.building import Built

KEEPERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
_STEPS, _DIGESTING = 1000, 200
_State = tuple[int, int, int]
_VERIFIED: dict[Path, _State] = {}
"""Size, time of change in nanoseconds and inode of stored sets as they were when all of their bytes were right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashSets:
    """Use cases about hash sets. A set is never changed: a newer version is imported, and the older one removed."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]

    def list(self, *, removed: bool = False) -> tuple[HashSet, ...]:
        """The sets in use by name and version, with ``removed`` also those that were removed."""
        with self.db.reading() as connection:
            return tuple(one for one in sets_of(connection) if removed or one.removed_at is None)

    def add(self, actor: SignedIn, new: NewHashSet, on_progress: OnProgress = lambda done, total: None) -> Imported:
        """Import a list of digests.

        Cut off or stopped, nothing of it is left but the journal's line; it is begun again then.

        Args:
            actor: Examiner, supervisor or administrator.
            new: The list, and what the set is called.
            on_progress: Called with thousandths of the work. What it raises stops the import.

        Raises:
            PermissionRefusedError: The actor holds none of these roles.
            RefusedError: Something required is missing, this name with this version is there, another import runs, the
                list was changed while it was read, or what it names as illegal would be taken for known.
            HashSetError: The list cannot be read to its end, or holds no digest.
        """
        require(actor, "import a hash set", Role.EXAMINER, *KEEPERS)
        if not (new.name.strip() and new.version.strip() and new.source.strip()):
            raise RefusedError("A hash set needs its name, its version, and where it comes from.")
        self._refuse_taken(self.list(), new)
        parameters = {"file": str(new.file), "kind": new.kind.value}
        with self.journal.running("hash set", f"{new.name} {new.version}", None, parameters) as say, self._alone():
            set_id = HashSetId(uuid4())
            work = self.folder.hash_sets / f"{set_id}.building"
            work.mkdir()
            try:
                sha256, size_bytes, built = _read(new.file, work, on_progress)
                _refuse_as_known(new.kind, built)
                work.rename(self._place(set_id))
                made = self._record(actor, new, set_id, sha256, size_bytes, built)
            except BaseException:
                shutil.rmtree(work, ignore_errors=True)
                with suppress(AppError):  # nobody can tell now what is of the record: the next import clears away
                    self._tidy()
                raise
            say(f"{made.label}: {made.counts}.")
        return Imported(hash_set=made, built=built, warnings=tuple(self._warnings(made)))

    def remove(self, actor: SignedIn, set_id: HashSetId, reason: str) -> HashSet:
        """Take a set out of use: its digests are deleted, its record stays.

        What was found in it is shown until an image is looked up again; how many entries that were stays on record.

        Raises:
            PermissionRefusedError: The actor is neither supervisor nor administrator.
            NotFoundError: There is no such set in use.
            RefusedError: There is no reason.
        """
        require(actor, "remove a hash set", *KEEPERS)
        if not reason.strip():
            raise RefusedError("State why the hash set is removed.")
        with self._alone():
            with self.db.writing() as connection:
                found = set_with(connection, set_id)
                now = self.now()
                writer = Writer(connection, now)
                writer.update(HASH_SET, set_id, {"removed_at": time_text(now)})
                subject, facts = _subject(found), _facts(found)
                writer.append(
                    lab_chain(self.lab), "hash_set.remove", subject, facts, [("actor", actor)], reason.strip()
                )
                removed = next(one for one in sets_of(connection) if one.id == set_id)
            self._tidy()
        return removed

    def holding(self, digest: bytes) -> tuple[SetMatch, ...]:
        """The sets in use that a digest is in, alerts first.

        Raises:
            RefusedError: It is no MD5, SHA-1 or SHA-256 digest.
            HashSetError: A set cannot be read, or is not the one that was imported.
        """
        algorithm = next((name for name, size in DIGEST_BYTES.items() if size == len(digest)), None)
        if algorithm is None:
            raise RefusedError(f"{digest.hex()} is no MD5, SHA-1 or SHA-256 digest.")
        return tuple(
            SetMatch(set_id=one.id, name=one.name, version=one.version, kind=one.kind, algorithm=algorithm)
            for one in sorted(self.list(), key=lambda one: one.kind)
            for part in one.parts
            if part.algorithm == algorithm and _is_in(part_path(self.folder, one, part), part, digest)
        )

    def _place(self, set_id: HashSetId) -> Path:
        return self.folder.hash_sets / str(set_id)

    def _refuse_taken(self, there: Sequence[HashSet], new: NewHashSet) -> None:
        label = (new.name.strip().casefold(), new.version.strip().casefold())
        if any((one.name.casefold(), one.version.casefold()) == label for one in there):
            raise RefusedError(
                f"The hash set {new.name.strip()} {new.version.strip()} is there already.",
                then="Remove it first, or import the newer version under its own version.",
            )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One import or removal at a time; what a killed one left is cleared away."""
        lock = self.folder.hash_sets / "import.lock"
        try:
            holding = held(lock)
            holding.__enter__()
        except OSError as error:
            raise RefusedError(
                "Another hash set is being imported into this lab.", then="Wait until it is done, then try again."
            ) from error
        try:
            self._tidy()
            yield
        finally:
            holding.__exit__(None, None, None)

    def _tidy(self) -> None:
        """Delete what no set in use owns."""
        kept = {str(one.id) for one in self.list()}
        for folder in self.folder.hash_sets.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _record(
        self, actor: SignedIn, new: NewHashSet, set_id: HashSetId, sha256: bytes, size_bytes: int, built: Built
    ) -> HashSet:
        now = self.now()
        parts = [StoredPart(algorithm=one.algorithm, count=one.count, sha256=one.sha256) for one in built.files]
        values: Values = {
            "id": str(set_id),
            "name": new.name.strip(),
            "version": new.version.strip(),
            "source": new.source.strip(),
            "kind": new.kind.value,
            "list_name": new.file.name,
            "list_sha256": sha256.hex(),
            "list_bytes": size_bytes,
            "format": built.format,
            "parts": parts_text(parts),
            "refused": built.counts.get("refused", 0),
            "recorded_by": str(actor.person.id),
            "recorded_at": time_text(now),
            "removed_at": None,
        }
        with self.db.writing() as connection:
            self._refuse_taken([one for one in sets_of(connection) if one.removed_at is None], new)
            writer = Writer(connection, now)
            writer.insert(HASH_SET, values)
            made = set_with(connection, set_id)
            told: dict[str, Json] = {**built.told, **{f"{kind} {built.unit}s": n for kind, n in built.counts.items()}}
            facts: dict[str, Json] = {**_facts(made), "told": told}
            writer.append(lab_chain(self.lab), "hash_set.add", _subject(made), facts, [("actor", actor)])
            return made

    def _warnings(self, made: HashSet) -> Iterator[str]:
        algorithms = {part.algorithm for part in made.parts}
        if algorithms == {"sha1"}:
            yield "It holds SHA-1 digests only. Catalogues hold MD5 and SHA-256, so no file will be found in it."
        nothing = {name: hashlib.new(name, usedforsecurity=False).digest() for name in algorithms}
        if any(_is_in(part_path(self.folder, made, part), part, nothing[part.algorithm]) for part in made.parts):
            yield "The digest of no bytes at all is in it: every empty file will be found in it."


def sets_of(connection: Connection) -> tuple[HashSet, ...]:
    """All sets by name and version, removed ones included."""
    query = select(HASH_SET, PERSON.c.name.label("recorder")).join(PERSON, PERSON.c.id == HASH_SET.c.recorded_by)
    found = records(connection, query.order_by(HASH_SET.c.recorded_at, HASH_SET.c.id), hash_set_of)
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.version)))


def set_with(connection: Connection, set_id: HashSetId) -> HashSet:
    """The set in use with this id.

    Raises:
        NotFoundError: There is none.
    """
    for one in sets_of(connection):
        if one.id == set_id and one.removed_at is None:
            return one
    raise NotFoundError(f"There is no hash set with the id {set_id} in use.")


def part_path(folder: LabFolder, one: HashSet, part: StoredPart) -> Path:
    """Where the digests of a set lie."""
    return folder.hash_sets / str(one.id) / f"{part.algorithm}.hashes"


def _refuse_as_known(kind: HashSetKind, built: Built) -> None:
    """Refuse to have passed over as known what a list of Project VIC or CAID names as illegal.

    Source: VICS data model, where categories 1 and 2 are illegal media, in both.
    """
    illegal = [name for name in ("category 1", "category 2") if name in built.told]
    if kind is HashSetKind.KNOWN and illegal:
        told = ", ".join(f"{built.told[name]} of {name}" for name in illegal)
        raise RefusedError(
            f"The list holds {told}, which Project VIC and CAID name as illegal; as known they would be passed over.",
            then="Import it as an alert, or take the media of these categories out of the list.",
        )


def _read(source: Path, work: Path, on_progress: OnProgress) -> tuple[bytes, int, Built]:
    """SHA-256 and size of the list, and what was made of it in the folder ``work``."""
    from evidence.hash_sets.building import build  # what reads lists is loaded when one is read
    from evidence.hash_sets.sources import is_database, open_source
    from forensics_app.db.rds import RdsSource

    def digesting(done: int, total: int) -> None:
        on_progress(_DIGESTING * done // max(total, 1), _STEPS)

    def building(done: int, total: int) -> None:
        on_progress(_DIGESTING + (_STEPS - _DIGESTING) * done // max(total, 1), _STEPS)

    opened = RdsSource(source) if is_database(source) else open_source(source)
    before = source.stat()
    with source.open("rb") as file:
        sha256 = hash_stream(file, before.st_size, algorithms=("sha256",), on_progress=digesting)["sha256"]
    built = build(opened, work, building)
    after = source.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise HashSetError(source, "was changed while it was read")
    return sha256, before.st_size, built


def _is_in(path: Path, part: StoredPart, digest: bytes) -> bool:
    """Whether a digest is in a stored set, every byte of which was compared with its digest in the state it has."""
    from evidence.hash_sets.stored import StoredSet

    with StoredSet(path) as stored:
        if stored.header.sha256 != part.sha256:
            raise HashSetError(path, "is not the hash set that was imported")
        if _VERIFIED.get(path) != (state := _state(path)):
            stored.verify()
            _VERIFIED[path] = state
        return stored.holds(digest)


def _state(path: Path) -> _State:
    try:
        told = path.stat()
    except OSError as error:
        raise HashSetError(path, f"cannot be read: {error.strerror}") from error
    return told.st_size, told.st_mtime_ns, told.st_ino


def _subject(one: HashSet) -> Subject:
    return Subject(kind="hash_set", id=str(one.id), label=one.label)


def _facts(one: HashSet) -> dict[str, Json]:
    return {
        "kind": one.kind.value,
        "list_sha256": one.list_sha256.hex(),
        "parts": {part.algorithm: part.count for part in one.parts},
    }
