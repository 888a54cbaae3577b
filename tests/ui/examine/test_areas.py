"""Unallocated space, slack and whole volumes in the viewers of the real page."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from forensics_app.model.areas import AreaKind
from forensics_app.model.catalogue import CatalogueQuery
from tests.ui.examine.conftest import Desk
from ui.examine.case_reading import ImageShown
from ui.examine.places import Place
from ui.examine.tree_nodes import unallocated_nodes
from ui.examine.viewers import FILE, SLACK, STRINGS, VOLUME
from ui.jobs import State
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import CutLabel

NTFS, EXT4 = "v0.p1", "v0.p3"


def to_unallocated(desk: Desk, volume_id: str = NTFS) -> Place:
    place = Place(image_id=desk.image.id, volume_id=volume_id, unallocated=True)
    desk.page.browser.go(place)
    desk.settle(lambda: (source := desk.page.browser.viewers.hex.source) is not None and "unallocated" in source.name)
    return place


def test_the_tree_has_a_line_for_the_unallocated_space_of_a_volume(desk: Desk) -> None:
    place = to_unallocated(desk)
    tree = desk.page.browser.tree
    desk.settle(lambda: (node := tree.tree.current_node()) is not None and node.key == place)
    node = tree.tree.current_node()
    assert node is not None
    assert node.words == "Unallocated space"
    name = desk.page.findChild(QWidget, "unallocatedName")
    assert name is not None


@pytest.mark.parametrize("type_", ["iso9660", "squashfs"])
def test_the_tree_says_where_a_file_system_keeps_no_record_of_what_is_free(desk: Desk, type_: str) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        volume = next(volume for volume in catalogue.volumes() if volume.id == NTFS)
    assert volume.file_system is not None
    disc = replace(volume, file_system=replace(volume.file_system, type=type_))
    (node,) = unallocated_nodes(ImageShown(image=desk.image, content=None, refusal=None, missing=()), disc)
    assert f"{node.words}{node.second}" == "Unallocated space  ·  this file system keeps no record of it"
    assert not isinstance(node.key, Place)


def test_its_bytes_are_shown_with_the_place_of_the_selection(desk: Desk) -> None:
    to_unallocated(desk)
    viewers, image = desk.page.browser.viewers, desk.image
    source = viewers.hex.source
    assert source is not None
    assert source.area is not None
    size = desk.lab.examine.area_facts(image, source.area).size_bytes
    assert source.length_bytes == size
    (first,) = desk.lab.examine.area_facts(image, source.area, 0, 1).stretches
    start = desk.page.browser.subject.volume_start_bytes if desk.page.browser.subject else 0
    viewers.hex.view.go_to(0, 4)
    at, place = first.volume_offset_bytes, desk.child(CutLabel, "hexPlace")
    wanted = f"0x0 of unallocated space of {NTFS}  ·  volume 0x{at:X}  ·  media 0x{start + at:X}"
    desk.settle(lambda: place.text() == wanted)
    desk.settle(lambda: viewers.hex.refusal == "")


def test_slack_stands_beside_the_bytes_of_a_file(desk: Desk) -> None:
    with desk.lab.catalogues.open(desk.image) as catalogue:
        entries = catalogue.rows(catalogue.ids(CatalogueQuery(volume_id=EXT4, kinds=("file",))))
    path = next(one.path for one in entries if one.allocated and one.size_bytes % 1024)
    entry = desk.go_to(path, EXT4)
    viewers = desk.page.browser.viewers
    viewers.show_tab(SLACK)
    desk.settle(lambda: (source := viewers.hex.source) is not None and source.name == f"slack of {entry.name}")
    source = viewers.hex.source
    assert source is not None
    assert source.area is not None
    assert source.area.kind is AreaKind.SLACK
    assert 0 < source.length_bytes < 4096
    viewers.show_tab(STRINGS)
    viewers.show_tab(FILE)
    desk.settle(lambda: (source := viewers.hex.source) is not None and source.name == entry.name)


def test_a_volume_says_where_its_bytes_lie_on_the_media(desk: Desk) -> None:
    desk.page.browser.go(Place(image_id=desk.image.id, volume_id=NTFS))
    viewers = desk.page.browser.viewers
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.volume and subject.volume.id == NTFS)
    viewers.show_tab(VOLUME)
    desk.settle(lambda: (source := viewers.hex.source) is not None and source.name == NTFS)
    source = viewers.hex.source
    assert source is not None
    assert source.locate is not None
    assert source.media_offset_bytes
    assert source.locate(16) == f"media 0x{source.media_offset_bytes + 16:X}"


def test_selected_bytes_of_an_area_are_exported(desk: Desk) -> None:
    to_unallocated(desk)
    viewers = desk.page.browser.viewers
    viewers.hex.view.go_to(512, 1024)
    export = desk.page.findChild(IconButton, "exportBytes")
    assert export is not None
    assert export.isEnabled()
    export.click()
    desk.settle(lambda: [job for job in desk.page.context.jobs.jobs if job.state is State.DONE])
    (written,) = list(Path(desk.out).iterdir())
    source = viewers.hex.source
    assert source is not None
    assert source.area is not None
    assert written.read_bytes() == desk.lab.examine.read_area(desk.image, source.area, 512, 1024)
    event = desk.lab.custody.case_history(desk.case.id)[-1]
    assert (event.action, event.facts["offset_bytes"]) == ("file.export", 512)


def test_a_whole_volume_is_exported_from_its_details(desk: Desk) -> None:
    desk.page.browser.go(Place(image_id=desk.image.id, volume_id=EXT4))
    desk.settle(lambda: (subject := desk.page.browser.subject) and subject.volume and subject.volume.id == EXT4)
    button = desk.page.findChild(Button, "exportFile")
    assert button is not None
    desk.settle(button.isEnabled)
    button.click()
    desk.settle(lambda: [job for job in desk.page.context.jobs.jobs if job.state is State.DONE])
    (written,) = list(Path(desk.out).iterdir())
    volume = desk.page.browser.subject.volume if desk.page.browser.subject else None
    assert volume is not None
    assert written.stat().st_size == volume.length_bytes
