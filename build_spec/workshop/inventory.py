"""What is in the package, part by part: whose each file is, under which licence, with which text."""

import hashlib
import json
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from build_spec.workshop import frozen, licences, occurrences
from build_spec.workshop.console import ROOT, StepError
from build_spec.workshop.licences import TEXTS, Part, licence_of, table

_LICENCE_NAMES = ("licen", "copying", "notice", "copyright")
_DOCUMENTS = Path("/usr/share/doc")
GENERAL = {
    "LGPL-2.1": ("LGPL-2.1-only", "lgpl-notice"),
    "LGPL-3.0": ("LGPL-3.0-only", "GPL-3.0-only", "lgpl-notice"),
}


def parts() -> list[Part]:
    """Every part of build/package/program, by name.

    Raises:
        StepError: a part may not be shipped, or nobody has read its licence, or its text is missing.
    """
    site = frozen.site_packages()
    found = [
        *_distributions(site),
        _python(),
        *_of_pyinstaller(site),
        *_bundled(site),
        *_debian(site),
        *_fonts(),
        *_data(),
    ]
    licences.refuse(found)
    occurrences.every_module_is_of({part.name for part in found}, site)
    return _located(sorted(found, key=lambda part: (part.name, part.kind)), site)


def _located(found: Sequence[Part], site: Path) -> list[Part]:
    """The parts with the files that are theirs."""
    files: dict[tuple[str, str], list[str]] = {}
    bundled = {part.name.partition(" (in ")[0] for part in found if part.kind == "bundled"}
    for one in occurrences.libraries():
        if one.source.name in bundled and _is_bundled(one.source, site):
            owner = ("bundled", one.source.name)
        elif one.source.is_relative_to(site):
            owner = ("distribution", occurrences.distribution_of(one.source, site))
        elif sys.base_prefix != "/usr" and one.source.resolve().is_relative_to(sys.base_prefix):
            owner = ("distribution", "python")
        else:
            owner = ("debian", _package_of(one.source.resolve()).partition(":")[0])
        files.setdefault(owner, []).append(f"{occurrences.WITHIN}/{one.name}")
    return [replace(part, files=tuple(files.get((part.kind, part.name.partition(" (in ")[0]), ()))) for part in found]


def _distributions(site: Path) -> Iterator[Part]:
    digests = frozen.wheel_digests()
    for name, version in frozen.distributions():
        licence = licence_of("distributions", name)
        yield Part(
            kind="distribution",
            name=name,
            version=version,
            sha256=digests[name],
            licence=licence,
            texts=(*_own_texts(site, name, version), *_kept_here(name), *general_texts(licence)),
            purl=f"pkg:pypi/{name}@{version}",
        )


def _own_texts(site: Path, name: str, version: str) -> Iterator[Path]:
    folder = site / f"{name.replace('-', '_')}-{version}.dist-info"
    if not folder.is_dir():
        folder = next(one for one in site.glob("*.dist-info") if _is_of(one.name, name))
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (path.parent != folder or path.name.lower().startswith(_LICENCE_NAMES)):
            yield path


def _is_of(folder: str, name: str) -> bool:
    return folder.partition("-")[0].lower().replace("_", "-").replace(".", "-") == name


def _python() -> Part:
    text = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    others = (*sorted(_DOCUMENTS.glob("libpython3*-stdlib/copyright")), Path(sys.base_prefix) / "LICENSE.txt")
    version = platform.python_version()
    return Part(
        kind="distribution",
        name="python",
        version=version,
        sha256="",
        licence=licence_of("distributions", "python"),
        texts=(*tuple(path for path in (text, *others) if path.is_file())[:1], *_kept_here("python")),
        purl=f"pkg:generic/python@{version}",
    )


def _of_pyinstaller(site: Path) -> Iterator[Part]:
    """What starts the program: the bootloader with its modules, and hooks that run before the program does."""
    for name in ("pyinstaller", "pyinstaller-hooks-contrib"):
        version = frozen.version_of(name)
        yield Part(
            kind="distribution",
            name=name,
            version=version,
            sha256=frozen.wheel_digests()[name],
            licence=licence_of("distributions", name),
            texts=tuple(_own_texts(site, name, version)),
            purl=f"pkg:pypi/{name}@{version}",
        )


