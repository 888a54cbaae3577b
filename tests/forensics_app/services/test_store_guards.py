"""What guards an encrypted lab against being opened, filled, backed up or read as one that is not (REQ-70)."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from forensics_app import bootstrap
from forensics_app.bootstrap import create_lab, join_lab, open_lab, open_lab_untouched, unlocked, who_unlocks
from forensics_app.errors import LabUnusableError, StoreLockedError
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from forensics_app.services.folder import LabFolder
from forensics_app.services.shared import read_shared, write_shared
from tests.builders import PASSPHRASE, QUICK, Clock, make_bench, new_person
from tests.forensics_app.servers import Server

ADA = "Ada Admin"


@pytest.mark.req("REQ-70")
def test_an_encrypted_lab_on_a_server_is_not_opened_as_a_plain_one_when_its_keys_are_taken_away(
    tmp_path: Path, server: Server
) -> None:
    url, folder = server.empty_database(), tmp_path / "lab"
    make_bench(folder, url, encrypted=True).lab.close()
    shutil.move(folder / "store-keys", tmp_path / "taken away")
    assert who_unlocks(folder) == ()
    for opening in (open_lab, open_lab_untouched):
        with pytest.raises(StoreLockedError):
            opening(folder)
    with pytest.raises(LabUnusableError, match="no whole key"), unlocked(folder, ADA, PASSPHRASE):
        pass
    place = LabFolder(folder)
    shared = read_shared(place)
    assert shared is not None
    assert shared.store
    write_shared(place, replace(shared, store=""))
    assert who_unlocks(folder) is None, "the folder says that it is a plain one, and only the record knows better"
    for opening in (open_lab, open_lab_untouched):
        with pytest.raises(StoreLockedError, match="by its record"):
            opening(folder)
    (other := tmp_path / "another folder").mkdir()
    for joined in (folder, other):
        with pytest.raises(StoreLockedError, match="by its record"):
            join_lab(url, joined)
    assert list(other.iterdir()) == []
    make_bench(tmp_path / "another lab", encrypted=True).lab.close()
    shutil.copytree(tmp_path / "another lab" / "store-keys", folder / "store-keys")
    with unlocked(folder, ADA, PASSPHRASE), pytest.raises(LabUnusableError, match="another encrypted lab"):
        open_lab(folder)
    shutil.rmtree(folder / "store-keys")
    shutil.move(tmp_path / "taken away", folder / "store-keys")
    with unlocked(folder, ADA, PASSPHRASE):
        lab = join_lab(url, folder)
    assert lab.verification.verify().ok
    lab.close()
    assert read_shared(place) == shared


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize(("step", "on_a_server"), [("open_lab", False), ("open_lab", True), ("write_shared", True)])
def test_a_creation_that_is_interrupted_when_the_record_is_there_takes_no_keys_away(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, step: str, *, on_a_server: bool
) -> None:
    url = request.getfixturevalue("server").empty_database() if on_a_server else ""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    new = NewLab(folder=tmp_path / "lab", name="N", address="a", zone="UTC", server=url, encrypted=True)
    with monkeypatch.context() as patch:
        patch.setattr(bootstrap, step, interrupted)
        with pytest.raises(KeyboardInterrupt):
            create_lab(new, new_person(ADA, Role.ADMINISTRATOR), PASSPHRASE, now=Clock(), key_parameters=QUICK)
    assert who_unlocks(new.folder) == (ADA,)
    with pytest.raises(StoreLockedError):
        join_lab(url, new.folder) if url else open_lab(new.folder)
    with unlocked(new.folder, ADA, PASSPHRASE):
        lab = join_lab(url, new.folder) if url else open_lab(new.folder)
    assert lab.verification.verify().ok
    lab.close()


def test_a_creation_that_fails_before_leaves_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    new = NewLab(folder=tmp_path / "lab", name="N", address="a", zone="UTC", encrypted=True)
    with pytest.raises(OSError, match="No space"):
        create_lab(new, new_person(ADA, Role.ADMINISTRATOR), PASSPHRASE, now=Clock(), key_parameters=QUICK)
    assert list(new.folder.iterdir()) == []
