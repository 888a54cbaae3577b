"""The bar at the top: case and authority, find, the integrity of the record, the person and their key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSizePolicy

from ui.frame.person_button import LOCK_KEYS, PersonButton
from ui.theme import Size, Space
from ui.tones import Tone
from ui.widgets.badges import Integrity, IntegrityBadge
from ui.widgets.buttons import IconButton, RowButton
from ui.widgets.labels import CutLabel, IconLabel, label
from ui.widgets.layout import centred, hbox, line
from ui.widgets.notes import SearchBox

_ROOM_FOR_LONG_WORDS_PX = 1300
_ROOM_FOR_ALL_PX = 1200
_ROOM_FOR_ROLE_PX = 1040
_ROOM_FOR_FIND_PX = 860
_ROOM_FOR_WORDS_PX = 760
_MENU_PX = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseShown:
    """A case in the selector: ``key`` is handed back when it is chosen."""

    key: object
    number: str
    title: str
    authority: str


class CaseButton(RowButton):
    """The open case; a press lists the others."""

    def __init__(self) -> None:
        """Show that no case is open."""
        super().__init__(name="CaseButton", shortcut="Alt+C")
        self._number = label(role="strong", name="caseNumber")
        self._title = CutLabel("", "muted", name="caseTitle")
        self._authority = CutLabel("", "caption", name="caseAuthority")
        head = hbox(self._number, self._title, IconLabel("chevron-down", "text2", Size.ICON_SMALL), None)
        self.setLayout(hbox((centred(head, self._authority), 1), margins=(Space.S, 0, Space.S, 0)))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.adopt()
        self.show_case(None)

    def show_case(self, case: CaseShown | None) -> None:
        """Show another case, or that none is open."""
        self._number.setText(case.number if case else self.tr("No case open"))
        self._title.setText(case.title if case else "")
        self._title.setVisible(case is not None)
        self._authority.setText(case.authority if case else self.tr("Choose a case, or open a new one"))
        said = f"{case.number}, {case.title}. {case.authority}" if case else self.tr("No case open")
        self.setAccessibleName(self.tr("Case: {case}").format(case=said))
        self.setToolTip(self.tr("Choose another case (Alt+C)"))


class TopBar(QFrame):
    """Tells by signals what is asked; shows what it is told."""

    case_chosen = Signal(object)
    new_case_asked = Signal()
    find_asked = Signal(str)
    integrity_asked = Signal()
    lock_asked = Signal()

    def __init__(self) -> None:
        """Start without case and person."""
        super().__init__()
        self.setObjectName("TopBar")
        self.setMinimumHeight(Size.TOP_BAR)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._cases: tuple[CaseShown, ...] = ()
        self._find_folded = False
        self.case_button = CaseButton()
        self.case_button.clicked.connect(self._open_menu)
        self._find_words = self.tr("Find, or scan a label   (Ctrl+K)")
        self.find_box = SearchBox(self._find_words, name="findBox")
        self.find_box.setMinimumWidth(6 * Space.XXL)
        self.find_box.setMaximumWidth(280)
        self.find_box.returnPressed.connect(lambda: self.find_asked.emit(self.find_box.text().strip()))
        self.find_box.installEventFilter(self)
        self.find_button = IconButton("search", self.tr("Find in all cases, or scan a label (Ctrl+K)"), name="openFind")
        self.find_button.clicked.connect(self.open_find)
        self.find_button.hide()
        self.integrity = IntegrityBadge(self.not_checked())
        self.integrity.clicked.connect(self.integrity_asked)
        self.person = PersonButton()
        self.person.lock_asked.connect(self.lock_asked)
        self.lock_button = IconButton("lock", self.tr("Lock the key now"), name="lockKey", shortcut=LOCK_KEYS)
        self.lock_button.clicked.connect(self.lock_asked)
        self.setLayout(
            hbox(
                (self.case_button, 3),
                (self.find_box, 2),
                self.find_button,
                self.integrity,
                line(vertical=True),
                self.person,
                self.lock_button,
                margins=(Space.S, 0, Space.S, 1),
            )
        )

    def set_cases(self, cases: Sequence[CaseShown]) -> None:
        """What the selector offers."""
        self._cases = tuple(cases)

    def show_case(self, case: CaseShown | None) -> None:
        """Show the open case."""
        self.case_button.show_case(case)

    def show_person(self, name: str, function: str, minutes_left: int) -> None:
        """Show who is signed in, and when their key locks by itself."""
        self.person.show_person(name, function, minutes_left)

    def show_integrity(self, shown: Integrity) -> None:
        """Show a verdict."""
        self.integrity.show_integrity(shown)

    def not_checked(self) -> Integrity:
        """What is shown before anything was verified: a state of its own."""
        return Integrity(
            intact=(Tone.NONE, self.tr("Intact?")),
            signed=(Tone.NONE, self.tr("Signed?")),
            trusted=(Tone.NONE, self.tr("Trusted?")),
            caption=self.tr("Not checked since the lab was opened"),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what can be spared where the window is narrow; names stay as tooltips."""
        super().resizeEvent(event)
        width = self.width()
        self.person.leave_out(initials=width < _ROOM_FOR_ALL_PX, key_state=width < _ROOM_FOR_ROLE_PX)
        long = width >= _ROOM_FOR_LONG_WORDS_PX
        self.find_box.setPlaceholderText(self._find_words if long else self.tr("Find   (Ctrl+K)"))
        self.integrity.set_short(width < _ROOM_FOR_WORDS_PX)
        self._show_find(width >= _ROOM_FOR_FIND_PX)

    def open_find(self) -> None:
        """Let the person type what to find; in a narrow window the box takes the place of the case."""
        if self._find_folded:
            self.case_button.hide()
            self.find_button.hide()
            self.find_box.show()
        self.find_box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.find_box.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Fold the box up again when the keyboard leaves it in a narrow window."""
        if watched is self.find_box and event.type() == QEvent.Type.FocusOut and self._find_folded:
            reason = event.reason() if isinstance(event, QFocusEvent) else Qt.FocusReason.OtherFocusReason
            if reason not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
                self._show_find(shown=False)
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape in the empty box of a narrow window folds it up and stays beside it."""
        if event.key() == Qt.Key.Key_Escape and self._find_folded and self.find_box.hasFocus():
            self._show_find(shown=False)
            self.find_button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        super().keyPressEvent(event)

    def _show_find(self, shown: bool) -> None:
        self._find_folded = not shown
        self.find_box.setVisible(shown)
        self.find_button.setVisible(not shown)
        self.case_button.show()

    def case_menu(self) -> QMenu:
        """The cases to choose from, and the way to a new one."""
        menu = QMenu(self)
        menu.setObjectName("caseMenu")
        menu.setToolTipsVisible(True)
        for case in self._cases:
            words = f"{case.number}   {case.title}"
            cut = menu.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, _MENU_PX)
            action = menu.addAction(cut.replace("&", "&&"))
            action.setToolTip(words if cut != words else "")
            action.triggered.connect(lambda _=False, key=case.key: self.case_chosen.emit(key))
        if self._cases:
            menu.addSeparator()
        menu.addAction(self.tr("Open a case…")).triggered.connect(self.new_case_asked)
        return menu

    def _open_menu(self) -> None:
        menu = self.case_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.case_button.mapToGlobal(QPoint(0, self.case_button.height())))
