"""The laboratory itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLab:
    """What is asked when a lab is created.

    Attributes:
        folder: A folder that does not exist yet or is empty.
        zone: IANA zone in which the lab's screens and papers show times.
        server: URL of an empty PostgreSQL database for the record, such as ``postgresql://server.example/lab``; empty
            for a record in the folder.
        encrypted: Whether all that is kept in the folder is encrypted, the record, too, where it lies there.
    """

    folder: Path
    name: str
    address: str = ""
    zone: str = "UTC"
    server: str = ""
    encrypted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabInfo:
    """What the lab says of itself; ``id`` is also the id of its chain."""

    id: UUID
    name: str
    address: str
    zone: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """A lab that was copied into a folder with a new key.

    Attributes:
        folder: Where it is now.
        old_folder: Where it was: whole, as it was, and closed.
    """

    folder: Path
    old_folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedLab:
    """What was moved to a server.

    Attributes:
        server: The URL of its database there, without a password.
        entries: Entries of all chains.
        chains: Entries and head, SHA-256 in hex, of each chain by its id.
    """

    server: str
    entries: int
    chains: dict[str, tuple[int, str]]


class JobState(StrEnum):
    """How a long operation stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A long operation as the lab remembers it, also after a crash.

    Attributes:
        kind: ``intake``, ``catalogue``, ``recheck`` or ``report``.
        subject: What it works on, for a person: "LH/01".
        parameters: What is needed to run it again.
        message: How it ended, a sentence; empty while it runs.
    """

    id: UUID
    kind: str
    subject: str
    case_id: UUID | None
    parameters: dict[str, str]
    state: JobState
    host: str
    started_at: datetime
    ended_at: datetime | None
    message: str
