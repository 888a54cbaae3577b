"""A tree whose branches are filled when they are opened; nodes are plain values, found again by their keys."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from ui.models.cells import Index

NodeRole = Qt.ItemDataRole.UserRole
_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One line of the tree.

    ``words`` is its name and ``second`` what stands paler behind it; both are read aloud. ``colour`` is a token's
    name for the icon, ``faded`` draws the name paler. ``opens`` says that there is, or may be, something inside.
    """

    key: Hashable
    words: str
    second: str = ""
    icon: str = ""
    colour: str = "text2"
    faded: bool = False
    opens: bool = False
    tip: str = ""

    @property
    def whole(self) -> str:
        """Everything that the line says."""
        return ", ".join(part.strip(" ·") for part in (self.words, self.second) if part)


class _Place:
    """A node with its place among the others."""

    __slots__ = ("children", "node", "number", "parent", "row")

    def __init__(self, number: int, node: Node, parent: _Place | None, row: int) -> None:
        self.number, self.node, self.parent, self.row = number, node, parent, row
        self.children: list[_Place] | None = None


class NodeTreeModel(QAbstractItemModel):
    """Read-only nodes. A branch that is opened for the first time is asked for by ``fetch_asked`` (with its key)."""

    fetch_asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._next = 0
        self._places: dict[int, _Place] = {}
        self._by_key: dict[Hashable, _Place] = {}
        self._top: list[_Place] = []
        self._asked: set[Hashable] = set()

    def set_top(self, nodes: Sequence[Node]) -> None:
        """Start anew with these uppermost nodes."""
        self.beginResetModel()
        self._places.clear()
        self._by_key.clear()
        self._asked.clear()
        self._top = [self._place(node, None, row) for row, node in enumerate(nodes)]
        self.endResetModel()

    def fill(self, key: Hashable, nodes: Sequence[Node]) -> None:
        """Put the content into a branch; one that was filled already, or is gone, is left alone."""
        place = self._by_key.get(key)
        self._asked.discard(key)
        if place is None or place.children is not None:
            return
        index = self._index(place)
        if nodes:
            self.beginInsertRows(index, 0, len(nodes) - 1)
        place.children = [self._place(node, place, row) for row, node in enumerate(nodes)]
        if nodes:
            self.endInsertRows()
        self.dataChanged.emit(index, index)

    def refill(self, key: Hashable, nodes: Sequence[Node]) -> None:
        """Put other content into a branch that was filled before; into one that was not, when it is opened."""
        place = self._by_key.get(key)
        if place is None or place.children is None or [one.node for one in place.children] == list(nodes):
            return
        index, old = self._index(place), place.children
        if old:
            self.beginRemoveRows(index, 0, len(old) - 1)
            place.children = []
            for gone in old:
                self._places.pop(gone.number, None)
                self._by_key.pop(gone.node.key, None)
            self.endRemoveRows()
        place.children = None
        self.fill(key, nodes)

    def replace(self, node: Node) -> None:
        """Show other words for the node with the same key; its branch stays."""
        if place := self._by_key.get(node.key):
            place.node = node
            index = self._index(place)
            self.dataChanged.emit(index, index)

    def index_of(self, key: Hashable) -> QModelIndex:
        """Where a node stands; an invalid index when it is not (yet) in the tree."""
        place = self._by_key.get(key)
        return self._index(place) if place else QModelIndex()

    def node(self, index: Index) -> Node | None:
        """The node at an index."""
        return self._places[index.internalId()].node if index.isValid() else None

    def nodes(self) -> Iterator[Node]:
        """Every node that is in the tree, in the order of their making."""
        return (place.node for place in self._places.values())

    def ask_for(self, key: Hashable) -> None:
        """Ask for the content of a branch unless it is there or on its way."""
        place = self._by_key.get(key)
        if place and place.children is None and place.node.opens and key not in self._asked:
            self._asked.add(key)
            self.fetch_asked.emit(key)

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """The index of a child."""
        places = self._children(parent)
        if column != 0 or not 0 <= row < len(places):
            return QModelIndex()
        return self._index(places[row])

    @overload
    def parent(self) -> QObject: ...
    @overload
    def parent(self, child: QModelIndex | QPersistentModelIndex) -> QModelIndex: ...
    def parent(self, child: Index | None = None) -> Any:
        """The index that holds ``child``; without one, the QObject that owns the model."""
        if child is None:
            return super().parent()
        place = self._places[child.internalId()].parent if child.isValid() else None
        return self._index(place) if place else QModelIndex()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """How many children are in the tree."""
        return len(self._children(parent)) if parent.column() <= 0 else 0

    def columnCount(self, parent: Index = _ROOT) -> int:
        """One."""
        return 1

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        """Whether there is, or may be, something inside."""
        if not parent.isValid():
            return bool(self._top)
        place = self._places[parent.internalId()]
        return bool(place.children) if place.children is not None else place.node.opens

    def canFetchMore(self, parent: Index) -> bool:
        """Whether a branch was never filled."""
        if not parent.isValid():
            return False
        place = self._places[parent.internalId()]
        return place.children is None and place.node.opens and place.node.key not in self._asked

    def fetchMore(self, parent: Index) -> None:
        """Ask for a branch's content."""
        if parent.isValid():
            self.ask_for(self._places[parent.internalId()].node.key)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A node's words, or the node itself."""
        node = self.node(index)
        if node is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node.words
            case Qt.ItemDataRole.AccessibleTextRole:
                return node.whole
            case Qt.ItemDataRole.ToolTipRole:
                return node.tip or node.whole
            case _ if role == NodeRole:
                return node
        return None

    def _children(self, parent: Index) -> list[_Place]:
        if not parent.isValid():
            return self._top
        return self._places[parent.internalId()].children or []

    def _place(self, node: Node, parent: _Place | None, row: int) -> _Place:
        self._next += 1
        place = self._places[self._next] = _Place(self._next, node, parent, row)
        self._by_key[node.key] = place
        return place

    def _index(self, place: _Place) -> QModelIndex:
        return self.createIndex(place.row, 0, place.number)
