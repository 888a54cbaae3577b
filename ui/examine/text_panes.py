"""The content as text in an encoding, and the runs of text in it; read in parts, prepared off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QFrame, QStackedWidget

from ui import text
from ui.examine.decoding import (
    ENCODINGS,
    LABELS,
    LENGTHS,
    LONGEST_LINE,
    RUN_ENCODINGS,
    SHORTEST_RUN,
    Decoded,
    decode,
    strings,
)
from ui.examine.sources import ByteSource, refusal
from ui.jobs import JobRunner
from ui.latest import Latest
from ui.theme import Space
from ui.widgets import forms
from ui.widgets.buttons import IconButton
from ui.widgets.labels import CutLabel
from ui.widgets.layout import hbox, line, plain, vbox
from ui.widgets.notes import EmptyState
from ui.widgets.text_view import TextView

Render: TypeAlias = Callable[[bytes, int], Decoded]
PART_BYTES = 32 * 1024
STRINGS_BYTES = 1024 * 1024


class PartPane(QFrame):
    """Text made of one part of the bytes at a time; what is not shown is said, with the way to it."""

    def __init__(self, jobs: JobRunner, *, name: str, title: str, part_bytes: int) -> None:
        """Start without bytes; a subclass says how a part becomes text."""
        super().__init__()
        self.setObjectName(f"{name}Pane")
        self.setProperty("pane", True)
        self._question = Latest(self, jobs)
        self._part_bytes = part_bytes
        self._source: ByteSource | None = None
        self._at = 0
        self._stale = False
        self.view = TextView(title=title, name=name)
        self._empty = EmptyState("text", "", name=f"{name}Empty")
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self._empty)
        self._where = CutLabel("", "caption", name=f"{name}Where")
        self._back = IconButton("chevron-left", self.tr("Part before"), name=f"{name}Back")
        self._on = IconButton("chevron-right", self.tr("Next part"), name=f"{name}Next")
        self._back.clicked.connect(lambda: self._move(-1))
        self._on.clicked.connect(lambda: self._move(1))
        row = hbox((self._where, 1), self._back, self._on, margins=(Space.M, Space.XXS, Space.XS, Space.XXS))
        self._foot_rows = vbox(line(), row, gap=0)
        self._foot_part = plain(self._foot_rows)
        self.setLayout(vbox((self._stack, 1), self._foot_part, gap=0))
        self.show_source(None)

    def show_source(self, source: ByteSource | None, why_none: str = "") -> None:
        """Look at other bytes from their beginning, once the pane is in sight."""
        self._question.drop()
        self._source, self._at = source, 0
        self._stale = source is not None and source.length_bytes > 0
        if source is None or not source.length_bytes:
            self._say(source.why_empty if source else why_none or self.tr("Choose a file."))
        else:
            self._say(self.tr("Reading …"))  # not the text of what was looked at before
        self._read_if_seen()

    def showEvent(self, event: object) -> None:
        """Read what was not read while nobody looked."""
        self._read_if_seen()

    def renderer(self) -> Render:
        """What makes text of a part and its offset; the function is called in a worker thread."""
        raise AssertionError("a subclass says how")

    def note_encoding(self, encoding: str) -> None:
        """The encoding that a part was read in."""

    def read_again(self) -> None:
        """Read the same part in another way."""
        self._stale = self._source is not None and self._source.length_bytes > 0
        self._read_if_seen()

    def _read_if_seen(self) -> None:
        source, at = self._source, self._at
        if not self._stale or source is None or not self.isVisible():
            return
        self._stale = False
        size = min(self._part_bytes, source.length_bytes - at)
        self._say(self.tr("Reading …"))
        self._say_where(source, at, size)
        render = self.renderer()
        self._question.ask(
            lambda _: render(source.read(at, size), at),
            self._take,
            lambda error: self._say(*refusal(error, "text")),
        )

    def _take(self, decoded: Decoded) -> None:
        if not decoded.text:
            self._say(self.tr("There is no text in this part."))
            return
        self.view.show_text(decoded.text)
        if decoded.folded:
            broken = self.tr("{part}; lines broken after {n} characters")
            self._where.setText(broken.format(part=self._where.text(), n=LONGEST_LINE))
        self.note_encoding(decoded.encoding)
        self._stack.setCurrentWidget(self.view)

    def _say(self, sentence: str, icon: str = "text") -> None:
        self.view.clear()
        self._empty.set_sentence(sentence, icon)
        self._stack.setCurrentWidget(self._empty)
        self._foot_part.setVisible(self._source is not None and self._source.length_bytes > 0)

    def _say_where(self, source: ByteSource, at: int, size: int) -> None:
        whole = size >= source.length_bytes
        self._foot_part.show()
        words = self.tr("All {n}") if whole else self.tr("0x{first:X} to 0x{last:X} of {n}")
        said = words.format(n=text.bytes_text(source.length_bytes), first=at, last=at + size - 1)
        self._where.setText(said)
        self._back.setVisible(not whole)
        self._on.setVisible(not whole)
        self._back.setEnabled(at > 0)
        self._on.setEnabled(at + size < source.length_bytes)

    def _move(self, step: int) -> None:
        self._at = max(0, self._at + step * self._part_bytes)
        self.read_again()


class TextPane(PartPane):
    """The content as text; the encoding is found out, and can be chosen."""

    def __init__(self, jobs: JobRunner) -> None:
        """Start with the encoding that fits best."""
        super().__init__(jobs, name="textView", title=self.tr("Text"), part_bytes=PART_BYTES)
        names = [self.tr("Automatic"), *(LABELS[name] for name in ENCODINGS)]
        self.encoding: QComboBox = _choice(names, "encodingChoice", self.tr("Encoding"))
        self.encoding.currentIndexChanged.connect(lambda _: self.read_again())
        self._foot_rows.addLayout(hbox((self.encoding, 1), margins=(Space.M, 0, Space.M, Space.XS)))

    def renderer(self) -> Render:
        """Decode in the chosen encoding."""
        at = self.encoding.currentIndex()
        encoding = ENCODINGS[at - 1] if at > 0 else ""
        return lambda data, offset_bytes: decode(data, encoding)

    def note_encoding(self, encoding: str) -> None:
        """Name the encoding that was found out."""
        with QSignalBlocker(self.encoding):
            automatic = self.tr("Auto: {name}").format(name=LABELS[encoding])
            self.encoding.setItemText(0, automatic if self.encoding.currentIndex() == 0 else self.tr("Automatic"))


class StringsPane(PartPane):
    """Runs of text among other bytes, each with its offset; their shortest length and encoding can be chosen."""

    def __init__(self, jobs: JobRunner) -> None:
        """Look at a megabyte at a time."""
        super().__init__(jobs, name="stringsView", title=self.tr("Strings"), part_bytes=STRINGS_BYTES)
        names = (self.tr("ASCII, also as UTF-16LE"), *(LABELS[name] for name in RUN_ENCODINGS[1:]))
        self.encoding: QComboBox = _choice(list(names), "stringsEncoding", self.tr("Encoding"))
        lengths = [self.tr("From {n} characters").format(n=n) for n in LENGTHS]
        self.shortest: QComboBox = _choice(lengths, "stringsShortest", self.tr("Shortest length"))
        self.shortest.setCurrentIndex(LENGTHS.index(SHORTEST_RUN))
        for box in (self.encoding, self.shortest):
            box.currentIndexChanged.connect(lambda _: self.read_again())
        row = hbox((self.encoding, 3), (self.shortest, 2), margins=(Space.M, 0, Space.M, Space.XS))
        self._foot_rows.addLayout(row)

    def renderer(self) -> Render:
        """Find the runs."""
        encoding, shortest = RUN_ENCODINGS[self.encoding.currentIndex()], LENGTHS[self.shortest.currentIndex()]
        return lambda data, offset_bytes: Decoded(text=strings(data, offset_bytes, shortest, encoding), encoding="")


def _choice(words: list[str], name: str, title: str) -> QComboBox:
    box = forms.choice(words)
    box.setObjectName(name)
    box.setAccessibleName(title)
    box.setToolTip(title)
    return box
