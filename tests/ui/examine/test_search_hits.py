"""Hits as rows of the table."""

from __future__ import annotations

import pytest

from forensics_app.model.search import SearchHit
from ui.examine.search_hits import ShownHit


def _shown(volume_id: str, space: str) -> ShownHit:
    hit = SearchHit(
        id=1, entry_id=7, volume_id=volume_id, address="7", space=space, is_in_text=False, offset_bytes=0,
        length_bytes=1, media_offset_bytes=0, term=0, kind="", encoding="utf-8", text="x", before=b"", after=b"",
        validity="",
    )  # fmt: skip
    return ShownHit(hit=hit, path="/ctrl.docx", term="x", catalogue_sha256="")


@pytest.mark.parametrize("space", ["file", "deleted", "slack", "unallocated", "volume"])
def test_files_of_the_same_path_in_two_volumes_do_not_look_alike(space: str) -> None:
    first, second = _shown("v0.p1", space), _shown("v0.p2", space)
    assert "v0.p1" in first.where
    assert first.where != second.where
