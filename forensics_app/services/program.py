"""This program as a tool: what an act done with it states, so that somebody can tell with which build (REQ-33)."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from chain_of_custody.ledger import Json
from forensics_app import __version__
from forensics_app.db.schema import REVISIONS
from forensics_app.model.names import storable

NAME = "forensics-app"
TOOL = f"{NAME} {__version__}"
LIST = "SHA256SUMS"
PACKAGES = ("chain_of_custody", "evidence", "forensics_app", "resources", "ui")


@cache
def build_sha256() -> bytes:
    """SHA-256 of this program: of a list of its files and their digests.

    The files are those of the installed packages but for what Python compiled, and of a packaged program every file of
    its folder; sorted by their paths. A line of the list is the digest in hex, two blanks and the path, as
    ``sha256sum`` writes it: a packaged program has the same list beside it, :data:`LIST`. It is computed once, when
    something first asks for it, and never at the start.

    Raises:
        OSError: A file cannot be read.
    """
    return hashlib.sha256("".join(_lines()).encode()).digest()


def differs_from_its_list() -> tuple[str, ...] | None:
    """The files of a packaged program that are not as in the list it came with, or not in it.

    Where the list itself is missing, it is named. None where the program is not packaged and never had a list.

    Raises:
        OSError: A file cannot be read.
    """
    if not getattr(sys, "frozen", False):
        return None
    listed = _home() / LIST
    if not listed.is_file():
        return (LIST,)
    wanted, found = set(listed.read_text("utf-8").splitlines(keepends=True)), set(_lines())
    return tuple(sorted({line.partition("  ")[2].rstrip("\n") for line in wanted ^ found}))


def act_facts(
    parameters: Mapping[str, Json],
    *,
    configuration: bytes,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str] | None = None,
) -> dict[str, Json]:
    """What the entry of an act of this program states of it; who did it is the entry's actor.

    Args:
        parameters: What it was told to do.
        configuration: SHA-256 of the configuration in force (REQ-35).
        inputs: SHA-256 in hex of what it read, by name; empty where there is none.
        outputs: The same of what it made.
    """
    return {
        "tool": TOOL,
        "tool_sha256": build_sha256().hex(),
        "schema": REVISIONS[-1],
        "configuration_sha256": configuration.hex(),
        "parameters": dict(parameters),
        "inputs": _named(inputs),
        "outputs": _named(outputs or {}),
    }


def _named(digests: Mapping[str, str]) -> Sequence[Json]:
    return [{"name": storable(name), "sha256": sha256} for name, sha256 in digests.items()]


def _lines() -> Iterator[str]:
    root = _home()
    files = {path.relative_to(root).as_posix(): path for path in _files(root)}
    return (f"{_digest(path).hex()}  {name}\n" for name, path in sorted(files.items()))


def _home() -> Path:
    """The folder of the packaged program; else that of the packages."""
    if not getattr(sys, "frozen", False):
        return Path(__file__).parents[2]
    folder = Path(sys.executable).parent
    return folder.parent if folder.name == "MacOS" else folder


def _files(root: Path) -> Iterator[Path]:
    if getattr(sys, "frozen", False):
        yield from (path for path in root.rglob("*") if path.is_file() and path != root / LIST)
        return
    for package in PACKAGES:
        for path in (root / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
