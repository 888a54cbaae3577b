import itertools
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel

from forensics_app.db.catalogue import Catalogue, write_catalogue
from forensics_app.model.catalogue import CatalogueHeader, CatalogueQuery, SortColumn
from forensics_app.model.filter_language.tree import Words
from forensics_app.model.image import ImageId
from tests.ui.examine.conftest import Desk, MakeDesk
from ui.examine.columns import SORT_OF, Shown
from ui.examine.crumbs import CrumbBar
from ui.examine.files_pane import FilesPane
from ui.examine.listing import first_page, ids_of
from ui.examine.places import SIZED_KINDS, Destination, Narrowing, Order, Place, View
from ui.examine.tree_nodes import SIZES, GroupKey
from ui.jobs import JobRunner
from ui.models.lazy_table import PAGE_ROWS
from ui.models.node_tree import Node, NodeTreeModel
from ui.preferences import Preferences
from ui.widgets.buttons import Chip
from ui.widgets.tree import TreeView

TOP = CatalogueQuery(volume_id="v0.p1", top=True, sort=SortColumn.NAME)
FOLDERS = ("directory",)
HEADER = CatalogueHeader(
    created_at=datetime(2026, 1, 1, tzinfo=UTC), program="test", libraries={}, image_digests={}, zone="UTC",
    content_examined=True,
)  # fmt: skip


