"""An encrypted lab folder: nothing in it can be read without a passphrase, and nothing is lost by that (REQ-70)."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from chain_of_custody.store_key import StoreKey
from forensics_app.bootstrap import (
    Lab,
    move_lab,
    open_lab,
    open_lab_untouched,
    restore_lab,
    sign_for_move,
    unlocked,
    who_unlocks,
)
from forensics_app.db import schema
from forensics_app.db.store_keys import hold, key_for, release
from forensics_app.errors import LabUnusableError, RefusedError, SignInRefusedError, StoreLockedError, StoreRefusedError
from forensics_app.model.backup import NewBackup, RestoreRequest
from forensics_app.model.hash_set import HashSetKind
from forensics_app.model.image import EvidenceImage
from forensics_app.model.person import Role
from forensics_app.model.timeline import TimelineQuery
from forensics_app.services.folder import content_of
from forensics_app.services.people import sealed_digest
from forensics_app.services.store import Store
from tests.builders import PASSPHRASE, QUICK, Bench, make_bench, new_person
from tests.forensics_app.servers import Server
from tests.forensics_app.services.worked_in_lab import MARKS, work_in

ROOT = Path(__file__).parents[3]
ADA, ANA = "Ada Admin", "Ana Kovač"
NEW = "quiet harbour with cranes"


@dataclass(frozen=True)
class Kept:
    """A closed encrypted lab in which everything was kept, and the moment until which it was worked in."""

    folder: Path
    at: datetime
    image: EvidenceImage

    def copy(self, folder: Path) -> Path:
        return shutil.copytree(self.folder, folder / "lab")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    place = tmp_path_factory.mktemp("encrypted")
    bench = make_bench(place / "lab", encrypted=True)
    image = work_in(bench, place / "sources")
    bench.lab.close()
    return Kept(place / "lab", bench.clock.at, image)


@pytest.fixture
def folder(kept: Kept, tmp_path: Path) -> Path:
    return kept.copy(tmp_path)


def opened(folder: Path, name: str = ADA, passphrase: str = PASSPHRASE) -> Lab:
    with unlocked(folder, name, passphrase):
        return open_lab(folder, key_parameters=QUICK)


def marks_in(*folders: Path) -> set[str]:
    """Which marks stand in any file, or in the name of any, in UTF-8 or UTF-16."""
    found = set()
    for path in (path for folder in folders for path in folder.rglob("*")):
        content = str(path).encode() + (path.read_bytes() if path.is_file() else b"")
        for mark in MARKS:
            if any(mark.encode(form) in content for form in ("utf-8", "utf-16-le", "utf-16-be")):
                found.add(mark)
    return found


@pytest.fixture
def at_work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    (tmp_path / "temp").mkdir()
    words = ["-m", "tests.forensics_app.services.worked_in_lab", str(tmp_path / "lab"), request.param]
    worker = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path / "temp")},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "at work\n"
        yield tmp_path, worker
        worker.kill()


@pytest.mark.req("REQ-70")
@pytest.mark.skipif(os.name != "posix", reason="what is killed with SIGKILL")
@pytest.mark.parametrize(("at_work", "readable"), [("encrypted", set()), ("plain", set(MARKS))], indirect=["at_work"])
def test_no_mark_can_be_read_while_a_lab_is_worked_in_nor_after_it_was_killed(
    at_work: tuple[Path, subprocess.Popen[str]], readable: set[str]
) -> None:
    place, worker = at_work
    places = (place / "lab", place / "temp")
    assert marks_in(*places) == readable
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert marks_in(*places) == readable
    if not readable:
        lab = opened(place / "lab")
        assert lab.verification.verify().ok
        assert lab.cases.list()[0].number in MARKS
        lab.close()


@pytest.mark.req("REQ-70")
def test_a_lab_is_opened_by_name_and_passphrase_and_by_nothing_else(folder: Path) -> None:
    assert who_unlocks(folder) is not None
    assert ANA in (who_unlocks(folder) or ())
    for opening in (open_lab, open_lab_untouched):
        with pytest.raises(StoreLockedError, match="is encrypted"):
            opening(folder)
    for name, passphrase in ((ADA, "correct horse batterz"), ("Nobody", PASSPHRASE), (ADA, "")):
        with pytest.raises(StoreRefusedError, match="do not open"), unlocked(folder, name, passphrase):
            pass
    with pytest.raises(sqlcipher.DatabaseError):
        sqlcipher.connect(folder / "lab.db").execute("SELECT * FROM lab")
    lab = opened(folder, ANA)
    assert lab.verification.verify().ok
    lab.close()
    assert key_for(folder) is None
    with pytest.raises(StoreLockedError):
        open_lab(folder)


def test_a_lab_that_is_only_verified_is_not_written_to(folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with unlocked(folder, ANA, PASSPHRASE):
        lab = open_lab_untouched(folder)
    assert lab.verification.verify().ok
    assert lab.database.is_as_opened()
    lab.close()
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.req("REQ-70")
def test_everything_that_was_kept_is_read_again(kept: Kept, folder: Path) -> None:
    lab = opened(folder)
    case = lab.cases.list()[0]
    (report,) = lab.reporting.list(case.id)
    assert lab.report_upgrades.file(report).pdf.startswith(b"%PDF-")
    assert not lab.reporting.path(report).read_bytes().startswith(b"%PDF-")
    (info,) = lab.searching.list(kept.image)
    with lab.searching.open(kept.image, info.id) as found:
        assert len(tuple(found.all())) == 1
    with lab.timelines.open(case.id) as timeline:
        assert len(timeline.ids(TimelineQuery())) > 0
    with lab.hash_matching.of(kept.image) as matches:
        assert list(matches.ids(HashSetKind.KNOWN)) == []
    exhibit = lab.exhibits.list(case.id)[0]
    (photo,) = lab.exhibits.photos(exhibit.id)
    assert lab.exhibits.thumbnail(photo, 64).startswith(b"\x89PNG")
    lab.close()


@pytest.mark.req("REQ-70")
def test_a_changed_passphrase_opens_the_lab_and_the_old_one_does_not(folder: Path) -> None:
    lab = opened(folder)
    lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    lab.close()
    with pytest.raises(StoreRefusedError):
        opened(folder, ANA)
    lab = opened(folder, ANA, NEW)
    lab.people.sign_in(ANA, NEW)
    assert len(list(lab.folder.store_keys.iterdir())) == 4
    assert lab.verification.verify().ok
    lab.close()


@pytest.mark.req("REQ-70")
def test_who_is_enrolled_opens_the_lab_and_who_left_does_not_until_there_is_a_new_key(folder: Path) -> None:
    lab = opened(folder)
    admin = lab.people.sign_in(ADA, PASSPHRASE)
    left = lab.people.enrol(admin, new_person("Nina Novak", frozenset({Role.EXAMINER})), NEW)
    lab.close()
    lab = opened(folder, "Nina Novak", NEW)
    lab.people.revoke(admin, left.id, "left the laboratory")
    lab.close()
    assert "Nina Novak" not in (who_unlocks(folder) or ())
    with pytest.raises(StoreRefusedError):
        opened(folder, "Nina Novak", NEW)
    lab = opened(folder)
    lab.person_keys.replace(admin, left.id, "another passphrase of hers", "came back")
    lab.close()
    opened(folder, "Nina Novak", "another passphrase of hers").close()


def test_a_lost_slot_is_made_again_when_its_person_signs_in(folder: Path) -> None:
    lab = opened(folder)
    ana = next(path for path in lab.folder.store_keys.iterdir() if ANA in path.read_text("utf-8"))
    ana.write_text("{}")
    assert ANA not in (who_unlocks(folder) or ())
    ana.unlink()
    lab.people.sign_in(ANA, PASSPHRASE)
    lab.close()
    opened(folder, ANA).close()


@pytest.mark.req("REQ-70")
def test_a_backup_is_restored_without_a_switch_where_somebody_has_not_signed_in_since_the_key_was_made(
    folder: Path, tmp_path: Path
) -> None:
    next(path for path in (folder / "store-keys").iterdir() if ANA in path.read_text("utf-8")).unlink()
    lab = opened(folder)
    admin = lab.people.sign_in(ADA, PASSPHRASE)
    line = lab.backups.make(admin, NewBackup(target=tmp_path / "kept.tar", passphrase=None))
    assert (line.finding_count, len(line.locked_out)) == (0, 1)
    assert f"{ANA} cannot unlock the encrypted lab folder" in line.locked_out[0]
    assert lab.verification.verify().file_findings == line.locked_out
    lab.close()
    asked = RestoreRequest(source=Path(line.place), target=tmp_path / "restored", passphrase=None)
    restored = restore_lab(asked, ADA, PASSPHRASE, key_parameters=QUICK)
    assert (restored.findings, restored.locked_out) == ((), line.locked_out)
    lab = opened(tmp_path / "restored")
    told = lab.custody.lab_history()[-1]
    assert (told.action, told.facts["finding_count"], told.facts["locked_out"]) == (
        "lab.restore", 0, list(line.locked_out),
    )  # fmt: skip
    lab.people.sign_in(ANA, PASSPHRASE).key.close()
    assert lab.verification.verify().ok, "who is away signs in later, and nothing else is to be done"
    lab.close()
    with pytest.raises(RefusedError, match="an encrypted lab lies there"):
        restore_lab(asked, ADA, PASSPHRASE, key_parameters=QUICK)


def test_a_slot_that_somebody_put_there_opens_nothing_and_is_removed(folder: Path) -> None:
    foreign = StoreKey.create().seal_for("00000000-0000-0000-0000-000000000000", "Eve", NEW, parameters=QUICK)
    path = folder / "store-keys" / f"{foreign.person}-{'0' * 16}.json"
    path.write_bytes(foreign.to_json())
    with pytest.raises(LabUnusableError):
        opened(folder, "Eve", NEW)
    lab = opened(folder)
    lab.people.sign_in(ADA, PASSPHRASE)
    assert not path.exists()
    lab.close()


KILLED = """
import os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import Engine, event
from forensics_app.bootstrap import open_lab, unlocked
from tests.builders import PASSPHRASE, QUICK

