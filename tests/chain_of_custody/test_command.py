"""The stand-alone verifier, as the other side's expert uses it."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chain_of_custody.command import main
from chain_of_custody.file import MAX_LINE_BYTES, lines_of
from chain_of_custody.ledger import Entry
from tests.chain_of_custody.chains import ADA, BEN, CASE, EVE, LAB, Chain, grown_case, new_lab, replaced

PACKAGE = Path(__file__).parents[2] / "chain_of_custody"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return written(tmp_path, new_lab(BEN, EVE).entries, grown_case(6).entries)


def written(folder: Path, lab: list[Entry], case: list[Entry]) -> Path:
    path = folder / "ledger.jsonl"
    path.write_bytes(b"".join(lines_of([(LAB, "lab", lab), (CASE, "case", case)])))
    return path


def test_a_good_file_is_answered_three_times_yes(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(good)]) == 0
    said = capsys.readouterr().out
    assert ADA.key.key_id in said
    assert f"head:    {grown_case(6).entries[-1].digest.hex()}" in said
    assert said.count("intact:  yes") == said.count("signed:  yes") == said.count("trusted: yes") == 2
    assert "Result: every chain is intact, signed and trusted, and every act of custody was allowed." in said
    assert "NO" not in said


def test_a_changed_entry_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = grown_case(6).entries
    case[2] = Entry(case[2].body.replace(b"Shelf 2", b"Shelf 3"), case[2].signatures)
    assert main(["verify", str(written(tmp_path, new_lab(BEN, EVE).entries, case))]) == 1
    said = capsys.readouterr().out
    assert f"The first that fails: The signature of {BEN.name} (actor) under entry 3 does not fit" in said
    assert "Result: NOT everything is in order" in said


def test_the_expected_root_is_compared(good: Path, capsys: pytest.CaptureFixture[str]) -> None:
    as_printed = " ".join(ADA.key.key_id[place : place + 8].upper() for place in range(0, 64, 8))
    assert main(["verify", str(good), "--root", as_printed]) == 0
    assert "It is the fingerprint that you gave." in capsys.readouterr().out
    assert main(["verify", str(good), "--root", BEN.key.key_id]) == 1
    assert f"It is NOT the fingerprint that you gave: {BEN.key.key_id}" in capsys.readouterr().out


def test_a_file_without_a_lab_chain_says_that_nobody_can_be_trusted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "case.jsonl"
    path.write_bytes(b"".join(lines_of([(CASE, "case", grown_case(2).entries)])))
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "shows no root key of a laboratory" in said
    assert ("signed:  not known" in said, "trusted: NO" in said) == (True, True)


def test_json_is_one_document_with_every_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = grown_case(6).entries
    path = written(tmp_path, new_lab(BEN, EVE).entries, replaced(case, 4, Entry(case[4].body, ())))
    assert main(["verify", str(path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["format"], report["root"]) == ("forensics-ledger-report/1", ADA.key.key_id)
    lab, found = report["chains"]
    assert lab["first_bad"] is None
    assert found["first_bad"] == found["findings"][0]
    assert found["first_bad"] == {
        "entry_index": 4,
        "sequence": 5,
        "answer": "signed",
        "state": "no",
        "what": "Entry 5 asks for 2 signatures and has 0.",
    }
    assert (found["entries"], found["signatures"]) == (6, 6)


@pytest.mark.parametrize("content", [None, b"", b"just text\n", b"\x89PNG\r\n\x1a\n", b"[" * (MAX_LINE_BYTES + 2)])
def test_what_cannot_be_read_is_said_on_standard_error(
    tmp_path: Path, content: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.file"
    if content is not None:
        path.write_bytes(content)
    assert main(["verify", str(path)]) == 3
    said = capsys.readouterr()
    assert said.out == ""
    assert str(path) in said.err


@pytest.mark.parametrize("arguments", [[], ["verify"], ["check", "x"], ["verify", "x", "--root", "12"]])
def test_wrong_use_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_many_findings_and_notes_are_cut_short_in_words_and_complete_in_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = Chain()
    for number in range(50):
        case.add("note.add", (EVE, "actor"), at=case.at.replace(minute=59 - number))
    path = written(tmp_path, new_lab(BEN).entries, case.entries)
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().out
    assert "... and 80 more (all of them with --json)." in said
    assert "... and 29 more notes (all of them with --json)." in said
    main(["verify", str(path), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (len(report["chains"][1]["findings"]), len(report["chains"][1]["notices"])) == (100, 49)


@pytest.mark.parametrize("shown", [True, False])
def test_progress_is_shown_to_a_person_who_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shown: bool
) -> None:
    rubbish = [Entry(b"?", ())] * 10_000
    path = written(tmp_path, new_lab().entries, rubbish)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: shown, raising=False)
    assert main(["verify", str(path)]) == 1
    said = capsys.readouterr().err
    assert ("10001 of 10001 entries\n" in said) is shown


def test_control_characters_of_a_forger_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = grown_case(2).entries
    forged = Entry(case[0].body.replace(EVE.name.encode(), rb"Eve\u001b[2J"), case[0].signatures)
    assert main(["verify", str(written(tmp_path, new_lab(BEN, EVE).entries, [forged, case[1]]))]) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert r"Eve\u001b[2J (actor)" in said


@pytest.mark.req("REQ-68")
def test_the_folder_alone_verifies_on_a_machine_without_the_program(tmp_path: Path, good: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "alone" / "chain_of_custody", ignore=shutil.ignore_patterns("__pycache__"))
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "chain_of_custody", "verify", str(good)]
    done = subprocess.run(
        command, cwd=tmp_path / "alone", env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "every chain is intact, signed and trusted" in done.stdout


def test_a_name_that_the_terminal_cannot_show_does_not_stop_the_answer(tmp_path: Path) -> None:
    case = grown_case(3).entries
    broken = written(tmp_path, new_lab(BEN, EVE).entries, replaced(case, 2, Entry(case[2].body, case[0].signatures)))
    done = subprocess.run(
        [sys.executable, "-m", "chain_of_custody", "verify", str(broken)],
        cwd=PACKAGE.parent,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
        encoding="ascii",
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "\\u0411\\u0435" in done.stdout


def test_the_module_runs_as_a_program(monkeypatch: pytest.MonkeyPatch, good: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["chain_of_custody", "verify", str(good)])
    monkeypatch.delitem(sys.modules, "chain_of_custody.__main__", raising=False)
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("chain_of_custody", run_name="__main__")
    assert caught.value.code == 0


def test_importing_the_entry_point_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("chain_of_custody.__main__", run_name="imported")
    assert capsys.readouterr().out == ""
