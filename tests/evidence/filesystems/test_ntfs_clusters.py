"""NTFS with every size of cluster that Windows makes."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from evidence.filesystems.ntfs_clusters import cluster_bytes
from tests.evidence.documents import PlainImage, document
from tests.evidence.made_images import blank, need, run, source_tree


@pytest.mark.parametrize(
    ("cluster", "sector"),
    [(512, 512), (65536, 512), (131072, 512), (1 << 20, 512), (1 << 21, 512), (4096, 4096), (65536, 4096)],
)
def test_files_are_read_whatever_the_size_of_a_cluster(tmp_path: Path, cluster: int, sector: int) -> None:
    need("mkntfs", "ntfscp")
    path, tree = blank(tmp_path / "ntfs.raw", max(16 << 20, 40 * cluster)), source_tree(tmp_path / "tree")
    run("mkntfs", "-q", "-F", "-f", "-c", str(cluster), "-s", str(sector), "-p", "0", "-H", "0", "-S", "0", path)
    large = tree / "docs" / "large.bin"
    run("ntfscp", "-q", path, large, "large.bin")
    found = document(PlainImage(path))
    (volume,) = found["volumes"]
    assert volume["file_system"]["block_bytes"] == cluster
    row = next(row for row in found["rows"] if row["path"] == "/large.bin")
    assert (row["sha256"], row["note"]) == (hashlib.sha256(large.read_bytes()).digest(), None)
    assert not found["warnings"]


@pytest.mark.parametrize("per_cluster", [0, 3, 0x81, 0xE0])
def test_clusters_that_cannot_be_have_no_size(per_cluster: int) -> None:
    boot = bytearray(512)
    boot[11:14] = b"\0\2" + bytes([per_cluster])
    assert cluster_bytes(bytes(boot)) is None
