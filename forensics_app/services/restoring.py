"""Restoring a lab from a backup: compared and verified before it gets its name, or not at all (REQ-70)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from chain_of_custody.ledger import Json
from chain_of_custody.passphrase import Argon2Parameters
from evidence.durable import sync_folder
from forensics_app.db import schema
from forensics_app.db.engine import Database, sqlite_url, untouched_url
from forensics_app.db.filelock import held, is_held
from forensics_app.db.ledger import chain_lengths
from forensics_app.errors import AppError, BackupDamagedError, LabUnusableError, RefusedError
from forensics_app.model.backup import CheckedBackup, Restored, RestoreRequest
from forensics_app.model.image import OnProgress
from forensics_app.model.names import storable
from forensics_app.model.person import Role
from forensics_app.services.backing_up import MOST_TOLD, RESTORED, backups_subject, findings_of
from forensics_app.services.backup_file import RECORD, encrypted_by, read_backup
from forensics_app.services.folder import LabFolder
from forensics_app.services.opening import refuse_network
from forensics_app.services.people import People, lab_info
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.shared import read_shared
from forensics_app.services.store import is_encrypted, unlocked_store
from forensics_app.services.verification import Verification

UNNAMED = "record"
"""What the record is called until it was verified, so that nobody takes half a lab for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoring:
    """Makes a lab folder of a backup. The lab that it comes from is never touched."""

    now: Callable[[], datetime]
    key_parameters: Argon2Parameters

    def restore(self, asked: RestoreRequest, name: str, passphrase: str, on_progress: OnProgress) -> Restored:
        """Unpack a backup beside its place, compare it with its manifest, verify it, sign for it, and give it its name.

        Args:
            asked: What is restored, and where.
            name: An administrator of the lab as it was then, who signs the first entry that only this copy has.
            passphrase: Theirs, as it was then.
            on_progress: Bytes of the backup read, bytes in it.

        Raises:
            RefusedError: The folder is not empty, the passphrase is not the backup's, the root key is another one, or
                the lab does not verify. Nothing is left of what was unpacked.
            BackupDamagedError: The backup was changed or is not whole.
            NewerLabError: A newer program made it.
            StoreRefusedError: The lab is an encrypted one, and name and passphrase do not open it.
            SignInRefusedError: Name and passphrase do not belong together.
            PermissionRefusedError: They are no administrator.
            LabUnusableError: Something cannot be read or written.
        """
        target = asked.target.absolute()
        self._refuse_taken(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            refuse_network(target.parent)
            _clear_left(target)
            work = target.parent / f".{target.name}.restoring-{uuid4().hex}"
            work.mkdir(mode=0o700)
        except OSError as error:
            raise LabUnusableError(f"{target} cannot be made: {error.strerror}.") from error
        lock = work.with_name(f"{work.name}.lock")
        try:
            with held(lock):
                backup = read_backup(asked.source, asked.passphrase, on_progress, into=work, record=UNNAMED)
                with unlocked_store(LabFolder(work), name, passphrase):
                    findings, locked_out = self._judge(asked, backup, work, name, passphrase)
                _give_name(work, target)
        except OSError as error:
            raise LabUnusableError(f"The lab cannot be restored to {target}: {error.strerror}.") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return Restored(folder=target, backup=backup, findings=findings, locked_out=locked_out)

    def _judge(
        self, asked: RestoreRequest, backup: CheckedBackup, work: Path, name: str, passphrase: str
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Verify what was unpacked, and let an administrator sign for it; what was found, and who is locked out."""
        database = Database(sqlite_url(work / UNNAMED))
        try:
            before = schema.bring_up_to_date(database, None)
            lab = lab_info(database)
            folder = LabFolder(work, is_read_only=True)
            report = Verification(db=database, lab=lab, folder=folder, now=self.now).verify()
            heads = {str(chain.chain): (chain.entries, (chain.head or b"").hex()) for chain in report.chains}
            if lab.id != backup.manifest.lab or heads != backup.manifest.chains:
                raise BackupDamagedError("The chains in the backup are not those that its manifest names.")
            if asked.root and asked.root != report.root_fingerprint:
                raise RefusedError(
                    f"The root key of the lab in the backup is {report.root_fingerprint}, not the one expected.",
                    kept="Nothing was restored.",
                    then="Compare it with the paper once more. If it differs, this is another lab, or a forged one.",
                )
            findings = findings_of(report)
            if findings and not asked.despite_findings:
                raise RefusedError(
                    f"The lab in the backup does not verify; {len(findings)} findings, the first: {findings[0]}",
                    kept="Nothing was restored.",
                    then="Look for another backup. To restore this one as it is, with the findings recorded, use "
                    "--despite-findings.",
                )
            people = People(db=database, lab=lab, now=self.now, key_parameters=self.key_parameters)
            actor = people.sign_in(name, passphrase)
            try:
                require(actor, "restore a lab", Role.ADMINISTRATOR)
                facts: dict[str, Json] = {
                    "place": storable(str(asked.source.absolute())),
                    "sha256": backup.sha256.hex(),
                    "size_bytes": backup.size_bytes,
                    "encrypted": encrypted_by(backup),
                    "with_catalogues": backup.manifest.with_catalogues,
                    "made_at": backup.manifest.made_at.isoformat(),
                    "revision": before,
                    "server": backup.manifest.server,
                    "entries": backup.manifest.entries,
                    "finding_count": len(findings),
                    "findings": [*findings[:MOST_TOLD]],
                }
                if report.locked_out:
                    facts["locked_out"] = [*report.locked_out[:MOST_TOLD]]
                with database.writing() as connection:
                    Writer(connection, self.now()).append(
                        lab_chain(lab), RESTORED, backups_subject(lab), facts, [("actor", actor)]
                    )
            finally:
                actor.key.close()
            return findings, report.locked_out
        finally:
            database.close()

    def _refuse_taken(self, target: Path) -> None:
        """Refuse a folder in which something is, and say what it is where it is a lab.

        Raises:
            RefusedError: It is not empty.
        """
        try:
            if not target.exists() or (target.is_dir() and next(target.iterdir(), None) is None):
                return
        except OSError as error:
            raise LabUnusableError(f"{target} cannot be read: {error.strerror}.") from error
        raise RefusedError(
            f"{target} is not empty{_lab_there(target)}.",
            kept="Nothing was restored, and what is there was not changed.",
            then="Restore into a folder that does not exist yet. A lab that is there stays as it is: rename its folder "
            "if the restored one is to take its place, and keep it.",
        )


def _lab_there(target: Path) -> str:
    """What lab lies in a folder, in words that go on a sentence; empty where none does."""
    place = LabFolder(target, is_read_only=True)
    try:
        shared = read_shared(place)
        if shared is not None:
            return f": it leads to the lab on {shared.url}"
        if not place.database.is_file():
            return ""
        if is_encrypted(place):
            return ": an encrypted lab lies there; how many entries it has is known when somebody unlocks it"
        database = Database(untouched_url(place.database))
        try:
            info = lab_info(database)
            with database.reading() as connection:
                entries = sum(row.entries for row in chain_lengths(connection))
        finally:
            database.close()
    except AppError:
        return ": a lab lies there that cannot be read"
    return f": the lab {info.name} ({info.id}) lies there, with {entries:,} entries"


def _clear_left(target: Path) -> None:
    """Remove what a restoring to the same place left that was killed."""
    for left in target.parent.glob(f".{target.name}.restoring-*"):
        if left.suffix == ".lock":
            if not is_held(left):
                left.unlink(missing_ok=True)
        elif not is_held(left.with_name(f"{left.name}.lock")):
            shutil.rmtree(left, ignore_errors=True)


def _give_name(work: Path, target: Path) -> None:
    """Let the verified lab appear at its place, in one step."""
    for ending in ("-wal", "-shm"):
        if (work / f"{UNNAMED}{ending}").exists():
            raise LabUnusableError("The restored record was not closed; nothing was restored.", then="Try again.")
    (work / UNNAMED).rename(work / RECORD)
    sync_folder(work)
    if target.is_dir():
        target.rmdir()
    work.rename(target)
    sync_folder(target.parent)
