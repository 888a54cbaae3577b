"""Signing in: a name from the list or typed, the passphrase that opens the key, and the wait after failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ui import text
from ui.announce import announce
from ui.session import IDLE_LIMIT_S
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import card, hbox, line, plain, scrolled, vbox
from ui.widgets.notes import note

_CARD_PX = 440
_SECOND_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who wants to sign in, and with what."""

    name: str
    passphrase: str


class SignIn(QWidget):
    """Asks for a name and a passphrase; the answer comes back by :meth:`refuse` or the page goes."""

    sign_in_asked = Signal(object)
    other_lab_asked = Signal()

    def __init__(
        self, *, lab_name: str, folder: Path, people: Sequence[str], last_person: str, notice: str = ""
    ) -> None:
        """Offer ``people`` by name, ``last_person`` first; ``notice`` says why the page is shown, if there is a why."""
        super().__init__()
        self.setObjectName("signIn")
        self.setAccessibleName(self.tr("Sign in"))
        self._wait_s = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self._count_down)
        self._notice = note(Tone.LOCK, notice, name="signInNotice")
        if not notice:
            self._notice.hide()
        self._refusal = note(Tone.BAD, "", name="signInRefused")
        self._refusal.hide()
        self._form = self._fields(people, last_person)
        self._button = Button(self.tr("Sign in"), name="signInButton", kind="primary", icon="key")
        self._button.clicked.connect(self._ask)
        other = Button(self.tr("Another lab…"), name="otherLab", kind="quiet")
        other.clicked.connect(self.other_lab_asked)
        self._lay_out(lab_name, folder, other)
        self.setFocusProxy(self._passphrase.entry if self._name.text() else self._name.entry)

    def show_busy(self, busy: bool) -> None:
        """Wait for the answer: the key is opened in about half a second."""
        self._button.set_text(self.tr("Opening the key…") if busy else self.tr("Sign in"))
        self._enable(not busy)

    def refuse(self, sentence: str, retry_after_s: int) -> None:
        """Say that it did not work; the next attempt is taken in ``retry_after_s`` seconds."""
        self.show_busy(False)
        self._refusal.say(Tone.BAD, sentence)
        self._refusal.show()
        announce(self, sentence, urgent=True)
        self._set_passphrase("")
        self._passphrase.entry.setFocus()
        self._wait_s = retry_after_s
        self._button.setEnabled(not retry_after_s)
        if retry_after_s:
            self._say_wait()
            self._timer.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter signs in."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._button.click()
            return
        super().keyPressEvent(event)

    def _fields(self, people: Sequence[str], last_person: str) -> forms.Form:
        form = forms.Form()
        names = forms.choice(list(people), editable=True)
        names.setCurrentText(last_person if last_person in people else "")
        self._name = form.add(
            forms.Field(self.tr("Name"), names, name="signInName"),
            rule=forms.required(self.tr("Choose your name from the list, or type it.")),
        )
        self._passphrase = form.add(
            forms.Field(self.tr("Passphrase"), forms.PassphraseEdit(), name="signInPassphrase"),
            rule=lambda _: "" if self._typed() else self.tr("Type your passphrase."),
        )
        return form

    def _lay_out(self, lab_name: str, folder: Path, other: Button) -> None:
        where = CutLabel(str(folder), "caption", mode=Qt.TextElideMode.ElideMiddle)
        head = hbox(
            IconLabel("lab", "accent", Size.ICON_NAV), (vbox(label(lab_name, "title", wrap=True), where, gap=1), 1)
        )
        head.setSpacing(Space.M)
        box = card(
            vbox(
                head, line(), self._notice, self._form, self._refusal, hbox(other, None, self._button),
                gap=Space.M, margins=(Space.XL, Space.XL, Space.XL, Space.L),
            )
        )  # fmt: skip
        box.setMaximumWidth(_CARD_PX)
        why = label(
            self.tr(
                "Your passphrase opens your own key. It stays open until you lock it, or for {n} minutes "
                "without a key press or a click."
            ).format(n=IDLE_LIMIT_S // 60),
            "caption",
            wrap=True,
        )
        why.setMaximumWidth(_CARD_PX)
        why.setContentsMargins(Space.XL, 0, Space.XL, 0)
        column = vbox(None, box, why, None, None, gap=Space.M)
        inner = plain(hbox(None, (column, 100), None, gap=0, margins=(Space.L, Space.L, Space.L, Space.L)))
        self.setLayout(vbox((scrolled(inner, name="signInScroll"), 1), gap=0))

    def _typed(self) -> str:
        entry = self._passphrase.entry
        return entry.text() if isinstance(entry, QLineEdit) else ""

    def _set_passphrase(self, value: str) -> None:
        if isinstance(self._passphrase.entry, QLineEdit):
            self._passphrase.entry.setText(value)

    def _ask(self) -> None:
        if not self._wait_s and self._form.show_problems():
            self._refusal.hide()
            self.show_busy(True)
            self.sign_in_asked.emit(Credentials(name=self._name.text(), passphrase=self._typed()))

    def _count_down(self) -> None:
        self._wait_s = max(0, self._wait_s - 1)
        self._say_wait()
        if not self._wait_s:
            self._timer.stop()
            self._button.setEnabled(True)

    def _say_wait(self) -> None:
        wait = self.tr("The next attempt is possible in {time}.").format(time=text.duration_text(self._wait_s))
        self._passphrase.set_hint(wait if self._wait_s else "")

    def _enable(self, enabled: bool) -> None:
        self._button.setEnabled(enabled)
        self._name.entry.setEnabled(enabled)
        self._passphrase.entry.setEnabled(enabled)
