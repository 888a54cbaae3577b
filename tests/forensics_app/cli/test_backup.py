"""``lab backup``, ``lab backups``, ``lab check-backup`` and ``lab restore``, as a script calls them."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.db.search_file import create_search
from forensics_app.model.search import SearchId, SearchRequest, secret_key
from tests.builders import PASSPHRASE, Bench, make_bench
from tests.forensics_app.cli.calls import run


@pytest.mark.req("REQ-70")
def test_a_lab_goes_into_a_file_and_comes_back_from_it(bench: Bench, tmp_path: Path) -> None:
    bench.case()
    lab = bench.lab.folder.root
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    (tmp_path / "of-backup").write_text("paper tiger lantern\n")
    (tmp_path / "kept").mkdir()
    own = ("--as", "Ada Admin", "--passphrase-file", tmp_path / "own")
    secret = ("--backup-passphrase-file", tmp_path / "of-backup")

    run("lab", "backups", "--lab", lab, "--every", 7, *own)
    run("lab", "backup", "--lab", lab, "--to", tmp_path / "kept", *own, status=2)
    made = json.loads(
        run("lab", "backup", "--lab", lab, "--to", tmp_path / "kept", "--encrypt", *own, *secret, "--json").stdout
    )
    (file,) = (tmp_path / "kept").iterdir()
    assert (made["place"], made["is_encrypted"]) == (str(file), True)
    assert file.name.endswith(".lab-backup.tar.age")
    listed = run("lab", "backups", "--lab", lab).stdout
    assert made["sha256"][:16] in listed
    assert "next backup is due" in listed

    assert made["sha256"] in run("lab", "check-backup", file, *secret).stdout
    (tmp_path / "wrong").write_text("another passphrase\n")
    refused = run("lab", "check-backup", file, "--backup-passphrase-file", tmp_path / "wrong", status=2)
    assert "does not open with this passphrase" in refused.stderr
    (tmp_path / "half").write_bytes(file.read_bytes()[:-70_000])
    assert "no whole backup" in run("lab", "check-backup", tmp_path / "half", *secret, status=1).stderr

    back = tmp_path / "back"
    root = bench.lab.verification.root_fingerprint()
    mistyped = run("lab", "restore", file, "--to", back, "--root", "00", *own, *secret, status=2)
    assert "64 hexadecimal digits" in mistyped.stderr
    assert "error of its own" not in mistyped.stderr
    run("lab", "restore", file, "--to", back, "--root", root, *own, *secret)
    assert "lies there" in run("lab", "restore", file, "--to", back, *own, *secret, status=2).stderr
    assert "Everything verifies" in run("verify", back).stdout
    assert "2026-0147" in run("case", "list", "--lab", back).stdout


@pytest.mark.req("REQ-70")
def test_a_lab_is_encrypted_and_its_key_renewed_on_the_command_line(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.case()
    bench.lab.close()
    lab, encrypted, renewed = bench.lab.folder.root, tmp_path / "encrypted", tmp_path / "renewed"
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    own = ("--as", "Ada Admin", "--passphrase-file", tmp_path / "own")
    unlocking = ("--unlock-as", "Ada Admin", "--unlock-passphrase-file", tmp_path / "own")
    refused = run("lab", "renew-key", lab, "--to", renewed, *own, status=2)
    assert "not encrypted" in refused.stderr
    said = run("lab", "encrypt", lab, "--to", encrypted, *own).stdout
    assert "`verify` finds that they cannot unlock it and ends with status 1" in said
    assert "Ada Admin unlocks it." in said
    assert "by everybody who gets hold of it" in said
    assert "was encrypted, into the folder" in run("case", "list", "--lab", lab, status=3).stderr
    made = json.loads(run("lab", "renew-key", encrypted, "--to", renewed, *own, "--json").stdout)
    assert made == {"folder": str(renewed), "old_folder": str(encrypted)}
    assert "2026-0147" in run("case", "list", "--lab", renewed, *unlocking).stdout
    kept, back = tmp_path / "kept.tar", tmp_path / "back"
    said = run("lab", "backup", "--lab", renewed, "--to", kept, "--not-encrypted", *own).stdout
    assert "Ana Kovač cannot unlock the encrypted lab folder" in said
    assert "NOT verify" not in said
    said = run("lab", "restore", kept, "--to", back, *own).stdout
    assert "Ana Kovač cannot unlock the encrypted lab folder" in said


@pytest.mark.req("REQ-70")
def test_a_backup_says_which_searches_of_secret_terms_are_not_in_it(bench: Bench, tmp_path: Path) -> None:
    folder, id_ = bench.lab.folder, SearchId(uuid4())
    path = folder.searches(bench.case().id, uuid4()) / f"{id_}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    request = SearchRequest(terms=("swordfish",), secret_key=secret_key())
    create_search(
        path, search_id=id_, request=request, catalogue_sha256="00", started_at=bench.clock(), person="Ana", units=1,
        spaces={},
    )  # fmt: skip
    (tmp_path / "own").write_text(f"{PASSPHRASE}\n")
    own = ("--as", "Ada Admin", "--passphrase-file", tmp_path / "own")
    made = run("lab", "backup", "--lab", folder.root, "--to", tmp_path / "kept.tar", "--not-encrypted", *own).stdout
    assert "Searches with secret terms that are not in it, as it is not encrypted: 1." in made
    assert "not whole" in run("lab", "backups", "--lab", folder.root).stdout
