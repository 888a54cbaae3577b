"""The bytes of a file, of its volume or of the whole media, with a search and a place to go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from forensics_app.model.areas import AreaKind
from ui import text
from ui.announce import announce
from ui.examine.searching import LONGEST_NEEDLE_BYTES, Hit, find_next, needle_of_hex, needles_of_text
from ui.examine.sources import ByteSource, in_words, refusal
from ui.jobs import JobCard
from ui.latest import Latest
from ui.theme import Space
from ui.tones import Tone
from ui.widgets import forms
from ui.widgets.buttons import Button, IconButton
from ui.widgets.hex_blocks import Deliver, Refuse, parse_offset
from ui.widgets.hex_view import HexView
from ui.widgets.labels import CutLabel, label
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState, Note

if TYPE_CHECKING:
    from ui.jobs import JobRunner, OnProgress

LISTED_SEARCH_BYTES = 64 * 1024 * 1024


class HexBar(QFrame):
    """One line under the tabs: what to find, or where to go. Enter acts, Escape closes."""

    entered = Signal(str)
    closed = Signal()

    def __init__(self, placeholder: str, *, name: str, parts: tuple[QWidget, ...] = (), act: str) -> None:
        """Start hidden."""
        super().__init__()
        self.setObjectName(name)
        self.setProperty("pane", True)
        self.box = forms.line_edit(placeholder=placeholder)
        self.box.setObjectName(f"{name}Box")
        self.box.setAccessibleName(placeholder)
        self.status = CutLabel("", "small", name=f"{name}Status")
        press = Button(act, name=f"{name}Act")
        close = IconButton("cancel", self.tr("Close (Esc)"), name=f"{name}Close")
        row = hbox(
            (self.box, 2), *parts, press, (self.status, 1), close, margins=(Space.S, Space.XS, Space.XS, Space.XS)
        )
        self.setLayout(vbox(row, line(), gap=0))
        self.box.returnPressed.connect(lambda: self.entered.emit(self.box.text()))
        press.clicked.connect(lambda: self.entered.emit(self.box.text()))
        close.clicked.connect(self.closed)
        self.hide()

    def open(self) -> None:
        """Show the line and let the person type."""
        self.status.setText("")
        self.show()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.box.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        super().keyPressEvent(event)


class HexPane(QFrame):
    """Looks at a :class:`ByteSource`; ``selected`` carries offset and length of the selected bytes.

    ``marks_asked`` wants the dialog about the marks that hide the bytes.
    """

    selected = Signal(object, object)
    said = Signal(str)
    source_changed = Signal()
    marks_asked = Signal()

    def __init__(self, jobs: JobRunner) -> None:
        """Start without bytes."""
        super().__init__()
        self.setObjectName("hexPane")
        self.setProperty("pane", True)
        self._jobs = jobs
        self._source: ByteSource | None = None
        self._tells_below = False
        self._edition = 0
        self._hit: Hit | None = None
        self._stop_search: Callable[[], None] = lambda: None
        self._locating = Latest(self, jobs)
        self.view = HexView(title=self.tr("Bytes"))
        self.view.offset_asked.connect(self.open_goto)
        self.view.selection_changed.connect(self._say_selection)
        self.view.installEventFilter(self)
        self._marks = Button(self.tr("Give a reason…"), name="lookForReason", icon="sign")
        self._marks.clicked.connect(self.marks_asked)
        self._empty = EmptyState("hash", "", self._marks, name="noBytes")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        self._kind = forms.choice([self.tr("Text"), self.tr("Bytes, as hex")])
        self._kind.setAccessibleName(self.tr("What is typed"))
        self._kind.setMinimumContentsLength(6)
        self.find_bar = HexBar(self.tr("Find"), name="hexFind", parts=(self._kind,), act=self.tr("Find next"))
        self.find_bar.entered.connect(self.find_typed)
        self.find_bar.closed.connect(self._close_bars)
        self.goto_bar = HexBar(
            self.tr("Offset: 0x1A4F, 6735, or +512 from here"), name="hexGoto", act=self.tr("Go there")
        )
        self.goto_bar.entered.connect(self.go_to_text)
        self.goto_bar.closed.connect(self._close_bars)
        self._refused = Note(Tone.WARN, "", name="notReadable")
        self._refused.hide()
        self._place = CutLabel("", "caption", name="hexPlace")
        self._place.setContentsMargins(Space.M, Space.XXS, Space.M, Space.XXS)
        self._selection = label(role="caption", name="hexSelectionBelow")
        self._selection.setContentsMargins(Space.M, Space.XXS, 0, Space.XXS)
        self._selection.hide()
        self._place_row = plain(vbox(line(), hbox(self._selection, (self._place, 1), gap=0), gap=0))
        self.setLayout(vbox(self.find_bar, self.goto_bar, self._refused, (self._stack, 1), self._place_row, gap=0))
        self.show_source(None)

    @property
    def source(self) -> ByteSource | None:
        """What is looked at."""
        return self._source

    @property
    def refusal(self) -> str:
        """Why bytes cannot be read, as it is shown; empty while all could be."""
        return "" if self._refused.isHidden() else self._refused.text

    def show_source(self, source: ByteSource | None, why_none: str = "", *, at_bytes: int = 0) -> None:
        """Look at other bytes, from ``at_bytes`` on; or say why there are none."""
        self._edition += 1
        self._stop_search()
        self._locating.drop()
        self._source, self._hit = source, None
        self._place.setText("")
        self._show_place_row()
        self._refused.hide()
        self.find_bar.status.setText("")
        if source is None or source.length_bytes <= 0:
            self._show_none(source.why_empty if source else why_none or self.tr("Choose a file or a volume."), "hash")
            self.source_changed.emit()
            return
        self.view.setAccessibleName(self.tr("Bytes of {name}").format(name=source.name))
        self._stack.setCurrentWidget(self.view)
        self.view.show_bytes(source.length_bytes, self._reading(source))
        if at_bytes:
            self.view.go_to(at_bytes)
        self.source_changed.emit()

    def tell_selection_below(self, on: bool) -> None:
        """Say under the bytes what is selected, where the row of tabs has no room for it."""
        self._tells_below = on
        self._selection.setVisible(on)
        self._show_place_row()

    def _show_place_row(self) -> None:
        source = self._source
        has_bytes = source is not None and source.length_bytes > 0
        located = source is not None and source.locate is not None
        self._place.setVisible(located)
        self._place_row.setVisible(has_bytes and (located or self._tells_below))

    def open_find(self) -> None:
        """Let the person type what to find."""
        self.goto_bar.hide()
        if self._source:
            self.find_bar.open()

    def open_goto(self) -> None:
        """Let the person type an offset."""
        self.find_bar.hide()
        if self._source:
            self.goto_bar.open()

    def go_to_text(self, typed: str) -> None:
        """Go to an offset as it was typed, or say what is wrong with it."""
        offset = parse_offset(typed, self.view.selection[0])
        if offset is None:
            self.goto_bar.status.setText(self.tr("That is no offset: type 0x1A4F, 6735 or +512."))
        elif not self.view.go_to(offset):
            last = self._source.length_bytes - 1 if self._source else 0
            self.goto_bar.status.setText(self.tr("The last byte is 0x{last:X}.").format(last=last))
        else:
            self._close_bars()

    def find_typed(self, typed: str = "") -> None:
        """Look for the next place that holds what was typed, behind the selection."""
        source, typed = self._source, typed or self.find_bar.box.text()
        hex_typed = self._kind.currentIndex() == 1
        needle = needle_of_hex(typed) if hex_typed else None
        needles = ((needle,) if needle else ()) if hex_typed else needles_of_text(typed)
        if source is None:
            return
        if not needles or len(needles[0]) > LONGEST_NEEDLE_BYTES:
            words = self.tr("Type whole bytes, such as 50 4b 03 04.") if hex_typed else self.tr("Type what to find.")
            self.find_bar.status.setText(words)
            return
        start, edition = self.view.selection[0], self._edition
        begin = start + 1 if self._marked_at(start) else start
        self.find_bar.status.setText(self.tr("Searching …"))
        self._stop_search()
        card = None
        if source.length_bytes > LISTED_SEARCH_BYTES:
            card = JobCard(title=self.tr("Find in {name}").format(name=source.name), icon="search")
        self._stop_search = self._jobs.start(
            self,
            lambda on_progress: find_next(source.read, source.length_bytes, needles, begin, on_progress),
            done=lambda hit: self._take_hit(hit, begin) if edition == self._edition else None,
            failed=lambda error: self.find_bar.status.setText(in_words(error)) if edition == self._edition else None,
            cancelled=lambda: self.find_bar.status.setText(self.tr("Stopped")) if edition == self._edition else None,
            progress=self._say_progress,
            card=card,
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """F3 finds the next place."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F3:
            if self.find_bar.box.text():
                self.find_typed()
            else:
                self.open_find()
            return True
        return False

    def _marked_at(self, offset_bytes: int) -> bool:
        return self._hit is not None and self._hit.offset_bytes == offset_bytes

    def _take_hit(self, hit: Hit | None, begin: int) -> None:
        self._hit = hit
        if hit is None:
            self.find_bar.status.setText(self.tr("Not found"))
            announce(self, self.tr("Not found"))
            return
        self.view.go_to(hit.offset_bytes, hit.length_bytes)
        words = self.tr("Found at 0x{at:X}").format(at=hit.offset_bytes)
        if hit.offset_bytes < begin:
            words = self.tr("{found}, from the beginning on").format(found=words)
        self.find_bar.status.setText(words)
        announce(self, words)

    def _say_progress(self, done_bytes: int, all_bytes: int) -> None:
        words = self.tr("Searched {done} of {all}")
        self.find_bar.status.setText(words.format(done=text.size_text(done_bytes), all=text.size_text(all_bytes)))

    def _reading(self, source: ByteSource) -> Callable[[int, int, Deliver, Refuse], None]:
        edition = self._edition

        def read(offset_bytes: int, size_bytes: int, deliver: Deliver, refuse: Refuse) -> None:
            def work(_: OnProgress) -> bytes:
                return source.read(offset_bytes, size_bytes)

            def take(data: bytes) -> None:
                if edition == self._edition:
                    deliver(data)

            def fail(error: Exception) -> None:
                if edition != self._edition:
                    return
                why, icon = refusal(error, "")
                if icon and (source.area is None or source.area.kind is AreaKind.SLACK):
                    self._hide_bytes(why, icon)
                    return
                refuse(why)
                self._say_refusal(offset_bytes, size_bytes, why, is_hidden=bool(icon))

            self._jobs.start(self, work, done=take, failed=fail)

        return read

    def _hide_bytes(self, why: str, icon: str) -> None:
        """Say that a mark hides them; nothing is drawn in their place, as they can be read."""
        if self._stack.currentWidget() is self.view:
            self._place_row.hide()
            self._show_none(why, icon, is_hidden=True)
            announce(self, why)

    def _show_none(self, sentence: str, icon: str, *, is_hidden: bool = False) -> None:
        self._empty.set_sentence(sentence, icon)
        self._marks.setVisible(is_hidden)
        self._stack.setCurrentWidget(self._empty)
        self.view.show_bytes(0, lambda *_: None)
        self.said.emit("")

    def _say_refusal(self, offset_bytes: int, size_bytes: int, why: str, *, is_hidden: bool) -> None:
        words = self.tr("0x{first:X} to 0x{last:X} could not be read and are shown as ??, never as zeros. {why}")
        if is_hidden:
            words = self.tr("0x{first:X} to 0x{last:X} are hidden and shown as ??. {why}")
        said = words.format(first=offset_bytes, last=offset_bytes + size_bytes - 1, why=why)
        self._refused.say(Tone.WARN, said)
        self._refused.show()
        announce(self, said, urgent=True)

    def _say_selection(self, offset_bytes: int, length_bytes: int) -> None:
        source = self._source
        if source is None or not length_bytes:
            return
        words = self.tr("Selection 0x{at:X}, {n}").format(at=offset_bytes, n=text.bytes_text(length_bytes))
        self._selection.setText(words)
        self.said.emit(words)
        self.selected.emit(offset_bytes, length_bytes)
        locate = source.locate
        if locate is None:
            return

        self._locating.ask(
            lambda _: locate(offset_bytes),
            lambda place: self._say_place(offset_bytes, place),
            lambda error: self._say_place(offset_bytes, in_words(error)),
        )

    def _say_place(self, offset_bytes: int, place: str) -> None:
        name = self._source.name if self._source else ""
        words = self.tr("0x{at:X} of {name}").format(at=offset_bytes, name=name)
        self._place.setText(f"{words}  ·  {place}" if place else words)

    def _close_bars(self) -> None:
        self._stop_search()
        self.find_bar.hide()
        self.goto_bar.hide()
        self.view.setFocus(Qt.FocusReason.OtherFocusReason)
