"""Folders and several files copied out of an image, with a manifest; whatever the names, nothing lands elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import resource as limits
import shutil
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from forensics_app.__main__ import main
from forensics_app.errors import (
    CancelledError,
    HiddenContentError,
    LabUnusableError,
    PermissionRefusedError,
    RefusedError,
)
from forensics_app.model.catalogue import CatalogueEntry, CatalogueQuery
from forensics_app.model.image import EvidenceImage
from forensics_app.model.mark import MarkKind
from forensics_app.model.tag import FIRST_TAGS
from forensics_app.model.target import entry_target
from forensics_app.services.exported_tree import INCOMPLETE
from forensics_app.services.safe_names import safe_name, sameness
from tests.builders import PASSPHRASE, Bench, make_bench, reopened
from tests.forensics_app.services.test_files_and_races import refuse_new_rows, took_in
from tests.forensics_app.services.test_logical_evidence import take_in

ROOT = Path(__file__).parents[3]
DAY = timedelta(days=1)
DEEP = "/".join(f"a folder that lies in another, number {number}" for number in range(40))
HOSTILE = {
    "../../../escape.txt": b"escape",
    "/absolute.txt": b"absolute",
    "in/../../up.txt": b"up",
    "names/CON": b"con",
    "names/con.txt": b"con with an extension",
    "names/aux .txt": b"aux",
    "names/stream:hidden": b"stream",
    "names/end.": b"dot",
    "names/end ": b"blank",
    "names/end": b"neither",
    "names/END": b"case",
    "names/\u00e9": b"composed",
    "names/e\u0301": b"decomposed",
    "names/gpj.\u202eexe": b"turned around",
    "names/new\nline": b"line",
    "names/=cmd|calc": b"formula",
    "names/" + "n" * 4000 + ".txt": b"long",
    "names/\u041f\u0440\u0438\u0432\u0435\u0442 \u4ed8\u6b3e \u0645\u0633\u062a\u0646\u062f.txt": b"scripts",
    "names/\udcff\udcfe.bin": b"bytes that are no text",
    "long paths/a.txt": b"the name of our own folder",
    f"{DEEP}/end.txt": b"deep",
}


class Desk:
    """A lab with the demonstration disk and an archive of hostile names; copied where a test changes it."""

    def __init__(self, folder: Path) -> None:
        bench = self.bench = make_bench(folder / "lab")
        self.demo = bench.lab.catalogues.build(bench.examiner, took_in(bench).id)
        archive = folder / "hostile.tar"
        with tarfile.open(archive, "w", format=tarfile.PAX_FORMAT) as out:
            for name, content in HOSTILE.items():
                member = tarfile.TarInfo(name)
                member.size, member.mtime = len(content), 1_600_000_000
                out.addfile(member, io.BytesIO(content))
            link = tarfile.TarInfo("names/link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc"
            out.addfile(link)
            shortcut = tarfile.TarInfo("names/shortcut")
            shortcut.type, shortcut.linkname = tarfile.SYMTYPE, "../long paths/a.txt"
            out.addfile(shortcut)
        case = bench.lab.cases.list()[0]
        image = take_in(bench, bench.exhibit(case, "LH/02"), archive)
        self.hostile = bench.lab.catalogues.build(bench.examiner, image.id)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("exporting"))
    yield desk
    desk.bench.lab.close()


@pytest.fixture
def own(made: Desk, tmp_path: Path) -> Iterator[Bench]:
    """A lab of this test's own, with the same images."""
    shutil.copytree(made.bench.lab.folder.root, tmp_path / "lab")
    bench = reopened(tmp_path / "lab", made.bench.clock.at + DAY)
    yield bench
    bench.lab.close()


def entries(bench: Bench, image: EvidenceImage, **query: Any) -> tuple[CatalogueEntry, ...]:
    with bench.lab.catalogues.open(image) as catalogue:
        return catalogue.rows(catalogue.ids(CatalogueQuery(**query)))


def at(bench: Bench, image: EvidenceImage, path: str) -> CatalogueEntry:
    return next(entry for entry in entries(bench, image) if entry.path == path)


