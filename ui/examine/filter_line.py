"""The filter above the list: its box, what is wrong with it or to be known of it, help, and kept filters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QMenu

from forensics_app.model.filter_language.completion import remarks
from forensics_app.model.filter_language.errors import FilterError
from forensics_app.model.filter_language.parser import parse, said_alone
from forensics_app.model.filter_language.tree import Expression
from forensics_app.model.filter_language.vocabulary import Vocabulary
from ui.examine.filter_help import FilterHelp
from ui.examine.filter_typing import FilterTyping
from ui.examine.kept_filters import KeptFilters
from ui.examine.words import visible
from ui.theme import Space, Type
from ui.widgets.buttons import Chip, IconButton
from ui.widgets.labels import IconLabel, label, set_tone
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import FilterRow

_PATIENCE_MS = 700
"""Nobody is told that a word is wrong while they are still writing it."""
_SHOWN_LETTERS = 60


class FilterLine(QFrame):
    """``taken`` carries a kept filter that was chosen."""

    taken = Signal(str)

    def __init__(self, chips: Sequence[Chip], kept: KeptFilters) -> None:
        """Put ``chips`` beside the box."""
        super().__init__()
        self.setObjectName("filterLine")
        self._kept = kept
        self._wrong: FilterError | None = None
        self._said_alone: tuple[str, ...] = ()
        self._vocabulary = Vocabulary()
        self.keep = IconButton("filter", self.tr("Kept filters"), name="keptFilters")
        self.help = IconButton("help", self.tr("How to write a filter"), name="filterHelp", shortcut="Shift+F1")
        self.row = FilterRow(self.tr("Type to filter"), chips, tools=(self.keep, self.help))
        self.box = self.row.box
        self.typing = FilterTyping(self.box)
        self._icon = IconLabel("info", "text3", Type.SECTION)
        self._words = label(role="small", wrap=True, name="filterSays")
        margins = (Space.M, 0, Space.M, Space.S)
        self._said = plain(hbox(self._icon, (self._words, 1), gap=Space.XS, margins=margins))
        self._said.hide()
        self.setLayout(vbox(self.row, self._said, gap=0))
        self.name_scope(is_folder=True)
        self._complain = QTimer(self)
        self._complain.setSingleShot(True)
        self._complain.setInterval(_PATIENCE_MS)
        self._complain.timeout.connect(self._say_wrong)
        self.box.textChanged.connect(self._forget_wrong)
        self.box.editingFinished.connect(self._say_wrong)
        self.keep.clicked.connect(self.open_kept)
        self.help.clicked.connect(self.open_help)

    @property
    def says(self) -> str:
        """What stands under the box."""
        return "" if self._said.isHidden() else self._words.text()

    def name_scope(self, *, is_folder: bool) -> None:
        """Say what the box filters."""
        self.box.setPlaceholderText(self.tr("Filter: name, type:image, size>1M …"))
        whole = self.tr("Filter this list: name, type:image, size>1M …")
        if is_folder:
            whole = self.tr("Filter this folder: name, type:image, size>1M …")
        self.box.setAccessibleName(whole)

    def use(self, vocabulary: Vocabulary) -> None:
        """Speak of another catalogue."""
        self._vocabulary = vocabulary
        self.typing.use(vocabulary)

    def read(self, zone: tzinfo) -> Expression | None:
        """What is written, with times in ``zone``.

        Raises:
            FilterError: It cannot be understood; the box says so, when nobody writes in it any more.
        """
        try:
            expression = parse(self.box.text(), zone)
            self._said_alone = said_alone(self.box.text())
        except FilterError as error:
            self._wrong = error
            if self.box.hasFocus():
                self._complain.start()
            else:
                self._say_wrong()
            raise
        self._forget_wrong()
        self._say(" ".join(remarks(expression, self._vocabulary)) if expression else "", "info", "text3", "")
        return expression

    def hint(self) -> str:
        """What may be the reason that nothing was found by what was read last."""
        words = self._said_alone
        if not words:
            return ""
        told = self.tr('{word} asks for a state of the entry; to look for it in names, write "{word}" in quotes.')
        return told.format(word=words[0])

    def open_help(self) -> FilterHelp:
        """Show how filters are written."""
        sheet = FilterHelp(self)
        sheet.open()
        return sheet

    def open_kept(self) -> QMenu:
        """The menu of kept filters."""
        menu = QMenu(self)
        menu.setObjectName("keptFiltersMenu")
        text = self.box.text().strip()
        kept = self._kept.filters
        for one in kept:
            menu.addAction(_menu_words(one)).triggered.connect(lambda _=False, one=one: self.taken.emit(one))
        if kept:
            menu.addSeparator()
        keep = menu.addAction(self.tr("Keep this filter"))
        keep.setEnabled(bool(text) and self._wrong is None and text not in kept)
        keep.triggered.connect(lambda: self._kept.keep(text))
        forget = menu.addMenu(self.tr("Forget"))
        forget.setEnabled(bool(kept))
        for one in kept:
            forget.addAction(_menu_words(one)).triggered.connect(lambda _=False, one=one: self._kept.forget(one))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.keep.mapToGlobal(self.keep.rect().bottomLeft()))
        return menu

    def _forget_wrong(self) -> None:
        self._complain.stop()
        if self._wrong is not None:
            self._wrong = None
            self.typing.unmark()
            self._say("", "info", "text3", "")

    def _say_wrong(self) -> None:
        error = self._wrong
        if error is not None:
            self._complain.stop()
            self.typing.mark(error.start, error.end)
            self._say(visible(f"{error} {error.then}"), "verify-broken", "bad", "bad")

    def _say(self, words: str, icon: str, colour: str, tone: str) -> None:
        self._words.setText(words)
        set_tone(self._words, tone)
        self._icon.set_icon(icon, colour)
        self._said.setVisible(bool(words))
        self.box.setAccessibleDescription(words)


def _menu_words(text: str) -> str:
    shown = visible(text)
    return (shown if len(shown) <= _SHOWN_LETTERS else f"{shown[: _SHOWN_LETTERS - 1]}…").replace("&", "&&")
