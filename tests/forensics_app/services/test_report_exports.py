"""Reports in other formats out of a lab: whole folders, their digests in the record, and nothing half."""

import json
import resource as limits
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app.db.ledger import entries_of
from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_draft import ReportDraft
from forensics_app.model.report_format import ReportFormat
from forensics_app.reports.case_reading import read_case
from forensics_app.services.folder import sha256_of
from forensics_app.services.history import event_of
from forensics_app.services.report_checks import check_against_standards
from forensics_app.services.report_exports import files_of
from forensics_app.services.whole_folder import write_folder
from tests.builders import Bench

DATABASES = ("sqlite", "postgresql")


def request_of(bench: Bench) -> ReportRequest:
    return ReportRequest(case_id=bench.exhibit(bench.case()).case_id, zone="Europe/Warsaw")


def events_of(bench: Bench, request: ReportRequest) -> list[CustodyEvent]:
    with bench.lab.database.reading() as connection:
        return [event_of(entry) for entry in entries_of(connection, str(request.case_id))]


@pytest.mark.req("REQ-56")
def test_an_export_writes_every_format_and_an_entry_names_each_digest(bench: Bench, tmp_path: Path) -> None:
    request, target = request_of(bench), tmp_path / "out"
    written = bench.lab.report_exports.export(bench.examiner, request, list(ReportFormat), target)
    assert {one.path for one in written} == set(target.iterdir())
    assert all(sha256_of(one.path) == one.sha256 for one in written)
    assert {one.path.suffix for one in written} == {".docx", ".html", ".csv", ".bodyfile", ".jsonld"}
    entry = events_of(bench, request)[-1]
    assert entry.action == "report.export"
    told = entry.facts["files"]
    assert isinstance(told, list)
    assert json.dumps(told) == json.dumps([{"name": one.path.name, "sha256": one.sha256.hex()} for one in written])
    export = read_case(next(one.path for one in written if one.path.suffix == ".jsonld").read_bytes())
    assert export.case.number == bench.lab.cases.get(request.case_id).number
    assert bench.lab.verification.verify().ok


