"""Help while a filter is typed: what can stand there, and the mark under what is wrong."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QStandardItem, QStandardItemModel, QTextCharFormat
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit, QListView

from forensics_app.model.filter_language.completion import Offer, offer
from forensics_app.model.filter_language.vocabulary import Vocabulary
from ui import theme
from ui.examine.words import SEPARATOR, visible
from ui.theme import Space
from ui.widgets.layout import restyle

_OFFER_PX = 20 * Space.L
_WRITES = Qt.ItemDataRole.UserRole


class FilterTyping(QObject):
    """Belongs to one box.

    Values are offered as soon as a key stands before them, everything else when Ctrl+Space or the down key asks.
    """

    def __init__(self, box: QLineEdit) -> None:
        """Watch ``box``."""
        super().__init__(box)
        self._box = box
        self._vocabulary = Vocabulary()
        self._offer = Offer(start=0, end=0, choices=(), is_value=False)
        self._model = QStandardItemModel(self)
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(box)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._popup = QListView()
        self._popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.completer.setPopup(self._popup)
        self._popup.setParent(box, Qt.WindowType.Popup)  # Qt gives it none, and without one it has no stylesheet
        self._popup.setObjectName("filterOffers")
        self._popup.setAccessibleName(self.tr("What can stand here"))
        self.completer.activated[QModelIndex].connect(self._take)  # type: ignore[index]
        box.installEventFilter(self)
        box.textEdited.connect(lambda _: self.show_offers(asked=False))

    def use(self, vocabulary: Vocabulary) -> None:
        """Offer what another catalogue holds."""
        self._vocabulary = vocabulary

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Space and Down ask for offers."""
        if watched is self._box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
            if (event.key() == Qt.Key.Key_Space and control) or event.key() == Qt.Key.Key_Down:
                self.show_offers(asked=True)
                return True
        return False

    def show_offers(self, *, asked: bool) -> None:
        """Open the list of what can stand where the cursor is; unasked, of values only."""
        self._offer = offer(self._box.text(), self._cursor(), self._vocabulary)
        if not self._offer.choices or not (asked or self._offer.is_value):
            self._popup.hide()
            return
        self._model.clear()
        for choice in self._offer.choices:
            item = QStandardItem(f"{visible(choice.text)}{SEPARATOR}{visible(choice.says)}")
            item.setData(choice.text, _WRITES)
            self._model.appendRow(item)
        place = self._box.rect()
        place.setWidth(max(place.width(), _OFFER_PX))
        self.completer.complete(place)
        self._popup.setCurrentIndex(self.completer.completionModel().index(0, 0) if asked else QModelIndex())

    def mark(self, start: int, end: int) -> None:
        """Underline what is wrong and outline the box."""
        text = self._box.text()
        end = max(end, start + 1)
        if start >= len(text):
            start, end = max(0, len(text) - 1), len(text)
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(theme.current().bad)
        self._format(start, min(end, len(text)), look)
        restyle(self._box, "state", "bad")

    def unmark(self) -> None:
        """Nothing is wrong."""
        self._format(0, 0, QTextCharFormat())
        restyle(self._box, "state", "")

    def _cursor(self) -> int:
        """Before which character the cursor stands; Qt counts those beyond the first 65,536 twice."""
        units = self._box.cursorPosition()
        for at, char in enumerate(text := self._box.text()):
            if units <= 0:
                return at
            units -= _units(char)
        return len(text)

    def _format(self, start: int, end: int, look: QTextCharFormat) -> None:
        """A line of input has no formats of its own, but those of an input method."""
        kind = QInputMethodEvent.AttributeType.TextFormat
        text = self._box.text()
        first = _units(text[:start]) - self._box.cursorPosition()
        parts = [QInputMethodEvent.Attribute(kind, first, _units(text[start:end]), look)]
        QApplication.sendEvent(self._box, QInputMethodEvent("", parts if end > start else []))

    def _take(self, index: QModelIndex) -> None:
        written, text = str(index.data(_WRITES)), self._box.text()
        begun = self._offer
        self._box.setText(f"{text[: begun.start]}{written}{text[begun.end :]}")
        self._box.setCursorPosition(_units(text[: begun.start] + written))
        if written.endswith(":"):
            self.show_offers(asked=False)


def _units(text: str) -> int:
    """How long Qt takes a text to be, in units of UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
