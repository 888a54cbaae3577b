"""A report tells of every departure from the guidance, with its reason or the words that it has none."""

from pathlib import Path

import pytest

from forensics_app.model.report import ReportRequest
from tests.builders import Bench
from tests.forensics_app.reports.pdftools import Oracle
from tests.forensics_app.services.end_of_custody import stored
from tests.forensics_app.services.scene_of_a_search import go_to_a_scene

DATABASES = ("sqlite", "postgresql")


@pytest.mark.req("REQ-02")
def test_a_report_names_each_deviation_and_what_the_records_show_that_nobody_explained(
    bench: Bench, tmp_path: Path
) -> None:
    case = bench.case()
    stored(bench, case)
    go_to_a_scene(bench, case.id)
    shown = [gap.what for view in bench.lab.principles.of_case(case.id) for gap in view.unexplained]
    report = bench.issued(ReportRequest(case_id=case.id, zone="Europe/Berlin"))
    text = Oracle(tmp_path).flat(bench.lab.reporting.path(report).read_bytes())
    assert "Dataintegrity:Themousewasmoved" in text
    assert "Toseewhetherthescreenwaslocked" in text
    assert shown
    for what in shown:
        assert "".join(what.split()) in text
    assert "noreasonisrecorded" in text
