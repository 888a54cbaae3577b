"""The line above the timeline: which exhibit, which of its entries, how many, and the export."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QFrame, QSizePolicy

from ui import text
from ui.custody.story import Shown
from ui.theme import Space
from ui.widgets.buttons import Chip, IconButton, with_shortcut
from ui.widgets.cut_combo import CutCombo
from ui.widgets.labels import label
from ui.widgets.wrap_layout import WrapLayout

if TYPE_CHECKING:
    from forensics_app.model.exhibit import Exhibit

_KEYS = "Alt+X"
_CHOOSER_PX = 420
_FORM_KEYS = "Ctrl+P"


class ExhibitBar(QFrame):
    """``exhibit_chosen`` carries the exhibit, ``shown_changed`` which entries are wanted."""

    exhibit_chosen = Signal(object)
    shown_changed = Signal(object)
    export_asked = Signal()
    form_asked = Signal()

    def __init__(self) -> None:
        """Offer no exhibit yet, and all events."""
        super().__init__()
        self.setObjectName("exhibitBar")
        self.setProperty("pane", True)
        self._exhibits: tuple[Exhibit, ...] = ()
        self.chooser = CutCombo()
        self.chooser.setObjectName("exhibitChooser")
        self.chooser.setAccessibleName(self.tr("Exhibit"))
        self.chooser.setToolTip(with_shortcut(self.tr("Choose the exhibit"), _KEYS))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(14)
        self.chooser.activated.connect(self._on_chosen)
        self._chips = {
            Shown.ALL: Chip(self.tr("All events"), name="chipAll", on=True, exclusive=True),
            Shown.HANDS: Chip(self.tr("Hand-overs"), name="chipHands", exclusive=True),
            Shown.SEALS: Chip(self.tr("Seals"), name="chipSeals", exclusive=True),
            Shown.DEVIATIONS: Chip(self.tr("Deviations"), name="chipDeviations", icon="verify-warning", exclusive=True),
        }
        for shown, chip in self._chips.items():
            chip.toggled.connect(lambda on, shown=shown: self.shown_changed.emit(shown) if on else None)
        self._count = label(role="small", name="entryCount")
        export = IconButton("export", self.tr("Export these events as CSV"), name="exportEvents")
        export.clicked.connect(self.export_asked)
        form = IconButton("print", self.tr("Custody form as PDF (Ctrl+P)"), name="custodyForm")
        form.clicked.connect(self.form_asked)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chooser.setMaximumWidth(_CHOOSER_PX)
        margins = (Space.L, Space.S, Space.S, Space.S)
        self.setLayout(WrapLayout(self.chooser, *self._chips.values(), self._count, form, export, margins=margins))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._add_key(self.tr("Choose the exhibit"), _KEYS, self._focus_chooser)
        self._add_key(self.tr("Custody form as PDF"), _FORM_KEYS, self.form_asked.emit)

    @property
    def shown(self) -> Shown:
        """Which entries are wanted."""
        return next(shown for shown, chip in self._chips.items() if chip.isChecked())

    def forget(self) -> None:
        """Offer nothing, as another case was chosen."""
        self._exhibits = ()
        self.chooser.clear()

    def show_exhibits(self, exhibits: tuple[Exhibit, ...], current: Exhibit) -> None:
        """Offer the exhibits of the case; ``current`` is shown."""
        if [one.id for one in exhibits] != [one.id for one in self._exhibits]:
            self.chooser.clear()
            self.chooser.addItems([f"{one.number}   {one.description}" for one in exhibits])
        self._exhibits = exhibits
        self.chooser.setCurrentIndex(next(at for at, one in enumerate(exhibits) if one.id == current.id))

    def show_counts(self, *, deviations: int, entries: int, of_chain: int) -> None:
        """Say how many entries there are, and how many of them deviate."""
        words = self.tr("Deviations")
        self._chips[Shown.DEVIATIONS].set_text(f"{words} {deviations}" if deviations else words)
        sentence = self.tr("{n} of {all} entries").format(n=text.count_text(entries), all=text.count_text(of_chain))
        self._count.setText(sentence)

    def say(self, sentence: str) -> None:
        """Say what was done, where the count stands, until something else is read."""
        self._count.setText(sentence)

    def _on_chosen(self, at: int) -> None:
        if 0 <= at < len(self._exhibits):
            self.exhibit_chosen.emit(self._exhibits[at])

    def _focus_chooser(self) -> None:
        self.chooser.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _add_key(self, words: str, keys: str, act: Callable[[], object]) -> None:
        action = QAction(words, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(lambda: act())
        self.addAction(action)
