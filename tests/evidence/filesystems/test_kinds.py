"""What belongs to a file system itself is told by its place in it, and never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.evidence.documents import PlainImage, document
from tests.evidence.filesystems import test_exfat as exfat
from tests.evidence.made_images import ext, fat, ntfs, run

NAMES = ("$MFT", "$Bitmap", "$AttributesFile", "$ALLOC_BITMAP", "x (Volume Label Entry)")


def rows_of(path: Path) -> dict[str, dict[str, Any]]:
    rows: list[dict[str, Any]] = document(PlainImage(path), hash_files=False)["rows"]
    return {row["path"]: row for row in rows}


def tree(tmp_path: Path) -> Path:
    """Files of a user that are named like those of file systems."""
    folder = tmp_path / "tree"
    (folder / "docs").mkdir(parents=True)
    for name in NAMES:
        (folder / "docs" / name).write_bytes(b"of a user")
    (folder / "docs" / "gone.txt").write_bytes(b"gone")
    (folder / "hello.txt").write_bytes(b"hello")
    return folder


def test_files_of_users_on_ext_and_fat_are_files_whatever_they_are_called(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    for rows in (rows_of(ext(tmp_path / "ext.raw", folder)), rows_of(fat(tmp_path / "fat.raw", folder, 16))):
        assert {rows[f"/docs/{name}"]["kind"] for name in NAMES} == {"file"}
        assert {row["kind"] for path, row in rows.items() if path.startswith("/$Extend")} <= {"directory"}


def test_the_label_of_fat_and_the_tables_of_exfat_are_metadata(tmp_path: Path) -> None:
    rows = rows_of(fat(tmp_path / "fat.raw", tree(tmp_path), 12))
    assert rows["/TESTFAT     (Volume Label Entry)"]["kind"] == "metadata"
    path = exfat.volume(tmp_path / "exfat.raw", exfat.file_set("$ALLOC_BITMAP", 5, 9, 9, 0))
    kinds = sorted((row["name"], row["kind"]) for row in document(PlainImage(path), hash_files=False)["rows"])
    assert [kind for name, kind in kinds if name == "$ALLOC_BITMAP"] == ["file", "metadata"]
    assert ("$UPCASE_TABLE", "metadata") in kinds


def test_files_of_ntfs_are_metadata_by_the_number_of_their_record(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "hello.txt").write_bytes(b"hello")
    (folder / "gone.txt").write_bytes(b"gone")
    path = ntfs(tmp_path / "ntfs.raw", folder)
    data = path.read_bytes()
    for old, new in (("hello.txt", "$Volume01"), ("gone.txt", "$Extend1")):
        assert old.encode("utf-16-le") in data
        data = data.replace(old.encode("utf-16-le"), new.encode("utf-16-le"))
    path.write_bytes(data)
    rows = rows_of(path)
    assert rows["/$Volume01"]["kind"] == rows["/$Extend1"]["kind"] == "file"
    for name in ("/$MFT", "/$Boot", "/$Volume", "/$Extend/$ObjId", "/$Extend/$Quota", "/$Extend/$Reparse"):
        assert rows[name]["kind"] == "metadata"
    assert "/$Volume01" in run("fls", "-p", path).replace("\t", "\t/")
