"""``custody form`` on the command line."""

from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import make_bench
from tests.forensics_app.reports.pdftools import Oracle


@pytest.mark.req("REQ-21")
def test_the_form_of_one_exhibit_and_of_a_whole_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    bench.exhibit(case)
    bench.exhibit(case, "LH/02")
    bench.lab.close()
    words = ["custody", "form", "--lab", str(tmp_path / "lab"), "--case", case.number]
    one, every = tmp_path / "one.pdf", tmp_path / "all.pdf"
    assert main([*words, "--exhibit", "LH/02", str(one)]) == 0
    assert f"Wrote {one}, 3 pages." in capsys.readouterr().out
    assert main([*words, str(every)]) == 0
    oracle = Oracle(tmp_path)
    assert "LH/01" not in oracle.flat(one.read_bytes())
    assert "2itemsonthisform" in oracle.flat(every.read_bytes())
    assert main([*words, str(every)]) == 2
    assert "exists" in capsys.readouterr().err
