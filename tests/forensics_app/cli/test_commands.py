"""The whole path on the command line, as a script of a lab would walk it."""

import json
import os
import shutil
import sqlite3
import subprocess
import tomllib
from pathlib import Path

import pytest

from chain_of_custody.passphrase import Argon2Parameters
from resources import path as resource
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.cli.calls import ROOT, run, run_process


class Shell:
    """Calls commands on the lab in a folder of its own; passphrases come from files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lab = folder / "lab"
        for name in ("ada", "ana", "tom", "ingrid"):
            (folder / name).write_text(f"{PASSPHRASE}\n")

    def act(self, who: str, *words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        return run(*words, *self.signing(who), status=status)

    def signing(self, who: str) -> tuple[object, ...]:
        name = {"ada": "Ada Admin", "ana": "Ana Kovač", "tom": "Tomasz Lis", "ingrid": "Ingrid Solberg"}[who]
        return "--lab", self.lab, "--as", name, "--passphrase-file", self.folder / who


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A lab with people, a case, and an exhibit that was received and checked out."""
    shell = Shell(tmp_path_factory.mktemp("shell"))
    make_bench(shell.lab).lab.close()
    shell.act(
        "ana", "case", "create", "--number", "2026-0031", "--title", "Altered invoice", "--offence", "Fraud",
        "--authority", "Prosecutor", "--lead", "Ana Kovač", "--supervisor", "Ingrid Solberg", "--instrument", "warrant",
        "--instrument-number", "4 Gs 812/26", "--issuer", "court", "--issued-on", "2026-11-01", "--scope", "all media",
    )  # fmt: skip
    case = ("--case", "2026-0031")
    shell.act(
        "tom", "exhibit", "add", *case, "--number", "LM/01", "--type", "storage medium", "--description", "Hard disk",
        "--seal", "0048812", "--seized-at", "2026-11-19T07:35", "--seized-place", "Lindenhofstr. 12", "--seized-by",
        "Sgt. Duarte", "--witness", "Insp. Haas", "--photo", resource("demo/exhibit-photo-drive.jpg"),
    )  # fmt: skip
    label = resource("demo/exhibit-photo-laptop.jpg")
    shell.act("tom", "exhibit", "photo", *case, "--exhibit", "LM/01", "--view", "label", label)
    step = ("--exhibit", "LM/01", *case)
    fields = ("place=Reception", "purpose=Examination", "seal_number=0048812", "seal_check=intact", "condition=good")
    shell.act(
        "tom", "custody", "receive", *step, "--outside-party", "Sgt. Duarte", "--paper", f"form={label}", *told(*fields)
    )
    shell.act("tom", "custody", "store", *step, *told("shelf=A-07"))
    shell.act(
        "tom", "custody", "checkout", *step, "--with", "Ana Kovač", "--with-passphrase-file", shell.folder / "ana",
        *told("purpose=Imaging", "expected_return=2026-11-30T17:00:00+01:00"),
    )  # fmt: skip
    return shell


def told(*fields: str) -> list[str]:
    return [word for field in fields for word in ("--field", field)]


