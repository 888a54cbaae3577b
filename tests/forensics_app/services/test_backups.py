"""A lab is backed up while it is in use, and restored whole and verified, or not at all (REQ-70)."""

import hashlib
import io
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from forensics_app.bootstrap import open_lab, restore_lab
from forensics_app.db.engine import Database, sqlite_url
from forensics_app.db.filelock import held
from forensics_app.db.moving import differences
from forensics_app.db.search_file import SearchFile, create_search
from forensics_app.db.snapshot import snapshot
from forensics_app.errors import (
    BackupDamagedError,
    LabUnusableError,
    PermissionRefusedError,
    RefusedError,
    SignInRefusedError,
)
from forensics_app.model.backup import BackupAct, BackupLine, NewBackup, Restored, RestoreRequest
from forensics_app.model.exhibit import NewPhoto, PhotoView
from forensics_app.model.search import SearchId, SearchRequest, secret_key
from forensics_app.services.backup_file import is_of_a_lab, is_plain_name, read_backup
from resources import path as resource
from tests.builders import PASSPHRASE, QUICK, Bench, make_bench

DATABASES = ("sqlite", "postgresql")
SECRET = "paper tiger lantern"
ROOT = Path(__file__).parents[3]


def with_photo(bench: Bench) -> Path:
    exhibit = bench.exhibit(bench.case())
    photo = bench.lab.exhibits.add_photo(
        bench.custodian, exhibit.id, NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    )
    return bench.lab.exhibits.photo_path(photo)


def backed_up(bench: Bench, folder: Path, passphrase: str | None = None) -> BackupLine:
    folder.mkdir(exist_ok=True)
    return bench.lab.backups.make(bench.admin, NewBackup(target=folder, passphrase=passphrase))


def restore(source: str | Path, target: Path, **more: object) -> Restored:
    passphrase = more.pop("passphrase", None)
    asked = RestoreRequest(source=Path(source), target=target, passphrase=passphrase, **more)  # type: ignore[arg-type]
    return restore_lab(asked, "Ada Admin", PASSPHRASE, key_parameters=QUICK)


@pytest.mark.req("REQ-70")
def test_a_backup_made_while_others_write_is_restored_with_every_entry_row_and_file(
    bench: Bench, tmp_path: Path
) -> None:
    photo = with_photo(bench)
    stop = threading.Event()

    def go_on_writing() -> None:
        number = 0
        while not stop.wait(0.02):
            number += 1
            bench.case(f"2026-1{number:03}")

    others = threading.Thread(target=go_on_writing)
    others.start()
    try:
        line = backed_up(bench, tmp_path / "kept", SECRET)
    finally:
        stop.set()
        others.join()
    assert line.is_encrypted
    assert b"Lindenhof" not in Path(line.place).read_bytes()
    assert [one.sha256 for one in bench.lab.backups.standing().lines] == [line.sha256]
    assert bench.lab.verification.verify().ok

    restored = restore(line.place, tmp_path / "back", passphrase=SECRET)
    assert restored.backup.sha256.hex() == line.sha256
    lab = open_lab(tmp_path / "back", key_parameters=QUICK)
    report = lab.verification.verify()
    assert report.ok
    assert report.files_compared == 1
    assert (tmp_path / "back" / photo.relative_to(bench.lab.folder.root)).read_bytes() == photo.read_bytes()
    own, manifest = str(lab.info.id), restored.backup.manifest
    entries = {str(one.chain): one.entries for one in report.chains}
    assert entries.pop(own) > manifest.chains[own][0]
    assert entries == {chain: count for chain, (count, _) in manifest.chains.items() if chain != own}
    (told,) = lab.backups.standing().lines
    assert (told.act, told.by, told.sha256) == (BackupAct.RESTORED, "Ada Admin", line.sha256)
    lab.close()


