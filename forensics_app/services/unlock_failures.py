"""Attempts to unlock an encrypted lab folder that failed: noted beside its keys until the record is open (REQ-70).

The record is locked when they happen. Whoever signs in next signs an entry about them. The notes are lines of JSON with
time, computer and, where the name typed is one of those that can unlock, the id of its person: what was typed is not
kept, for people type passphrases there. Who can write in the folder can change them or take them away.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.store_keys import key_for
from forensics_app.errors import LabUnusableError
from forensics_app.model.lab import LabInfo
from forensics_app.model.names import storable
from forensics_app.model.person import SignedIn
from forensics_app.services.folder import LabFolder, write_plain
from forensics_app.services.record import Writer, lab_chain

FAILED, FAILURES_ID = "lab.unlock_failures", "lab-unlock-failures"
MOST_BYTES = 64 * 1024
_NAME, _TAKEN = "failed-unlocks", ".jsonl"
_NAMED = 20


def note_failure(folder: LabFolder, person_id: str) -> None:
    """Note a failed attempt, as far as the folder can be written; after 64 KiB no more are."""
    note = {"at": datetime.now(UTC).isoformat(), "host": socket.gethostname(), "person": person_id}
    path = folder.store_keys / f"{_NAME}{_TAKEN}"
    with suppress(OSError):  # whoever may only read the folder can still try to unlock it
        if not path.exists() or path.stat().st_size < MOST_BYTES:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(note)}\n")


def carry_over(old: LabFolder, new: LabFolder) -> None:
    """Bring what was noted beside the keys of a folder to those of the one that took its place, to be recorded there.

    Killed in between, it is brought there once more. Where a folder cannot be written, the notes stay where they are.
    """
    with suppress(OSError, LabUnusableError):
        for path in _taken(old):
            target = new.store_keys / path.name
            target.unlink(missing_ok=True)
            with path.open("rb") as file:
                write_plain(target, [file.read(2 * MOST_BYTES)])
            path.unlink()


def tell_failures(db: Database, lab: LabInfo, folder: LabFolder, actor: SignedIn, now: datetime) -> None:
    """Record what was noted, in an entry that who signed in signs, and take the notes away.

    Killed in between, they are recorded once more by the next.
    """
    if key_for(folder.root) is None or folder.is_read_only or not folder.store_keys.is_dir():
        return
    taken = _taken(folder)
    notes = [note for path in taken for note in _read(path)]
    if notes:
        people: list[Json] = [*sorted({one["person"] for one in notes if one["person"]})[:_NAMED]]
        hosts: list[Json] = [*sorted({one["host"] for one in notes})[:_NAMED]]
        facts: dict[str, Json] = {
            "failures": len(notes),
            "first_at": min(one["at"] for one in notes),
            "last_at": max(one["at"] for one in notes),
            "hosts": hosts,
            "people": people,
        }
        subject = Subject(kind="lab", id=FAILURES_ID, label=lab.name)
        with db.writing() as connection:
            Writer(connection, now).append(lab_chain(lab), FAILED, subject, facts, [("actor", actor)])
    for path in taken:
        path.unlink(missing_ok=True)


def _taken(folder: LabFolder) -> list[Path]:
    """The files of notes, the newest under a name of its own, so that nothing is added to it any more."""
    with suppress(OSError):
        (folder.store_keys / f"{_NAME}{_TAKEN}").rename(folder.store_keys / f"{_NAME}-{uuid4().hex}{_TAKEN}")
    return sorted(folder.store_keys.glob(f"{_NAME}-*{_TAKEN}"))


def _read(path: Path) -> Iterator[dict[str, str]]:
    """The notes in a file; lines that are none are passed over, for anybody could have written them."""
    with path.open("rb") as file:
        lines = file.read(2 * MOST_BYTES).splitlines()
    for line in lines:
        with suppress(ValueError, KeyError, TypeError):
            told = json.loads(line)
            datetime.fromisoformat(told["at"])
            yield {name: storable(str(told[name]))[:200] for name in ("at", "host", "person")}
