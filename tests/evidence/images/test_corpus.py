"""Published images, held against what independent tools found in them. They are not part of the repository."""

import gzip
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evidence.digest import hash_media
from evidence.errors import MissingSegmentError, NotAnImageError, UnsupportedContainerError
from evidence.images import open_image

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "dev"
EXPECTED = [json.loads(path.read_text("utf-8")) for path in sorted((CORPUS / "expected").glob("*.json"))]
SUPPORTED = {
    "raw": "raw",
    "raw (split)": "raw",
    "ewf": "ewf",
    "qcow2": "qcow",
    "vmdk": "vmdk",
    "vhd": "vhd",
    "vhdx": "vhdx",
    "dmg (udif)": "udif",
}
"""What the expectations call a container, and what we do."""

pytestmark = pytest.mark.skipif(not EXPECTED, reason="the corpus of published images is not beside this checkout")


def chosen(*, supported: bool, damaged: bool = False) -> list[Any]:
    images = [e for e in EXPECTED if "container" in e and not e.get("large")]
    found = [e for e in images if (e["container"]["type"] in SUPPORTED) == supported and bool(_media(e)) != damaged]
    return [pytest.param(e, id=e["id"]) for e in found] or [pytest.param({}, id="none")]


def _media(expected: dict[str, Any]) -> dict[str, Any]:
    return dict(expected["container"].get("media") or {})


def unpacked(expected: dict[str, Any], folder: Path) -> list[Path]:
    paths = []
    for entry in expected["files"]:
        stored = CORPUS / "images" / expected["group"] / entry["stored_as"] if "stored_as" in entry else None
        stored = stored or CORPUS / "images" / expected["group"] / entry["name"]
        target = folder / entry["name"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if stored.suffix == ".gz" and stored.name != target.name:
            with gzip.open(stored) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
        else:
            shutil.copyfile(stored, target)
        paths.append(target)
    return [path for path in paths if path.suffix.upper() != ".BEK"]


@pytest.mark.parametrize("expected", chosen(supported=True))
def test_the_media_are_what_the_oracle_found(expected: dict[str, Any], tmp_path: Path) -> None:
    paths = unpacked(expected, tmp_path)
    wanted = _media(expected)
    with closing(open_image(paths[:1])) as image:
        assert image.container == SUPPORTED[expected["container"]["type"]]
        assert len(image.paths) == expected["container"].get("segments", 1)
        result = hash_media(image)
        assert result.media_bytes == wanted["size"]
        assert {name: digest.hex() for name, digest in result.digests.items()} == {
            name: wanted.get(name, result.digests[name].hex()) for name in result.digests
        }
        stored = expected["container"].get("stored_hashes") or {}
        assert {name: digest.hex() for name, digest in image.stored_digests.items()} == stored
        assert not result.unreadable
        if expected["container"]["type"] == "ewf":
            assert not image.problems


@pytest.mark.parametrize("expected", chosen(supported=True, damaged=True))
def test_damage_is_said(expected: dict[str, Any], tmp_path: Path) -> None:
    paths = unpacked(expected, tmp_path)
    try:
        image = open_image(paths[:1])
    except (MissingSegmentError, NotAnImageError) as error:
        assert expected["id"] in ("derived-e01-missing-segment", "tsk-bogus-e01"), error  # noqa: PT017 - either way
        return
    with closing(image):
        result = hash_media(image)
        assert result.unreadable
        regardless = expected["container"]["readers"]["img_cat (sleuthkit 4.11.1, libewf 20140813)"]
        assert result.media_bytes == regardless["size"]


@pytest.mark.parametrize("expected", chosen(supported=False))
def test_other_containers_are_refused_by_name(expected: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(UnsupportedContainerError) as caught:
        open_image(unpacked(expected, tmp_path)[:1])
    name, kind = caught.value.container.lower(), expected["container"]["type"]
    assert name.split()[0] in kind or kind.split()[0].rstrip("2") in name or "dmg" in name
