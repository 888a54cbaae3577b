"""The views of one part of a content: rows that come page by page, a tree with rows, and pages as pictures."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from forensics_app.model.viewing import Row, Rows, TreeNode
from ui.announce import announce
from ui.examine.decoding import harmless
from ui.examine.picture_bar import PictureBar
from ui.examine.picture_view import PictureView
from ui.examine.sources import in_words
from ui.latest import Latest
from ui.models.cells import Cell, Column
from ui.models.lazy_table import PAGE_ROWS, LazyTableModel
from ui.models.node_tree import Node, NodeTreeModel
from ui.theme import Row as RowHeight
from ui.theme import Space
from ui.widgets.labels import label
from ui.widgets.layout import hbox, line, plain, splitter, vbox
from ui.widgets.rows_copy import Read, RowsCopy
from ui.widgets.table import Table
from ui.widgets.text_view import TextView
from ui.widgets.tree import TreeView

if TYPE_CHECKING:
    from forensics_app.model.image import Picture
    from ui.jobs import JobRunner

LoadRows = Callable[[str, int, int], Rows]
LoadNodes = Callable[[str], Sequence[TreeNode]]
_SHORT_PX = 280
_CELL_PX, _TIME_PX, _LEAST_PX = 190, 250, 120
_LONGEST_CELL = 300
_NUMBERED_AT_ONCE = 20_000
MOST_ROWS_SHOWN = 2_000_000
"""Each takes eight bytes of the window's memory; the command ``view`` shows any."""
LARGEST_BOX_PX = 4000
"""Side of a page that is zoomed: its pixels fit one message of a child process."""


