"""What a confined process can still do, tried one by one in a real process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process confine itself so")

ATTEMPTS = {
    "change a file": "open(victim, 'r+b').write(b'x')",
    "append to a file": "os.open(victim, os.O_WRONLY | os.O_APPEND)",
    "cut a file off": "os.truncate(victim, 0)",
    "make a file": "os.open(victim + '2', os.O_CREAT | os.O_WRONLY)",
    "make a folder": "os.mkdir(victim + '.d')",
    "make a link": "os.symlink(victim, victim + '.link')",
    "remove a file": "os.unlink(victim)",
    "rename a file": "os.rename(victim, victim + '3')",
    "move a file into the scratch folder": "os.rename(victim, 'taken')",
    "cut a file off while opening it to read": "os.open(victim, os.O_RDONLY | os.O_TRUNC)",
    "change its mode": "os.chmod(victim, 0o777)",
    "change its owner": "os.chown(victim, os.getuid(), os.getgid())",
    "change its times": "os.utime(victim)",
    "change its attributes": "os.setxattr(victim, 'user.x', b'1')",
    "set its flags": "fcntl.ioctl(os.open(victim, os.O_RDONLY), 0x40086602, bytes([0x40, *bytes(7)]))",
    "set its extended flags": "fcntl.ioctl(os.open(victim, os.O_RDONLY), 0x401C5820, bytes(28))",
    "set its generation": "fcntl.ioctl(os.open(victim, os.O_RDONLY), 0x40087602, bytes(8))",
    "change its attributes by a newer call": "newer(463)",
    "remove its attributes by a newer call": "newer(466)",
    "change its flags by a newer call": "newer(469)",
    "use a call that is not known yet": "newer(500)",
    "hold up who opens it": "fcntl.fcntl(os.open(victim, os.O_RDONLY), fcntl.F_SETLEASE, fcntl.F_RDLCK)",
    "start another process": "os.fork() or os._exit(0)",
    "start another process as a thread is": "call(56, 220, 17, 0, 0, 0, 0) or os._exit(0)",
    "start another process by the newer call": "newer(435)",
    "outlive the program": "call(157, 167, 1, 0, 0, 0, 0)",
    "slow the program down": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)",
    "choose the processors of the program": "os.sched_setaffinity(os.getppid(), {0})",
    "choose how the program is scheduled": "os.sched_setscheduler(os.getppid(), os.SCHED_BATCH, os.sched_param(0))",
    "slow down what the program reads": "call(251, 30, 1, os.getppid(), 3 << 13)",
    "keep memory behind itself": "call(29, 194, 0x1234, ctypes.c_size_t(4096), 0o1600)",
    "keep messages behind itself": "call(68, 186, 0x1234, 0o1600)",
    "keep a queue behind itself": "call(240, 180, b'left', 0o102, 0o600, None)",
    "keep semaphores behind itself": "call(64, 190, 0x1234, 1, 0o1600)",
    "set the clock": "import time; time.clock_settime(0, time.clock_gettime(0))",
    "name the machine": "socket.sethostname(socket.gethostname())",
    "mount": "call(430, 430, b'tmpfs', 0)",
    "become somebody else": "call(105, 146, os.getuid())",
    "open a socket": "socket.socket()",
    "open a local socket": "socket.socket(socket.AF_UNIX)",
    "run a program": "os.execv('/bin/true', ['true'])",
    "signal another process": "os.kill(os.getppid(), 0)",
    "signal a thread of another process": "call(200, 130, os.getppid(), 0)",
    "signal a thread in a group": "call(234, 131, os.getppid(), os.getppid(), 0)",
    "queue a signal": "call(129, 138, os.getppid(), 0, ctypes.create_string_buffer(bytes(8) + bytes([255] * 4), 128))",
    "have the kernel signal another process": "fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())",
    "look at the limits of another process": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
    "open its own memory of another process": "os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR)",
}
PROGRAM = """
import ctypes, errno, fcntl, os, platform, resource, signal, socket, sys
from pathlib import Path
from evidence.sandbox import confine
victim, scratch, attempt, answer = sys.argv[1:]
os.chdir(scratch)
libc = ctypes.CDLL(None, use_errno=True)
def call(on_x86_64, on_aarch64, *arguments):
    if libc.syscall(on_x86_64 if platform.machine() == "x86_64" else on_aarch64, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
def newer(number):
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    if ctypes.get_errno() == errno.ENOSYS:
        raise OSError(errno.ENOSYS, "absent")
class Older:  # a kernel that has fewer rights to take away
    def __init__(self, *_, **__):
        self.prctl = libc.prctl
    def syscall(self, number, *arguments):
        return int(answer) if (number, arguments[0]) == (444, None) else libc.syscall(number, *arguments)
if answer:
    ctypes.CDLL = Older
left = confine(Path(scratch))
if left:
    print("left:", ", ".join(left))
    sys.exit(3)
try:
    exec(attempt)
except OSError:
    sys.exit(7)
"""


def attempt(what: str, tmp_path: Path, version: str = "") -> subprocess.CompletedProcess[str]:
    victim, scratch = tmp_path / "evidence.dd", tmp_path / "scratch"
    victim.write_bytes(b"evidence")
    scratch.mkdir()
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROGRAM, str(victim), str(scratch), what, version]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(f"this kernel takes less away: {done.stdout.strip()}")
    return done


@pytest.mark.req("REQ-31")
@pytest.mark.parametrize(
    ("what", "version"),
    [*((what, "") for what in ATTEMPTS), *((what, "1") for what in ATTEMPTS if "cut" in what or "signal" in what)],
)
def test_a_confined_process_cannot(what: str, version: str, tmp_path: Path) -> None:
    done = attempt(ATTEMPTS[what], tmp_path, version)
    assert done.returncode == 7, done.stderr
    assert (tmp_path / "evidence.dd").read_bytes() == b"evidence"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence.dd", "scratch"]


@pytest.mark.parametrize(
    "what",
    [
        "open(victim, 'rb').read()",
        "Path('note').write_text('x'); os.unlink('note')",
        "import threading; t = threading.Thread(target=sum, args=([],)); t.start(); t.join()",
        "os.listdir(os.path.dirname(victim))",
        "Path('note').write_text('long'); os.truncate(os.open('note', os.O_RDWR), 1); open('note', 'w')",
        "resource.getrlimit(resource.RLIMIT_NOFILE)",
        "os.set_inheritable(os.open(victim, os.O_RDONLY), True)",
        "assert not os.isatty(os.open(victim, os.O_RDONLY))",
        "from concurrent.futures import ThreadPoolExecutor as Pool\nassert sum(Pool(4).map(abs, [1, 2])) == 3",
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN); signal.raise_signal(signal.SIGUSR1)",
    ],
)
def test_a_confined_process_can_still_read_and_use_its_scratch_folder(what: str, tmp_path: Path) -> None:
    done = attempt(what, tmp_path)
    assert done.returncode == 0, done.stderr


def test_without_a_filter_an_older_landlock_leaves_writing_to_files(tmp_path: Path) -> None:
    unknown = "os.uname = lambda: os.uname_result(('Linux', '', '', '', 'riscv64'))\n"
    program = PROGRAM.replace("left = confine", f"{unknown}left = confine")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program, "", str(scratch), "", "2"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == "left: writing to files, network and other processes\n", done.stderr


def test_a_thread_started_later_is_confined_too(tmp_path: Path) -> None:
    program = "\n".join(
        [
            "import threading",
            "failed = []",
            "def change():",
            "    try:",
            "        os.open(victim, os.O_WRONLY)",
            "    except OSError as error:",
            "        failed.append(error)",
            "thread = threading.Thread(target=change)",
            "thread.start(); thread.join()",
            "sys.exit(7 if failed else 0)",
        ]
    )
    assert attempt(program, tmp_path).returncode == 7


def test_the_worker_confines_itself_before_it_touches_evidence(tmp_path: Path) -> None:
    program = "from evidence.isolation import Child\nwith Child() as child: print(child.unset_limits)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    if attempt("pass", tmp_path).returncode == 0:
        assert done.stdout.strip() == "()"
