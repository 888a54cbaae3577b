"""Pages as they will be printed: white in both themes, drawn when they come into sight."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from itertools import accumulate

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from ui import theme
from ui.theme import Size, Space, Type, ui_font

RenderPage = Callable[[int, float, Callable[[QImage], None]], None]
ZOOMS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
_PX_PER_PT = 96 / 72
_PAGES_KEPT = 12


class Paper(QAbstractScrollArea):
    """Shows pages under each other. ``page_changed`` carries the number, from 1, of the page at the top."""

    page_changed = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, *, title: str, name: str = "paper") -> None:
        """Start without pages, fitted to the width."""
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sizes: tuple[QSizeF, ...] = ()
        self._above_pt, self._widest_pt = [0.0], 0.0  # the heights of all pages above each; there may be thousands
        self._render: RenderPage = lambda *_: None
        self._images: OrderedDict[tuple[int, float], QImage] = OrderedDict()
        self._asked: set[tuple[int, float]] = set()
        self._edition, self._zoom, self._fit, self._page = 0, 1.0, True, 1
        self.verticalScrollBar().valueChanged.connect(self._on_scroll)
        self.setMinimumSize(QSize(8 * Space.XXL, 6 * Space.XXL))

    def show_pages(self, sizes_pt: Sequence[QSizeF], render: RenderPage) -> None:
        """Show pages of these sizes in points.

        ``render(page, pixels_per_point, deliver)`` draws a page, counted from 0, and hands over the image, at once
        or later, on the UI thread.
        """
        self._sizes, self._render = tuple(sizes_pt), render
        self._above_pt = list(accumulate((size.height() for size in self._sizes), initial=0.0))
        self._widest_pt = max((size.width() for size in self._sizes), default=0.0)
        self._edition += 1
        self._images.clear()
        self._asked.clear()
        self._lay_out()
        self.viewport().update()

    @property
    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._sizes)

    @property
    def page(self) -> int:
        """The page at the top, from 1."""
        return self._page

    @property
    def zoom(self) -> float:
        """1.0 is the size on paper at 96 pixels an inch."""
        return self._zoom

    def set_zoom(self, zoom: float) -> None:
        """Show at a fixed zoom."""
        self._fit = False
        self._apply_zoom(zoom)

    def fit_width(self) -> None:
        """Follow the width of the window."""
        self._fit = True
        self._lay_out()

    def zoom_by(self, steps: int) -> None:
        """Go to the next larger or smaller of the usual zooms."""
        larger = [zoom for zoom in ZOOMS if zoom > self._zoom + 0.01]
        smaller = [zoom for zoom in ZOOMS if zoom < self._zoom - 0.01]
        if steps > 0 and larger:
            self.set_zoom(larger[0])
        elif steps < 0 and smaller:
            self.set_zoom(smaller[-1])

    def go_to_page(self, page: int) -> None:
        """Bring a page, from 1, to the top."""
        if self._sizes:
            at = max(1, min(page, len(self._sizes))) - 1
            self.verticalScrollBar().setValue(round(self._top_of(at)) - Space.S)
            self._set_page(at + 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys turn pages, Home and End go to the ends, plus and minus zoom, 0 fits the width."""
        match event.key():
            case Qt.Key.Key_PageDown:
                self.go_to_page(self._page + 1)
            case Qt.Key.Key_PageUp:
                self.go_to_page(self._page - 1)
            case Qt.Key.Key_Home:
                self.go_to_page(1)
            case Qt.Key.Key_End:
                self.go_to_page(len(self._sizes))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_by(1)
            case Qt.Key.Key_Minus:
                self.zoom_by(-1)
            case Qt.Key.Key_0:
                self.fit_width()
            case _:
                super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit anew."""
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pages in sight and ask for those that are not here."""
        look = theme.current()
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(look.window))
        offset_y, offset_x = self.verticalScrollBar().value(), self.horizontalScrollBar().value()
        room = max(self.viewport().width(), self._widest() + 2 * Space.L)
        for at in range(max(0, self._page_at(offset_y) - 2), len(self._sizes)):
            box = self._box(at, self._sizes[at], room).translated(-offset_x, -offset_y)
            if box.bottom() < 0:
                continue
            if box.top() > self.viewport().height():
                break
            painter.setPen(QPen(QColor(look.paper_edge), 1))
            painter.setBrush(QColor(look.paper))
            painter.drawRect(box)
            self._draw_page(painter, at, box)
        if self.hasFocus():
            painter.setPen(QPen(QColor(look.focus), Size.FOCUS))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))

    def _draw_page(self, painter: QPainter, at: int, box: QRectF) -> None:
        scale = round(self._zoom * _PX_PER_PT * self.devicePixelRatioF(), 4)
        image = self._images.get((at, scale))
        if image is not None:
            self._images.move_to_end((at, scale))
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, image)
            return
        painter.setFont(ui_font(Type.SMALL))
        painter.setPen(QColor(theme.current().paper_edge))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), self.tr("Page {number}").format(number=at + 1))
        if (at, scale) not in self._asked:
            self._asked.add((at, scale))
            edition = self._edition
            self._render(at, scale, lambda image: self._take(edition, at, scale, image))

    def _take(self, edition: int, at: int, scale: float, image: QImage) -> None:
        if edition != self._edition:
            return
        self._asked.discard((at, scale))
        self._images[at, scale] = image
        while len(self._images) > _PAGES_KEPT:
            self._images.popitem(last=False)
        self.viewport().update()

    def _apply_zoom(self, zoom: float) -> None:
        if abs(zoom - self._zoom) > 0.001:
            share = self.verticalScrollBar().value() / max(1, self.verticalScrollBar().maximum())
            self._zoom = zoom
            self._set_bars()
            self.verticalScrollBar().setValue(round(share * self.verticalScrollBar().maximum()))
            self.zoom_changed.emit(zoom)
        self._set_bars()
        self.viewport().update()

    def _lay_out(self) -> None:
        if self._fit and self._sizes:
            widest = self._widest_pt * _PX_PER_PT
            self._apply_zoom(max(0.2, min(2.0, (self.viewport().width() - 2 * Space.L) / widest)))
        else:
            self._set_bars()

    def _set_bars(self) -> None:
        height = self._top_of(len(self._sizes))
        self.verticalScrollBar().setRange(0, max(0, round(height - self.viewport().height())))
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(Space.XXL)
        self.horizontalScrollBar().setRange(0, max(0, round(self._widest()) + 2 * Space.L - self.viewport().width()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())

    def _widest(self) -> float:
        return self._widest_pt * self._zoom * _PX_PER_PT

    def _top_of(self, at: int) -> float:
        return Space.L * (at + 1) + self._above_pt[at] * self._zoom * _PX_PER_PT

    def _page_at(self, y: float) -> int:
        """The last page, from 1, that begins at ``y`` or above; 0 above all of them."""
        return bisect_right(range(len(self._sizes)), y, key=self._top_of)

    def _box(self, at: int, size: QSizeF, room: float) -> QRectF:
        shown = size * (self._zoom * _PX_PER_PT)
        return QRectF(round((room - shown.width()) / 2), round(self._top_of(at)), shown.width(), shown.height())

    def _on_scroll(self, value: int) -> None:
        self._set_page(max(1, self._page_at(value + self.viewport().height() / 3)))

    def _set_page(self, page: int) -> None:
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)
