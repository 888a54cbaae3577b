"""Verifying everything that is due, one after another (REQ-29)."""

from __future__ import annotations

from dataclasses import dataclass

from evidence.errors import EvidenceError
from forensics_app.errors import RefusedError, explain
from forensics_app.model.image import OnProgress
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.schedule import Due, DueChecked
from forensics_app.services.intake import Intake
from forensics_app.services.permissions import require
from forensics_app.services.schedule import Schedule
from forensics_app.services.verification import Verification

CHECKERS = (Role.EXAMINER, Role.EXHIBITS_OFFICER, Role.SUPERVISOR)
SHARE_UNITS = 1000
"""Units of progress for each thing that is due: bytes of images and entries of chains have no common measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueChecks:
    """Use cases about what is due."""

    schedule: Schedule
    intake: Intake
    verification: Verification

    def run(self, actor: SignedIn, *, on_progress: OnProgress = lambda done, total: None) -> tuple[DueChecked, ...]:
        """Verify what is due now; each answer is an entry at once, and what cannot be read stops no other.

        Args:
            actor: Signs for every answer.
            on_progress: Of ``SHARE_UNITS`` for each thing that is due; what it raises ends the run. Answers that were
                recorded before stay.

        Raises:
            PermissionRefusedError: An image is due, and the actor is no examiner, exhibits officer or supervisor.
        """
        due = self.schedule.due()
        if any(one.image_id for one in due):
            require(actor, "check an image", *CHECKERS)
        found = []
        for at, one in enumerate(due):

            def tell(done: int, total: int, before: int = at * SHARE_UNITS) -> None:
                on_progress(before + done * SHARE_UNITS // max(1, total), len(due) * SHARE_UNITS)

            found.append(self._check(actor, one, tell))
        return tuple(found)

    def _check(self, actor: SignedIn, due: Due, on_progress: OnProgress) -> DueChecked:
        try:
            if due.image_id is not None:
                check = self.intake.recheck(actor, due.image_id, on_progress=on_progress)
                return DueChecked(due=due, agrees=check.agrees, what=check.what)
            report = self.verification.verify(on_progress=on_progress)
            self.verification.sign_off(actor, report)
        except (EvidenceError, RefusedError, OSError) as error:
            told = explain(error)
            return DueChecked(due=due, agrees=None, what=told.what if told else str(error))
        said = "every chain verifies" if report.ok else "the record is not what was signed"
        return DueChecked(due=due, agrees=report.ok, what=said)
