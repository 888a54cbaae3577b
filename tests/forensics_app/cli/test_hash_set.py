"""``hash-set`` as it is typed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from tests.builders import PASSPHRASE, Bench

WORD = b"Dear Sirs,\n"
MD5 = hashlib.md5(WORD).hexdigest()


def run(bench: Bench, *arguments: str, person: str = "") -> int:
    lab = ["--lab", str(bench.lab.folder.root)]
    secret = bench.lab.folder.root.parent / "passphrase"
    secret.write_text(f"{PASSPHRASE}\n")
    signer = ["--as", person, "--passphrase-file", str(secret)] if person else []
    return main(["hash-set", arguments[0], *lab, *signer, *arguments[1:]])


def test_a_set_is_imported_listed_asked_and_removed(
    bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "list.txt").write_text(f"{MD5}\nwrong\n")
    named = ["--name", "Wanted", "--version", "7"]
    told = [*named, "--source", "Example", "--kind", "alert", str(tmp_path / "list.txt")]
    assert run(bench, "import", *told, person=bench.examiner.person.name) == 1
    out, progress = capsys.readouterr()
    assert "thousandths" not in progress
    assert "Importing list.txt: 100 %\n" in progress
    assert "Imported Wanted 7 as alert: 1 MD5." in out
    assert "line 2: there is no digest at its beginning" in out
    assert run(bench, "list") == 0
    assert "Wanted 7  1 MD5  Example" in capsys.readouterr().out
    assert run(bench, "lookup", MD5, "00" * 16) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{MD5}  alert: Wanted 7 (by MD5)",
        f"{'00' * 16}  in no set",
    ]
    assert run(bench, "lookup", "--json", "00" * 16) == 0
    assert json.loads(capsys.readouterr().out) == {"00" * 16: []}
    assert run(bench, "remove", *named, "--reason", "replaced", person=bench.supervisor.person.name) == 0
    capsys.readouterr()
    assert run(bench, "list", "--removed") == 0
    assert "removed 20" in capsys.readouterr().out


def test_what_is_typed_wrong_is_told(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(bench, "lookup", "xyz") == 2
    assert run(bench, "lookup", "00") == 2
    wrong = ["--name", "No", "--version", "1", "--reason", "x"]
    assert run(bench, "remove", *wrong, person=bench.supervisor.person.name) == 2
    missing = ["--name", "A", "--version", "1", "--source", "s", "--kind", "known", str(tmp_path / "none")]
    assert run(bench, "import", *missing, person=bench.examiner.person.name) == 3
    assert "cannot be read" in capsys.readouterr().err