def lines(tree: TreeView) -> list[str]:
    """What the lines of a tree say, indented by two blanks a level."""
    model = tree.model()
    said: list[str] = []

    def walk(parent: QModelIndex, depth: int) -> None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            said.append("  " * depth + str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
            walk(index, depth + 1)

    walk(QModelIndex(), 0)
    return said


def not_folders(desk: Desk, query: CatalogueQuery) -> list[int]:
    folders = set(desk.found(replace(query, kinds=FOLDERS)))
    return [found for found in desk.found(query) if found not in folders]


def counts(desk: Desk) -> str:
    return desk.child(QLabel, "listCounts").text()


def test_the_first_file_system_is_listed_with_its_folders_first(desk: Desk) -> None:
    desk.shows(desk.found(replace(TOP, kinds=FOLDERS)) + not_folders(desk, TOP))
    assert desk.names()[:3] == ["$Extend", "Orphan files", "Users"]
    assert counts(desk) == "18 entries"


def test_the_tree_tells_volumes_with_file_system_label_and_size(desk: Desk) -> None:
    tree = desk.page.browser.tree.tree
    desk.settle(lambda: "    Users" in lines(tree))
    assert lines(tree) == [
        "LH/01-I1, 69.2 MB  ·  GPT",
        "  v0.u1  Unallocated, 1.0 MB",
        "  v0.p1  System, NTFS  ·  33.6 MB",
        "    $Extend",
        "    Orphan files, 8",
        "    Users",
        "    Unallocated space",
        "  v0.p2  TRANSFER, FAT16  ·  16.8 MB",
        "  v0.p3  lm-home, EXT4  ·  16.8 MB",
        "  v0.u2  Unallocated, 1.0 MB",
        "  Partition table, 5 parts",
    ]


def test_the_tree_opens_down_to_a_folder_that_is_pointed_at_and_says_what_is_deleted(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Documents/Old/prices 2025.csv")
    tree = desk.page.browser.tree.tree
    desk.settle(lambda: (node := tree.current_node()) is not None and node.words == "Old")
    node = tree.current_node()
    assert node is not None
    assert (node.second, node.icon, node.faded) == (" (deleted)", "folder-deleted", True)
    assert desk.child(CrumbBar, "pathBar").words == (
        "LH/01-I1",
        "v0.p1  System",
        "Users",
        "l.mirel",
        "Documents",
        "Old",
    )


def test_enter_goes_into_a_folder_backspace_leaves_it_and_the_way_is_remembered(desk: Desk) -> None:
    files, top = desk.page.browser.files, desk.ids()
    users = desk.entry("/Users")
    files.table.setFocus()
    desk.settle(files.table.hasFocus)
    files.table.select_key(users.id)
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Return)
    inside = desk.found(CatalogueQuery(folder_id=users.id))
    desk.shows(inside)
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Backspace)
    desk.shows(top)
    assert files.selected_ids() == [users.id]
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    desk.shows(inside)
    desk.qtbot.keyClick(files.table, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    desk.shows(top)


@pytest.mark.parametrize("key", ["size", "modified", "created", "content", "name"])
@pytest.mark.parametrize("descending", [False, True])
def test_a_sorted_list_is_the_catalogue_s_own_order(desk: Desk, key: str, descending: bool) -> None:
    desk.go(Place(image_id=desk.image.id), desk.found(CatalogueQuery(sort=SortColumn.NAME)))
    at = next(at for at, column in enumerate(desk.page.browser.files.columns) if column.key == key)
    order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    desk.page.browser.files.table.sortByColumn(at, order)
    desk.shows(desk.found(CatalogueQuery(sort=SORT_OF[key], descending=descending)))


def test_a_press_on_a_head_that_sorts_nothing_leaves_the_arrow_where_the_order_is(desk: Desk) -> None:
    files, before = desk.page.browser.files, desk.ids()
    state = next(at for at, column in enumerate(files.columns) if column.key == "state")
    files.table.sortByColumn(state, Qt.SortOrder.AscendingOrder)
    assert files.table.horizontalHeader().sortIndicatorSection() == 0
    assert desk.ids() == before


def test_words_narrow_the_list_after_a_moment_by_name_and_with_a_slash_by_path(desk: Desk) -> None:
    desk.go(Place(image_id=desk.image.id), desk.found(CatalogueQuery(sort=SortColumn.NAME)))
    desk.qtbot.keyClicks(desk.page.browser.files.filter.box, "INV")
    desk.shows(desk.found(CatalogueQuery(filter=Words(column="name", text="INV"), sort=SortColumn.NAME)))
    desk.settle(lambda: "of 100 entries" in counts(desk))
    desk.page.browser.files.filter.box.setText("/pictures/")
    desk.shows(desk.found(CatalogueQuery(filter=Words(column="path", text="/pictures/"), sort=SortColumn.NAME)))
    desk.qtbot.keyClick(desk.page.browser.files.filter.box, Qt.Key.Key_Escape)
    desk.shows(desk.found(CatalogueQuery(sort=SortColumn.NAME)))


def test_chips_count_and_leave_what_they_say(desk: Desk) -> None:
    documents = desk.entry("/Users/l.mirel/Documents")
    place = Place(image_id=desk.image.id, volume_id="v0.p1", folder_id=documents.id)
    desk.page.browser.go(place)
    desk.child(Chip, "subfoldersChip").click()
    below = CatalogueQuery(volume_id="v0.p1", folder_id=documents.id, recursive=True, sort=SortColumn.NAME)
    desk.shows(desk.found(below))
    deleted = desk.found(replace(below, deleted=True))
    chip = desk.child(Chip, "deletedChip")
    desk.settle(lambda: chip.accessibleName() == f"Deleted {len(deleted)}")
    chip.click()
    desk.shows(deleted)
    desk.child(Chip, "picturesChip").click()
    desk.settle(lambda: desk.ids() == [])
    assert desk.why_nothing.startswith("Nothing here passes the filter.")


def test_a_list_over_many_folders_shows_in_which_one_each_entry_lies(desk: Desk) -> None:
    files = desk.page.browser.files
    path = next(at for at, column in enumerate(files.columns) if column.key == "path")
    assert files.table.isColumnHidden(path)
    view = View(title="Deleted", deleted=True)
    desk.go(Place(image_id=desk.image.id, view=view), desk.found(CatalogueQuery(deleted=True, sort=SortColumn.NAME)))
    assert not files.table.isColumnHidden(path)
    row = desk.names().index("mules.csv")
    assert files.model.index(row, path).data() == "v0.p3/home/lm/"


def test_types_are_counted_and_each_lists_exactly_what_it_counts(desk: Desk) -> None:
    types = desk.page.browser.tree.types
    desk.settle(lambda: types.rowCount() == 1)
    desk.page.browser.tree.type_tree.open_branch(GroupKey(desk.image.id, SIZES))
    desk.settle(lambda: "16 MiB to less than 256 MiB" in {node.words for node in types.nodes()})
    views = [node for node in types.nodes() if isinstance(node.key, Place)]
    assert {"Deleted", "Orphan files", "Type differs", "Pictures"} <= {node.words for node in views}
    for node in views:
        assert isinstance(node.key, Place)
        view = node.key.view
        assert view is not None
        query = CatalogueQuery(
            mime=view.mime,
            mime_prefix=view.mime_prefix,
            extension=view.extension,
            deleted=view.deleted,
            orphan=view.orphan,
            mismatch=view.mismatch,
            kinds=SIZED_KINDS if view.is_of_sizes else (),
            min_size_bytes=view.min_size_bytes,
            max_size_bytes=view.max_size_bytes,
        )
        assert node.second.strip(" ·") == str(len(desk.found(query)))


def test_a_stretch_without_files_says_what_it_is_and_shows_its_bytes(desk: Desk) -> None:
    desk.page.browser.go(Place(image_id=desk.image.id, volume_id="v0.u2"))
    desk.settle(lambda: (source := desk.page.browser.viewers.hex.source) and source.name == "v0.u2")
    source = desk.page.browser.viewers.hex.source
    assert source is not None
    assert (source.length_bytes, source.media_offset_bytes) == (1_048_576, 68_157_440)
    assert desk.why_nothing == "v0.u2 belongs to no partition (1.0 MB). Its bytes are below."


def test_selected_rows_are_counted_with_their_bytes(desk: Desk) -> None:
    desk.go_to("/Users/l.mirel/Pictures/2026-02/IMG_2041.jpg")
    desk.page.browser.files.table.selectAll()
    desk.settle(lambda: counts(desk) == "3 entries · 3 selected · 393,298 bytes")


def test_the_place_is_kept_when_the_record_changes_and_left_when_another_case_is_opened(desk: Desk) -> None:
    entry = desk.go_to("/Users/l.mirel/Pictures/holiday.jpg")
    before = desk.ids()
    desk.page.refresh()
    desk.qtbot.wait(200)
    assert desk.ids() == before
    assert desk.page.browser.files.selected_ids() == [entry.id]


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_columns_order_and_zone_are_there_again_in_the_next_window(desk: Desk, make_desk: MakeDesk) -> None:
    files = desk.page.browser.files
    size = next(at for at, column in enumerate(files.columns) if column.key == "size")
    sha256 = next(at for at, column in enumerate(files.columns) if column.key == "sha256")
    menu = files.choose_columns()
    next(action for action in menu.actions() if action.text() == "SHA-256").trigger()
    menu.close()
    files.table.sortByColumn(size, Qt.SortOrder.DescendingOrder)
    desk.page.zone.setCurrentText("Asia/Tbilisi")
    edit = desk.page.zone.lineEdit()
    assert edit is not None
    edit.editingFinished.emit()
    again = make_desk(desk.lab)
    again.read()
    top = desk.found(replace(TOP, sort=SortColumn.SIZE, descending=True))
    again.shows(top)
    assert not again.page.browser.files.table.isColumnHidden(sha256)
    assert again.page.zone.zone == "Asia/Tbilisi"


def test_the_models_keep_the_rules_of_item_models(desk: Desk) -> None:
    browser = desk.page.browser
    models: list[QAbstractItemModel] = [browser.files.model, browser.tree.folders, browser.tree.types]
    testers = [
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning) for model in models
    ]
    desk.go_to("/Users/l.mirel/Documents/Old/prices 2025.csv")
    desk.page.browser.go_to_entry(Destination(image_id=desk.image.id))
    desk.settle(lambda: desk.ids())
    assert len(testers) == 3


