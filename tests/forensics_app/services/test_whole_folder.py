"""Folders that are made under a hidden name: whole or not at all, and what a killed program left goes."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from forensics_app.db.filelock import held
from forensics_app.errors import RefusedError
from forensics_app.services.unfinished import EXPORT_KIND, KIT_KIND, TREE_KIND
from forensics_app.services.whole_folder import LOCK, PART, folder_in_the_making, write_folder
from tests.builders import Bench

ROOT = Path(__file__).parents[3]
LEFT = f".{'ab' * 16}{PART}"
KILLED = """
import os, signal, sys
from pathlib import Path
from forensics_app.services.whole_folder import folder_in_the_making
with folder_in_the_making(Path(sys.argv[1])) as part:
    (part / "half").write_bytes(b"half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed(target: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_what_a_killed_export_left_goes_with_the_next_one_and_nothing_else_does(tmp_path: Path) -> None:
    killed(tmp_path / "out")
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [LOCK, ".part"]
    others = (tmp_path / ".mine.export.part", tmp_path / f".{'ab' * 15}{PART}", tmp_path / "out.export.part")
    for other in others:
        other.mkdir()
        (other / "evidence").write_bytes(b"x")
    link = tmp_path / f".{'cd' * 16}{PART}"
    link.symlink_to(others[0])
    at_work = tmp_path / LEFT
    at_work.mkdir()
    with held(at_work.with_name(f"{LEFT}{LOCK}")):
        write_folder(tmp_path / "again", {"a.txt": lambda out: out.write(b"a") and None})
        assert at_work.is_dir(), "somebody is making it now"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"again", LEFT, link.name, *(other.name for other in others)}
    assert all((other / "evidence").read_bytes() == b"x" for other in others)
    write_folder(tmp_path / "more", {})
    assert not at_work.exists()


def test_nothing_hidden_stays_beside_a_folder_and_a_taken_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / LEFT).mkdir()
    with pytest.raises(RefusedError, match="already exists"), folder_in_the_making(tmp_path / LEFT):
        pass
    with folder_in_the_making(tmp_path / "out") as part:
        assert [one.name for one in tmp_path.iterdir() if one.is_dir()] == [part.name]
    assert [one.name for one in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("kind", [EXPORT_KIND, KIT_KIND, TREE_KIND])
def test_the_next_start_tells_what_an_export_that_was_cut_off_left(bench: Bench, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "elsewhere" / "out"
    (target.parent / LEFT).mkdir(parents=True)
    target.mkdir()
    with sqlite3.connect(bench.lab.folder.database) as connection:
        connection.execute(
            "INSERT INTO job VALUES (?, ?, 'Report', NULL, ?, 'running', 'host', ?, NULL, '')",
            ("00000000-0000-4000-8000-000000000001", kind, json.dumps({"target": str(target)}), "2026-11-19T08:00:00Z"),
        )
    (job,) = bench.lab.journal.interrupted()
    assert f"{target} is there. If the record does not name it, it is not complete" in job.message
    is_removed = kind != TREE_KIND
    assert (f"What it had begun was removed: {target.parent / LEFT}." in job.message) is is_removed
    assert (target.parent / LEFT).exists() is not is_removed
    assert target.exists(), "what has its name is nobody's to remove"
