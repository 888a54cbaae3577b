"""The lab's hash sets: imported, asked, looked up with an image, removed; and what is recorded of it (REQ-41)."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from forensics_app.db.hash_matches import MatchesError
from forensics_app.errors import CancelledError, NotFoundError, PermissionRefusedError, RefusedError
from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.hash_set import HashSet, HashSetError, HashSetKind, NewHashSet
from forensics_app.model.image import EvidenceImage, IntakeRequest, WriteBlocker
from forensics_app.services.hash_matching import HashMatching
from forensics_app.services.hash_sets import HashSets
from tests.builders import Bench, make_bench

ROOT = Path(__file__).parents[3]
LETTER, PICTURE = b"Dear Sirs,\n", b"\x89PNG\r\n\x1a\n picture"


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def listed(folder: Path, *lines: str, name: str = "list.txt") -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def new(path: Path, kind: HashSetKind = HashSetKind.KNOWN, name: str = "NSRL", version: str = "2026.09") -> NewHashSet:
    return NewHashSet(name=name, version=version, source="NIST", kind=kind, file=path)


def sets(bench: Bench) -> HashSets:
    lab = bench.lab
    return HashSets(db=lab.database, lab=lab.info, folder=lab.folder, journal=lab.journal, now=bench.clock)


def matching(bench: Bench) -> HashMatching:
    lab = bench.lab
    return HashMatching(db=lab.database, lab=lab.info, folder=lab.folder, journal=lab.journal, now=bench.clock)


def image_of(bench: Bench, folder: Path) -> EvidenceImage:
    """An archive of three files as logical evidence."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in (("letter.txt", LETTER), ("picture.png", PICTURE), ("other.txt", b"other")):
            archive.writestr(name, content)
    (folder / "files.zip").write_bytes(made.getvalue())
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(
        exhibit_id=exhibit.id,
        paths=(folder / "files.zip",),
        write_blocker=WriteBlocker(device="Tableau T8u"),
        logical=True,
    )
    return bench.lab.intake.take_in(bench.examiner, request)


def acts(bench: Bench) -> list[tuple[str, str]]:
    return [(event.action, event.object_label) for event in bench.lab.custody.lab_history()]


@pytest.fixture
def imported(bench: Bench, tmp_path: Path) -> tuple[Bench, HashSet]:
    made = sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER), md5(b"never there"))))
    return bench, made.hash_set


@pytest.mark.req("REQ-41")
def test_an_imported_set_is_of_the_record_with_the_digest_of_its_list(bench: Bench, tmp_path: Path) -> None:
    path = listed(tmp_path, md5(LETTER), "wrong", md5(LETTER))
    made = sets(bench).add(bench.examiner, new(path))
    (kept,) = sets(bench).list()
    assert kept == made.hash_set
    assert (kept.label, kept.kind, kept.counts, kept.refused) == ("NSRL 2026.09", HashSetKind.KNOWN, "1 MD5", 1)
    assert kept.list_sha256 == hashlib.sha256(path.read_bytes()).digest()
    assert "  line 2: there is no digest at its beginning" in made.lines
    assert "  line 3: the MD5 digest of line 1 again" in made.lines
    assert acts(bench)[-1] == ("hash_set.add", "NSRL 2026.09")
    assert bench.lab.verification.verify().ok


def test_digests_are_answered_with_set_and_version(imported: tuple[Bench, HashSet]) -> None:
    bench, _ = imported
    (found,) = sets(bench).holding(bytes.fromhex(md5(LETTER)))
    assert found.words == "known: NSRL 2026.09 (by MD5)"
    assert sets(bench).holding(bytes(16)) == ()
    assert sets(bench).holding(hashlib.sha256(LETTER).digest()) == ()
    with pytest.raises(RefusedError):
        sets(bench).holding(b"short")