def test_a_branch_is_asked_for_once_and_filled_where_it_was_asked() -> None:
    model = NodeTreeModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    asked: list[object] = []
    model.fetch_asked.connect(asked.append)
    model.set_top([Node(key="a", words="A", opens=True), Node(key="b", words="B")])
    top = model.index_of("a")
    assert model.hasChildren(top)
    model.fetchMore(top)
    model.fetchMore(top)
    assert asked == ["a"]
    model.fill("a", [Node(key="a1", words="A1")])
    model.fill("a", [Node(key="a2", words="A2")])
    assert model.rowCount(top) == 1
    assert model.parent(model.index_of("a1")) == top
    assert not model.hasChildren(model.index_of("b"))


@pytest.mark.parametrize("place", ["folder", "deep", "image"])
def test_the_beginning_that_is_shown_first_is_the_beginning_of_the_list(desk: Desk, place: str) -> None:
    where = Place(image_id=desk.image.id, volume_id=None if place == "image" else "v0.p1")
    narrowing = Narrowing(recursive=place == "deep")
    with desk.lab.catalogues.open(desk.image) as catalogue:
        for column, descending in itertools.product(SORT_OF.values(), (False, True)):
            order = Order(column=column, descending=descending)
            beginning = first_page(catalogue, where, narrowing, order)
            assert list(beginning.ids) == list(ids_of(catalogue, where, narrowing, order)), order
            assert [entry.id for entry in beginning.first if entry] == list(beginning.ids)
            assert beginning.complete


