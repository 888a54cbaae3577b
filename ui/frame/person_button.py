"""Who is signed in and how long their key stays open; a press opens what they can do about themselves."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QSizePolicy

from ui import text
from ui.theme import Size, Space
from ui.widgets.buttons import RowButton, with_shortcut
from ui.widgets.icon_action import IconAction
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import centred, hbox

KEYS, LOCK_KEYS = "Alt+P", "Ctrl+L"
_INITIALS_PX = 30


class PersonButton(RowButton):
    """Shows a person; tells by signals what is asked in the menu."""

    passphrase_asked = Signal()
    look_asked = Signal()
    lock_asked = Signal()

    def __init__(self) -> None:
        """Show nobody yet."""
        super().__init__(name="personButton", shortcut=KEYS)
        self._initials = label(role="initials")
        self._initials.setFixedSize(_INITIALS_PX, _INITIALS_PX)
        self._initials.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = CutLabel("", "strong", name="personName")
        self._key_state = label(role="caption", name="keyState")
        head = hbox(self._name, IconLabel("chevron-down", "text2", Size.ICON_SMALL), None, gap=Space.XS)
        words = centred(head, self._key_state, gap=0)
        self.setLayout(hbox(self._initials, (words, 1), margins=(Space.XS, 0, Space.XS, 0)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Nobody is signed in"))
        self.clicked.connect(self._open_menu)
        self.adopt()

    def show_person(self, name: str, function: str, minutes_left: int) -> None:
        """Show who is signed in, and when their key locks by itself."""
        self._initials.setText(text.initials(name))
        self._name.setText(name)
        minutes = text.plural(minutes_left, self.tr("1 min"), self.tr("{n} min"))
        state = self.tr("{function} · key open, locks in {minutes}").format(function=function, minutes=minutes)
        self._key_state.setText(state)
        self.setAccessibleName(self.tr("Signed in: {name}. {state}").format(name=name, state=state))
        self.setToolTip(with_shortcut(self.tr("{name}: passphrase, look, sign out").format(name=name), KEYS))

    def leave_out(self, *, initials: bool, key_state: bool) -> None:
        """Spare what a narrow window has no room for."""
        self._initials.setVisible(not initials)
        self._key_state.setVisible(not key_state)
        self.updateGeometry()

    def menu(self) -> QMenu:
        """What somebody can do about themselves."""
        made = QMenu(self)
        made.setObjectName("personMenu")
        for icon, words, asked in (
            ("key", self.tr("Change passphrase…"), self.passphrase_asked),
            ("settings", self.tr("Theme and size on this computer"), self.look_asked),
        ):
            action = IconAction(icon, made, words, colour="text2")
            action.triggered.connect(asked)
            made.addAction(action)
        made.addSeparator()
        keys = QKeySequence(LOCK_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        lock = IconAction("lock", made, self.tr("Lock the key and sign out") + f"\t{keys}", colour="text2")
        lock.triggered.connect(self.lock_asked)
        made.addAction(lock)
        return made

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        right = self.mapToGlobal(QPoint(self.width(), self.height()))
        menu.popup(right - QPoint(menu.sizeHint().width(), 0))
