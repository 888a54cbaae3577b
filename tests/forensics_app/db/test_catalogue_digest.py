"""The digest of a catalogue's content, against its rule followed by a second program."""

import hashlib
import sqlite3
from pathlib import Path

from forensics_app.db.catalogue import content_digest, write_catalogue
from forensics_app.db.catalogue_schema import CONTENT_TABLES
from tests.forensics_app.db.catalogue_rows import HEADER, examination, row


def by_the_rule(path: Path) -> bytes:
    """As the docstring of ``content_digest`` says it, value by value."""
    digest = hashlib.sha256()
    db = sqlite3.connect(path)
    for table, columns in CONTENT_TABLES.items():
        digest.update(f"{table}\n".encode())
        keys = 2 if table == "time_rules" else 1
        for values in sorted(db.execute(f"SELECT {', '.join(columns)} FROM {table}"), key=lambda row: row[:keys]):
            words = [
                "-" if value is None
                else str(value) if isinstance(value, int)
                else (value.encode() if isinstance(value, str) else value).hex().upper()
                for value in values
            ]  # fmt: skip
            digest.update((" ".join(words) + "\n").encode())
    db.close()
    return digest.digest()


def test_the_digest_is_the_one_that_its_rule_gives(tmp_path: Path) -> None:
    path = tmp_path / "catalogue"
    strange = row(10, 1, "/100%s\n\0 -", name_bytes=b"", size_bytes=-(2**63), modified_ns=0, note="", mime="")
    write_catalogue(path, [*examination(), (strange,)], HEADER)
    assert content_digest(path) == by_the_rule(path)
