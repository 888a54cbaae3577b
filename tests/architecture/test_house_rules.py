"""Habits of the house that a linter does not know."""

import ast
import re
import tomllib
import unicodedata
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from build_spec.workshop.requirement_table import ALL, shown_by
from tests.architecture.tree import OWN, PACKAGES, ROOT, committed_text_files, label, module_of, parsed, python_files

LONGEST_FILE_LINES = 450
BROAD_EXCEPT_ALLOWED = ("ui.jobs", "ui.errors", "forensics_app.cli", "forensics_app.__main__", "forensics_app.errors")
STRICTLY_ASCII = (*PACKAGES, "build_spec")
INVISIBLE = {"Cf", "Co", "Cn", "Cs", "Zl", "Zp"}
TELLS_OF_THE_WORKSHOP = re.compile(
    r"files\.pythonhosted\.org|pypi\.org|registry\.npmjs\.org|deb\.debian\.org|/opt/(?:wheels|pypi)"
    r"|(?<![\w.])/work/|/root/|file:///",
)
LOCAL_NOW = {"now": 0, "fromtimestamp": 1, "utcnow": -1, "utcfromtimestamp": -1, "today": -1}


@pytest.mark.parametrize("path", python_files(*OWN), ids=label)
def test_a_file_stays_short_enough_to_be_read(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LONGEST_FILE_LINES, f"{label(path)} has {lines} lines: look for the noun that is missing"


@pytest.mark.parametrize("path", python_files(*PACKAGES), ids=label)
def test_no_screen_pumps_the_event_loop(path: Path) -> None:
    used = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
    assert "processEvents" not in used


@pytest.mark.parametrize("path", python_files(*PACKAGES), ids=label)
def test_no_time_without_a_zone_is_made(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value).split(".")[-1]
            if owner in {"datetime", "date"} and node.func.attr in LOCAL_NOW:
                needed = LOCAL_NOW[node.func.attr]
                given = len(node.args) + len(node.keywords)
                assert 0 <= needed < given, f"{label(path)}:{node.lineno}: {ast.unparse(node)} knows no zone"


@pytest.mark.parametrize("path", python_files(*PACKAGES), ids=label)
def test_everything_is_caught_only_at_the_three_edges(path: Path) -> None:
    module = module_of(path)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            caught = "everything" if node.type is None else ast.unparse(node.type)
            broad = {"everything", "Exception", "BaseException"} & set(re.findall(r"\w+", caught))
            reraises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            edge = any(module == home or module.startswith(f"{home}.") for home in BROAD_EXCEPT_ALLOWED)
            assert not broad or edge or reraises, f"{label(path)}:{node.lineno}: except {caught}"


def test_every_requirement_that_a_test_names_exists() -> None:
    unknown = {number: tests for number, tests in shown_by().items() if number not in ALL}
    assert not unknown


def test_the_packages_to_install_are_those_in_the_tree_and_no_others() -> None:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"]
    there = {module_of(path) for path in python_files(*OWN) if path.name == "__init__.py"}
    taken = {name for name in there if any(fnmatchcase(name, pattern) for pattern in found["include"])}
    assert taken == {name for name in there if name.split(".")[0] in PACKAGES}
    assert found["namespaces"] is False


def test_every_folder_with_modules_is_a_package() -> None:
    bare = {label(path.parent) for path in python_files(*PACKAGES) if not (path.parent / "__init__.py").exists()}
    assert not bare


@pytest.mark.parametrize("path", committed_text_files(), ids=label)
def test_no_file_names_a_machine_or_a_place_to_download_from(path: Path) -> None:
    if path == Path(__file__):
        pytest.skip("this file holds the patterns themselves")
    found = TELLS_OF_THE_WORKSHOP.search(path.read_text("utf-8"))
    assert found is None, f"{label(path)}: {found.group() if found else ''}"


@pytest.mark.parametrize("path", committed_text_files(), ids=label)
def test_no_file_holds_characters_that_cannot_be_seen(path: Path) -> None:
    text = path.read_text("utf-8")
    hidden = {f"U+{ord(char):04X}" for char in text if unicodedata.category(char) in INVISIBLE}
    assert not hidden, f"{label(path)}: write {sorted(hidden)} as escapes"


@pytest.mark.parametrize("path", python_files(*STRICTLY_ASCII), ids=label)
def test_names_in_the_code_are_plain_ascii(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        for field in ("id", "attr", "name", "arg", "asname"):
            name = getattr(node, field, None)
            assert not isinstance(name, str) or name.isascii(), (
                f"{label(path)}: {name!r} looks like something it is not"
            )
