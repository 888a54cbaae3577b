"""Habits of the house that a linter does not know. Each test lists every place that breaks its rule."""

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from build_spec.workshop.requirement_table import ALL, shown_by
from tests.architecture.tree import OWN, PACKAGES, ROOT, committed_text_files, label, module_of, parsed, python_files

LONGEST_FILE_LINES = 450
BROAD_EXCEPT_ALLOWED = ("ui.jobs", "ui.errors", "forensics_app.__main__")
INVISIBLE = {"Cf", "Co", "Cn", "Cs", "Zl", "Zp"}
TELLS_OF_A_MACHINE = re.compile(
    r"files\.pythonhosted\.org|pypi\.org|registry\.npmjs\.org|deb\.debian\.org|/opt/(?:wheels|pypi)"
    r"|(?<![\w.])/work/|/root/|file:///",
)
ARGUMENTS_WITH_A_ZONE = {"now": 1, "fromtimestamp": 2}
NEVER_KNOW_A_ZONE = {"utcnow", "utcfromtimestamp", "today"}


def is_inside(module: str, homes: tuple[str, ...]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def nodes(*words: str) -> Iterator[tuple[Path, ast.AST]]:
    """Every node of the modules of the packages that hold one of these words."""
    found = (path for path in python_files(*PACKAGES) if any(word in path.read_text("utf-8") for word in words))
    return ((path, node) for path in found for node in ast.walk(parsed(path)))


def at(path: Path, node: ast.AST) -> str:
    return f"{label(path)}:{getattr(node, 'lineno', 1)}"


def test_every_file_is_short_enough_to_be_read() -> None:
    lengths = {label(path): len(path.read_text("utf-8").splitlines()) for path in python_files(*OWN)}
    found = [f"{name}: {length} lines" for name, length in lengths.items() if length > LONGEST_FILE_LINES]
    assert found == [], "\n".join(found)


def test_no_screen_pumps_the_event_loop() -> None:
    found = [
        at(path, node)
        for path, node in nodes("processEvents")
        if isinstance(node, ast.Attribute) and node.attr == "processEvents"
    ]
    assert found == [], "\n".join(found)


def knows_no_zone(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or ast.unparse(call.func.value).split(".")[-1] not in {
        "datetime",
        "date",
    }:
        return False
    given = len(call.args) + len(call.keywords)
    return call.func.attr in NEVER_KNOW_A_ZONE or given < ARGUMENTS_WITH_A_ZONE.get(call.func.attr, 0)


def test_no_time_without_a_zone_is_made() -> None:
    named = (*NEVER_KNOW_A_ZONE, *ARGUMENTS_WITH_A_ZONE)
    calls = ((path, node) for path, node in nodes(*(f".{name}(" for name in named)) if isinstance(node, ast.Call))
    found = [f"{at(path, call)} {ast.unparse(call)}" for path, call in calls if knows_no_zone(call)]
    assert found == [], "\n".join(found)


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = "BaseException" if handler.type is None else ast.unparse(handler.type)
    reraises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(handler))
    return not reraises and not {"Exception", "BaseException"}.isdisjoint(re.findall(r"\w+", caught))


def test_everything_is_caught_only_at_the_three_edges() -> None:
    handlers = ((path, node) for path, node in nodes("except") if isinstance(node, ast.ExceptHandler))
    broad = [(path, node) for path, node in handlers if catches_everything(node)]
    found = [at(path, node) for path, node in broad if not is_inside(module_of(path), BROAD_EXCEPT_ALLOWED)]
    assert found == [], "\n".join(found)


def test_every_requirement_that_a_test_names_exists() -> None:
    assert {number: tests for number, tests in shown_by().items() if number not in ALL} == {}


def test_the_packages_to_install_are_those_in_the_tree_and_no_others() -> None:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]["find"]
    there = {module_of(path) for path in python_files(*OWN) if path.name == "__init__.py"}
    taken = {name for name in there if any(fnmatchcase(name, pattern) for pattern in found["include"])}
    assert taken == {name for name in there if name.split(".")[0] in PACKAGES}
    assert found["namespaces"] is False


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}
    assert [label(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_no_file_names_a_machine_or_a_place_to_download_from() -> None:
    texts = {label(path): path.read_text("utf-8") for path in committed_text_files() if path != Path(__file__)}
    found = {name: TELLS_OF_A_MACHINE.search(text) for name, text in texts.items()}
    wrong = [f"{name}: {match.group()}" for name, match in found.items() if match]
    assert wrong == [], "\n".join(wrong)


def test_no_file_holds_characters_that_cannot_be_seen() -> None:
    hidden = {
        label(path): sorted({f"U+{ord(char):04X}" for char in path.read_text("utf-8") if is_hidden(char)})
        for path in committed_text_files()
    }
    wrong = [f"{name}: {found}" for name, found in hidden.items() if found]
    assert wrong == [], "\n".join(["write these as escapes:", *wrong])


def is_hidden(char: str) -> bool:
    return not char.isascii() and unicodedata.category(char) in INVISIBLE


def test_names_in_the_code_are_plain_ascii() -> None:
    odd = [
        f"{at(path, node)} {name!r}"
        for path in python_files(*PACKAGES, "build_spec", "tests")
        if not path.read_bytes().isascii()
        for node in ast.walk(parsed(path))
        for name in (getattr(node, field, None) for field in ("id", "attr", "name", "arg", "asname"))
        if isinstance(name, str) and not name.isascii()
    ]
    assert odd == [], "\n".join(odd)
