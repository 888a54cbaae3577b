"""Issued reports as they grow: time stamps and validation data behind the signatures, each step in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from chain_of_custody.ledger import Json, Subject
from forensics_app.db.engine import Database
from forensics_app.errors import LabUnusableError, RefusedError
from forensics_app.model.case import CaseId
from forensics_app.model.lab import LabInfo
from forensics_app.model.person import Role, SignedIn
from forensics_app.model.proof import FileChecked, Level, Upgraded
from forensics_app.model.report import IssuedReport
from forensics_app.proof.certificates import certificates_in
from forensics_app.services.cases import case_with
from forensics_app.services.certificates import Certificates
from forensics_app.services.folder import LabFolder, content_of, kept_only_if_recorded, write_whole
from forensics_app.services.permissions import require
from forensics_app.services.record import Writer, case_chain
from forensics_app.services.report_proof import ReportProof
from forensics_app.services.time_stamps import TimeStamps
from forensics_app.services.upgraded_reports import UPGRADE, UpgradedFile, upgraded_files

_HIGHEST = {Level.B: Level.T, Level.T: Level.LT, Level.LT: Level.LTA}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """The newest file of an issued report, with the digest that the record has of it.

    Attributes:
        pdf: Its content.
        sha256: Of the content, as recorded and as read.
        upgraded_to: How far it was brought since the issue; empty while it was not.
    """

    pdf: bytes
    sha256: bytes
    upgraded_to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUpgrades:
    """Use cases about the signatures of issued reports."""

    db: Database
    lab: LabInfo
    folder: LabFolder
    certificates: Certificates
    time_stamps: TimeStamps
    proof: ReportProof
    now: Callable[[], datetime]

    def digests(self, report: IssuedReport) -> tuple[bytes, ...]:
        """SHA-256 of the file as it was issued and after each upgrade, oldest first."""
        with self.db.reading() as connection:
            later = [one.sha256 for one in upgraded_files(connection) if one.report_id == str(report.id)]
        return (report.sha256, *later)

    def of_case(self, case_id: CaseId) -> Mapping[str, UpgradedFile]:
        """The newest upgraded file of each report of a case that was upgraded, by the id of the report."""
        with self.db.reading() as connection:
            return {one.report_id: one for one in upgraded_files(connection) if one.case_id == case_id}

    def file(self, report: IssuedReport) -> ReportFile:
        """The newest file of an issued report, for whoever opens or copies it.

        Raises:
            LabUnusableError: It cannot be read, or does not have the recorded SHA-256.
        """
        upgraded = self.of_case(report.case_id).get(str(report.id))
        pdf = self._newest(report)
        sha256 = hashlib.sha256(pdf).digest()
        level = "" if upgraded is None or sha256 == report.sha256 else upgraded.level
        return ReportFile(pdf=pdf, sha256=sha256, upgraded_to=level)

    def path(self, report: IssuedReport) -> Path:
        """Where the newest file of an issued report lies."""
        newest = self.digests(report)[-1]
        if newest == report.sha256:
            return self.folder.report(report.case_id, report.id)
        return self.folder.upgraded_report(report.case_id, newest)

    def check(self, report: IssuedReport) -> FileChecked:
        """Check the newest file of an issued report.

        Raises:
            LabUnusableError: It cannot be read.
        """
        return self._checked(self._newest(report))

    def upgrade(self, actor: SignedIn, report: IssuedReport) -> Upgraded:
        """Bring the newest file of a report as far as it gets now, at most to B-LTA; what was signed is not touched.

        A time stamp proves that the signatures existed then (B-T); the certificates and the list of ended ones make a
        later check possible without anybody (B-LT); a stamp over these keeps them (B-LTA), and may be renewed.

        Raises:
            PermissionRefusedError: The actor is no examiner, supervisor or administrator.
            RefusedError: The file is not signed, a signature does not hold, or no authority gives a stamp.
            LabUnusableError: It cannot be read or written.
        """
        require(actor, "upgrade a report", Role.EXAMINER, Role.SUPERVISOR, Role.ADMINISTRATOR)
        before = self._newest(report)
        found = self._checked(before)
        if found.level is Level.NONE or found.bad:
            raise RefusedError(
                f"{report.number} cannot be upgraded: its file has no digital signatures that hold.",
                then="Verify it; what is wrong is said there.",
            )
        pdf, why = before, ""
        level: Level = found.level
        while level is not Level.LTA:
            pdf, why = self._next(pdf, level)
            if why:
                break
            level = _HIGHEST[level]
        if found.level is Level.LTA:
            pdf, why = self.proof.stamped(pdf)
        if pdf == before:
            then = "Try again when the authority answers."
            if self.proof.time_stamps.authority() is None:
                then = "An administrator names one, on the page Lab or with: forensics-app stamp authority."
            raise RefusedError(f"{report.number} was not upgraded: {why}", then=then)
        after = self._checked(pdf)
        if after.bad or not pdf.startswith(before):
            raise LabUnusableError(
                f"The upgraded file of {report.number} does not verify.",
                kept="The file before it stays.",
                then="Tell us.",
            )
        self._record(actor, report, found, after, pdf)
        return Upgraded(before=found.level, after=after.level, sha256=after.sha256, why=why)

    def _checked(self, pdf: bytes) -> FileChecked:
        from forensics_app.services.report_verifying import check_report  # half a second that only a report should cost

        return check_report(pdf, at=self.now(), time_authorities=self.time_authorities())

    def time_authorities(self) -> tuple[bytes, ...]:
        """Certificates in DER of every time-stamp authority that the record names, also since a report was issued."""
        return tuple(der for pem in self.time_stamps.certificates() for der in certificates_in(pem.encode()))

    def _next(self, pdf: bytes, level: Level) -> tuple[bytes, str]:
        if level is not Level.T:
            return self.proof.stamped(pdf)
        from forensics_app.proof.signing import with_validation_data  # as in _checked

        people = [one.certificate.der for one in self.certificates.authorities()]
        known = [*people, *self.time_authorities()]
        return with_validation_data(pdf, known, self.certificates.revocation_lists()), ""

    def _newest(self, report: IssuedReport) -> bytes:
        path, digest = self.path(report), self.digests(report)[-1]
        try:
            pdf = content_of(path)
        except OSError as error:
            raise LabUnusableError(f"{report.number} cannot be read: {error.strerror}.") from error
        if hashlib.sha256(pdf).digest() != digest:
            raise LabUnusableError(
                f"The file of {report.number} was changed: it does not have the recorded SHA-256.",
                kept="The record still has the digest of the right file.",
                then="Put the right file back from a copy or a backup.",
            )
        return pdf

    def _record(
        self, actor: SignedIn, report: IssuedReport, before: FileChecked, after: FileChecked, pdf: bytes
    ) -> None:
        path = self.folder.upgraded_report(report.case_id, after.sha256)
        if not path.exists():
            write_whole(path, [pdf], expected=after.sha256)
        facts: dict[str, Json] = {
            "sha256": after.sha256.hex(),
            "size_bytes": len(pdf),
            "level": after.level.value,
            "before_sha256": before.sha256.hex(),
            "before_level": before.level.value,
        }
        with kept_only_if_recorded(path), self.db.writing() as connection:
            case = case_with(connection, report.case_id)
            subject = Subject(kind="report", id=str(report.id), label=report.number)
            Writer(connection, self.now()).append(case_chain(case), UPGRADE, subject, facts, [("actor", actor)])