def test_a_removed_set_answers_no_more_and_its_digests_are_gone(imported: tuple[Bench, HashSet]) -> None:
    bench, made = imported
    with pytest.raises(PermissionRefusedError):
        sets(bench).remove(bench.examiner, made.id, "a newer one is there")
    with pytest.raises(RefusedError):
        sets(bench).remove(bench.supervisor, made.id, " ")
    sets(bench).remove(bench.supervisor, made.id, "a newer one is there")
    assert sets(bench).list() == ()
    assert [one.removed_at is None for one in sets(bench).list(removed=True)] == [False]
    assert sets(bench).holding(bytes.fromhex(md5(LETTER))) == ()
    assert list(bench.lab.folder.hash_sets.iterdir()) == []
    assert acts(bench)[-1] == ("hash_set.remove", "NSRL 2026.09")
    assert bench.lab.verification.verify().ok
    with pytest.raises(NotFoundError):
        sets(bench).remove(bench.supervisor, made.id, "again")


def test_what_is_missing_taken_or_not_allowed_is_refused(imported: tuple[Bench, HashSet], tmp_path: Path) -> None:
    bench, _ = imported
    path = listed(tmp_path, md5(PICTURE))
    for wrong in (new(path, name=" "), new(path, version=""), new(path)):
        with pytest.raises(RefusedError):
            sets(bench).add(bench.examiner, wrong)
    with pytest.raises(PermissionRefusedError):
        sets(bench).add(bench.custodian, new(path, version="2"))


def test_what_a_list_names_as_illegal_is_not_passed_over_as_known(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "vics.json"

    def write(category: int) -> None:
        media = {"MediaID": 1, "Category": category, "MD5": md5(b"picture")}
        path.write_text(json.dumps({"value": [{"Media": [media]}]}))

    for category in (1, 2):
        write(category)
        with pytest.raises(RefusedError, match="illegal"):
            sets(bench).add(bench.examiner, new(path))
        assert not sets(bench).list()
    assert sets(bench).add(bench.examiner, new(path, HashSetKind.ALERT)).hash_set.counts == "1 MD5"
    write(5)
    assert sets(bench).add(bench.examiner, new(path, name="Landscapes")).hash_set.kind is HashSetKind.KNOWN


def test_half_a_list_or_a_stopped_import_leaves_nothing(bench: Bench, tmp_path: Path) -> None:
    half = tmp_path / "half.json"
    half.write_text('{"value": [{"Media": [{"MD5": "' + md5(LETTER))

    def stop(done: int, total: int) -> None:
        if done > 500:
            raise CancelledError

    before = acts(bench)
    with pytest.raises(HashSetError, match="cut off"):
        sets(bench).add(bench.examiner, new(half))
    with pytest.raises(CancelledError):
        sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))), stop)
    assert (sets(bench).list(), acts(bench)) == ((), before)
    assert list(bench.lab.folder.hash_sets.iterdir()) == []
    assert [job.state.value for job in bench.lab.journal.list(2)] == ["cancelled", "failed"]


@pytest.mark.req("REQ-41")
def test_the_files_of_an_image_are_looked_up_while_it_is_catalogued_and_afterwards(
    bench: Bench, tmp_path: Path
) -> None:
    known = sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER), md5(PICTURE)))).hash_set
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    with bench.lab.catalogues.open(image) as catalogue:
        ids = {entry.name: entry.id for entry in catalogue.rows(list(catalogue.ids(CatalogueQuery())))}
    with matching(bench).of(image) as found:
        assert set(found.ids(HashSetKind.KNOWN)) == {ids["letter.txt"], ids["picture.png"]}
        assert list(found.ids(HashSetKind.ALERT)) == []
    sha256 = hashlib.sha256(PICTURE).hexdigest()
    text = f"md5,sha256\n{md5(PICTURE)},{sha256}\n"
    (tmp_path / "alert.csv").write_text(text)
    alert = sets(bench).add(bench.examiner, new(tmp_path / "alert.csv", HashSetKind.ALERT, "Wanted", "7")).hash_set
    told = matching(bench).look_up(bench.examiner, image.id)
    assert [(one.hash_set.id, one.entries) for one in told] == [(known.id, 2), (alert.id, 1)]
    with matching(bench).of(image) as found:
        assert [one.words for one in found.of(ids["picture.png"])] == [
            "alert: Wanted 7 (by SHA-256)",
            "known: NSRL 2026.09 (by MD5)",
        ]
        assert [one.words for one in found.of(ids["letter.txt"])] == ["known: NSRL 2026.09 (by MD5)"]
        assert found.of(ids["other.txt"]) == ()
        assert list(found.ids(HashSetKind.ALERT)) == [ids["picture.png"]]
    entries = [event.action for event in bench.lab.custody.history(image.exhibit_id)]
    assert entries.count("image.look_up") == 2
    assert bench.lab.verification.verify().ok


