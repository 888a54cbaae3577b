"""What is loaded when it is first needed: every reference of the tables leads somewhere, and nothing comes early."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest

from evidence.keys import NO_KEYS
from evidence.later import Later
from evidence.volumes.layers import ALONE, Layer, Signed
from tests.evidence.volumes.media import Media

ROOT = Path(__file__).parents[2]
TOO_EARLY = ("cryptography", "pyewf", "lzfse", "xxhash", "google_crc32c", "zstandard", "magic", "cramjam")


VALUES = ("wire.py", "isolation.py")
"""Name what crosses between processes, which is no reader; the program imports it while a child starts."""


def references(*, passed_over: Collection[str] = ()) -> list[tuple[str, str]]:
    """Module and name of each ``Later(...)`` that is written in the engine, but in files of these names."""
    found = []
    for path in sorted((ROOT / "evidence").rglob("*.py")):
        if path.name in passed_over:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Later":
                assert all(isinstance(argument, ast.Constant) for argument in node.args), f"{path}:{node.lineno}"
                module, name = (argument.value for argument in node.args if isinstance(argument, ast.Constant))
                found.append((str(module), str(name)))
    return found


@pytest.mark.parametrize(("module", "name"), sorted(set(references())))
def test_every_reference_leads_to_something_that_can_be_called(module: str, name: str) -> None:
    assert callable(Later(module, name).resolve())


def test_a_child_starts_without_the_readers_that_its_image_may_not_need() -> None:
    modules = sorted({module for module, _ in references(passed_over=VALUES)} - {"evidence.filesystems.sleuthkit"})
    code = f"import sys, evidence.tasks; print([name for name in {(*TOO_EARLY, *modules)!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_starts_a_child_before_it_loads_what_comes_from_it() -> None:
    code = "import sys, evidence.examination; print('evidence.views' in sys.modules, 'evidence.digest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_plain_image_is_read_without_loading_ciphers(tmp_path: Path) -> None:
    path = tmp_path / "plain.raw"
    path.write_bytes(bytes(1 << 20))
    code = (
        "import sys, pathlib\n"
        "from evidence.examine import examine\n"
        "from evidence.images import open_image\n"
        "found = list(examine(open_image([pathlib.Path(sys.argv[1])]), hash_files=False))\n"
        "print(len(found), 'cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]


def test_a_layer_is_opened_only_where_its_signature_is() -> None:
    asked: list[bool] = []

    def opened(source: object, keys: object, beside: object, /) -> Layer:
        asked.append(True)
        return Layer()

    signed = Signed(lambda source: source.read_at(0, 2) == b"ab", opened)
    media = Media(512)
    assert signed(media, NO_KEYS, ALONE) is None
    assert not asked
    media.write(0, b"ab")
    assert signed(media, NO_KEYS, ALONE) == Layer()