def _bundled(site: Path) -> Iterator[Part]:
    """Libraries that wheels bring in folders of their own; their texts are the wheel's where it has them."""
    owners = {"pillow": "pillow", "psycopg_binary": "psycopg-binary", "google_crc32c": "google-crc32c"}
    versions = dict(frozen.distributions())
    for one in frozen.taken():
        if not _is_bundled(one.source, site):
            continue
        folder = _folder_of_libraries(one.source)
        owner = owners.get(folder)
        if owner is None:
            raise StepError(f"{one.source.parent.name} holds libraries of a distribution that inventory.py lacks", 3)
        licence, package = licence_of("bundled", one.source.name)
        texts = (TEXTS / f"{package}.txt",) if package else tuple(_own_texts(site, owner, versions[owner]))
        yield Part(
            kind="bundled",
            name=f"{one.source.name} (in {owner})",
            version="",
            sha256=_sha256(one.source),
            licence=licence,
            texts=(*(text for text in texts if text.is_file()), *general_texts(licence)),
        )


def _folder_of_libraries(source: Path) -> str:
    return source.parent.name.removesuffix(".libs").lstrip(".")


def _is_bundled(source: Path, site: Path) -> bool:
    return source.is_relative_to(site) and source.parent.name != _folder_of_libraries(source)


def _debian(site: Path) -> Iterator[Part]:
    """Libraries of the system that were taken along, by the packages that they are of."""
    inside = (site, ROOT, Path(sys.base_prefix)) if sys.base_prefix != "/usr" else (site, ROOT)
    paths = {one.source.resolve() for one in frozen.taken() if not one.source.is_relative_to(inside[0])}
    foreign = [path for path in sorted(paths) if not any(path.is_relative_to(folder) for folder in inside)]
    if sys.platform != "linux" or not foreign:
        return
    for package in sorted({_package_of(path) for path in foreign}):
        answer = subprocess.check_output(["dpkg-query", "-W", "-f", "${Version} ${Architecture}", package], text=True)
        version, architecture = answer.split()
        name = package.partition(":")[0]
        licence = licence_of("debian", name.removesuffix("t64"))
        own = _DOCUMENTS / name / "copyright"
        yield Part(
            kind="debian",
            name=name,
            version=version,
            sha256="",
            licence=licence,
            texts=(own, *general_texts(licence)) if own.is_file() else (),
            purl=f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        )


def _kept_here(name: str) -> Iterator[Path]:
    """Texts that a distribution comes without."""
    return (TEXTS / f"{text}.txt" for text in table()["texts"].get(name, ()))


def general_texts(licence: str) -> Iterator[Path]:
    """What belongs to a licence and need not lie in each part under it: texts that it refers to, and a notice."""
    for family, names in GENERAL.items():
        if family in licence:
            yield from (TEXTS / f"{name}.txt" for name in names)


def _package_of(path: Path) -> str:
    for name in (path, Path("/", *path.parts[2:]) if path.parts[1] == "usr" else path):
        done = subprocess.run(["dpkg", "-S", str(name)], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(": ")[0].partition(",")[0]
    raise StepError(f"{path} would be shipped, and is of no package of the system", 3)


def _fonts() -> Iterator[Part]:
    fonts = ROOT / "resources" / "fonts"
    for path in sorted((*fonts.rglob("*.ttf"), *fonts.rglob("*.otf"))):
        texts = tuple(one for one in path.parent.glob("*.txt") if path.name.startswith(one.name.partition("-")[0]))
        yield Part(
            kind="font",
            name=path.relative_to(fonts).as_posix(),
            version="",
            sha256=_sha256(path),
            licence=licence_of("fonts", path.name),
            texts=texts,
        )


def _data() -> Iterator[Part]:
    for folder, (licence, text) in table()["data"].items():
        yield Part(kind="data", name=folder, version="", sha256="", licence=licence, texts=(ROOT / folder / text,))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe(found: list[Part]) -> str:
    """The parts as one text for people: name, version, licence, where its text lies."""
    lines = ["Every part of this program that others wrote, with its licence. The texts lie in the folders named.", ""]
    lines += [f"{part.name} {part.version}".strip() + f"\n    {part.licence}\n    {folder_of(part)}/" for part in found]
    return "\n".join(lines) + "\n"


def folder_of(part: Part) -> str:
    """Name of the folder with the texts of a part."""
    return json.dumps(part.name)[1:-1].replace(" (in ", "-in-").replace(")", "").replace("/", "-")
