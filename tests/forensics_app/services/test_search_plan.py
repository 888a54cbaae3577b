"""Of which contents a search takes the text."""

import sqlite3
from pathlib import Path

from forensics_app.model.search import SearchRequest, Space
from forensics_app.services.search_plan import Plan

ROWS = (
    (1, "v0", "10", "stream", "docx", None),
    (2, "v0", "20", "file", "zip", "application/zip"),
    (3, "v0", "30", "file", "zip", "application/zip"),
    (4, "v0!zip", "30!1", "file", "docx", None),
    (5, "v0!zip", "30!2", "file", "zip", "application/zip"),
    (6, "v0!zip", "30!3", "file", "gz", "application/gzip"),
    (7, "v0!gz", "30!3!0", "file", "pdf", "application/pdf"),
    (8, "v0", "40", "metadata", "docx", None),
    (9, "v1", "30", "file", "zip", "application/zip"),
)


def test_streams_are_documents_and_archives_are_told_unless_their_members_are_in_the_catalogue(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "catalogue") as db:
        columns = "id, volume_id, address, kind, size_bytes, allocated, extension, mime"
        db.execute(f"CREATE TABLE files ({columns})")
        db.executemany("INSERT INTO files VALUES (?, ?, ?, ?, 9, 1, ?, ?)", ROWS)
    db.close()

    def kinds(request: SearchRequest) -> dict[int, str]:
        plan = Plan(catalogue=tmp_path / "catalogue", volumes={}, request=request, spaces={})
        return {piece[7]: piece[6] for unit in plan.units(frozenset()) for piece in unit.pieces}

    request = SearchRequest(terms=("x",), spaces=(Space.FILES,))
    assert kinds(request) == {
        1: "ooxml", 2: "packed", 3: "", 4: "ooxml", 5: "packed", 6: "", 7: "pdf", 8: "", 9: "packed",
    }  # fmt: skip
    bare = SearchRequest(terms=("x",), spaces=(Space.FILES,), documents=False)
    assert set(kinds(bare).values()) == {""}
