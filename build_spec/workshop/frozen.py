"""The program as one folder with its own Python: built by PyInstaller in an environment of its own, then trimmed."""

import ast
import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from build_spec.workshop import elf
from build_spec.workshop.console import ROOT, StepError, quietly, say
from build_spec.workshop.environment import LOCKS

BUILD = ROOT / "build" / "package"
VENV = BUILD / "venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
WORK = BUILD / "work"
PROGRAM = BUILD / "program" / ("Forensics.app/Contents" if sys.platform == "darwin" else "forensics-app")
ICONS = BUILD / "icons"
ICON = ROOT / "resources" / "program" / "forensics-app.svg"
ICON_SIZES_PX = (16, 24, 32, 48, 64, 128, 256, 512)
INSTALLED = BUILD / "installed.json"
SPEC = ROOT / "build_spec" / "package" / "forensics.spec"
RELEASED_AT_S = "1767225600"
"""2026-01-01 00:00 UTC: the time of every file of a package, so that the same sources give the same bytes."""
_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)", re.M)
_NOT_SHIPPED = {"setuptools", "pycparser", "packaging", "altgraph", "pyinstaller", "pyinstaller-hooks-contrib"}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file of the folder, and where it was taken from."""

    name: str
    source: Path


def build() -> None:
    """Build build/package/program/forensics-app anew.

    Raises:
        StepError: a step failed, or libmagic is not there.
    """
    _environment()
    shutil.rmtree(BUILD / "program", ignore_errors=True)
    shutil.rmtree(WORK, ignore_errors=True)
    draw = ROOT / "build_spec" / "package" / "draw_icons.py"
    quietly("Drawing the icons", [PYTHON, draw, ICON, ICONS, *map(str, ICON_SIZES_PX)])
    quietly(
        "Putting the program together (PyInstaller)",
        [
            *(PYTHON, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"),
            *("--workpath", WORK, "--distpath", BUILD / "program", SPEC),
        ],
        env={
            "FORENSICS_DISTRIBUTIONS": " ".join(name for name, _ in distributions()),
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(ROOT),
            "SOURCE_DATE_EPOCH": RELEASED_AT_S,
            **_libmagic(),
        },
    )
    if sys.platform == "linux":
        _strip()


def distributions() -> list[tuple[str, str]]:
    """Name, lower-case, and version of each distribution that is installed to be shipped."""
    told = json.loads(INSTALLED.read_text("utf-8"))["install"]
    found = [(item["metadata"]["name"].lower().replace("_", "-"), item["metadata"]["version"]) for item in told]
    return sorted(one for one in found if one[0] not in _NOT_SHIPPED)


def wheel_digests() -> Mapping[str, str]:
    """SHA-256 in hex of the wheel that each distribution was installed from, by lower-case name."""
    told = json.loads(INSTALLED.read_text("utf-8"))["install"]
    return {
        item["metadata"]["name"].lower().replace("_", "-"): item["download_info"]["archive_info"]["hashes"]["sha256"]
        for item in told
    }


def version_of(name: str) -> str:
    """Version of an installed distribution, also of one that is not shipped as such."""
    told = json.loads(INSTALLED.read_text("utf-8"))["install"]
    return next(str(item["metadata"]["version"]) for item in told if item["metadata"]["name"].lower() == name)


def taken() -> Iterator[Taken]:
    """Every file of the folder with its source, and every module in its archives, as PyInstaller wrote it down."""
    found: dict[Taken, None] = {}
    for name in ("COLLECT-00.toc", "PYZ-00.toc", "PKG-00.toc"):
        told = ast.literal_eval((WORK / "forensics" / name).read_text("utf-8"))
        for part in told:
            for entry in part if isinstance(part, list) else ():
                if isinstance(entry, tuple) and len(entry) == 3 and entry[2] != "SYMLINK" and entry[1] not in {"", "-"}:
                    found[Taken(entry[0], Path(entry[1]))] = None
    return iter(found)


def site_packages() -> Path:
    """Where the distributions are installed."""
    answer = subprocess.check_output(
        [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"], text=True
    )
    return Path(answer.strip())


def _environment() -> None:
    """An environment with what is shipped and PyInstaller, and nothing else that could get into the package."""
    lock = LOCKS / "package.txt"
    marker = BUILD / "lock.txt"
    if marker.is_file() and marker.read_bytes() == lock.read_bytes() and INSTALLED.is_file():
        return
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    quietly("Making an environment to build the package in", [sys.executable, "-m", "venv", VENV])
    quietly(
        f"Installing what {lock.relative_to(ROOT).as_posix()} locks, each checked by its hash",
        [
            *(PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"),
            *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--ignore-installed", "--report", INSTALLED),
            *("--requirement", lock),
        ],
    )
    marker.write_bytes(lock.read_bytes())


def _libmagic() -> Mapping[str, str]:
    """On Linux the system's libmagic and its database go along; elsewhere a wheel brings them."""
    if sys.platform != "linux":
        return {}
    library = ctypes.CDLL(ctypes.util.find_library("magic") or "libmagic.so.1")
    get_path = library.magic_getpath
    get_path.restype, get_path.argtypes = ctypes.c_char_p, (ctypes.c_char_p, ctypes.c_int)
    names = os.fsdecode(get_path(None, 0) or b"").split(os.pathsep)
    database = next((Path(f"{name}.mgc") for name in names if Path(f"{name}.mgc").is_file()), None)
    mapped = Path("/proc/self/maps").read_text("utf-8").split()
    path = next((word for word in mapped if "/libmagic.so" in word), None)
    if database is None or path is None:
        raise StepError("libmagic and its database were not found; on Debian: apt-get install libmagic1 libmagic-mgc")
    return {
        "FORENSICS_LIBMAGIC": str(Path(path).with_name("libmagic.so.1")),
        "FORENSICS_MAGIC_DATABASE": str(database.resolve()),
    }


def _strip() -> None:
    """Take out of the libraries the symbols for debugging, a third of the whole, and folders of this computer."""
    before = size_bytes(PROGRAM)
    files = [path for path in PROGRAM.rglob("*") if ".so" in path.name and path.is_file() and not path.is_symlink()]
    quietly("Taking out symbols for debugging", ["strip", "--strip-unneeded", *sorted(filter(elf.has_symbols, files))])
    for path in files:
        elf.refuse_broken(path)
    asked = {folder for path in sorted(files) for folder in elf.forget_search_paths(path)}
    if asked:
        say(f"Libraries are no longer looked for in {', '.join(sorted(asked))}")
    say(f"{before / 1e6:.0f} MB became {size_bytes(PROGRAM) / 1e6:.0f} MB")


def size_bytes(folder: Path) -> int:
    """Bytes in the files of a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
