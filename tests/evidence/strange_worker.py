"""A child whose calls do what hostile evidence can make a reader do. Run by the tests of evidence.isolation."""

import ctypes
import os
import resource
import signal
import struct
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence.errors import MissingSegmentError, UnreadableRegionError
from evidence.images.base import Problem
from evidence.worker import Reporter, Session, Task, serve, take_streams

requests, answers = take_streams()


def echo(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    return arguments["value"]


def chatter(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    """Print where messages would go, from Python and from C."""
    print("stray words", flush=True)
    ctypes.CDLL(None).puts(b"words of a library")
    ctypes.CDLL(None).fflush(None)
    return sys.stdin.read()


def surroundings(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    kinds = ("RLIMIT_AS", "RLIMIT_NOFILE", "RLIMIT_FSIZE", "RLIMIT_CORE")
    mask = os.umask(0o077)
    return {
        "limits": {kind: resource.getrlimit(getattr(resource, kind))[0] for kind in kinds},
        "environment": dict(os.environ),
        "folder": Path.cwd(),
        "umask": mask,
        "zone": time.tzname[0],
        "modules": tuple(sys.modules),
    }


def write_file(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    try:
        Path("here").write_bytes(b"x")
    except OSError as error:
        return error.errno
    return None


def crash(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    print("about to crash", file=sys.stderr, flush=True)
    reporter.place = "/folder/file.bin"
    reporter.progress(5, 10)
    signal.raise_signal(signal.SIGSEGV)
    return None


def leave(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    os._exit(7)


def hang(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    reporter.place = "inode 12"
    reporter.progress(3, 9)
    while True:
        time.sleep(60)


def work_on(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    """Tell progress for ever."""
    done = 0
    while True:
        done += 1
        reporter.progress(done, 1_000_000)
        time.sleep(0.01)


def eat_memory(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    eaten = []
    while True:
        eaten.append(b"x" * 10_000_000)


def missing_segment(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    raise MissingSegmentError([Path("/a/b.E01")], ["b.E02", "b.E03"])


def unreadable(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    raise UnreadableRegionError(4096, 512, "the checksum fails")


def surprise(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    raise ZeroDivisionError("nobody thought of this")


def stream(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    for number in range(arguments["count"]):
        reporter.item(number)
    reporter.item(Problem(what="A loop.", where="directory 5", offset_bytes=None))
    return "done"


def many_rows(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    reporter.rows(tuple((number, "x" * 30_000_000) for number in range(5)))
    return None


def raw_bytes(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    answers.write(arguments["bytes"])
    answers.flush()
    time.sleep(60)
    return None


def raw_message(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    """Send a body as it is, in a proper frame."""
    body = arguments["body"]
    answers.write(struct.pack(">I", len(body)) + body)
    answers.flush()
    time.sleep(60)
    return None


def forged_problem(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    fields = {"what": 5, "where": "", "offset_bytes": None, "is_damage": True, "about": "", "regions": ()}
    reporter.send(("value", ["Problem", fields]))
    return None


def forged_error(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    reporter.send(("error", arguments["name"], {"command": "id"}))
    return None


def call_out(session: Session, arguments: Mapping[str, Any], reporter: Reporter) -> object:
    """Tell that this process lives, for as long as it lives."""
    reporter.item(os.getpid())
    while True:
        time.sleep(60)


TASKS: Mapping[str, Task] = {
    task.__name__: task
    for task in (
        echo, chatter, surroundings, write_file, crash, leave, hang, work_on, eat_memory, missing_segment, unreadable,
        surprise, stream, many_rows, raw_bytes, raw_message, forged_problem, forged_error, call_out,
    )
} | dict.fromkeys(("read", "read_file", "picture", "describe", "hash", "versions"), echo)  # fmt: skip

if __name__ == "__main__":
    serve(requests, answers, lambda: TASKS)
