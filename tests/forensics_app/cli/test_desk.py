"""The supervisor's desk and the filtered logs on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench


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
    assert said.startswith("1  deviation  2026-0147  2026-11-20 12:")
    assert "The mouse was moved. Reason given by Ana Kovač: To see the screen" in said
    assert call("desk", "approve", *signs, "--number", "2", "--comment", "x")[0] == 2
    status, said = call("desk", "approve", *signs, "--number", "1", "--comment", "Well noted")
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
