"""Backups of a lab: what is asked for, what one says of itself, and how the lab stands (REQ-70)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from uuid import UUID

SUFFIX = ".lab-backup.tar"
ENCRYPTED_SUFFIX = f"{SUFFIX}.age"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBackup:
    """What is asked when a backup is made.

    Attributes:
        target: A file that does not exist, or a folder in which one gets a name.
        passphrase: Encrypts it; None for a backup that everybody can read who gets hold of it.
        with_catalogues: Whether catalogues go along. They can be built again from the images, which are never in it.
    """

    target: Path
    passphrase: str | None
    with_catalogues: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUpFile:
    """A file in a backup: its name there, its size in bytes, SHA-256 of its content."""

    name: str
    size_bytes: int
    sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: When the record was copied, UTC.
        program: Name and version of the program that made it.
        revision: Of the record.
        server: URL of the database that held the record, without a password; empty for one in the lab folder.
        entries: Entries of all chains.
        chains: Entries and head, SHA-256 in hex, of each chain by its id.
        finding_count: How much verification found when it was made.
        files: Everything in it but the manifest itself, in the order in which it lies there.
    """

    lab: UUID
    lab_name: str
    made_at: datetime
    program: str
    revision: str
    server: str
    root_fingerprint: str
    entries: int
    chains: dict[str, tuple[int, str]]
    finding_count: int
    with_catalogues: bool
    files: tuple[BackedUpFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBackup:
    """A backup that was read from its first byte to its last and agrees with its manifest.

    Attributes:
        sha256: Of the file.
        size_bytes: Of the file.
        is_encrypted: Whether the file itself is, under a passphrase of its own.
    """

    manifest: Manifest
    sha256: bytes
    size_bytes: int
    is_encrypted: bool

    @property
    def as_the_lab(self) -> bool:
        """Whether what is in it is encrypted as the lab is: it holds the keys of an encrypted lab folder."""
        return any(one.name.startswith("store-keys/") for one in self.manifest.files)


class BackupAct(StrEnum):
    """What was done."""

    MADE = "made"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupLine:
    """A backup that was made of the lab, or one that it was restored from, as the lab chain tells.

    Attributes:
        at: When it was recorded.
        place: Where the file was then.
        sha256: Of the file, hex.
        size_bytes: Of the file.
        is_encrypted: Whether it cannot be read without a passphrase.
        entries: Entries of all chains in it.
        finding_count: How much verification found in it.
        as_the_lab: Whether it is encrypted by nothing but the encryption of the lab itself.
        left_out: What of the lab folder is not in it and why, in sentences; empty where nothing was left out.
        locked_out: Who could not unlock the encrypted lab then, each a sentence; no finding, and at most 20.
    """

    act: BackupAct
    at: datetime
    by: str
    place: str
    sha256: str
    size_bytes: int
    is_encrypted: bool
    with_catalogues: bool
    entries: int
    finding_count: int
    as_the_lab: bool = False
    left_out: str = ""
    locked_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupStanding:
    """How the lab stands to its backups.

    Attributes:
        interval_days: After how many days the next one is due; None until somebody says so.
        last_at: When the newest one was made; None while there is none.
        since: When the lab was created: from then on one is due where there is none.
    """

    interval_days: int | None
    last_at: datetime | None
    since: datetime
    lines: tuple[BackupLine, ...]

    @property
    def due_at(self) -> datetime | None:
        """When the next one is due; None where no interval is set."""
        if self.interval_days is None:
            return None
        return (self.last_at or self.since) + timedelta(days=self.interval_days)

    def is_due(self, now: datetime) -> bool:
        """Whether one is due."""
        return self.due_at is not None and self.due_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreRequest:
    """What is asked when a lab is restored.

    Attributes:
        source: The backup.
        target: A folder that does not exist, or is empty.
        passphrase: Of the backup; None for one that is not encrypted.
        root: Fingerprint of the lab's root key from paper, hex; empty where it is not compared.
        despite_findings: Whether a lab that does not verify is restored all the same.
    """

    source: Path
    target: Path
    passphrase: str | None
    root: str = ""
    despite_findings: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came of restoring.

    Attributes:
        folder: The lab folder.
        findings: What verification found in the restored lab before it got its name.
        locked_out: Who cannot unlock the restored encrypted lab yet, each a sentence; no finding.
    """

    folder: Path
    backup: CheckedBackup
    findings: tuple[str, ...]
    locked_out: tuple[str, ...] = ()
