"""The tree of a page: icon, name, and paler facts behind it; places that can be reached by keyboard alone."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from ui import icons, theme
from ui.models.cells import Index
from ui.models.node_tree import Node, NodeRole, NodeTreeModel
from ui.theme import Row, Size, Space, ui_font

LONGEST_NAME_PX = 400
_TEXT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


class TreeView(QTreeView):
    """Nodes of a :class:`NodeTreeModel`; ``chosen`` carries the node that became current."""

    chosen = Signal(object)

    def __init__(self, model: NodeTreeModel, *, name: str, title: str) -> None:
        """Show ``model``; ``title`` is what a screen reader says."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._nodes = model
        self._wanted: list[Hashable] = []
        self.setModel(model)
        self.setItemDelegate(NodeDelegate(self))
        self.setHeaderHidden(True)
        self.setIndentation(Space.L)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setMouseTracking(True)
        self.header().setStretchLastSection(False)
        self._widen = QTimer(self)
        self._widen.setSingleShot(True)
        self._widen.setInterval(0)
        self._widen.timeout.connect(self._fit_names)
        model.rowsInserted.connect(lambda *_: self._go_on())
        for changed in (model.rowsInserted, model.modelReset, self.expanded, self.collapsed):
            changed.connect(lambda *_: self._widen.start())

    def current_node(self) -> Node | None:
        """The node with the keyboard's place."""
        return self._nodes.node(self.currentIndex())

    def reveal(self, path: Sequence[Hashable]) -> None:
        """Make the last of ``path`` current, opening one branch after the other as they are filled.

        ``chosen`` is not sent for it.
        """
        self._wanted = list(path)
        self._go_on()

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Tell which node is current."""
        super().currentChanged(current, previous)
        node = self._nodes.node(current)
        if node:
            self._wanted.clear()
            self.chosen.emit(node)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the width, or scroll to the end of deep names."""
        super().resizeEvent(event)
        self._widen.start()

    def _fit_names(self) -> None:
        self.setColumnWidth(0, max(self.viewport().width(), self.sizeHintForColumn(0)))

    def open_branch(self, key: Hashable) -> None:
        """Open a branch, asking for its content if need be."""
        self._nodes.ask_for(key)
        self.expand(self._nodes.index_of(key))

    def _go_on(self) -> None:
        while self._wanted:
            index = self._nodes.index_of(self._wanted[0])
            if not index.isValid():
                return
            key = self._wanted.pop(0)
            if self._wanted:
                self.open_branch(key)
            else:
                self._make_current(index)

    def _make_current(self, index: QModelIndex) -> None:
        self.blockSignals(True)
        self.setCurrentIndex(index)
        self.blockSignals(False)
        self.scrollTo(index)


class NodeDelegate(QStyledItemDelegate):
    """Paints a :class:`Node`; the stylesheet would give every line one colour."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        node: Node | None = index.data(NodeRole)
        if node is None:
            return
        look, box = theme.current(), option.rect
        painter.save()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(box, QColor(look.selection if selected else look.hover if hovered else look.surface))
        left = box.x() + Space.XS
        if node.icon:
            colour: str = getattr(look, node.colour)
            drawn = icons.pixmap(node.icon, colour, Size.ICON, painter.device().devicePixelRatioF())
            painter.drawPixmap(QPointF(left, box.y() + (box.height() - Size.ICON) / 2), drawn)
            left += Size.ICON + Space.S
        self._words(painter, QRect(left, box.y(), box.right() - left - Space.XS, box.height()), node, selected)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(look.focus), Size.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -1, -1))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as a dense row, and wide enough for the name; what stands behind it may be cut."""
        node: Node | None = index.data(NodeRole)
        name = min(QFontMetrics(ui_font()).horizontalAdvance(node.words), LONGEST_NAME_PX) if node else 0
        return QSize(name + Size.ICON + Space.XL, Row.DENSE)

    def _words(self, painter: QPainter, box: QRect, node: Node, selected: bool) -> None:
        look, font = theme.current(), ui_font()
        metrics = QFontMetrics(font)
        painter.setFont(font)
        second = min(metrics.horizontalAdvance(node.second), box.width() // 3) if node.second else 0
        name = metrics.elidedText(node.words, Qt.TextElideMode.ElideMiddle, box.width() - second)
        painter.setPen(QColor(look.text2 if node.faded else look.text))
        painter.drawText(box, _TEXT | int(Qt.AlignmentFlag.AlignAbsolute), name)
        if node.second:
            rest = box.adjusted(metrics.horizontalAdvance(name), 0, 0, 0)
            painter.setPen(QColor(look.text2 if selected else look.text3))
            painter.drawText(rest, _TEXT, metrics.elidedText(node.second, Qt.TextElideMode.ElideRight, rest.width()))
