"""One step for many exhibits, by scanner: one entry for each, and a word for each that could not be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from forensics_app.errors import RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.custody import CustodyEvent, CustodyRequest, Event, PaperKind
from forensics_app.model.exhibit import Exhibit, ExhibitId, State
from forensics_app.model.image import hash_pairs
from forensics_app.model.incident import OPENED, SealCondition, SealSeen
from forensics_app.model.person import SignedIn
from forensics_app.services.custody import Custody
from forensics_app.services.intake import images_of
from forensics_app.services.labels import Labels
from forensics_app.services.step_findings import fields_of_seal


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkStep:
    """A step for everything that was scanned.

    Attributes:
        scanned: Texts of labels, or exhibit numbers of ``case_id``.
        papers: Signed papers about all of them; each entry states their SHA-256.
        seals_agree: Whether each exhibit was looked at, and its seal is whole and bears the number that is recorded,
            or it is not sealed as the record says.
        new_seals: Numbers of the seals that were put on now, by the exhibit.
        seals: What was seen of seals that are not as recorded, or not checked, by the exhibit.
    """

    case_id: CaseId | None
    event: str
    occurred_at: datetime
    scanned: Sequence[str]
    fields: Mapping[str, str] = field(default_factory=dict)
    outside_party: str = ""
    remarks: str = ""
    papers: Mapping[PaperKind, Path] = field(default_factory=dict)
    seals_agree: bool = False
    new_seals: Mapping[ExhibitId, str] = field(default_factory=dict)
    seals: Mapping[ExhibitId, SealSeen] = field(default_factory=dict)


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
        fields = {**step.fields, **_seal_fields(step, exhibit)}
        if exhibit.state is State.UNDER_EXAM and step.event == Event.RETURN_TO_STORE and "hash_pair" not in fields:
            fields["hash_pair"] = self._hash_pairs(exhibit)
        request = CustodyRequest(
            exhibit_id=exhibit.id,
            event=step.event,
            occurred_at=step.occurred_at,
            fields=fields,
            outside_party=step.outside_party,
            remarks=step.remarks,
            papers=step.papers,
        )
        try:
            if len(signers) == 1:
                event = self.custody.perform(signers[0], request)
            else:
                event = self.custody.hand_over(signers[0], signers[1], request)
        except RefusedError as error:
            return BulkResult(scanned=text, number=exhibit.number, event=None, why=str(error))
        return BulkResult(scanned=text, number=exhibit.number, event=event, why="")

    def _hash_pairs(self, exhibit: Exhibit) -> str:
        with self.custody.db.reading() as connection:
            images = images_of(connection, exhibit.case_id)
        return hash_pairs(one for one in images if one.exhibit_id == exhibit.id)


def _seal_fields(step: BulkStep, exhibit: Exhibit) -> dict[str, str]:
    """What is told of the seal of one exhibit; of what lies open for an examination never that its seal is whole."""
    if new := step.new_seals.get(exhibit.id, "").strip():
        return {"seal_number": new, "seal_check": SealCondition.NEW.value}
    if (seen := step.seals.get(exhibit.id)) is not None:
        return fields_of_seal(exhibit, seen)
    if not step.seals_agree:
        return {}
    if exhibit.seal_number and exhibit.state not in OPENED:
        return {"seal_number": exhibit.seal_number, "seal_check": SealCondition.INTACT.value}
    return {"seal_check": SealCondition.UNSEALED.value}
