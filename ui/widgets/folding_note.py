"""A note that leaves room for what it is about: one line of it where the room is short, all of it when asked."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy

from ui.theme import Size
from ui.tones import Tone
from ui.widgets.buttons import IconButton
from ui.widgets.labels import CutLabel
from ui.widgets.notes import Note


class FoldingNote(Note):
    """A :class:`Note` of which one line stands while it is folded, and a button that unfolds it."""

    def __init__(self, tone: Tone, text: str, *, name: str) -> None:
        """Say ``text``, unfolded."""
        self._line = CutLabel("", name=f"{name}Line")
        self._line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._more = IconButton("chevron-down", "", name=f"{name}More", size_px=Size.ICON_SMALL)
        self._is_short, self._is_asked = False, False
        super().__init__(tone, text, self._more, name=name)
        row = self.layout()
        assert row is not None
        row.removeWidget(self._more)
        row.addWidget(self._line)
        row.addWidget(self._more)
        self._more.clicked.connect(self._turn)
        self._show()

    def say(self, tone: Tone, text: str) -> None:
        """Say something else, folded again where the room is short."""
        super().say(tone, text)
        self._line.setText("  \u00b7  ".join(text.splitlines()))
        self._is_asked = False
        self._show()

    def fit(self, *, is_short: bool) -> None:
        """Fold where the room is short, and unfold where it is not."""
        self._is_short = is_short
        self._show()

    def _turn(self) -> None:
        self._is_asked = not self._is_asked
        self._show()

    def _show(self) -> None:
        is_folded = self._is_short and not self._is_asked
        self._words.setVisible(not is_folded)
        if self._line.parentWidget() is not None:  # shown without a parent it would be a window
            self._line.setVisible(is_folded)
        self._more.setVisible(self._is_short)
        self._more.set_icon("chevron-down" if is_folded else "chevron-up")
        self._more.set_tip(self.tr("Show the whole note") if is_folded else self.tr("Show one line of the note"))
