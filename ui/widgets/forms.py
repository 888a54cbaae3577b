"""Forms: the label above the field, the error under it with what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication, QDateTime, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDateTimeEdit,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from ui.theme import Space, Type
from ui.widgets.icon_action import IconAction
from ui.widgets.labels import IconLabel, label
from ui.widgets.layout import hbox, plain, restyle, vbox

Input: TypeAlias = QLineEdit | QPlainTextEdit | QComboBox | QDateTimeEdit


class Field(QWidget):
    """An input with its label above and room for a hint or an error under it.

    The input's object name is the field's name, so that a test and a screen reader find it.
    """

    changed = Signal()

    def __init__(
        self,
        title: str,
        entry: Input,
        *,
        name: str,
        hint: str = "",
        optional: bool = False,
        beside: QWidget | None = None,
    ) -> None:
        """Put ``title`` over ``entry`` and ``hint`` under it; ``beside`` stands at the entry's right."""
        super().__init__()
        self.setObjectName(f"{name}Field")
        self.entry = entry
        entry.setObjectName(name)
        shown = f"{title} {_tr('(optional)')}" if optional else title
        self._title = label(shown, "label")
        self._title.setBuddy(entry)
        entry.setAccessibleName(shown)
        self._hint_text = hint
        self._hint = label(hint, "caption", wrap=True)
        self._error = label(role="small", wrap=True, tone="bad", name=f"{name}Error")
        self._error_row = plain(hbox(IconLabel("verify-broken", "bad", Type.SECTION), (self._error, 1), gap=Space.XS))
        self._error_row.hide()
        row: QWidget | QHBoxLayout = hbox((entry, 1), beside) if beside else entry
        self.setLayout(vbox(self._title, row, self._hint, self._error_row, gap=3))
        self._hint.setVisible(bool(hint))  # not before it has a parent: it would be a window of its own
        self.setFocusProxy(entry)
        _changed_signal(entry).connect(self._on_change)

    @property
    def error(self) -> str:
        """The error shown, or an empty text."""
        return self._error.text() if not self._error_row.isHidden() else ""

    @property
    def index(self) -> int:
        """Which of the choices is chosen, counted from 0; -1 where none is, or where there is nothing to choose."""
        return self.entry.currentIndex() if isinstance(self.entry, QComboBox) else -1

    def problem(self) -> str:
        """Why what stands in the field cannot be meant, whatever it is asked for; an empty text where it can."""
        return ""

    def text(self) -> str:
        """What stands in the field, without blanks at both ends."""
        match self.entry:
            case QLineEdit():
                return self.entry.text().strip()
            case QPlainTextEdit():
                return self.entry.toPlainText().strip()
            case QComboBox():
                return self.entry.currentText().strip()
        return self.entry.text().strip()

    def set_text(self, text: str) -> None:
        """Fill the field."""
        match self.entry:
            case QLineEdit():
                self.entry.setText(text)
            case QPlainTextEdit():
                self.entry.setPlainText(text)
            case QComboBox():
                self.entry.setCurrentText(text)

    def set_title(self, title: str, *, optional: bool = False) -> None:
        """Call the field something else."""
        shown = f"{title} {_tr('(optional)')}" if optional else title
        self._title.setText(shown)
        self.entry.setAccessibleName(shown)

    def set_hint(self, hint: str) -> None:
        """Change the words under the field."""
        self._hint_text = hint
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint) and not self.error)

    def set_error(self, error: str) -> None:
        """Say what is wrong and what to do; an empty text takes it back."""
        self._error.setText(error)
        self._error_row.setVisible(bool(error))
        self._hint.setVisible(bool(self._hint_text) and not error)
        self.entry.setAccessibleDescription(error or self._hint_text)
        restyle(self.entry, "state", "bad" if error else "")

    def _on_change(self) -> None:
        if self.error:
            self.set_error("")
        self.changed.emit()


class PassphraseEdit(QLineEdit):
    """An input that hides what is typed until the eye is pressed, and forgets nothing to the clipboard."""

    def __init__(self) -> None:
        """Start hidden."""
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self._eye = IconAction("eye", self, self.tr("Show what is typed"), colour="text2")
        self._eye.setCheckable(True)
        self._eye.setShortcut(QKeySequence("Alt+E"))
        self._eye.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._eye.toggled.connect(self._show)
        self.addAction(self._eye, QLineEdit.ActionPosition.TrailingPosition)

    def _show(self, shown: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)
        self._eye.set_icon("eye-off" if shown else "eye")
        self._eye.setText(self.tr("Hide what is typed") if shown else self.tr("Show what is typed"))


