"""Labels of exhibits with a QR code, and what a scan of one finds (REQ-10)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from forensics_app.db.engine import Database
from forensics_app.db.mapping import case_of
from forensics_app.db.rows import record_or_none
from forensics_app.db.tables import CASE
from forensics_app.errors import RefusedError
from forensics_app.model.case import Case, CaseId
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.exhibit import Exhibit, ExhibitId, ExhibitType
from forensics_app.model.lab import LabInfo
from forensics_app.model.label import DIGEST_BYTES, Label, LabelSheet, LabelText, Scanned, is_label, label_text
from forensics_app.services.cases import case_with
from forensics_app.services.exhibits import exhibit_numbered, exhibits_of
from forensics_app.services.folder import LabFolder
from forensics_app.services.history import events_telling_of
from forensics_app.services.stationery import worded

_INTAKE = "image.intake"


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Use cases about labels. Printing one records nothing; it names the entry that it was printed at."""

    db: Database
    lab: LabInfo
    folder: LabFolder

    def of_case(self, case_id: CaseId, exhibit_ids: Sequence[ExhibitId] = ()) -> tuple[Label, ...]:
        """The labels of some exhibits of a case, of all when none is named, in the order of their numbers.

        Raises:
            RefusedError: The case has none of them.
        """
        with self.db.reading() as connection:
            case = case_with(connection, case_id)
            wanted = [one for one in exhibits_of(connection, case_id) if not exhibit_ids or one.id in exhibit_ids]
            if not wanted:
                raise RefusedError(f"The case {case.number} has no exhibit to print a label of.")
            return tuple(self._label(connection, case, one) for one in wanted)

    def pdf(
        self,
        case_id: CaseId,
        exhibit_ids: Sequence[ExhibitId],
        sheet: LabelSheet,
        start: int = 1,
        language: str = "en",
    ) -> bytes:
        """Labels as a PDF to be printed at its true size.

        Args:
            case_id: The case.
            exhibit_ids: Whose labels; all of the case when there are none.
            sheet: How they lie on the paper.
            start: Which label of the first sheet is the first that is free, from 1, along the rows.
            language: ISO 639-1 code of the program's words on them.

        Raises:
            RefusedError: There is nothing to print, the sheet has no such label, or the laboratory's own words cannot
                be used.
        """
        if not 1 <= start <= sheet.count:
            raise RefusedError(f"The sheet has the labels 1 to {sheet.count}; there is no {start}.")
        from forensics_app.reports.labels import render_labels  # half a second that only a print should cost

        out = io.BytesIO()
        render_labels(self.of_case(case_id, exhibit_ids), sheet, start, out, worded(self.folder, language))
        return out.getvalue()

    def scanned(self, text: str, case_id: CaseId | None = None) -> Scanned:
        """The exhibit whose label was scanned, or whose number was typed.

        Args:
            text: What the scanner or the person typed.
            case_id: Where to look for a number that is no label.

        Raises:
            RefusedError: It is no label of ours, of another lab, or of nothing that this lab's record knows.
        """
        if not is_label(text):
            return self._typed(text.strip(), case_id)
        told = label_text(text)
        if told is None:
            raise RefusedError(
                "The label was not read whole.",
                then="Scan it again; a scanner that types must be set to the keyboard layout of this computer.",
            )
        if told.lab != self.lab.id:
            raise RefusedError(
                f"This is the label of exhibit {told.exhibit}, case {told.case}, of another laboratory.",
                then="Receive it as a new exhibit; it then gets a number and a label of this laboratory.",
            )
        with self.db.reading() as connection:
            case, exhibit = _found(connection, told)
            digests = [event.digest[:DIGEST_BYTES] for event in events_telling_of(connection, exhibit)]
        if told.digest not in digests:
            raise RefusedError(
                f"The label names exhibit {told.exhibit} of case {told.case}, but no entry of its record.",
                then="The label may be false, or the record was put back to an older state: verify the record, "
                "and look at number and seal of the item itself.",
            )
        since = len(digests) - 1 - digests.index(told.digest)
        return Scanned(case=case, exhibit=exhibit, entries_since=since, label_seal=told.seal)

    def _typed(self, number: str, case_id: CaseId | None) -> Scanned:
        if case_id is not None and number:
            with self.db.reading() as connection:
                exhibit = exhibit_numbered(connection, case_id, number)
                if exhibit is not None:
                    case = case_with(connection, case_id)
                    return Scanned(case=case, exhibit=exhibit, entries_since=None, label_seal=None)
        raise RefusedError(
            f"{number[:60]!r} is no label of this program, and no exhibit of the open case has that number.",
            then="Scan the QR code of an exhibit label.",
        )

    def _label(self, connection: Connection, case: Case, exhibit: Exhibit) -> Label:
        events = events_telling_of(connection, exhibit)
        made = next((event for event in events if _takes_in(event, exhibit)), events[0])
        told = LabelText(
            lab=self.lab.id,
            case=case.number,
            exhibit=exhibit.number,
            seal=exhibit.seal_number,
            digest=events[-1].digest[:DIGEST_BYTES],
        )
        return Label(
            laboratory=self.lab.name,
            case=case.number,
            exhibit=exhibit.number,
            description=exhibit.description,
            place=_place_of(exhibit),
            at=(exhibit.seized_at or exhibit.recorded_at).astimezone(ZoneInfo(self.lab.zone)),
            officer=exhibit.seized_by or made.actor,
            seal=exhibit.seal_number,
            told=told,
        )


def _place_of(exhibit: Exhibit) -> str:
    """Where it is from; of an image the folder alone, of whose path no label has room for more than a piece."""
    if exhibit.type is ExhibitType.IMAGE and (folder := PurePath(exhibit.place).name):
        return f"…/{folder}"
    return exhibit.seized_place or exhibit.place


def _takes_in(event: CustodyEvent, exhibit: Exhibit) -> bool:
    """Whether an entry tells that the image was taken in."""
    return exhibit.type is ExhibitType.IMAGE and event.action == _INTAKE and event.fact("image") == exhibit.number


def _found(connection: Connection, told: LabelText) -> tuple[Case, Exhibit]:
    case = record_or_none(connection, select(CASE).where(CASE.c.number == told.case), case_of)
    if case is None:
        raise RefusedError(f"The label is of this laboratory, but there is no case {told.case}.")
    exhibit = exhibit_numbered(connection, case.id, told.exhibit)
    if exhibit is None:
        raise RefusedError(f"The label is of this laboratory, but the case {told.case} has no exhibit {told.exhibit}.")
    return case, exhibit
