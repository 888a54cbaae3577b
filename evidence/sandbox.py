"""What a child process on Linux can no longer do to the rest of the machine, whatever code of an image runs in it.

Landlock takes away every way to write, create or remove files but in the scratch folder, and to run a program;
seccomp takes away the network, to start another process, and what Landlock does not cover: to change the mode, owner,
times, flags or attributes of files, to look into, limit, signal or slow down other processes, to keep memory that
outlives this one, to set clocks and names of the machine, and, for kernels before 6.2, to cut files off. System calls
that are newer than this table do not exist here. Reading stays: the evidence may lie anywhere, and so may libraries.

Both are asked of the kernel directly, by three system calls and a filter of some two hundred instructions. Sources:
the kernel's documentation, userspace-api/landlock and userspace-api/seccomp_filter; asm/unistd.h for the numbers.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER_MODE = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION, _PATH_BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_REFER, _TRUNCATE, _DEVICE_CONTROL = 1 << 13, 1 << 14, 1 << 15
_FIRST_RIGHTS = (1 << 13) - 1
_COVERS_CUTTING_OFF = 3  # the version of Landlock
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

_LOAD, _EQUAL, _AT_LEAST, _RETURN, _AND, _JUMP = 0x20, 0x15, 0x35, 0x06, 0x54, 0x05
_ALLOW, _REFUSE, _ABSENT = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_FIRST_UNKNOWN = 452
"""System calls from this number on, which is the same on both architectures, came with kernel 6.6 and later."""
_CLONE3 = 435
"""Its flags lie in memory, where a filter cannot look; where it is absent, threads are started by ``clone``."""
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
    ("tkill", 200, 130),
    ("rt_sigqueueinfo", 129, 138),
    ("rt_tgsigqueueinfo", 297, 240),
    ("pidfd_send_signal", 424, 424),
    ("pidfd_getfd", 438, 438),
    ("truncate", 76, 45),
    ("openat2", 437, 437),
    ("open_by_handle_at", 304, 265),
    ("chmod", 90, None),
    ("fchmod", 91, 52),
    ("fchmodat", 268, 53),
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
    ("fork", 57, None),
    ("vfork", 58, None),
    ("open_tree", 428, 428),
    ("move_mount", 429, 429),
    ("fsopen", 430, 430),
    ("fsconfig", 431, 431),
    ("fsmount", 432, 432),
    ("fspick", 433, 433),
    ("mount_setattr", 442, 442),
    ("quotactl", 179, 60),
    ("quotactl_fd", 443, 443),
    ("pidfd_open", 434, 434),
    ("process_madvise", 440, 440),
    ("process_mrelease", 448, 448),
    ("migrate_pages", 256, 238),
    ("move_pages", 279, 239),
    ("setpriority", 141, 140),
    ("sched_setparam", 142, 118),
    ("sched_setscheduler", 144, 119),
    ("sched_setaffinity", 203, 122),
    ("sched_setattr", 314, 274),
    ("ioprio_set", 251, 30),
    ("shmget", 29, 194),
    ("shmat", 30, 196),
    ("shmctl", 31, 195),
    ("msgget", 68, 186),
    ("msgsnd", 69, 189),
    ("msgrcv", 70, 188),
    ("msgctl", 71, 187),
    ("semget", 64, 190),
    ("semctl", 66, 191),
    ("semop", 65, 193),
    ("semtimedop", 220, 192),
    ("mq_open", 240, 180),
    ("mq_unlink", 241, 181),
    ("setuid", 105, 146),
    ("setgid", 106, 144),
    ("setreuid", 113, 145),
    ("setregid", 114, 143),
    ("setgroups", 116, 159),
    ("setresuid", 117, 147),
    ("setresgid", 119, 149),
    ("setfsuid", 122, 151),
    ("setfsgid", 123, 152),
    ("capset", 126, 91),
    ("settimeofday", 164, 170),
    ("adjtimex", 159, 171),
    ("clock_settime", 227, 112),
    ("clock_adjtime", 305, 266),
    ("sethostname", 170, 161),
    ("setdomainname", 171, 162),
    ("acct", 163, 89),
    ("syslog", 103, 116),
    ("vhangup", 153, 58),
    ("iopl", 172, None),
    ("ioperm", 173, None),
    ("kexec_file_load", 320, 294),
    ("fanotify_init", 300, 262),
)
"""System calls that are refused, with their numbers on x86-64 and on AArch64, where they exist.

