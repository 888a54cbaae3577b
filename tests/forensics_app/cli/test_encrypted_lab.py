"""An encrypted lab by the command line: each command is told who unlocks it, and reads their passphrase once."""

import json
import os
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, Bench, make_bench
from tests.forensics_app.cli.calls import run

ADA = "Ada Admin"


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    bench: Bench = make_bench(tmp_path / "lab", encrypted=True)
    bench.case()
    bench.lab.close()
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "wrong").write_text("correct horse batterz\n")
    return tmp_path / "lab"


@pytest.mark.req("REQ-70")
def test_commands_read_and_write_with_a_passphrase_and_refuse_without(lab: Path, tmp_path: Path) -> None:
    read = ("--unlock-as", ADA, "--unlock-passphrase-file", tmp_path / "own")
    write = ("--as", ADA, "--passphrase-file", tmp_path / "own")
    for words in (("case", "list", "--lab", lab), ("verify", lab)):
        refused = run(*words, status=2).stderr
        assert f"The lab in {lab} is encrypted." in refused
        assert "--unlock-as" in refused
    assert "2026-0147" in run("case", "list", "--lab", lab, *read).stdout
    assert "Everything verifies" in run("verify", lab, *read).stdout
    wrong = run("verify", lab, "--unlock-as", ADA, "--unlock-passphrase-file", tmp_path / "wrong", status=3).stderr
    assert "Name and passphrase do not open the encrypted lab." in wrong
    run("lab", "backups", "--lab", lab, "--every", 7, *write)
    told = json.loads(run("lab", "info", "--lab", lab, *read, "--json").stdout)
    assert told["encrypted"] is True
    assert "4 people can unlock it" in told["at_rest"]


@pytest.mark.skipif(os.name != "posix", reason="a file descriptor that is handed on")
def test_a_passphrase_from_a_descriptor_unlocks_and_signs(lab: Path, tmp_path: Path) -> None:
    reading = os.open(tmp_path / "own", os.O_RDONLY)
    (tmp_path / "kept").mkdir()
    said = run(
        "lab", "backup", "--lab", lab, "--as", ADA, "--passphrase-fd", reading, "--to", tmp_path / "kept",
        "--not-encrypted",
    ).stdout  # fmt: skip
    assert "read back and compared" in said


@pytest.mark.req("REQ-70")
def test_a_lab_is_created_encrypted(tmp_path: Path) -> None:
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    words = ("--name", "North", "--admin", ADA, "--encrypted", "--passphrase-file", tmp_path / "own")
    made = json.loads(run("lab", "create", tmp_path / "lab", *words, "--json").stdout)
    assert made["encrypted"] is True
    assert not (tmp_path / "lab" / "lab.db").read_bytes().startswith(b"SQLite")


@pytest.mark.req("REQ-70")
def test_somebody_else_signs_for_the_first_time_after_the_lab_was_encrypted(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "plain")
    bench.case()
    bench.lab.close()
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    own = ("--passphrase-file", tmp_path / "own")
    run("lab", "encrypt", tmp_path / "plain", "--to", tmp_path / "lab", "--as", ADA, *own)
    note = ("note", "add", "--lab", tmp_path / "lab", "--case", "2026-0147", "Seen", "--as", "Ana Kova\u010d")
    refused = run(*note, *own, status=3).stderr
    assert "somebody else to unlock it first (--unlock-as" in refused
    assert "the attempt is kept beside the record" in refused
    run(*note, *own, "--unlock-as", ADA, "--unlock-passphrase-file", tmp_path / "own")
    run(*note, *own)