class Form(QWidget):
    """Fields in at most three columns; knows which of them are wrong."""

    changed = Signal()

    def __init__(self, *, columns: int = 1) -> None:
        """Start empty, with so many columns of one width."""
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(Space.M)
        self._grid.setVerticalSpacing(Space.S + 2)
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)
            self._grid.setColumnMinimumWidth(column, 1)
        self._columns, self._next = columns, 0
        self._rules: list[tuple[Field, Callable[[str], str]]] = []
        self.setLayout(self._grid)

    def add(self, field: Field, *, span: int = 1, rule: Callable[[str], str] | None = None) -> Field:
        """Put a field into the next place; ``rule`` turns its text into an error or an empty text."""
        if self._next % self._columns + span > self._columns:
            self._next += self._columns - self._next % self._columns
        row, column = divmod(self._next, self._columns)
        self._grid.addWidget(field, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
        self._next += span
        self._rules.append((field, rule or (lambda _: "")))
        field.changed.connect(self.changed)
        return field

    def add_wide(self, part: QWidget) -> None:
        """Put any widget over the whole width into the next row."""
        row = -(-self._next // self._columns)
        self._grid.addWidget(part, row, 0, 1, self._columns)
        self._next = (row + 1) * self._columns

    def first_problem(self) -> str:
        """What still keeps the form from being used, without showing it at the fields yet."""
        return next((error for field, rule in self._rules if (error := field.problem() or rule(field.text()))), "")

    def show_problems(self) -> bool:
        """Write each error under its field and go to the first; tell whether there are none."""
        wrong = [(field, error) for field, rule in self._rules if (error := field.problem() or rule(field.text()))]
        for field, _ in self._rules:
            field.set_error("")
        for field, error in wrong:
            field.set_error(error)
        if wrong:
            wrong[0][0].entry.setFocus()
        return not wrong


def required(sentence: str) -> Callable[[str], str]:
    """A rule: the field may not be empty; ``sentence`` says what to do."""
    return lambda text: "" if text else sentence


def line_edit(text: str = "", *, placeholder: str = "", read_only: bool = False) -> QLineEdit:
    """A line to type into, or a fixed value."""
    made = QLineEdit(text)
    made.setCursorPosition(0)  # a text that is longer than the line shows its beginning
    made.setPlaceholderText(placeholder)
    made.setReadOnly(read_only)
    made.setMinimumWidth(1)
    return made


def text_edit(*, lines: int = 3, placeholder: str = "") -> QPlainTextEdit:
    """Some lines to type into; Tab goes on to the next field."""
    made = QPlainTextEdit()
    made.setPlaceholderText(placeholder)
    made.setTabChangesFocus(True)
    made.setFixedHeight(made.fontMetrics().lineSpacing() * lines + 4 * Space.XS)
    return made


def choice(options: Sequence[str], *, editable: bool = False) -> QComboBox:
    """One of several words; an ``editable`` one takes others too."""
    made = QComboBox()
    made.addItems(list(options))
    made.setEditable(editable)
    made.setMinimumWidth(1)
    made.setMinimumContentsLength(4)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return made


def offer_what_contains(box: QComboBox) -> None:
    """Offer, while somebody types into ``box``, each of its choices that has the words anywhere in it."""
    completer = box.completer()
    if completer:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        if popup := completer.popup():
            popup.setParent(box, Qt.WindowType.Popup)  # Qt gives it none, and without one it has no stylesheet


def moment_edit(moment: QDateTime) -> QDateTimeEdit:
    """A date and time in the lab's zone, as the record writes it; the zone stands in the field's label."""
    made = QDateTimeEdit(moment)
    made.setDisplayFormat("yyyy-MM-dd HH:mm")
    made.setCalendarPopup(True)
    made.setMinimumWidth(1)
    return made


def check(text: str, *, name: str, on: bool = False) -> QCheckBox:
    """A yes or no."""
    made = QCheckBox(text)
    made.setObjectName(name)
    made.setAccessibleName(text)
    made.setChecked(on)
    return made


def _changed_signal(entry: Input) -> SignalInstance:
    match entry:
        case QLineEdit() | QPlainTextEdit():
            return entry.textChanged
        case QComboBox():
            return entry.currentTextChanged
    return entry.dateTimeChanged


def _tr(text: str) -> str:
    return QCoreApplication.translate("Form", text)
