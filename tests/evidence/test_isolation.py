import gc
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evidence.errors import (
    ChildClosedError,
    ChildDiedError,
    ChildFailedError,
    ChildHungError,
    ChildMemoryError,
    ChildProtocolError,
    ChildStartError,
    MissingSegmentError,
    UnreadableRegionError,
)
from evidence.images.base import Problem
from evidence.isolation import SILENCE_S, Child, scratch_parent, worker_command
from evidence.limits import Limits

STRANGE = (sys.executable, "-B", str(Path(__file__).parent / "strange_worker.py"))
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="Linux's way of tying a child to its parent")


class StopItError(Exception):
    pass


@pytest.fixture
def child() -> Iterator[Child]:
    with Child(command=STRANGE) as child:
        yield child


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def wait_until_gone(pid: int) -> bool:
    end_s = time.monotonic() + 5
    while is_running(pid) and time.monotonic() < end_s:
        time.sleep(0.01)
    return not is_running(pid)


def test_plain_values_and_the_engines_own_come_back_equal(child: Child) -> None:
    problem = Problem(what="A loop.", where="directory 5", offset_bytes=512)
    for value in (1, "ß", b"\0", None, True, (1, (2,)), {"a": (b"b",)}, Path("/x"), problem, (problem, problem)):
        assert child.call("echo", {"value": value}) == value


def test_a_relative_path_reaches_the_child_as_an_absolute_one(child: Child) -> None:
    assert child.call("echo", {"value": (Path("a/b"),)}) == (Path.cwd() / "a/b",)


def test_a_long_argument_is_taken(child: Child) -> None:
    content = os.urandom(20_000_000)
    assert child.call("echo", {"value": content}) == content


def test_streamed_items_come_in_order_before_the_value(child: Child) -> None:
    items: list[object] = []
    assert child.call("stream", {"count": 1000}, on_item=items.append) == "done"
    assert items == [*range(1000), Problem(what="A loop.", where="directory 5", offset_bytes=None)]


def test_rows_too_long_for_one_message_come_whole_all_the_same(child: Child) -> None:
    (batch,) = child.stream("many_rows", {})
    assert [row[0] for row in batch] == [0, 1, 2, 3, 4]


def test_stray_prints_do_not_disturb_the_messages(child: Child) -> None:
    assert child.call("chatter", {}) == ""
    assert child.call("echo", {"value": 1}) == 1


def test_an_error_of_the_evidence_comes_back_as_it_was_raised_and_the_child_goes_on(child: Child) -> None:
    with pytest.raises(MissingSegmentError) as missing:
        child.call("missing_segment", {})
    assert missing.value.found == (Path("/a/b.E01"),)
    assert missing.value.missing == ("b.E02", "b.E03")
    with pytest.raises(UnreadableRegionError, match="512 bytes of the media at 4096 cannot be read"):
        child.call("unreadable", {})
    assert child.call("echo", {"value": 2}) == 2


def test_a_failure_that_nobody_foresaw_comes_back_in_words(child: Child) -> None:
    with pytest.raises(ChildFailedError, match="ZeroDivisionError: nobody thought of this") as failed:
        child.call("surprise", {})
    assert "strange_worker.py" in failed.value.trace


def test_a_crash_names_the_signal_the_place_and_the_last_words(child: Child) -> None:
    with pytest.raises(ChildDiedError, match=r"signal 11 during crash after /folder/file.bin \(5 of 10\)") as died:
        child.call("crash", {})
    assert died.value.exit_status == -signal.SIGSEGV
    assert "about to crash" in died.value.last_words


def test_a_child_that_leaves_is_told_with_its_exit_status(child: Child) -> None:
    with pytest.raises(ChildDiedError, match="exit status 7"):
        child.call("leave", {})


def test_a_child_killed_in_the_middle_of_a_call_is_told(child: Child) -> None:
    threading.Timer(0.3, os.kill, (child.pid, signal.SIGKILL)).start()
    with pytest.raises(ChildDiedError, match="signal 9"):
        child.call("work_on", {})


