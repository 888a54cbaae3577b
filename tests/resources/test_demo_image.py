"""The demonstration image, read by sleuthkit and libewf, against what its recipe put in."""

import hashlib
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

DEMO = Path(__file__).parents[2] / "resources" / "demo"
IMAGE = DEMO / "demo.E01"
EXPECTED: dict[str, Any] = json.loads((DEMO / "expected.json").read_text("utf-8"))
FILES = EXPECTED["files"]
LINE = re.compile(r"^\S+ (\* )?(\S+?)(?:\(realloc\))?:\t(.*)$")
LARGEST_BYTES = 3 * 1024 * 1024

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("fls", "icat", "mmls", "ewfverify", "ewfinfo"))),
    reason="sleuthkit and ewf-tools are the outside eyes here",
)


def run(*command: str) -> bytes:
    return subprocess.run(command, capture_output=True, check=True).stdout


@cache
def listing(volume: str) -> dict[str, tuple[str, bool]]:
    """Path to (address, deleted), as fls sees one file system."""
    lines = run("fls", "-i", "ewf", "-r", "-p", "-o", str(start_sector(volume)), str(IMAGE)).decode().splitlines()
    found = [LINE.match(line) for line in lines]
    return {f"/{match[3]}": (match[2], bool(match[1])) for match in found if match}


def start_sector(volume: str) -> int:
    starts = {part["volume"]: part["start_bytes"] for part in EXPECTED["partitions"]}
    return int(starts[volume]) // int(EXPECTED["sector_bytes"])


def label(file: dict[str, Any]) -> str:
    return ascii(f"{file['volume']}:{file['path']}")


def test_the_image_is_small_enough_to_ship() -> None:
    assert IMAGE.stat().st_size < LARGEST_BYTES


def test_the_stored_digests_are_those_of_the_media_that_went_in() -> None:
    assert "SUCCESS" in run("ewfverify", "-q", "-d", "sha1", str(IMAGE)).decode()
    told = run("ewfinfo", str(IMAGE)).decode()
    assert EXPECTED["media"]["md5"] in told
    assert EXPECTED["media"]["sha1"] in told
    assert EXPECTED["acquisition"]["case_number"] in told


def test_the_partitions_lie_where_the_recipe_put_them() -> None:
    told = run("mmls", "-i", "ewf", str(IMAGE)).decode()
    for part in EXPECTED["partitions"]:
        sectors = part["start_bytes"] // 512, part["length_bytes"] // 512
        assert re.search(rf"0*{sectors[0]}\s+\d+\s+0*{sectors[1]}\s+{part['name']}", told)


@pytest.mark.parametrize("file", FILES, ids=label)
def test_each_file_is_there_or_deleted_as_told(file: dict[str, Any]) -> None:
    address, deleted = listing(file["volume"])[file["path"]]
    assert deleted is file["deleted"]
    start = str(start_sector(file["volume"]))
    content = run("icat", "-r", "-i", "ewf", "-o", start, str(IMAGE), address)
    assert len(content) == file["size_bytes"]
    assert hashlib.sha256(content).hexdigest() == file["sha256"]


def test_the_story_holds_what_an_examiner_meets() -> None:
    deleted_on = {file["volume"] for file in FILES if file["deleted"]}
    assert deleted_on == {"ntfs", "fat", "ext4"}
    names = "".join(file["path"] for file in FILES)
    for script in ("Платежи", "ხელშეკრულება", "付款", "مستندات", "שלום", "\u202e", ":Zone.Identifier"):
        assert script in names
