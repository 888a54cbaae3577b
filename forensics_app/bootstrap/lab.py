"""An open lab: its use cases, each built when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forensics_app.bootstrap.built import Built
from forensics_app.bootstrap.lab_core import LabCore
from forensics_app.services.store import release_from

if TYPE_CHECKING:
    from forensics_app.services.acquisition import Acquisitions
    from forensics_app.services.audits import Audits
    from forensics_app.services.backing_up import Backups
    from forensics_app.services.bulk import Bulk
    from forensics_app.services.case_imports import CaseImports
    from forensics_app.services.catalogues import Catalogues
    from forensics_app.services.custody import Custody
    from forensics_app.services.custody_forms import CustodyForms
    from forensics_app.services.custody_log import CustodyLog
    from forensics_app.services.desk import Desk
    from forensics_app.services.disposals import Disposals
    from forensics_app.services.drafts import Drafts
    from forensics_app.services.due_checks import DueChecks
    from forensics_app.services.erasing import Erasing
    from forensics_app.services.examine import Examine
    from forensics_app.services.exhibits import Exhibits
    from forensics_app.services.findings import Findings
    from forensics_app.services.hash_matching import HashMatching
    from forensics_app.services.hash_sets import HashSets
    from forensics_app.services.holds import Holds
    from forensics_app.services.incidents import Incidents
    from forensics_app.services.intake import Intake
    from forensics_app.services.kits import Kits
    from forensics_app.services.labels import Labels
    from forensics_app.services.media import Media
    from forensics_app.services.offers import Offers
    from forensics_app.services.part_checks import PartChecks
    from forensics_app.services.readers import Readers
    from forensics_app.services.report_exports import ReportExports
    from forensics_app.services.report_proof import ReportProof
    from forensics_app.services.report_upgrades import ReportUpgrades
    from forensics_app.services.reporting import Reporting
    from forensics_app.services.retention import Retentions
    from forensics_app.services.scenes import Scenes
    from forensics_app.services.schedule import Schedule
    from forensics_app.services.searching import Searching
    from forensics_app.services.second_readings import SecondReadings
    from forensics_app.services.tags import Tags
    from forensics_app.services.thumbnails import Thumbnails
    from forensics_app.services.timelines import Timelines
    from forensics_app.services.twins import Twins
    from forensics_app.services.unlocking import Unlocking


class Lab(LabCore):
    """An open lab: its use cases, wired. Close it last."""

    def close(self) -> None:
        """Let go of the database and of the processes that read evidence."""
        if "examine" in self.__dict__:
            self.examine.close()
        self.database.close()
        if self.is_open:
            self.is_open = False
            release_from(self.folder)

    @Built
    def media(self) -> Media:
        """The lab's own media."""
        from forensics_app.services.media import Media

        return Media(db=self.database, lab=self.info, now=self._now)

    @Built
    def exhibits(self) -> Exhibits:
        """Exhibits and what is recorded of them."""
        from forensics_app.services.exhibits import Exhibits

        return Exhibits(db=self.database, lab=self.info, folder=self.folder, now=self._now, guidance=self.guidance)

    @Built
    def custody(self) -> Custody:
        """Custody events."""
        from forensics_app.services.custody import Custody

        return Custody(db=self.database, lab=self.info, folder=self.folder, now=self._now)

    @Built
    def custody_forms(self) -> CustodyForms:
        """The custody form."""
        from forensics_app.services.custody_forms import CustodyForms

        return CustodyForms(
            db=self.database,
            lab=self.info,
            folder=self.folder,
            now=self._now,
            guidance=self.guidance,
            examine=lambda: self.examine,
        )

    @Built
    def labels(self) -> Labels:
        """Labels and what a scan means."""
        from forensics_app.services.labels import Labels

        return Labels(db=self.database, lab=self.info, folder=self.folder)

    @Built
    def incidents(self) -> Incidents:
        """Incidents."""
        from forensics_app.services.incidents import Incidents

        return Incidents(db=self.database, now=self._now)

    @Built
    def holds(self) -> Holds:
        """Legal holds."""
        from forensics_app.services.holds import Holds

        return Holds(db=self.database, now=self._now)

    @Built
    def disposals(self) -> Disposals:
        """Disposals."""
        from forensics_app.services.disposals import Disposals

        return Disposals(db=self.database, folder=self.folder, now=self._now)

    @Built
    def offers(self) -> Offers:
        """Transfers offered."""
        from forensics_app.services.offers import Offers

        return Offers(db=self.database, lab=self.info, now=self._now)

    @Built
    def bulk(self) -> Bulk:
        """Many exhibits by scanner."""
        from forensics_app.services.bulk import Bulk

        return Bulk(custody=self.custody, labels=self.labels)

    @Built
    def audits(self) -> Audits:
        """Room audits."""
        from forensics_app.services.audits import Audits

        return Audits(db=self.database, lab=self.info, labels=self.labels, now=self._now)

    @Built
    def intake(self) -> Intake:
        """Taking images in."""
        from forensics_app.services.intake import Intake

        return Intake(db=self.database, lab=self.info, journal=self.journal, now=self._now)

    @Built
    def acquisitions(self) -> Acquisitions:
        """Imaging of devices and folders."""
        from forensics_app.services.acquisition import Acquisitions

        return Acquisitions(db=self.database, lab=self.info, journal=self.journal, intake=self.intake, now=self._now)

    @Built
    def part_checks(self) -> PartChecks:
        """Checking an image again in parts."""
        from forensics_app.services.part_checks import PartChecks

        return PartChecks(db=self.database, journal=self.journal, now=self._now, part_bytes=self.intake.part_bytes)

    @Built
    def scenes(self) -> Scenes:
        """Scenes."""
        from forensics_app.services.scenes import Scenes

        return Scenes(db=self.database, lab=self.info, folder=self.folder, now=self._now, guidance=self.guidance)

    @Built
    def hash_sets(self) -> HashSets:
        """The lab's hash sets."""
        from forensics_app.services.hash_sets import HashSets

        return HashSets(db=self.database, lab=self.info, folder=self.folder, journal=self.journal, now=self._now)

    @Built
    def hash_matching(self) -> HashMatching:
        """Looking images up in the hash sets."""
        from forensics_app.services.hash_matching import HashMatching

        return HashMatching(db=self.database, lab=self.info, folder=self.folder, journal=self.journal, now=self._now)

    @Built
    def searching(self) -> Searching:
        """Searching the content of images."""
        from forensics_app.services.searching import Searching

        return Searching(examine=self.examine)

    @Built
    def twins(self) -> Twins:
        """Finding files of the same content on the images of a case."""
        from forensics_app.services.twins import Twins

        return Twins(examine=self.examine)

    @Built
    def desk(self) -> Desk:
        """The supervisor's desk."""
        from forensics_app.services.desk import Desk

        return Desk(db=self.database, lab=self.info, now=self._now, principles=self.principles)

    @Built
    def custody_log(self) -> CustodyLog:
        """Custody entries by case, person, exhibit, period, kind."""
        from forensics_app.services.custody_log import CustodyLog

        return CustodyLog(db=self.database)

    @Built
    def catalogues(self) -> Catalogues:
        """Building catalogues."""
        from forensics_app.services.catalogues import Catalogues

        return Catalogues(
            db=self.database,
            lab=self.info,
            folder=self.folder,
            journal=self.journal,
            now=self._now,
            session_keys=self._readers.keys,
        )

    @Built
    def examine(self) -> Examine:
        """Reading catalogues and contents."""
        from forensics_app.services.examine import Examine

        return Examine(
            db=self.database, lab=self.info, catalogues=self.catalogues, now=self._now, readers=self._readers
        )

    @Built
    def timelines(self) -> Timelines:
        """Timelines of cases."""
        from forensics_app.services.timelines import Timelines

        return Timelines(catalogues=self.catalogues)

    @Built
    def second_readings(self) -> SecondReadings:
        """Comparing two readers."""
        from forensics_app.services.second_readings import SecondReadings

        return SecondReadings(examine=self.examine)

    @Built
    def tags(self) -> Tags:
        """Tags and what bears them."""
        from forensics_app.services.tags import Tags

        return Tags(db=self.database, lab=self.info, now=self._now, found=self.catalogues.found)

    @Built
    def thumbnails(self) -> Thumbnails:
        """Small pictures for the gallery."""
        from forensics_app.services.thumbnails import Thumbnails

        return Thumbnails(examine=self.examine, concealing=self.examine.concealing, folder=self.folder)

    @Built
    def findings(self) -> Findings:
        """Findings and bookmarks."""
        from forensics_app.services.findings import Findings

        lab, now = self.info, self._now
        return Findings(db=self.database, lab=lab, catalogues=self.catalogues, examine=self.examine, now=now)

    @Built
    def unlocking(self) -> Unlocking:
        """Opening locked volumes."""
        from forensics_app.services.unlocking import Unlocking

        lab, now = self.info, self._now
        return Unlocking(db=self.database, lab=lab, catalogues=self.catalogues, examine=self.examine, now=now)

    @Built
    def reporting(self) -> Reporting:
        """Reports."""
        from forensics_app.services.reporting import Reporting

        return Reporting(
            db=self.database, lab=self.info, folder=self.folder, catalogues=self.catalogues, examine=self.examine,
            verification=self.verification, principles=self.principles, journal=self.journal, proof=self.report_proof,
            timelines=self.timelines, now=self._now,
        )  # fmt: skip

    @Built
    def report_proof(self) -> ReportProof:
        """Enclosures and signatures of reports."""
        from forensics_app.services.report_proof import ReportProof

        return ReportProof(
            db=self.database, lab=self.info, certificates=self.certificates, time_stamps=self.time_stamps, now=self._now
        )

    @Built
    def report_upgrades(self) -> ReportUpgrades:
        """What is added behind the signatures of issued reports."""
        from forensics_app.services.report_upgrades import ReportUpgrades

        return ReportUpgrades(
            db=self.database, lab=self.info, folder=self.folder, certificates=self.certificates,
            time_stamps=self.time_stamps, proof=self.report_proof, now=self._now,
        )  # fmt: skip

    @Built
    def report_exports(self) -> ReportExports:
        """Reports in other formats."""
        from forensics_app.services.report_exports import ReportExports

        return ReportExports(
            db=self.database, lab=self.info, folder=self.folder, reporting=self.reporting, journal=self.journal,
            now=self._now,
        )  # fmt: skip

    @Built
    def case_imports(self) -> CaseImports:
        """Cases of another record."""
        from forensics_app.services.case_imports import CaseImports

        return CaseImports(db=self.database, lab=self.info, folder=self.folder, cases=self.cases, now=self._now)

    @Built
    def kits(self) -> Kits:
        """Defence kits."""
        from forensics_app.services.kits import Kits

        return Kits(
            db=self.database,
            lab=self.info,
            folder=self.folder,
            examine=self.examine,
            journal=self.journal,
            now=self._now,
        )

    @Built
    def drafts(self) -> Drafts:
        """Drafts of reports and their review."""
        from forensics_app.services.drafts import Drafts

        return Drafts(db=self.database, drawing=self.reporting.drawing, now=self._now)

    @Built
    def schedule(self) -> Schedule:
        """What is to be checked when."""
        from forensics_app.services.schedule import Schedule

        return Schedule(db=self.database, lab=self.info, now=self._now)

    @Built
    def retentions(self) -> Retentions:
        """How long cases are kept."""
        from forensics_app.services.retention import Retentions

        return Retentions(db=self.database, lab=self.info, now=self._now)

    @Built
    def erasing(self) -> Erasing:
        """Erasing what is kept of cases."""
        from forensics_app.services.erasing import Erasing

        return Erasing(db=self.database, lab=self.info, folder=self.folder, journal=self.journal, now=self._now)

    @Built
    def backups(self) -> Backups:
        """Backups of the lab."""
        from forensics_app.services.backing_up import Backups

        return Backups(db=self.database, lab=self.info, folder=self.folder, journal=self.journal, now=self._now)

    @Built
    def due_checks(self) -> DueChecks:
        """Doing what is due."""
        from forensics_app.services.due_checks import DueChecks

        return DueChecks(schedule=self.schedule, intake=self.intake, verification=self.verification)

    @Built
    def _readers(self) -> Readers:
        from forensics_app.services.readers import Readers

        return Readers()
