"""Works in a window of another process as a person does who has a keyboard, a mouse and a screen reader.

Keys and clicks go through the display server (xdotool); what stands in the window is asked by AT-SPI, the protocol of
screen readers, where Qt tells the object names of all parts. Nothing is put into the program, so that it can be the
packaged one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection
from PIL import Image

from build_spec.workshop.trial_window import SIZE, Screen
from tests.ui.strokes import LINES

WAIT_MS = 90_000
"""More than within a process: who waits here shares the computer with the program."""
_LOOK_S, _AGAIN_S, _TRIES = 0.05, 1.0, 4
_ANSWER_S = 30.0
_KEY_DELAY_MS = "3"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ROOT = "/org/a11y/atspi/accessible/root"
_ATSPI = "org.a11y.atspi."
_CHECKED, _ENABLED, _FOCUSED, _SHOWING = (1 << bit for bit in (4, 8, 12, 25))
_TELLING = ("Error", "efused", "hyNot", "refusal")
_MANY = 400
"""More rows than a person looks through."""


class Part(NamedTuple):
    """A part of the window that is in sight, as a screen reader knows it."""

    path: str
    name: str
    role: str
    states: int

    @property
    def is_box(self) -> bool:
        """Whether it is a list box, perhaps one that can be typed into."""
        return self.role == "combo box"


class GoneError(Exception):
    """A part went out of sight while it was asked."""


class Outside:
    """The same verbs as :class:`tests.journeys.hands.Hands`."""

    def __init__(self, bus: DBusConnection, program: str, screen: Screen) -> None:
        """Work by a bus on which the program has the unique name ``program``."""
        self._bus, self._program, self._screen = bus, program, screen
        self._answer = ""
        self._known: dict[str, tuple[str, str]] = {}
        self._early: dict[int, Message] = {}

    def until(self, check: Callable[[], object], what: str, timeout_ms: int = WAIT_MS) -> None:
        began = time.monotonic()
        while not self._holds(check):
            if time.monotonic() - began > max(timeout_ms, WAIT_MS) / 1000:
                raise AssertionError(f"waited in vain: {what}\n{self.sight()}")
            time.sleep(_LOOK_S)

    def _holds(self, check: Callable[[], object]) -> bool:
        try:
            return bool(check())
        except GoneError:
            return False

    def sees(self, name: str) -> bool:
        return any(part.name == name for part in self._parts())

    def wait_for(self, name: str) -> None:
        self.until(lambda: self.sees(name), f"{name} in sight")

    def wait_gone(self, name: str) -> None:
        self.until(lambda: not self.sees(name), f"{name} gone")

    def click(self, name: str) -> None:
        self.wait_for(name)
        self.until(lambda: self.can_press(name), f"{name} enabled")

        def press() -> bool:
            part = self._find(name)
            self._ask(part.path, "Component", "GrabFocus")  # a form scrolls to it
            return self._click_at(*_centre(self._extents(part.path)))

        self.until(press, f"{name} to click at")
        self._answer_the_dialog()

    def click_tab(self, tabs: str, title: str) -> None:
        self.wait_for(tabs)
        bar = self._find(tabs)
        tab = next(path for path in self._below(bar.path) if self._label(path).startswith(title))
        self._click_at(*_centre(self._extents(tab)))

    def type(self, name: str, words: str) -> None:
        self.wait_for(name)
        self.until(lambda: self._find(name).states & _ENABLED, f"{name} can be typed into")

        def write() -> bool:
            entry = self._focus(self._find(name))
            if words.isascii():
                self._press("ctrl+a")
                self.type_here(words)
            else:  # the keyboard of the X server has no such letters; a keyboard on the screen hands them over so
                self._ask(entry, "EditableText", "SetTextContents", "s", (words,))
            return self._settle(lambda: self._holds_words(name, words))

        assert any(self._holds(write) for _ in range(_TRIES)), f"{name} does not take {words!r}\n{self.sight()}"

    def type_here(self, words: str) -> None:
        self._do("type", "--delay", _KEY_DELAY_MS, "--", words)

    def _holds_words(self, name: str, words: str) -> bool:
        """Whether a field holds what was typed; of a passphrase nothing is told to anybody."""
        part = self._find(name)
        if "passphrase" in name.lower():
            return True
        role = self._known[part.path][1]
        content = (
            self._label(part.path) if role == "combo box" else self._ask(part.path, "Text", "GetText", "ii", (0, -1))[0]
        )
        return len(content) == len(words) if role == "password text" else bool(content == words)

    def fill(self, **fields: str) -> None:
        for name, words in fields.items():
            self.type(name, words)

    def choose(self, name: str, words: str) -> None:
        self.wait_for(name)
        self.until(lambda: self._find(name).states & _ENABLED, f"{name} can be chosen from")
        box = self._find(name).path
        lines = self._lines_of(box)
        at = next((at for at, line in enumerate(lines) if line.startswith(words)), None)
        assert at is not None, f"{name} offers no {words}: {lines}"
        self._ask(box, "Action", "DoAction", "i", (0,))
        self._settle(lambda: self.sees("QComboBoxListView"))
        self._press("Home", *["Down"] * at, "Return")
        self.until(lambda: self.text(name).startswith(words), f"{words} chosen in {name}")

    def _lines_of(self, box: str) -> list[str]:
        inner = [path for _, path in self._ask(box, "Accessible", "GetChildren")[0]]
        (shown,) = (path for path in inner if self._ask(path, "Accessible", "GetRoleName")[0] == "list")
        return [self._label(path) for _, path in self._ask(shown, "Accessible", "GetChildren")[0]]

    def tick(self, name: str) -> None:
        self.wait_for(name)
        self._focus(self._find(name))
        if not self._find(name).states & _CHECKED:
            self._press("space")
        self.until(lambda: self._find(name).states & _CHECKED, f"{name} ticked")

    def keys(self, keys: str, part: str = "") -> None:
        if part and part != "mainWindow":
            self.wait_for(part)
            self._focus(self._find(part))
        self._press(_of_x11(keys))
        self._answer_the_dialog()

    def go(self, page: str, keys: str) -> None:
        self._press(_of_x11(keys))
        self.wait_for(page)

    def row(self, table: str, words: str) -> int:
        self.wait_for(table)
        rows: list[int] = []

        def is_there() -> bool:
            rows[:] = [self._row_of(table, words)]
            return rows[0] >= 0

        self.until(is_there, f"{words!r} in the list {table}")
        return rows[0]

    def click_row(self, table: str, words: str) -> None:
        self.row(table, words)

        def press() -> bool:  # the list may be read anew just now
            at = self._row_of(table, words)
            return at >= 0 and self._click_at(*_centre(self._extents(self._cell(self._find(table).path, at, 0))))

        self.until(press, f"{words!r} in {table} to click at")

    def answer_file_dialog(self, path: str) -> None:
        """Write ``path`` into the file dialog that the next press opens."""
        self._answer = path

    def sign(self, pad: str) -> None:
        """Sign on the screen with the mouse."""
        self.wait_for(pad)
        left, top, _, _ = self._extents(self._find(pad).path)
        for stroke in LINES:
            points = [(str(left + x), str(top + y)) for x, y in stroke]
            self._do("mousemove", *points[0], "mousedown", "1")
            for point in points[1:]:
                self._do("mousemove", *point)
            self._do("mouseup", "1")

    def text(self, name: str) -> str:
        return self._label(self._find(name).path)

    def texts_in(self, name: str) -> list[str]:
        return [self._label(path) for path in self._below(self._find(name).path)]

    def can_press(self, name: str) -> bool:
        return bool(self._find(name).states & _ENABLED)

    def is_idle(self) -> bool:
        """Whether no job runs or waits, as the line at the foot of the window says."""
        return not self.sees("JobLine") and not self.sees("waitingJobs")

    def copied(self) -> str:
        """What lies in the clipboard, as another program gets it."""
        asks = "from PySide6.QtGui import QGuiApplication as App; app = App([]); print(app.clipboard().text())"
        there = {**os.environ, "DISPLAY": f":{self._screen.number}", "QT_QPA_PLATFORM": "xcb"}
        return subprocess.check_output([sys.executable, "-c", asks], env=there, text=True, timeout=_ANSWER_S).strip()

    def sight(self) -> str:
        """What is in sight, for a failure's message."""
        seen = list(self._parts())
        focus = [part.name for part in seen if part.states & _FOCUSED]
        said = [
            f"{one.name}: {self._label(one.path)}" for one in seen if one.name.endswith(("Error", "efused", "hyNot"))
        ]
        return f"in sight {[part.name for part in seen]}; said {said}; the keyboard is at {focus}"

    def _find(self, name: str) -> Part:
        found = [part for part in self._parts() if part.name == name]
        if not found:
            raise GoneError(name)
        return found[-1]

    def _parts(self) -> Iterator[Part]:
        """Every part in sight, those of windows that came later behind."""
        yield from self._walk(_ROOT)

    def _walk(self, top: str) -> Iterator[Part]:
        """What is in sight below a part, read level by level with many questions at once, told from the top down."""
        below: dict[str, list[str]] = {}
        parts: dict[str, Part] = {}
        level = [top]
        while level:
            known = self._names(level)
            states = self._ask_each(level, "Accessible", "GetState")
            shown = [one for one in level if one in known and one in states and self._is_shown(one, states[one][0][0])]
            for one in shown:
                parts[one] = Part(one, *known[one], states[one][0][0])
            inner = [one for one in shown if known[one][1] not in _LEAVES]
            children = self._ask_each(inner, "Accessible", "GetChildren")
            for one in inner:
                below[one] = [path for _, path in children[one][0]] if one in children else []
            level = [path for one in inner for path in below[one]]
        waiting = [top]
        while waiting:
            one = waiting.pop()
            if one in parts:
                yield parts[one]
                waiting += reversed(below.get(one, []))

    def _is_shown(self, path: str, states: int) -> bool:
        return path == _ROOT or bool(states & _SHOWING)

    def _names(self, paths: Sequence[str]) -> Mapping[str, tuple[str, str]]:
        """Name and role of parts, asked once for each; a path is of one part as long as the program runs."""
        new = [path for path in paths if path not in self._known]
        names = self._ask_each(new, "", "AccessibleId")
        for path, role in self._ask_each(new, "Accessible", "GetRoleName").items():
            if path in names:
                self._known[path] = (str(names[path][0][1]).rpartition(".")[2], role[0])
        return {path: self._known[path] for path in paths if path in self._known}

    def _below(self, path: str) -> Iterator[str]:
        return (part.path for part in self._walk(path))

    def _label(self, path: str) -> str:
        return str(self._property(path, "Name"))

    def _row_of(self, table: str, words: str) -> int:
        path = self._find(table).path
        rows, columns = (int(self._property(path, name, "Table")) for name in ("NRows", "NColumns"))
        for row in range(min(rows, _MANY)):
            if any(words in self._label(self._cell(path, row, column)) for column in range(columns)):
                return row
        return -1

    def _cell(self, table: str, row: int, column: int) -> str:
        return str(self._ask(table, "Table", "GetAccessibleAt", "ii", (row, column))[0][1])

    def _extents(self, path: str) -> tuple[int, int, int, int]:
        return self._ask(path, "Component", "GetExtents", "u", (0,))[0]  # type: ignore[no-any-return]

    def _focus(self, part: Part) -> str:
        """Give a part the keyboard, as a screen reader does; a form scrolls to it. Tells which part has it."""
        inner = [path for _, path in self._ask(part.path, "Accessible", "GetChildren")[0]] if part.is_box else []
        entry = next((path for path in inner if self._ask(path, "Accessible", "GetRoleName")[0] == "text"), part.path)
        self._ask(entry, "Component", "GrabFocus")
        self._settle(lambda: any(self._states(path) & _FOCUSED for path in (entry, *self._below(entry))))
        return str(entry)

    def _states(self, path: str) -> int:
        return int(self._ask(path, "Accessible", "GetState")[0][0])

    def _answer_the_dialog(self) -> None:
        path, self._answer = self._answer, ""
        if not path:
            return
        self.wait_for("fileNameEdit")
        self.type("fileNameEdit", path)
        self._press("Return")
        while not self._settle(lambda: not self.sees("fileNameEdit")):
            self._press("Return")  # it reads folders in a thread of its own and may swallow the first

    def _settle(self, check: Callable[[], object]) -> bool:
        began = time.monotonic()
        while not (held := self._holds(check)) and time.monotonic() - began < _AGAIN_S:
            time.sleep(_LOOK_S)
        return held

    def _click_at(self, x: int, y: int) -> bool:
        self._do("mousemove", str(x), str(y), "click", "1")
        return True

    def _press(self, *keys: str) -> None:
        self._do("key", "--delay", _KEY_DELAY_MS, *keys)

    def _do(self, *words: str) -> None:
        there = {**os.environ, "DISPLAY": f":{self._screen.number}"}
        subprocess.run(["xdotool", *words], env=there, check=True, timeout=_ANSWER_S)

    def _property(self, path: str, name: str, interface: str = "Accessible") -> Any:
        return self._reply(self._send(self._question(path, _PROPERTIES, "Get", "ss", (_ATSPI + interface, name))))[0][1]

    def _ask(self, path: str, interface: str, method: str, signature: str = "", values: tuple[Any, ...] = ()) -> Any:
        return self._reply(self._send(self._question(path, _ATSPI + interface, method, signature, values)))

    def _ask_each(self, paths: Sequence[str], interface: str, name: str) -> dict[str, Any]:
        """Ask many parts the same, a method or (without an interface) a property; those that are gone are left out."""
        sent = {}
        for path in paths:
            if interface:
                question = self._question(path, _ATSPI + interface, name)
            else:
                question = self._question(path, _PROPERTIES, "Get", "ss", (f"{_ATSPI}Accessible", name))
            sent[self._send(question)] = path
        told = {}
        for number, path in sent.items():
            with suppress(GoneError):
                told[path] = self._reply(number)
        return told

    def _question(
        self, path: str, interface: str, method: str, signature: str = "", values: tuple[Any, ...] = ()
    ) -> Message:
        return new_method_call(DBusAddress(path, self._program, interface), method, signature or None, values)

    def _send(self, question: Message) -> int:
        number = next(self._bus.outgoing_serial)
        self._bus.send(question, serial=number)
        return number

    def _reply(self, number: int) -> Any:
        """The answer to a question; other messages, and answers that came early, are kept or passed by."""
        while number not in self._early:
            message = self._bus.receive(timeout=_ANSWER_S)
            to = message.header.fields.get(HeaderFields.reply_serial)
            if to is not None:
                self._early[to] = message
        message = self._early.pop(number)
        if message.header.message_type is not MessageType.method_return:
            raise GoneError(str(message.body))
        return message.body


_LEAVES = {"combo box", "table", "tree table", "list", "tree"}
"""What lies within these is asked for where it is wanted: a list box has hundreds of lines."""


class Screenshots:
    """Keeps pictures of the screen where a folder is named."""

    def __init__(self, screen: Screen, folder: Path | None) -> None:
        self._screen, self._folder, self._number = screen, folder, 0

    def shot(self, name: str) -> None:
        self._number += 1
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            picture = Image.frombytes("RGB", SIZE, self._screen.picture, "raw", "BGRX")
            picture.save(self._folder / f"{self._number:02}-{name}.png")


def _centre(extents: tuple[int, int, int, int]) -> tuple[int, int]:
    left, top, width, height = extents
    return left + width // 2, top + height // 2


def _of_x11(keys: str) -> str:
    """Such as ``Ctrl+Return`` in the words of X11."""
    *held, key = keys.split("+")
    name = key.lower() if len(key) == 1 or key == "Space" else key
    return "+".join([*(one.lower() for one in held), name])
