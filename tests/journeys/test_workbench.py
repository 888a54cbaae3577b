"""An examiner's day in the real window: a deleted picture, a wallet where no file is, and a second reader."""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QMenu
from pytestqt.qtbot import QtBot

from forensics_app.model.catalogue import CatalogueQuery
from forensics_app.model.tag import FIRST_TAGS
from resources import path as resource
from tests.builders import PASSPHRASE, make_bench
from tests.forensics_app.services.searched_image import WALLET, make_image
from tests.journeys.album import Album
from tests.journeys.hands import Hands
from tests.ui.examine.conftest import take_in
from ui.application import Application
from ui.examine.hex_pane import HexPane
from ui.examine.places import Place
from ui.preferences import Preferences
from ui.theme import style
from ui.theme.tokens import LIGHT
from ui.widgets.table import Table
from ui.widgets.tree import TreeView

EXAMINER, CASE, PICTURE = "Ana Kovač", "2026-0147", "IMG_2043.jpg"
JOB_MS = 60_000


@pytest.fixture(scope="module")
def catalogued(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a closed lab with the demonstration disk and an image with a wallet, both catalogued."""
    folder = tmp_path_factory.mktemp("workbench")
    bench = make_bench(folder / "lab")
    for source in (Path(str(resource("demo/demo.E01"))), make_image(folder)):
        bench.lab.catalogues.build(bench.examiner, take_in(bench, source).id)
    bench.lab.tags.make(bench.examiner, *FIRST_TAGS)
    bench.lab.close()
    return folder / "lab"


class Workbench:
    """The window over that lab, with the examiner signed in and the Examine page in sight."""

    def __init__(self, application: Application, qtbot: QtBot, folder: Path) -> None:
        self.window, self.qtbot, self.folder = application.window, qtbot, folder
        self.hands = Hands(application.window, qtbot)
        self.album = Album(application.window, qtbot, folder)

    def begin(self) -> None:
        hands = self.hands
        hands.wait_for("signInPassphrase")
        hands.fill(signInName=EXAMINER, signInPassphrase=PASSPHRASE)
        hands.keys("Return")
        hands.until(lambda: hands.find("caseNumber", QLabel).text() == CASE, "the case in the top bar")
        hands.go("examinePage", "Alt+3")
        hands.row("files", "Users")

    def filter(self, words: str) -> None:
        """Paste a filter; a blank behind it, so that no list of offers opens, which takes the keyboard offscreen."""
        self.hands.keys("Ctrl+F")
        self.hands.keys("Ctrl+A")
        QGuiApplication.clipboard().setText(f"{words} ")
        self.hands.keys("Ctrl+V")

    def choose_image(self, number: str) -> None:
        """Click an image in the tree."""
        tree = self.hands.find("folderTree", TreeView)
        top = [tree.model().index(row, 0) for row in range(tree.model().rowCount())]
        index = next((one for one in top if number in str(one.data())), None)
        assert index is not None, [str(one.data()) for one in top]
        tree.scrollTo(index)
        self.qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(index).center())

    def choose_of_the_menu(self, part: TreeView | Table, words: str) -> None:
        """Open the menu of what the keyboard is at, and click a line of it."""

        def press() -> None:
            menu = QApplication.activePopupWidget()
            assert isinstance(menu, QMenu)
            action = next(one for one in menu.actions() if one.text().startswith(words))
            self.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

        QTimer.singleShot(200, press)
        part.customContextMenuRequested.emit(part.visualRect(part.currentIndex()).center())

    def marked(self) -> bytes:
        """The bytes that are marked in the viewer of bytes."""
        pane = self.hands.find("hexPane", HexPane)
        at, length = pane.view.selection
        return pane.source.read(at, length) if pane.source is not None else b""


@pytest.fixture
def workbench(
    qapp: QApplication,
    preferences: Preferences,
    catalogued: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> Iterator[Workbench]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    shutil.copytree(catalogued, tmp_path / "lab")
    preferences.remember_lab(tmp_path / "lab")
    opened = Application(qapp, preferences)
    opened.start()
    opened.window.resize(1440, 900)
    qtbot.waitExposed(opened.window)
    made = Workbench(opened, qtbot, tmp_path)
    made.begin()
    yield made
    made.hands.until(lambda: not opened.window.jobs.active, "all work done, so that the window closes", JOB_MS)
    assert opened.window.close()
    opened.window.deleteLater()
    opened.setParent(None)
    style.apply(qapp, LIGHT, tmp_path)


pytestmark = pytest.mark.qt_log_level_fail("CRITICAL")  # a platform without a window manager warns of what it cannot do


@pytest.mark.req("REQ-34")
def test_a_deleted_picture_is_found_looked_at_tagged_cited_and_exported(workbench: Workbench) -> None:
    hands, lab = workbench.hands, workbench.window.session.lab
    case = lab.cases.numbered(CASE)
    image = lab.intake.list(case.id)[0]
    hands.click("subfoldersChip")
    workbench.filter("type:image deleted modified:2026-02")
    hands.until(lambda: hands.find("files", Table).model().rowCount() in (1, 2), "the deleted pictures of that month")
    hands.click_row("files", PICTURE)
    hands.until(lambda: hands.find("entryName", QLabel).text() == PICTURE, "the picture in the details")
    hands.keys("Space", hands.find("files"))
    hands.wait_for("pictureWords")
    workbench.album.shot("picture")
    hands.keys("1", hands.find("files"))
    tags = lambda: lab.tags.of_case(case.id)  # noqa: E731
    hands.until(lambda: [one.target.path.endswith(PICTURE) for one in tags()] == [True], "the tag in the record")
    hands.keys("Ctrl+D", hands.find("files"))
    hands.wait_for("findingSheet")
    hands.type("findingSentence", "The transfer slip was photographed, and the picture deleted")
    workbench.album.shot("finding")
    hands.keys("Ctrl+Return")
    hands.wait_gone("findingSheet")
    (cited,) = lab.findings.list(case.id)
    target = workbench.folder / "exported.jpg"
    hands.answer_file_dialog(str(target))
    hands.keys("Ctrl+E", hands.find("files"))
    acts = lambda: [event.action for event in lab.custody.case_history(case.id)]  # noqa: E731
    hands.until(lambda: acts()[-1] == "file.export", "the export in the record")
    workbench.album.shot("exported")
    with lab.catalogues.open(image) as catalogue:
        entry = next(one for one in catalogue.rows(catalogue.ids(CatalogueQuery())) if one.name == PICTURE)
    digest = hashlib.sha256(target.read_bytes()).digest()
    assert (entry.allocated, entry.sha256, cited.target.sha256) == (False, digest, digest)
    assert acts()[-3:] == ["tag.put", "finding.add", "file.export"]
    assert lab.verification.verify().ok


@pytest.mark.req("REQ-57")
def test_a_wallets_address_is_found_where_no_file_is_and_cited_with_its_offset(workbench: Workbench) -> None:
    hands, lab = workbench.hands, workbench.window.session.lab
    workbench.choose_image("LH/03-I1")
    hands.row("files", "lease.docx")
    hands.keys("Ctrl+Shift+F")
    hands.wait_for("searchSheet")
    hands.tick("searchDetect")
    workbench.album.shot("search")
    hands.keys("Ctrl+Return")
    hands.wait_gone("searchSheet")
    hands.until(lambda: "Complete" in hands.find("searchStatus", QLabel).text(), "all of it searched", JOB_MS)
    hands.click_row("searchHits", WALLET)
    hands.until(lambda: "send it to" in hands.find("hitContext", QLabel).text(), "what stands around it")
    workbench.album.shot("hits")
    hands.keys("1", hands.find("searchHits"))
    hands.until(lambda: "Put Relevant" in hands.find("hitsTold", QLabel).text(), "the hit tagged")
    hands.click("jumpToHit")
    hands.until(lambda: workbench.marked() == WALLET.encode(), "the bytes of the address marked")
    workbench.album.shot("bytes")
    hands.keys("Ctrl+D", hands.find("hexPane", HexPane).view)
    hands.wait_for("findingSheet")
    hands.type("findingSentence", "An address of a wallet stands where no file is")
    hands.keys("Ctrl+Return")
    hands.wait_gone("findingSheet")
    hands.keys("Ctrl+Shift+F")
    hands.click("newSearch")
    hands.wait_for("searchSheet")
    hands.type("searchTerms", "was deleted")
    hands.tick("searchAllImages")
    workbench.album.shot("search-all")
    hands.keys("Ctrl+Return")
    hands.wait_gone("searchSheet")
    said = lambda: hands.find("hitsTold", QLabel).text()  # noqa: E731
    hands.until(lambda: "LH/01-I1: 0, LH/03-I1: " in said(), "both images searched", JOB_MS)
    case = lab.cases.numbered(CASE)
    hands.until(lambda: lab.findings.list(case.id), "the finding in the record")
    (cited,) = lab.findings.list(case.id)
    image = next(one for one in lab.intake.list(case.id) if one.number == "LH/03-I1")
    content = image.source.paths[0].read_bytes()
    target = cited.target
    assert (target.area.value, target.length_bytes) == ("unallocated space", len(WALLET))
    assert target.sha256 is None or target.sha256 == hashlib.sha256(WALLET.encode()).digest()
    assert WALLET.encode() in content
    (tagging,) = lab.tags.of_case(case.id)
    assert (tagging.target.offset_bytes, tagging.target.length_bytes) == (target.offset_bytes, target.length_bytes)


def test_two_readers_are_compared_at_a_volume_of_the_tree(workbench: Workbench) -> None:
    hands, lab = workbench.hands, workbench.window.session.lab
    tree = hands.find("folderTree", TreeView)
    case = lab.cases.numbered(CASE)
    image = lab.intake.list(case.id)[0]
    tree.setFocus(Qt.FocusReason.TabFocusReason)
    place = Place(image_id=image.id, volume_id="v0.p1")

    def at_the_volume() -> bool:
        node = tree.current_node()
        return node is not None and node.key == place

    hands.keys("Home", tree)
    for _ in range(6):
        if at_the_volume():
            break
        hands.keys("Right", tree)
        hands.keys("Down", tree)
    hands.until(at_the_volume, "the keyboard at the first volume")
    workbench.choose_of_the_menu(tree, "Compare")
    hands.wait_for("differencesSheet")
    assert "agree on names, sizes, times and contents" in hands.find("differencesWords", QLabel).text()
    workbench.album.shot("two-readers")
    hands.keys("Escape")
    hands.wait_gone("differencesSheet")
    assert lab.custody.case_history(case.id)[-1].action == "volume.compare"
