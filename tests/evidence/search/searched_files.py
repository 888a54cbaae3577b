"""Files in a volume of FAT, looked through by the call that a search makes in its child process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence.examine import examine
from evidence.filesystems.base import FILE_COLUMNS
from evidence.filesystems.reading import FileReader
from evidence.search.finder import Wanted
from evidence.search.task import search
from evidence.volumes.base import Volume
from tests.evidence.documents import PlainImage
from tests.evidence.made_images import blank, need, run


class _Kept:
    """What a search streams."""

    place = ""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def item(self, value: object) -> None:
        self.items.append(value)

    def progress(self, done: int, total: int) -> None:
        """Nobody waits."""

    def note(self, step: str) -> None:
        """Nothing dies."""


def found_in_texts(
    folder: Path, files: Mapping[str, tuple[str, bytes]], wanted: Wanted, places: tuple[str, ...] = ("text",)
) -> tuple[dict[str, list[tuple[int, int, int, str]]], dict[str, list[str]]]:
    """For each file, by name, with its kind: what is found in its text, and why some of it was not searched.

    Hits are told as term, offset, length and text.
    """
    need("mkfs.vfat", "mcopy")
    path = blank(folder / "fat", 16 << 20)
    run("mkfs.vfat", "-F", "16", "-s", "4", path)
    for name, (_, data) in files.items():
        (folder / name).write_bytes(data)
        run("mcopy", "-i", path, folder / name, f"::{name}")
    seen = list(examine(PlainImage(path), hash_files=False))
    (volume,) = {one.id: one for one in seen if isinstance(one, Volume)}.values()
    rows = [dict(zip(FILE_COLUMNS, row, strict=True)) for one in seen if isinstance(one, tuple) for row in one]
    addresses = {row["path"].removeprefix("/"): row["address"] for row in rows}
    pieces = tuple(
        (number, "v0", addresses[name], "file", 0, -1, kind, 1)
        for number, (name, (kind, _)) in enumerate(files.items())
    )
    kept: Any = _Kept()
    asked = {
        "image": "image", "wanted": wanted.plain(), "pieces": pieces,
        "lineages": {"v0": (volume,)}, "starts": {"v0": 0},
    }  # fmt: skip
    search({"image": FileReader(PlainImage(path))}, asked, kept)
    hits: dict[str, list[tuple[int, int, int, str]]] = {name: [] for name in files}
    missed: dict[str, list[str]] = {name: [] for name in files}
    for kind, number, place, *rest in kept.items:
        name = tuple(files)[number]
        if kind == "missed":
            missed[name].append(rest[2])
        elif place in places:
            hits[name] += [(one[2], one[0], one[1], one[5]) for one in rest[0]]
    return hits, missed
