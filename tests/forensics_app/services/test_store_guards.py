"""What guards an encrypted lab against being opened, filled, backed up or read as one that is not (REQ-70)."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest

from chain_of_custody.canonical import canonical
from chain_of_custody.store_key import StoreKey
from forensics_app import bootstrap
from forensics_app.bootstrap import (
    create_lab,
    join_lab,
    open_lab,
    open_lab_untouched,
    restore_lab,
    unlocked,
    who_unlocks,
)
from forensics_app.db.search_file import create_search
from forensics_app.db.store_keys import hold, key_for, release
from forensics_app.errors import LabUnusableError, StoreLockedError, StoreRefusedError
from forensics_app.model.backup import NewBackup, RestoreRequest
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from forensics_app.model.search import SearchId, SearchRequest, secret_key
from forensics_app.services.backup_file import read_backup
from forensics_app.services.folder import LabFolder, content_of, content_size
from forensics_app.services.shared import read_shared, write_shared
from resources import path as resource
from tests.builders import PASSPHRASE, QUICK, Bench, Clock, make_bench, new_person
from tests.forensics_app.servers import Server

ADA, ANA = "Ada Admin", "Ana Kovač"
NEW = "quiet harbour with cranes"


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


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "lab", encrypted=True)
    yield made
    made.lab.close()


def slot_of(bench: Bench, name: str) -> Path:
    return next(path for path in bench.lab.folder.store_keys.iterdir() if name in path.read_text("utf-8"))


@pytest.mark.req("REQ-70")
def test_a_backup_holds_the_keys_of_its_own_moment_when_a_passphrase_is_changed_meanwhile(
    bench: Bench, tmp_path: Path
) -> None:
    lab, asked = bench.lab, []

    def now() -> datetime:
        asked.append(None)
        if len(asked) == 2:  # the record was copied, and has just been verified
            lab.person_keys.change_passphrase(ADA, PASSPHRASE, NEW)
        return bench.clock()

    new = NewBackup(target=tmp_path / "copy.backup", passphrase=None, with_catalogues=False)
    line = replace(lab.backups, now=now).make(bench.admin, new)
    assert lab.people.sign_in(ADA, NEW)
    assert (line.finding_count, line.is_encrypted, line.as_the_lab) == (0, True, True)
    request = RestoreRequest(source=Path(line.place), target=tmp_path / "restored", passphrase=None)
    assert restore_lab(request, ADA, PASSPHRASE, key_parameters=QUICK).findings == ()


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize("damage", ["cut off", "another name", "another key"])
def test_a_damaged_slot_is_told_of_and_made_again_when_its_person_signs_in(
    bench: Bench, damage: str, tmp_path: Path
) -> None:
    path = slot_of(bench, ANA)
    whole = path.read_bytes()
    told = json.loads(whole)
    told["name" if damage == "another name" else "sealed_key"] = "00" * 48
    path.write_bytes(whole[:100] if damage == "cut off" else canonical(told))
    with pytest.raises(StoreRefusedError), unlocked(bench.lab.folder.root, ANA, PASSPHRASE):
        pass
    findings = bench.lab.verification.verify().file_findings
    assert [ANA in one and "cannot unlock" in one for one in findings] == [True] * (damage != "another key")
    bench.lab.people.sign_in(ANA, PASSPHRASE)
    with unlocked(bench.lab.folder.root, ANA, PASSPHRASE):
        pass
    assert bench.lab.verification.verify().ok
    assert not list(bench.lab.folder.store_keys.glob("*.new"))


def test_no_backup_is_made_that_no_administrator_could_restore(bench: Bench, tmp_path: Path) -> None:
    slot_of(bench, ADA).write_text("{}")
    new = NewBackup(target=tmp_path / "copy.backup", passphrase=None, with_catalogues=False)
    with pytest.raises(LabUnusableError, match="Nobody could restore"):
        bench.lab.backups.make(bench.admin, new)
    assert not new.target.exists()
    assert bench.lab.backups.standing().lines == ()


def test_a_backup_of_an_encrypted_lab_takes_searches_of_secret_terms_without_a_passphrase_of_its_own(
    bench: Bench, tmp_path: Path
) -> None:
    id_, lab = SearchId(uuid4()), bench.lab
    path = lab.folder.searches(bench.case().id, uuid4()) / f"{id_}.db"
    path.parent.mkdir(parents=True, exist_ok=True)
    asked = SearchRequest(terms=("swordfish",), secret_key=secret_key())
    create_search(
        path, search_id=id_, request=asked, catalogue_sha256="00", started_at=bench.clock(), person="Ana", units=1,
        spaces={},
    )  # fmt: skip
    new = NewBackup(target=tmp_path / "copy.backup", passphrase=None, with_catalogues=False)
    line = lab.backups.make(bench.admin, new)
    assert path.name in {Path(one.name).name for one in read_backup(new.target, None, lambda *_: None).manifest.files}
    assert "not encrypted" not in lab.journal.list()[0].message
    assert b"swordfish" not in Path(line.place).read_bytes()


@pytest.mark.req("REQ-70")
def test_a_file_that_is_not_encrypted_is_not_taken_for_one_of_an_encrypted_lab(bench: Bench) -> None:
    lab, exhibit = bench.lab, bench.exhibit(bench.case())
    photo = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    path = lab.exhibits.photo_path(lab.exhibits.add_photo(bench.custodian, exhibit.id, photo))
    path.write_bytes(content_of(path))
    for read in (content_of, content_size):
        with pytest.raises(OSError, match="not encrypted"):
            read(path)
    (finding,) = lab.verification.verify().file_findings
    assert path.name in finding
    (text := lab.folder.made_stationery() / "letterhead.txt").write_text("Laboratory")
    assert content_of(text) == b"Laboratory"


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_neither_a_link_to_an_encrypted_folder_nor_one_in_it_leads_around_its_key(tmp_path: Path) -> None:
    key, folder = StoreKey.create(), tmp_path / "lab"
    (folder / "cases").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    (folder / "out").symlink_to(tmp_path / "outside")
    for held in (folder, tmp_path / "link"):
        hold(held, key)
        for path in (folder / "cases" / "a", tmp_path / "link" / "cases" / "a", held / "out"):
            assert key_for(path) is key
        assert key_for(tmp_path / "outside") is None
        release(held)
        assert key_for(folder / "cases") is None