def test_a_list_longer_than_a_page_is_told_apart_from_one_that_ends_with_it(tmp_path: Path) -> None:
    everything, folder = Place(image_id=ImageId(uuid4())), Place(image_id=ImageId(uuid4()), volume_id="v0")
    for files, complete in ((PAGE_ROWS - 2, True), (PAGE_ROWS - 1, True), (PAGE_ROWS, False)):
        with Catalogue(many_files(tmp_path / f"{files}.db", files)) as catalogue:
            beginning = first_page(catalogue, everything, Narrowing(), Order())
            assert (len(beginning.ids), beginning.complete) == (min(files + 1, PAGE_ROWS), complete)
            folders_first = first_page(catalogue, folder, Narrowing(), Order())
            whole = ids_of(catalogue, folder, Narrowing(), Order())
            assert list(folders_first.ids) == list(whole[:PAGE_ROWS])
            assert folders_first.complete == (len(whole) <= PAGE_ROWS)


def test_a_list_of_every_row_follows_its_beginning_without_losing_the_place(
    desk: Desk, tmp_path: Path, jobs: JobRunner, preferences: Preferences
) -> None:
    catalogue = Catalogue(many_files(tmp_path / "many.db", 3 * PAGE_ROWS))
    pane = FilesPane(jobs, preferences, lambda: Shown(ZoneInfo("UTC"), "UTC"))
    desk.qtbot.addWidget(pane)
    pane.show()
    place = Place(image_id=ImageId(uuid4()))
    done: list[int] = []
    pane.show_place(place, lambda: catalogue, [])
    pane.afterwards(lambda: done.append(len(pane.model.ids)))
    assert done == []
    desk.settle(lambda: done)
    assert done == [3 * PAGE_ROWS + 1]
    assert list(pane.model.ids) == list(ids_of(catalogue, place, Narrowing(), Order()))
    assert not pane.model.partial
    catalogue.close()


def many_files(path: Path, count: int) -> Path:
    """A catalogue of one folder with ``count`` files."""
    rows = [file_row(1, None, "/", "directory")]
    rows += [file_row(number + 1, 1, f"/file {number:05d}.txt", "file") for number in range(1, count + 1)]
    write_catalogue(path, [tuple(rows)], HEADER)
    return path


def file_row(number: int, parent: int | None, path: str, kind: str) -> tuple[object, ...]:
    name = path.rpartition("/")[2]
    facts = (number, "v0", parent, name, None, path, "txt" if name else "", kind, True, False, False, number, "1")
    return (*facts, *[None] * 9, None, None, None, None, None, False, None, "", None)
