"""Reports in other formats out of a lab: whole folders, their digests in the record, and nothing half."""

import json
import resource as limits
from pathlib import Path

import pytest

from forensics_app.db.ledger import entries_of
from forensics_app.errors import LabUnusableError, PermissionRefusedError, RefusedError
from forensics_app.model.custody import CustodyEvent
from forensics_app.model.report import ReportRequest
from forensics_app.model.report_format import ReportFormat
from forensics_app.reports.case_reading import read_case
from forensics_app.services.folder import sha256_of
from forensics_app.services.history import event_of
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
