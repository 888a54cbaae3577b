"""A report checked against the standards, and what its author states, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.reports.pdftools import Oracle

Call = Callable[..., str]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls ``report`` over a lab with a case, and gives what it prints."""
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", bench.examiner.person.name, "--passphrase-file", str(tmp_path / "word"))

    def calling(name: str, *words: str, status: int) -> str:
        told = ["report", name, "--lab", str(tmp_path / "lab"), "--case", "2026-0147", *signs, *words]
        assert main(told) == status
        return "".join(capsys.readouterr())

    return calling


@pytest.mark.req("REQ-62")
def test_a_check_tells_what_is_missing_and_takes_statements_that_can_be_made(call: Call, tmp_path: Path) -> None:
    bare = json.loads(call("check", "--json", status=1))
    stated = json.loads(call("check", "--json", "--state", "crimpd-fees", "A salary.", status=1))
    assert stated["not_supplied"] == bare["not_supplied"] - 1
    assert "NOT SUPPLIED  PD 7.2.1: remuneration" in call("check", status=1)
    assert "is no item that can be stated" in call("check", "--state", "swgde-title", "x", status=2)
    call("build", "--state", "crimpd-fees", "A salary.", str(tmp_path / "draft.pdf"), status=0)
    text = Oracle(tmp_path).flat((tmp_path / "draft.pdf").read_bytes())
    assert "Statedbytheauthor:Asalary." in text


def test_a_block_in_a_part_that_is_not_printed_is_told_as_soon_as_it_is_written(call: Call) -> None:
    words = "The block “H” stands in a section that is not printed: findings. Printed are: "
    block = ("--fact", "H", "T")
    assert f"Blocks the issue: {words}" in call("draft", "--kind", "custody report", *block, status=0)
    assert f"Blocks the issue: {words}" in call("check", "--kind", "custody report", *block, status=1)
    printed = [word for one in ("findings", "limitations", "verify", "declaration") for word in ("--section", one)]
    edited = json.loads(call("edit", "--draft", "1", *printed, "--json", status=0))
    assert edited["blocks_the_issue"] == []
    assert "Blocks the issue" not in call("draft", *block, status=0)


@pytest.mark.req("REQ-67")
def test_the_last_word_on_a_file_that_the_lab_did_not_issue_is_about_the_file(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("build", str(tmp_path / "draft.pdf"), status=0)
    assert main(["verify", str(tmp_path / "draft.pdf"), "--lab", str(tmp_path / "lab")]) == 1
    *_, record, last = capsys.readouterr().out.splitlines()
    assert record == "The record of the lab verifies."
    assert last.startswith("No report of this lab has this SHA-256")


@pytest.mark.req("REQ-67")
def test_of_a_file_that_nobody_signed_the_last_word_is_that_nobody_signed_it(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("build", str(tmp_path / "draft.pdf"), status=0)
    assert main(["verify", str(tmp_path / "draft.pdf")]) == 3
    told = capsys.readouterr().out
    assert "whose signatures" not in told
    assert told.splitlines()[-1].startswith("Nobody signed this file: its pages may say anything.")
