"""Works in the window of the packaged program as a person does: by a keyboard, from outside, with nothing put into it.

The keyboard is xdotool's (Debian's package xdotool), which speaks to the same X server. What was done is asked of the
record afterwards, by the command line of the same package; what the window shows is only waited for.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from build_spec.workshop.console import StepError

SIZE = (1440, 900)
PAINTED_COLOURS = 24
CALM_LIMIT_S, CALM_S, AGAIN_AFTER_S = 60.0, 4.0, 10.0
_KEY_DELAY_MS = "20"


@dataclass(frozen=True, slots=True)
class Screen:
    """An X server without a screen, whose picture lies in a file."""

    number: int
    folder: Path

    @property
    def display(self) -> str:
        """How a program in a root of its own reaches it."""
        return f"127.0.0.1:{self.number}"

    @property
    def picture(self) -> bytes:
        """What it shows, four bytes a pixel; empty before it shows anything."""
        shown = self.folder / "Xvfb_screen0"
        data = shown.read_bytes() if shown.is_file() else b""
        return data[int.from_bytes(data[:4], "big") + 12 * int.from_bytes(data[76:80], "big") :] if data else b""

    def is_painted(self) -> bool:
        """Whether it shows more than a plain window: text alone has dozens of shades."""
        line = 4 * SIZE[0]
        middle = self.picture[line * (SIZE[1] // 4) : line * (SIZE[1] * 3 // 4)]
        return len({middle[spot : spot + 4] for spot in range(0, len(middle), 4)}) >= PAINTED_COLOURS

    def calm(self) -> None:
        """Wait until nothing on it has changed for a while; what blinks on it is not waited for beyond a limit."""
        began = since = time.monotonic()
        before = self.picture
        while time.monotonic() - since < CALM_S and time.monotonic() - began < CALM_LIMIT_S:
            time.sleep(0.3)
            now = self.picture
            if _differing(before, now) > _BLINK:
                since = time.monotonic()
            before = now

    def press_and_see(self, *keys: str) -> None:
        """Press keys that bring something else onto it, and wait until that is there.

        Raises:
            StepError: Nothing else came.
        """
        self.calm()
        before = self.picture

        def is_another() -> bool:
            return _differing(before, self.picture) > _ANOTHER

        self.press(*keys)
        try:
            until(is_another, AGAIN_AFTER_S, "")
        except StepError:
            self.press(*keys)  # without a window manager the first key after a page can meet nobody
            until(is_another, CALM_LIMIT_S, f"Nothing came of {' '.join(keys)}")
        self.calm()

    def type(self, words: str) -> None:
        """Type a text."""
        self._do("type", "--delay", _KEY_DELAY_MS, "--", words)

    def press(self, *keys: str) -> None:
        """Press keys after each other, by the names of X11."""
        self._do("key", "--delay", _KEY_DELAY_MS, *keys)

    def fill(self, *values: str | None) -> None:
        """Type into the fields from the one that has the keyboard on; None passes one by."""
        for value in values:
            if value:
                self.type(value)
            self.press("Tab")

    def _do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": f":{self.number}"}, check=True)


_EACH, _BLINK, _ANOTHER = 64, 8, 4_000
"""Which bytes are looked at; so many of them change where a text cursor blinks, and where a page or dialog comes."""


def _differing(one: bytes, other: bytes) -> int:
    return sum(a != b for a, b in zip(one[::_EACH], other[::_EACH], strict=False))


def is_possible() -> bool:
    """Whether there is a keyboard."""
    return shutil.which("xdotool") is not None


@contextmanager
def screen(folder: Path) -> Iterator[Screen]:
    """Start a server with its picture in ``folder``, made anew.

    Raises:
        StepError: It did not start.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    number = next(number for number in range(90, 200) if not Path(f"/tmp/.X11-unix/X{number}").exists())
    size = "x".join(map(str, SIZE))
    server = ["Xvfb", f":{number}", "-screen", "0", f"{size}x24", "-fbdir", str(folder), "-ac", "-listen", "tcp"]
    with running(server):
        until(lambda: Path(f"/tmp/.X11-unix/X{number}").exists(), 20, "Xvfb did not start")
        yield Screen(number, folder)


@contextmanager
def running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program, and end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(is_so: Callable[[], bool], limit_s: float, otherwise: str) -> None:
    """Wait for something.

    Raises:
        StepError: It did not come.
    """
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > limit_s:
            raise StepError(f"{otherwise} within {limit_s:.0f} s", 3)
        time.sleep(0.02)


def create_a_lab(shown: Screen, folder: str, person: str, passphrase: str) -> None:
    """The first start: a lab, whose first person is administrator, examiner and supervisor."""
    shown.calm()
    shown.fill("Laboratory of the trial", None, folder, None, None, None, person, "Head", "Police", "1001")
    shown.press("Tab", "Tab", "space", "Tab", "Tab")  # examiner is ticked; supervisor is to be
    shown.fill(passphrase, passphrase)
    shown.press_and_see("space")


def sign_in(shown: Screen, passphrase: str) -> None:
    """A second start opens the same lab and asks who it is; whoever signed in last is named already."""
    shown.calm()
    shown.type(passphrase)
    shown.press_and_see("Return")
