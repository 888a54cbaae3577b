"""The base of every dialog: head with act and object, body that scrolls, foot with the buttons at the right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QWidget,
)

from ui import theme
from ui.theme import Size, Space
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import centred, hbox, plain, scrolled, vbox

_HEAD_PX, _FOOT_PX = 60, 56
_ROOM_FOR_A_RIM_PX = 480


class Scrim(QWidget):
    """Dims the window under a dialog and follows its size; ``resized`` says that it did."""

    resized = Signal()

    def __init__(self, window: QWidget) -> None:
        """Cover ``window``."""
        super().__init__(window)
        self.setObjectName("scrimCover")
        window.installEventFilter(self)
        self.setGeometry(window.rect())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Cover the window also after it was resized."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self.resized.emit()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the veil."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().scrim))
        painter.end()


class Sheet(QDialog):
    """A dialog over the dimmed window. It returns a request and does nothing itself.

    A subclass gives ``request()`` and may refuse to submit by ``problem()``. ``submitted`` carries the request.
    Escape cancels; Ctrl+Enter presses the primary button. The first field has the focus; without a field it is a button
    that does nothing irrevocable, so that a stray Enter signs nothing.
    """

    submitted = Signal(object)

    def __init__(
        self, parent: QWidget, *, title: str, subtitle: str = "", name: str, width_px: int = 560, height_px: int = 0
    ) -> None:
        """Stand over the window of ``parent``; ``title`` is the act and its object."""
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._below = parent.window()
        self._width_px, self._height_px = width_px, height_px
        self._scrim: Scrim | None = None
        self._title = label(title, "title", name="sheetTitle")
        self._subtitle = CutLabel(subtitle, "small", name="sheetSubtitle")
        if not subtitle:
            self._subtitle.hide()
        self._primary: Button | None = None
        self._others: tuple[Button, ...] = ()
        self._why_not = label(role="small", name="whyNot", wrap=True)
        self._why_not.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._body_slot = vbox(gap=0)
        self._foot_row = hbox(margins=(Space.XL - 4, 0, Space.XL - 4, 0))
        self._lay_out()

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Change act and object."""
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))

    def set_body(self, body: QWidget, *, scroll: bool = True) -> None:
        """Put the content between head and foot."""
        area = scrolled(body, name="sheetScroll") if scroll else None
        self._body_slot.addWidget(area or body, 1)
        if area:
            area.widget()  # it is seen as soon as the dialog is, and its fields are asked for before
        body.installEventFilter(self)

    def set_buttons(self, primary: Button | None, *others: Button, left: tuple[QWidget, ...] = ()) -> None:
        """Fill the foot: ``left`` at the left, then the reason why not, the others, and the primary at the end."""
        for part in left:
            self._foot_row.addWidget(part)
        self._foot_row.addWidget(self._why_not, 1)
        for other in others:
            self._foot_row.addWidget(other)
        self._primary, self._others = primary, others
        if primary:
            self._foot_row.addWidget(primary)
            primary.clicked.connect(self.submit)

    def cancel_button(self, text: str = "") -> Button:
        """A button that closes the dialog and changes nothing."""
        made = Button(text or self.tr("Cancel"), name="cancelButton")
        made.clicked.connect(self.reject)
        return made

    def problem(self) -> str:
        """Why the dialog cannot be submitted yet, or an empty text; a subclass also marks its fields here."""
        return ""

    def request(self) -> object:
        """What the person asked for, as a value."""
        return None

    def say(self, why_not: str) -> None:
        """Write beside the buttons what keeps the primary one from working."""
        self._why_not.setText(why_not)

    def submit(self) -> None:
        """Hand over the request, unless there is a problem."""
        problem = self.problem()
        self.say(problem)
        if not problem:
            self.submitted.emit(self.request())
            self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter presses the primary button, F1 lists the keys.

        Enter alone presses nothing, so that nothing is signed by chance.
        """
        if event.key() == Qt.Key.Key_F1:
            from ui.frame.help_sheet import open_for_dialog  # it is a sheet itself

            open_for_dialog(self)
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self._press_primary()
            return
        super().keyPressEvent(event)

    def open(self) -> None:
        """Show the dialog over its dimmed window."""
        self._scrim = Scrim(self._below)
        self._scrim.show()
        self._scrim.raise_()
        self._scrim.resized.connect(self.adjust)
        harmless = self._others[0] if self._others else self._primary
        fields = (part for part in self._body_parts() if takes_input(part) and part.isVisibleTo(self))
        first = next(fields, harmless)
        if first and not self._frame.isAncestorOf(self.focusWidget() or self._below):
            first.setFocus()
        super().open()

    def done(self, result: int) -> None:
        """Take the veil away, give the focus back, and close."""
        if self._scrim:
            self._scrim.deleteLater()
            self._scrim = None
        super().done(result)
        self._below.activateWindow()
        self.deleteLater()

    def sizeHint(self) -> QSize:
        """The asked width and the content's height, never larger than the window below."""
        room = self._below.size()
        if room.height() >= _ROOM_FOR_A_RIM_PX:
            room -= QSize(Space.XL, Space.XL)
        wanted = QSize(
            max(self._width_px, self._frame.minimumSizeHint().width()), max(self._height_px, self._content_height())
        )
        return wanted.boundedTo(room)

    def showEvent(self, event: QShowEvent) -> None:
        """Stand in the middle of the window."""
        self.adjust()
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow when the content does, such as by an error under a field."""
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            QTimer.singleShot(0, self, self._grow)
        return super().eventFilter(watched, event)

    def adjust(self) -> None:
        """Take the size that the content needs now, in the middle of the window."""
        size = self.sizeHint()
        item = self._body_slot.itemAt(0)
        area = item.widget() if item else None
        if isinstance(area, QScrollArea):  # a bar that is not needed would take width, and then be needed
            fits = self._content_height() <= size.height()
            off, when_needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
            area.setVerticalScrollBarPolicy(off if fits else when_needed)
        self.resize(size)
        middle = self._below.mapToGlobal(self._below.rect().center())
        self.move(middle - QPoint(self.width() // 2, self.height() // 2))

    def _grow(self) -> None:
        if self.sizeHint().height() > self.height():
            self.adjust()

    def _lay_out(self) -> None:
        head = QFrame()
        head.setObjectName("SheetHead")
        head.setFixedHeight(_HEAD_PX)
        close = IconButton("cancel", self.tr("Close (Esc)"), name="closeButton")
        close.clicked.connect(self.reject)
        words = centred(self._title, self._subtitle, gap=Space.XXS)
        head.setLayout(hbox((words, 1), close, margins=(Space.XL - 4, 0, Space.M, 0)))
        foot = QFrame()
        foot.setObjectName("SheetFoot")
        foot.setMinimumHeight(_FOOT_PX)
        foot.setLayout(self._foot_row)
        self._frame = QFrame()
        self._frame.setObjectName("Sheet")
        self._frame.setLayout(vbox(head, (plain(self._body_slot), 1), foot, gap=0, margins=(1, 1, 1, 1)))
        self.setLayout(vbox(self._frame, gap=0))

    def _content_height(self) -> int:
        height = _HEAD_PX + _FOOT_PX + 4 * Size.FOCUS
        item = self._body_slot.itemAt(0)
        body = item.widget() if item else None
        content = body.widget() if isinstance(body, QScrollArea) else body
        if content is None:
            return height
        box = content.layout()
        if box and box.hasHeightForWidth():
            return height + box.heightForWidth(self._width_px - 2)
        return height + content.sizeHint().height()

    def _body_parts(self) -> list[QWidget]:
        item = self._body_slot.itemAt(0)
        body = item.widget() if item else None
        return body.findChildren(QWidget) if body else []

    def _press_primary(self) -> None:
        if self._primary and self._primary.isEnabled():
            self._primary.click()


def takes_input(part: QWidget) -> bool:
    """Whether something can be typed into, chosen or pressed there now."""
    writable = not (isinstance(part, QLineEdit | QPlainTextEdit) and part.isReadOnly())
    kinds = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractButton, QAbstractItemView)
    return isinstance(part, kinds) and writable and part.isEnabled()


def sheet_body(*parts: QWidget) -> QWidget:
    """A column of parts with the margins that dialogs have."""
    return plain(vbox(*parts, None, gap=Space.M, margins=(Space.XL - 4, Space.M, Space.XL - 4, Space.M)))


class ConfirmSheet(Sheet):
    """Asks before an act: says of what, and what is kept."""

    def __init__(
        self, parent: QWidget, *, title: str, sentences: tuple[str, ...], act: str, keep: str, name: str,
        kind: str = "danger",
    ) -> None:  # fmt: skip
        """Say in ``sentences`` what stops and what is kept; ``act`` and ``keep`` are the buttons' verbs.

        ``kind`` is primary where nothing stops.
        """
        super().__init__(parent, title=title, name=name, width_px=460)
        self.set_body(sheet_body(*(label(sentence, wrap=True) for sentence in sentences)))
        stay = Button(keep, name="keepButton")
        stay.clicked.connect(self.reject)
        self.set_buttons(Button(act, name="confirmButton", kind=kind), stay)
        stay.setFocus()
