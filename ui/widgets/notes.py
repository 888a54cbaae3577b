"""Notes, facts, empty states and the two bars that head a page and a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QSizePolicy, QWidget

from ui.theme import Size, Space
from ui.tones import Tone, icon_of
from ui.widgets.buttons import Button, Chip, IconButton
from ui.widgets.icon_action import IconAction
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import hbox, restyle, vbox
from ui.widgets.wrap_layout import WrapLayout

Fact: TypeAlias = str | QWidget
_LOW = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)  # fixed ones keep to one line
_LOW.setHeightForWidth(True)
_NOTE = {Tone.OK: ("ok", "ok"), Tone.WARN: ("warn", "warn"), Tone.LATE: ("warn", "warn"), Tone.BAD: ("bad", "bad")}


class Note(QFrame):
    """A sentence that must be read, with an outline and perhaps one act beside it."""

    def __init__(self, tone: Tone, text: str, action: QWidget | None = None, *, name: str = "") -> None:
        """Say ``text``."""
        super().__init__()
        self.setObjectName(name)
        self._mark = IconLabel("info", "accent")
        self._words = label(text, wrap=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row = hbox(self._mark, (self._words, 1), margins=(Space.M, Space.S, Space.M, Space.S))
        if action:
            row.addWidget(action)  # higher than a line: mark and words stand in the middle beside it
        else:
            row.setAlignment(self._mark, Qt.AlignmentFlag.AlignTop)
        self.setLayout(row)
        self.say(tone, text)

    @property
    def text(self) -> str:
        """The sentence shown."""
        return self._words.text()

    def say(self, tone: Tone, text: str) -> None:
        """Say something else."""
        look, colour = _NOTE.get(tone, ("info", "accent"))
        restyle(self, "note", look)
        self._mark.set_icon(icon_of(tone), colour)
        self._words.setText(text)
        self.setAccessibleName(text)


def note(tone: Tone, text: str, action: QWidget | None = None, *, name: str = "") -> Note:
    """A :class:`Note`."""
    return Note(tone, text, action, name=name)


def mono(text: str) -> QWidget:
    """A value in the fixed-width font, to be given to :func:`facts`."""
    return label(text, "mono", wrap=True, select=True)


def facts(rows: Sequence[tuple[str, Fact]], *, label_px: int = 104, gap: int = 6) -> QGridLayout:
    """Label and value, one pair a row; a value is text or a widget."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.M)
    grid.setVerticalSpacing(gap)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnMinimumWidth(0, label_px)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(label(name, "label"), at, 0, Qt.AlignmentFlag.AlignTop)
        shown = label(value, wrap=True, select=True) if isinstance(value, str) else value
        shown.setAccessibleName(shown.accessibleName() or (f"{name}: {value}" if isinstance(value, str) else name))
        if isinstance(value, str) or shown.sizePolicy().horizontalPolicy() is not QSizePolicy.Policy.Fixed:
            grid.addWidget(shown, at, 1)
        else:
            grid.addWidget(shown, at, 1, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return grid


class EmptyState(QWidget):
    """What to do where there is nothing yet: one sentence, and one button at most."""

    def __init__(self, icon: str, sentence: str, button: Button | None = None, *, name: str = "emptyState") -> None:
        """Stand in the middle of the room that there is."""
        super().__init__()
        self.setObjectName(name)
        self._sentence = label(sentence, "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._sentence.setMaximumWidth(30 * Space.L)
        self._mark = mark = IconLabel(icon, "text3", Space.XXL)
        margins = (Space.XL, Space.XL, Space.XL, Space.XL)
        words = hbox(None, (self._sentence, 100), None, gap=0)
        column = vbox(None, mark, words, gap=Space.M, margins=margins)
        column.setAlignment(mark, Qt.AlignmentFlag.AlignHCenter)
        if button:
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.setLayout(hbox(None, (column, 8), None))
        self.set_sentence(sentence)

    def set_sentence(self, sentence: str, icon: str = "") -> None:
        """Say something else, such as that a filter leaves nothing; perhaps under another icon."""
        if icon:
            self._mark.set_icon(icon, "text3")
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)


class PageBar(QFrame):
    """The head of a page: its title, one line about what is shown, and its acts at the right."""

    def __init__(self, title: str, subtitle: str = "", actions: Sequence[QWidget] = ()) -> None:
        """Show a title; ``actions`` stand at the right in this order."""
        super().__init__()
        self.setObjectName("PageBar")
        self.setMinimumHeight(Size.PAGE_BAR)
        self.setSizePolicy(_LOW)
        self._title = label(title, "title", name="pageTitle")
        self._title.setMinimumHeight(Size.CONTROL)  # so that it stands where it does beside buttons
        self._subtitle = CutLabel(subtitle, "muted", name="pageSubtitle")
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._subtitle.setMinimumWidth(3 * Space.XXL)
        margins = (Space.L, Space.S + 2, Space.L, Space.S + 2)
        self._row = WrapLayout(self._title, self._subtitle, *actions, gap=Space.M, margins=margins)
        self.setLayout(self._row)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title.setText(title)

    def set_subtitle(self, subtitle: str) -> None:
        """Change the line beside the title."""
        self._subtitle.setText(subtitle)

    def add_action(self, action: QWidget) -> None:
        """Put one more act at the right end."""
        self._row.addWidget(action)


class SearchBox(QLineEdit):
    """A box to type a filter or a search into; Escape empties it."""

    def __init__(self, placeholder: str, *, name: str) -> None:
        """Name the box by its placeholder."""
        super().__init__()
        self.setObjectName(name)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(False)
        self._glass = IconAction("search", self)
        self.addAction(self._glass, QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape empties a filled box; an empty one passes it on."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class FilterRow(QFrame):
    """One line above a list: the filter box, chips with counts, the columns and the export."""

    filter_changed = Signal(str)
    columns_asked = Signal()
    export_asked = Signal()

    def __init__(
        self,
        placeholder: str,
        chips: Sequence[Chip] = (),
        *,
        tools: Sequence[QWidget] = (),
        columns: bool = True,
        export: bool = True,
    ) -> None:
        """Put ``tools`` and ``chips`` beside the box; leave out the two buttons where a list has no use for them."""
        super().__init__()
        self.setObjectName("filterRow")
        self.setProperty("pane", True)
        self.box = SearchBox(placeholder, name="filterBox")
        self.box.setMinimumWidth(11 * Space.L)
        self.box.textChanged.connect(self.filter_changed)
        self._count = label(role="small", name="filterCount")
        self._count.hide()
        self.setSizePolicy(_LOW)
        row = WrapLayout(self.box, *tools, *chips, self._count, margins=(Space.M, Space.S, Space.S, Space.S))
        if columns:
            self.columns_button = IconButton("columns", self.tr("Choose columns"), name="chooseColumns")
            self.columns_button.clicked.connect(self.columns_asked)
            row.addWidget(self.columns_button)
        if export:
            export_button = IconButton("export", self.tr("Export as CSV"), name="exportCsv")
            export_button.clicked.connect(self.export_asked)
            row.addWidget(export_button)
        self.setLayout(row)
        focus = QAction(self.tr("Filter this list"), self)
        focus.setShortcut(QKeySequence("Ctrl+F"))
        focus.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        focus.triggered.connect(self.take_focus)
        self.addAction(focus)

    def set_count(self, text: str) -> None:
        """Say how many rows of how many are shown."""
        self._count.setText(text)
        self._count.setVisible(bool(text))

    def take_focus(self) -> None:
        """Let the person type a filter."""
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()
