"""A lab is encrypted, or gets a new key, whole or not at all; at every moment just one of the two folders is in use."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.bootstrap import Lab, open_lab, rekey_lab, unlocked, who_unlocks
from forensics_app.errors import (
    LabMovedError,
    LabUnusableError,
    PermissionRefusedError,
    RefusedError,
    SignInRefusedError,
    StoreRefusedError,
)
from forensics_app.model.search import SearchInfo
from forensics_app.model.timeline import TimelineQuery
from forensics_app.services.shared import shared_lab
from tests.builders import PASSPHRASE, QUICK, make_bench
from tests.forensics_app.services.test_store import marks_in
from tests.forensics_app.services.worked_in_lab import MARKS, work_in

ROOT = Path(__file__).parents[3]
ADA, ANA = "Ada Admin", "Ana Kovač"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("plain")
    bench = make_bench(place / "lab")
    work_in(bench, place / "sources")
    bench.lab.close()
    return place / "lab"


def opened(folder: Path, name: str = ADA) -> Lab:
    with unlocked(folder, name, PASSPHRASE):
        return open_lab(folder, key_parameters=QUICK)


def rekeyed(folder: Path, target: Path, *, renew: bool, name: str = ADA, passphrase: str = PASSPHRASE) -> Path:
    return rekey_lab(folder, target, name, passphrase, renew=renew, key_parameters=QUICK).folder


def everything(lab: Lab) -> tuple[object, ...]:
    """What is read out of every kind of file that a lab keeps."""
    case = lab.cases.list()[0]
    (image,) = lab.intake.list(case.id)
    (info,) = lab.searching.list(image)
    assert isinstance(info, SearchInfo)
    (report,) = lab.reporting.list(case.id)
    (photo,) = lab.exhibits.photos(lab.exhibits.list(case.id)[0].id)
    with lab.searching.open(image, info.id) as found, lab.timelines.open(case.id) as timeline:
        told = len(tuple(found.all())), list(timeline.ids(TimelineQuery()))
    with lab.catalogues.open(image) as catalogue, lab.hash_matching.of(image) as matches:
        told += len(tuple(catalogue.volumes())), matches.catalogue_sha256
    return (*told, lab.report_upgrades.file(report).pdf, lab.exhibits.thumbnail(photo, 64), lab.hash_sets.list())


@pytest.mark.req("REQ-70")
def test_a_lab_is_encrypted_and_gets_a_new_key_and_holds_what_it_held(plain: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(plain, tmp_path / "lab")
    lab = opened(folder)
    held, entries = everything(lab), len(lab.custody.lab_history())
    lab.close()
    encrypted = rekeyed(folder, tmp_path / "encrypted", renew=False)
    assert marks_in(encrypted) == set()
    assert marks_in(folder) == set(MARKS), "the old folder is as it was"
    assert who_unlocks(encrypted) == (ADA,)
    with pytest.raises(LabMovedError, match="was encrypted, into the folder") as moved:
        open_lab(folder)
    assert str(encrypted) in moved.value.then
    lab = opened(encrypted)
    assert everything(lab) == held
    history = lab.custody.lab_history()
    assert (history[-1].action, len(history)) == ("lab.encrypt", entries + 1)
    assert history[-1].fact("before") == ""
    lab.people.sign_in(ANA, PASSPHRASE).key.close()
    assert lab.verification.verify().file_findings != (), "the others have no key yet"
    lab.close()
    opened(encrypted, ANA).close()
    with pytest.raises(StoreRefusedError), unlocked(encrypted, ANA, "paper tiger lantern"):
        pass
    renewed = rekeyed(encrypted, tmp_path / "renewed", renew=True)
    assert who_unlocks(renewed) == (ADA,)
    with pytest.raises(StoreRefusedError):
        opened(renewed, ANA)
    lab = opened(renewed)
    assert everything(lab) == held
    first, failed, second = (lab.custody.lab_history()[place] for place in (entries, -2, -1))
    assert (failed.action, failed.actor, failed.fact("failures")) == ("lab.unlock_failures", ADA, "1")
    assert (second.action, second.fact("before")) == ("lab.renew_key", first.fact("store"))
    assert shared_lab(lab.database, "").store == second.fact("store")
    slots = {path.name: path.read_bytes() for path in (encrypted / "store-keys").iterdir()}
    lab.close()
    for name, content in slots.items():
        (renewed / "store-keys" / name).write_bytes(content)
    with pytest.raises(LabUnusableError), unlocked(renewed, ANA, PASSPHRASE):
        open_lab(renewed)


@pytest.mark.req("REQ-70")
def test_who_may_not_and_what_cannot_be_is_refused_and_nothing_is_left(plain: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(plain, tmp_path / "lab")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    for target, renew, name, passphrase, error in (
        ("new", True, ADA, PASSPHRASE, RefusedError),
        ("new", False, ANA, PASSPHRASE, PermissionRefusedError),
        ("new", False, ADA, "another passphrase", SignInRefusedError),
        ("full", False, ADA, PASSPHRASE, RefusedError),
        ("lab/new", False, ADA, PASSPHRASE, RefusedError),
        ("none/new", False, ADA, PASSPHRASE, RefusedError),
    ):
        with pytest.raises(error):
            rekeyed(folder, tmp_path / target, renew=renew, name=name, passphrase=passphrase)
    assert {path.name for path in tmp_path.iterdir()} == {"lab", "full"}
    lab = opened(folder)
    lab.cases.list()
    lab.close()


KILLED = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from forensics_app.bootstrap import rekey_lab
from tests.builders import PASSPHRASE, QUICK

folder, target, last = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
done = []

def step(*_):
    if len(done) == last:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(None)

def stepping(act):
    def wrapped(*args, **more):
        step()
        try:
            return act(*args, **more)
        finally:
            step()
    return wrapped

os.fsync, os.rename, os.link = stepping(os.fsync), stepping(os.rename), stepping(os.link)
event.listen(Engine, "commit", step)
rekey_lab(folder, target, "Ada Admin", PASSPHRASE, renew=False, key_parameters=QUICK)
print(len(done), flush=True)
"""


@pytest.mark.req("REQ-70")
@pytest.mark.skipif(os.name != "posix", reason="what is killed with SIGKILL")
def test_killed_anywhere_one_of_the_two_folders_is_in_use_and_the_act_can_be_finished(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    bench.exhibit(bench.case())
    bench.lab.close()

    def run(place: Path, last: int) -> str:
        shutil.copytree(tmp_path / "lab", place / "old")
        words = [sys.executable, "-c", KILLED, str(place / "old"), str(place / "new"), str(last)]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout

    steps = int(run(tmp_path / "whole", 10**6))
    tried = sorted({*range(0, steps, max(steps // 6, 1)), *range(steps - 8, steps)})
    in_use = []
    for last in tried:
        place = tmp_path / f"killed-{last}"
        assert run(place, last) == ""
        try:
            open_lab(place / "old", key_parameters=QUICK).close()
            in_use.append("old")
            assert not (place / "new").exists()
        except LabMovedError:
            in_use.append("new" if (place / "new").exists() else "neither yet")
        rekeyed(place / "old", place / "new", renew=False)
        lab = opened(place / "new")
        assert len(lab.cases.list()) == 1
        assert [one.action for one in lab.custody.lab_history()].count("lab.encrypt") == 1
        lab.close()
        with pytest.raises(LabMovedError):
            open_lab(place / "old")
    assert in_use == sorted(in_use, key=("old", "neither yet", "new").index)
    assert {"old", "new"} <= set(in_use)
