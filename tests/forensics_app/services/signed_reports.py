"""A lab that certified an examiner and a supervisor, and a report that both signed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from forensics_app.model.case import Case
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.image import IntakeRequest, WriteBlocker
from forensics_app.model.person import SignedIn
from forensics_app.model.report import ReportRequest
from resources import path as resource
from tests.builders import Bench, make_bench


@dataclass
class Signing:
    """The bench, its case, and the file of a report."""

    bench: Bench
    case: Case
    pdf: bytes

    def report(self, author: SignedIn, authoriser: SignedIn, title: str = "Report") -> bytes:
        return finished(self.bench, self.case, author, authoriser, title)


def certified(bench: Bench, *people: SignedIn) -> None:
    """Make the authority, and certify these people."""
    bench.lab.certificates.create_authority(bench.admin)
    for person in people:
        bench.lab.certificates.request(person)
    bench.lab.certificates.issue(bench.admin)


def finished(bench: Bench, case: Case, author: SignedIn, authoriser: SignedIn, title: str = "Report") -> bytes:
    request = ReportRequest(case_id=case.id, zone="UTC", title=title)
    dossier = bench.lab.reporting.dossier(author.person, request, issued_at=bench.clock())
    return bench.lab.report_proof.finished(dossier, author, authoriser)


def signed(folder: Path) -> Signing:
    """A case with an image and a photograph, and a report on it."""
    bench = make_bench(folder / "lab")
    case = bench.case()
    exhibit = bench.exhibit(case)
    bench.lab.exhibits.add_photo(
        bench.custodian,
        exhibit.id,
        NewPhoto(path=resource("demo/exhibit-photo-drive.jpg"), view=PhotoView.WHOLE),
    )
    source = Path(shutil.copy(resource("demo/demo.E01"), folder / "demo.E01"))
    blocker = WriteBlocker(device="Tableau T8u")
    bench.lab.intake.take_in(
        bench.examiner, IntakeRequest(exhibit_id=exhibit.id, paths=(source,), write_blocker=blocker)
    )
    certified(bench, bench.examiner, bench.supervisor)
    return Signing(bench, case, finished(bench, case, bench.examiner, bench.supervisor))