def test_only_what_was_compared_is_signed_as_asked(bench: Bench, tmp_path: Path) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))))
    sets(bench).add(bench.examiner, new(listed(tmp_path, hashlib.sha1(LETTER).hexdigest()), name="Other"))
    compared, other = matching(bench).look_up(bench.examiner, image.id)
    assert (compared.entries, other.compared) == (1, ())
    assert "(3 MD5 compared; files without a digest: 0)" in compared.words
    assert "not compared" in other.words
    facts = bench.lab.custody.history(image.exhibit_id)[-1].facts
    assert facts["sets"] == [
        {"name": "NSRL", "version": "2026.09", "kind": "known", "entries": 1}
        | {"compared": {"md5": {"with_digest": 3, "without_digest": 0}}}
    ]
    assert facts["not_comparable"] == [{"name": "Other", "version": "2026.09", "kind": "known", "holds": ["sha1"]}]
    assert "matches" in str(facts["outputs"])
    with matching(bench).of(image) as found:
        assert [one.name for one in found.sets] == ["NSRL"]


def test_an_image_is_looked_up_by_one_at_a_time_and_halves_are_cleared_away(bench: Bench, tmp_path: Path) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))))
    path = bench.lab.folder.matches(image.case_id, image.id)
    half = path.with_name(f"{path.name}.0.building")
    half.write_bytes(b"half")
    refused = list[str]()

    def again(done: int, total: int) -> None:
        with pytest.raises(MatchesError, match="already") as error:
            matching(bench).look_up(bench.examiner, image.id)
        refused.append(str(error.value))

    sets_found = matching(bench).look_up(bench.examiner, image.id, again)
    assert [one.entries for one in sets_found] == [1]
    assert refused
    assert not half.exists()
    assert [one.name for one in path.parent.glob(f"{path.name}*")] == [path.name]


def test_a_look_up_that_is_stopped_leaves_the_catalogue_that_was_built(bench: Bench, tmp_path: Path) -> None:
    made = image_of(bench, tmp_path)
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))))

    def stop(done: int, total: int) -> None:
        if bench.lab.intake.get(made.id).catalogue_sha256:
            raise CancelledError

    image = bench.lab.catalogues.build(bench.examiner, made.id, on_progress=stop)
    assert image.catalogue_sha256
    assert not bench.lab.folder.matches(image.case_id, image.id).exists()


def test_that_nothing_is_in_a_removed_set_any_more_is_recorded(bench: Bench, tmp_path: Path) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    made = sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER)))).hash_set
    matching(bench).look_up(bench.examiner, image.id)
    sets(bench).remove(bench.supervisor, made.id, "old")
    assert bench.lab.folder.matches(image.case_id, image.id).is_file()
    assert matching(bench).look_up(bench.examiner, image.id) == ()
    assert not bench.lab.folder.matches(image.case_id, image.id).exists()
    entries = [event for event in bench.lab.custody.history(image.exhibit_id) if event.action == "image.look_up"]
    assert [len(str(event.facts["sets"])) > 2 for event in entries] == [True, False]


