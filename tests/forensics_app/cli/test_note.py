"""Notes on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, make_bench


@pytest.mark.req("REQ-36")
def test_notes_are_written_added_to_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.exhibit(bench.case())
    bench.lab.close()
    (tmp_path / "word").write_text(PASSPHRASE + "\n")
    signs = ("--as", "Ana Kovač", "--passphrase-file", str(tmp_path / "word"))

    def call(*words: str) -> str:
        assert main(["note", *words, "--lab", str(tmp_path / "lab"), "--case", "2026-0147"]) == 0
        return capsys.readouterr().out

    assert call("list") == "No notes yet.\n"
    told = ("--exhibit", "LH/01", "--at", "2020-01-31T09:05:00+04:00", "Battery removed.\nIt was warm.")
    assert call("add", *signs, *told) == "Recorded as note 1.\n"
    assert call("add", *signs, "--addendum-to", "1", "At 40 %.") == "Recorded as note 2.\n"
    assert call("add", *signs, "Prosecutor called.") == "Recorded as note 3.\n"
    lines = call("list", "--exhibit", "LH/01").splitlines()
    head = r"Note 1, LH/01: Ana Kovač, of 2020-01-31 09:05:00[+]04:00, recorded [-0-9]{10} [:0-9]{8}[+]0[12]:00"
    assert re.fullmatch(head, lines[0]), "the one as it was told, the other in the zone of the lab"
    assert lines[1:3] == ["    Battery removed.", "    It was warm."]
    assert lines[3].startswith("Note 2, LH/01, addendum to note 1: Ana Kovač")
    shown = json.loads(call("list", "--json"))
    assert [(note["number"], note["exhibit"], note["addendum_to"]) for note in shown] == [
        (1, "LH/01", None), (2, "LH/01", 1), (3, "", None),
    ]  # fmt: skip
    assert shown[0]["told_at"] == "2020-01-31T09:05:00+04:00"
