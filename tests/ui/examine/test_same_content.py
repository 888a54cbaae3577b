"""Files of the same content on other images: asked for in the list, shown in tabs, and gone to."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QTabBar

from forensics_app.bootstrap import open_lab
from tests.builders import QUICK, Clock, make_bench
from tests.evidence.made_images import need, run
from tests.ui import room
from tests.ui.examine.conftest import Desk, MakeDesk, take_in
from ui.examine.files_menu import acts_on
from ui.widgets.notes import Note
from ui.widgets.table import Table

SAME = b"the same words on every disk\n"


@pytest.fixture(scope="module")
def twin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed lab with three small disks that hold the same file; the last has no catalogue."""
    need("mke2fs")
    base = tmp_path_factory.mktemp("twins")
    bench = make_bench(base / "lab")
    for number in range(3):
        tree = base / f"tree{number}"
        tree.mkdir()
        (tree / f"copy {number}.txt").write_bytes(SAME)
        (tree / "own.txt").write_bytes(SAME + bytes([number]))
        run("mke2fs", "-q", "-t", "ext4", "-d", tree, base / f"{number}.raw", "4M")
        image = take_in(bench, base / f"{number}.raw")
        if number < 2:
            bench.lab.catalogues.build(bench.examiner, image.id)
    bench.lab.close()
    return base / "lab"


@pytest.fixture
def twins(twin_folder: Path, make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """The page over it."""
    shutil.copytree(twin_folder, tmp_path / "lab")
    desk = make_desk(open_lab(tmp_path / "lab", now=Clock(), key_parameters=QUICK))
    desk.read()
    desk.settle(lambda: desk.page.browser.files.model.rowCount())
    return desk


def act(desk: Desk, words: str) -> None:
    """An act of the menu of the chosen file, by its words."""
    browser = desk.page.browser
    entry = browser.files.table.current_record()
    assert browser.image is not None
    next(call for group in acts_on(browser, browser.image, entry) for said, call in group if said == words)()


def tabs(desk: Desk) -> list[str]:
    bar = desk.child(QTabBar, "sameGroupTabs")
    return [bar.tabText(at) for at in range(bar.count())]


def test_the_same_content_is_listed_in_tabs_and_return_goes_to_the_file(twins: Desk) -> None:
    page, browser = twins.page, twins.page.browser
    _, second, third = [image.number for image in twins.lab.intake.list(twins.case.id)]
    twins.go_to("/copy 0.txt", "v0")
    act(twins, "Same content elsewhere…")
    twins.settle(lambda: page.same and page.same.is_shown)
    assert page.same is not None
    table = page.same.view.table
    assert isinstance(table, Table)
    model = table.model()
    assert model.rowCount() == 1
    cells = [str(model.index(0, at).data()) for at in range(4)]
    assert cells[:3] == [second, "v0/copy 1.txt", "Allocated"]
    assert cells[3][:2] == "20"
    assert twins.child(Note, "sameLeftOut").text.startswith(f"{third}: ")
    for wrong in (room.unnamed(page), room.unreachable(page), room.against_the_order(page)):
        assert wrong == []
    twins.qtbot.keyClick(table, Qt.Key.Key_Return)
    twins.settle(lambda: (now := browser.subject) and now.entry and now.entry.path == "/copy 1.txt")
    assert twins.image.number == second
    twins.settle(lambda: browser.files.table.current_record())
    browser.with_selected(browser.same_asked.emit)
    twins.settle(lambda: page.same and page.same.is_shown)
    assert tabs(twins) == ["copy 0.txt", "copy 1.txt"]
    page.refresh()
    twins.qtbot.wait(300)
    assert page.same.is_shown
    twins.qtbot.keyClick(page.same.view, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    page.same.view.close_tab() if len(tabs(twins)) == 2 else None
    assert tabs(twins) == ["copy 0.txt"]
    page.same.view.back.click()
    assert not page.same.is_shown
    act(twins, "Same content that was found")
    assert page.same.is_shown
    page.same.view.closer.click()
    assert not page.same.is_shown
    assert not browser.has_same


def test_a_folder_has_no_content_to_look_for_and_that_is_told(twins: Desk) -> None:
    twins.go_to("/lost+found", "v0")
    act(twins, "Same content elsewhere…")
    twins.settle(lambda: twins.errors)
    assert "nothing of what was chosen has one" in str(twins.errors.pop()[1])
    assert not twins.page.findChildren(QMenu, "filesMenu")
