"""An error that nobody foresaw, on the command line: a sentence, a saved report, and never the status of a finding."""

import sys
from pathlib import Path

import pytest

from forensics_app.__main__ import guarded


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def broken() -> int:
    raise KeyError("exhibit")


def test_a_bug_is_saved_and_told_in_one_sentence_with_status_3(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(broken, ["verify", "lab"]) == 3
    saved = list((home / "forensics-app" / "crashes").iterdir())
    assert len(saved) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert told.err.endswith(f"the details are in {saved[0]}.\n")
    assert told.err.count("\n") == 1
    report = saved[0].read_text(encoding="utf-8")
    assert report.startswith("forensics-app verify\n")
    assert "KeyError: 'exhibit'" in report


def test_a_bug_whose_report_cannot_be_saved_is_told_all_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "forensics-app").write_text("no folder")
    assert guarded(broken, ["verify", "lab"]) == 3
    assert "could not be saved" in capsys.readouterr().err
