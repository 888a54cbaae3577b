"""The source files of the project, for the tests about its structure."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("forensics_app", "ui", "evidence", "chain_of_custody", "resources")
OWN = (*PACKAGES, "build_spec", "tests")


RECIPES = (ROOT / "resources" / "demo", ROOT / "resources" / "validation")


def python_files(*folders: str) -> list[Path]:
    """The modules under these folders; the recipes of images are run by developers and are none."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if not any(path.is_relative_to(recipe) for recipe in RECIPES))


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{label(path)}: relative import"
            if node.module == "forensics_app":
                yield from (_in_application(alias.name) for alias in node.names)
            else:
                yield node.module or ""


def _in_application(name: str) -> str:
    place = ROOT / "forensics_app" / name
    return f"forensics_app.{name}" if place.is_dir() or place.with_suffix(".py").exists() else "forensics_app"


def committed_text_files() -> list[Path]:
    """Text files that a clone would hold, the licence aside; those git ignores are left out by name."""
    suffixes = {
        ".py",
        ".md",
        ".toml",
        ".yaml",
        ".yml",
        ".txt",
        ".json",
        ".qss",
        ".svg",
        ".css",
        ".html",
        ".ini",
        ".mako",
    }
    found = [path for folder in (*OWN, "docs", ".ci") for path in (ROOT / folder).rglob("*")]
    found += [path for path in ROOT.iterdir() if path.is_file() and path.name != "LICENSE"]
    return sorted(
        path
        for path in found
        if path.is_file() and (path.suffix in suffixes or path.name == "run") and "__pycache__" not in path.parts
    )
