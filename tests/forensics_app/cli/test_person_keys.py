"""Passphrases and keys on the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.bootstrap import open_lab
from tests.builders import PASSPHRASE, QUICK, Bench, make_bench
from tests.forensics_app.services import end_of_custody

ROOT = Path(__file__).parents[3]
NEW = "quiet harbour with cranes"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = make_bench(tmp_path / "lab")
    (tmp_path / "old").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "new").write_text(f"{NEW}\n")
    yield bench
    bench.lab.close()


@pytest.fixture
def call(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command of ``person``; its exit status, answer and complaint."""

    def run(*words: str, by: str = "Ana Kovač", secret: str = "old") -> tuple[int, str, str]:
        signing = ("--lab", str(bench.lab.folder.root), "--as", by, "--passphrase-file", str(tmp_path / secret))
        status = main(["person", *words, *signing])
        return status, *capsys.readouterr()

    return run


def test_whoever_is_enrolled_belongs_to_the_lab_where_no_organisation_is_named(
    bench: Bench, call: Call, tmp_path: Path
) -> None:
    words = ("--function", "Officer", "--role", "examiner", "--new-passphrase-file", str(tmp_path / "new"), "--json")
    status, said, why = call("add", "--name", "Otto Officer", *words, by=bench.admin.person.name)
    assert status == 0, why
    assert json.loads(said)["organisation"] == bench.lab.info.name


def test_a_person_changes_their_own_passphrase(bench: Bench, call: Call, tmp_path: Path) -> None:
    chosen = ("--new-passphrase-file", str(tmp_path / "new"))
    status, said, _ = call("passphrase", *chosen, "--json")
    assert (status, json.loads(said)["key_id"]) == (0, bench.examiner.key.key_id)
    assert NEW not in said
    status, _, why = call("passphrase", *chosen)
    assert (status, "do not belong together" in why) == (3, True)
    assert bench.lab.people.sign_in("Ana Kovač", NEW).key.key_id == bench.examiner.key.key_id


def test_the_new_passphrase_comes_from_a_descriptor_too(bench: Bench, call: Call) -> None:
    reading, writing = os.pipe()
    os.write(writing, f"{NEW}\n".encode())
    os.close(writing)
    assert call("passphrase", "--new-passphrase-fd", str(reading))[0] == 0
    assert bench.lab.people.sign_in("Ana Kovač", NEW).person.id == bench.examiner.person.id


def test_an_administrator_gives_a_person_a_new_key_and_verification_tells_it(
    bench: Bench, call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("--name", "Ana Kovač", "--reason", "Forgot it", "--new-passphrase-file", str(tmp_path / "new"))
    status, _, why = call("rekey", *asked, by="Tomasz Lis")
    assert (status, "administrator" in why) == (2, True)
    status, said, _ = call("rekey", *asked, by="Ada Admin")
    key = bench.lab.people.named("Ana Kovač").key_id
    assert (status, said.splitlines()[0]) == (0, f"Ana Kovač has a new key: {key}")
    assert key != bench.examiner.key.key_id
    assert main(["verify", str(bench.lab.folder.root)]) == 0
    assert "Ada Admin gave Ana Kovač a new key on" in capsys.readouterr().out


def test_ending_a_key_names_what_stays_with_the_person(bench: Bench, call: Call) -> None:
    end_of_custody.stored(bench, bench.case())
    status, said, _ = call("revoke", "--name", "Tomasz Lis", "--reason", "Left", by="Ada Admin")
    assert status == 1
    assert "In the hands of Tomasz Lis, or on a shelf under that name: 2026-0147 LH/01." in said
    assert "person rekey" in said
    status, said, _ = call("revoke", "--name", "Ana Kovač", "--reason", "Left", "--json", by="Ada Admin")
    assert (status, json.loads(said)["left_behind"]["exhibits"]) == (0, [])


@pytest.mark.parametrize(("again", "status"), [(NEW, 0), ("quiet harbour with crane", 2)])
def test_a_passphrase_that_is_typed_is_asked_for_twice_and_never_shown(
    bench: Bench, tmp_path: Path, again: str, status: int
) -> None:
    words = ("person", "passphrase", "--lab", str(bench.lab.folder.root), "--as", "Ana Kovač")
    command = [sys.executable, "-m", "forensics_app", *words, "--passphrase-file", str(tmp_path / "old")]
    shown, ended = typed(command, (NEW, again))
    assert (ended, "The same again" in shown, NEW in shown) == (status, True, False)
    assert ("The two passphrases differ" in shown) == (status == 2)
    lab = open_lab(bench.lab.folder.root, key_parameters=QUICK)
    assert lab.people.sign_in("Ana Kovač", PASSPHRASE if status else NEW).person.name == "Ana Kovač"
    lab.close()


def typed(command: list[str], answers: tuple[str, ...]) -> tuple[str, int]:
    """Run a command at a terminal and type an answer at each prompt; what it showed, and its exit status."""
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    master, slave = pty.openpty()
    with subprocess.Popen(
        command, cwd=ROOT, stdin=slave, stdout=slave, stderr=slave, start_new_session=True
    ) as process:
        os.close(slave)
        shown, waiting = b"", list(answers)
        while True:
            try:
                shown += os.read(master, 4096)
            except OSError:  # the other side was closed: the command has ended
                break
            if waiting and shown.endswith(b": "):
                os.write(master, f"{waiting.pop(0)}\n".encode())
                shown += b"\n"
    os.close(master)
    return shown.decode(), process.returncode
