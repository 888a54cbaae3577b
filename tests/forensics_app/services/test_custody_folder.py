"""The folder for others: complete, verified on a machine without the program, and every change in it found."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chain_of_custody.command import main
from chain_of_custody.file import lines_of, read_lines
from forensics_app.errors import LabUnusableError, RefusedError
from tests.builders import Bench, make_bench

DATABASES = ("sqlite", "postgresql")

NAMES = ("ledger.jsonl", "keys.json", "anchors.json", "ledger-format.md", "PROCEDURE.txt", "SHA256SUMS")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bench, Path]]:
    folder = tmp_path_factory.mktemp("exported")
    bench = make_bench(folder / "lab")
    case = bench.case()
    bench.exhibit(case)
    bench.lab.custody.export(case.id, folder / "custody", bench.examiner)
    yield bench, folder / "custody"
    bench.lab.close()


@pytest.fixture
def copy(exported: tuple[Bench, Path], tmp_path: Path) -> Path:
    shutil.copytree(exported[1], tmp_path / "custody")
    return tmp_path / "custody"


def verified(folder: Path, capsys: pytest.CaptureFixture[str], status: int) -> dict[str, Any]:
    assert main(["verify", str(folder), "--json"]) == status
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


@pytest.mark.req("REQ-16", "REQ-68")
def test_the_folder_verifies_as_its_own_procedure_says_with_python_and_cryptography_alone(copy: Path) -> None:
    words = (copy / "PROCEDURE.txt").read_text("utf-8")
    root = re.search(r"^ {7}([0-9a-f]{64})$", words, re.MULTILINE)
    assert root is not None
    command = [sys.executable, "-P", "-c", BLOCKED, "verify", "..", "--root", root[1]]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        command, cwd=copy / "verifier", env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "The files of the folder are as they were written." in done.stdout
    assert re.search(r"anchored until: entry 3, by entry \d+ of the lab chain \(\S+Z\)$", done.stdout, re.MULTILINE)
    assert len(re.findall(r"intact yes, signed yes, trusted yes, anchored$", done.stdout, re.MULTILINE)) == 3
    heads = re.findall(r"head: +([0-9a-f]{64})", done.stdout)
    assert len(heads) == 2
    assert all(head in words for head in heads)


BLOCKED = """
import runpy, sys
sys.path.insert(0, ".")
for name in ("forensics_app", "evidence", "resources", "sqlalchemy", "PySide6", "reportlab"):
    sys.modules[name] = None
