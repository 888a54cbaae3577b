"""Whoever a service lets do an act may do it under the verifiers' table of roles, which is read from the code of both.

Read is each function of the services that asks for a role, with the acts that are named in it or in what it calls in
its own module. An act that a service allows and the table does not would be signed by nobody: the program refuses it.
"""

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import forensics_app.services
from chain_of_custody.record_tables import WRITERS
from chain_of_custody.rules import _ROLES
from forensics_app.model.person import Role
from tests.architecture.test_record_tables import functions_of

SERVICES = Path(forensics_app.services.__file__).parent
ALLOWED = {act: frozenset(roles) for act, roles in (*WRITERS.items(), *_ROLES.items())}


def asked() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Function, act and the roles that the function asks for first."""
    for path in sorted(SERVICES.glob("*.py")):
        functions = {one.name: one for one in functions_of(ast.parse(path.read_text("utf-8")))}
        for name, function in functions.items():
            named = vars(importlib.import_module(f"forensics_app.services.{path.stem}"))
            acts = acts_of(name, functions, named, set())
            roles = roles_of(function, named) if acts else frozenset()
            yield from ((f"{path.stem}.{name}", act, roles) for act in sorted(acts) if roles)


def roles_of(function: ast.FunctionDef, named: dict[str, object]) -> frozenset[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
            told = ast.unparse(ast.Tuple(node.args[2:], ast.Load()))
            found = eval(told, named)
            return frozenset(one.value for one in found if isinstance(one, Role))
    return frozenset()


def acts_of(name: str, functions: dict[str, ast.FunctionDef], named: dict[str, object], seen: set[str]) -> set[str]:
    seen.add(name)
    found = set[str]()
    for node in ast.walk(functions[name]):
        told = named.get(node.id) if isinstance(node, ast.Name) else getattr(node, "value", None)
        if isinstance(told, str) and told in ALLOWED:
            found.add(str(told))
        called = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if called in functions and called not in seen:
            found |= acts_of(called, functions, named, seen)
    return found


ASKED = tuple(asked())
OTHERWISE = {
    ("case_imports.take_in", "exhibit.add"): "a whole case is imported by an examiner alone",
    ("intake.decide", "image.intake"): "only read there: who took the image in does not decide about it",
}
"""What is not alike in both, and why."""
NOT_SEEN = {
    "bookmark.add", "bookmark.withdraw", "custody.reject_disposal", "exhibit.correct_step", "file.export",
    "finding.add", "finding.withdraw", "report.approve", "report.discard", "report.edit", "report.recall",
    "report.return", "report.submit", "scene.answer", "scene.capture",
}  # fmt: skip
"""Acts whose words a service puts together, takes as an argument or has in another module: not compared here."""


@pytest.mark.req("REQ-68")
def test_a_service_lets_those_do_an_act_whom_the_table_of_roles_allows() -> None:
    assert {(by, act) for by, act, roles in ASKED if roles != ALLOWED[act]} == set(OTHERWISE)


@pytest.mark.req("REQ-68")
def test_every_act_with_roles_is_compared_or_named_as_not_compared() -> None:
    assert set(ALLOWED) - {act for _, act, _ in ASKED} == NOT_SEEN
