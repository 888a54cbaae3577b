"""Files marked as privileged or sensitive: hidden until a reason is given, in views, exports and reports."""

from pathlib import Path

import pytest

from forensics_app.errors import NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.areas import Area, AreaKind
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.report import ReportRequest
from forensics_app.services.marks import Seen
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in

DATABASES = ("sqlite", "postgresql")
WHY = "Letter of counsel"


def picture_of(bench: Bench, *, with_content: bool = False) -> tuple[EvidenceImage, CatalogueEntry]:
    image = bench.lab.intake.get(took_in(bench).id)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=with_content)
    image = bench.lab.intake.get(image.id)
    with bench.lab.catalogues.open(image) as catalogue:
        query = CatalogueQuery(mime_prefix="image/jpeg" if with_content else "", extension="jpg")
        found = catalogue.rows(catalogue.ids(query))
    return image, next(entry for entry in found if entry.allocated and entry.kind == "file")


def read(bench: Bench, image: EvidenceImage, entry: CatalogueEntry) -> bytes:
    return bench.lab.examine.read_file(image, entry.volume_id, entry.address, 0, 16)


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_marked_file_is_shown_only_for_a_reason_and_each_look_is_an_entry(bench: Bench, tmp_path: Path) -> None:
    image, entry = picture_of(bench)
    marks = bench.lab.examine.marks
    before = read(bench, image, entry)
    mark = marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, WHY)
    assert (mark.path, mark.reason, mark.author) == (entry.path, WHY, bench.examiner.person.name)
    slack = Area(kind=AreaKind.SLACK, volume_id=entry.volume_id, file_address=entry.address, file_path=entry.path)
    for attempt in (
        lambda: read(bench, image, entry),
        lambda: bench.lab.examine.picture(image, entry, 200),
        lambda: bench.lab.examine.read_area(image, slack, 0, 16),
        lambda: bench.lab.examine.exporting.file(bench.examiner, image.id, entry, tmp_path / "out.jpg"),
    ):
        with pytest.raises(RefusedError, match="marked as sensitive"):
            attempt()
    assert not (tmp_path / "out.jpg").exists()
    with pytest.raises(RefusedError, match="needs a reason"):
        marks.look(bench.examiner, image.id, mark, " ")
    marks.look(bench.examiner, image.id, mark, "To describe it")
    assert read(bench, image, entry) == before
    bench.lab.examine.exporting.file(bench.examiner, image.id, entry, tmp_path / "out.jpg")
    marks.cover()
    with pytest.raises(RefusedError):
        read(bench, image, entry)
    marks.look(bench.supervisor, image.id, mark, "To check the description")
    told = [event for event in bench.lab.custody.case_history(image.case_id) if event.action.startswith("file.")]
    assert [event.action for event in told] == ["file.mark", "file.look", "file.export", "file.look"]
    assert [event.reason for event in told] == [WHY, "To describe it", "", "To check the description"]
    assert told[2].facts["marked"] == ["sensitive"]
    assert told[2].facts["looked_because"] == ["To describe it"]
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-40")
def test_a_mark_survives_a_catalogue_that_is_built_again_and_a_process_that_knows_nothing(bench: Bench) -> None:
    image, entry = picture_of(bench)
    mark = bench.lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.PRIVILEGED, WHY)
    bench.lab.catalogues.path(image).unlink()
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    seen = bench.lab.examine.seen
    seen.marks, seen.looking = Seen().marks, Seen().looking
    assert bench.lab.examine.marks.list(image.case_id) == (mark,)
    with pytest.raises(RefusedError, match="privileged"):
        read(bench, bench.lab.intake.get(image.id), entry)


@pytest.mark.req("REQ-40")
def test_a_report_prints_no_thumbnail_of_a_marked_file_and_says_so(bench: Bench, tmp_path: Path) -> None:
    image, entry = picture_of(bench, with_content=True)
    bench.lab.examine.choose(bench.examiner, image.id, entry)
    request = ReportRequest(case_id=image.case_id, zone="UTC")
    shown = bench.lab.reporting.preview(bench.examiner.person, request)
    mark = bench.lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, WHY)
    bench.lab.examine.marks.look(bench.examiner, image.id, mark, "To describe it")
    hidden = bench.lab.reporting.preview(bench.examiner.person, request)
    assert shown.count(b"/Subtype /Image") - hidden.count(b"/Subtype /Image") == 1
    assert "Markedassensitive:nothingofitscontentisprinted." in Oracle(tmp_path).flat(hidden)


@pytest.mark.req("REQ-39")
def test_roles_decide_who_marks_looks_and_takes_back_and_a_withdrawal_is_an_entry(bench: Bench) -> None:
    image, entry = picture_of(bench)
    marks = bench.lab.examine.marks
    for nobody in (bench.custodian, bench.admin_as_auditor()):
        with pytest.raises(PermissionRefusedError):
            marks.add(nobody, image.id, entry, MarkKind.PRIVILEGED, WHY)
    mark = marks.add(bench.examiner, image.id, entry, MarkKind.PRIVILEGED, WHY)
    with pytest.raises(RefusedError, match="already"):
        marks.add(bench.examiner, image.id, entry, MarkKind.PRIVILEGED, WHY)
    with pytest.raises(PermissionRefusedError, match="supervisor"):
        marks.look(bench.examiner, image.id, mark, "Curious")
    with pytest.raises(PermissionRefusedError, match="take a mark back"):
        marks.withdraw(bench.examiner, image.id, mark, "Wrong")
    marks.withdraw(bench.supervisor, image.id, mark, "Not of counsel")
    assert marks.list(image.case_id) == ()
    assert read(bench, image, entry)
    with pytest.raises(NotFoundError):
        marks.look(bench.supervisor, image.id, mark, "Late")
    last = bench.lab.custody.case_history(image.case_id)[-1]
    assert (last.action, last.reason) == ("file.unmark", "Not of counsel")
    assert bench.lab.verification.verify().ok


@pytest.mark.req("REQ-39", "REQ-40")
def test_what_was_made_of_a_picture_before_it_was_marked_is_shown_no_more(bench: Bench) -> None:
    image, entry = picture_of(bench, with_content=True)
    (before,) = bench.lab.thumbnails.of(image, (entry,))
    assert before.encoded
    bench.lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, WHY)
    (after,) = bench.lab.thumbnails.of(image, (entry,))
    assert (after.encoded, after.is_blurred) == (b"", True)
    assert "marked as sensitive" in after.why


@pytest.mark.req("REQ-39", "REQ-40")
def test_no_viewer_takes_a_marked_file_apart_nor_goes_on_in_one_that_was_open(bench: Bench) -> None:
    image, _ = picture_of(bench, with_content=True)
    with bench.lab.catalogues.open(image) as catalogue:
        found = catalogue.rows(catalogue.ids(CatalogueQuery()))
    entry = next(one for one in found if one.name == "History" and one.allocated)
    viewing = bench.lab.examine.viewing
    part = next(one for one in viewing.open(image, entry).parts if one.kind == "table" and one.count)
    assert viewing.rows(image, entry, part.key, 0, 1).rows
    bench.lab.examine.marks.add(bench.examiner, image.id, entry, MarkKind.SENSITIVE, WHY)
    for attempt in (lambda: viewing.open(image, entry), lambda: viewing.rows(image, entry, part.key, 0, 1)):
        with pytest.raises(RefusedError, match="marked as sensitive"):
            attempt()
