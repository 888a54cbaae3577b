"""Builds what a lab installs: the program as a folder, its bill of materials, licences, lists of digests, a package."""

import hashlib
import re
import shutil
import sys
import time
from pathlib import Path

from build_spec.workshop import deb, frozen, inventory, sbom
from build_spec.workshop.console import ROOT, quietly, say
from build_spec.workshop.licences import Part

DIST = ROOT / "dist"
LIST = "SHA256SUMS"
SIGN = ROOT / "build_spec" / "package" / "sign.py"
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.M)


def version() -> str:
    """The program's version."""
    found = _VERSION.search((ROOT / "forensics_app" / "__init__.py").read_text("utf-8"))
    assert found is not None, "forensics_app/__init__.py states the version"
    return found[1]


def build(key: Path | None) -> list[Path]:
    """Build everything into dist/; on Linux that is a Debian package.

    Args:
        key: File with the Ed25519 key that signs the list of digests; None leaves it unsigned, and says so.

    Returns:
        What was made.

    Raises:
        StepError: a step failed, or something may not be shipped.
    """
    began = time.monotonic()
    frozen.build()
    parts = inventory.parts()
    bill = sbom.document(version(), parts)
    program = frozen.PROGRAM
    (program / "sbom.cdx.json").write_text(bill, encoding="utf-8")
    _write_licences(program / "licences", parts)
    shutil.copyfile(ROOT / "LICENSE", program / "LICENSE")
    if sys.platform == "linux":
        deb.add_script(program)
    (program / LIST).write_text(digests_of(program), encoding="utf-8")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    made = [DIST / f"{sbom.NAME}_{version()}.cdx.json"]
    made[0].write_text(bill, encoding="utf-8")
    if sys.platform == "linux":
        made.append(deb.build(program, version(), DIST))
    (DIST / LIST).write_text(digests_of(DIST), encoding="utf-8")
    if key is None:
        say(f"{LIST} is not signed; --sign-with FILE signs it")
    else:
        quietly(f"Signing {LIST}", [frozen.PYTHON, SIGN, key.absolute(), DIST / LIST])
    say(f"{len(parts)} parts, {frozen.size_bytes(program) / 1e6:.0f} MB unpacked, {time.monotonic() - began:.0f} s")
    for path in sorted(DIST.iterdir()):
        say(f"  {path.relative_to(ROOT).as_posix()} {path.stat().st_size:,} bytes")
    return made


def digests_of(folder: Path) -> str:
    """The list of the files of a folder but for lists, as ``sha256sum --check`` reads it; sorted by path."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return "".join(f"{_sha256(path)}  {name}\n" for name, path in sorted(files.items()) if name != LIST)


def _write_licences(folder: Path, parts: list[Part]) -> None:
    folder.mkdir()
    (folder / "parts.txt").write_text(inventory.describe(parts), encoding="utf-8")
    for part in parts:
        for text in part.texts:
            target = folder / inventory.folder_of(part) / text.name
            while target.exists():
                target = target.with_name(f"{target.name}+")
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(text, target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
