"""Published images with independent expectations: everything that the readers of this version can list."""

from __future__ import annotations

import gzip
import importlib.util
import json
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from evidence.images.opening import open_image
from tests.evidence.documents import document

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
READABLE = {
    "ext2",
    "ext3",
    "ext4",
    "ntfs",
    "fat12",
    "fat16",
    "fat32",
    "exfat",
    "hfs+",
    "iso9660",
    "ufs 1",
    "ufs 2",
    "apfs",
    "udf",
    "xfs",
    "btrfs",
    None,
    "hfs",
    "lvm2_member",
    "bitlocker",
    "crypto_luks",
}
NAMED_ONLY = {"zfs_member", "swap"}
ORACLE_OFF_BY_ONE = {
    "ntfs-fat32_small": "sleuthkit 4.11.1 drops the second that 100 hundredths make; later versions, like us, do not"
}
ORACLE_OF_SECTORS = {
    "rb-xfs_v5_modern_small": "blkid gives sectors for blocks of XFS; xfs_db, in the same expectation, its blocks"
}


def expectations() -> list[Any]:
    if not CORPUS.is_dir():
        return []
    found = []
    for path in sorted((CORPUS / "dev" / "expected").glob("*.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        if "container" not in expected:
            continue
        types = {fs.get("type") and fs["type"].lower() for fs in expected.get("filesystems", [])}
        raw = expected["container"]["type"] in ("raw", "raw (split)", "ewf")
        whole = "media_if_read_regardless" not in expected["container"] and expected["container"].get("media")
        deeper = expected.get("encryption") or expected.get("lvm")
        if raw and whole and not deeper and types <= READABLE | NAMED_ONLY:
            found.append(pytest.param(expected, id=expected["id"]))
    return found


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpus_check", CORPUS / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["corpus_check"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of published images is not beside the project")
@pytest.mark.parametrize("expected", expectations())
def test_a_published_image_is_read_as_independent_tools_read_it(
    expected: dict[str, Any], check: ModuleType, tmp_path: Path
) -> None:
    paths = []
    for entry in expected["files"]:
        stored = CORPUS / "dev" / "images" / expected["group"] / entry.get("stored_as", entry["name"])
        target = tmp_path / entry["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        unpack = gzip.open if stored.suffix == ".gz" and target.suffix != ".gz" else Path.open
        with unpack(stored, "rb") as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
        paths.append(target)
    image = open_image(paths[:1])
    try:
        found = document(image)
    finally:
        image.close()
    wanted = {key: value for key, value in expected.items() if key != "filesystems"}
    listed = [fs for fs in expected.get("filesystems", []) if str(fs.get("type")).lower() not in NAMED_ONLY]
    wanted["container"] = {"type": expected["container"]["type"]}
    wrong = check.compare(wanted | {"filesystems": listed}, found)
    if expected["id"] in ORACLE_OFF_BY_ONE:
        assert len(wrong) == 1
        assert "created" in wrong[0]
        return
    if expected["id"] in ORACLE_OF_SECTORS:
        (system,) = expected["filesystems"]
        blocks, sectors = (system["xfs_db"][name] for name in ("blocksize", "sectsize"))
        assert wrong == [f"xfs@0 block size: wanted {sectors}, got {blocks}"]
        return
    assert wrong == []
    for system in expected.get("filesystems", []):
        kind = str(system.get("type")).lower()
        if kind in NAMED_ONLY:
            assert any("no reader for it" in problem.what for problem in found["warnings"]), kind