def manifest_of(target: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((target / "manifest.json").read_bytes())
    with (target / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["sha256_written"] for row in rows] == [one["sha256_written"] or "" for one in document["entries"]]
    return document


def all_files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_a_folder_comes_out_with_its_tree_its_times_and_a_manifest_of_every_entry(made: Desk, tmp_path: Path) -> None:
    bench, image = made.bench, made.demo
    folder = at(bench, image, "/Users")
    done = bench.lab.examine.exporting.tree(bench.examiner, image.id, [folder], tmp_path / "out")
    expected = {entry.path: entry for entry in entries(bench, image, folder_id=folder.id, recursive=True)}
    document = manifest_of(tmp_path / "out")
    told = {one["path"]: one for one in document["entries"]}
    assert set(told) == {*expected, "/Users"}
    assert (document["exhibit"], document["image"], document["totals"]["left_out"]) == ("LH/01", "LH/01-I1", 0)
    for path, entry in expected.items():
        one = told[path]
        copy = tmp_path / "out" / one["exported_name"]
        assert bytes.fromhex(one["path_bytes_hex"]).decode() == path
        assert {name: stamp["ns"] for name, stamp in one["times"].items()} == {
            name: stamp.ns for name, stamp in entry.times.items()
        }
        modified = entry.time("modified")
        assert modified is None or copy.stat().st_mtime_ns == modified.ns
        assert copy.is_dir() == (entry.kind == "directory")
        if entry.kind != "directory":
            assert hashlib.sha256(copy.read_bytes()).digest() == entry.sha256
            assert one["sha256_written"] == (entry.sha256 or b"").hex()
    assert told["/Users/l.mirel/Pictures/2026-02/IMG_2043.jpg"]["state"] == "deleted"
    assert (tmp_path / "out/files/Users/l.mirel/Pictures/holiday.jpg").is_file()
    written = {path.relative_to(tmp_path / "out").as_posix() for path in all_files(tmp_path / "out")}
    names = {one["exported_name"] for one in told.values() if one["sha256_written"]}
    assert written == names | {"manifest.json", "manifest.csv"}
    last = bench.lab.custody.case_history(image.case_id)[-1]
    assert (last.action, last.facts["files"], last.facts["path"]) == ("file.export", done.files, "/Users")
    assert last.facts["sha256"] == hashlib.sha256((tmp_path / "out/manifest.json").read_bytes()).hexdigest()
    assert last.facts["csv_sha256"] == hashlib.sha256((tmp_path / "out/manifest.csv").read_bytes()).hexdigest()
    assert bench.lab.verification.verify().ok


def test_whatever_the_names_every_file_lies_in_the_new_folder_under_a_name_that_all_systems_take(
    made: Desk, tmp_path: Path
) -> None:
    bench, image = made.bench, made.hostile
    around = tmp_path / "around"
    (around / "in").mkdir(parents=True)
    before = all_files(around)
    chosen = [entry for entry in entries(bench, image) if entry.parent_id is None]
    target = around / "in" / "out"
    bench.lab.examine.exporting.tree(bench.examiner, image.id, chosen, target)
    assert all(path.is_relative_to(target) for path in all_files(around) - before)
    document = manifest_of(target)
    contents = {(target / one["exported_name"]).read_bytes() for one in document["entries"] if one["sha256_written"]}
    assert {one["not_exported"] for one in document["entries"] if one["kind"] == "file"} == {None}
    assert contents == set(HOSTILE.values())
    for folder, below, files in os.walk(target / "files"):
        names = [*below, *files]
        assert [safe_name(name) for name in names] == names
        assert len({sameness(name) for name in names}) == len(names)
        assert not any(Path(folder, name).is_symlink() for name in names)
    assert max(len(str(path.relative_to(target))) for path in target.rglob("*")) < 250
    link = next(one for one in document["entries"] if one["kind"] == "link")
    assert (link["link_target"], link["exported_name"]) == ("/etc", None)
    raw = {bytes.fromhex(one["path_bytes_hex"]) for one in document["entries"]}
    assert any(path.endswith(b"/\xff\xfe.bin") for path in raw)
    table = (target / "manifest.csv").read_text(encoding="utf-8-sig")
    assert all(char.isprintable() or char in "\r\n" for char in table)


def test_a_choice_of_several_is_one_act_and_what_lies_in_a_chosen_folder_comes_once(made: Desk, tmp_path: Path) -> None:
    bench, image = made.bench, made.demo
    paths = ("/Users/l.mirel/Documents/Invoices", "/Users/l.mirel/Documents/Invoices/INV-2026-0417.pdf")
    other = "/Users/l.mirel/Downloads/INV-2026-0417.pdf"
    before = len(bench.lab.custody.case_history(image.case_id))
    chosen = [at(bench, image, path) for path in (*paths, other)]
    done = bench.lab.examine.exporting.tree(bench.examiner, image.id, chosen, tmp_path / "out")
    assert (done.files, done.folders) == (3, 1)
    names = {path.relative_to(tmp_path / "out/files").as_posix() for path in all_files(tmp_path / "out/files")}
    assert names == {
        "Invoices/INV-2026-0417.pdf",
        "Invoices/INV-2026-0417 new account.pdf",
        "INV-2026-0417.pdf",
    }
    assert len(bench.lab.custody.case_history(image.case_id)) == before + 1


@pytest.mark.req("REQ-39", "REQ-40")
def test_what_is_marked_or_concealed_is_exported_only_for_a_reason(made: Desk, own: Bench, tmp_path: Path) -> None:
    exporting, image = own.lab.examine.exporting, made.demo
    concealed, marked, plain = (
        at(own, image, f"/Users/l.mirel/Pictures/2026-02/IMG_204{number}.jpg") for number in (1, 2, 3)
    )
    sensitive = next(one for one in own.lab.tags.make(own.examiner, *FIRST_TAGS) if one.conceals)
    own.lab.tags.put(own.examiner, sensitive.id, [entry_target(image, concealed)])
    own.lab.examine.marks.add(own.examiner, image.id, marked, MarkKind.SENSITIVE, "A child")
    for number, one in enumerate((concealed, marked)):
        for export in (
            lambda one=one: exporting.file(own.examiner, image.id, one, tmp_path / "one.jpg"),
            lambda one=one: exporting.tree(own.examiner, image.id, [one], tmp_path / "one"),
        ):
            with pytest.raises(HiddenContentError):
                export()
        assert not (tmp_path / "one.jpg").exists(), number
        assert not (tmp_path / "one").exists(), number
    folder = at(own, image, "/Users/l.mirel/Pictures/2026-02")
    done = exporting.tree(own.examiner, image.id, [folder], tmp_path / "without")
    assert {one.path for one in done.left_out} == {concealed.path, marked.path}
    assert {path.name for path in all_files(tmp_path / "without/files")} == {plain.name}
    told = {(one["volume"], one["address"]): one for one in manifest_of(tmp_path / "without")["entries"]}
    for one, why in ((concealed, "It is tagged Sensitive."), (marked, "It is marked as sensitive.")):
        line = told[one.volume_id, one.address]
        assert str(line["not_exported"]).startswith(why)
        assert [line[name] for name in ("path", "path_bytes_hex", "link_target", "note")] == [None] * 4
    for name in ("manifest.json", "manifest.csv"):
        written = (tmp_path / "without" / name).read_bytes()
        assert plain.name.encode() in written
        for one in (concealed, marked):
            assert one.name.encode() not in written
            assert one.path.encode().hex().encode() not in written
    with pytest.raises(PermissionRefusedError):
        exporting.uncover(own.custodian, image, (concealed,), "Curious")
    exporting.uncover(own.examiner, image, (concealed, marked), "To describe them")
    done = exporting.tree(own.examiner, image.id, [folder], tmp_path / "with")
    assert (done.files, done.left_out) == (3, ())
    exporting.file(own.examiner, image.id, concealed, tmp_path / "one.jpg")
    last = own.lab.custody.case_history(image.case_id)[-1]
    assert last.facts["concealed"] == "tagged Sensitive"
    assert own.lab.verification.verify().ok


@pytest.mark.req("REQ-39", "REQ-40")
def test_no_target_of_a_link_and_no_note_in_a_manifest_names_what_is_hidden(
    made: Desk, own: Bench, tmp_path: Path
) -> None:
    exporting, image = own.lab.examine.exporting, made.hostile
    folder = at(own, image, "/names")
    exporting.tree(own.examiner, image.id, [folder], tmp_path / "before")
    told = {one["path"]: one for one in manifest_of(tmp_path / "before")["entries"]}
    assert told["/names/shortcut"]["link_target"] == "../long paths/a.txt"
    own.lab.examine.marks.add(
        own.examiner, image.id, at(own, image, "/long paths/a.txt"), MarkKind.PRIVILEGED, "Counsel"
    )
    exporting.tree(own.examiner, image.id, [folder], tmp_path / "after")
    told = {one["path"]: one for one in manifest_of(tmp_path / "after")["entries"]}
    assert told["/names/shortcut"]["link_target"] is None
    assert "names what is marked or concealed" in str(told["/names/shortcut"]["note"])
    assert told["/names/link"]["link_target"] == "/etc", "what names nothing hidden stays"
    for name in ("manifest.json", "manifest.csv"):
        assert b"a.txt" not in (tmp_path / "after" / name).read_bytes()


def test_an_export_that_is_stopped_or_cannot_be_recorded_leaves_nothing(made: Desk, own: Bench, tmp_path: Path) -> None:
    exporting, image, target = own.lab.examine.exporting, made.demo, tmp_path / "out"
    folder = at(own, image, "/Users")
    before = len(own.lab.custody.case_history(image.case_id))
    seen = []

    def stop(done: int, total: int) -> None:
        seen.append((target / INCOMPLETE).exists())
        if done > total // 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        exporting.tree(own.examiner, image.id, [folder], target, on_progress=stop)
    assert all(seen)
    assert not target.exists()
    with pytest.raises(PermissionRefusedError):
        exporting.tree(own.custodian, image.id, [folder], target)
    refuse_new_rows(own, "file_export")
    with pytest.raises(LabUnusableError, match="full"):
        exporting.tree(own.examiner, image.id, [folder], target)
    assert not target.exists()
    assert len(own.lab.custody.case_history(image.case_id)) == before
    assert [job.kind for job in own.lab.journal.interrupted()] == []


@pytest.mark.skipif(os.name == "nt", reason="limits of a process are set otherwise there")
def test_a_disk_that_takes_no_more_leaves_nothing_and_says_what_happened(made: Desk, tmp_path: Path) -> None:
    bench, image = made.bench, made.demo
    entry = at(bench, image, "/$LogFile")
    soft, hard = limits.getrlimit(limits.RLIMIT_FSIZE)

    def narrow(done: int, total: int) -> None:
        limits.setrlimit(limits.RLIMIT_FSIZE, (entry.size_bytes // 2, hard))

    try:
        with pytest.raises(LabUnusableError, match="cannot be written: File too large"):
            bench.lab.examine.exporting.tree(
                bench.examiner, image.id, [entry, at(bench, image, "/Users")], tmp_path / "out", on_progress=narrow
            )
    finally:
        limits.setrlimit(limits.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", ["folder", "link that leads nowhere", "file"])
def test_what_is_there_is_never_written_into(made: Desk, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out"
    if kind == "folder":
        target.mkdir()
    elif kind == "file":
        target.write_bytes(b"mine")
    else:
        target.symlink_to(tmp_path / "elsewhere")
    entry = at(made.bench, made.demo, "/Users")
    with pytest.raises(RefusedError, match="already exists"):
        made.bench.lab.examine.exporting.tree(made.bench.examiner, made.demo.id, [entry], target)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 on this system")
def test_an_export_killed_in_its_middle_says_that_it_is_not_complete_and_the_next_start_tells(
    made: Desk, tmp_path: Path
) -> None:
    shutil.copytree(made.bench.lab.folder.root, tmp_path / "lab")
    now = made.bench.clock.at + DAY
    before = len(made.bench.lab.custody.case_history(made.demo.case_id))
    program = (
        "import os, signal\nfrom datetime import datetime\nfrom pathlib import Path\n"
        "from tests.builders import reopened\nfrom tests.forensics_app.services.test_exporting import at\n"
        f"bench = reopened(Path({str(tmp_path / 'lab')!r}), datetime.fromisoformat({now.isoformat()!r}))\n"
        "image = bench.lab.intake.list(bench.lab.cases.list()[0].id)[0]\n"
        "def stop(done, total):\n    done > total // 2 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "bench.lab.examine.exporting.tree(bench.examiner, image.id, [at(bench, image, '/Users')],\n"
        f"    Path({str(tmp_path / 'out')!r}), on_progress=stop)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, timeout=120, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert "not in the record" in (tmp_path / "out" / INCOMPLETE).read_text()
    bench = reopened(tmp_path / "lab", now + DAY)
    try:
        assert len(bench.lab.custody.case_history(made.demo.case_id)) == before
        assert [job.kind for job in bench.lab.journal.interrupted()] == ["export"]
        assert bench.lab.verification.verify().ok
    finally:
        bench.lab.close()


def test_the_command_exports_several_paths_and_says_what_was_left_out(
    made: Desk, own: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.lab.close()
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE)
    options = ("--lab", str(tmp_path / "lab"), "--as", "Ana Kova\u010d", "--passphrase-file", str(secret))
    named = ("export", *options, "--case", "2026-0147", "--image", "LH/01-I1", "--volume", "v0.p3")
    assert main((*named, "--path", "/home/lm", "--path", "/lost+found", "--json", str(tmp_path / "out"))) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["left_out_count"] == 1
    assert (told["left_out"][0]["path"], told["files"]) == ("/home/lm/latest", 7)
    assert (tmp_path / "out/files/lm/notes/todo-old.txt").is_file()
    assert main((*named, "--path", "/home/lm/.bash_history", str(tmp_path / "one"))) == 0
    assert (tmp_path / "one").stat().st_size == 99
    assert main((*named, "--id", "1", "--path", "/home/lm", "--path", "/home", str(tmp_path / "two"))) == 2
