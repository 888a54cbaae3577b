"""What the page has to say above its panes: it stays until it is closed or no longer true."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame

from ui.announce import announce
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets.buttons import Button, IconButton
from ui.widgets.layout import hbox, plain, vbox
from ui.widgets.notes import Note


class Messages(QFrame):
    """A standing warning, such as that an image's file is missing; an act that is offered; how the last act ended.

    ``act_asked`` wants what is offered to be done.
    """

    act_asked = Signal()

    def __init__(self) -> None:
        """Start with nothing to say."""
        super().__init__()
        self.setObjectName("messages")
        self.setProperty("pane", True)
        self._to_copy = ""
        self._copy = Button(self.tr("Copy SHA-256"), name="copyExportDigest", kind="quiet", icon="copy")
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._to_copy))
        close = IconButton("cancel", self.tr("Close this message"), name="closeMessage", size_px=Size.ICON_SMALL)
        close.clicked.connect(lambda: self.tell(""))
        self._warning = Note(Tone.WARN, "", name="standingWarning")
        self._told = Note(Tone.INFO, "", plain(hbox(self._copy, close, gap=Space.XS)), name="lastAct")
        self._act = Button("", name="offeredAct", icon="hash")
        self._act.clicked.connect(self.act_asked)
        self._offer = Note(Tone.INFO, "", self._act, name="standingOffer")
        self._warning.hide()
        self._offer.hide()
        self._told.hide()
        margins = (Space.S, Space.S, Space.S, Space.S)
        self.setLayout(vbox(self._warning, self._offer, self._told, gap=Space.XS, margins=margins))
        self._show()

    @property
    def text(self) -> str:
        """How the last act ended, as it is shown."""
        return "" if self._told.isHidden() else self._told.text

    @property
    def warning(self) -> str:
        """The standing warning, as it is shown."""
        return "" if self._warning.isHidden() else self._warning.text

    def tell(self, sentence: str, to_copy: str = "") -> None:
        """Say how an act ended; an empty sentence takes the last one away."""
        self._to_copy = to_copy
        self._copy.setVisible(bool(to_copy))
        if sentence:
            self._told.say(Tone.INFO, sentence)
            announce(self, sentence)
        self._told.setVisible(bool(sentence))
        self._show()

    def warn(self, sentence: str) -> None:
        """Say what stays true for what is shown; an empty sentence takes it away."""
        if sentence:
            self._warning.say(Tone.WARN, sentence)
        self._warning.setVisible(bool(sentence))
        self._show()

    def offer(self, sentence: str, act: str = "", *, is_warning: bool = False) -> None:
        """Say what can be done about what is shown, with a button; an empty sentence takes it away."""
        if sentence:
            self._offer.say(Tone.WARN if is_warning else Tone.INFO, sentence)
            self._act.set_text(act)
        self._offer.setVisible(bool(sentence))
        self._show()

    @property
    def offered(self) -> str:
        """What can be done, as it is shown."""
        return "" if self._offer.isHidden() else self._offer.text

    def _show(self) -> None:
        self.setVisible(not all(note.isHidden() for note in (self._warning, self._offer, self._told)))