def test_a_catalogue_without_digests_is_not_looked_up(bench: Bench, tmp_path: Path) -> None:
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))))
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id, with_content=False)
    with pytest.raises(RefusedError, match="without reading the content"):
        matching(bench).look_up(bench.examiner, image.id)
    assert "image.look_up" not in [event.action for event in bench.lab.custody.history(image.exhibit_id)]


def test_what_was_found_before_the_catalogue_was_built_anew_is_not_shown(bench: Bench, tmp_path: Path) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    with pytest.raises(MatchesError, match="has not been looked up"):
        matching(bench).of(image)
    sets(bench).add(bench.examiner, new(listed(tmp_path, md5(LETTER))))
    matching(bench).look_up(bench.examiner, image.id)
    shutil.copy(bench.lab.folder.matches(image.case_id, image.id), tmp_path / "old")
    image = bench.lab.catalogues.build(bench.examiner, image.id, with_content=False)
    shutil.copy(tmp_path / "old", bench.lab.folder.matches(image.case_id, image.id))
    with pytest.raises(MatchesError, match="since its catalogue was built"):
        matching(bench).of(image)


@pytest.mark.parametrize("at", [50, -1])
def test_a_set_that_was_changed_on_the_disk_is_not_looked_up_in(bench: Bench, tmp_path: Path, at: int) -> None:
    image = bench.lab.catalogues.build(bench.examiner, image_of(bench, tmp_path).id)
    made = sets(bench).add(bench.examiner, new(listed(tmp_path, md5(b"x")))).hash_set
    path = bench.lab.folder.hash_sets / str(made.id) / "md5.hashes"
    stored = bytearray(path.read_bytes())
    stored[at] ^= 1
    path.write_bytes(stored)
    with pytest.raises(HashSetError):
        matching(bench).look_up(bench.examiner, image.id)


def test_a_set_that_was_changed_on_the_disk_does_not_answer(imported: tuple[Bench, HashSet]) -> None:
    bench, made = imported
    assert sets(bench).holding(bytes.fromhex(md5(LETTER)))
    path = bench.lab.folder.hash_sets / str(made.id) / "md5.hashes"
    stored = bytearray(path.read_bytes())
    stored[stored.index(bytes.fromhex(md5(LETTER))) + 15] ^= 1
    path.write_bytes(stored)
    with pytest.raises(HashSetError, match="was changed"):
        sets(bench).holding(bytes.fromhex(md5(LETTER)))


def test_sets_that_cannot_find_anything_or_find_too_much_are_told_so(bench: Bench, tmp_path: Path) -> None:
    only = sets(bench).add(bench.examiner, new(listed(tmp_path, hashlib.sha1(LETTER).hexdigest()), version="1"))
    assert "SHA-1 digests only" in only.warnings[0]
    empty = sets(bench).add(bench.examiner, new(listed(tmp_path, md5(b"")), version="2"))
    assert "every empty file" in empty.warnings[0]


@pytest.mark.skipif(sys.platform == "win32", reason="a kill as POSIX knows it")
def test_a_killed_import_is_cleared_away_by_the_next_one(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "lab")
    path = listed(tmp_path, *(md5(bytes([one])) for one in range(200)))
    code = (
        "import os, signal, sys; from pathlib import Path; from evidence.hash_sets.building import build;"
        "from evidence.hash_sets.sources import open_source; work = Path(sys.argv[1]); work.mkdir(parents=True);"
        "build(open_source(Path(sys.argv[2])), work,"
        " lambda done, total: os.kill(os.getpid(), signal.SIGKILL) if done > 800 else None)"
    )
    work = bench.lab.folder.hash_sets / "00000000-0000-4000-8000-000000000000.building"
    died = subprocess.run([sys.executable, "-c", code, str(work), str(path)], cwd=ROOT, env=os.environ, check=False)
    assert died.returncode == -signal.SIGKILL
    assert work.is_dir()
    made = sets(bench).add(bench.examiner, new(path)).hash_set
    assert [one.name for one in bench.lab.folder.hash_sets.iterdir()] == [str(made.id)]
    bench.lab.close()
