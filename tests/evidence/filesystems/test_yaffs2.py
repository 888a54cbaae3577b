"""YAFFS2 through The Sleuth Kit: what it reads right is held here, and what it would give wrong is told."""

from __future__ import annotations

import hashlib
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from evidence.filesystems.sleuthkit import open_by_trial
from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems.yaffs_writer import DELETED, DIRECTORY, FILE, HARD_LINK, LINK, ROOT, Yaffs
from tests.evidence.made_images import need

S = 1_000_000_000
BIG = random.Random(5).randbytes(2048 * 70 + 17)
CONTENTS = {
    "/docs/big.bin": BIG,
    "/hello.txt": b"hello\n",
    "/zażółć.txt": b"x" * 5000,
    "/changed.txt": b"new" * 900,
    "/hole": b"a" * 2048 + bytes(2048) + b"c" * 2048,
    "/part": b"1" * 2048 + b"2" * 2048,
    "/shrunk": b"S" * 1000,
    "/after": b"renamed",
    "/empty": b"",
}


def filled() -> Yaffs:
    """Every kind of change that a log may hold."""
    log = Yaffs()
    log.header(ROOT, DIRECTORY, ROOT, b"", times=1)
    log.header(257, DIRECTORY, ROOT, b"docs", times=1_600_000_000)
    log.file(258, 257, b"big.bin", BIG, times=1_600_000_100)
    log.file(259, ROOT, b"hello.txt", b"hello\n", times=1_600_000_200)
    log.file(260, ROOT, "zażółć.txt".encode(), b"x" * 5000, times=1)
    log.header(261, LINK, ROOT, b"link", alias=b"docs/big.bin", times=1)
    log.file(262, ROOT, b"gone.txt", b"gone" * 100, times=1)
    log.header(262, FILE, DELETED, b"deleted", size=400, times=1)
    log.file(263, ROOT, b"changed.txt", b"old" * 1000, times=1)
    log.file(263, ROOT, b"changed.txt", b"new" * 900, times=2)
    log.file(264, ROOT, b"empty", b"", times=1)
    log.header(265, FILE, ROOT, b"hole", times=1)
    log.chunk(b"a" * 2048, 265, 1, 2048)
    log.chunk(b"c" * 2048, 265, 3, 2048)
    log.header(265, FILE, ROOT, b"hole", size=6144, times=1)
    log.file(266, ROOT, b"part", b"1" * 4096, times=1)
    log.chunk(b"2" * 2048, 266, 2, 2048)
    log.header(266, FILE, ROOT, b"part", size=4096, times=1)
    log.file(267, ROOT, b"shrunk", b"S" * 6000, times=1)
    log.header(267, FILE, ROOT, b"shrunk", size=1000, times=1)
    log.file(268, ROOT, b"before", b"renamed", times=1)
    log.header(268, FILE, ROOT, b"after", size=7, times=1)
    return log


def image(tmp_path: Path, log: Yaffs) -> Path:
    path = tmp_path / "yaffs.raw"
    path.write_bytes(log.finish(16))
    return path


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    rows: list[dict[str, Any]] = document(PlainImage(path))["rows"]
    return {row["path"]: row for row in rows}


def test_files_of_a_log_have_their_newest_names_sizes_and_contents(tmp_path: Path) -> None:
    path = image(tmp_path, filled())
    rows = rows_of(path)
    for name, content in CONTENTS.items():
        row = rows[name]
        assert (row["size_bytes"], row["md5"]) == (len(content), hashlib.md5(content).digest()), name
        assert (row["allocated"], row["note"]) == (True, None)
    assert rows["/link"]["link_target"] == "docs/big.bin"
    assert rows["/docs"]["kind"] == "directory"
    row = rows["/hello.txt"]
    stamps = [row[f"{field}_ns"] for field in ("accessed", "modified", "changed", "created")]
    assert stamps == [1_600_000_200 * S, 1_600_000_201 * S, 1_600_000_202 * S, None]
    assert "/before" not in rows


def test_a_deleted_file_is_listed_with_its_content_as_icat_gives_it(tmp_path: Path) -> None:
    need("icat")
    path = image(tmp_path, filled())
    (row,) = [row for name, row in rows_of(path).items() if name.startswith("/gone.txt")]
    told = subprocess.run(["icat", str(path), row["address"]], capture_output=True, check=True).stdout
    assert not row["allocated"]
    assert row["md5"] == hashlib.md5(told).digest() == hashlib.md5(b"gone" * 100).digest()


def doubtful() -> Yaffs:
    log = filled()
    log.header(270, HARD_LINK, ROOT, b"hard", equal=259)
    log.file(271, ROOT, b"grown", b"G" * 6000, times=1)
    log.header(271, FILE, ROOT, b"grown", size=1000, times=1)
    log.header(271, FILE, ROOT, b"grown", size=6000, times=1)
    log.header(272, FILE, ROOT, b"open", times=1)
    log.chunk(b"l" * 100, 272, 1, 100)
    return log


@pytest.mark.parametrize(
    ("name", "words"),
    [("/hard", "hard link"), ("/grown", "cut to 1000 bytes and grew again"), ("/open", "was not closed")],
)
def test_what_the_sleuth_kit_gives_wrong_is_told_and_not_shown(tmp_path: Path, name: str, words: str) -> None:
    path = image(tmp_path, doubtful())
    row = rows_of(path)[name]
    assert (row["md5"], row["sha256"]) == (None, None)
    assert words in row["note"]
    with pytest.raises(OSError, match=words):
        open_by_trial(PlainImage(path)).content(row["address"])
