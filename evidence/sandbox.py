"""What a child process on Linux can no longer do to the rest of the machine, whatever code of an image runs in it.

Landlock takes away every way to write, create or remove files but in the scratch folder, and to run a program;
seccomp takes away the network, and what Landlock does not cover: to change the mode, owner or times of files, to look
into or signal other processes. Reading stays: the evidence may lie anywhere, and so may libraries.

Both are asked of the kernel directly, by three system calls and a filter of some seventy instructions. Sources: the
kernel's documentation, userspace-api/landlock and userspace-api/seccomp_filter; asm/unistd.h for the numbers.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_REFER, _TRUNCATE, _DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
_FIRST_RIGHTS = (1 << 13) - 1
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_OTHER_ABI = 0x40000000  # x32, on x86-64

_DENIED: tuple[tuple[str, int | None, int | None], ...] = (
    ("socket", 41, 198),
    ("socketpair", 53, 199),
    ("connect", 42, 203),
    ("bind", 49, 200),
    ("listen", 50, 201),
    ("accept", 43, 202),
    ("accept4", 288, 242),
    ("sendto", 44, 206),
    ("sendmsg", 46, 211),
    ("sendmmsg", 307, 269),
    ("recvmmsg", 299, 243),
    ("execve", 59, 221),
    ("execveat", 322, 281),
    ("ptrace", 101, 117),
    ("process_vm_readv", 310, 270),
    ("process_vm_writev", 311, 271),
    ("kill", 62, 129),
    ("pidfd_send_signal", 424, 424),
    ("pidfd_getfd", 438, 438),
    ("chmod", 90, None),
    ("fchmod", 91, 52),
    ("fchmodat", 268, 53),
    ("fchmodat2", 452, 452),
    ("chown", 92, None),
    ("fchown", 93, 55),
    ("lchown", 94, None),
    ("fchownat", 260, 54),
    ("utime", 132, None),
    ("utimes", 235, None),
    ("futimesat", 261, None),
    ("utimensat", 280, 88),
    ("setxattr", 188, 5),
    ("lsetxattr", 189, 6),
    ("fsetxattr", 190, 7),
    ("removexattr", 197, 14),
    ("lremovexattr", 198, 15),
    ("fremovexattr", 199, 16),
    ("mount", 165, 40),
    ("umount2", 166, 39),
    ("pivot_root", 155, 41),
    ("chroot", 161, 51),
    ("unshare", 272, 97),
    ("setns", 308, 268),
    ("bpf", 321, 280),
    ("keyctl", 250, 219),
    ("add_key", 248, 217),
    ("request_key", 249, 218),
    ("io_uring_setup", 425, 425),
    ("userfaultfd", 323, 282),
    ("init_module", 175, 105),
    ("finit_module", 313, 273),
    ("delete_module", 176, 106),
    ("kexec_load", 246, 104),
    ("reboot", 169, 142),
    ("swapon", 167, 224),
    ("swapoff", 168, 225),
    ("perf_event_open", 298, 241),
)
"""System calls that are refused, with their numbers on x86-64 and on AArch64, where they exist."""
_MACHINES = {"x86_64": (0xC000003E, 1), "aarch64": (0xC00000B7, 2)}
"""What seccomp calls an architecture, and the column of its numbers."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def confine(scratch: Path) -> tuple[str, ...]:
    """Confine the calling process, for good, and every thread that it starts.

    To be called while there is one thread only.

    Args:
        scratch: The one folder in which it may go on to write.

    Returns:
        What could not be taken away, in words: ``writing to files``, ``network and other processes``. On systems other
        than Linux that is all of it.
    """
    if sys.platform != "linux":
        return ("writing to files", "network and other processes")
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return ("writing to files", "network and other processes")
    left = []
    if not _restrict_files(kernel, scratch):
        left.append("writing to files")
    if not _filter_calls(kernel):
        left.append("network and other processes")
    return tuple(left)


def _restrict_files(kernel: ctypes.CDLL, scratch: Path) -> bool:
    version = kernel.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    rights = _FIRST_RIGHTS | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rights = (rights | (_DEVICE_CONTROL if version >= 5 else 0)) & ~(_READ_FILE | _READ_FOLDER)
    network = _TCP_BIND_AND_CONNECT if version >= 4 else 0
    scope = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, network, scope)[: 8 * (1 + (version >= 4) + (version >= 6))]
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    folder = os.open(scratch, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights & ~1, folder)  # 1: to run programs
        added = kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) == 0
        return bool(added and kernel.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(folder)
        os.close(ruleset)


def _filter_calls(kernel: ctypes.CDLL) -> bool:
    known = _MACHINES.get(platform.machine())
    if known is None:
        return False
    architecture, column = known
    numbers = [line[column] for line in _DENIED]
    instructions = _filter(architecture, [number for number in numbers if isinstance(number, int)])
    program = _Program(len(instructions) // 8, instructions)
    return bool(kernel.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: int, denied: list[int]) -> bytes:
    """A filter that refuses the denied calls with EPERM, and every call of another architecture."""

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    checks = [step(_EQUAL, number, len(denied) - index) for index, number in enumerate(denied)]
    return b"".join(
        (
            step(_LOAD, 4),
            step(_EQUAL, architecture, 0, len(denied) + 3),
            step(_LOAD, 0),
            step(_AT_LEAST, _OTHER_ABI, len(denied) + 1),
            *checks,
            step(_RETURN, _ALLOW),
            step(_RETURN, _REFUSE),
        )
    )
