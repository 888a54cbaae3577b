"""An X server without a screen, whose picture can be looked at, and programs that end with who started them."""

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
