"""The virtual environment in .venv: made once, brought up to date when a lock file changes."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from build_spec.workshop import debian
from build_spec.workshop.console import ROOT, StepError, quietly, say

VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
MARKER = VENV / "installed-locks.json"
LOCKS = ROOT / "build_spec" / "requirements"
PIP = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input")
NO_VENV = """\
This Python ({python}) cannot make virtual environments: its modules venv and ensurepip are not installed.
{then}"""


def lock_digest(group: str) -> str:
    """SHA-256 of a lock file together with pyproject.toml, whose entry points the installation carries; hex."""
    parts = (LOCKS / f"{group}.txt", ROOT / "pyproject.toml")
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def ensure_system(*, window: bool, oracles: bool) -> None:
    """Sees to the shared libraries and, for the tests, to the tools that check our results.

    Raises:
        StepError: something is missing that cannot be done without; the message is the one command to type.
    """
    needed = debian.ENGINE_LIBRARIES | debian.QT_LIBRARIES
    missing = debian.missing_libraries(needed)
    packages = [needed[name] for name in missing]
    lacks_venv = not PYTHON.exists() and not _can_make_venv()
    if lacks_venv and debian.is_debian():
        packages.append(f"python3.{sys.version_info.minor}-venv" if _is_system_python() else "python3-venv")
    if packages and debian.is_debian() and debian.is_root():
        debian.install(packages, "what Qt, libmagic and Python need")
    elif packages and debian.is_debian():
        _ask_for(packages, fatal=window or lacks_venv or not set(missing) <= set(debian.QT_LIBRARIES))
    elif missing:
        say(f"These shared libraries were not found; install them with your package manager: {' '.join(missing)}")
    if oracles and debian.is_debian():
        _ensure_oracles()


def ensure_packaging(*, tried: bool) -> None:
    """Sees on Debian to what puts the package together, and to what makes a clean root to try it in.

    Raises:
        StepError: something is missing that cannot be done without; the message is the one command to type.
    """
    if not debian.is_debian():
        return
    wanted = [*debian.PACKAGING, *(debian.TRIAL if tried and debian.is_root() else ())]
    if _is_system_python():  # Debian's executable holds what others load from this library, and it is the one to ship
        wanted.append(f"libpython3.{sys.version_info.minor}")
    missing = debian.missing_packages(wanted)
    if missing and debian.is_root():
        debian.install(missing, "what packages are made and tried with")
    elif missing:
        _ask_for(missing, fatal=True)


def ensure_python(group: str) -> None:
    """Makes .venv when there is none that works and installs a lock into it: "run", or "dev", which holds "run".

    Raises:
        StepError: Python cannot make environments, or pip failed.
    """
    if not _works():
        if not _can_make_venv():
            then = "Install them (on Debian: apt-get install python3-venv), or use another Python."
            raise StepError(NO_VENV.format(python=sys.executable, then=then))
        quietly("Making .venv", [sys.executable, "-m", "venv", "--clear", VENV])
    done = _installed()
    if any(done.get(name) == lock_digest(name) for name in (group, "dev")):
        return
    lock = LOCKS / f"{group}.txt"
    count = sum(1 for line in lock.read_text("utf-8").splitlines() if line[:1].isalnum())
    # The lock names everything. Asked to resolve it once more, pip ends as soon as there is a newer release of what
    # a package asks for with extras.
    quietly(
        f"Installing the {count} packages of {lock.relative_to(ROOT).as_posix()} into .venv, each checked by its hash",
        [*PIP, "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", lock],
    )
    quietly(
        "Installing the project itself into .venv, as links to this folder",
        [*PIP, "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--editable", ROOT],
    )
    MARKER.write_text(json.dumps({**done, group: lock_digest(group)}), encoding="utf-8")


def _installed() -> dict[str, str]:
    try:
        found = json.loads(MARKER.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _works() -> bool:
    if not PYTHON.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.call([str(PYTHON), "-c", probe], stderr=subprocess.DEVNULL) == 0


def _can_make_venv() -> bool:
    probe = "import venv, ensurepip"
    return subprocess.call([sys.executable, "-c", probe], stderr=subprocess.DEVNULL) == 0


def _is_system_python() -> bool:
    return Path(sys.base_prefix) == Path("/usr")


def _ask_for(packages: list[str], *, fatal: bool) -> None:
    words = f"Packages of the operating system are missing. Type this, then try again:\n    {_command(packages)}"
    if fatal:
        raise StepError(words)
    say(f"{words}\n      (the command line works without them; the window does not)")


def _command(packages: list[str]) -> str:
    return debian.command_to_type(packages)


def _ensure_oracles() -> None:
    missing = debian.missing_packages(debian.ORACLES)
    if missing and debian.is_root():
        failed = debian.install_what_exists(missing, "the outside tools that the tests compare with")
        if failed:
            say(f"Not to be had here: {' '.join(failed)}. The tests that need them are skipped")
    elif missing:
        say(f"Tests that compare with outside tools are skipped until you type: {_command(missing)}")
