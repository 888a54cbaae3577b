"""Which package may import which, as ARCHITECTURE.md draws it; and the one home of each foreign library."""

from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, imports_of, label, module_of, python_files

MAY_IMPORT: dict[str, set[str]] = {
    "evidence": set(),
    "chain_of_custody": set(),
    "resources": set(),
    "forensics_app": set(),
    "forensics_app.errors": {"evidence", "chain_of_custody"},
    "forensics_app.settings": {"forensics_app.errors"},
    "forensics_app.model": {"forensics_app.errors", "evidence", "chain_of_custody"},
    "forensics_app.db": {"forensics_app.errors", "forensics_app.model"},
    "forensics_app.reports": {"forensics_app.errors", "forensics_app.model", "resources"},
    "forensics_app.exchange": {"forensics_app.errors", "forensics_app.model"},
    "forensics_app.services": {
        "forensics_app",
        "forensics_app.db",
        "forensics_app.errors",
        "forensics_app.exchange",
        "forensics_app.model",
        "forensics_app.reports",
        "chain_of_custody",
        "evidence",
    },
    "forensics_app.bootstrap": {
        "chain_of_custody",
        "evidence",
        "forensics_app.db",
        "forensics_app.errors",
        "forensics_app.model",
        "forensics_app.services",
        "forensics_app.settings",
    },
    "forensics_app.logs": {"forensics_app.settings"},
    "forensics_app.cli": {
        "forensics_app",
        "forensics_app.bootstrap",
        "forensics_app.errors",
        "forensics_app.model",
        "forensics_app.services",
        "forensics_app.settings",
        "resources",
    },
    "forensics_app.__main__": {
        "forensics_app",
        "forensics_app.bootstrap",
        "forensics_app.cli",
        "forensics_app.errors",
        "forensics_app.logs",
        "forensics_app.settings",
        "evidence",
        "ui",
    },
    "ui": {
        "forensics_app",
        "forensics_app.bootstrap",
        "forensics_app.errors",
        "forensics_app.model",
        "forensics_app.services",
        "forensics_app.settings",
        "resources",
    },
}
ONLY_IN: dict[str, tuple[str, ...]] = {
    "PySide6": ("ui",),
    "shiboken6": ("ui",),
    "sqlalchemy": ("forensics_app.db", "forensics_app.services"),
    "alembic": ("forensics_app.db",),
    "sqlite3": ("forensics_app.db",),
    "psycopg": ("forensics_app.db",),
    "reportlab": ("forensics_app.reports",),
    "pypdfium2": ("forensics_app.reports.preview",),
    "cryptography": ("chain_of_custody",),
    "pyewf": ("evidence.images.libewf",),
    "pytsk3": ("evidence.filesystems.tsk",),
    "magic": ("evidence.filetype",),
    "PIL": ("evidence.pictures",),
}
SOURCES = python_files(*PACKAGES)


def layer_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "forensics_app" else parts[0]


def is_inside(module: str, homes: tuple[str, ...]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_imports_point_downward(path: Path) -> None:
    module = module_of(path)
    here = layer_of(module)
    assert here in MAY_IMPORT, f"{here} is a new layer: say here what it may import"
    for name in imports_of(path):
        if name.split(".")[0] in PACKAGES and layer_of(name) != here:
            assert layer_of(name) in MAY_IMPORT[here], f"{module} must not import {name}"


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_each_foreign_library_is_imported_in_its_one_home(path: Path) -> None:
    module = module_of(path)
    for name in imports_of(path):
        homes = ONLY_IN.get(name.split(".")[0])
        assert homes is None or is_inside(module, homes), f"{name} belongs in {' or '.join(homes)}, not in {module}"


def test_the_two_engines_stand_alone() -> None:
    for engine in ("evidence", "chain_of_custody"):
        others = {name.split(".")[0] for path in python_files(engine) for name in imports_of(path)}
        assert not others & (set(PACKAGES) - {engine}), f"{engine} imports {others & set(PACKAGES)}"


def test_nothing_imports_the_entry_points() -> None:
    for path in SOURCES:
        assert not any(name.endswith("__main__") for name in imports_of(path)), label(path)


def test_the_files_are_found() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(PACKAGES)