def test_an_export_that_cannot_be_written_leaves_nothing_and_no_entry(bench: Bench, tmp_path: Path) -> None:
    request = request_of(bench)
    before = len(events_of(bench, request))
    soft, hard = limits.getrlimit(limits.RLIMIT_FSIZE)
    files = files_of(bench.lab.reporting.dossier(bench.examiner.person, request), ReportFormat.HTML)
    limits.setrlimit(limits.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(LabUnusableError, match="cannot be written"):
            write_folder(tmp_path / "out", files)
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, (soft, hard))
    with pytest.raises(LabUnusableError):
        bench.lab.report_exports.export(bench.examiner, request, [ReportFormat.HTML], tmp_path / "no" / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["lab"]
    assert len(events_of(bench, request)) == before


def test_an_export_over_something_by_nobody_or_of_nothing_is_refused(bench: Bench, tmp_path: Path) -> None:
    request, exports = request_of(bench), bench.lab.report_exports
    (tmp_path / "there").mkdir()
    with pytest.raises(RefusedError, match="already exists"):
        exports.export(bench.examiner, request, [ReportFormat.HTML], tmp_path / "there")
    with pytest.raises(RefusedError, match="No format"):
        exports.export(bench.examiner, request, [], tmp_path / "out")
    with pytest.raises(PermissionRefusedError):
        exports.export(bench.custodian, request, [ReportFormat.HTML], tmp_path / "out")
    assert not list((tmp_path / "there").iterdir())


@pytest.mark.req("REQ-56")
def test_an_export_names_the_author_of_the_draft_and_its_own_number(bench: Bench, tmp_path: Path) -> None:
    request, lab = request_of(bench), bench.lab

    def exported(draft: ReportDraft | None, asked: ReportRequest = request) -> tuple[str, str]:
        folder = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        (one,) = lab.report_exports.export(bench.supervisor, asked, [ReportFormat.HTML], folder, draft)
        return one.path.name, one.path.read_text(encoding="utf-8")

    draft = lab.drafts.begin(bench.examiner, request)
    name, text = exported(draft, draft.content)
    assert name == "draft_1.html"
    assert "R-2026" not in text
    assert f"{bench.examiner.person.name}, author" in text or bench.examiner.person.name in text
    assert lab.reporting.author_of(draft) == bench.examiner.person
    assert exported(draft, replace(draft.content, title="Something else"))[0] == "draft__not_recorded.html"
    assert exported(None)[0] == "draft__not_recorded.html"
    draft = lab.drafts.submit(bench.examiner, draft.id)
    lab.drafts.approve(bench.supervisor, draft.id, seen=draft.content_sha256)
    report = lab.reporting.issue(bench.examiner, bench.supervisor, draft.id)
    lab.reporting.issue(bench.examiner, bench.supervisor, bench.approved(request).id)
    name, text = exported(lab.drafts.get(draft.id), draft.content)
    assert name == f"{report.number}-unsigned-copy.html"
    assert "UNSIGNED COPY." in text
    assert "DRAFT" not in text


@pytest.mark.req("REQ-65")
def test_what_bears_the_number_of_an_issued_report_is_what_was_issued_or_is_refused(
    bench: Bench, tmp_path: Path
) -> None:
    lab, case = bench.lab, bench.case()
    exhibit = bench.exhibit(case)
    report = bench.issued(ReportRequest(case_id=case.id, zone="Europe/Warsaw"))
    draft = lab.drafts.list(case.id)[0]
    fields = {"place": "Store 3", "purpose": "Examination", "seal_number": "0048812", "seal_check": "intact"}
    fields |= {"condition": "Lid scratched"}
    lab.custody.perform(bench.custodian, bench.request(exhibit, "receive", fields=fields, outside_party="Sgt. Duarte"))
    written = lab.report_exports.export(bench.examiner, draft.content, list(ReportFormat), tmp_path / "copy", draft)
    assert all(one.path.name.startswith(f"{report.number}-unsigned-copy") for one in written)
    texts = {one.path.suffix: one.path.read_text(encoding="utf-8") for one in written if one.path.suffix != ".docx"}
    assert "Drawn again on" in texts[".html"]
    assert "UNSIGNED COPY." in texts[".jsonld"]
    assert "Store 3" not in "".join(texts.values())
    assert check_against_standards(lab.reporting, bench.examiner.person, draft.content, draft)
    bench.exhibit(case, "LH/02", seal="0048813")
    for act in (
        lambda: lab.report_exports.export(bench.examiner, draft.content, [ReportFormat.CSV], tmp_path / "no", draft),
        lambda: lab.reporting.dossier(bench.examiner.person, draft.content, draft=draft),
    ):
        with pytest.raises(RefusedError, match=f"{report.number} was issued, and what it prints .*exhibits changed"):
            act()
    with pytest.raises(RefusedError, match="was issued: no draft of it"):
        lab.reporting.preview_draft(draft)
    assert not (tmp_path / "no").exists()
    (now,) = lab.report_exports.export(bench.examiner, draft.content, [ReportFormat.HTML], tmp_path / "now")
    assert report.number not in now.path.name
    assert report.number not in now.path.read_text(encoding="utf-8")


@pytest.mark.req("REQ-65")
def test_a_report_that_replaced_another_is_exported_and_checked_again(bench: Bench, tmp_path: Path) -> None:
    lab, request = bench.lab, request_of(bench)
    old = bench.issued(request)
    new = bench.issued(replace(lab.drafts.content_replacing(old.id), changes=("The name is added.",)))
    draft = lab.drafts.list(request.case_id)[1]
    (one,) = lab.report_exports.export(bench.examiner, draft.content, [ReportFormat.HTML], tmp_path / "out", draft)
    assert new.number in one.path.name
    assert check_against_standards(lab.reporting, bench.examiner.person, draft.content, draft)
    with pytest.raises(RefusedError, match=f"replaced by {new.number} already"):
        lab.reporting.preview(bench.examiner.person, draft.content)
