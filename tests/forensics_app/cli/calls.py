"""Commands of the program: as a script calls them, or within this process, which saves the start of one."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from forensics_app.__main__ import main

ROOT = Path(__file__).parents[3]


def run_process(*words: object, status: int = 0, **more: object) -> subprocess.CompletedProcess[str]:
    """What a process of its own said and with which status it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "forensics_app", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **more,  # type: ignore[call-overload]
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done


def run(*words: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """The same by the function that the process runs, with streams like those of a process."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n") for _ in range(2)]
    arguments = [str(word) for word in words]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        returned = main(arguments)
    said = []
    for stream in streams:
        stream.flush()
        stream.seek(0)
        said.append(stream.read())
    assert returned == status, said[0] + said[1]
    return subprocess.CompletedProcess(arguments, returned, *said)
