"""The package over an older version of itself, and taken away again: what laboratories made stays as it is."""

import re
import shutil
from pathlib import Path

from build_spec.workshop import debian
from build_spec.workshop.console import StepError, quietly
from build_spec.workshop.deb import HOME, NAME
from build_spec.workshop.frozen import BUILD
from build_spec.workshop.packaging import digests_of

OLDER = "0.0.1"
GONE = f"{HOME}/_internal/of-an-older-version"
"""A file that only the older version has."""


def install(root: Path, package: Path) -> None:
    """Install a package into a root, silently and without a network.

    Raises:
        StepError: dpkg refused.
    """
    shutil.copyfile(package, root / package.name)
    _dpkg(root, f"Installing {package.name} there, without a network or a question", "--install", f"/{package.name}")


def upgrade(root: Path, package: Path, work: Path) -> None:
    """Install an older version, then the package over it.

    Args:
        root: Where it is installed.
        package: The package.
        work: Folder with laboratories and settings.

    Raises:
        StepError: Something of the older version stayed, or anything in ``work`` changed.
    """
    before = digests_of(work)
    install(root, _older(package))
    if not (root / GONE).is_file():
        raise StepError(f"{OLDER} was not installed", 3)
    install(root, package)
    if (root / GONE).exists():
        raise StepError(f"{GONE} of the older version is still there", 3)
    _see_that_it_stayed(work, before)


def remove(root: Path, work: Path) -> None:
    """Take the package away with everything that is its own.

    Raises:
        StepError: Something of it stayed, or anything in ``work`` changed.
    """
    before = digests_of(work)
    _dpkg(root, "Taking the package away", "--purge", NAME)
    kept = [root / HOME, root / "usr" / "bin" / NAME, *root.glob(f"usr/share/**/{NAME}*")]
    if left := [str(path) for path in kept if path.exists() or path.is_symlink()]:
        raise StepError(f"Still there after the package was taken away: {', '.join(left)}", 3)
    _see_that_it_stayed(work, before)


def _older(package: Path) -> Path:
    """The same package under a lower number, with a file more."""
    tree, made = BUILD / "older", BUILD / f"{NAME}_{OLDER}.deb"
    shutil.rmtree(tree, ignore_errors=True)
    quietly("Making an older version of it", ["dpkg-deb", "--raw-extract", package, tree])
    (tree / GONE).write_text("")
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {OLDER}", control.read_text("utf-8"), flags=re.M), "utf-8")
    quietly("Packing it", ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made])
    shutil.rmtree(tree)
    return made


def _dpkg(root: Path, what: str, *words: str) -> None:
    quietly(what, ["unshare", "--net", "chroot", root, "dpkg", *words], env=debian.APT_ENVIRONMENT)


def _see_that_it_stayed(work: Path, before: str) -> None:
    if differ := sorted(set(digests_of(work).splitlines()) ^ set(before.splitlines())):
        raise StepError("Not as it was before:\n    " + "\n    ".join(differ), 3)
