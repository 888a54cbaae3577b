"""The commands of build_spec/dev.py."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from build_spec.workshop import (
    benchmarks,
    checks,
    environment,
    fuzzing,
    guide,
    locks,
    package_trial,
    packaging,
    requirement_table,
)
from build_spec.workshop.console import StepError, say, show

USAGE = """\
Usage: python3 build_spec/dev.py COMMAND

  run            open the window
  run ARGS...    the command line of the application, for example: run demo out/
  test [ARGS...] ruff, mypy and pytest; ARGS go to pytest
  bench [NAME..] measure against other tools; renews docs/performance.md
  fuzz [ARGS...] damaged images by the thousand: --minutes N, --seed S, --image NAME, --kills N
  lock           resolve the dependencies anew into build_spec/requirements/
  guide          the user guide as HTML for the window's help; --pictures takes its pictures anew
  req            which requirements of the guidance the tests show
  package        build the installer into dist/: --sign-with KEY, --test to install and run it, --test-only
  setup          only prepare .venv

Each command first prepares what it needs: the virtual environment .venv with the locked packages, and on Debian-like
systems the shared libraries of Qt and libmagic (as root; otherwise it prints the one command to type).
"""
NO_DISPLAY = """\
There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so the window cannot open.
The command line works without one. This goes the whole way, from a new lab to a signed report, in the folder out/:
    python3 build_spec/dev.py run demo out/"""


def main(arguments: list[str]) -> int:
    """Runs the command named first in `arguments`; returns the exit status."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(USAGE, end="")
        return 0 if arguments else 2
    command = COMMANDS.get(arguments[0])
    if command is None:
        print(f"There is no command {arguments[0]!r}.\n\n{USAGE}", end="", file=sys.stderr)
        return 2
    try:
        return command(arguments[1:])
    except StepError as problem:
        print(str(problem).strip(), file=sys.stderr)
        return problem.status
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def run(arguments: list[str]) -> int:
    """Opens the window, or runs the command line when there are arguments; the status is the application's."""
    window = not arguments
    if window and sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise StepError(NO_DISPLAY)
    environment.ensure_system(window=window, oracles=False)
    environment.ensure_python("run")
    return show([environment.PYTHON, "-m", "forensics_app", *arguments], cwd=None)


def test(arguments: list[str]) -> int:
    """Runs every check; the status is that of the first that failed."""
    environment.ensure_system(window=True, oracles=True)
    environment.ensure_python("dev")
    return checks.run_all(arguments)


def bench(arguments: list[str]) -> int:
    """Runs the benchmarks whose names hold one of `arguments` (all without any) and renews docs/performance.md."""
    environment.ensure_system(window=True, oracles=True)
    environment.ensure_python("dev")
    return benchmarks.run(arguments)


def fuzz(arguments: list[str]) -> int:
    """Damages images and judges what the readers make of them, or kills the program while it reads them."""
    environment.ensure_system(window=True, oracles=True)
    environment.ensure_python("dev")
    return fuzzing.run(arguments)


def lock(arguments: list[str]) -> int:
    """Resolves the dependencies of pyproject.toml into the lock files."""
    parser = argparse.ArgumentParser(prog="dev.py lock", description=locks.__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest releases, not those locked now")
    upgrade: bool = parser.parse_args(arguments).upgrade
    environment.ensure_python("dev")
    locks.write(upgrade=upgrade)
    return 0


def build_guide(arguments: list[str]) -> int:
    """Builds the user guide."""
    environment.ensure_system(window=True, oracles=False)
    environment.ensure_python("dev")
    return guide.run(arguments)


def req(arguments: list[str]) -> int:
    """Prints which requirements the tests show."""
    argparse.ArgumentParser(prog="dev.py req", description=requirement_table.__doc__).parse_args(arguments)
    print(requirement_table.table(), end="")
    return 0


def package(arguments: list[str]) -> int:
    """Builds what a lab installs, and tries it where that is asked for."""
    parser = argparse.ArgumentParser(prog="dev.py package", description=packaging.__doc__)
    parser.add_argument("--sign-with", type=Path, metavar="KEY", help="file with an Ed25519 key that signs SHA256SUMS")
    parser.add_argument("--test", action="store_true", help="then install it into a clean root and run it there")
    parser.add_argument("--test-only", action="store_true", help="only try the package that lies in dist/")
    told = parser.parse_args(arguments)
    is_tried = told.test or told.test_only
    environment.ensure_system(window=True, oracles=is_tried)
    environment.ensure_packaging(tried=is_tried)
    if not told.test_only:
        packaging.build(told.sign_with)
    if not is_tried:
        return 0
    environment.ensure_python("dev")
    return package_trial.run()


def setup(arguments: list[str]) -> int:
    """Prepares .venv for running and testing."""
    argparse.ArgumentParser(prog="dev.py setup", description=setup.__doc__).parse_args(arguments)
    environment.ensure_system(window=True, oracles=True)
    environment.ensure_python("dev")
    say(f"Ready: {environment.PYTHON}")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "test": test,
    "bench": bench,
    "fuzz": fuzz,
    "lock": lock,
    "guide": build_guide,
    "req": req,
    "package": package,
    "setup": setup,
}
