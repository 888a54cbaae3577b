"""Making a backup of a lab, and what the lab chain tells of those that were made (REQ-70)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from chain_of_custody.age import encrypted
from chain_of_custody.errors import PassphraseTooShortError
from chain_of_custody.ledger import Entry, Json, Subject
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.filelock import held, is_held
from forensics_app.db.ledger import entries_about
from forensics_app.db.schema import REVISIONS
from forensics_app.db.server import shown
from forensics_app.db.snapshot import snapshot
from forensics_app.errors import BackupDamagedError, LabUnusableError, RefusedError
from forensics_app.model.backup import (
    ENCRYPTED_SUFFIX,
    SUFFIX,
    BackedUpFile,
    BackupAct,
    BackupLine,
    BackupStanding,
    Manifest,
    NewBackup,
)
from forensics_app.model.custody import LabReport
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.backup_file import (
    AS_THE_LAB,
    KEPT_FOLDERS,
    READ_ME,
    RECORD,
    STORE_KEYS,
    encrypted_by,
    is_of_a_lab,
    is_plain_name,
    packed,
    read_backup,
)
from forensics_app.services.backup_searches import BackedUpSearches, searches_copied
from forensics_app.services.folder import LabFolder, kept_only_if_recorded, write_whole
from forensics_app.services.journal import Journal
from forensics_app.services.permissions import require
from forensics_app.services.program import TOOL
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.store import KeptSlots, slots_in, slots_of
from forensics_app.services.verification import Verification

BACKUPS_ID = "lab-backups"
"""Id of the object of these entries: by it they are found."""
MADE, RESTORED, INTERVAL = "lab.backup", "lab.restore", "backup.schedule"
LONGEST_DAYS = 3650
MOST_TOLD = 20
"""Of sentences of one kind in an entry."""
CATALOGUES = "catalogues"
PART, LOCK = ".backup.part", ".lock"
_LEFT = re.compile(r"\.[0-9a-f]{32}\.backup\.part(\.lock)?")
CATALOGUE_ENDINGS = (".db", ".second-reading", ".hash-sets")
"""What of the catalogues the record knows a digest of; everything else there is made again from these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Use cases about backups. Restoring is done without an open lab: :mod:`forensics_app.services.restoring`."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    journal: Journal
    now: Callable[[], datetime]

    def standing(self) -> BackupStanding:
        """The interval, and every backup that was made or restored from, oldest first."""
        with self.db.reading() as connection:
            entries = entries_about(connection, [BACKUPS_ID])
        lines = tuple(_line(entry) for entry in entries if entry.content.action in (MADE, RESTORED))
        days = [entry.content.facts.get("interval_days") for entry in entries if entry.content.action == INTERVAL]
        made = [line.at for line in lines if line.act is BackupAct.MADE]
        return BackupStanding(
            interval_days=days[-1] if days and isinstance(days[-1], int) else None,
            last_at=made[-1] if made else None,
            since=self.lab.created_at,
            lines=lines,
        )

    def set_interval(self, actor: SignedIn, days: int) -> None:
        """Say after how many days the next backup is due.

        Args:
            actor: An administrator or a supervisor.
            days: From 1 to 3650.

        Raises:
            PermissionRefusedError: The actor is neither.
            RefusedError: The number is none of these, or the one that holds.
        """
        require(actor, "set how often the lab is backed up", Role.ADMINISTRATOR, Role.SUPERVISOR)
        if not 1 <= days <= LONGEST_DAYS:
            raise RefusedError(f"The interval is from 1 to {LONGEST_DAYS} days, not {days}.")
        before = self.standing().interval_days
        if before == days:
            raise RefusedError(f"A backup is due after {days} days already.", then="Write another number, or cancel.")
        with self.db.writing() as connection:
            self._append(Writer(connection, self.now()), INTERVAL, {"interval_days": days, "before": before}, actor)

    def make(self, actor: SignedIn, new: NewBackup, on_progress: OnProgress = lambda done, total: None) -> BackupLine:
        """Copy the lab into one file, read it back, and record it with its SHA-256.

        The record is copied as it stands in one moment while others go on working. What verification finds in it does
        not stop the backup, but is told. The file gets its name when it is whole; killed before, nothing is there.

        Args:
            actor: An administrator or a supervisor.
            new: Where it goes, and under which passphrase.
            on_progress: Bytes copied and read back, about how many in all.

        Raises:
            PermissionRefusedError: The actor is neither.
            RefusedError: The name is taken, lies in the lab folder, or the passphrase is too short.
            LabUnusableError: Something cannot be read, or the file cannot be written.
            BackupDamagedError: What was written reads back as something else; it was removed.
        """
        require(actor, "back the lab up", Role.ADMINISTRATOR, Role.SUPERVISOR)
        at = self.now()
        target = self._target(new, at)
        record = self.folder.scratch / f"{uuid4()}.record"
        try:
            slots = slots_in(self.folder)  # before and after: a passphrase may be changed meanwhile
            snapshot(self.db, record)
            slots |= slots_in(self.folder)
            with (
                self.journal.running("backup", target.name, None, {"target": str(target)}) as say,
                searches_copied(self.folder, new) as found,
            ):
                line = self._make(actor, new, target, record, slots, found, at, on_progress)
                say(" ".join(filter(None, (f"{line.size_bytes:,} bytes, read back and compared.", line.left_out))))
            return line
        finally:
            record.unlink(missing_ok=True)

    def _make(
        self, actor: SignedIn, new: NewBackup, target: Path, record: Path, slots: dict[str, bytes],
        found: BackedUpSearches, at: datetime, on_progress: OnProgress,
    ) -> BackupLine:  # fmt: skip
        report, kept = self._verified(record, slots)
        members = [*self._members(record, kept, new), *found.members]
        total = 2 * sum(
            len(content) if isinstance(content, bytes) else content.stat().st_size for _, content in members
        )
        chunks = packed(members, lambda files: self._manifest(report, new, at, files), at)
        if new.passphrase is not None:
            chunks = encrypted(chunks, new.passphrase)
        try:
            with _part_beside(target) as part:
                sha256 = write_whole(target, _counted(chunks, total, on_progress), private_part=part)
        except PassphraseTooShortError as error:
            raise RefusedError(str(error), then="Choose a longer one: several words are easy to remember.") from error
        with kept_only_if_recorded(target):
            read = read_backup(
                target, new.passphrase, lambda done, size: on_progress(total // 2 + min(done, total // 2), total)
            )
            if read.sha256 != sha256:
                raise BackupDamagedError(
                    f"{target} reads back as something else than was written.",
                    kept="It was removed again, and nothing was recorded.",
                    then="The disk is not to be trusted: choose another one.",
                )
            facts: dict[str, Json] = {
                "place": storable(str(target)),
                "sha256": sha256.hex(),
                "size_bytes": read.size_bytes,
                "encrypted": encrypted_by(read),
                "with_catalogues": new.with_catalogues,
                "made_at": at.isoformat(),
                "entries": read.manifest.entries,
                "files": len(read.manifest.files),
                "finding_count": read.manifest.finding_count,
            }
            if left_out := f"{self._left_out()}{found.left_out}".strip():
                facts["left_out"] = storable(left_out)
            if report.locked_out:
                facts["locked_out"] = [*report.locked_out[:MOST_TOLD]]
            with self.db.writing() as connection:
                return _line(self._append(Writer(connection, self.now()), MADE, facts, actor))

    def _append(self, writer: Writer, action: str, facts: dict[str, Json], actor: SignedIn) -> Entry:
        return writer.append(lab_chain(self.lab), action, backups_subject(self.lab), facts, [("actor", actor)])

    def _target(self, new: NewBackup, at: datetime) -> Path:
        target = new.target.absolute()
        if target.is_dir():
            name = "".join(char if char.isascii() and char.isalnum() else "-" for char in self.lab.name).strip("-")
            ending = SUFFIX if new.passphrase is None else ENCRYPTED_SUFFIX
            target /= f"{name or 'lab'}-{at:%Y%m%dT%H%M%SZ}{ending}"
        if target.resolve().is_relative_to(self.folder.root.resolve()):
            raise RefusedError(
                "A backup in the lab folder is lost with it.", then="Choose a folder on another disk or computer."
            )
        if target.exists():
            raise RefusedError(f"{target} already exists.", then="Choose another name; nothing is ever overwritten.")
        return target

    def _verified(self, record: Path, slots: dict[str, bytes]) -> tuple[LabReport, KeptSlots]:
        """What verification says of the copied record and of the lab's files, and the slots of its people.

        Raises:
            LabUnusableError: Nobody could restore it.
        """
        copy = Database(sqlite_url(record))
        try:
            report = Verification(db=copy, lab=self.lab, folder=self.folder, now=self.now, slots=slots).verify()
            with copy.reading() as connection:
                kept = slots_of(connection, self.folder, slots)
            if kept.without and not kept.administrators:
                raise LabUnusableError(
                    "Nobody could restore a backup of this lab: no administrator has a whole key in store-keys.",
                    then="Let an administrator sign in, which makes theirs anew, and back the lab up again.",
                )
            return report, kept
        finally:
            copy.close()
            for ending in ("-wal", "-shm"):
                record.with_name(record.name + ending).unlink(missing_ok=True)

    def _members(self, record: Path, kept: KeptSlots, new: NewBackup) -> Iterator[tuple[str, Path | bytes]]:
        yield READ_ME, _read_me(self.lab).encode()
        yield RECORD, record
        root = self.folder.root
        yield from ((f"{STORE_KEYS}/{name}", content) for name, content in sorted(kept.whole.items()))
        for path in sorted(root.rglob("*")):
            name = path.relative_to(root)
            is_kept = (
                len(name.parts) > 1
                and is_of_a_lab(name.as_posix())
                and not {CATALOGUES, STORE_KEYS}.intersection(name.parts)
            )
            if is_kept and path.is_file() and not path.is_symlink() and not path.name.endswith(".part"):
                yield _checked_name(name), path
        if new.with_catalogues:
            base = self.folder.local or root
            for path in sorted(base.glob(f"cases/*/{CATALOGUES}/*")):
                name = path.relative_to(base)
                if path.suffix in CATALOGUE_ENDINGS and is_of_a_lab(name.as_posix()) and path.is_file():
                    yield _checked_name(name), path

    def _left_out(self) -> str:
        """Folders in the lab folder that are not of the lab, in a sentence; empty where there are none."""
        known = {"cases", "jobs", "scratch", *KEPT_FOLDERS}
        names = sorted(path.name for path in self.folder.root.iterdir() if path.is_dir() and path.name not in known)
        return f" Not of the lab, and not in it: {', '.join(names)}." if names else ""

    def _manifest(self, report: LabReport, new: NewBackup, at: datetime, files: tuple[BackedUpFile, ...]) -> Manifest:
        return Manifest(
            lab=self.lab.id,
            lab_name=self.lab.name,
            made_at=at,
            program=TOOL,
            revision=REVISIONS[-1],
            server="" if self.db.is_sqlite else shown(self.db.url),
            root_fingerprint=report.root_fingerprint,
            entries=sum(chain.entries for chain in report.chains),
            chains={str(chain.chain): (chain.entries, (chain.head or b"").hex()) for chain in report.chains},
            finding_count=len(findings_of(report)),
            with_catalogues=new.with_catalogues,
            files=files,
        )


def findings_of(report: LabReport) -> tuple[str, ...]:
    """Everything that a verification found, in words, but for who cannot unlock the folder yet: that is no change."""
    chains = (finding for chain in report.chains for finding in chain.findings)
    files = (finding for finding in report.file_findings if finding not in report.locked_out)
    return (*chains, *report.row_findings, *files)


def backups_subject(lab: LabInfo) -> Subject:
    """What the entries about backups are about."""
    return Subject(kind="backup", id=BACKUPS_ID, label=lab.name)


@contextmanager
def _part_beside(target: Path) -> Iterator[Path]:
    """A name for the backup while it is written, locked so long; what killed ones left in the folder is removed."""
    with ExitStack() as stack:
        try:
            for left in target.parent.glob(f".*{PART}*"):
                lock = left if left.suffix == LOCK else left.with_name(f"{left.name}{LOCK}")
                if _LEFT.fullmatch(left.name) and not is_held(lock):
                    left.unlink(missing_ok=True)
            part = target.with_name(f".{uuid4().hex}{PART}")
            stack.enter_context(held(part.with_name(f"{part.name}{LOCK}")))
        except OSError as error:
            raise LabUnusableError(
                f"{target} cannot be written: {error.strerror}.", kept="No part of the file was left behind."
            ) from error
        yield part


def _checked_name(name: Path) -> str:
    if not is_plain_name(name.as_posix()):
        raise LabUnusableError(
            f"{name} in the lab folder has a name that cannot be restored on every system.",
            then="Take the file out of the lab folder, or give it another name.",
        )
    return name.as_posix()


def _counted(chunks: Iterator[bytes], total: int, on_progress: OnProgress) -> Iterator[bytes]:
    done = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        on_progress(min(done, total // 2), total)


def _line(entry: Entry) -> BackupLine:
    content = entry.content
    facts = content.facts

    def number(name: str) -> int:
        value = facts.get(name)
        return value if isinstance(value, int) else 0

    return BackupLine(
        act=BackupAct.MADE if content.action == MADE else BackupAct.RESTORED,
        at=content.recorded_at,
        by=content.actor.name,
        place=str(facts.get("place", "")),
        sha256=str(facts.get("sha256", "")),
        size_bytes=number("size_bytes"),
        is_encrypted=bool(facts.get("encrypted")),
        as_the_lab=facts.get("encrypted") == AS_THE_LAB,
        with_catalogues=facts.get("with_catalogues") is True,
        entries=number("entries"),
        finding_count=number("finding_count"),
        left_out=str(facts.get("left_out", "")),
        locked_out=tuple(map(str, told)) if isinstance(told := facts.get("locked_out"), list | tuple) else (),
    )


def _read_me(lab: LabInfo) -> str:
    return f"""A backup of the laboratory {lab.name}

lab.db         the record, an SQLite database: people, cases, exhibits, custody, the signed ledger
store-keys/    if there is one, lab.db is a database of SQLCipher and other files are encrypted, too: see the program's
               administrator's guide
cases/         photographs, signed papers and issued reports, under their SHA-256 or id
manifest.json  every file here with its size and SHA-256, and how long each chain of the ledger was

Restore it with:   forensics-app lab restore THIS-FILE --to DIR --as ADMINISTRATOR
It is a tar; where its name ends in .age it is encrypted in the format age-encryption.org/v1, which other programs
open with the same passphrase. Images of evidence are not in it.
"""
