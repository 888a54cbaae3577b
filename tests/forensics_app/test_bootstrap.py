"""Opening and creating labs: what is refused, and in which words."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.bootstrap import Lab, create_lab, open_lab
from forensics_app.bootstrap.lab import Built
from forensics_app.db.network import kind_of_mount
from forensics_app.errors import (
    LabLockedError,
    LabUnusableError,
    NewerLabError,
    NotALabError,
    RefusedError,
    explain,
)
from forensics_app.model.lab import NewLab
from forensics_app.model.person import Role
from tests.builders import PASSPHRASE, QUICK, Bench, new_person


def create(folder: Path, **more: str) -> None:
    new = NewLab(folder=folder, name=more.get("name", "Lab"), zone=more.get("zone", "UTC"))
    create_lab(
        new, new_person("Ada", Role.ADMINISTRATOR), more.get("passphrase", PASSPHRASE), key_parameters=QUICK
    ).close()


def test_a_lab_is_created_with_its_first_administrator_and_opened_again(tmp_path: Path) -> None:
    create(tmp_path / "lab")
    lab = open_lab(tmp_path / "lab")
    assert [person.name for person in lab.people.list()] == ["Ada"]
    assert lab.people.sign_in("Ada", PASSPHRASE).person.roles == {Role.ADMINISTRATOR}
    assert lab.verification.verify().ok
    lab.close()


@pytest.mark.parametrize(("key", "value"), [("name", " "), ("zone", "Mars/Olympus"), ("passphrase", "short")])
def test_a_creation_that_is_refused_leaves_no_lab(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(RefusedError):
        create(tmp_path / "lab", **{key: value})
    with pytest.raises(NotALabError):
        open_lab(tmp_path / "lab")
    create(tmp_path / "lab")


def test_a_folder_with_something_in_it_does_not_become_a_lab(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(RefusedError, match="not empty"):
        create(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_creation_killed_before_its_end_leaves_a_folder_that_is_no_lab(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from tests.builders import *\n"
        "def clock(): os.kill(os.getpid(), 9)\n"
        "new = NewLab(folder=Path(sys.argv[1]), name='Lab')\n"
        "create_lab(new, new_person('Ada', Role.ADMINISTRATOR), PASSPHRASE, now=clock, key_parameters=QUICK)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "lab")], cwd=Path(__file__).parents[2], check=False
    )
    assert done.returncode == -9
    with pytest.raises(NotALabError):
        open_lab(tmp_path / "lab")


def test_what_is_no_lab_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NotALabError, match="no folder"):
        open_lab(tmp_path / "nowhere")
    with pytest.raises(NotALabError, match=r"no lab\.db"):
        open_lab(tmp_path)
    (tmp_path / "lab.db").write_bytes(b"not a database")
    with pytest.raises(NotALabError, match="not the record"):
        open_lab(tmp_path)


def test_a_lab_of_a_newer_program_is_refused(bench: Bench) -> None:
    folder = bench.lab.folder.root
    bench.lab.close()
    with sqlite3.connect(folder / "lab.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
    with pytest.raises(NewerLabError) as newer:
        open_lab(folder)
    words = explain(newer.value)
    assert words is not None
    assert "newer version" in words.what
    assert "Install" in words.then


def test_a_damaged_database_is_told_in_words(bench: Bench) -> None:
    folder = bench.lab.folder.root
    bench.lab.close()
    content = bytearray((folder / "lab.db").read_bytes())
    content[100:4096] = os.urandom(3996)
    (folder / "lab.db").write_bytes(content)
    with pytest.raises((LabUnusableError, NotALabError)):
        open_lab(folder)


def test_a_lab_that_another_program_holds_is_told_in_words(bench: Bench) -> None:
    holder = sqlite3.connect(bench.lab.folder.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    impatient = bench.lab.database
    impatient._engine.dispose()
    with pytest.raises(LabLockedError, match="Another program"):
        bench.case()
    holder.execute("ROLLBACK")
    holder.close()
    assert bench.case().number == "2026-0147"


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told_in_words(bench: Bench) -> None:
    bench.lab.close()
    bench.lab.folder.root.chmod(0o500)
    with pytest.raises(LabUnusableError, match="cannot be opened"):
        open_lab(bench.lab.folder.root)
    bench.lab.folder.root.chmod(0o700)


def test_a_full_disk_is_told_in_words_and_nothing_is_half_written(bench: Bench) -> None:
    case = bench.case()
    with bench.lab.database.writing() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    bench.lab.database.close()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    from sqlalchemy import event

    event.listen(bench.lab.database._engine, "connect", limit)
    before = len(bench.lab.custody.case_history(case.id))
    with pytest.raises(LabUnusableError, match="full"):
        list(map(bench.exhibit, [case] * 200, map(str, range(200))))
    event.remove(bench.lab.database._engine, "connect", limit)
    bench.lab.database.close()
    assert len(bench.lab.custody.case_history(case.id)) == before + 2 * len(bench.lab.exhibits.list(case.id))
    assert bench.lab.verification.verify().ok


def test_network_mounts_are_told_from_local_ones() -> None:
    mounts = [
        "/dev/sda1 / ext4 rw 0 0",
        "server:/x /srv/share nfs4 rw 0 0",
        "//nas/x /mnt/with\\040space cifs rw 0 0",
        "/dev/sdb1 /srv/share/local xfs rw 0 0",
    ]
    assert kind_of_mount(Path("/home/lab"), mounts) == "ext4"
    assert kind_of_mount(Path("/srv/share/lab"), mounts) == "nfs4"
    assert kind_of_mount(Path("/mnt/with space/lab"), mounts) == "cifs"
    assert kind_of_mount(Path("/srv/share/local/lab"), mounts) == "xfs"


def test_a_start_loads_only_what_it_takes_to_ask_who_signs_in(bench: Bench) -> None:
    later = (
        "pytsk3", "PIL", "reportlab", "alembic", "evidence.examine", "evidence.acquisition", "evidence.images",
        "forensics_app.model.dossier", "forensics_app.services.custody", "forensics_app.services.reporting",
    )  # fmt: skip
    code = f"""
import sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
lab = open_lab(Path({str(bench.lab.folder.root)!r}))
people = lab.people.list()
print([name for name in {later!r} if name in sys.modules])
lab.build_all()
print([name for name in {later!r} if name in sys.modules])
lab.close()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    at_start, afterwards = done.stdout.splitlines()
    assert at_start == "[]"
    assert "forensics_app.services.reporting" in afterwards


def test_everything_that_a_lab_does_is_built_once(bench: Bench) -> None:
    lab = open_lab(bench.lab.folder.root)
    named = [name for name, value in vars(Lab).items() if isinstance(value, Built)]
    first = {name: getattr(lab, name) for name in named}
    lab.build_all()
    assert len(named) > 30
    assert all(getattr(lab, name) is made for name, made in first.items())
    assert lab.acquisitions.intake is lab.intake
    assert lab.reporting.examine is lab.examine
    lab.close()
