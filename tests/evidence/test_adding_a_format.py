"""The recipe of docs/adding-a-format.md, followed in a copy of the program: one file and one line for each format."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTENT = b"a file in a file system in a layer in a partition in a container\n"

TOY_CONTAINER = """
from evidence.images.piecewise import PiecewiseImage
from evidence.images.source import SourceSet
from evidence.images.stored import JoinedFiles, copy_stored

class ToyImage(PiecewiseImage):
    def __init__(self, files):
        self._stored = JoinedFiles(files)
        size = self._stored.size_bytes - 512
        super().__init__(container="toy", files=files, media_bytes=size, sector_bytes=512, chunk_bytes=512,
                         metadata={}, problems=())

    def _fill_some(self, offset_bytes, target):
        copy_stored(self._stored, 512 + offset_bytes, target, offset_bytes, 512)
        return len(target)

def open_toy(paths):
    return ToyImage(SourceSet(paths[:1]))
"""
TOY_TABLE = """
from evidence.volumes.base import Division, PartitionTable, Stretch, peek, with_gaps

def read(source, sector_bytes):
    if peek(source, 0, 8) != b"TOYTABLE":
        return None
    stretch = Stretch(slot="p1", kind="partition", start_bytes=4096, length_bytes=source.media_bytes - 4096,
                      description="toy")
    table = PartitionTable(scheme="toy", sector_bytes=512)
    return Division(table=table, stretches=with_gaps([stretch], source.media_bytes, 512))
"""
TOY_LAYER = """
from evidence.volumes.base import peek
from evidence.volumes.layers import Inner, Layer

class Inverted:
    def __init__(self, source):
        self._source, self.media_bytes = source, source.media_bytes - 512

    def read_at(self, offset_bytes, size_bytes):
        return bytes(255 - byte for byte in self._source.read_at(512 + offset_bytes, size_bytes))

def look(source):
    return peek(source, 0, 8) == b"TOYLAYER"

def open_toy(source, keys, beside):
    inside = Inverted(source)
    inner = Inner(slot="t", kind="logical", description="toy", length_bytes=inside.media_bytes, source=inside)
    return Layer(volumes=(inner,))
"""
TOY_FILES = """
from evidence.filesystems.base import FileSystem
from evidence.filesystems.listing import Node, Tree
from evidence.filesystems.signatures import Found
from evidence.volumes.base import Window, peek

class Content:
    def __init__(self, source):
        self._source, self.size_bytes = Window(source, 512, source.media_bytes), source.media_bytes - 512

    def read(self, offset_bytes, size_bytes):
        return self._source.read_at(offset_bytes, size_bytes)

class ToyTree(Tree):
    root_address = "0"

    def __init__(self, source):
        self.facts = FileSystem(type="toyfs", block_bytes=512, label=None, serial=None)
        self._source, self.size_bytes, self.declared_bytes = source, source.media_bytes, source.media_bytes

    def children(self, address):
        content = self.content("1")
        yield Node(name="toy.txt", kind="file", address="1", size_bytes=content.size_bytes, content=content)

    def content(self, address):
        return Content(self._source)

    def time_rules(self, volume_id):
        return ()

def look(source):
    return Found(type="toyfs") if peek(source, 0, 8) == b"TOYFILES" else None

def open_toy(source, found):
    return ToyTree(source)
"""
FORMATS = [
    (
        "images/toy.py", TOY_CONTAINER, "images/containers.py", "CONTAINERS: tuple[Container, ...] = (",
        'Container("toy", "Toy image", marked(b"TOYIMAGE"), Later("evidence.images.toy", "open_toy")),',
    ),
    (
        "volumes/toy_table.py", TOY_TABLE, "volumes/tables.py",
        "SCHEMES: tuple[Callable[[Readable, int], Division | None], ...] = (",
        'Later("evidence.volumes.toy_table", "read"),',
    ),
    (
        "volumes/toy_layer.py", TOY_LAYER, "volumes/tables.py", "LAYERS: tuple[Opener, ...] = (",
        'Signed(Later("evidence.volumes.toy_layer", "look"), Later("evidence.volumes.toy_layer", "open_toy")),',
    ),
    (
        "filesystems/toy.py", TOY_FILES, "filesystems/formats.py", "FORMATS: tuple[Format, ...] = (",
        'Format(Later("evidence.filesystems.toy", "look"), Later("evidence.filesystems.toy", "open_toy")),',
    ),
]  # fmt: skip
"""The new file and what is in it; the table, where it begins, and the line."""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The program with a toy of each kind of format, added as the document says."""
    folder = tmp_path / "program"
    shutil.copytree(ROOT / "evidence", folder / "evidence", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("forensics_app", "chain_of_custody", "resources"):
        (folder / name).symlink_to(ROOT / name)
    for file, reader, table, begin, line in FORMATS:
        (folder / "evidence" / file).write_text(reader, encoding="utf-8")
        path = folder / "evidence" / table
        text = path.read_text(encoding="utf-8")
        assert text.count(begin) == 1
        path.write_text(text.replace(begin, f"{begin}\n    {line}\n"), encoding="utf-8")
    return folder


@pytest.fixture
def image(tmp_path: Path) -> Path:
    files = b"TOYFILES".ljust(512, b"\0") + CONTENT
    layer = b"TOYLAYER".ljust(512, b"\0") + bytes(255 - byte for byte in files)
    path = tmp_path / "disk.toy"
    path.write_bytes(b"TOYIMAGE".ljust(512, b"\0") + b"TOYTABLE".ljust(4096, b"\0") + layer)
    return path


def run(program: Path, *words: str | Path) -> str:
    command = [sys.executable, "-B", *map(str, words)]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_format_of_each_kind_that_is_added_by_the_document_is_read_through_the_whole_program(
    program: Path, image: Path
) -> None:
    found = json.loads(run(program, "-m", "forensics_app", "inspect", "--json", "--hash", "--files", image))
    assert (found["source"]["container"], found["partition_table"]["scheme"]) == ("toy", "toy")
    volumes = {volume["id"]: volume for volume in found["volumes"]}
    assert volumes["v0.p1.t"]["file_system"]["type"] == "toyfs"
    (file,) = found["files"]
    assert (file["path"], file["sha256"]) == ("/toy.txt", hashlib.sha256(CONTENT).hexdigest())


def test_the_line_of_a_container_names_it_on_screen_too(program: Path) -> None:
    code = (
        "from evidence.images.containers import name_in, title_of; print(title_of('toy'), name_in('Toy of version 9'))"
    )
    assert run(program, "-c", code).split("\n")[0] == "Toy image toy"


@pytest.mark.parametrize("table", ["CONTAINERS", "SCHEMES", "LAYERS", "FORMATS", "REFUSED"])
def test_every_table_that_the_document_names_is_where_it_says(table: str) -> None:
    words = (ROOT / "docs" / "adding-a-format.md").read_text(encoding="utf-8")
    assert f"`{table}`" in words
    places = [path for path in (ROOT / "evidence").rglob("*.py") if f"\n{table}: tuple[" in path.read_text("utf-8")]
    assert len(places) == 1
    assert f"`{places[0].relative_to(ROOT)}`" in words
