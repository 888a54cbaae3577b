"""The NSRL's databases, made by the statements of their published schema."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forensics_app.db.rds import RdsSource
from forensics_app.model.hash_set import HashSetError, Remarks

MINIMAL = """
CREATE TABLE FILE (sha256 VARCHAR NOT NULL, sha1 VARCHAR NOT NULL, md5 VARCHAR NOT NULL, file_name VARCHAR NOT NULL,
 file_size INTEGER NOT NULL, package_id INTEGER NOT NULL,
 CONSTRAINT PK_FILE__FILE PRIMARY KEY (sha256, sha1, md5, file_name, file_size, package_id));
CREATE TABLE VERSION (version VARCHAR, build_set VARCHAR, build_date TIMESTAMP, release_date TIMESTAMP);
INSERT INTO VERSION VALUES ('2026.09.1', 'modern', '2026-08-30', '2026-09-15');
"""
FULL = """
CREATE TABLE METADATA (object_id INTEGER PRIMARY KEY, sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, bytes INTEGER);
CREATE VIEW FILE AS SELECT sha256, sha1, md5 FROM METADATA;
"""


def digests(name: str) -> tuple[str, str, str]:
    sha256, sha1, md5 = (
        hashlib.new(algorithm, name.encode()).hexdigest().upper() for algorithm in ("sha256", "sha1", "md5")
    )
    return sha256, sha1, md5


def minimal(folder: Path, count: int = 50) -> Path:
    path = folder / "RDS.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(MINIMAL)
        db.executemany("INSERT INTO FILE VALUES (?, ?, ?, ?, 1, 1)", [(*digests(str(n)), str(n)) for n in range(count)])
        db.commit()
    return path


def read(path: Path) -> tuple[dict[str, list[str]], Remarks, RdsSource]:
    source, remarks = RdsSource(path), Remarks()
    found: dict[str, list[str]] = {}
    for batch in source.batches(remarks, lambda done, total: None):
        found.setdefault(batch.algorithm, []).extend(batch.digests)
    return found, remarks, source


@pytest.mark.req("REQ-41")
def test_the_minimal_database_gives_all_three_digests_and_its_version(tmp_path: Path) -> None:
    found, remarks, source = read(minimal(tmp_path))
    expected = [digests(str(number)) for number in range(50)]
    for at, algorithm in enumerate(("sha256", "sha1", "md5")):
        assert sorted(found[algorithm]) == sorted(row[at].lower() for row in expected)
    assert source.told["version"] == "2026.09.1"
    assert not remarks.counts


def test_the_full_database_is_read_from_its_table_and_wrong_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "RDS.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(FULL)
        rows = [digests("a"), ("", "", ""), (*digests("b")[:2], "short"), ("", None, digests("c")[2])]
        db.executemany("INSERT INTO METADATA (sha256, sha1, md5) VALUES (?, ?, ?)", rows)
        db.commit()
    found, remarks, _ = read(path)
    assert found["md5"] == [digests("a")[2].lower(), digests("c")[2].lower()]
    assert found["sha256"] == [digests(name)[0].lower() for name in "ab"]
    assert sorted(one.number for one in remarks.first) == [2, 3]


def test_a_database_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = minimal(tmp_path)
    whole = path.read_bytes()
    for length in (50, 4096, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(HashSetError, match="cut off"):
            RdsSource(path)


def test_a_database_with_a_damaged_page_is_refused_with_the_record(tmp_path: Path) -> None:
    path = minimal(tmp_path, 2000)
    with path.open("r+b") as file:
        file.seek(4096 * 30)
        file.write(b"\xff" * 4096 * 20)
    with pytest.raises(HashSetError, match="does not hold together"):
        read(path)


def test_another_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE FILE (name)")
    with pytest.raises(HashSetError, match="none of the NSRL"):
        RdsSource(path)


def test_a_database_that_somebody_is_writing_is_refused(tmp_path: Path) -> None:
    path = minimal(tmp_path)
    path.with_name("RDS.db-wal").write_bytes(b"x")
    with pytest.raises(HashSetError, match=r"RDS\.db-wal"):
        RdsSource(path)