def test_a_child_killed_between_calls_is_told_at_the_next(child: Child) -> None:
    os.kill(child.pid, signal.SIGKILL)
    assert wait_until_gone(child.pid)
    with pytest.raises(ChildDiedError, match="signal 9"):
        child.call("echo", {"value": b"x" * 1_000_000})


def test_a_silent_child_is_ended_with_the_place_it_had_reached(child: Child) -> None:
    with pytest.raises(ChildHungError, match=r"silent for 0.5 s during hang after inode 12 \(3 of 9\)"):
        child.call("hang", {}, timeout_s=0.5)
    assert wait_until_gone(child.pid)


def test_a_stopped_child_does_not_hold_up_a_long_request(child: Child) -> None:
    os.kill(child.pid, signal.SIGSTOP)
    with pytest.raises(ChildHungError):
        child.call("echo", {"value": b"x" * 1_000_000}, timeout_s=0.3)


def test_progress_is_a_sign_of_life(child: Child) -> None:
    told: list[tuple[int, int]] = []

    def enough(done: int, total: int) -> None:
        told.append((done, total))
        if len(told) == 8:
            raise StopItError

    with pytest.raises(StopItError):
        child.call("work_on", {}, on_progress=enough, timeout_s=0.4)
    assert told[-1][0] > told[0][0]


def test_too_much_memory_ends_the_child_and_says_so() -> None:
    with (
        Child(command=STRANGE, limits=Limits(memory_bytes=400_000_000)) as child,
        pytest.raises(ChildMemoryError, match="limit of 400000000 bytes during eat_memory"),
    ):
        child.call("eat_memory", {})


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xff\xff\xff",
        struct.pack(">I", 64 * 1024 * 1024 + 1) + b"x",
        struct.pack(">I", 10) + b"not a pickle",
        b"GET / HTTP/1.1\r\n\r\n" * 10,
    ],
)
def test_garbage_instead_of_messages_is_refused(child: Child, sent: bytes) -> None:
    with pytest.raises(ChildProtocolError):
        child.call("raw_bytes", {"bytes": sent}, timeout_s=5)
    assert wait_until_gone(child.pid)


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("/tmp/evidence-pickle-ran",)


@pytest.mark.parametrize(
    "body",
    [
        pickle.dumps(("value", Hostile()), protocol=5),
        pickle.dumps(("value", Hostile()), protocol=0),
        b"cos\nmkdir\n(V/tmp/evidence-pickle-ran\ntR.",
        b"\x80\x04\x82\x01.",
        b"Pid\n.",
    ],
)
def test_a_pickle_that_names_code_is_refused_and_not_run(child: Child, body: bytes) -> None:
    with pytest.raises(ChildProtocolError):
        child.call("raw_message", {"body": body})
    assert not Path("/tmp/evidence-pickle-ran").exists()


@pytest.mark.parametrize(
    "message",
    [
        (),
        ("value",),
        ("progress", "1", 2, ""),
        ("progress", -1, 2, ""),
        ("progress", 1, 10**5000, ""),
        ("value", {1, 2}),
        ("value", 1.5),
        ("value", ["Problem"]),
    ],
)
def test_a_message_of_no_known_form_is_refused(child: Child, message: object) -> None:
    with pytest.raises(ChildProtocolError):
        child.call("raw_message", {"body": pickle.dumps(message, protocol=5)})


def test_a_value_nested_too_deep_is_refused(child: Child) -> None:
    body = b"\x80\x05\x8c\x05value)" + b"\x85" * 200_000 + b"\x86."
    with pytest.raises(ChildProtocolError):
        child.call("raw_message", {"body": body})


@pytest.mark.parametrize("name", ["read", "read_file", "picture", "describe", "hash", "versions"])
def test_an_answer_to_something_else_is_refused(child: Child, name: str) -> None:
    with pytest.raises(ChildProtocolError, match="no answer"):
        child.call(name, {"value": (b"x", 5)})


def test_an_error_whose_numbers_are_none_is_refused(child: Child) -> None:
    attributes = {"offset_bytes": "many", "length_bytes": 5, "why": "x"}
    with pytest.raises(ChildProtocolError, match="unknown error"):
        child.call("raw_message", {"body": pickle.dumps(("error", "UnreadableRegionError", attributes), protocol=5)})


