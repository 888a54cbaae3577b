"""Who tried to unlock an encrypted lab and could not is told in its record, once it is open."""

import json
import socket
from pathlib import Path

import pytest

from forensics_app.bootstrap import Lab, open_lab, open_lab_untouched, rekey_lab, unlocked
from forensics_app.errors import StoreRefusedError
from forensics_app.services.unlock_failures import MOST_BYTES
from tests.builders import PASSPHRASE, QUICK, make_bench

ADA, ANA = "Ada Admin", "Ana Kovač"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_bench(tmp_path / "lab", encrypted=True).lab.close()
    return tmp_path / "lab"


def opened(folder: Path, name: str) -> Lab:
    with unlocked(folder, name, PASSPHRASE):
        return open_lab(folder, key_parameters=QUICK)


def fail(folder: Path, *names: str) -> None:
    for name in names:
        with pytest.raises(StoreRefusedError), unlocked(folder, name, "paper tiger lantern"):
            pass


@pytest.mark.req("REQ-70")
def test_failed_attempts_are_recorded_once_when_somebody_signs_in_and_nothing_that_was_typed(folder: Path) -> None:
    fail(folder, ANA, ANA, "paper tiger lantern, typed in the wrong field")
    noted = folder / "store-keys" / "failed-unlocks.jsonl"
    assert b"paper tiger" not in noted.read_bytes()
    with unlocked(folder, ADA, PASSPHRASE):
        lab = open_lab_untouched(folder)
    assert lab.verification.verify().ok
    lab.close()
    assert noted.exists(), "a lab that is only verified is not written to"
    lab = opened(folder, ADA)
    ana = lab.people.named(ANA)
    lab.people.sign_in(ADA, PASSPHRASE).key.close()
    told = lab.custody.lab_history()[-1]
    assert (told.action, told.actor) == ("lab.unlock_failures", ADA)
    assert (told.facts["failures"], told.facts["people"]) == (3, [str(ana.id)])
    assert told.facts["hosts"] == [socket.gethostname()]
    lab.people.sign_in(ADA, PASSPHRASE).key.close()
    assert lab.custody.lab_history()[-1] == told
    assert not list((folder / "store-keys").glob("failed-*"))
    assert lab.verification.verify().ok
    lab.close()


def test_what_somebody_wrote_into_the_notes_stops_nobody_and_they_do_not_grow_for_ever(folder: Path) -> None:
    noted = folder / "store-keys" / "failed-unlocks.jsonl"
    line = json.dumps({"at": "2026-11-20T12:00:00+00:00", "host": "h\ud800" * 500, "person": "x"})
    noted.write_bytes(b"\xff\xfe nothing\n[]\n{}\n" + line.encode() + b"\n" + b"0" * MOST_BYTES)
    before = noted.stat().st_size
    fail(folder, ANA)
    assert noted.stat().st_size == before
    lab = opened(folder, ADA)
    lab.people.sign_in(ADA, PASSPHRASE).key.close()
    told = lab.custody.lab_history()[-1]
    assert told.facts["failures"] == 1
    assert [len(one) for one in told.facts["hosts"]] == [200]
    assert lab.verification.verify().ok
    lab.close()


@pytest.mark.req("REQ-70")
def test_attempts_that_fail_while_the_key_is_renewed_are_recorded_in_the_new_folder(
    folder: Path, tmp_path: Path
) -> None:
    tried = False
    (folder / "stationery").mkdir()
    (folder / "stationery" / "read-me.txt").write_text("A file to be copied")

    def meanwhile(done: int, total: int) -> None:
        nonlocal tried
        if not tried:
            tried = True
            fail(folder, ANA, ANA)

    new = rekey_lab(folder, tmp_path / "new", ADA, PASSPHRASE, renew=True, key_parameters=QUICK, on_progress=meanwhile)
    assert tried
    assert not list((folder / "store-keys").glob("failed-*"))
    lab = opened(new.folder, ADA)
    lab.people.sign_in(ADA, PASSPHRASE).key.close()
    told = lab.custody.lab_history()[-1]
    assert (told.action, told.facts["failures"]) == ("lab.unlock_failures", 2)
    assert not list((new.folder / "store-keys").glob("failed-*"))
    report = lab.verification.verify()
    assert (report.row_findings, [one.findings for one in report.chains]) == ((), [()])
    assert all("cannot unlock the encrypted lab folder" in one for one in report.file_findings), "they sign in again"
    lab.close()