ftruncate is not among them: it needs a file that is open for writing, and the scratch folder needs it.
"""
_ALL_BITS = 0xFFFFFFFF
_HOW_OPENED = 0o1003  # O_TRUNC and O_ACCMODE
_CUT_OFF_UNWRITTEN = (0o1000, 0o1003)  # O_TRUNC without writing: before 6.2, Landlock does not look at it
_OWNER_OF_SIGNALS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX: have the kernel signal another process
_LEASE = 1024  # F_SETLEASE: hold up whoever else opens a file
_THREAD = 0x00010000  # CLONE_THREAD
_SIGNAL_OF_PARENT = 1  # PR_SET_PDEATHSIG: outlive the program
_OF_DESCRIPTORS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
"""TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what a language asks of its own descriptors."""
_SIZE_OF_DEVICE = (0x1268, 0x80081272)  # BLKSSZGET, BLKGETSIZE64


@dataclass(frozen=True, slots=True, kw_only=True)
class _ByArgument:
    """A system call that is refused for some values of one argument, or for all but some.

    ``numbers`` are those on x86-64 and AArch64; of the argument the bits of ``mask`` count.
    """

    numbers: tuple[int | None, int | None]
    argument: int
    mask: int = _ALL_BITS
    values: tuple[int, ...]
    refuses_others: bool


def _by_argument(own_process: int) -> tuple[_ByArgument, ...]:
    """The calls that this process needs for itself, but not for what is not its own."""
    return (
        _ByArgument(numbers=(234, 131), argument=0, values=(own_process,), refuses_others=True),  # tgkill
        _ByArgument(numbers=(302, 261), argument=0, values=(0,), refuses_others=True),  # prlimit64
        _ByArgument(numbers=(72, 25), argument=1, values=(*_OWNER_OF_SIGNALS, _LEASE), refuses_others=False),  # fcntl
        _ByArgument(numbers=(56, 220), argument=0, mask=_THREAD, values=(_THREAD,), refuses_others=True),  # clone
        _ByArgument(numbers=(157, 167), argument=0, values=(_SIGNAL_OF_PARENT,), refuses_others=False),  # prctl
        _ByArgument(
            numbers=(16, 29), argument=1, values=(*_OF_DESCRIPTORS, *_SIZE_OF_DEVICE), refuses_others=True
        ),  # ioctl
        *(
            _ByArgument(numbers=numbers, argument=at, mask=_HOW_OPENED, values=_CUT_OFF_UNWRITTEN, refuses_others=False)
            for numbers, at in (((2, None), 1), ((257, 56), 2))  # open, openat
        ),
    )


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
    version = _restrict_files(kernel, scratch)
    filtered = _filter_calls(kernel)
    left = []
    if version < (1 if filtered else _COVERS_CUTTING_OFF):
        left.append("writing to files")
    if not filtered:
        left.append("network and other processes")
    return tuple(left)


def _restrict_files(kernel: ctypes.CDLL, scratch: Path) -> int:
    """Keep to the scratch folder; returns the version of Landlock that does, 0 if none."""
    version = int(kernel.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))
    if version < 1:
        return 0
    rights = _FIRST_RIGHTS | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= _COVERS_CUTTING_OFF else 0)
    rights = (rights | (_DEVICE_CONTROL if version >= 5 else 0)) & ~(_READ_FILE | _READ_FOLDER)
    network = _TCP_BIND_AND_CONNECT if version >= 4 else 0
    scope = _ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0
    attributes = struct.pack("=QQQ", rights, network, scope)[: 8 * (1 + (version >= 4) + (version >= 6))]
    ruleset = kernel.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return 0
    folder = os.open(scratch, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights & ~1, folder)  # 1: to run programs
        added = kernel.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0) == 0
        return version if added and kernel.syscall(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(folder)
        os.close(ruleset)


def _filter_calls(kernel: ctypes.CDLL) -> bool:
    known = _MACHINES.get(os.uname().machine)
    if known is None:
        return False
    architecture, column = known
    numbers = [line[column] for line in _DENIED]
    instructions = _filter(architecture, column - 1, [number for number in numbers if isinstance(number, int)])
    program = _Program(len(instructions) // 8, instructions)
    return bool(kernel.prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.byref(program), 0, 0) == 0)


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _filter(architecture: int, column: int, denied: list[int]) -> bytes:
    """A filter that refuses the denied calls with EPERM, and every call of another architecture.

    What it does not know is absent, so that whoever asks for it goes another way.
    """
    checks = [_step(_EQUAL, number, len(denied) - index) for index, number in enumerate(denied)]
    calls = [(call, call.numbers[column]) for call in _by_argument(os.getpid())]
    return b"".join(
        (
            _step(_LOAD, 4),
            _step(_EQUAL, architecture, 1),
            _step(_RETURN, _REFUSE),
            _step(_LOAD, 0),
            _step(_AT_LEAST, _OTHER_ABI, len(denied) + 3),
            _step(_AT_LEAST, _FIRST_UNKNOWN, len(denied) + 3),
            _step(_EQUAL, _CLONE3, len(denied) + 2),
            *checks,
            _step(_JUMP, 2),
            _step(_RETURN, _REFUSE),
            _step(_RETURN, _ABSENT),
            *(_check(call, number) for call, number in calls if number is not None),
            _step(_RETURN, _ALLOW),
        )
    )


def _check(call: _ByArgument, number: int) -> bytes:
    """Passes on what is another call; the arguments of one follow each other from byte 16, the lower half first."""
    matched, others = (_ALLOW, _REFUSE) if call.refuses_others else (_REFUSE, _ALLOW)
    count = len(call.values)
    return b"".join(
        (
            _step(_EQUAL, number, 0, count + 4),
            _step(_LOAD, 16 + 8 * call.argument),
            _step(_AND, call.mask),
            *(_step(_EQUAL, value, count - index) for index, value in enumerate(call.values)),
            _step(_RETURN, others),
            _step(_RETURN, matched),
        )
    )
