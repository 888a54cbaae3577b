"""To verify a lab never writes: not its record, not a folder, not the mark of an operation that was cut off."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.__main__ import main
from forensics_app.bootstrap import open_lab_untouched
from forensics_app.db.schema import REVISIONS
from forensics_app.model.exhibit import NewPhoto, PhotoView
from resources import path as resource
from tests.builders import Bench

ROOT = Path(__file__).parents[3]
DIE_AT_WORK = """
import os, sys
from pathlib import Path
from forensics_app.bootstrap import open_lab
lab = open_lab(Path(sys.argv[1]))
with lab.journal.running("catalogue", "LH/01-I1", None, {}):
    os._exit(9)
"""


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder but those by which SQLite lets several programs read one database."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if not path.name.endswith("-shm")
    }


def test_a_verification_changes_no_byte_even_after_a_crash(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    exhibit, folder = bench.exhibit(bench.case()), bench.lab.folder.root
    new = NewPhoto(path=resource("demo/exhibit-photo-laptop.jpg"), view=PhotoView.WHOLE)
    kept = bench.lab.exhibits.photo_path(bench.lab.exhibits.add_photo(bench.custodian, exhibit.id, new))
    bench.lab.close()
    died = subprocess.run([sys.executable, "-c", DIE_AT_WORK, str(folder)], cwd=ROOT, timeout=120, check=False)
    assert died.returncode == 9
    shutil.rmtree(kept.parent)
    left = kept.parent.with_name("papers") / "nobody.pdf"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    before = contents(folder)
    capsys.readouterr()
    assert main(["verify", str(folder), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert contents(folder) == before
    assert [job["state"] for job in told["interrupted"]] == ["running"]
    assert told["unrecorded_files"] == [str(left)]
    assert "cannot be read" in told["file_findings"][0]


def test_a_verification_of_a_lab_that_nobody_has_open_leaves_no_file_behind(bench: Bench) -> None:
    bench.lab.close()
    folder = bench.lab.folder.root.rename(bench.lab.folder.root.with_name("лаб 100% #1?"))
    before = sorted(folder.iterdir())
    assert main(["verify", str(folder)]) == 0
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed: root writes where nobody may")
@pytest.mark.parametrize("is_whole", [True, False])
def test_what_was_written_last_is_read_or_missed_in_words_in_a_folder_that_cannot_be_written(
    bench: Bench, is_whole: bool
) -> None:
    folder = bench.lab.folder.root
    bench.lab.close()
    subprocess.run([sys.executable, "-c", DIE_AT_WORK, str(folder)], cwd=ROOT, timeout=120, check=False)
    assert (folder / "lab.db-wal").stat().st_size > 0
    if not is_whole:
        (folder / "lab.db-shm").unlink()
    folder.chmod(0o555)
    unprivileged = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search") if os.geteuid() == 0 else ()
    command = [*unprivileged, sys.executable, "-m", "forensics_app", "verify", str(folder)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    folder.chmod(0o755)
    assert said.returncode == (0 if is_whole else 3), said.stderr
    assert ("Interrupted: catalogue of LH/01-I1" in said.stdout) is is_whole
    assert ("lies in lab.db-wal" in said.stderr) is not is_whole


def test_what_is_written_while_a_closed_lab_is_read_is_noticed(bench: Bench) -> None:
    folder = bench.lab.folder.root
    bench.lab.close()
    reading = open_lab_untouched(folder)
    assert reading.database.is_as_opened()
    bench.case()
    assert not reading.database.is_as_opened()
    reading.close()


def test_a_lab_of_an_older_version_is_refused_with_the_way_to_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copyfile(ROOT / "tests" / "old_databases" / "0001.db", tmp_path / "lab.db")
    before = contents(tmp_path)
    assert main(["verify", str(tmp_path)]) == 3
    said = capsys.readouterr().err
    assert "its record is of revision 0001" in said
    assert f"verifies revision {REVISIONS[-1]}" in said
    assert "copy the whole lab folder" in said
    assert contents(tmp_path) == before
