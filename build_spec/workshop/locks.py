"""Resolves the dependencies of pyproject.toml for Linux, Windows and macOS into lock files with hashes."""

import hashlib
import json
import os
import re
import tomllib
from pathlib import Path

from build_spec.workshop.console import ROOT, StepError, quietly, say
from build_spec.workshop.environment import LOCKS, PYTHON

GROUPS = {"run": ("build",), "dev": ("build", "dev"), "package": ("build", "package")}
PLATFORMS = ("x86_64-manylinux_2_34", "x86_64-pc-windows-msvc", "aarch64-apple-darwin")
PYTHONS = ("3.11", "3.12", "3.13")
FIRST_LINE = "# Locked from pyproject.toml, whose dependencies have the digest {digest}\n"
NAMES_A_PLACE = re.compile(r"://|^\s*(-i|-f|--(index-url|extra-index-url|find-links|trusted-host))\b|@ |/opt/", re.M)
OWN_INDEX_SETTINGS = ("UV_", "PIP_")


def inputs_digest() -> str:
    """SHA-256, in hex, of everything in pyproject.toml that decides what gets locked."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project = told["project"]
    decides = [project["requires-python"], project["dependencies"], told["dependency-groups"]]
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


def write(*, upgrade: bool) -> None:
    """Writes build_spec/requirements/run.txt, and dev.txt and package.txt, which hold the first.

    Raises:
        StepError: the dependencies contradict each other, a system would lack a wheel, or a file would name a host.
    """
    for name, groups in GROUPS.items():
        lock = LOCKS / f"{name}.txt"
        _resolve(lock, groups, upgrade=upgrade)
        text = lock.read_text("utf-8")
        if found := NAMES_A_PLACE.search(text):
            raise StepError(f"{lock.name} names a place to download from: {found.group()!r}", 3)
        lock.write_text(FIRST_LINE.format(digest=inputs_digest()) + text, encoding="utf-8")
        _check_wheels(lock)
    say("Written; .venv follows at the next command")


def _resolve(lock: Path, groups: tuple[str, ...], *, upgrade: bool) -> None:
    options = [word for group in groups for word in ("--group", group)]
    if upgrade:
        options.append("--upgrade")
    if lock.name != "run.txt":
        options += ["--constraint", "build_spec/requirements/run.txt"]
    quietly(
        f"Resolving {lock.name} for all systems, Python {PYTHONS[0]} and newer",
        [
            *_UV_COMPILE,
            *("--universal", "--generate-hashes", "--python-version", PYTHONS[0], "--no-annotate"),
            *("--custom-compile-command", "python3 build_spec/dev.py lock", "pyproject.toml", *options),
            *("--output-file", lock.relative_to(ROOT)),
        ],
        env=_without_own_index(),
    )


def _check_wheels(lock: Path) -> None:
    for platform in PLATFORMS:
        for version in PYTHONS:
            quietly(
                f"Checking that every package of {lock.name} has a wheel for {platform}, Python {version}",
                [
                    *(*_UV_COMPILE, "--only-binary", ":all:", "--no-deps", "--python-platform", platform),
                    *("--python-version", version, lock.relative_to(ROOT)),
                ],
                env=_without_own_index(),
            )


def _without_own_index() -> dict[str, str]:
    return {name: "" for name in os.environ if name.startswith(OWN_INDEX_SETTINGS) and "CERT" not in name}


_UV_COMPILE = (PYTHON, "-m", "uv", "pip", "compile", "--quiet", "--no-config")
