"""How the steps speak: one line each on standard error, the whole output only when something fails."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEARTBEAT_S = 0.5


class StepError(Exception):
    """A step that cannot be done; the message says what to do about it."""

    def __init__(self, message: str, status: int = 2) -> None:
        """Keeps the words and the exit status."""
        super().__init__(message)
        self.status = status


def say(text: str) -> None:
    """Prints one line about what is being done. Standard output belongs to the program that is run."""
    print(f"[dev] {text}", file=sys.stderr, flush=True)


def command_line(command: Sequence[str | Path]) -> list[str]:
    """Turns a command of words and paths into words."""
    return [str(part) for part in command]


def show(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = ROOT) -> int:
    """Runs a command with our own input and output and returns its exit status; Ctrl+C reaches it, not us."""
    sys.stdout.flush()
    process = subprocess.Popen(command_line(command), env={**os.environ, **(env or {})}, cwd=cwd)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def quietly(what: str, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> str:
    """Runs a command behind one line of text that counts the seconds; returns what it printed.

    Raises:
        StepError: the command failed; the message ends with everything it printed.
    """
    say(what)
    began = time.monotonic()
    process = subprocess.Popen(
        command_line(command),
        env={**os.environ, **(env or {})},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    output = _collect(process, began)
    if process.returncode != 0:
        words = " ".join(command_line(command))
        raise StepError(f"{output}\n{what}: this failed with status {process.returncode}:\n    {words}", 3)
    return output


def _collect(process: subprocess.Popen[str], began: float) -> str:
    counts = sys.stderr.isatty()
    while True:
        try:
            output, _ = process.communicate(timeout=HEARTBEAT_S if counts else None)
        except subprocess.TimeoutExpired:
            print(f"\r      {time.monotonic() - began:4.0f} s", end="", file=sys.stderr, flush=True)
        else:
            if counts:
                print("\r" + " " * 14 + "\r", end="", file=sys.stderr, flush=True)
            return output
