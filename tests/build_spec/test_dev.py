"""build_spec/dev.py as a person types it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEV = ROOT / "build_spec" / "dev.py"


def dev(*arguments: str, python: str = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    command = [python, str(DEV), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env={**told, **environment}, check=False, timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_run_without_a_display_says_so_and_names_the_demo() -> None:
    answer = dev("run")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert "no display" in answer.stderr
    assert "python3 build_spec/dev.py run demo" in answer.stderr


def test_help_names_every_command() -> None:
    answer = dev("--help")
    assert answer.returncode == 0
    assert all(f"  {name} " in answer.stdout for name in ("run", "test", "bench", "lock", "req", "setup"))


def test_no_command_is_wrong_use() -> None:
    assert dev().returncode == 2


def test_an_unknown_command_is_wrong_use_and_is_named() -> None:
    answer = dev("instal")
    assert answer.returncode == 2
    assert "'instal'" in answer.stderr


def test_the_table_of_requirements_counts_all_seventy() -> None:
    answer = dev("req")
    assert answer.returncode == 0
    assert "of 70 requirements are shown by tests" in answer.stdout


def old_python() -> str | None:
    places = [
        *Path.home().glob(".pyenv/versions/3.[789].*/bin/python3"),
        *Path.home().glob(".pyenv/versions/3.10.*/bin/python3"),
    ]
    found = [shutil.which(f"python3.{minor}") for minor in (8, 9, 10)]
    for candidate in [*map(str, places), *(name for name in found if name)]:
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return None


def test_an_old_python_is_told_what_is_needed() -> None:
    python = old_python()
    if python is None:
        pytest.skip("no Python older than 3.11 here")
    answer = dev("test", python=python, PATH=os.devnull)
    assert answer.returncode == 2
    assert "the project needs Python 3.11 or newer" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_old_python_hands_over_to_a_newer_one_beside_it(tmp_path: Path) -> None:
    python = old_python()
    if python is None:
        pytest.skip("no Python older than 3.11 here")
    (tmp_path / "python3.11").symlink_to(Path(sys.executable).resolve())
    answer = dev("--help", python=python, PATH=str(tmp_path))
    assert answer.returncode == 0
    assert answer.stdout.startswith("Usage:")


def test_dev_imports_nothing_but_the_standard_library() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in [DEV, *(ROOT / "build_spec" / "workshop").glob("*.py")])
    names = {line.split()[1].split(".")[0] for line in sources.splitlines() if line.startswith(("import ", "from "))}
    assert names <= {*sys.stdlib_module_names, "build_spec"}


def test_a_python_that_cannot_make_environments_is_told_what_to_install(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "build_spec", tmp_path / "build_spec", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "lame").mkdir()
    (tmp_path / "lame" / "ensurepip.py").write_text("raise ImportError('not installed')", "utf-8")
    (tmp_path / "nothing").mkdir()
    answer = subprocess.run(
        [sys.executable, str(tmp_path / "build_spec" / "dev.py"), "run", "--version"],
        env={**os.environ, "PATH": str(tmp_path / "nothing"), "PYTHONPATH": str(tmp_path / "lame")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert answer.returncode == 2
    assert "cannot make virtual environments" in answer.stderr
    assert "python3-venv" in answer.stderr
    assert not (tmp_path / ".venv").exists()