class RowsView(QWidget):
    """A table of rows, and under it the row that is chosen, whole."""

    def __init__(self, jobs: JobRunner, columns: Sequence[str], load: LoadRows) -> None:
        """Start without rows; ``load`` takes a node, the first row and how many, in a worker thread."""
        super().__init__()
        self._jobs, self._load = jobs, load
        self._heads = tuple(harmless(head) for head in columns)
        self._node = ""
        self._edition = 0
        self._is_fitted = False
        self._numbering = Latest(self, jobs)
        last = len(self._heads) - 1
        self.model: LazyTableModel[Row] = LazyTableModel(
            [
                Column(
                    key=str(at), title=head, cell=_cell_at(at), sortable=False, whole=_value_at(at),
                    width_px=_LEAST_PX if at == last < 2 else _most_px(head), stretch=at == last < 3,
                )
                for at, head in enumerate(self._heads)
            ],
            self._fetch,
            self,
        )  # fmt: skip
        self.table = Table(
            self.model, name="structureRows", title=self.tr("Rows"), row_px=RowHeight.DENSE, is_remembered=False
        )
        self.whole = TextView(title=self.tr("The chosen row, whole"), name="structureRow")
        self.table.chosen.connect(self._tell_row)
        self.model.dataChanged.connect(lambda *_: self._take_rows())
        self.told = label(role="small", wrap=True, name="structureTold")
        self.told.setContentsMargins(Space.M, Space.XXS, Space.M, Space.XXS)
        self._tell("")
        RowsCopy(
            self.table, jobs, self._reading, say=self._tell, why=in_words, instead=self.tr("Choose fewer rows."),
        )  # fmt: skip
        parts = splitter(
            Qt.Orientation.Vertical, self.table, self.whole, sizes=(300, 110), name="structureSplit", is_remembered=True
        )
        self.setLayout(vbox(self.told, (parts, 1), gap=0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the rows where it is short; a cell tells what is in it, too."""
        super().resizeEvent(event)
        self.whole.setVisible(self.height() >= _SHORT_PX)

    def show_rows(self, node: str, total: int) -> None:
        """Show so many rows of a node."""
        self._edition += 1
        self._node = node
        self.whole.clear()
        self._numbering.drop()
        self._tell("")
        rows = range(min(total, MOST_ROWS_SHOWN))
        if total <= _NUMBERED_AT_ONCE:
            self._take_numbers(array("q", rows))
            return
        self._numbering.ask(lambda _: array("q", rows), self._take_numbers, lambda error: None)

    def _take_numbers(self, ids: array[int]) -> None:
        self.model.set_ids(ids)
        if ids:
            self.table.selectRow(0)

    def _fetch(self, ids: Sequence[int], deliver: Callable[[Sequence[Row | None]], None]) -> None:
        first, count, node, edition = ids[0], len(ids), self._node, self._edition

        def take(rows: list[Row]) -> None:
            if edition == self._edition:
                deliver(rows)

        def refuse(error: Exception) -> None:
            row = (self.tr("[not readable: {why}]").format(why=in_words(error)), *("" for _ in self._heads[1:]))
            take([row] * count)

        self._jobs.start(
            self, lambda _: [_shown(row) for row in self._load(node, first, count).rows], done=take, failed=refuse
        )

    def _take_rows(self) -> None:
        if not self._is_fitted and self.model.record(0) is not None:
            self._is_fitted = True
            most = [_most_px(head) for head in self._heads]
            if len(most) == 2:  # names beside their values, both in sight
                most[0] = self.table.viewport().width() // 2
            self.table.fit_columns(most)
        self._tell_row(self.table.current_record())

    def _reading(self) -> Read:
        load, node = self._load, self._node

        def read(ids: Sequence[int]) -> list[Row]:
            return [_shown(row) for first, count in _runs(ids) for row in load(node, first, count).rows]

        return read

    def _tell(self, words: str) -> None:
        self.told.setText(words)
        self.told.setVisible(bool(words))
        if words:
            announce(self, words)

    def _tell_row(self, row: Row | None) -> None:
        if row is not None:
            told = "\n".join(f"{head}: {value}" for head, value in zip(self._heads, row, strict=False))
            if self.whole.toPlainText() != told:
                self.whole.show_text(told)


class TreePart(QWidget):
    """A tree whose nodes are read when they are opened, and beside it the rows of the one that is chosen."""

    def __init__(self, jobs: JobRunner, title: str, columns: Sequence[str], nodes: LoadNodes, rows: LoadRows) -> None:
        """Read the uppermost nodes."""
        super().__init__()
        self._jobs, self._nodes = jobs, nodes
        self._load = rows
        self.model = NodeTreeModel(self)
        self.tree = TreeView(self.model, name="structureTree", title=title)
        self.rows = RowsView(jobs, columns, rows)
        self._choosing = Latest(self, jobs)
        self.model.fetch_asked.connect(self._fill)
        self.tree.chosen.connect(self._choose)
        parts = splitter(
            Qt.Orientation.Vertical,
            self.tree,
            self.rows,
            sizes=(220, 220),
            name="structureTreeSplit",
            is_remembered=True,
        )
        self.setLayout(vbox((parts, 1), gap=0))
        self._ask("", self._take_top)

    def _ask(self, node: str, take: Callable[[list[Node]], None]) -> None:
        def refuse(error: Exception) -> None:
            words = self.tr("[not readable: {why}]").format(why=in_words(error))
            take([Node(key=f"{node}!", words=words, icon="verify-warning")])

        self._jobs.start(self, lambda _: [_node(one) for one in self._nodes(node)], done=take, failed=refuse)

    def _take_top(self, nodes: list[Node]) -> None:
        self.model.set_top(nodes)
        if nodes:
            self.tree.setCurrentIndex(self.model.index_of(nodes[0].key))
            if nodes[0].opens:
                self.tree.open_branch(nodes[0].key)

    def _fill(self, key: object) -> None:
        self._ask(str(key), lambda nodes: self.model.fill(str(key), nodes))

    def _choose(self, node: Node) -> None:
        key = str(node.key)
        self.rows.show_rows(key, 0)
        self._choosing.ask(
            lambda _: self._load(key, 0, 1).total,
            lambda total: self.rows.show_rows(key, total),
            lambda error: self.rows.show_rows(key, 0),
        )


class PagesView(QWidget):
    """Pages as pictures, one at a time."""

    def __init__(self, jobs: JobRunner, count: int, load: Callable[[int, int], Picture]) -> None:
        """Show the first of ``count`` pages; ``load`` takes its number from 0 and a box, in a worker thread."""
        super().__init__()
        self._question = Latest(self, jobs)
        self._count, self._load = count, load
        self._at = 0
        self.picture = PictureView()
        self.bar = PictureBar(self.picture)
        self.where = self.bar.where
        self.bar.turned.connect(self._go)
        self.picture.zoomed.connect(self._sharpen)
        body = hbox((self.picture, 1), margins=(Space.S, Space.S, Space.S, Space.S))
        self.setLayout(vbox((plain(body), 1), line(), self.bar, gap=0))
        self._drawn = QSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the page for the room that there is."""
        super().resizeEvent(event)
        room = self.size()
        if room.width() > self._drawn.width() or room.height() > self._drawn.height():
            self._draw()

    def _go(self, step: int) -> None:
        self._at = min(max(0, self._at + step), self._count - 1)
        self.picture.show_image(QImage())  # the page before is none under the number of this one
        self._draw()

    def _sharpen(self) -> None:
        if box := self.picture.sharper_px(LARGEST_BOX_PX):
            self._ask(box, is_sharper=True)

    def _draw(self) -> None:
        self._drawn = self.size()
        side = max(self.picture.width(), self.picture.height(), 200) * self.devicePixelRatioF()
        self._ask(min(LARGEST_BOX_PX, round(side)), is_sharper=False)

    def _ask(self, box: int, *, is_sharper: bool) -> None:
        number = self._at
        words = self.tr("Page {n} of {all}").format(n=f"{number + 1:,}", all=f"{self._count:,}")
        self.bar.show_page(number, self._count, words)

        def take(image: QImage) -> None:
            self.picture.show_image(image, is_sharper=is_sharper)
            self.picture.setAccessibleName(words)
            if not is_sharper:
                self._sharpen()

        def refuse(error: Exception) -> None:
            self.picture.show_image(QImage())
            self.bar.refuse_page(number, in_words(error))

        self._question.ask(lambda _: QImage.fromData(self._load(number, box).encoded), take, refuse)


def _shown(row: Row) -> Row:
    return tuple(map(harmless, row))


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """The first row and the number of rows of each run without a gap, a page at most."""
    runs: list[tuple[int, int]] = []
    for row in ids:
        first, count = runs[-1] if runs else (row, 0)
        if row == first + count and 0 < count < PAGE_ROWS:
            runs[-1] = (first, count + 1)
        else:
            runs.append((row, 1))
    return runs


def _value_at(at: int) -> Callable[[Row], str]:
    return lambda row: row[at] if at < len(row) else ""


def _cell_at(at: int) -> Callable[[Row], Cell]:
    def cell(row: Row) -> Cell:
        return Cell(row[at][:_LONGEST_CELL].replace("\n", " ")) if at < len(row) else Cell("")

    return cell


def _most_px(head: str) -> int:
    """The widest that a column is made; a time has to be seen with its zone."""
    return _TIME_PX if "UTC" in head else _CELL_PX


def _node(node: TreeNode) -> Node:
    icon = "folder" if node.opens else "file"
    return Node(
        key=node.key,
        words=harmless(node.words).replace("\n", " "),
        second=f" · {harmless(node.second)}".replace("\n", " ") if node.second else "",
        icon=icon,
        opens=node.opens,
    )
