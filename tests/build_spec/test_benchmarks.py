"""The writer of docs/performance.md, run on a small project of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "import sys; from build_spec.workshop import benchmarks; sys.exit(benchmarks.run(sys.argv[1:]))"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "build_spec" / "workshop", tmp_path / "build_spec" / "workshop")
    binaries = tmp_path / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    binaries.parent.mkdir()
    binaries.symlink_to(Path(sys.executable).parent, target_is_directory=True)
    (tmp_path / "tests" / "benchmarks").mkdir(parents=True)
    return tmp_path


def add(project: Path, name: str, body: str) -> None:
    (project / "tests" / "benchmarks" / f"bench_{name}.py").write_text(f"def main():\n    {body}\n", "utf-8")


def run(project: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, *names]
    environment = {**os.environ, "PYTHONPATH": str(project)}
    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_the_document_holds_what_each_benchmark_printed(project: Path) -> None:
    add(project, "raw_image", "print('ratio 0.21')")
    add(project, "ledger", "print('| entries | s |'); print('|---|---|'); print('| 10 | 1 |')")
    answer = run(project)
    assert answer.returncode == 0, answer.stderr
    document = (project / "docs" / "performance.md").read_text("utf-8")
    assert re.search(r"## Raw image\n\nMeasured 20\d\d-.* UTC; .*; Python 3.*\n\n```text\nratio 0.21\n```", document)
    assert "\n\n| entries | s |\n|---|---|\n| 10 | 1 |\n" in document
    assert "ratio 0.21" in answer.stdout


def test_a_failed_benchmark_leaves_the_document_alone(project: Path) -> None:
    add(project, "ledger", "raise SystemExit(4)")
    answer = run(project)
    assert answer.returncode == 1
    assert "ledger" in answer.stderr
    assert not (project / "docs").exists()


def test_a_missed_limit_is_said_in_the_document_and_in_the_status(project: Path) -> None:
    add(project, "ledger", "print('ratio 2.0'); return 1")
    answer = run(project)
    assert answer.returncode == 1
    assert "Missed a limit: bench_ledger" in answer.stderr
    document = (project / "docs" / "performance.md").read_text("utf-8")
    assert "ratio 2.0\n```\n\nA limit was missed in this run.\n" in document


def test_a_part_of_the_benchmarks_renews_its_own_sections_alone(project: Path) -> None:
    add(project, "ledger", "print('ran')")
    add(project, "raw_image", "print('ran too')")
    add(project, "walk", "print('walked')")
    run(project)
    add(project, "ledger", "print('ran again')")
    add(project, "raw_image", "raise SystemExit(4)")
    (project / "tests" / "benchmarks" / "bench_walk.py").unlink()
    document = project / "docs" / "performance.md"
    before = document.read_text("utf-8")
    answer = run(project, "ledger", "raw_image")
    assert answer.returncode == 1
    assert "bench_raw_image" in answer.stderr
    after = document.read_text("utf-8")
    assert "ran again" in after
    assert "\nran\n" not in after
    assert after[after.index("## Raw image") :] == before[before.index("## Raw image") : before.index("\n## Walk")]


def test_what_cannot_be_measured_here_keeps_its_rows_and_is_no_failure(project: Path) -> None:
    add(project, "package", "print('a first start 1.20 s')")
    assert run(project, "package").returncode == 0
    document = project / "docs" / "performance.md"
    written = document.read_text("utf-8")
    assert "## Package\n" in written
    assert "a first start 1.20 s" in written
    add(project, "package", "print('nothing is built'); raise SystemExit(11)")
    answer = run(project, "package")
    assert answer.returncode == 0
    assert "stays as it was: bench_package" in answer.stdout + answer.stderr
    assert document.read_text("utf-8") == written
