"""Labels on the command line."""

import json
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.model.label import LabelText
from tests.builders import make_bench
from tests.forensics_app.reports.pdftools import Oracle


@pytest.mark.req("REQ-10")
def test_labels_are_printed_and_a_scan_finds_the_exhibit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    bench.exhibit(case)
    second = bench.exhibit(case, "LH/02")
    told: LabelText = bench.lab.labels.of_case(case.id, [second.id])[0].told
    bench.lab.close()
    lab = ["--lab", str(tmp_path / "lab")]
    words = ["exhibit", "labels", *lab, "--case", case.number]
    both, one = tmp_path / "both.pdf", tmp_path / "one.pdf"
    assert main([*words, "--sheet", "3x7", "--start", "21", str(both)]) == 0
    assert "2 labels" in capsys.readouterr().out
    assert main([*words, "--size", "62x29.5", "--exhibit", "LH/02", str(one)]) == 0
    oracle = Oracle(tmp_path)
    assert oracle.info(both.read_bytes())["Pages"] == "2"
    assert "LH/01" not in oracle.flat(one.read_bytes())
    assert main([*words, "--size", "62", str(tmp_path / "no.pdf")]) == 2
    assert main([*words, "--size", "20x20", str(tmp_path / "no.pdf")]) == 2
    capsys.readouterr()
    assert main(["exhibit", "scan", *lab, "--json", told.text]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["number"], found["case"], found["entries_since"]) == ("LH/02", case.number, 0)
    assert (found["label_seal"], found["seal_differs"]) == ("0048812", False)
    assert main(["exhibit", "scan", *lab, "--case", case.number, "LH/01"]) == 0
    assert "LH/01 of case 2026-0147, by its number." in capsys.readouterr().out
    assert main(["exhibit", "scan", *lab, "LH/01"]) == 2
    assert "is no label" in capsys.readouterr().err
