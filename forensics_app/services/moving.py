"""Moving a lab from a folder to a server: whole and compared, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, Connection, select

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.db.filelock import is_held
from forensics_app.db.ledger import chain_lengths, last_entry
from forensics_app.db.mapping import time_text
from forensics_app.db.moving import (
    arriving,
    begin_arrival,
    copy_rows,
    differences,
    end_arrival,
    mark_moved,
    moved_to,
)
from forensics_app.db.server import shown
from forensics_app.db.tables import JOB
from forensics_app.errors import LabMovedError, LabUnusableError, RefusedError
from forensics_app.model.image import OnProgress
from forensics_app.model.lab import JobState, LabInfo, MovedLab
from forensics_app.model.person import Role, SignedIn
from forensics_app.services.folder import LabFolder
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, lab_chain
from forensics_app.services.shared import shared_lab, write_shared
from forensics_app.services.verification import Verification

UNTOUCHED = "The lab in the folder was not changed and can be used; nothing on the server can be opened."


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """Takes the record of an SQLite lab over to a server; photographs, reports and catalogues stay in the folder."""

    source: Database
    lab: LabInfo
    folder: LabFolder
    now: Callable[[], datetime]

    def move(self, url: URL, on_progress: OnProgress) -> MovedLab:
        """Move the record to the empty database at ``url``, and let the folder lead there.

        The old record is held from beginning to end, verified, copied row by row, compared byte by byte with what the
        server then has, and that is verified too. Only then the old one is closed for ever, by guards in its own
        database, and the new one opened. Cut off at any moment, one of the two can be used and the other cannot;
        another call finishes it.

        Args:
            url: An empty database, made by the administrator of the server.
            on_progress: Rows copied, rows in all. What it raises stops the move.

        Raises:
            RefusedError: The database is not empty, an operation runs in the lab, or the lab does not verify.
            LabMovedError: The lab was moved to another server before.
            LabUnusableError: One of the two cannot be written, or the copy is not the same.
        """
        owner, visitor = Database(url, as_owner=True), Database(url)
        try:
            with self.source.writing() as old:
                there = moved_to(old)
                if there is None:
                    self._bring(old, owner, visitor, on_progress)
                    mark_moved(old, shown(url), time_text(self.now()))
                elif there != shown(url):
                    raise LabMovedError(f"The lab was moved to {there} before.")
            return self._finish(url, owner, visitor)
        finally:
            owner.close()
            visitor.close()

    def _bring(self, old: Connection, owner: Database, visitor: Database, on_progress: OnProgress) -> None:
        for job_id in old.scalars(select(JOB.c.id).where(JOB.c.state == JobState.RUNNING.value)):
            if is_held(self.folder.jobs / f"{job_id}.lock"):
                raise RefusedError(
                    "An operation is running in the lab.", kept=UNTOUCHED, then="Let it end, or stop it, first."
                )
        self._refuse_unsound(self.source, "The lab does not verify, so it stays where it is")
        with owner.writing() as new:
            begin_arrival(new, str(self.lab.id))
            copy_rows(old, new, on_progress)
        with visitor.reading() as new:
            found = list(differences(old, new))
        if found:
            raise LabUnusableError(f"The copy on the server is not the same: {found[0]}", kept=UNTOUCHED)
        self._refuse_unsound(visitor, "The copy on the server does not verify")

    def _refuse_unsound(self, database: Database, words: str) -> None:
        verification = Verification(db=database, lab=self.lab, folder=self.folder, now=self.now)
        report = verification.verify()
        findings = [finding for chain in report.chains for finding in chain.findings]
        findings += report.row_findings
        if findings:
            raise RefusedError(f"{words}: {findings[0]}", kept=UNTOUCHED, then="Verify the lab, and see what it finds.")

    def _finish(self, url: URL, owner: Database, visitor: Database) -> MovedLab:
        """What follows when the old record is closed; may be done again."""
        with owner.writing() as new:
            unfinished = arriving(new)
            if unfinished not in (None, str(self.lab.id)):
                raise LabUnusableError("The database on the server holds another lab that is arriving.")
            end_arrival(new)
        owner.learn_sizes()
        write_shared(self.folder, shared_lab(visitor, shown(url)))
        with visitor.reading() as new:
            chains = {}
            for row in chain_lengths(new):
                last = last_entry(new, row.chain)
                chains[row.chain] = (row.entries, last.digest.hex() if last else "")
        return MovedLab(server=shown(url), entries=sum(count for count, _ in chains.values()), chains=chains)


def record_move(database: Database, lab: LabInfo, at: datetime, actor: SignedIn, moved: MovedLab) -> None:
    """Let an administrator sign for the move: the first entry that the new place has and the old one has not.

    Raises:
        PermissionRefusedError: The actor is no administrator.
    """
    require(actor, "sign for the move of the lab", Role.ADMINISTRATOR)
    heads: dict[str, Json] = {chain: {"entries": count, "head": head} for chain, (count, head) in moved.chains.items()}
    with database.writing() as connection:
        Writer(connection, at).append(
            lab_chain(lab),
            "lab.move",
            Subject(kind="lab", id=str(lab.id), label=lab.name),
            {"to": moved.server, "entries": moved.entries, "chains": heads},
            [("actor", actor)],
        )
