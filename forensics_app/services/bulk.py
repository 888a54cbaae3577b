"""One step for many exhibits, by scanner: one entry for each, and a word for each that could not be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.custody import CustodyEvent, CustodyRequest
from forensics_app.model.exhibit import Exhibit, ExhibitId
from forensics_app.model.person import SignedIn
from forensics_app.services.custody import Custody
from forensics_app.services.labels import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkStep:
    """A step for everything that was scanned.

    Attributes:
        scanned: Texts of labels, or exhibit numbers of ``case_id``.
        seals_agree: Whether each seal was looked at and bears the number that is recorded of it.
    """

    case_id: CaseId | None
    event: str
    occurred_at: datetime
    scanned: Sequence[str]
    fields: Mapping[str, str] = field(default_factory=dict)
    outside_party: str = ""
    remarks: str = ""
    seals_agree: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What became of one scan: the entry, or why there is none."""

    scanned: str
    number: str
    event: CustodyEvent | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """Takes a step for many exhibits; what is refused does not stop the others."""

    custody: Custody
    labels: Labels

    def take(self, signers: Sequence[SignedIn], step: BulkStep) -> tuple[BulkResult, ...]:
        """Take the step for each; every entry is signed by the same people.

        Args:
            signers: One who acts alone, or giver and receiver.
            step: What is done.

        Raises:
            PermissionRefusedError: One of them may not hold exhibits; nothing was done.
        """
        done: set[ExhibitId] = set()
        results = []
        for text in step.scanned:
            if not text.strip():
                continue
            try:
                exhibit = self.labels.scanned(text, step.case_id).exhibit
            except RefusedError as error:
                results.append(BulkResult(scanned=text, number="", event=None, why=str(error)))
                continue
            if exhibit.id in done:
                why = "It was scanned before in this list."
                results.append(BulkResult(scanned=text, number=exhibit.number, event=None, why=why))
                continue
            done.add(exhibit.id)
            results.append(self._take(signers, step, text, exhibit))
        return tuple(results)

    def _take(self, signers: Sequence[SignedIn], step: BulkStep, text: str, exhibit: Exhibit) -> BulkResult:
        fields = dict(step.fields)
        if step.seals_agree and exhibit.seal_number:
            fields |= {"seal_number": exhibit.seal_number, "seal_check": "intact, number agrees"}
        request = CustodyRequest(
            exhibit_id=exhibit.id,
            event=step.event,
            occurred_at=step.occurred_at,
            fields=fields,
            outside_party=step.outside_party,
            remarks=step.remarks,
        )
        try:
            if len(signers) == 1:
                event = self.custody.perform(signers[0], request)
            else:
                event = self.custody.hand_over(signers[0], signers[1], request)
        except RefusedError as error:
            return BulkResult(scanned=text, number=exhibit.number, event=None, why=str(error))
        return BulkResult(scanned=text, number=exhibit.number, event=event, why="")
