"""Videos in the gallery and the preview: a still on the tile, a row of stills with their times, and facts."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from forensics_app.bootstrap import Lab, open_lab
from forensics_app.model.image import IntakeRequest, WriteBlocker
from tests.builders import QUICK, Clock, make_bench
from tests.evidence import made_videos
from tests.ui.examine.conftest import Desk, MakeDesk
from tests.ui.examine.test_tagging import with_tags
from ui.examine.stills_row import StillsRow
from ui.examine.viewers import PREVIEW
from ui.widgets.notes import EmptyState


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """A lab with an archive of a video and of what has only the name of one."""
    bench = make_bench(tmp_path / "lab")
    archive = tmp_path / "videos.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("yard.avi", made_videos.motion_jpeg(made_videos.pictures(40, black=6)))
        target.writestr("broken.avi", made_videos.motion_jpeg(made_videos.pictures(2))[:300])
    blocker = WriteBlocker(reason_for_none="Handed over by the provider")
    exhibit = bench.exhibit(bench.case())
    request = IntakeRequest(exhibit_id=exhibit.id, paths=(archive,), write_blocker=blocker, logical=True)
    bench.lab.catalogues.build(bench.examiner, bench.lab.intake.take_in(bench.examiner, request).id)
    bench.lab.close()
    return open_lab(tmp_path / "lab", now=Clock(), key_parameters=QUICK)


def row_of(desk: Desk, name: str) -> int:
    return next(at for at, one in enumerate(desk.names()) if one == name)


@pytest.mark.req("REQ-39", "REQ-40")
def test_a_video_is_seen_in_the_gallery_and_as_a_row_of_stills_until_it_is_concealed(
    make_desk: MakeDesk, lab: Lab
) -> None:
    desk = make_desk(lab)
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    with_tags(desk)
    desk.page.browser.files.head.gallery.click()
    gallery = desk.page.gallery_acts.gallery
    number = row_of(desk, "yard.avi")
    one = desk.ids()[number]
    desk.settle(lambda: all(gallery.store.tile(each) for each in desk.ids()))
    tile = gallery.store.tile(one)
    assert tile is not None
    assert tile.caption == "0:01 / 0:04"
    assert not tile.picture.isNull()
    broken = gallery.store.tile(desk.ids()[row_of(desk, "broken.avi")])
    assert broken is not None
    assert "No still" in broken.why
    gallery.setFocus()
    gallery.setCurrentIndex(gallery.tiles.tile(number))
    assert "still of a video, 0:01 / 0:04" in str(gallery.tiles.tile(number).data(Qt.ItemDataRole.AccessibleTextRole))
    desk.page.browser.viewers.show_tab(PREVIEW)
    stills = desk.child(StillsRow, "stills")
    desk.settle(lambda: stills.count() == 12)
    assert stills.currentRow() == 2  # the first that is not black
    assert stills.item(11).text() == "0:00:03.800"
    words = desk.child(QLabel, "pictureWords").text()
    assert "AVI, Motion JPEG, 160 x 120 pixels, 0:04, 10 frames a second" in words
    shown = desk.page.browser.viewers.preview.picture
    before = shown.image.cacheKey()
    desk.qtbot.keyClick(stills, Qt.Key.Key_Right)
    assert shown.image.cacheKey() != before
    desk.qtbot.keyClick(gallery, Qt.Key.Key_4)
    desk.settle(lambda: (tile := gallery.store.tile(one)) and tile.is_blurred)
    gallery.setCurrentIndex(gallery.tiles.tile(row_of(desk, "broken.avi")))
    desk.settle(lambda: stills.count() == 0)
    gallery.setCurrentIndex(gallery.tiles.tile(number))
    empty = desk.child(EmptyState, "noPreview")
    desk.settle(lambda: "not shown without a reason" in empty.accessibleName())
    assert (stills.count(), shown.image.isNull()) == (0, True)
    assert not desk.errors