runpy.run_module("chain_of_custody", run_name="__main__", alter_sys=True)
"""


def test_the_folder_holds_what_the_procedure_names_and_sha256sum_agrees(copy: Path) -> None:
    words = (copy / "PROCEDURE.txt").read_text("utf-8")
    assert all(name in words and (copy / name).is_file() for name in NAMES)
    assert "{" not in words
    assert "SHA256SUMS" in (copy / "ledger-format.md").read_text("utf-8"), "by which a verifier can be written"
    if shutil.which("sha256sum"):
        subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=copy, check=True, capture_output=True)


def test_every_key_stands_in_the_folder_with_the_entry_that_enrolled_it(
    exported: tuple[Bench, Path], copy: Path
) -> None:
    bench, _ = exported
    keys = json.loads((copy / "keys.json").read_text("utf-8"))["keys"]
    people = {str(one.id): one for one in bench.lab.people.list()}
    assert {one["person"]: one["key"] for one in keys} == {key: one.key_id for key, one in people.items()}
    lines = [json.loads(line) for line in (copy / "ledger.jsonl").read_text("utf-8").splitlines()[1:]]
    assert all(one["certificate"] in lines for one in keys)


def in_file(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert old in content
        (folder / name).write_bytes(content.replace(old, new))

    return change


def withheld(folder: Path) -> None:
    """Leave out the last entry of the case, and make the sums fit."""
    path = folder / "ledger.jsonl"
    parts = [(one.chain, one.kind, [*one.entries]) for one in read_lines(path.read_bytes().splitlines())]
    *_, (_, kind, entries) = parts
    assert kind == "case"
    was = hashlib.sha256(path.read_bytes()).hexdigest()
    entries[-1] = replace(entries[-1], body=b"", signatures=(), withheld=entries[-1].digest)
    path.write_bytes(b"".join(lines_of(parts)))
    sums = folder / "SHA256SUMS"
    sums.write_text(sums.read_text().replace(was, hashlib.sha256(path.read_bytes()).hexdigest()))


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a key": (in_file("keys.json", b"Ana", b"Eva"), "keys.json does not say what the ledger file says."),
    "an anchor": (in_file("anchors.json", b'"sequence": 3', b'"sequence": 2'), "anchors.json does not say"),
    "the procedure": (in_file("PROCEDURE.txt", b"STEPS", b"STAPS"), "PROCEDURE.txt does not have the SHA-256"),
    "the format": (in_file("ledger-format.md", b"must", b"may"), "ledger-format.md does not have"),
    "the verifier": (in_file("verifier/chain_of_custody/body.py", b"VERSION", b"VISION"), "body.py does not have"),
    "a file taken away": (lambda folder: (folder / "anchors.json").unlink(), "anchors.json is missing."),
    "a file added": (lambda folder: (folder / "more.txt").write_text("x") and None, "more.txt is not in SHA256SUMS"),
    "the sums taken away": (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS is missing"),
    "an entry withheld": (withheld, "ledger.jsonl leaves out 1 of the entries of a chain"),
    "a sum of a file outside": (in_file("SHA256SUMS", b"  keys.json", b"  ../keys.json"), "names no file"),
}


@pytest.mark.req("REQ-68")
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_a_file_is_named(name: str, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change, words = CHANGES[name]
    change(copy)
    found = verified(copy, capsys, 1)
    assert any(words in one for one in found["files"]), found["files"]
    assert all(one["intact"] == "yes" for one in found["chains"])
    assert main(["verify", str(copy)]) == 1
    said = capsys.readouterr().out
    assert f"NOT in order: {found['files'][0]}" in said
    assert "Result: NOT everything is in order" in said


@pytest.mark.req("REQ-15", "REQ-68")
def test_a_changed_entry_is_found_in_the_folder_entry_by_entry(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    in_file("ledger.jsonl", b"PF-3X7K2M", b"PF-3X7K2N")(copy)
    found = verified(copy, capsys, 1)
    first, second, third = found["chains"][1]["by_entry"]
    assert first == {"intact": "yes", "signed": "yes", "trusted": "yes", "anchored": False}
    assert second == {"intact": "yes", "signed": "no", "trusted": "yes", "anchored": False}
    assert third == {"intact": "no", "signed": "yes", "trusted": "yes", "anchored": True}


def test_a_folder_without_a_ledger_file_cannot_be_read(tmp_path: Path) -> None:
    assert main(["verify", str(tmp_path)]) == 3


def test_a_folder_that_cannot_be_written_leaves_nothing(exported: tuple[Bench, Path], tmp_path: Path) -> None:
    bench, _ = exported
    (case,) = bench.lab.cases.list()
    with pytest.raises(LabUnusableError, match="cannot be written"):
        bench.lab.custody.export(case.id, tmp_path / "missing" / "custody")
    (tmp_path / "there").mkdir()
    with pytest.raises(RefusedError, match="already exists"):
        bench.lab.custody.export(case.id, tmp_path / "there")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.req("REQ-16")
def test_a_head_is_anchored_once_on_demand_and_again_when_the_case_went_on(bench: Bench) -> None:
    case = bench.case()
    assert bench.lab.custody.anchor(bench.examiner, case.id).is_new is False, "opening a case anchors it"
    bench.exhibit(case)
    anchored = bench.lab.custody.anchor(bench.examiner, case.id)
    assert (anchored.sequence, anchored.is_new) == (3, True)
    assert bench.lab.custody.anchor(bench.supervisor, case.id).is_new is False
    assert bench.lab.custody.lab_history()[-1].action == "case.anchor"
    assert bench.lab.verification.verify().ok


def test_without_a_person_the_folder_says_how_much_is_anchored(bench: Bench, tmp_path: Path) -> None:
    case = bench.case()
    bench.exhibit(case)
    written = bench.lab.custody.export(case.id, tmp_path / "custody")
    assert (written.entries, written.anchored_entries) == (3, 1), "its opening anchored the case"
