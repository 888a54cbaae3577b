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
    "change its mode": "os.chmod(victim, 0o777)",
    "change its owner": "os.chown(victim, os.getuid(), os.getgid())",
    "change its times": "os.utime(victim)",
    "change its attributes": "os.setxattr(victim, 'user.x', b'1')",
    "open a socket": "socket.socket()",
    "open a local socket": "socket.socket(socket.AF_UNIX)",
    "run a program": "os.execv('/bin/true', ['true'])",
    "signal another process": "os.kill(os.getppid(), 0)",
    "open its own memory of another process": "os.open(f'/proc/{os.getppid()}/mem', os.O_RDWR)",
}
PROGRAM = """
import os, socket, sys
from pathlib import Path
from evidence.sandbox import confine
victim, scratch, attempt = sys.argv[1:]
os.chdir(scratch)
left = confine(Path(scratch))
if left:
    print("left:", ", ".join(left))
    sys.exit(3)
try:
    exec(attempt)
except OSError:
    sys.exit(7)
"""


def attempt(what: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    victim, scratch = tmp_path / "evidence.dd", tmp_path / "scratch"
    victim.write_bytes(b"evidence")
    scratch.mkdir()
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", PROGRAM, str(victim), str(scratch), what]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 3:
        pytest.skip(f"this kernel takes less away: {done.stdout.strip()}")
    return done


@pytest.mark.parametrize("what", ATTEMPTS)
def test_a_confined_process_cannot(what: str, tmp_path: Path) -> None:
    assert attempt(ATTEMPTS[what], tmp_path).returncode == 7
    assert (tmp_path / "evidence.dd").read_bytes() == b"evidence"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence.dd", "scratch"]


@pytest.mark.parametrize(
    "what",
    [
        "open(victim, 'rb').read()",
        "Path('note').write_text('x'); os.unlink('note')",
        "import threading; t = threading.Thread(target=sum, args=([],)); t.start(); t.join()",
        "os.listdir(os.path.dirname(victim))",
    ],
)
def test_a_confined_process_can_still_read_and_use_its_scratch_folder(what: str, tmp_path: Path) -> None:
    done = attempt(what, tmp_path)
    assert done.returncode == 0, done.stderr


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
