"""Moving a lab to a server, and joining it, on the command line."""

import json
from pathlib import Path

import pytest

from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.cli.calls import run
from tests.forensics_app.cli.test_commands import Shell
from tests.forensics_app.servers import Server


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    make_bench(tmp_path / "lab").lab.close()
    (tmp_path / "ada").write_text(PASSPHRASE)
    return Shell(tmp_path)


def test_a_lab_is_moved_signed_for_joined_and_verified(shell: Shell, server: Server, tmp_path: Path) -> None:
    (tmp_path / "ada").write_text(PASSPHRASE)
    url = server.empty_database()
    signing = ("--as", "Ada Admin", "--passphrase-file", tmp_path / "ada")
    moved = json.loads(run("lab", "move", shell.lab, "--to", url, *signing, "--json").stdout)
    assert moved["server"] == url
    (tmp_path / "share").mkdir()
    joined = json.loads(run("lab", "join", tmp_path / "share", "--server", url, "--json").stdout)
    assert joined["server"] == url
    report = json.loads(run("verify", tmp_path / "share", "--json").stdout)
    assert sum(chain["entries"] for chain in report["chains"]) == moved["entries"] + 1
    assert run("verify", shell.lab).stdout.endswith("Everything verifies.\n")


def test_a_password_in_the_address_is_refused_before_anything_is_done(shell: Shell) -> None:
    refused = run("lab", "move", shell.lab, "--to", "postgresql://ana:open-sesame@server/lab", status=2)
    assert "password" in refused.stderr
    assert "open-sesame" not in refused.stderr
    assert not (shell.lab / "lab-server.json").exists()


def test_a_lab_is_created_on_a_server(tmp_path: Path, server: Server) -> None:
    shell = Shell(tmp_path)
    url = server.empty_database()
    run(
        "lab", "create", shell.lab, "--name", "North", "--admin", "Ada Admin", "--server", url,
        "--passphrase-file", tmp_path / "ada", "--json",
    )  # fmt: skip
    told = json.loads(run("lab", "info", "--lab", shell.lab, "--json").stdout)
    assert (told["name"], told["server"]) == ("North", url)