def test_a_script_makes_a_lab_and_its_people_whose_keys_cost_what_the_program_asks_for(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    run_process(
        "lab", "create", shell.lab, "--name", "Digital laboratory", "--zone", "Europe/Berlin", "--admin", "Ada Admin",
        "--passphrase-file", shell.folder / "ada",
    )  # fmt: skip
    run_process(
        "person", "add", "--name", "Ana Kovač", "--function", "Officer", "--organisation", "Laboratory", "--role",
        "examiner", "--new-passphrase-file", shell.folder / "ana", *shell.signing("ada"),
    )  # fmt: skip
    with sqlite3.connect(shell.lab / "lab.db") as connection:
        keys = [json.loads(sealed) for (sealed,) in connection.execute("SELECT sealed_key FROM person_secret")]
    assert [key["argon2id"] for key in keys] == [Argon2Parameters().to_json()] * 2
    assert run_process("verify", shell.lab).stdout.endswith("Everything verifies.\n")


def test_the_whole_path_ends_in_a_report_and_a_lab_that_verifies(shell: Shell) -> None:
    case = ("--case", "2026-0031")
    source = resource("demo/demo.E01")
    seal = ("--seal-check", "intact", "--seal-number", "0048812")
    done = shell.act("ana", "intake", *case, "--exhibit", "LM/01", "--write-blocker", "T8u", *seal, source, "--json")
    image = json.loads(done.stdout)
    assert image["integrity"] == "equal to stored digests"
    assert "Reading and hashing" in done.stderr
    shell.act("ana", "catalogue", *case, "--image", "LM/01-I1")
    place = (*case, "--image", "LM/01-I1", "--volume", "v0.p1", "--path", "/Users/l.mirel/Pictures/holiday.jpg")
    shell.act("ana", "report", "choose", *place, "--note", "An archive named as a picture")
    target = shell.folder / "holiday.zip"
    shell.act("ana", "export", *place, target)
    expected = json.loads(resource("demo/expected.json").read_text())
    digest = next(one["sha256"] for one in expected["files"] if one["path"] == "/Users/l.mirel/Pictures/holiday.jpg")
    import hashlib

    assert hashlib.sha256(target.read_bytes()).hexdigest() == digest
    shell.act("ana", "export", *place, target, status=2)
    draft, issued = shell.folder / "draft.pdf", shell.folder / "report.pdf"
    shell.act("ana", "report", "build", *case, draft)
    shell.act("ana", "report", "draft", *case, "--fact", "Archive", "The picture is an archive.")
    of_it = (*case, "--draft", 1)
    shell.act("ana", "report", "submit", *of_it)
    shown = run("report", "show", "--lab", shell.lab, *of_it, "--json")
    seen = json.loads(shown.stdout)["content_sha256"]
    assert (
        f"SHA-256 of what is written and of the records below: {seen}"
        in run("report", "show", "--lab", shell.lab, *of_it).stdout
    )
    shell.act("ingrid", "report", "approve", *of_it, "--seen", "00" * 32, status=2)
    shell.act("ingrid", "report", "approve", *of_it, "--seen", seen)
    second = ("--authoriser", "Ingrid Solberg", "--authoriser-passphrase-file", shell.folder / "ingrid")
    wrong = ((draft, "already exists", 2), (shell.folder / "none" / "report.pdf", "cannot be written", 3))
    for target, word, status in wrong:
        refused = shell.act("ana", "report", "issue", *of_it, *second, target, status=status)
        assert word in refused.stderr
    reports = json.loads(run("report", "show", "--lab", shell.lab, *case, "--json").stdout)["reports"]
    assert reports == []
    shell.act("ana", "report", "issue", *of_it, *second, issued)
    shell.act("ana", "recheck", *case, "--image", "LM/01-I1")

    assert "Everything verifies" in run("verify", shell.lab).stdout
    assert "Issued as R-2026-0031-1" in run("verify", issued, "--lab", shell.lab).stdout
    run("verify", draft, "--lab", shell.lab, status=1)
    custody = shell.folder / "custody"
    shell.act("ana", "custody", "anchor", *case)
    run("custody", "export", "--lab", shell.lab, *case, custody)
    run("verify", custody)
    run("verify", custody / "ledger.jsonl")
    root = json.loads(run("lab", "info", "--lab", shell.lab, "--json").stdout)["root_fingerprint"]
    on_paper = " ".join(root[at : at + 4].upper() for at in range(0, 64, 4))
    for what in ((shell.lab,), (issued, "--lab", shell.lab), (custody,)):
        run("verify", *what, "--root", on_paper)
        run("verify", *what, "--root", "00" * 32, status=1)
    run("verify", shell.lab, "--root", "some words", status=2)
    steps = tomllib.loads(resource("report/texts-en.toml").read_text(encoding="utf-8"))["verify"]["steps"]
    _, *printed = next(one["command"] for one in steps if "forensics-app verify" in one["command"]).split()
    run(*({"REPORT.pdf": issued, "LAB": shell.lab, "FINGERPRINT": root}.get(word, word) for word in printed))
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", issued, "-"], capture_output=True, text=True, check=True).stdout
        assert "holiday.jpg" in text
        assert "Tomasz Lis" in text


def test_a_changed_database_is_said_and_the_status_is_1(shell: Shell) -> None:
    copy = shell.folder / "copy"
    shutil.copytree(shell.lab, copy)
    with sqlite3.connect(copy / "lab.db") as connection:
        connection.execute("UPDATE exhibit SET serial = 'other'")
    done = run("verify", copy, status=1)
    assert "serial of exhibit" in done.stdout


def test_a_wrong_passphrase_is_refused_and_nobody_learns_more(shell: Shell) -> None:
    (shell.folder / "wrong").write_text("not the right words\n")
    answers = [
        run(
            "exhibit", "photo", "--lab", shell.lab, "--as", name, "--passphrase-file", shell.folder / "wrong", "--case",
            "2026-0031", "--exhibit", "LM/01", "--view", "whole", "x.jpg", status=3,
        ).stderr
        for name in ("Ana Kovač", "Nobody At All")
    ]  # fmt: skip
    assert answers[0] == answers[1]
    assert "do not belong together" in answers[0]


def test_the_passphrase_is_taken_from_a_descriptor_and_without_any_source_the_command_says_so(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"correct horse battery\n")
    os.close(writing)
    run_process(
        "person", "revoke", "--lab", shell.lab, "--as", "Ada Admin", "--passphrase-fd", reading, "--name", "Ada Admin",
        "--reason", "test", status=2, pass_fds=(reading,),
    )  # fmt: skip
    os.close(reading)
    done = run_process(
        "person", "revoke", "--lab", shell.lab, "--as", "Ada Admin", "--name", "x", "--reason", "y", status=2
    )
    assert "no terminal" in done.stderr


def test_no_command_takes_a_passphrase_on_the_command_line() -> None:
    from forensics_app.__main__ import COMMANDS

    for name in COMMANDS:
        source = (ROOT / "forensics_app" / "cli" / f"{name.replace('-', '_')}.py").read_text()
        assert '"--passphrase"' not in source
        assert '"--password"' not in source


def test_an_illegal_step_is_wrong_use_and_the_attempt_is_in_the_history(shell: Shell) -> None:
    step = ("--exhibit", "LM/01", "--case", "2026-0031")
    done = shell.act("ana", "custody", "store", *step, *told("shelf=A-07"), status=2)
    assert "attempt was recorded" in done.stderr
    shown = run("custody", "show", "--lab", shell.lab, *step).stdout
    assert "Step refused" in shown


def test_json_is_one_document_and_nothing_else(shell: Shell) -> None:
    for words in (("lab", "info"), ("person", "list"), ("case", "list"), ("exhibit", "list", "--case", "2026-0031")):
        json.loads(run(*words, "--lab", shell.lab, "--json").stdout)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("verify", "/nowhere/at/all"), 2),
        (("lab", "info", "--lab", "/nowhere"), 3),
        (("case", "show", "--lab", "/nowhere", "--case", "x"), 3),
        (("nonsense",), 2),
        (("verify", ROOT / "README.md"), 3),
    ],
)
def test_errors_are_sentences_without_a_stack_trace(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    done = run_process(*words, status=status)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert done.stdout == ""


def test_the_demonstration_walks_the_whole_path(tmp_path: Path) -> None:
    done = run_process("demo", tmp_path / "out")
    assert "Everything verifies" in done.stdout
    report = next((tmp_path / "out").glob("R-*.pdf"))
    assert report.read_bytes().startswith(b"%PDF-")
    run("verify", tmp_path / "out" / "lab")
    run("demo", tmp_path / "out", status=2)


def test_the_demonstration_tells_damage_and_ends_with_status_1(tmp_path: Path) -> None:
    content = bytearray(resource("demo/demo.E01").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "bad.E01").write_bytes(content)
    done = run("demo", tmp_path / "out", tmp_path / "bad.E01", status=1)
    assert "integrity failed" in done.stdout
    assert "Unreadable" in done.stdout


def test_a_console_without_the_letters_of_a_name_gets_their_numbers(shell: Shell) -> None:
    done = run_process("person", "list", "--lab", shell.lab, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert "Ana Kova\\u010d" in done.stdout
