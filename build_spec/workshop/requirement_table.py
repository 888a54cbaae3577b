"""Lists which requirements of the guidance (REQ-01 to REQ-70) the tests show, from the markers in the tests."""

import ast
from collections import defaultdict
from collections.abc import Iterator

from build_spec.workshop.console import ROOT

ALL = tuple(f"REQ-{number:02}" for number in range(1, 71))


def markers(source: str) -> Iterator[tuple[str, str]]:
    """Yields (requirement, name of the test, class or "the whole file") for every `pytest.mark.req(...)`."""
    if "mark.req" not in source:
        return
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from ((number, node.name) for part in node.decorator_list for number in _numbers(part))
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(_is_pytestmark(target) for target in statement.targets):
            yield from ((number, "the whole file") for number in _numbers(statement.value))


def shown_by() -> dict[str, list[str]]:
    """Maps each requirement found to the tests that show it, as path::name."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for number, name in markers(path.read_text("utf-8")):
            found[number].append(f"{path.relative_to(ROOT).as_posix()}::{name}")
    return dict(found)


def table() -> str:
    """The table as text: a line per requirement, its tests beneath it, and what no test shows at the end."""
    found = shown_by()
    lines: list[str] = []
    for number in sorted(found):
        lines.append(f"{number}  {len(found[number])} test{'s' if len(found[number]) > 1 else ''}")
        lines.extend(f"          {test}" for test in found[number])
    without = [number for number in ALL if number not in found]
    lines.append(f"{len(ALL) - len(without)} of {len(ALL)} requirements are shown by tests. Not shown:")
    lines.append("          " + (" ".join(without) or "none"))
    return "\n".join(lines) + "\n"


def _numbers(node: ast.expr) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.req":
            yield from (str(word.value) for word in call.args if isinstance(word, ast.Constant))


def _is_pytestmark(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "pytestmark"
