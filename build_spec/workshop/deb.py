"""The Debian package: everything under /opt/forensics-app, a link in /usr/bin, and what a desktop asks for."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError, quietly
from build_spec.workshop.frozen import BUILD, ICON, ICON_SIZES_PX, ICONS, RELEASED_AT_S, size_bytes
from build_spec.workshop.occurrences import is_elf

NAME = "forensics-app"
HOME = f"opt/{NAME}"
SOURCES = ROOT / "build_spec" / "package" / "debian"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_NEEDED = re.compile(r"NEEDED\s+(\S+)")
_SEARCHED = re.compile(r"(?:RUNPATH|RPATH)\s+(\S*)")
_GLIBC = re.compile(r"GLIBC_(\d+)\.(\d+)\b")
_CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: The authors of forensics-app <maintainers@forensics-app.invalid>
Installed-Size: {size_kib}
Depends: {depends}
Recommends: fontconfig-config, xdg-utils
Section: misc
Priority: optional
Description: examines digital evidence and keeps its chain of custody
 Takes in images of seized media, hashes and parses them in confined processes,
 keeps signed custody records, and issues reports that a stranger can check.
 .
 Brings its own Python and libraries, needs no network, and starts no service.
"""


def build(program: Path, version: str, into: Path) -> Path:
    """Build the package of a program's folder.

    Args:
        program: The folder with the program, its lists and licences.
        version: Of the program.
        into: Folder for the package.

    Returns:
        The package.

    Raises:
        StepError: a tool failed, or a library that the program needs is of no package.
    """
    architecture = ARCHITECTURES[platform.machine()]
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(program, tree / HOME, symlinks=True)
    _desktop(tree)
    control = _CONTROL.format(
        name=NAME,
        version=version,
        architecture=architecture,
        size_kib=size_bytes(tree) // 1024,
        depends=", ".join(depends(program)),
    )
    _write(tree / "DEBIAN" / "control", control)
    _settle(tree)
    into.mkdir(exist_ok=True)
    made = into / f"{NAME}_{version}_{architecture}.deb"
    quietly(
        f"Packing {made.name}",
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", tree, made],
        env={"SOURCE_DATE_EPOCH": RELEASED_AT_S},
    )
    return made


def add_script(program: Path) -> None:
    """Add to the program's folder what a file manager calls, before the list of its files is made."""
    script = program / "share" / "inspect-and-wait"
    _write(script, (SOURCES / script.name).read_text("utf-8"))
    script.chmod(0o755)


def depends(program: Path) -> list[str]:
    """Packages with the shared libraries that the program asks for and does not bring, with the version of libc."""
    files = [path for path in program.rglob("*") if path.is_file() and not path.is_symlink() and is_elf(path)]
    brought = {path.name for path in program.rglob("*.so*")}
    wanted: set[str] = set()
    glibc = (0, 0)
    for path in files:
        told = subprocess.check_output(["objdump", "-p", path], text=True)
        if foreign := [one for one in ":".join(_SEARCHED.findall(told)).split(":") if one and one[:7] != "$ORIGIN"]:
            raise StepError(f"{path} would look for libraries in {', '.join(foreign)} of whoever installs it", 3)
        wanted |= set(_NEEDED.findall(told))
        glibc = max([glibc, *((int(major), int(minor)) for major, minor in _GLIBC.findall(told))])
    packages = {_package_of(name) for name in wanted - brought}
    packages.discard("libc6")
    return [f"libc6 (>= {glibc[0]}.{glibc[1]})", *sorted(packages)]


def _package_of(library: str) -> str:
    cache = subprocess.check_output(["ldconfig", "-p"], text=True)
    path = next(
        (line.rsplit(" ", 1)[1] for line in cache.splitlines() if line.split(" ", 1)[0].strip() == library), None
    )
    for name in (path, f"*/{library}"):
        if name is None:
            continue
        done = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(":")[0].removesuffix("t64")
    raise StepError(f"No package of the system holds {library}, which the program needs", 3)


def _desktop(tree: Path) -> None:
    share = tree / "usr" / "share"
    for source, target in (
        (SOURCES / "forensics-app.desktop", share / "applications" / "forensics-app.desktop"),
        (SOURCES / "forensics-app-inspect.desktop", share / "applications" / "forensics-app-inspect.desktop"),
        (SOURCES / "forensics-app.xml", share / "mime" / "packages" / "forensics-app.xml"),
        (SOURCES / "copyright", share / "doc" / NAME / "copyright"),
        (ICON, share / "icons" / "hicolor" / "scalable" / "apps" / "forensics-app.svg"),
    ):
        _write(target, source.read_text("utf-8"))
    for size_px in ICON_SIZES_PX:
        target = share / "icons" / "hicolor" / f"{size_px}x{size_px}" / "apps" / "forensics-app.png"
        target.parent.mkdir(parents=True)
        shutil.copyfile(ICONS / f"{size_px}.png", target)
    link = tree / "usr" / "bin" / NAME
    link.parent.mkdir(parents=True)
    link.symlink_to(f"../../{HOME}/{NAME}")


def _settle(tree: Path) -> None:
    """Rights and times that do not depend on who builds, and when."""
    for path in [tree, *sorted(tree.rglob("*"))]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (int(RELEASED_AT_S),) * 2, follow_symlinks=False)


def _write(path: Path, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")
