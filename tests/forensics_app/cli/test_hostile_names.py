"""What names in evidence may not do to the terminal that they are printed on."""

import argparse
from pathlib import Path

import pytest

from forensics_app.__main__ import guarded, main
from forensics_app.cli.common import answer
from forensics_app.errors import LabUnusableError
from resources import path as resource


def test_names_in_evidence_cannot_command_the_terminal_nor_turn_a_line_around(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["inspect", "--files", str(resource("demo/demo.E01"))]) == 0
    out = capsys.readouterr().out
    assert "INV-0417_\ufffdfdp.scr" in out
    assert [line for line in out.split("\n") if not line.isprintable()] == []


def test_a_name_with_a_line_break_cannot_add_a_line_to_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    answer(argparse.Namespace(json=False), {}, ["F-1: a\x1b[2J\u202e.txt\nEverything verifies."])
    assert capsys.readouterr().out == "F-1: a\ufffd[2J\ufffd.txt\u21b5Everything verifies.\n"


def test_a_name_in_an_error_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse() -> int:
        raise LabUnusableError("There is no a\x1b[2J\u202e.txt.\n  --id 7", then="Look again.")

    assert guarded(refuse, ["export"]) == 3
    assert (
        capsys.readouterr().err
        == "There is no a\ufffd[2J\ufffd.txt.\n  --id 7\nThe lab was not changed.\nLook again.\n"
    )


def test_the_name_of_a_folder_that_is_not_there_cannot_command_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path / "lab\x1b[2J")]) == 2
    assert "\x1b" not in capsys.readouterr().err