folder, new = Path(sys.argv[1]), sys.argv[2]
for steps in range(100):
    copy = folder.with_name(f"killed-{steps}")
    shutil.copytree(folder, copy)
    if not (child := os.fork()):
        with unlocked(copy, "Ada Admin", PASSPHRASE):
            lab = open_lab(copy, key_parameters=QUICK)
        done = []

        def step(*_):
            if len(done) == steps:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(None)

        event.listen(Engine, "before_cursor_execute", lambda c, cursor, said, *_: said[:6] != "SELECT" and step())
        event.listen(Engine, "commit", step)
        lab.person_keys.change_passphrase("Ana Kovač", PASSPHRASE, new)
        step()
        os._exit(0)
    print(copy, flush=True)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


@pytest.mark.req("REQ-70")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_change_of_passphrase_that_is_killed_anywhere_locks_nobody_out(folder: Path) -> None:
    words = [sys.executable, "-c", KILLED, str(folder), NEW]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    copies = [Path(line) for line in said.splitlines()]
    assert len(copies) > 5
    opens = []
    for copy in copies:
        for passphrase in (PASSPHRASE, NEW):
            try:
                lab = opened(copy, ANA, passphrase)
            except StoreRefusedError:
                continue
            try:
                lab.people.sign_in(ANA, passphrase).key.close()
                opens.append(passphrase)
                break
            except SignInRefusedError:
                continue
            finally:
                lab.close()
        else:
            raise AssertionError(f"{copy} is opened by neither passphrase")
    assert opens == sorted(opens, key=(PASSPHRASE, NEW).index)
    assert set(opens) == {PASSPHRASE, NEW}


