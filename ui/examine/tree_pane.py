"""The left side: images, volumes and folders; and the views by type and state."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from forensics_app.model.filter_language.vocabulary import Vocabulary
from forensics_app.model.second_reading import READ_TWICE
from ui.examine.case_reading import Branch, CaseShown, read_branch
from ui.examine.findings_pane import FindingsPane
from ui.examine.places import Place
from ui.examine.shelf import Shelf
from ui.examine.tab_group import Tab, TabGroup
from ui.examine.tree_nodes import (
    METADATA,
    SIZE_STEPS,
    SIZES,
    Branches,
    GroupKey,
    MoreKey,
    folder_nodes,
    image_node,
    outside_nodes,
    size_nodes,
    table_key,
    table_nodes,
    unallocated_nodes,
    view_nodes,
    volume_nodes,
)
from ui.jobs import JobRunner
from ui.models.node_tree import Node, NodeTreeModel
from ui.theme import Space
from ui.widgets.layout import vbox
from ui.widgets.tree import TreeView

if TYPE_CHECKING:
    from forensics_app.model.catalogue import CatalogueEntry
    from forensics_app.model.image import ImageId

FOLDERS, TYPES, FINDINGS = "folders", "types", "findings"


class TreePane(QFrame):
    """``place_asked`` carries the place that was chosen.

    ``bytes_asked`` carries one whose bytes are wanted, ``unlock_asked`` one that is to be unlocked, ``compare_asked``
    one whose volume is to be listed by a second reader, ``export_asked`` a folder that is to be exported.
    """

    place_asked = Signal(object)
    bytes_asked = Signal(object)
    unlock_asked = Signal(object)
    compare_asked = Signal(object)
    export_asked = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: JobRunner, shelf: Shelf) -> None:
        """Start without an image."""
        super().__init__()
        self.setObjectName("treePane")
        self.setProperty("pane", True)
        self._jobs, self._shelf = jobs, shelf
        self._case = CaseShown()
        self._edition = 0
        self._views: Branches = {}
        self.folders = NodeTreeModel(self)
        self.types = NodeTreeModel(self)
        self.tree = TreeView(self.folders, name="folderTree", title=self.tr("Images, volumes and folders"))
        self.type_tree = TreeView(self.types, name="typeTree", title=self.tr("Types and states"))
        self.findings = FindingsPane()
        self._group = TabGroup(name="treeGroup", title=self.tr("Folders, types or findings"))
        self._group.set_tabs(
            (
                Tab(key=FOLDERS, words=self.tr("Folders"), viewer=self.tree),
                Tab(key=TYPES, words=self.tr("Types"), viewer=self.type_tree),
                Tab(key=FINDINGS, words=self.tr("Findings"), viewer=self.findings),
            )
        )
        self.setLayout(vbox((self._group, 1), gap=0))
        self.setMinimumWidth(9 * Space.L)
        self.folders.fetch_asked.connect(self._fetch)
        self.types.fetch_asked.connect(self._fetch_views)
        for tree in (self.tree, self.type_tree):
            tree.chosen.connect(self._choose)
            tree.activated.connect(lambda _, tree=tree: self._choose(tree.current_node()))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)

    def show_case(self, case: CaseShown) -> None:
        """Show the images of a case from the top."""
        self._edition += 1
        self._case, self._views = case, {}
        self.folders.set_top([image_node(shown) for shown in case.images])
        tops: list[Node] = []
        image_ids: list[ImageId] = []
        for shown in case.images:
            if shown.content:
                top, branches = view_nodes(shown, case.tags.vocabularies.get(shown.image.id, Vocabulary()))
                tops.append(top)
                image_ids.append(shown.image.id)
                self._views |= branches
        self.types.set_top(tops)
        self.findings.show_case(case)
        for image_id in image_ids:
            self.type_tree.open_branch(GroupKey(image_id, "views"))
            self.type_tree.open_branch(GroupKey(image_id, "types"))
        for shown in case.images:
            self.tree.open_branch(Place(image_id=shown.image.id))

    def show_tags(self, case: CaseShown) -> None:
        """Count anew what bears tags and what is in hash sets; the rest of the trees stays."""
        self._case = case
        self.findings.show_case(case)
        for image_id, words in case.tags.vocabularies.items():
            branches = outside_nodes(image_id, words)
            self._views |= branches
            for key, nodes in branches.items():
                self.types.refill(key, nodes)

    def open_volume(self, place: Place) -> None:
        """Show the folders of the volume that a place lies in."""
        self.tree.open_branch(Place(image_id=place.image_id, volume_id=place.volume_id))

    def reveal(self, place: Place, chain: Sequence[CatalogueEntry]) -> None:
        """Let the tree point at what is listed; ``chain`` are the folders above it and itself."""
        if place.view is not None:
            self._group.show_tab(TYPES)
            index = self.types.index_of(place)
            if index.isValid():
                self.type_tree.reveal([place])
            return
        self._group.show_tab(FOLDERS)
        path: list[Hashable] = [Place(image_id=place.image_id)]
        shown = self._case.image(place.image_id)
        if shown is not None:
            for volume in shown.lineage(place.volume_id):
                if volume.kind == METADATA:
                    path.append(table_key(shown, volume.parent))
                if volume.parent is not None or volume.file_system is not None:
                    path.append(Place(image_id=place.image_id, volume_id=volume.id))
        path += [Place(image_id=place.image_id, volume_id=place.volume_id, folder_id=entry.id) for entry in chain]
        self.tree.reveal([*path, place] if place.unallocated else path)

    def panes(self) -> Sequence[QWidget]:
        """The tree or list in sight."""
        shown = {FOLDERS: self.tree, TYPES: self.type_tree}.get(self._group.current, self.findings.table)
        return (shown,)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Hand the keyboard to the tree in sight."""
        self.panes()[0].setFocus(event.reason())

    def _choose(self, node: Node | None) -> None:
        if node is None:
            return
        if isinstance(node.key, Place):
            self.place_asked.emit(node.key)
        elif isinstance(node.key, MoreKey):
            self.place_asked.emit(node.key.place)

    def _fetch_views(self, key: Place | GroupKey) -> None:
        """Sizes are counted when somebody asks for them; the other views are known."""
        shown, edition = self._case.image(key.image_id), self._edition
        if shown is None or not (isinstance(key, GroupKey) and key.name == SIZES):
            self.types.fill(key, self._views.get(key, []))
            return

        def take(counts: tuple[int, ...]) -> None:
            if edition == self._edition:
                self.types.fill(key, size_nodes(key.image_id, counts))

        self._jobs.start(
            self,
            lambda _: self._shelf.reader(shown.image).size_counts(SIZE_STEPS),
            done=take,
            failed=self.failed.emit,
        )

    def _fetch(self, key: Place | GroupKey) -> None:
        shown = self._case.image(key.image_id)
        if shown is None:
            return
        if isinstance(key, GroupKey):
            self.folders.fill(key, table_nodes(shown, key))
            return
        place = key
        inner = volume_nodes(shown, place.volume_id) if place.folder_id is None else []
        volume = shown.volume(place.volume_id)
        if volume is None or volume.file_system is None:
            self.folders.fill(place, inner)
            return
        image, edition, volume_id = shown.image, self._edition, place.volume_id or ""
        free = unallocated_nodes(shown, volume) if place.folder_id is None else []

        def take(branch: Branch) -> None:
            if edition == self._edition:
                self.folders.fill(place, [*inner, *folder_nodes(shown, place, branch), *free])

        def fail(error: Exception) -> None:
            if edition == self._edition:
                self.folders.fill(place, [*inner, *free])
                self.failed.emit(error)

        self._jobs.start(
            self,
            lambda _: read_branch(self._shelf.reader(image), volume_id, place.folder_id),
            done=take,
            failed=fail,
        )

    def _open_menu(self, at: QPoint) -> None:
        node = self.folders.node(self.tree.indexAt(at))
        if node is None or not isinstance(node.key, Place):
            return
        place = node.key
        menu = QMenu(self)
        menu.addAction(self.tr("Go to bytes")).triggered.connect(lambda: self.bytes_asked.emit(place))
        if place.folder_id is not None:
            menu.addAction(self.tr("Export folder…")).triggered.connect(lambda: self.export_asked.emit(place))
        shown = self._case.image(place.image_id)
        volume = shown.volume_at(place) if shown and place.folder_id is None else None
        if volume is not None and volume.encryption is not None:
            menu.addAction(self.tr("Unlock…")).triggered.connect(lambda: self.unlock_asked.emit(place))
        inner = shown.volume(place.volume_id) if shown and place.folder_id is None and not place.unallocated else None
        if inner is not None and inner.file_system is not None and inner.file_system.type.startswith(READ_TWICE):
            words = self.tr("Compare with a second reader")
            menu.addAction(words).triggered.connect(lambda: self.compare_asked.emit(place))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.tree.viewport().mapToGlobal(at))
