"""The configuration in force: what it holds, what changes its digest, and where the digest stands (REQ-35)."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chain_of_custody.canonical import canonical
from forensics_app.db.schema import REVISIONS
from forensics_app.model.report import ReportRequest
from forensics_app.reports.values import grouped
from forensics_app.services.configuration import configuration_of, configuration_sha256
from forensics_app.services.folder import LabFolder
from forensics_app.services.program import build_sha256
from resources import path as resource
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.test_files_and_races import took_in

DATABASES = ("sqlite", "postgresql")


@pytest.mark.req("REQ-35")
def test_changing_a_setting_changes_the_digest_of_the_configuration(bench: Bench, tmp_path: Path) -> None:
    lab, folder = bench.lab.info, LabFolder(tmp_path / "settings")
    first = configuration_sha256(lab, folder)
    assert first == hashlib.sha256(canonical(configuration_of(lab, folder))).digest()
    assert configuration_sha256(lab, folder) == first
    assert configuration_sha256(replace(lab, name="Another name"), folder) == first
    seen = {first, configuration_sha256(replace(lab, zone="Asia/Tbilisi"), folder)}
    own = folder.root / "guidance"
    shutil.copytree(resource("guidance"), own)
    seen.add(configuration_sha256(lab, folder))
    (own / "principles.toml").write_text("# corrected by the laboratory\n")
    seen.add(configuration_sha256(lab, folder))
    assert len(seen) == 4


@pytest.mark.req("REQ-35")
def test_each_examination_act_and_the_report_name_build_schema_and_configuration(bench: Bench, tmp_path: Path) -> None:
    image = took_in(bench)
    bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    bench.lab.intake.recheck(bench.examiner, image.id)
    report = bench.issued(ReportRequest(case_id=image.case_id, zone="UTC"))
    digest = configuration_sha256(bench.lab.info, bench.lab.folder)
    acts = {"image.add", "image.catalogue", "image.check", "report.issue"}
    told = [event for event in bench.lab.custody.case_history(image.case_id) if event.fact("tool_sha256")]
    assert {event.action for event in told} >= acts - {"image.add"}
    for event in told:
        assert event.fact("configuration_sha256") == digest.hex(), event.action
        assert event.fact("schema") == REVISIONS[-1]
        assert event.fact("tool_sha256") == build_sha256().hex()
    printed = Oracle(tmp_path).flat(bench.lab.reporting.path(report).read_bytes())
    assert "".join(grouped(digest).split()) in printed
    assert "Validationtestpacknotrecorded" in printed
    assert bench.lab.verification.verify().ok
    assert json.loads(canonical(configuration_of(bench.lab.info, bench.lab.folder)))["zone"] == bench.lab.info.zone
