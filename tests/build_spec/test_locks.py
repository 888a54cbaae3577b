"""The lock files against pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from build_spec.workshop import locks

ROOT = Path(__file__).parents[2]
FILES = ("run", "dev", "package")
PINNED = re.compile(
    r"^([A-Za-z0-9._-]+)==(\S+)((?: ; [^\\]+)?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n?)+)", re.M
)


def text_of(name: str) -> str:
    return (locks.LOCKS / f"{name}.txt").read_text("utf-8")


def pinned(name: str) -> dict[str, Version]:
    return {canonicalize_name(found[1]): Version(found[2]) for found in PINNED.finditer(text_of(name))}


def asked(*groups: str) -> list[Requirement]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*told["project"]["dependencies"], *(line for group in groups for line in told["dependency-groups"][group])]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", FILES)
def test_the_lock_was_made_from_the_dependencies_as_they_are(name: str) -> None:
    assert text_of(name).splitlines()[0] == locks.FIRST_LINE.format(digest=locks.inputs_digest()).strip(), (
        "pyproject.toml changed: run python3 build_spec/dev.py lock"
    )


@pytest.mark.parametrize("name", FILES)
def test_every_line_of_the_lock_is_a_version_with_hashes(name: str) -> None:
    rest = PINNED.sub("", text_of(name))
    assert [line for line in rest.splitlines() if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", FILES)
def test_no_lock_names_a_place_to_download_from(name: str) -> None:
    assert locks.NAMES_A_PLACE.search(text_of(name)) is None


@pytest.mark.parametrize("name", FILES)
def test_every_dependency_is_locked_within_its_range(name: str) -> None:
    there = pinned(name)
    for requirement in asked(*locks.GROUPS[name]):
        version = there.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {name}.txt"
        assert version in requirement.specifier


def test_the_lock_for_tests_holds_the_lock_for_running() -> None:
    assert pinned("run").items() <= pinned("dev").items()


def test_qt_stays_below_the_release_that_loses_references() -> None:
    assert Version("6.8") <= pinned("run")["pyside6-essentials"] < Version("6.12")


@pytest.mark.parametrize("line", ["--index-url x", "-i x", "--find-links y", "a @ b", "# from https://host/simple"])
def test_a_place_to_download_from_is_noticed(line: str) -> None:
    assert locks.NAMES_A_PLACE.search(f"pillow==1.0\n{line}\n")
