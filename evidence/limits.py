"""What a child process denies itself before it touches evidence.

On Linux and macOS these are resource limits of the process, and on Linux what :mod:`evidence.sandbox` takes away.
Windows has none that a process can set on itself without native code; there the time limit of the parent and the
separation of the processes remain.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from evidence.sandbox import confine

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one child.

    Attributes:
        memory_bytes: Address space, which is more than the memory in use: every thread and every library counts.
        open_files: File descriptors, of which each segment of an image takes one.
        file_bytes: The largest file it can write. Children write none, so that this is 0; pipes are not counted.
    """

    memory_bytes: int = 3 * 1024**3 // 2
    open_files: int = 4096
    file_bytes: int = 0


def deny_oneself(limits: Limits, parent_pid: int) -> tuple[str, ...]:
    """Set the limits on the calling process, which runs in its scratch folder, and tie its life to its parent's.

    Args:
        limits: What is allowed from now on.
        parent_pid: The process that must stay alive; this one ends at once when it is gone already.

    Returns:
        The names of the limits that the system would not set.
    """
    os.umask(0o077)
    tempfile.tempdir = str(Path.cwd())  # it would be looked for by writing, which is about to be denied
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_pid:
            os._exit(1)
    if sys.platform == "win32":
        return ("memory", "open files", "file size", "core", *confine(Path.cwd()))
    return (*_set_resource_limits(limits), *confine(Path.cwd()))


def _set_resource_limits(limits: Limits) -> tuple[str, ...]:
    import resource  # absent on Windows

    refused = []
    for name, kind, value in (
        ("memory", resource.RLIMIT_AS, limits.memory_bytes),
        ("open files", resource.RLIMIT_NOFILE, limits.open_files),
        ("file size", resource.RLIMIT_FSIZE, limits.file_bytes),
        ("core", resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (ceiling, ceiling))
        except (OSError, ValueError):
            refused.append(name)
    return tuple(refused)
