"""The supervisor's desk and the filtered logs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.model.disposal import NewDisposal, Way
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.services.end_of_custody import stored


@pytest.mark.req("REQ-19", "REQ-38")
def test_what_waits_is_listed_approved_and_found_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = make_bench(tmp_path / "lab")
    case = bench.case()
    bench.exhibit(case)
    bench.lab.principles.deviate(bench.examiner, case.id, "principle-1", "The mouse was moved", "To see the screen")
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", "Ingrid Solberg", "--passphrase-file", str(tmp_path / "word"))

    def call(*words: str) -> tuple[int, str]:
        status = main([*words, "--lab", str(tmp_path / "lab")])
        shown = capsys.readouterr()
        return status, shown.out + shown.err

    status, said = call("desk", "list")
    assert status == 1
    code = said.split()[0]
    assert said.startswith(f"{code}  deviation  2026-0147  2026-11-20 12:")
    assert "The mouse was moved. Reason given by Ana Kovač: To see the screen" in said
    assert call("desk", "approve", *signs, "--matter", "00000000", "--comment", "x")[0] == 2
    status, said = call("desk", "approve", *signs, "--matter", code, "--comment", "Well noted")
    assert (status, said.split(":")[0]) == (0, "Approved")
    assert call("desk", "list") == (0, "Nothing waits.\n")
    assert "approved  Ingrid Solberg" in call("desk", "decisions")[1]
    status, said = call("custody", "log", "--case", "2026-0147", "--kind", "desk", "--json")
    assert [one["action"] for one in json.loads(said)] == ["desk.approve"]
    assert (
        call("custody", "log", "--case", "2026-0147", "--exhibit", "LH/01", "--person", "Tomasz Lis")[1].count("\n")
        == 2
    )
    assert call("custody", "log", "--until", "2020-01-01") == (0, "No entry is like that.\n")
    assert call("custody", "log", "--exhibit", "LH/01")[0] == 2


@pytest.mark.req("REQ-19", "REQ-23")
def test_a_code_means_the_same_matter_when_another_was_decided_meanwhile_and_disposals_wait_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = make_bench(tmp_path / "lab")
    exhibit = stored(bench, bench.case())
    new = NewDisposal(
        exhibit_id=exhibit.id, way=Way.DESTROY, method="Shredded", authority="Order", recipient="",
        occurred_at=bench.clock(),
    )  # fmt: skip
    bench.lab.disposals.propose(bench.custodian, new)
    for what in ("The mouse was moved", "The lid was opened"):
        bench.lab.principles.deviate(bench.examiner, exhibit.case_id, "principle-1", what, "To see the screen")
    bench.lab.close()
    assert main(["desk", "list", "--lab", str(tmp_path / "lab"), "--json"]) == 1
    disposal, first, second = json.loads(capsys.readouterr().out)
    assert (disposal["kind"], disposal["about"]) == ("disposal", str(exhibit.id))
    assert "LH/01 is proposed for disposal" in disposal["what"]
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", "Ingrid Solberg", "--passphrase-file", str(tmp_path / "word"), "--comment", "Well noted")
    for matter in (first, second):
        decide = ["desk", "approve", *signs, "--matter", matter["code"].upper(), "--lab", str(tmp_path / "lab")]
        assert main(decide) == 0
        assert matter["what"] in capsys.readouterr().out
    assert main(["desk", "return", *signs, "--matter", first["code"], "--lab", str(tmp_path / "lab")]) == 2
    assert main(["desk", "approve", *signs, "--matter", disposal["code"], "--lab", str(tmp_path / "lab")]) == 2