def test_the_copied_record_holds_every_value_of_every_row(bench: Bench, tmp_path: Path) -> None:
    with_photo(bench)
    snapshot(bench.lab.database, tmp_path / "record")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("record")] == ["record"]
    copy = Database(sqlite_url(tmp_path / "record"))
    with bench.lab.database.reading() as one, copy.reading() as other:
        assert list(differences(one, other)) == []
    copy.close()


def test_only_administrators_and_supervisors_back_a_lab_up(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(PermissionRefusedError):
        bench.lab.backups.make(bench.examiner, NewBackup(target=tmp_path, passphrase=None))
    with pytest.raises(PermissionRefusedError):
        bench.lab.backups.set_interval(bench.custodian, 7)
    assert list(tmp_path.glob("*.tar*")) == []


@pytest.mark.req("REQ-70")
def test_a_backup_is_due_when_the_interval_is_over_and_not_after_one_was_made(bench: Bench, tmp_path: Path) -> None:
    backups = bench.lab.backups
    assert not backups.standing().is_due(bench.clock.at + timedelta(days=3000))
    backups.set_interval(bench.supervisor, 7)
    for days in (0, 3651, 7):
        with pytest.raises(RefusedError):
            backups.set_interval(bench.supervisor, days)
    bench.clock.at += timedelta(days=8)
    assert backups.standing().is_due(bench.clock.at)
    backed_up(bench, tmp_path / "kept")
    assert not backups.standing().is_due(bench.clock.at)
    assert backups.standing().is_due(bench.clock.at + timedelta(days=7))
    assert bench.lab.verification.verify().ok


def test_a_backup_is_refused_in_the_lab_folder_over_a_file_and_under_a_short_passphrase(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "there.tar").write_bytes(b"kept")
    folder = tmp_path / "kept"
    folder.mkdir()
    for target, passphrase, words in (
        (bench.lab.folder.root, None, "lost with it"),
        (bench.lab.folder.root / "cases" / "x.tar", None, "lost with it"),
        (tmp_path / "there.tar", None, "already exists"),
        (folder, "short", "12"),
    ):
        with pytest.raises(RefusedError, match=words):
            bench.lab.backups.make(bench.admin, NewBackup(target=target, passphrase=passphrase))
    assert (tmp_path / "there.tar").read_bytes() == b"kept"
    assert list(folder.iterdir()) == []
    assert list(bench.lab.folder.scratch.iterdir()) == []
    assert bench.lab.backups.standing().lines == ()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a lab with a photograph, made once; not encrypted."""
    folder = tmp_path_factory.mktemp("kept")
    bench = make_bench(folder / "lab")
    with_photo(bench)
    line = backed_up(bench, folder / "backups")
    bench.lab.close()
    return Path(line.place)


@pytest.mark.req("REQ-70")
def test_a_change_of_any_byte_of_a_file_in_a_backup_is_found(kept: Path, tmp_path: Path) -> None:
    data = kept.read_bytes()
    with tarfile.open(kept) as tar:
        members = {member.name: member for member in tar}
    places = [
        member.offset_data + member.size * part // 7
        for member in members.values()
        for part in range(7)
        if member.name != "manifest.json"
    ]
    places += [
        members["manifest.json"].offset_data + data[members["manifest.json"].offset_data :].index(b'"head"') + 12
    ]
    changed = tmp_path / "changed.tar"
    for place in places:
        changed.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        with pytest.raises((BackupDamagedError, RefusedError)):
            restore(changed, tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["changed.tar"]


@pytest.mark.req("REQ-70")
def test_half_a_backup_is_found_wherever_it_ends(kept: Path, tmp_path: Path) -> None:
    data, half = kept.read_bytes(), tmp_path / "half.tar"
    for size_bytes in (0, 100, 512, 700, len(data) // 3, len(data) // 2, len(data) - 3000, len(data) - 1500):
        half.write_bytes(data[:size_bytes])
        with pytest.raises(BackupDamagedError):
            read_backup(half, None, lambda *_: None)


def member(name: str, kind: bytes = tarfile.REGTYPE, content: bytes = b"x") -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, "/etc/passwd", len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(info, io.BytesIO(content))
    return made.getvalue()[: 512 * (2 if kind == tarfile.REGTYPE else 1)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../out", tarfile.REGTYPE),
        ("/tmp/out", tarfile.REGTYPE),
        ("cases/../../out", tarfile.REGTYPE),
        ("C:out", tarfile.REGTYPE),
        ("cases\\out", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("link", tarfile.LNKTYPE),
        ("device", tarfile.CHRTYPE),
        ("folder", tarfile.DIRTYPE),
        ("lab.db", tarfile.REGTYPE),
        ("more", tarfile.REGTYPE),
        ("lab-server.json", tarfile.REGTYPE),
        ("./lab-server.json", tarfile.REGTYPE),
        ("record", tarfile.REGTYPE),
        ("lab.db-wal", tarfile.REGTYPE),
        ("jobs/x.lock", tarfile.REGTYPE),
        ("cases/x/photos/x.jpg", tarfile.REGTYPE),
        ("cases/00000000-0000-4000-8000-000000000000/x.jpg", tarfile.REGTYPE),
    ],
)
def test_a_backup_with_a_name_or_kind_that_none_has_is_refused(
    kept: Path, tmp_path: Path, name: str, kind: bytes
) -> None:
    hostile = tmp_path / "inner" / "hostile.tar"
    hostile.parent.mkdir()
    hostile.write_bytes(member(name, kind) + kept.read_bytes())
    with pytest.raises(BackupDamagedError):
        restore(hostile, tmp_path / "inner" / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert [path.name for path in hostile.parent.iterdir()] == ["hostile.tar"]
    assert not is_plain_name("cases/nul:")


@pytest.mark.req("REQ-70")
def test_a_backup_that_leads_to_a_foreign_server_is_refused_also_where_its_manifest_names_that(
    kept: Path, tmp_path: Path
) -> None:
    content, names = b'{"url": "postgresql://elsewhere/lab"}', []
    with tarfile.open(kept) as tar, tarfile.open(tmp_path / "hostile.tar", "w") as made:
        for one in tar:
            data = tar.extractfile(one).read()  # type: ignore[union-attr]
            if one.name == "manifest.json":
                told = json.loads(data)
                sha256 = hashlib.sha256(content).hexdigest()
                told["files"].append({"name": "lab-server.json", "size_bytes": len(content), "sha256": sha256})
                data = json.dumps(told).encode()
                foreign = tarfile.TarInfo("lab-server.json")
                foreign.size = len(content)
                made.addfile(foreign, io.BytesIO(content))
            one.size = len(data)
            made.addfile(one, io.BytesIO(data))
            names.append(one.name)
    assert names[-1] == "manifest.json"
    with pytest.raises(BackupDamagedError, match="is nothing that a backup holds"):
        restore(tmp_path / "hostile.tar", tmp_path / "back")
    assert not (tmp_path / "back").exists()


@pytest.mark.req("REQ-70")
def test_every_file_that_a_lab_keeps_is_backed_up_under_a_name_that_is_restored(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    folder, case_id, id_ = bench.lab.folder, bench.case().id, uuid4()
    kept_files = [
        folder.photo(case_id, bytes(32), ".jpg"), folder.paper(case_id, bytes(32), ".pdf"),
        folder.report(case_id, id_), folder.upgraded_report(case_id, bytes(32)), folder.signing_key("00"),
        folder.validation(bench.clock(), bytes(32)), folder.made_stationery() / "letterhead.toml",
        folder.hash_sets / str(id_) / "md5", folder.root / "guidance" / "steps.toml",
        folder.catalogue(case_id, id_), folder.second_reading(case_id, id_, "v1"), folder.matches(case_id, id_),
    ]  # fmt: skip
    left_out = [folder.server, folder.jobs / "x.lock", folder.root / "notes" / "x.txt"]
    for path in (*kept_files, *left_out):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "kept").mkdir()
    line = bench.lab.backups.make(
        bench.admin, NewBackup(target=tmp_path / "kept", passphrase=None, with_catalogues=True)
    )
    names = {one.name for one in read_backup(Path(line.place), None, lambda *_: None).manifest.files}
    assert names == {"READ-ME.txt", "lab.db"} | {path.relative_to(folder.root).as_posix() for path in kept_files}
    assert all(is_of_a_lab(name) for name in names)
    assert "not in it: notes." in bench.lab.journal.list()[0].message
    bench.lab.close()


def test_searches_go_with_the_catalogues_and_those_of_secret_terms_only_where_it_is_encrypted(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    folder, case_id, image_id = bench.lab.folder, bench.case().id, uuid4()
    plain, secret = SearchRequest(terms=("harbour",)), SearchRequest(terms=("swordfish",), secret_key=secret_key())
    paths: dict[SearchRequest, Path] = {}
    for request in (plain, secret):
        id_ = SearchId(uuid4())
        paths[request] = folder.searches(case_id, image_id) / f"{id_}.db"
        paths[request].parent.mkdir(parents=True, exist_ok=True)
        create_search(
            paths[request], search_id=id_, request=request, catalogue_sha256="00", started_at=bench.clock(),
            person="Ana", units=1, spaces={},
        )  # fmt: skip
    (paths[plain].parent / "torn.db").write_bytes(b"x" * 100)
    names = {request: path.relative_to(folder.root).as_posix() for request, path in paths.items()}
    for passphrase, catalogues, expected in (
        (None, False, set()), (None, True, {plain}), (SECRET, False, {secret}), (SECRET, True, {plain, secret}),
    ):  # fmt: skip
        target = tmp_path / f"kept-{passphrase is None}-{catalogues}"
        target.mkdir()
        new = NewBackup(target=target, passphrase=passphrase, with_catalogues=catalogues)
        line = bench.lab.backups.make(bench.admin, new)
        files = read_backup(Path(line.place), passphrase, lambda *_: None).manifest.files
        assert {one.name for one in files} & set(names.values()) == {names[request] for request in expected}
        said = bench.lab.journal.list()[0].message
        assert ("as it is not encrypted: 1." in said) == (passphrase is None)
        assert "cannot be read and are not in it: 1." in said
        assert line.left_out
        assert said.endswith(f"read back and compared. {line.left_out}"), "who makes it is told what the journal tells"
        assert bench.lab.backups.standing().lines[-1].left_out == line.left_out, "and so does the record"
        assert list(folder.scratch.iterdir()) == []
    restore(line.place, tmp_path / "restored", passphrase=SECRET)
    with SearchFile(tmp_path / "restored" / names[secret]) as found:
        assert found.request == secret
    bench.lab.close()


KILLED_BACKUP = """
import os, signal, sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
from forensics_app.model.backup import NewBackup
from tests.builders import PASSPHRASE, QUICK
lab = open_lab(Path(sys.argv[1]), key_parameters=QUICK)
admin = lab.people.sign_in("Ada Admin", PASSPHRASE)
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
lab.backups.make(admin, NewBackup(target=Path(sys.argv[2]), passphrase=None), die)
"""


@pytest.mark.skipif(os.name != "posix", reason="rights and signals of POSIX systems")
def test_a_killed_backup_was_its_owners_alone_and_what_it_left_is_removed_by_the_next(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    folder = tmp_path / "kept"
    folder.mkdir()
    words = [sys.executable, "-c", KILLED_BACKUP, str(bench.lab.folder.root), str(folder)]
    done = subprocess.run(words, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == -signal.SIGKILL
    (left,) = folder.glob("*.part")
    assert stat.S_IMODE(left.stat().st_mode) == 0o600
    running = folder / f".{'0' * 32}.backup.part"
    running.write_bytes(b"of another backup")
    (folder / ".mine.part").write_bytes(b"somebody's")
    with held(running.with_name(f"{running.name}.lock")):
        line = backed_up(bench, folder)
        made = Path(line.place)
        locked = f"{running.name}.lock"
        assert {path.name for path in folder.iterdir()} == {made.name, running.name, locked, ".mine.part"}
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    bench.lab.close()


def test_a_lab_that_does_not_verify_is_restored_only_when_that_is_asked_for(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    with_photo(bench).unlink()
    line = backed_up(bench, tmp_path / "kept")
    bench.lab.close()
    assert line.finding_count == 1
    with pytest.raises(RefusedError, match="photograph"):
        restore(line.place, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    restored = restore(line.place, tmp_path / "back", despite_findings=True)
    assert len(restored.findings) == 1


def test_nothing_is_restored_over_a_lab_under_another_root_or_by_a_stranger(kept: Path, tmp_path: Path) -> None:
    restore(kept, tmp_path / "back")
    before = (tmp_path / "back" / "lab.db").read_bytes()
    with pytest.raises(RefusedError, match=r"the lab .* lies there, with \d+ entries"):
        restore(kept, tmp_path / "back")
    assert (tmp_path / "back" / "lab.db").read_bytes() == before
    with pytest.raises(RefusedError, match="root key"):
        restore(kept, tmp_path / "other", root="00" * 32)
    asked = RestoreRequest(source=kept, target=tmp_path / "other", passphrase=None)
    with pytest.raises(SignInRefusedError):
        restore_lab(asked, "Ada Admin", "not the passphrase", key_parameters=QUICK)
    with pytest.raises(PermissionRefusedError):
        restore_lab(asked, "Ana Kovač", PASSPHRASE, key_parameters=QUICK)
    assert [path.name for path in tmp_path.iterdir()] == ["back"]


KILLED = """
import os, signal, sys
from pathlib import Path
from forensics_app.bootstrap import restore_lab, utc_now
from forensics_app.model.backup import RestoreRequest
from tests.builders import PASSPHRASE, QUICK
calls = 0
def die(*_):
    global calls
    calls += 1
    if calls == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    return utc_now()
where = {sys.argv[3]: die}
asked = RestoreRequest(source=Path(sys.argv[1]), target=Path(sys.argv[2]), passphrase=None)
restore_lab(asked, "Ada Admin", PASSPHRASE, key_parameters=QUICK, **where)
"""


@pytest.mark.req("REQ-70")
@pytest.mark.parametrize(("where", "times"), [("on_progress", 1), ("now", 1), ("now", 3)])
def test_a_killed_restore_leaves_nothing_that_looks_like_a_lab_and_is_done_again(
    kept: Path, tmp_path: Path, where: str, times: int
) -> None:
    words = [sys.executable, "-c", KILLED, str(kept), str(tmp_path / "back"), where, str(times)]
    done = subprocess.run(words, cwd=ROOT, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "back").exists()
    assert list(tmp_path.rglob("lab.db")) == []
    restore(kept, tmp_path / "back")
    assert [path.name for path in tmp_path.iterdir()] == ["back"]


def test_a_full_disk_leaves_no_part_of_a_backup(tmp_path: Path) -> None:
    resource_module = pytest.importorskip("resource", reason="limits of POSIX")
    bench = make_bench(tmp_path / "lab")
    (tmp_path / "kept").mkdir()
    (tmp_path / "lab" / "guidance").mkdir()
    (tmp_path / "lab" / "guidance" / "large.toml").write_bytes(bytes(8 * 1024 * 1024))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource_module.getrlimit(resource_module.RLIMIT_FSIZE)
    resource_module.setrlimit(resource_module.RLIMIT_FSIZE, (4 * 1024 * 1024, limits[1]))
    try:
        with pytest.raises(LabUnusableError):
            backed_up(bench, tmp_path / "kept")
    finally:
        resource_module.setrlimit(resource_module.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert list((tmp_path / "kept").iterdir()) == []
    bench.lab.close()
