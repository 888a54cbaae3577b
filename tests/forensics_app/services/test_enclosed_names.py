"""What a report does not print leaves with it neither in its text nor in what is enclosed."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.note import NewNote
from forensics_app.model.report import ReportKind, ReportRequest, Section
from forensics_app.proof.attached import attached_in
from forensics_app.proof.reading import opened
from forensics_app.reports.bodyfile import write_bodyfile
from forensics_app.reports.csv_tables import TABLES, write_csv
from forensics_app.reports.enclosures import LEDGER, enclosures
from forensics_app.reports.html import write_html
from tests.builders import Bench, make_bench, reopened
from tests.forensics_app.services.test_files_and_races import took_in
from tests.second_verifier.verdicts import verify

WITHOUT_FILES = (ReportKind.CUSTODY, ReportKind.ACQUISITION)


@dataclass
class Chosen:
    """A case in which a picture and a note about it were chosen, and the picture was marked then."""

    bench: Bench
    image: EvidenceImage
    hidden: CatalogueEntry
    copy: CatalogueEntry

    @property
    def name(self) -> str:
        return self.hidden.path.rpartition("/")[2]

    @property
    def copy_name(self) -> str:
        return self.copy.path.rpartition("/")[2]

    def request(self, kind: ReportKind, *more: Section) -> ReportRequest:
        sections = (*ReportRequest(case_id=self.image.case_id, kind=kind).printed, *more)
        return ReportRequest(case_id=self.image.case_id, kind=kind, sections=sections)

    def formats(self, request: ReportRequest) -> bytes:
        """Everything that is written of a report but its ledger."""
        dossier = self.bench.lab.reporting.dossier(self.bench.examiner.person, request)
        out = io.BytesIO()
        write_html(dossier, out)
        write_bodyfile(dossier, out)
        for table in TABLES:
            write_csv(table, dossier, out)
        return out.getvalue() + b"".join(one.content for one in enclosures(dossier, None))

    def ledger(self, request: ReportRequest) -> bytes:
        report = self.bench.issued(request)
        pdf = self.bench.lab.reporting.path(report).read_bytes()
        return next(one.content for one in attached_in(opened(pdf)) if one.name == LEDGER)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Chosen:
    """Nobody works in it."""
    bench = make_bench(tmp_path_factory.mktemp("enclosed") / "lab")
    lab = bench.lab
    image = lab.catalogues.build(bench.examiner, took_in(bench).id)
    with lab.catalogues.open(image) as catalogue:
        rows = catalogue.rows(catalogue.ids(CatalogueQuery(mime_prefix="image/jpeg")))
    hidden, copy = next(
        (one, other)
        for one in rows
        for other in rows
        if one.sha256 == other.sha256 and one.path.rpartition("/")[2] != other.path.rpartition("/")[2]
    )
    other = next(one for one in rows if one.sha256 != hidden.sha256)
    lab.examine.choose(bench.examiner, image.id, hidden)
    lab.examine.choose(bench.examiner, image.id, other, f"Like {hidden.path.rpartition('/')[2]} beside it")
    lab.examine.marks.add(bench.examiner, image.id, hidden, MarkKind.PRIVILEGED, "Letter to counsel")
    told = f"Seen: ({copy.path.rpartition('/')[2]})"
    lab.notes.add(bench.examiner, NewNote(case_id=image.case_id, text=told, told_at=bench.clock.at))
    lab.close()
    return Chosen(bench, image, hidden, copy)


@pytest.fixture
def chosen(whole: Chosen, tmp_path: Path) -> Iterator[Chosen]:
    shutil.copytree(whole.bench.lab.folder.database.parent, tmp_path / "lab")
    bench = reopened(tmp_path / "lab", whole.bench.clock.at + timedelta(days=1))
    yield Chosen(bench, whole.image, whole.hidden, whole.copy)
    bench.lab.close()


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_report_that_prints_no_files_names_none_in_any_format(chosen: Chosen) -> None:
    for kind in WITHOUT_FILES:
        request = chosen.request(kind)
        assert Section.FILES not in request.printed
        written = chosen.formats(request)
        assert chosen.name.encode() not in written
        assert (chosen.hidden.sha256 or b"").hex().encode() not in written
    assert chosen.name.encode() in chosen.formats(chosen.request(ReportKind.EXAMINATION)), "it is printed there"


@pytest.mark.req("REQ-39", "REQ-40", "REQ-68")
def test_the_ledger_in_a_report_that_prints_no_files_names_none(chosen: Chosen) -> None:
    text = chosen.ledger(chosen.request(ReportKind.CUSTODY))
    assert chosen.name.encode() not in text
    assert chosen.copy_name.encode() not in text
    assert text.count(b'{"withheld":') == 4, "two choices, the mark and the note"
    assert verify(text)[0] == 3
    assert chosen.name.encode() in chosen.ledger(chosen.request(ReportKind.EXAMINATION))


@pytest.mark.req("REQ-39", "REQ-40")
def test_without_the_catalogue_every_name_may_be_that_of_a_copy(chosen: Chosen) -> None:
    chosen.bench.lab.catalogues.path(chosen.image).unlink()
    text = chosen.ledger(chosen.request(ReportKind.CUSTODY))
    assert chosen.name.encode() not in text
    assert chosen.copy_name.encode() not in text
    dossier = chosen.bench.lab.reporting.dossier(
        chosen.bench.examiner.person, chosen.request(ReportKind.EXAMINATION, Section.NOTES)
    )
    assert [one.thumbnail_jpeg for one in dossier.files] == [None, None]
    assert "It cannot be told whether it is the same as hidden content" in (dossier.files[1].hidden or "")
    assert dossier.files[1].remark == dossier.notes[0].text == "(may name what is marked or concealed: not printed)"


@pytest.mark.req("REQ-40")
def test_what_somebody_wrote_of_other_files_does_not_print_a_hidden_name(chosen: Chosen) -> None:
    lab, case_id = chosen.bench.lab, chosen.image.case_id
    plain = NewNote(case_id=case_id, text="The disk was warm.", told_at=chosen.bench.clock.at)
    lab.notes.add(chosen.bench.examiner, plain)
    request = chosen.request(ReportKind.EXAMINATION, Section.NOTES)
    dossier = lab.reporting.dossier(chosen.bench.examiner.person, request)
    assert chosen.name in dossier.files[0].path, "a chosen file is printed by its name"
    assert dossier.files[1].remark == f"Like {chosen.name} beside it", "which then is no secret of the report"
    assert [one.text for one in dossier.notes] == [
        "(may name what is marked or concealed: not printed)", "The disk was warm."
    ]  # fmt: skip
    assert chosen.copy_name.encode() not in chosen.formats(request)
    first = next(one for one in lab.examine.chosen(case_id) if one.path == chosen.hidden.path)
    lab.examine.withdraw(chosen.bench.examiner, first.id, "Not needed")
    dossier = lab.reporting.dossier(chosen.bench.examiner.person, request)
    assert dossier.files[0].remark == "(may name what is marked or concealed: not printed)"
    assert chosen.name.encode() not in chosen.formats(request)
