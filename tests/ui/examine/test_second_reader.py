"""Two readers compared in the window: asked for at a volume, told in a sheet, recorded; differences side by side."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from forensics_app.cli.compare import value_words
from forensics_app.model.second_reading import ONLY_OURS, DifferingLine, SecondReading
from forensics_app.services.second_readings import words_of
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
    assert rows[2][:2] == ["Modified", "2023-11-14T22:13:20.000000001Z"]
    assert "differ: 1 size, 1 only in the catalogue" in sheet.words.text()


@pytest.mark.parametrize(
    ("file_system", "told"),
    [
        ("ntfs", "2023-11-14T22:13:20.000000001Z"), ("fat32", "2023-11-14T22:13:20.000000001 local"),
        ("exfat", "2023-11-14T22:13:20.000000001 UTC or local"),
    ],
)  # fmt: skip
def test_a_time_that_differs_tells_its_zone_and_one_difference_is_one(
    differing: SecondReading, file_system: str, told: str
) -> None:
    made = replace(differing, file_system=file_system, counts={}, known={"x": 1})
    assert value_words(made, made.lines[2], made.lines[2].ours) == told
    assert value_words(made, made.lines[0], made.lines[0].ours) == "1,000 bytes"
    assert words_of(made).endswith("9 names, but for 1 difference known of it.")