@pytest.mark.req("REQ-70")
def test_a_backup_of_an_encrypted_lab_is_encrypted_and_restored_with_a_passphrase_of_its_people(
    folder: Path, tmp_path: Path
) -> None:
    lab = opened(folder)
    admin = lab.people.sign_in(ADA, PASSPHRASE)
    (tmp_path / "backups").mkdir()
    new = NewBackup(target=tmp_path / "backups", passphrase=None, with_catalogues=True)
    line = lab.backups.make(admin, new)
    assert marks_in(tmp_path / "backups") == set()
    lab.close()
    asked = RestoreRequest(source=Path(line.place), target=tmp_path / "restored", passphrase=None)
    with pytest.raises(StoreRefusedError):
        restore_lab(asked, ADA, NEW, key_parameters=QUICK)
    assert not (tmp_path / "restored").exists()
    assert restore_lab(asked, ADA, PASSPHRASE, key_parameters=QUICK).findings == ()
    lab = opened(tmp_path / "restored", ANA)
    assert lab.verification.verify().ok
    lab.close()


@pytest.mark.req("REQ-70")
def test_a_lab_that_is_moved_to_a_server_keeps_its_files_encrypted(
    folder: Path, tmp_path: Path, server: Server
) -> None:
    url = server.empty_database()
    with pytest.raises(StoreLockedError):
        move_lab(folder, url)
    with unlocked(folder, ADA, PASSPHRASE):
        moved = move_lab(folder, url)
    sign_for_move(folder, ADA, PASSPHRASE, moved)
    with pytest.raises(StoreLockedError):
        open_lab(folder)
    lab = opened(folder, ANA)
    assert not lab.database.is_sqlite
    assert lab.verification.verify().ok
    lab.close()
    assert marks_in(folder) == set()