def test_a_value_whose_field_has_the_wrong_type_is_refused(child: Child) -> None:
    with pytest.raises(ChildProtocolError, match="what of a Problem"):
        child.call("forged_problem", {})


@pytest.mark.parametrize("name", ["Path", "Iterable", "SystemExit", "annotations", "MissingSegmentError", "__doc__"])
def test_an_error_that_is_none_of_the_engines_is_refused(child: Child, name: str) -> None:
    with pytest.raises(ChildProtocolError, match="unknown error"):
        child.call("forged_error", {"name": name})


def test_what_progress_raises_passes_through_and_ends_a_child_that_says_nothing(child: Child) -> None:
    def stop(done: int, total: int) -> None:
        raise StopItError

    begun_s = time.monotonic()
    with pytest.raises(StopItError):
        child.call("hang", {}, on_progress=stop)
    assert time.monotonic() - begun_s < 2
    assert wait_until_gone(child.pid)
    with pytest.raises(ChildClosedError):
        child.call("echo", {"value": 1})


def test_a_child_that_another_thread_closes_is_not_waited_for(child: Child) -> None:
    called = threading.Event()

    def close() -> None:
        called.wait()
        child.close()

    closer = threading.Thread(target=close)
    closer.start()
    began_s = time.monotonic()
    with pytest.raises(ChildClosedError):
        child.call("hang", {}, on_progress=lambda done, total: called.set())
    closer.join()
    assert time.monotonic() - began_s < SILENCE_S / 4


def test_what_the_taker_of_items_raises_passes_through_and_ends_the_child(child: Child) -> None:
    def refuse(item: object) -> None:
        raise StopItError

    with pytest.raises(StopItError):
        child.call("stream", {"count": 100_000}, on_item=refuse)
    assert wait_until_gone(child.pid)


def test_a_stream_dropped_half_way_ends_the_child(child: Child) -> None:
    stream = child.stream("stream", {"count": 1_000_000})
    assert next(stream) == 0
    del stream
    gc.collect()
    assert wait_until_gone(child.pid)


def test_a_command_that_cannot_be_started_is_said() -> None:
    with pytest.raises(ChildStartError, match="no-such-program"):
        Child(command=("/no-such-program",))


def test_a_command_that_is_no_worker_is_said() -> None:
    with pytest.raises(ChildDiedError, match="during start"):
        Child(command=(sys.executable, "-c", "import sys; sys.exit(3)"))


def test_limits_zone_and_surroundings_are_those_of_a_prisoner(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "hunter2")
    with Child(command=STRANGE) as fresh:
        seen = fresh.call("surroundings", {})
    assert seen["limits"] == {
        "RLIMIT_AS": Limits().memory_bytes,
        "RLIMIT_NOFILE": 4096,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
    }
    assert "SECRET" not in seen["environment"]
    assert seen["environment"]["TZ"] == "UTC"
    assert seen["zone"] == "UTC"
    assert seen["umask"] == 0o077
    assert seen["folder"].name.startswith("evidence-")
    assert not seen["folder"].exists()


def test_a_child_cannot_write_a_file(child: Child) -> None:
    assert child.call("write_file", {}) is not None


@LINUX_ONLY
def test_a_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    program = (
        "from evidence.isolation import Child\n"
        f"Child(command={STRANGE!r}).call('call_out', {{}}, on_item=lambda pid: print(pid, flush=True))\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        assert is_running(orphan)
        parent.kill()
        parent.wait()
        assert wait_until_gone(orphan)
        (left,) = scratch_parent().glob(f"evidence-{parent.pid}-*")
    next_start = "from evidence.isolation import Child; Child().close()"
    subprocess.run([sys.executable, "-c", next_start], env=environment, check=True)
    assert not left.exists()


def test_a_child_outlives_the_thread_that_made_it() -> None:
    made: list[Child] = []
    maker = threading.Thread(target=lambda: made.append(Child(command=STRANGE)))
    maker.start()
    maker.join()
    time.sleep(0.1)
    with made[0] as child:
        assert child.call("echo", {"value": "alive"}) == "alive"


def test_a_frozen_program_is_its_own_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert worker_command() == (sys.executable, "--evidence-worker")
