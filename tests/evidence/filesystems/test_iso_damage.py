"""Path tables of an ISO for which The Sleuth Kit waits for itself are refused before it does."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from evidence.filesystems import signatures, sleuthkit
from evidence.filesystems.opened import FileSystemError
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import need, run, source_tree

PRIMARY, PATH_TABLE_BYTES, LITTLE_TABLE, BIG_TABLE = 16 * 2048, 132, 140, 148


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> PlainImage:
    """A disc whose path tables have the root only, and that where no directory lies."""
    need("genisoimage", "isoinfo")
    path: Path = tmp_path_factory.mktemp("iso") / "image.iso"
    run("genisoimage", "-quiet", "-o", path, source_tree(path.parent / "tree"))
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I4s", raw, PRIMARY + PATH_TABLE_BYTES, 10, struct.pack(">I", 10))
    (little,), (big,) = (
        struct.unpack_from("<I", raw, PRIMARY + LITTLE_TABLE),
        struct.unpack_from(">I", raw, PRIMARY + BIG_TABLE),
    )
    struct.pack_into("<I", raw, little * 2048 + 2, 9)
    struct.pack_into(">I", raw, big * 2048 + 2, 9)
    path.write_bytes(raw)
    return PlainImage(path)


def test_a_root_with_the_number_of_the_orphans_is_refused(image: PlainImage) -> None:
    found = signatures.iso9660(image)
    assert found is not None
    with pytest.raises(FileSystemError, match="its root directory has number 0, and the last number is 0"):
        sleuthkit.open_by_signature(image, found)


def test_the_refusal_is_told_of_the_volume_and_the_files_are_listed_all_the_same(image: PlainImage) -> None:
    seen = document(image, hash_files=True)
    assert any("its root directory has number 0" in problem.what for problem in seen["warnings"])
    listed = {row["path"] for row in seen["rows"] if row["volume_id"] == "v0"}
    assert listed == set(run("isoinfo", "-i", image.paths[0], "-f").replace(";1", "").replace(".\n", "\n").split())
