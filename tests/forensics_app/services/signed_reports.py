"""A lab that certified an examiner and a supervisor, and a report that both signed."""

from __future__ import annotations

import io
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forensics_app.model.case import Case
from forensics_app.model.dossier import ApprovedContent, Dossier
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.reports.enclosures import enclosures
from forensics_app.reports.pdf import render
from resources import path as resource
from tests.builders import Bench, make_bench


@dataclass
class Signing:
    """The bench, its case with an approved draft, and the file of a report that examiner and supervisor signed."""

    bench: Bench
    case: Case
    dossier: Dossier
    pdf: bytes

    @property
    def approval(self) -> ApprovedContent:
        assert self.dossier.approved is not None
        return self.dossier.approved

    def report(self, title: str, authoriser: SignedIn | None = None) -> bytes:
        """The file of a report that nobody approved."""
        dossier = dossier_on(self.bench, self.case, title)
        author = self.bench.examiner
        return self.bench.lab.report_proof.finished(dossier, author, authoriser or self.bench.supervisor)

    def unsigned(self) -> bytes:
        out = io.BytesIO()
        render(self.dossier, out, enclosures(self.dossier, self.bench.lab.report_proof.ledger(self.dossier)))
        return out.getvalue()

    def signed_by_another_lab(self, folder: Path) -> bytes:
        """The same report, signed by people of the same names whom another lab certified."""
        other = make_bench(folder / "other", of_its_own=True)
        certified(other, other.examiner, other.supervisor)
        proof = other.lab.report_proof
        pdf = proof.signed(self.unsigned(), other.examiner, other.supervisor)
        other.lab.close()
        return pdf


def certified(bench: Bench, *people: SignedIn) -> None:
    """Make the authority, and certify these people."""
    bench.lab.certificates.create_authority(bench.admin)
    for person in people:
        bench.lab.certificates.request(person)
    bench.lab.certificates.issue(bench.admin)


def approved_draft(bench: Bench, case: Case, title: str = "Report") -> ReportDraft:
    """A draft that the examiner submitted and the supervisor approved."""
    draft = bench.lab.drafts.begin(bench.examiner, ReportRequest(case_id=case.id, zone="UTC", title=title))
    draft = bench.lab.drafts.submit(bench.examiner, draft.id)
    return bench.lab.drafts.approve(bench.supervisor, draft.id, "Read.", seen=draft.content_sha256)


def dossier_on(
    bench: Bench, case: Case, title: str, at: datetime | None = None, draft: ReportDraft | None = None
) -> Dossier:
    request = ReportRequest(case_id=case.id, zone="UTC", title=title)
    return bench.lab.reporting.dossier(bench.examiner.person, request, issued_at=at or bench.clock(), draft=draft)


def signed(folder: Path) -> Signing:
    """A case with an image and a photograph, and a report on it."""
    bench = make_bench(folder / "lab")
    case = bench.case()
    exhibit = bench.exhibit(case)
    photo = NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE)
    bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, photo)
    source = Path(shutil.copy(resource("demo/demo.E01"), folder / "demo.E01"))
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=WriteBlocker(device="Tableau T8u"))
    bench.lab.intake.take_in(bench.examiner, request)
    certified(bench, bench.examiner, bench.supervisor)
    draft = approved_draft(bench, case)
    dossier = dossier_on(bench, case, "Report", draft=draft)
    pdf = bench.lab.report_proof.finished(dossier, bench.examiner, bench.supervisor)
    return Signing(bench, case, dossier, pdf)