@pytest.mark.parametrize("revision", [schema.REVISIONS[0], schema.REVISIONS[-2]])
def test_an_earlier_lab_is_brought_up_to_date_in_an_encrypted_folder(tmp_path: Path, revision: str) -> None:
    key = StoreKey.create()
    plain = sqlcipher.connect(ROOT / "tests" / "old_databases" / f"{revision}.db", isolation_level=None)
    plain.execute("ATTACH ? AS sealed KEY ?", (str(tmp_path / "lab.db"), f"x'{key.of_databases.hex()}'"))
    plain.execute("SELECT sqlcipher_export('sealed')")
    plain.execute(f"PRAGMA sealed.user_version = {plain.execute('PRAGMA user_version').fetchone()[0]}")
    plain.close()
    (tmp_path / "store-keys").mkdir()
    hold(tmp_path, key)
    lab = open_lab(tmp_path, key_parameters=QUICK)
    release(tmp_path)
    store = Store(folder=lab.folder, parameters=QUICK)
    for person in (one for one in lab.people.list() if one.revoked_at is None):
        with lab.database.reading() as connection:
            store.keep(store.sealed(str(person.id), person.name, PASSPHRASE), sealed_digest(connection, person.id))
    assert lab.verification.verify().ok
    lab.close()
    copy = (tmp_path / f"lab-before-{schema.REVISIONS[-1]}.db").read_bytes()
    assert b"SQLite format" not in copy
    assert b"ledger_entry" not in copy


@pytest.mark.req("REQ-70")
def test_a_changed_byte_is_found_wherever_it_stands(kept: Kept, folder: Path) -> None:
    lab = opened(folder)
    files = [path for path in (folder / "cases").rglob("*") if path.suffix in (".jpg", ".pdf")]
    assert len(files) >= 3
    for path in files:
        content = path.read_bytes()
        for at in (30, len(content) // 2, len(content) - 1):
            path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
            assert [path.name in one for one in lab.verification.verify().file_findings] == [True]
        path.write_bytes(content)
    catalogue = lab.catalogues.path(kept.image)
    content = catalogue.read_bytes()
    for at in (3, 20, 2000, 4095):  # of the first page, which is always read
        catalogue.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        (finding,) = lab.verification.verify().file_findings
        assert "The catalogue of LH/01-I1" in finding
    lab.close()


def test_a_file_of_another_lab_is_not_taken_for_one_of_this(kept: Kept, folder: Path) -> None:
    path = next((folder / "cases").glob("*/photos/*"))
    path.write_bytes(b"".join(StoreKey.create().encrypted([b"another photograph"])))
    lab = opened(folder)
    with pytest.raises(OSError, match="another store"):
        content_of(path)
    assert len(lab.verification.verify().file_findings) == 1
    lab.close()


def test_the_guards_of_the_tables_stand_in_an_encrypted_record(folder: Path) -> None:
    lab = opened(folder)
    with lab.database.reading() as connection:
        assert schema.missing_triggers(connection) == set()
    with (
        pytest.raises(LabUnusableError, match="append-only"),
        lab.database.writing() as connection,
    ):
        connection.exec_driver_sql("DELETE FROM ledger_entry")
    lab.close()


def test_two_windows_on_one_lab_do_not_take_the_key_from_each_other(folder: Path) -> None:
    first = opened(folder)
    second = open_lab(folder, key_parameters=QUICK)
    first.close()
    first.close()
    assert second.verification.verify().ok
    second.close()
    assert key_for(folder) is None
    with pytest.raises(StoreLockedError):
        open_lab(folder)


def test_a_lab_that_is_not_encrypted_has_no_slots_and_asks_for_nothing(tmp_path: Path) -> None:
    bench: Bench = make_bench(tmp_path / "lab")
    bench.lab.person_keys.change_passphrase(ANA, PASSPHRASE, NEW)
    bench.lab.close()
    assert who_unlocks(tmp_path / "lab") is None
    assert not (tmp_path / "lab" / "store-keys").exists()
