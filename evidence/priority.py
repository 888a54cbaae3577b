"""Work in the background goes behind what somebody looks at, where there are fewer processors than work."""

from __future__ import annotations

import contextlib
import os
import sys
import threading

NICENESS = 10
"""Left alone on a processor it is as quick as ever; beside a window that has something to do it waits."""


def give_way(pid: int) -> None:
    """Let another process go behind; nothing on Windows, where a child shares the priority of its parent."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def give_way_here() -> None:
    """Let this thread go behind, where a system knows priorities of threads.

    Not for one that computes in Python: whoever waits for the interpreter would wait for it to come to a processor.
    """
    if sys.platform == "linux":
        give_way(threading.get_native_id())
