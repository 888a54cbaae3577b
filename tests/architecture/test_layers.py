"""Which package may import which, as ARCHITECTURE.md draws it; and the one home of each foreign library."""

from tests.architecture.tree import PACKAGES, ROOT, imports_of, module_of, python_files

MAY_IMPORT: dict[str, set[str]] = {
    "evidence": set(),
    "chain_of_custody": set(),
    "resources": set(),
    "forensics_app": set(),
    "forensics_app.errors": {"evidence", "chain_of_custody"},
    "forensics_app.this_computer": set(),
    "forensics_app.crashes": {"forensics_app", "forensics_app.this_computer"},
    "forensics_app.settings": {"forensics_app.errors"},
    "forensics_app.model": {"forensics_app.errors", "evidence", "chain_of_custody"},
    "forensics_app.db": {"forensics_app.errors", "forensics_app.model"},
    "forensics_app.reports": {"forensics_app.errors", "forensics_app.model", "resources"},
    "forensics_app.exchange": {"forensics_app.errors", "forensics_app.model"},
    "forensics_app.proof": {"forensics_app.errors", "forensics_app.model"},
    "forensics_app.services": {
        "forensics_app",
        "forensics_app.db",
        "forensics_app.errors",
        "forensics_app.exchange",
        "forensics_app.model",
        "forensics_app.proof",
        "forensics_app.reports",
        "forensics_app.this_computer",
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
        "resources",
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
        "forensics_app.crashes",
        "forensics_app.errors",
        "forensics_app.logs",
        "forensics_app.settings",
        "chain_of_custody",
        "evidence",
        "ui",
    },
    "ui": {
        "forensics_app",
        "forensics_app.bootstrap",
        "forensics_app.crashes",
        "forensics_app.errors",
        "forensics_app.model",
        "forensics_app.services",
        "forensics_app.settings",
        "resources",
    },
}
ONLY_IN: dict[str, tuple[str, ...]] = {
    "PySide6": ("ui", "evidence.video", "evidence.silent_damage"),
    "shiboken6": ("ui",),
    "sqlalchemy": ("forensics_app.db", "forensics_app.services"),
    "alembic": ("forensics_app.db",),
    "sqlite3": ("forensics_app.db", "evidence.viewers.sqlite", "evidence.viewers.sqlite_rows"),
    "sqlcipher3": ("forensics_app.db.sqlite",),
    "psycopg": ("forensics_app.db",),
    "reportlab": ("forensics_app.reports",),
    "pypdfium2": ("forensics_app.reports.preview", "evidence.viewers.pdf", "evidence.viewers.pdf_marks"),
    "pyevtx": ("evidence.viewers.event_log",),
    "pyfsext": ("evidence.second_reader.ext",),
    "pyfsfat": ("evidence.second_reader.fat",),
    "pyfsntfs": ("evidence.second_reader.ntfs",),
    "pylnk": ("evidence.viewers.shortcut",),
    "pyolecf": ("evidence.viewers.compound",),
    "pyregf": ("evidence.viewers.registry",),
    "pyscca": ("evidence.viewers.prefetch",),
    "cryptography": ("chain_of_custody", "evidence.volumes", "forensics_app.proof.certificates"),
    "pyhanko": ("forensics_app.proof",),
    "pyhanko_certvalidator": ("forensics_app.proof",),
    "asn1crypto": ("forensics_app.proof",),
    "pkcs11": ("forensics_app.proof.tokens",),
    "Crypto": ("evidence.detectors.keccak",),
    "cramjam": ("evidence.images.aff4_chunks",),
    "isal": ("evidence.images.ewf_chunk",),
    "pyewf": ("evidence.images.libewf",),
    "pytsk3": ("evidence.filesystems.tsk",),
    "lzfse": ("evidence.lzfse",),
    "magic": ("evidence.filetype",),
    "re2": ("evidence.search.finder", "evidence.detectors.nearby"),
    "google_crc32c": ("evidence.filesystems.checksums",),
    "xxhash": ("evidence.filesystems.checksums",),
    "PIL": ("evidence.pictures", "evidence.brightness"),
    "rfc3161_client": ("forensics_app.services.time_authority",),
}
SOURCES = python_files(*PACKAGES)
IMPORTS = [(module_of(path), name) for path in SOURCES for name in imports_of(path)]


def layer_of(module: str) -> str:
    parts = module.split(".")
    return ".".join(parts[:2]) if parts[0] == "forensics_app" else parts[0]


def is_inside(module: str, homes: tuple[str, ...]) -> bool:
    return any(module == home or module.startswith(f"{home}.") for home in homes)


def test_imports_point_downward() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, name in IMPORTS
        if name.split(".")[0] in PACKAGES
        and layer_of(name) != layer_of(module)
        and layer_of(name) not in MAY_IMPORT[layer_of(module)]
    ]
    assert wrong == [], "\n".join(wrong)


def test_each_foreign_library_is_imported_in_its_one_home() -> None:
    wrong = [
        f"{module} imports {name}, which belongs in {' or '.join(ONLY_IN[name.split('.')[0]])}"
        for module, name in IMPORTS
        if name.split(".")[0] in ONLY_IN and not is_inside(module, ONLY_IN[name.split(".")[0]])
    ]
    assert wrong == [], "\n".join(wrong)


def test_every_layer_says_what_it_may_import() -> None:
    assert {layer_of(module) for module, _ in IMPORTS} - set(MAY_IMPORT) == set()


def test_the_two_engines_stand_alone() -> None:
    for engine in ("evidence", "chain_of_custody"):
        others = {name.split(".")[0] for path in python_files(engine) for name in imports_of(path)}
        assert not others & (set(PACKAGES) - {engine}), f"{engine} imports {others & set(PACKAGES)}"


def test_nothing_imports_the_entry_points() -> None:
    wrong = [module for module, name in IMPORTS if name.endswith("__main__")]
    assert wrong == [], "\n".join(wrong)


def test_the_files_are_found() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(PACKAGES)
