"""Two readers compared in the window: asked for at a volume, told in a sheet, recorded; differences side by side."""

from datetime import UTC, datetime

import pytest

from forensics_app.model.second_reading import ONLY_OURS, DifferingLine, SecondReading
from tests.ui.examine.conftest import Desk
from ui.examine.places import Place
from ui.examine.second_reader import DifferencesSheet


def test_a_volume_is_compared_and_the_record_has_an_entry_of_it(desk: Desk) -> None:
    desk.page.browser.tree.compare_asked.emit(Place(image_id=desk.image.id, volume_id="v0.p3"))
    sheet = desk.sheet()
    assert isinstance(sheet, DifferencesSheet)
    assert sheet.words.text().startswith("libfsext")
    assert "agree on names, sizes, times and contents" in sheet.words.text()
    assert desk.lab.custody.history(desk.image.exhibit_id)[-1].action == "volume.compare"
    assert desk.errors == []
    sheet.close()


@pytest.fixture
def differing(desk: Desk) -> SecondReading:
    lines = (
        DifferingLine(path="/a", address="5", what="size", ours=1_000, theirs=2_000, known=""),
        DifferingLine(path="/b\u202e", address="6", what=ONLY_OURS, ours=3, theirs=None, known=""),
        DifferingLine(path="/c", address="7", what="modified", ours=1_700_000_000_000_000_001, theirs=0, known="x"),
    )
    return SecondReading(
        image_id=desk.image.id, volume_id="v0.p1", file_system="ntfs", reader="libfsntfs 1",
        at=datetime(2026, 11, 20, tzinfo=UTC), catalogue_sha256="", with_content=True, both=9,
        counts={"size": 1, ONLY_OURS: 1}, known={"x": 2}, lines=lines,
    )  # fmt: skip


def test_what_differs_stands_side_by_side(desk: Desk, differing: SecondReading) -> None:
    sheet = DifferencesSheet(desk.page, desk.image.number, differing)
    rows = [[str(sheet.model.index(row, at).data()) for at in range(4)] for row in range(3)]
    assert rows[0] == ["Size", "1,000 bytes", "2,000 bytes", "/a"]
    assert rows[1] == ["Only in the catalogue", "3 bytes", "not told", "/b[U+202E]"]
    assert rows[2][:2] == ["Modified", "2023-11-14 22:13:20.000000001"]
    assert "differ: 1 size, 1 only in the catalogue" in sheet.words.text()
